//! The left sides of matches: which field of a packet they mean, and which packets have it.

use serde_json::Value;

use super::super::conditions::Conditions;
use super::super::names;
use super::super::space::Dimension;
use super::text::single;
use super::value::ValueKind;
use crate::net::{Family, Protocol};

/// What a left side means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MatchedField {
    /// A field.
    Field(Dimension, ValueKind),
    /// The family itself, by one of its numbers.
    Family(ValueKind),
    /// Fragments, by the field of the IPv4 header.
    FragmentOffset,
    /// Whether an extension header is there.
    Extension(Dimension),
    /// `ct direction`, `ct status`.
    Direction,
    Status,
    /// Nothing that can be decided.
    Unknown,
}

/// The field that an expression means. A field of a header is there only in packets with that
/// header, so the conditions ask for these first, as the kernel does.
pub(super) fn field(expression: &Value, conditions: &mut Conditions) -> MatchedField {
    let Some((name, body)) = single(expression) else { return MatchedField::Unknown };
    match name.as_str() {
        "payload" => payload(body, conditions),
        "meta" => meta(body["key"].as_str().or(body.as_str()).unwrap_or_default()),
        "ct" => tracked(body, conditions),
        "fib" => {
            let by_destination = body["flags"] == "daddr" || body["flags"] == serde_json::json!(["daddr"]);
            match body["result"].as_str() {
                Some("type") if by_destination => {
                    MatchedField::Field(Dimension::DestinationType, ValueKind::DestinationType)
                }
                _ => MatchedField::Unknown,
            }
        }
        "exthdr" => {
            conditions.only(Family::Ipv6);
            match (body["name"].as_str(), body["field"].is_null()) {
                (Some("frag"), true) => MatchedField::Extension(Dimension::Fragment),
                (_, true) => MatchedField::Extension(Dimension::Extended),
                _ => MatchedField::Unknown,
            }
        }
        "ip option" => {
            conditions.only(Family::Ipv4);
            if body["field"].is_null() {
                MatchedField::Extension(Dimension::Extended)
            } else {
                MatchedField::Unknown
            }
        }
        "tcp option" => {
            conditions.protocol(Protocol::TCP);
            MatchedField::Unknown
        }
        "sctp chunk" => {
            conditions.protocol(Protocol::SCTP);
            MatchedField::Unknown
        }
        "dccp option" => {
            conditions.protocol(Protocol::DCCP);
            MatchedField::Unknown
        }
        _ => MatchedField::Unknown,
    }
}

