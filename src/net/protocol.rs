//! Protocols above IP, by IANA's numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The number of the protocol that an IP header announces: the field Protocol of IPv4 (RFC 791
/// section 3.1), the field Next Header of IPv6 (RFC 8200 section 3).
///
/// Names are the keywords of IANA's registry of
/// [protocol numbers](https://www.iana.org/assignments/protocol-numbers) in lower case. Two differ,
/// where practice uses another word: `icmpv6` (58, IPv6-ICMP) and `ospf` (89, OSPFIGP). Two keywords
/// that hold blanks are written without: `isis` (124) and `mobility-header` (135).
///
/// ```
/// use portscribe::net::Protocol;
///
/// assert_eq!(Protocol::GRE.to_string(), "gre");
/// assert_eq!(Protocol(200).to_string(), "protocol-200");
/// assert_eq!("icmpv6".parse(), Ok(Protocol::ICMPV6));
/// assert_eq!("47".parse(), Ok(Protocol::GRE));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Protocol(pub u8);

impl Protocol {
    /// Options for every router on the path (RFC 8200 section 4.3).
    pub const HOP_BY_HOP: Protocol = Protocol(0);
    /// Internet Control Message Protocol (RFC 792).
    pub const ICMP: Protocol = Protocol(1);
    /// Internet Group Management Protocol (RFC 3376).
    pub const IGMP: Protocol = Protocol(2);
    /// IPv4 in IP (RFC 2003).
    pub const IPV4: Protocol = Protocol(4);
    /// Transmission Control Protocol (RFC 9293).
    pub const TCP: Protocol = Protocol(6);
    /// User Datagram Protocol (RFC 768).
    pub const UDP: Protocol = Protocol(17);
    /// Datagram Congestion Control Protocol (RFC 4340).
    pub const DCCP: Protocol = Protocol(33);
    /// IPv6 in IP (RFC 2473).
    pub const IPV6: Protocol = Protocol(41);
    /// Routing header of IPv6 (RFC 8200 section 4.4).
    pub const ROUTING: Protocol = Protocol(43);
    /// Fragment header of IPv6 (RFC 8200 section 4.5).
    pub const FRAGMENT: Protocol = Protocol(44);
    /// Generic Routing Encapsulation (RFC 2784).
    pub const GRE: Protocol = Protocol(47);
    /// Encapsulating Security Payload (RFC 4303).
    pub const ESP: Protocol = Protocol(50);
    /// Authentication Header (RFC 4302).
    pub const AH: Protocol = Protocol(51);
    /// ICMP for IPv6 (RFC 4443).
    pub const ICMPV6: Protocol = Protocol(58);
    /// Nothing follows the IPv6 header (RFC 8200 section 4.7).
    pub const NO_NEXT_HEADER: Protocol = Protocol(59);
    /// Options for the destination (RFC 8200 section 4.6).
    pub const DESTINATION_OPTIONS: Protocol = Protocol(60);
    /// IP in IP of before RFC 2003, still sent by some routers.
    pub const IPIP: Protocol = Protocol(94);
    /// Ethernet in IP (RFC 3378).
    pub const ETHERIP: Protocol = Protocol(97);
    /// Protocol Independent Multicast (RFC 7761).
    pub const PIM: Protocol = Protocol(103);
    /// IP Payload Compression (RFC 3173).
    pub const IPCOMP: Protocol = Protocol(108);
    /// Layer Two Tunneling Protocol version 3 (RFC 3931).
    pub const L2TP: Protocol = Protocol(115);
    /// Stream Control Transmission Protocol (RFC 9260).
    pub const SCTP: Protocol = Protocol(132);
    /// Mobility header of IPv6 (RFC 6275 section 6.1).
    pub const MOBILITY: Protocol = Protocol(135);
    /// UDP-Lite (RFC 3828).
    pub const UDPLITE: Protocol = Protocol(136);
    /// MPLS in IP (RFC 4023).
    pub const MPLS: Protocol = Protocol(137);
    /// Host Identity Protocol (RFC 7401).
    pub const HIP: Protocol = Protocol(139);
    /// Site multihoming by IPv6 intermediation (RFC 5533).
    pub const SHIM6: Protocol = Protocol(140);
    /// Ethernet after an IPv6 segment routing header (RFC 8986 section 9).
    pub const ETHERNET: Protocol = Protocol(143);

    /// Whether its packets have ports: TCP, UDP, SCTP, DCCP, UDP-Lite.
    pub const fn has_ports(self) -> bool {
        matches!(self, Protocol::TCP | Protocol::UDP | Protocol::SCTP | Protocol::DCCP | Protocol::UDPLITE)
    }

    /// Its name, where IANA has assigned the number and given it a keyword.
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0)).copied().filter(|name| !name.is_empty())
    }
}

