//! ARCNET (RFC 1201, RFC 1051), as BSD writes it (LINKTYPE_ARCNET_BSD) and as Linux does
//! (LINKTYPE_ARCNET_LINUX).
//!
//! Packets in several frames are not reassembled: frames after the first are later fragments.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};

/// System codes: IP of RFC 1051, IP and IPv6 of RFC 1201.
const IP_RFC1051: u8 = 240;
const IP: u8 = 212;
const IPV6: u8 = 196;
/// Split flag of a frame without a packet; the true header is the four octets after it.
const EXCEPTION: u8 = 0xff;
/// Split flag and sequence number.
const SPLIT: usize = 3;

/// Source, destination, type.
pub(super) fn decode_bsd(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    decode(walk, bytes, 2)
}

/// Source, destination, two octets of offset, type.
pub(super) fn decode_linux(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    decode(walk, bytes, 4)
}

fn decode(walk: &mut Walk, bytes: &[u8], at: usize) -> Outcome {
    let Some([kind, rest @ ..]) = bytes.get(at..) else {
        return walk.cut(Layer::Link, at + 1, bytes);
    };
    match *kind {
        IP_RFC1051 => network::ipv4::decode(walk, rest),
        IP | IPV6 => match rest {
            [EXCEPTION, _, _, _, split, _, _, packet @ ..] | [split, _, _, packet @ ..] => {
                // Odd flags begin a split packet, other even ones than 0 continue it.
                if *split != 0 && split & 1 == 0 {
                    Outcome::LaterFragment
                } else {
                    network::decode(walk, packet)
                }
            }
            _ => walk.cut(Layer::Link, at + 1 + SPLIT, bytes),
        },
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_every_header() {
        for (link_type, header) in [
            (LinkType::ARCNET_BSD, &[1, 2, 240][..]),
            (LinkType::ARCNET_BSD, &[1, 2, 212, 0, 0, 1]),
            (LinkType::ARCNET_BSD, &[1, 2, 212, 0xff, 0xff, 0xff, 0xff, 0, 0, 1]),
            (LinkType::ARCNET_LINUX, &[1, 2, 0, 0, 240]),
            (LinkType::ARCNET_LINUX, &[1, 2, 0, 0, 212, 1, 0, 1]),
        ] {
            every_prefix(link_type, &[header, &UDP4].concat(), header.len() + UDP4_PORTS);
        }
    }

    #[test]
    fn a_later_part_of_a_split_packet_has_no_ports() {
        let packet = [&[1, 2, 212, 2, 0, 1][..], &UDP4].concat();
        assert_eq!(decode(LinkType::ARCNET_BSD, &packet).0, Outcome::LaterFragment);
    }
}
