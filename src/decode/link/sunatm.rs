//! SunATM header before the payload of ATM (LINKTYPE_SUNATM), with LAN emulation of Ethernet.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::{ethernet, llc};

/// Direction and type of traffic, VPI, VCI.
const SUNATM: usize = 4;
/// Types of traffic.
const LAN_EMULATION: u8 = 1;
const LLC: u8 = 2;
/// LAN emulation header of an Ethernet frame: identifier of the client.
const LAN_EMULATION_CLIENT: usize = 2;

/// LINKTYPE_SUNATM.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<SUNATM>() else {
        return walk.cut(Layer::Link, SUNATM, bytes);
    };
    match header[0] & 0x0f {
        LLC => llc::decode(walk, payload),
        LAN_EMULATION => match payload.get(LAN_EMULATION_CLIENT..) {
            // Control frames begin with these two octets.
            Some(frame) if payload[..2] != [0xff, 0x00] => ethernet::decode(walk, frame),
            Some(_) => Outcome::NotIp,
            None => walk.cut(Layer::Link, SUNATM + LAN_EMULATION_CLIENT, bytes),
        },
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix, frame};
    use crate::capture::LinkType;

    const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

    #[test]
    fn every_prefix_with_llc_and_with_lan_emulation() {
        every_prefix(LinkType::SUNATM, &[&[2, 0, 0, 5][..], &SNAP, &UDP4].concat(), 12 + UDP4_PORTS);
        let emulated = [&[0x81, 0, 0, 5, 0, 1][..], &frame(0x0800, &UDP4)].concat();
        every_prefix(LinkType::SUNATM, &emulated, 20 + UDP4_PORTS);
    }
}
