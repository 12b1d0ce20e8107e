//! What a parser finds at the start of the bytes at hand, whichever the format.

use super::pcapng::InterfaceNames;
use super::{LinkType, Packet, Timestamp};

/// One packet in the bytes at hand: a record of a pcap file, or a block of a pcapng file.
pub(crate) struct Record {
    /// Octets of the whole record or block.
    pub(crate) consumed: usize,
    /// Where the packet begins.
    pub(crate) start: usize,
    /// Where the packet ends.
    pub(crate) end: usize,
    pub(crate) time: Option<Timestamp>,
    pub(crate) link_type: Option<LinkType>,
    pub(crate) original_length: u32,
    /// Number of the interface that the packet names, or [`NO_INTERFACE`].
    pub(crate) interface: u32,
    /// Whether the section does not describe that interface.
    pub(crate) is_undescribed: bool,
}

impl Record {
    /// The packet, out of the `consumed` octets of its record or block.
    #[inline]
    pub(crate) fn packet<'b>(
        &self,
        frame: u64,
        has_wild_time: bool,
        names: Option<&'b InterfaceNames>,
        bytes: &'b [u8],
    ) -> Packet<'b> {
        Packet {
            frame,
            time: self.time,
            has_wild_time,
            link_type: self.link_type,
            original_length: self.original_length,
            bytes: &bytes[self.start..self.end],
            interface: self.interface,
            is_undescribed: self.is_undescribed,
            names,
        }
    }
}

/// What the bytes at hand begin with.
pub(crate) enum Parsed {
    /// A packet.
    Packet(Record),
    /// Something that holds no packet, by its length in octets.
    Other(usize),
    /// As before, and Wireshark gives it a number as if it held one.
    Numbered(usize),
    /// Less than a whole record or block.
    Incomplete {
        /// What is incomplete.
        what: &'static str,
        /// Octets that it takes as a whole, or that are needed to know this.
        needed: usize,
    },
    /// Something invalid; the text says what.
    Damaged(String),
    /// Something valid that cannot be read, and after which nothing can; the text says what.
    Ends(String),
}
