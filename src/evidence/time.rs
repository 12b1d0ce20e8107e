//! Time: NTP (RFC 5905) and PTP (IEEE 1588).

use super::payload::{be16, be32};
use super::{Payload, Sign, Spoken};

/// The sign of a datagram.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    ptp(payload).or_else(|| ntp(payload))
}

/// NTP versions 1 to 4: a mode, a stratum, intervals that are used, and a time of sending from 1970 on; or a
/// client that keeps all of it to itself (RFC 8633; a client of version 3 or 4 that sends zeroes). Control
/// messages (RFC 9327) and the private ones of old daemons are shorter or longer.
fn ntp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[first, stratum, poll, precision, ..] = octets else { return None };
    let (version, mode) = (first >> 3 & 7, first & 7);
    if !(1..=4).contains(&version) {
        return None;
    }
    match mode {
        1..=5 => {
            let is_length = payload.length() == 48
                || matches!(payload.length(), 60 | 68 | 72)
                || version == 4
                    && payload.length() > 48
                    && payload.length().is_multiple_of(4)
                    && payload.length() <= 480;
            let sent = be32(octets, 40)?;
            // A client may send nothing of its own; chrony sends random times, with everything else empty.
            let is_bare = mode == 3 && stratum == 0 && octets.get(4..40)?.iter().all(|&octet| octet == 0);
            let is_sane = stratum <= 16
                && (poll <= 17 || poll == 0xfa)
                && (precision == 0 || (0xe0..=0xff).contains(&precision) || precision <= 1)
                && be16(octets, 8)? < 0x100
                && be16(octets, 4)?.wrapping_add(0x100) < 0x200;
            let is_time = sent >= 0x83aa_7e80 || sent == 0 && mode == 3;
            (is_length && (is_bare || is_sane && is_time)).then_some(match mode {
                3 => Sign::client(Spoken::Ntp),
                4 => Sign::server(Spoken::Ntp),
                _ => Sign::either(Spoken::Ntp),
            })
        }
        // Control: an operation that exists, and the length of the data.
        6 => {
            let count = usize::from(be16(octets, 10)?);
            let operation = stratum & 0x1f;
            (payload.length() >= 12
                && (1..=31).contains(&operation)
                && (operation <= 12 || operation == 31)
                && be16(octets, 8)? == 0
                && (count + 12).next_multiple_of(4) == payload.length())
            .then_some(Sign::asking(Spoken::Ntp, stratum & 0x80 == 0))
        }
        // Private: an implementation and a request that exist.
        7 => match octets {
            [_, _, 0 | 2 | 3, request @ 0..=45, ..]
                if payload.length() >= 8 && payload.length().is_multiple_of(4) =>
            {
                let asks = first & 0x80 == 0;
                let is_empty = octets.get(4..8)?.iter().all(|&octet| octet == 0);
                (*request > 0 && (!asks || is_empty)).then_some(Sign::asking(Spoken::Ntp, asks))
            }
            _ => None,
        },
        _ => None,
    }
}

/// PTP version 2: a message that exists, the length of the whole, a domain, and the control field that fits
/// the message in version 2.0 (IEEE 1588-2008 section 13.3).
fn ptp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[kind, version, _, _, 0..=127, ..] = octets else { return None };
    let (message, length) = (kind & 0x0f, usize::from(be16(octets, 2)?));
    let control = *octets.get(32)?;
    let least = match message {
        0 | 1 | 8 => 44,
        2 | 3 | 9 | 10 => 54,
        0x0b => 64,
        0x0c => 44,
        0x0d => 48,
        _ => return None,
    };
    let fits = match message {
        0 => matches!(control, 0),
        1 => matches!(control, 1 | 0),
        8 => matches!(control, 2 | 0),
        9 => matches!(control, 3 | 0),
        0x0d => matches!(control, 4 | 0),
        _ => matches!(control, 5 | 0),
    };
    (matches!(version, 0x02 | 0x12)
        && length >= least
        && length <= payload.length()
        && payload.length() <= length + 2
        && fits)
        .then_some(Sign::either(Spoken::Ptp))
}
