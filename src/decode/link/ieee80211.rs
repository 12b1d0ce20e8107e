//! IEEE 802.11 data frames (IEEE 802.11-2020 clause 9.3.2), with QoS, HT control and A-MSDU.
//!
//! Protected frames count as encrypted, unless they are in the clear: controllers and network cards
//! decrypt bodies and leave the bit. Fragments after the first as later fragments, management and
//! control frames as not IP. A frame check sequence at the end is ignored.

use super::super::layers::Walk;
use super::super::outcome::{Bound, Layer};
use super::super::{Outcome, Part};
use super::llc;

/// Frame control, duration, three addresses, sequence control.
const HEADER: usize = 24;
const ADDRESS: usize = 6;
const QOS_CONTROL: usize = 2;
const HT_CONTROL: usize = 4;
/// Version (0) and type (data) in the first octet of the frame control.
const VERSION_AND_TYPE: u8 = 0x0f;
const DATA: u8 = 0x08;
const VERSION: u8 = 0x03;
/// Bits of a data frame's subtype.
const IS_QOS: u8 = 0x80;
const HAS_NO_DATA: u8 = 0x40;
/// Bits of the second octet.
const TO_AND_FROM_SYSTEM: u8 = 0x03;
const IS_PROTECTED: u8 = 0x40;
const HAS_HT_CONTROL: u8 = 0x80;
/// Header of a body encrypted with CCMP, GCMP or TKIP.
const SECURITY_HEADER: usize = 8;
/// Bit of the QoS control: the body is an A-MSDU.
const IS_AGGREGATE: u8 = 0x80;
/// Bits of the sequence control: fragment number.
const FRAGMENT: u8 = 0x0f;
/// A subframe of an A-MSDU: two addresses, length.
const SUBFRAME: usize = 14;
/// Number of subframes that are read; an A-MSDU of 11,454 octets holds fewer packets.
const MAX_SUBFRAMES: usize = 256;

/// Padding of the header before the body: none, or up to a multiple of four octets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Padding {
    None,
    ToFour,
}

/// Decodes a frame whose header is not padded.
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    decode_padded(walk, bytes, Padding::None)
}

/// Decodes a frame whose header is padded or not.
pub(in crate::decode) fn decode_padded(walk: &mut Walk, bytes: &[u8], padding: Padding) -> Outcome {
    match bytes {
        [first, second, ..] => body(walk, [*first, *second], bytes, padding),
        _ => walk.cut(Layer::Link, 2, bytes),
    }
}

/// Decodes a frame whose two octets of frame control may be swapped. They are where only so the version is 0:
/// a data frame to or from a controller has bits of the second octet there (clause 9.2.4.1).
pub(in crate::decode) fn decode_either_order(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [first, second, ..] if first & VERSION != 0 && second & VERSION_AND_TYPE == DATA => {
            body(walk, [*second, *first], bytes, Padding::None)
        }
        _ => decode(walk, bytes),
    }
}

fn body(walk: &mut Walk, [first, second]: [u8; 2], bytes: &[u8], padding: Padding) -> Outcome {
    walk.tell_plain(bytes, 2);
    if first & VERSION_AND_TYPE != DATA || first & HAS_NO_DATA != 0 {
        return Outcome::NotIp;
    }
    let mut at = HEADER;
    if second & TO_AND_FROM_SYSTEM == TO_AND_FROM_SYSTEM {
        at += ADDRESS;
    }
    let mut is_aggregate = false;
    if first & IS_QOS != 0 {
        is_aggregate = bytes.get(at).is_some_and(|control| control & IS_AGGREGATE != 0);
        at += QOS_CONTROL;
        if second & HAS_HT_CONTROL != 0 {
            at += HT_CONTROL;
        }
    }
    if padding == Padding::ToFour {
        at = at.next_multiple_of(4);
    }
    if second & IS_PROTECTED != 0 {
        let clear = [at, at + SECURITY_HEADER].into_iter().find(|&at| begins_snap(bytes, at));
        let Some(clear) = clear else {
            let has_fourth = second & TO_AND_FROM_SYSTEM == TO_AND_FROM_SYSTEM;
            tell(walk, bytes.get(..at).unwrap_or_default(), has_fourth);
            return Outcome::Encrypted;
        };
        at = clear;
    }
    let Some(body) = bytes.get(at..) else { return walk.cut(Layer::Link, at, bytes) };
    tell(walk, &bytes[..at], second & TO_AND_FROM_SYSTEM == TO_AND_FROM_SYSTEM);
    if bytes[HEADER - 2] & FRAGMENT != 0 {
        return Outcome::LaterFragment;
    }
    if is_aggregate && !begins_snap(bytes, at) { subframes(walk, body) } else { llc::decode(walk, body) }
}

