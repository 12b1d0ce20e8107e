//! PPP (RFC 1661), with or without HDLC-like framing (RFC 1662), and Cisco HDLC in its place.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};
use super::ether_type;

/// A packet that may begin with address and control.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [0xff, 0x03, rest @ ..] => protocol(walk, rest),
        // Cisco HDLC: unicast or multicast address, control, EtherType.
        [0x0f | 0x8f, 0x00, high, low, rest @ ..] => {
            ether_type(walk, u16::from_be_bytes([*high, *low]), rest)
        }
        _ => protocol(walk, bytes),
    }
}

/// A packet whose first octet tells its direction (LINKTYPE_PPP_PPPD).
pub(super) fn decode_pppd(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [_, 0x03, rest @ ..] | [_, rest @ ..] => protocol(walk, rest),
        [] => Outcome::cut(Layer::Link, 2, 0),
    }
}

/// The protocol field, of one octet when that is odd (RFC 1661 section 2), and what follows.
pub(in super::super) fn protocol(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let (protocol, payload) = match bytes {
        [low, rest @ ..] if low & 1 == 1 => (u16::from(*low), rest),
        [high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
        _ => return Outcome::cut(Layer::Link, 2, bytes.len()),
    };
    match protocol {
        0x0021 => network::ipv4::decode(walk, payload),
        0x0057 => network::ipv6::decode(walk, payload),
        _ => Outcome::NotIp,
    }
}
