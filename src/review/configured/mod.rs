//! What is configured: the rules, and what they do with what was seen.

mod best;
mod counters;
mod fit;
mod forwarded;
mod judge;
mod own;
mod scope;
mod tally;

pub(super) use best::Part;
pub use counters::Counters;
pub(super) use fit::Fit;
pub(super) use judge::{Interfaces, expected, say_of};
pub(super) use tally::{Judgements, RowJudged};

use std::collections::{HashMap, HashSet};

use super::model::{NotLookedAt, Offer, RowId, RulesetFacts};
use crate::net::{Protocol, icmp};
use crate::rules::{Allowed, Chosen, Covered, JudgedFrom, LooksAt, Rule, RuleId, RuleVerdict, Ruleset};

/// A ruleset, and what can be read from it without traffic.
pub(super) struct Configured {
    pub(super) ruleset: Ruleset,
    pub(super) chosen: Chosen,
    /// What of a flow the rules look at.
    pub(super) looks_at: LooksAt,
    pub(super) allowed: Vec<Allowed>,
    pub(super) covered: Vec<Covered>,
    /// Which rules count packets alone that open a connection, by rule.
    see_only_new: Vec<bool>,
    /// Which rules new flows can come to by the chains that judge, by rule.
    are_asked: Vec<bool>,
    /// Where a capture tells whether a rule takes a flow, by rule.
    judged_from: Vec<JudgedFrom>,
    /// Whether any rule translates.
    pub(super) translates: bool,
    /// The rows of rules in the worksheet; none for those that let no new flow through, but for want of
    /// addresses.
    row_ids: Vec<Option<RowId>>,
}

impl Configured {
    /// The rules that judge by these chains; `facts` say which of them judge nothing.
    pub(super) fn new(ruleset: Ruleset, chosen: Chosen, facts: &[RulesetFacts]) -> Configured {
        let (allowed, covered) = (ruleset.allowed(&chosen), ruleset.covered());
        let looks_at = ruleset.looks_at(&chosen);
        let left_out = facts.iter().flat_map(|facts| &facts.rules_left_out).filter(|rule| rule.whole);
        let left_out: HashSet<&str> = left_out.map(|rule| rule.rule.as_str()).collect();
        let row_ids = row_ids(ruleset.rules(), &allowed, &left_out);
        let (see_only_new, are_asked) = (ruleset.see_only_new(&chosen), ruleset.are_asked(&chosen));
        let judged_from = ruleset.judged_from(&chosen);
        let translates = (0..ruleset.rules().len()).any(|n| ruleset.is_translating(RuleId(n)));
        Configured {
            ruleset,
            chosen,
            looks_at,
            allowed,
            covered,
            see_only_new,
            are_asked,
            judged_from,
            translates,
            row_ids,
        }
    }

    /// Why flows that show nothing of a rule do not mean that it was not used; `is_left_out` where it judges
    /// nothing, for want of addresses.
    fn not_looked_at(&self, rule: RuleId, is_left_out: bool) -> Option<NotLookedAt> {
        let none_has_rows =
            |all: &mut dyn Iterator<Item = &Allowed>| all.map(has_rows).reduce(|a, b| a | b) == Some(false);
        if is_left_out {
            Some(NotLookedAt::NoAddresses)
        } else if !self.are_asked[rule.0] {
            Some(NotLookedAt::OtherChain)
        } else if self.ruleset.is_not_for_new(rule) {
            Some(NotLookedAt::NotNew)
        } else if self.ruleset.ends_nothing(rule) {
            Some(NotLookedAt::EndsNothing)
        } else if self.ruleset.is_translating(rule) {
            Some(NotLookedAt::Translates)
        } else if none_has_rows(&mut self.allowed_by(rule))
            || none_has_rows(&mut self.ruleset.asked_by(rule).iter())
        {
            Some(NotLookedAt::NoRows)
        } else {
            None
        }
    }

    /// What a rule lets through of new flows; empty where it drops, or is not reached.
    pub(super) fn allowed_by(&self, rule: RuleId) -> impl Iterator<Item = &Allowed> {
        self.allowed.iter().filter(move |allowed| allowed.rule == rule)
    }
}

fn row_ids(rules: &[Rule], allowed: &[Allowed], left_out: &HashSet<&str>) -> Vec<Option<RowId>> {
    let letting_through: HashSet<RuleId> = allowed.iter().map(|allowed| allowed.rule).collect();
    let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
    let mut all = Vec::with_capacity(rules.len());
    for (n, rule) in rules.iter().enumerate() {
        let is_row = rule.verdict == RuleVerdict::Accept
            && (letting_through.contains(&RuleId(n)) || left_out.contains(rule.reference.as_str()));
        all.push(is_row.then(|| {
            let earlier = alike.entry((&rule.chain, rule.text.raw())).or_default();
            *earlier += 1;
            RowId::of_rule(&rule.chain, rule.text.raw(), *earlier - 1)
        }));
    }
    all
}

/// Whether something is let through that has rows.
pub(super) fn has_rows(allowed: &Allowed) -> bool {
    let family = allowed.family;
    let is_allowed = |protocol: Protocol| match icmp::family_of(protocol) {
        Some(of) => {
            let has_row = |kind| allowed.allows_icmp(kind) && Offer::Icmp { family, kind }.has_row();
            // ICMP in packets of IPv6, and ICMPv6 in those of IPv4, no host sends.
            of == family && (0..=u8::MAX).any(has_row)
        }
        None => true,
    };
    allowed.protocols.as_ref().is_none_or(|all| all.iter().copied().any(is_allowed))
}

/// Whether messages of ICMP are let through that have no rows.
pub(super) fn has_messages_without_rows(allowed: &Allowed) -> bool {
    let family = allowed.family;
    (0..=u8::MAX).any(|kind| allowed.allows_icmp(kind) && !Offer::Icmp { family, kind }.has_row())
}
