//! FDDI (LINKTYPE_FDDI; IP on it: RFC 1188).
//!
//! LLC follows the header. Frames of the ring's management count as not IP.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::llc;

/// Frame control and two addresses.
const HEADER: usize = 13;

/// Decodes a frame.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.split_first_chunk::<HEADER>() {
        // Class, address length and format: an LLC frame, synchronous or not.
        Some((header, payload)) if header[0] & 0x70 == 0x50 => llc::decode(walk, payload),
        Some(_) => Outcome::NotIp,
        None => walk.cut(Layer::Link, HEADER, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_frame() {
        let packet = [&[0x50][..], &[2; 12], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat();
        every_prefix(LinkType::FDDI, &packet, 21 + UDP4_PORTS);
    }
}
