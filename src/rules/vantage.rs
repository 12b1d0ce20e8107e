//! On which side of the firewall a capture shows what a rule looks at.

use std::collections::HashMap;

use serde::Serialize;

use super::choose::Chosen;
use super::hook::{ChainHook, ChainKind};
use super::nat::{Nat, NatPart};
use super::ranges::Ranges;
use super::rule::{Action, Rule, RuleId};
use super::ruleset::Ruleset;
use super::space::{Dimension, Space};
use super::verdict::RuleState;
use crate::net::from_number;

/// The side of the firewall on which a capture tells whether a rule takes a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CaptureSide {
    /// Either.
    Either,
    /// The clients' side.
    Clients,
    /// The servers' side.
    Servers,
    /// Both, or the clients' side and the firewall's table of connections.
    Both,
    /// Neither.
    Neither,
}

/// Why a capture of one side does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SideReason {
    /// What it refuses goes no further.
    Refuses,
    /// It is for packets to the firewall itself.
    ToFirewall,
    /// It is for packets from the firewall itself.
    FromFirewall,
    /// It, or a rule before it, looks at a source that the firewall replaces later.
    SourceIsReplaced,
    /// It looks at a destination that the firewall replaces later.
    DestinationIsReplaced,
    /// It looks at a destination that the firewall has replaced by one that its rules do not tell.
    DestinationIsNotTold,
}

impl SideReason {
    /// In words, after `since`.
    pub const fn in_words(self) -> &'static str {
        match self {
            SideReason::Refuses => "what it refuses goes no further",
            SideReason::ToFirewall => "it is for packets to the firewall itself",
            SideReason::FromFirewall => "it is for packets from the firewall itself",
            SideReason::SourceIsReplaced => {
                "it or a rule before it looks at a source that the firewall replaces later"
            }
            SideReason::DestinationIsReplaced => "it looks at a destination that the firewall replaces later",
            SideReason::DestinationIsNotTold => {
                "it looks at a destination that the firewall has replaced by one that its rules do not tell"
            }
        }
    }
}

/// Where a capture tells whether a rule takes a flow, and why not elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct JudgedFrom {
    /// The side.
    pub side: CaptureSide,
    /// Why.
    pub why: Vec<SideReason>,
}

impl JudgedFrom {
    /// Whether the firewall translates what it looks at.
    pub fn is_translated(&self) -> bool {
        self.why.iter().any(|why| {
            matches!(
                why,
                SideReason::SourceIsReplaced
                    | SideReason::DestinationIsReplaced
                    | SideReason::DestinationIsNotTold
            )
        })
    }

    /// `on the clients' side of the firewall, since what it refuses goes no further`.
    pub fn in_words(&self) -> String {
        let side = match self.side {
            CaptureSide::Either => return "on either side of the firewall".to_owned(),
            CaptureSide::Clients => "on the clients' side of the firewall",
            CaptureSide::Servers => "on the servers' side of the firewall",
            CaptureSide::Both => {
                "on both sides of the firewall, or on the clients' side with its table of connections"
            }
            CaptureSide::Neither => "on no side of the firewall",
        };
        let why: Vec<&str> = self.why.iter().map(|why| why.in_words()).collect();
        format!("{side}, since {}", why.join(", and "))
    }

    fn of(mut why: Vec<SideReason>) -> JudgedFrom {
        why.sort_unstable();
        why.dedup();
        let needs_clients = why.iter().any(|why| {
            matches!(
                why,
                SideReason::Refuses
                    | SideReason::ToFirewall
                    | SideReason::SourceIsReplaced
                    | SideReason::DestinationIsReplaced
            )
        });
        let needs_servers = why.contains(&SideReason::FromFirewall);
        let side = if why.contains(&SideReason::DestinationIsNotTold) {
            if why.contains(&SideReason::Refuses) { CaptureSide::Neither } else { CaptureSide::Both }
        } else {
            match (needs_clients, needs_servers) {
                (false, false) => CaptureSide::Either,
                // What the firewall itself sends and refuses is seen nowhere.
                (true, true) => CaptureSide::Neither,
                (true, false) => CaptureSide::Clients,
                (false, true) => CaptureSide::Servers,
            }
        };
        JudgedFrom { side, why }
    }
}

/// What a packet says of its source.
const OF_SOURCE: [Dimension; 3] = [Dimension::Source, Dimension::SourcePort, Dimension::InInterface];
/// And of its destination.
const OF_DESTINATION: [Dimension; 2] = [Dimension::Destination, Dimension::DestinationPort];
/// What is known when the destination is replaced, and is the same later.
const BEFORE_ROUTING: [Dimension; 4] =
    [Dimension::Protocol, Dimension::Source, Dimension::SourcePort, Dimension::InInterface];

