//! Answers of DNS (RFC 1035 section 4), multicast DNS (RFC 6762) and LLMNR (RFC 4795): which address has which
//! name.

use std::net::IpAddr;

use super::super::payload::be16;
use super::text::{LONGEST, put_label};

/// Types of records (RFC 1035 section 3.2.2, RFC 3596 section 2.1).
const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

/// How many records of a message are looked at.
const MOST_RECORDS: usize = 512;
/// How many aliases, and how many addresses, of a message are looked at.
const MOST: usize = 64;
/// How many labels and pointers make the longest name: a label of one octet takes two.
const MOST_LABELS: usize = 128;

/// A record (RFC 1035 section 4.1.3): where its name is, its type and class, and where its data are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    pub(super) name: usize,
    pub(super) kind: u16,
    class: u16,
    pub(super) data: (usize, usize),
}

impl Record {
    /// The record at a place, and where the next begins.
    pub(super) fn read(message: &[u8], at: usize) -> Option<(Record, usize)> {
        let fixed = skip_name(message, at)?;
        let data = fixed + 10;
        let end = data + usize::from(be16(message, fixed + 8)?);
        (end <= message.len()).then_some(())?;
        let (kind, class) = (be16(message, fixed)?, be16(message, fixed + 2)?);
        Some((Record { name: at, kind, class, data: (data, end) }, end))
    }

    /// Whether it is of the Internet; in multicast DNS with or without the bit that flushes caches (RFC 6762 section
    /// 10.2).
    pub(super) fn is_of_internet(&self) -> bool {
        self.class & 0x7fff == 1
    }

    fn address(&self, message: &[u8]) -> Option<IpAddr> {
        let data = message.get(self.data.0..self.data.1)?;
        match self.kind {
            A => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
            AAAA => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
            _ => None,
        }
    }
}

/// Where the records of a message begin, behind its questions, and how many there are.
pub(super) fn records(message: &[u8]) -> Option<(usize, usize)> {
    let count = |at| be16(message, at).map(usize::from);
    let mut at = 12;
    for _ in 0..count(4)?.min(MOST_RECORDS) {
        at = skip_name(message, at)? + 4;
    }
    (at <= message.len()).then_some((at, count(6)? + count(8)? + count(10)?))
}

/// Tells which addresses a message says to have which names: of an alias the name that was asked for (RFC 1034
/// section 3.6.2). A message that does not hold together says nothing; of one that was cut off in the capture, the
/// records before the cut count. `text` is room for a name.
pub(crate) fn answers(message: &[u8], is_cut: bool, text: &mut String, tell: &mut dyn FnMut(IpAddr, &str)) {
    // A response to a standard query, without an error (section 4.1.1).
    let is_answer = matches!(message, [_, _, flags, codes, ..] if flags & 0xf8 == 0x80 && codes & 0x0f == 0);
    let Some((mut at, count)) = is_answer.then(|| records(message)).flatten() else { return };
    let (mut aliases, mut addresses) = ([(0, 0); MOST], [(0, IpAddr::from([0; 4])); MOST]);
    let (mut alias_count, mut address_count) = (0, 0);
    for _ in 0..count.min(MOST_RECORDS) {
        let Some((record, next)) = Record::read(message, at) else {
            if is_cut {
                break;
            }
            return;
        };
        at = next;
        if !record.is_of_internet() {
            continue;
        }
        if record.kind == CNAME && alias_count < MOST {
            aliases[alias_count] = (record.name, record.data.0);
            alias_count += 1;
        }
        if let Some(address) = record.address(message)
            && address_count < MOST
            && is_of_a_host(address)
        {
            addresses[address_count] = (record.name, address);
            address_count += 1;
        }
    }
    let aliases = &aliases[..alias_count];
    for &(owner, address) in &addresses[..address_count] {
        let name = asked_for(message, aliases, owner);
        text.clear();
        if put_name(message, name, text) {
            tell(address, text);
        }
    }
}

/// As [`answers`], for the messages that a segment holds whole, each after its length (RFC 1035 section 4.2.2).
pub(crate) fn answers_in_stream(mut segment: &[u8], text: &mut String, tell: &mut dyn FnMut(IpAddr, &str)) {
    while let Some(length) = be16(segment, 0).map(usize::from)
        && let Some(message) = segment.get(2..2 + length)
        && length >= 12
    {
        answers(message, false, text, tell);
        segment = &segment[2 + length..];
    }
}

/// Whether an address is that of a host: those that block lists answer with are not.
pub(super) fn is_of_a_host(address: IpAddr) -> bool {
    !address.is_unspecified() && !address.is_loopback() && !address.is_multicast()
}

/// The first name of the chain of aliases that ends in a name.
fn asked_for(message: &[u8], aliases: &[(usize, usize)], mut name: usize) -> usize {
    for _ in aliases {
        match aliases.iter().find(|(_, target)| is_same(message, *target, name)) {
            Some(&(owner, _)) => name = owner,
            None => break,
        }
    }
    name
}

