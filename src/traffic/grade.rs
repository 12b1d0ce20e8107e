//! How well a flow shows that a service is in use.

use serde::Serialize;

use crate::Transport;
use crate::flow::{Flow, Side};
use crate::net::icmp;
use crate::services;

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
    /// The server answered an opening of a scan, which did not go on: something listens there, nobody
    /// uses it.
    ScanAnswered,
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
    pub const ALL: [Grade; 11] = [
        Grade::NoReply,
        Grade::Refused,
        Grade::Unreachable,
        Grade::ScanAnswered,
        Grade::HalfOpen,
        Grade::OneSided,
        Grade::Group,
        Grade::OnewayOk,
        Grade::Midstream,
        Grade::Answered,
        Grade::AnsweredData,
    ];

    /// The grade of a flow between two hosts whose server is known. A flow to a group is
    /// [`Grade::Group`], and an answer to a scan [`Grade::ScanAnswered`], which are not told here.
    pub fn of(flow: &Flow, server: Side) -> Grade {
        match flow.transport() {
            Some(Transport::Tcp | Transport::Sctp | Transport::Dccp) => of_connection(flow, server),
            Some(Transport::Udp | Transport::UdpLite) | None => of_datagrams(flow, server),
        }
    }

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Grade::NoReply => "no-reply",
            Grade::Refused => "refused",
            Grade::Unreachable => "unreachable",
            Grade::ScanAnswered => "scan-answered",
            Grade::HalfOpen => "half-open",
            Grade::OneSided => "one-sided",
            Grade::Group => "group",
            Grade::OnewayOk => "oneway-ok",
            Grade::Midstream => "midstream",
            Grade::Answered => "answered",
            Grade::AnsweredData => "answered-data",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Grade::NoReply => "Clients asked, and nothing came back.",
            Grade::Refused => "The server refused to talk.",
            Grade::Unreachable => "The network answered that the server or its port cannot be reached.",
            Grade::ScanAnswered => {
                "The server answered a scan that went no further, so it listens but was not used."
            }
            Grade::HalfOpen => "The server answered, and the client did not go on.",
            Grade::OneSided => "Only one direction was captured, and it shows more than an attempt.",
            Grade::Group => "It was sent to a group of hosts, which need not answer.",
            Grade::OnewayOk => {
                "It was sent by a protocol that needs no answer, so that it arrived is not shown."
            }
            Grade::Midstream => {
                "Both sides sent, but the beginning is missing, so which one is the server is a guess."
            }
            Grade::Answered => "The two sides made a connection, in which the server sent nothing.",
            Grade::AnsweredData => "The server answered with data.",
        }
    }

    /// Whether it counts as a service in use.
    pub const fn in_use(self) -> InUse {
        match self {
            Grade::NoReply | Grade::Refused | Grade::Unreachable | Grade::ScanAnswered | Grade::Group => {
                InUse::No
            }
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

fn of_datagrams(flow: &Flow, server: Side) -> Grade {
    let (asked, answered) = (flow.packets(server.other()) > 0, flow.packets(server) > 0);
    match (asked, answered) {
        (true, true) => Grade::AnsweredData,
        (false, _) => Grade::OneSided,
        (true, false) if flow.is_unreachable(server.other()) => Grade::Unreachable,
        (true, false) if is_one_way(flow, server) => Grade::OnewayOk,
        (true, false) => Grade::NoReply,
    }
}

/// Whether nothing answers by design: of what has no ports, only some messages of ICMP are questions.
fn is_one_way(flow: &Flow, server: Side) -> bool {
    match flow.transport().zip(flow.port(server)) {
        Some((transport, port)) => services::is_one_way(transport, port),
        None => !flow.icmp_asked(server).is_some_and(|asked| icmp::is_question(asked.family, asked.kind)),
    }
}

fn of_connection(flow: &Flow, server: Side) -> Grade {
    let client = server.other();
    // What only an opening that was answered leads to.
    let went_on = flow.has_confirmed(client) || flow.has_answered_an_opening(client);
    if flow.packets(server) == 0 {
        return if flow.is_unreachable(client) {
            Grade::Unreachable
        } else if went_on {
            Grade::OneSided
        } else {
            Grade::NoReply
        };
    }
    // A host without the service resets whatever comes; nothing else was heard of it.
    if flow.has_only_reset(server) {
        return Grade::Refused;
    }
    if flow.packets(client) == 0 {
        return Grade::OneSided;
    }
    if flow.opened_by() != Some(client) {
        return Grade::Midstream;
    }
    let payload = flow.has_sent_payload(server);
    match flow.transport() {
        // COOKIE ACK: the server has its own state back, and the association begins (RFC 9260
        // section 5.1). A COOKIE ECHO alone may have met nobody.
        Some(Transport::Sctp) if flow.has_confirmed(server) || payload => Grade::AnsweredData,
        Some(Transport::Sctp) => Grade::HalfOpen,
        // A Response is the service's own: a host without it sends a Reset (RFC 4340 section 8.1).
        Some(Transport::Dccp) => Grade::AnsweredData,
        _ if !flow.has_confirmed(client) => Grade::HalfOpen,
        _ if payload => Grade::AnsweredData,
        _ => Grade::Answered,
    }
}
