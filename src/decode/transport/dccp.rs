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

/// Whether these octets begin a DCCP packet: a packet type that is given out, reserved bits of 0,
/// and a Data Offset that covers the header.
pub(in super::super) fn is_plausible(bytes: &[u8]) -> bool {
    match *bytes {
        [_, _, _, _, offset, _, _, _, kind_and_x, ..] => {
            let header = if kind_and_x & 1 == 1 { 16 } else { 12 };
            kind_and_x >> 5 == 0 && kind_and_x >> 1 & 0x0f <= 9 && usize::from(offset) * 4 >= header
        }
        _ => false,
    }
}

fn signal(bytes: &[u8]) -> Option<Signal> {
    let word = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    let kind_and_x = *bytes.get(8)?;
    let kind = DccpType::of(kind_and_x >> 1 & 0x0f);
    let long = kind_and_x & 1 == 1;
    // With X=1 the number has 48 bits, in octets 10 to 15; with X=0 it has 24, in 9 to 11.
    let (sequence, more) = if long { (word(12)?, 16) } else { (word(8)? & 0x00ff_ffff, 12) };
    let has_number = !matches!(kind, DccpType::Request | DccpType::Data);
    let (acknowledgement, end) = match (has_number, long) {
        (false, _) => (0, more),
        (true, true) => (word(more + 4).unwrap_or(0), more + 8),
        (true, false) => (word(more).unwrap_or(0) & 0x00ff_ffff, more + 4),
    };
    let service_code = match kind {
        DccpType::Request | DccpType::Response => word(end),
        _ => None,
    };
    let reset_code = match kind {
        DccpType::Reset => bytes.get(end).copied().unwrap_or(0),
        _ => 0,
    };
    Some(Signal::Dccp { kind, sequence, acknowledgement, service_code, reset_code })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ip4, udp4};
    use super::super::super::{Decoder, Outcome};
    use super::*;
    use crate::capture::LinkType;

    /// A Request with Service Code 42.
    const REQUEST: [u8; 20] = [0x80, 1, 0x13, 0x8c, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 42];

    #[test]
    fn ports_are_there_from_their_last_octet_on() {
        let packet = ip4(33, &REQUEST);
        let mut decoder = Decoder::new();
        for length in 0..packet.len() {
            let outcome = decoder.decode(Some(LinkType::RAW), &packet[..length]).outcome();
            assert_eq!(outcome == Outcome::Ports, length >= 24, "{length}");
        }
    }

    #[test]
    fn a_request_says_its_service_code() {
        let mut decoder = Decoder::new();
        let packet = ip4(33, &REQUEST);
        let signal = decoder.decode(Some(LinkType::RAW), &packet).headers()[0].signal;
        assert!(matches!(
            signal,
            Signal::Dccp { kind: DccpType::Request, sequence: 9, service_code: Some(42), .. }
        ));
    }

    #[test]
    fn in_udp_its_header_is_the_inner_one() {
        let mut decoder = Decoder::new();
        let packet = udp4(6511, &REQUEST);
        assert_eq!(decoder.decode(Some(LinkType::RAW), &packet).headers().len(), 2);
        let other = udp4(6511, &[0xff; 20]);
        assert_eq!(decoder.decode(Some(LinkType::RAW), &other).headers().len(), 1);
    }
}