/// The labels of a name, with pointers followed (section 4.1.4); ends early where they lead nowhere.
struct Labels<'m> {
    message: &'m [u8],
    at: usize,
    left: usize,
}

impl<'m> Labels<'m> {
    fn new(message: &'m [u8], at: usize) -> Labels<'m> {
        Labels { message, at, left: MOST_LABELS }
    }
}

impl<'m> Iterator for Labels<'m> {
    /// A label; `None` in place of one that is not there.
    type Item = Option<&'m [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.left = self.left.checked_sub(1)?;
            let Some(&length) = self.message.get(self.at) else { return Some(None) };
            match length {
                0 => return None,
                1..=63 => {
                    let begin = self.at + 1;
                    self.at = begin + usize::from(length);
                    return Some(self.message.get(begin..self.at));
                }
                0xc0..=0xff => match be16(self.message, self.at) {
                    Some(pointer) => self.at = usize::from(pointer & 0x3fff),
                    None => return Some(None),
                },
                _ => return Some(None),
            }
        }
    }
}

fn is_same(message: &[u8], a: usize, b: usize) -> bool {
    if a == b {
        return true;
    }
    let (mut a, mut b) = (Labels::new(message, a), Labels::new(message, b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(Some(a)), Some(Some(b))) if a.eq_ignore_ascii_case(b) => {}
            _ => return false,
        }
    }
}

/// Writes a name down; `false` where there is none.
fn put_name(message: &[u8], at: usize, out: &mut String) -> bool {
    let mut length = 0;
    for label in Labels::new(message, at) {
        let Some(label) = label else { return false };
        length += label.len() + 1;
        if length >= LONGEST {
            return false;
        }
        if !out.is_empty() {
            out.push('.');
        }
        put_label(out, label);
    }
    !out.is_empty() && out.parse::<IpAddr>().is_err()
}

/// What follows a name where it stands.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..MOST_LABELS {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + usize::from(length),
            0xc0..=0xff => return Some(at + 2),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &[u8] = b"\x12\x34\x81\x80\0\x01\0\x03\0\0\0\0\x03wWw\x07example\x03com\0\0\x01\0\x01";

    fn told(message: &[u8], is_cut: bool) -> Vec<String> {
        let mut all = Vec::new();
        answers(message, is_cut, &mut String::new(), &mut |address, name| {
            all.push(format!("{address} {name}"));
        });
        all
    }

    /// An answer with a chain of aliases: www.example.com, cdn.example.net, edge.example.net.
    fn chain() -> Vec<u8> {
        let mut message = QUESTION.to_vec();
        message.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x11\x03cdn\x07example\x03net\0");
        let cdn = QUESTION.len() as u8 + 12;
        message.extend([0xc0, cdn]);
        message.extend(b"\0\x05\0\x01\0\0\0\x3c\0\x07\x04EDGE\xc0");
        message.push(cdn + 4);
        message.extend(b"\x04edge\xc0");
        message.push(cdn + 4);
        message.extend(b"\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x14");
        message
    }

    #[test]
    fn the_name_that_was_asked_for_through_all_aliases() {
        assert_eq!(told(&chain(), false), ["198.51.100.20 www.example.com"]);
    }

    #[test]
    fn what_does_not_hold_together_says_nothing() {
        let whole = chain();
        for end in 0..whole.len() {
            assert!(told(&whole[..end], false).is_empty(), "{end}");
        }
        // A question, an error, another operation.
        for (at, octet) in [(2, 0x01), (3, 0x83), (2, 0xa8)] {
            let mut other = whole.clone();
            other[at] = octet;
            assert!(told(&other, false).is_empty());
        }
    }

    #[test]
    fn records_before_a_cut_count() {
        let mut message = QUESTION.to_vec();
        message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x14");
        message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6");
        assert_eq!(told(&message, true), ["198.51.100.20 www.example.com"]);
        assert!(told(&message, false).is_empty());
    }

    #[test]
    fn pointers_that_lead_nowhere_end() {
        let mut message =
            b"\0\0\x84\0\0\0\0\x01\0\0\0\0\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc6\x33\x64\x14".to_vec();
        assert!(told(&message, false).is_empty());
        message[13] = 0xff;
        assert!(told(&message, false).is_empty());
    }

    #[test]
    fn addresses_of_no_host_have_no_name() {
        let mut message = QUESTION.to_vec();
        message[7] = 2;
        message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\0\0\0\0");
        message.extend(b"\xc0\x0c\0\x1c\0\x01\0\0\0\x3c\0\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01");
        assert_eq!(told(&message, false), ["2001:db8::1 www.example.com"]);
        let mut stream = (message.len() as u16).to_be_bytes().to_vec();
        stream.extend(&message);
        stream.extend(stream.clone());
        let mut count = 0;
        answers_in_stream(&stream, &mut String::new(), &mut |_, _| count += 1);
        assert_eq!(count, 2);
    }
}
