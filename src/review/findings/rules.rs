//! FR201–FR210: rules.

use std::collections::{BTreeSet, HashSet};

use super::super::configured::Configured;
use super::super::model::{
    Approval, Finding, FindingKind, Grade, NotLookedAt, RowId, Severity, TagUse, percent,
};
use super::services::{SHORT, matters_anywhere};
use super::subject::{Subject, grades};
use super::{Facts, Said, counters, width};
use crate::net::Ports;
use crate::rules::{Allowed, JudgedFrom, Rule, RuleId, RuleState, RuleVerdict};
use crate::text::at_most;
use crate::text::count;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let Some(configured) = facts.configured else { return };
    let approved: HashSet<RowId> = facts
        .rows
        .iter()
        .filter(|row| row.approval.as_ref().is_some_and(Approval::is_approved))
        .map(|row| row.row_id)
        .collect();
    for (n, (rule, review)) in configured.ruleset.rules().iter().zip(facts.rules).enumerate() {
        let id = RuleId(n);
        let used = &review.used;
        let allowed = configured.allowed_by(id).collect();
        let subject = Subject { rule, review, allowed, used };
        counters::find(facts, &subject, all);
        if rule.policy {
            default_allow(configured, &subject, all);
            continue;
        }
        let is_covered = covered(configured, id, &subject, all);
        as_listed(facts, &subject, all);
        if subject.allowed.is_empty() {
            undecidable(facts, &subject, all);
            continue;
        }
        if !is_covered {
            not_seen(facts, &subject, all);
            not_used(&subject, all);
            width::find(facts, &subject, all);
        }
        any_any(&subject, all);
        undocumented(&approved, &subject, all);
        undecidable(facts, &subject, all);
        allows_insecure(facts, &subject, all);
    }
}

fn not_seen(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    let flows = &subject.review.flows;
    if flows.definite > 0 || flows.ambiguous > 0 || counters::is_hit(subject.review) {
        return;
    }
    if subject.review.not_looked_at.is_some_and(|why| why != NotLookedAt::NoRows) {
        return;
    }
    if subject.review.not_looked_at.is_some() {
        all.push(
            Said {
                title: format!(
                    "{}: for ICMP errors, or for what ICMPv6 does for its link, which have no rows",
                    subject.in_words()
                ),
                why: format!(
                    "Errors pass with the flow that they answer where connections are tracked, and no router passes \
                     on what is for the link: no flow is judged by it.{}",
                    counters::of_not_seen(facts, subject.review)
                ),
                limits: "Whether it is needed, the review cannot say.".to_owned(),
                suggestion: "Look at its counter on the firewall.".to_owned(),
                ..subject.said()
            }
            .find(FindingKind::RuleNotSeen, Severity::Info),
        );
        return;
    }
    let chances: Vec<String> = facts
        .coverage
        .chances
        .iter()
        .map(|(period, chance)| format!("{period} {}", percent(*chance)))
        .collect();
    all.push(
        Said {
            title: format!("{}: {}", subject.in_words(), facts.not_seen()),
            why: format!(
                "No flow of the captures is judged by it.{}",
                counters::of_not_seen(facts, subject.review)
            ),
            limits: format!(
                "The chance that a job falls into the coverage, by its period: {}.{} It may be there for a case of \
                 emergency.{}",
                chances.join(", "),
                facts.never_listened(),
                subject.review.judged_from.as_ref().map_or_else(String::new, side_in_words)
            ),
            suggestion: "Ask its owner who needs it, and when; a log of its hits shows more.".to_owned(),
            ..subject.said()
        }
        .find(FindingKind::RuleNotSeen, facts.not_seen_severity()),
    );
}

/// Where captures tell of a rule whose packets the firewall translates, as a sentence with a blank before it.
fn side_in_words(from: &JudgedFrom) -> String {
    if from.is_translated() { format!(" Captures tell of it {}.", from.in_words()) } else { String::new() }
}

fn not_used(subject: &Subject, all: &mut Vec<Finding>) {
    let is_nothing =
        |grade| matches!(grade, Grade::NoReply | Grade::Refused | Grade::Unreachable | Grade::ScanAnswered);
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
        .find(FindingKind::RuleHitNotUsed, Severity::Medium),
    );
}

/// Whether a rule lets any source reach any port of any destination.
fn is_any_any(allowed: &Allowed) -> bool {
    allowed.exact
        && !allowed.interfaces
        && allowed.sources.is_none()
        && allowed.destinations.is_none()
        && allowed.ports.is_none()
        && allowed.has_ports()
}

fn any_any(subject: &Subject, all: &mut Vec<Finding>) {
    let Some(allowed) = subject.allowed.iter().find(|allowed| is_any_any(allowed)) else { return };
    all.push(
        Said {
            title: format!("{}: any source, any destination, any port", subject.in_words()),
            why: format!("It lets in every new flow of {} that reaches it.", allowed.family.name()),
            limits: "Earlier rules may have dropped a part.".to_owned(),
            suggestion: "Decide whether rules for the rows that are needed could take its place.".to_owned(),
            ..subject.said()
        }
        .find(FindingKind::AnyAny, Severity::High),
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
            suggestion: "Decide whether what no rule names is meant to pass; rows that are needed want rules of their own.".to_owned(),
            ..subject.said()
        }
        .find(FindingKind::DefaultAllow, Severity::High),
    );
}

