//! The left sides of matches: which field of a packet they mean, and which packets have it.

use serde_json::Value;

use super::super::build::Conditions;
use super::super::names;
use super::super::space::Dimension;
use super::text::single;
use super::value::Kind;
use crate::net::Family;

/// What a left side means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A field.
    Field(Dimension, Kind),
    /// The family itself, by one of its numbers.
    Family(Kind),
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
pub(super) fn subject(expression: &Value, conditions: &mut Conditions) -> Subject {
    let Some((name, body)) = single(expression) else { return Subject::Unknown };
    match name.as_str() {
        "payload" => payload(body, conditions),
        "meta" => meta(body["key"].as_str().or(body.as_str()).unwrap_or_default()),
        "ct" => tracked(body, conditions),
        "fib" => {
            let by_destination = body["flags"] == "daddr" || body["flags"] == serde_json::json!(["daddr"]);
            match body["result"].as_str() {
                Some("type") if by_destination => {
                    Subject::Field(Dimension::DestinationType, Kind::DestinationType)
                }
                _ => Subject::Unknown,
            }
        }
        "exthdr" => {
            conditions.only(Family::Ipv6);
            match (body["name"].as_str(), body["field"].is_null()) {
                (Some("frag"), true) => Subject::Extension(Dimension::Fragment),
                (_, true) => Subject::Extension(Dimension::Extended),
                _ => Subject::Unknown,
            }
        }
        "ip option" => {
            conditions.only(Family::Ipv4);
            if body["field"].is_null() { Subject::Extension(Dimension::Extended) } else { Subject::Unknown }
        }
        "tcp option" => {
            conditions.protocol(6);
            Subject::Unknown
        }
        "sctp chunk" => {
            conditions.protocol(132);
            Subject::Unknown
        }
        "dccp option" => {
            conditions.protocol(33);
            Subject::Unknown
        }
        _ => Subject::Unknown,
    }
}

fn payload(body: &Value, conditions: &mut Conditions) -> Subject {
    if !body["tunnel"].is_null() {
        return Subject::Unknown;
    }
    if body["base"] == "th" {
        return match (body["offset"].as_u64(), body["len"].as_u64()) {
            (Some(0), Some(16)) => Subject::Field(Dimension::SourcePort, Kind::Port),
            (Some(16), Some(16)) => Subject::Field(Dimension::DestinationPort, Kind::Port),
            _ => Subject::Unknown,
        };
    }
    let protocol = body["protocol"].as_str().unwrap_or_default();
    let field = body["field"].as_str().unwrap_or_default();
    match protocol {
        "ip" => conditions.only(Family::Ipv4),
        "ip6" => conditions.only(Family::Ipv6),
        "arp" => conditions.never(),
        "vxlan" | "geneve" => conditions.protocol(17),
        "tcp" | "udp" | "udplite" | "sctp" | "dccp" | "icmp" | "icmpv6" | "esp" | "ah" | "comp" | "igmp"
        | "gre" => {
            if let Some(number) = names::protocol(protocol) {
                conditions.protocol(number);
            }
        }
        _ => {}
    }
    let field = match (protocol, field) {
        ("ip", "saddr") => (Dimension::Source, Kind::Address(Family::Ipv4)),
        ("ip", "daddr") => (Dimension::Destination, Kind::Address(Family::Ipv4)),
        ("ip6", "saddr") => (Dimension::Source, Kind::Address(Family::Ipv6)),
        ("ip6", "daddr") => (Dimension::Destination, Kind::Address(Family::Ipv6)),
        ("ip", "protocol") => (Dimension::Protocol, Kind::Protocol),
        ("ip6", "nexthdr") => (Dimension::NextHeader, Kind::Protocol),
        ("ip", "frag-off") => return Subject::FragmentOffset,
        ("tcp" | "udp" | "udplite" | "sctp" | "dccp" | "th", "sport") => (Dimension::SourcePort, Kind::Port),
        ("tcp" | "udp" | "udplite" | "sctp" | "dccp" | "th", "dport") => {
            (Dimension::DestinationPort, Kind::Port)
        }
        ("tcp", "flags") => (Dimension::TcpFlags, Kind::Flags),
        ("icmp", "type") => (Dimension::Icmp, Kind::IcmpType(false)),
        ("icmpv6", "type") => (Dimension::Icmp, Kind::IcmpType(true)),
        ("icmp", "code") => (Dimension::Icmp, Kind::IcmpCode(false)),
        ("icmpv6", "code") => (Dimension::Icmp, Kind::IcmpCode(true)),
        ("ether", "type") => return Subject::Family(Kind::EtherType),
        ("vlan", "id") => (Dimension::Vlan, Kind::Vlan),
        _ => return Subject::Unknown,
    };
    Subject::Field(field.0, field.1)
}

fn meta(key: &str) -> Subject {
    match key {
        "l4proto" => Subject::Field(Dimension::Protocol, Kind::Protocol),
        "nfproto" => Subject::Family(Kind::NfProto),
        "protocol" => Subject::Family(Kind::EtherType),
        "iifname" | "iif" => Subject::Field(Dimension::InInterface, Kind::Interface),
        "oifname" | "oif" => Subject::Field(Dimension::OutInterface, Kind::Interface),
        _ => Subject::Unknown,
    }
}

fn tracked(body: &Value, conditions: &mut Conditions) -> Subject {
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
            (Some("original"), true) => Subject::Field(Dimension::Source, Kind::Address(family)),
            (Some("original"), false) => {
                Subject::Field(Dimension::OriginalDestination, Kind::Address(family))
            }
            _ => Subject::Unknown,
        };
    }
    match (key, body["dir"].as_str()) {
        ("state", _) => Subject::Field(Dimension::State, Kind::State),
        ("direction", _) => Subject::Direction,
        ("status", _) => Subject::Status,
        ("protocol", Some("original")) => Subject::Field(Dimension::Protocol, Kind::Protocol),
        ("l3proto", Some("original") | None) => Subject::Family(Kind::NfProto),
        ("proto-src", Some("original")) => Subject::Field(Dimension::SourcePort, Kind::Port),
        ("proto-dst", Some("original")) => Subject::Field(Dimension::OriginalDestinationPort, Kind::Port),
        _ => Subject::Unknown,
    }
}
