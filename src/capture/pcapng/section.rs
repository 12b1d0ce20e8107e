//! Sections (draft section 4.1): interfaces, and the packets that name them.
//!
//! Blocks are framed by `pcap-file`. The state of a section is kept here, because real files hold
//! options that its checked calls refuse (no end mark, no UTF-8), and their packets are good.

use std::sync::Arc;

use byteorder_slice::{BigEndian, LittleEndian};
use pcap_file::pcapng::{RawBlock, RawBlockParseError};

use super::super::byte_order::Numbers;
use super::super::pcap::MAX_PACKET;
use super::super::record::{Parsed, Record};
use super::super::{ByteOrder, LinkType, TimeUnit};
use super::block::{BlockType, HEAD, TAIL, VERSION};
use super::names::InterfaceNames;
use super::options::{BlockOptions, code};
use crate::foreign::Foreign;
use crate::net::InterfaceName;

/// Longest block that is not taken for damage, in octets: twice a packet and its options.
const MAX_BLOCK: u32 = 2 * MAX_PACKET;

/// How many interfaces of a section are kept, since a small compressed file may describe any number of them:
/// some 20 MB with their names.
const MOST_INTERFACES: usize = 1 << 17;

/// The section that is being read. The next Section Header Block replaces all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    names: InterfaceNames,
    /// Whether an interface differs from the first in link type or unit of time. Kept, since asking all
    /// of them at each packet that names none of them would take as long as there are interfaces.
    differ: bool,
    /// Whether damage may have held descriptions of interfaces, so that nobody can say which numbers those
    /// that follow have.
    is_unknown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interface {
    link_type: LinkType,
    snap_length: u32,
    /// Unit of times; `None` where `if_tsresol` is invalid, so that times are unknown.
    unit: Option<TimeUnit>,
}

impl Record {
    /// The record with places in a block of `length` octets, not in the body of that block.
    #[inline]
    fn in_block(self, length: usize) -> Record {
        Record { consumed: length, start: self.start + HEAD, end: self.end + HEAD, ..self }
    }
}

impl Section {
    /// The first section of a file; `None` for bytes that do not begin a pcapng file.
    pub(crate) fn new(bytes: &[u8]) -> Option<Section> {
        let is_one = bytes
            .first_chunk()
            .is_some_and(|head| BlockType(u32::from_be_bytes(*head)) == BlockType::SECTION_HEADER)
            && match bytes.get(8..14) {
                // Of another major version the blocks are unknown (draft-ietf-opsawg-pcapng section 4.1).
                Some([0x1a, 0x2b, 0x3c, 0x4d, major @ ..]) => major == [0, 1],
                Some([0x4d, 0x3c, 0x2b, 0x1a, major @ ..]) => major == [1, 0],
                _ => false,
            };
        is_one.then(Section::default)
    }

    /// Byte order of the section.
    pub(crate) fn order(&self) -> ByteOrder {
        self.order
    }

    /// Whether an interface was described.
    pub(crate) fn describes(&self, interface: u32) -> bool {
        self.interfaces.len() > interface as usize
    }

    /// Names of the interfaces.
    #[inline]
    pub(crate) fn names(&self) -> &InterfaceNames {
        &self.names
    }

    /// Unit of the times of an interface, where it is known.
    pub(crate) fn unit_of(&self, interface: u32) -> Option<TimeUnit> {
        self.interfaces.get(interface as usize)?.unit
    }

    /// Whether `bytes` hold the whole next block, or cannot hold a valid one.
    pub(crate) fn has_block(&self, bytes: &[u8]) -> bool {
        match self.incomplete(bytes) {
            Parsed::Incomplete { needed, .. } => bytes.len() >= needed,
            _ => true,
        }
    }

    /// The packet of an Enhanced Packet Block, where `bytes` begin with a whole and valid one of an
    /// interface that is described.
    #[inline]
    pub(crate) fn packet(&self, bytes: &[u8]) -> Option<Record> {
        let whole = Numbers { bytes, order: self.order };
        let length = whole.u32(4)? as usize;
        let is_one = whole.u32(0)? == BlockType::ENHANCED_PACKET.0
            && length >= HEAD + TAIL
            && length.is_multiple_of(4)
            && whole.u32(length - TAIL)? as usize == length;
        if !is_one {
            return None;
        }
        let record = self.enhanced(Numbers { bytes: bytes.get(HEAD..length - TAIL)?, ..whole })?;
        (record.end + HEAD + TAIL <= length && !record.is_undescribed).then(|| record.in_block(length))
    }

