//! Network headers: IPv4, IPv6 with its extension headers, and their payload by protocol.

pub(super) mod ipv4;
pub(super) mod ipv6;

use std::net::IpAddr;

use super::layers::Walk;
use super::outcome::Layer;
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
        Protocol::ICMP => icmp::decode(walk, protocol, bytes),
        Protocol::ICMPV6 => icmp::decode_v6(walk, protocol, bytes),
        Protocol::IPV4 | Protocol::IPIP => tunnel::ip::decode_v4(walk, bytes),
        Protocol::IPV6 => tunnel::ip::decode_v6(walk, datagram.source.is_ipv4(), bytes),
        Protocol::GRE => tunnel::gre::decode(walk, datagram, bytes),
        Protocol::ESP => tunnel::esp::decode(walk, datagram, bytes),
        Protocol::ETHERIP => tunnel::etherip::decode(walk, bytes),
        Protocol::PIM => tunnel::pim::decode(walk, datagram, bytes),
        Protocol::L2TP => tunnel::l2tp::decode_in_ip(walk, datagram, bytes),
        Protocol::MPLS => tunnel::mpls::decode(walk, bytes),
        Protocol::ETHERNET => tunnel::etherip::decode_bare(walk, bytes),
        other => Outcome::Portless(other),
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
    let total = usize::from(u16::from_be_bytes([high, low]));
    // The total length is 0 in packets that the network card segments later.
    total == 0 || total <= length && total >= usize::from(first & 0x0f) * 4
}

/// Whether these octets look like an IPv6 packet that fits `length` octets on the wire.
pub(super) fn is_plausible_v6(bytes: &[u8], length: usize) -> bool {
    let &[0x60..=0x6f, _, _, _, high, low, ..] = bytes else { return false };
    usize::from(u16::from_be_bytes([high, low])) <= length.saturating_sub(40)
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
        Protocol::TCP => bytes.len() < 13 || bytes[12] >> 4 >= 5,
        Protocol::UDP => match *bytes {
            [_, _, _, _, high, low, ..] => u32::from(u16::from_be_bytes([high, low])) == length,
            _ => true,
        },
        Protocol::ICMP
        | Protocol::DCCP
        | Protocol::GRE
        | Protocol::ICMPV6
        | Protocol::SCTP
        | Protocol::UDPLITE
        | Protocol::MPLS => true,
        _ => false,
    }
}
