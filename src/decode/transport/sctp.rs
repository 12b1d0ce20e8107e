//! SCTP common header and chunk headers (RFC 9260 section 3). Chunk values are left alone but
//! for the tag that INIT and INIT ACK carry.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::{Signal, keep};
use crate::Transport;

const HEADER: usize = 12;

/// The chunk types of a packet that matter to a flow, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunks(u8);

impl Chunks {
    /// DATA or I-DATA (RFC 8260).
    pub const DATA: Chunks = Chunks(0x01);
    /// INIT.
    pub const INIT: Chunks = Chunks(0x02);
    /// INIT ACK.
    pub const INIT_ACK: Chunks = Chunks(0x04);
    /// ABORT.
    pub const ABORT: Chunks = Chunks(0x08);
    /// SHUTDOWN, SHUTDOWN ACK or SHUTDOWN COMPLETE.
    pub const SHUTDOWN: Chunks = Chunks(0x10);

    /// Whether one of `other`'s chunks is there.
    pub const fn has(self, other: Chunks) -> bool {
        self.0 & other.0 != 0
    }

    fn of_type(kind: u8) -> Chunks {
        match kind {
            0 | 64 => Chunks::DATA,
            1 => Chunks::INIT,
            2 => Chunks::INIT_ACK,
            6 => Chunks::ABORT,
            7 | 8 | 14 => Chunks::SHUTDOWN,
            _ => Chunks(0),
        }
    }
}

pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let signal = match bytes.split_first_chunk::<HEADER>() {
        Some((header, chunks)) => {
            signal(u32::from_be_bytes([header[4], header[5], header[6], header[7]]), chunks)
        }
        None => Signal::None,
    };
    keep(walk, Transport::Sctp, Layer::Sctp, datagram, bytes, HEADER, signal)
}

/// Walks the chunks. One that is cut short still counts by its type.
fn signal(verification_tag: u32, mut bytes: &[u8]) -> Signal {
    let (mut chunks, mut initiate_tag) = (Chunks::default(), 0);
    while let Some(&[kind, _, high, low]) = bytes.first_chunk() {
        let chunk = Chunks::of_type(kind);
        chunks.0 |= chunk.0;
        if chunk.has(Chunks(Chunks::INIT.0 | Chunks::INIT_ACK.0))
            && let Some(tag) = bytes.get(4..).and_then(<[u8]>::first_chunk)
        {
            initiate_tag = u32::from_be_bytes(*tag);
        }
        // The length counts the chunk's header and not its padding (section 3.2).
        let length = usize::from(u16::from_be_bytes([high, low])).next_multiple_of(4);
        match bytes.get(length..) {
            Some(rest) if length >= 4 => bytes = rest,
            _ => break,
        }
    }
    Signal::Sctp { chunks, verification_tag, initiate_tag }
}
