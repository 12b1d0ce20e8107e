//! Voice and pictures: SIP (RFC 3261), RTSP (RFC 7826), MGCP (RFC 3435), SCCP, RTP and RTCP (RFC 3550),
//! and STUN (RFC 8489), by which they get through NAT.

use super::payload::{be16, be32, begins, first_blank, holds, le32, line};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with a message.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        // Over TCP each message has a length before it (RFC 4571), but for STUN by itself.
        0 | 1 => stun(octets, payload.length()).or_else(|| {
            let length = usize::from(be16(octets, 0)?);
            (length + 2 == payload.length()).then(|| stun(octets.get(2..)?, length))?
        }),
        _ => None,
    }
    .or_else(|| sccp(payload))
}

/// The sign of a datagram that is a message.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        0 | 1 => stun(octets, payload.length()),
        _ => None,
    }
}

/// A request line or a status line. Both ends of SIP ask and answer, so that only what asks to begin
/// says who is the client.
pub(super) fn words(octets: &[u8]) -> Option<Sign> {
    if octets.starts_with(b"SIP/2.0 ") {
        return Some(Sign::either(Spoken::Sip));
    }
    if octets.starts_with(b"RTSP/1.0 ") || octets.starts_with(b"RTSP/2.0 ") {
        return Some(Sign::server(Spoken::Rtsp));
    }
    // Methods are of capital letters, codes of digits.
    let [first, second, ..] = octets else { return None };
    let is_code = matches!(first, b'1'..=b'5') && second.is_ascii_digit();
    if !(is_code || first.is_ascii_uppercase() && (second.is_ascii_uppercase() || *second == b'_')) {
        return None;
    }
    let method = &octets[..first_blank(octets)?];
    let is_method = match method {
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => true,
        [_, _, _, ..] => method.iter().all(|octet| octet.is_ascii_uppercase() || *octet == b'_'),
        _ => false,
    };
    if !is_method {
        return None;
    }
    let is_cut = line(octets).is_none();
    let line = line(octets).unwrap_or(octets);
    let ends = |version: &[u8]| line.ends_with(version);
    match method {
        b"INVITE" | b"REGISTER" | b"ACK" | b"BYE" | b"CANCEL" | b"OPTIONS" | b"SUBSCRIBE" | b"NOTIFY"
        | b"PUBLISH" | b"MESSAGE" | b"INFO" | b"UPDATE" | b"PRACK" | b"REFER"
            if ends(b" SIP/2.0") || is_cut && holds(line, " sip:") =>
        {
            Some(match method {
                b"INVITE" | b"REGISTER" | b"SUBSCRIBE" | b"PUBLISH" => Sign::client(Spoken::Sip),
                _ => Sign::either(Spoken::Sip),
            })
        }
        b"DESCRIBE" | b"SETUP" | b"PLAY" | b"PAUSE" | b"TEARDOWN" | b"OPTIONS" | b"GET_PARAMETER"
        | b"SET_PARAMETER" | b"ANNOUNCE" | b"RECORD" | b"REDIRECT"
            if ends(b" RTSP/1.0") || ends(b" RTSP/2.0") || is_cut && holds(line, " rtsp:") =>
        {
            Some(Sign::client(Spoken::Rtsp))
        }
        b"AUEP" | b"AUCX" | b"CRCX" | b"DLCX" | b"EPCF" | b"MDCX" | b"NTFY" | b"RQNT" | b"RSIP"
            if ends(b" MGCP 1.0") || holds(line, " MGCP 1.0 ") =>
        {
            Some(Sign::client(Spoken::Mgcp))
        }
        // MGCP answers with a code, the number of the transaction, and words.
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
            let mut words = line.splitn(3, |&octet| octet == b' ').skip(1);
            let number = words.next()?;
            let is_number = (1..=9).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
            let words = words.next()?;
            (is_number && (begins(words, "OK") || begins(words, "The requested")))
                .then_some(Sign::server(Spoken::Mgcp))
        }
        _ => None,
    }
}

