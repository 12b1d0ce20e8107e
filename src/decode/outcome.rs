//! Outcome of decoding a packet: ports, or the reason why it has none.

use std::fmt;

use crate::net::Protocol;
use serde::{Serialize, Serializer};

/// Outcome of decoding one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one transport header with ports was found.
    Ports,
    /// No IP in the packet, which is ARP, LLDP, spanning tree, a management frame or the like.
    NotIp,
    /// IP with a protocol that has no ports.
    Portless(Protocol),
    /// A fragment other than the first: the ports are in another packet (RFC 791 section 3.2,
    /// RFC 8200 section 4.5).
    LaterFragment,
    /// Encrypted from a header before the ports on (ESP, RFC 4303; MACsec; 802.11; PPP).
    Encrypted,
    /// Compressed from a header before the ports on (IPComp, RFC 3173).
    Compressed,
    /// A header is cut short before the ports.
    Truncated(CutShort),
    /// A header contradicts itself; the text names the rule that it breaks.
    Malformed(&'static str),
    /// Nothing says what follows a header, and the octets fit neither IP nor a frame: a pseudowire
    /// without IP in it (RFC 4385 section 3), or a header that this decoder does not know.
    Ambiguous,
    /// More nested headers than are followed.
    TooDeep,
    /// A link type that is not decoded.
    UnknownLinkType,
    /// The capture does not describe the interface of the packet, so that its link type is unknown.
    NoInterface,
}

/// A header for which too few octets are left.
///
/// Displayed as `TCP at octet 20 needs at least 20 octets, the IPv4 total length leaves 2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CutShort {
    /// Header that is cut short.
    pub layer: Layer,
    /// Octets that the header takes at least.
    pub needed: u32,
    /// Octets that are left for it.
    pub had: u32,
    /// Offset in the captured packet at which the header begins, in octets.
    pub at: u32,
    /// What ends the octets that are left.
    pub bound: Bound,
}

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CutShort { layer, needed, had, at, bound } = self;
        write!(f, "{layer} at octet {at} needs at least {needed} octets, ")?;
        match bound {
            Bound::Capture => write!(f, "{had} were captured"),
            field => write!(f, "{field} leaves {had}"),
        }
    }
}

/// What ends the octets that a header can be in: the captured packet, or a field of a header before
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Bound {
    /// End of the captured octets.
    Capture,
    /// Total Length of IPv4 (RFC 791 section 3.1).
    Ipv4TotalLength,
    /// Payload Length of IPv6 (RFC 8200 section 3), or that of a jumbogram (RFC 2675 section 2).
    Ipv6PayloadLength,
    /// Length of a frame (IEEE 802.3 clause 3.2.6).
    FrameLength,
    /// Length of a subframe of an A-MSDU (IEEE 802.11-2020 clause 9.3.2.2.2).
    SubframeLength,
    /// Frame check sequence at the end of a frame (IEEE 802.15.4).
    CheckSequence,
    /// Padding length and integrity check value of ESP (RFC 4303 section 2).
    EspTrailer,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Bound::Capture => "the captured packet",
            Bound::Ipv4TotalLength => "the IPv4 total length",
            Bound::Ipv6PayloadLength => "the IPv6 payload length",
            Bound::FrameLength => "the IEEE 802.3 length",
            Bound::SubframeLength => "the A-MSDU subframe length",
            Bound::CheckSequence => "the frame check sequence",
            Bound::EspTrailer => "the ESP trailer",
        })
    }
}

/// Declares the headers that can be cut short: name in outputs, description.
macro_rules! layers {
    ($($layer:ident $name:literal $doc:literal;)*) => {
        /// A header that can be cut short.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Layer {
            $(#[doc = $doc] $layer,)*
        }

        impl Layer {
            /// Every layer, outermost first.
            pub const ALL: &[Layer] = &[$(Layer::$layer,)*];

            /// Name in outputs.
            pub const fn name(self) -> &'static str {
                match self { $(Layer::$layer => $name,)* }
            }
        }
    };
}

