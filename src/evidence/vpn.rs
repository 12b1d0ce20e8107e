//! Private networks over public ones: WireGuard, OpenVPN, IKE (RFC 7296) with ESP in UDP (RFC 3948), L2TP
//! (RFC 2661) and PPTP (RFC 2637).

use super::payload::{be16, be32};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a control message of PPTP, or with a reset of OpenVPN after its
/// length.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if octets.get(2..8) == Some(&[0, 1, 0x1a, 0x2b, 0x3c, 0x4d]) {
        // The type of a control message: start, stop, echo, calls (RFC 2637 section 2).
        return match be16(octets, 8)? {
            1 | 3 | 7 | 9 | 12 => Some(Sign::client(Spoken::Pptp)),
            2 | 4 | 8 | 10 | 11 => Some(Sign::server(Spoken::Pptp)),
            5 | 6 | 13..=15 => Some(Sign::either(Spoken::Pptp)),
            _ => None,
        };
    }
    let length = usize::from(be16(octets, 0)?);
    (length + 2 == payload.length()).then(|| openvpn(octets.get(2..)?, length))?
}

/// The sign of a datagram.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    wireguard(payload)
        .or_else(|| ike(octets, payload.length(), false))
        .or_else(|| {
            // On the port that goes through NAT four zero octets stand before IKE (RFC 3948 section 2.2).
            let rest = octets.strip_prefix(&[0, 0, 0, 0])?;
            ike(rest, payload.length() - 4, true)
        })
        .or_else(|| openvpn(octets, payload.length()))
        .or_else(|| l2tp(payload))
}

/// ESP (RFC 3948 section 2.1): an index that is none of the reserved ones, and one of the first sequence numbers;
/// what follows is encrypted. It is asked late. A keepalive of one octet is too little to go by. Many protocols have a
/// small number in that place, as SOME/IP its length (AUTOSAR, SOME/IP Protocol Specification, section 4.1); what
/// follows in them is not like random octets. ESP without encryption (RFC 2410) is not told from them.
pub(super) fn esp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (index, number) = (be32(octets, 0)?, be32(octets, 4)?);
    let is_size = payload.length() >= 36 && payload.length().is_multiple_of(4);
    let is_some_ip = number as usize + 8 == payload.length() && octets.get(12) == Some(&1);
    (index > 0xff_ffff
        && (1..=64).contains(&number)
        && is_size
        && !is_some_ip
        && looks_encrypted(&octets[8..]))
    .then_some(Sign::either(Spoken::EspInUdp))
}

/// Whether octets may be random ones: no value stands in more than a few of the first 64. Of 28 random octets, the fewest
/// here, five are equal in 1 of 40,000 cases; of 64 eight are in fewer.
fn looks_encrypted(octets: &[u8]) -> bool {
    let octets = &octets[..octets.len().min(64)];
    let mut counts = [0_usize; 256];
    for octet in octets {
        counts[usize::from(*octet)] += 1;
    }
    counts.iter().all(|&count| count <= 3 + octets.len() / 16)
}

/// The messages of WireGuard: a type in four octets, and lengths of 148, 92 and 64, or 16 and more in steps of
/// 16.
fn wireguard(payload: &Payload) -> Option<Sign> {
    let &[kind @ 1..=4, 0, 0, 0, ref rest @ ..] = payload.octets() else { return None };
    let index = be32(rest, 0)?;
    match (kind, payload.length()) {
        (1, 148) if index != 0 => Some(Sign::client(Spoken::Wireguard)),
        (2, 92) if index != 0 && be32(rest, 4)? != 0 => Some(Sign::server(Spoken::Wireguard)),
        (3, 64) => Some(Sign::either(Spoken::Wireguard)),
        // Counters begin at 0 and stay below 2^60: their upper half is zero in any session seen.
        (4, length) if length >= 32 && length.is_multiple_of(16) => {
            (index != 0 && rest.get(8..12) == Some(&[0; 4])).then_some(Sign::either(Spoken::Wireguard))
        }
        _ => None,
    }
}

