//! One captured packet.

use super::{LinkType, Timestamp};

/// One packet as the capture holds it, borrowed from the capture.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Number of the packet in its file, from 1.
    pub frame: u64,
    /// When it was captured; `None` where the capture does not say (Simple Packet Blocks).
    pub time: Option<Timestamp>,
    /// What the bytes begin with; `None` where the packet names an interface that the capture
    /// does not describe.
    pub link_type: Option<LinkType>,
    /// Length on the wire, in octets. Some writers put a smaller number here than was captured.
    pub original_length: u32,
    /// What was captured.
    pub bytes: &'a [u8],
}

impl Packet<'_> {
    /// A length that a header claims, no longer than the packet that it is in: one forged length
    /// would outweigh all other traffic.
    #[inline]
    pub fn at_most(&self, claimed: u32) -> u32 {
        claimed.min(self.original_length.max(self.bytes.len() as u32))
    }
}
