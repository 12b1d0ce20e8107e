//! pcapng files (draft-ietf-opsawg-pcapng): sections, interfaces, packet blocks.
//!
//! Blocks are framed by `pcap-file`; what a section remembers is kept here, because real files
//! hold options that the checked calls refuse (no end mark, no UTF-8), and their packets are good.

use byteorder_slice::{BigEndian, LittleEndian};
use pcap_file::pcapng::{RawBlock, RawBlockParseError};

use super::pcap::MAX_PACKET;
use super::reader::{Record, Step};
use super::{LinkType, TimeUnit};

/// The block type of a Section Header Block; reads the same in both byte orders.
pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Length of the shortest Section Header Block.
pub(super) const SHORTEST_SECTION_HEADER: usize = 28;

/// The section that is being read: replaced whole at the next Section Header Block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interface {
    link_type: LinkType,
    snap_length: u32,
    /// `None` where `if_tsresol` makes no sense: times are not known then.
    unit: Option<TimeUnit>,
}

impl Record {
    /// The record of a block whose body it was read from: the body begins behind type and length.
    #[inline]
    fn in_block(self, length: usize) -> Record {
        Record { consumed: length, start: self.start + 8, end: self.end + 8, ..self }
    }
}

impl Section {
    /// The first section of a file; `None` when these bytes begin no pcapng file.
    pub(super) fn new(bytes: &[u8]) -> Option<Section> {
        let is_one = bytes.first_chunk().is_some_and(|head| u32::from_be_bytes(*head) == SECTION_HEADER)
            && matches!(bytes.get(8..12), Some([0x1a, 0x2b, 0x3c, 0x4d] | [0x4d, 0x3c, 0x2b, 0x1a]));
        is_one.then(Section::default)
    }

    /// The byte order of the section.
    pub(super) fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    /// Whether an interface was described.
    pub(super) fn describes(&self, interface: u32) -> bool {
        self.interfaces.len() > interface as usize
    }

    /// What an interface counts times in, where that is known.
    pub(super) fn unit_of(&self, interface: u32) -> Option<TimeUnit> {
        self.interfaces.get(interface as usize)?.unit
    }

    /// Whether `bytes` hold the next block to its end, or can hold none.
    pub(super) fn has_block(&self, bytes: &[u8]) -> bool {
        match self.incomplete(bytes) {
            Step::More { needed, .. } => bytes.len() >= needed,
            _ => true,
        }
    }

    /// The packet of an Enhanced Packet Block, where `bytes` begin with a sound one that is all
    /// there.
    #[inline]
    pub(super) fn packet(&self, bytes: &[u8]) -> Option<Record> {
        let whole = Body { bytes, big_endian: self.big_endian };
        let length = whole.u32(4)? as usize;
        let is_one = whole.u32(0)? == ENHANCED_PACKET
            && length >= 12
            && length.is_multiple_of(4)
            && whole.u32(length - 4)? as usize == length;
        if !is_one {
            return None;
        }
        let record = self.enhanced(Body { bytes: bytes.get(8..length - 4)?, ..whole })?;
        (record.end + 12 <= length).then(|| record.in_block(length))
    }

