//! Network headers: IPv4, IPv6 with its extension headers, and their payload by protocol.

pub(super) mod ipv4;
pub(super) mod ipv6;

use std::net::IpAddr;

use super::layers::Walk;
use super::outcome::Layer;
use super::transport::tcp;
use super::{Outcome, icmp, transport, tunnel};
use crate::net::Protocol;

/// Fields of an IP packet that its transport header is kept with.
#[derive(Clone, Copy)]
pub(super) struct Datagram {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    /// Length of the whole IP packet on the wire, in octets.
    pub(super) length: u32,
    /// Octets on the wire after the headers decoded so far.
    pub(super) payload_length: u32,
}

impl Datagram {
    /// This datagram after `octets` more of headers.
    #[must_use]
    pub(super) fn after(&self, octets: usize) -> Datagram {
        Datagram { payload_length: self.payload_length.saturating_sub(octets as u32), ..*self }
    }
}

/// Decodes an IP packet of either version.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.first().map(|first| first >> 4) {
        Some(4) => ipv4::decode(walk, bytes),
        Some(6) => ipv6::decode(walk, bytes),
        Some(_) => Outcome::NotIp,
        None => walk.cut(Layer::Ipv4, 20, bytes),
    }
}

/// Decodes the payload of an IP header by its protocol number.
#[inline]
pub(super) fn payload(walk: &mut Walk, protocol: Protocol, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    match protocol {
        Protocol::TCP => transport::tcp::decode(walk, datagram, bytes),
        Protocol::UDP => transport::udp::decode(walk, datagram, bytes),
        other => rarer_payload(walk, other, datagram, bytes),
    }
}

#[inline(never)]
fn rarer_payload(walk: &mut Walk, protocol: Protocol, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    match protocol {
        Protocol::SCTP => transport::sctp::decode(walk, datagram, bytes),
        Protocol::DCCP => transport::dccp::decode(walk, datagram, bytes),
        Protocol::UDPLITE => transport::udplite::decode(walk, datagram, bytes),
        Protocol::ICMP | Protocol::ICMPV6 => icmp::decode(walk, protocol, datagram, bytes),
        _ => tunnelled(walk, protocol, datagram, bytes),
    }
}

/// Decodes a payload that may hold further packets. If it does not, the packet ends in its protocol.
fn tunnelled(walk: &mut Walk, protocol: Protocol, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let (note, networks) = (walk.portless(protocol, datagram), walk.networks());
    let outcome = match protocol {
        Protocol::IPV4 | Protocol::IPIP => tunnel::ip::decode_v4(walk, bytes),
        Protocol::IPV6 => tunnel::ip::decode_v6(walk, datagram.source.is_ipv4(), bytes),
        Protocol::GRE => tunnel::gre::decode(walk, datagram, bytes),
        Protocol::ESP => tunnel::esp::decode(walk, datagram, bytes),
        Protocol::ETHERIP => tunnel::etherip::decode(walk, bytes),
        Protocol::PIM => tunnel::pim::decode(walk, datagram, bytes),
        Protocol::L2TP => tunnel::l2tp::decode_in_ip(walk, datagram, bytes),
        Protocol::MPLS => tunnel::mpls::decode(walk, bytes),
        Protocol::ETHERNET => tunnel::etherip::decode_bare(walk, bytes),
        Protocol::IPCOMP => Outcome::Compressed,
        other => Outcome::Portless(other),
    };
    walk.end_in_tunnel(note, networks, outcome);
    // A tunnel for frames may hold anything: ARP, spanning tree, keepalives. The packet is IP for that.
    match outcome {
        Outcome::NotIp if walk.networks() == networks => Outcome::Portless(protocol),
        outcome => outcome,
    }
}

/// Whether these octets look like an IP packet that fits `length` octets on the wire. Used where no
/// field says what follows.
pub(super) fn is_plausible(bytes: &[u8], length: usize) -> bool {
    is_plausible_v4(bytes, length) || is_plausible_v6(bytes, length)
}

/// Whether these octets look like an IPv4 packet that fits `length` octets on the wire, as far as they
/// were captured.
pub(super) fn is_plausible_v4(bytes: &[u8], length: usize) -> bool {
    let &[first @ 0x45..=0x4f, _, high, low, ..] = bytes else { return false };
    let header_length = usize::from(first & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes([high, low]));
    // The total length is 0 in packets that the network card segments later.
    (total == 0 || total <= length && total >= header_length)
        && bytes.get(..header_length).is_none_or(|header| checksum(header) != Checksum::Wrong)
}

/// Whether these octets look like an IPv6 packet that fits `length` octets on the wire.
pub(super) fn is_plausible_v6(bytes: &[u8], length: usize) -> bool {
    let &[0x60..=0x6f, _, _, _, high, low, ..] = bytes else { return false };
    // A group sends nothing (RFC 4291 section 2.7).
    usize::from(u16::from_be_bytes([high, low])) <= length.saturating_sub(40) && bytes.get(8) != Some(&0xff)
}

/// Whether these octets look like an IP packet that takes `length` octets on the wire, where nothing pads it.
/// IPv6 has no checksum, so that its length must be this to the octet.
pub(super) fn is_exact(bytes: &[u8], length: usize) -> bool {
    is_plausible_v4(bytes, length) || is_plausible_v6(bytes, length) && fills(bytes, length)
}

/// Whether these octets are an IP packet, where nothing says what they are, nor how many there were on
/// the wire.
pub(super) fn is_certain(bytes: &[u8]) -> bool {
    is_certain_v4(bytes) || is_certain_v6(bytes)
}

