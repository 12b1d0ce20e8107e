//! Packets with other addresses and without payload.
//!
//! What is written is what the decoder says of each octet, and nothing else: octets that it does not know are
//! zeros, and behind the last header a packet ends. What decoding the result says is compared with what it
//! said before.

use std::net::IpAddr;
use std::ops::Range;

use super::Anonymizer;
use super::checksum::{Sum, crc32c};
use crate::Transport;
use crate::capture::LinkType;
use crate::decode::{DecodeOptions, Decoder, Header, Layers, Outcome, Part, Parts, Portless};
use crate::net::Protocol;

/// Octets that any option may be replaced by, in IPv4 and in TCP: no operation.
const NO_OPERATION: u8 = 1;
/// Options of IPv4 that hold no addresses: router alert (RFC 2113).
const IPV4_OPTIONS: [u8; 1] = [148];
/// Options of TCP that hold neither addresses nor secrets: segment size, window scale, selective
/// acknowledgment, timestamps (RFC 9293 section 3.2, RFC 2018, RFC 7323).
const TCP_OPTIONS: [u8; 5] = [2, 3, 4, 5, 8];
/// Options of IPv6 that hold no addresses: router alert (RFC 2711), jumbo payload (RFC 2675).
const IPV6_OPTIONS: [u8; 2] = [5, 0xc2];
/// Padding of more than one octet in its place (RFC 8200 section 4.2).
const PADDING: u8 = 1;

/// Replaces what packets hold.
pub struct Packets {
    by: Anonymizer,
    decoder: Decoder,
    /// Decodes what was written.
    again: Decoder,
    parts: Parts,
    out: Vec<u8>,
    counts: PacketCounts,
}

/// What became of packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketCounts {
    /// Packets of which all headers that were decoded are kept.
    pub whole: u64,
    /// Packets that are cut off before a header that was decoded, since it is not certain what octets around it
    /// hold.
    pub cut: u64,
}

impl Packets {
    /// Replaces by `by`; packets are decoded with these options.
    pub fn new(by: Anonymizer, options: &DecodeOptions) -> Packets {
        Packets {
            by,
            decoder: Decoder::with_options(options.clone()),
            again: Decoder::with_options(options.clone()),
            parts: Parts::default(),
            out: Vec::new(),
            counts: PacketCounts::default(),
        }
    }

    /// What replaces addresses and names.
    pub fn by(&self) -> &Anonymizer {
        &self.by
    }

    /// What became of the packets so far.
    pub fn counts(&self) -> PacketCounts {
        self.counts
    }

    /// A packet with other addresses, up to the end of its last header.
    pub fn packet(&mut self, link_type: Option<LinkType>, packet: &[u8]) -> &[u8] {
        let Packets { by, decoder, again, parts, out, counts } = self;
        let before = decoder.decode_in_parts(link_type, packet, parts);
        out.clear();
        out.resize(packet.len(), 0);
        let end = parts.end();
        for (place, part) in parts.iter() {
            write(by, out, packet, place, part);
        }
        mend(out, packet, parts);
        let mut is_same = |octets: &[u8]| same(by, before, again.decode(link_type, octets));
        if is_same(&out[..end]) {
            out.truncate(end);
            counts.whole += 1;
        } else if is_same(out) {
            // A header behind the payload, or a length that is that of the capture.
            counts.whole += 1;
        } else {
            out.truncate(known_beginning(parts));
            counts.cut += 1;
        }
        &self.out
    }
}

/// How far the parts of a packet follow each other without a gap.
fn known_beginning(parts: &Parts) -> usize {
    let mut end = 0;
    // Parts may lie in others, and are told in any order.
    while let Some(further) = parts
        .iter()
        .filter(|(place, _)| place.start <= end)
        .map(|(place, _)| place.end)
        .max()
        .filter(|&further| further > end)
    {
        end = further;
    }
    end
}

/// Writes one part.
fn write(by: &Anonymizer, out: &mut [u8], packet: &[u8], place: Range<usize>, part: Part) {
    let (Some(to), Some(from)) = (out.get_mut(place.clone()), packet.get(place.clone())) else { return };
    match part {
        Part::Station => {
            if let (Ok(station), Some(to)) = (from.try_into(), to.first_chunk_mut()) {
                *to = by.station(station);
            }
        }
        Part::Address => replace(by, to, from),
        Part::Ipv4 => ipv4(by, to, from, packet.len() - place.start),
        Part::Ipv6 => ipv6(by, to, from, packet.len() - place.start),
        Part::Options => options_of_ipv6(to, from),
        Part::Transport { transport: Transport::Tcp, .. } => {
            copy(to, from, 20);
            options(to, from, 20, &TCP_OPTIONS);
        }
        Part::Transport { transport: Transport::Dccp, .. } => copy(to, from, length_of_dccp(from)),
        Part::Plain | Part::Transport { .. } | Part::Icmp { .. } => to.copy_from_slice(from),
        // Zeros.
        Part::Opaque => {}
    }
}

