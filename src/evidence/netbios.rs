//! NetBIOS over TCP and UDP (RFC 1002): names, datagrams and the requests of sessions.

use super::payload::be16;
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a session request, or its answer (section 4.3).
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    match payload.octets() {
        [0x81, 0, 0, length, 32, rest @ ..] if *length >= 68 && is_name(rest) => {
            Some(Sign::client(Spoken::NetbiosSession))
        }
        [0x82, 0, 0, 0] | [0x83, 0, 0, 1, 0x80..=0x8f] if payload.is_whole() => {
            Some(Sign::server(Spoken::NetbiosSession))
        }
        _ => None,
    }
}

/// The sign of a datagram of the name service (section 4.2) or of the datagram service (section 4.4).
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    match payload.octets() {
        [_, _, flags, _, 0, questions @ 0..=1, _, _, _, _, _, _, 32, rest @ ..] if is_name(rest) => {
            let kind = be16(rest, 33)?;
            let opcode = flags >> 3 & 0x0f;
            let is_kind = matches!(kind, 1 | 2 | 0x0a | 0x20 | 0x21);
            let is_response = flags & 0x80 != 0;
            (is_kind && matches!(opcode, 0 | 5..=9) && (is_response || *questions == 1))
                .then_some(Sign::asking(Spoken::NetbiosName, !is_response))
        }
        // Direct, group and broadcast datagrams, with the address of the sender and the two names.
        [0x10..=0x12, _, _, _, _, _, _, _, _, _, _, _, _, _, 32, rest @ ..] if is_name(rest) => {
            Some(Sign::client(Spoken::NetbiosDatagram))
        }
        _ => None,
    }
}

/// Whether octets begin with a name of 16 octets, each written as two letters (RFC 1001 section 14.1).
fn is_name(octets: &[u8]) -> bool {
    octets.get(..32).is_some_and(|name| name.iter().all(|octet| (b'A'..=b'P').contains(octet)))
}
