//! FR211: what the kernel counted, beside what the captures show.

use super::super::configured::has_messages_without_rows;
use super::super::model::{Finding, FindingKind, RuleCounter, RuleReview, Severity, Vantage};
use super::subject::Subject;
use super::{Facts, Said};
use crate::capture::Timestamp;
use crate::rules::RuleVerdict;
use crate::text::count;

/// How the counter of a rule and the captures differ.
enum Difference {
    /// The captures show no flow of it, and it was counted.
    NoFlow,
    /// It counted more than all that the captures show of it.
    More(u64),
    /// It counted less than the captures show for certain.
    Fewer(u64),
}

impl Difference {
    fn of(review: &RuleReview, counter: RuleCounter) -> Option<Difference> {
        let RuleCounter { packets, captured_least, captured_most } = counter;
        let has_flows = review.flows.definite > 0 || review.flows.ambiguous > 0;
        match captured_most {
            _ if packets < captured_least => Some(Difference::Fewer(captured_least)),
            _ if packets > 0 && !has_flows => Some(Difference::NoFlow),
            Some(most) if packets > most => Some(Difference::More(most)),
            _ => None,
        }
    }
}

/// Whether the kernel counted packets of a rule.
pub(super) fn is_hit(review: &RuleReview) -> bool {
    review.counted.is_some_and(|counter| counter.packets > 0)
}

/// What the kernel says of a rule that the captures show nothing of, as a sentence with a blank before it;
/// empty where it says nothing.
pub(super) fn of_not_seen(facts: &Facts, review: &RuleReview) -> String {
    match (review.counted, review.kernel_packets) {
        (Some(_), _) => format!(" Nor did the kernel count a packet of it {}.", time(facts)),
        (None, Some(packets @ 1..)) => format!(
            " But its counter stands at {}, counted since a time that is not known (--counters-since, --rules-after).",
            count(packets, "packet")
        ),
        _ => String::new(),
    }
}

pub(super) fn find(facts: &Facts, subject: &Subject, all: &mut Vec<Finding>) {
    let Some(counter) = subject.review.counted else { return };
    let ends = matches!(subject.rule.verdict, RuleVerdict::Accept | RuleVerdict::Drop | RuleVerdict::Reject);
    if !ends || subject.review.not_looked_at.is_some() {
        return;
    }
    let Some(difference) = Difference::of(subject.review, counter) else { return };
    let packets = count(counter.packets, "packet");
    let (severity, what, limits) = match difference {
        Difference::NoFlow => (
            Severity::Low,
            "and the captures show no flow of it".to_owned(),
            not_captured(facts, subject),
        ),
        Difference::More(most) => (
            Severity::Info,
            format!("and the captures show at most {most} that it may have counted"),
            not_captured(facts, subject),
        ),
        Difference::Fewer(least) => (
            Severity::Low,
            format!("and the captures show at least {}", count(least, "opening")),
            "The packets may have passed another way than through this firewall, or as part of a connection that \
             another one opened (a helper); or an address or interface was taken for another."
                .to_owned(),
        ),
    };
    all.push(
        Said {
            title: format!("{}: the kernel counted {packets}, {what}", subject.in_words()),
            why: format!("The counter is that of the time {}.", time(facts)),
            limits,
            suggestion: match difference {
                Difference::NoFlow => "It is in use by something: find out by what, before it is changed.",
                Difference::More(_) => "Capture at a place where all of its packets pass.",
                Difference::Fewer(_) => {
                    "Do not rely on what the review says of this rule before it is explained."
                }
            }
            .to_owned(),
            ..subject.said()
        }
        .find(FindingKind::CounterDiffers, severity),
    );
}

/// The time that the counters are of.
fn time(facts: &Facts) -> String {
    let times = facts.rulesets.iter().filter_map(|ruleset| ruleset.counted.as_ref());
    let mut words: Vec<String> = times.map(ToString::to_string).collect();
    words.dedup();
    words.join(" and ")
}

/// What the captures cannot have seen of what the kernel counted.
fn not_captured(facts: &Facts, subject: &Subject) -> String {
    let coverage = facts.coverage;
    let mut reasons = Vec::new();
    let first: Option<Timestamp> = coverage.inputs.iter().filter_map(|input| input.first).min();
    let since = facts.rulesets.iter().filter_map(|ruleset| ruleset.counted.as_ref()?.since).min();
    if let (Some(since), Some(first)) = (since, first)
        && since < first
    {
        reasons.push(format!("what came between {since} and the first packet, at {first}"));
    }
    if subject.allowed.is_empty() || subject.allowed.iter().any(|one| has_messages_without_rows(one)) {
        reasons.push("ICMP errors, and what ICMPv6 does for its link, which are in no row".to_owned());
    }
    if coverage.dropped.is_some_and(|dropped| dropped > 0) {
        reasons.push("packets that were dropped while capturing".to_owned());
    }
    if coverage.left_out > 0 {
        reasons.push("packets outside of --since and --until".to_owned());
    }
    if !coverage.cuts.is_empty() {
        reasons.push("what came while nothing was captured (the cuts)".to_owned());
    }
    if coverage.vantage == Some(Vantage::Inside) && subject.rule.verdict != RuleVerdict::Accept {
        reasons.push("what the firewall dropped: the sensor stood behind it".to_owned());
    }
    reasons.push("what did not pass the place of the sensor".to_owned());
    format!("Not in the captures may be: {}.", reasons.join("; "))
}
