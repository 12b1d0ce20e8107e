//! Tunnels where they were not followed: VXLAN (RFC 7348), Geneve (RFC 8926); and of mobile networks GTP (3GPP
//! TS 29.281, TS 29.060, TS 29.274) and PFCP (TS 29.244).

use super::payload::{be16, be32};
use super::{Payload, Sign, Spoken};

/// The sign of a datagram.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    gtp(payload)
        .or_else(|| pfcp(payload))
        .or_else(|| vxlan(payload))
        .or_else(|| geneve(payload))
        .or_else(|| teredo(payload))
        .or_else(|| ayiya(payload))
}

/// VXLAN: the flag of the identifier and nothing reserved, then an Ethernet frame of a known type.
fn vxlan(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let [0x08, 0, 0, 0, _, _, _, 0, frame @ ..] = octets else { return None };
    is_frame(frame).then_some(Sign::client(Spoken::Vxlan))
}

/// Geneve: version 0, options that fit, and within an Ethernet frame, IP or ARP, as the type of the protocol says.
fn geneve(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[first @ 0..=0x3f, flags, a, b, _, _, _, 0, ref rest @ ..] = octets else { return None };
    let inner = rest.get(4 * usize::from(first)..)?;
    let fits = match [a, b] {
        [0x65, 0x58] => is_frame(inner),
        [0x08, 0] => matches!(inner, [0x45..=0x4f, ..]),
        [0x86, 0xdd] => matches!(inner, [0x60..=0x6f, ..]),
        [0x08, 6] => inner.starts_with(&[0, 1, 8, 0, 6, 4]),
        _ => false,
    };
    (flags & 0x3f == 0 && fits).then_some(Sign::client(Spoken::Geneve))
}

/// Teredo: an IPv6 packet that fills the rest, after an authentication or an origin of the sender, one of whose
/// addresses is Teredo's or of the link (RFC 4380 section 5.1.1).
fn teredo(payload: &Payload) -> Option<Sign> {
    let mut octets = payload.octets();
    if let [0, 1, client, value, rest @ ..] = octets {
        octets = rest.get(usize::from(*client) + usize::from(*value) + 9..)?;
    }
    if let [0, 0, _, _, _, _, _, _, rest @ ..] = octets {
        octets = rest;
    }
    let before = payload.octets().len() - octets.len();
    let length = usize::from(be16(octets, 4)?);
    let is_address = |at: usize| matches!(octets.get(at..at + 4), Some([0x20, 1, 0, 0] | [0xfe, 0x80, 0, 0]));
    (octets[0] >> 4 == 6 && before + 40 + length == payload.length() && (is_address(8) || is_address(24)))
        .then_some(Sign::either(Spoken::Teredo))
}

/// AYIYA: an identity of sixteen octets that is a number, a signature, an operation, IPv6 or nothing in it, and a
/// time.
fn ayiya(payload: &Payload) -> Option<Sign> {
    match payload.octets() {
        [0x41..=0xf4, 0x51..=0x53, 0x10..=0x25, 41 | 59, rest @ ..] => {
            matches!(be32(rest, 0)?, 0 | 0x3900_0000..).then_some(Sign::either(Spoken::Ayiya))
        }
        _ => None,
    }
}

/// Whether octets are an Ethernet frame with IP, ARP or a VLAN tag.
fn is_frame(octets: &[u8]) -> bool {
    match octets.get(12..) {
        Some([8, 0, version, ..]) => version >> 4 == 4,
        Some([0x86, 0xdd, version, ..]) => version >> 4 == 6,
        Some([8, 6, 0, 1, 8, 0, ..] | [0x81, 0, ..]) => true,
        _ => false,
    }
}

/// GTP version 1 and 2: a message that exists, and the length of the whole. Version 0 has its own.
fn gtp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[first, kind, ..] = octets else { return None };
    let length = usize::from(be16(octets, 2)?);
    match first >> 5 {
        // The bit for GTP rather than GTP', no spare bit.
        1 if first & 0x18 == 0x10 && length + 8 == payload.length() => {
            let tunnel = be32(octets, 4)?;
            match kind {
                // User data is IP, a control message of the user plane has tunnel 0 and optional fields.
                255 => {
                    let inner = octets.get(if first & 7 == 0 { 8 } else { 12 })?;
                    (tunnel != 0 && matches!(inner >> 4, 4 | 6)).then_some(Sign::either(Spoken::GtpU))
                }
                26 | 31 | 254 => (first & 0x02 != 0 || first & 7 != 0).then_some(Sign::either(Spoken::GtpU)),
                1 => (tunnel == 0).then_some(Sign::client(Spoken::GtpC)),
                2 => (tunnel == 0).then_some(Sign::server(Spoken::GtpC)),
                16 | 18 | 20 | 27 | 48 | 50 | 52 => (first & 0x02 != 0).then_some(Sign::client(Spoken::GtpC)),
                17 | 19 | 21 | 28 | 49 | 51 | 53 => (first & 0x02 != 0).then_some(Sign::server(Spoken::GtpC)),
                _ => None,
            }
        }
        2 if first & 0x07 == 0 && length + 4 <= payload.length() => {
            let is_all = length + 4 == payload.length() || first & 0x10 != 0;
            match kind {
                1 | 32 | 34 | 36 | 38 | 64 | 66 | 68 | 95 | 97 | 99 | 162 | 166 | 168 | 170 | 176
                    if is_all =>
                {
                    Some(Sign::client(Spoken::GtpC))
                }
                2 | 33 | 35 | 37 | 39 | 65 | 67 | 69 | 96 | 98 | 100 | 163 | 167 | 169 | 171 | 177
                    if is_all =>
                {
                    Some(Sign::server(Spoken::GtpC))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// PFCP: version 1, a message that exists, the length of the whole, and a first element of one that exists;
/// a session's number for messages of sessions.
fn pfcp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[first @ 0x20..=0x23, kind, ..] = octets else { return None };
    let length = usize::from(be16(octets, 2)?);
    let has_session = first & 1 != 0;
    if length + 4 != payload.length() || has_session != (kind >= 50) {
        return None;
    }
    let elements = octets.get(if has_session { 16 } else { 8 }..)?;
    let is_element = match (be16(elements, 0), be16(elements, 2)) {
        (Some(1..=400), Some(size)) => usize::from(size) + 4 <= length,
        _ => elements.is_empty(),
    };
    is_element.then_some(match kind {
        1 | 3 | 5 | 7 | 9 | 12 | 14 | 50 | 52 | 54 | 56 => Sign::client(Spoken::Pfcp),
        2 | 4 | 6 | 8 | 10 | 11 | 13 | 15 | 51 | 53 | 55 | 57 => Sign::server(Spoken::Pfcp),
        _ => return None,
    })
}
