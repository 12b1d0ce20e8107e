//! What a rule lets through.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use super::super::model::{MOST, RuleScope, RulesetFacts, ScopePart};
use crate::net::{IcmpMessage, Protocol, Transport, icmp};
use crate::rules::{AddressRange, Allowed, Rule, RuleState, RuleVerdict};

/// The scope of a rule; none where it lets nothing through, where it could not be read, or where one
/// line of columns would say more than the rule does. No limit is not said where the rule is for a
/// security group of unknown members, or for the members of another.
pub(super) fn of<'a>(
    rule: &Rule,
    allowed: impl Iterator<Item = &'a Allowed>,
    rulesets: &[RulesetFacts],
) -> Option<RuleScope> {
    if rule.verdict != RuleVerdict::Accept || rule.state == RuleState::Opaque {
        return None;
    }
    let mut scope = of_all(allowed)?;
    let groups_unknown = rulesets.iter().any(|facts| !facts.groups_unknown.is_empty());
    let is_partial = groups_unknown && rule.state != RuleState::Full;
    let clients_open = rulesets.iter().any(RulesetFacts::leaves_clients_open);
    let servers_open = rulesets.iter().any(RulesetFacts::leaves_servers_open);
    for (part, is_open) in [(&mut scope.sources, clients_open), (&mut scope.destination, servers_open)] {
        if (is_open || is_partial) && *part == ScopePart::Any {
            *part = ScopePart::NotSaid;
        }
    }
    Some(scope)
}

fn of_all<'a>(mut allowed: impl Iterator<Item = &'a Allowed>) -> Option<RuleScope> {
    let first = allowed.next()?;
    let scope = of_one(first);
    let mut families = vec![first.family];
    for other in allowed {
        if of_one(other) != scope {
            return None;
        }
        families.push(other.family);
    }
    families.sort_unstable();
    families.dedup();
    Some(RuleScope { family: ScopePart::These(families), ..scope })
}

/// All but the family.
fn of_one(allowed: &Allowed) -> RuleScope {
    let protocols = allowed.protocols.as_deref();
    let has_ports =
        |protocol: &Protocol| Transport::ALL.into_iter().any(|one| Protocol::from(one) == *protocol);
    RuleScope {
        family: ScopePart::NotSaid,
        sources: addresses(allowed.sources.as_deref()),
        destination: addresses(allowed.destinations.as_deref()),
        proto: part(protocols.map(|all| all.iter().copied())),
        ports: if protocols.is_some_and(|all| !all.iter().any(has_ports)) {
            ScopePart::NotSaid
        } else {
            part(allowed.ports.as_deref().map(|ports| ports.iter().copied()))
        },
        icmp_type: icmp_types(allowed),
    }
}

/// The types of a rule for ICMP; not said where it is for other protocols, too.
fn icmp_types(allowed: &Allowed) -> ScopePart<IcmpMessage> {
    // A rule for ICMP in both families is for ICMP in packets of IPv6, too, which no host sends.
    let [protocol] = allowed.protocols.as_deref().unwrap_or_default() else { return ScopePart::NotSaid };
    let Some(family) = icmp::family_of(*protocol) else { return ScopePart::NotSaid };
    let message = |kind| IcmpMessage { family, kind, code: None };
    part(
        allowed
            .icmp_types
            .as_deref()
            .map(|types| types.iter().flat_map(|&(first, last)| first..=last).map(message)),
    )
}

fn addresses(ranges: Option<&[AddressRange]>) -> ScopePart<IpNet> {
    part(ranges.map(|ranges| {
        ranges.iter().flat_map(|range| -> Box<dyn Iterator<Item = IpNet>> {
            match (range.first, range.last) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    Box::new(Ipv4Subnets::new(first, last, 0).map(IpNet::V4))
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    Box::new(Ipv6Subnets::new(first, last, 0).map(IpNet::V6))
                }
                _ => Box::new(std::iter::empty()),
            }
        })
    }))
}

/// Everything for no limit.
fn part<T>(values: Option<impl Iterator<Item = T>>) -> ScopePart<T> {
    values.map_or(ScopePart::Any, |values| ScopePart::These(values.take(MOST + 1).collect()))
}

#[cfg(test)]
#[path = "../../../tests/review/within/scope.rs"]
mod tests;
