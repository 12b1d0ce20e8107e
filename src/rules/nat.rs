//! What rules of translation make of addresses and ports.

use std::net::IpAddr;

/// What becomes of an address or a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NatPart<T> {
    /// It stays.
    Same,
    To(T),
    /// To one from the first to the last, which the kernel chooses.
    Among(T, T),
    /// One of several, or not known.
    Unknown,
}

impl<T: Ord> NatPart<T> {
    /// Whether it may become this value.
    pub fn may_be(&self, value: &T) -> bool {
        match self {
            NatPart::To(to) => to == value,
            NatPart::Among(first, last) => (first..=last).contains(&value),
            NatPart::Same | NatPart::Unknown => true,
        }
    }

    /// What a value that may not be known is set to.
    pub fn known(value: Option<T>) -> NatPart<T> {
        value.map_or(NatPart::Unknown, NatPart::To)
    }
}

/// What a rule of translation does. Whether it is the source or the destination that changes, the hook
/// says: the source on the way out and in the hook input, the destination else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nat {
    To(NatPart<IpAddr>, NatPart<u16>),
    /// To an address of the interface: of the one by which it came in for `redirect`, of the one by
    /// which it goes out for `masquerade`.
    Own(NatPart<u16>),
}

impl Nat {
    /// To something that is not known.
    pub const UNKNOWN: Nat = Nat::To(NatPart::Unknown, NatPart::Unknown);
}
