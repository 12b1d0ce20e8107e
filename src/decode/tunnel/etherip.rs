//! Ethernet in IP: EtherIP (RFC 3378), and without a header of its own (RFC 8986 section 4.9).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::ethernet;
use super::super::outcome::Layer;
use super::super::step::StepKind;

/// Version and reserved bits.
const HEADER: usize = 2;

/// Decodes the payload of an IP header with protocol 97.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        // OpenBSD once swapped the halves of the first octet (RFC 3378 section 6).
        [0x30 | 0x03, 0, frame @ ..] => {
            walk.tell_plain(bytes, HEADER);
            walk.inside(StepKind::EtherIp, 0_u8, |walk| ethernet::decode(walk, frame))
        }
        [_, _, ..] => Outcome::Malformed("EtherIP: version is not 3"),
        _ => walk.cut(Layer::EtherIp, HEADER, bytes),
    }
}

/// Decodes the payload of an IP header with protocol 143.
pub(in crate::decode) fn decode_bare(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    walk.inside(StepKind::Ethernet, 0_u8, |walk| ethernet::decode(walk, bytes))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix, frame, ip4, ip6};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_and_without_header() {
        let frame = frame(0x0800, &UDP4);
        let packet = ip4(97, &[&[0x30, 0][..], &frame].concat());
        every_prefix(LinkType::RAW, &packet, 36 + UDP4_PORTS);
        every_prefix(LinkType::RAW, &ip6(143, &frame), 54 + UDP4_PORTS);
    }
}
