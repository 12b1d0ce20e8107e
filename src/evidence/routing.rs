//! Between routers: BGP (RFC 4271), LDP (RFC 5036), MSDP (RFC 3618), BFD (RFC 5880), HSRP (RFC 2281) and
//! RIP (RFC 2453, RFC 2080).

use super::payload::{be16, be32};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a message.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets {
        // A marker of ones, a length, a type (RFC 4271 section 4.1).
        [0xff, 0xff, ..] => {
            let length = be16(octets, 16)?;
            let kind = octets.get(18)?;
            (octets.get(..16)?.iter().all(|&octet| octet == 0xff)
                && (19..=4096).contains(&length)
                && (1..=5).contains(kind))
            .then_some(Sign::either(Spoken::Bgp))
        }
        [0, 1, ..] => ldp(payload),
        // Source-Active, its request and answer, and keepalives (RFC 3618 section 12.2).
        [4, 0, 3] if payload.is_whole() => Some(Sign::either(Spoken::Msdp)),
        [1, _, _, entries, ..] => {
            let length = usize::from(be16(octets, 1)?);
            let fits = length >= 20 && length <= payload.length() && *entries > 0;
            (fits && length >= 8 + 12 * usize::from(*entries) && octets.get(8..12) == Some(&[0, 0, 0, 32]))
                .then_some(Sign::either(Spoken::Msdp))
        }
        _ => None,
    }
}

/// The sign of a datagram that is a message.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    rip(payload).or_else(|| bfd(payload)).or_else(|| hsrp(payload)).or_else(|| ldp(payload))
}

/// A PDU of LDP: version 1, its length, an identifier, and a first message that exists and fits in (RFC 5036
/// sections 3.1 and 3.5). Hellos go over UDP.
fn ldp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (version, length, kind, inner) =
        (be16(octets, 0)?, be16(octets, 2)?, be16(octets, 10)?, be16(octets, 12)?);
    let is_message = matches!(kind & 0x7fff, 1 | 0x100 | 0x200 | 0x201 | 0x300 | 0x301 | 0x400..=0x404);
    (version == 1
        && usize::from(length) + 4 <= payload.length()
        && is_message
        && inner >= 4
        && u32::from(inner) + 10 <= u32::from(length)
        && be32(octets, 4)? != 0)
        .then_some(Sign::either(Spoken::Ldp))
}

/// A control packet of BFD: version 1, a diagnostic that exists, its own length, a detection multiplier and a
/// discriminator of the sender's (RFC 5880 section 6.8.6).
fn bfd(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[0x20..=0x29, flags, 1..=255, length, ..] = octets else { return None };
    let has_auth = flags & 0x04 != 0;
    let is_size = if has_auth { (26..=52).contains(&length) } else { length == 24 };
    let own = be32(octets, 4)?;
    let peer = be32(octets, 8)?;
    let (transmit, receive) = (be32(octets, 12)?, be32(octets, 16)?);
    // Without a discriminator of the peer the session is down or administratively so. Intervals in
    // microseconds are within minutes.
    let is_state = peer != 0 || flags >> 6 <= 1;
    (is_size
        && usize::from(length) == payload.length()
        && own != 0
        && is_state
        && flags & 1 == 0
        && transmit <= 600_000_000
        && receive <= 600_000_000)
        .then_some(Sign::either(Spoken::Bfd))
}

/// HSRP version 0: an opcode, a state and times that exist (RFC 2281 section 5), or version 2: its first
/// field is that of a group's state.
fn hsrp(payload: &Payload) -> Option<Sign> {
    match (payload.octets(), payload.length()) {
        (&[0, 0..=3, 0 | 1 | 2 | 4 | 8 | 16, hello @ 1..=60, hold @ 2..=240, _, _, 0, ..], 20 | 50) => {
            (hold > hello).then_some(Sign::either(Spoken::Hsrp))
        }
        (&[1, 40, 2, 0..=2, 0..=6, 4 | 6, ..], 42..=120) => Some(Sign::either(Spoken::Hsrp)),
        _ => None,
    }
}

/// RIP: a command, a version, and entries of twenty octets of a known family with a metric up to 16 (RFC
/// 2453 section 4); of RIPng a prefix of at most 128 (RFC 2080 section 2.1).
fn rip(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[command @ 1..=2, version @ 1..=2, 0, 0, ref entries @ ..] = octets else { return None };
    let length = payload.length() - 4;
    if length == 0 || !length.is_multiple_of(20) || length > 1500 {
        return None;
    }
    let asks = command == 1;
    let entry = entries.get(..20)?;
    let is_authentication = version == 2 && entry.starts_with(&[0xff, 0xff, 0]);
    let metric = be32(entry, 16)?;
    let is_rip = is_authentication
        || matches!(be16(entry, 0)?, 0 | 2) && metric <= 16 && (version == 2 || be16(entry, 2)? == 0);
    // A route of RIPng: metric and length of the prefix stand at its end.
    let is_ng = version == 1 && entry[18] <= 128 && (1..=16).contains(&entry[19])
        || version == 1 && entry[19] == 0xff;
    (is_rip || is_ng).then_some(Sign::asking(Spoken::Rip, asks))
}
