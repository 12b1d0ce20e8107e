//! The way of a packet through the chains of several hooks.

use std::net::IpAddr;

use super::choose::Chosen;
use super::early::CONNTRACK_PRIORITY;
use super::flow::NewFlow;
use super::hook::{ChainHook, ChainKind};
use super::judgement::{Ended, Judgement, Passed};
use super::point::{Point, Tri, destination_type};
use super::rule::RuleId;
use super::ruleset::Ruleset;
use super::space::{Dimension, destination, state};
use super::verdict::RuleVerdict;
use super::walk::{ChainWalk, PathEnd};

/// Where a packet is routed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Routed {
    To(IpAddr),
    /// To the firewall itself, by an address that is not known.
    Own,
    Unknown,
}

/// A packet on its way.
#[derive(Clone)]
pub(super) struct Way<'a> {
    pub ruleset: &'a Ruleset,
    pub chosen: &'a Chosen,
    pub flow: &'a NewFlow<'a>,
    /// The packet as the next chain sees it.
    pub point: Point,
    /// Where it goes.
    pub routed: Routed,
    /// Whether its destination, and whether its source, has been translated: it is so once.
    pub is_translated: [bool; 2],
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

impl<'a> Way<'a> {
    /// Sets what the routing table says of the destination, as far as the hook that packets come to
    /// next tells, or the firewall's own addresses do.
    pub fn knows_destination(&mut self, hook: Option<&ChainHook>) {
        let by_address = match self.to_own() {
            Tri::Yes => Some(&ChainHook::Input),
            Tri::No => Some(&ChainHook::Forward),
            Tri::Maybe => None,
        };
        let kind = match self.routed {
            Routed::To(address) => destination_type(address, self.flow.content, hook.or(by_address)),
            Routed::Own => Some(destination::LOCAL),
            Routed::Unknown => None,
        };
        self.point.set(Dimension::DestinationType, kind.map(u128::from));
    }

    /// Through chains one after the other, along every way that those which translate leave open: what
    /// one of them drops the next does not see.
    pub fn through(self, chains: &[usize]) -> Vec<Way<'a>> {
        let mut ways = vec![self];
        for &chain in chains {
            let mut next = Vec::with_capacity(ways.len());
            let mut open = std::mem::take(&mut ways).into_iter();
            while let Some(way) = open.next() {
                if way.is_over {
                    next.push(way);
                } else {
                    way.through_one(chain, open.len(), &mut next);
                }
            }
            ways = next;
        }
        ways
    }

    /// Whether a chain translates and does not judge.
    pub fn is_translating(&self, chain: usize) -> bool {
        let base = self.ruleset.chains[chain].base.as_ref();
        base.is_some_and(|base| base.kind == ChainKind::Nat) && !self.chosen.judges(self.point.family, chain)
    }

    fn through_one(mut self, chain: usize, others: usize, next: &mut Vec<Way<'a>>) {
        let Some(base) = &self.ruleset.chains[chain].base else {
            next.push(self);
            return;
        };
        let judges = self.chosen.judges(self.point.family, chain);
        if self.is_translating(chain) {
            self.translate(chain, base, others, next);
            return;
        }
        let mut point = self.point.clone();
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
        let (ends, passed, cut) = (walk.ends, walk.passed, walk.cut);
        if judges {
            let some_devices = base.hook == ChainHook::Ingress || base.hook == ChainHook::Egress;
            self.stage(ends, passed, cut, some_devices);
        }
        next.push(self);
    }

    /// Takes what a chain may do; `some_devices` where it may see the packet or not.
    fn stage(&mut self, ends: Vec<(RuleId, PathEnd)>, passed: Vec<Passed>, cut: bool, some_devices: bool) {
        let certain = self.judgement.ends.is_empty() && !self.judgement.cut && !some_devices;
        self.judgement.cut |= cut;
        self.judgement
            .passed
            .extend(passed.into_iter().map(|p| Passed { certain: p.certain && certain, ..p }));
        let (mut accepts, mut may_refuse) = (Vec::new(), false);
        for (rule, end) in ends {
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
        let goes_on = !accepts.is_empty() || !may_refuse || cut || some_devices;
        self.is_over |= !goes_on;
        // A chain that is for others, as those of security groups are, is not on the way.
        if may_refuse || !accepts.is_empty() {
            self.stages.push(Stage { certain, may_refuse, accepts });
        }
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
