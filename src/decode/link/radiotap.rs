//! Radiotap (LINKTYPE_IEEE802_11_RADIOTAP; radiotap.org) before 802.11 frames.
//!
//! Only the flag for padding of the frame's header is read, after at most 32 "present" words.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ieee80211;

/// Version, padding, length, first word of what is present.
const HEADER: usize = 8;
/// Bits of radiotap's "present" words.
const HAS_TSFT: u32 = 0x01;
const HAS_FLAGS: u32 = 0x02;
const HAS_VENDOR: u32 = 0x4000_0000;
const HAS_MORE: u32 = 0x8000_0000;
/// Number of words that are read; a header with one for each antenna has fewer.
const MAX_PRESENT: usize = 32;
/// Bit of radiotap's flags: padding between header and body.
const IS_PADDED: u8 = 0x20;

/// Decodes the header, and the frame after it.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
    match bytes.get(length..) {
        _ if length < HEADER => Outcome::Malformed("radiotap: the length is below the header's own"),
        Some(frame) => {
            tell(walk, &bytes[..length]);
            ieee80211::decode_padded(walk, frame, padding(&bytes[..length]))
        }
        None => walk.cut(Layer::Link, length, bytes),
    }
}

/// Tells that the header holds neither addresses nor names, unless a vendor put something in.
fn tell(walk: &mut Walk, header: &[u8]) {
    let words = header[4..].as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
    let mut has_more = true;
    for present in words.take_while(|present| std::mem::replace(&mut has_more, present & HAS_MORE != 0)) {
        if present & HAS_VENDOR != 0 {
            return;
        }
    }
    walk.tell_plain(header, header.len());
}

/// Padding of the frame's header; none where the flags do not say.
fn padding(header: &[u8]) -> ieee80211::Padding {
    match flags(header) {
        Some(flags) if flags & IS_PADDED != 0 => ieee80211::Padding::ToFour,
        _ => ieee80211::Padding::None,
    }
}

/// Flags of the radiotap header, where it has any.
fn flags(header: &[u8]) -> Option<u8> {
    let word = |at: usize| Some(u32::from_le_bytes(*header.get(at..)?.first_chunk()?));
    let present = word(4)?;
    let mut at = 8;
    let mut last = present;
    for _ in 0..MAX_PRESENT {
        if last & HAS_MORE == 0 {
            break;
        }
        last = word(at)?;
        at += 4;
    }
    if present & HAS_TSFT != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    header.get(at).copied().filter(|_| present & HAS_FLAGS != 0)
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix};
    use crate::capture::LinkType;

    fn frame() -> Vec<u8> {
        [&[8, 1][..], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat()
    }

    #[test]
    fn every_prefix_of_radiotap() {
        let packet = [&[0, 0, 8, 0, 0, 0, 0, 0][..], &frame()].concat();
        every_prefix(LinkType::IEEE802_11_RADIOTAP, &packet, 8 + 32 + UDP4_PORTS);
    }

    #[test]
    fn padding_is_read_from_flags_after_a_timestamp() {
        let header =
            [0, 0, 28, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x20, 0, 0, 0];
        let padded = [&[0x88, 1][..], &[0; 26], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat();
        every_prefix(LinkType::IEEE802_11_RADIOTAP, &[&header[..], &padded].concat(), 28 + 36 + UDP4_PORTS);
    }

    #[test]
    fn words_of_what_is_present_have_a_limit() {
        let packet = |words: usize| {
            // Flags are present and, after the words, say that the header is padded.
            let more = [0, 0, 0, 0x80].repeat(words - 1);
            let length = (8 + more.len() + 4 + 4) as u8;
            let header = [&[0, 0, length, 0, 2, 0, 0, 0x80][..], &more, &[0; 4], &[0x20, 0, 0, 0]].concat();
            let padded = [&[0x88, 1][..], &[0; 26], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat();
            decode(LinkType::IEEE802_11_RADIOTAP, &[header, padded].concat()).0
        };
        assert_eq!(packet(32), Outcome::Ports);
        assert_eq!(packet(33), Outcome::NotIp);
    }
}
