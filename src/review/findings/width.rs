//! FR203: rules that are wider than their use.

use std::collections::BTreeSet;

use super::super::RulesetFacts;
use super::super::rules::{AddressRange, Allowed};
use super::rules::{Subject, count, grades};
use super::services::short_list;
use super::{Facts, Finding, Said, Severity};

/// Servers that a rule may name together without being called wide: a /24.
const FEW_SERVERS: f64 = 256.0;
/// Of more than that, the share that must be in use.
const SHARE_OF_SERVERS: f64 = 0.01;
/// Of the ports of a rule, the share that must be in use.
const SHARE_OF_PORTS: f64 = 0.5;

pub(super) fn find(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    let used = subject.used;
    if used.ports.is_empty() {
        return;
    }
    let ports = port_count(&subject.allowed);
    let servers = address_count(subject.allowed.iter().map(|allowed| allowed.destinations.as_deref()));
    let clients = address_count(subject.allowed.iter().map(|allowed| allowed.sources.as_deref()));
    // Rules of a security group are for its members, and it does not say which machines those are.
    let of_groups = facts.review.rulesets.iter().any(RulesetFacts::is_of_groups);
    let numbers: BTreeSet<u16> = used.ports.iter().map(|&(_, port)| port).collect();
    let too_many_ports = ports > 1 && numbers.len() as f64 <= f64::from(ports) * SHARE_OF_PORTS;
    let too_many_servers = !(of_groups && servers.is_none())
        && servers.is_none_or(|servers| {
            servers > FEW_SERVERS && used.servers.len() as f64 <= servers * SHARE_OF_SERVERS
        });
    if !too_many_ports && !too_many_servers {
        return;
    }
    let mut subsets = Vec::new();
    if too_many_ports {
        let allowed = if ports == 65_536 { "all".to_owned() } else { ports.to_string() };
        let words = used.ports_in_words().collect();
        subsets.push(format!("of {allowed} ports, in use: {}", short_list(words)));
    }
    if too_many_servers {
        let words = used.servers_in_words().collect();
        subsets.push(format!("of {} servers, in use: {}", shown(servers), short_list(words)));
    }
    let words = used.clients.iter().map(ToString::to_string).collect();
    let of = if of_groups && clients.is_none() {
        "clients".to_owned()
    } else {
        format!("of {} clients,", shown(clients))
    };
    subsets.push(format!("{of} seen: {}", short_list(words)));
    all.push(
        Said {
            title: format!("{}: wider than its use ({})", subject.in_words(), subsets.join("; ")),
            why: format!(
                "{} by this rule: {}.",
                count(subject.review.flows.definite, "flow"),
                grades(subject.review)
            ),
            limits: format!("Use of the rest was {}.", facts.not_seen()),
            suggestion: "Ask what of it is needed; what is rare may be needed, too.".to_owned(),
            ..subject.said()
        }
        .find(203, Severity::Medium),
    );
}

fn port_count(allowed: &[&Allowed]) -> u32 {
    const ALL: u32 = 65_536;
    let mut ranges = Vec::new();
    for one in allowed {
        match &one.ports {
            None => return ALL,
            Some(ports) => ranges.extend(ports.iter().map(|range| (*range.start(), *range.end()))),
        }
    }
    ranges.sort_unstable();
    let (mut count, mut next) = (0, 0_u32);
    for (first, last) in ranges {
        let first = u32::from(first).max(next);
        let end = u32::from(last) + 1;
        if end > first {
            count += end - first;
            next = end;
        }
    }
    count
}

/// How many addresses; none for any. Ranges of one rule do not overlap, or hardly.
fn address_count<'a>(lists: impl Iterator<Item = Option<&'a [AddressRange]>>) -> Option<f64> {
    let mut most = 0.0_f64;
    for list in lists {
        let count: f64 = list?
            .iter()
            .map(|range| match (range.first, range.last) {
                (std::net::IpAddr::V4(first), std::net::IpAddr::V4(last)) => {
                    f64::from(last.to_bits().saturating_sub(first.to_bits())) + 1.0
                }
                (std::net::IpAddr::V6(first), std::net::IpAddr::V6(last)) => {
                    last.to_bits().saturating_sub(first.to_bits()) as f64 + 1.0
                }
                _ => 0.0,
            })
            .sum();
        most = most.max(count);
    }
    Some(most)
}

fn shown(count: Option<f64>) -> String {
    match count {
        None => "any number of".to_owned(),
        Some(count) if count < 1e9 => format!("{count:.0}"),
        Some(count) => format!("2^{:.0}", count.log2()),
    }
}
