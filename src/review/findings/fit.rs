//! FR301–FR303: services and rules that do not fit together.

use std::collections::{BTreeSet, HashSet};

use super::super::configured::{Fit, Part};
use super::super::model::{Finding, FindingKind, Row, Severity, Vantage, samples_of};
use super::{Facts, Said};
use crate::net::Transport;
use crate::rules::RuleVerdict;
use crate::text::count;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    if facts.configured.is_none() {
        return;
    }
    let rows = facts.rows.iter().zip(facts.fits);
    for (row, fit) in rows.filter(|(row, _)| row.is_unicast()) {
        if fit.denied_in_use.flows > 0 {
            in_use(facts, row, &fit.denied_in_use, all);
        } else if fit.demand.flows > 0 {
            demand(facts, row, fit, all);
        }
        if fit.undecided.flows > 0 {
            undecided(facts, row, fit, all);
        }
    }
}

/// What is denied by a security group without the addresses of its members.
const UNKNOWN_MEMBERS: &str = "The rules are for the members of a security group, and who these are nobody said: where \
                               the addresses are not theirs, they do not judge it. --group names them.";

/// What may be wrong when traffic that is in use is denied.
const OTHER_RULES: &str = "The rules may not be those that were in force, addresses may be translated, and the \
                           traffic may take a path past the firewall.";

/// Of a row, with those of its flows as evidence that it is about.
fn of_part(facts: &Facts, row: &Row, part: &Part) -> Said {
    let mut samples = part.samples(facts.labelled);
    samples.truncate(samples_of(facts.rows.len()));
    Said { flows: part.flows, samples, ..Said::of_row(row) }
}

/// Whether all addresses of the firewall itself were named.
fn names_all_own(facts: &Facts) -> bool {
    facts.configured.is_some_and(|configured| configured.chosen.own().1)
}

fn members_unknown(facts: &Facts) -> bool {
    facts.rulesets.iter().any(|rules| rules.unknown_members.is_some())
}

fn rules_of(row: &Row) -> String {
    let rules: Vec<String> = row
        .rules
        .iter()
        .filter(|rule| denies(rule.verdict))
        .map(|rule| format!("{} ({})", rule.rule, rule.verdict.name()))
        .collect();
    rules.join(", ")
}

fn denies(verdict: RuleVerdict) -> bool {
    matches!(verdict, RuleVerdict::Drop | RuleVerdict::Reject)
}

fn in_use(facts: &Facts, row: &Row, denied: &Part, all: &mut Vec<Finding>) {
    let members_unknown = members_unknown(facts);
    // Hosts of one zone can talk past the firewall.
    let is_certain = row.service.client_zone != row.service.server_zone && !members_unknown;
    let severity = if is_certain { Severity::High } else { Severity::Info };
    // What a set held then, nobody knows.
    let listed = listed(facts, row);
    let severity = if listed.is_empty() { severity } else { severity.lower() };
    let condition = if members_unknown { ", if they are for it" } else { "" };
    all.push(
        Said {
            title: format!("{} is in use, and the rules deny it{condition}", row.in_words()),
            why: format!("{} of its flows in use end at {}.", denied.flows, rules_of(row)),
            limits: format!("{}{listed}", if members_unknown { UNKNOWN_MEMBERS } else { OTHER_RULES }),
            suggestion: format!(
                "Find out which way it takes, and whether these rules are the ones in force; --zones tells hosts on \
                 either side apart.{}",
                if names_all_own(facts) {
                    ""
                } else {
                    " Name the firewall's own addresses with --own: rules for what it passes on do not judge what is sent \
                     to them."
                }
            ),
            ..of_part(facts, row, denied)
        }
        .find(FindingKind::InUseButDenied, severity),
    );
}

/// The sets by whose listed elements its flows are denied, as a sentence with a blank before it; empty where it is by
/// none.
fn listed(facts: &Facts, row: &Row) -> String {
    let denying: HashSet<&str> =
        row.rules.iter().filter(|rule| denies(rule.verdict)).map(|rule| rule.rule.as_str()).collect();
    let rules = facts.rules.iter().filter(|rule| denying.contains(rule.reference.as_str()));
    let sets: BTreeSet<&str> = rules.flat_map(|rule| &rule.listed).map(String::as_str).collect();
    if sets.is_empty() {
        return String::new();
    }
    let sets: Vec<&str> = sets.into_iter().collect();
    format!(" The rules judged by what {} held when it was listed.", sets.join(", "))
}

fn demand(facts: &Facts, row: &Row, fit: &Fit, all: &mut Vec<Finding>) {
    let members_unknown = members_unknown(facts);
    let seen = matches!(facts.coverage.vantage, Some(Vantage::Outside | Vantage::Host));
    let severity = if seen && !members_unknown { Severity::Low } else { Severity::Info };
    let tries =
        if fit.demand.flows == 1 { "1 try".to_owned() } else { format!("{} tries", fit.demand.flows) };
    let packets = fit.demand_packets;
    let packets = if row.service.offer.transport() == Some(Transport::Tcp) {
        count(packets, "SYN")
    } else {
        count(packets, "packet")
    };
    all.push(
        Said {
            title: format!("{} is asked for and denied ({tries}, {packets})", row.in_words()),
            why: format!("{} by {}.", count(fit.demand.flows, "flow"), rules_of(row)),
            limits: if members_unknown {
                UNKNOWN_MEMBERS.to_owned()
            } else if seen {
                "What asks may be a mistake of its own.".to_owned()
            } else {
                "Behind the firewall, what it drops is not seen; --vantage says where the capture was taken."
                    .to_owned()
            },
            suggestion: "Ask the client's owner: a rule is missing, or the client should stop.".to_owned(),
            ..of_part(facts, row, &fit.demand)
        }
        .find(FindingKind::DeniedDemand, severity),
    );
}

fn undecided(facts: &Facts, row: &Row, fit: &Fit, all: &mut Vec<Finding>) {
    let mut ends: Vec<String> = row
        .rules
        .iter()
        .filter(|rule| rule.ambiguous > 0)
        .map(|rule| format!("{} ({})", rule.rule, rule.verdict.name()))
        .collect();
    if fit.may_pass_unasked {
        ends.push("no rule, on a way on which none can refuse it".to_owned());
    }
    let flows = count(fit.undecided.flows, "flow");
    all.push(
        Said {
            title: format!("{}: whether the rules let it through cannot be told", row.in_words()),
            why: if ends.is_empty() {
                format!("The jumps between chains are too many, or too deeply nested, to follow for {flows}.")
            } else {
                format!("{flows} may end at any of: {}.", ends.join(", "))
            },
            limits: "It counts for certain for none of these rules.".to_owned(),
            suggestion: format!(
                "{}; look at conditions on marks, rates and the like by hand.",
                if names_all_own(facts) {
                    "Name interfaces with --iface"
                } else {
                    "Name the firewall's own addresses with --own, and interfaces with --iface"
                }
            ),
            ..of_part(facts, row, &fit.undecided)
        }
        .find(FindingKind::AmbiguousMatch, Severity::Info),
    );
}
