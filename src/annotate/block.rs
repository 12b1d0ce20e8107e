//! pcapng blocks, written: sections and interfaces for what came from pcap files, packets, names.

use std::net::IpAddr;

use super::HostName;
use crate::capture::{Packet, PcapHeader};

// Block types (draft-ietf-opsawg-pcapng section 11.1).
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub(super) const INTERFACE_DESCRIPTION: u32 = 1;
pub(super) const SIMPLE_PACKET: u32 = 3;
pub(super) const NAME_RESOLUTION: u32 = 4;
pub(super) const INTERFACE_STATISTICS: u32 = 5;
pub(super) const ENHANCED_PACKET: u32 = 6;
pub(super) const DECRYPTION_SECRETS: u32 = 10;
/// A Custom Block that a program which does not know it must not copy.
pub(super) const CUSTOM_NOT_TO_COPY: u32 = 0x4000_0bad;

// Option codes of every block (section 3.5).
pub(super) const END_OF_OPTIONS: u16 = 0;
pub(super) const COMMENT: u16 = 1;
/// Custom Options that a program which does not know them must not copy: text, octets.
pub(super) const CUSTOM_OPTIONS_NOT_TO_COPY: [u16; 2] = [19372, 19373];

/// The longest comment. An option's length has 16 bits; what is longer is cut.
const MAX_COMMENT: usize = 65_532;

/// Appends numbers in a section's byte order.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) big_endian: bool,
}

impl Order {
    /// The byte order of the sections that are made here.
    pub(super) const LITTLE: Order = Order { big_endian: false };

    #[inline]
    pub(super) fn u16(self, out: &mut Vec<u8>, number: u16) {
        out.extend_from_slice(&if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() });
    }

    #[inline]
    pub(super) fn u32(self, out: &mut Vec<u8>, number: u32) {
        out.extend_from_slice(&self.octets(number));
    }

    #[inline]
    fn octets(self, number: u32) -> [u8; 4] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn option(self, out: &mut Vec<u8>, code: u16, value: &[u8]) {
        self.u16(out, code);
        self.u16(out, value.len() as u16);
        out.extend_from_slice(value);
        pad(out, value.len());
    }

    /// Appends a comment.
    #[inline]
    pub(super) fn comment(self, out: &mut Vec<u8>, text: &str) {
        let text = match text.len() {
            0..=MAX_COMMENT => text,
            _ => &text[..text.floor_char_boundary(MAX_COMMENT)],
        };
        self.option(out, COMMENT, text.as_bytes());
    }

    pub(super) fn end_of_options(out: &mut Vec<u8>) {
        out.extend_from_slice(&[0; 4]);
    }

    /// Begins a block whose length is not known yet; says where it begins.
    pub(super) fn begin(self, out: &mut Vec<u8>, kind: u32) -> usize {
        let start = out.len();
        self.u32(out, kind);
        self.u32(out, 0);
        start
    }

    /// Ends the block that begins at `start`.
    #[inline]
    pub(super) fn end(self, out: &mut Vec<u8>, start: usize) {
        // A packet is at most 128 MiB, and so is a block that is copied.
        let length = self.octets((out.len() - start + 4) as u32);
        out.extend_from_slice(&length);
        out[start + 4..start + 8].copy_from_slice(&length);
    }
}

/// Appends what fills `length` octets up to a multiple of four.
#[inline]
pub(super) fn pad(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&[0; 3][..length.next_multiple_of(4) - length]);
}

