//! Datagrams to many receivers.

use super::{KnownPorts, only, pair};
use crate::flow::{Flow, Side};
use crate::net::is_group;

/// The side that is a group or a broadcast address: by the IP layer, or by the link layer, since no
/// host takes a packet for itself that went to the broadcast address of the link (RFC 1122 section
/// 3.3.6). A group never sends; an address that does is none, whatever it looks like.
pub(crate) fn group(flow: &Flow) -> Option<Side> {
    if flow.transport().has_handshake() {
        return None;
    }
    only(Side::BOTH.map(|side| {
        flow.packets(side) == 0 && is_group(flow.end(side).address) || flow.is_link_broadcast(side)
    }))
}

/// The group as the server: its port is the service, but for answers. Those go from a registered port
/// to one that a client asked from.
pub(super) fn server(flow: &Flow, known: &impl KnownPorts) -> Option<Side> {
    let group = group(flow)?;
    let [port, sender] = [group, group.other()].map(|side| flow.end(side).port);
    let is_answer = pair::server(flow) == Some(group.other())
        || known.is_ephemeral(port)
            && !known.is_registered(flow.transport(), port)
            && known.is_registered(flow.transport(), sender);
    (!is_answer).then_some(group)
}
