//! What the octets of a packet are, header by header, for those that write packets anew.

use std::ops::Range;

use crate::Transport;
use crate::net::Protocol;

/// What some octets of a packet are.
///
/// Octets that no part covers are payload, or a header that is not described here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Fields that hold neither addresses nor names.
    Plain,
    /// Octets that take room in a header and may hold anything: options, cookies, authentication.
    Opaque,
    /// Address of a station: six octets in most networks.
    Station,
    /// An IPv4 or IPv6 address outside of the headers of IP.
    Address,
    /// An IPv4 header with its options.
    Ipv4,
    /// An IPv6 header without extension headers.
    Ipv6,
    /// Options of an IPv6 extension header (RFC 8200 section 4.2).
    Options,
    /// A transport header, as far as it was captured.
    Transport {
        /// Which.
        transport: Transport,
        /// Octets on the wire from the header to the end of the IP packet.
        length: u32,
    },
    /// The first four octets of an ICMP or ICMPv6 message.
    Icmp {
        /// Which.
        protocol: Protocol,
        /// Octets on the wire from the header to the end of the IP packet.
        length: u32,
    },
}

/// The parts of one packet, in the order in which they were decoded: a header before what is inside it.
#[derive(Clone, Debug, Default)]
pub struct Parts(Vec<(Range<u32>, Part)>);

impl Parts {
    /// Each part with its place in the packet.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Range<usize>, Part)> + ExactSizeIterator {
        self.0.iter().map(|(place, part)| (place.start as usize..place.end as usize, *part))
    }

    /// Where the last of them ends in the packet.
    pub fn end(&self) -> usize {
        self.0.iter().map(|(place, _)| place.end as usize).max().unwrap_or(0)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn push(&mut self, place: Range<usize>, part: Part) {
        self.0.push((place.start as u32..place.end as u32, part));
    }
}
