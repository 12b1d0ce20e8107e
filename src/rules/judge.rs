//! The judgement of a new flow.

use super::choose::Chosen;
use super::flow::NewFlow;
use super::hook::ChainHook;
use super::judgement::{Judgement, LooksAt, Translation};
use super::point::{Point, Tri};
use super::rule::{Action, RuleId};
use super::ruleset::Ruleset;
use super::space::Dimension;
use super::walk::PathEnd;
use super::way::Way;

impl Ruleset {
    /// Which rules may judge a new flow: those of every chain that stands in its way. Where it cannot
    /// be told whether it is forwarded, comes to the firewall itself or from it, the chains of all of these
    /// that filter are asked.
    pub fn judge(&self, chosen: &Chosen, flow: &NewFlow<'_>) -> Judgement {
        let Some(point) = Point::new(flow, None) else { return Judgement::default() };
        let family = point.family;
        let at = |hooks| chosen.at(family, hooks, self);
        let filters = |chains: &[usize]| chains.iter().any(|&chain| chosen.judges(family, chain));
        let before = at(&[ChainHook::Ingress, ChainHook::Prerouting]);
        let (forward, input) = (at(&[ChainHook::Forward]), at(&[ChainHook::Input]));
        let output = at(&[ChainHook::Output]);
        let after = at(&[ChainHook::Postrouting, ChainHook::Egress]);
        let comes_in = filters(&before) || filters(&forward) || filters(&input);

        let mut branches = Vec::new();
        let way = Way {
            ruleset: self,
            chosen,
            flow,
            point,
            stages: Vec::new(),
            judgement: Judgement::default(),
            is_over: false,
        };
        let from_own = chosen.own.has(flow.source);
        if from_own == Tri::Yes || from_own == Tri::Maybe && filters(&output) {
            let mut way = way.clone();
            way.point.set(Dimension::InInterface, None);
            way.knows_destination(None);
            way.through(&output);
            way.through(&after);
            branches.push(way.end());
        }
        if from_own == Tri::No || from_own == Tri::Maybe && (comes_in || !filters(&output)) {
            let mut way = way;
            way.knows_destination(None);
            // Where a packet goes out is not known before it is routed.
            let out = way.point.get(Dimension::OutInterface);
            way.point.set(Dimension::OutInterface, None);
            way.through(&before);
            let to_own = match way.judgement.translation {
                Translation::None => chosen.own.has(flow.destination),
                Translation::To(address, _) => chosen.own.has(address),
                Translation::Uncertain => Tri::Maybe,
            };
            if to_own == Tri::Yes || to_own == Tri::Maybe && filters(&input) {
                let mut way = way.clone();
                way.knows_destination(Some(&ChainHook::Input));
                way.through(&input);
                branches.push(way.end());
            }
            if to_own == Tri::No || to_own == Tri::Maybe && (filters(&forward) || !filters(&input)) {
                way.knows_destination(Some(&ChainHook::Forward));
                way.point.set(Dimension::OutInterface, out);
                way.through(&forward);
                way.through(&after);
                branches.push(way.end());
            }
        }
        branches.into_iter().reduce(Judgement::or).unwrap_or_default()
    }

    /// Whether an end in a chain for translation may translate: a rule that does, or one of which
    /// it is not known what it does.
    pub(super) fn translates(&self, rule: RuleId, outcome: PathEnd) -> bool {
        matches!(outcome, PathEnd::Nat(_))
            || self.rules[rule.0].matcher.action.each().iter().any(|a| matches!(a, Action::Unknown { .. }))
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
}
