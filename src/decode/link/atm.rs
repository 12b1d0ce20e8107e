//! IP over ATM: RFC 2684's encapsulation (LINKTYPE_ATM_RFC1483), Linux's classical IP
//! (LINKTYPE_ATM_CLIP) and SunATM's header in front of either (LINKTYPE_SUNATM), with LAN
//! emulation of Ethernet.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};
use super::{ethernet, llc};

/// Direction and type of traffic, VPI, VCI.
const SUNATM: usize = 4;
/// Types of traffic.
const LAN_EMULATION: u8 = 1;
const LLC: u8 = 2;
/// LAN emulation header of an Ethernet frame: identifier of the client.
const LAN_EMULATION_CLIENT: usize = 2;

/// LINKTYPE_ATM_RFC1483.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    llc::decode(walk, bytes)
}

/// LINKTYPE_ATM_CLIP: with LLC, or IP alone.
pub(super) fn decode_clip(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [0xaa, 0xaa, 0x03, ..] => llc::decode(walk, bytes),
        _ => network::decode(walk, bytes),
    }
}

/// LINKTYPE_SUNATM.
pub(super) fn decode_sunatm(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<SUNATM>() else {
        return Outcome::cut(Layer::Link, SUNATM, bytes.len());
    };
    match header[0] & 0x0f {
        LLC => llc::decode(walk, payload),
        LAN_EMULATION => match payload.get(LAN_EMULATION_CLIENT..) {
            // Control frames begin with a mark of their own.
            Some(frame) if payload[..2] != [0xff, 0x00] => ethernet::decode(walk, frame),
            Some(_) => Outcome::NotIp,
            None => Outcome::cut(Layer::Link, SUNATM + LAN_EMULATION_CLIENT, bytes.len()),
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
    fn every_prefix_of_every_header() {
        every_prefix(LinkType::ATM_CLIP, &UDP4, UDP4_PORTS);
        every_prefix(LinkType::ATM_CLIP, &[&SNAP[..], &UDP4].concat(), 8 + UDP4_PORTS);
        every_prefix(LinkType::SUNATM, &[&[2, 0, 0, 5][..], &SNAP, &UDP4].concat(), 12 + UDP4_PORTS);
        let emulated = [&[0x81, 0, 0, 5, 0, 1][..], &frame(0x0800, &UDP4)].concat();
        every_prefix(LinkType::SUNATM, &emulated, 20 + UDP4_PORTS);
    }
}
