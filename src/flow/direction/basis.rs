//! The kinds of evidence for which side is the server, and how far each is trusted.

use std::fmt;

/// The evidence that decided which side is the server, strongest first.
///
/// The order is measured: of the captures in `tests/flow/truth_by_hiding.rs`, every connection whose
/// opening was captured shows its server; the opening is taken out and the rest is asked again. Of
/// datagrams, what their payload says of who asks is not looked at. Over 1,865 such connections and 1,178
/// flows of datagrams (and 4,577 and 2,057 that begin at a random packet) these were right where they
/// decided:
///
/// | basis | connections | datagrams |
/// |---|---|---|
/// | `multicast` | - | 100 % (100 %) |
/// | `pair` | 100 % (100 %) | 100 % (100 %) |
/// | `ephemeral` | 100 % (100 %) | 99.8 % (100 %) |
/// | `endpoint` | 100 % (100 %) | 100 % (100 %) |
/// | `registered` | 61 % (67 %) | 100 % (100 %) |
/// | `range` | 98 % (96 %) | 94 % (63 %) |
/// | `first-packet` | 94 % (42 %) | 89 % (61 %) |
///
/// All together 99.4 % (98.1 %) and 99.5 % (97.6 %). What is left for the lower rows are the hard cases:
/// clients of old systems, which picked ports from 1024 on, among registered ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Basis {
    /// An opening or its answer was seen.
    Handshake,
    /// An opening or its answer was seen in an earlier flow of the same ends, and none since: the
    /// connection paused for longer than the idle time-out.
    Continuation,
    /// The destination is a multicast or broadcast address, by the IP or the link layer.
    Multicast,
    /// The types of ICMP are those of a question and its answer.
    IcmpType,
    /// The two ports are the client's and the server's of one service, such as DHCP's 68 and 67.
    Pair,
    /// The first payload says who asks, where it is looked at ([`crate::flow::FlowOptions::payload`]).
    Payload,
    /// Exactly one of the two ports lies where systems pick client ports from.
    Ephemeral,
    /// In other flows one end was a client, or has talked to several peers or peer ports, and the
    /// other has not.
    Endpoint,
    /// The network's own names (an overlay) name a service at one of the two ends.
    LocalName,
    /// Exactly one of the two ports is registered for this transport.
    Registered,
    /// The ports lie in different ranges, system before user before dynamic; or one of them alone where
    /// old systems picked client ports from, 1024 to 5000. Silent where both are ephemeral.
    Range,
    /// The sender of the first packet seen is taken for the client.
    FirstPacket,
}

/// How surely the server is known: what [`Basis::confidence`] says of the basis that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The flow itself says so: by its opening, its addresses, its pair of ports or its payload.
    High,
    /// Inferred, by evidence that was right in at least 97 of 100 flows whose server is known.
    Medium,
    /// A guess.
    Low,
}

impl Basis {
    /// Every basis, in the order in which they are asked: the first that speaks decides.
    pub const ALL: [Basis; 12] = [
        Basis::Handshake,
        Basis::Continuation,
        Basis::Multicast,
        Basis::IcmpType,
        Basis::Pair,
        Basis::Payload,
        Basis::Ephemeral,
        Basis::Endpoint,
        Basis::LocalName,
        Basis::Registered,
        Basis::Range,
        Basis::FirstPacket,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::Handshake => "handshake",
            Basis::Continuation => "continuation",
            Basis::Multicast => "multicast",
            Basis::IcmpType => "icmp-type",
            Basis::Pair => "pair",
            Basis::Payload => "payload",
            Basis::Endpoint => "endpoint",
            Basis::LocalName => "local-name",
            Basis::Registered => "registered",
            Basis::Ephemeral => "ephemeral",
            Basis::Range => "range",
            Basis::FirstPacket => "first-packet",
        }
    }

    /// What the basis means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Basis::Handshake => "the opening of the connection, or its answer, was captured",
            Basis::Continuation => "an earlier part of the connection shows who opened it",
            Basis::Multicast => "the destination is a multicast or broadcast address",
            Basis::IcmpType => "the ICMP message is a question or an answer, such as an echo request",
            Basis::Pair => "the two ports are the client's and the server's of one service",
            Basis::Payload => "the first payload says who asks",
            Basis::Ephemeral => "only one port lies where systems pick client ports from",
            Basis::Endpoint => "what both ends did in other flows: whom they asked, and who asked them",
            Basis::LocalName => "the network's own names have one for only one of the two ends",
            Basis::Registered => "only one port is registered for this transport",
            Basis::Range => {
                "the ports lie in different ranges: system before user before dynamic, and those of old clients, 1024 to 5000, last"
            }
            Basis::FirstPacket => "the sender of the first packet seen is taken for the client",
        }
    }

    /// How surely a flow's server is known when this basis decides. What is inferred from the numbers of
    /// ports or from other flows is never `high`, however often it was right.
    pub const fn confidence(self) -> Confidence {
        match self {
            Basis::Handshake
            | Basis::Continuation
            | Basis::Multicast
            | Basis::IcmpType
            | Basis::Pair
            | Basis::Payload => Confidence::High,
            Basis::Ephemeral | Basis::Endpoint => Confidence::Medium,
            Basis::LocalName | Basis::Registered | Basis::Range | Basis::FirstPacket => Confidence::Low,
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Confidence {
    /// Every confidence, the surest first.
    pub const ALL: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];

    /// What the word means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Confidence::High => {
                "the flow itself says so: by its opening, its addresses, its pair of ports or its payload"
            }
            Confidence::Medium => {
                "inferred, by evidence that was right in at least 97 of 100 flows whose server is known"
            }
            Confidence::Low => "a guess",
        }
    }

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

crate::text::serialize_by_name!(Basis, Confidence);
