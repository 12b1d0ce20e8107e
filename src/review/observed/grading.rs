//! The grade of one flow.

use super::super::model::Grade;
use crate::Transport;
use crate::flow::{Flow, Side};

/// Services that expect no answer, so that one way is how they look in use: the transport, the
/// port, and who says so.
pub const ONE_WAY_BY_DESIGN: [(Transport, u16, &str); 12] = [
    (Transport::Udp, 162, "SNMP traps are not answered (RFC 3416 section 4.2.6)"),
    (Transport::Udp, 514, "syslog over UDP has no acknowledgement (RFC 5426 section 4.1)"),
    (Transport::Udp, 2055, "NetFlow exporters send and hear nothing back (RFC 3954)"),
    (Transport::Udp, 4341, "each end of a LISP tunnel chooses its own source port (RFC 9300 section 5.3)"),
    (Transport::Udp, 4739, "IPFIX over UDP has no feedback (RFC 7011 section 10.3)"),
    (
        Transport::Udp,
        4789,
        "the source port of VXLAN is a hash of the inner packet, in each direction its own (RFC 7348 section 5)",
    ),
    (Transport::Udp, 6081, "the same in Geneve (RFC 8926 section 3.3)"),
    (Transport::Udp, 6343, "sFlow agents send datagrams to a collector (RFC 3176)"),
    (Transport::Udp, 6635, "the same in MPLS over UDP (RFC 7510 section 3)"),
    (Transport::Udp, 8125, "statsd takes metrics and answers nothing (its documentation)"),
    (Transport::Udp, 12_201, "GELF over UDP has no acknowledgement (its specification)"),
    (
        Transport::Udp,
        25_826,
        "collectd sends values and waits for nothing (collectd.conf(5), plugin network)",
    ),
];

/// Whether a service expects no answer.
pub fn is_one_way_by_design(transport: Transport, port: u16) -> bool {
    ONE_WAY_BY_DESIGN.iter().any(|&(of, number, _)| of == transport && number == port)
}

impl Grade {
    /// The grade of a flow between two hosts whose server is known. A flow to a group is
    /// [`Grade::Group`], which is not told here.
    pub fn of(flow: &Flow, server: Side) -> Grade {
        match flow.transport() {
            Transport::Tcp | Transport::Sctp | Transport::Dccp => of_connection(flow, server),
            Transport::Udp | Transport::UdpLite => of_datagrams(flow, server),
        }
    }
}

fn of_datagrams(flow: &Flow, server: Side) -> Grade {
    let (asked, answered) = (flow.packets(server.other()) > 0, flow.packets(server) > 0);
    match (asked, answered) {
        (true, true) => Grade::AnsweredData,
        (false, _) => Grade::OneSided,
        (true, false) if flow.is_unreachable(server.other()) => Grade::Unreachable,
        (true, false) if is_one_way_by_design(flow.transport(), flow.end(server).port) => Grade::OnewayOk,
        (true, false) => Grade::NoReply,
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
        Transport::Sctp if flow.has_confirmed(server) || payload => Grade::AnsweredData,
        Transport::Sctp => Grade::HalfOpen,
        // A Response is the service's own: a host without it sends a Reset (RFC 4340 section 8.1).
        Transport::Dccp => Grade::AnsweredData,
        _ if !flow.has_confirmed(client) => Grade::HalfOpen,
        _ if payload => Grade::AnsweredData,
        _ => Grade::Answered,
    }
}
