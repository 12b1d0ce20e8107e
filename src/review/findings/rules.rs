//! FR201–FR210: rules.

use std::collections::BTreeSet;

use super::super::join::{Configured, Used};
use super::super::rules::{AddressRange, Allowed, Rule, RuleId};
use super::super::{Grade, RuleReview, RuleState, RuleVerdict};
use super::services::{matters_anywhere, short_list};
use super::{Facts, Finding, SAMPLES, Said, Severity};
use crate::Transport;

/// Servers that a rule may name together without being called wide: a /24.
const FEW_SERVERS: f64 = 256.0;
/// Of more than that, the share that must be in use.
const SHARE_OF_SERVERS: f64 = 0.01;
/// Of the ports of a rule, the share that must be in use.
const SHARE_OF_PORTS: f64 = 0.5;

/// One rule with all that is known of it.
struct Subject<'a> {
    rule: &'a Rule,
    review: &'a RuleReview,
    /// What it lets through of new flows; empty where it drops, or is not reached.
    allowed: Vec<&'a Allowed>,
    used: &'a Used,
}

impl Subject<'_> {
    fn said(&self) -> Said {
        Said {
            subject: self.review.reference.clone(),
            evidence: self.used.samples.iter().take(SAMPLES).cloned().collect(),
            flows: self.review.flows.definite,
            ..Said::default()
        }
    }

    /// Whether it lets through a transport with ports, which alone are looked at.
    fn is_for_ports(&self) -> bool {
        self.allowed.iter().any(|allowed| has_ports(allowed))
    }

    fn in_words(&self) -> String {
        if self.rule.comment.is_empty() {
            self.rule.reference.clone()
        } else {
            format!("{} ({})", self.rule.reference, self.rule.comment)
        }
    }

    /// Flows that it judged for certain whose grade is one of these.
    fn flows(&self, wanted: impl Fn(Grade) -> bool) -> u64 {
        let grades = &self.review.flows.grades;
        grades.iter().filter(|&(&grade, _)| wanted(grade)).map(|(_, flows)| flows).sum()
    }
}

fn has_ports(allowed: &Allowed) -> bool {
    let is_in = |transport: &Transport| {
        allowed.protocols.as_ref().is_none_or(|protocols| protocols.contains(&transport.ip_protocol()))
    };
    Transport::ALL.iter().any(is_in)
}

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let Some(configured) = facts.configured else { return };
    for (n, (rule, review)) in configured.ruleset.rules().iter().zip(&facts.review.rules).enumerate() {
        let id = RuleId(n);
        let Some(used) = configured.used.get(n) else { continue };
        let allowed = configured.allowed_by(id).collect();
        let subject = Subject { rule, review, allowed, used };
        if rule.policy {
            default_allow(configured, &subject, all);
            continue;
        }
        let is_covered = covered(configured, id, &subject, all);
        if subject.allowed.is_empty() {
            undecidable(&subject, all);
            continue;
        }
        if !is_covered {
            not_seen(facts, &subject, all);
            not_used(&subject, all);
            wider(facts, &subject, all);
        }
        any_any(&subject, all);
        undocumented(facts, &subject, all);
        undecidable(&subject, all);
        allows_insecure(facts, &subject, all);
    }
}

fn not_seen(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    if subject.review.flows.definite > 0 || subject.review.flows.ambiguous > 0 {
        return;
    }
    if !subject.is_for_ports() {
        all.push(
            Said {
                title: format!(
                    "{}: for protocols without ports, which are not looked at",
                    subject.in_words()
                ),
                why:
                    "No flow of the captures is judged by it; a review counts flows of transports with ports."
                        .to_owned(),
                limits: "Whether it is needed, the review cannot say.".to_owned(),
                suggestion: "Look at its counter on the firewall.".to_owned(),
                ..subject.said()
            }
            .find(201, Severity::Info),
        );
        return;
    }
    let chances: Vec<String> = facts
        .review
        .coverage
        .chances
        .iter()
        .map(|(period, chance)| format!("{period} {}", super::super::wording::percent(*chance)))
        .collect();
    all.push(
        Said {
            title: format!("{}: {}", subject.in_words(), facts.not_seen()),
            why: "No flow of the captures is judged by it.".to_owned(),
            limits: format!(
                "The chance that a job falls into so short a time, by its period: {}. It may be there for a case \
                 of emergency.",
                chances.join(", ")
            ),
            suggestion: "Ask its owner. Have it log, or switch it off for a while, before it is removed.".to_owned(),
            ..subject.said()
        }
        .find(201, facts.not_seen_severity()),
    );
}

