//! Flows that were captured after the firewall had translated them: what they may have been before; and on both
//! sides of it: what they became.

use std::net::IpAddr;

use super::flow::{Captured, Content};
use super::judgement::{Passed, Translation};
use super::nat::Nat;
use super::point::Tri;
use super::rule::RuleId;
use super::space::Dimension;
use super::walk::{ChainWalk, PathEnd};
use super::way::{Routed, Way};
use crate::net::number_in;

impl<'a> Way<'a> {
    /// Those of several ways that lead where the flow was seen behind the firewall, if it was; all, where
    /// the rules lead it nowhere near.
    pub fn as_seen_behind(ways: Vec<Way<'a>>) -> Vec<Way<'a>> {
        let leading: Vec<Way> = ways.iter().filter_map(Way::leading_there).collect();
        if leading.is_empty() { ways } else { leading }
    }

    fn leading_there(&self) -> Option<Way<'a>> {
        let mut way = self.clone();
        let Captured::BothSides(address, port) = self.flow.captured else { return Some(way) };
        let seen = [
            (Dimension::Destination, Some(number_in(way.point.family, address)?)),
            (Dimension::DestinationPort, port.map(u128::from)),
        ];
        for (part, seen) in seen {
            match (way.point.get(part), seen) {
                (Some(known), Some(seen)) if known != seen => return None,
                (_, None) => {}
                (_, seen) => way.point.set(part, seen),
            }
        }
        way.routed = Routed::To(address);
        let content_port = match self.flow.content {
            Content::Ports { destination, .. } => Some(destination),
            _ => None,
        };
        let is_other = address != self.flow.destination || port.is_some() && port != content_port;
        way.point.set(Dimension::Translated, Some(is_other.into()));
        way.judgement.translation = if is_other { Translation::To(address, port) } else { Translation::None };
        way.knows_destination(None);
        Some(way)
    }

    /// The way of a flow whose source the firewall set, captured where it goes out; none where no rule
    /// makes such a source of what it sees. What it was before is not known.
    pub fn with_new_source(&self, before: &[usize], after: &[usize], out: Option<u128>) -> Option<Way<'a>> {
        let mut way = self.clone();
        // Its address on one interface it gives to nothing that goes out by another.
        let from_there = match (self.point.get(Dimension::InInterface), out) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        for part in [Dimension::Source, Dimension::SourcePort, Dimension::InInterface] {
            way.point.set(part, None);
        }
        let mut point = way.point.clone();
        point.set(Dimension::OutInterface, out);
        let source = self.flow.source;
        let own = match self.chosen.own.has(source) {
            Tri::Yes => true,
            Tri::Maybe => from_there,
            Tri::No => false,
        };
        let rules = way.rules_of(after, &point, |nat| gives(nat, source, None, own));
        if rules.is_empty() {
            return None;
        }
        way.translated_perhaps(before);
        way.judgement.translation = Translation::Uncertain;
        Some(way)
    }

    /// The way of a flow whose destination the firewall set, captured where it goes out; none where no
    /// rule makes such a destination of what it sees.
    pub fn with_new_destination(&self, before: &[usize]) -> Option<Way<'a>> {
        let mut way = self.clone();
        let rules = way.giving_destination(before);
        if rules.is_empty() {
            return None;
        }
        way.point.set(Dimension::Translated, Some(1));
        way.point.set(Dimension::OriginalDestination, None);
        way.point.set(Dimension::OriginalDestinationPort, None);
        way.is_translated[0] = true;
        way.judgement.translation = Translation::Uncertain;
        let translated = rules.into_iter().map(|rule| Passed { rule, certain: false });
        way.judgement.translated.extend(translated);
        Some(way)
    }

    /// Whether its destination may have been another.
    fn translated_perhaps(&mut self, before: &[usize]) {
        let rules = self.giving_destination(before);
        if !rules.is_empty() {
            self.point.set(Dimension::Translated, None);
            self.point.set(Dimension::OriginalDestination, None);
            self.point.set(Dimension::OriginalDestinationPort, None);
        }
        self.is_translated[0] = true;
        let translated = rules.into_iter().map(|rule| Passed { rule, certain: false });
        self.judgement.translated.extend(translated);
    }

    /// The rules that may have set its destination.
    fn giving_destination(&self, before: &[usize]) -> Vec<RuleId> {
        let mut point = self.point.clone();
        for part in [Dimension::Destination, Dimension::DestinationPort, Dimension::DestinationType] {
            point.set(part, None);
        }
        point.set(Dimension::OriginalDestination, None);
        point.set(Dimension::OriginalDestinationPort, None);
        let port = match self.flow.content {
            Content::Ports { destination, .. } => Some(destination),
            _ => None,
        };
        self.rules_of(before, &point, |nat| gives(nat, self.flow.destination, port, false))
    }

    /// The rules of chains that translate which may do something to a packet.
    fn rules_of(
        &self,
        chains: &[usize],
        point: &super::point::Point,
        does: impl Fn(Nat) -> bool,
    ) -> Vec<RuleId> {
        let mut rules = Vec::new();
        for &chain in chains.iter().filter(|&&chain| self.is_translating(chain)) {
            let mut walk = ChainWalk::new(self.ruleset, point);
            walk.base_chain(chain);
            for (rule, end) in walk.ends {
                if let PathEnd::Nat(nat) = end
                    && does(nat)
                {
                    rules.push(rule);
                }
            }
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

/// Whether a rule may make this address, and this port, of a packet's; `own` where the address may be
/// the firewall's on that interface.
fn gives(nat: Nat, address: IpAddr, port: Option<u16>, own: bool) -> bool {
    match nat {
        Nat::To(to, to_port) => to.may_be(&address) && port.is_none_or(|port| to_port.may_be(&port)),
        Nat::Own(_) => own,
    }
}
