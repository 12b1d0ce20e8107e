//! GRE versions 0 (RFC 2784, RFC 2890, with the routing of RFC 1701) and 1 (PPTP's, in its own
//! file), directly in IP or in UDP (RFC 8086), and NVGRE (RFC 7637 section 3.2).
//!
//! Aruba's wireless controllers put 802.11 frames under protocol types of their own.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::{ether_type, ieee80211, ppp};
use super::super::network::{self, Datagram};
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::{erspan, half, pptp, word};
use crate::net::EtherType;

/// Flags and version, protocol type.
const HEADER: usize = 4;
/// Flags, in the order in which their fields follow the header.
const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// Bits that no implementation sets in version 0: strict source route, recursion, reserved.
const UNUSED: u16 = 0x0ff8;
const VERSION: u16 = 0x0007;
/// The least Virtual Subnet ID that NVGRE gives to a subnet (RFC 7637 section 3.1): a smaller
/// number in its place is a key of plain GRE.
const LEAST_SUBNET: u32 = 0x1000;

/// Number of source route entries that are read. Routing was deprecated by RFC 2784.
const MAX_ROUTES: usize = 32;

/// Decodes the payload of an IP header with protocol 47.
pub(in crate::decode) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    inner(walk, StepKind::Gre, datagram, bytes)
}

/// Decodes the payload of UDP on the port of GRE.
pub(super) fn decode_in_udp(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    is_plausible(bytes).then(|| inner(walk, StepKind::GreUdp, datagram, bytes))
}

/// Whether this is a GRE header of version 0 with a protocol type that is followed.
pub(in crate::decode) fn is_plausible(bytes: &[u8]) -> bool {
    match (half(bytes, 0), half(bytes, 2).map(EtherType)) {
        (Some(flags), Some(kind)) => {
            flags & (UNUSED | VERSION | ROUTING) == 0
                && matches!(
                    kind,
                    EtherType::IPV4
                        | EtherType::IPV6
                        | EtherType::ETHERNET
                        | EtherType::MPLS
                        | EtherType::MPLS_UPSTREAM
                        | EtherType::ERSPAN_II
                        | EtherType::ERSPAN_III
                        | EtherType::NSH
                        | EtherType::PPP
                )
        }
        _ => false,
    }
}