layers! {
    Link "link layer" "A link-layer header, or one of its tags without a name here.";
    Vlan "VLAN tag" "A VLAN tag (IEEE 802.1Q, 802.1ad).";
    Mpls "MPLS" "MPLS label stack (RFC 3032) or control word (RFC 4385).";
    Nsh "NSH" "Network Service Header (RFC 8300).";
    Ipv4 "IPv4" "IPv4 header (RFC 791).";
    Ipv6 "IPv6" "IPv6 header (RFC 8200), or its compressed form (RFC 6282).";
    Ipv6Extension "IPv6 extension header" "Extension header of IPv6 (RFC 8200 section 4).";
    Authentication "authentication header" "Authentication Header (RFC 4302).";
    Esp "ESP" "Encapsulating Security Payload (RFC 4303).";
    Gre "GRE" "GRE header (RFC 2784, RFC 2637).";
    Erspan "ERSPAN" "ERSPAN header (draft-foschiano-erspan).";
    EtherIp "EtherIP" "EtherIP header (RFC 3378).";
    L2tp "L2TP" "L2TP header (RFC 2661, RFC 3931).";
    Tcp "TCP" "TCP header (RFC 9293).";
    Udp "UDP" "UDP header (RFC 768).";
    UdpLite "UDP-Lite" "UDP-Lite header (RFC 3828).";
    Sctp "SCTP" "SCTP common header (RFC 9260).";
    Dccp "DCCP" "DCCP generic header (RFC 4340).";
}

impl Layer {
    /// Octets that a transport header takes at least: RFC 9293 section 3.1, RFC 768, RFC 3828 section
    /// 3.1, RFC 9260 section 3.1, RFC 4340 section 5.1. 0 for other headers.
    pub(super) const fn fixed_length(self) -> usize {
        match self {
            Layer::Tcp => 20,
            Layer::Udp | Layer::UdpLite => 8,
            Layer::Sctp | Layer::Dccp => 12,
            _ => 0,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Reason why a packet is in no flow: a word in outputs, and a key of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "described at `Outcome`")]
#[repr(u8)]
pub enum Reason {
    NotIp,
    Portless,
    LaterFragment,
    Encrypted,
    Compressed,
    Truncated,
    Malformed,
    Ambiguous,
    TooDeep,
    UnknownLinkType,
    NoInterface,
    /// Outside the time window of the selection.
    OutsideWindow,
    /// A copy of a packet before it, where copies are left out.
    Copy,
}

impl Reason {
    /// All reasons, in the order of reports.
    pub const ALL: [Reason; 13] = [
        Reason::NotIp,
        Reason::Portless,
        Reason::LaterFragment,
        Reason::Encrypted,
        Reason::Compressed,
        Reason::Truncated,
        Reason::Malformed,
        Reason::Ambiguous,
        Reason::TooDeep,
        Reason::UnknownLinkType,
        Reason::NoInterface,
        Reason::OutsideWindow,
        Reason::Copy,
    ];

