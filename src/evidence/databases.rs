//! Databases: MySQL, PostgreSQL, SQL Server ([MS-TDS]), Oracle, DRDA, MongoDB, Redis, Memcached,
//! Cassandra, and ZooKeeper.

use super::payload::{be16, be32, begins, is_text, le32, line};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with words of one of them.
pub(super) fn words(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        b'*' | b'+' | b'-' | b'$' => redis(octets),
        b'a'..=b'z' | b'A'..=b'Z' => commands(payload),
        _ => None,
    }
}

/// The sign of a segment that begins otherwise.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    mysql(payload)
        .or_else(|| postgresql(payload))
        .or_else(|| tds(payload))
        .or_else(|| tns(payload))
        .or_else(|| drda(payload))
        .or_else(|| mongodb(payload))
        .or_else(|| memcached(payload))
        .or_else(|| cassandra(payload))
        .or_else(|| zookeeper(payload))
}

/// The server's handshake of protocol 10: its version in words, then fields of which the filler after
/// the first eight octets of the challenge is zero; or its refusal. The client's answer, or that it wants TLS.
fn mysql(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[a, b, c, number @ (0 | 1), ref message @ ..] = octets else { return None };
    let length = u32::from_le_bytes([a, b, c, 0]) as usize;
    if length == 0 || length + 4 < payload.length().min(octets.len()) {
        return None;
    }
    match (number, message) {
        (0, [10, rest @ ..]) => {
            let end = rest.iter().take(64).position(|&octet| octet == 0)?;
            let is_version =
                end >= 3 && rest[0].is_ascii_digit() && rest[..end].iter().all(u8::is_ascii_graphic);
            (is_version && rest.get(end + 13) == Some(&0)).then_some(Sign::server(Spoken::Mysql))
        }
        // "Host is not allowed", "Too many connections" before the handshake.
        (0, [0xff, _, 4, rest @ ..]) if length > 8 && is_text(rest) => Some(Sign::server(Spoken::Mysql)),
        // Capabilities with protocol 4.1, the longest packet, a character set, and 23 octets of nothing.
        (1, rest) if length >= 32 && length + 4 == payload.length() => {
            let zeroes = rest.get(9..32)?;
            (rest[1] & 0x02 != 0 && zeroes.iter().take(19).all(|&octet| octet == 0))
                .then_some(Sign::client(Spoken::Mysql))
        }
        // A query.
        (0, [3, rest @ ..]) if length + 4 == payload.length() && length > 6 && is_query(rest) => {
            Some(Sign::client(Spoken::Mysql))
        }
        _ => None,
    }
}

fn is_query(text: &[u8]) -> bool {
    ["select ", "show ", "set ", "insert ", "update ", "delete ", "use ", "create "]
        .iter()
        .any(|word| begins(text, word))
}

/// A client's startup with version 3.0 or 2.0 and its parameters, its wish for TLS, or a cancellation; a
/// server's authentication request.
fn postgresql(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if let [b'R', ..] = octets {
        let (length, kind) = (be32(octets, 1)?, be32(octets, 5)?);
        let is_request = matches!((length, kind), (8, 0 | 3 | 5 | 7 | 9) | (12, 5) | (10..=200, 8 | 10..=12));
        return (is_request && payload.length() > length as usize)
            .then_some(Sign::server(Spoken::Postgresql));
    }
    let (length, version) = (be32(octets, 0)? as usize, be32(octets, 4)?);
    if length != payload.length() {
        return None;
    }
    match version {
        0x0003_0000..=0x0003_0002 => {
            let parameters = octets.get(8..)?;
            (parameters.last() == Some(&0) || !payload.is_whole()).then_some(())?;
            parameters
                .iter()
                .all(|octet| *octet == 0 || *octet >= 0x20)
                .then_some(Sign::client(Spoken::Postgresql))
        }
        SSL_REQUEST | GSS_REQUEST if length == 8 => Some(Sign::client(Spoken::Postgresql)),
        0x04d2_162e if length == 16 => Some(Sign::client(Spoken::Postgresql)),
        _ => None,
    }
}

