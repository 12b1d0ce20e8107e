//! What devices tell: IPFIX (RFC 7011), NetFlow 5 and 9 (RFC 3954), sFlow, and syslog (RFC 5424, RFC 3164).

use super::payload::{be16, be32, is_text};
use super::{Payload, Sign, Spoken};

/// The first second of the years that are believed: 1995, before which there was no NetFlow.
const FIRST: u32 = 788_918_400;

/// The sign of a datagram or segment that is syslog, in a stream with its length before it or without (RFC 6587
/// section 3.4).
pub(super) fn words(octets: &[u8]) -> Option<Sign> {
    match octets.first()? {
        b'<' => syslog(octets),
        b'1'..=b'9' => {
            let digits = octets.iter().take(6).take_while(|octet| octet.is_ascii_digit()).count();
            syslog(octets.get(digits..)?.strip_prefix(b" ")?)
        }
        _ => None,
    }
}

/// The sign of a segment that is IPFIX.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    ipfix(payload)
}

/// The sign of a datagram. Who exports asks: nothing is answered.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        0 => ipfix(payload).or_else(|| netflow(payload)).or_else(|| sflow(payload)),
        _ => None,
    }
}

/// A priority of at most 191, and after it a version, the month of a date, or words (RFC 3164 section 4.1).
fn syslog(octets: &[u8]) -> Option<Sign> {
    let end = octets.iter().take(5).position(|&octet| octet == b'>')?;
    let digits = octets.get(1..end)?;
    let priority: u16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let message = octets.get(end + 1..)?;
    let head = &message[..message.len().min(16)];
    (priority <= 191 && digits.iter().all(u8::is_ascii_digit) && head.len() >= 3 && is_text(head))
        .then_some(Sign::client(Spoken::Syslog))
}

/// IPFIX: version 10, the length of the whole, a time, and a first set that exists and fits (RFC 7011 section
/// 3.1).
fn ipfix(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if be16(octets, 0)? != 10 {
        return None;
    }
    let (length, time, set, size) =
        (be16(octets, 2)?, be32(octets, 4)?, be16(octets, 16)?, be16(octets, 18)?);
    (usize::from(length) <= payload.length()
        && length >= 20
        && time >= FIRST
        && matches!(set, 2 | 3 | 256..)
        && (4..=length - 16).contains(&size))
    .then_some(Sign::client(Spoken::Ipfix))
}

/// NetFlow 5: up to thirty records of 48 octets that fill it. Version 9: a number of records, a time, and a
/// first set (RFC 3954 section 5.1).
fn netflow(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (version, count, time) = (be16(octets, 0)?, be16(octets, 2)?, be32(octets, 8)?);
    match version {
        5 => ((1..=30).contains(&count) && payload.length() == 24 + 48 * usize::from(count) && time >= FIRST)
            .then_some(Sign::client(Spoken::Netflow5)),
        9 => {
            let (set, size) = (be16(octets, 20)?, be16(octets, 22)?);
            ((1..=1000).contains(&count)
                && time >= FIRST
                && matches!(set, 0 | 1 | 256..)
                && size >= 4
                && usize::from(size) + 20 <= payload.length())
            .then_some(Sign::client(Spoken::Netflow9))
        }
        _ => None,
    }
}

/// sFlow version 5: the agent's address, its sub-agent, numbers, and samples of kinds that exist. Versions 2 and
/// 4 had the address in the same place.
fn sflow(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (version, family) = (be32(octets, 0)?, be32(octets, 4)?);
    let after = match family {
        1 => 12,
        2 => 24,
        _ => return None,
    };
    let count = match version {
        5 => be32(octets, after + 12)?,
        2 | 4 => be32(octets, after + 8)?,
        _ => return None,
    };
    ((1..=100).contains(&count) && payload.length() >= 28).then_some(Sign::client(Spoken::Sflow))
}
