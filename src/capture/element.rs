//! What a capture holds, in its own order and octet for octet: for writing it again.

use super::{LinkType, Packet};

/// One thing that a capture holds.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// A packet, and how the capture holds it.
    Packet(Packet<'a>, Held<'a>),
    /// A pcapng block that holds no packet.
    Block(Block<'a>),
}

/// How a capture holds a packet.
#[derive(Clone, Copy, Debug)]
pub enum Held<'a> {
    /// In a record of a pcap file.
    Record {
        /// Time in the file's unit ([`PcapHeader::tick_exponent`]), since 1970.
        ticks: u64,
        /// What lies between the record header and the packet: nothing, but in the Kuznetsov
        /// variant: interface index (4 octets), protocol (2), packet type (1), padding.
        extra: &'a [u8],
    },
    /// In a block of a pcapng file.
    Block {
        /// The block.
        block: Block<'a>,
        /// Where in the block the packet ends, before any padding.
        end: usize,
    },
}

/// One pcapng block (draft-ietf-opsawg-pcapng section 3.1).
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Block Type.
    pub kind: u32,
    /// The whole block, from its type to its second length.
    pub bytes: &'a [u8],
    /// The byte order of its section.
    pub big_endian: bool,
}

/// What the header of a pcap file says of all its packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PcapHeader {
    /// What packets begin with.
    pub link_type: LinkType,
    /// Octets of frame check sequence behind each packet, where the header says so.
    pub fcs_length: Option<u8>,
    /// The longest packet that was captured.
    pub snap_length: u32,
    /// Times are counts of 10^-n seconds.
    pub tick_exponent: u8,
    /// Seconds between UTC and the local time of times; 0 in all files of today.
    pub time_zone: i32,
}
