//! FR203: rules that are wider than their use.

use std::collections::BTreeSet;

use super::super::model::{Finding, FindingKind, RulesetFacts, Severity};
use super::services::short_list;
use super::subject::{Subject, grades};
use super::{Facts, Said};
use crate::net::{Family, Transport, icmp};
use crate::rules::{AddressRange, Allowed};
use crate::text::count;

/// Servers that a rule may name together and still be narrow: a /24.
const FEW_SERVERS: f64 = 256.0;
/// Of more than that, the share that must be in use.
const SHARE_OF_SERVERS: f64 = 0.01;
/// Of the ports of a rule, the share that must be in use.
const SHARE_OF_PORTS: f64 = 0.5;
/// Of few servers, and of the clients of a rule, the share that must be seen.
const SHARE_OF_FEW: f64 = 0.1;

/// One kind of what a rule allows, with the part of it that was used.
struct Part {
    words: String,
    /// How much it matters that the part is small; none where it is not.
    wide: Option<Severity>,
}

pub(super) fn find(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    if subject.used.offers.is_empty() {
        return;
    }
    let sets = facts.rulesets;
    let servers = servers(subject, sets.iter().any(RulesetFacts::leaves_servers_open));
    let clients = clients(subject, sets.iter().any(RulesetFacts::leaves_clients_open));
    let parts = [ports(subject), transports(subject), types(subject), servers];
    let Some(severity) = parts.iter().chain([&clients]).filter_map(|part| part.wide).max() else { return };
    // Whoever narrows the rest has to know the clients.
    let parts = parts.iter().filter(|part| part.wide.is_some()).chain([&clients]);
    let words: Vec<&str> = parts.map(|part| part.words.as_str()).collect();
    all.push(
        Said {
            title: format!("{}: wider than its use ({})", subject.in_words(), words.join("; ")),
            why: format!(
                "{} by this rule: {}.",
                count(subject.review.flows.definite, "flow"),
                grades(subject.review)
            ),
            limits: format!("Use of the rest was {}.{}", facts.not_seen(), facts.never_listened()),
            suggestion: "Ask what of it is needed; what is rare may be needed, too.".to_owned(),
            ..subject.said()
        }
        .find(FindingKind::RuleWiderThanUse, severity),
    );
}

fn ports(subject: &Subject) -> Part {
    let with_ports: Vec<&Allowed> =
        subject.allowed.iter().copied().filter(|allowed| allowed.has_ports()).collect();
    let ports = port_count(&with_ports);
    let used = subject.used.offers.keys().filter_map(|offer| offer.ports());
    let numbers: BTreeSet<u16> = used.map(|ports| ports.first).collect();
    let is_wide = ports > 1 && numbers.len() as f64 <= f64::from(ports) * SHARE_OF_PORTS;
    let allowed = if ports == 65_536 { "all".to_owned() } else { ports.to_string() };
    let used = in_use(subject.used.offers_in_words(true).into_iter().collect());
    Part { words: format!("of {allowed} ports, in use: {used}"), wide: is_wide.then_some(Severity::Medium) }
}

/// A list of what is in use.
fn in_use(words: BTreeSet<String>) -> String {
    if words.is_empty() { "none".to_owned() } else { short_list(words) }
}

/// Types of ICMP, of a rule that is for ICMP alone: of one for much else the protocols say enough.
fn types(subject: &Subject) -> Part {
    let is_icmp = |allowed: &&Allowed| {
        let protocols = allowed.protocols.as_ref();
        protocols.is_some_and(|all| all.iter().all(|one| icmp::family_of(*one).is_some()))
    };
    let allowed: BTreeSet<(Family, u8)> = (subject.allowed.iter())
        .flat_map(|one| (0..=u8::MAX).filter(|&kind| one.allows_icmp(kind)).map(|kind| (one.family, kind)))
        .collect();
    let is_all = subject.allowed.iter().any(|one| one.icmp_types.is_none());
    let used = subject.used.offers.keys().filter(|offer| offer.icmp().is_some()).count();
    let is_wide = subject.allowed.iter().all(is_icmp) && used < allowed.len();
    let of = if is_all { "all".to_owned() } else { allowed.len().to_string() };
    let words = in_use(subject.used.offers_in_words(false).into_iter().collect());
    Part { words: format!("of {of} types of ICMP, in use: {words}"), wide: is_wide.then_some(Severity::Low) }
}

fn transports(subject: &Subject) -> Part {
    let is_allowed = |transport: &Transport| {
        subject.allowed.iter().any(|allowed| allowed.allows_protocol((*transport).into()))
    };
    let allowed: Vec<&str> =
        Transport::ALL.iter().filter(|one| is_allowed(one)).map(|one| one.name()).collect();
    let transports = subject.used.offers.keys().filter_map(|offer| offer.transport());
    let used: BTreeSet<String> = transports.map(|one| one.to_string()).collect();
    let is_wide = used.len() < allowed.len();
    let of = if allowed.len() == Transport::ALL.len() {
        "any transport".to_owned()
    } else {
        allowed.join(" and ")
    };
    Part { words: format!("of {of}, in use: {}", in_use(used)), wide: is_wide.then_some(Severity::Low) }
}

fn servers(subject: &Subject, is_open: bool) -> Part {
    let servers = address_count(subject.allowed.iter().map(|allowed| allowed.destinations.as_deref()));
    let used = subject.used.servers.len() as f64;
    let wide = match servers {
        // The rules of a security group are for its members, however many these are.
        None if is_open => None,
        None => Some(Severity::Medium),
        Some(servers) if servers > FEW_SERVERS => {
            (used <= servers * SHARE_OF_SERVERS).then_some(Severity::Medium)
        }
        Some(servers) => (used <= servers * SHARE_OF_FEW).then_some(Severity::Low),
    };
    let words = short_list(subject.used.servers_in_words().collect());
    Part { words: format!("of {} servers, in use: {words}", shown(servers)), wide }
}

/// Clients come and go, and a rule for a whole network of them is how most rules are: what is
/// known of them is worth knowing, and no more.
fn clients(subject: &Subject, is_open: bool) -> Part {
    let clients = address_count(subject.allowed.iter().map(|allowed| allowed.sources.as_deref()));
    let used = subject.used.clients.len() as f64;
    // Conditions that cannot be decided may narrow them.
    let is_exact = !is_open && subject.allowed.iter().all(|allowed| allowed.exact);
    let is_wide = clients.map_or(is_exact, |clients| used <= clients * SHARE_OF_FEW);
    let of = if clients.is_none() && !is_exact {
        "clients".to_owned()
    } else {
        format!("of {} clients,", shown(clients))
    };
    let words = short_list(subject.used.clients.iter().map(ToString::to_string).collect());
    Part { words: format!("{of} seen: {words}"), wide: is_wide.then_some(Severity::Info) }
}

fn port_count(allowed: &[&Allowed]) -> u32 {
    const ALL: u32 = 65_536;
    let mut ranges = Vec::new();
    for one in allowed {
        match &one.ports {
            None => return ALL,
            Some(ports) => ranges.extend(ports.iter().map(|range| (range.first, range.last))),
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
        let count: f64 = list?.iter().map(|range| range.count()).sum();
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
