//! Prism (LINKTYPE_IEEE802_11_PRISM) and AVS (LINKTYPE_IEEE802_11_AVS) headers before 802.11
//! frames. Drivers write either under the number of the first; both are skipped by their length.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ieee80211;

/// Message code of an AVS header, in the upper 20 bits.
const AVS_MAGIC: u32 = 0x8021_1000;
/// Length of a Prism header, whose own length field is unreliable.
const PRISM: usize = 144;

/// Decodes a Prism or AVS header, and the frame after it.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let length = match bytes.first_chunk::<8>() {
        Some(start) => match u64::from_be_bytes(*start) {
            // Magic number, then the length.
            start if (start >> 32) as u32 & 0xffff_f000 == AVS_MAGIC => start as u32 as usize,
            _ => PRISM,
        },
        None => return walk.cut(Layer::Link, 8, bytes),
    };
    match bytes.get(length..) {
        Some(frame) => ieee80211::decode(walk, frame),
        None => walk.cut(Layer::Link, length, bytes),
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
    fn every_prefix_of_prism() {
        let packet = [&[0x44, 0, 0, 0][..], &[0; 140], &frame()].concat();
        every_prefix(LinkType::IEEE802_11_PRISM, &packet, 144 + 32 + UDP4_PORTS);
    }

    #[test]
    fn every_prefix_of_avs() {
        let packet = [&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64][..], &[0; 56], &frame()].concat();
        every_prefix(LinkType::IEEE802_11_AVS, &packet, 64 + 32 + UDP4_PORTS);
    }
}
