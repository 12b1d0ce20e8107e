//! IPv6 over IEEE 802.15.4: uncompressed, with compressed headers (LOWPAN_IPHC and LOWPAN_NHC,
//! RFC 6282), and the first fragment of a datagram (RFC 4944 section 5.3).
//!
//! Addresses compressed against a context are shown without the context's prefix, which packets do
//! not hold: their first half is 0. Later fragments have no addresses of their own and do not count to
//! the flow of the first. HC1 and HC2 (RFC 4944 section 10) are obsolete and not decoded.

use std::net::Ipv6Addr;

use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::outcome::Layer;
use super::super::{Outcome, transport};
use crate::net::Protocol;

/// A link-layer address, from which an interface identifier can be derived.
#[derive(Clone, Copy)]
pub(super) enum Address {
    None,
    Short(u16),
    Extended(u64),
}

/// Dispatch values and their masks (RFC 4944 section 5.1, RFC 6282 section 3).
const UNCOMPRESSED: u8 = 0x41;
const BROADCAST: u8 = 0x50;
/// Fragment headers: datagram size and tag, and in later ones an offset.
const FIRST_FRAGMENT: usize = 4;
/// Octets of an IPv6 and a UDP header before compression.
const IPV6: u32 = 40;
const UDP: u32 = 8;
/// Number of fragment, mesh and broadcast headers that are read before a packet.
const MAX_HEADERS: usize = 4;
/// Number of compressed extension headers that are read; there are fewer kinds.
const MAX_EXTENSIONS: usize = 16;

/// Decodes the payload of a link-layer header.
pub(super) fn decode(walk: &mut Walk, source: Address, destination: Address, mut bytes: &[u8]) -> Outcome {
    let (mut source, mut destination) = (source, destination);
    let mut size = None;
    for _ in 0..MAX_HEADERS {
        let Some(&dispatch) = bytes.first() else { return walk.cut(Layer::Link, 1, bytes) };
        match dispatch {
            UNCOMPRESSED => return network::ipv6::decode(walk, &bytes[1..]),
            0x60..=0x7f => return compressed(walk, source, destination, size, bytes),
            0xc0..=0xc7 => {
                let Some(rest) = bytes.get(FIRST_FRAGMENT..) else {
                    return walk.cut(Layer::Link, FIRST_FRAGMENT, bytes);
                };
                size = Some(u32::from(u16::from_be_bytes([dispatch & 7, bytes[1]])));
                bytes = rest;
            }
            0xe0..=0xe7 => return Outcome::LaterFragment,
            BROADCAST => match bytes.get(2..) {
                Some(rest) => bytes = rest,
                None => return walk.cut(Layer::Link, 2, bytes),
            },
            0x80..=0xbf => {
                // Mesh: the addresses of the ends replace those of the hop.
                let deep = usize::from(dispatch & 0x0f == 0x0f);
                let mut at = 1 + deep;
                let mut address = |is_short: bool| {
                    let start = at;
                    at += if is_short { 2 } else { 8 };
                    let octets = bytes.get(start..)?;
                    Some(if is_short {
                        Address::Short(u16::from_be_bytes(*octets.first_chunk()?))
                    } else {
                        Address::Extended(u64::from_be_bytes(*octets.first_chunk()?))
                    })
                };
                let (from, to) = (address(dispatch & 0x20 != 0), address(dispatch & 0x10 != 0));
                let (Some(from), Some(to)) = (from, to) else {
                    return walk.cut(Layer::Link, at, bytes);
                };
                (source, destination) = (from, to);
                bytes = &bytes[at..];
            }
            _ => return Outcome::NotIp,
        }
    }
    Outcome::TooDeep
}

/// Reads octets that follow each other.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn octet(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }
}

fn compressed(
    walk: &mut Walk,
    source: Address,
    destination: Address,
    size: Option<u32>,
    bytes: &[u8],
) -> Outcome {
    if let Err(outcome) = walk.enter_network() {
        return outcome;
    }
    // Each field is present or not as those before it say, so that only one octet more is certain.
    packet(walk, source, destination, size, bytes)
        .unwrap_or_else(|| walk.cut(Layer::Ipv6, bytes.len() + 1, bytes))
}

