//! What should catch the eye.

use std::fmt;
use std::str::FromStr;

/// Something about a flow that should catch the eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Flag {
    /// The server's port lies in the dynamic range.
    DynamicPort,
    /// Nobody has registered the port.
    UnassignedPort,
    /// The port is reserved by IANA, and has no service on another transport.
    ReservedPort,
    /// Once registered, now not.
    WithdrawnPort,
    /// Registered, but not for this transport.
    OtherTransport,
    /// The registry notes unauthorized use of this port.
    UnauthorizedUse,
    /// The registry notes a widespread use that was never assigned.
    WidespreadUse,
    /// The server side is a guess between two plausible ones.
    AmbiguousDirection,
    /// The client's port is registered too, and may be taken for the server's: the server is not sure,
    /// or its port has no service and the client's is a system port.
    ClientPortRegistered,
    /// The payload does not match the registered protocol.
    EvidenceContradicts,
    /// The registered service sends credentials or content in the clear. Its absence does not tell that it
    /// does not: of most services it is not known.
    Cleartext,
    /// Only one side was seen, and the other was to be expected: no group, and no service that answers
    /// nothing.
    OneWay,
    /// The opening was answered with a refusal.
    Refused,
    /// The opening was not seen.
    MidStream,
    /// Fragments of one datagram hold the same octets.
    OverlappingFragments,
    /// A first fragment is too small for its transport header.
    TinyFragments,
}

impl Flag {
    /// Every flag, in the order of outputs.
    pub const ALL: [Flag; 16] = [
        Flag::DynamicPort,
        Flag::UnassignedPort,
        Flag::ReservedPort,
        Flag::WithdrawnPort,
        Flag::OtherTransport,
        Flag::UnauthorizedUse,
        Flag::WidespreadUse,
        Flag::AmbiguousDirection,
        Flag::ClientPortRegistered,
        Flag::EvidenceContradicts,
        Flag::Cleartext,
        Flag::OneWay,
        Flag::Refused,
        Flag::MidStream,
        Flag::OverlappingFragments,
        Flag::TinyFragments,
    ];

    /// The word that outputs use; it does not change between versions.
    pub const fn name(self) -> &'static str {
        match self {
            Flag::DynamicPort => "dynamic-port",
            Flag::UnassignedPort => "unassigned-port",
            Flag::ReservedPort => "reserved-port",
            Flag::WithdrawnPort => "withdrawn-port",
            Flag::OtherTransport => "other-transport",
            Flag::UnauthorizedUse => "unauthorized-use",
            Flag::WidespreadUse => "widespread-use",
            Flag::AmbiguousDirection => "ambiguous-direction",
            Flag::ClientPortRegistered => "client-port-registered",
            Flag::EvidenceContradicts => "evidence-contradicts",
            Flag::Cleartext => "cleartext",
            Flag::OneWay => "one-way",
            Flag::Refused => "refused",
            Flag::MidStream => "mid-stream",
            Flag::OverlappingFragments => "overlapping-fragments",
            Flag::TinyFragments => "tiny-fragments",
        }
    }

    /// What the flag means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Flag::DynamicPort => "the server's port lies in the dynamic range, which is never assigned",
            Flag::UnassignedPort => "nobody has registered the server's port",
            Flag::ReservedPort => "the server's port is reserved by IANA",
            Flag::WithdrawnPort => "the server's port was registered once and no longer is",
            Flag::OtherTransport => "the server's port is registered, but not for this transport",
            Flag::UnauthorizedUse => "the registry notes unauthorized use of the server's port",
            Flag::WidespreadUse => "the registry notes a widespread use that was never assigned",
            Flag::AmbiguousDirection => "the server is a guess between the two ends",
            Flag::ClientPortRegistered => {
                "the client's port is registered, and its name may be taken for that of the flow"
            }
            Flag::EvidenceContradicts => "the payload does not match the registered protocol",
            Flag::Cleartext => "the registered service sends credentials or content in the clear",
            Flag::OneWay => "only one side was seen where both were to be expected",
            Flag::Refused => "the opening was answered with a reset or an ICMP unreachable",
            Flag::MidStream => "the opening was not seen",
            Flag::OverlappingFragments => "fragments of one datagram hold the same octets",
            Flag::TinyFragments => "a first fragment is too small for its transport header",
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// An unknown flag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown flag `{0}`")]
pub struct UnknownFlag(pub String);

impl serde::Serialize for Flag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The words of the flags as a list.
impl serde::Serialize for Flags {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl FromStr for Flag {
    type Err = UnknownFlag;

    fn from_str(text: &str) -> Result<Flag, UnknownFlag> {
        Flag::ALL.into_iter().find(|flag| flag.name() == text).ok_or_else(|| UnknownFlag(text.to_owned()))
    }
}

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags(u16);

impl Flags {
    /// Adds a flag.
    pub fn set(&mut self, flag: Flag) {
        self.0 |= 1 << flag as u8;
    }

    /// Whether the set has a flag.
    pub fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u8) != 0
    }

    /// Whether the set has no flags.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The words of the flags in the order of outputs.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Flag::name)
    }

    /// The flags in the order of outputs.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |&flag| self.has(flag))
    }
}
