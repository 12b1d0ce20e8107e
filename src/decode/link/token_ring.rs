//! Token Ring (LINKTYPE_IEEE802_5; IEEE 802.5-1998 clause 3, IP on it: RFC 1042).
//!
//! LLC follows after at most 31 octets of source routing. Frames of the ring's management count as not
//! IP.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::llc;

/// Access control, frame control, two addresses.
const HEADER: usize = 14;

/// Decodes a frame.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    if header[1] & 0xc0 != 0x40 {
        return Outcome::NotIp;
    }
    // The group bit of the source address says that routing information follows, whose first
    // five bits beyond the type are its length.
    let routing = match rest.first() {
        Some(control) if header[8] & 0x80 != 0 => usize::from(control & 0x1f),
        _ => 0,
    };
    match rest.get(routing..) {
        Some(payload) => llc::decode(walk, payload),
        None => walk.cut(Layer::Link, HEADER + routing, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

    #[test]
    fn every_prefix_of_a_frame() {
        let packet = [&[0x10, 0x40][..], &[2; 12], &SNAP, &UDP4].concat();
        every_prefix(LinkType::IEEE802_5, &packet, 22 + UDP4_PORTS);
    }

    #[test]
    fn every_prefix_of_a_routed_frame() {
        let packet = [&[0x10, 0x40][..], &[2; 6], &[0x82; 6], &[4, 0, 0, 1], &SNAP, &UDP4].concat();
        every_prefix(LinkType::IEEE802_5, &packet, 26 + UDP4_PORTS);
    }
}
