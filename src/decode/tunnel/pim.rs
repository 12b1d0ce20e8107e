//! PIM Register messages (RFC 7761 section 4.9.3): a multicast packet on its way to the
//! rendezvous point. Other messages have no ports.

use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::step::StepKind;
use super::super::{Outcome, network};
use crate::net::Protocol;

/// Version and type, checksum, flags.
const HEADER: usize = 8;
/// Version 2, type Register.
const REGISTER: u8 = 0x21;

/// Decodes the payload of an IP header with protocol 103.
pub(in crate::decode) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    match bytes.get(HEADER..) {
        // A Null-Register holds a bare IP header.
        Some(packet)
            if bytes[0] == REGISTER
                && network::is_plausible(packet, datagram.after(HEADER).payload_length as usize) =>
        {
            walk.tell_plain(bytes, HEADER);
            walk.inside(StepKind::PimRegister, 0_u8, |walk| network::decode(walk, packet))
        }
        _ => Outcome::Portless(Protocol::PIM),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, ip4};
    use crate::capture::LinkType;
    use crate::net::Protocol;

    #[test]
    fn every_prefix_of_a_register() {
        let packet = ip4(103, &[&[0x21, 0, 0, 0, 0, 0, 0, 0][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &packet, 28 + UDP4_PORTS);
    }

    #[test]
    fn other_messages_have_no_ports() {
        let packet = ip4(103, &[&[0x20, 0, 0, 0, 0, 0, 0, 0][..], &UDP4].concat());
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::Portless(Protocol::PIM));
    }
}
