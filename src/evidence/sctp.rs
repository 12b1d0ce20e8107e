//! What SCTP carries, by its payload protocol identifiers (RFC 9260 section 3.3.1; IANA, SCTP Payload Protocol
//! Identifiers).

use super::payload::{be16, be32};
use super::{Sign, Spoken};

/// The first chunk of data among those of a packet, and what it holds.
fn data(mut chunks: &[u8]) -> Option<(u32, &[u8])> {
    const DATA: u8 = 0;
    const I_DATA: u8 = 64;
    // A packet bundles few.
    for _ in 0..16 {
        let length = usize::from(be16(chunks, 2)?).max(4);
        match *chunks.first()? {
            DATA => return Some((be32(chunks, 12)?, chunks.get(16..)?)),
            // With a message's number (RFC 8260 section 2.1); later fragments have no identifier.
            I_DATA if chunks.get(1)? & 2 != 0 => return Some((be32(chunks, 16)?, chunks.get(20..)?)),
            _ => chunks = chunks.get(length.next_multiple_of(4)..)?,
        }
    }
    None
}

/// Whether a packet holds data.
pub(super) fn has_data(chunks: &[u8]) -> bool {
    data(chunks).is_some()
}

/// The sign of the chunks of a packet.
pub(super) fn sign(chunks: &[u8]) -> Option<Sign> {
    let (identifier, content) = data(chunks)?;
    Some(Sign::either(match identifier {
        2 => Spoken::Sua,
        3 => Spoken::M3ua,
        5 => Spoken::M2pa,
        18 => Spoken::S1ap,
        27 => Spoken::X2ap,
        60 | 66 => Spoken::Ngap,
        61 | 68 => Spoken::Xnap,
        46 | 47 => return super::directory::diameter(content).or(Some(Sign::either(Spoken::Diameter))),
        0 => return unspecified(content),
        _ => return None,
    }))
}

/// Without an identifier the content itself must show it: Diameter, and M3UA by its header (version 1, a class
/// and a length).
fn unspecified(content: &[u8]) -> Option<Sign> {
    if let Some(sign) = super::directory::diameter(content) {
        return Some(sign);
    }
    match content {
        // SGsAP has zero for its identifier (3GPP TS 29.118 section 9.3).
        [1, 0, 0 | 1 | 3 | 4 | 9, 1..=10, ..] => {
            let length = be32(content, 4)?;
            (length >= 8 && length.is_multiple_of(4) && length < 5000).then_some(Sign::either(Spoken::M3ua))
        }
        [1 | 2 | 8..=15, 1, 8, ..] => Some(Sign::either(Spoken::Sgsap)),
        _ => None,
    }
}
