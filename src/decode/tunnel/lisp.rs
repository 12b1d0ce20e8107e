//! LISP data packets (RFC 9300 section 5) and the encapsulated control messages of its control
//! plane (RFC 9301 section 5.8).

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;

const HEADER: usize = 8;
/// The flag I: the upper 24 bits of the second word are an instance identifier.
const HAS_INSTANCE: u8 = 0x08;
/// Type and flags of an encapsulated control message.
const HEADER_CONTROL: usize = 4;
const ENCAPSULATED: u8 = 8;

/// Decodes the payload of UDP on LISP's data port.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let (header, packet) = bytes.split_first_chunk::<HEADER>()?;
    let instance = if header[0] & HAS_INSTANCE != 0 {
        u32::from_be_bytes([0, header[4], header[5], header[6]])
    } else {
        0
    };
    network::is_exact(packet, datagram.after(HEADER).payload_length as usize).then(|| {
        walk.tell_plain(header, HEADER);
        walk.inside(StepKind::Lisp, instance, |walk| network::decode(walk, packet))
    })
}

/// Decodes the payload of UDP on LISP's control port.
pub(super) fn decode_control(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let (header, packet) = bytes.split_first_chunk::<HEADER_CONTROL>()?;
    let length = datagram.after(HEADER_CONTROL).payload_length as usize;
    (header[0] >> 4 == ENCAPSULATED && network::is_exact(packet, length)).then(|| {
        walk.tell_plain(header, HEADER_CONTROL);
        walk.inside(StepKind::Lisp, 0_u8, |walk| network::decode(walk, packet))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, count, decode, every_prefix, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_data_and_control() {
        let packet = udp4(4341, &[&[0x88, 0, 0, 0, 0, 0, 9, 1][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 36 + UDP4_PORTS);
        assert_eq!(decode(LinkType::RAW, &packet).1[0].to_string(), "lisp:9");
        let packet = udp4(4342, &[&[0x80, 0, 0, 0][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 32 + UDP4_PORTS);
    }

    #[test]
    fn what_holds_no_packet_is_no_tunnel() {
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &udp4(4341, &[0x88; 40])), 1);
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &udp4(4342, &[0x10; 40])), 1);
    }

    #[test]
    fn the_length_of_ipv6_must_be_that_of_the_datagram() {
        let mut short = UDP6;
        short[5] = 7;
        assert_eq!(
            count(DecodeOptions::default(), LinkType::RAW, &udp4(4341, &[&[0; 8][..], &short].concat())),
            1
        );
        let mut group = UDP6;
        group[8] = 0xff;
        assert_eq!(
            count(DecodeOptions::default(), LinkType::RAW, &udp4(4341, &[&[0; 8][..], &group].concat())),
            1
        );
    }
}