/// A header of IKE: the initiator's choice of number, a first payload and version 1.0 or 2.0 with an exchange
/// that fits, flags, and the length of the whole (RFC 7296 section 3.1; RFC 2408 section 3.1).
fn ike(octets: &[u8], length: usize, is_behind_marker: bool) -> Option<Sign> {
    let &[next, version @ (0x10 | 0x20), exchange, flags, ..] = octets.get(16..)? else { return None };
    let whole = be32(octets, 24)? as usize;
    let is_length = whole == length || is_behind_marker && whole <= length && whole >= 28;
    let has_number = octets.get(..8)?.iter().any(|&octet| octet != 0);
    if !is_length || !has_number {
        return None;
    }
    let has_peer = octets.get(8..16)?.iter().any(|&octet| octet != 0);
    match version {
        0x10 if matches!(exchange, 0..=5 | 32 | 33) && flags & 0xf8 == 0 && (next <= 23 || next >= 128) => {
            let begins = !has_peer && matches!(exchange, 2 | 4);
            Some(if begins { Sign::client(Spoken::Ike) } else { Sign::either(Spoken::Ike) })
        }
        0x20 if matches!(exchange, 34..=44)
            && flags & 0xc7 == 0
            && (next == 0 || (33..=60).contains(&next)) =>
        {
            const INITIATOR: u8 = 0x08;
            const RESPONSE: u8 = 0x20;
            if exchange == 34 {
                return Some(Sign::asking(Spoken::Ike, flags & INITIATOR != 0 && flags & RESPONSE == 0));
            }
            Some(Sign::either(Spoken::Ike))
        }
        _ => None,
    }
}

/// The hard resets that begin a session of OpenVPN: an operation with key 0, a session's number; a client
/// acknowledges nothing yet and sends packet 0. With `tls-auth` and `tls-crypt` a digest or a time stand
/// between.
fn openvpn(octets: &[u8], length: usize) -> Option<Sign> {
    let &[operation @ (0x38 | 0x40 | 0x50), ref rest @ ..] = octets else { return None };
    let session = rest.get(..8)?;
    let is_random = session.iter().filter(|&&octet| octet == 0 || octet == 0xff).count() <= 2;
    let bare = |acknowledged: u8| match (acknowledged, rest.get(8..)) {
        (0, Some([0, 0, 0, 0, 0])) => length == 14,
        // One acknowledged packet, and the session of the other side.
        (1, Some([1, 0, 0, 0, 0, ..])) => length == 26,
        _ => false,
    };
    // Digests of 16 to 64 octets, then the packet's number and a time of this century.
    let signed = |minimum: usize| {
        [16, 20, 32, 48, 64].into_iter().any(|digest| {
            let at = 9 + digest;
            let is_time = be32(octets, at + 4).is_some_and(|time| (0x3900_0000..0xa000_0000).contains(&time));
            be32(octets, at).is_some_and(|number| (1..=8).contains(&number))
                && is_time
                && length >= at + minimum
        })
    };
    let encrypted = || {
        be32(octets, 9).is_some_and(|number| (1..=8).contains(&number) || number == 0x0f00_0001)
            && be32(octets, 13).is_some_and(|time| (0x3900_0000..0xa000_0000).contains(&time))
            && length >= 54
    };
    match operation {
        0x38 | 0x50 if is_random && (bare(0) || signed(13) || encrypted()) => {
            Some(Sign::client(Spoken::OpenVpn))
        }
        0x40 if is_random && (bare(1) || signed(25) || encrypted()) => Some(Sign::server(Spoken::OpenVpn)),
        _ => None,
    }
}

/// A control message of L2TP: its flags, version 2, its length, and first the attribute for its type (RFC
/// 2661 sections 3.1 and 4.1); or an empty one that acknowledges.
fn l2tp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let [0xc8, 0x02, ..] = octets else { return None };
    if usize::from(be16(octets, 2)?) != payload.length() {
        return None;
    }
    if payload.length() == 12 {
        return Some(Sign::either(Spoken::L2tp));
    }
    let is_type = be16(octets, 12)? & 0x3fff == 8 && be16(octets, 14)? == 0 && be16(octets, 16)? == 0;
    is_type.then_some(())?;
    Some(match be16(octets, 18)? {
        1 => Sign::client(Spoken::L2tp),
        2 => Sign::server(Spoken::L2tp),
        3..=20 => Sign::either(Spoken::L2tp),
        _ => return None,
    })
}