const SSL_REQUEST: u32 = 0x04d2_162f;
const GSS_REQUEST: u32 = 0x04d2_1630;

/// Whether a client asks for TLS: PostgreSQL's request for it, MySQL's answer of 32 octets with the bit for
/// it.
pub(super) fn asks_for_tls(octets: &[u8]) -> bool {
    const CLIENT_SSL: u8 = 0x08;
    match octets {
        [0, 0, 0, 8, ..] => be32(octets, 4) == Some(SSL_REQUEST),
        [32, 0, 0, 1, _, flags, ..] => flags & CLIENT_SSL != 0 && octets.len() == 36,
        _ => false,
    }
}

/// A pre-login, a login, a batch or an answer with its length ([MS-TDS] section 2.2.3.1); a pre-login
/// begins with the option for the version.
fn tds(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[kind, status @ (0 | 1 | 9), _, _, _, _, packet @ 0..=4, 0, ref rest @ ..] = octets else {
        return None;
    };
    let length = usize::from(be16(octets, 2)?);
    if length < 9 || length < payload.length().min(octets.len()) && status == 1 {
        return None;
    }
    match (kind, rest) {
        // Tokens with offsets: version first.
        (0x12, [0, 0, _, 0, 6, ..]) => Some(Sign::client(Spoken::Tds)),
        (4, [0, 0, _, 0, 6, ..]) => Some(Sign::server(Spoken::Tds)),
        // A login of version 7 begins with its length and the version.
        (0x10, _)
            if le32(rest, 0).is_some_and(|login| login as usize + 8 == length)
                && matches!(le32(rest, 4)?, 0x7000_0000..=0x7400_0004 | 0x0000_0070..=0x0400_0074) =>
        {
            Some(Sign::client(Spoken::Tds))
        }
        // A batch of version 7.2 begins with 22 octets of headers, an answer with a token.
        (1 | 3, [22, 0, 0, 0, 18, 0, 0, 0, 2, 0, ..]) => Some(Sign::client(Spoken::Tds)),
        (4, [0x81 | 0xaa | 0xab | 0xad | 0xe3 | 0xe5 | 0xfd..=0xff, ..]) if packet == 1 && status == 1 => {
            (length == payload.length()).then_some(Sign::server(Spoken::Tds))
        }
        _ => None,
    }
}

/// Oracle's packets: a length, no checksum, a type, and in a connect the version it is compatible with and
/// a descriptor in brackets; accept, redirect, refuse and resend answer.
fn tns(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[_, _, 0, 0, kind, flags, 0, 0, ref rest @ ..] = octets else { return None };
    let length = usize::from(be16(octets, 0)?);
    if length < 8 || length != payload.length() && length != 58 && kind != 1 || flags & 0xc0 != 0 {
        return None;
    }
    let version = |at| be16(rest, at).is_some_and(|version| (300..=330).contains(&version));
    match kind {
        1 => (version(0) && be16(rest, 2).is_some_and(|version| (200..=330).contains(&version)))
            .then_some(Sign::client(Spoken::Tns)),
        2 => version(0).then_some(Sign::server(Spoken::Tns)),
        4 | 5 => rest
            .windows(2)
            .take(12)
            .any(|pair| pair == b"(D" || pair == b"(A")
            .then_some(Sign::server(Spoken::Tns)),
        11 => (length == 8).then_some(Sign::server(Spoken::Tns)),
        _ => None,
    }
}

/// A data stream structure of DRDA: its length, the octet 0xD0, a format, a number, and an object with its own
/// length; a client begins with the exchange of attributes, which is answered.
fn drda(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[_, _, 0xd0, format, _, _, _, _, code, point, ..] = octets else { return None };
    let (length, inner) = (be16(octets, 0)?, be16(octets, 6)?);
    if length < 10 || length.checked_sub(6) != Some(inner) || usize::from(length) > payload.length() {
        return None;
    }
    match (format & 0x0f, u16::from_be_bytes([code, point])) {
        (1, 0x1041 | 0x106d | 0x106e | 0x2001 | 0x200c..=0x2014) => Some(Sign::client(Spoken::Drda)),
        (2 | 3, 0x1443 | 0x14ac | 0x1219 | 0x2201..=0x220d) => Some(Sign::server(Spoken::Drda)),
        _ => None,
    }
}