/// Tells what the header of a data frame holds, from its third octet on.
fn tell(walk: &mut Walk, header: &[u8], has_fourth: bool) {
    let Some((header, rest)) = header.split_first_chunk::<HEADER>() else { return };
    walk.tell(Part::Plain, &header[2..4]);
    walk.tell_stations(&header[4..], 3);
    let (fourth, rest) = rest.split_at(if has_fourth { ADDRESS.min(rest.len()) } else { 0 });
    walk.tell(Part::Station, fourth);
    walk.tell(Part::Plain, rest);
}

/// Whether LLC and SNAP of an EtherType (RFC 1042) begin here. Neither the header of an encrypted body
/// (CCMP reserves the third octet, and TKIP's second follows from its first: IEEE 802.11-2020 clauses
/// 12.5.3.2 and 12.5.2.2) nor a subframe begins so.
fn begins_snap(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..).is_some_and(|body| body.starts_with(&[0xaa, 0xaa, 0x03, 0, 0, 0]))
}

/// The frames of an A-MSDU, side by side (clause 9.3.2.2.2).
fn subframes(walk: &mut Walk, mut bytes: &[u8]) -> Outcome {
    let mut outcome = walk.cut(Layer::Link, SUBFRAME, bytes);
    for _ in 0..MAX_SUBFRAMES {
        let Some((header, rest)) = bytes.split_first_chunk::<SUBFRAME>() else { break };
        let length = usize::from(u16::from_be_bytes([header[12], header[13]]));
        walk.tell_stations(header, 2);
        outcome = walk.beside(|walk| {
            let body = walk.shorten(rest, length, Bound::SubframeLength);
            llc::decode(walk, body)
        });
        // Each subframe but the last is padded to a multiple of four octets.
        match bytes.get((SUBFRAME + length).next_multiple_of(4)..) {
            Some(next) if !next.is_empty() && outcome != Outcome::TooDeep => bytes = next,
            _ => break,
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, count, decode, every_prefix};
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

    fn frame(control: [u8; 2], more: &[u8]) -> Vec<u8> {
        [&control[..], &[0; 22], more, &SNAP, &UDP4].concat()
    }

    #[test]
    fn every_prefix_of_every_header() {
        for (control, more) in
            [([0x08, 0x01], 0), ([0x08, 0x03], 6), ([0x88, 0x01], 2), ([0x88, 0x03], 8), ([0x88, 0x81], 6)]
        {
            let packet = frame(control, &[0; 8][..more]);
            every_prefix(LinkType::IEEE802_11, &packet, 24 + more + 8 + UDP4_PORTS);
        }
    }

    #[test]
    fn every_prefix_of_an_aggregate() {
        let subframe = [&[2; 12][..], &[0, 36], &SNAP, &UDP4].concat();
        let packet = [&[0x88, 1][..], &[0; 22], &[0x80, 0], &subframe, &[0, 0], &subframe].concat();
        every_prefix(LinkType::IEEE802_11, &packet, 26 + 22 + UDP4_PORTS);
        assert_eq!(count(DecodeOptions::default(), LinkType::IEEE802_11, &packet), 2);
    }

    #[test]
    fn tags_in_one_subframe_are_not_around_the_next() {
        let tagged = [&[2; 12][..], &[0, 40, 0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0, 0, 9, 8, 0], &UDP4].concat();
        let plain = [&[2; 12][..], &[0, 36], &SNAP, &UDP4].concat();
        let packet = [&[0x88, 1][..], &[0; 22], &[0x80, 0], &tagged, &[0, 0], &plain].concat();
        let mut decoder = super::super::super::Decoder::new();
        let layers = decoder.decode(Some(LinkType::IEEE802_11), &packet);
        let tags: Vec<_> = layers.headers().iter().map(|header| layers.context(header).len()).collect();
        assert_eq!(tags, [1, 0]);
    }

    #[test]
    fn a_body_that_was_decrypted_is_followed() {
        for (control, more) in [([0x08, 0x41], 0), ([0x08, 0x42], 8), ([0x88, 0x41], 2), ([0x88, 0x42], 10)] {
            let packet = frame(control, &[0; 10][..more]);
            every_prefix(LinkType::IEEE802_11, &packet, 24 + more + 8 + UDP4_PORTS);
        }
        let mut packet = frame([0x08, 0x41], &[]);
        packet[24] = 0xab;
        assert_eq!(decode(LinkType::IEEE802_11, &packet).0, Outcome::Encrypted);
    }

    #[test]
    fn what_holds_no_packet_says_why() {
        let outcome = |packet: &[u8]| decode(LinkType::IEEE802_11, packet).0;
        assert_eq!(outcome(&frame([0x80, 0], &[])), Outcome::NotIp);
        assert_eq!(outcome(&frame([0x48, 1], &[])), Outcome::NotIp);
        assert_eq!(outcome(&frame([0x08, 0x41], &[7; 12])), Outcome::Encrypted);
        let mut fragment = frame([0x08, 1], &[]);
        fragment[22] = 1;
        assert_eq!(outcome(&fragment), Outcome::LaterFragment);
    }
}
