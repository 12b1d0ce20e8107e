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
    known: HashMap<Box<[Step]>, ContextId, foldhash::fast::RandomState>,
}

impl Contexts {
    /// The number of a stack.
    #[inline]
    pub(super) fn intern(&mut self, stack: &[Step]) -> ContextId {
        if stack.is_empty() {
            return ContextId(0);
        }
        if let Some(&id) = self.known.get(stack) {
            return id;
        }
        self.stacks.push(stack.into());
        let id = ContextId(self.stacks.len() as u32);
        self.known.insert(stack.into(), id);
        id
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

    /// The tunnels, outermost first, joined by slashes, with the tags inside them; empty without
    /// tunnels.
    pub fn tunnel(&self, id: ContextId) -> String {
        let mut text = String::new();
        for step in self.steps(id).iter().skip_while(|step| step.kind == StepKind::Vlan) {
            let slash = if text.is_empty() { "" } else { "/" };
            let _ = write!(text, "{slash}{step}");
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