fn inner(walk: &mut Walk, step: StepKind, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let (Some(flags), Some(protocol)) = (half(bytes, 0), half(bytes, 2).map(EtherType)) else {
        return walk.cut(Layer::Gre, HEADER, bytes);
    };
    match flags & VERSION {
        0 => {}
        1 => return pptp::decode(walk, flags, protocol, bytes),
        _ => return Outcome::Malformed("GRE: version is neither 0 nor 1"),
    }
    let mut at = HEADER;
    if flags & (CHECKSUM | ROUTING) != 0 {
        at += 4;
    }
    let mut key = None;
    if flags & KEY != 0 {
        key = word(bytes, at);
        at += 4;
    }
    if flags & SEQUENCE != 0 {
        at += 4;
    }
    if flags & ROUTING != 0 {
        // Source route entries: family, offset, length of the addresses; a null entry ends them.
        let mut entries = 0;
        loop {
            if entries == MAX_ROUTES {
                return walk.too_deep();
            }
            entries += 1;
            let Some(family) = half(bytes, at) else {
                return walk.cut(Layer::Gre, at + 4, bytes);
            };
            let length = usize::from(bytes.get(at + 3).copied().unwrap_or_default());
            at += 4 + length;
            if family == 0 && length == 0 {
                break;
            }
        }
    }
    let Some(payload) = bytes.get(at..) else {
        return walk.cut(Layer::Gre, at, bytes);
    };
    // A route is a list of addresses.
    let plain = if flags & ROUTING == 0 { at } else { HEADER };
    walk.tell_opaque(bytes, plain, at);
    let length = (datagram.payload_length as usize).saturating_sub(at);
    let key = key.unwrap_or(0);
    match protocol {
        EtherType::ERSPAN_II | EtherType::ERSPAN_III => {
            erspan::decode(walk, protocol, flags & SEQUENCE != 0, payload)
        }
        EtherType::ETHERNET if flags & (CHECKSUM | SEQUENCE) == 0 && key >> 8 >= LEAST_SUBNET => {
            walk.inside(StepKind::Nvgre, key >> 8, |walk| ether_type(walk, protocol, payload))
        }
        EtherType::PPP => walk.inside(step, key, |walk| ppp::decode(walk, payload)),
        // WCCP: a redirect header of four octets may come before the packet.
        EtherType::WCCP => walk.inside(step, key, |walk| match payload.get(4..) {
            _ if network::is_plausible_v4(payload, length) => network::ipv4::decode(walk, payload),
            Some(packet) if network::is_exact(packet, length.saturating_sub(4)) => {
                walk.tell_plain(payload, 4);
                network::decode(walk, packet)
            }
            _ => Outcome::Ambiguous,
        }),
        // 802.11 frames of Aruba's access points.
        EtherType(0x8200..=0x82ff | 0x9000..=0x90ff) => {
            walk.inside(step, key, |walk| ieee80211::decode(walk, payload))
        }
        // Types of RFC 1701 section 1, no lengths: keepalives have 0, SNA 4, OSI 254.
        EtherType(0..=0x05ff) => walk.inside(step, key, |_| Outcome::NotIp),
        _ => walk.inside(step, key, |walk| ether_type(walk, protocol, payload)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, count, decode, every_prefix, frame, ip4, udp4,
    };
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_every_field() {
        let fields: [(u16, usize); 8] = [
            (0, 0),
            (0x8000, 4),
            (0x2000, 4),
            (0x1000, 4),
            (0xa000, 8),
            (0xb000, 12),
            (0x3000, 8),
            (0x9000, 8),
        ];
        for (flags, length) in fields {
            let gre = [&flags.to_be_bytes()[..], &[8, 0], &[0; 12][..length], &UDP4].concat();
            every_prefix(LinkType::RAW, &ip4(47, &gre), 24 + length + UDP4_PORTS);
        }
    }

    #[test]
    fn every_prefix_with_source_routes() {
        let gre = [&[0x40, 0, 8, 0, 0, 0, 0, 0, 0, 8, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0][..], &UDP4].concat();
        every_prefix(LinkType::RAW, &ip4(47, &gre), 40 + UDP4_PORTS);
    }

    #[test]
    fn source_routes_have_a_limit() {
        let packet = |entries: usize| {
            let route = [0, 8, 0, 0].repeat(entries - 1);
            ip4(47, &[&[0x40, 0, 8, 0, 0, 0, 0, 0][..], &route, &[0; 4], &UDP4].concat())
        };
        assert_eq!(decode(LinkType::RAW, &packet(32)).0, Outcome::Ports);
        assert_eq!(decode(LinkType::RAW, &packet(33)).0, Outcome::TooDeep);
    }

    #[test]
    fn a_key_is_shown_and_nvgre_has_its_subnet() {
        let gre = ip4(47, &[&[0x20, 0, 8, 0, 0, 0, 0, 5][..], &UDP4].concat());
        assert_eq!(decode(LinkType::RAW, &gre).1[0].to_string(), "gre:5");
        let nvgre = [&[0x20, 0, 0x65, 0x58, 0, 0x20, 0, 9][..], &frame(0x0800, &UDP4)].concat();
        assert_eq!(decode(LinkType::RAW, &ip4(47, &nvgre)).1[0].to_string(), "nvgre:8192");
        every_prefix(LinkType::RAW, &ip4(47, &nvgre), 42 + UDP4_PORTS);
    }

    #[test]
    fn every_prefix_in_udp() {
        let gre = [&[0, 0, 8, 0][..], &UDP4].concat();
        every_prefix(LinkType::RAW, &udp4(4754, &gre), 32 + UDP4_PORTS);
        let other = [&[0, 1, 8, 0][..], &UDP4].concat();
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &udp4(4754, &other)), 1);
    }

    #[test]
    fn the_redirect_header_of_wccp_is_passed() {
        let gre = [&[0, 0, 0x88, 0x3e, 0, 0, 0, 0][..], &UDP4].concat();
        every_prefix(LinkType::RAW, &ip4(47, &gre), 28 + UDP4_PORTS);
    }

    #[test]
    fn what_wccp_redirects_is_believed_where_it_fits() {
        let redirected =
            |content: &[u8]| decode(LinkType::RAW, &ip4(47, &[&[0, 0, 0x88, 0x3e][..], content].concat())).0;
        let redirect = [0, 0x50, 0, 0];
        assert_eq!(redirected(&UDP4), Outcome::Ports, "the first version has no redirect header");
        assert_eq!(redirected(&[&redirect[..], &UDP6].concat()), Outcome::Ports);
        let mut packet = UDP4;
        packet[10] ^= 1;
        assert_eq!(redirected(&packet), Outcome::Ambiguous, "another checksum");
        assert_eq!(redirected(&[&redirect[..], &packet].concat()), Outcome::Ambiguous);
        let mut packet = UDP6;
        packet[5] -= 1;
        assert_eq!(redirected(&[&redirect[..], &packet].concat()), Outcome::Ambiguous, "an octet too many");
        assert_eq!(redirected(&redirect), Outcome::Ambiguous, "nothing");
        assert_eq!(redirected(&[&redirect[..], &[0x1c; 40]].concat()), Outcome::Ambiguous, "noise");
    }
}
