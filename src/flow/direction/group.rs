//! Datagrams to many receivers.

use std::net::IpAddr;

use super::{KnownPorts, only, pair};
use crate::flow::{Flow, Side};
use crate::net::is_group;

/// The side that is a group or a broadcast address: by the IP layer, or by the link layer, since no
/// host takes a packet for itself that went to the broadcast address of the link (RFC 1122 section
/// 3.3.6). A group never sends; an address that does is none, whatever it looks like and however the
/// frames to it are addressed.
pub(crate) fn group(flow: &Flow) -> Option<Side> {
    if flow.has_handshake() {
        return None;
    }
    only(Side::BOTH.map(|side| {
        let address = flow.end(side).address;
        flow.packets(side) == 0
            && (is_group(address) || flow.is_link_broadcast(side) && can_be_directed_broadcast(address))
    }))
}

/// Whether an address can be the broadcast address of a subnet: its host part is all ones (RFC 919 section
/// 7), and is two bits at least (a subnet of one bit has none, RFC 3021 section 2.2). IPv6 has no broadcast.
fn can_be_directed_broadcast(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.to_bits() & 0b11 == 0b11)
}

/// The group as the server: its port is the service, but for answers. Those go from a registered port
/// to one that a client asked from.
pub(super) fn server(flow: &Flow, known: &impl KnownPorts) -> Option<Side> {
    let group = group(flow)?;
    let (transport, ports) = (flow.transport()?, flow.ports()?);
    let [port, sender] = [group, group.other()].map(|side| ports[side as usize]);
    let is_answer = pair::server(flow) == Some(group.other())
        || known.is_ephemeral(port)
            && !known.is_registered(transport, port)
            && known.is_registered(transport, sender);
    (!is_answer).then_some(group)
}
