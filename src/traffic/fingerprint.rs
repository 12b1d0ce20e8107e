//! What is the same of a datagram wherever it is captured, in 64 bits.
//!
//! Forwarding changes the TTL or hop limit, the header checksum of IPv4, DSCP and ECN (RFC 1812 section
//! 5.3.1, RFC 2474, RFC 3168), and the link header. It leaves alone the addresses, the lengths, the
//! identification, the flow label and what the datagram carries.

use crate::capture::{LinkType, Packet};
use crate::decode::{Context, Header, Layers, Signal, StepKind, tcp};

/// A datagram, wherever it is captured. Never 0.
pub(super) type Fingerprint = u64;

/// By what a datagram is told from the sender's next one that looks like it: the lowest bits of its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: duplicate acknowledgments and resets may follow each other at once, each like the other. So may
    /// searches of SSDP and reports on group memberships: UDP and ICMPv6 have no sequence numbers.
    Nothing = 1,
    /// A TCP segment with data, or one that opens or closes: by its sequence number. A retransmission has the
    /// same.
    Sequence = 2,
    /// A number that the sender gives to each datagram: the identification of IPv4 where it is not 0 (RFC
    /// 791 section 3.2), that of a fragment of IPv6 (RFC 8200 section 4.5).
    Number = 3,
}

const TOLD: u64 = 3;

impl Told {
    pub(super) fn of(fingerprint: Fingerprint) -> Told {
        match fingerprint & TOLD {
            1 => Told::Nothing,
            2 => Told::Sequence,
            _ => Told::Number,
        }
    }
}

