//! Apple's packet tap (LINKTYPE_PKTAP): a header that names the link type of what follows.

use std::ops::Range;

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use crate::capture::LinkType;

/// Length of header, type of record, link type.
const HEADER: usize = 12;
/// Place of the interface's name, which zeros fill up.
const INTERFACE: Range<usize> = 12..36;
/// A record that holds a packet.
const PACKET: u32 = 1;
/// Length of the header that Apple's systems write, and of the longest that is believed where nothing says
/// that it is one.
const WRITTEN: usize = 108;
const LONGEST: usize = 256;

/// Whether these octets are a packet with such a header, where nothing says so: its length, the type of
/// record, a link type, and the name of an interface with zeros up to its end.
pub(super) fn is_certain(bytes: &[u8]) -> bool {
    let Some(([l1, l2, 0, 0, 1, 0, 0, 0, _, _, 0, 0], _)) = bytes.split_first_chunk::<HEADER>() else {
        return false;
    };
    let length = usize::from(u16::from_le_bytes([*l1, *l2]));
    let Some(name) = bytes.get(INTERFACE).filter(|_| (WRITTEN..=LONGEST).contains(&length)) else {
        return false;
    };
    let end = name.iter().position(|&octet| octet == 0).unwrap_or_default();
    let (name, zeros) = name.split_at(end);
    !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric) && zeros.iter().all(|&octet| octet == 0)
}

/// Decodes a record.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let number = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let (Some(length), Some(kind), Some(link_type)) = (number(0), number(4), number(8)) else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    let length = length as usize;
    if let Some(name) = bytes.get(INTERFACE).filter(|_| length >= INTERFACE.end && kind == PACKET) {
        walk.note_interface_name(name);
    }
    match (bytes.get(length..), u16::try_from(link_type)) {
        _ if length < HEADER => Outcome::Malformed("PKTAP: the length is below the header's own"),
        _ if kind != PACKET => Outcome::NotIp,
        (Some(packet), Ok(link_type)) => walk.relink(LinkType(link_type), packet),
        (None, _) => walk.cut(Layer::Link, length, bytes),
        (_, Err(_)) => Outcome::UnknownLinkType,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix, every_prefix_with, frame};
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    fn packet() -> Vec<u8> {
        [&[16, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 9, 9, 9][..], &frame(0x0800, &UDP4)].concat()
    }

    #[test]
    fn every_prefix_of_a_record() {
        every_prefix(LinkType::PKTAP, &packet(), 30 + UDP4_PORTS);
    }

    #[test]
    fn a_user_type_is_what_was_told() {
        let user = LinkType(149);
        let outcome = super::super::super::testing::decode(user, &packet()).0;
        assert_eq!(outcome, Outcome::UnknownLinkType);
        let mut options = DecodeOptions::default();
        assert!(options.set_user(user, LinkType::PKTAP));
        every_prefix_with(&options, user, &packet(), 30 + UDP4_PORTS);
    }

    #[test]
    fn a_user_type_is_believed_to_be_one_where_all_fits() {
        let user = LinkType::USER2;
        let mut header = [0; 108];
        header[..12].copy_from_slice(&[108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        header[12..15].copy_from_slice(b"en0");
        let packet = [&header[..], &frame(0x0800, &UDP4)].concat();
        every_prefix(user, &packet, 108 + 14 + UDP4_PORTS);
        let said = |link_type, place: usize, octet| {
            let mut packet = packet.clone();
            packet[place] = octet;
            super::super::super::testing::decode(link_type, &packet).0
        };
        for (place, octet) in
            [(0, 107), (1, 2), (2, 1), (4, 2), (10, 1), (12, 0), (13, b' '), (16, b'1'), (35, b'x')]
        {
            assert_eq!(said(user, place, octet), Outcome::UnknownLinkType, "{octet} at {place}");
        }
        for other in [148, 150] {
            assert_eq!(said(LinkType(other), 0, 108), Outcome::UnknownLinkType);
        }
    }

    #[test]
    fn headers_that_name_themselves_are_too_deep() {
        let packet = [12, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0].repeat(100);
        let outcome = super::super::super::testing::decode(LinkType::PKTAP, &packet).0;
        assert_eq!(outcome, Outcome::TooDeep);
    }
}
