//! Packets and blocks with all that a capture holds of them, for writing the capture again.

use super::{Block, LinkType, Packet};

/// A packet or a block of a capture.
#[derive(Clone, Copy, Debug)]
pub enum Element<'a> {
    /// A packet, and how the capture holds it.
    Packet(Packet<'a>, Held<'a>),
    /// A pcapng block that does not hold a packet.
    Block(Block<'a>),
}

/// How a capture holds a packet.
#[derive(Clone, Copy, Debug)]
pub enum Held<'a> {
    /// In a record of a pcap file.
    Record {
        /// Time since 1970, in the file's unit ([`PcapHeader::tick_exponent`]).
        ticks: u64,
        /// Octets between the record header and the packet. Empty but in the Kuznetsov variant,
        /// where they hold interface index (4 octets), protocol (2), packet type (1) and padding.
        extra: &'a [u8],
    },
    /// In a block of a pcapng file.
    Block {
        /// The block.
        block: Block<'a>,
        /// Place in the block where the packet ends, before any padding.
        end: usize,
    },
}

/// Content of the header of a pcap file, which applies to all its packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PcapHeader {
    /// Link type of the packets.
    pub link_type: LinkType,
    /// Octets of frame check sequence after each packet; `None` where the header does not say.
    pub fcs_length: Option<u8>,
    /// Length that longer packets were cut to, in octets.
    pub snap_length: u32,
    /// Unit of times: 10^-n seconds.
    pub tick_exponent: u8,
    /// Seconds between UTC and the local time of times; 0 in practice.
    pub time_zone: i32,
}
