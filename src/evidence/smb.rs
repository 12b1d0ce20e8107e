//! SMB version 1 ([MS-CIFS]) and versions 2 and 3 ([MS-SMB2]), with or without the header of a
//! NetBIOS session (RFC 1002 section 4.3.1).

use super::{Sign, Spoken};

/// The command of version 1 that a client begins with.
const NEGOTIATE: u8 = 0x72;
/// Set in the flags of version 1 by whoever replies ([MS-CIFS] section 2.2.3.1).
const REPLY: u8 = 0x80;
/// Set in the flags of version 2 by the server ([MS-SMB2] section 2.2.1.2).
const SERVER_TO_REDIR: u8 = 0x01;

/// The sign of a segment that begins with a message.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    let ([0, _, _, _, message @ ..] | message) = payload;
    match message {
        [0xff, b'S', b'M', b'B', rest @ ..] => Some(match rest {
            // A server asks as well, for locks that it takes back: only the first request is plain.
            [_, _, _, _, _, flags, ..] if flags & REPLY != 0 => Sign::server(Spoken::Smb1),
            [NEGOTIATE, ..] => Sign::client(Spoken::Smb1),
            _ => Sign::either(Spoken::Smb1),
        }),
        [0xfe, b'S', b'M', b'B', rest @ ..] => Some(match rest.get(12) {
            Some(flags) if flags & SERVER_TO_REDIR != 0 => Sign::server(Spoken::Smb2),
            Some(_) => Sign::client(Spoken::Smb2),
            None => Sign::either(Spoken::Smb2),
        }),
        // The same, encrypted.
        [0xfd, b'S', b'M', b'B', ..] => Some(Sign::either(Spoken::Smb2)),
        _ => None,
    }
}
