//! ESP (RFC 4303), in IP or in UDP (RFC 3948). It is encrypted unless the options set NULL encryption
//! (RFC 2410); the trailer at the end then holds the protocol (RFC 4303 section 2).
//!
//! Packets do not hold the length of the integrity check value. Those in use are tried, and the one
//! after a trailer with the prescribed padding is taken. A packet that was not captured to its end
//! counts as encrypted.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::outcome::{Bound, Layer};
use super::super::step::StepKind;
use super::word;
use crate::net::Protocol;

/// Security Parameters Index and Sequence Number.
const HEADER: usize = 8;
/// Lengths of integrity check values: HMAC-SHA-1-96 and others, GMAC and HMAC-SHA-256-128,
/// SHA-384-192, SHA-512-256, none.
const CHECK_VALUES: [usize; 5] = [12, 16, 24, 32, 0];

/// Decodes the payload of an IP header with protocol 50.
pub(in crate::decode) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    if walk.options.is_esp_null() { inner(walk, datagram, bytes) } else { Outcome::Encrypted }
}

/// Decodes the payload of UDP on the port of IKE with NAT traversal.
pub(super) fn decode_in_udp(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    // An index of 0 marks IKE; a single octet keeps the translation alive.
    (walk.options.is_esp_null() && word(bytes, 0)? != 0).then(|| inner(walk, datagram, bytes))
}

fn inner(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let Some(index) = word(bytes, 0) else {
        return walk.cut(Layer::Esp, HEADER, bytes);
    };
    let length = datagram.payload_length as usize;
    let Some(whole) = bytes.get(HEADER..length) else { return Outcome::Encrypted };
    for check_value in CHECK_VALUES {
        let Some((&[.., padding, next], end)) =
            whole.len().checked_sub(check_value).map(|end| (&whole[..end], end))
        else {
            continue;
        };
        let Some(end) = end.checked_sub(2 + usize::from(padding)) else { continue };
        let padded = whole[end..].iter().take(usize::from(padding)).zip(1_u8..);
        let payload = &whole[..end];
        if padded.clone().all(|(octet, number)| *octet == number)
            && network::is_plausible_payload(Protocol(next), payload, end as u32)
        {
            let inner = Datagram { payload_length: end as u32, ..*datagram };
            let payload = walk.shorten(whole, end, Bound::EspTrailer);
            return walk.inside(StepKind::Esp, index, |walk| {
                network::payload(walk, Protocol(next), &inner, payload)
            });
        }
    }
    Outcome::Encrypted
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, decode, decode_with, ip4, udp4};
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    fn esp(check_value: usize) -> Vec<u8> {
        let header = [0, 0, 1, 0, 0, 0, 0, 1];
        [&header[..], &UDP4, &[1, 2, 2, 4], &[0xee; 32][..check_value]].concat()
    }

    fn null() -> DecodeOptions {
        let mut options = DecodeOptions::default();
        options.set_esp_null(true);
        options
    }

    #[test]
    fn without_being_told_it_is_encrypted() {
        assert_eq!(decode(LinkType::RAW, &ip4(50, &esp(12))).0, Outcome::Encrypted);
    }

    #[test]
    fn every_check_value_is_found_and_no_prefix_is_guessed_at() {
        for check_value in [0, 12, 16, 24, 32] {
            let packet = ip4(50, &esp(check_value));
            let (outcome, steps) = decode_with(null(), LinkType::RAW, &packet);
            assert_eq!(outcome, Outcome::Ports, "{check_value}");
            assert_eq!(steps[0].to_string(), "esp:256");
            for length in 0..packet.len() {
                assert_ne!(decode_with(null(), LinkType::RAW, &packet[..length]).0, Outcome::Ports);
            }
        }
    }

    #[test]
    fn a_trailer_that_does_not_fit_is_encrypted() {
        let said = |content: &[&[u8]]| {
            let header = [0, 0, 1, 0, 0, 0, 0, 1];
            let packet = ip4(50, &[&header[..], &content.concat()].concat());
            decode_with(null(), LinkType::RAW, &packet).0
        };
        let value = [0xee; 12];
        assert_eq!(said(&[&UDP4, &[1, 2, 2, 4], &value]), Outcome::Ports);
        assert_eq!(said(&[&UDP4, &[0, 0, 2, 4], &value]), Outcome::Encrypted, "padding that is not counted");
        assert_eq!(said(&[&UDP4, &[1, 2, 2, 6], &value]), Outcome::Encrypted, "no segment of TCP");
        assert_eq!(said(&[&UDP4, &[1, 2, 2, 99], &value]), Outcome::Encrypted, "an unknown protocol");
        let mut wrong = UDP4;
        wrong[10] ^= 1;
        assert_eq!(said(&[&wrong, &[1, 2, 2, 4], &value]), Outcome::Encrypted, "another checksum");
        assert_eq!(said(&[&UDP4, &[1, 2, 2, 4], &value[..11]]), Outcome::Encrypted, "no length in use");
        assert_eq!(said(&[&[1, 2, 2, 4], &value]), Outcome::Encrypted, "nothing before the trailer");
        assert_eq!(said(&[&[0x9c; 60]]), Outcome::Encrypted, "noise");
    }

    #[test]
    fn in_udp_too() {
        assert_eq!(decode_with(null(), LinkType::RAW, &udp4(4500, &esp(12))).1[0].to_string(), "esp:256");
        let ike = udp4(4500, &[&[0; 4][..], &UDP4].concat());
        assert!(decode_with(null(), LinkType::RAW, &ike).1.is_empty());
    }
}
