//! The payload of one packet, and how its octets are read.

use crate::net::Transport;

/// How many octets of a packet are looked at.
const MOST: usize = 512;

/// The payload of one packet as far as it was captured, and its length on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'a> {
    transport: Transport,
    /// All that was captured.
    captured: &'a [u8],
    octets: &'a [u8],
    length: usize,
}

impl<'a> Payload<'a> {
    /// A payload of which `length` octets were on the wire. Of SCTP it is what follows the common
    /// header: chunks.
    pub fn new(transport: Transport, octets: &'a [u8], length: u32) -> Payload<'a> {
        let length = (length as usize).max(octets.len());
        Payload { transport, captured: octets, octets: &octets[..octets.len().min(MOST)], length }
    }

    /// The octets that are looked at, at most the first 512.
    pub(super) fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// All octets that were captured: what a hello says may stand far behind.
    pub(super) fn captured(&self) -> &'a [u8] {
        self.captured
    }

    /// How many octets were on the wire.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Whether the octets that are looked at are all that were sent.
    pub(super) fn is_whole(&self) -> bool {
        self.octets.len() == self.length
    }

    /// The transport that carries it.
    pub(super) fn transport(&self) -> Transport {
        self.transport
    }
}

/// Whether octets begin with a word, in any letter case.
pub(super) fn begins(octets: &[u8], word: &str) -> bool {
    octets.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether octets hold a word, in any letter case.
pub(super) fn holds(octets: &[u8], word: &str) -> bool {
    octets.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Where the first blank is among the first 16 octets.
pub(super) fn first_blank(octets: &[u8]) -> Option<usize> {
    const ONES: u128 = u128::from_ne_bytes([1; 16]);
    let head = octets.first_chunk().copied().unwrap_or_else(|| {
        let mut head = [0; 16];
        head[..octets.len()].copy_from_slice(octets);
        head
    });
    // All octets at once: the lowest whose difference is zero borrows from its highest bit.
    let differences = u128::from_le_bytes(head) ^ (ONES * u128::from(b' '));
    let blanks = differences.wrapping_sub(ONES) & !differences & (ONES << 7);
    (blanks != 0).then(|| blanks.trailing_zeros() as usize / 8)
}

/// The first line, without its end; `None` where its end was not looked at.
pub(super) fn line(octets: &[u8]) -> Option<&[u8]> {
    let end = octets.iter().position(|&octet| octet == b'\n')?;
    let line = &octets[..end];
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// Whether octets are printable ASCII, or white space.
pub(super) fn is_text(octets: &[u8]) -> bool {
    octets.iter().all(|octet| octet.is_ascii_graphic() || matches!(octet, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Two octets at an offset, the most significant first.
pub(super) fn be16(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*octets.get(at..)?.first_chunk()?))
}

/// Three octets at an offset, the most significant first.
pub(super) fn be24(octets: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = *octets.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes([0, a, b, c]))
}

/// Four octets at an offset, the most significant first.
pub(super) fn be32(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*octets.get(at..)?.first_chunk()?))
}

/// Two octets at an offset, the least significant first.
pub(super) fn le16(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*octets.get(at..)?.first_chunk()?))
}

/// Four octets at an offset, the least significant first.
pub(super) fn le32(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*octets.get(at..)?.first_chunk()?))
}

/// A length of BER, and what follows it. The long form says how many octets the length has (X.690 section
/// 8.1.3.5); longer lengths than of 16 MiB are none of a first message.
pub(super) fn ber_length(octets: &[u8]) -> Option<(usize, &[u8])> {
    match *octets {
        [length @ 0..=0x7f, ref rest @ ..] => Some((usize::from(length), rest)),
        [0x81, a, ref rest @ ..] => Some((usize::from(a), rest)),
        [0x82, a, b, ref rest @ ..] => Some((usize::from(u16::from_be_bytes([a, b])), rest)),
        [0x83, a, b, c, ref rest @ ..] | [0x84, 0, a, b, c, ref rest @ ..] => {
            Some((u32::from_be_bytes([0, a, b, c]) as usize, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_blank_is_found_among_sixteen_octets() {
        for other in [0, b' ' - 1, b' ' + 1, b' ' ^ 0x80, 0xff] {
            for length in 0..=20 {
                // Two blanks, or one, or none.
                for (first, second) in
                    (0..=20).flat_map(|first| (first..=20).map(move |second| (first, second)))
                {
                    let octets: Vec<u8> =
                        (0..length).map(|n| if n == first || n == second { b' ' } else { other }).collect();
                    let expected = octets.iter().take(16).position(|&octet| octet == b' ');
                    assert_eq!(first_blank(&octets), expected, "{octets:x?}");
                }
            }
        }
    }
}
