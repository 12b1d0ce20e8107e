//! Frame Relay (RFC 2427), and Cisco's encapsulation with an EtherType in its place.
//!
//! The DLCI is the link's own number of the circuit and no part of a flow.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::{ether_type, llc};
use crate::net::EtherType;

/// Set in the last octet of an address (Q.922 section 3.3.2).
const EXTENDED_ADDRESS: u8 = 0x01;
/// The longest address.
const MAX_ADDRESS: usize = 4;
const UNNUMBERED_INFORMATION: u8 = 0x03;

/// Decodes a frame from its address on.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let address = bytes.iter().take(MAX_ADDRESS).position(|octet| octet & EXTENDED_ADDRESS != 0);
    let payload = match address {
        Some(last @ 1..) => &bytes[last + 1..],
        _ if bytes.len() < MAX_ADDRESS => return walk.cut(Layer::Link, 2, bytes),
        _ => return Outcome::Malformed("Frame Relay: the address has no end, or a single octet"),
    };
    let address = bytes.len() - payload.len();
    match payload {
        [UNNUMBERED_INFORMATION, 0x00, rest @ ..] | [UNNUMBERED_INFORMATION, rest @ ..] => {
            walk.tell_plain(bytes, bytes.len() - rest.len());
            llc::nlpid(walk, rest)
        }
        [high, low, rest @ ..] => {
            walk.tell_plain(bytes, address + 2);
            ether_type(walk, EtherType::from_octets([*high, *low]), rest)
        }
        _ => walk.cut(Layer::Link, bytes.len() + 2 - payload.len(), bytes),
    }
}

/// Decodes a frame after an octet with its direction.
pub(super) fn decode_with_direction(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [_, rest @ ..] => {
            walk.tell_plain(bytes, 1);
            decode(walk, rest)
        }
        [] => walk.cut(Layer::Link, 3, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_every_encapsulation() {
        for header in [
            &[0x18, 0x41, 3, 0xcc][..],
            &[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0],
            &[0x18, 0x40, 0x40, 0x41, 3, 0xcc],
            &[0x18, 0x41, 8, 0],
        ] {
            every_prefix(LinkType::FRELAY, &[header, &UDP4].concat(), header.len() + UDP4_PORTS);
        }
    }
}
