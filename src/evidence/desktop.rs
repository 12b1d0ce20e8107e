//! Terminals and screens: Telnet (RFC 854), VNC (RFC 6143) and Remote Desktop ([MS-RDPBCGR]).

use super::Sign;

/// The sign of a segment that begins as one of them does.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload {
        // WILL, WON'T, DO or DON'T, from either side.
        [0xff, 0xfb..=0xfe, _, ..] => Some(Sign::Telnet),
        // The version, which both sides send (RFC 6143 section 7.1.1).
        [b'R', b'F', b'B', b' ', b'0', b'0', ..] => Some(Sign::Vnc),
        // A TPKT header (RFC 1006 section 6), then X.224's connection request or confirm ([MS-RDPBCGR]
        // section 2.2.1).
        [3, 0, _, _, _, 0xe0, ..] => Some(Sign::RdpRequest),
        [3, 0, _, _, _, 0xd0, ..] => Some(Sign::RdpConfirm),
        _ => None,
    }
}
