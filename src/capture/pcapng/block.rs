//! Blocks (draft section 3.1): a type, the length, a body, and the length again.

use std::net::IpAddr;
use std::ops::Range;

use super::super::byte_order::Numbers;
use super::super::{ByteOrder, LinkType};
use super::options::{BlockOptions, code};

/// Length of the shortest Section Header Block.
pub(crate) const SHORTEST_SECTION_HEADER: usize = 28;

/// The Section Length of a section whose length is not known (section 4.1).
pub(crate) const UNKNOWN_SECTION_LENGTH: [u8; 8] = [0xff; 8];

/// Octets of type and length, before a block's body.
pub(super) const HEAD: usize = 8;
/// Octets of the second length, after a block's body.
pub(super) const TAIL: usize = 4;

/// Byte-Order Magic, the first number of a section (section 4.1).
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Version of the format (section 4.1). Blocks of another major version are unknown.
pub(super) const VERSION: [u16; 2] = [1, 0];

/// Types of the records of a Name Resolution Block (section 4.5).
pub(crate) mod name_record {
    /// The end of the records.
    pub(crate) const END: u16 = 0;
    /// An IPv4 address and its names.
    pub(crate) const IPV4: u16 = 1;
    /// An IPv6 address and its names.
    pub(crate) const IPV6: u16 = 2;
}

/// The type of a block (draft-ietf-opsawg-pcapng section 11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct BlockType(pub u32);

impl BlockType {
    /// Start of a section. The number reads the same in both byte orders.
    pub const SECTION_HEADER: BlockType = BlockType(0x0a0d_0d0a);
    /// An interface, with its link type and unit of time.
    pub const INTERFACE_DESCRIPTION: BlockType = BlockType(1);
    /// A packet, as files were written before the Enhanced Packet Block (appendix A).
    pub const OBSOLETE_PACKET: BlockType = BlockType(2);
    /// A packet without a time.
    pub const SIMPLE_PACKET: BlockType = BlockType(3);
    /// Names of addresses.
    pub const NAME_RESOLUTION: BlockType = BlockType(4);
    /// Counts of an interface, packets dropped among them.
    pub const INTERFACE_STATISTICS: BlockType = BlockType(5);
    /// A packet with its time and interface.
    pub const ENHANCED_PACKET: BlockType = BlockType(6);
    /// An entry of systemd's journal.
    pub const SYSTEMD_JOURNAL: BlockType = BlockType(9);
    /// Keys of encrypted sessions.
    pub const DECRYPTION_SECRETS: BlockType = BlockType(10);
    /// Content of a vendor; programs that do not know it can copy it.
    pub const CUSTOM: BlockType = BlockType(0x0bad);
    /// Content of a vendor; programs that do not know it must not copy it.
    pub const CUSTOM_NOT_TO_COPY: BlockType = BlockType(0x4000_0bad);
    /// An event of Sysdig (`scap`): its first form, the second, and the second with a large payload.
    pub const SYSDIG_EVENTS: [BlockType; 3] = [BlockType(0x204), BlockType(0x216), BlockType(0x221)];

    /// Whether Wireshark (4.0) numbers blocks of this type among the packets although they hold none: whatever
    /// the block holds, and whosever Custom Block it is. Blocks of types that it does not know have no number.
    pub const fn is_numbered_without_packet(self) -> bool {
        let [event, event_v2, large_event] = BlockType::SYSDIG_EVENTS;
        matches!(self, BlockType::SYSTEMD_JOURNAL | BlockType::CUSTOM | BlockType::CUSTOM_NOT_TO_COPY)
            || self.0 == event.0
            || self.0 == event_v2.0
            || self.0 == large_event.0
    }

    /// Whether blocks of this type occur between the packets of a section.
    pub(super) const fn is_among_packets(self) -> bool {
        matches!(
            self,
            BlockType::OBSOLETE_PACKET
                | BlockType::SIMPLE_PACKET
                | BlockType::NAME_RESOLUTION
                | BlockType::INTERFACE_STATISTICS
                | BlockType::ENHANCED_PACKET
                | BlockType::SYSTEMD_JOURNAL
                | BlockType::DECRYPTION_SECRETS
                | BlockType::CUSTOM
                | BlockType::CUSTOM_NOT_TO_COPY
        )
    }
}

