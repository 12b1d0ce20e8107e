//! Community ID version 1, seed 0: an identifier that other tools compute alike.

use super::{Flow, Side};
use crate::Transport;

/// The Community ID of a flow. The specification knows ports for TCP, UDP and SCTP, and puts types of ICMP
/// in their place: the identifier of any other flow is that of its addresses and protocol, as other
/// tools have it. `None` for what the specification does not know: ICMP in IPv6, and ICMPv6 in IPv4.
pub fn community_id(flow: &Flow) -> Option<String> {
    let (a, b) = (flow.end(Side::First), flow.end(Side::Second));
    let ports = match flow.transport() {
        Some(Transport::Tcp | Transport::Udp | Transport::Sctp) => (a.port, b.port),
        Some(Transport::Dccp | Transport::UdpLite) => (None, None),
        None => flow.key.icmp_values(),
    };
    let protocol = flow.protocol().0;
    community_id::calculate_community_id(0, a.address, b.address, ports.0, ports.1, protocol, false).ok()
}
