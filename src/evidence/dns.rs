//! DNS (RFC 1035) and what has its format: multicast DNS (RFC 6762) and LLMNR (RFC 4795).

use super::payload::be16;
use super::{Payload, Sign, Spoken};

/// The sign of a datagram that is a message.
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    message(payload.octets(), payload.length())
}

/// The sign of a segment that begins with a message, after its length (RFC 1035 section 4.2.2).
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let length = usize::from(be16(payload.octets(), 0)?);
    let is_here = length + 2 == payload.length() || length >= 12 && length + 2 > payload.length();
    // Of several messages in one segment the first is whole.
    let is_first = length >= 12 && payload.octets().len() > length + 2;
    if !is_here && !is_first {
        return None;
    }
    message(payload.octets().get(2..)?, length)
}

/// What a message is, by a header that holds together (RFC 1035 section 4.1.1) and a question that does
/// (section 4.1.2), or in an answer of multicast DNS a first record.
fn message(octets: &[u8], length: usize) -> Option<Sign> {
    let [id_high, id_low, flags, codes, _, questions, _, _, _, _, _, _, rest @ ..] = octets else {
        return None;
    };
    let count = |n: usize| be16(octets, 4 + 2 * n).unwrap_or(0);
    let (answers, authorities, additional) = (count(1), count(2), count(3));
    let is_response = flags & 0x80 != 0;
    let opcode = flags >> 3 & 0x0f;
    let has_id = *id_high != 0 || *id_low != 0;
    // Each record has at least eleven octets, each question five.
    let least = 12
        + 5 * usize::from(count(0))
        + 11 * (usize::from(answers) + usize::from(authorities) + usize::from(additional));
    if !matches!(opcode, 0 | 4 | 5) || codes & 0x40 != 0 || least > length || count(0) > 64 {
        return None;
    }
    if *questions == 0 {
        // Multicast DNS answers without a question, and without an identifier (RFC 6762 section 18).
        let is_mdns = is_response && !has_id && *flags == 0x84 && *codes == 0 && answers > 0;
        let (_, record) = name(octets, rest)?;
        let kind = be16(record, 0)?;
        return (is_mdns && is_kind(kind) && is_class(be16(record, 2)?))
            .then_some(Sign::server(Spoken::Mdns));
    }
    if !is_response && (answers > 0 && has_id && opcode == 0) {
        return None;
    }
    let (shape, question) = name(octets, rest)?;
    // A reply that was cut after its name in the capture still has its header.
    let (kind, class) = match (be16(question, 0), be16(question, 2)) {
        (Some(kind), Some(class)) => (kind, class),
        _ if octets.len() < length && shape.labels > 1 => (1, 1),
        _ => return None,
    };
    if !is_kind(kind) || !is_class(class) || shape.is_netbios {
        return None;
    }
    if !has_id && (shape.is_local || class & 0x8000 != 0 || !is_response && questions > &1) {
        return Some(Sign::asking(Spoken::Mdns, !is_response));
    }
    // Neither recursion nor authority is spoken of in LLMNR (RFC 4795 section 2.1.1), and names are of one
    // label mostly.
    let is_llmnr = opcode == 0
        && flags & 0x07 == 0
        && codes & 0xf0 == 0
        && additional == 0
        && *questions == 1
        && shape.labels == 1
        && (is_response || answers == 0 && authorities == 0);
    Some(Sign::asking(if is_llmnr { Spoken::Llmnr } else { Spoken::Dns }, !is_response))
}

/// What a name looks like.
struct Shape {
    labels: usize,
    is_local: bool,
    is_netbios: bool,
}

/// The first name, and what follows it. Its labels are short, and there is no pointer forward (RFC 1035
/// sections 2.3.4 and 4.1.4).
fn name<'a>(message: &[u8], mut octets: &'a [u8]) -> Option<(Shape, &'a [u8])> {
    let mut shape = Shape { labels: 0, is_local: false, is_netbios: false };
    let mut length = 0;
    loop {
        match *octets {
            [0, ref rest @ ..] => return Some((shape, rest)),
            [high @ 0xc0..=0xff, low, ref rest @ ..] => {
                let to = usize::from(high & 0x3f) << 8 | usize::from(low);
                return (to >= 12 && to < message.len()).then_some((shape, rest));
            }
            [size @ 1..=63, ref rest @ ..] => {
                let label = rest.get(..usize::from(size))?;
                if !label.iter().all(|&octet| octet >= 0x20 && octet != 0x7f) {
                    return None;
                }
                shape.is_netbios |= size == 32 && label.iter().all(|octet| (b'A'..=b'P').contains(octet));
                shape.is_local = label.eq_ignore_ascii_case(b"local");
                shape.labels += 1;
                length += usize::from(size) + 1;
                if length > 254 {
                    return None;
                }
                octets = &rest[usize::from(size)..];
            }
            _ => return None,
        }
    }
}

/// Whether IANA lists a type of record, or a question for all.
fn is_kind(kind: u16) -> bool {
    matches!(kind, 1..=66 | 99..=109 | 128 | 249..=261 | 32768..=32769 | 65535)
}

/// The Internet, Chaos, Hesiod, none and any; in multicast DNS with the bit for unicast answers and for
/// the flushing of caches (RFC 6762 sections 5.4 and 10.2).
fn is_class(class: u16) -> bool {
    matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255)
}
