//! What the kernel counted while captures were taken.

use std::collections::HashMap;

use super::choose::Chosen;
use super::hook::{ChainHook, ChainKind};
use super::point::Point;
use super::rule::RuleId;
use super::ruleset::Ruleset;
use super::space::{Dimension, state};
use super::walk::ChainWalk;
use crate::net::Family;

/// Why two prints do not tell what was counted between them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// One of them has a rule that the other has not.
    #[error("the rules of {chain} were changed: only one of the two has `{text}`")]
    NotTheSame {
        /// The chain.
        chain: String,
        /// The rule.
        text: String,
    },
    /// The later one shows fewer packets.
    #[error(
        "{reference} had counted {earlier} packets, and later {later}: the counters were set to zero, or the later \
         rules were given first"
    )]
    WentBack {
        /// The rule.
        reference: String,
        /// What it counted in the earlier print.
        earlier: u64,
        /// And in the later one.
        later: u64,
    },
}

impl Ruleset {
    /// Takes the counters for those of the time that is reviewed: they stood at zero when it began.
    pub fn count_from_zero(&mut self) {
        for rule in &mut self.rules {
            rule.counted = rule.kernel_packets;
            rule.matcher.is_idle = rule.counted == Some(0);
        }
    }

    /// Takes for the time that is reviewed what was counted from here to a later print of the same rules.
    ///
    /// # Errors
    ///
    /// When the rules are not the same, or a counter went back.
    pub fn count_until(&mut self, later: &Ruleset) -> Result<(), CountError> {
        let mut counters: HashMap<(&str, &str), Vec<Option<u64>>> = HashMap::new();
        for rule in later.rules.iter().rev() {
            counters.entry((&rule.chain, &rule.text)).or_default().push(rule.kernel_packets);
        }
        for rule in &mut self.rules {
            let of_rule = counters.get_mut(&(rule.chain.as_str(), rule.text.as_str())).and_then(Vec::pop);
            let Some(of_rule) = of_rule else {
                return Err(CountError::NotTheSame { chain: rule.chain.clone(), text: rule.text.clone() });
            };
            rule.counted = match (rule.kernel_packets, of_rule) {
                (Some(earlier), Some(later)) if later < earlier => {
                    return Err(CountError::WentBack { reference: rule.reference.clone(), earlier, later });
                }
                (Some(earlier), Some(later)) => Some(later - earlier),
                _ => None,
            };
            rule.matcher.is_idle = rule.counted == Some(0);
        }
        let mut left: Vec<_> = counters.into_iter().filter(|(_, counters)| !counters.is_empty()).collect();
        left.sort_unstable();
        left.first().map_or(Ok(()), |((chain, text), _)| {
            Err(CountError::NotTheSame { chain: (*chain).to_owned(), text: (*text).to_owned() })
        })
    }

    /// For each rule whether the packets that it counts are such as open a connection: what is
    /// established never comes to it, on the way that was chosen. The kernel asks the rules that
    /// translate for the first packet alone (Linux, `nf_nat_inet_fn`).
    pub fn see_only_new(&self, chosen: &Chosen) -> Vec<bool> {
        let mut only_new = vec![true; self.rules.len()];
        for family in Family::ALL {
            let point = Point::established(family);
            for chain in chosen.whole_way() {
                let base = self.chains[chain].base.as_ref();
                let is_asked = self.chains[chain].families.contains(&family)
                    && base.is_some_and(|base| base.kind != ChainKind::Nat);
                if !is_asked {
                    continue;
                }
                let mut walk = ChainWalk::new(self, &point);
                walk.base_chain(chain);
                if walk.cut {
                    return vec![false; self.rules.len()];
                }
                let ends = walk.ends.iter().map(|(rule, _)| *rule);
                for rule in ends.chain(walk.passed.iter().map(|passed| passed.rule)) {
                    only_new[rule.0] = false;
                }
            }
        }
        only_new
    }

    /// For each rule whether the chosen chains can lead new flows to it.
    pub fn are_asked(&self, chosen: &Chosen) -> Vec<bool> {
        let mut asked = vec![false; self.rules.len()];
        for chain in self.reachable(chosen.whole_way()) {
            let chain = &self.chains[chain];
            let policy = chain.base.as_ref().map(|base| base.policy);
            for RuleId(rule) in chain.rules.iter().copied().chain(policy) {
                asked[rule] = true;
            }
        }
        asked
    }

    /// Whether a rule is for packets alone that open nothing: of connections that are established, or of
    /// none.
    pub fn is_not_for_new(&self, rule: RuleId) -> bool {
        let mut spaces = self.rules[rule.0].matcher.spaces.iter().flatten().peekable();
        spaces.peek().is_some()
            && spaces.all(|space| {
                space.limit(Dimension::State).is_some_and(|states| !states.contains(state::NEW.into()))
            })
    }

    /// Whether a rule stands where the source of packets is set.
    pub fn is_for_sources(&self, rule: RuleId) -> bool {
        let sets = |chain: &usize| {
            let base = self.chains[*chain].base.as_ref();
            base.is_some_and(|base| {
                base.kind == ChainKind::Nat && matches!(base.hook, ChainHook::Postrouting | ChainHook::Input)
            })
        };
        let bases = (0..self.chains.len()).filter(sets);
        self.reachable(bases).into_iter().any(|chain| self.chains[chain].rules.contains(&rule))
    }

    /// Whether a rule translates addresses or ports.
    pub fn is_translating(&self, rule: RuleId) -> bool {
        let chain = &self.rules[rule.0].chain;
        let of_chain = |base: &super::chain::BaseChain| base.kind == ChainKind::Nat && base.name == *chain;
        self.rules[rule.0].matcher.action.each().iter().any(|one| one.translates())
            || self.chains.iter().filter_map(|chain| chain.base.as_ref()).any(of_chain)
    }
}
