//! Per-Packet Information (LINKTYPE_PPI; CACE Technologies, PPI 1.0.7 section 3), mostly before 802.11
//! frames.
//!
//! Its fields are skipped; it names the link type of the packet after it.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use crate::capture::LinkType;

/// Version, flags, length, link type.
const HEADER: usize = 8;

/// Decodes the header, and the packet after it.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
    let link_type = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    match (bytes.get(length..), u16::try_from(link_type)) {
        _ if length < HEADER => Outcome::Malformed("PPI: the length is below the header's own"),
        (Some(packet), Ok(link_type)) => walk.relink(LinkType(link_type), packet),
        (None, _) => walk.cut(Layer::Link, length, bytes),
        (_, Err(_)) => Outcome::UnknownLinkType,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    fn frame() -> Vec<u8> {
        [&[8, 1][..], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat()
    }

    #[test]
    fn every_prefix_of_a_packet() {
        let packet = [&[0, 0, 12, 0, 105, 0, 0, 0, 9, 9, 9, 9][..], &frame()].concat();
        every_prefix(LinkType::PPI, &packet, 12 + 32 + UDP4_PORTS);
    }
}
