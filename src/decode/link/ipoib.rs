//! IP over InfiniBand (LINKTYPE_IPOIB; RFC 4391 section 6).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ether_type;
use crate::net::EtherType;

/// Global routing header, or a pseudo header in its place.
const GLOBAL: usize = 40;
/// EtherType and two reserved octets.
const HEADER: usize = 4;

/// Decodes a packet.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(GLOBAL..) {
        Some([high, low, _, _, payload @ ..]) => {
            ether_type(walk, EtherType::from_octets([*high, *low]), payload)
        }
        _ => walk.cut(Layer::Link, GLOBAL + HEADER, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_packet() {
        let packet = [&[1; 40][..], &[8, 0, 0, 0], &UDP4].concat();
        every_prefix(LinkType::IPOIB, &packet, 44 + UDP4_PORTS);
    }
}
