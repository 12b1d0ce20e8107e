//! What rules let through.

use serde::Serialize;

use super::address_range::AddressRange;
use super::chain::BaseChain;
use super::choose::Chosen;
use super::ranges::Ranges;
use super::rule::{Action, RuleId};
use super::ruleset::Ruleset;
use super::space::{Dimension, Space, state};
use super::verdict::RuleVerdict;
use crate::net::{Family, Ports, Protocol, Transport, from_number};

/// Paths of jumps that are followed, at most; where there are more, what a chain lets through is
/// shown once more as if every packet came to it.
const MAX_PATHS: usize = 65_536;
/// Deepest nesting of jumps that is followed.
const MAX_DEPTH: usize = 64;

/// What an accepting rule lets through of one family, along one path of jumps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Allowed {
    /// The rule, or the policy.
    pub rule: RuleId,
    /// Of this family.
    pub family: Family,
    /// Whether it lets through just this; else conditions that cannot be decided, or that are not
    /// shown here, narrow it.
    pub exact: bool,
    /// The sources; none for any.
    pub sources: Option<Vec<AddressRange>>,
    /// The destinations; none for any.
    pub destinations: Option<Vec<AddressRange>>,
    /// The protocols; none for any.
    pub protocols: Option<Vec<Protocol>>,
    /// The clients' ports; none for any.
    pub source_ports: Option<Vec<Ports>>,
    /// The servers' ports; none for any.
    pub ports: Option<Vec<Ports>>,
    /// Whether it asks for certain interfaces.
    pub interfaces: bool,
    /// The types of ICMP, from first to last; none for any. Codes narrow it further where it is not `exact`.
    pub icmp_types: Option<Vec<(u8, u8)>>,
}

impl Allowed {
    /// Whether it lets through a transport that has ports.
    pub fn has_ports(&self) -> bool {
        Transport::ALL.into_iter().any(|transport| self.allows_protocol(transport.into()))
    }

    /// Whether there is no condition on addresses, protocol or ports.
    pub fn any_any(&self) -> bool {
        self.sources.is_none()
            && self.destinations.is_none()
            && self.protocols.is_none()
            && self.source_ports.is_none()
            && self.ports.is_none()
    }

    /// Whether a message of ICMP in this family's packets is let through, to some host from some host, of
    /// some code.
    pub fn allows_icmp(&self, kind: u8) -> bool {
        let protocol = match self.family {
            Family::Ipv4 => Protocol::ICMP,
            Family::Ipv6 => Protocol::ICMPV6,
        };
        self.allows_protocol(protocol)
            && self
                .icmp_types
                .as_ref()
                .is_none_or(|types| types.iter().any(|&(first, last)| (first..=last).contains(&kind)))
    }

    /// Whether something of a protocol is let through.
    pub fn allows_protocol(&self, protocol: Protocol) -> bool {
        self.protocols.as_ref().is_none_or(|protocols| protocols.contains(&protocol))
    }

    /// Whether a port of a transport is let through, to some host from some host.
    pub fn allows_port(&self, transport: Transport, port: u16) -> bool {
        self.allows_protocol(transport.into())
            && self.ports.as_ref().is_none_or(|ports| ports.iter().any(|range| range.contains(port)))
    }

    fn new(rule: RuleId, space: &Space, exact: bool) -> Allowed {
        let addresses = |dimension| space.limit(dimension).map(|ranges| address_ranges(space.family, ranges));
        let ports = |dimension| space.limit(dimension).map(port_ranges);
        let shown = [
            Dimension::Protocol,
            Dimension::Source,
            Dimension::Destination,
            Dimension::DestinationPort,
            Dimension::SourcePort,
            Dimension::State,
        ];
        let has = |of: &[Dimension]| space.limits().iter().any(|(dimension, _)| of.contains(dimension));
        Allowed {
            rule,
            family: space.family,
            exact: exact
                && space.limits().iter().all(|(dimension, ranges)| match dimension {
                    Dimension::Icmp => are_whole_types(ranges),
                    _ => shown.contains(dimension),
                }),
            sources: addresses(Dimension::Source),
            destinations: addresses(Dimension::Destination),
            protocols: space.limit(Dimension::Protocol).map(|ranges| {
                let numbers = ranges.as_slice().iter().flat_map(|&(first, last)| first as u8..=last as u8);
                numbers.map(Protocol).collect()
            }),
            source_ports: ports(Dimension::SourcePort),
            ports: ports(Dimension::DestinationPort),
            interfaces: has(&[Dimension::InInterface, Dimension::OutInterface]),
            icmp_types: space.limit(Dimension::Icmp).map(|ranges| {
                ranges
                    .as_slice()
                    .iter()
                    .map(|&(first, last)| ((first >> 8) as u8, (last >> 8) as u8))
                    .collect()
            }),
        }
    }
}

fn address_ranges(family: Family, ranges: &Ranges) -> Vec<AddressRange> {
    let range = |&(first, last): &(u128, u128)| AddressRange {
        first: from_number(family, first),
        last: from_number(family, last),
    };
    ranges.as_slice().iter().map(range).collect()
}

/// Whether ranges of types and codes of ICMP hold all codes of each type.
fn are_whole_types(ranges: &Ranges) -> bool {
    ranges.as_slice().iter().all(|&(first, last)| first as u8 == 0 && last as u8 == u8::MAX)
}