/// A rule that replaces sources.
struct SourceSetter<'a> {
    pieces: &'a [Space],
    /// For each chain with rules that look at sources of its packets, the place of the first.
    looking: HashMap<usize, usize>,
}

/// A rule that replaces destinations.
struct DestinationSetter<'a> {
    pieces: &'a [Space],
    to: Vec<Nat>,
    /// Whether it can be told what it does.
    is_told: bool,
}

impl Ruleset {
    /// For each rule where a capture tells whether it takes a flow, on the way that was chosen.
    pub fn judged_from(&self, chosen: &Chosen) -> Vec<JudgedFrom> {
        let mut way: Vec<usize> = chosen.whole_way().collect();
        way.sort_unstable();
        way.dedup();
        let pieces: Vec<Vec<Space>> = self.rules.iter().map(|rule| rule.matcher.pieces().0).collect();
        let mut hooks: Vec<Vec<&ChainHook>> = vec![Vec::new(); self.chains.len()];
        let (mut sources, mut destinations) = (Vec::new(), Vec::new());
        for &base in &way {
            let Some(of_base) = &self.chains[base].base else { continue };
            for chain in self.reachable([base]) {
                if of_base.kind != ChainKind::Nat {
                    hooks[chain].push(&of_base.hook);
                } else if matches!(of_base.hook, ChainHook::Postrouting | ChainHook::Input) {
                    sources.extend(self.source_setters(chain, &pieces));
                } else {
                    destinations.extend(self.destination_setters(chain, &pieces));
                }
            }
        }
        for setter in &mut sources {
            for (chain, _) in hooks.iter().enumerate().filter(|(_, hooks)| !hooks.is_empty()) {
                let looks = |id: &RuleId| {
                    pieces[id.0].iter().any(|piece| limits(piece, &OF_SOURCE) && meets(setter.pieces, piece))
                };
                if let Some(place) = self.chains[chain].rules.iter().position(looks) {
                    setter.looking.insert(chain, place);
                }
            }
        }
        let mut all = vec![JudgedFrom::of(Vec::new()); self.rules.len()];
        for chain in (0..hooks.len()).filter(|&chain| !hooks[chain].is_empty()) {
            let rules = &self.chains[chain].rules;
            let policy = self.chains[chain].base.as_ref().map(|base| (rules.len(), &base.policy));
            for (place, id) in rules.iter().enumerate().chain(policy) {
                let rule = &self.rules[id.0];
                all[id.0] =
                    JudgedFrom::of(why(rule, &pieces[id.0], (chain, place), &hooks, &sources, &destinations));
            }
        }
        all
    }

    fn source_setters<'a>(&self, chain: usize, pieces: &'a [Vec<Space>]) -> Vec<SourceSetter<'a>> {
        let sets = |id: &&RuleId| {
            let each = self.rules[id.0].matcher.action.each();
            each.iter().any(|one| one.translates())
        };
        let rules = self.chains[chain].rules.iter().filter(sets);
        rules.map(|id| SourceSetter { pieces: &pieces[id.0], looking: HashMap::new() }).collect()
    }

    fn destination_setters<'a>(&self, chain: usize, pieces: &'a [Vec<Space>]) -> Vec<DestinationSetter<'a>> {
        // A rule that cannot be decided leaves open whether those behind it are asked.
        let mut is_reached = true;
        let mut all = Vec::new();
        for id in &self.chains[chain].rules {
            let rule = &self.rules[id.0];
            is_reached &= rule.state == RuleState::Full;
            let of_action = |action: &&Action| match action {
                Action::Nat(nat) => Some(*nat),
                _ => None,
            };
            let to: Vec<Nat> = rule.matcher.action.each().iter().filter_map(of_action).collect();
            if !to.is_empty() {
                let is_told = is_reached && to.iter().all(Nat::is_told);
                all.push(DestinationSetter { pieces: &pieces[id.0], to, is_told });
            }
        }
        all
    }
}

