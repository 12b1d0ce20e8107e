//! The tags and tunnels around flows and the interfaces they came by, each distinct combination once.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::HashTable;

use super::interfaces::{InterfaceId, Interfaces};
use crate::decode::{MAX_STEPS, Step, StepKind};
use crate::foreign::Foreign;
use crate::net::Interface;

/// A stack of tags and tunnels, and the interface it was seen on where that is shown; 0 is none at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextId(pub(crate) u32);

/// Every distinct stack of tags and tunnels that is part of a flow's key, or that a flow shows.
///
/// What is part of a flow's key, and what is only shown:
///
/// | part of the key | shown |
/// |---|---|
/// | the kinds of tunnels and their order | the interface; VLAN tags (unless [`FlowOptions::separate_vlans`](super::FlowOptions::separate_vlans)), MPLS labels, service paths |
/// | numbers that name a network with addresses of its own: VNI of VXLAN, instance, I-SID, session of PPPoE | numbers that each end of a tunnel chooses, or each direction has: TEID, session of L2TP and of ERSPAN, key of GRE, subnet of NVGRE, VNI of Geneve, SPI |
#[derive(Clone, Debug, Default)]
pub struct Contexts {
    all: Vec<Known>,
    /// The steps of all stacks, one after another: a context takes some 50 bytes.
    steps: Vec<Step>,
    /// Numbers of stacks, by their steps.
    known: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    on_interfaces: HashMap<(InterfaceId, ContextId), ContextId, foldhash::fast::RandomState>,
    interfaces: Interfaces,
    separate_vlans: bool,
}

/// One context.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// Tags and tunnels alone, as keys have them: where their steps begin, and how many there are.
    Stack(u32, u8),
    /// An interface, and the tags and tunnels on it.
    On(InterfaceId, ContextId),
}

impl Contexts {
    pub(super) fn new(separate_vlans: bool) -> Contexts {
        Contexts { separate_vlans, ..Contexts::default() }
    }

    /// The number of a stack, which is kept from then on: for what a flow shows.
    pub(super) fn intern(&mut self, stack: &[Step]) -> ContextId {
        self.number(stack.iter().copied())
    }

    /// The number of what a stack adds to a flow's key: of the stack without what the two directions need
    /// not share. The rest is not kept: each packet of a flow may have another.
    #[inline]
    pub(super) fn key(&mut self, stack: &[Step]) -> ContextId {
        if stack.is_empty() { ContextId(0) } else { self.key_of_some(stack) }
    }

    fn key_of_some(&mut self, stack: &[Step]) -> ContextId {
        let separate_vlans = self.separate_vlans;
        self.number(stack.iter().filter_map(|step| {
            let separates = separate_vlans && step.kind == StepKind::Vlan;
            if separates { Some(*step) } else { step.of_both_directions() }
        }))
    }

    fn number(&mut self, stack: impl Iterator<Item = Step> + Clone) -> ContextId {
        if stack.clone().next().is_none() {
            return ContextId(0);
        }
        let hash_of = |stack: &mut dyn Iterator<Item = Step>| {
            let mut hash = self.hasher.build_hasher();
            stack.for_each(|step| step.hash(&mut hash));
            hash.finish()
        };
        let (all, steps) = (&self.all, &self.steps);
        let steps_of = |&id: &u32| steps_of(all, steps, ContextId(id)).iter().copied();
        let hash = hash_of(&mut stack.clone());
        if let Some(&id) = self.known.find(hash, |id| steps_of(id).eq(stack.clone())) {
            return ContextId(id);
        }
        let id = self.all.len() as u32 + 1;
        self.known.insert_unique(hash, id, |id| hash_of(&mut steps_of(id)));
        let first = self.steps.len();
        self.steps.extend(stack);
        // A packet has at most 64 steps.
        self.all.push(Known::Stack(first as u32, (self.steps.len() - first) as u8));
        ContextId(id)
    }

    /// The stack of a number, outermost first.
    pub fn steps(&self, id: ContextId) -> &[Step] {
        steps_of(&self.all, &self.steps, self.stack(id))
    }

    fn known(&self, id: ContextId) -> Option<Known> {
        known(&self.all, id)
    }

    /// The interface of a number and its tags and tunnels without one.
    pub(super) fn parts(&self, id: ContextId) -> (InterfaceId, ContextId) {
        match self.known(id) {
            Some(Known::On(interface, stack)) => (interface, stack),
            _ => (InterfaceId::default(), id),
        }
    }

    /// The tags and tunnels of a number without the interface.
    pub fn stack(&self, id: ContextId) -> ContextId {
        self.parts(id).1
    }

