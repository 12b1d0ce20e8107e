//! The judgement of a new flow.

use std::net::IpAddr;

use super::flow::{NewFlow, Point};
use super::rule::{Action, Nat};
use super::space::Dimension;
use super::walk::{Outcome, Walk};
use super::{Chosen, RuleId, Ruleset};
use crate::net::number;
use crate::rules::RuleVerdict;

/// A rule that ends a flow's way through the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// The rule, or the policy.
    pub rule: RuleId,
    /// What it does: accept, drop or reject.
    pub verdict: RuleVerdict,
}

/// A rule that a flow matches on its way, and that ends nothing: a jump, a counter, a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Passed {
    /// The rule.
    pub rule: RuleId,
    /// Whether it matches for certain.
    pub certain: bool,
}

/// What address translation does to the destination before the rules see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Translation {
    /// Nothing.
    #[default]
    None,
    /// The ruleset sets it to this address and, where there are ports, this port.
    To(IpAddr, Option<u16>),
    /// It may be translated, and to what cannot be told; it was judged as it is.
    Uncertain,
}

/// Which rules may judge a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The rules that may end its way, each once, sorted; none where no chosen chain is of the
    /// flow's family, or a security group's chain is not for the flow.
    pub ends: Vec<End>,
    /// The rules that it matches on its way, in their order; one that is passed twice is there
    /// twice.
    pub passed: Vec<Passed>,
    /// What became of its destination.
    pub translation: Translation,
    /// Whether jumps were nested so deeply, or so many, that some were not followed: what else may
    /// end its way is not known then.
    pub cut: bool,
}

impl Judgement {
    /// The one rule that judges it; none where it cannot be told which.
    pub fn definite(&self) -> Option<End> {
        match self.ends[..] {
            [end] if !self.cut => Some(end),
            _ => None,
        }
    }

    /// Whether no rule was asked: no chosen chain is of the flow's family, or it is for others.
    pub fn is_none(&self) -> bool {
        self.ends.is_empty() && !self.cut
    }

    /// What happens to it, where that is certain, though perhaps not by which rule.
    pub fn verdict(&self) -> Option<RuleVerdict> {
        let first = self.ends.first()?.verdict;
        (!self.cut && self.ends.iter().all(|end| end.verdict == first)).then_some(first)
    }
}

/// What of a flow rules look at, besides its addresses, its protocol and the server's port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LooksAt {
    /// The client's port.
    pub source_port: bool,
    /// Type or code of ICMP.
    pub icmp: bool,
    /// The interfaces.
    pub interfaces: bool,
    /// The id of the VLAN.
    pub vlan: bool,
    /// TCP's flags.
    pub tcp_flags: bool,
    /// Fragments, IPv4 options or IPv6 extension headers.
    pub headers: bool,
}

/// Priority of connection tracking at the hooks at which packets come in: what takes packets out of
/// it stands before.
const CONNTRACK_PRIORITY: i64 = -200;

impl Ruleset {
    /// Which rules may judge a new flow.
    pub fn judge(&self, chosen: &Chosen, flow: &NewFlow<'_>) -> Judgement {
        let mut judgement = Judgement::default();
        let Some(mut point) = Point::new(flow, "") else { return judgement };
        let Some(chain) = chosen.chain(point.family) else { return judgement };
        let hook = self.chains[chain].base.as_ref().map_or("", |base| base.hook.as_str());
        self.before(chosen.early(point.family), hook, flow, &mut point, &mut judgement.translation);
        let mut walk = Walk::new(self, &point);
        walk.base_chain(chain);
        judgement.cut = walk.cut;
        judgement.passed = walk.passed;
        judgement.ends = walk
            .ends
            .into_iter()
            .map(|(rule, outcome)| match outcome {
                Outcome::Verdict(verdict) => End { rule, verdict },
                Outcome::Nat(_) => End { rule, verdict: RuleVerdict::Accept },
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
        hook: &str,
        flow: &NewFlow<'_>,
        point: &mut Point,
        translation: &mut Translation,
    ) {
        for &chain in early {
            let base = self.chains[chain].base.as_ref();
            let is_nat = base.is_some_and(|base| base.kind == "nat");
            if !self.chains[chain].families.contains(&point.family)
                || (is_nat && *translation != Translation::None)
            {
                continue;
            }
            let mut walk = Walk::new(self, point);
            walk.base_chain(chain);
            if !is_nat {
                if walk.cut || walk.passed.iter().any(|p| self.rules[p.rule.0].matcher.untracks) {
                    point.set(Dimension::State, None);
                }
                continue;
            }
            *translation = match walk.ends[..] {
                [(_, Outcome::Nat(Nat::To(address, port)))] if !walk.cut => {
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
    fn translates(&self, rule: RuleId, outcome: Outcome) -> bool {
        matches!(outcome, Outcome::Nat(_))
            || self.rules[rule.0].matcher.action.each().iter().any(|a| matches!(a, Action::Unknown { .. }))
    }

    /// The chains that a packet passes before those of a hook, as far as they make a difference to
    /// these: those that translate, and those before connection tracking that take packets out of
    /// it; in the order of their priorities.
    pub(super) fn early_chains(&self, hook: &str) -> Vec<usize> {
        let hook = match hook {
            "forward" | "input" | "postrouting" => "prerouting",
            "output" => "output",
            _ => return Vec::new(),
        };
        let mut early: Vec<usize> = (0..self.chains.len())
            .filter(|&chain| {
                let base = self.chains[chain].base.as_ref();
                base.is_some_and(|base| {
                    base.hook == hook
                        && match base.kind.as_str() {
                            "nat" => self.has(chain, |rule| {
                                rule.action
                                    .each()
                                    .iter()
                                    .any(|action| matches!(action, Action::Nat(_) | Action::Unknown { .. }))
                            }),
                            _ => base.priority < CONNTRACK_PRIORITY && self.has(chain, |rule| rule.untracks),
                        }
                })
            })
            .collect();
        early.sort_by_key(|&chain| self.chains[chain].base.as_ref().map(|base| base.priority));
        early
    }

    fn has(&self, chain: usize, test: impl Fn(&super::rule::Matcher) -> bool) -> bool {
        self.reachable([chain])
            .into_iter()
            .flat_map(|chain| &self.chains[chain].rules)
            .any(|id| test(&self.rules[id.0].matcher))
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
