//! What a rule lets through, in columns.

use super::*;
use crate::net::{Family, Ports};
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
        icmp_types: None,
    }
}

fn told(allowed: &[Allowed]) -> Option<String> {
    let RuleScope { family, sources, destination, proto, ports, icmp_type } = of_all(allowed.iter())?;
    Some(format!("{family}|{sources}|{destination}|{proto}|{ports}|{icmp_type}"))
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
    assert_eq!(said(&[web]), "ipv4|10.0.0.0/24 10.0.2.1 10.0.2.2/31|10.1.0.9|tcp udp|80 8000-8099|");
    assert_eq!(said(&[any, allowed(Family::Ipv6)]), "ipv4 ipv6|any|any|any|any|");
    let mut ping = allowed(Family::Ipv6);
    ping.protocols = Some(vec![Protocol::ICMPV6]);
    ping.destinations = Some(vec![range("2001:db8::", "2001:db8::ffff")]);
    assert_eq!(said(&[ping.clone()]), "ipv6|any|2001:db8::/112|icmpv6||any");
    ping.icmp_types = Some(vec![(128, 129), (200, 200)]);
    assert_eq!(said(&[ping]), "ipv6|any|2001:db8::/112|icmpv6||echo-request echo-reply 200");
    let mut others = allowed(Family::Ipv4);
    others.protocols = Some(vec![Protocol::ICMP, Protocol::GRE, Protocol(200)]);
    assert_eq!(said(&[others]), "ipv4|any|any|icmp gre 200||");
}

#[test]
fn a_long_list_ends_in_dots() {
    let mut many = allowed(Family::Ipv4);
    many.ports = Some((0..=32).map(|n| Ports::one(2 * n)).collect());
    let said = told(&[many]).unwrap_or_default();
    assert!(said.starts_with("ipv4|any|any|any|0 2 4 ") && said.ends_with(" 62 ...|"), "{said}");
}
