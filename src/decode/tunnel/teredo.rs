//! Teredo (RFC 4380 section 5.1): IPv6 in UDP, after an optional authentication and origin
//! indication.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;

/// Length of an origin indication: mark, obscured port and address.
const ORIGIN: usize = 8;
/// Octets of an authentication indication besides identifier and value: mark and two lengths before
/// them, nonce and confirmation after.
const AUTHENTICATION: usize = 4 + 9;

/// Decodes the payload of UDP on Teredo's port.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let mut at = 0;
    if let [0, 1, identifier, value, ..] = bytes {
        at += AUTHENTICATION + usize::from(*identifier) + usize::from(*value);
    }
    let authentication = at;
    if let [0, 0, ..] = bytes.get(at..)? {
        at += ORIGIN;
    }
    let packet = bytes.get(at..)?;
    network::is_plausible_v6(packet, datagram.after(at).payload_length as usize).then(|| {
        // After its mark an origin holds an address.
        walk.tell_opaque(bytes, 4, authentication);
        walk.tell_opaque(&bytes[authentication..], 2, at - authentication);
        walk.inside(StepKind::Teredo, 0_u8, |walk| network::ipv6::decode(walk, packet))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP6, UDP6_PORTS, count, every_prefix, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_every_indication() {
        let authentication = [0, 1, 1, 2, 7, 8, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0];
        let origin = [0, 0, 0xf0, 0x12, 0x3f, 0xff, 0xfd, 0xfe];
        for header in
            [Vec::new(), authentication.to_vec(), origin.to_vec(), [&authentication[..], &origin].concat()]
        {
            let packet = udp4(3544, &[&header[..], &UDP6].concat());
            every_prefix(LinkType::RAW, &packet, 28 + header.len() + UDP6_PORTS);
        }
    }

    #[test]
    fn ipv4_is_no_teredo() {
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &udp4(3544, &UDP4)), 1);
    }
}
