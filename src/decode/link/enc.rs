//! The header of OpenBSD's IPsec interface (LINKTYPE_ENC, enc(4)).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::by_bsd_family;

/// Family, index, flags.
const ENC: usize = 12;

/// LINKTYPE_ENC: the family is in the byte order of the host.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, packet)) = bytes.split_first_chunk::<ENC>() else {
        return walk.cut(Layer::Link, ENC, bytes);
    };
    let [a, b, c, d, ..] = *header;
    by_bsd_family(walk, u32::from_le_bytes([a, b, c, d]).min(u32::from_be_bytes([a, b, c, d])), packet)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP6, UDP6_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_in_both_byte_orders() {
        for family in [[24, 0, 0, 0], [0, 0, 0, 24]] {
            let header = [&family[..], &[0; 8]].concat();
            every_prefix(LinkType::ENC, &[&header[..], &UDP6].concat(), 12 + UDP6_PORTS);
        }
    }
}
