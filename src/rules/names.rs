//! Numbers of the names that rulesets use: protocols, and types and codes of ICMP.

use crate::net::{Family, Protocol};

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

/// Types of ICMP by the names of nftables and iptables.
const ICMP_TYPES: [(&str, u8); 23] = [
    ("echo-reply", 0),
    ("pong", 0),
    ("destination-unreachable", 3),
    ("source-quench", 4),
    ("redirect", 5),
    ("echo-request", 8),
    ("ping", 8),
    ("router-advertisement", 9),
    ("router-solicitation", 10),
    ("time-exceeded", 11),
    ("ttl-exceeded", 11),
    ("parameter-problem", 12),
    ("timestamp-request", 13),
    ("timestamp-reply", 14),
    ("info-request", 15),
    ("info-reply", 16),
    ("address-mask-request", 17),
    ("address-mask-reply", 18),
    ("fragmentation-needed", 3),
    ("network-unreachable", 3),
    ("host-unreachable", 3),
    ("protocol-unreachable", 3),
    ("port-unreachable", 3),
];

/// Types of ICMPv6 by the names of nftables and ip6tables.
const ICMPV6_TYPES: [(&str, u8); 27] = [
    ("destination-unreachable", 1),
    ("packet-too-big", 2),
    ("time-exceeded", 3),
    ("ttl-exceeded", 3),
    ("parameter-problem", 4),
    ("echo-request", 128),
    ("ping", 128),
    ("echo-reply", 129),
    ("pong", 129),
    ("mld-listener-query", 130),
    ("mld-listener-report", 131),
    ("mld-listener-done", 132),
    ("mld-listener-reduction", 132),
    ("nd-router-solicit", 133),
    ("router-solicitation", 133),
    ("nd-router-advert", 134),
    ("router-advertisement", 134),
    ("nd-neighbor-solicit", 135),
    ("neighbor-solicitation", 135),
    ("neighbour-solicitation", 135),
    ("nd-neighbor-advert", 136),
    ("neighbor-advertisement", 136),
    ("neighbour-advertisement", 136),
    ("nd-redirect", 137),
    ("router-renumbering", 138),
    ("ind-neighbor-solicit", 141),
    ("ind-neighbor-advert", 142),
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
    name.parse().ok().or_else(|| match family {
        Family::Ipv4 => number(&ICMP_TYPES, name),
        Family::Ipv6 => number(&ICMPV6_TYPES, name),
    })
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
    number(&ICMP_CODES, name).is_some() && number(&ICMPV6_TYPES, name).is_none()
}
