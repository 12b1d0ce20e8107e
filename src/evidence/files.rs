//! Files: TFTP (RFC 1350), rsync's daemon and Git's.

use super::payload::{be16, begins, is_text};
use super::{Payload, Sign, Spoken};

/// The sign of a segment.
pub(super) fn in_stream(octets: &[u8]) -> Option<Sign> {
    match octets {
        // Both sides name their version, the server first.
        [b'@', b'R', b'S', b'Y', b'N', b'C', b'D', b':', ..] => Some(Sign::either(Spoken::Rsync)),
        // The length of the line in four hexadecimal digits, and a command with a path.
        [a, b, c, d, rest @ ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
            let is_command = ["git-upload-pack /", "git-receive-pack /", "git-upload-archive /"]
                .iter()
                .any(|word| begins(rest, word));
            is_command.then_some(Sign::client(Spoken::Git))
        }
        _ => None,
    }
}

/// The sign of a datagram: a request to read or write, with a file's name and a mode (RFC 1350 section 5), the
/// acknowledgement of its options (RFC 2347), an error, or the first block of data and its acknowledgement, which
/// go from and to other ports. Shorter blocks and further ones have little that could be wrong.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let operation = be16(octets, 0)?;
    let rest = octets.get(2..)?;
    match operation {
        1 | 2 => {
            let mut words = rest.split(|&octet| octet == 0);
            let (name, mode) = (words.next()?, words.next()?);
            let is_mode =
                [&b"octet"[..], b"netascii", b"mail"].iter().any(|known| known.eq_ignore_ascii_case(mode));
            (!name.is_empty() && is_mode).then_some(Sign::client(Spoken::Tftp))
        }
        3 if be16(rest, 0) == Some(1) && payload.length() == 516 => Some(Sign::either(Spoken::Tftp)),
        4 if matches!(be16(rest, 0), Some(0 | 1)) && payload.length() == 4 => {
            Some(Sign::either(Spoken::Tftp))
        }
        5 if payload.is_whole() => {
            let (code, text) = (be16(rest, 0)?, rest.get(2..)?);
            let text = text.strip_suffix(&[0])?;
            (code <= 8 && is_text(text) && text.len() >= 4).then_some(Sign::either(Spoken::Tftp))
        }
        6 => {
            let name = rest.split(|&octet| octet == 0).next()?;
            let is_option = [&b"blksize"[..], b"tsize", b"timeout", b"windowsize", b"multicast"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            is_option.then_some(Sign::server(Spoken::Tftp))
        }
        _ => None,
    }
}