    /// The interface of a number, where it is known.
    pub fn interface(&self, id: ContextId) -> Option<&Interface<'static>> {
        self.interfaces.get(self.parts(id).0)
    }

    pub(super) fn intern_interface(&mut self, interface: Option<&Interface>) -> InterfaceId {
        self.interfaces.intern(interface)
    }

    /// The number of tags and tunnels on an interface.
    pub(super) fn on(&mut self, interface: InterfaceId, stack: ContextId) -> ContextId {
        if interface == InterfaceId::default() {
            return stack;
        }
        if let Some(&id) = self.on_interfaces.get(&(interface, stack)) {
            return id;
        }
        self.all.push(Known::On(interface, stack));
        let id = ContextId(self.all.len() as u32);
        self.on_interfaces.insert((interface, stack), id);
        id
    }

    /// The tags and tunnels of a number as text, outermost first, joined by slashes; empty for none.
    pub(super) fn stack_text(&self, id: ContextId) -> String {
        let mut text = String::new();
        for step in self.steps(id) {
            let slash = if text.is_empty() { "" } else { "/" };
            // Writing to a string does not fail.
            let _ = write!(text, "{slash}{step}");
        }
        text
    }

    /// The number of the stack that [`Contexts::stack_text`] wrote; `None` for other texts.
    pub(super) fn intern_text(&mut self, text: &str) -> Option<ContextId> {
        if text.is_empty() {
            return Some(ContextId(0));
        }
        let steps: Vec<Step> =
            text.split('/').take(MAX_STEPS + 1).map(Step::of_text).collect::<Option<_>>()?;
        (steps.len() <= MAX_STEPS).then(|| self.intern(&steps))
    }

    /// Takes over the contexts of another table; the numbers that they have here, by the numbers that
    /// they have there.
    pub(super) fn take_over(&mut self, other: &Contexts) -> Vec<ContextId> {
        let mut moved = Vec::with_capacity(other.all.len() + 1);
        moved.push(ContextId(0));
        for (known, number) in other.all.iter().zip(1..) {
            let id = match *known {
                Known::Stack(..) => self.intern(other.steps(ContextId(number))),
                Known::On(interface, stack) => {
                    let interface = self.interfaces.intern(other.interfaces.get(interface));
                    // A stack comes before what is on an interface.
                    let stack = moved.get(stack.0 as usize).copied().unwrap_or_default();
                    self.on(interface, stack)
                }
            };
            moved.push(id);
        }
        moved
    }

    /// The interfaces that the first packets came by, as text; empty where unknown. `there` and `back`
    /// are as for [`Contexts::vlan`]: `eth0>eth1` where they differ.
    pub fn interfaces(&self, there: Option<ContextId>, back: Option<ContextId>) -> Foreign<String> {
        let text = |interface: &Interface| interface.to_text().raw().to_owned();
        self.interfaces_as(there, back, |interface| interface.map_or(String::new(), text))
    }

    /// The same in other words for each interface, known or not.
    pub(crate) fn interfaces_as(
        &self,
        there: Option<ContextId>,
        back: Option<ContextId>,
        text: impl Fn(Option<&Interface>) -> String,
    ) -> Foreign<String> {
        let text = |id| text(self.interface(id));
        Foreign::new(both(there.map(text), back.map(text)))
    }

    /// The VLAN identifiers of the outermost frame, outermost first, joined by dots; empty
    /// without tags. `there` is the stack of the packets to the server and `back` that of those from
    /// it, where there are any: what differs is shown for both, `34>47`, with `-` for no tag.
    pub fn vlan(&self, there: Option<ContextId>, back: Option<ContextId>) -> String {
        both(there.map(|id| self.tags(id)), back.map(|id| self.tags(id)))
    }

    fn tags(&self, id: ContextId) -> String {
        let mut text = String::new();
        for tag in self.vlans(id) {
            let dot = if text.is_empty() { "" } else { "." };
            // Writing to a string does not fail.
            let _ = write!(text, "{dot}{tag}");
        }
        text
    }

    /// The VLAN identifiers of the outermost frame of a stack, outermost first.
    pub fn vlans(&self, id: ContextId) -> impl Iterator<Item = u64> {
        outer_tags(self.steps(id)).iter().map(|step| step.id)
    }

    /// The tunnels of a stack with the tags inside them, outermost first.
    pub fn tunnels(&self, id: ContextId) -> &[Step] {
        let steps = self.steps(id);
        &steps[outer_tags(steps).len()..]
    }

    /// The tunnels around a flow, outermost first, joined by slashes, with the tags inside them;
    /// empty without tunnels. `there` and `back` are as for [`Contexts::vlan`]. Where the two
    /// directions have different numbers, both are shown: `gtp:7,9`. Where they have different
    /// labels, both stacks are: `mpls:16/ip>ip`.
    pub fn tunnel(&self, there: Option<ContextId>, back: Option<ContextId>) -> String {
        let [there, back] = [there, back].map(|id| Some(self.tunnels(id?)));
        let kinds = |steps: &[Step]| steps.iter().map(|step| step.kind).collect::<Vec<_>>();
        match (there, back) {
            (Some(there), Some(back)) if kinds(there) == kinds(back) => tunnels(there, back),
            _ => {
                let alone = |steps: &[Step]| tunnels(steps, steps);
                both(there.map(alone), back.map(alone))
            }
        }
    }
}

fn known(all: &[Known], id: ContextId) -> Option<Known> {
    all.get(id.0.checked_sub(1)? as usize).copied()
}

