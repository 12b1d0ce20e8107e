//! An IP protocol directly in UDP ("Foo over UDP"). The packet does not say which one, so that only
//! IP and GRE can be recognised.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::{self, Datagram};
use super::super::step::StepKind;
use super::gre;

/// Decodes the payload of UDP on a port set for it.
pub(super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    decode_ip(walk, StepKind::Fou, datagram, bytes).or_else(|| {
        gre::is_plausible(bytes)
            .then(|| walk.inside(StepKind::Fou, 0_u8, |walk| gre::decode(walk, datagram, bytes)))
    })
}

/// An IP packet of either version, which fills the datagram.
pub(super) fn decode_ip(
    walk: &mut Walk,
    kind: StepKind,
    datagram: &Datagram,
    bytes: &[u8],
) -> Option<Outcome> {
    network::is_exact(bytes, datagram.payload_length as usize)
        .then(|| walk.inside(kind, 0_u8, |walk| network::decode(walk, bytes)))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, count, every_prefix_with, udp4};
    use super::super::super::{DecodeOptions, UdpTunnel};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_ip_and_gre() {
        let mut options = DecodeOptions::default();
        options.add_tunnel(UdpTunnel::Fou, 5555);
        every_prefix_with(&options, LinkType::RAW, &udp4(5555, &UDP4), 28 + UDP4_PORTS);
        every_prefix_with(&options, LinkType::RAW, &udp4(5555, &UDP6), 28 + UDP6_PORTS);
        let gre = udp4(5555, &[&[0, 0, 8, 0][..], &UDP4].concat());
        every_prefix_with(&options, LinkType::RAW, &gre, 32 + UDP4_PORTS);
    }

    #[test]
    fn what_does_not_fit_is_no_tunnel() {
        let mut options = DecodeOptions::default();
        options.add_tunnel(UdpTunnel::Fou, 5555);
        let headers = |payload: &[u8]| count(options.clone(), LinkType::RAW, &udp4(5555, payload));
        assert_eq!(headers(&UDP4), 2);
        let mut wrong = UDP4;
        wrong[10] ^= 1;
        assert_eq!(headers(&wrong), 1, "another checksum");
        wrong = UDP4;
        wrong[3] = 29;
        assert_eq!(headers(&wrong), 1, "longer than the datagram");
        let mut wrong = UDP6;
        wrong[5] -= 1;
        assert_eq!(headers(&wrong), 1, "an octet too many");
        wrong = UDP6;
        wrong[8] = 0xff;
        assert_eq!(headers(&wrong), 1, "a group as the source");
        for gre in [[0, 0, 0x12, 0x34], [0, 1, 8, 0], [0, 8, 8, 0], [0x40, 0, 8, 0]] {
            assert_eq!(headers(&[&gre[..], &UDP4].concat()), 1, "{gre:02x?}");
        }
        assert_eq!(headers(&[0x9c; 40]), 1, "noise");
    }
}
