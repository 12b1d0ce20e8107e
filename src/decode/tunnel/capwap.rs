//! CAPWAP data channel (RFC 5415 section 4.3): 802.3 or 802.11 frames.
//!
//! CAPWAP fragments are not reassembled; the first is decoded. Some controllers swap the two octets of
//! the 802.11 frame control.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::{ethernet, ieee80211};
use super::super::step::StepKind;

const HEADER: usize = 8;
/// Bits of the fourth octet: native frame, fragment.
const IS_NATIVE: u8 = 0x01;
const IS_FRAGMENT: u8 = 0x80;
/// Wireless binding of IEEE 802.11.
const IEEE_802_11: u8 = 1;

/// Decodes the payload of UDP on CAPWAP's data port.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Option<Outcome> {
    let (header, _) = bytes.split_first_chunk::<HEADER>()?;
    // Version 0 and type 0; type 1 is DTLS.
    if header[0] != 0 {
        return None;
    }
    // Header length in words of 32 bits (5 bits), radio (5 bits), binding (5 bits), T.
    let length = usize::from(header[1] >> 3) * 4;
    let binding = header[2] >> 1 & 0x1f;
    let offset = u16::from_be_bytes([header[6], header[7]]) >> 3;
    if length < HEADER || header[3] & IS_FRAGMENT != 0 && offset != 0 {
        return None;
    }
    let frame = bytes.get(length..)?;
    if header[2] & IS_NATIVE == 0 || binding == IEEE_802_11 {
        walk.tell_opaque(bytes, HEADER, length);
    }
    if header[2] & IS_NATIVE == 0 {
        return Some(walk.inside(StepKind::Capwap, 0_u8, |walk| ethernet::decode(walk, frame)));
    }
    (binding == IEEE_802_11)
        .then(|| walk.inside(StepKind::Capwap, 0_u8, |walk| ieee80211::decode_either_order(walk, frame)))
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP4_PORTS, count, every_prefix, frame, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_either_frame() {
        let packet = udp4(5247, &[&[0, 0x10, 2, 0, 0, 0, 0, 0][..], &frame(0x0800, &UDP4)].concat());
        every_prefix(LinkType::RAW, &packet, 50 + UDP4_PORTS);
        for control in [[0x08, 0x01], [0x01, 0x08], [0x08, 0x41], [0x41, 0x08]] {
            let native = [
                &[0, 0x10, 3, 0, 0, 0, 0, 0][..],
                &control,
                &[0; 22],
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &UDP4,
            ];
            every_prefix(LinkType::RAW, &udp4(5247, &native.concat()), 68 + UDP4_PORTS);
        }
    }

    #[test]
    fn encrypted_data_and_later_fragments_are_no_tunnel() {
        for header in [[1, 0x10, 2, 0, 0, 0, 0, 0], [0, 0x10, 2, 0x80, 0, 1, 0, 8]] {
            let packet = udp4(5247, &[&header[..], &frame(0x0800, &UDP4)].concat());
            assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
        }
    }

    #[test]
    fn a_management_frame_that_is_sent_again_is_not_a_data_frame_in_the_other_order() {
        let header = [0, 0x10, 3, 0, 0, 0, 0, 0];
        let again = [&header[..], &[0x80, 0x08], &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &UDP4].concat();
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &udp4(5247, &again)), 1);
    }
}
