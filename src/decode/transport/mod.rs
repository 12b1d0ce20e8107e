//! Transport headers. Each gives its ports where its first four octets are present, even if the
//! capture or the datagram ends after them.

pub(super) mod dccp;
pub(super) mod sctp;
pub mod tcp;
pub(super) mod udp;
pub(super) mod udplite;

use super::layers::{Header, Walk};
use super::network::Datagram;
use super::outcome::Layer;
use super::{Chunks, DccpType, Outcome, Part};
use crate::Transport;

/// Fields of a transport header that show opening and closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// None, for UDP, UDP-Lite, and a header cut off after its ports.
    None,
    /// TCP: the flags octet, sequence and acknowledgment number (RFC 9293 section 3.1).
    Tcp {
        /// Flags, as constants of [`tcp`] name them.
        flags: u8,
        /// Sequence Number.
        sequence: u32,
        /// Acknowledgment Number.
        acknowledgment: u32,
    },
    /// SCTP: which chunks, and the tags of an opening (RFC 9260 section 3).
    Sctp {
        /// Chunk types in the packet.
        chunks: Chunks,
        /// Verification Tag.
        verification_tag: u32,
        /// Initiate Tag of an INIT or INIT ACK; 0 in other packets.
        initiate_tag: u32,
        /// Payload Protocol Identifier of the first DATA chunk; 0 without one.
        payload_protocol: u32,
    },
    /// DCCP: the packet type and numbers (RFC 4340 section 5).
    Dccp {
        /// Packet type.
        kind: DccpType,
        /// Low 32 bits of the Sequence Number.
        sequence: u32,
        /// Low 32 bits of the Acknowledgement Number; 0 in packets without one.
        acknowledgement: u32,
        /// Service Code of a Request or Response (section 8.1.2); `None` in other packets.
        service_code: Option<u32>,
        /// Reset Code of a Reset (section 5.6); 0 in other packets.
        reset_code: u8,
    },
}

/// Tells of a transport header.
#[cold]
#[inline(never)]
fn tell(walk: &mut Walk, transport: Transport, datagram: &Datagram, header: &[u8]) {
    walk.tell(Part::Transport { transport, length: datagram.payload_length }, header);
}

/// Keeps a transport header that begins `bytes`. `header_length` is that of the whole header.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "out of line, the header goes through memory: 30 instructions a packet"
)]
fn keep(
    walk: &mut Walk,
    transport: Transport,
    layer: Layer,
    datagram: &Datagram,
    bytes: &[u8],
    header_length: usize,
    signal: Signal,
) -> Outcome {
    let Some(&[s1, s2, d1, d2]) = bytes.first_chunk() else {
        return walk.cut(layer, layer.fixed_length(), bytes);
    };
    if walk.is_told() {
        tell(walk, transport, datagram, &bytes[..header_length.min(bytes.len())]);
    }
    let payload = walk.place(&bytes[header_length.min(bytes.len())..]);
    walk.push(Header {
        transport,
        source: datagram.source,
        destination: datagram.destination,
        source_port: u16::from_be_bytes([s1, s2]),
        destination_port: u16::from_be_bytes([d1, d2]),
        ip_length: datagram.length,
        payload_length: datagram.payload_length.saturating_sub(header_length as u32),
        payload: (payload.start as u32, payload.end as u32),
        signal,
        is_link_broadcast: false,
        quoted: None,
        steps: (0, 0),
    })
}
