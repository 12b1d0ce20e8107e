//! The grade of one flow.

use super::super::model::Grade;
use crate::Transport;
use crate::flow::{Flow, Side};
use crate::services;

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
        (true, false) if services::is_one_way(flow.transport(), flow.end(server).port) => Grade::OnewayOk,
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
