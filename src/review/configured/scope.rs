//! What a rule lets through, in the words of the worksheet's columns.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use super::super::model::RuleScope;
use crate::net::{Ports, Protocol, Transport, network};
use crate::rules::{AddressRange, Allowed};

/// Networks and ports of a rule that are named at most.
const MOST: usize = 32;

/// The scope of a rule; none where it lets nothing through, or where one line of columns would say
/// more than the rule does.
pub(super) fn of<'a>(mut allowed: impl Iterator<Item = &'a Allowed>) -> Option<RuleScope> {
    let first = allowed.next()?;
    let mut families = vec![first.family];
    for other in allowed {
        if of_one(other) != of_one(first) {
            return None;
        }
        families.push(other.family);
    }
    families.sort_unstable();
    families.dedup();
    let family: Vec<&str> = families.iter().map(|family| family.name()).collect();
    Some(RuleScope { family: family.join(" "), ..of_one(first) })
}

fn of_one(allowed: &Allowed) -> RuleScope {
    let protocols = allowed.protocols.as_deref();
    let has_ports =
        |protocol: &Protocol| Transport::ALL.into_iter().any(|one| Protocol::from(one) == *protocol);
    RuleScope {
        family: String::new(),
        sources: addresses(allowed.sources.as_deref()),
        destination: addresses(allowed.destinations.as_deref()),
        proto: words(protocols.map(|all| all.iter().copied().map(protocol))),
        ports: if protocols.is_some_and(|all| !all.iter().any(has_ports)) {
            String::new()
        } else {
            words(allowed.ports.as_deref().map(|ports| ports.iter().map(Ports::to_string)))
        },
    }
}

fn protocol(protocol: Protocol) -> String {
    protocol.name().map_or_else(|| protocol.0.to_string(), str::to_owned)
}

fn addresses(ranges: Option<&[AddressRange]>) -> String {
    words(ranges.map(|ranges| {
        ranges.iter().flat_map(|range| -> Box<dyn Iterator<Item = String>> {
            match (range.first, range.last) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    Box::new(Ipv4Subnets::new(first, last, 0).map(|one| network(&IpNet::V4(one))))
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    Box::new(Ipv6Subnets::new(first, last, 0).map(|one| network(&IpNet::V6(one))))
                }
                _ => Box::new(std::iter::empty()),
            }
        })
    }))
}

/// Words with blanks between them; `any` for no limit, and `...` where there are too many.
pub(in crate::review) fn words(words: Option<impl Iterator<Item = String>>) -> String {
    let Some(mut words) = words else { return "any".to_owned() };
    let mut shown: Vec<String> = words.by_ref().take(MOST).collect();
    if words.next().is_some() {
        shown.push("...".to_owned());
    }
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Family;
    use crate::rules::RuleId;

    fn range(first: &str, last: &str) -> AddressRange {
        AddressRange { first: first.parse().expect("an address"), last: last.parse().expect("an address") }
    }

    fn allowed(family: Family) -> Allowed {
        Allowed {
            rule: RuleId(0),
            family,
            exact: true,
            sources: None,
            destinations: None,
            protocols: None,
            source_ports: None,
            ports: None,
            interfaces: false,
            icmp: false,
        }
    }

    fn told(allowed: &[Allowed]) -> Option<String> {
        of(allowed.iter())
            .map(|scope| [scope.family, scope.sources, scope.destination, scope.proto, scope.ports].join("|"))
    }

    #[test]
    fn a_rule_is_told_in_columns_where_one_line_can() {
        let said = |allowed: &[Allowed]| told(allowed).unwrap_or_default();
        assert_eq!(told(&[]), None);
        let any = allowed(Family::Ipv4);
        let mut web = any.clone();
        web.sources = Some(vec![range("10.0.0.0", "10.0.0.255"), range("10.0.2.1", "10.0.2.3")]);
        web.destinations = Some(vec![range("10.1.0.9", "10.1.0.9")]);
        web.protocols = Some(vec![Protocol::TCP, Protocol::UDP]);
        web.ports = Some(vec![Ports::one(80), (8000..=8099).into()]);
        // Two lines that differ are not one.
        assert_eq!(told(&[any.clone(), web.clone()]), None);
        assert_eq!(said(&[web]), "ipv4|10.0.0.0/24 10.0.2.1 10.0.2.2/31|10.1.0.9|tcp udp|80 8000-8099");
        assert_eq!(said(&[any, allowed(Family::Ipv6)]), "ipv4 ipv6|any|any|any|any");
        let mut ping = allowed(Family::Ipv6);
        ping.protocols = Some(vec![Protocol::ICMPV6]);
        ping.destinations = Some(vec![range("2001:db8::", "2001:db8::ffff")]);
        assert_eq!(said(&[ping]), "ipv6|any|2001:db8::/112|icmpv6|");
        let mut others = allowed(Family::Ipv4);
        others.protocols = Some(vec![Protocol::ICMP, Protocol::GRE, Protocol(200)]);
        assert_eq!(said(&[others]), "ipv4|any|any|icmp gre 200|");
    }

    #[test]
    fn a_long_list_ends_in_dots() {
        let mut many = allowed(Family::Ipv4);
        many.ports = Some((0..=MOST as u16).map(|n| Ports::one(2 * n)).collect());
        let said = told(&[many]).unwrap_or_default();
        assert!(said.starts_with("ipv4|any|any|any|0 2 4 ") && said.ends_with(" 62 ..."), "{said}");
    }
}
