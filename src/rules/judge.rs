//! The judgement of a new flow.

use super::choose::Chosen;
use super::flow::NewFlow;
use super::hook::{ChainHook, ChainKind};
use super::judgement::{Ended, Judgement, LooksAt, Translation};
use super::point::Point;
use super::rule::{Action, Nat, RuleId};
use super::ruleset::Ruleset;
use super::space::Dimension;
use super::verdict::RuleVerdict;
use super::walk::{ChainWalk, PathEnd};
use crate::net::number;

impl Ruleset {
    /// Which rules may judge a new flow.
    pub fn judge(&self, chosen: &Chosen, flow: &NewFlow<'_>) -> Judgement {
        let mut judgement = Judgement::default();
        let Some(mut point) = Point::new(flow, None) else { return judgement };
        let Some(chain) = chosen.chain(point.family) else { return judgement };
        let hook = self.chains[chain].hook();
        self.before(chosen.early(point.family), hook, flow, &mut point, &mut judgement.translation);
        let mut walk = ChainWalk::new(self, &point);
        walk.base_chain(chain);
        judgement.cut = walk.cut;
        judgement.passed = walk.passed;
        judgement.ends = walk
            .ends
            .into_iter()
            .map(|(rule, outcome)| match outcome {
                PathEnd::Verdict(verdict) => Ended { rule, verdict },
                PathEnd::Nat(_) => Ended { rule, verdict: RuleVerdict::Accept },
            })
            .collect();
        judgement.ends.sort_unstable();
        judgement.ends.dedup();
        judgement
    }

    /// What chains of earlier hooks make of a packet: they may take it out of connection tracking,
    /// and translate its destination.
    fn before(
        &self,
        early: &[usize],
        hook: Option<&ChainHook>,
        flow: &NewFlow<'_>,
        point: &mut Point,
        translation: &mut Translation,
    ) {
        for &chain in early {
            let base = self.chains[chain].base.as_ref();
            let is_nat = base.is_some_and(|base| base.kind == ChainKind::Nat);
            if !self.chains[chain].families.contains(&point.family)
                || (is_nat && *translation != Translation::None)
            {
                continue;
            }
            let mut walk = ChainWalk::new(self, point);
            walk.base_chain(chain);
            if !is_nat {
                if walk.cut || walk.passed.iter().any(|p| self.rules[p.rule.0].matcher.untracks) {
                    point.set(Dimension::State, None);
                }
                continue;
            }
            *translation = match walk.ends[..] {
                [(_, PathEnd::Nat(Nat::To(address, port)))] if !walk.cut => {
                    Translation::To(address.unwrap_or(flow.destination), port)
                }
                _ if walk.cut || walk.ends.iter().any(|(rule, outcome)| self.translates(*rule, *outcome)) => {
                    Translation::Uncertain
                }
                _ => Translation::None,
            };
            match *translation {
                Translation::To(address, port) => {
                    point.set(Dimension::Destination, Some(number(address)));
                    if let Some(port) = port {
                        point.set(Dimension::DestinationPort, Some(port.into()));
                    }
                    point.set(Dimension::Translated, Some(1));
                }
                Translation::Uncertain => point.set(Dimension::Translated, None),
                Translation::None => {}
            }
        }
        let routed = match *translation {
            Translation::To(address, _) => NewFlow { destination: address, ..*flow },
            _ => *flow,
        };
        if let Some(fresh) = Point::new(&routed, hook) {
            point.set(Dimension::DestinationType, fresh.get(Dimension::DestinationType));
        }
    }

    /// Whether an end in a chain for translation may translate: a rule that does, or one of which
    /// it is not known what it does.
    fn translates(&self, rule: RuleId, outcome: PathEnd) -> bool {
        matches!(outcome, PathEnd::Nat(_))
            || self.rules[rule.0].matcher.action.each().iter().any(|a| matches!(a, Action::Unknown { .. }))
    }

    /// What of a flow can make a difference to its judgement, besides addresses, protocol and
    /// the port of the server: where all is `false` a judgement may be remembered by these.
    pub fn looks_at(&self, chosen: &Chosen) -> LooksAt {
        let mut looks = LooksAt::default();
        let chosen = chosen.chains().flat_map(|(family, chain)| {
            chosen.early(family).iter().copied().chain([chain]).collect::<Vec<_>>()
        });
        let chains = self.reachable(chosen);
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
