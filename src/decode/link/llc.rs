//! Logical Link Control (IEEE 802.2), with SNAP (RFC 1042), and NLPIDs (ISO 9577) in its place
//! (RFC 2427, RFC 2684).
//!
//! Connection-oriented frames and protocols other than IP count as not IP.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};
use super::{ether_type, ethernet, ppp};
use crate::net::EtherType;

/// Service access points and control of the frames that carry packets.
const UNNUMBERED_INFORMATION: u8 = 0x03;
/// Network Layer Protocol Identifiers (ISO/IEC TR 9577; RFC 2427 section 3).
pub(super) const SNAP: u8 = 0x80;
pub(super) const IPV4: u8 = 0xcc;
pub(super) const IPV6: u8 = 0x8e;
const PPP: u8 = 0xcf;
/// The least EtherType: smaller numbers are lengths (IEEE 802.3 clause 3.2.6).
const LEAST_ETHER_TYPE: u16 = 0x0600;

/// Decodes a frame from its destination service access point on.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    walk.tell_plain(bytes, 3);
    match bytes {
        [0xaa, 0xaa | 0xab, UNNUMBERED_INFORMATION, rest @ ..] => snap(walk, rest),
        // Service access point of IP, older than SNAP.
        [0x06, 0x06 | 0x07, UNNUMBERED_INFORMATION, rest @ ..] => network::ipv4::decode(walk, rest),
        // ISO network protocols, by NLPID.
        [0xfe, 0xfe, UNNUMBERED_INFORMATION, rest @ ..] => nlpid(walk, rest),
        [_, _, _, ..] => Outcome::NotIp,
        _ => walk.cut(Layer::Link, 3, bytes),
    }
}

/// Decodes an organization code, a protocol identifier, and the packet after them.
pub(in crate::decode) fn snap(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    walk.tell_plain(bytes, 5);
    match bytes {
        [0, 0, 0 | 0xf8, high, low, rest @ ..] => match EtherType::from_octets([*high, *low]) {
            // A number that would be a length in an Ethernet frame.
            EtherType(0..LEAST_ETHER_TYPE) => Outcome::NotIp,
            protocol => ether_type(walk, protocol, rest),
        },
        // Bridged frames (RFC 2684 section 5.2, RFC 2427 section 4.2): Ethernet with and without
        // its frame check sequence. Over ATM two octets of padding come first.
        [0x00, 0x80, 0xc2, 0x00, 0x01 | 0x07, rest @ ..] => {
            let frame = without_padding(rest);
            walk.tell_plain(rest, rest.len() - frame.len());
            walk.wrapped(|walk| ethernet::decode(walk, frame))
        }
        [_, _, _, _, _, ..] => Outcome::NotIp,
        _ => walk.cut(Layer::Link, 5, bytes),
    }
}

/// A bridged frame without the padding of ATM. An address may begin with zeros as well, so what fits without
/// them alone is a frame with such an address.
fn without_padding(bytes: &[u8]) -> &[u8] {
    let fits = |frame: &[u8]| ethernet::is_plausible(frame, usize::MAX) || ethernet::is_typed(frame);
    match bytes {
        [0, 0, frame @ ..] if fits(frame) || !fits(bytes) => frame,
        _ => bytes,
    }
}

/// Decodes a Network Layer Protocol Identifier and the packet after it.
pub(in crate::decode) fn nlpid(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        // One octet of padding may come before the identifier (RFC 2427 section 3).
        [0x00, SNAP, rest @ ..] | [SNAP, rest @ ..] => {
            walk.tell_plain(bytes, bytes.len() - rest.len());
            snap(walk, rest)
        }
        [IPV4, rest @ ..] => {
            walk.tell_plain(bytes, 1);
            network::ipv4::decode(walk, rest)
        }
        [IPV6, rest @ ..] => {
            walk.tell_plain(bytes, 1);
            network::ipv6::decode(walk, rest)
        }
        [PPP, rest @ ..] => {
            walk.tell_plain(bytes, 1);
            ppp::protocol(walk, rest)
        }
        [_, ..] => {
            walk.tell_plain(bytes, 1);
            Outcome::NotIp
        }
        [] => walk.cut(Layer::Link, 1, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_snap_frame() {
        let packet = [&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &UDP4].concat();
        every_prefix(LinkType::ATM_RFC1483, &packet, 8 + UDP4_PORTS);
    }

    #[test]
    fn ip_has_a_service_access_point_of_its_own() {
        let packet = [&[6, 6, 3][..], &UDP4].concat();
        every_prefix(LinkType::ATM_RFC1483, &packet, 3 + UDP4_PORTS);
    }

    #[test]
    fn bridged_ethernet_is_followed() {
        let mut packet = vec![0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0];
        packet.extend([2; 12]);
        packet.extend([8, 0]);
        packet.extend(UDP4);
        every_prefix(LinkType::ATM_RFC1483, &packet, 24 + UDP4_PORTS);
    }

    #[test]
    fn an_address_that_begins_with_zeros_is_no_padding() {
        let mut inner = frame(0x0800, &UDP4);
        inner[..3].copy_from_slice(&[0, 0, 0x0c]);
        let bridged = [&[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7][..], &inner].concat();
        let packet = frame(bridged.len() as u16, &bridged);
        assert_eq!(decode(LinkType::ETHERNET, &packet).0, Outcome::Ports);
        let padded = [&bridged[..8], &[0, 0], &bridged[8..]].concat();
        let packet = frame(padded.len() as u16, &padded);
        assert_eq!(decode(LinkType::ETHERNET, &packet).0, Outcome::Ports);
    }
}
