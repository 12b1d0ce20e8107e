//! SSH (RFC 4253 section 4.2). Both sides begin alike, so it does not say who asks.

use super::{Sign, Spoken};

/// The sign of a segment that begins with an identification string.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload {
        // 1.99 offers version 2 as well (section 5.1).
        [b'S', b'S', b'H', b'-', b'1', b'.', rest @ ..] if !rest.starts_with(b"99") => {
            Some(Sign::either(Spoken::Ssh1))
        }
        [b'S', b'S', b'H', b'-', ..] => Some(Sign::either(Spoken::Ssh)),
        _ => None,
    }
}
