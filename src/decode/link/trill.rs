//! TRILL (RFC 6325 section 3): a header between two Ethernet frames.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ethernet;

/// Flags, option length and hop count; the nicknames of two switches.
const HEADER: usize = 6;

/// Decodes what follows the EtherType of TRILL.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    // The option length counts words of 32 bits in five bits across the first two octets.
    let flags = u16::from_be_bytes([header[0], header[1]]);
    if flags >> 14 != 0 {
        return Outcome::Malformed("TRILL: version is not 0");
    }
    let length = HEADER + usize::from(flags >> 6 & 0x1f) * 4;
    match bytes.get(length..) {
        Some(frame) => walk.wrapped(|walk| ethernet::decode(walk, frame)),
        None => walk.cut(Layer::Link, length, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_and_without_options() {
        let packet = frame(0x22f3, &[&[0, 0x3f, 0, 1, 0, 2][..], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::ETHERNET, &packet, 34 + UDP4_PORTS);
        let packet = frame(0x22f3, &[&[0, 0x7f, 0, 1, 0, 2, 9, 9, 9, 9][..], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::ETHERNET, &packet, 38 + UDP4_PORTS);
    }
}
