//! The rules of a firewall.

use std::collections::BTreeSet;

use serde::Serialize;

use super::chain::{BaseChain, Chain};
use super::hook::GroupDirection;
use super::index::RuleIndex;
use super::rule::{Action, Matcher, Rule, RuleId};
use super::verdict::{RuleState, RuleVerdict};
use crate::foreign::Foreign;
use crate::net::Family;

/// A security group or prefix list of AWS that a chain is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct GroupUse {
    /// The chain: `sg-1a2b/ingress`.
    pub chain: String,
    /// Its id.
    pub id: String,
    /// Whether the chain guards its members; else a rule of the chain names it as the far end.
    pub guarded: bool,
    /// Which packets the chain is for.
    pub direction: GroupDirection,
    /// Whether [`ReadOptions::groups`](super::ReadOptions::groups) has its networks.
    pub is_known: bool,
}

/// A rule of a security group that judges nothing of a family, since no address of the group's members
/// of that family is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The chain: `sg-1a2b/ingress`.
    pub chain: String,
    /// The rule.
    pub rule: String,
    /// Its text.
    pub text: Foreign<String>,
    /// The security group whose members are not known.
    pub group: String,
    /// The family.
    pub family: Family,
    /// Whether the rule is left out for the other family, or has none: nothing of it judges.
    pub whole: bool,
}

/// The rules of a firewall.
#[derive(Clone, Debug, Default)]
pub struct Ruleset {
    pub(super) rules: Vec<Rule>,
    pub(super) chains: Vec<Chain>,
    pub(super) groups: BTreeSet<GroupUse>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Ruleset {
    /// Adds the rules of another file after its own: iptables has one for each family.
    pub fn extend(&mut self, other: Ruleset) {
        let (rules, chains) = (self.rules.len(), self.chains.len());
        self.groups.extend(other.groups);
        self.left_out.extend(other.left_out);
        for mut rule in other.rules {
            rule.matcher.action.shift(chains);
            self.rules.push(rule);
        }
        for mut chain in other.chains {
            for id in chain.rules.iter_mut().chain(chain.base.as_mut().map(|base| &mut base.policy)) {
                id.0 += rules;
            }
            self.chains.push(chain);
        }
    }

    /// Every rule in the order of the files, and after the rules of each file the policies of its
    /// base chains. The place in this list is the rule's [`RuleId`].
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// One rule.
    ///
    /// # Panics
    ///
    /// When the id is not of this ruleset.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0]
    }

    /// The security groups and prefix lists of AWS that its chains are about, sorted; none in other
    /// formats.
    pub fn groups(&self) -> impl Iterator<Item = &GroupUse> {
        self.groups.iter()
    }

    /// The rules of security groups that judge nothing of a family, in their order; none in other formats.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The chains at which the kernel begins.
    pub fn base_chains(&self) -> Vec<BaseChain> {
        self.chains.iter().filter_map(|chain| chain.base.clone()).collect()
    }

    /// Makes the chains ready to judge; after the last rule was added.
    pub(super) fn build_indexes(&mut self) {
        for chain in &mut self.chains {
            chain.index = Family::ALL.map(|family| {
                let spaces: Vec<_> =
                    chain.rules.iter().map(|id| self.rules[id.0].matcher.space(family)).collect();
                RuleIndex::new(&spaces)
            });
        }
    }

    /// The chains that packets may come to from some chains, those included; sorted.
    pub(super) fn reachable(&self, from: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut seen = vec![false; self.chains.len()];
        let mut open: Vec<usize> = from.into_iter().collect();
        while let Some(chain) = open.pop() {
            if std::mem::replace(&mut seen[chain], true) {
                continue;
            }
            for id in &self.chains[chain].rules {
                for action in self.rules[id.0].matcher.action.each() {
                    if let Action::Jump(to) | Action::Goto(to) = action {
                        open.push(*to);
                    }
                }
            }
        }
        (0..seen.len()).filter(|&chain| seen[chain]).collect()
    }

    /// Gives a base chain its policy, with what the kernel counted, if it did.
    pub(super) fn add_policy(&mut self, chain: usize, verdict: RuleVerdict, counter: Option<(u64, u64)>) {
        let id = RuleId(self.rules.len());
        let chain = &mut self.chains[chain];
        let (action, word) = match verdict {
            RuleVerdict::Accept => (Action::Accept, "accept"),
            _ => (Action::Drop, "drop"),
        };
        self.rules.push(Rule {
            reference: format!("{}#policy", chain.name),
            chain: chain.name.clone(),
            text: Foreign::new(format!("policy {word}")),
            comment: Foreign::default(),
            verdict,
            state: RuleState::Full,
            undecided: Vec::new(),
            kernel_packets: counter.map(|(packets, _)| packets),
            kernel_bytes: counter.map(|(_, bytes)| bytes),
            counted: None,
            shared_packets: None,
            listed: Vec::new(),
            family: match chain.families[..] {
                [family] => Some(family),
                _ => None,
            },
            logs: false,
            policy: true,
            from_iptables: false,
            peer_group: None,
            matcher: Matcher::everything(&chain.families, action),
        });
        if let Some(base) = &mut chain.base {
            base.policy = id;
        }
    }
}
