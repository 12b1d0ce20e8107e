//! MPLS label stacks (RFC 3032) after an EtherType and in PPP, IP (RFC 4023) and UDP (RFC 7510), and
//! pseudowires in them (RFC 4385, RFC 4448).
//!
//! A label stack does not say what it carries. The first half-octet after it is to distinguish IP from a
//! control word (RFC 4928), but a frame without a control word begins with any address. So IP is
//! believed where its header fits (version, lengths, checksum, addresses), a frame where it holds such a
//! packet or has a known type; what fits nothing is ambiguous. Labels are chosen for
//! one direction of one hop: the bottom label is shown, and none is part of a flow's key.

use super::super::layers::Walk;
use super::super::link::ethernet;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::super::{Outcome, network};
use super::word;

/// One entry of the stack.
const ENTRY: usize = 4;
/// Set in the entry at the bottom of the stack.
const BOTTOM: u32 = 0x100;
/// Number of labels that are read; networks stack fewer.
const MAX_LABELS: usize = 32;
/// First octet of an associated channel header of version 0; the next is reserved (RFC 4385 section 5).
const ASSOCIATED_CHANNEL: u8 = 0x10;

/// Channel types of IP packets (RFC 4446 section 3.2).
const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;

/// Decodes a label stack and what it carries.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let mut at = 0;
    loop {
        let Some(entry) = word(bytes, at) else {
            return walk.cut(Layer::Mpls, at + ENTRY, bytes);
        };
        at += ENTRY;
        if entry & BOTTOM != 0 {
            walk.tell_plain(bytes, at);
            return walk.inside(StepKind::Mpls, entry >> 12, |walk| payload(walk, &bytes[at..]));
        }
        if at >= MAX_LABELS * ENTRY {
            return walk.too_deep();
        }
    }
}

/// Decodes the payload of UDP on the port of MPLS.
pub(super) fn decode_in_udp(walk: &mut Walk, bytes: &[u8]) -> Option<Outcome> {
    let bottom = bytes.as_chunks::<ENTRY>().0.iter().take(MAX_LABELS).position(|entry| entry[2] & 1 == 1)?;
    let payload = &bytes[(bottom + 1) * ENTRY..];
    let known = network::is_certain(payload)
        || ethernet::is_plausible(payload, usize::MAX)
        || payload.get(ENTRY..).is_some_and(|frame| ethernet::is_plausible(frame, usize::MAX));
    known.then(|| decode(walk, bytes))
}

/// Whether these octets are a label stack and an IP packet that together take `length` octets.
pub(in crate::decode) fn holds_ip(bytes: &[u8], length: usize) -> bool {
    let entries = bytes.as_chunks::<ENTRY>().0;
    entries.iter().take(MAX_LABELS).position(|entry| entry[2] & 1 == 1).is_some_and(|bottom| {
        let stack = (bottom + 1) * ENTRY;
        length.checked_sub(stack).is_some_and(|length| {
            network::is_plausible(&bytes[stack..], length) && network::fills(&bytes[stack..], length)
        })
    })
}

fn payload(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    if network::is_certain(bytes) {
        return network::decode(walk, bytes);
    }
    // After a control word, whose first half-octet is 0 (RFC 4385 section 3).
    let word = match bytes {
        [] => return walk.cut(Layer::Mpls, 1, bytes),
        [0x00..=0x0f, ..] => bytes.get(ENTRY..),
        [ASSOCIATED_CHANNEL, 0, ..] => return channel(walk, bytes),
        _ => None,
    };
    let is_frame = |bytes: &[u8]| ethernet::is_plausible(bytes, usize::MAX);
    match word {
        // After a VLAN tag, the last four octets before a packet look like the end of a header again.
        Some(frame) if is_frame(bytes) && is_frame(frame) && !ethernet::is_tagged(bytes) => {
            Outcome::Ambiguous
        }
        _ if is_frame(bytes) => ethernet::decode(walk, bytes),
        Some(frame) if is_frame(frame) => {
            walk.tell_plain(bytes, ENTRY);
            ethernet::decode(walk, frame)
        }
        Some(packet) if network::is_certain(packet) => {
            walk.tell_plain(bytes, ENTRY);
            network::decode(walk, packet)
        }
        // A known type is a weaker mark than a packet: it must not be in both places.
        Some(frame) => match (ethernet::is_typed(bytes), ethernet::is_typed(frame)) {
            (true, false) => ethernet::decode(walk, bytes),
            (false, true) => {
                walk.tell_plain(bytes, ENTRY);
                ethernet::decode(walk, frame)
            }
            _ => Outcome::Ambiguous,
        },
        None if ethernet::is_typed(bytes) => ethernet::decode(walk, bytes),
        None if network::is_v4_but_for_checksum(bytes) => network::ipv4::decode(walk, bytes),
        None => Outcome::Ambiguous,
    }
}

