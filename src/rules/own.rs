//! The addresses of the firewall itself.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::hook::{ChainHook, ChainKind};
use super::nat::{Nat, NatPart};
use super::point::Tri;
use super::rule::{Action, RuleId};
use super::ruleset::Ruleset;
use super::space::Dimension;
use super::verdict::RuleVerdict;
use crate::net::{Family, from_number};

/// The addresses of a firewall, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnAddresses {
    known: BTreeSet<IpAddr>,
    /// There are no others.
    complete: bool,
    /// Those that rules of translation name as addresses before or after it: they may be its own, or
    /// routed to it.
    suspected: BTreeSet<IpAddr>,
}

impl OwnAddresses {
    /// All that there are.
    pub fn all(addresses: &[IpAddr]) -> OwnAddresses {
        OwnAddresses {
            known: addresses.iter().copied().collect(),
            complete: true,
            suspected: BTreeSet::new(),
        }
    }

    /// Adds what is known besides, where not all are known.
    pub fn add(&mut self, address: IpAddr) {
        if !self.complete {
            self.known.insert(address);
        }
    }

    /// Those that are known.
    pub fn known(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.known.iter().copied()
    }

    /// Whether there are no others than those that are known.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether an address may be one of them, as rules of translation suggest.
    pub fn suspects(&self, address: IpAddr) -> bool {
        !self.complete && self.suspected.contains(&address)
    }

    /// Whether an address is one of them.
    pub fn has(&self, address: IpAddr) -> Tri {
        if self.known.contains(&address) {
            Tri::Yes
        } else if self.complete && !address.is_multicast() && !address.is_unspecified() {
            Tri::No
        } else {
            Tri::Maybe
        }
    }
}

impl Ruleset {
    /// The addresses that rules show to be the firewall's own: single destinations that are let in at
    /// the hook input, and single sources that are let out at the hook output.
    pub(super) fn own_addresses(&self) -> OwnAddresses {
        let mut own = OwnAddresses::default();
        let at = |wanted: &dyn Fn(&ChainHook) -> bool| {
            let bases = (0..self.chains.len()).filter(|&chain| {
                let chain = &self.chains[chain];
                !chain.unordered && !chain.bridges && chain.hook().is_some_and(wanted)
            });
            self.reachable(bases)
        };
        for (hook, dimension) in
            [(ChainHook::Input, Dimension::Destination), (ChainHook::Output, Dimension::Source)]
        {
            let others = at(&|other| *other != hook);
            let chains = at(&|other| *other == hook).into_iter().filter(|chain| !others.contains(chain));
            for id in chains.flat_map(|chain| &self.chains[chain].rules) {
                let rule = &self.rules[id.0];
                for family in Family::ALL {
                    let limit = rule.matcher.space(family).and_then(|space| space.limit(dimension));
                    let Some(&[(first, last)]) = limit.map(super::ranges::Ranges::as_slice) else { continue };
                    let may_be_broadcast = family == Family::Ipv4 && first & 3 == 3;
                    let address = from_number(family, first);
                    if first == last
                        && rule.verdict == RuleVerdict::Accept
                        && !may_be_broadcast
                        && !address.is_multicast()
                        && !address.is_unspecified()
                    {
                        own.known.insert(address);
                    }
                }
            }
        }
        own.suspected = self.addresses_of_translation();
        own
    }

    /// The single addresses whose packets rules give another destination, and those that they give as a source.
    fn addresses_of_translation(&self) -> BTreeSet<IpAddr> {
        let mut all = BTreeSet::new();
        let bases = (0..self.chains.len()).filter(|&chain| {
            self.chains[chain].base.as_ref().is_some_and(|base| base.kind == ChainKind::Nat)
        });
        for id in self.reachable(bases).into_iter().flat_map(|chain| &self.chains[chain].rules) {
            let matcher = &self.rules[id.0].matcher;
            let actions = matcher.action.each();
            if self.is_for_sources(*id) {
                all.extend(actions.iter().filter_map(|action| match action {
                    Action::Nat(Nat::To(NatPart::To(address), _)) => Some(*address),
                    _ => None,
                }));
            } else if actions.iter().any(|action| action.translates()) {
                for family in Family::ALL {
                    let limit = matcher.space(family).and_then(|space| space.limit(Dimension::Destination));
                    let ranges = limit.map_or(&[][..], super::ranges::Ranges::as_slice);
                    let single = ranges.iter().filter(|(first, last)| first == last);
                    all.extend(single.map(|&(address, _)| from_number(family, address)));
                }
            }
        }
        all
    }

    /// Whether a rule gives packets an address of the firewall as their source.
    pub fn is_masquerading(&self, rule: RuleId) -> bool {
        let own = |action: &&Action| matches!(action, Action::Nat(Nat::Own(_)));
        self.rules[rule.0].matcher.action.each().iter().any(own) && self.is_for_sources(rule)
    }
}