/// Copies the first octets, as many as there are.
fn copy(to: &mut [u8], from: &[u8], length: usize) {
    let length = length.min(from.len()).min(to.len());
    to[..length].copy_from_slice(&from[..length]);
}

/// Replaces an address of either version by its length.
fn replace(by: &Anonymizer, to: &mut [u8], from: &[u8]) {
    if let (Ok(octets), Ok(to)) = (<[u8; 4]>::try_from(from), <&mut [u8; 4]>::try_from(&mut *to)) {
        if let IpAddr::V4(address) = by.address(octets.into()) {
            *to = address.octets();
        }
    } else if let (Ok(octets), Ok(to)) = (<[u8; 16]>::try_from(from), <&mut [u8; 16]>::try_from(to))
        && let IpAddr::V6(address) = by.address(octets.into())
    {
        *to = address.octets();
    }
}

/// `left` octets were captured from the header on.
fn ipv4(by: &Anonymizer, to: &mut [u8], from: &[u8], left: usize) {
    copy(to, from, 12);
    if from.len() < 20 {
        return;
    }
    // The network card was to fill it in, and what was captured is all that there was.
    if let ([0, 0], Ok(length)) = (&from[2..4], u16::try_from(left)) {
        to[2..4].copy_from_slice(&length.to_be_bytes());
    }
    for at in [12, 16] {
        replace(by, &mut to[at..at + 4], &from[at..at + 4]);
    }
    options(to, from, 20, &IPV4_OPTIONS);
    to[10..12].fill(0);
    let checksum = Sum::default().octets(to).finish();
    to[10..12].copy_from_slice(&checksum.to_be_bytes());
}

/// `left` octets were captured from the header on.
fn ipv6(by: &Anonymizer, to: &mut [u8], from: &[u8], left: usize) {
    copy(to, from, 8);
    if from.len() < 40 {
        return;
    }
    // As in IPv4. A jumbogram has its length in a hop-by-hop header.
    if let ([0, 0], Ok(length)) = (&from[4..6], u16::try_from(left.saturating_sub(40)))
        && Protocol(from[6]) != Protocol::HOP_BY_HOP
    {
        to[4..6].copy_from_slice(&length.to_be_bytes());
    }
    for at in [8, 24] {
        replace(by, &mut to[at..at + 16], &from[at..at + 16]);
    }
}

/// Options of IPv4 and TCP from `at` on: those that are known, and no operation in place of others.
fn options(to: &mut [u8], from: &[u8], at: usize, known: &[u8]) {
    let (Some(mut to), Some(mut from)) = (to.get_mut(at..), from.get(at..)) else { return };
    while let Some(&kind) = from.first() {
        let length = match (kind, from.get(1)) {
            // The end: zeros follow.
            (0, _) => return,
            (NO_OPERATION, _) => 1,
            (_, Some(&length @ 2..)) => usize::from(length).min(from.len()),
            _ => from.len(),
        };
        let (head, rest) = from.split_at(length);
        let (to_head, to_rest) = to.split_at_mut(length);
        if known.contains(&kind) {
            to_head.copy_from_slice(head);
        } else {
            to_head.fill(NO_OPERATION);
        }
        (to, from) = (to_rest, rest);
    }
}

/// Options of an extension header: those that are known, and padding in place of others.
fn options_of_ipv6(mut to: &mut [u8], mut from: &[u8]) {
    while let Some(&kind) = from.first() {
        let length = match (kind, from.get(1)) {
            (0, _) => 1,
            (_, Some(&length)) => (2 + usize::from(length)).min(from.len()),
            _ => from.len(),
        };
        let (head, rest) = from.split_at(length);
        let (to_head, to_rest) = to.split_at_mut(length);
        if IPV6_OPTIONS.contains(&kind) {
            to_head.copy_from_slice(head);
        } else if let ([to_kind, to_length, ..], [_, length, ..]) = (to_head, head) {
            (*to_kind, *to_length) = (PADDING, *length);
        }
        (to, from) = (to_rest, rest);
    }
}

/// Octets of a header of DCCP without options (RFC 4340 section 5): padding stands in their place.
fn length_of_dccp(header: &[u8]) -> usize {
    let Some(kind_and_x) = header.get(8) else { return header.len() };
    let (fixed, acknowledgement) = if kind_and_x & 1 == 1 { (16, 8) } else { (12, 4) };
    // Request, response, data, reset.
    fixed
        + match kind_and_x >> 1 & 0x0f {
            0 => 4,
            1 | 7 => acknowledgement + 4,
            2 => 0,
            _ => acknowledgement,
        }
}

