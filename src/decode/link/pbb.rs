//! Provider Backbone Bridging (IEEE 802.1Q-2022 clause 9.7): the I-TAG, and the customer's frame
//! after it.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::ethernet;

/// Flags and the 24-bit I-SID. The customer's addresses after them begin a frame.
const TAG: usize = 4;

/// Decodes what follows the EtherType of an I-TAG.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((tag, frame)) = bytes.split_first_chunk::<TAG>() else {
        return walk.cut(Layer::Link, TAG, bytes);
    };
    let service = u32::from_be_bytes([0, tag[1], tag[2], tag[3]]);
    walk.inside(StepKind::Pbb, service, |walk| ethernet::decode(walk, frame))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_frame_in_a_frame() {
        let packet = frame(0x88e7, &[&[0, 1, 2, 3][..], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::ETHERNET, &packet, 32 + UDP4_PORTS);
        assert_eq!(decode(LinkType::ETHERNET, &packet).1[0].to_string(), "pbb:66051");
    }
}