/// A message of MongoDB: its length, numbers of the request and of what it answers, and an operation.
fn mongodb(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let operation = le32(octets, 12)?;
    if !matches!(operation, 1 | 2004 | 2012 | 2013) {
        return None;
    }
    let (length, answers) = (le32(octets, 0)?, le32(octets, 8)?);
    let is_here = (21..=48_000_000).contains(&length) && (length as usize >= payload.length());
    if !is_here {
        return None;
    }
    let is_message = match operation {
        // Flags that exist, and few documents.
        1 => length >= 36 && le32(octets, 16)? < 0x10 && le32(octets, 32)? < 1 << 20,
        2004 => {
            // Flags, and the name of a collection.
            le32(octets, 16)? < 0x100 && octets.get(20).is_some_and(u8::is_ascii_graphic)
        }
        2012 => matches!(le32(octets, 16)?, 2004 | 2013),
        2013 => le32(octets, 16)? & 0xfffe_fffc == 0 && octets.get(20).is_some_and(|kind| *kind <= 1),
        _ => false,
    };
    is_message.then_some(Sign::asking(Spoken::Mongodb, answers == 0))
}

/// An array of strings, which clients of Redis send; errors and answers that other protocols do not have.
fn redis(octets: &[u8]) -> Option<Sign> {
    let head = line(octets)?;
    let is_number =
        |digits: &[u8]| !digits.is_empty() && digits.len() < 7 && digits.iter().all(u8::is_ascii_digit);
    match head {
        [b'*', count @ ..] if is_number(count) => {
            let rest = octets.get(head.len() + 2..)?;
            match rest {
                [b'$', ..] => {
                    let size = line(rest)?;
                    is_number(size.get(1..)?).then_some(())?;
                    let word = rest.get(size.len() + 2..)?.first()?;
                    Some(if word.is_ascii_alphabetic() {
                        Sign::client(Spoken::Redis)
                    } else {
                        Sign::either(Spoken::Redis)
                    })
                }
                _ => None,
            }
        }
        b"+PONG" | b"+QUEUED" => Some(Sign::server(Spoken::Redis)),
        [b'-', rest @ ..]
            if begins(rest, "NOAUTH ")
                || begins(rest, "WRONGTYPE ")
                || begins(rest, "ERR unknown command")
                || begins(rest, "DENIED Redis")
                || begins(rest, "LOADING Redis")
                || begins(rest, "MOVED ") =>
        {
            Some(Sign::server(Spoken::Redis))
        }
        [b'$', size @ ..] if is_number(size) => {
            let text = octets.get(head.len() + 2..)?;
            begins(text, "# Server\r\nredis_version").then_some(Sign::server(Spoken::Redis))
        }
        _ => None,
    }
}

