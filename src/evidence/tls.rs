//! TLS (RFC 8446) and QUIC (RFC 9000), which is encrypted by TLS.

use super::Sign;

/// The sign of a segment that begins with a handshake record of TLS: a ClientHello or a ServerHello
/// (RFC 8446 sections 4 and 5.1).
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload {
        [0x16, 3, 0..=4, _, _, 1, ..] => Some(Sign::ClientHello),
        [0x16, 3, 0..=4, _, _, 2, ..] => Some(Sign::ServerHello),
        _ => None,
    }
}

/// The sign of a datagram that begins with a long header of QUIC version 1 or 2 (RFC 9000 section
/// 17.2, RFC 9369 section 3). Both sides send such headers.
pub(super) fn quic(payload: &[u8]) -> Option<Sign> {
    match payload {
        [0xc0..=0xff, 0, 0, 0, 1, ..] | [0xc0..=0xff, 0x6b, 0x33, 0x43, 0xcf, ..] => Some(Sign::Quic),
        _ => None,
    }
}