    /// The next block of `bytes`, which begin where the last one ended.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Step {
        let block = if self.big_endian {
            RawBlock::from_slice::<BigEndian>(bytes)
        } else {
            RawBlock::from_slice::<LittleEndian>(bytes)
        };
        let (rest, block) = match block {
            Ok(block) => block,
            Err(RawBlockParseError::IncompleteBuffer(_, _)) => return self.incomplete(bytes),
            Err(RawBlockParseError::InvalidFormat(fault)) => return Step::Damaged(fault.to_string()),
        };
        let consumed = bytes.len() - rest.len();
        let body = Body { bytes: &block.body, big_endian: self.big_endian };
        let record = match block.type_ {
            SECTION_HEADER => {
                *self = Section { big_endian: block.body.first() == Some(&0x1a), interfaces: Vec::new() };
                return Step::Passed(consumed);
            }
            INTERFACE_DESCRIPTION => {
                return match Interface::read(body) {
                    Some(interface) => {
                        self.interfaces.push(interface);
                        Step::Passed(consumed)
                    }
                    None => Step::Damaged("an Interface Description Block is shorter than 8 bytes".into()),
                };
            }
            ENHANCED_PACKET => self.enhanced(body),
            OBSOLETE_PACKET => self.obsolete(body),
            SIMPLE_PACKET => self.simple(body),
            _ => return Step::Passed(consumed),
        };
        match record {
            Some(record) if record.end + 12 <= consumed => Step::Packet(record.in_block(consumed)),
            Some(record) => Step::Damaged(format!(
                "a packet block of {consumed} bytes claims a packet of {} bytes",
                record.end - record.start
            )),
            None => {
                Step::Damaged(format!("a packet block of {consumed} bytes is too short for its fixed part"))
            }
        }
    }

    /// The length of what may be a block that begins with type and length, when nothing in them
    /// contradicts that.
    pub(super) fn plausible(&self, head: [u8; 8]) -> Option<u32> {
        let [kind, length] = [0, 4].map(|n| self.number([head[n], head[n + 1], head[n + 2], head[n + 3]]));
        // Packets, names, statistics, secrets, custom blocks: what stands between packets.
        let likely = matches!(kind, 2..=6 | 9 | 10 | 0x0bad | 0x4000_0bad)
            && length >= 12
            && length.is_multiple_of(4)
            && length <= 1 << 20;
        likely.then_some(length)
    }

    /// A number in the section's byte order.
    pub(super) fn number(&self, octets: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) }
    }

    #[cold]
    fn incomplete(&self, bytes: &[u8]) -> Step {
        let Some(head) = bytes.first_chunk::<12>() else {
            return Step::More { what: "a block", needed: 12 };
        };
        let mut length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let big_endian = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
            SECTION_HEADER => head[8] == 0x1a,
            _ => self.big_endian,
        };
        if big_endian {
            length = length.swap_bytes();
        }
        if length > 2 * MAX_PACKET {
            return Step::Damaged(format!(
                "a block of {length} bytes is longer than any block ({})",
                2 * MAX_PACKET
            ));
        }
        Step::More { what: "a block", needed: length as usize }
    }

    /// Enhanced Packet Block (draft section 4.3).
    #[inline]
    fn enhanced(&self, body: Body) -> Option<Record> {
        let [interface, high, low, captured, original] = body.numbers()?;
        Some(self.record(interface, high, low, captured, original))
    }

    /// The obsolete Packet Block (draft appendix A): interface and drops count share a word.
    fn obsolete(&self, body: Body) -> Option<Record> {
        let [_, high, low, captured, original] = body.numbers()?;
        Some(self.record(body.u16(0)?.into(), high, low, captured, original))
    }

    #[inline]
    fn record(&self, interface: u32, high: u32, low: u32, captured: u32, original: u32) -> Record {
        let interface = self.interfaces.get(interface as usize);
        let ticks = u64::from(high) << 32 | u64::from(low);
        Record {
            consumed: 0,
            start: 20,
            end: 20 + captured as usize,
            time: interface.and_then(|interface| interface.unit?.time(ticks)),
            link_type: interface.map(|interface| interface.link_type),
            original_length: original,
        }
    }

    /// Simple Packet Block (draft section 4.4): no time, the section's first interface, and no
    /// captured length but what the snap length leaves.
    fn simple(&self, body: Body) -> Option<Record> {
        let [original] = body.numbers()?;
        let interface = self.interfaces.first();
        let room = body.bytes.len() - 4;
        let limit = match interface.map_or(0, |interface| interface.snap_length) {
            0 => original,
            snap_length => original.min(snap_length),
        };
        Some(Record {
            consumed: 0,
            start: 4,
            end: 4 + room.min(limit as usize),
            time: None,
            link_type: interface.map(|interface| interface.link_type),
            original_length: original,
        })
    }
}

impl Interface {
    /// Interface Description Block (draft section 4.2).
    fn read(body: Body) -> Option<Interface> {
        let mut interface = Interface {
            link_type: LinkType(body.u16(0)?),
            snap_length: body.u32(4)?,
            unit: Some(TimeUnit::MICROSECONDS),
        };
        let mut offset_seconds = 0;
        for (code, value) in body.options(8) {
            match (code, value) {
                (9, &[octet, ..]) => interface.unit = TimeUnit::from_if_tsresol(octet),
                (14, value) => {
                    if let Some(bytes) = value.first_chunk() {
                        offset_seconds = if body.big_endian {
                            i64::from_be_bytes(*bytes)
                        } else {
                            i64::from_le_bytes(*bytes)
                        };
                    }
                }
                _ => {}
            }
        }
        interface.unit = interface.unit.map(|unit| unit.with_offset(offset_seconds));
        Some(interface)
    }
}

/// The body of a block, with the byte order of its section.
#[derive(Clone, Copy)]
pub(super) struct Body<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) big_endian: bool,
}

impl<'a> Body<'a> {
    /// The options from `at` on, each with its code. One that runs past the block ends the list:
    /// what came before it counts.
    pub(super) fn options(self, mut at: usize) -> impl Iterator<Item = (u16, &'a [u8])> {
        std::iter::from_fn(move || {
            let (code, length) = (self.u16(at)?, usize::from(self.u16(at + 2)?));
            let value = self.bytes.get(at + 4..at + 4 + length)?;
            at += 4 + length.next_multiple_of(4);
            (code != 0).then_some((code, value))
        })
    }

    fn u16(self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    #[inline]
    pub(super) fn u32(self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// The `N` numbers at the start.
    #[inline]
    fn numbers<const N: usize>(self) -> Option<[u32; N]> {
        let mut numbers = [0; N];
        for (n, number) in numbers.iter_mut().enumerate() {
            *number = self.u32(4 * n)?;
        }
        Some(numbers)
    }
}
