//! What should catch the eye, and what explains it.

use std::fmt;
use std::str::FromStr;

/// How much a flag asks of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlagRank {
    /// It is to be looked at. Tables for people show these flags, and how many others there are.
    Look,
    /// It explains what is seen otherwise.
    Explains,
    /// It is for the record.
    Record,
}

impl FlagRank {
    /// Every rank, the first one first.
    pub const ALL: [FlagRank; 3] = [FlagRank::Look, FlagRank::Explains, FlagRank::Record];

    /// The word that documentation uses.
    pub const fn name(self) -> &'static str {
        match self {
            FlagRank::Look => "look",
            FlagRank::Explains => "explains",
            FlagRank::Record => "record",
        }
    }

    /// What the rank means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            FlagRank::Look => "to be looked at",
            FlagRank::Explains => "explains what is seen",
            FlagRank::Record => "for the record",
        }
    }
}

/// Defines the flags in the order of outputs: a variant each, with its word, its rank and its meaning.
macro_rules! flags {
    ($($(#[$about:meta])* $flag:ident, $name:literal, $rank:ident, $meaning:literal;)*) => {
        /// Something about a flow that should catch the eye, or explain what does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Flag {
            $($(#[$about])* $flag,)*
        }

        impl Flag {
            /// Every flag, in the order of outputs.
            pub const ALL: [Flag; [$(Flag::$flag),*].len()] = [$(Flag::$flag),*];

            /// The word that outputs use; it does not change between versions.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Flag::$flag => $name,)*
                }
            }

            /// How much it asks of a reader.
            pub const fn rank(self) -> FlagRank {
                match self {
                    $(Flag::$flag => FlagRank::$rank,)*
                }
            }

            /// What the flag means, for people; the wording may change.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Flag::$flag => $meaning,)*
                }
            }
        }
    };
}

flags! {
    /// The server's port lies in the dynamic range.
    DynamicPort, "dynamic-port", Look, "the server's port lies in the dynamic range, which is never assigned";
    /// Nobody has registered the port.
    UnassignedPort, "unassigned-port", Look, "nobody has registered the server's port";
    /// The port is reserved by IANA, and has no service on another transport.
    ReservedPort, "reserved-port", Look, "the server's port is reserved by IANA, and has no service on another transport";
    /// Once registered, now not.
    WithdrawnPort, "withdrawn-port", Look, "the server's port was registered once and no longer is";
    /// Registered, but not for this transport.
    OtherTransport, "other-transport", Look, "the server's port is registered, but not for this transport";
    /// The registry notes unauthorized use of this port.
    UnauthorizedUse, "unauthorized-use", Look, "the registry notes unauthorized use of the server's port";
    /// The registry notes a widespread use that was never assigned.
    WidespreadUse, "widespread-use", Explains, "the registry notes a widespread use that was never assigned";
    /// The server side is a guess between two plausible ones.
    AmbiguousDirection, "ambiguous-direction", Look, "the server is a guess between the two ends, whose ports differ";
    /// The client's port is registered too, and may be taken for the server's: the server is not sure,
    /// or its port has no service and the client's is a system port.
    ClientPortRegistered, "client-port-registered", Explains, "the client's port is registered, and its name may be taken for that of the flow";
    /// The payload does not match the registered protocol.
    EvidenceContradicts, "evidence-contradicts", Look, "the payload does not match the registered protocol";
    /// The protocol that the payload shows, or else the registered service, sends credentials or content in the
    /// clear. Its absence does not tell that it does not: of most services it is not known.
    Cleartext, "cleartext", Explains, "the protocol that the payload shows, or else the registered service, sends credentials or content in the clear";
    /// It sends credentials of its own in the clear, as well as content.
    CleartextLogin, "cleartext-login", Look, "the protocol that the payload shows, or else the registered service, sends credentials in the clear";
    /// Only one side was seen, and the other was to be expected: no group, and no service that answers
    /// nothing.
    OneWay, "one-way", Explains, "only one side was seen where both were to be expected";
    /// The opening was answered with a refusal.
    Refused, "refused", Explains, "the opening was answered with a reset or an ICMP unreachable";
    /// The opening was not seen.
    MidStream, "mid-stream", Record, "the opening was not seen";
    /// Fragments of one datagram hold the same octets.
    OverlappingFragments, "overlapping-fragments", Look, "fragments of one datagram hold the same octets";
    /// A first fragment is too small for its transport header.
    TinyFragments, "tiny-fragments", Look, "a first fragment is too small for its transport header";
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
pub struct Flags(u32);

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

    /// The flags of a rank, in the order of outputs.
    pub fn of_rank(self, rank: FlagRank) -> impl Iterator<Item = Flag> {
        self.iter().filter(move |flag| flag.rank() == rank)
    }

    /// The flags in the order of outputs.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let flag = *Flag::ALL.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(flag)
        })
    }
}
