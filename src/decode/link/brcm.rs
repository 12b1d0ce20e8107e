//! Broadcom's tags of switches (LINKTYPE_DSA_TAG_BRCM, LINKTYPE_DSA_TAG_BRCM_PREPEND).
//!
//! The port of the switch is not part of a flow.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::{ether_type, ethernet};
use crate::net::EtherType;

/// Length of the tag.
const TAG: usize = 4;
/// Two addresses.
const ADDRESSES: usize = 12;

/// Decodes a frame with Broadcom's tag before its EtherType.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(ADDRESSES + TAG..) {
        Some([high, low, rest @ ..]) => ether_type(walk, EtherType::from_octets([*high, *low]), rest),
        _ => walk.cut(Layer::Link, ADDRESSES + TAG + 2, bytes),
    }
}

/// Decodes a frame after Broadcom's tag.
pub(super) fn decode_prepended(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(TAG..) {
        Some(frame) => ethernet::decode(walk, frame),
        None => walk.cut(Layer::Link, TAG, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_both_places() {
        let brcm = [&[2; 12][..], &[0x20, 0, 0, 5, 8, 0], &UDP4].concat();
        every_prefix(LinkType::DSA_TAG_BRCM, &brcm, 18 + UDP4_PORTS);
        let prepended = [&[0x20, 0, 0, 5][..], &frame(0x0800, &UDP4)].concat();
        every_prefix(LinkType::DSA_TAG_BRCM_PREPEND, &prepended, 18 + UDP4_PORTS);
    }
}