    /// The next block of `bytes`, which begin where the last one ended.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Parsed {
        let block = match self.order {
            ByteOrder::Big => RawBlock::from_slice::<BigEndian>(bytes),
            ByteOrder::Little => RawBlock::from_slice::<LittleEndian>(bytes),
        };
        let (rest, block) = match block {
            Ok(block) => block,
            Err(RawBlockParseError::IncompleteBuffer(_, _)) => return self.incomplete(bytes),
            Err(RawBlockParseError::InvalidFormat(fault)) => return Parsed::Damaged(fault.to_string()),
        };
        let consumed = bytes.len() - rest.len();
        let body = Numbers { bytes: &block.body, order: self.order };
        let record = match BlockType(block.type_) {
            BlockType::SECTION_HEADER => {
                let order = order_of(block.body.first());
                let head = Numbers { bytes: &block.body, order };
                if let (Some(major), Some(minor)) = (head.u16(4), head.u16(6))
                    && major != VERSION[0]
                {
                    return Parsed::Ends(format!(
                        "a section of pcapng of version {major}.{minor} begins here; version {} is read",
                        VERSION[0]
                    ));
                }
                *self = Section { order, ..Section::default() };
                return Parsed::Other(consumed);
            }
            BlockType::INTERFACE_DESCRIPTION => {
                return match Interface::read(body) {
                    Some((interface, name)) => {
                        if !self.is_unknown {
                            self.describe(interface, name);
                        }
                        Parsed::Other(consumed)
                    }
                    None => Parsed::Damaged("an Interface Description Block is shorter than 8 bytes".into()),
                };
            }
            BlockType::ENHANCED_PACKET => self.enhanced(body),
            BlockType::OBSOLETE_PACKET => self.obsolete(body),
            BlockType::SIMPLE_PACKET => self.simple(body),
            kind if kind.is_numbered_without_packet() => return Parsed::Numbered(consumed),
            _ => return Parsed::Other(consumed),
        };
        match record {
            Some(record) if record.end + HEAD + TAIL <= consumed => Parsed::Packet(record.in_block(consumed)),
            Some(record) => Parsed::Damaged(format!(
                "a packet block of {consumed} bytes claims a packet of {} bytes",
                record.end - record.start
            )),
            None => {
                Parsed::Damaged(format!("a packet block of {consumed} bytes is too short for its fixed part"))
            }
        }
    }

    /// Length of the block that may begin with these octets, and its byte order, behind a block of `order`;
    /// `None` where they contradict that. Used to look for blocks in the middle of a file.
    pub(crate) fn plausible(order: ByteOrder, head: [u8; HEAD + TAIL]) -> Option<(u32, ByteOrder)> {
        /// Blocks between packets are shorter than this.
        const LIKELY: u32 = 1 << 20;
        let begins_section = Section::begins_section(head);
        let order = if begins_section { order_of(head.get(8)) } else { order };
        let [kind, length] = Numbers { bytes: &head, order }.words()?;
        let kind = BlockType(kind);
        let likely = (kind.is_among_packets() || kind == BlockType::INTERFACE_DESCRIPTION || begins_section)
            && length >= (HEAD + TAIL) as u32
            && length.is_multiple_of(4)
            && length <= LIKELY;
        likely.then_some((length, order))
    }

    /// Whether these octets begin a section.
    pub(crate) fn begins_section(head: [u8; HEAD + TAIL]) -> bool {
        head.starts_with(&BlockType::SECTION_HEADER.0.to_be_bytes())
            && matches!(head[8..], [0x1a, 0x2b, 0x3c, 0x4d] | [0x4d, 0x3c, 0x2b, 0x1a])
    }

    /// Whether these octets begin the description of an interface.
    pub(crate) fn describes_interface(&self, head: [u8; HEAD + TAIL]) -> bool {
        Numbers { bytes: &head, order: self.order }.u32(0) == Some(BlockType::INTERFACE_DESCRIPTION.0)
    }

    /// Forgets the interfaces: nobody can say which section the packets that follow are in. The next
    /// section ends that.
    pub(crate) fn forget(&mut self) {
        *self = Section { order: self.order, is_unknown: true, ..Section::default() };
    }

    /// The answer for bytes that do not hold a whole block: how many octets that takes.
    #[cold]
    fn incomplete(&self, bytes: &[u8]) -> Parsed {
        const WHAT: &str = "a block";
        let &[kind, length, magic, ..] = bytes.as_chunks::<4>().0 else {
            return Parsed::Incomplete { what: WHAT, needed: HEAD + TAIL };
        };
        let order = match BlockType(u32::from_be_bytes(kind)) {
            BlockType::SECTION_HEADER => order_of(magic.first()),
            _ => self.order,
        };
        let length = order.u32(length);
        if length > MAX_BLOCK {
            return Parsed::Damaged(format!(
                "a block of {length} bytes exceeds the longest valid one ({MAX_BLOCK})"
            ));
        }
        Parsed::Incomplete { what: WHAT, needed: length as usize }
    }

    /// Enhanced Packet Block (draft section 4.3).
    #[inline]
    fn enhanced(&self, body: Numbers) -> Option<Record> {
        let [interface, high, low, captured, original] = body.words()?;
        Some(self.record(interface, high, low, captured, original))
    }

    /// The obsolete Packet Block (draft appendix A), where interface and drops share a word.
    fn obsolete(&self, body: Numbers) -> Option<Record> {
        let [_, high, low, captured, original] = body.words()?;
        Some(self.record(body.u16(0)?.into(), high, low, captured, original))
    }

    #[inline]
    fn record(&self, number: u32, high: u32, low: u32, captured: u32, original: u32) -> Record {
        let known = self.interfaces.get(number as usize);
        let is_undescribed = known.is_none();
        let interface = known.or_else(|| self.any_interface());
        let ticks = u64::from(high) << 32 | u64::from(low);
        Record {
            consumed: 0,
            start: 20,
            end: 20 + captured as usize,
            time: interface.and_then(|interface| interface.unit?.time(ticks)),
            link_type: interface.map(|interface| interface.link_type),
            original_length: original,
            interface: number,
            is_undescribed,
        }
    }

    /// What is known of an interface that is not described: what all that are described agree on.
    #[cold]
    fn any_interface(&self) -> Option<&Interface> {
        self.interfaces.first().filter(|_| !self.differ)
    }

    /// Adds the next interface. Of those beyond the most that are kept, packets are of an interface that is not
    /// described.
    fn describe(&mut self, interface: Interface, name: Option<Foreign<Arc<str>>>) {
        if self.interfaces.len() >= MOST_INTERFACES {
            return;
        }
        let agrees =
            |first: &Interface| (first.link_type, first.unit) == (interface.link_type, interface.unit);
        self.differ |= !self.interfaces.first().is_none_or(agrees);
        self.interfaces.push(interface);
        self.names.push(name);
    }

    /// Simple Packet Block (draft section 4.4): a packet of the section's first interface, without
    /// a time. Its captured length follows from the snap length and the length of the block.
    fn simple(&self, body: Numbers) -> Option<Record> {
        let [original] = body.words()?;
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
            interface: 0,
            is_undescribed: interface.is_none(),
        })
    }
}