/// The steps of a stack; none of what is on an interface.
fn steps_of<'a>(all: &[Known], steps: &'a [Step], id: ContextId) -> &'a [Step] {
    match known(all, id) {
        Some(Known::Stack(first, count)) => {
            steps.get(first as usize..).and_then(|rest| rest.get(..count.into()))
        }
        _ => None,
    }
    .unwrap_or_default()
}

/// The tags before the first tunnel.
fn outer_tags(steps: &[Step]) -> &[Step] {
    let count = steps.iter().take_while(|step| step.kind == StepKind::Vlan).count();
    &steps[..count]
}

/// Steps of the same kinds, as text.
fn tunnels(there: &[Step], back: &[Step]) -> String {
    let mut text = String::new();
    for (step, back) in there.iter().zip(back) {
        let slash = if text.is_empty() { "" } else { "/" };
        let _ = write!(text, "{slash}{step}");
        if back.id != step.id {
            let _ = write!(text, ",{}", back.id);
        }
    }
    text
}

/// What both directions show, once where it is one thing.
fn both(there: Option<String>, back: Option<String>) -> String {
    match (there, back) {
        (Some(there), Some(back)) if there != back => {
            let or_none = |text: String| if text.is_empty() { "-".to_owned() } else { text };
            format!("{}>{}", or_none(there), or_none(back))
        }
        (Some(text), _) | (None, Some(text)) => text,
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(steps: &[(StepKind, u64)]) -> Vec<Step> {
        steps.iter().map(|&(kind, id)| Step { kind, id }).collect()
    }

    #[test]
    fn what_the_directions_need_not_share_is_shown_and_no_part_of_the_key() {
        use StepKind::{Geneve, Gre, Gtp, Ip, Mpls, Nvgre, Vlan};
        for (there, back, vlan, tunnel) in [
            (
                stack(&[(Vlan, 5), (Gtp, 7), (Ip, 0)]),
                stack(&[(Vlan, 5), (Gtp, 9), (Ip, 0)]),
                "5",
                "gtp:7,9/ip",
            ),
            (stack(&[(Geneve, 11)]), stack(&[(Geneve, 10)]), "", "geneve:11,10"),
            (stack(&[(Gre, 0)]), stack(&[(Nvgre, 0x2_0000)]), "", "gre:0>nvgre:131072"),
            (stack(&[(Vlan, 34)]), stack(&[(Vlan, 47)]), "34>47", ""),
            (stack(&[(Vlan, 3), (Vlan, 34)]), stack(&[(Vlan, 34)]), "3.34>34", ""),
            (stack(&[]), stack(&[(Vlan, 47)]), "->47", ""),
            (stack(&[(Mpls, 16), (Ip, 0)]), stack(&[(Ip, 0)]), "", "mpls:16/ip>ip"),
            (stack(&[(Mpls, 16)]), stack(&[]), "", "mpls:16>-"),
            (stack(&[(Mpls, 16)]), stack(&[(Mpls, 17)]), "", "mpls:16,17"),
            (stack(&[(Ip, 0), (Vlan, 1)]), stack(&[(Ip, 0), (Vlan, 2)]), "", "ip/vlan:1,2"),
        ] {
            let mut contexts = Contexts::default();
            assert_eq!(contexts.key(&there), contexts.key(&back), "{vlan} {tunnel}");
            let (there, back) = (contexts.intern(&there), contexts.intern(&back));
            assert_eq!(contexts.vlan(Some(there), Some(back)), vlan);
            assert_eq!(contexts.tunnel(Some(there), Some(back)), tunnel);
            assert_eq!(contexts.vlan(Some(there), None), contexts.vlan(Some(there), Some(there)));
            assert_eq!(contexts.tunnel(None, Some(back)), contexts.tunnel(Some(back), Some(back)));
        }
    }

    #[test]
    fn numbers_of_networks_tell_flows_apart() {
        let mut contexts = Contexts::default();
        let one = contexts.key(&stack(&[(StepKind::Vxlan, 1)]));
        let two = contexts.key(&stack(&[(StepKind::Vxlan, 2)]));
        assert_ne!(one, two);
        assert_eq!(contexts.tunnel(Some(two), Some(two)), "vxlan:2");
    }

    #[test]
    fn vlans_tell_flows_apart_where_that_is_asked() {
        let mut contexts = Contexts::new(true);
        let one = contexts.key(&stack(&[(StepKind::Vlan, 1)]));
        let two = contexts.key(&stack(&[(StepKind::Vlan, 2)]));
        assert_ne!(one, two);
        assert_ne!(one, ContextId(0));
    }

    #[test]
    fn what_is_no_part_of_the_key_is_not_kept() {
        let mut contexts = Contexts::default();
        let keys: Vec<ContextId> = (0..1000)
            .map(|number| contexts.key(&stack(&[(StepKind::Vlan, number), (StepKind::Gtp, number)])))
            .collect();
        assert_eq!(keys, [ContextId(1); 1000]);
        assert_eq!((contexts.all.len(), contexts.steps.len()), (1, 1));
        assert_eq!(contexts.steps(ContextId(1)), stack(&[(StepKind::Gtp, 0)]));
        assert_eq!(contexts.key(&stack(&[(StepKind::Vlan, 7)])), ContextId(0));
    }
}
