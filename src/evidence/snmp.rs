//! SNMP: version 1 (RFC 1157 section 4), 2c (RFC 1901 section 3) and 3 (RFC 3412 section 6).

use super::payload::ber_length;
use super::{Sign, Spoken};

/// The sign of a payload that is a message: a sequence of a version, and a community or the header
/// of version 3.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    let [0x30, rest @ ..] = payload else { return None };
    let (_, message) = ber_length(rest)?;
    match message {
        [2, 1, version @ (0 | 1), 4, rest @ ..] => {
            let spoken = if *version == 0 { Spoken::SnmpV1 } else { Spoken::SnmpV2c };
            Some(asks(rest).map_or(Sign::either(spoken), |asks| Sign::asking(spoken, asks)))
        }
        [2, 1, 3, 0x30, ..] => Some(Sign::either(Spoken::SnmpV3)),
        _ => None,
    }
}

/// Whether the PDU after a community asks or tells the other side something; `Some(false)` for an
/// answer (RFC 3416 section 3). `bytes` begin with the community's length.
fn asks(bytes: &[u8]) -> Option<bool> {
    const RESPONSE: u8 = 0xa2;
    let &[length @ 0..=0x7f, ref rest @ ..] = bytes else { return None };
    match *rest.get(usize::from(length))? {
        RESPONSE => Some(false),
        0xa0..=0xa7 => Some(true),
        _ => None,
    }
}
