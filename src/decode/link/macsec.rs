//! MACsec (IEEE 802.1AE): the SecTAG, and its data where that is protected but not encrypted.
//!
//! The integrity check value is neither verified nor removed: the length in the network header says
//! where the packet ends.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::ether_type;
use crate::net::EtherType;

/// TCI and AN, short length, packet number.
const TAG: usize = 6;
/// Bits of the TCI.
const HAS_IDENTIFIER: u8 = 0x20;
const IS_ENCRYPTED: u8 = 0x08;
/// Bit of data that is changed in other ways than by encryption.
const IS_CHANGED: u8 = 0x04;

/// Decodes what follows the EtherType of MACsec.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some(&control) = bytes.first() else { return walk.cut(Layer::Link, TAG, bytes) };
    let length = if control & HAS_IDENTIFIER != 0 { TAG + 8 } else { TAG };
    // The identifier is the address of a station and a port.
    walk.tell_opaque(bytes, TAG, length);
    if control & (IS_ENCRYPTED | IS_CHANGED) != 0 {
        return Outcome::Encrypted;
    }
    match bytes.get(length..) {
        Some([high, low, payload @ ..]) => {
            walk.tell_plain(&bytes[length..], 2);
            let kind = EtherType::from_octets([*high, *low]);
            walk.wrapped(|walk| ether_type(walk, kind, payload))
        }
        _ => walk.cut(Layer::Link, length + 2, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_and_without_identifier() {
        let packet = frame(0x88e5, &[&[0, 30, 0, 0, 0, 1, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
        let packet =
            frame(0x88e5, &[&[0x20, 30, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 0, 1, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 30 + UDP4_PORTS);
    }

    #[test]
    fn encrypted_data_is_counted_as_such() {
        let packet = frame(0x88e5, &[&[0x0c, 30, 0, 0, 0, 1, 8, 0][..], &UDP4].concat());
        assert_eq!(decode(LinkType::ETHERNET, &packet).0, Outcome::Encrypted);
    }
}
