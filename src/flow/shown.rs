//! What is shown of the packets that one side of a flow sent, and is no part of the flow's key.

use super::{ContextId, Contexts};
use crate::decode::Step;
use crate::net::Interface;

/// The interface of a side's first packet, and the tags and tunnels of its first packet that has any.
///
/// Two bits say what is settled, so that a packet which adds nothing costs one comparison. The rest is the
/// number of a context that holds both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown(pub(super) u32);

impl Shown {
    /// The side's first packet was seen, and its interface noted, if it has any.
    const BEGUN: u32 = 1;
    /// Tags or tunnels were seen.
    const STACKED: u32 = 2;

    pub(super) fn new(context: ContextId, is_stacked: bool) -> Shown {
        Shown(context.0 << 2 | Shown::BEGUN | if is_stacked { Shown::STACKED } else { 0 })
    }

    /// This after a packet that shows neither interface nor tags nor tunnels.
    pub(super) fn begun(self) -> Shown {
        Shown(self.0 | Shown::BEGUN)
    }

    /// The number of what is shown.
    pub(super) fn context(self) -> ContextId {
        ContextId(self.0 >> 2)
    }

    /// The same with another table's number.
    pub(super) fn moved(self, moved: impl Fn(ContextId) -> ContextId) -> Shown {
        Shown(moved(self.context()).0 << 2 | self.0 & (Shown::BEGUN | Shown::STACKED))
    }

    /// Whether a packet with these tags and tunnels adds nothing.
    #[inline]
    pub(super) fn is_settled_for(self, stack: &[Step]) -> bool {
        let needed = if stack.is_empty() { Shown::BEGUN } else { Shown::BEGUN | Shown::STACKED };
        self.0 & needed == needed
    }

    /// Whether the side's first packet was seen.
    pub(super) fn has_begun(self) -> bool {
        self.0 & Shown::BEGUN != 0
    }

    /// Whether tags or tunnels were seen.
    pub(super) fn is_stacked(self) -> bool {
        self.0 & Shown::STACKED != 0
    }
}

impl Contexts {
    /// What is shown of a side after a packet on an interface, with these tags and tunnels.
    pub(super) fn show(&mut self, shown: Shown, interface: Option<&Interface>, stack: &[Step]) -> Shown {
        let stack = self.intern(stack);
        let next = match interface {
            None => stack,
            some => {
                let interface = self.intern_interface(some);
                self.on(interface, stack)
            }
        };
        self.join(shown, Shown::new(next, stack != ContextId(0)))
    }

    /// What is shown of a side whose later packets show `later`.
    pub(super) fn join(&mut self, shown: Shown, later: Shown) -> Shown {
        if !shown.has_begun() {
            later
        } else if !shown.is_stacked() && later.is_stacked() {
            let (interface, _) = self.parts(shown.context());
            let (_, stack) = self.parts(later.context());
            Shown::new(self.on(interface, stack), true)
        } else {
            shown
        }
    }
}
