//! The tags and tunnels around flows, each distinct stack once.

use std::collections::HashMap;
use std::fmt::Write;

use crate::decode::{Step, StepKind};

/// A stack of tags and tunnels; 0 is none at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextId(pub(crate) u32);

/// Every distinct stack of tags and tunnels met so far.
#[derive(Clone, Debug, Default)]
pub struct Contexts {
    stacks: Vec<Box<[Step]>>,
    /// For each stack the one without the numbers that each side of a tunnel chooses for itself.
    keys: Vec<ContextId>,
    known: HashMap<Box<[Step]>, ContextId, foldhash::fast::RandomState>,
}

impl Contexts {
    /// The number of a stack.
    #[inline]
    pub(super) fn intern(&mut self, stack: &[Step]) -> ContextId {
        if stack.is_empty() { ContextId(0) } else { self.intern_some(stack) }
    }

    fn intern_some(&mut self, stack: &[Step]) -> ContextId {
        if let Some(&id) = self.known.get(stack) {
            return id;
        }
        self.stacks.push(stack.into());
        let id = ContextId(self.stacks.len() as u32);
        self.known.insert(stack.into(), id);
        self.keys.push(id);
        if stack.iter().any(|step| step.kind.has_id_per_direction()) {
            let shared: Vec<Step> = stack.iter().map(|step| step.of_both_directions()).collect();
            if *shared != *stack {
                self.keys[id.0 as usize - 1] = self.intern(&shared);
            }
        }
        id
    }

    /// What a stack adds to a flow's key: the stack of the same number as long as both directions
    /// have the same numbers in it, or else one without those that they do not share.
    #[inline]
    pub(super) fn key(&self, id: ContextId) -> ContextId {
        match id.0.checked_sub(1) {
            Some(n) => self.keys.get(n as usize).copied().unwrap_or_default(),
            None => id,
        }
    }

    /// The stack of a number, outermost first.
    pub fn steps(&self, id: ContextId) -> &[Step] {
        match id.0.checked_sub(1) {
            Some(n) => self.stacks.get(n as usize).map_or(&[], |stack| stack),
            None => &[],
        }
    }

    /// The VLAN identifiers of the outermost frame, outermost first, joined by dots; empty
    /// without tags.
    pub fn vlan(&self, id: ContextId) -> String {
        let mut text = String::new();
        for step in self.steps(id).iter().take_while(|step| step.kind == StepKind::Vlan) {
            let dot = if text.is_empty() { "" } else { "." };
            // Writing to a string does not fail.
            let _ = write!(text, "{dot}{}", step.id);
        }
        text
    }

    /// The tunnels around a flow, outermost first, joined by slashes, with the tags inside them;
    /// empty without tunnels. Where the two directions have different numbers, both are shown,
    /// that of the `first` side first: `gtp:7,9`.
    pub fn tunnel(&self, first: ContextId, second: ContextId) -> String {
        let (first, second) = if first == ContextId(0) { (second, first) } else { (first, second) };
        let other = self.steps(second);
        let mut text = String::new();
        for (n, step) in
            self.steps(first).iter().enumerate().skip_while(|(_, step)| step.kind == StepKind::Vlan)
        {
            let slash = if text.is_empty() { "" } else { "/" };
            let _ = write!(text, "{slash}{step}");
            if let Some(back) = other.get(n)
                && back.kind == step.kind
                && back.id != step.id
            {
                let _ = write!(text, ",{}", back.id);
            }
        }
        text
    }
}

impl Contexts {
    /// Every stack but the empty one, in the order of their numbers from 1.
    pub(super) fn stacks(&self) -> impl Iterator<Item = &[Step]> {
        self.stacks.iter().map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(steps: &[(StepKind, u64)]) -> Vec<Step> {
        steps.iter().map(|&(kind, id)| Step { kind, id }).collect()
    }

    #[test]
    fn numbers_of_one_direction_are_shown_and_no_part_of_the_key() {
        let mut contexts = Contexts::default();
        let there = contexts.intern(&stack(&[(StepKind::Vlan, 5), (StepKind::Gtp, 7), (StepKind::Ip, 0)]));
        let back = contexts.intern(&stack(&[(StepKind::Vlan, 5), (StepKind::Gtp, 9), (StepKind::Ip, 0)]));
        assert_ne!(there, back);
        assert_eq!(contexts.key(there), contexts.key(back));
        assert_eq!(contexts.tunnel(there, back), "gtp:7,9/ip");
        assert_eq!(contexts.tunnel(there, ContextId(0)), "gtp:7/ip");
        assert_eq!(contexts.tunnel(ContextId(0), back), "gtp:9/ip");
        assert_eq!(contexts.vlan(there), "5");
    }

    #[test]
    fn numbers_of_both_directions_tell_flows_apart() {
        let mut contexts = Contexts::default();
        let one = contexts.intern(&stack(&[(StepKind::Vxlan, 1)]));
        let two = contexts.intern(&stack(&[(StepKind::Vxlan, 2)]));
        assert_ne!(contexts.key(one), contexts.key(two));
        assert_eq!(contexts.tunnel(two, two), "vxlan:2");
    }
}
