//! IP over Fibre Channel (LINKTYPE_IP_OVER_FC; RFC 2625 section 3).
//!
//! The packet ends in LLC.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::llc;

/// Network header: two addresses.
const HEADER: usize = 16;

/// Decodes a packet.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(HEADER..) {
        Some(payload) => llc::decode(walk, payload),
        None => walk.cut(Layer::Link, HEADER, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_packet() {
        let packet = [&[1; 16][..], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat();
        every_prefix(LinkType::IP_OVER_FC, &packet, 24 + UDP4_PORTS);
    }
}
