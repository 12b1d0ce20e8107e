//! Cisco FabricPath: an Ethernet frame whose addresses are those of switches, then a tag, then
//! the customer's frame. It is passed without a step: the same packet is met with it inside the
//! fabric and without it at the edge, and is of one flow.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ethernet;

/// Forwarding tag and time to live after the EtherType.
const TAG: usize = 2;

/// Decodes what follows the EtherType of FabricPath.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((_, frame)) = bytes.split_first_chunk::<TAG>() else {
        return walk.cut(Layer::Link, TAG, bytes);
    };
    walk.wrapped(|walk| ethernet::decode(walk, frame))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_frame_in_a_frame() {
        let packet = frame(0x8903, &[&[0, 0x60][..], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::ETHERNET, &packet, 30 + UDP4_PORTS);
    }
}