    /// Word in outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::NotIp => "not-ip",
            Reason::Portless => "portless",
            Reason::LaterFragment => "later-fragment",
            Reason::Encrypted => "encrypted",
            Reason::Compressed => "compressed",
            Reason::Truncated => "truncated",
            Reason::Malformed => "malformed",
            Reason::Ambiguous => "ambiguous",
            Reason::TooDeep => "too-deep",
            Reason::UnknownLinkType => "unknown-link-type",
            Reason::NoInterface => "no-interface",
            Reason::OutsideWindow => "outside-window",
            Reason::Copy => "copy",
        }
    }

    /// Description in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Reason::NotIp => "no IP header found",
            Reason::Portless => "an IP protocol without ports",
            Reason::LaterFragment => "a fragment without its head",
            Reason::Encrypted => "encrypted",
            Reason::Compressed => "IPComp (RFC 3173)",
            Reason::Truncated => "cut off before the ports",
            Reason::Malformed => "a header contradicts itself",
            Reason::Ambiguous => "nothing tells what follows a header",
            Reason::TooDeep => "more headers inside each other than are followed",
            Reason::UnknownLinkType => "a link type that is not decoded",
            Reason::NoInterface => "an interface that the capture does not describe",
            Reason::OutsideWindow => "outside the time window",
            Reason::Copy => "a datagram that was counted before",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Outcome {
    /// Reason why the packet has no ports; `None` for [`Outcome::Ports`].
    pub const fn reason(self) -> Option<Reason> {
        Some(match self {
            Outcome::Ports => return None,
            Outcome::NotIp => Reason::NotIp,
            Outcome::Portless(_) => Reason::Portless,
            Outcome::LaterFragment => Reason::LaterFragment,
            Outcome::Encrypted => Reason::Encrypted,
            Outcome::Compressed => Reason::Compressed,
            Outcome::Truncated(_) => Reason::Truncated,
            Outcome::Malformed(_) => Reason::Malformed,
            Outcome::Ambiguous => Reason::Ambiguous,
            Outcome::TooDeep => Reason::TooDeep,
            Outcome::UnknownLinkType => Reason::UnknownLinkType,
            Outcome::NoInterface => Reason::NoInterface,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{UDP4, UDP6, decode, frame, ip4, ip6};
    use super::*;
    use crate::capture::LinkType;

    fn cut(link_type: LinkType, packet: &[u8]) -> (CutShort, String) {
        match decode(link_type, packet).0 {
            Outcome::Truncated(cut) => (cut, cut.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_length_field_that_ends_a_header_is_named() {
        let mut packet = ip4(6, &[9; 40]);
        packet[2..4].copy_from_slice(&[0, 22]);
        let (short, text) = cut(LinkType::RAW, &packet);
        assert_eq!(
            short,
            CutShort { layer: Layer::Tcp, needed: 20, had: 2, at: 20, bound: Bound::Ipv4TotalLength }
        );
        assert_eq!(text, "TCP at octet 20 needs at least 20 octets, the IPv4 total length leaves 2");

        let mut packet = ip6(136, &[9; 12]);
        packet[4..6].copy_from_slice(&[0, 3]);
        let text = cut(LinkType::RAW, &packet).1;
        assert_eq!(text, "UDP-Lite at octet 40 needs at least 8 octets, the IPv6 payload length leaves 3");

        let packet = frame(4, &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
        let text = cut(LinkType::ETHERNET, &packet).1;
        assert_eq!(text, "link layer at octet 17 needs at least 5 octets, the IEEE 802.3 length leaves 1");
    }

    #[test]
    fn where_the_capture_ends_a_header_the_capture_is_named() {
        let text = cut(LinkType::RAW, &UDP4[..22]).1;
        assert_eq!(text, "UDP at octet 20 needs at least 8 octets, 2 were captured");
        let text = cut(LinkType::RAW, &UDP6[..39]).1;
        assert_eq!(text, "IPv6 at octet 0 needs at least 40 octets, 39 were captured");
        // A total length of 0 limits nothing.
        let mut packet = UDP4;
        packet[2..4].copy_from_slice(&[0, 0]);
        let text = cut(LinkType::RAW, &packet[..22]).1;
        assert_eq!(text, "UDP at octet 20 needs at least 8 octets, 2 were captured");
    }

    #[test]
    fn the_innermost_field_that_fits_the_capture_is_the_bound() {
        // The outer packet is whole, the inner one claims more than it holds.
        let mut packet = ip4(4, &UDP4[..22]);
        packet.extend([0; 18]);
        let text = cut(LinkType::RAW, &packet).1;
        assert_eq!(text, "UDP at octet 40 needs at least 8 octets, the IPv4 total length leaves 2");
        // Neither is whole.
        let packet = &ip4(4, &UDP4)[..42];
        let text = cut(LinkType::RAW, packet).1;
        assert_eq!(text, "UDP at octet 40 needs at least 8 octets, 2 were captured");
    }

    #[test]
    fn what_is_compressed_says_so() {
        for packet in [ip4(108, &[4, 0, 0, 2, 0x63, 0x60]), ip6(108, &[17, 0, 0, 2, 0x63, 0x60])] {
            assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::Compressed);
        }
    }

    #[test]
    fn headers_are_named_as_their_standards_name_them() {
        let names: Vec<&str> = Layer::ALL.iter().map(|layer| layer.name()).collect();
        assert!(names.iter().all(|name| !name.contains("Ipv")), "{names:?}");
        assert!(names.contains(&"UDP-Lite") && names.contains(&"IPv6 extension header"));
    }
}