fn covered(configured: &Configured, id: RuleId, subject: &Subject, all: &mut Vec<Finding>) -> bool {
    let Some(covered) = configured.covered.iter().find(|covered| covered.rule == id) else { return false };
    let by: Vec<&str> = covered.by.iter().map(|&by| configured.ruleset.rule(by).reference.as_str()).collect();
    let by = by.join(" and ");
    let (number, severity, what, suggestion) = if covered.same_verdict {
        (
            FindingKind::Redundant,
            Severity::Low,
            "redundant",
            "Ask what each is for: whether both are needed is to decide.",
        )
    } else {
        (
            FindingKind::ShadowedConflict,
            Severity::Medium,
            "never reached, and it would do otherwise",
            "Ask which of them is meant to decide.",
        )
    };
    all.push(
        Said {
            title: format!("{}: {what}, after {by}", subject.in_words()),
            why: format!("Whatever it matches, {by} has taken before."),
            limits: "This is read from the rules alone, without traffic.".to_owned(),
            suggestion: suggestion.to_owned(),
            ..subject.said()
        }
        .find(number, severity),
    );
    true
}

fn undocumented(approved: &HashSet<RowId>, subject: &Subject, all: &mut Vec<Finding>) {
    let is_approved = subject.review.approval.as_ref().is_some_and(Approval::is_approved)
        || subject.review.rows.iter().any(|row| approved.contains(row));
    if !subject.rule.comment.is_empty() || is_approved {
        return;
    }
    all.push(
        Said {
            title: format!("{}: no comment and no approval say what it is for", subject.in_words()),
            why: format!("The rule is: {}", subject.rule.text.line()),
            limits: "It may be documented elsewhere.".to_owned(),
            suggestion: "Write owner and ticket into its comment, or approve its row.".to_owned(),
            ..subject.said()
        }
        .find(FindingKind::RuleUndocumented, Severity::Low),
    );
}

/// Tells of sets that were taken as they were listed.
fn as_listed(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    if subject.review.listed.is_empty() {
        return;
    }
    let sets = subject.review.listed.join(", ");
    let twice = facts
        .rulesets
        .iter()
        .any(|ruleset| ruleset.counted.as_ref().is_some_and(|time| time.later.is_some()));
    all.push(
        Said {
            title: format!("{}: judged by what {sets} held when it was listed", subject.in_words()),
            why: format!("The elements of {sets} come and go. The rule is: {}", subject.rule.text.line()),
            limits: if twice && !sets.contains("ipset ") {
                "Both prints list the same elements; what was in it in between is not known."
            } else {
                "What it held while the captures were taken is not known."
            }
            .to_owned(),
            suggestion: "List it before and after the captures; look at flows of elements that were not there by hand."
                .to_owned(),
            ..subject.said()
        }
        .find(FindingKind::JudgedAsListed, Severity::Info),
    );
}

fn undecidable(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
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
            why: format!("The rule is: {}", subject.rule.text.line()),
            limits: "Flows that reach it count as ambiguous for it and for what follows.".to_owned(),
            suggestion: if subject.of_unknown_group(facts) {
                "Name the addresses of the group with --group.".to_owned()
            } else if subject.rule.undecided.iter().any(|words| words.contains("--match-set")) {
                "Give what `ipset save` prints with --ipset.".to_owned()
            } else if subject.rule.from_iptables {
                "It was made by iptables: give the output of iptables-save -c instead.".to_owned()
            } else {
                "Look at it by hand.".to_owned()
            },
            ..subject.said()
        }
        .find(FindingKind::RuleUndecidable, Severity::Info),
    );
}

fn allows_insecure(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    // A rule without ports allows the whole list: any-any says it better, and where conditions cannot
    // be decided it is not known to.
    let names_no_port = |allowed: &&Allowed| allowed.ports.is_none() && allowed.has_ports();
    let is_open = |allowed: &&Allowed| names_no_port(allowed) && (!allowed.exact || is_any_any(allowed));
    if subject.allowed.iter().any(is_open) {
        return;
    }
    let names_no_port = subject.allowed.iter().any(names_no_port);
    let mut services = BTreeSet::new();
    for row in facts.insecure.rows().iter().filter(|row| matters_anywhere(row.tag)) {
        for &transport in &row.transports {
            let is_let_through = |port: u16| {
                let is_waived =
                    |tag: &TagUse| tag.service == row.service && tag.tag == row.tag && !tag.waived.is_empty();
                subject.allowed.iter().any(|allowed| allowed.allows_port(transport, port))
                    && !facts.insecure.tags(transport, port).iter().any(is_waived)
            };
            for range in &row.ports {
                let ports: Vec<u16> =
                    (range.first..=range.last).filter(|&port| is_let_through(port)).collect();
                for run in ports.chunk_by(|a, b| a + 1 == *b) {
                    let ports = Ports { first: run[0], last: run[run.len() - 1] };
                    services.insert((ports, transport, row.service.as_str()));
                }
            }
        }
    }
    if services.is_empty() {
        return;
    }
    let words: Vec<String> =
        services.iter().map(|(ports, transport, service)| format!("{service} {ports}/{transport}")).collect();
    all.push(
        Said {
            title: format!(
                "{}: lets through insecure services: {}",
                subject.in_words(),
                at_most(SHORT, words.into_iter())
            ),
            why: format!(
                "They are on the list of insecure services; the rule {} them, with or without traffic.",
                if names_no_port { "matches any port, and so allows" } else { "allows" }
            ),
            limits: "By port number. Whether anything listens there is not said.".to_owned(),
            suggestion: "Ask whether these ports are needed, and write down what protects them.".to_owned(),
            ..subject.said()
        }
        .find(FindingKind::RuleAllowsInsecure, Severity::Medium),
    );
}
