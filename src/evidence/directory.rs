//! Who one is and what one may: LDAP (RFC 4511), Kerberos (RFC 4120), RADIUS (RFC 2865), TACACS+ (RFC
//! 8907), Diameter (RFC 6733); and the addresses that one is given: DHCP (RFC 2131, RFC 8415).

use super::payload::{be16, be24, be32, ber_length, holds};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a message.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        0x30 => ldap(octets),
        // The message of Kerberos stands behind its length (RFC 4120 section 7.2.2).
        0 => kerberos(octets.get(4..)?)
            .filter(|_| be32(octets, 0).is_some_and(|length| length as usize + 4 >= payload.length())),
        1 => diameter(octets),
        0xc0 | 0xc1 => tacacs(payload),
        _ => None,
    }
}

/// The sign of a datagram that is a message.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        0x30 => ldap(octets),
        0x6a..=0x6f | 0x7e => kerberos(octets),
        _ => dhcp(payload).or_else(|| radius(payload)).or_else(|| dhcpv6(payload)),
    }
}

/// A message of LDAP: a number, and an operation with an application tag (RFC 4511 section 4.1.1).
fn ldap(octets: &[u8]) -> Option<Sign> {
    let (length, rest) = ber_length(octets.get(1..)?)?;
    let [2, size @ 1..=4, rest @ ..] = rest else { return None };
    let [operation, rest @ ..] = rest.get(usize::from(*size)..)? else { return None };
    let (inner, content) = ber_length(rest)?;
    if inner + 3 > length {
        return None;
    }
    let begins = |tag: u8| content.first() == Some(&tag);
    let is_whole = match operation {
        // Bind: a version; search, modify, add, compare and rename: a name. Abandon and unbind are short.
        0x60 => content.starts_with(&[2, 1, 2]) || content.starts_with(&[2, 1, 3]),
        0x63 | 0x66 | 0x68 | 0x6c | 0x6e => begins(4),
        0x77 => begins(0x80),
        0x42 => inner == 0,
        // Results begin with a code, entries with a name.
        0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78 => content.starts_with(&[0x0a, 1]),
        0x64 | 0x73 => begins(4),
        _ => false,
    };
    let asks = matches!(operation, 0x60 | 0x63 | 0x66 | 0x68 | 0x6c | 0x6e | 0x77 | 0x42);
    is_whole.then_some(Sign::asking(Spoken::Ldap, asks))
}

/// Whether a client of LDAP asks for TLS, by an extended request (RFC 4511 section 4.14.1).
pub(super) fn asks_for_tls(octets: &[u8]) -> bool {
    octets.first() == Some(&0x30) && holds(octets, "1.3.6.1.4.1.1466.20037")
}

/// A message of Kerberos: an application tag, and version 5 and the message's type that fit it (RFC 4120
/// sections 5.4 to 5.9).
fn kerberos(octets: &[u8]) -> Option<Sign> {
    let kind = octets.first()?.checked_sub(0x60)?;
    let (_, rest) = ber_length(octets.get(1..)?)?;
    let [0x30, rest @ ..] = rest else { return None };
    let (_, rest) = ber_length(rest)?;
    let is_it = match rest {
        // Requests count their fields from 1, the others from 0.
        [0xa1, 3, 2, 1, 5, 0xa2, 3, 2, 1, number, ..] => *number == kind && matches!(kind, 10 | 12),
        [0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, number, ..] => {
            *number == kind && matches!(kind, 11 | 13 | 14 | 15 | 20 | 21 | 22 | 30)
        }
        _ => false,
    };
    is_it.then_some(Sign::asking(Spoken::Kerberos, matches!(kind, 10 | 12 | 14 | 20)))
}

