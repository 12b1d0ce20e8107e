//! Linux "cooked" captures, versions 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ether_type;

const HEADER: usize = 16;
const HEADER_V2: usize = 20;
/// `ARPHRD_NETLINK`: the protocol field is a netlink family then.
const NETLINK: u16 = 824;
/// Protocol of 802.2 LLC frames, where an EtherType stands otherwise.
const LINUX_802_2: u16 = 4;

/// Version 1: the protocol is the last field.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return Outcome::cut(Layer::Link, HEADER, bytes.len());
    };
    let hardware = u16::from_be_bytes([header[2], header[3]]);
    let protocol = u16::from_be_bytes([header[14], header[15]]);
    inner(walk, hardware, protocol, payload)
}

/// Version 2: the protocol is the first field.
pub(super) fn decode_v2(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER_V2>() else {
        return Outcome::cut(Layer::Link, HEADER_V2, bytes.len());
    };
    let protocol = u16::from_be_bytes([header[0], header[1]]);
    let hardware = u16::from_be_bytes([header[8], header[9]]);
    inner(walk, hardware, protocol, payload)
}

fn inner(walk: &mut Walk, hardware: u16, protocol: u16, payload: &[u8]) -> Outcome {
    match protocol {
        _ if hardware == NETLINK => Outcome::NotIp,
        LINUX_802_2 => match super::ethernet::snap(payload) {
            Some((inner, payload)) => ether_type(walk, inner, payload),
            None => Outcome::NotIp,
        },
        // Numbers below the EtherTypes are Linux's own for frames that have none.
        0..0x0600 => Outcome::NotIp,
        _ => ether_type(walk, protocol, payload),
    }
}
