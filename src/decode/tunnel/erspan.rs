//! ERSPAN types I, II and III (draft-foschiano-erspan): mirrored frames in GRE.
//!
//! Type I has no header of its own. It shares type II's protocol type and differs from it in
//! that its GRE header has no sequence number.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::{ether_type, ethernet};
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::half;
use crate::net::EtherType;

const HEADER_II: usize = 8;
const HEADER_III: usize = 12;
/// Type III: a platform specific header of eight octets follows.
const HAS_PLATFORM: u8 = 0x01;
/// Type III: what was mirrored is an IP packet and not a frame.
const FRAME_TYPE: u8 = 0x7c;
const FRAME_TYPE_IP: u8 = 0x08;

/// Decodes the payload of GRE with one of ERSPAN's protocol types.
pub(super) fn decode(walk: &mut Walk, protocol: EtherType, has_sequence: bool, bytes: &[u8]) -> Outcome {
    if protocol == EtherType::ERSPAN_II && !has_sequence {
        return walk.inside(StepKind::Erspan, 0_u8, |walk| ethernet::decode(walk, bytes));
    }
    let (Some(first), Some(second)) = (half(bytes, 0), half(bytes, 2)) else {
        return walk.cut(Layer::Erspan, HEADER_II, bytes);
    };
    let session = second & 0x03ff;
    let (length, is_ip) = match first >> 12 {
        1 => (HEADER_II, false),
        2 => match bytes.get(HEADER_III - 1) {
            Some(flags) => (
                HEADER_III + if flags & HAS_PLATFORM != 0 { 8 } else { 0 },
                bytes[HEADER_III - 2] & FRAME_TYPE == FRAME_TYPE_IP,
            ),
            None => return walk.cut(Layer::Erspan, HEADER_III, bytes),
        },
        _ => return Outcome::Malformed("ERSPAN: version is neither 1 nor 2"),
    };
    walk.tell_plain(bytes, length);
    match bytes.get(length..) {
        Some(packet) if is_ip => {
            walk.inside(StepKind::Erspan, session, |walk| super::super::network::decode(walk, packet))
        }
        Some(frame) => {
            walk.inside(StepKind::Erspan, session, |walk| ether_type(walk, EtherType::ETHERNET, frame))
        }
        None => walk.cut(Layer::Erspan, length, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame, ip4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_every_type() {
        let frame = frame(0x0800, &UDP4);
        let first = ip4(47, &[&[0, 0, 0x88, 0xbe][..], &frame].concat());
        every_prefix(LinkType::RAW, &first, 24 + 14 + UDP4_PORTS);
        let second =
            ip4(47, &[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 9, 0, 0, 0, 0][..], &frame].concat());
        every_prefix(LinkType::RAW, &second, 36 + 14 + UDP4_PORTS);
        assert_eq!(decode(LinkType::RAW, &second).1[0].to_string(), "erspan:9");
        let header = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1];
        let third = ip4(47, &[&header[..], &[7; 8], &frame].concat());
        every_prefix(LinkType::RAW, &third, 48 + 14 + UDP4_PORTS);
    }
}
