//! Community ID version 1, seed 0: an identifier that other tools compute alike.

use super::{Flow, Side};
use crate::Transport;
use crate::net::End;

/// The Community ID of a flow. The specification knows ports for TCP, UDP and SCTP, and puts types of ICMP
/// in their place: the identifier of any other flow is that of its addresses and protocol, as other
/// tools have it. `None` for what the specification does not know: ICMP in IPv6, and ICMPv6 in IPv4.
pub fn community_id(flow: &Flow) -> Option<String> {
    let (a, b) = (flow.end(Side::First), flow.end(Side::Second));
    match flow.transport() {
        Some(transport) => community_id_of(transport, a, b),
        None => calculated(a, b, flow.key.icmp_values(), flow.protocol().0),
    }
}

/// The Community ID of flows between two ends on a transport.
pub fn community_id_of(transport: Transport, a: End, b: End) -> Option<String> {
    let ports = match transport {
        Transport::Tcp | Transport::Udp | Transport::Sctp => (a.port, b.port),
        Transport::Dccp | Transport::UdpLite => (None, None),
    };
    calculated(a, b, ports, transport.ip_protocol())
}

fn calculated(a: End, b: End, ports: (Option<u16>, Option<u16>), protocol: u8) -> Option<String> {
    community_id::calculate_community_id(0, a.address, b.address, ports.0, ports.1, protocol, false).ok()
}
