//! Calls of other hosts: ONC RPC (RFC 5531) with NFS on it, DCE RPC (The Open Group C706) with PROFINET on
//! it, and AFS.

use super::payload::{be16, be32};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a record, or a fragment of a connection of DCE RPC.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if let Some(sign) = dce_connection(payload) {
        return Some(sign);
    }
    // The record's mark: the highest bit says that it is the last fragment (RFC 5531 section 11).
    let mark = be32(octets, 0)?;
    let length = mark & 0x7fff_ffff;
    if length < 24 || (length as usize) + 4 < payload.length().min(octets.len()) && mark & 0x8000_0000 == 0 {
        return None;
    }
    onc(octets.get(4..)?)
}

/// The sign of a datagram that is a message.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    onc(payload.octets()).or_else(|| dce_datagram(payload)).or_else(|| afs(payload))
}

/// A call or an answer (RFC 5531 section 9).
fn onc(octets: &[u8]) -> Option<Sign> {
    const NFS: u32 = 100_003;
    const NFS_CALLBACK: u32 = 0x4000_0000;
    match be32(octets, 4)? {
        0 => {
            let (rpc, program, version, procedure, flavor) = (
                be32(octets, 8)?,
                be32(octets, 12)?,
                be32(octets, 16)?,
                be32(octets, 20)?,
                be32(octets, 24)?,
            );
            let is_call =
                rpc == 2 && version <= 20 && procedure < 500 && matches!(flavor, 0..=7 | 390_000..=390_020);
            let is_program =
                (100_000..=700_000).contains(&program) || (0x2000_0000..=0x5fff_ffff).contains(&program);
            (is_call && is_program).then_some(match program {
                NFS => Sign::client(Spoken::Nfs),
                NFS_CALLBACK.. => Sign::either(Spoken::OncRpc),
                _ => Sign::client(Spoken::OncRpc),
            })
        }
        1 => {
            let is_answer = match be32(octets, 8)? {
                // Accepted: a verifier, and whether it was done.
                0 => {
                    let (flavor, length) = (be32(octets, 12)?, be32(octets, 16)?);
                    let status = be32(octets, 20 + length.min(400).next_multiple_of(4) as usize)?;
                    matches!(flavor, 0..=7) && length <= 400 && (flavor != 0 || length == 0) && status <= 5
                }
                // Refused: another version, or who asks.
                1 => be32(octets, 12)? <= 1 && be32(octets, 16)? <= 14,
                _ => false,
            };
            is_answer.then_some(Sign::server(Spoken::OncRpc))
        }
        _ => None,
    }
}

/// A PDU of a connection: version 5.0 or 5.1, a type, flags, an integer representation, and its length (C706
/// section 12.6.3).
fn dce_connection(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[5, 0 | 1, kind @ 0..=19, flags, order @ (0 | 0x10), _, 0, 0, a, b, ..] = octets else {
        return None;
    };
    let length = if order == 0 { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) };
    // The first fragment of a call, which may be followed by others in the segment.
    if length < 16 || payload.length() < 16 || flags & 0x01 == 0 {
        return None;
    }
    match kind {
        0 | 11 | 14 | 16 | 18 | 19 => Some(Sign::client(Spoken::DceRpc)),
        2 | 3 | 12 | 13 | 15 => Some(Sign::server(Spoken::DceRpc)),
        17 => Some(Sign::either(Spoken::DceRpc)),
        _ => None,
    }
}

/// A datagram: version 4, a type, flags, a representation, and the length of the body (C706 section 12.5.3).
/// PROFINET's devices and controllers are told by their interfaces (DEA00001 to DEA00004).
fn dce_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[4, kind @ 0..=10, _, flags, order @ (0 | 0x10), _, 0, ..] = octets else { return None };
    let (a, b) = (*octets.get(74)?, *octets.get(75)?);
    let length = if order == 0 { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) };
    if usize::from(length) + 80 != payload.length() && flags & 0x01 == 0 || flags & 0x03 == 0x03 {
        return None;
    }
    let interface = octets.get(24..40)?;
    let is_profinet =
        interface.ends_with(&[0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf, 0x7d]);
    let spoken = if is_profinet { Spoken::Profinet } else { Spoken::DceRpc };
    Some(match kind {
        0 => Sign::client(spoken),
        2 | 3 | 6 => Sign::server(spoken),
        _ => Sign::either(spoken),
    })
}

/// AFS over Rx: a connection, a call and its first packet, a type, flags of which one says who began, and a
/// service of AFS.
fn afs(payload: &Payload) -> Option<Sign> {
    const FROM_CLIENT: u8 = 0x01;
    let octets = payload.octets();
    let (call, sequence, serial) = (be32(octets, 8)?, be32(octets, 12)?, be32(octets, 16)?);
    let &[1..=13, flags, status, 0..=4, ..] = octets.get(20..)? else { return None };
    let service = be16(octets, 26)?;
    let is_service = matches!(service, 1 | 4 | 52 | 73 | 200 | 500 | 731 | 2001..=2003);
    (is_service
        && call < 1 << 24
        && sequence < 1 << 24
        && serial < 1 << 24
        && flags & 0xc0 == 0
        && status <= 1)
        .then_some(Sign::asking(Spoken::Afs, flags & FROM_CLIENT != 0))
}
