//! Linux "cooked" captures, versions 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).

use std::ops::Range;

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, Part, network};
use super::{ether_type, ethernet};
use crate::net::EtherType;

const HEADER: usize = 16;
const HEADER_V2: usize = 20;
/// `ARPHRD_NETLINK`: the protocol field is a netlink family then.
const NETLINK: u16 = 824;
/// `ARPHRD_FRAD`: a Frame Relay frame, whatever the protocol field says.
const FRAD: u16 = 770;
/// `ETH_P_ALL`, in place of an EtherType: the driver does not know what it received.
const LINUX_ALL: u16 = 3;
/// Protocol of 802.2 LLC frames, in place of an EtherType.
const LINUX_802_2: u16 = 4;

/// Version 1: the protocol is the last field.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    let hardware = u16::from_be_bytes([header[2], header[3]]);
    let protocol = u16::from_be_bytes([header[14], header[15]]);
    tell(walk, header, 4..14);
    inner(walk, hardware, protocol, payload)
}

/// Version 2: the protocol is the first field.
pub(super) fn decode_v2(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER_V2>() else {
        return walk.cut(Layer::Link, HEADER_V2, bytes);
    };
    let protocol = u16::from_be_bytes([header[0], header[1]]);
    let hardware = u16::from_be_bytes([header[8], header[9]]);
    walk.note_interface(u32::from_be_bytes([header[4], header[5], header[6], header[7]]));
    tell(walk, header, 11..20);
    inner(walk, hardware, protocol, payload)
}

/// Tells what a header is whose address stands here, behind its length: one of a station has six octets.
fn tell(walk: &mut Walk, header: &[u8], address: Range<usize>) {
    let Some((length, octets)) = header[address.clone()].split_first() else { return };
    // In version 1 the length has two octets.
    let (length, octets) = match octets {
        [low, rest @ ..] if address.len() > 9 => (low, rest),
        octets => (length, octets),
    };
    let start = address.end - octets.len();
    walk.tell_plain(header, start);
    let station = if *length == 6 { 6 } else { 0 };
    walk.tell(Part::Station, &octets[..station]);
    walk.tell(Part::Opaque, &octets[station..]);
    walk.tell(Part::Plain, &header[address.end..]);
}

fn inner(walk: &mut Walk, hardware: u16, protocol: u16, payload: &[u8]) -> Outcome {
    match protocol {
        _ if hardware == NETLINK => Outcome::NotIp,
        LINUX_802_2 => super::llc::decode(walk, payload),
        _ if hardware == FRAD => super::frame_relay::decode(walk, payload),
        LINUX_ALL if network::is_certain(payload) => network::decode(walk, payload),
        LINUX_ALL if ethernet::is_plausible(payload, usize::MAX) => ethernet::decode(walk, payload),
        LINUX_ALL => Outcome::Ambiguous,
        // Linux assigns numbers below the EtherTypes to frames without one.
        0..0x0600 => Outcome::NotIp,
        _ => ether_type(walk, EtherType(protocol), payload),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_both_versions() {
        let packet = [&[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0][..], &UDP4].concat();
        every_prefix(LinkType::LINUX_SLL, &packet, 16 + UDP4_PORTS);
        let packet = [&[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0][..], &UDP4].concat();
        every_prefix(LinkType::LINUX_SLL2, &packet, 20 + UDP4_PORTS);
    }

    #[test]
    fn frames_of_802_2_are_followed() {
        let header = [0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0, 4, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
        every_prefix(LinkType::LINUX_SLL, &[&header[..], &UDP4].concat(), 24 + UDP4_PORTS);
    }

    #[test]
    fn what_the_driver_does_not_know_is_looked_at() {
        let sll = |payload: &[u8]| [&[0, 4, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0, 3][..], payload].concat();
        every_prefix(LinkType::LINUX_SLL, &sll(&UDP4), 16 + UDP4_PORTS);
        every_prefix(LinkType::LINUX_SLL, &sll(&UDP6), 16 + UDP6_PORTS);
        every_prefix(LinkType::LINUX_SLL, &sll(&frame(0x0800, &UDP4)), 30 + UDP4_PORTS);
        assert_eq!(decode(LinkType::LINUX_SLL, &sll(&[0x45; 40])).0, Outcome::Ambiguous);
    }
}
