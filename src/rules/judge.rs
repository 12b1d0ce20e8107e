//! The judgement of a new flow.

use super::choose::Chosen;
use super::flow::{Captured, NewFlow};
use super::hook::ChainHook;
use super::judgement::{Judgement, LooksAt};
use super::point::{Point, Tri, interface};
use super::ruleset::Ruleset;
use super::space::{Dimension, state};
use super::way::{Routed, Way};

/// The interface by which the firewall sends to itself.
const LOOPBACK: &str = "lo";

impl Ruleset {
    /// Which rules may judge a new flow: those of every chain that stands in its way. Where it cannot
    /// be told whether it is forwarded, comes to the firewall itself or from it, the chains of all of these
    /// that filter are asked.
    pub fn judge(&self, chosen: &Chosen, flow: &NewFlow<'_>) -> Judgement {
        let Some(point) = Point::new(flow, None) else { return Judgement::default() };
        let as_related = flow.may_be_related.then(|| {
            let mut point = point.clone();
            point.set(Dimension::State, Some(state::RELATED.into()));
            self.judge_point(chosen, flow, point)
        });
        let as_new = self.judge_point(chosen, flow, point);
        match as_related {
            Some(related) => as_new.or(related),
            None => as_new,
        }
    }

    fn judge_point(&self, chosen: &Chosen, flow: &NewFlow<'_>, point: Point) -> Judgement {
        let family = point.family;
        let at = |hooks| chosen.at(family, hooks, self);
        let filters = |chains: &[usize]| chains.iter().any(|&chain| chosen.judges(family, chain));
        let before = at(&[ChainHook::Ingress, ChainHook::Prerouting]);
        let (forward, input) = (at(&[ChainHook::Forward]), at(&[ChainHook::Input]));
        let output = at(&[ChainHook::Output]);
        let after = at(&[ChainHook::Postrouting, ChainHook::Egress]);
        let comes_in = filters(&before) || filters(&forward) || filters(&input);

        let mut branches = Vec::new();
        let mut way = Way {
            ruleset: self,
            chosen,
            flow,
            point,
            routed: Routed::To(flow.destination),
            is_translated: [false; 2],
            stages: Vec::new(),
            judgement: Judgement::default(),
            is_over: false,
        };
        way.knows_destination(None);
        let out = way.point.get(Dimension::OutInterface);
        let from_own = chosen.own.has(flow.source);
        // It may have been captured where it goes out, after it was translated.
        let mut later = Vec::new();
        way.point.set(Dimension::OutInterface, None);
        // What is for the firewall itself goes no further.
        let is_open = flow.captured == Captured::Anywhere && way.to_own() != Tri::Yes;
        if is_open {
            later.extend(way.with_new_source(&before, &after, out));
        }
        if is_open && from_own != Tri::Yes {
            later.extend(way.with_new_destination(&before));
        }
        way.point.set(Dimension::OutInterface, out);
        for mut way in later {
            // Before it was translated, its destination may have been another.
            let to = [Dimension::Destination, Dimension::DestinationPort].map(|part| way.point.get(part));
            if way.point.get(Dimension::Translated) != Some(0) {
                way.point.set(Dimension::Destination, None);
                way.point.set(Dimension::DestinationPort, None);
                way.point.set(Dimension::DestinationType, None);
            }
            for mut way in way.through(&before) {
                way.point.set(Dimension::Destination, to[0]);
                way.point.set(Dimension::DestinationPort, to[1]);
                way.knows_destination(Some(&ChainHook::Forward));
                way.point.set(Dimension::OutInterface, out);
                for way in way.through(&forward) {
                    branches.extend(way.through(&after));
                }
            }
        }
        if from_own == Tri::Yes || from_own == Tri::Maybe && filters(&output) {
            let mut way = way.clone();
            way.point.set(Dimension::InInterface, None);
            for mut way in way.through(&output) {
                let to_own = way.to_own() == Tri::Yes;
                let out = if to_own { Some(interface(LOOPBACK)) } else { way.out_interface(out) };
                way.point.set(Dimension::OutInterface, out);
                for mut way in way.through(&after) {
                    if !to_own {
                        branches.push(way);
                        continue;
                    }
                    // It comes in again, and is translated no more.
                    way.is_translated = [true; 2];
                    way.point.set(Dimension::InInterface, Some(interface(LOOPBACK)));
                    way.point.set(Dimension::OutInterface, None);
                    for mut way in way.through(&before) {
                        way.knows_destination(Some(&ChainHook::Input));
                        branches.extend(way.through(&input));
                    }
                }
            }
        }
        if from_own == Tri::No || from_own == Tri::Maybe && (comes_in || !filters(&output)) {
            // Where a packet goes out is not known before it is routed.
            way.point.set(Dimension::OutInterface, None);
            for mut way in Way::as_seen_behind(way.through(&before)) {
                let to_own = way.to_own();
                let may_come_in = filters(&input) || way.is_suspected();
                if to_own == Tri::Yes || to_own == Tri::Maybe && may_come_in {
                    let mut way = way.clone();
                    way.knows_destination(Some(&ChainHook::Input));
                    branches.extend(way.through(&input));
                }
                if to_own == Tri::No || to_own == Tri::Maybe && (filters(&forward) || !filters(&input)) {
                    way.knows_destination(Some(&ChainHook::Forward));
                    way.point.set(Dimension::OutInterface, way.out_interface(out));
                    for way in way.through(&forward) {
                        branches.extend(way.through(&after));
                    }
                }
            }
        }
        branches.into_iter().map(Way::end).reduce(Judgement::or).unwrap_or_default()
    }

    /// What of a flow can make a difference to its judgement, besides addresses, protocol and
    /// the port of the server: where all is `false` a judgement may be remembered by these.
    pub fn looks_at(&self, chosen: &Chosen) -> LooksAt {
        let mut looks = LooksAt::default();
        let chains = self.reachable(chosen.whole_way());
        for id in chains.into_iter().flat_map(|chain| &self.chains[chain].rules) {
            for dimension in self.rules[id.0].matcher.looks_at() {
                match dimension {
                    Dimension::SourcePort => looks.source_port = true,
                    Dimension::Icmp => looks.icmp = true,
                    Dimension::InInterface | Dimension::OutInterface => looks.interfaces = true,
                    Dimension::Vlan => looks.vlan = true,
                    Dimension::TcpFlags => looks.tcp_flags = true,
                    Dimension::Fragment | Dimension::Extended | Dimension::NextHeader => looks.headers = true,
                    _ => {}
                }
            }
        }
        looks
    }

    /// Whether rules ask what the routing table says of destinations.
    pub fn asks_for_destination_type(&self, chosen: &Chosen) -> bool {
        let chains = self.reachable(chosen.whole_way()).into_iter();
        let mut rules = chains.flat_map(|chain| &self.chains[chain].rules);
        rules.any(|id| self.rules[id.0].matcher.looks_at().any(|one| one == Dimension::DestinationType))
    }
}
