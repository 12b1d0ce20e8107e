//! The addresses of the firewall itself.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::hook::ChainHook;
use super::point::Tri;
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
}

impl OwnAddresses {
    /// All that there are.
    pub fn all(addresses: &[IpAddr]) -> OwnAddresses {
        OwnAddresses { known: addresses.iter().copied().collect(), complete: true }
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
        own
    }
}
