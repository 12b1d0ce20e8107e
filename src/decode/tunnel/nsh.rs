//! Network Service Header (RFC 8300 section 2). Context headers are skipped.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::ethernet;
use super::super::network;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::{mpls, word};

/// Base header and service path header.
const HEADER: usize = 8;

/// Decodes a header and what it carries.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let (Some(base), Some(path)) = (word(bytes, 0), word(bytes, 4)) else {
        return walk.cut(Layer::Nsh, HEADER, bytes);
    };
    // Two bits of version; six bits of length, in words of 32 bits, across octets 1 and 2.
    let length = (base >> 16 & 0x3f) as usize * 4;
    if base >> 30 != 0 || length < HEADER {
        return Outcome::Malformed("NSH: version is not 0, or the length is below the header's own");
    }
    let Some(payload) = bytes.get(length..) else {
        return walk.cut(Layer::Nsh, length, bytes);
    };
    walk.tell_opaque(bytes, HEADER, length);
    let decode: fn(&mut Walk, &[u8]) -> Outcome = match base & 0xff {
        1 => network::ipv4::decode,
        2 => network::ipv6::decode,
        3 => ethernet::decode,
        4 => self::decode,
        5 => mpls::decode,
        _ => return Outcome::NotIp,
    };
    walk.inside(StepKind::Nsh, path >> 8, |walk| decode(walk, payload))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_context_headers() {
        let header = [0x0f, 0xc6, 1, 3, 0, 0, 9, 255];
        let packet = frame(0x894f, &[&header[..], &[7; 16], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::ETHERNET, &packet, 52 + UDP4_PORTS);
        assert_eq!(decode(LinkType::ETHERNET, &packet).1[0].to_string(), "nsh:9");
        let packet = frame(0x894f, &[&[0x0f, 0xc2, 2, 1, 0, 0, 9, 255][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
    }
}