fn not_used(subject: &Subject, all: &mut Vec<Finding>) {
    let is_nothing = |grade| matches!(grade, Grade::NoReply | Grade::Refused | Grade::Unreachable);
    let flows = subject.review.flows.definite;
    if flows == 0 || subject.flows(is_nothing) != flows {
        return;
    }
    all.push(
        Said {
            title: format!("{}: hit by {}, and none was in use", subject.in_words(), count(flows, "flow")),
            why: format!("All of them: {}.", grades(subject.review)),
            limits: "A server that was down for the time of the capture looks the same.".to_owned(),
            suggestion: "Find out whether the server is gone; a hit is not a use.".to_owned(),
            ..subject.said()
        }
        .find(202, Severity::Medium),
    );
}

/// `9 answered-data, 1 refused`, best first.
fn grades(review: &RuleReview) -> String {
    let words: Vec<String> =
        review.flows.grades.iter().rev().map(|(grade, flows)| format!("{flows} {grade}")).collect();
    words.join(", ")
}

fn wider(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    let used = subject.used;
    if used.ports.is_empty() {
        return;
    }
    let ports = port_count(&subject.allowed);
    let servers = address_count(subject.allowed.iter().map(|allowed| allowed.destinations.as_deref()));
    let clients = address_count(subject.allowed.iter().map(|allowed| allowed.sources.as_deref()));
    let numbers: BTreeSet<u16> = used.ports.iter().map(|&(_, port)| port).collect();
    let too_many_ports = ports > 1 && numbers.len() as f64 <= f64::from(ports) * SHARE_OF_PORTS;
    let too_many_servers = servers.is_none_or(|servers| {
        servers > FEW_SERVERS && used.servers.len() as f64 <= servers * SHARE_OF_SERVERS
    });
    if !too_many_ports && !too_many_servers {
        return;
    }
    let mut subsets = Vec::new();
    if too_many_ports {
        let allowed = if ports == 65_536 { "all".to_owned() } else { ports.to_string() };
        let words = used.ports.iter().map(|(transport, port)| format!("{port}/{transport}")).collect();
        subsets.push(format!("of {allowed} ports, in use: {}", short_list(words)));
    }
    if too_many_servers {
        let words = used.servers.iter().map(ToString::to_string).collect();
        subsets.push(format!("of {} servers, in use: {}", shown(servers), short_list(words)));
    }
    let words = used.clients.iter().map(ToString::to_string).collect();
    subsets.push(format!("of {} clients, seen: {}", shown(clients), short_list(words)));
    all.push(
        Said {
            title: format!("{}: wider than its use ({})", subject.in_words(), subsets.join("; ")),
            why: format!(
                "{} by this rule: {}.",
                count(subject.review.flows.definite, "flow"),
                grades(subject.review)
            ),
            limits: format!("Use of the rest was {}.", facts.not_seen()),
            suggestion: "Narrow it to what is needed; ask before what is merely rare goes.".to_owned(),
            ..subject.said()
        }
        .find(203, Severity::Medium),
    );
}

fn any_any(subject: &Subject, all: &mut Vec<Finding>) {
    let is_any = |allowed: &&&Allowed| {
        allowed.exact
            && !allowed.interfaces
            && allowed.sources.is_none()
            && allowed.destinations.is_none()
            && allowed.ports.is_none()
            && has_ports(allowed)
    };
    let Some(allowed) = subject.allowed.iter().find(is_any) else { return };
    all.push(
        Said {
            title: format!("{}: any source, any destination, any port", subject.in_words()),
            why: format!("It lets in every new flow of {} that reaches it.", allowed.family.name()),
            limits: "Earlier rules may have dropped a part.".to_owned(),
            suggestion: "Replace it by rules for the rows that are in use and approved.".to_owned(),
            ..subject.said()
        }
        .find(204, Severity::High),
    );
}

fn default_allow(configured: &Configured, subject: &Subject, all: &mut Vec<Finding>) {
    // A rule that takes everything leaves the policy nothing.
    let is_last = |rule: &Rule| !rule.policy && rule.chain == subject.rule.chain && rule.takes_everything();
    let is_reached = !configured.ruleset.rules().iter().any(is_last);
    if subject.rule.verdict != RuleVerdict::Accept || subject.allowed.is_empty() || !is_reached {
        return;
    }
    all.push(
        Said {
            title: format!("{}: what no rule names is let through", subject.rule.chain),
            why: "The policy of the chain is accept.".to_owned(),
            limits: "Another chain or another firewall may drop it.".to_owned(),
            suggestion: "Make drop the policy, after the rows in use have rules.".to_owned(),
            ..subject.said()
        }
        .find(205, Severity::High),
    );
}

