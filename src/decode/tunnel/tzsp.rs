//! TaZmen Sniffer Protocol: captured frames sent to a collector, over UDP and as a link type
//! (LINKTYPE_TZSP).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use crate::capture::LinkType;

/// Version, type, protocol.
const HEADER: usize = 4;
/// Tagged fields without a length.
const PADDING: u8 = 0;
const END: u8 = 1;
/// More tagged fields, padding among them, than a collector is sent.
const MAX_FIELDS: usize = 256;

/// Decodes the payload of UDP on TZSP's port.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Option<Outcome> {
    let (link_type, frame) = split(bytes)?;
    tell(walk, bytes, frame);
    Some(walk.inside(StepKind::Tzsp, 0_u8, |walk| walk.relink(link_type, frame)))
}

/// Decodes a packet that begins with the header.
pub(in crate::decode) fn decode_link(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match split(bytes) {
        Some((link_type, frame)) => {
            tell(walk, bytes, frame);
            walk.relink(link_type, frame)
        }
        None if bytes.len() < HEADER => walk.cut(Layer::Link, HEADER, bytes),
        None => Outcome::NotIp,
    }
}

/// Tells what comes before the frame: fields of any kind, which are padding where all octets are 0, and the
/// octet that ends them.
fn tell(walk: &mut Walk, bytes: &[u8], frame: &[u8]) {
    let end = bytes.len() - frame.len();
    walk.tell_opaque(bytes, HEADER, end - 1);
    walk.tell_plain(&bytes[end - 1..], 1);
}

fn split(bytes: &[u8]) -> Option<(LinkType, &[u8])> {
    // Types: received packet, packet to transmit.
    let &[1, 0 | 1, high, low, ..] = bytes else { return None };
    let link_type = match u16::from_be_bytes([high, low]) {
        1 => LinkType::ETHERNET,
        18 => LinkType::IEEE802_11,
        119 => LinkType::IEEE802_11_PRISM,
        127 => LinkType::IEEE802_11_AVS,
        _ => return None,
    };
    let mut at = HEADER;
    for _ in 0..MAX_FIELDS {
        match *bytes.get(at)? {
            END => return Some((link_type, bytes.get(at + 1..)?)),
            PADDING => at += 1,
            _ => at += 2 + usize::from(*bytes.get(at + 1)?),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP4_PORTS, count, every_prefix, frame, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_tagged_fields() {
        let tzsp = [&[1, 0, 0, 1, 0, 0x0a, 1, 0x33, 1][..], &frame(0x0800, &UDP4)].concat();
        every_prefix(LinkType::RAW, &udp4(37008, &tzsp), 28 + 9 + 14 + UDP4_PORTS);
        every_prefix(LinkType::TZSP, &tzsp, 9 + 14 + UDP4_PORTS);
    }

    #[test]
    fn tagged_fields_have_a_limit() {
        let packet = |padding: usize| {
            udp4(37008, &[&[1, 0, 0, 1][..], &vec![0; padding], &[1], &frame(0x0800, &UDP4)].concat())
        };
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet(255)), 2);
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet(256)), 1);
    }

    #[test]
    fn keep_alives_hold_no_frame() {
        let packet = udp4(37008, &[1, 4, 0, 0, 1]);
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
    }
}