/// RADIUS: a code that exists, a length that is the datagram's, and attributes that fill it (RFC 2865
/// section 3).
fn radius(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let [code @ (1..=5 | 11..=13 | 40..=45), ..] = octets else { return None };
    let length = usize::from(be16(octets, 2)?);
    if !(20..=4096).contains(&length) || length != payload.length() {
        return None;
    }
    let mut attributes = octets.get(20..)?;
    let mut some = false;
    while let [kind, size, ..] = *attributes {
        if kind == 0 || size < 2 {
            return None;
        }
        some = true;
        match attributes.get(usize::from(size)..) {
            Some(rest) => attributes = rest,
            None if !payload.is_whole() => break,
            None => return None,
        }
    }
    if payload.is_whole() && !attributes.is_empty() {
        return None;
    }
    // Without attributes there is little to go by: only short answers have none.
    (some || matches!(code, 3 | 5) && length == 20)
        .then_some(Sign::asking(Spoken::Radius, matches!(code, 1 | 4 | 12 | 40 | 43)))
}

/// TACACS+: version 12.0 or 12.1, a type, an odd number from the client, and a length (RFC 8907 section
/// 4.1).
fn tacacs(payload: &Payload) -> Option<Sign> {
    let [_, 1..=3, number, flags, rest @ ..] = payload.octets() else { return None };
    let length = be32(rest, 4)? as usize;
    (*number > 0 && *number < 32 && flags & !0x05 == 0 && length + 12 == payload.length())
        .then_some(Sign::asking(Spoken::Tacacs, number % 2 == 1))
}

/// Diameter: version 1, a length of whole words, flags that exist, and a command (RFC 6733 section 3).
pub(super) fn diameter(octets: &[u8]) -> Option<Sign> {
    let length = be24(octets, 1)?;
    let [flags, ..] = octets.get(4..)? else { return None };
    let command = be24(octets, 5)?;
    let is_message = octets.first() == Some(&1)
        && length >= 20
        && length.is_multiple_of(4)
        && flags & 0x0f == 0
        && matches!(command, 257..=325 | 8_388_600..=8_388_800)
        // A first attribute, whose length fits in.
        && be24(octets, 25).is_none_or(|attribute| attribute >= 8 && attribute <= length - 20 || length == 20);
    is_message.then_some(Sign::asking(Spoken::Diameter, flags & 0x80 != 0))
}

/// DHCP and BOOTP: a request or reply, a length of the hardware address that fits its type, and the
/// magic cookie (RFC 2131 section 3) or nothing but the fixed fields of BOOTP (RFC 951).
fn dhcp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[kind @ (1 | 2), hardware @ 1..=37, size @ 0..=16, hops @ 0..=16, ..] = octets else { return None };
    let fits = match hardware {
        1 | 6 => size == 6,
        _ => true,
    };
    let cookie = octets.get(236..240);
    let is_bootp = cookie == Some(&[0x63, 0x82, 0x53, 0x63]) || payload.length() >= 300 && cookie.is_none();
    (fits
        && hops <= 16
        && is_bootp
        && (cookie.is_some() || be16(octets, 10).is_some_and(|flags| flags & 0x7fff == 0)))
    .then_some(Sign::asking(Spoken::Dhcp, kind == 1))
}

/// DHCPv6: a message that exists, and options that begin with a known one and fill it (RFC 8415 sections
/// 8 and 21).
fn dhcpv6(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[kind @ (1..=13), ..] = octets else { return None };
    let is_relayed = kind >= 12;
    let mut options = octets.get(if is_relayed { 34 } else { 4 }..)?;
    let mut names_someone = false;
    let mut some = 0;
    while let (Some(code), Some(length)) = (be16(options, 0), be16(options, 2)) {
        if !matches!(code, 1..=143) {
            return None;
        }
        names_someone |= match code {
            // A DUID of a known type, or a relayed message.
            1 | 2 => be16(options, 4).is_some_and(|kind| matches!(kind, 1..=4)),
            9 => is_relayed,
            _ => false,
        };
        some += 1;
        match options.get(4 + usize::from(length)..) {
            Some(rest) => options = rest,
            None if !payload.is_whole() => break,
            None => return None,
        }
    }
    let fills = !payload.is_whole() || options.is_empty();
    (names_someone && some > 0 && fills)
        .then_some(Sign::asking(Spoken::Dhcpv6, !matches!(kind, 2 | 7 | 10 | 13)))
}