fn payload(body: &Value, conditions: &mut Conditions) -> MatchedField {
    if !body["tunnel"].is_null() {
        return MatchedField::Unknown;
    }
    if body["base"] == "th" {
        return match (body["offset"].as_u64(), body["len"].as_u64()) {
            (Some(0), Some(16)) => MatchedField::Field(Dimension::SourcePort, ValueKind::Port),
            (Some(16), Some(16)) => MatchedField::Field(Dimension::DestinationPort, ValueKind::Port),
            _ => MatchedField::Unknown,
        };
    }
    let protocol = body["protocol"].as_str().unwrap_or_default();
    let field = body["field"].as_str().unwrap_or_default();
    match protocol {
        "ip" => conditions.only(Family::Ipv4),
        "ip6" => conditions.only(Family::Ipv6),
        "arp" => conditions.never(),
        "vxlan" | "geneve" => conditions.protocol(Protocol::UDP),
        "tcp" | "udp" | "udplite" | "sctp" | "dccp" | "icmp" | "icmpv6" | "esp" | "ah" | "comp" | "igmp"
        | "gre" => {
            if let Some(protocol) = names::protocol(protocol) {
                conditions.protocol(protocol);
            }
        }
        _ => {}
    }
    let field = match (protocol, field) {
        ("ip", "saddr") => (Dimension::Source, ValueKind::Address(Family::Ipv4)),
        ("ip", "daddr") => (Dimension::Destination, ValueKind::Address(Family::Ipv4)),
        ("ip6", "saddr") => (Dimension::Source, ValueKind::Address(Family::Ipv6)),
        ("ip6", "daddr") => (Dimension::Destination, ValueKind::Address(Family::Ipv6)),
        ("ip", "protocol") => (Dimension::Protocol, ValueKind::Protocol),
        ("ip6", "nexthdr") => (Dimension::NextHeader, ValueKind::Protocol),
        ("ip", "frag-off") => return MatchedField::FragmentOffset,
        ("tcp" | "udp" | "udplite" | "sctp" | "dccp" | "th", "sport") => {
            (Dimension::SourcePort, ValueKind::Port)
        }
        ("tcp" | "udp" | "udplite" | "sctp" | "dccp" | "th", "dport") => {
            (Dimension::DestinationPort, ValueKind::Port)
        }
        ("tcp", "flags") => (Dimension::TcpFlags, ValueKind::Flags),
        ("icmp", "type") => (Dimension::Icmp, ValueKind::IcmpType(Family::Ipv4)),
        ("icmpv6", "type") => (Dimension::Icmp, ValueKind::IcmpType(Family::Ipv6)),
        ("icmp", "code") => (Dimension::Icmp, ValueKind::IcmpCode(Family::Ipv4)),
        ("icmpv6", "code") => (Dimension::Icmp, ValueKind::IcmpCode(Family::Ipv6)),
        ("ether", "type") => return MatchedField::Family(ValueKind::EtherType),
        ("vlan", "id") => (Dimension::Vlan, ValueKind::Vlan),
        _ => return MatchedField::Unknown,
    };
    MatchedField::Field(field.0, field.1)
}

fn meta(key: &str) -> MatchedField {
    match key {
        "l4proto" => MatchedField::Field(Dimension::Protocol, ValueKind::Protocol),
        "nfproto" => MatchedField::Family(ValueKind::NfProto),
        "protocol" => MatchedField::Family(ValueKind::EtherType),
        "iifname" | "iif" => MatchedField::Field(Dimension::InInterface, ValueKind::Interface),
        "oifname" | "oif" => MatchedField::Field(Dimension::OutInterface, ValueKind::Interface),
        _ => MatchedField::Unknown,
    }
}

fn tracked(body: &Value, conditions: &mut Conditions) -> MatchedField {
    let key = body["key"].as_str().unwrap_or_default();
    if key != "state" {
        conditions.tracked();
    }
    if let Some(family) = match key {
        "ip saddr" | "ip daddr" => Some(Family::Ipv4),
        "ip6 saddr" | "ip6 daddr" => Some(Family::Ipv6),
        _ => None,
    } {
        conditions.only(family);
        return match (body["dir"].as_str(), key.ends_with("saddr")) {
            (Some("original"), true) => MatchedField::Field(Dimension::Source, ValueKind::Address(family)),
            (Some("original"), false) => {
                MatchedField::Field(Dimension::OriginalDestination, ValueKind::Address(family))
            }
            _ => MatchedField::Unknown,
        };
    }
    match (key, body["dir"].as_str()) {
        ("state", _) => MatchedField::Field(Dimension::State, ValueKind::State),
        ("direction", _) => MatchedField::Direction,
        ("status", _) => MatchedField::Status,
        ("protocol", Some("original")) => MatchedField::Field(Dimension::Protocol, ValueKind::Protocol),
        ("l3proto", Some("original") | None) => MatchedField::Family(ValueKind::NfProto),
        ("proto-src", Some("original")) => MatchedField::Field(Dimension::SourcePort, ValueKind::Port),
        ("proto-dst", Some("original")) => {
            MatchedField::Field(Dimension::OriginalDestinationPort, ValueKind::Port)
        }
        _ => MatchedField::Unknown,
    }
}
