//! The way of a packet through chains that translate.

use std::net::IpAddr;

use super::chain::BaseChain;
use super::hook::ChainHook;
use super::judgement::{Ended, Passed, Translation};
use super::nat::{Nat, NatPart};
use super::point::{Point, Tri};
use super::rule::{Action, RuleId};
use super::space::{Dimension, state};
use super::verdict::RuleVerdict;
use super::walk::{ChainWalk, PathEnd};
use super::way::{Routed, Way};
use crate::net::number_in;

/// Ways that a packet is followed on at once; where rules leave more open, what they make of it is taken
/// as unknown.
const MAX_WAYS: usize = 16;

/// What a chain may do to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Nothing,
    Translates(RuleId, Nat),
    /// It may be translated, to what cannot be told.
    Perhaps,
}

impl<'a> Way<'a> {
    /// Through a chain of translation, along each way that it leaves open; `others` are the ways that
    /// are followed beside this one. The kernel asks the chains of a hook until one has translated,
    /// and only for what opens a connection (Linux, `nf_nat_inet_fn`).
    pub fn translate(mut self, chain: usize, base: &BaseChain, others: usize, next: &mut Vec<Way<'a>>) {
        let of_source = matches!(base.hook, ChainHook::Input | ChainHook::Postrouting);
        let state = self.point.get(Dimension::State);
        let opens = |state: u128| [state::NEW, state::RELATED].map(u128::from).contains(&state);
        if self.is_translated[usize::from(of_source)] || state.is_some_and(|state| !opens(state)) {
            next.push(self);
            return;
        }
        let mut walk = ChainWalk::new(self.ruleset, &self.point);
        walk.base_chain(chain);
        let certain = self.judgement.ends.is_empty() && !self.judgement.cut && state.is_some();
        let passed = walk.passed.iter().map(|one| Passed { certain: one.certain && certain, ..*one });
        self.judgement.passed.extend(passed);
        let (ends, cut) = (walk.ends, walk.cut);
        let mut effects = self.effects(&ends, cut, certain);
        // Of a packet that belongs to something which is not known, what became of that is not known; and what a
        // helper of the kernel expects it translates as the connection that announced it.
        if state != Some(state::NEW.into()) {
            effects.extend([Effect::Nothing, Effect::Perhaps]);
        }
        effects.sort_unstable();
        effects.dedup();
        if effects.is_empty() {
            self.is_over = true;
            next.push(self);
            return;
        }
        if effects.len() > 1 && effects.len() + others + next.len() > MAX_WAYS {
            for &effect in &effects {
                if let Effect::Translates(rule, _) = effect {
                    self.judgement.translated.push(Passed { rule, certain: false });
                }
            }
            effects = vec![Effect::Perhaps];
        }
        for effect in effects {
            let mut way = self.clone();
            if let Effect::Translates(rule, _) = effect {
                way.judgement.translated.push(Passed { rule, certain });
            }
            if of_source {
                way.set_source(effect);
            } else {
                way.set_destination(effect);
            }
            next.push(way);
        }
    }

    /// What a chain may do, as a walk through it found. A packet that it may drop ends there.
    fn effects(&mut self, ends: &[(RuleId, PathEnd)], cut: bool, certain: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        for &(rule, end) in ends {
            let of_rule = &self.ruleset.rules[rule.0];
            let unknown =
                of_rule.matcher.action.each().iter().any(|one| matches!(one, Action::Unknown { .. }));
            match end {
                PathEnd::Nat(nat) => effects.push(Effect::Translates(rule, nat)),
                PathEnd::Verdict(_) if unknown => effects.extend([Effect::Nothing, Effect::Perhaps]),
                PathEnd::Verdict(RuleVerdict::Accept) => {
                    if !of_rule.policy {
                        self.judgement.passed.push(Passed { rule, certain: certain && ends.len() == 1 });
                    }
                    effects.push(Effect::Nothing);
                }
                PathEnd::Verdict(verdict) => self.judgement.ends.push(Ended { rule, verdict }),
            }
        }
        if cut {
            self.judgement.cut = true;
            effects.extend([Effect::Nothing, Effect::Perhaps]);
        }
        effects
    }