fn port_ranges(ranges: &Ranges) -> Vec<Ports> {
    ranges.as_slice().iter().map(|&(first, last)| Ports { first: first as u16, last: last as u16 }).collect()
}

/// A way through jumps: what can come along it.
#[derive(Clone)]
struct JumpPath {
    space: Space,
    exact: bool,
}

impl Ruleset {
    /// What the accepting rules let through of new flows, each along every path of jumps that
    /// leads to it, sorted by rule; what earlier rules drop is not taken off.
    pub fn allowed(&self, chosen: &Chosen) -> Vec<Allowed> {
        let mut finder = AllowedFinder { ruleset: self, found: Vec::new(), paths_left: MAX_PATHS };
        for (family, chain) in chosen.chains(self) {
            let mut space = Space::all(family);
            space.restrict(Dimension::State, &Ranges::one(state::NEW));
            finder.chain(chain, &JumpPath { space, exact: true }, 0);
            if let Some(base) = &self.chains[chain].base
                && !self.refuses_by_default(chosen, family, chain)
            {
                finder.rule(base.policy, &JumpPath { space: Space::all(family), exact: true }, 0);
            }
        }
        if finder.paths_left == 0 {
            finder.give_up(chosen);
        }
        let mut found = finder.found;
        found.sort_by_key(|allowed| (allowed.rule, allowed.family));
        found.dedup();
        found
    }

    /// What a rule asks of new flows by itself, whatever it does with them and whatever leads to it.
    pub fn asked_by(&self, rule: RuleId) -> Vec<Allowed> {
        let (pieces, exact) = self.rules[rule.0].matcher.pieces();
        let of_new = |mut piece: Space| {
            piece.restrict(Dimension::State, &Ranges::one(state::NEW));
            Some(piece).filter(|piece| !piece.is_empty())
        };
        pieces.into_iter().filter_map(of_new).map(|piece| Allowed::new(rule, &piece, exact)).collect()
    }

    /// Whether another chain of the same hook has a policy that lets nothing through: then what the
    /// policy of this one lets on is not let through.
    fn refuses_by_default(&self, chosen: &Chosen, family: Family, chain: usize) -> bool {
        chosen.chains(self).any(|(other_family, other)| {
            let refuses = |base: &BaseChain| self.rules[base.policy.0].verdict == RuleVerdict::Drop;
            (other_family, other != chain, self.chains[other].hook())
                == (family, true, self.chains[chain].hook())
                && self.chains[other].base.as_ref().is_some_and(refuses)
        })
    }
}

struct AllowedFinder<'a> {
    ruleset: &'a Ruleset,
    found: Vec<Allowed>,
    paths_left: usize,
}

impl AllowedFinder<'_> {
    /// What the accepting rules of all chains would let through, whatever leads to them.
    fn give_up(&mut self, chosen: &Chosen) {
        for (family, base) in chosen.chains(self.ruleset) {
            for chain in self.ruleset.reachable([base]) {
                for &id in &self.ruleset.chains[chain].rules {
                    let matcher = &self.ruleset.rules[id.0].matcher;
                    let accepts = matcher.action.each().into_iter().any(|a| matches!(a, Action::Accept));
                    let pieces =
                        matcher.pieces().0.into_iter().filter(|piece| accepts && piece.family == family);
                    self.found.extend(pieces.map(|piece| Allowed::new(id, &piece, false)));
                }
            }
        }
    }

    fn chain(&mut self, chain: usize, path: &JumpPath, depth: usize) {
        if depth > MAX_DEPTH || self.paths_left == 0 {
            return;
        }
        self.paths_left -= 1;
        for &id in &self.ruleset.chains[chain].rules {
            self.rule(id, path, depth);
        }
    }

    fn rule(&mut self, id: RuleId, path: &JumpPath, depth: usize) {
        let matcher = &self.ruleset.rules[id.0].matcher;
        let (pieces, exact) = matcher.pieces();
        let exact = exact && path.exact;
        for piece in
            Family::ALL.into_iter().flat_map(|family| pieces.iter().filter(move |p| p.family == family))
        {
            let Some(space) = piece.intersect(&path.space) else { continue };
            match &matcher.action {
                Action::Map(map) => {
                    for row in map.table.rows() {
                        let narrow = map.table.narrow(&space, row);
                        if !narrow.is_empty() {
                            self.action(
                                id,
                                &map.actions[row.element],
                                &JumpPath { space: narrow, exact },
                                depth,
                            );
                        }
                    }
                    if let Some(action) = &map.catch_all {
                        self.action(id, action, &JumpPath { space, exact: false }, depth);
                    }
                }
                action => self.action(id, action, &JumpPath { space, exact }, depth),
            }
        }
    }

    fn action(&mut self, id: RuleId, action: &Action, path: &JumpPath, depth: usize) {
        match action {
            Action::Accept => self.found.push(Allowed::new(id, &path.space, path.exact)),
            Action::Unknown { .. } => self.found.push(Allowed::new(id, &path.space, false)),
            Action::Jump(chain) | Action::Goto(chain) => self.chain(*chain, path, depth + 1),
            _ => {}
        }
    }
}