/// The first eight octets of an IPv4 header but for DSCP and ECN.
const IPV4_LEFT_ALONE: u64 = u64::from_le_bytes([0xff, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
/// The first eight octets of an IPv6 header but for DSCP, ECN and the hop limit.
const IPV6_LEFT_ALONE: u64 = u64::from_le_bytes([0xf0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0]);
/// How many octets after an IP header count where the datagram has a number.
const WITH_NUMBER: usize = 16;
/// How many count where it has none: TCP's header with its timestamps and the first of the blocks that are
/// acknowledged selectively, which is another in each acknowledgment (RFC 2018 section 4).
const WITHOUT_NUMBER: usize = 48;

/// The fingerprint of most datagrams: of IPv4 without options, with a number, and outside of tunnels.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is small, and called once for each packet")]
pub(super) fn of_most(packet: &Packet, layers: &Layers) -> Option<Fingerprint> {
    numbered(layers.bare_datagram(packet.bytes)?)
}

/// That of a datagram of IPv4 without options, with a number, and not too short; `None` for others.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as `of_most`")]
fn numbered(header: &[u8; 20 + WITH_NUMBER]) -> Option<Fingerprint> {
    let first = word(header, 0);
    // Octets after the total length are not of the datagram. Its low octet decides for most. The protocol counts
    // in the others alone: where numbers and ports are the same, so is it.
    let is_long = first as u32 >= (20 + WITH_NUMBER as u32) << 24 || header[2] != 0;
    if header[0] != 0x45 || !is_long || (first >> 32) as u16 == 0 {
        return None;
    }
    let hash = fold(first & IPV4_LEFT_ALONE ^ word(header, 20), word(header, 12) ^ word(header, 28));
    Some(hash | Told::Number as u64)
}

/// The fingerprint of the innermost datagram of any packet; `None` without an IP header. `separate_vlans`
/// says that the same datagram in another VLAN is in another flow.
pub(super) fn of_any(packet: &Packet, layers: &Layers, separate_vlans: bool) -> Option<Fingerprint> {
    let (octets, around) = layers.datagram(packet.bytes)?;
    let fingerprint = match octets.first_chunk().and_then(numbered) {
        Some(fingerprint) => fingerprint,
        None => other(octets, layers)?,
    };
    let told = fingerprint & TOLD;
    Some(if around.is_empty() {
        fingerprint
    } else {
        inside(fingerprint, around, separate_vlans) & !TOLD | told
    })
}

/// That of any other datagram.
fn other(octets: &[u8], layers: &Layers) -> Option<Fingerprint> {
    let (length, header_length, has_number, mut hash);
    if octets.first()? >> 4 == 4 {
        let header = octets.first_chunk::<20>()?;
        let first = word(header, 0);
        has_number = header[4] | header[5] != 0;
        header_length = usize::from(header[0] & 0x0f) * 4;
        length = match u16::from_be_bytes([header[2], header[3]]) {
            // The network card segments it later.
            0 => octets.len(),
            length => usize::from(length),
        };
        hash = fold(first & IPV4_LEFT_ALONE, word(header, 12) ^ u64::from(header[9]));
    } else {
        let header = octets.first_chunk::<40>()?;
        has_number = header[6] == crate::net::Protocol::FRAGMENT.0;
        header_length = header.len();
        length = match u16::from_be_bytes([header[4], header[5]]) {
            0 => octets.len(),
            length => header_length + usize::from(length),
        };
        // The addresses, each half with the other's.
        let half = |at| word(header, at);
        hash = fold(
            half(0) & IPV6_LEFT_ALONE ^ half(8) ^ half(24).rotate_left(21),
            half(16) ^ half(32).rotate_left(21),
        );
    }
    let carried = octets.get(header_length..length.min(octets.len())).unwrap_or_default();
    let counted = carried.len().min(if has_number { WITH_NUMBER } else { WITHOUT_NUMBER });
    let (whole, rest) = carried[..counted].as_chunks::<16>();
    for two in whole {
        hash = fold(hash ^ word(two, 0), word(two, 8));
    }
    if let Some(last) = carried[..counted].last_chunk::<16>().filter(|_| !rest.is_empty()) {
        hash = fold(hash ^ word(last, 0), word(last, 8));
    } else {
        for &octet in rest {
            hash = fold(hash, octet.into());
        }
    }
    let told = if has_number { Told::Number } else { told_without_number(layers.headers().last()) };
    Some(hash & !TOLD | told as u64)
}

/// The same datagram inside another tunnel is in another flow.
#[inline(never)]
fn inside(hash: u64, around: Context, separate_vlans: bool) -> u64 {
    let vlans = around.iter().filter(|step| separate_vlans && step.kind == StepKind::Vlan);
    let steps = around.iter().filter_map(|step| step.of_both_directions());
    steps.chain(vlans.copied()).fold(hash, |hash, step| fold(hash ^ step.kind as u64, step.id))
}

fn told_without_number(header: Option<&Header>) -> Told {
    // There is no tunnel in TCP: its header is that of the innermost datagram.
    let takes_number = header.filter(|header| header.quoted.is_none()).is_some_and(|header| {
        // RFC 9293 section 3.4.
        matches!(header.signal, Signal::Tcp { flags, .. } if flags & tcp::RST == 0
            && (flags & (tcp::SYN | tcp::FIN) != 0 || header.payload_length > 0))
    });
    if takes_number { Told::Sequence } else { Told::Nothing }
}

/// Where a datagram was captured, in 16 bits: which interface, how far on its way, between which stations, in
/// which VLAN.
pub(super) fn place(packet: &Packet, layers: &Layers) -> u16 {
    let hop_limit = layers.datagram(packet.bytes).and_then(|(octets, _)| match octets.first()? >> 4 {
        4 => octets.get(8),
        _ => octets.get(7),
    });
    let link = match packet.link_type {
        // Both addresses and a tag; of `any` the interface, and whether the packet came in or went out. The
        // headers of other link types may differ from frame to frame in one place.
        Some(LinkType::ETHERNET | LinkType::LINUX_SLL | LinkType::LINUX_SLL2) => packet.bytes.first_chunk(),
        _ => None,
    };
    let link: [u64; 2] = link.map_or([0; 2], |octets: &[u8; 16]| [word(octets, 0), word(octets, 8)]);
    let here = u64::from(packet.interface) << 8 | u64::from(hop_limit.copied().unwrap_or_default());
    (fold(link[0] ^ here, link[1]) >> 48) as u16
}

/// Eight octets, which are there.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a load")]
fn word<const N: usize>(octets: &[u8; N], at: usize) -> u64 {
    octets[at..].first_chunk().map_or(0, |octets| u64::from_le_bytes(*octets))
}

/// Two words in one.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a multiplication")]
fn fold(a: u64, b: u64) -> u64 {
    // Digits of pi, which no word of traffic is likely to be.
    const NO_WORD: u64 = 0x243f_6a88_85a3_08d3;
    let product = u128::from(a ^ NO_WORD) * u128::from(b ^ NO_WORD);
    product as u64 ^ (product >> 64) as u64
}
