//! IEEE 802.15.4 data frames (IEEE 802.15.4-2020 clause 7.3.2) with 6LoWPAN, under each of their link
//! types.
//!
//! Secured frames count as encrypted; beacons, acknowledgments, commands, and frames with header
//! information elements (clause 7.4) as not IP.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::{Bound, Layer};
use super::sixlowpan::{self, Address};

/// Frame control.
const CONTROL: usize = 2;
/// Frame check sequence at the end.
const CHECK_SEQUENCE: usize = 2;
/// Preamble, start of frame, length (LINKTYPE_IEEE802_15_4_NONASK_PHY).
const PHYSICAL: usize = 6;
/// Version, reserved, length (LINKTYPE_IEEE802_15_4_TAP).
const TAP: usize = 4;
/// Bits of the frame control.
const TYPE: u16 = 0x0007;
const DATA: u16 = 1;
const IS_SECURED: u16 = 0x0008;
const IS_ONE_NETWORK: u16 = 0x0040;
const HAS_NO_SEQUENCE: u16 = 0x0100;
const HAS_ELEMENTS: u16 = 0x0200;

/// Decodes a frame that ends with its check sequence.
pub(super) fn decode_with_check_sequence(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let frame = walk.shorten(bytes, bytes.len().saturating_sub(CHECK_SEQUENCE), Bound::CheckSequence);
    decode(walk, frame)
}

/// Decodes a frame after its physical header.
pub(super) fn decode_with_physical(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(PHYSICAL..) {
        Some(frame) => decode(walk, frame),
        None => walk.cut(Layer::Link, PHYSICAL, bytes),
    }
}

/// Decodes a frame after a header of fields.
pub(super) fn decode_tap(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, _)) = bytes.split_first_chunk::<TAP>() else {
        return walk.cut(Layer::Link, TAP, bytes);
    };
    let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
    match bytes.get(length..) {
        _ if length < TAP => Outcome::Malformed("802.15.4 TAP: the length is below the header's own"),
        Some(frame) => decode(walk, frame),
        None => walk.cut(Layer::Link, length, bytes),
    }
}

/// Decodes a frame without a check sequence, or with one that is ignored.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some(&[low, high]) = bytes.first_chunk::<CONTROL>() else {
        return walk.cut(Layer::Link, CONTROL, bytes);
    };
    let control = u16::from_le_bytes([low, high]);
    if control & TYPE != DATA {
        return Outcome::NotIp;
    }
    if control & IS_SECURED != 0 {
        return Outcome::Encrypted;
    }
    let version = control >> 12 & 3;
    let (to, from) = (control >> 10 & 3, control >> 14 & 3);
    if version == 2 && control & HAS_ELEMENTS != 0 {
        return Outcome::NotIp;
    }
    let mut at = CONTROL + usize::from(!(version == 2 && control & HAS_NO_SEQUENCE != 0));
    let one_network = control & IS_ONE_NETWORK != 0;
    let (to_network, from_network) = match (version, to, from) {
        // Clause 7.2.2.6 table 7-2: version 2 has rules of its own.
        (2, 0, 0) => (one_network, false),
        (2, 0, _) => (false, !one_network),
        (2, _, 0) | (2, 3, 3) => (!one_network, false),
        _ => (to != 0, from != 0 && !(one_network && to != 0)),
    };
    at += if to_network { 2 } else { 0 };
    let destination = address(bytes, &mut at, to);
    at += if from_network { 2 } else { 0 };
    let source = address(bytes, &mut at, from);
    match bytes.get(at..) {
        Some(payload) => sixlowpan::decode(walk, source, destination, payload),
        None => walk.cut(Layer::Link, at, bytes),
    }
}

fn address(bytes: &[u8], at: &mut usize, mode: u16) -> Address {
    let start = *at;
    match mode {
        2 => {
            *at += 2;
            bytes
                .get(start..)
                .and_then(<[u8]>::first_chunk)
                .map_or(Address::None, |octets| Address::Short(u16::from_le_bytes(*octets)))
        }
        3 => {
            *at += 8;
            bytes
                .get(start..)
                .and_then(<[u8]>::first_chunk)
                .map_or(Address::None, |octets| Address::Extended(u64::from_le_bytes(*octets)))
        }
        _ => Address::None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP6, UDP6_PORTS, decode, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_under_every_link_type() {
        // Short addresses in one network, then an uncompressed packet.
        let frame = [&[0x41, 0x88, 1, 0x34, 0x12, 2, 0, 1, 0, 0x41][..], &UDP6].concat();
        every_prefix(LinkType::IEEE802_15_4_NOFCS, &frame, 10 + UDP6_PORTS);
        let checked = [&frame[..], &[9, 9]].concat();
        every_prefix(LinkType::IEEE802_15_4_WITHFCS, &checked, 12 + UDP6_PORTS);
        let physical = [&[0, 0, 0, 0, 0xa7, 60][..], &frame].concat();
        every_prefix(LinkType::IEEE802_15_4_NONASK_PHY, &physical, 16 + UDP6_PORTS);
        let tap = [&[0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0][..], &frame].concat();
        every_prefix(LinkType::IEEE802_15_4_TAP, &tap, 22 + UDP6_PORTS);
    }

    #[test]
    fn every_prefix_with_extended_addresses() {
        let header = [0x41, 0xcc, 1, 0x34, 0x12, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 9, 0x41];
        every_prefix(LinkType::IEEE802_15_4_NOFCS, &[&header[..], &UDP6].concat(), 22 + UDP6_PORTS);
    }

    #[test]
    fn what_holds_no_packet_says_why() {
        let outcome = |control| decode(LinkType::IEEE802_15_4_NOFCS, &[control, 0x88, 1, 2, 3]).0;
        assert_eq!(outcome(0x42), Outcome::NotIp);
        assert_eq!(outcome(0x49), Outcome::Encrypted);
    }
}
