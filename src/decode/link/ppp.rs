//! PPP (RFC 1661), with or without HDLC-like framing (RFC 1662), and Cisco HDLC in its place
//! (LINKTYPE_C_HDLC; RFC 1547 section 4.3.1 distinguishes the two).
//!
//! Header compression (RFC 1144, RFC 2507, RFC 5795) is not decompressed. Such packets count as not
//! IP, since their ports are in another packet.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network, tunnel};
use super::{ether_type, ethernet};
use crate::net::EtherType;

/// Protocol numbers (IANA's registry of PPP DLL protocol numbers).
const IPV4: u16 = 0x0021;
const BRIDGING: u16 = 0x0031;
const MULTILINK: u16 = 0x003d;
const ENCRYPTED: u16 = 0x0053;
const ENCRYPTED_IN_LINK: u16 = 0x0055;
const IPV6: u16 = 0x0057;
const MPLS: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;

/// Decodes a packet that may begin with address and control.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [0xff, 0x03, rest @ ..] => {
            walk.tell_plain(bytes, 2);
            protocol(walk, rest)
        }
        [0x0f | 0x8f, 0x00, ..] => decode_cisco_hdlc(walk, bytes),
        _ => protocol(walk, bytes),
    }
}

/// Decodes Cisco HDLC: address, control, EtherType.
pub(in crate::decode) fn decode_cisco_hdlc(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [_, _, high, low, rest @ ..] => {
            walk.tell_plain(bytes, 4);
            ether_type(walk, EtherType::from_octets([*high, *low]), rest)
        }
        _ => walk.cut(Layer::Link, 4, bytes),
    }
}

/// Decodes a packet whose first octet is its direction (LINKTYPE_PPP_PPPD, LINKTYPE_PPP_WITH_DIR), in
/// place of the address or before it.
pub(super) fn decode_with_direction(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [_, 0x03, rest @ ..] => {
            walk.tell_plain(bytes, 2);
            protocol(walk, rest)
        }
        [_, rest @ ..] => {
            walk.tell_plain(bytes, 1);
            decode(walk, rest)
        }
        [] => walk.cut(Layer::Link, 2, bytes),
    }
}

/// Decodes a protocol field, of one octet where that is odd (RFC 1661 section 2), and its packet.
pub(in crate::decode) fn protocol(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let (protocol, payload) = match bytes {
        [low, rest @ ..] if low & 1 == 1 => (u16::from(*low), rest),
        [high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
        _ => return walk.cut(Layer::Link, 2, bytes),
    };
    walk.tell_plain(bytes, bytes.len() - payload.len());
    match protocol {
        IPV4 => network::ipv4::decode(walk, payload),
        IPV6 => network::ipv6::decode(walk, payload),
        MPLS | MPLS_MULTICAST => tunnel::mpls::decode(walk, payload),
        // Bridged frames (RFC 3518 section 4.2): flags, MAC type 1 for Ethernet.
        BRIDGING => match payload {
            [_, 1, frame @ ..] => {
                walk.tell_plain(payload, 2);
                walk.wrapped(|walk| ethernet::decode(walk, frame))
            }
            _ => Outcome::NotIp,
        },
        // Multilink (RFC 1990 section 3): only a packet in one fragment is decoded.
        MULTILINK => match payload {
            [flags, _, _, _, rest @ ..] if flags & 0xc0 == 0xc0 => {
                walk.tell_plain(payload, 4);
                walk.wrapped(|walk| self::protocol(walk, rest))
            }
            _ => Outcome::NotIp,
        },
        // Encryption and compression of whole packets (RFC 1968, RFC 3078).
        ENCRYPTED | ENCRYPTED_IN_LINK => Outcome::Encrypted,
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_in_every_framing() {
        for (link_type, header) in [
            (LinkType::PPP, &[0xff, 3, 0, 0x21][..]),
            (LinkType::PPP, &[0x21]),
            (LinkType::PPP_HDLC, &[0, 0x21]),
            (LinkType::PPP_HDLC, &[0x0f, 0, 8, 0]),
            (LinkType::C_HDLC, &[0x8f, 0, 8, 0]),
            (LinkType::PPP_PPPD, &[1, 3, 0, 0x21]),
            (LinkType::PPP_WITH_DIR, &[1, 0xff, 3, 0, 0x21]),
            (LinkType::PPP, &[0x3d, 0xc0, 0, 0, 1, 0x21]),
        ] {
            let packet = [header, &UDP4].concat();
            every_prefix(link_type, &packet, header.len() + UDP4_PORTS);
        }
    }

    #[test]
    fn encrypted_packets_are_counted_as_such() {
        assert_eq!(decode(LinkType::PPP, &[0xff, 3, 0, 0x53, 1, 2]).0, Outcome::Encrypted);
    }
}
