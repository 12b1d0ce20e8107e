//! The server that a ClientHello names (RFC 8446 section 4.1.2, RFC 6066 section 3).

use super::super::hello::{Extensions, SERVER_NAME};
use super::super::payload::{be16, be24};

/// What a ClientHello, as far as it is here, says of the server's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hello<'a> {
    /// The name.
    Name(&'a [u8]),
    /// There is none, or this is no ClientHello.
    Nothing,
    /// More of it is needed.
    More,
}

/// The longest ClientHello that is looked at: with keys of post-quantum cryptography it takes some two thousand
/// octets.
const LONGEST: u32 = 1 << 16;

/// Whether a segment begins with a ClientHello in a record of TLS (RFC 8446 section 5.1), of which it may hold no more
/// than the first octets, or the record no more than the first one.
#[inline]
pub(crate) fn begins_hello(segment: &[u8]) -> bool {
    match segment {
        [0x16, 3, 0..=4, _, _, 1, 0, ..] | [0x16, 3, 0..=4, 0, 1, 1, 0x16, ..] => true,
        [0x16, rest @ ..] if rest.len() < 6 => {
            matches!(rest, [] | [3] | [3, 0..=4] | [3, 0..=4, _] | [3, 0..=4, _, _] | [3, 0..=4, _, _, 1])
        }
        _ => false,
    }
}

/// Appends what the records of TLS in `octets` hold of a handshake; `false` where another content comes before it is
/// whole.
pub(crate) fn handshake(mut octets: &[u8], out: &mut Vec<u8>) -> bool {
    while !octets.is_empty() {
        let (Some(length), [0x16, 3, ..]) = (be16(octets, 3), octets) else {
            return matches!(octets, [0x16] | [0x16, 3] | [0x16, 3, _] | [0x16, 3, _, _]);
        };
        let record = &octets[5..];
        let length = usize::from(length).min(record.len());
        out.extend_from_slice(&record[..length]);
        octets = &record[length..];
    }
    true
}

/// What the handshake that begins here says of the server's name.
pub(crate) fn server_name(handshake: &[u8]) -> Hello<'_> {
    match (handshake, be24(handshake, 1)) {
        ([1, ..], Some(length)) if length < LONGEST => {
            let body = &handshake[4..];
            let end = body.len().min(length as usize);
            in_body(&body[..end], body.len() >= length as usize, false)
        }
        ([] | [1, ..], None) => Hello::More,
        _ => Hello::Nothing,
    }
}

/// The same for a record of DTLS with a whole ClientHello (RFC 9147 section 5.2, RFC 6347 section 4.2).
pub(crate) fn dtls_hello(datagram: &[u8]) -> Hello<'_> {
    let [0x16, 0xfe, 0xfd | 0xff, rest @ ..] = datagram else { return Hello::Nothing };
    let (Some([1, ..]), Some(length), Some(0)) = (rest.get(10..), be24(rest, 11), be24(rest, 16)) else {
        return Hello::Nothing;
    };
    match rest.get(22..22 + length as usize) {
        Some(body) => in_body(body, true, true),
        None => Hello::Nothing,
    }
}

/// The name in the body of a ClientHello. Extension 0 is a list of names, of which kind 0 is that of a host.
fn in_body(body: &[u8], is_whole: bool, has_cookie: bool) -> Hello<'_> {
    // Where something is missing of a whole one, nothing comes.
    let missing = if is_whole { Hello::Nothing } else { Hello::More };
    let Some(mut extensions) = Extensions::of_client(body, has_cookie) else { return missing };
    match extensions.find(|extension| extension.number == SERVER_NAME).map(|extension| extension.content) {
        Some(Some([_, _, 0, high, low, name @ ..])) => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            name.get(..length).map_or(Hello::Nothing, Hello::Name)
        }
        Some(Some(_)) => Hello::Nothing,
        Some(None) | None => missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(has_cookie: bool) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(0);
        if has_cookie {
            body.extend([2, 9, 9]);
        }
        body.extend([0, 2, 0x13, 1, 1, 0]);
        let extensions = b"\0\x17\0\0\0\0\0\x08\0\x06\0\0\x03a.b\0\x10\0\x05\0\x03\x02h2";
        body.extend((extensions.len() as u16).to_be_bytes());
        body.extend(extensions);
        body
    }

    fn hello() -> Vec<u8> {
        let body = body(false);
        let mut handshake = vec![1, 0, 0, body.len() as u8];
        handshake.extend(body);
        handshake
    }

    #[test]
    fn the_name_is_found_as_soon_as_it_is_there() {
        let whole = hello();
        let end = whole.windows(3).position(|window| window == b"a.b").expect("the name") + 3;
        for n in 0..=whole.len() {
            let expected = if n < end { Hello::More } else { Hello::Name(b"a.b") };
            assert_eq!(server_name(&whole[..n]), expected, "{n}");
        }
        assert_eq!(server_name(b"\x02\0\0\x04"), Hello::Nothing);
        assert_eq!(server_name(b"\x01\0\0\x04abcd"), Hello::Nothing);
    }

    #[test]
    fn records_of_any_length_hold_one_handshake() {
        let whole = hello();
        for cut in 1..whole.len() {
            let mut octets = Vec::new();
            for part in [&whole[..cut], &whole[cut..]] {
                octets.extend([0x16, 3, 1, 0, part.len() as u8]);
                octets.extend(part);
            }
            for end in 0..=octets.len() {
                let mut out = Vec::new();
                assert!(handshake(&octets[..end], &mut out));
                assert!(whole.starts_with(&out));
            }
            let mut out = Vec::new();
            assert!(handshake(&octets, &mut out) && out == whole);
            octets.extend(b"\x17\x03\x03\0\x01x");
            out.clear();
            assert!(!handshake(&octets, &mut out) && out == whole);
        }
    }

    #[test]
    fn a_datagram_has_a_cookie() {
        let body = body(true);
        let mut datagram = vec![0x16, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12 + body.len() as u8];
        let length = body.len() as u8;
        datagram.extend([1, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, length]);
        datagram.extend(&body);
        assert_eq!(dtls_hello(&datagram), Hello::Name(b"a.b"));
        for end in 0..datagram.len() {
            assert_eq!(dtls_hello(&datagram[..end]), Hello::Nothing, "{end}");
        }
    }
}
