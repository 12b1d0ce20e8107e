//! The packets quoted inside ICMP (RFC 792) and ICMPv6 (RFC 4443) errors.
//!
//! The message itself has no ports; what it quotes is kept, marked as quoted.

use super::layers::{Quoted, Walk};
use super::{Outcome, network};

const HEADER: usize = 8;

/// ICMP behind IPv4.
pub(super) fn decode(walk: &mut Walk, protocol: u8, bytes: &[u8]) -> Outcome {
    let quoted = match bytes {
        [3, 4, ..] => Quoted::TooBig,
        [3, ..] => Quoted::Unreachable,
        [4 | 5 | 11 | 12, ..] => Quoted::Other,
        _ => return Outcome::Portless(protocol),
    };
    quote(walk, quoted, bytes, network::ipv4::decode);
    Outcome::Portless(protocol)
}

/// ICMPv6 behind IPv6.
pub(super) fn decode_v6(walk: &mut Walk, protocol: u8, bytes: &[u8]) -> Outcome {
    let quoted = match bytes.first() {
        Some(1) => Quoted::Unreachable,
        Some(2) => Quoted::TooBig,
        Some(3 | 4) => Quoted::Other,
        _ => return Outcome::Portless(protocol),
    };
    quote(walk, quoted, bytes, network::ipv6::decode);
    Outcome::Portless(protocol)
}

fn quote(walk: &mut Walk, quoted: Quoted, bytes: &[u8], decode: fn(&mut Walk, &[u8]) -> Outcome) {
    // An error about an error is never sent (RFC 1122 section 3.2.2): the outer one counts.
    walk.quoted.get_or_insert(quoted);
    if let Some(packet) = bytes.get(HEADER..) {
        decode(walk, packet);
    }
}
