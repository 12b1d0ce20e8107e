//! IP over IEEE 1394, FireWire (LINKTYPE_APPLE_IP_OVER_IEEE1394; RFC 2734), as Darwin writes it.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ether_type;
use crate::net::EtherType;

/// Two addresses.
const ADDRESSES: usize = 16;

/// Decodes a packet.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(ADDRESSES..) {
        Some([high, low, payload @ ..]) => ether_type(walk, EtherType::from_octets([*high, *low]), payload),
        _ => walk.cut(Layer::Link, ADDRESSES + 2, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_packet() {
        let packet = [&[1; 16][..], &[8, 0], &UDP4].concat();
        every_prefix(LinkType::APPLE_IP_OVER_IEEE1394, &packet, 18 + UDP4_PORTS);
    }
}