/// Decodes an associated channel header, whose channel type says what it holds (RFC 4446 section 3.2,
/// RFC 5586).
fn channel(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    walk.tell_plain(bytes, ENTRY);
    match (super::half(bytes, 2), bytes.get(ENTRY..)) {
        (Some(IPV4 | IPV6), Some(packet)) if network::is_certain(packet) => network::decode(walk, packet),
        (Some(IPV4 | IPV6), _) => Outcome::Ambiguous,
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, count, decode, every_prefix, frame, ip4, udp4,
    };
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    const STACK: [u8; 8] = [0, 1, 0, 64, 0, 2, 1, 64];

    #[test]
    fn every_prefix_of_a_stack_with_ip() {
        let packet = frame(0x8847, &[&STACK[..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
        assert_eq!(decode(LinkType::ETHERNET, &packet).1[0].to_string(), "mpls:32");
        every_prefix(LinkType::MPLS, &[&STACK[..], &UDP6].concat(), 8 + UDP6_PORTS);
        every_prefix(LinkType::RAW, &ip4(137, &[&STACK[..], &UDP4].concat()), 28 + UDP4_PORTS);
    }

    #[test]
    fn every_prefix_of_a_pseudowire_with_and_without_control_word() {
        let inner = frame(0x0800, &UDP4);
        every_prefix(LinkType::MPLS, &[&STACK[..], &inner].concat(), 22 + UDP4_PORTS);
        every_prefix(LinkType::MPLS, &[&STACK[..], &[0; 4], &inner].concat(), 26 + UDP4_PORTS);
    }

    #[test]
    fn every_prefix_of_a_channel() {
        every_prefix(LinkType::MPLS, &[&STACK[..], &[0x10, 0, 0, 0x21], &UDP4].concat(), 12 + UDP4_PORTS);
    }

    /// A frame with a customer's address that looks like the beginning of an IP header.
    fn customer(first: u8, ether_type: u16, payload: &[u8]) -> Vec<u8> {
        let mut frame = frame(ether_type, payload);
        frame[..6].copy_from_slice(&[first, 0x4d, 0, 40, 0, 1]);
        [&STACK[..], &frame].concat()
    }

    #[test]
    fn a_customers_address_is_not_the_header_of_a_packet() {
        for first in [0x00, 0x10, 0x45, 0x48, 0x60, 0x6c] {
            every_prefix(LinkType::MPLS, &customer(first, 0x0800, &UDP4), 22 + UDP4_PORTS);
            every_prefix(LinkType::MPLS, &customer(first, 0x86dd, &UDP6), 22 + UDP6_PORTS);
            let tagged = customer(first, 0x8100, &[&[0, 7, 8, 0][..], &UDP4].concat());
            every_prefix(LinkType::MPLS, &tagged, 26 + UDP4_PORTS);
        }
    }

    #[test]
    fn what_fits_nothing_is_ambiguous() {
        for first in [0x00, 0x45, 0x48, 0x60, 0x6c, 0x70] {
            let unknown = customer(first, 0x1234, &UDP4);
            assert_eq!(decode(LinkType::MPLS, &unknown).0, Outcome::Ambiguous, "{first:02x}");
            for length in 9..unknown.len() {
                assert_eq!(decode(LinkType::MPLS, &unknown[..length]).0, Outcome::Ambiguous, "{length}");
            }
            let discovery = customer(first, 0x88cc, &[2; 40]);
            assert_eq!(decode(LinkType::MPLS, &discovery).0, Outcome::NotIp, "{first:02x}");
        }
    }

    #[test]
    fn a_wrong_checksum_or_length_is_not_believed() {
        let stacked = |packet: &[u8]| [&STACK[..], packet].concat();
        let with = |at: usize, octet: u8| {
            let mut packet = UDP4;
            packet[at] = octet;
            decode(LinkType::MPLS, &stacked(&packet)).0
        };
        assert_eq!(with(10, 0), Outcome::Ports, "another checksum, but the length fits");
        let mut packet = [&UDP4[..], &[0; 20]].concat();
        packet[0] = 0x46;
        assert_eq!(decode(LinkType::MPLS, &stacked(&packet)).0, Outcome::Ambiguous, "another checksum");
        packet[3] = 48;
        assert_eq!(decode(LinkType::MPLS, &stacked(&packet)).0, Outcome::Ports, "but the length fits");
        let mut packet = UDP4;
        packet[10..12].fill(0);
        assert_eq!(decode(LinkType::MPLS, &stacked(&packet)).0, Outcome::Ports, "no checksum");
        let mut packet = UDP6.to_vec();
        packet.extend([0; 9]);
        assert_eq!(decode(LinkType::MPLS, &stacked(&packet)).0, Outcome::Ambiguous, "nine octets too many");
        packet.truncate(56);
        assert_eq!(decode(LinkType::MPLS, &stacked(&packet)).0, Outcome::Ports, "padded");
    }

    #[test]
    fn in_udp_only_what_holds_a_packet_is_a_stack() {
        let packet = udp4(6635, &[&STACK[..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 36 + UDP4_PORTS);
        let noise = udp4(6635, &[0x21; 60]);
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &noise), 1);
    }

    #[test]
    fn what_fits_with_a_control_word_and_without_is_ambiguous() {
        // The source address after a control word is type and packet without one.
        let mut inner = frame(0x0800, &UDP4);
        inner[..6].copy_from_slice(&[0, 0, 0, 0, 0, 2]);
        inner[8..12].copy_from_slice(&[0x86, 0xdd, 0x60, 0]);
        let packet = [&STACK[..], &[0; 4], &inner].concat();
        let without = &packet[8..];
        assert_eq!((&without[12..14], without[14] >> 4), (&[0x86, 0xdd][..], 6));
        assert_eq!(decode(LinkType::MPLS, &packet).0, Outcome::Ambiguous);
    }
}
