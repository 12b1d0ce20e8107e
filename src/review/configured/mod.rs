//! What is configured: the rules, and what they do with what was seen.

mod fit;
mod judge;
mod scope;
mod tally;

pub(super) use fit::Fit;
pub(super) use judge::{Interfaces, say_of};
pub(super) use tally::{Judgements, RowJudged};

use std::collections::{HashMap, HashSet};

use super::model::RowId;
use crate::rules::{Allowed, Chosen, Covered, LooksAt, Rule, RuleId, RuleVerdict, Ruleset};

/// A ruleset, and what can be read from it without traffic.
pub(super) struct Configured {
    pub(super) ruleset: Ruleset,
    pub(super) chosen: Chosen,
    /// What of a flow the rules look at.
    pub(super) looks_at: LooksAt,
    pub(super) allowed: Vec<Allowed>,
    pub(super) covered: Vec<Covered>,
    /// The rows of rules in the worksheet; none for those that let no new flow through.
    row_ids: Vec<Option<RowId>>,
}

impl Configured {
    /// The rules that judge by these chains.
    pub(super) fn new(ruleset: Ruleset, chosen: Chosen) -> Configured {
        let (allowed, covered) = (ruleset.allowed(&chosen), ruleset.covered());
        let looks_at = ruleset.looks_at(&chosen);
        let row_ids = row_ids(ruleset.rules(), &allowed);
        Configured { ruleset, chosen, looks_at, allowed, covered, row_ids }
    }

    /// What a rule lets through of new flows; empty where it drops, or is not reached.
    pub(super) fn allowed_by(&self, rule: RuleId) -> impl Iterator<Item = &Allowed> {
        self.allowed.iter().filter(move |allowed| allowed.rule == rule)
    }
}

fn row_ids(rules: &[Rule], allowed: &[Allowed]) -> Vec<Option<RowId>> {
    let letting_through: HashSet<RuleId> = allowed.iter().map(|allowed| allowed.rule).collect();
    let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
    let mut all = Vec::with_capacity(rules.len());
    for (n, rule) in rules.iter().enumerate() {
        let is_row = rule.verdict == RuleVerdict::Accept && letting_through.contains(&RuleId(n));
        all.push(is_row.then(|| {
            let earlier = alike.entry((&rule.chain, &rule.text)).or_default();
            *earlier += 1;
            RowId::of_rule(&rule.chain, &rule.text, *earlier - 1)
        }));
    }
    all
}
