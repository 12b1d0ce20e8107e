//! The way of a packet through the chains of several hooks.

use super::choose::Chosen;
use super::early::CONNTRACK_PRIORITY;
use super::flow::NewFlow;
use super::hook::{ChainHook, ChainKind};
use super::judgement::{Ended, Judgement, Passed, Translation};
use super::point::{Point, Tri};
use super::rule::Nat;
use super::ruleset::Ruleset;
use super::space::{Dimension, state};
use super::verdict::RuleVerdict;
use super::walk::{ChainWalk, PathEnd};
use crate::net::number;

/// A packet on its way.
#[derive(Clone)]
pub(super) struct Way<'a> {
    pub ruleset: &'a Ruleset,
    pub chosen: &'a Chosen,
    pub flow: &'a NewFlow<'a>,
    /// The packet as the next chain sees it.
    pub point: Point,
    /// What the chains that judge did, in their order.
    pub stages: Vec<Stage>,
    pub judgement: Judgement,
    /// Every path has ended.
    pub is_over: bool,
}

/// What one base chain may do.
#[derive(Clone)]
pub(super) struct Stage {
    /// Whether the packet comes to it for certain.
    certain: bool,
    /// Whether it may end the packet's way.
    may_refuse: bool,
    /// The rules that may let it go on to the next chain.
    accepts: Vec<Ended>,
}

impl Way<'_> {
    /// Sets what the routing table says of the destination, as far as the hook that packets come to
    /// next tells, or the firewall's own addresses do.
    pub fn knows_destination(&mut self, hook: Option<&ChainHook>) {
        let routed = match self.judgement.translation {
            Translation::To(address, _) => NewFlow { destination: address, ..*self.flow },
            _ => *self.flow,
        };
        let by_address = match self.chosen.own.has(routed.destination) {
            Tri::Yes => Some(&ChainHook::Input),
            Tri::No => Some(&ChainHook::Forward),
            Tri::Maybe => None,
        };
        if let Some(fresh) = Point::new(&routed, hook.or(by_address)) {
            self.point.set(Dimension::DestinationType, fresh.get(Dimension::DestinationType));
        }
    }

    /// Through chains one after the other: what one of them drops the next does not see.
    pub fn through(&mut self, chains: &[usize]) {
        if self.is_over {
            return;
        }
        let mut source_known = true;
        for &chain in chains {
            let Some(base) = &self.ruleset.chains[chain].base else { continue };
            if base.hook == ChainHook::Postrouting && base.kind == ChainKind::Nat {
                source_known = false;
                continue;
            }
            let judges = self.chosen.judges(self.point.family, chain);
            if base.kind == ChainKind::Nat && !judges {
                self.translate(chain);
                continue;
            }
            let mut point = self.point.clone();
            if !source_known {
                point.set(Dimension::Source, None);
                point.set(Dimension::SourcePort, None);
            }
            let untracked = match base.hook {
                ChainHook::Prerouting | ChainHook::Output => base.priority < CONNTRACK_PRIORITY,
                ChainHook::Ingress => true,
                _ => false,
            };
            // Before connection tracking there is no connection to ask about: nftables and iptables then say
            // that it is invalid (Linux, `nft_ct.c`, `xt_conntrack.c`).
            if untracked {
                point.set(Dimension::State, Some(state::INVALID.into()));
            }
            let mut walk = ChainWalk::new(self.ruleset, &point);
            walk.base_chain(chain);
            let untracks = |passed: &Passed| self.ruleset.rules[passed.rule.0].matcher.untracks;
            if untracked && (walk.cut || walk.passed.iter().any(untracks)) {
                self.point.set(Dimension::State, None);
            }
            if judges && !self.stage(walk, base.hook == ChainHook::Ingress || base.hook == ChainHook::Egress)
            {
                return;
            }
        }
    }

    /// Takes what a chain may do; `some_devices` where it may see the packet or not. Returns whether
    /// the packet may go on.
    fn stage(&mut self, walk: ChainWalk<'_>, some_devices: bool) -> bool {
        let certain = self.judgement.ends.is_empty() && !self.judgement.cut && !some_devices;
        self.judgement.cut |= walk.cut;
        let passed = walk.passed.into_iter();
        self.judgement.passed.extend(passed.map(|p| Passed { certain: p.certain && certain, ..p }));
        let (mut accepts, mut may_refuse) = (Vec::new(), false);
        for (rule, end) in walk.ends {
            match end {
                PathEnd::Verdict(RuleVerdict::Accept) | PathEnd::Nat(_) => {
                    accepts.push(Ended { rule, verdict: RuleVerdict::Accept });
                }
                PathEnd::Verdict(verdict) => {
                    may_refuse = true;
                    self.judgement.ends.push(Ended { rule, verdict });
                }
            }
        }
        accepts.sort_unstable();
        accepts.dedup();
        let goes_on = !accepts.is_empty() || !may_refuse || walk.cut || some_devices;
        self.is_over |= !goes_on;
        // A chain that is for others, as those of security groups are, is not on the way.
        if may_refuse || !accepts.is_empty() {
            self.stages.push(Stage { certain, may_refuse, accepts });
        }
        goes_on
    }

    /// The destination as a chain of translation sets it.
    fn translate(&mut self, chain: usize) {
        if self.judgement.translation != Translation::None {
            return;
        }
        let mut walk = ChainWalk::new(self.ruleset, &self.point);
        walk.base_chain(chain);
        self.judgement.translation = match walk.ends[..] {
            [(_, PathEnd::Nat(Nat::To(address, port)))] if !walk.cut => {
                Translation::To(address.unwrap_or(self.flow.destination), port)
            }
            _ if walk.cut || walk.ends.iter().any(|(rule, end)| self.ruleset.translates(*rule, *end)) => {
                Translation::Uncertain
            }
            _ => Translation::None,
        };
        match self.judgement.translation {
            Translation::To(address, port) => {
                self.point.set(Dimension::Destination, Some(number(address)));
                if let Some(port) = port {
                    self.point.set(Dimension::DestinationPort, Some(port.into()));
                }
                self.point.set(Dimension::Translated, Some(1));
            }
            Translation::Uncertain => self.point.set(Dimension::Translated, None),
            Translation::None => {}
        }
        self.knows_destination(None);
    }

    /// What the whole way comes to. Of a packet that no chain refuses, the last rule that lets it
    /// through ends it, or where only policies do the last of them.
    pub fn end(mut self) -> Judgement {
        let rules = &self.ruleset.rules;
        let names_rule = |stage: &Stage| stage.accepts.iter().any(|end| !rules[end.rule.0].policy);
        let main = if self.is_over {
            self.stages.len()
        } else {
            self.stages.iter().rposition(names_rule).unwrap_or(self.stages.len().saturating_sub(1))
        };
        for (n, stage) in self.stages.into_iter().enumerate() {
            if n == main {
                self.judgement.ends.extend(stage.accepts);
            } else {
                let certain = stage.certain && stage.accepts.len() == 1 && !stage.may_refuse;
                let of = |end: Ended| Passed { rule: end.rule, certain };
                self.judgement.accepted.extend(stage.accepts.into_iter().map(of));
            }
        }
        self.judgement.ends.sort_unstable();
        self.judgement.ends.dedup();
        self.judgement
    }
}
