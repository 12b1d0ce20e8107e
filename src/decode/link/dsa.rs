//! Marvell's tags of Distributed Switch Architecture: DSA and EtherType DSA
//! (LINKTYPE_DSA_TAG_DSA, LINKTYPE_DSA_TAG_EDSA).
//!
//! The port of the switch is not part of a flow; a VLAN tag in the tag is.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::ether_type;
use crate::net::EtherType;

/// Length of the tag.
const TAG: usize = 4;
/// Two addresses.
const ADDRESSES: usize = 12;
/// Flag of a tag that replaces a VLAN tag; its last 12 bits are the VLAN identifier.
const IS_TAGGED: u8 = 0x20;

/// A frame with Marvell's tag where its EtherType would be.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(ADDRESSES..) {
        Some(rest) => tag(walk, rest),
        None => walk.cut(Layer::Link, ADDRESSES + TAG, bytes),
    }
}

/// Decodes what follows the EtherType of Marvell's tag: two reserved octets and the tag.
pub(super) fn decode_edsa(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(2..) {
        Some(rest) => walk.wrapped(|walk| tag(walk, rest)),
        None => walk.cut(Layer::Link, 2 + TAG, bytes),
    }
}

fn tag(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((tag, [high, low, rest @ ..])) = bytes.split_first_chunk::<TAG>() else {
        return walk.cut(Layer::Link, TAG + 2, bytes);
    };
    let identifier = u16::from_be_bytes([tag[2], tag[3]]) & 0x0fff;
    // 0 is a priority and no VLAN (IEEE 802.1Q table 9-2).
    if tag[0] & IS_TAGGED != 0
        && identifier != 0
        && let Err(outcome) = walk.step(StepKind::Vlan, identifier.into())
    {
        return outcome;
    }
    ether_type(walk, EtherType::from_octets([*high, *low]), rest)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_every_tag() {
        let dsa = [&[2; 12][..], &[0xe0, 8, 0, 5, 8, 0], &UDP4].concat();
        every_prefix(LinkType::DSA_TAG_DSA, &dsa, 18 + UDP4_PORTS);
        assert_eq!(decode(LinkType::DSA_TAG_DSA, &dsa).1[0].to_string(), "vlan:5");
        let edsa = frame(0xdada, &[&[0, 0, 0xc0, 8, 0, 5, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::DSA_TAG_EDSA, &edsa, 22 + UDP4_PORTS);
        assert!(decode(LinkType::DSA_TAG_EDSA, &edsa).1.is_empty());
    }
}
