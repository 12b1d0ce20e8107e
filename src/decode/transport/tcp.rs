//! TCP header (RFC 9293 section 3.1). Options are skipped.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::{Signal, keep};
use crate::Transport;

/// No more data from the sender.
pub const FIN: u8 = 0x01;
/// Synchronize sequence numbers.
pub const SYN: u8 = 0x02;
/// Reset the connection.
pub const RST: u8 = 0x04;
/// The acknowledgment number is valid.
pub const ACK: u8 = 0x10;

/// Octets up to and including the flags.
const UP_TO_FLAGS: usize = 14;

#[inline]
pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let (signal, header_length) = match bytes.first_chunk::<UP_TO_FLAGS>() {
        Some(header) => (
            Signal::Tcp {
                flags: header[13],
                sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
                acknowledgment: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            },
            // A data offset below 5 is malformed; the ports before it are not.
            usize::from(header[12] >> 4).max(5) * 4,
        ),
        None => (Signal::None, 20),
    };
    keep(walk, Transport::Tcp, Layer::Tcp, datagram, bytes, header_length, signal)
}
