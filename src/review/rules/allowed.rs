//! What rules let through.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::RuleId;
use crate::review::Family;

/// Addresses from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressRange {
    /// First.
    pub first: IpAddr,
    /// Last, of the same family.
    pub last: IpAddr,
}

/// What an accepting rule lets through of one family, along one path of jumps.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowed {
    /// The rule, or the policy.
    pub rule: RuleId,
    /// Of this family.
    pub family: Family,
    /// Whether it lets through just this; else conditions that cannot be decided may narrow it.
    pub exact: bool,
    /// The sources; none for any.
    pub sources: Option<Vec<AddressRange>>,
    /// The destinations; none for any.
    pub destinations: Option<Vec<AddressRange>>,
    /// The protocols by number; none for any.
    pub protocols: Option<Vec<u8>>,
    /// The clients' ports; none for any.
    pub source_ports: Option<Vec<RangeInclusive<u16>>>,
    /// The servers' ports; none for any.
    pub ports: Option<Vec<RangeInclusive<u16>>>,
    /// Whether it asks for certain interfaces.
    pub interfaces: bool,
}

impl Allowed {
    /// Whether there is no condition on addresses, protocol or ports.
    pub fn any_any(&self) -> bool {
        self.sources.is_none()
            && self.destinations.is_none()
            && self.protocols.is_none()
            && self.source_ports.is_none()
            && self.ports.is_none()
    }

    /// Whether a port of a transport is let through (to some host, from some host).
    pub fn allows_port(&self, transport: crate::Transport, port: u16) -> bool {
        self.protocols.as_ref().is_none_or(|protocols| protocols.contains(&transport.ip_protocol()))
            && self.ports.as_ref().is_none_or(|ports| ports.iter().any(|range| range.contains(&port)))
    }

    /// How many (source, destination, port) combinations it lets through, as a measure of how
    /// wide it is: base-2 logarithm.
    pub fn width(&self) -> f64 {
        let (bits, family_bits) = match self.family {
            Family::Ipv4 => (32.0, 32),
            Family::Ipv6 => (128.0, 128),
        };
        let addresses = |ranges: &Option<Vec<AddressRange>>| {
            ranges.as_ref().map_or(bits, |ranges| {
                ranges.iter().map(|range| range.count(family_bits)).sum::<f64>().log2()
            })
        };
        let ports = self.ports.as_ref().map_or(65_536, |ports| {
            ports.iter().map(|range| u32::from(*range.end()) - u32::from(*range.start()) + 1).sum()
        });
        addresses(&self.sources) + addresses(&self.destinations) + f64::from(ports).log2()
    }
}

impl AddressRange {
    /// How many addresses.
    fn count(self, _bits: u32) -> f64 {
        match (self.first, self.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => f64::from(last.to_bits() - first.to_bits()) + 1.0,
            (IpAddr::V6(first), IpAddr::V6(last)) => (last.to_bits() - first.to_bits()) as f64 + 1.0,
            _ => 0.0,
        }
    }
}