/// Appends the section and the interface that stand for a pcap file's header.
pub(super) fn section_of_pcap(out: &mut Vec<u8>, header: &PcapHeader, comment: &str, names: &[HostName]) {
    const USER_APPLICATION: u16 = 4;
    const TIME_RESOLUTION: u16 = 9;
    const TIME_ZONE: u16 = 10;
    const FCS_LENGTH: u16 = 13;
    let order = Order::LITTLE;

    let start = order.begin(out, SECTION_HEADER);
    order.u32(out, 0x1a2b_3c4d);
    order.u16(out, 1);
    order.u16(out, 0);
    out.extend_from_slice(&UNKNOWN_LENGTH);
    order.comment(out, comment);
    let program = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    order.option(out, USER_APPLICATION, program.as_bytes());
    Order::end_of_options(out);
    order.end(out, start);
    self::names(out, names, order);

    let start = order.begin(out, INTERFACE_DESCRIPTION);
    order.u16(out, header.link_type.0);
    order.u16(out, 0);
    order.u32(out, header.snap_length);
    order.option(out, TIME_RESOLUTION, &[header.tick_exponent]);
    if header.time_zone != 0 {
        order.option(out, TIME_ZONE, &header.time_zone.to_le_bytes());
    }
    if let Some(length) = header.fcs_length {
        order.option(out, FCS_LENGTH, &[length]);
    }
    Order::end_of_options(out);
    order.end(out, start);
}

/// The Section Length that says: not known.
pub(super) const UNKNOWN_LENGTH: [u8; 8] = [0xff; 8];

/// Appends an Enhanced Packet Block for a packet of a pcap file, which is on interface 0.
#[inline]
pub(super) fn packet_of_pcap(
    out: &mut Vec<u8>,
    ticks: u64,
    packet: &Packet,
    flags: Option<u32>,
    comment: Option<&str>,
) {
    const FLAGS: u16 = 2;
    let order = Order::LITTLE;
    let start = out.len();
    let mut fixed = [0; 28];
    for (place, number) in fixed.as_chunks_mut::<4>().0.iter_mut().zip([
        ENHANCED_PACKET,
        0,
        0,
        (ticks >> 32) as u32,
        ticks as u32,
        packet.bytes.len() as u32,
        packet.original_length,
    ]) {
        *place = order.octets(number);
    }
    out.extend_from_slice(&fixed);
    out.extend_from_slice(packet.bytes);
    pad(out, packet.bytes.len());
    if let Some(comment) = comment {
        order.comment(out, comment);
    }
    if let Some(flags) = flags {
        order.option(out, FLAGS, &flags.to_le_bytes());
    }
    if comment.is_some() || flags.is_some() {
        Order::end_of_options(out);
    }
    order.end(out, start);
}

/// The direction and reception type (`epb_flags`, section 4.3.1) that the Kuznetsov variant of
/// pcap says of a packet: an interface's index, a protocol and a packet type, of eight octets.
pub(super) fn flags_of_kuznetsov(extra: &[u8]) -> Option<u32> {
    const INBOUND: u32 = 1;
    const OUTBOUND: u32 = 2;
    let [_, _, _, _, _, _, packet_type, _] = *extra.first_chunk::<8>()?;
    // PACKET_HOST, _BROADCAST, _MULTICAST, _OTHERHOST, _OUTGOING of packet(7).
    match packet_type {
        0 => Some(INBOUND | 1 << 2),
        1 => Some(INBOUND | 3 << 2),
        2 => Some(INBOUND | 2 << 2),
        3 => Some(INBOUND | 4 << 2),
        4 => Some(OUTBOUND),
        _ => None,
    }
}

/// Appends a Name Resolution Block (section 4.5) with our mark; nothing without names.
pub(super) fn names(out: &mut Vec<u8>, names: &[HostName], order: Order) {
    const END_OF_RECORDS: u16 = 0;
    const IPV4: u16 = 1;
    const IPV6: u16 = 2;
    if names.is_empty() {
        return;
    }
    let start = order.begin(out, NAME_RESOLUTION);
    for HostName { address, name } in names {
        let mut value = Vec::with_capacity(17 + name.len());
        let kind = match address {
            IpAddr::V4(address) => {
                value.extend_from_slice(&address.octets());
                IPV4
            }
            IpAddr::V6(address) => {
                value.extend_from_slice(&address.octets());
                IPV6
            }
        };
        // The name ends with a zero octet; a longer one than DNS allows would be no host's.
        value.extend_from_slice(&name.as_bytes()[..name.floor_char_boundary(255)]);
        value.push(0);
        order.option(out, kind, &value);
    }
    order.option(out, END_OF_RECORDS, &[]);
    order.comment(out, super::wording::NAMES);
    Order::end_of_options(out);
    order.end(out, start);
}
