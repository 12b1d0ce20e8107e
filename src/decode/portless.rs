//! The protocol without ports that a packet ends in.

use std::net::IpAddr;

use super::layers::{Quoted, Walk};
use super::network::Datagram;
use crate::net::Protocol;

/// The innermost IP packet of a packet, where the protocol that it carries has no ports, or hides them.
///
/// Tunnels whose content is decoded are not among them: the innermost IP packet is the one inside then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portless {
    /// Source address of the IP header.
    pub source: IpAddr,
    /// Destination address of the IP header.
    pub destination: IpAddr,
    /// The protocol that it announces.
    pub protocol: Protocol,
    /// Type and code of ICMP or ICMPv6, as far as they were captured.
    pub icmp: Option<(u8, u8)>,
    /// Length of the IP packet on the wire, in octets, including the IP header.
    pub ip_length: u32,
    /// Whether the frame around the IP header was sent to the broadcast address of the link.
    pub is_link_broadcast: bool,
    /// Set when it is only quoted inside an ICMP error, which says what became of it.
    pub quoted: Option<Quoted>,
    /// Number of the packet's transport headers around it.
    pub(crate) headers_around: u8,
    /// The steps of the packet around it: number of the first, and their count.
    pub(crate) steps: (u8, u8),
}

impl Walk<'_> {
    /// What there is to note of a protocol that may be the last that can be read.
    pub(super) fn portless(&self, protocol: Protocol, datagram: &Datagram) -> Portless {
        let Datagram { source, destination, length, .. } = *datagram;
        Portless {
            source,
            destination,
            protocol,
            icmp: None,
            ip_length: length,
            is_link_broadcast: self.is_link_broadcast(),
            quoted: self.quoted,
            headers_around: self.headers(),
            steps: self.steps_around(),
        }
    }

    /// Notes the protocol that the packet ends in.
    pub(super) fn note_portless(&mut self, protocol: Protocol, datagram: &Datagram) {
        let note = self.portless(protocol, datagram);
        self.end_in(note);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{UDP4, frame, ip4, ip6, udp4};
    use super::super::{DecodeOptions, Decoder, Outcome, Quoted};
    use crate::capture::LinkType;
    use crate::net::Protocol;

    /// A protocol, with type and code of ICMP, the steps around it and the number of headers around it.
    type End = (String, Option<(u8, u8)>, String, u8);

    /// What a packet ends in.
    fn end(packet: &[u8]) -> Option<End> {
        end_with(DecodeOptions::default(), packet)
    }

    fn end_with(options: DecodeOptions, packet: &[u8]) -> Option<End> {
        let mut decoder = Decoder::with_options(options);
        let layers = decoder.decode(Some(LinkType::RAW), packet);
        let portless = layers.portless()?;
        let steps: Vec<String> =
            layers.context_of_portless(portless).iter().map(ToString::to_string).collect();
        Some((portless.protocol.to_string(), portless.icmp, steps.join(" "), portless.headers_around))
    }

    fn ends_in(protocol: &str, icmp: Option<(u8, u8)>, steps: &str, around: u8) -> End {
        (protocol.to_owned(), icmp, steps.to_owned(), around)
    }

    #[test]
    fn a_packet_ends_in_the_protocol_of_its_innermost_ip_header() {
        assert_eq!(end(&UDP4), None);
        assert_eq!(end(&ip4(50, &[1; 40])), Some(ends_in("esp", None, "", 0)));
        assert_eq!(end(&ip4(89, &[1; 40])), Some(ends_in("ospf", None, "", 0)));
        assert_eq!(end(&ip4(112, &[])), Some(ends_in("vrrp", None, "", 0)));
        assert_eq!(end(&ip6(58, &[135, 0, 0, 0])), Some(ends_in("icmpv6", Some((135, 0)), "", 0)));
        assert_eq!(end(&ip4(1, &[8])), Some(ends_in("icmp", None, "", 0)));
        assert_eq!(end(&ip4(253, &[])), Some(ends_in("protocol-253", None, "", 0)));
    }

    #[test]
    fn what_is_decoded_through_is_a_tunnel() {
        let ping = ip4(1, &[8, 0, 0, 0, 0, 0, 0, 0]);
        let gre = |inner: &[u8]| ip4(47, &[&[0, 0, 8, 0][..], inner].concat());
        assert_eq!(end(&gre(&ping)), Some(ends_in("icmp", Some((8, 0)), "gre:0", 0)));
        assert_eq!(end(&gre(&UDP4)), None);
        assert_eq!(end(&ip4(4, &ping)), Some(ends_in("icmp", Some((8, 0)), "ip", 0)));
        // What cannot be read inside leaves the tunnel itself.
        assert_eq!(end(&ip4(47, &[0, 0, 0x12, 0x34, 1, 2, 3])), Some(ends_in("gre", None, "", 0)));
        assert_eq!(end(&ip4(4, &[0x70; 20])), Some(ends_in("ipv4", None, "", 0)));
        let vxlan = udp4(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame(0x0800, &ping)].concat());
        assert_eq!(end(&vxlan), Some(ends_in("icmp", Some((8, 0)), "vxlan:42", 1)));
        let arp = udp4(4789, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame(0x0806, &[0; 28])].concat());
        assert_eq!(end(&arp), None);
    }

    /// Tunnels for frames hold ARP, spanning tree and keepalives, too: what is around them is IP.
    #[test]
    fn a_tunnel_without_ip_in_it_is_itself_without_ports() {
        let outcome = |packet: &[u8]| Decoder::new().decode(Some(LinkType::RAW), packet).outcome();
        let portless = |number: u8| Outcome::Portless(Protocol(number));
        let arp = frame(0x0806, &[0; 28]);
        for (number, content) in [
            // A keepalive, OSI, a protocol that is not known, ARP in a frame and in ERSPAN.
            (47, vec![0, 0, 0, 0]),
            (47, vec![0, 0, 0, 0xfe, 0x83, 27, 1, 0]),
            (47, vec![0, 0, 0x12, 0x34, 1, 2, 3]),
            (47, [&[0, 0, 0x65, 0x58][..], &arp].concat()),
            (47, [&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 9, 0, 0, 0, 0][..], &arp].concat()),
            (97, [&[0x30, 0][..], &arp].concat()),
            (143, arp.clone()),
        ] {
            assert_eq!(outcome(&ip4(number, &content)), portless(number), "{content:x?}");
        }
        // IP in IP in the tunnel that holds none.
        let keepalive = ip4(47, &[0, 0, 0, 0]);
        assert_eq!(outcome(&ip4(47, &[&[0, 0, 8, 0][..], &keepalive].concat())), portless(47));
    }

    #[test]
    fn esp_that_is_not_encrypted_is_none() {
        let mut options = DecodeOptions::default();
        options.set_esp_null(true);
        let esp = ip4(50, &[&[0, 0, 1, 0, 0, 0, 0, 1][..], &UDP4, &[1, 2, 2, 4], &[0xee; 12]].concat());
        assert_eq!(end_with(options.clone(), &esp), None);
        assert_eq!(end_with(options, &ip4(50, &[0xaa; 40])), Some(ends_in("esp", None, "", 0)));
        assert_eq!(end(&esp), Some(ends_in("esp", None, "", 0)));
    }

    #[test]
    fn an_error_ends_in_itself_and_has_what_it_quotes_beside_it() {
        let quoted = |protocol: &str, icmp| Some((protocol.to_owned(), icmp, Some(Quoted::Unreachable)));
        for (packet, expected) in [
            (UDP4.to_vec(), None),
            (ip4(50, &[1; 8]), quoted("esp", None)),
            (ip4(47, &[0, 0, 8, 0, 0x45, 0, 0, 0]), quoted("gre", None)),
            (ip4(1, &[8, 0, 0, 0]), quoted("icmp", Some((8, 0)))),
            (ip4(1, &[8]), quoted("icmp", None)),
            (vec![], None),
        ] {
            let error = ip4(1, &[&[3, 1, 0, 0, 0, 0, 0, 0][..], &packet].concat());
            assert_eq!(end(&error), Some(ends_in("icmp", Some((3, 1)), "", 0)));
            let mut decoder = Decoder::new();
            let layers = decoder.decode(Some(LinkType::RAW), &error);
            let found = layers.quoted_portless().map(|one| (one.protocol.to_string(), one.icmp, one.quoted));
            assert_eq!(found, expected);
            assert!(decoder.decode(Some(LinkType::RAW), &ip4(50, &[1; 8])).quoted_portless().is_none());
        }
    }

    #[test]
    fn headers_of_ipv6_that_are_protocols_of_their_own() {
        let header = |next: u8| [next, 0, 1, 4, 0, 0, 0, 0];
        for (protocol, name) in [(135, "mobility-header"), (139, "hip"), (140, "shim6")] {
            assert_eq!(end(&ip6(protocol, &header(59))), Some(ends_in(name, None, "", 0)));
            assert_eq!(end(&ip6(protocol, &header(59)[..3])), Some(ends_in(name, None, "", 0)));
        }
        assert_eq!(end(&ip6(60, &header(59))), Some(ends_in("ipv6-nonxt", None, "", 0)));
        assert_eq!(end(&ip6(60, &header(59)[..3])), None);
        assert_eq!(end(&ip4(51, &[1, 4, 0])), Some(ends_in("ah", None, "", 0)));
        let ah = [&[50, 4, 0, 0][..], &[1; 20], &[7; 20]].concat();
        assert_eq!(end(&ip4(51, &ah)), Some(ends_in("esp", None, "", 0)));
    }

    #[test]
    fn a_note_does_not_outlive_its_packet() {
        let mut decoder = Decoder::new();
        assert!(decoder.decode(Some(LinkType::RAW), &ip4(50, &[1; 40])).portless().is_some());
        assert!(decoder.decode(Some(LinkType::RAW), &[0x70; 40]).portless().is_none());
        assert!(decoder.decode(None, &[]).portless().is_none());
    }
}
