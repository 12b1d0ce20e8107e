//! DCCP generic header (RFC 4340 section 5.1), with long (X=1) or short (X=0) sequence numbers,
//! and of the additional fields the Acknowledgement Number, Service Code and Reset Code.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::{Signal, keep};
use crate::Transport;

/// Packet types (RFC 4340 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the RFC's")]
pub enum DccpType {
    Request,
    Response,
    Data,
    Ack,
    DataAck,
    CloseReq,
    Close,
    Reset,
    Sync,
    SyncAck,
    /// Types 10 to 15.
    Reserved,
}

impl DccpType {
    fn of(number: u8) -> DccpType {
        match number {
            0 => DccpType::Request,
            1 => DccpType::Response,
            2 => DccpType::Data,
            3 => DccpType::Ack,
            4 => DccpType::DataAck,
            5 => DccpType::CloseReq,
            6 => DccpType::Close,
            7 => DccpType::Reset,
            8 => DccpType::Sync,
            9 => DccpType::SyncAck,
            _ => DccpType::Reserved,
        }
    }
}

pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    // The Data Offset counts words of 32 bits.
    let header_length = bytes.get(4).map_or(12, |&offset| usize::from(offset) * 4);
    let signal = signal(bytes).unwrap_or(Signal::None);
    keep(walk, Transport::Dccp, Layer::Dccp, datagram, bytes, header_length, signal)
}

fn signal(bytes: &[u8]) -> Option<Signal> {
    let word = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    let kind_and_x = *bytes.get(8)?;
    let kind = DccpType::of(kind_and_x >> 1 & 0x0f);
    let long = kind_and_x & 1 == 1;
    // With X=1 the number has 48 bits, in octets 10 to 15; with X=0 it has 24, in 9 to 11.
    let (sequence, more) = if long { (word(12)?, 16) } else { (word(8)? & 0x00ff_ffff, 12) };
    let has_number = !matches!(kind, DccpType::Request | DccpType::Data);
    let (acknowledgement, behind) = match (has_number, long) {
        (false, _) => (0, more),
        (true, true) => (word(more + 4).unwrap_or(0), more + 8),
        (true, false) => (word(more).unwrap_or(0) & 0x00ff_ffff, more + 4),
    };
    let service_code = match kind {
        DccpType::Request | DccpType::Response => word(behind),
        _ => None,
    };
    let reset_code = match kind {
        DccpType::Reset => bytes.get(behind).copied().unwrap_or(0),
        _ => 0,
    };
    Some(Signal::Dccp { kind, sequence, acknowledgement, service_code, reset_code })
}