impl Interface {
    /// Interface Description Block (draft section 4.2).
    fn read(body: Numbers) -> Option<(Interface, Option<Foreign<Arc<str>>>)> {
        let mut interface = Interface {
            link_type: LinkType(body.u16(0)?),
            snap_length: body.u32(4)?,
            unit: Some(TimeUnit::MICROSECONDS),
        };
        let mut name = None;
        let mut offset_seconds = 0;
        for option in BlockOptions::new(body, 8) {
            match (option.code, option.value) {
                (code::INTERFACE_TIME_UNIT, &[octet, ..]) => {
                    interface.unit = TimeUnit::from_if_tsresol(octet);
                }
                (code::INTERFACE_TIME_OFFSET, bytes) => {
                    offset_seconds =
                        Numbers { bytes, ..body }.u64(0).map_or(offset_seconds, u64::cast_signed);
                }
                (code::INTERFACE_NAME, octets) if name.is_none() => {
                    name = InterfaceName::of_octets(octets)
                        .map(|name| Foreign::new(Arc::from(name.to_text().raw())));
                }
                _ => {}
            }
        }
        interface.unit = interface.unit.map(|unit| unit.with_offset(offset_seconds));
        Some((interface, name))
    }
}

/// Byte order of a section whose Byte-Order Magic begins with this octet.
fn order_of(first: Option<&u8>) -> ByteOrder {
    if first == Some(&0x1a) { ByteOrder::Big } else { ByteOrder::Little }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_beyond_the_most_are_not_described() {
        let mut section = Section::default();
        let interface =
            Interface { link_type: LinkType::RAW, snap_length: 0, unit: Some(TimeUnit::MICROSECONDS) };
        for n in 0..MOST_INTERFACES + 3 {
            section.describe(interface, Some(Foreign::new(n.to_string().into())));
        }
        let last = MOST_INTERFACES as u32 - 1;
        assert!(section.describes(last) && !section.describes(last + 1));
        assert_eq!(section.names.get(last), Some(Foreign::new(&*last.to_string())));
        let record = |number| section.record(number, 0, 7, 0, 0);
        assert!(!record(last).is_undescribed && record(last + 1).is_undescribed);
        assert_eq!(record(last + 1).link_type, Some(LinkType::RAW));
    }
}
