//! Juniper's encapsulations (LINKTYPE_JUNIPER_…): a header, extensions and cookies before the frame.
//!
//! The formats are known from tcpdump, not from a specification. Those of which only the header is
//! known are decoded where an IP packet follows a cookie of usual length.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};
use super::{ether_type, ethernet, frame_relay, llc, ppp};
use crate::capture::LinkType;
use crate::net::EtherType;

/// Magic number and flags.
const HEADER: usize = 4;
const MAGIC: [u8; 3] = [0x4d, 0x47, 0x43];
/// Flag: extensions follow, with their length in two octets.
const HAS_EXTENSIONS: u8 = 0x80;
/// Flag: a family replaces the link layer.
const HAS_NO_LINK: u8 = 0x02;
/// Lengths of cookies.
const COOKIES: [usize; 5] = [0, 4, 6, 8, 12];

/// Decodes a packet of one of the encapsulations.
pub(super) fn decode(walk: &mut Walk, link_type: LinkType, bytes: &[u8]) -> Outcome {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    if header[..3] != MAGIC {
        return Outcome::Malformed("Juniper: no magic number");
    }
    let flags = header[3];
    let mut at = 0;
    if flags & HAS_EXTENSIONS != 0 {
        let Some(&[high, low]) = rest.first_chunk() else {
            return walk.cut(Layer::Link, HEADER + 2, bytes);
        };
        at = 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    if flags & HAS_NO_LINK != 0 {
        at += 4;
    }
    let Some(payload) = rest.get(at..) else {
        return walk.cut(Layer::Link, HEADER + at, bytes);
    };
    if flags & HAS_NO_LINK != 0 {
        return network::decode(walk, payload);
    }
    match link_type {
        LinkType::JUNIPER_ETHER | LinkType::JUNIPER_PPPOE => ethernet::decode(walk, payload),
        LinkType::JUNIPER_PPP => ppp::decode(walk, payload),
        LinkType::JUNIPER_FRELAY => frame_relay::decode(walk, payload),
        LinkType::JUNIPER_CHDLC => ppp::decode_cisco_hdlc(walk, payload),
        LinkType::JUNIPER_PPPOE_ATM => match payload {
            [high, low, rest @ ..] => ether_type(walk, EtherType::from_octets([*high, *low]), rest),
            _ => walk.cut(Layer::Link, bytes.len() - payload.len() + 2, bytes),
        },
        _ => after_a_cookie(walk, payload),
    }
}

fn after_a_cookie(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    for cookie in COOKIES {
        let Some(packet) = bytes.get(cookie..) else { break };
        match packet {
            [0xaa, 0xaa, 3, ..] | [0xfe, 0xfe, 3, ..] => return llc::decode(walk, packet),
            // Marks of a cookie's chance are believed where a packet follows them.
            [0xff, 3, 0, 0x21 | 0x57, rest @ ..] | [0, 0x21 | 0x57, rest @ ..]
                if network::is_certain(rest) =>
            {
                return ppp::decode(walk, packet);
            }
            [3, llc::IPV4 | llc::IPV6, rest @ ..] if network::is_certain(rest) => {
                return llc::nlpid(walk, &packet[1..]);
            }
            [3, llc::SNAP, 0, 0, 0, ..] => return llc::nlpid(walk, &packet[1..]),
            _ if network::is_certain(packet) => return network::decode(walk, packet),
            _ if ethernet::is_plausible(packet, packet.len()) => return ethernet::decode(walk, packet),
            _ => {}
        }
    }
    Outcome::Ambiguous
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, count, decode, every_prefix, frame};
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_those_that_are_known() {
        let plain = [0x4d, 0x47, 0x43, 0];
        for (link_type, header) in [
            (LinkType::JUNIPER_ETHER, frame(0x0800, &[])),
            (LinkType::JUNIPER_PPP, vec![0xff, 3, 0, 0x21]),
            (LinkType::JUNIPER_FRELAY, vec![0x18, 0x41, 3, 0xcc]),
            (LinkType::JUNIPER_CHDLC, vec![0x0f, 0, 8, 0]),
            (LinkType::JUNIPER_PPPOE_ATM, vec![8, 0]),
        ] {
            let packet = [&plain[..], &header, &UDP4].concat();
            every_prefix(link_type, &packet, 4 + header.len() + UDP4_PORTS);
        }
    }

    #[test]
    fn every_prefix_with_extensions_and_without_link() {
        let header = [0x4d, 0x47, 0x43, 0x80, 0, 3, 1, 1, 9];
        let packet = [&header[..], &frame(0x0800, &UDP4)].concat();
        every_prefix(LinkType::JUNIPER_ETHER, &packet, 23 + UDP4_PORTS);
        let packet = [&[0x4d, 0x47, 0x43, 2, 0, 0, 0, 2][..], &UDP4].concat();
        every_prefix(LinkType::JUNIPER_ATM1, &packet, 8 + UDP4_PORTS);
    }

    #[test]
    fn after_a_cookie_a_packet_is_found() {
        let packet =
            [&[0x4d, 0x47, 0x43, 0, 0x80, 1, 2, 3, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &UDP4].concat();
        every_prefix(LinkType::JUNIPER_ATM1, &packet, 16 + UDP4_PORTS);
        assert_eq!(count(DecodeOptions::default(), LinkType::JUNIPER_ATM2, &[0x4d, 0x47, 0x43, 0, 9, 9]), 0);
    }

    #[test]
    fn what_a_cookie_looks_like_by_chance_is_not_believed() {
        for cookie in [[0, 0x21, 0x45, 0], [0xff, 3, 0, 0x21], [3, 0xcc, 0x45, 0], [0x60, 0, 0, 0]] {
            let packet = [&[0x4d, 0x47, 0x43, 0][..], &cookie, &UDP4].concat();
            assert_eq!(decode(LinkType::JUNIPER_ATM1, &packet).0, Outcome::Ports, "{cookie:02x?}");
            let noise = [&[0x4d, 0x47, 0x43, 0][..], &cookie, &[0x55; 28]].concat();
            assert_eq!(decode(LinkType::JUNIPER_ATM1, &noise).0, Outcome::Ambiguous, "{cookie:02x?}");
        }
    }
}
