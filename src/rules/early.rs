//! Chains that make a difference to those that judge.

use super::hook::ChainKind;
use super::rule::Matcher;
use super::ruleset::Ruleset;

/// Priority of connection tracking at the hooks at which packets come in: what takes packets out of
/// it stands before (Linux, `NF_IP_PRI_CONNTRACK`).
pub(super) const CONNTRACK_PRIORITY: i64 = -200;

impl Ruleset {
    /// The chains that make a difference to what others see: those that translate, and those before
    /// connection tracking that take packets out of it.
    pub(super) fn early_chains(&self) -> Vec<usize> {
        let makes_difference = |&chain: &usize| {
            self.chains[chain].base.as_ref().is_some_and(|base| match base.kind {
                ChainKind::Nat => !self.chains[chain].rules.is_empty(),
                _ => base.priority < CONNTRACK_PRIORITY && self.has(chain, |rule| rule.untracks),
            }) && !self.chains[chain].bridges
        };
        (0..self.chains.len()).filter(makes_difference).collect()
    }

    fn has(&self, chain: usize, test: impl Fn(&Matcher) -> bool) -> bool {
        self.reachable([chain])
            .into_iter()
            .flat_map(|chain| &self.chains[chain].rules)
            .any(|id| test(&self.rules[id.0].matcher))
    }
}