/// One block of a pcapng file (draft-ietf-opsawg-pcapng section 3.1).
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Block Type.
    pub kind: BlockType,
    /// The whole block, from its type to its second length.
    pub bytes: &'a [u8],
    /// Byte order of the section that the block is in.
    pub order: ByteOrder,
}

impl<'a> Block<'a> {
    /// A whole block of a section with this byte order.
    pub(crate) fn new(bytes: &'a [u8], order: ByteOrder) -> Block<'a> {
        let kind = BlockType(bytes.first_chunk().map_or(0, |&octets| order.u32(octets)));
        Block { kind, bytes, order }
    }

    /// Where the body ends and the second length begins.
    pub(crate) fn end_of_body(self) -> usize {
        self.bytes.len().saturating_sub(TAIL)
    }

    /// The block without its second length; places in it are those of the block.
    #[inline]
    fn numbers(self) -> Numbers<'a> {
        Numbers { bytes: &self.bytes[..self.end_of_body()], order: self.order }
    }

    /// What lies between the two lengths; places in it count from 0.
    pub(crate) fn body(self) -> Numbers<'a> {
        let bytes = self.bytes.get(HEAD..self.end_of_body()).unwrap_or_default();
        Numbers { bytes, order: self.order }
    }

    /// Where the options of a Section Header Block begin.
    pub(crate) const OPTIONS_OF_SECTION_HEADER: usize = 24;
    /// Where the Section Length of a Section Header Block is.
    pub(crate) const SECTION_LENGTH: Range<usize> = 16..24;

    /// Where the options of a block begin, for the types of which this is known and that hold no
    /// packet. Options of a packet block begin after the packet and its padding.
    pub(crate) fn start_of_options(self) -> Option<usize> {
        let numbers = self.numbers();
        match self.kind {
            BlockType::SECTION_HEADER => Some(Self::OPTIONS_OF_SECTION_HEADER),
            BlockType::INTERFACE_DESCRIPTION => Some(16),
            BlockType::INTERFACE_STATISTICS => Some(20),
            BlockType::DECRYPTION_SECRETS => {
                let at = 16 + (numbers.u32(12)? as usize).next_multiple_of(4);
                (at <= self.bytes.len()).then_some(at)
            }
            BlockType::NAME_RESOLUTION => {
                let mut at = HEAD;
                loop {
                    let (kind, length) = (numbers.u16(at)?, numbers.u16(at + 2)?);
                    at += 4 + usize::from(length).next_multiple_of(4);
                    if kind == name_record::END {
                        return Some(at);
                    }
                }
            }
            _ => None,
        }
    }

    /// Tells the addresses of a Name Resolution Block with the first name of each.
    pub(crate) fn resolved(self, mut tell: impl FnMut(IpAddr, &'a [u8])) {
        let numbers = self.numbers();
        let mut at = HEAD;
        while let (Some(kind), Some(length)) = (numbers.u16(at), numbers.u16(at + 2))
            && kind != name_record::END
            && let Some(value) = numbers.bytes.get(at + 4..at + 4 + usize::from(length))
        {
            let entry = match kind {
                name_record::IPV4 => {
                    value.split_first_chunk::<4>().map(|(octets, rest)| (IpAddr::from(*octets), rest))
                }
                name_record::IPV6 => {
                    value.split_first_chunk::<16>().map(|(octets, rest)| (IpAddr::from(*octets), rest))
                }
                _ => None,
            };
            if let Some((address, names)) = entry {
                tell(address, names.split(|octet| *octet == 0).next().unwrap_or_default());
            }
            at += 4 + usize::from(length).next_multiple_of(4);
        }
    }

    /// The options from `at` on, up to their end or to where the list is damaged. Places of the
    /// options are those of the block.
    #[inline]
    pub(crate) fn options(self, at: usize) -> BlockOptions<'a> {
        BlockOptions::new(self.numbers(), at)
    }
}

/// Appends one block to bytes. Both lengths are written by [`BlockWriter::end`].
pub(crate) struct BlockWriter<'o> {
    out: &'o mut Vec<u8>,
    order: ByteOrder,
    start: usize,
}

