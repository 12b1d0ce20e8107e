//! Captures that can be given away: times, lengths, headers with other addresses, and interfaces with other
//! names. What is not known to hold neither is left out.

use super::{AnnotateOptions, Report, from_pcap, wording};
use crate::anonymize::{Anonymizer, Packets};
use crate::capture::{Block, BlockType, BlockWriter, ByteOrder, Held, LinkType, Packet, code};
use crate::decode::DecodeOptions;
use crate::net::InterfaceName;
use crate::traffic::LabelledFlow;

/// Options of an interface that hold neither names nor addresses.
const OF_INTERFACES: [u16; 4] = [
    code::INTERFACE_TIME_UNIT,
    code::INTERFACE_TIME_ZONE,
    code::INTERFACE_FCS_LENGTH,
    code::INTERFACE_TIME_OFFSET,
];
/// Options of statistics: times and counts (draft-ietf-opsawg-pcapng section 4.6).
const OF_STATISTICS: std::ops::RangeInclusive<u16> = code::STATISTICS_START..=8;

/// Writes a capture with other addresses.
pub(super) struct Anonymous {
    packets: Packets,
    bytes: Vec<u8>,
}

impl Anonymous {
    /// `None` where the options do not ask for it.
    pub(super) fn new(options: &AnnotateOptions, decode: &DecodeOptions) -> Option<Anonymous> {
        let by = options.anonymizer.clone()?;
        Some(Anonymous { packets: Packets::new(by, decode), bytes: Vec::new() })
    }

    fn by(&self) -> &Anonymizer {
        self.packets.by()
    }

    /// Appends a packet.
    pub(super) fn packet(
        &mut self,
        out: &mut Vec<u8>,
        packet: &Packet,
        held: Held,
        comment: Option<&str>,
        report: &mut Report,
    ) {
        let was = packet.bytes.len();
        self.bytes.clear();
        self.bytes.extend_from_slice(self.packets.packet(packet.link_type, packet.bytes));
        report.anonymized = self.packets.counts();
        let (block, end) = match held {
            Held::Record { ticks, extra } => {
                let packet = shorter(packet, &self.bytes);
                from_pcap::packet(out, ticks, &packet, from_pcap::flags_of_kuznetsov(extra), comment);
                return;
            }
            Held::Block { block, end } => (block, end),
        };
        if block.kind == BlockType::SIMPLE_PACKET {
            report.without_room += u64::from(comment.is_some());
            // How much was captured follows from the interface, so that it cannot be less.
            self.bytes.resize(was, 0);
            let length = block.body().u32(0).unwrap_or_default();
            let mut writer = BlockWriter::begin(out, block.order, BlockType::SIMPLE_PACKET, [length]);
            writer.padded(&self.bytes);
            writer.end();
            return;
        }
        let body = block.body();
        let interface = match block.kind {
            // Its upper half counts dropped packets.
            BlockType::OBSOLETE_PACKET => body.u16(0).map(u32::from),
            _ => body.u32(0),
        };
        let (Some(interface), Some(high), Some(low)) = (interface, body.u32(4), body.u32(8)) else { return };
        let ticks = u64::from(high) << 32 | u64::from(low);
        let packet = shorter(packet, &self.bytes);
        let mut writer = BlockWriter::enhanced_packet(out, block.order, interface, ticks, &packet);
        if let Some(comment) = comment {
            writer.comment(comment);
        }
        let mut has_flags = false;
        for option in block.options(end.next_multiple_of(4)) {
            if option.code == code::PACKET_FLAGS && option.value.len() == 4 {
                writer.option(option.code, option.value);
                has_flags = true;
            } else {
                report.left_unnamed += 1;
            }
        }
        if comment.is_some() || has_flags {
            writer.end_of_options();
        }
        writer.end();
    }

    /// Appends a block that is neither a packet nor a section header, where it says what packets need.
    pub(super) fn other(&self, out: &mut Vec<u8>, block: Block, report: &mut Report) {
        let body = block.body();
        let (mut writer, start) = match (block.kind, block.start_of_options()) {
            (BlockType::INTERFACE_DESCRIPTION, Some(start)) => {
                let (Some(link_type), Some(snap_length)) = (body.u16(0), body.u32(4)) else { return };
                let link_type = LinkType(link_type);
                (BlockWriter::interface_description(out, block.order, link_type, snap_length), start)
            }
            (BlockType::INTERFACE_STATISTICS, Some(start)) => {
                let (Some(interface), Some(high), Some(low)) = (body.u32(0), body.u32(4), body.u32(8)) else {
                    return;
                };
                let words = [interface, high, low];
                (BlockWriter::begin(out, block.order, BlockType::INTERFACE_STATISTICS, words), start)
            }
            _ => {
                report.left_unnamed += 1;
                return;
            }
        };
        let mut has_name = false;
        for option in block.options(start) {
            let is_known = if block.kind == BlockType::INTERFACE_DESCRIPTION {
                OF_INTERFACES.contains(&option.code) && option.value.len() <= 8
            } else {
                OF_STATISTICS.contains(&option.code) && option.value.len() == 8
            };
            let is_name =
                block.kind == BlockType::INTERFACE_DESCRIPTION && option.code == code::INTERFACE_NAME;
            if is_known {
                writer.option(option.code, option.value);
            } else if is_name
                && !has_name
                && let Some(name) = InterfaceName::of_octets(option.value)
            {
                has_name = true;
                writer.option(option.code, self.by().interface_name(name.to_text().raw()).as_bytes());
            } else {
                report.left_unnamed += 1;
            }
        }
        writer.end_of_options();
        writer.end();
    }
}

/// A flow as it is said, with other addresses where that is asked for.
pub(super) fn row<'a>(anonymous: Option<&'a Anonymous>, row: &LabelledFlow<'a>) -> LabelledFlow<'a> {
    match anonymous {
        Some(anonymous) => row.anonymized(anonymous.by()),
        None => *row,
    }
}

/// Appends a Section Header Block that says nothing of the machine and the person that captured.
pub(super) fn section_header(out: &mut Vec<u8>, order: ByteOrder, comment: &str) {
    let mut block = BlockWriter::section_header(out, order);
    block.comment(comment);
    block.option(code::SECTION_PROGRAM, wording::PROGRAM.as_bytes());
    block.end_of_options();
    block.end();
}

/// A packet that was as long on the wire, of which fewer octets are left.
fn shorter<'a>(packet: &Packet<'a>, bytes: &'a [u8]) -> Packet<'a> {
    // Some programs write a smaller length than was captured.
    let original_length = packet.original_length.max(packet.bytes.len() as u32);
    Packet { original_length, bytes, ..*packet }
}
