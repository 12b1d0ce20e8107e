//! BSD loopback: four octets of address family, then the packet (LINKTYPE_NULL, LINKTYPE_LOOP).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::by_bsd_family;

const HEADER: usize = 4;

/// Decodes a packet after a family in the byte order of the capturing host, which the capture does not
/// hold. Families are small numbers, so that the order is the one with the smaller number. IRIX and
/// UNICOS write a number of 16 bits into one half.
pub(super) fn decode_null(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    walk.tell_plain(header, HEADER);
    let [a, b, c, d] = *header;
    let family = match u32::from_le_bytes(*header).min(u32::from_be_bytes(*header)) {
        family @ 0..=0xff => family,
        _ => [[a, b], [c, d]]
            .map(|half| u16::from_le_bytes(half).min(u16::from_be_bytes(half)))
            .into_iter()
            .find(|&half| half != 0)
            .unwrap_or_default()
            .into(),
    };
    by_bsd_family(walk, family, payload)
}

/// Decodes a packet after a family in network byte order.
pub(super) fn decode_loop(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    walk.tell_plain(header, HEADER);
    by_bsd_family(walk, u32::from_be_bytes(*header), payload)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_in_either_byte_order() {
        for header in [[2, 0, 0, 0], [0, 0, 0, 2], [0, 0, 2, 0], [0, 2, 0, 0], [0, 2, 7, 7]] {
            every_prefix(LinkType::NULL, &[&header[..], &UDP4].concat(), 4 + UDP4_PORTS);
        }
        every_prefix(LinkType::LOOP, &[&[0, 0, 0, 24][..], &UDP6].concat(), 4 + UDP6_PORTS);
    }
}
