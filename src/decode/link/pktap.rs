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
    fn headers_that_name_themselves_are_too_deep() {
        let packet = [12, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0].repeat(100);
        let outcome = super::super::super::testing::decode(LinkType::PKTAP, &packet).0;
        assert_eq!(outcome, Outcome::TooDeep);
    }
}
