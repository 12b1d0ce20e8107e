//! Where a row stands: seen, approved, allowed, in the words of every output.

use std::collections::BTreeMap;

use super::super::model::{
    Approval, FindingKind, Grade, InUse, Judged, KeptRow, Review, Row, RowStatus, RuleReview, RulesSay,
};

/// What the captures show of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    InUse,
    Perhaps,
    Tried,
    No,
    /// Flows may have been judged by the rule, or by another.
    Unclear,
    /// Only transports with ports are looked at.
    NotLookedAt,
}

/// What people say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Approved {
    Yes,
    Expired,
    /// What is approved is less than what was seen.
    InPart,
    No,
    /// No worksheet was given.
    NotGiven,
}

/// Where a row stands. Rows with the same standing are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) status: RowStatus,
    pub(super) seen: Seen,
    pub(super) approved: Approved,
    pub(super) configured: RulesSay,
    has_rules: bool,
}

/// How many rows there are of each standing.
pub(super) fn counts(review: &Review) -> BTreeMap<Standing, u64> {
    let rules = review.rules.iter().filter(|rule| rule.is_in_worksheet() && rule.rows.is_empty());
    let all = (review.rows.iter().map(|row| Standing::of_row(review, row)))
        .chain(rules.map(|rule| Standing::of_rule(review, rule)))
        .chain(review.kept.iter().map(|kept| Standing::of_kept(review, kept)));
    let mut counts = BTreeMap::new();
    for standing in all {
        *counts.entry(standing).or_default() += 1;
    }
    counts
}

impl Standing {
    fn of_row(review: &Review, row: &Judged<Row>) -> Standing {
        let seen = match row.usage.grade.in_use() {
            InUse::Yes => Seen::InUse,
            InUse::Maybe => Seen::Perhaps,
            InUse::No => Seen::Tried,
        };
        let approved = match approved(review, row.approval.as_ref(), &row.findings) {
            Approved::Yes if row.exceeds.is_some() => Approved::InPart,
            approved => approved,
        };
        Standing::new(review, row.status, seen, approved, row.configured)
    }

    fn of_rule(review: &Review, rule: &Judged<RuleReview>) -> Standing {
        let seen = match rule.flows.grades.keys().copied().map(Grade::in_use).max() {
            _ if !rule.has_ports => Seen::NotLookedAt,
            Some(InUse::Yes) => Seen::InUse,
            Some(InUse::Maybe) => Seen::Perhaps,
            Some(InUse::No) => Seen::Tried,
            None if rule.flows.ambiguous > 0 => Seen::Unclear,
            None => Seen::No,
        };
        let approved = approved(review, rule.approval.as_ref(), &rule.findings);
        Standing::new(review, rule.status(), seen, approved, RulesSay::Allowed)
    }

    fn of_kept(review: &Review, kept: &Judged<KeptRow>) -> Standing {
        let approved = approved(review, Some(&kept.approval), &kept.findings);
        Standing::new(review, kept.status, Seen::No, approved, kept.configured)
    }

    fn new(
        review: &Review,
        status: RowStatus,
        seen: Seen,
        approved: Approved,
        configured: RulesSay,
    ) -> Standing {
        let has_rules = !review.rulesets.is_empty();
        match status {
            // These go by what they are, whatever else is known of them.
            RowStatus::Tried | RowStatus::Apart | RowStatus::Gone => Standing {
                status,
                seen: Seen::No,
                approved: Approved::No,
                configured: RulesSay::NotJudged,
                has_rules,
            },
            _ => Standing { status, seen, approved, configured, has_rules },
        }
    }

    /// What it means for the reviewer: `in use, not approved, allowed: to decide`.
    pub(super) fn in_words(self) -> String {
        match self.status {
            RowStatus::Tried => return "tried, not in use".to_owned(),
            RowStatus::Apart => {
                return "multicast, broadcast, or ports that a control service handed out".to_owned();
            }
            RowStatus::Gone => return "in the last worksheet alone, not approved".to_owned(),
            _ => {}
        }
        let seen = match self.seen {
            Seen::InUse => "in use",
            Seen::Perhaps => "perhaps in use",
            Seen::Tried => "tried, not in use",
            Seen::No => "not seen in use",
            Seen::Unclear => "whether it was used cannot be told",
            Seen::NotLookedAt => "for protocols without ports, which are not looked at",
        };
        let approved = match self.approved {
            Approved::Yes => "approved",
            Approved::Expired => "approval expired",
            Approved::InPart => "approved in part",
            Approved::No => "not approved",
            Approved::NotGiven => "no approvals were given",
        };
        let configured = match self.configured {
            RulesSay::Allowed => "allowed",
            RulesSay::Denied => "no rule allows it",
            RulesSay::Ambiguous => "the rules cannot tell whether it is allowed",
            RulesSay::NotJudged if self.has_rules => "the rules given do not judge it",
            RulesSay::NotJudged => "no ruleset was given",
        };
        format!("{seen}, {approved}, {configured}{}", self.question())
    }

    /// What is left to people.
    fn question(self) -> &'static str {
        if self.approved == Approved::Expired {
            return ": approve anew?";
        }
        match self.status {
            RowStatus::OC | RowStatus::O => ": to decide",
            RowStatus::OA if self.configured == RulesSay::Denied => ": other rules, translation or path?",
            RowStatus::AC => ": certify again?",
            RowStatus::C => ": ask before it goes",
            RowStatus::A => ": out of date?",
            _ => "",
        }
    }
}

fn approved(review: &Review, approval: Option<&Approval>, findings: &[FindingKind]) -> Approved {
    match approval {
        _ if review.approved.is_none() => Approved::NotGiven,
        Some(approval) if !approval.is_approved() => Approved::No,
        Some(_) if findings.contains(&FindingKind::ApprovalExpired) => Approved::Expired,
        Some(_) => Approved::Yes,
        None => Approved::No,
    }
}
