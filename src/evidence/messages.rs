//! Messages: AMQP, MQTT, NATS, STOMP, Kafka; and CoAP (RFC 7252).

use super::payload::{be16, be32, begins, holds, is_text};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with words of one of them.
pub(super) fn words(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        // Protocol headers; a server answers with one where it does not know the client's version. In
        // version 1.0 both sides send one.
        b'A' if octets.starts_with(b"AMQP") && payload.length() >= 8 => Some(match octets.get(4) {
            Some(0..=3) if octets.get(5) == Some(&1) => Sign::either(Spoken::Amqp),
            _ => Sign::client(Spoken::Amqp),
        }),
        b'I' if octets.starts_with(b"INFO {\"") => Some(Sign::server(Spoken::Nats)),
        b'C' if octets.starts_with(b"CONNECT {\"") => Some(Sign::client(Spoken::Nats)),
        b'C' if begins(octets, "CONNECTED\n") || begins(octets, "CONNECTED\r\n") => {
            Some(Sign::server(Spoken::Stomp))
        }
        b'C' | b'S'
            if begins(octets, "CONNECT\n") || begins(octets, "STOMP\n") || begins(octets, "CONNECT\r\n") =>
        {
            holds(octets, ":").then_some(Sign::client(Spoken::Stomp))
        }
        _ => None,
    }
}

/// The sign of a segment that begins otherwise.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        // A method of class connection on channel 0: start and tune from the server.
        1 if octets.starts_with(&[1, 0, 0]) && be16(octets, 7) == Some(10) => match be16(octets, 9)? {
            10 | 20 | 30 | 41 => Some(Sign::server(Spoken::Amqp)),
            11 | 21 | 31 | 40 => Some(Sign::client(Spoken::Amqp)),
            _ => None,
        },
        0x10 => mqtt_connect(payload),
        // Its acknowledgement: flags, and a code.
        0x20 => match octets {
            [0x20, 2, 0 | 1, 0..=5] if payload.is_whole() => Some(Sign::server(Spoken::Mqtt)),
            [0x20, length, 0 | 1, 0 | 0x80..=0x9f, ..]
                if payload.length() == usize::from(*length) + 2 && *length > 2 =>
            {
                Some(Sign::server(Spoken::Mqtt))
            }
            _ => None,
        },
        0 => kafka(payload),
        _ => None,
    }
}

/// The sign of a datagram.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    coap(payload)
}

/// A connect of MQTT: a length, then "MQTT" or "MQIsdp" with its level (MQTT 5.0 section 3.1).
fn mqtt_connect(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let length = octets.iter().skip(1).take(4).position(|octet| octet & 0x80 == 0)? + 2;
    let name = octets.get(length..)?;
    let is_it = name.starts_with(b"\0\x04MQTT") && matches!(name.get(6), Some(4 | 5))
        || name.starts_with(b"\0\x06MQIsdp\x03");
    is_it.then_some(Sign::client(Spoken::Mqtt))
}

/// A request of Kafka: its length, a function and version that exist, and the name of the client, which is
/// text; a client begins by asking for versions or for metadata.
fn kafka(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (length, key, version) = (be32(octets, 0)? as usize, be16(octets, 4)?, be16(octets, 6)?);
    let name = usize::from(be16(octets, 12)?);
    let is_request =
        length + 4 == payload.length() && key <= 92 && version <= 17 && (1..=249).contains(&name);
    let client = octets.get(14..14 + name)?;
    (is_request && client.iter().all(u8::is_ascii_graphic)).then_some(Sign::client(Spoken::Kafka))
}

/// CoAP: version 1, a token of at most eight octets, a code that fits the type, and options that stay
/// within the message (RFC 7252 section 3). There is little else: a request must say what it is about (a host, a path, a
/// query, a proxy's address, or that it is sealed, RFC 8613), and what is text throughout is not believed.
fn coap(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[first @ 0x40..=0x7f, code, _, _, ref rest @ ..] = octets else { return None };
    let token = usize::from(first & 0x0f);
    let asks = match code {
        // GET, POST, PUT, DELETE, and those of RFC 8132.
        0x01..=0x07 => true,
        0x41..=0x45 | 0x5f | 0x80..=0x86 | 0x88 | 0x89 | 0x8c | 0x8d | 0x8f | 0x96 | 0x9d | 0xa0..=0xa5 => {
            false
        }
        _ => return None,
    };
    if is_text(octets) {
        return None;
    }
    let mut options = rest.get(token..).filter(|_| token <= 8)?;
    let (mut number, mut is_telling) = (0_u32, false);
    loop {
        match *options {
            [] if payload.is_whole() => break,
            [] => return None,
            [0xff, ref content @ ..] => {
                if content.is_empty() {
                    return None;
                }
                break;
            }
            [head, ref rest @ ..] => {
                let (delta, rest) = nibble(head >> 4, rest)?;
                let (length, rest) = nibble(head & 0x0f, rest)?;
                number += delta;
                let value = rest.get(..length as usize)?;
                if !is_option(number, value, asks) {
                    return None;
                }
                is_telling |= !value.is_empty() && (!asks || matches!(number, 3 | 9 | 11 | 15 | 35 | 39));
                options = &rest[length as usize..];
            }
        }
    }
    // An answer without options is believed where it comes with an acknowledgement, and is a success.
    let is_bare_answer = first & 0x30 == 0x20 && matches!(code, 0x41..=0x45);
    (is_telling || is_bare_answer).then_some(Sign::asking(Spoken::Coap, asks))
}

/// Whether an option is registered for a request or an answer, and its value has a length that it may have (RFC
/// 7252 section 5.10; RFC 7641, RFC 7959, RFC 8613).
fn is_option(number: u32, value: &[u8], asks: bool) -> bool {
    match number {
        3 | 11 | 15 | 35 | 39 => asks && !value.is_empty() && is_text(value),
        8 | 20 => !asks && !value.is_empty() && is_text(value),
        1 => asks && value.len() <= 8,
        4 => (1..=8).contains(&value.len()),
        5 => asks && value.is_empty(),
        6 | 23 | 27 => value.len() <= 3,
        7 | 17 => asks && value.len() <= 2,
        12 => value.len() <= 2,
        14 => !asks && value.len() <= 4,
        28 | 60 => value.len() <= 4,
        9 => value.len() <= 40,
        _ => false,
    }
}

/// A delta or a length, which may stand in the octets that follow (RFC 7252 section 3.1).
fn nibble(value: u8, rest: &[u8]) -> Option<(u32, &[u8])> {
    match value {
        0..=12 => Some((u32::from(value), rest)),
        13 => Some((u32::from(*rest.first()?) + 13, &rest[1..])),
        14 => Some((u32::from(be16(rest, 0)?) + 269, &rest[2..])),
        _ => None,
    }
}
