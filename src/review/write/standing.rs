//! Where rows stand and what they need from people, in the words of every output.

use std::collections::BTreeMap;

use super::super::model::{
    Approval, FindingKind, Grade, InUse, Judged, KeptRow, NotLookedAt, Review, Row, RowStatus, RuleReview,
    RulesSay,
};

/// What a row needs from people, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needed {
    Approve,
    Renew,
    Explain,
    Justify,
    Recertify,
    Tidy,
    Nothing,
}

impl Needed {
    /// What to do, as a heading has it.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Needed::Approve => "Approve or reject",
            Needed::Renew => "Approve anew",
            Needed::Explain => "Find out by which rules, translation or path it passes",
            Needed::Justify => "Say what the rule is for, or remove it",
            Needed::Recertify => "Confirm that it is still needed",
            Needed::Tidy => "Confirm that it is still needed, or take it off the list",
            Needed::Nothing => "Nothing",
        }
    }
}

/// What the captures show of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    InUse,
    Perhaps,
    Tried,
    No,
    /// Flows may have been judged by the rule, or by another.
    Unclear,
    /// Flows cannot show it.
    NotLookedAt(NotLookedAt),
}

/// What people say of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Approved {
    Yes,
    Expired,
    /// What is approved is less than what was seen.
    InPart,
    No,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
struct Standing {
    status: RowStatus,
    seen: Seen,
    approved: Approved,
    configured: RulesSay,
}

/// Rows of one status that need the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) needed: Needed,
    pub(super) status: RowStatus,
    pub(super) rows: u64,
    /// What is particular to some of them: `perhaps in use`, and to how many.
    notes: BTreeMap<&'static str, u64>,
}

impl Group {
    /// What is particular to some of the rows: `2 of them perhaps in use`, or `all perhaps in use`.
    pub(super) fn notes(&self) -> Vec<String> {
        let note = |(note, n): (&&str, &u64)| match *n {
            1 if self.rows == 1 => (*note).to_owned(),
            n if n == self.rows => format!("all {note}"),
            n => format!("{n} of them {note}"),
        };
        self.notes.iter().map(note).collect()
    }
}

/// The rows by what they need and by their status.
pub(super) fn groups(review: &Review) -> Vec<Group> {
    let rules = review.rules.iter().filter(|rule| rule.is_in_worksheet() && rule.rows.is_empty());
    let all = (review.rows.iter().map(Standing::of_row))
        .chain(rules.map(Standing::of_rule))
        .chain(review.kept.iter().map(Standing::of_kept));
    let mut groups: BTreeMap<(Needed, RowStatus), Group> = BTreeMap::new();
    for standing in all {
        let (needed, status) = (standing.needed(), standing.status);
        let group = groups.entry((needed, status)).or_insert_with(|| Group {
            needed,
            status,
            rows: 0,
            notes: BTreeMap::new(),
        });
        group.rows += 1;
        for note in standing.notes(!review.rulesets.is_empty()) {
            *group.notes.entry(note).or_default() += 1;
        }
    }
    groups.into_values().collect()
}

impl Standing {
    fn of_row(row: &Judged<Row>) -> Standing {
        let seen = match row.usage.grade.in_use() {
            InUse::Yes => Seen::InUse,
            InUse::Maybe => Seen::Perhaps,
            InUse::No => Seen::Tried,
        };
        let approved = match approved(row.approval.as_ref(), &row.findings) {
            Approved::Yes if row.exceeds.is_some() => Approved::InPart,
            approved => approved,
        };
        Standing { status: row.status, seen, approved, configured: row.configured }
    }

    fn of_rule(rule: &Judged<RuleReview>) -> Standing {
        let seen = match (rule.flows.grades.keys().copied().map(Grade::in_use).max(), rule.not_looked_at) {
            (_, Some(why)) => Seen::NotLookedAt(why),
            (Some(InUse::Yes), None) => Seen::InUse,
            (Some(InUse::Maybe), None) => Seen::Perhaps,
            (Some(InUse::No), None) => Seen::Tried,
            (None, None) if rule.flows.ambiguous > 0 => Seen::Unclear,
            (None, None) => Seen::No,
        };
        let approved = approved(rule.approval.as_ref(), &rule.findings);
        let configured = if rule.left_out.is_some() { RulesSay::NotJudged } else { RulesSay::Allowed };
        Standing { status: rule.status(), seen, approved, configured }
    }

    fn of_kept(kept: &Judged<KeptRow>) -> Standing {
        let approved = approved(Some(&kept.approval), &kept.findings);
        Standing { status: kept.status, seen: Seen::No, approved, configured: kept.configured }
    }

    /// What is left to people.
    fn needed(self) -> Needed {
        match self.status {
            RowStatus::Tried | RowStatus::Apart | RowStatus::Gone => Needed::Nothing,
            _ if self.approved == Approved::Expired => Needed::Renew,
            RowStatus::OC | RowStatus::O | RowStatus::Unjudged => Needed::Approve,
            RowStatus::OA if self.configured == RulesSay::Denied => Needed::Explain,
            RowStatus::Oac | RowStatus::OA => Needed::Nothing,
            RowStatus::AC => Needed::Recertify,
            RowStatus::C => Needed::Justify,
            RowStatus::A => Needed::Tidy,
        }
    }

    /// What its status does not say.
    fn notes(self, has_rules: bool) -> impl Iterator<Item = &'static str> {
        let is_apart = matches!(self.status, RowStatus::Tried | RowStatus::Apart | RowStatus::Gone);
        let seen = match self.seen {
            Seen::InUse | Seen::No => None,
            Seen::Perhaps => Some("perhaps in use"),
            Seen::Tried => Some("tried and not in use"),
            Seen::Unclear => Some("perhaps used, by traffic that other rules may have taken"),
            Seen::NotLookedAt(why) => Some(why.in_words()),
        };
        let approved = match self.approved {
            Approved::Yes | Approved::No => None,
            Approved::Expired => Some("approved until a day that has passed"),
            Approved::InPart => Some("approved in part"),
        };
        let is_open = matches!(self.status, RowStatus::OA | RowStatus::A | RowStatus::Unjudged);
        let configured = match self.configured {
            _ if !is_open => None,
            RulesSay::Denied => Some("allowed by no rule"),
            RulesSay::Ambiguous => Some("left open by the rules"),
            RulesSay::NotJudged if has_rules => Some("not judged by the rules given"),
            RulesSay::Allowed | RulesSay::NotJudged => None,
        };
        [seen, approved, configured].into_iter().flatten().filter(move |_| !is_apart)
    }
}

fn approved(approval: Option<&Approval>, findings: &[FindingKind]) -> Approved {
    match approval {
        Some(approval) if approval.is_approved() => {
            if findings.contains(&FindingKind::ApprovalExpired) {
                Approved::Expired
            } else {
                Approved::Yes
            }
        }
        Some(_) | None => Approved::No,
    }
}