/// Puts right the checksums of transport headers, from the innermost on.
fn mend(out: &mut [u8], packet: &[u8], parts: &Parts) {
    for (n, (place, part)) in parts.iter().enumerate().rev() {
        let (protocol, length) = match part {
            Part::Transport { transport, length } => (Protocol::from(transport), length),
            Part::Icmp { protocol, length } => (protocol, length),
            _ => continue,
        };
        // The header of IP around it is the last before it.
        let around = parts.iter().take(n).rfind(|(_, part)| matches!(part, Part::Ipv4 | Part::Ipv6));
        let Some((ip, version)) = around else { continue };
        let Some((before, message)) = out.split_at_mut_checked(place.start) else { continue };
        let Some(addresses) = before.get(ip.start..).and_then(|header| match version {
            Part::Ipv4 => header.get(12..20),
            _ => header.get(8..40),
        }) else {
            continue;
        };
        let captured = message.len().min(length as usize);
        let pseudo =
            |length: u32| Sum::default().octets(addresses).number(length).number(u32::from(protocol.0));
        let message = &mut message[..captured];
        if place.len() < 4 {
            continue;
        }
        let was = packet.get(place.start..).unwrap_or_default();
        match protocol {
            Protocol::SCTP => {
                if let Some(field) = message.get_mut(8..12) {
                    field.fill(0);
                    let crc = crc32c(message, length as usize);
                    message[8..12].copy_from_slice(&crc.to_le_bytes());
                }
            }
            Protocol::ICMP => put(message, 2, Sum::default()),
            Protocol::ICMPV6 => put(message, 2, pseudo(length)),
            Protocol::TCP => put(message, 16, pseudo(length)),
            // Behind the header come zeros, however much of them they cover (RFC 3828 section 3.1, RFC 4340 section 9.2).
            Protocol::DCCP | Protocol::UDPLITE => put(message, 6, pseudo(length)),
            Protocol::UDP => match was {
                // No checksum (RFC 768).
                [_, _, _, _, _, _, 0, 0, ..] => {}
                [_, _, _, _, high, low, ..] => {
                    let length = match u16::from_be_bytes([*high, *low]) {
                        0 => length,
                        length => u32::from(length),
                    };
                    let end = message.len().min(length as usize);
                    put(&mut message[..end], 6, pseudo(length));
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Puts a checksum into its field, with what a message adds to it. One of 0 is written as its other form (RFC
/// 768).
fn put(message: &mut [u8], at: usize, pseudo: Sum) {
    if let Some(field) = message.get_mut(at..at + 2) {
        field.fill(0);
        let checksum = match pseudo.octets(message).finish() {
            0 if at == 6 => 0xffff,
            checksum => checksum,
        };
        message[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// Whether decoding says the same after as before, but for addresses and what is behind the headers.
fn same(by: &Anonymizer, before: &Layers, after: &Layers) -> bool {
    let became = |before: IpAddr, after: IpAddr| by.address(before) == after;
    let header = |a: &Header, b: &Header| {
        became(a.source, b.source)
            && became(a.destination, b.destination)
            && (a.transport, a.source_port, a.destination_port, a.ip_length, a.payload_length)
                == (b.transport, b.source_port, b.destination_port, b.ip_length, b.payload_length)
            && (a.signal, a.is_link_broadcast, a.quoted) == (b.signal, b.is_link_broadcast, b.quoted)
            && before.context(a) == after.context(b)
    };
    let portless = |a: Option<&Portless>, b: Option<&Portless>| match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            became(a.source, b.source)
                && became(a.destination, b.destination)
                && (a.protocol, a.icmp, a.ip_length, a.is_link_broadcast, a.quoted)
                    == (b.protocol, b.icmp, b.ip_length, b.is_link_broadcast, b.quoted)
                && before.context_of_portless(a) == after.context_of_portless(b)
        }
        _ => false,
    };
    let fragment = match (before.fragment(), after.fragment()) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            became(a.source, b.source)
                && became(a.destination, b.destination)
                && (a.protocol, a.identification, a.offset, a.length, a.more, a.ip_length)
                    == (b.protocol, b.identification, b.offset, b.length, b.more, b.ip_length)
                && before.context_of_fragment(a) == after.context_of_fragment(b)
        }
        _ => false,
    };
    let outcome = match (before.outcome(), after.outcome()) {
        // How many octets are left is another.
        (Outcome::Truncated(a), Outcome::Truncated(b)) => a.layer == b.layer,
        (a, b) => a == b,
    };
    let pairs = |a: &[Header], b: &[Header]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| header(a, b));
    let paths =
        |a: &[IpAddr], b: &[IpAddr]| a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| became(a, b));
    outcome
        && pairs(before.headers(), after.headers())
        && fragment
        && portless(before.portless(), after.portless())
        && portless(before.quoted_portless(), after.quoted_portless())
        && paths(before.paths(), after.paths())
}
