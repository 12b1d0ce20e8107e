//! TLS (RFC 8446), DTLS (RFC 9147) and QUIC (RFC 9000), which is encrypted by TLS.

use super::hello::{self, Said};
use super::payload::{be16, be24};
use super::{Payload, Sign, Spoken};

/// The longest record: 2^14 octets, and 2048 that versions before 1.3 allow for protection (RFC 5246
/// section 6.2.3).
const LONGEST: u16 = (1 << 14) + 2048;

/// The sign of a segment that begins with a record (RFC 8446 section 5.1) or with the hello of SSL 2
/// that older clients send (RFC 5246 appendix E.2).
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    match payload.octets() {
        // A first segment that ends within the head of a record of a handshake: some clients send it in pieces.
        [0x16, 3, 0..=4] | [0x16, 3, 0..=4, _] => payload.is_whole().then_some(Sign::HEAD_OF_TLS),
        [kind @ 0x14..=0x17, 3, 0..=4, rest @ ..] => {
            let length = be16(rest, 0)?;
            let is_record = match kind {
                0x14 => length == 1,
                0x15 => length == 2 || (20..=128).contains(&length),
                _ => (1..=LONGEST).contains(&length),
            };
            if !is_record {
                return None;
            }
            let hello = || Hello::new(payload.captured().get(5..)?, length, 4);
            Some(match (kind, rest.get(2)) {
                (0x16, Some(1)) => Sign::client(Spoken::Tls).with(Hello::of_client(hello(), false)),
                (0x16, Some(2)) => Sign::server(Spoken::Tls).with(Hello::of_server(hello())),
                _ => Sign::either(Spoken::Tls),
            })
        }
        // A ClientHello of SSL 2: lengths of cipher specifications, which are of three octets, of the
        // session and of the challenge.
        &[0x80..=0xff, length, 1, 3 | 0, 0..=3, a, b, 0, session @ 0..=32, 0, challenge @ 16..=32, ..] => {
            let ciphers = u16::from_be_bytes([a, b]);
            let whole = 9 + u32::from(ciphers) + u32::from(session) + u32::from(challenge);
            (ciphers.is_multiple_of(3) && whole & 0xff == u32::from(length))
                .then_some(Sign::client(Spoken::Tls))
        }
        _ => None,
    }
}

/// The sign of a datagram of DTLS or QUIC.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    dtls(payload).or_else(|| quic(payload))
}

/// A record of DTLS 1.0 or 1.2, as 1.3 begins with (RFC 6347 section 4.1).
fn dtls(payload: &Payload) -> Option<Sign> {
    let [kind @ 0x14..=0x19, 0xfe, 0xfd | 0xff, rest @ ..] = payload.octets() else { return None };
    let length = be16(rest, 8)?;
    if length == 0 || length > LONGEST || usize::from(length) + 13 > payload.length() {
        return None;
    }
    let is_clear = rest.starts_with(&[0, 0]);
    let hello = || Hello::new(payload.captured().get(13..)?, length, 12);
    Some(match (kind, rest.get(10)) {
        (0x16, Some(1)) if is_clear => Sign::client(Spoken::Dtls).with(Hello::of_client(hello(), true)),
        (0x16, Some(2)) if is_clear => Sign::server(Spoken::Dtls).with(Hello::of_server(hello())),
        (0x16, Some(3)) if is_clear => Sign::server(Spoken::Dtls),
        _ => Sign::either(Spoken::Dtls),
    })
}

/// The body of a hello, as far as it is in the first record and was looked at.
struct Hello<'a> {
    body: &'a [u8],
    is_whole: bool,
}

impl<'a> Hello<'a> {
    /// The hello in the content of a record of a length, behind its own header: of four octets (RFC 8446 section 4), of
    /// twelve in DTLS (RFC 6347 section 4.2.2).
    fn new(record: &'a [u8], length: u16, header: usize) -> Option<Hello<'a>> {
        let record = &record[..record.len().min(length.into())];
        let (whole, body) = (be24(record, 1)? as usize, record.get(header..)?);
        Some(Hello { body: &body[..body.len().min(whole)], is_whole: body.len() >= whole })
    }

    fn of_client(hello: Option<Hello>, has_cookie: bool) -> Said {
        hello.map_or(Said::default(), |hello| hello::of_client(hello.body, has_cookie))
    }

    fn of_server(hello: Option<Hello>) -> Said {
        hello.map_or(Said::default(), |hello| hello::of_server(hello.body, hello.is_whole))
    }
}

/// A long header of QUIC (RFC 9000 section 17.2), in which both sides name a version that exists; a
/// server's Version Negotiation; and the headers of Google's QUIC before it, in which clients alone
/// name their version.
fn quic(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets {
        [0xc0..=0xff, version @ ..] if is_quic_version(version) && has_connection_ids(octets) => {
            Some(Sign::either(Spoken::Quic))
        }
        // Version Negotiation lists versions that the server knows (section 17.2.1).
        [0x80..=0xff, 0, 0, 0, 0, ..] if has_connection_ids(octets) => {
            let destination = usize::from(*octets.get(5)?);
            let source = usize::from(*octets.get(6 + destination)?);
            let versions = octets.get(7 + destination + source..)?;
            let is_listed = versions.chunks_exact(4).any(is_quic_version);
            (is_listed && versions.len().is_multiple_of(4)).then_some(Sign::server(Spoken::Quic))
        }
        // The public flags, a connection of eight octets, and a version as "Q043".
        [flags, _, _, _, _, _, _, _, _, b'Q', b'0', a, b, ..]
            if flags & 0x09 == 0x09 && flags & 0xc0 == 0 && a.is_ascii_digit() && b.is_ascii_digit() =>
        {
            Some(Sign::client(Spoken::Quic))
        }
        _ => None,
    }
}

/// Whether octets begin with a version of QUIC that exists: 1, 2 (RFC 9369), drafts, Google's and Meta's.
fn is_quic_version(octets: &[u8]) -> bool {
    matches!(
        octets,
        [0, 0, 0, 1, ..]
            | [0x6b, 0x33, 0x43, 0xcf, ..]
            | [0xff, 0, 0, 0x0d..=0x22, ..]
            | [b'Q' | b'T', b'0', b'4' | b'5', b'0'..=b'9', ..]
            | [0xfa, 0xce, 0xb0, 0..=0x0f, ..]
    )
}

/// Whether two connection identifiers of at most 20 octets follow (RFC 9000 section 17.2); as far as it
/// was captured, and in Google's version one octet for both lengths.
fn has_connection_ids(octets: &[u8]) -> bool {
    if octets.get(1).is_some_and(|first| matches!(first, b'Q' | b'T')) {
        return true;
    }
    let Some(&destination) = octets.get(5) else { return true };
    destination <= 20 && octets.get(6 + usize::from(destination)).is_none_or(|&source| source <= 20)
}