fn why(
    rule: &Rule,
    pieces: &[Space],
    (chain, place): (usize, usize),
    all_hooks: &[Vec<&ChainHook>],
    sources: &[SourceSetter<'_>],
    destinations: &[DestinationSetter<'_>],
) -> Vec<SideReason> {
    let mut why = Vec::new();
    let hooks = &all_hooks[chain][..];
    let refuses = |action: &&Action| matches!(action, Action::Drop | Action::Reject);
    if rule.matcher.action.each().iter().any(refuses) {
        why.push(SideReason::Refuses);
    }
    if hooks.iter().all(|hook| **hook == ChainHook::Input) {
        why.push(SideReason::ToFirewall);
    }
    if hooks.iter().all(|hook| **hook == ChainHook::Output) {
        why.push(SideReason::FromFirewall);
    }
    let is_before_routing = hooks
        .iter()
        .any(|hook| matches!(hook, ChainHook::Ingress | ChainHook::Prerouting | ChainHook::Output));
    let source_is_replaced = |setter: &SourceSetter<'_>| {
        let looks_before = setter.looking.iter().any(|(&other, &first)| {
            if other == chain { first < place } else { is_on_way(&all_hooks[other], hooks) }
        });
        let of = |piece: &Space| {
            (limits(piece, &OF_SOURCE) || looks_before)
                && setter.pieces.iter().any(|set| {
                    // Before routing packets still have the destination that clients gave them.
                    if is_before_routing {
                        meet_in(set, piece, &BEFORE_ROUTING)
                    } else {
                        !set.is_disjoint(piece)
                    }
                })
        };
        pieces.iter().any(of)
    };
    // What is for the firewall itself goes no further, and no source of it is replaced.
    if !why.contains(&SideReason::ToFirewall) && sources.iter().any(source_is_replaced) {
        why.push(SideReason::SourceIsReplaced);
    }
    for setter in destinations {
        for piece in pieces.iter().filter(|piece| limits(piece, &OF_DESTINATION)) {
            if is_before_routing && meets(setter.pieces, piece) {
                why.push(SideReason::DestinationIsReplaced);
            }
            if !is_before_routing && !setter.is_told && setter.may_give(piece) {
                why.push(SideReason::DestinationIsNotTold);
            }
        }
    }
    why
}

/// Whether packets that come to a chain at some hooks come to another before, or at the same hook.
fn is_on_way(other: &[&ChainHook], hooks: &[&ChainHook]) -> bool {
    let place = |hook: &ChainHook| match hook {
        ChainHook::Ingress => 0,
        ChainHook::Prerouting => 1,
        ChainHook::Input | ChainHook::Forward | ChainHook::Output => 2,
        ChainHook::Postrouting => 3,
        _ => 4,
    };
    other.iter().any(|before| hooks.iter().any(|hook| before == hook || place(before) < place(hook)))
}

/// Whether a space asks for one of these.
fn limits(space: &Space, dimensions: &[Dimension]) -> bool {
    dimensions.iter().any(|dimension| space.limit(*dimension).is_some())
}

fn meets(all: &[Space], piece: &Space) -> bool {
    all.iter().any(|one| !one.is_disjoint(piece))
}

/// Whether two spaces share something, as far as these tell.
fn meet_in(one: &Space, other: &Space, dimensions: &[Dimension]) -> bool {
    one.family == other.family
        && dimensions.iter().all(|dimension| match (one.limit(*dimension), other.limit(*dimension)) {
            (Some(one), Some(other)) => !one.is_disjoint(other),
            _ => true,
        })
}

impl DestinationSetter<'_> {
    /// Whether it may make of a packet what a space asks for.
    fn may_give(&self, asked: &Space) -> bool {
        let fits = |before: &Space, nat: &Nat| match nat {
            Nat::Own(_) => true,
            Nat::To(address, port) => {
                let of_address = |number| from_number(asked.family, number);
                may_be(
                    address,
                    asked.limit(Dimension::Destination),
                    before.limit(Dimension::Destination),
                    of_address,
                ) && may_be(
                    port,
                    asked.limit(Dimension::DestinationPort),
                    before.limit(Dimension::DestinationPort),
                    |number| number as u16,
                )
            }
        };
        self.pieces.iter().any(|before| {
            meet_in(before, asked, &BEFORE_ROUTING) && self.to.iter().any(|nat| fits(before, nat))
        })
    }
}

/// Whether what becomes of a value may be among those asked for.
fn may_be<T: Ord + Copy>(
    part: &NatPart<T>,
    asked: Option<&Ranges>,
    before: Option<&Ranges>,
    value: impl Fn(u128) -> T,
) -> bool {
    let Some(asked) = asked else { return true };
    let meets = |first: T, last: T| {
        asked.as_slice().iter().any(|&(from, to)| value(from) <= last && first <= value(to))
    };
    match *part {
        NatPart::Unknown => true,
        NatPart::Same => before.is_none_or(|before| !before.is_disjoint(asked)),
        NatPart::To(to) => meets(to, to),
        NatPart::Among(first, last) => meets(first, last),
    }
}

impl Nat {
    /// Whether it says what an address and a port become.
    fn is_told(&self) -> bool {
        match self {
            Nat::To(address, port) => {
                matches!(address, NatPart::Same | NatPart::To(_))
                    && matches!(port, NatPart::Same | NatPart::To(_))
            }
            Nat::Own(_) => false,
        }
    }
}
