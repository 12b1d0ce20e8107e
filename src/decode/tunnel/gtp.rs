//! GTP-U version 1 (3GPP TS 29.281 section 5) with extension headers, and version 0 (TS 09.60
//! section 6). Only messages that carry a user's packet (G-PDU, T-PDU) are followed; GTP-C and
//! echo messages are traffic of the port.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::ethernet;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;
use super::{half, word};

const HEADER: usize = 8;
const HEADER_V0: usize = 20;
/// Version 1 and protocol type 1 (GTP, not GTP').
const VERSION_1: u8 = 0x30;
/// Version 0 and protocol type 1.
const VERSION_0: u8 = 0x10;
/// Flags E, S and PN: four more octets follow if any is set.
const HAS_OPTIONAL: u8 = 0x07;
/// The flag E: extension headers follow.
const HAS_EXTENSION: u8 = 0x04;
/// Number of extension headers that are read; there are fewer kinds.
const MAX_EXTENSIONS: usize = 16;
/// Message type of a user's packet.
const G_PDU: u8 = 255;

/// Decodes the payload of UDP on a port of GTP-U.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let &[flags, G_PDU, ..] = bytes else { return None };
    let (header, tunnel) = match flags & 0xf0 {
        VERSION_1 => (HEADER, word(bytes, 4)?),
        VERSION_0 => (HEADER_V0, u32::from(half(bytes, 6)?)),
        _ => return None,
    };
    // The length counts what follows the fixed header.
    let end = header + usize::from(half(bytes, 2)?);
    if end > datagram.payload_length as usize {
        return None;
    }
    let mut at = header;
    if header == HEADER && flags & HAS_OPTIONAL != 0 {
        at += 4;
        let mut next = if flags & HAS_EXTENSION != 0 { *bytes.get(at - 1)? } else { 0 };
        // Each extension begins with its length in words of 32 bits and ends with the type of
        // the next.
        let mut extensions = 0;
        while next != 0 {
            if extensions == MAX_EXTENSIONS {
                return None;
            }
            extensions += 1;
            let length = usize::from(*bytes.get(at)?) * 4;
            if length == 0 {
                return None;
            }
            at += length;
            next = *bytes.get(at - 1)?;
        }
    }
    let payload = bytes.get(at..end.min(bytes.len()))?;
    let left = end.saturating_sub(at);
    // A length that fits the datagram to the octet is not a coincidence: the content may be cut short.
    let is_exact = end == datagram.payload_length as usize;
    let length = if is_exact { usize::MAX } else { left };
    let told = |walk: &mut Walk| walk.tell_plain(bytes, at);
    // A session carries IP or frames, and no field says which: an address may begin as a header does, so that
    // a version and a length that only fits somehow are the weakest of marks.
    if network::is_certain(payload) || network::is_exact(payload, left) {
        told(walk);
        Some(walk.inside(StepKind::Gtp, tunnel, |walk| network::decode(walk, payload)))
    } else if ethernet::is_plausible(payload, length) {
        told(walk);
        Some(walk.inside(StepKind::Gtp, tunnel, |walk| ethernet::decode(walk, payload)))
    } else if network::is_plausible(payload, length) {
        told(walk);
        Some(walk.inside(StepKind::Gtp, tunnel, |walk| network::decode(walk, payload)))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, count, decode, every_prefix, frame, udp4,
    };
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_plain_packet() {
        let packet = udp4(2152, &[&[0x30, 255, 0, 28, 0, 0, 1, 2][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 36 + UDP4_PORTS);
        assert_eq!(decode(LinkType::RAW, &packet).1[0].to_string(), "gtp:258");
        let packet = udp4(2152, &[&[0x30, 255, 0, 48, 0, 0, 1, 2][..], &UDP6].concat());
        every_prefix(LinkType::RAW, &packet, 36 + UDP6_PORTS);
    }

    #[test]
    fn every_prefix_with_sequence_number_and_extensions() {
        let packet = udp4(2152, &[&[0x32, 255, 0, 32, 0, 0, 1, 2, 0, 1, 0, 0][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 40 + UDP4_PORTS);
        let header = [0x34, 255, 0, 40, 0, 0, 1, 2, 0, 1, 0, 0x85, 1, 0, 9, 0xc0, 1, 1, 2, 0];
        let packet = udp4(2152, &[&header[..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 48 + UDP4_PORTS);
    }

    #[test]
    fn every_prefix_of_version_0_and_of_ethernet() {
        let header = [0x1e, 255, 0, 28, 0, 1, 0, 9, 0, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8];
        let packet = udp4(3386, &[&header[..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 48 + UDP4_PORTS);
        let packet = udp4(2152, &[&[0x30, 255, 0, 42, 0, 0, 1, 2][..], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::RAW, &packet, 50 + UDP4_PORTS);
    }

    #[test]
    fn extension_headers_have_a_limit() {
        let headers = |extensions: usize| {
            let length = (extensions * 4 + 4 + UDP4.len()) as u16;
            let [high, low] = length.to_be_bytes();
            let mut next = [1, 0, 9, 0xc0].repeat(extensions);
            next[extensions * 4 - 1] = 0;
            udp4(2152, &[&[0x34, 255, high, low, 0, 0, 1, 2, 0, 1, 0, 0xc0][..], &next, &UDP4].concat())
        };
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &headers(16)), 2);
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &headers(17)), 1);
    }

    #[test]
    fn other_messages_and_lengths_that_do_not_fit_are_no_tunnel() {
        for header in [
            [0x30, 1, 0, 28, 0, 0, 1, 2],
            [0x30, 255, 0, 29, 0, 0, 1, 2],
            [0x50, 255, 0, 28, 0, 0, 1, 2],
            [0x20, 255, 0, 28, 0, 0, 1, 2],
        ] {
            let packet = udp4(2152, &[&header[..], &UDP4].concat());
            assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1, "{header:?}");
        }
    }

    #[test]
    fn a_frame_whose_address_begins_as_a_header_is_a_frame() {
        for first in [0x45, 0x60, 0x6c] {
            let mut inner = frame(0x0800, &UDP4);
            inner[0] = first;
            let packet = udp4(2152, &[&[0x30, 255, 0, 42, 0, 0, 1, 2][..], &inner].concat());
            every_prefix(LinkType::RAW, &packet, 50 + UDP4_PORTS);
        }
    }
}