/// Memcached's commands and answers in words; ZooKeeper's words of four letters.
fn commands(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if payload.length() <= 5 && payload.is_whole() {
        let word = octets.strip_suffix(b"\n").unwrap_or(octets);
        let is_word = [&b"ruok"[..], b"mntr", b"srvr", b"isro", b"wchs", b"envi"].contains(&word);
        return if is_word {
            Some(Sign::client(Spoken::Zookeeper))
        } else if octets == b"imok" {
            Some(Sign::server(Spoken::Zookeeper))
        } else if octets == b"END\r\n" {
            Some(Sign::server(Spoken::Memcached))
        } else {
            None
        };
    }
    let is_command = matches!(
        octets.first_chunk::<3>()?,
        b"set" | b"add" | b"rep" | b"app" | b"pre" | b"cas" | b"sta" | b"STA" | b"VAL" | b"STO" | b"get"
    );
    if !is_command {
        return None;
    }
    let text = line(octets)?;
    let mut parts = text.split(|&octet| octet == b' ');
    let command = parts.next()?;
    let is_number = |word: Option<&[u8]>| {
        word.is_some_and(|word| (1..=10).contains(&word.len()) && word.iter().all(u8::is_ascii_digit))
    };
    match command {
        b"set" | b"add" | b"replace" | b"append" | b"prepend" | b"cas" => {
            (parts.next().is_some_and(|key| !key.is_empty() && key.len() <= 250)
                && is_number(parts.next())
                && is_number(parts.next())
                && is_number(parts.next()))
            .then_some(Sign::client(Spoken::Memcached))
        }
        b"stats" if text == b"stats" || begins(text, "stats items") || begins(text, "stats slabs") => {
            Some(Sign::client(Spoken::Memcached))
        }
        b"STAT" if begins(text, "STAT pid ") => Some(Sign::server(Spoken::Memcached)),
        b"VALUE" => (parts.next().is_some() && is_number(parts.next()) && is_number(parts.next()))
            .then_some(Sign::server(Spoken::Memcached)),
        b"STORED" if text == b"STORED" => Some(Sign::server(Spoken::Memcached)),
        // `get` and a word is said by many.
        b"gets" => (octets.len() == text.len() + 2
            && parts.next().is_some_and(|key| !key.is_empty() && key[0] != b'/'))
        .then_some(Sign::client(Spoken::Memcached)),
        _ => None,
    }
}

/// Memcached's binary messages: magic, a command, and lengths of key and extras within the whole.
fn memcached(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[magic @ (0x80 | 0x81), 0..=0x37, _, _, extras, 0, ..] = octets else { return None };
    let (key, total) = (be16(octets, 2)?, be32(octets, 8)?);
    let fits = key <= 250 && extras <= 20 && u32::from(key) + u32::from(extras) <= total;
    let is_here = total as usize + 24 == payload.length() && (magic == 0x81 || be16(octets, 6)? == 0);
    // A status that exists.
    let has_status = magic == 0x80 || be16(octets, 6).is_some_and(|status| status <= 0x86);
    (fits && is_here && has_status).then_some(Sign::asking(Spoken::Memcached, magic == 0x80))
}

/// Cassandra's frames of versions 3 to 5: flags, an operation that fits the direction, and the length. A client
/// begins with STARTUP or OPTIONS.
fn cassandra(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[version, flags @ 0..=0x1f, _, _, operation, ..] = octets else { return None };
    let length = be32(octets, 5)? as usize;
    if length + 9 != payload.length() || flags > 0x1f {
        return None;
    }
    match (version, operation) {
        (3..=5, 1) => {
            begins(octets.get(11..)?, "\0\x0bCQL_VERSION").then_some(Sign::client(Spoken::Cassandra))
        }
        (3..=5, 5) => (length == 0).then_some(Sign::client(Spoken::Cassandra)),
        (3..=5, 0x07 | 0x09..=0x0b | 0x0f) => {
            (length >= 4 && be16(octets, 2)? < 0x8000).then_some(Sign::client(Spoken::Cassandra))
        }
        (0x83..=0x85, 2) => (length == 0).then_some(Sign::server(Spoken::Cassandra)),
        (0x83..=0x85, 0 | 3 | 6 | 8 | 0x0c | 0x0e | 0x10) => {
            (length >= 2 && be16(octets, 2)? < 0x8000).then_some(Sign::server(Spoken::Cassandra))
        }
        _ => None,
    }
}

/// ZooKeeper's connect request: its length, version 0, times, a session and a password of sixteen octets;
/// the answer likewise.
fn zookeeper(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let length = be32(octets, 0)? as usize;
    if length + 4 != payload.length() || be32(octets, 4)? != 0 {
        return None;
    }
    match length {
        44 | 45 => (be32(octets, 28)? == 16).then_some(Sign::client(Spoken::Zookeeper)),
        36 | 37 => (be32(octets, 20)? == 16).then_some(Sign::server(Spoken::Zookeeper)),
        _ => None,
    }
}
