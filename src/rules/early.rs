//! Chains that a packet passes before those that judge.

use super::hook::{ChainHook, ChainKind};
use super::rule::{Action, Matcher};
use super::ruleset::Ruleset;

/// Priority of connection tracking at the hooks at which packets come in: what takes packets out of
/// it stands before.
const CONNTRACK_PRIORITY: i64 = -200;

impl Ruleset {
    /// The chains that a packet passes before those of a hook, as far as they make a difference to
    /// these: those that translate, and those before connection tracking that take packets out of
    /// it; in the order of their priorities.
    pub(super) fn early_chains(&self, hook: Option<&ChainHook>) -> Vec<usize> {
        let hook = match hook {
            Some(ChainHook::Forward | ChainHook::Input | ChainHook::Postrouting) => ChainHook::Prerouting,
            Some(ChainHook::Output) => ChainHook::Output,
            _ => return Vec::new(),
        };
        let mut early: Vec<usize> = (0..self.chains.len())
            .filter(|&chain| {
                let base = self.chains[chain].base.as_ref();
                base.is_some_and(|base| {
                    base.hook == hook
                        && match base.kind {
                            ChainKind::Nat => self.has(chain, |rule| {
                                rule.action
                                    .each()
                                    .iter()
                                    .any(|action| matches!(action, Action::Nat(_) | Action::Unknown { .. }))
                            }),
                            _ => base.priority < CONNTRACK_PRIORITY && self.has(chain, |rule| rule.untracks),
                        }
                })
            })
            .collect();
        early.sort_by_key(|&chain| self.chains[chain].base.as_ref().map(|base| base.priority));
        early
    }

    fn has(&self, chain: usize, test: impl Fn(&Matcher) -> bool) -> bool {
        self.reachable([chain])
            .into_iter()
            .flat_map(|chain| &self.chains[chain].rules)
            .any(|id| test(&self.rules[id.0].matcher))
    }
}
