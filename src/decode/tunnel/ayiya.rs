//! AYIYA (draft-massar-v6ops-ayiya-02 section 3): Anything in Anything.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;
use crate::net::Protocol;

/// Lengths and methods, operation code and next header, epoch time.
const HEADER: usize = 8;
/// Operation code "forward".
const FORWARD: u8 = 1;

/// Decodes the payload of UDP on AYIYA's port.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let (header, _) = bytes.split_first_chunk::<HEADER>()?;
    if header[2] & 0x0f != FORWARD {
        return None;
    }
    // The identity takes two to the power of its field octets; the signature counts words of 32
    // bits.
    let identity = 1_usize << (header[0] >> 4);
    let signature = usize::from(header[1] >> 4) * 4;
    let at = HEADER + identity + signature;
    let (packet, length) = (bytes.get(at..)?, datagram.after(at).payload_length as usize);
    let known = match Protocol(header[3]) {
        Protocol::IPV4 => network::is_plausible_v4(packet, length),
        Protocol::IPV6 => network::is_plausible_v6(packet, length) && network::fills(packet, length),
        _ => false,
    };
    known.then(|| {
        walk.tell_opaque(bytes, HEADER, at);
        walk.inside(StepKind::Ayiya, 0_u8, |walk| network::decode(walk, packet))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, count, every_prefix, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_either_version() {
        let header = [&[0x41, 0x52, 0x11, 41, 0, 0, 0, 0][..], &[1; 36]].concat();
        every_prefix(LinkType::RAW, &udp4(5072, &[&header[..], &UDP6].concat()), 72 + UDP6_PORTS);
        let header = [&[0x01, 0x02, 0x01, 4, 0, 0, 0, 0][..], &[1; 1]].concat();
        every_prefix(LinkType::RAW, &udp4(5072, &[&header[..], &UDP4].concat()), 37 + UDP4_PORTS);
    }

    #[test]
    fn other_operations_are_no_tunnel() {
        let header = [0x01, 0x02, 0x00, 4, 0, 0, 0, 0, 1];
        let packet = udp4(5072, &[&header[..], &UDP4].concat());
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
    }

    #[test]
    fn packets_that_do_not_fit_are_no_tunnel() {
        let headers = |next: u8, packet: &[u8]| {
            let header = [0x01, 0x02, 0x01, next, 0, 0, 0, 0, 1];
            count(DecodeOptions::default(), LinkType::RAW, &udp4(5072, &[&header[..], packet].concat()))
        };
        assert_eq!((headers(4, &UDP4), headers(41, &UDP6)), (2, 2));
        let mut wrong = UDP4;
        wrong[10] ^= 1;
        assert_eq!(headers(4, &wrong), 1, "another checksum");
        let mut wrong = UDP6;
        wrong[5] -= 1;
        assert_eq!(headers(41, &wrong), 1, "an octet too many");
        assert_eq!((headers(4, &UDP6), headers(41, &UDP4)), (1, 1), "another version than announced");
        assert_eq!(headers(17, &UDP4), 1, "another protocol");
        // The identity and the signature reach beyond the datagram.
        let long = [&[0xf1, 0xf2, 0x01, 4, 0, 0, 0, 0, 1][..], &UDP4].concat();
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &udp4(5072, &long)), 1);
    }
}
