//! MPLS label stacks (RFC 3032) after an EtherType and in PPP, IP (RFC 4023) and UDP (RFC 7510), and
//! pseudowires in them (RFC 4385, RFC 4448).
//!
//! A label stack does not say what it carries. The first half-octet after it distinguishes IP from a
//! control word (RFC 4928); other octets are a frame where they look like one. Labels are chosen for
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
/// First half-octet of a control word before the pseudowire's own channel (RFC 4385 section 5).
const ASSOCIATED_CHANNEL: u8 = 1;

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
            return walk.inside(StepKind::Mpls, entry >> 12, |walk| payload(walk, &bytes[at..]));
        }
        if at >= MAX_LABELS * ENTRY {
            return Outcome::TooDeep;
        }
    }
}

/// Decodes the payload of UDP on the port of MPLS.
pub(super) fn decode_in_udp(walk: &mut Walk, bytes: &[u8]) -> Option<Outcome> {
    let bottom = bytes.as_chunks::<ENTRY>().0.iter().take(MAX_LABELS).position(|entry| entry[2] & 1 == 1)?;
    let payload = &bytes[(bottom + 1) * ENTRY..];
    let known = network::is_plausible(payload, payload.len().max(0xffff))
        || ethernet::is_plausible(payload, usize::MAX)
        || payload.get(ENTRY..).is_some_and(|frame| ethernet::is_plausible(frame, usize::MAX));
    known.then(|| decode(walk, bytes))
}

/// Whether these octets are a label stack and an IP packet that together take `length` octets.
pub(super) fn holds_ip(bytes: &[u8], length: usize) -> bool {
    let entries = bytes.as_chunks::<ENTRY>().0;
    entries.iter().take(MAX_LABELS).position(|entry| entry[2] & 1 == 1).is_some_and(|bottom| {
        let stack = (bottom + 1) * ENTRY;
        length.checked_sub(stack).is_some_and(|length| {
            network::is_plausible(&bytes[stack..], length) && network::fills(&bytes[stack..], length)
        })
    })
}

fn payload(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some(first) = bytes.first() else { return walk.cut(Layer::Mpls, 1, bytes) };
    match first >> 4 {
        4 if network::is_plausible_v4(bytes, usize::MAX) => network::ipv4::decode(walk, bytes),
        6 if network::is_plausible_v6(bytes, usize::MAX) => network::ipv6::decode(walk, bytes),
        _ if ethernet::is_plausible(bytes, usize::MAX) => ethernet::decode(walk, bytes),
        0 => match bytes.get(ENTRY..) {
            Some(frame) => ethernet::decode(walk, frame),
            None => walk.cut(Layer::Mpls, ENTRY, bytes),
        },
        ASSOCIATED_CHANNEL => channel(walk, bytes),
        4 | 6 => network::decode(walk, bytes),
        _ => ethernet::decode(walk, bytes),
    }
}

/// Decodes an associated channel header, whose channel type says what it holds (RFC 4446 section 3.2,
/// RFC 5586).
fn channel(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match (super::half(bytes, 2), bytes.get(ENTRY..)) {
        (Some(IPV4), Some(packet)) => network::ipv4::decode(walk, packet),
        (Some(IPV6), Some(packet)) => network::ipv6::decode(walk, packet),
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, count, decode, every_prefix, frame, ip4, udp4,
    };
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

    #[test]
    fn in_udp_only_what_holds_a_packet_is_a_stack() {
        let packet = udp4(6635, &[&STACK[..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 36 + UDP4_PORTS);
        let noise = udp4(6635, &[0x21; 60]);
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &noise), 1);
    }
}