/// Whether these octets, which fit nothing else, are an IPv4 packet with a wrong checksum, as programs that
/// replace addresses leave it. Its protocol must be a common one, and the length fit to the octet or the
/// first octet be 0x45, which begins no address of a station, being odd (IEEE 802 clause 8.2).
pub(super) fn is_v4_but_for_checksum(bytes: &[u8]) -> bool {
    is_plausible_length(bytes)
        && (bytes[0] == 0x45 || fills(bytes, bytes.len()))
        && matches!(bytes.get(9), Some(1 | 6 | 17))
}

fn is_plausible_length(bytes: &[u8]) -> bool {
    matches!(*bytes, [first @ 0x45..=0x4f, _, high, low, ..]
        if u16::from_be_bytes([high, low]) >= u16::from(first & 0x0f) * 4)
}

fn is_certain_v4(bytes: &[u8]) -> bool {
    let Some(&first @ 0x45..=0x4f) = bytes.first() else { return false };
    let Some(header) = bytes.get(..usize::from(first & 0x0f) * 4) else { return false };
    match checksum(header) {
        // Where the checksum fits, the capture may hold a part of the packet only.
        Checksum::Right => is_plausible_v4(bytes, usize::MAX),
        Checksum::Absent => is_plausible_v4(bytes, bytes.len()),
        Checksum::Wrong => false,
    }
}

fn is_certain_v6(bytes: &[u8]) -> bool {
    let Some(header @ [0x60..=0x6f, ..]) = bytes.first_chunk::<40>() else { return false };
    let excess = bytes.len().checked_sub(40 + usize::from(u16::from_be_bytes([header[4], header[5]])));
    let next = Protocol(header[6]);
    // Global and unique local unicast, link-local, `::` with what it embeds, NAT64 (RFC 4291, RFC 4193,
    // RFC 6052).
    let is_unicast = |at: usize| {
        matches!(header[at], 0x20..=0x3f | 0xfc | 0xfd)
            || matches!(header[at..at + 2], [0xfe, 0x80..=0xbf] | [0, 0 | 0x64])
    };
    let is_followed =
        matches!(
            next,
            Protocol::TCP | Protocol::UDP | Protocol::ICMPV6 | Protocol::SCTP | Protocol::GRE | Protocol::ESP
        ) || matches!(next, Protocol::IPV4 | Protocol::IPV6 | Protocol::FRAGMENT | Protocol::ROUTING);
    is_unicast(8)
        && (is_unicast(24) || header[24] == 0xff)
        && match excess {
            Some(octets) => octets <= MAX_TRAILER,
            // The capture holds a part of the packet. A hop-by-hop header's number, 0, is too common
            // in other data to count here.
            None => is_followed,
        }
}

/// Flags that no segment has both.
const OPENS_AND_CLOSES: u8 = tcp::SYN | tcp::FIN;
/// Octets that may lie after a packet in a frame: padding and a frame check sequence.
const MAX_TRAILER: usize = 8;

/// What the checksum of an IPv4 header says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksum {
    Right,
    Wrong,
    /// It is 0: the network card fills it in later.
    Absent,
}

/// The checksum of an IPv4 header (RFC 791 section 3.1), which has an even number of octets.
fn checksum(header: &[u8]) -> Checksum {
    let words = header.as_chunks::<2>().0;
    let sum: u32 = words.iter().map(|word| u32::from(u16::from_be_bytes(*word))).sum();
    match (header.get(10..12), (sum >> 16) + (sum & 0xffff)) {
        (_, 0xffff) => Checksum::Right,
        (Some([0, 0]), _) => Checksum::Absent,
        _ => Checksum::Wrong,
    }
}

/// Whether an IP packet takes exactly `length` octets.
pub(super) fn fills(bytes: &[u8], length: usize) -> bool {
    match *bytes {
        [0x40..=0x4f, _, high, low, ..] => usize::from(u16::from_be_bytes([high, low])) == length,
        [0x60..=0x6f, _, _, _, high, low, ..] => usize::from(u16::from_be_bytes([high, low])) + 40 == length,
        _ => false,
    }
}

/// Whether these octets can be a packet of `protocol`, a number that may be noise.
pub(super) fn is_plausible_payload(protocol: Protocol, bytes: &[u8], length: u32) -> bool {
    match protocol {
        Protocol::IPV4 => is_plausible_v4(bytes, length as usize),
        Protocol::IPV6 => is_plausible_v6(bytes, length as usize),
        Protocol::TCP => match bytes.get(12..14) {
            // Octets of the header; a segment has one flag at least, and does not both open and close.
            Some(&[offset, flags]) => {
                offset >> 4 >= 5
                    && u32::from(offset >> 4) * 4 <= length
                    && flags != 0
                    && flags & OPENS_AND_CLOSES != OPENS_AND_CLOSES
            }
            _ => true,
        },
        Protocol::UDP => match *bytes {
            [_, _, _, _, high, low, ..] => u32::from(u16::from_be_bytes([high, low])) == length,
            _ => true,
        },
        // What is covered by the checksum: all, or the header at least (RFC 3828 section 3.1).
        Protocol::UDPLITE => match *bytes {
            [_, _, _, _, 0, 0, ..] => true,
            [_, _, _, _, high, low, ..] => (8..=length).contains(&u16::from_be_bytes([high, low]).into()),
            _ => true,
        },
        Protocol::SCTP => transport::sctp::is_plausible(bytes),
        Protocol::DCCP => transport::dccp::is_plausible(bytes),
        Protocol::GRE => tunnel::gre::is_plausible(bytes),
        Protocol::MPLS => tunnel::mpls::holds_ip(bytes, length as usize),
        // Types that are in use, with small codes.
        Protocol::ICMP => matches!(bytes, [0 | 3..=5 | 8..=18, 0..=15, ..]),
        Protocol::ICMPV6 => matches!(bytes, [1..=4 | 128..=161, 0..=15, ..]),
        _ => false,
    }
}