impl<'o> BlockWriter<'o> {
    /// Begins a block whose body begins with these numbers.
    #[inline]
    pub(crate) fn begin<const N: usize>(
        out: &'o mut Vec<u8>,
        order: ByteOrder,
        kind: BlockType,
        words: [u32; N],
    ) -> BlockWriter<'o> {
        let start = out.len();
        let mut writer = BlockWriter { out, order, start };
        writer.words([kind.0, 0]);
        writer.words(words);
        writer
    }

    /// Begins a block with the first octets of another.
    #[inline]
    pub(crate) fn copy(out: &'o mut Vec<u8>, order: ByteOrder, octets: &[u8]) -> BlockWriter<'o> {
        let start = out.len();
        out.extend_from_slice(octets);
        BlockWriter { out, order, start }
    }

    /// Begins a Section Header Block (section 4.1) of unknown Section Length.
    pub(crate) fn section_header(out: &'o mut Vec<u8>, order: ByteOrder) -> BlockWriter<'o> {
        let mut writer = BlockWriter::begin(out, order, BlockType::SECTION_HEADER, [BYTE_ORDER_MAGIC]);
        for number in VERSION {
            writer.u16(number);
        }
        writer.bytes(&UNKNOWN_SECTION_LENGTH);
        writer
    }

    /// Begins an Interface Description Block (section 4.2).
    pub(crate) fn interface_description(
        out: &'o mut Vec<u8>,
        order: ByteOrder,
        link_type: LinkType,
        snap_length: u32,
    ) -> BlockWriter<'o> {
        let mut writer = BlockWriter::begin(out, order, BlockType::INTERFACE_DESCRIPTION, []);
        writer.u16(link_type.0);
        writer.u16(0);
        writer.words([snap_length]);
        writer
    }

    /// Begins an Enhanced Packet Block (section 4.3).
    #[inline]
    pub(crate) fn enhanced_packet(
        out: &'o mut Vec<u8>,
        order: ByteOrder,
        interface: u32,
        ticks: u64,
        packet: &super::super::Packet,
    ) -> BlockWriter<'o> {
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        let lengths = [packet.bytes.len() as u32, packet.original_length];
        let words = [interface, high, low, lengths[0], lengths[1]];
        let mut writer = BlockWriter::begin(out, order, BlockType::ENHANCED_PACKET, words);
        writer.padded(packet.bytes);
        writer
    }

    fn u16(&mut self, number: u16) {
        self.bytes(&self.order.octets_of_u16(number));
    }

    #[inline]
    fn words<const N: usize>(&mut self, words: [u32; N]) {
        let order = self.order;
        self.out.extend_from_slice(words.map(|word| order.octets_of_u32(word)).as_flattened());
    }

    /// Appends octets as they are.
    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// Appends octets, and zeros up to a multiple of four.
    #[inline]
    pub(crate) fn padded(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
        self.bytes(padding(bytes.len()));
    }

    /// Appends an option, or a record of a Name Resolution Block, which has the same form. A value
    /// has at most 65,535 octets.
    #[inline]
    pub(crate) fn option(&mut self, code: u16, value: &[u8]) {
        self.u16(code);
        self.u16(value.len() as u16);
        self.padded(value);
    }

    /// Appends a comment; text beyond the 65,532 octets that fit an option is cut off.
    #[inline]
    pub(crate) fn comment(&mut self, text: &str) {
        const LONGEST: usize = 65_532;
        let text = match text.len() {
            0..=LONGEST => text,
            _ => &text[..text.floor_char_boundary(LONGEST)],
        };
        self.option(code::COMMENT, text.as_bytes());
    }

    /// Appends the end of a list of options.
    #[inline]
    pub(crate) fn end_of_options(&mut self) {
        self.option(code::END_OF_OPTIONS, &[]);
    }

    /// Octets of the block so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len() - self.start
    }

    /// Ends the block.
    #[inline]
    pub(crate) fn end(self) {
        // A packet takes at most 128 MiB, and so does a block that is copied.
        let length = self.order.octets_of_u32((self.len() + TAIL) as u32);
        self.out.extend_from_slice(&length);
        self.out[self.start + 4..self.start + HEAD].copy_from_slice(&length);
    }
}

/// The zeros that fill `length` octets up to a multiple of four.
#[inline]
pub(crate) fn padding(length: usize) -> &'static [u8] {
    &[0; 3][..length.next_multiple_of(4) - length]
}
