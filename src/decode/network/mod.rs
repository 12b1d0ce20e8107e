//! Network headers: IPv4, IPv6 with its extension headers, and what stands behind them.

pub(super) mod ipv4;
pub(super) mod ipv6;

use std::net::IpAddr;

use super::layers::{StepKind, Walk};
use super::outcome::Layer;
use super::{Outcome, icmp, transport};

/// What a transport header needs to know of the IP packet around it.
#[derive(Clone, Copy)]
pub(super) struct Datagram {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    /// Octets of the whole IP packet on the wire.
    pub(super) length: u32,
    /// Octets behind the headers seen so far, on the wire.
    pub(super) payload_length: u32,
}

/// Decodes an IP packet of either version.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.first().map(|first| first >> 4) {
        Some(4) => ipv4::decode(walk, bytes),
        Some(6) => ipv6::decode(walk, bytes),
        Some(_) => Outcome::NotIp,
        None => Outcome::cut(Layer::Ipv4, 20, 0),
    }
}

/// Decodes what stands behind an IP header, by its protocol number.
#[inline]
pub(super) fn payload(walk: &mut Walk, protocol: u8, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    match protocol {
        6 => transport::tcp::decode(walk, datagram, bytes),
        17 => transport::udp::decode(walk, datagram, bytes),
        132 => transport::sctp::decode(walk, datagram, bytes),
        33 => transport::dccp::decode(walk, datagram, bytes),
        136 => transport::udplite::decode(walk, datagram, bytes),
        1 => icmp::decode(walk, protocol, bytes),
        58 => icmp::decode_v6(walk, protocol, bytes),
        4 => inside(walk, bytes, ipv4::decode),
        41 => inside(walk, bytes, ipv6::decode),
        50 => Outcome::Encrypted,
        other => Outcome::Portless(other),
    }
}

/// IP directly inside IP.
fn inside(walk: &mut Walk, bytes: &[u8], decode: fn(&mut Walk, &[u8]) -> Outcome) -> Outcome {
    match walk.step(StepKind::Ip, 0) {
        Ok(()) => decode(walk, bytes),
        Err(outcome) => outcome,
    }
}
