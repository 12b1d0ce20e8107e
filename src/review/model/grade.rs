//! How well a flow shows that a service is in use.

use serde::Serialize;

/// Evidence that a service is in use, weakest first. The grade, and not that a rule was hit,
/// decides what a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// The client asked, nothing came back.
    NoReply,
    /// The opening was answered with a reset.
    Refused,
    /// An ICMP error said that the destination cannot be reached.
    Unreachable,
    /// The server answered the opening, the client did not go on.
    HalfOpen,
    /// Only one direction was captured, and it shows more than an opening.
    OneSided,
    /// Sent to a multicast or broadcast address.
    Group,
    /// One way, in a protocol that expects no answer (syslog, SNMP traps, IPFIX, sFlow, statsd).
    OnewayOk,
    /// Both ways; the beginning was not captured, so the direction is a guess.
    Midstream,
    /// An opening that was answered and confirmed, and no payload of the server.
    Answered,
    /// An answered opening and payload of the server; datagrams both ways.
    AnsweredData,
}

/// Whether a grade counts as a service in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum InUse {
    /// No: a try, a scan, a group.
    No,
    /// It may be.
    Maybe,
    /// Yes.
    Yes,
}

impl Grade {
    /// Every grade, weakest first.
    pub const ALL: [Grade; 10] = [
        Grade::NoReply,
        Grade::Refused,
        Grade::Unreachable,
        Grade::HalfOpen,
        Grade::OneSided,
        Grade::Group,
        Grade::OnewayOk,
        Grade::Midstream,
        Grade::Answered,
        Grade::AnsweredData,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Grade::NoReply => "no-reply",
            Grade::Refused => "refused",
            Grade::Unreachable => "unreachable",
            Grade::HalfOpen => "half-open",
            Grade::OneSided => "one-sided",
            Grade::Group => "group",
            Grade::OnewayOk => "oneway-ok",
            Grade::Midstream => "midstream",
            Grade::Answered => "answered",
            Grade::AnsweredData => "answered-data",
        }
    }

    /// Whether it counts as a service in use.
    pub const fn in_use(self) -> InUse {
        match self {
            Grade::NoReply | Grade::Refused | Grade::Unreachable | Grade::Group => InUse::No,
            Grade::HalfOpen | Grade::OneSided | Grade::OnewayOk => InUse::Maybe,
            Grade::Midstream | Grade::Answered | Grade::AnsweredData => InUse::Yes,
        }
    }
}

impl std::fmt::Display for Grade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
