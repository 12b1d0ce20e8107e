//! Numbers of the names that rulesets use: protocols, and codes of ICMP.

use crate::net::{Family, Protocol, icmp};

/// Other spellings of protocols: those of `/etc/protocols` on Linux, which nftables and iptables
/// print, and those of their own manuals.
const PROTOCOLS: [(&str, Protocol); 9] = [
    ("ip", Protocol::HOP_BY_HOP),
    ("ipencap", Protocol::IPV4),
    ("ipv6-icmp", Protocol::ICMPV6),
    ("icmp6", Protocol::ICMPV6),
    ("rspf", Protocol(73)),
    ("ospfigp", Protocol(89)),
    ("comp", Protocol(108)),
    ("mh", Protocol::MOBILITY),
    ("ipv6-mh", Protocol::MOBILITY),
];

/// Codes of ICMP's type 3 by the names of nftables and iptables.
const ICMP_CODES: [(&str, u8); 11] = [
    ("net-unreachable", 0),
    ("network-unreachable", 0),
    ("host-unreachable", 1),
    ("prot-unreachable", 2),
    ("protocol-unreachable", 2),
    ("port-unreachable", 3),
    ("frag-needed", 4),
    ("fragmentation-needed", 4),
    ("net-prohibited", 9),
    ("host-prohibited", 10),
    ("admin-prohibited", 13),
];

/// Codes of ICMPv6's type 1 by the names of nftables.
const ICMPV6_CODES: [(&str, u8); 6] = [
    ("no-route", 0),
    ("admin-prohibited", 1),
    ("addr-unreachable", 3),
    ("port-unreachable", 4),
    ("policy-fail", 5),
    ("reject-route", 6),
];

fn number(table: &[(&str, u8)], name: &str) -> Option<u8> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|&(_, number)| number)
}

/// A protocol by its name or in digits.
pub(super) fn protocol(name: &str) -> Option<Protocol> {
    let other = || PROTOCOLS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|known| known.1);
    name.parse().ok().or_else(other)
}

/// The type of an ICMP message.
pub(super) fn icmp_type(name: &str, family: Family) -> Option<u8> {
    name.parse().ok().or_else(|| icmp::type_of(family, name))
}

/// The code of an ICMP message.
pub(super) fn icmp_code(name: &str, family: Family) -> Option<u8> {
    name.parse().ok().or_else(|| match family {
        Family::Ipv4 => number(&ICMP_CODES, name),
        Family::Ipv6 => number(&ICMPV6_CODES, name),
    })
}

/// The bit of TCP's header that a flag has.
pub(super) fn tcp_flag(name: &str) -> Option<u8> {
    let flags = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"];
    if name.eq_ignore_ascii_case("ece") {
        return Some(0x40);
    }
    flags.iter().position(|flag| flag.eq_ignore_ascii_case(name)).map(|bit| 1 << bit)
}

/// Whether a target of iptables (`iptables-extensions(8)`) goes on to the next rule.
pub(super) fn continues(target: &str) -> bool {
    const GO_ON: [&str; 24] = [
        "AUDIT",
        "CHECKSUM",
        "CLASSIFY",
        "CONNMARK",
        "CONNSECMARK",
        "CT",
        "DSCP",
        "ECN",
        "HL",
        "HMARK",
        "IDLETIMER",
        "LED",
        "LOG",
        "MARK",
        "NFLOG",
        "NOTRACK",
        "RATEEST",
        "SECMARK",
        "SET",
        "TCPMSS",
        "TCPOPTSTRIP",
        "TEE",
        "TOS",
        "TTL",
    ];
    GO_ON.contains(&target) || ["TRACE", "ULOG"].contains(&target)
}

/// Whether a name of iptables means one code of ICMP's type 3, and no type.
pub(super) fn is_icmp_code(name: &str) -> bool {
    number(&ICMP_CODES, name).is_some() && icmp::type_of(Family::Ipv6, name).is_none()
}
