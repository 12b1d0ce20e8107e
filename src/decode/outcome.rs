//! What became of a packet: its ports, or the reason why there are none.

use std::fmt;

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one transport header with ports was found.
    Ports,
    /// Nothing of IP in it: ARP, LLDP, spanning tree, management frames …
    NotIp,
    /// IP with a protocol that has no ports, by its number.
    Portless(u8),
    /// A fragment other than the first: the ports are in another packet (RFC 791 section 3.2,
    /// RFC 8200 section 4.5).
    LaterFragment,
    /// Behind an encrypted header (ESP, RFC 4303).
    Encrypted,
    /// A header stops before its fixed part is complete.
    Truncated(CutShort),
    /// A header contradicts itself; says which rule it breaks.
    Malformed(&'static str),
    /// More headers inside each other than are followed.
    TooDeep,
    /// A link type that is not decoded.
    UnknownLinkType,
    /// The packet names an interface that its capture does not describe.
    NoInterface,
}

/// A header that stops before its fixed part is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutShort {
    /// Which header.
    pub layer: Layer,
    /// Octets its fixed part takes.
    pub needed: usize,
    /// Octets there were.
    pub had: usize,
}

/// A header that can be cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Layer {
    Link,
    Vlan,
    Ipv4,
    Ipv6,
    Ipv6Extension,
    Authentication,
    Tcp,
    Udp,
    UdpLite,
    Sctp,
    Dccp,
    Tunnel,
}

/// Why a packet is in no flow: the word that outputs use, and counters are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "described at `Outcome`")]
#[repr(u8)]
pub enum Reason {
    NotIp,
    Portless,
    LaterFragment,
    Encrypted,
    Truncated,
    Malformed,
    TooDeep,
    UnknownLinkType,
    NoInterface,
    /// Outside the time window that was asked for.
    OutsideWindow,
}

impl Reason {
    /// Every reason, in the order of reports.
    pub const ALL: [Reason; 10] = [
        Reason::NotIp,
        Reason::Portless,
        Reason::LaterFragment,
        Reason::Encrypted,
        Reason::Truncated,
        Reason::Malformed,
        Reason::TooDeep,
        Reason::UnknownLinkType,
        Reason::NoInterface,
        Reason::OutsideWindow,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::NotIp => "not-ip",
            Reason::Portless => "portless",
            Reason::LaterFragment => "later-fragment",
            Reason::Encrypted => "encrypted",
            Reason::Truncated => "truncated",
            Reason::Malformed => "malformed",
            Reason::TooDeep => "too-deep",
            Reason::UnknownLinkType => "unknown-link-type",
            Reason::NoInterface => "no-interface",
            Reason::OutsideWindow => "outside-window",
        }
    }

    /// The reason in a few words for people.
    pub const fn meaning(self) -> &'static str {
        match self {
            Reason::NotIp => "no IP in it",
            Reason::Portless => "an IP protocol without ports",
            Reason::LaterFragment => "a fragment without its head",
            Reason::Encrypted => "encrypted",
            Reason::Truncated => "cut off before the ports",
            Reason::Malformed => "a header contradicts itself",
            Reason::TooDeep => "more headers inside each other than are followed",
            Reason::UnknownLinkType => "a link type that is not decoded",
            Reason::NoInterface => "an interface that the capture does not describe",
            Reason::OutsideWindow => "outside the time window",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Outcome {
    /// The reason why there are no ports; `None` when there are.
    pub const fn reason(self) -> Option<Reason> {
        Some(match self {
            Outcome::Ports => return None,
            Outcome::NotIp => Reason::NotIp,
            Outcome::Portless(_) => Reason::Portless,
            Outcome::LaterFragment => Reason::LaterFragment,
            Outcome::Encrypted => Reason::Encrypted,
            Outcome::Truncated(_) => Reason::Truncated,
            Outcome::Malformed(_) => Reason::Malformed,
            Outcome::TooDeep => Reason::TooDeep,
            Outcome::UnknownLinkType => Reason::UnknownLinkType,
            Outcome::NoInterface => Reason::NoInterface,
        })
    }

    /// A header of `layer` that needs `needed` octets and has fewer.
    pub(crate) const fn cut(layer: Layer, needed: usize, had: usize) -> Outcome {
        Outcome::Truncated(CutShort { layer, needed, had })
    }
}
