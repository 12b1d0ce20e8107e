//! FR401–FR405: what the captures cannot show.

use super::super::CutReason;
use super::rules::count;
use super::{Facts, Finding, Said, Severity};

/// Below this share of TCP flows seen both ways, the capture is called one-sided.
const BOTH_WAYS: f64 = 0.9;

/// Less than a week says little, whatever window was asked for: most of what recurs does so weekly.
const LEAST_COVERED: f64 = 7.0 * 86_400.0;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let coverage = &facts.review.coverage;
    let mut add = |id, title: String, why: &str, limits: &str, suggestion: &str| {
        let said = Said {
            title,
            why: why.to_owned(),
            limits: limits.to_owned(),
            suggestion: suggestion.to_owned(),
            ..Said::default()
        };
        all.push(said.find(id, Severity::Info));
    };
    if coverage.covered_seconds < coverage.window_seconds.max(LEAST_COVERED) {
        add(
            401,
            format!("Coverage is short: {}", coverage.in_words()),
            "What runs seldom may not have run while the captures were taken.",
            "That something was not seen says little.",
            "Capture longer, or ask for each rule and row that was not seen.",
        );
    }
    if let Some(share) = coverage.both_ways_share
        && share < BOTH_WAYS
    {
        add(
            402,
            format!("{} of the TCP flows were seen both ways", super::super::wording::percent(share)),
            "Where answers take another path, a service in use looks like a try.",
            "Tries that met nothing are among the flows seen one way, too.",
            "Capture where both directions pass.",
        );
    }
    if facts.translated > 0 {
        add(
            403,
            format!("Addresses of {} may be translated", count(facts.translated, "flow")),
            "A chain of the ruleset translates destinations, to what cannot be told; the flows were judged as they \
             are.",
            "Behind a translation, other rules match.",
            "Capture behind the translation, or look at these rows by hand.",
        );
    }
    let faults = coverage.inputs.iter().filter(|input| input.fault.is_some()).count() as u64;
    if coverage.dropped > 0 || coverage.truncated > 0 || faults > 0 {
        let parts = [
            (coverage.dropped, "packet dropped while capturing", "packets dropped while capturing"),
            (coverage.truncated, "packet cut short", "packets cut short"),
            (faults, "capture damaged", "captures damaged"),
        ];
        let words: Vec<String> = parts
            .iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }))
            .collect();
        add(
            404,
            format!("The captures are not whole: {}", words.join(", ")),
            "What was dropped is not seen.",
            "Whether it matters cannot be told. Packets that are cut short keep their headers as a rule.",
            "Capture again with a larger buffer, if much was dropped.",
        );
    }
    let jumps = coverage.cuts.iter().filter(|cut| cut.reason == CutReason::ClockJump).count() as u64;
    if jumps > 0 {
        add(
            405,
            format!("The clock jumped {}", count(jumps, "time")),
            "Times before and behind a jump do not belong together; coverage was cut there.",
            "First and last times of rows may be wrong.",
            "Look at the list of cuts, and set the clock of the sensor.",
        );
    }
}