/// The names by number; empty where the registry has no keyword.
#[rustfmt::skip]
const NAMES: [&str; 148] = [
    "hopopt", "icmp", "igmp", "ggp", "ipv4", "st", "tcp", "cbt", "egp", "igp",
    "bbn-rcc-mon", "nvp-ii", "pup", "argus", "emcon", "xnet", "chaos", "udp", "mux", "dcn-meas",
    "hmp", "prm", "xns-idp", "trunk-1", "trunk-2", "leaf-1", "leaf-2", "rdp", "irtp", "iso-tp4",
    "netblt", "mfe-nsp", "merit-inp", "dccp", "3pc", "idpr", "xtp", "ddp", "idpr-cmtp", "tp++",
    "il", "ipv6", "sdrp", "ipv6-route", "ipv6-frag", "idrp", "rsvp", "gre", "dsr", "bna",
    "esp", "ah", "i-nlsp", "swipe", "narp", "min-ipv4", "tlsp", "skip", "icmpv6", "ipv6-nonxt",
    "ipv6-opts", "", "cftp", "", "sat-expak", "kryptolan", "rvd", "ippc", "", "sat-mon",
    "visa", "ipcv", "cpnx", "cphb", "wsn", "pvp", "br-sat-mon", "sun-nd", "wb-mon", "wb-expak",
    "iso-ip", "vmtp", "secure-vmtp", "vines", "iptm", "nsfnet-igp", "dgp", "tcf", "eigrp", "ospf",
    "sprite-rpc", "larp", "mtp", "ax.25", "ipip", "micp", "scc-sp", "etherip", "encap", "",
    "gmtp", "ifmp", "pnni", "pim", "aris", "scps", "qnx", "a/n", "ipcomp", "snp",
    "compaq-peer", "ipx-in-ip", "vrrp", "pgm", "", "l2tp", "ddx", "iatp", "stp", "srp",
    "uti", "smp", "sm", "ptp", "isis", "fire", "crtp", "crudp", "sscopmce", "iplt",
    "sps", "pipe", "sctp", "fc", "rsvp-e2e-ignore", "mobility-header", "udplite", "mpls-in-ip", "manet", "hip",
    "shim6", "wesp", "rohc", "ethernet", "aggfrag", "nsh", "homa", "bit-emu",
];

impl fmt::Display for Protocol {
    /// Its name, or `protocol-200` where it has none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "protocol-{}", self.0),
        }
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A word that names no IP protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown IP protocol `{0}`; use a name of IANA's registry or a number from 0 to 255")]
pub struct UnknownProtocol(pub String);

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    /// Reads a name in any case, a number, or `protocol-200`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix("protocol-").unwrap_or(text);
        if digits.starts_with(|c: char| c.is_ascii_digit())
            && let Ok(number) = digits.parse()
        {
            return Ok(Protocol(number));
        }
        let place = NAMES.iter().position(|name| !name.is_empty() && name.eq_ignore_ascii_case(text));
        place
            .and_then(|place| u8::try_from(place).ok())
            .map(Protocol)
            .ok_or_else(|| UnknownProtocol(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_at_their_numbers() {
        for (protocol, name) in [
            (Protocol::HOP_BY_HOP, "hopopt"),
            (Protocol::ICMP, "icmp"),
            (Protocol::IGMP, "igmp"),
            (Protocol::IPV4, "ipv4"),
            (Protocol(9), "igp"),
            (Protocol(19), "dcn-meas"),
            (Protocol(29), "iso-tp4"),
            (Protocol(39), "tp++"),
            (Protocol::IPV6, "ipv6"),
            (Protocol(49), "bna"),
            (Protocol::ESP, "esp"),
            (Protocol::ICMPV6, "icmpv6"),
            (Protocol::NO_NEXT_HEADER, "ipv6-nonxt"),
            (Protocol(69), "sat-mon"),
            (Protocol(79), "wb-expak"),
            (Protocol(89), "ospf"),
            (Protocol::IPIP, "ipip"),
            (Protocol::PIM, "pim"),
            (Protocol(109), "snp"),
            (Protocol::L2TP, "l2tp"),
            (Protocol(119), "srp"),
            (Protocol(129), "iplt"),
            (Protocol::SHIM6, "shim6"),
            (Protocol::ETHERNET, "ethernet"),
            (Protocol(147), "bit-emu"),
        ] {
            assert_eq!(protocol.name(), Some(name));
        }
    }

    #[test]
    fn every_number_is_read_back_from_what_is_printed() {
        for number in 0..=u8::MAX {
            let protocol = Protocol(number);
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
            assert_eq!(protocol.to_string().to_uppercase().replace("PROTOCOL-", "").parse(), Ok(protocol));
            assert_eq!(number.to_string().parse(), Ok(protocol));
        }
    }

    #[test]
    fn numbers_without_a_keyword_are_printed_as_numbers() {
        assert_eq!(Protocol(61).to_string(), "protocol-61");
        assert_eq!(Protocol(253).to_string(), "protocol-253");
        for text in ["", "256", "protocol-", "+6", "-1", "tcp "] {
            assert_eq!(text.parse::<Protocol>(), Err(UnknownProtocol(text.to_owned())));
        }
    }
}
