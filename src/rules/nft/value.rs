//! The right sides of matches: constants, ranges, prefixes, sets.

use serde_json::Value;

use super::super::names;
use super::super::point::{interface, interfaces_from};
use super::super::ranges::Ranges;
use super::super::space::Dimension;
use super::text::single;
use crate::net::{EtherType, Family, number_in};

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ValueKind {
    Address(Family),
    Port,
    Protocol,
    /// A type of ICMP, or of ICMPv6.
    IcmpType(Family),
    IcmpCode(Family),
    Interface,
    State,
    Flags,
    /// Netfilter's number of a family.
    NfProto,
    /// The EtherType of a family.
    EtherType,
    Vlan,
    DestinationType,
}

/// The numbers of IPv4 and IPv6 as a family in netfilter (`NFPROTO_IPV4` and `NFPROTO_IPV6` of Linux).
pub(super) const NFPROTO: [u16; 2] = [2, 10];

/// The EtherType of a family.
pub(super) const fn ether_type(family: Family) -> EtherType {
    match family {
        Family::Ipv4 => EtherType::IPV4,
        Family::Ipv6 => EtherType::IPV6,
    }
}

impl ValueKind {
    pub fn max(self) -> u128 {
        match self {
            ValueKind::Address(family) => Dimension::Source.largest(family),
            ValueKind::Interface => u128::MAX,
            ValueKind::Port | ValueKind::EtherType => u16::MAX.into(),
            ValueKind::Vlan => 4095,
            ValueKind::State => 127,
            ValueKind::DestinationType => super::super::space::destination::MAX.into(),
            ValueKind::Protocol
            | ValueKind::IcmpType(_)
            | ValueKind::IcmpCode(_)
            | ValueKind::Flags
            | ValueKind::NfProto => u8::MAX.into(),
        }
    }

    /// The values of the dimension that values of the field stand for.
    pub fn in_dimension(self, ranges: &Ranges) -> Ranges {
        match self {
            ValueKind::IcmpType(_) => {
                Ranges::new(ranges.as_slice().iter().map(|&(a, b)| (a << 8, b << 8 | 0xff)).collect())
            }
            ValueKind::IcmpCode(_) => Ranges::accepted(u16::MAX, |v| ranges.contains((v & 0xff).into())),
            _ => ranges.clone(),
        }
    }

    /// One constant, from its first to its last value.
    fn constant(self, value: &Value) -> Option<(u128, u128)> {
        let number = match value {
            Value::Number(number) => u128::from(number.as_u64()?),
            Value::String(text) => {
                if text == "*" {
                    return Some((0, self.max()));
                }
                match self {
                    ValueKind::Interface => {
                        return Some(match text.strip_suffix('*') {
                            Some(beginning) if !beginning.ends_with('\\') => interfaces_from(beginning),
                            _ => {
                                let name = interface(&text.replace("\\*", "*"));
                                (name, name)
                            }
                        });
                    }
                    ValueKind::Address(family) => number_in(family, text.parse().ok()?)?,
                    _ => u128::from(self.named(text)?),
                }
            }
            _ => return None,
        };
        (self != ValueKind::Interface && number <= self.max()).then_some((number, number))
    }

    /// The number that a word stands for.
    fn named(self, text: &str) -> Option<u16> {
        if let Ok(number) = text.parse() {
            return Some(number);
        }
        let place = |names: &[&str], numbers: &[u16]| {
            names.iter().position(|name| *name == text).and_then(|place| numbers.get(place).copied())
        };
        match self {
            ValueKind::Protocol => names::protocol(text).map(|protocol| protocol.0.into()),
            ValueKind::IcmpType(family) => names::icmp_type(text, family).map(u16::from),
            ValueKind::IcmpCode(family) => names::icmp_code(text, family).map(u16::from),
            ValueKind::State => {
                place(&["invalid", "established", "related", "new", "untracked"], &[1, 2, 4, 8, 64])
            }
            ValueKind::Flags => names::tcp_flag(text).map(u16::from),
            ValueKind::NfProto => place(&["ipv4", "ipv6"], &NFPROTO),
            ValueKind::EtherType => match text {
                "ip" => Some(EtherType::IPV4.0),
                "ip6" => Some(EtherType::IPV6.0),
                "arp" => Some(EtherType::ARP.0),
                "vlan" | "8021q" => Some(EtherType::VLAN.0),
                "8021ad" => Some(EtherType::SERVICE_VLAN.0),
                _ => None,
            },
            ValueKind::DestinationType => place(
                &[
                    "unicast",
                    "local",
                    "broadcast",
                    "anycast",
                    "multicast",
                    "blackhole",
                    "unreachable",
                    "prohibit",
                ],
                &[1, 2, 3, 4, 5, 6, 7, 8],
            ),
            ValueKind::Port | ValueKind::Vlan | ValueKind::Address(_) | ValueKind::Interface => None,
        }
    }

    /// One constant, range or prefix, or an element that holds one.
    pub fn range(self, value: &Value) -> Option<(u128, u128)> {
        let Some((name, body)) = single(value) else {
            return match value.as_object() {
                Some(element) => self.range(element.get("val")?),
                None => self.constant(value),
            };
        };
        match name.as_str() {
            "range" => {
                let (first, last) = (self.constant(body.get(0)?)?, self.constant(body.get(1)?)?);
                (first.0 <= last.1).then_some((first.0, last.1))
            }
            "prefix" => {
                let address = self.constant(body.get("addr")?)?.0;
                let bits = 128 - self.max().leading_zeros();
                let host = bits.checked_sub(u32::try_from(body.get("len")?.as_u64()?).ok()?)?;
                let hosts = if host == 128 { u128::MAX } else { (1 << host) - 1 };
                Some((address & !hosts, address | hosts))
            }
            "elem" => self.range(body.get("val")?),
            _ => None,
        }
    }

    /// A constant of bits: one, or several of which each counts.
    pub fn bits(self, value: &Value) -> Option<u16> {
        let parts = match value {
            Value::Array(parts) => parts,
            Value::Object(object) => object.get("|")?.as_array()?,
            one => return u16::try_from(self.constant(one)?.0).ok(),
        };
        parts.iter().try_fold(0, |all, part| Some(all | self.bits(part)?))
    }

    /// What a comparison leaves of all values. `None` for an operator that it does not know.
    pub fn compare(self, operator: &str, right: &Ranges) -> Option<Ranges> {
        let (first, last) = (right.as_slice().first()?.0, right.as_slice().last()?.1);
        Some(match operator {
            "==" | "in" => right.clone(),
            "!=" | "!" => right.complement(self.max()),
            "<" => Ranges::new(first.checked_sub(1).map(|last| (0, last)).into_iter().collect()),
            "<=" => Ranges::new(vec![(0, last)]),
            ">" => Ranges::new(last.checked_add(1).map(|first| (first, self.max())).into_iter().collect()),
            ">=" => Ranges::new(vec![(first, self.max())]),
            _ => return None,
        })
    }
}
