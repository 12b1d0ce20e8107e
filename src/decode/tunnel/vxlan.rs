//! VXLAN (RFC 7348 section 5), with the Group Policy extension's bits
//! (draft-smith-vxlan-group-policy), and VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe section 3).
//!
//! Reserved bits are ignored on receipt. With some of them set, or without the flag for a valid VNI, as
//! Cisco ACI writes it, the frame inside must fit.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::ethernet;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;
use super::{mpls, nsh};

const HEADER: usize = 8;
/// Flag for a valid VNI, which must be set (RFC 7348).
const HAS_VNI: u8 = 0x08;
/// Flag of Group Policy.
const HAS_POLICY: u8 = 0x80;
const HAS_VNI_AND_POLICY: u8 = HAS_VNI | HAS_POLICY;
/// GPE: flag for a next protocol field.
const HAS_PROTOCOL: u8 = 0x04;
const HAS_VNI_AND_PROTOCOL: u8 = HAS_VNI | HAS_PROTOCOL;
/// GPE: bits of the version, which is 0.
const VERSION: u8 = 0x30;

/// Decodes the payload of UDP on VXLAN's port.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let (header, frame) = bytes.split_first_chunk::<HEADER>()?;
    let length = datagram.after(HEADER).payload_length as usize;
    match header[0] {
        HAS_VNI | HAS_VNI_AND_POLICY => {}
        // GPE has a port of its own, and occurs here as well.
        HAS_VNI_AND_PROTOCOL if (1..=5).contains(&header[3]) => return decode_gpe(walk, datagram, bytes),
        flags if flags & HAS_VNI != 0 && ethernet::is_typed(frame) => {}
        flags if flags & (HAS_VNI | HAS_POLICY) != 0 && ethernet::is_plausible(frame, length) => {}
        _ => return None,
    }
    walk.tell_plain(header, HEADER);
    Some(walk.inside(StepKind::Vxlan, vni(*header), |walk| ethernet::decode(walk, frame)))
}

/// Decodes the payload of UDP on VXLAN-GPE's port.
pub(super) fn decode_gpe(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let (header, payload) = bytes.split_first_chunk::<HEADER>()?;
    if header[0] & (HAS_VNI | VERSION) != HAS_VNI {
        return None;
    }
    let length = datagram.after(HEADER).payload_length as usize;
    let decode: fn(&mut Walk, &[u8]) -> Outcome = match header[3] {
        _ if header[0] & HAS_PROTOCOL == 0 => ethernet::decode,
        1 if network::is_plausible_v4(payload, length) => network::ipv4::decode,
        2 if network::is_plausible_v6(payload, length) => network::ipv6::decode,
        3 => ethernet::decode,
        4 => nsh::decode,
        5 => mpls::decode,
        _ => return None,
    };
    walk.tell_plain(header, HEADER);
    Some(walk.inside(StepKind::VxlanGpe, vni(*header), |walk| decode(walk, payload)))
}

fn vni(header: [u8; HEADER]) -> u32 {
    u32::from_be_bytes([0, header[4], header[5], header[6]])
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, count, decode, decode_with, every_prefix, frame, udp4,
    };
    use super::super::super::{DecodeOptions, UdpTunnel};
    use crate::capture::LinkType;

    fn packet(port: u16, flags: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
        udp4(port, &[&[flags, 0, 0, protocol, 0, 0, 42, 0][..], payload].concat())
    }

    #[test]
    fn every_prefix_of_vxlan() {
        let packet = packet(4789, 8, 0, &frame(0x0800, &UDP4));
        every_prefix(LinkType::RAW, &packet, 28 + 8 + 14 + UDP4_PORTS);
        assert_eq!(decode(LinkType::RAW, &packet).1[0].to_string(), "vxlan:42");
    }

    #[test]
    fn every_prefix_of_gpe() {
        every_prefix(LinkType::RAW, &packet(4790, 0x0c, 1, &UDP4), 28 + 8 + UDP4_PORTS);
        let bridged = packet(4790, 0x0c, 3, &frame(0x0800, &UDP4));
        every_prefix(LinkType::RAW, &bridged, 28 + 8 + 14 + UDP4_PORTS);
    }

    #[test]
    fn packets_of_gpe_that_do_not_fit_are_no_tunnel() {
        let headers = |flags: u8, protocol: u8, payload: &[u8]| {
            count(DecodeOptions::default(), LinkType::RAW, &packet(4790, flags, protocol, payload))
        };
        let bridged = frame(0x0800, &UDP4);
        assert_eq!((headers(0x0c, 1, &UDP4), headers(0x0c, 2, &UDP6), headers(0x0c, 3, &bridged)), (2, 2, 2));
        assert_eq!(headers(8, 0, &bridged), 2, "without a protocol it is a frame");
        let mut wrong = UDP4;
        wrong[10] ^= 1;
        assert_eq!(headers(0x0c, 1, &wrong), 1, "another checksum");
        let mut wrong = UDP6;
        wrong[8] = 0xff;
        assert_eq!(headers(0x0c, 2, &wrong), 1, "a group as the source");
        assert_eq!((headers(0x0c, 2, &UDP4), headers(0x0c, 1, &UDP6)), (1, 1), "another version");
        assert_eq!(headers(0x0c, 9, &UDP4), 1, "a protocol that is not known");
        assert_eq!(headers(0x1c, 1, &UDP4), 1, "another version of the header");
        assert_eq!(headers(0x04, 1, &UDP4), 1, "no valid VNI");
    }

    #[test]
    fn reserved_bits_and_fields_are_ignored() {
        for flags in [0x09, 0x0a, 0x0c, 0x18, 0x28, 0x48, 0x80, 0x88, 0xc8, 0xff] {
            let packet = packet(4789, flags, 0, &frame(0x0800, &UDP4));
            assert_eq!(decode(LinkType::RAW, &packet).1[0].to_string(), "vxlan:42", "{flags:02x}");
            every_prefix(LinkType::RAW, &packet, 28 + 8 + 14 + UDP4_PORTS);
        }
        let tagged = packet(4789, 0x18, 0, &frame(0x8100, &[&[0, 7, 8, 0][..], &UDP4].concat()));
        every_prefix(LinkType::RAW, &tagged, 28 + 8 + 18 + UDP4_PORTS);
        let mut packet = packet(4789, 0x08, 9, &frame(0x0800, &UDP4));
        packet[28 + 7] = 1;
        every_prefix(LinkType::RAW, &packet, 28 + 8 + 14 + UDP4_PORTS);
    }

    #[test]
    fn with_reserved_bits_the_frame_must_fit() {
        let mut inner = UDP4;
        inner[10] ^= 1;
        for flags in [0x18, 0x80, 0x40] {
            let packet = packet(4789, flags, 0, &frame(0x0800, &inner));
            assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1, "{flags:02x}");
        }
    }

    #[test]
    fn other_traffic_on_the_port_keeps_its_header() {
        let packet = packet(4789, 0, 0, &frame(0x0800, &UDP4));
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
        assert!(decode(LinkType::RAW, &packet).1.is_empty());
    }

    #[test]
    fn a_port_that_was_given_is_looked_at() {
        let packet = packet(8472, 8, 0, &frame(0x0800, &UDP4));
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
        let mut options = DecodeOptions::default();
        options.add_tunnel(UdpTunnel::Vxlan, 8472);
        assert_eq!(decode_with(options, LinkType::RAW, &packet).1[0].to_string(), "vxlan:42");
    }
}
