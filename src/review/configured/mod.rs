//! What is configured: the rules, and what they do with what was seen.

mod fit;
mod judge;
mod scope;
mod tally;

pub(super) use fit::Fit;
pub(super) use judge::{Interfaces, say_of};
pub(super) use tally::{Judgements, RowJudged};

use crate::rules::{Allowed, Chosen, Covered, LooksAt, RuleId, Ruleset};

/// A ruleset, and what can be read from it without traffic.
pub(super) struct Configured {
    pub(super) ruleset: Ruleset,
    pub(super) chosen: Chosen,
    /// What of a flow the rules look at.
    pub(super) looks_at: LooksAt,
    pub(super) allowed: Vec<Allowed>,
    pub(super) covered: Vec<Covered>,
}

impl Configured {
    /// The rules that judge by these chains.
    pub(super) fn new(ruleset: Ruleset, chosen: Chosen) -> Configured {
        let (allowed, covered) = (ruleset.allowed(&chosen), ruleset.covered());
        let looks_at = ruleset.looks_at(&chosen);
        Configured { ruleset, chosen, looks_at, allowed, covered }
    }

    /// What a rule lets through of new flows; empty where it drops, or is not reached.
    pub(super) fn allowed_by(&self, rule: RuleId) -> impl Iterator<Item = &Allowed> {
        self.allowed.iter().filter(move |allowed| allowed.rule == rule)
    }
}
