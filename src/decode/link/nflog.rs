//! Linux netfilter log messages (LINKTYPE_NFLOG): attributes, one of which is the packet.
//!
//! Attributes are in the byte order of the capturing host, which the capture does not hold. The order
//! in which the first attribute fits is taken.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};

/// Address family, version, resource identifier.
const HEADER: usize = 4;
/// Length and type of an attribute.
const ATTRIBUTE: usize = 4;
/// Attribute type of the packet.
const PAYLOAD: u16 = 9;
/// Largest type that is accepted, above the last assigned one.
const MAX_TYPE: u16 = 63;
/// Number of attributes that are read; there are fewer types.
const MAX_ATTRIBUTES: usize = 64;

/// Decodes a message.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, mut attributes)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    let little = match *attributes {
        [l1, l2, t1, t2, ..] => {
            u16::from_le_bytes([t1, t2]) <= MAX_TYPE
                && usize::from(u16::from_le_bytes([l1, l2])) <= attributes.len().max(ATTRIBUTE)
        }
        _ => return walk.cut(Layer::Link, HEADER + ATTRIBUTE, bytes),
    };
    let number = |octets| if little { u16::from_le_bytes(octets) } else { u16::from_be_bytes(octets) };
    for _ in 0..MAX_ATTRIBUTES {
        let Some(&[l1, l2, t1, t2]) = attributes.first_chunk::<ATTRIBUTE>() else { break };
        let length = usize::from(number([l1, l2]));
        if number([t1, t2]) == PAYLOAD {
            let packet = &attributes[ATTRIBUTE..];
            return match header[0] {
                // Linux's AF_INET, AF_INET6, AF_BRIDGE and unspecified.
                2 => network::ipv4::decode(walk, packet),
                10 => network::ipv6::decode(walk, packet),
                _ if network::is_certain(packet) => network::decode(walk, packet),
                _ if matches!(packet, [0x40..=0x4f | 0x60..=0x6f, ..]) => Outcome::Ambiguous,
                _ => Outcome::NotIp,
            };
        }
        match attributes.get(length.next_multiple_of(4)..) {
            Some(rest) if length >= ATTRIBUTE => attributes = rest,
            _ => break,
        }
    }
    Outcome::NotIp
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, decode, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_in_either_byte_order() {
        let little = [&[2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 1, 0, 5, 0, 10, 0, b'x', 0, 0, 0][..]];
        let packet = [little[0], &[32, 0, 9, 0], &UDP4].concat();
        every_prefix(LinkType::NFLOG, &packet, 24 + UDP4_PORTS);
        let big = [&[10, 0, 0, 5, 0, 8, 0, 1, 8, 0, 1, 0, 0, 52, 0, 9][..], &UDP6].concat();
        every_prefix(LinkType::NFLOG, &big, 16 + UDP6_PORTS);
    }

    /// A message of a family, with one attribute of a length that is the packet's or another.
    fn message(family: u8, length: usize, packet: &[u8]) -> Outcome {
        let length = (4 + length as u16).to_le_bytes();
        let message = [&[family, 0, 0, 0][..], &length, &[9, 0], packet].concat();
        decode(LinkType::NFLOG, &message).0
    }

    #[test]
    fn a_packet_of_no_family_is_believed_where_it_fits() {
        for family in [0, 7] {
            assert_eq!(message(family, 28, &UDP4), Outcome::Ports);
            assert_eq!(message(family, 48, &UDP6), Outcome::Ports);
            let mut wrong = UDP4;
            wrong[10] ^= 1;
            assert_eq!(message(family, 28, &wrong), Outcome::Ambiguous, "another checksum");
            let mut wrong = UDP6;
            wrong[8] = 0xff;
            assert_eq!(message(family, 48, &wrong), Outcome::Ambiguous, "a group as the source");
            let arp = [0, 1, 8, 0, 6, 4, 0, 1];
            assert_eq!(message(family, 8, &arp), Outcome::NotIp);
        }
    }

    #[test]
    fn attributes_that_fit_in_neither_byte_order_hold_no_packet() {
        assert_eq!(message(2, 28, &UDP4), Outcome::Ports);
        let too_long = [&[2, 0, 0, 0, 0xff, 0xff, 9, 9][..], &UDP4].concat();
        assert_eq!(decode(LinkType::NFLOG, &too_long).0, Outcome::NotIp);
        // Shorter than its own head.
        let too_short = [&[2, 0, 0, 0, 3, 0, 1, 0][..], &[32, 0, 9, 0], &UDP4].concat();
        assert_eq!(decode(LinkType::NFLOG, &too_short).0, Outcome::NotIp);
    }
}
