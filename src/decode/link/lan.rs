//! Link layers of other local networks, which end in an EtherType or in LLC: FDDI (RFC 1188),
//! Token Ring (IEEE 802.5), IP over InfiniBand (RFC 4391), over IEEE 1394 (RFC 2734) and over
//! Fibre Channel (RFC 2625).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::{ether_type, llc};

/// Frame control and two addresses.
const FDDI: usize = 13;
/// Access control, frame control, two addresses.
const TOKEN_RING: usize = 14;
/// Global routing header or what stands in its place.
const INFINIBAND: usize = 40;
/// EtherType and two reserved octets.
const IPOIB: usize = 4;
/// Two addresses.
const IEEE_1394: usize = 16;
/// Network header of Fibre Channel: two addresses.
const FIBRE_CHANNEL: usize = 16;

/// LINKTYPE_FDDI.
pub(super) fn decode_fddi(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.split_first_chunk::<FDDI>() {
        // Class, address length and format: an LLC frame, synchronous or not.
        Some((header, payload)) if header[0] & 0x70 == 0x50 => llc::decode(walk, payload),
        Some(_) => Outcome::NotIp,
        None => Outcome::cut(Layer::Link, FDDI, bytes.len()),
    }
}

/// LINKTYPE_IEEE802_5.
pub(super) fn decode_token_ring(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, rest)) = bytes.split_first_chunk::<TOKEN_RING>() else {
        return Outcome::cut(Layer::Link, TOKEN_RING, bytes.len());
    };
    if header[1] & 0xc0 != 0x40 {
        return Outcome::NotIp;
    }
    // The group bit of the source address says that routing information follows, whose first
    // five bits beyond the type are its length.
    let routing = match rest.first() {
        Some(control) if header[8] & 0x80 != 0 => usize::from(control & 0x1f),
        _ => 0,
    };
    match rest.get(routing..) {
        Some(payload) => llc::decode(walk, payload),
        None => Outcome::cut(Layer::Link, TOKEN_RING + routing, bytes.len()),
    }
}

/// LINKTYPE_IPOIB, which has 40 octets in front of RFC 4391's four.
pub(super) fn decode_ipoib(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(INFINIBAND..) {
        Some([high, low, _, _, payload @ ..]) => ether_type(walk, u16::from_be_bytes([*high, *low]), payload),
        _ => Outcome::cut(Layer::Link, INFINIBAND + IPOIB, bytes.len()),
    }
}

/// LINKTYPE_APPLE_IP_OVER_IEEE1394.
pub(super) fn decode_ieee1394(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(IEEE_1394..) {
        Some([high, low, payload @ ..]) => ether_type(walk, u16::from_be_bytes([*high, *low]), payload),
        _ => Outcome::cut(Layer::Link, IEEE_1394 + 2, bytes.len()),
    }
}

/// LINKTYPE_IP_OVER_FC.
pub(super) fn decode_fibre_channel(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes.get(FIBRE_CHANNEL..) {
        Some(payload) => llc::decode(walk, payload),
        None => Outcome::cut(Layer::Link, FIBRE_CHANNEL, bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

    #[test]
    fn every_prefix_of_every_header() {
        for (link_type, header) in [
            (LinkType::FDDI, [&[0x50][..], &[2; 12], &SNAP].concat()),
            (LinkType::IEEE802_5, [&[0x10, 0x40][..], &[2; 12], &SNAP].concat()),
            (LinkType::IEEE802_5, [&[0x10, 0x40][..], &[2; 6], &[0x82; 6], &[4, 0, 0, 1], &SNAP].concat()),
            (LinkType::IPOIB, [&[1; 40][..], &[8, 0, 0, 0]].concat()),
            (LinkType::APPLE_IP_OVER_IEEE1394, [&[1; 16][..], &[8, 0]].concat()),
            (LinkType::IP_OVER_FC, [&[1; 16][..], &SNAP].concat()),
        ] {
            every_prefix(link_type, &[&header[..], &UDP4].concat(), header.len() + UDP4_PORTS);
        }
    }
}