/// STUN: a length that is the message's, and the magic cookie; or as RFC 3489 had it without the
/// cookie, attributes that fill it.
fn stun(octets: &[u8], length: usize) -> Option<Sign> {
    let kind = be16(octets, 0)?;
    let content = usize::from(be16(octets, 2)?);
    if kind & 0xc000 != 0 || !content.is_multiple_of(4) || content + 20 > length {
        return None;
    }
    let has_cookie = be32(octets, 4)? == 0x2112_a442;
    if !has_cookie {
        let is_old = matches!(kind, 1 | 0x101 | 0x111 | 2 | 0x102) && content + 20 == length;
        let mut attributes = octets.get(20..)?;
        while let (Some(kind), Some(size)) = (be16(attributes, 0), be16(attributes, 2)) {
            if !matches!(kind, 1..=0x2a | 0x8000..=0x80ff) {
                return None;
            }
            attributes = attributes.get(4 + usize::from(size).next_multiple_of(4)..).unwrap_or_default();
        }
        // A bare request is little to go by.
        if !is_old || content == 0 {
            return None;
        }
    }
    Some(match kind & 0x0110 {
        0 => Sign::client(Spoken::Stun),
        0x0010 => Sign::either(Spoken::Stun),
        _ => Sign::server(Spoken::Stun),
    })
    // Ends that look for a way between them ask each other; they name the user to each other.
    .map(|sign| if names_user(octets) { Sign::either(Spoken::Stun) } else { sign })
}

/// Whether the first attribute of a message of STUN is a user's name, as in the checks of ICE (RFC 8445
/// section 7.1.1), which both ends send.
fn names_user(octets: &[u8]) -> bool {
    be16(octets, 20) == Some(6)
}

/// SCCP: a length, a version that is 0 or that of newer telephones, and a message that exists.
fn sccp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (length, version, message) = (le32(octets, 0)?, le32(octets, 4)?, le32(octets, 8)?);
    let is_header = |length: u32, version: Option<u32>| {
        (4..=2000).contains(&length) && version.is_none_or(|version| matches!(version, 0 | 0x0a..=0x16))
    };
    let is_message = is_header(length, Some(version)) && length as usize + 8 <= payload.length();
    // Another may follow.
    let next = octets.get(length as usize + 8..).unwrap_or_default();
    if !is_message || le32(next, 0).is_some_and(|length| !is_header(length, le32(next, 4))) {
        return None;
    }
    match message {
        0x0000..=0x0050 if length > 4 || matches!(message, 0 | 0x08 | 0x0d | 0x0f | 0x11 | 0x2b) => {
            Some(Sign::client(Spoken::Sccp))
        }
        0x0081..=0x015f => Some(Sign::server(Spoken::Sccp)),
        _ => None,
    }
}

/// The sign of a datagram that is RTCP (RFC 3550 section 6) or RTP (section 5.1). Its header has little
/// that could be wrong, so that it is asked last: what is left must have the shape of a stream that
/// begins, with a static type (RFC 3551 section 6) whose length is that of its frames.
pub(super) fn rtp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let [first @ 0x80..=0xbf, second, ..] = *octets else { return None };
    if let kind @ 200..=207 = second {
        return rtcp(payload, kind).then_some(Sign::either(Spoken::Rtcp));
    }
    let (has_padding, has_extension, sources) = (first & 0x20 != 0, first & 0x10 != 0, first & 0x0f);
    if has_padding || has_extension || sources != 0 || payload.length() < 14 {
        return None;
    }
    let content = payload.length() - 12;
    // Octets of a frame of ten milliseconds, and the longest packet.
    let is_framed = |octets: usize, most: usize| content.is_multiple_of(octets) && content <= most;
    let fits = match second & 0x7f {
        0 | 8 => is_framed(80, 480),
        3 => is_framed(33, 198),
        4 => is_framed(24, 144) || is_framed(20, 120),
        9 => is_framed(80, 480),
        18 => is_framed(10, 80) || content == 2,
        33 => content.is_multiple_of(188) && octets.get(12) == Some(&0x47),
        _ => false,
    };
    let source = be32(octets, 8)?;
    (fits && source != 0 && be32(octets, 4)? != source).then_some(Sign::either(Spoken::Rtp))
}

/// Whether a datagram is made of reports: the first of a sender or a receiver, and each ends where the
/// next begins (RFC 3550 section 6.1; appendix A.2).
fn rtcp(payload: &Payload, first: u8) -> bool {
    let mut rest = payload.octets();
    let mut left = payload.length();
    if !matches!(first, 200 | 201) {
        return false;
    }
    while let [0x80..=0xbf, 200..=207, ..] = rest {
        let Some(words) = be16(rest, 2) else { return false };
        let size = 4 * (usize::from(words) + 1);
        if size > left {
            return false;
        }
        left -= size;
        match rest.get(size..) {
            Some(next) => rest = next,
            None => return !payload.is_whole(),
        }
    }
    // SRTCP appends an index and a tag (RFC 3711 section 3.4).
    rest.is_empty() || left <= 14
}
