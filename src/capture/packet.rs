//! One captured packet.

use super::pcapng::InterfaceNames;
use super::{LinkType, Timestamp};
use crate::net::InterfaceName;

/// In place of an interface's number where a packet names none. A section with so many interfaces would
/// take more than 80 GB.
pub(crate) const NO_INTERFACE: u32 = u32::MAX;

/// One packet of a capture, borrowed from its reader.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Packet<'a> {
    /// Number of the packet in its capture, from 1, as Wireshark shows it: blocks that hold no packet may
    /// have numbers, too.
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
    /// Number of the interface that the capture names for it, or [`NO_INTERFACE`]: one number is made and
    /// copied faster than an option of one.
    pub(crate) interface: u32,
    /// Whether the capture names an interface for it that it does not describe.
    pub is_undescribed: bool,
    /// The names of the interfaces of a pcapng section.
    pub(crate) names: Option<&'a InterfaceNames>,
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
            interface: NO_INTERFACE,
            is_undescribed: false,
            names: None,
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

    /// The packet on an interface without a name.
    #[must_use]
    pub fn with_interface(self, number: impl Into<Option<u32>>) -> Packet<'a> {
        Packet { interface: number.into().unwrap_or(NO_INTERFACE), names: None, ..self }
    }

    /// Whether the capture names an interface for it.
    #[inline]
    pub(crate) fn has_interface(&self) -> bool {
        self.interface != NO_INTERFACE
    }

    /// What the capture calls the interface that the packet was captured on: in pcapng its name, or
    /// without one its number in the section, from 0; in the Kuznetsov variant of pcap its number on the
    /// capturing system. `None` in other pcap files. The packet's first header may say more: see
    /// [`Layers::interface`](crate::decode::Layers::interface).
    pub fn interface(&self) -> Option<InterfaceName<'a>> {
        let number = Some(self.interface).filter(|&number| number != NO_INTERFACE)?;
        let name = self.names.and_then(|names| names.get(number));
        Some(name.map_or(InterfaceName::Number(number), |name| InterfaceName::Name(name.into())))
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