/// A packet with LOWPAN_IPHC (RFC 6282 section 3.1); `None` when it is cut short.
fn packet(
    walk: &mut Walk,
    source: Address,
    destination: Address,
    size: Option<u32>,
    bytes: &[u8],
) -> Option<Outcome> {
    let mut cursor = Cursor(bytes);
    let (first, second) = (cursor.octet()?, cursor.octet()?);
    if second & 0x80 != 0 {
        cursor.octet()?;
    }
    // Traffic class and flow label.
    cursor.take([4, 3, 1, 0][usize::from(first >> 3 & 3)])?;
    let mut next = if first & 0x04 == 0 { Some(Protocol(cursor.octet()?)) } else { None };
    // Hop limit, where it is none of three usual ones.
    if matches!(first & 0x03, 0) {
        cursor.octet()?;
    }
    let source = unicast(&mut cursor, second & 0x40 != 0, second >> 4 & 3, source, true)?;
    let (stateful, mode) = (second & 0x04 != 0, second & 3);
    let destination = if second & 0x08 != 0 {
        multicast(&mut cursor, stateful, mode)?
    } else {
        unicast(&mut cursor, stateful, mode, destination, false)?
    };
    // The length is that of the frame, or the size of the datagram in a first fragment.
    let mut header_octets = IPV6;
    let mut extensions = 0;
    while next.is_none() {
        if extensions == MAX_EXTENSIONS {
            return Some(Outcome::TooDeep);
        }
        extensions += 1;
        let kind = cursor.octet()?;
        match kind {
            0xf0..=0xf7 => {
                return udp(walk, &mut cursor, kind, (source, destination), (size, header_octets));
            }
            // A whole IPv6 packet, compressed on its own, with the same link-layer addresses.
            0xee => {
                let inner = cursor.0;
                return Some(walk.inside(super::super::step::StepKind::Ip, 0_u8, |walk| {
                    compressed(walk, Address::None, Address::None, None, inner)
                }));
            }
            0xe0..=0xed => {
                if kind & 1 == 0 {
                    next = Some(Protocol(cursor.octet()?));
                }
                let length = usize::from(cursor.octet()?);
                cursor.take(length)?;
                header_octets += (length as u32 + 2).next_multiple_of(8);
            }
            _ => return Some(Outcome::NotIp),
        }
    }
    let rest = cursor.0;
    let length = size.unwrap_or(header_octets + rest.len() as u32);
    let mut datagram = Datagram {
        source: source.into(),
        destination: destination.into(),
        length,
        payload_length: length.saturating_sub(header_octets),
    };
    Some(network::ipv6::extensions(walk, next?, &mut datagram, rest))
}

/// A UDP header with LOWPAN_NHC (RFC 6282 section 4.3).
fn udp(
    walk: &mut Walk,
    cursor: &mut Cursor,
    kind: u8,
    (source, destination): (Ipv6Addr, Ipv6Addr),
    (size, header_octets): (Option<u32>, u32),
) -> Option<Outcome> {
    let two = |octets: &[u8]| u16::from_be_bytes([octets[0], octets[1]]);
    let (source_port, destination_port) = match kind & 3 {
        0 => (two(cursor.take(2)?), two(cursor.take(2)?)),
        1 => (two(cursor.take(2)?), 0xf000 | u16::from(cursor.octet()?)),
        2 => (0xf000 | u16::from(cursor.octet()?), two(cursor.take(2)?)),
        _ => {
            let ports = u16::from(cursor.octet()?);
            (0xf0b0 | ports >> 4, 0xf0b0 | ports & 0x0f)
        }
    };
    // The checksum may be cut off after the ports.
    let checksum = if kind & 4 == 0 { 2 } else { 0 };
    let payload = &cursor.0[checksum.min(cursor.0.len())..];
    let length = size.unwrap_or(header_octets + UDP + payload.len() as u32);
    let datagram = Datagram {
        source: source.into(),
        destination: destination.into(),
        length,
        payload_length: length.saturating_sub(header_octets),
    };
    Some(transport::udp::decode_compressed(walk, &datagram, source_port, destination_port, payload))
}

/// An address of one end (RFC 6282 section 3.1.1, SAM and DAM without M).
fn unicast(
    cursor: &mut Cursor,
    stateful: bool,
    mode: u8,
    link: Address,
    is_source: bool,
) -> Option<Ipv6Addr> {
    let mut octets = [0; 16];
    match (stateful, mode) {
        (false, 0) => octets.copy_from_slice(cursor.take(16)?),
        // The unspecified address as a source; reserved as a destination.
        (true, 0) if is_source => return Some(Ipv6Addr::UNSPECIFIED),
        (_, 1) => octets[8..].copy_from_slice(cursor.take(8)?),
        (_, 2) => octets[8..].copy_from_slice(&short([cursor.octet()?, cursor.octet()?])),
        _ => octets[8..].copy_from_slice(&match link {
            Address::None => [0; 8],
            Address::Short(address) => short(address.to_be_bytes()),
            // The universal/local bit is inverted (RFC 4291 appendix A).
            Address::Extended(address) => (address ^ 0x0200_0000_0000_0000).to_be_bytes(),
        }),
    }
    if !stateful && mode != 0 {
        octets[..2].copy_from_slice(&[0xfe, 0x80]);
    }
    Some(octets.into())
}

