//! Packets of pcap files as pcapng blocks: one section with one interface for each file.

use super::names::names;
use super::{HostName, wording};
use crate::capture::{BlockWriter, ByteOrder, Packet, PcapHeader, code};

/// Byte order of the sections made here.
const ORDER: ByteOrder = ByteOrder::Little;

/// Number of the section's only interface.
const INTERFACE: u32 = 0;

/// Appends a section and an interface with the content of a pcap file's header.
pub(super) fn section(out: &mut Vec<u8>, header: &PcapHeader, comment: &str, hosts: &[HostName]) {
    let mut block = BlockWriter::section_header(out, ORDER);
    block.comment(comment);
    block.option(code::SECTION_PROGRAM, wording::PROGRAM.as_bytes());
    block.end_of_options();
    block.end();
    names(out, hosts, ORDER);

    let mut block = BlockWriter::interface_description(out, ORDER, header.link_type, header.snap_length);
    block.option(code::INTERFACE_TIME_UNIT, &[header.tick_exponent]);
    if header.time_zone != 0 {
        block.option(code::INTERFACE_TIME_ZONE, &ORDER.octets_of_u32(header.time_zone.cast_unsigned()));
    }
    if let Some(length) = header.fcs_length {
        block.option(code::INTERFACE_FCS_LENGTH, &[length]);
    }
    block.end_of_options();
    block.end();
}

/// Appends an Enhanced Packet Block for a packet of a pcap file. `ticks` is its time in the file's
/// unit, `flags` its `epb_flags`.
#[inline]
pub(super) fn packet(
    out: &mut Vec<u8>,
    ticks: u64,
    packet: &Packet,
    flags: Option<u32>,
    comment: Option<&str>,
) {
    let mut block = BlockWriter::enhanced_packet(out, ORDER, INTERFACE, ticks, packet);
    if let Some(comment) = comment {
        block.comment(comment);
    }
    if let Some(flags) = flags {
        block.option(code::PACKET_FLAGS, &ORDER.octets_of_u32(flags));
    }
    if comment.is_some() || flags.is_some() {
        block.end_of_options();
    }
    block.end();
}

/// The `epb_flags` (draft-ietf-opsawg-pcapng section 4.3.1) of a packet of the Kuznetsov variant of
/// pcap: direction and reception type, from the packet type among its eight extra octets.
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
