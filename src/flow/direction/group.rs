//! Datagrams to many receivers.

use super::{Ephemeral, only, pair};
use crate::flow::{Flow, Side};
use crate::net::is_group;

/// The side that is a group or a broadcast address: by the IP layer, or by the link layer, since no
/// host takes a packet for itself that went to the broadcast address of the link (RFC 1122 section
/// 3.3.6). A group never sends; an address that does is none, whatever it looks like.
pub(super) fn group(flow: &Flow) -> Option<Side> {
    if flow.transport().has_handshake() {
        return None;
    }
    only(Side::BOTH.map(|side| {
        flow.packets(side) == 0 && is_group(flow.end(side).address) || flow.is_link_broadcast(side)
    }))
}

/// The group as the server: its port is the service, but for answers. Those go to the port that a
/// client asked from; nobody asks from the port of a multicast group.
pub(super) fn server(flow: &Flow, ephemeral: &Ephemeral) -> Option<Side> {
    let group = group(flow)?;
    let end = flow.end(group);
    let is_answer = pair::server(flow) == Some(group.other())
        || !end.address.is_multicast() && ephemeral.contains(end.port);
    (!is_answer).then_some(group)
}
