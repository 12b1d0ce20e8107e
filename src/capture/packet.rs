//! One captured packet.

use super::{LinkType, Timestamp};

/// One packet of a capture, borrowed from its reader.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Packet<'a> {
    /// Number of the packet in its capture, from 1.
    pub frame: u64,
    /// Time of the packet; `None` where the capture holds none (Simple Packet Blocks).
    pub time: Option<Timestamp>,
    /// Whether the time can hardly be right: it is more than a minute from that of the packet before
    /// and from that of the packet after, and those two are not. Flows count such a packet as one
    /// without a time.
    pub has_wild_time: bool,
    /// Link type of the bytes; `None` for a packet of an interface that the capture does not
    /// describe, unless all those that it describes have the same.
    pub link_type: Option<LinkType>,
    /// Length on the wire, in octets. Some programs write a smaller number than was captured.
    pub original_length: u32,
    /// Captured octets.
    pub bytes: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Packet of captured octets that were as many on the wire, without a time.
    pub fn new(frame: u64, link_type: Option<LinkType>, bytes: &'a [u8]) -> Packet<'a> {
        Packet {
            frame,
            time: None,
            has_wild_time: false,
            link_type,
            original_length: bytes.len() as u32,
            bytes,
        }
    }

    /// The packet with a time, or without one.
    #[must_use]
    pub fn with_time(self, time: impl Into<Option<Timestamp>>) -> Packet<'a> {
        Packet { time: time.into(), ..self }
    }

    /// The time, where the capture holds one that can be right.
    #[inline]
    pub fn believed_time(&self) -> Option<Timestamp> {
        if self.has_wild_time { None } else { self.time }
    }

    /// The packet with another length on the wire, in octets.
    #[must_use]
    pub fn with_original_length(self, original_length: u32) -> Packet<'a> {
        Packet { original_length, ..self }
    }

    /// A length that a header claims, limited to the length of the packet: a forged length would
    /// outweigh all other traffic.
    #[inline]
    pub fn at_most(&self, claimed: u32) -> u32 {
        claimed.min(self.original_length.max(self.bytes.len() as u32))
    }
}