/// The interface identifier of a short address (RFC 6282 section 3.2.2).
fn short([high, low]: [u8; 2]) -> [u8; 8] {
    [0, 0, 0, 0xff, 0xfe, 0, high, low]
}

/// A group address (RFC 6282 section 3.1.1, DAM with M).
fn multicast(cursor: &mut Cursor, stateful: bool, mode: u8) -> Option<Ipv6Addr> {
    let mut octets = [0; 16];
    octets[0] = 0xff;
    match (stateful, mode) {
        (false, 0) => octets.copy_from_slice(cursor.take(16)?),
        (false, 1) => {
            octets[1] = cursor.octet()?;
            octets[11..].copy_from_slice(cursor.take(5)?);
        }
        (false, 2) => {
            octets[1] = cursor.octet()?;
            octets[13..].copy_from_slice(cursor.take(3)?);
        }
        (false, _) => {
            octets[1] = 2;
            octets[15] = cursor.octet()?;
        }
        // A group made of a network's prefix (RFC 3306), which is the context's.
        (true, _) => {
            octets[1..3].copy_from_slice(cursor.take(2)?);
            octets[12..].copy_from_slice(cursor.take(4)?);
        }
    }
    Some(octets.into())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::every_prefix;
    use super::super::super::{Decoder, Outcome};
    use crate::capture::LinkType;

    /// A data frame from short address 1 to short address 2.
    fn frame(payload: &[u8]) -> Vec<u8> {
        [&[0x41, 0x88, 1, 0x34, 0x12, 2, 0, 1, 0][..], payload].concat()
    }

    #[test]
    fn every_prefix_of_compressed_headers() {
        // No traffic class, UDP compressed, hop limit 64; both addresses from the link.
        let packet = frame(&[0x7e, 0x33, 0xf0, 4, 87, 8, 174, 0, 0, b'x']);
        every_prefix(LinkType::IEEE802_15_4_NOFCS, &packet, 9 + 7);
        let mut decoder = Decoder::new();
        let header = decoder.decode(Some(LinkType::IEEE802_15_4_NOFCS), &packet).headers()[0];
        assert_eq!(header.source.to_string(), "fe80::ff:fe00:1");
        assert_eq!(header.destination.to_string(), "fe80::ff:fe00:2");
        assert_eq!((header.ip_length, header.payload_length), (49, 1));
        assert_eq!(header.payload_of(&packet), b"x");
    }

    #[test]
    fn ports_of_four_bits_and_groups_are_written_out() {
        let packet = frame(&[0x7e, 0x3b, 2, 0xf3, 0x12, 0, 0]);
        let mut decoder = Decoder::new();
        let header = decoder.decode(Some(LinkType::IEEE802_15_4_NOFCS), &packet).headers()[0];
        assert_eq!((header.source_port, header.destination_port), (0xf0b1, 0xf0b2));
        assert_eq!(header.destination.to_string(), "ff02::2");
    }

    #[test]
    fn a_first_fragment_has_ports_and_a_later_one_has_not() {
        let packet = frame(&[0xc0, 200, 0, 7, 0x7e, 0x33, 0xf0, 4, 87, 8, 174, 0, 0]);
        let mut decoder = Decoder::new();
        let layers = decoder.decode(Some(LinkType::IEEE802_15_4_NOFCS), &packet);
        assert_eq!((layers.outcome(), layers.headers()[0].ip_length), (Outcome::Ports, 200));
        let packet = frame(&[0xe0, 200, 0, 7, 12, 1, 2, 3]);
        let layers = decoder.decode(Some(LinkType::IEEE802_15_4_NOFCS), &packet);
        assert_eq!(layers.outcome(), Outcome::LaterFragment);
    }

    #[test]
    fn compressed_extension_headers_have_a_limit() {
        let outcome = |extensions: usize| {
            // Empty hop-by-hop options, each followed by a compressed header.
            let headers = [0xe1, 0].repeat(extensions);
            let packet = frame(&[&[0x7e, 0x33][..], &headers, &[0xf0, 4, 87, 8, 174, 0, 0]].concat());
            Decoder::new().decode(Some(LinkType::IEEE802_15_4_NOFCS), &packet).outcome()
        };
        assert_eq!(outcome(15), Outcome::Ports);
        assert_eq!(outcome(16), Outcome::TooDeep);
    }

    #[test]
    fn next_headers_that_are_not_compressed_go_on_as_in_ipv6() {
        let packet = frame(&[0x7a, 0x33, 17, 4, 87, 8, 174, 0, 8, 0, 0]);
        every_prefix(LinkType::IEEE802_15_4_NOFCS, &packet, 9 + 7);
    }
}
