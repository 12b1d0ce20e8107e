//! IP directly inside IP: RFC 2003 and RFC 2473, IPv6 in IPv4 by configuration (RFC 4213), 6to4
//! (RFC 3056) and ISATAP (RFC 5214), which differ in their addresses.

use super::super::layers::Walk;
use super::super::step::StepKind;
use super::super::{Outcome, network};

/// Decodes the payload of an IP header with protocol 4 or 94.
pub(in crate::decode) fn decode_v4(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    walk.inside(StepKind::Ip, 0_u8, |walk| network::ipv4::decode(walk, bytes))
}

/// Decodes the payload of an IP header with protocol 41.
pub(in crate::decode) fn decode_v6(walk: &mut Walk, in_v4: bool, bytes: &[u8]) -> Outcome {
    let kind = if in_v4 { kind(bytes) } else { StepKind::Ip };
    walk.inside(kind, 0_u8, |walk| network::ipv6::decode(walk, bytes))
}

/// Kind of IPv6 in IPv4. One address of 6to4 or ISATAP is enough, since the other end may be at a
/// relay; so both directions agree.
fn kind(bytes: &[u8]) -> StepKind {
    let address = |at: usize| bytes.get(at..)?.first_chunk::<16>();
    let any = |is: fn(&[u8; 16]) -> bool| [8, 24].into_iter().filter_map(address).any(is);
    if any(|address| matches!(address, [0x20, 0x02, ..])) {
        StepKind::SixToFour
    } else if any(|address| matches!(address, [_, _, _, _, _, _, _, _, 0 | 2, 0, 0x5e, 0xfe, ..])) {
        StepKind::Isatap
    } else {
        StepKind::Ip
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, decode, every_prefix, frame, ip4, ip6, udp4,
    };
    use super::super::super::{Decoder, MAX_HEADERS, Outcome};
    use crate::capture::LinkType;
    use crate::net::Protocol;

    #[test]
    fn every_prefix_of_every_pair() {
        every_prefix(LinkType::RAW, &ip4(4, &UDP4), 20 + UDP4_PORTS);
        every_prefix(LinkType::RAW, &ip4(41, &UDP6), 20 + UDP6_PORTS);
        every_prefix(LinkType::RAW, &ip6(4, &UDP4), 40 + UDP4_PORTS);
        every_prefix(LinkType::RAW, &ip6(41, &UDP6), 40 + UDP6_PORTS);
    }

    #[test]
    fn addresses_tell_6to4_and_isatap() {
        let mut packet = ip4(41, &UDP6);
        let step = |packet: &[u8]| decode(LinkType::RAW, packet).1[0].to_string();
        assert_eq!(step(&packet), "ip");
        packet[36..40].copy_from_slice(&[0, 0, 0x5e, 0xfe]);
        assert_eq!(step(&packet), "isatap");
        packet[44..46].copy_from_slice(&[0x20, 0x02]);
        assert_eq!(step(&packet), "6to4");
    }

    #[test]
    fn depth_has_a_limit() {
        let mut packet = UDP4.to_vec();
        for _ in 1..MAX_HEADERS {
            packet = ip4(4, &packet);
        }
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::Ports);
        assert_eq!(decode(LinkType::RAW, &ip4(4, &packet)).0, Outcome::TooDeep);
        let packet = udp4(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame(0x0800, &packet)].concat());
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::TooDeep);
    }

    #[test]
    fn depth_has_the_same_limit_for_every_tunnel() {
        let mut packet = UDP4.to_vec();
        for _ in 1..MAX_HEADERS {
            packet = udp4(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame(0x0800, &packet)].concat());
        }
        let mut decoder = Decoder::new();
        let layers = decoder.decode(Some(LinkType::RAW), &packet);
        assert_eq!((layers.outcome(), layers.headers().len()), (Outcome::Ports, MAX_HEADERS));
        for packet in [
            udp4(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame(0x0800, &packet)].concat()),
            udp4(6081, &[&[0, 0, 0x65, 0x58, 0, 0, 42, 0][..], &frame(0x0800, &packet)].concat()),
            ip4(4, &packet),
        ] {
            let layers = decoder.decode(Some(LinkType::RAW), &packet);
            assert_eq!((layers.outcome(), layers.headers().len()), (Outcome::TooDeep, 0));
        }
        // An error that quotes them has no ports of its own, however deep they are.
        let error = ip4(1, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &packet].concat());
        assert_eq!(decode(LinkType::RAW, &error).0, Outcome::Portless(Protocol::ICMP));
    }
}
