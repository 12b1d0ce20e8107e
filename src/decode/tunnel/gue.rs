//! Generic UDP Encapsulation, versions 0 and 1 (draft-ietf-intarea-gue sections 3 and 4).
//! Control messages hold no packet; private data and extension fields are skipped.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;
use super::fou;
use crate::net::Protocol;

const HEADER: usize = 4;
/// Set in control messages.
const IS_CONTROL: u8 = 0x20;

/// Decodes the payload of UDP on GUE's port.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let (header, _) = bytes.split_first_chunk::<HEADER>()?;
    match header[0] >> 6 {
        0 if header[0] & IS_CONTROL == 0 => {
            let length = HEADER + usize::from(header[0] & 0x1f) * 4;
            let inner = datagram.after(length);
            let payload = bytes.get(length..)?;
            let protocol = Protocol(header[1]);
            // Only protocols that can be recognised: IP, GRE, MPLS, transports.
            if !network::is_plausible_payload(protocol, payload, inner.payload_length) {
                return None;
            }
            walk.tell_opaque(bytes, HEADER, length);
            Some(walk.inside(StepKind::Gue, 0_u8, |walk| network::payload(walk, protocol, &inner, payload)))
        }
        // Version 1 is the version field of an IP header.
        1 => fou::decode_ip(walk, StepKind::Gue, datagram, bytes),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, count, every_prefix, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_both_versions() {
        let packet = udp4(6080, &[&[1, 4, 0, 0, 9, 9, 9, 9][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 28 + 8 + UDP4_PORTS);
        every_prefix(LinkType::RAW, &udp4(6080, &UDP6), 28 + UDP6_PORTS);
    }

    #[test]
    fn control_messages_hold_no_packet() {
        let packet = udp4(6080, &[&[0x20, 4, 0, 0][..], &UDP4].concat());
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
    }

    fn headers(protocol: u8, payload: &[u8]) -> usize {
        let packet = udp4(6080, &[&[0, protocol, 0, 0][..], payload].concat());
        count(DecodeOptions::default(), LinkType::RAW, &packet)
    }

    #[test]
    fn protocols_that_fit_are_believed() {
        let tcp = |offset, flags| [&[0; 12][..], &[offset, flags, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(headers(6, &tcp(0x50, 0x12)), 2);
        assert_eq!(headers(6, &tcp(0x50, 0)), 1, "no flag");
        assert_eq!(headers(6, &tcp(0x50, 0x03)), 1, "opens and closes");
        assert_eq!(headers(6, &tcp(0x40, 0x12)), 1, "a header below 20 octets");
        assert_eq!(headers(6, &tcp(0x60, 0x12)), 1, "a header longer than the datagram");
        let udp = UDP4.split_at(20).1;
        assert_eq!(headers(17, udp), 2);
        assert_eq!(headers(17, &[udp, &[0]].concat()), 1, "another length");
        assert_eq!(headers(47, &[&[0, 0, 8, 0][..], &UDP4].concat()), 2);
        assert_eq!(headers(47, &[&[0, 0, 0x12, 0x34][..], &UDP4].concat()), 1, "an unknown type in GRE");
        assert_eq!(headers(99, &UDP4), 1, "a protocol that cannot be recognised");
    }

    #[test]
    fn packets_that_do_not_fit_are_no_tunnel() {
        let mut wrong = UDP4;
        wrong[10] ^= 1;
        assert_eq!((headers(4, &UDP4), headers(4, &wrong)), (2, 1), "another checksum");
        assert_eq!((headers(41, &UDP6), headers(41, &UDP4)), (2, 1), "another version");
        let direct = |payload: &[u8]| count(DecodeOptions::default(), LinkType::RAW, &udp4(6080, payload));
        assert_eq!((direct(&UDP4), direct(&wrong)), (2, 1), "another checksum in version 1");
        let mut wrong = UDP6;
        wrong[5] -= 1;
        assert_eq!((direct(&UDP6), direct(&wrong)), (2, 1), "an octet too many in version 1");
        assert_eq!(direct(&[&[0x80, 4, 0, 0][..], &UDP4].concat()), 1, "version 2");
        assert_eq!(direct(&[&[0x1f, 4, 0, 0][..], &UDP4].concat()), 1, "fields beyond the datagram");
    }
}
