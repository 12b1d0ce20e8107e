//! Messages of ICMP (RFC 792) and ICMPv6 (RFC 4443): which is the answer to which, and their names.

use std::fmt;

use super::{Family, Protocol};

/// A message of ICMP, or of ICMPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IcmpMessage {
    /// IPv4 for ICMP, IPv6 for ICMPv6.
    pub family: Family,
    /// Its type.
    pub kind: u8,
    /// Its code; `None` where it was not captured.
    pub code: Option<u8>,
}

impl IcmpMessage {
    /// The name of its type, as nftables has it; `None` for a type that nftables has no name for.
    pub fn name(self) -> Option<&'static str> {
        types(self.family).iter().find(|&&(_, kind)| kind == self.kind).map(|&(name, _)| name)
    }
}

impl fmt::Display for IcmpMessage {
    /// `echo-request`, or `type 42`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "type {}", self.kind),
        }
    }
}

/// The family whose ICMP a protocol is.
pub(crate) fn family_of(protocol: Protocol) -> Option<Family> {
    match protocol {
        Protocol::ICMP => Some(Family::Ipv4),
        Protocol::ICMPV6 => Some(Family::Ipv6),
        _ => None,
    }
}

/// Types of questions with those of their answers, as Zeek and the Community ID pair them: RFC 792, RFC
/// 950, RFC 1256.
const PAIRS_V4: [(u8, u8); 5] = [(8, 0), (10, 9), (13, 14), (15, 16), (17, 18)];
/// The same of ICMPv6: RFC 4443, RFC 2710, RFC 4861, RFC 4620, RFC 6275.
const PAIRS_V6: [(u8, u8); 6] = [(128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)];
/// Answers to what is asked of a group, or sent without a question: advertisements of routers and
/// neighbours, reports of listeners. The packet with the question has other addresses.
const UNASKED: [(Family, u8); 4] =
    [(Family::Ipv4, 9), (Family::Ipv6, 131), (Family::Ipv6, 134), (Family::Ipv6, 136)];

fn pairs(family: Family) -> &'static [(u8, u8)] {
    match family {
        Family::Ipv4 => &PAIRS_V4,
        Family::Ipv6 => &PAIRS_V6,
    }
}

/// The type that answers this type, or that this one answers; `None` for messages that are neither
/// questions nor answers, such as errors.
pub(crate) fn counterpart(family: Family, kind: u8) -> Option<u8> {
    pairs(family).iter().find_map(|&(question, answer)| match kind {
        kind if kind == question => Some(answer),
        kind if kind == answer => Some(question),
        _ => None,
    })
}

/// Whether a type is that of a question.
pub(crate) fn is_question(family: Family, kind: u8) -> bool {
    pairs(family).iter().any(|&(question, _)| question == kind)
}

/// Whether messages of a type are sent without a question between the same two addresses.
pub(crate) fn is_unasked(family: Family, kind: u8) -> bool {
    UNASKED.contains(&(family, kind))
}

/// Whether a type is that of an error, which answers a packet of another flow: RFC 792, redirects among
/// them; RFC 4443 section 2.1.
#[cfg(feature = "review")]
pub(crate) fn is_error(family: Family, kind: u8) -> bool {
    match family {
        Family::Ipv4 => matches!(kind, 3 | 4 | 5 | 11 | 12),
        Family::Ipv6 => kind < 128,
    }
}

/// Whether a type is what ICMPv6 does for its link: discovery of listeners (RFC 2710, RFC 3810), routers and
/// neighbours (RFC 4861), which connection tracking leaves alone (Linux, `nf_conntrack_proto_icmpv6.c`).
#[cfg(feature = "review")]
pub(crate) fn is_of_link(family: Family, kind: u8) -> bool {
    family == Family::Ipv6 && matches!(kind, 130..=137 | 143)
}

/// The type with a name of nftables, iptables or ip6tables.
#[cfg(feature = "review")]
pub(crate) fn type_of(family: Family, name: &str) -> Option<u8> {
    types(family).iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|&(_, kind)| kind)
}

fn types(family: Family) -> &'static [(&'static str, u8)] {
    match family {
        Family::Ipv4 => &TYPES_V4,
        Family::Ipv6 => &TYPES_V6,
    }
}

/// Types of ICMP by the names of nftables and iptables; of several the first is that of nftables.
const TYPES_V4: [(&str, u8); 23] = [
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

/// Types of ICMPv6 by the names of nftables and ip6tables; of several the first is that of nftables.
const TYPES_V6: [(&str, u8); 28] = [
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
    ("mld2-listener-report", 143),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_is_answered() {
        for (family, questions) in
            [(Family::Ipv4, &[8, 10, 13, 15, 17][..]), (Family::Ipv6, &[128, 130, 133, 135, 139, 144])]
        {
            for kind in 0..=u8::MAX {
                let other = counterpart(family, kind);
                assert_eq!(other.and_then(|other| counterpart(family, other)), other.map(|_| kind));
                assert_eq!(is_question(family, kind), questions.contains(&kind), "{kind}");
                let is_one_of_two = other.is_some_and(|other| is_question(family, other));
                assert!(!is_unasked(family, kind) || is_one_of_two, "{kind}");
            }
        }
    }

    #[test]
    fn types_have_the_names_of_nftables() {
        let name = |family, kind| IcmpMessage { family, kind, code: Some(0) }.to_string();
        assert_eq!(name(Family::Ipv4, 8), "echo-request");
        assert_eq!(name(Family::Ipv4, 11), "time-exceeded");
        assert_eq!(name(Family::Ipv6, 135), "nd-neighbor-solicit");
        assert_eq!(name(Family::Ipv4, 42), "type 42");
        #[cfg(feature = "review")]
        assert_eq!(type_of(Family::Ipv6, "Neighbour-Solicitation"), Some(135));
        #[cfg(feature = "review")]
        assert_eq!(type_of(Family::Ipv4, "nd-neighbor-solicit"), None);
    }
}