    /// What an effect makes of the destination (0) or the source (1), noting that it is translated.
    fn translation(&mut self, effect: Effect, part: usize) -> Option<Nat> {
        match effect {
            Effect::Nothing => None,
            Effect::Translates(_, nat) => {
                self.is_translated[part] = true;
                Some(nat)
            }
            Effect::Perhaps => Some(Nat::UNKNOWN),
        }
    }

    fn set_destination(&mut self, effect: Effect) {
        let Some(nat) = self.translation(effect, 0) else { return };
        let before = [Dimension::Destination, Dimension::DestinationPort].map(|part| self.point.get(part));
        let (address, port) = match nat {
            Nat::To(address, port) => {
                match address {
                    NatPart::Same => {}
                    NatPart::To(address) => self.routed = Routed::To(address),
                    NatPart::Among(..) | NatPart::Unknown => self.routed = Routed::Unknown,
                }
                (address, port)
            }
            // What the firewall itself sends it then sends to itself, over the loopback.
            Nat::Own(port) => {
                self.routed = Routed::Own;
                (NatPart::Unknown, port)
            }
        };
        set(&mut self.point, Dimension::Destination, Dimension::DestinationPort, address, port);
        let after = [Dimension::Destination, Dimension::DestinationPort].map(|part| self.point.get(part));
        // The kernel says that a destination was translated where it is another than before.
        let is_other = match (before, after) {
            _ if matches!(effect, Effect::Perhaps) => None,
            ([Some(a), _], [Some(b), _]) | ([_, Some(a)], [_, Some(b)]) if a != b => Some(1),
            (before, after) if before == after && before[0].is_some() => Some(0),
            _ => None,
        };
        self.point.set(Dimension::Translated, is_other);
        self.judgement.translation = match (nat, after) {
            (Nat::To(..), [_, port]) if self.point.get(Dimension::Destination).is_some() => {
                let port = port.and_then(|port| u16::try_from(port).ok());
                let has_port = before[1].is_some();
                match self.routed {
                    Routed::To(address) if port.is_some() || !has_port => Translation::To(address, port),
                    _ => Translation::Uncertain,
                }
            }
            _ => Translation::Uncertain,
        };
        self.knows_destination(None);
    }

    fn set_source(&mut self, effect: Effect) {
        let Some(nat) = self.translation(effect, 1) else { return };
        let (address, port) = match nat {
            Nat::To(address, port) => (address, port),
            Nat::Own(port) => (NatPart::Unknown, port),
        };
        // A port that is not set may be changed, so that two connections can be told apart.
        let port = if port == NatPart::Same { NatPart::Unknown } else { port };
        set(&mut self.point, Dimension::Source, Dimension::SourcePort, address, port);
    }

    /// The interface by which it goes out, where the flow as it was captured goes out by `out`.
    pub fn out_interface(&self, out: Option<u128>) -> Option<u128> {
        match self.routed {
            Routed::To(address) if address == self.flow.destination => out,
            Routed::To(address) => self.chosen.route(address),
            Routed::Own | Routed::Unknown => None,
        }
    }

    /// Whether rules of translation suggest that its destination is the firewall itself.
    pub fn is_suspected(&self) -> bool {
        matches!(self.routed, Routed::To(address) if self.chosen.own.suspects(address))
    }

    /// Whether it is routed to the firewall itself.
    pub fn to_own(&self) -> Tri {
        match self.routed {
            Routed::To(address) => self.chosen.own.has(address),
            Routed::Own => Tri::Yes,
            Routed::Unknown => Tri::Maybe,
        }
    }
}

/// Sets an address and, of what has ports, a port.
fn set(point: &mut Point, to: Dimension, to_port: Dimension, address: NatPart<IpAddr>, port: NatPart<u16>) {
    match address {
        NatPart::Same => {}
        NatPart::To(address) => point.set(to, number_in(point.family, address)),
        NatPart::Among(..) | NatPart::Unknown => point.set(to, None),
    }
    match port {
        NatPart::Same => {}
        NatPart::To(port) => point.set(to_port, Some(port.into())),
        NatPart::Among(..) | NatPart::Unknown => point.set(to_port, None),
    }
}