fn covered(configured: &Configured, id: RuleId, subject: &Subject, all: &mut Vec<Finding>) -> bool {
    let Some(covered) = configured.covered.iter().find(|covered| covered.rule == id) else { return false };
    let by: Vec<&str> = covered.by.iter().map(|&by| configured.ruleset.rule(by).reference.as_str()).collect();
    let by = by.join(" and ");
    let (number, severity, what, suggestion) = if covered.same_verdict {
        (207, Severity::Low, "redundant", "Remove it, or the wider one.")
    } else {
        (
            206,
            Severity::Medium,
            "never reached, and it would do otherwise",
            "Decide which is meant, and put it first.",
        )
    };
    all.push(
        Said {
            title: format!("{}: {what}, behind {by}", subject.in_words()),
            why: format!("Whatever it matches, {by} has taken before."),
            limits: "This is read from the rules alone, without traffic.".to_owned(),
            suggestion: suggestion.to_owned(),
            ..subject.said()
        }
        .find(number, severity),
    );
    true
}

fn undocumented(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    let is_approved = |approval: &Option<super::super::Approval>| {
        approval.as_ref().is_some_and(super::super::Approval::is_approved)
    };
    let rows = &subject.review.rows;
    let row_approved =
        facts.review.edges.iter().any(|edge| rows.contains(&edge.row_id) && is_approved(&edge.approval));
    if !subject.rule.comment.is_empty() || is_approved(&subject.review.approval) || row_approved {
        return;
    }
    all.push(
        Said {
            title: format!("{}: no comment and no approval say what it is for", subject.in_words()),
            why: format!("The rule is: {}", subject.rule.text),
            limits: "It may be documented elsewhere.".to_owned(),
            suggestion: "Write owner and ticket into its comment, or approve its row.".to_owned(),
            ..subject.said()
        }
        .find(208, Severity::Low),
    );
}

fn undecidable(subject: &Subject, all: &mut Vec<Finding>) {
    if subject.rule.state == RuleState::Full {
        return;
    }
    let what = match subject.rule.state {
        RuleState::Opaque => "cannot be read",
        _ => "cannot be decided from a capture",
    };
    all.push(
        Said {
            title: format!("{}: {what} ({})", subject.in_words(), subject.rule.undecided.join(", ")),
            why: format!("The rule is: {}", subject.rule.text),
            limits: "Flows that reach it count as ambiguous for it and for what follows.".to_owned(),
            suggestion: if subject.rule.text.contains("xt ") {
                "It was made by iptables: give the output of iptables-save -c instead.".to_owned()
            } else {
                "Look at it by hand.".to_owned()
            },
            ..subject.said()
        }
        .find(209, Severity::Info),
    );
}

fn allows_insecure(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    let allows_all = |allowed: &&Allowed| allowed.ports.is_none();
    // A rule without ports allows the whole list, which any-any and its width say better.
    if subject.allowed.iter().any(allows_all) {
        return;
    }
    let mut services = BTreeSet::new();
    for row in facts.insecure.rows().iter().filter(|row| matters_anywhere(row.tag)) {
        for &transport in &row.transports {
            for port in row.ports.iter().flat_map(|ports| ports.first..=ports.last) {
                let waived = || {
                    let tags = facts.insecure.tags(transport, port);
                    tags.iter()
                        .any(|tag| tag.service == row.service && tag.tag == row.tag && !tag.waived.is_empty())
                };
                if subject.allowed.iter().any(|allowed| allowed.allows_port(transport, port)) && !waived() {
                    services.insert((port, transport, row.service.as_str()));
                }
            }
        }
    }
    if services.is_empty() {
        return;
    }
    let words: Vec<String> =
        services.iter().map(|(port, transport, service)| format!("{service} {port}/{transport}")).collect();
    all.push(
        Said {
            title: format!("{}: lets through insecure services: {}", subject.in_words(), few(&words)),
            why: "They are on the list of insecure services; the rule allows them, with or without traffic."
                .to_owned(),
            limits: "By port number. Whether anything listens there is not said.".to_owned(),
            suggestion: "Take these ports out of the rule, or write down what protects them.".to_owned(),
            ..subject.said()
        }
        .find(210, Severity::Medium),
    );
}

/// At most ten words, in their order.
fn few(words: &[String]) -> String {
    const MOST: usize = 10;
    match words.get(..MOST) {
        Some(first) if words.len() > MOST => format!("{} and {} more", first.join(", "), words.len() - MOST),
        _ => words.join(", "),
    }
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

pub(super) fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
