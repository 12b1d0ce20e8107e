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
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, every_prefix_with, udp4};
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
}
