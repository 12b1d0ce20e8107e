//! Community ID version 1, seed 0: an identifier that other tools compute alike.

use super::{Flow, Side};
use crate::Transport;

/// The Community ID of a flow. The specification knows ports for TCP, UDP and SCTP only: the
/// identifier of a DCCP or UDP-Lite flow is that of its addresses and protocol, as other tools
/// have it.
pub fn community_id(flow: &Flow) -> String {
    let (a, b) = (flow.end(Side::First), flow.end(Side::Second));
    let protocol = flow.transport().ip_protocol();
    let ports = match flow.transport() {
        Transport::Tcp | Transport::Udp | Transport::Sctp => (Some(a.port), Some(b.port)),
        Transport::Dccp | Transport::UdpLite => (None, None),
    };
    community_id::calculate_community_id(0, a.address, b.address, ports.0, ports.1, protocol, false)
        // Only a mix of IPv4 and IPv6 is refused, and one packet has one kind.
        .unwrap_or_default()
}
