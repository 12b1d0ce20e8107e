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
}
