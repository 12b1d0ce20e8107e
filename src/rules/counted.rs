//! What the kernel counted while captures were taken.

use std::collections::HashMap;

use super::choose::Chosen;
use super::hook::{ChainHook, ChainKind};
use super::point::Point;
use super::rule::{Action, Rule, RuleId};
use super::ruleset::Ruleset;
use super::space::{Dimension, state};
use super::verdict::RuleState;
use super::walk::ChainWalk;
use crate::foreign::Foreign;
use crate::net::Family;

/// Why two prints do not tell what was counted between them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountError {
    /// One of them has a rule that the other has not.
    #[error(
        "the rules of {chain} were changed: only one of the two has `{}`; give two prints of the kernel (`nft list \
         ruleset`, `iptables-save -c`), since it writes rules in another way than the file that they were loaded from",
        text.line()
    )]
    NotTheSame {
        /// The chain.
        chain: String,
        /// The rule.
        text: Foreign<String>,
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
            rule.counted = rule.kernel_packets.or(rule.shared_packets.filter(|packets| *packets == 0));
            rule.matcher.is_idle = rule.counted == Some(0);
        }
    }

    /// Takes for the time that is reviewed what was counted from here to a later print of the same rules.
    ///
    /// # Errors
    ///
    /// When the rules are not the same, or a counter went back.
    pub fn count_until(&mut self, later: &Ruleset) -> Result<(), CountError> {
        let mut counters: HashMap<(&str, &str), Vec<&Rule>> = HashMap::new();
        for rule in later.rules.iter().rev() {
            counters.entry((&rule.chain, rule.text.raw())).or_default().push(rule);
        }
        for rule in &mut self.rules {
            let of_rule = counters.get_mut(&(rule.chain.as_str(), rule.text.raw())).and_then(Vec::pop);
            let Some(of_rule) = of_rule else {
                return Err(CountError::NotTheSame { chain: rule.chain.clone(), text: rule.text.clone() });
            };
            let between = |earlier: Option<u64>, later: Option<u64>| match earlier.zip(later) {
                Some((earlier, later)) if later < earlier => {
                    Err(CountError::WentBack { reference: rule.reference.clone(), earlier, later })
                }
                both => Ok(both.map(|(earlier, later)| later - earlier)),
            };
            let own = between(rule.kernel_packets, of_rule.kernel_packets)?;
            // What rules counted together is known of each of them where it is nothing.
            let shared = between(rule.shared_packets, of_rule.shared_packets)?;
            rule.counted = own.or(shared.filter(|packets| *packets == 0));
            rule.matcher.is_idle = rule.counted == Some(0);
            if !rule.matcher.asks_the_same(&of_rule.matcher) {
                rule.matcher.may_be_either(&of_rule.matcher);
                rule.state = rule.state.max(RuleState::Partial);
                rule.undecided.push("a set that it names changed between the two prints".to_owned());
                rule.listed.clear();
            }
        }
        let left = counters.into_iter().filter(|(_, rules)| !rules.is_empty()).map(|(of, _)| of).min();
        let left = left.map(|(chain, text)| (chain.to_owned(), text.to_owned()));
        self.build_indexes();
        left.map_or(Ok(()), |(chain, text)| Err(CountError::NotTheSame { chain, text: text.into() }))
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

    /// Whether a rule ends no packet's way: it counts, logs, or leads to another chain or back.
    pub fn ends_nothing(&self, rule: RuleId) -> bool {
        let goes_on = |action: &&Action| {
            matches!(action, Action::Continue | Action::Return | Action::Jump(_) | Action::Goto(_))
        };
        self.rules[rule.0].matcher.action.each().iter().all(goes_on)
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
