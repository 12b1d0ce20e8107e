//! FR401–FR407: what the captures cannot show.

use std::collections::BTreeSet;

use super::super::model::{CutReason, Finding, FindingKind, InputFacts, Severity, ZoneSource, percent};
use super::services::short_list;
use super::{Facts, Said};
use crate::decode::Reason;
use crate::net::span::DAY;
use crate::text::count;
use crate::traffic::Overlap;

/// Below this share of TCP flows seen both ways, the capture is called one-sided.
const BOTH_WAYS: f64 = 0.9;

/// Less than a week says little, whatever window was asked for: most of what recurs does so weekly.
const LEAST_COVERED: f64 = 7.0 * DAY;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    zones(facts, all);
    twice(facts, all);
    let coverage = facts.coverage;
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
            FindingKind::CoverageShort,
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
            FindingKind::OneSided,
            format!("{} of the TCP flows were seen both ways", percent(share)),
            "Where answers take another path, a service in use looks like a try.",
            "Tries that met nothing are among the flows seen one way, too.",
            "Capture where both directions pass.",
        );
    }
    if facts.translated > 0 {
        add(
            FindingKind::NatPossible,
            format!("Addresses of {} may be translated", count(facts.translated, "flow")),
            "A chain of the ruleset translates their addresses, or may have done so, and to what or from what cannot \
             be told; they were judged by every way that this leaves open.",
            "After a translation, other rules match: which, cannot be told from one side of the firewall.",
            "Name the firewall's addresses with --own and its interfaces with --iface, or look at these rows by hand.",
        );
    }
    let faults = coverage.inputs.iter().filter(|input| input.fault.is_some()).count() as u64;
    let not_read = coverage.not_read.len() as u64;
    if coverage.dropped.is_some_and(|dropped| dropped > 0) || coverage.truncated + faults + not_read > 0 {
        let parts = [
            (
                coverage.dropped.unwrap_or(0),
                "packet dropped while capturing",
                "packets dropped while capturing",
            ),
            (coverage.truncated, "packet cut short", "packets cut short"),
            (faults, "capture damaged or not read to its end", "captures damaged or not read to their end"),
            (not_read, "capture that could not be read", "captures that could not be read"),
        ];
        let words: Vec<String> = parts
            .iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }))
            .collect();
        add(
            FindingKind::DropsOrTruncation,
            format!("The captures are not whole: {}", words.join(", ")),
            "What was dropped or could not be read is not seen.",
            "Whether it matters cannot be told. Packets that are cut short keep their headers as a rule.",
            "Capture again with a larger buffer, if much was dropped.",
        );
    }
    let jumps = coverage.cuts.iter().filter(|cut| cut.reason == CutReason::ClockJump).count() as u64;
    if jumps > 0 {
        add(
            FindingKind::ClockJump,
            format!("The clock jumped {}", count(jumps, "time")),
            "Times before and after a jump do not belong together; coverage was cut there.",
            "First and last times of rows may be wrong.",
            "Look at the list of cuts, and set the clock of the sensor.",
        );
    }
}

/// Copies of packets, and captures that were given twice.
fn twice(facts: &Facts, all: &mut Vec<Finding>) {
    let coverage = facts.coverage;
    let left_out = coverage.in_no_flow.iter().filter(|one| one.reason == Reason::Copy).map(|one| one.packets);
    let counted = coverage.copies.saturating_sub(left_out.sum());
    let mut titles = Vec::new();
    let (mut why, mut suggestion) = (Vec::new(), Vec::new());
    if counted > 0 {
        titles.push(match counted {
            1 => "1 packet is a copy of another".to_owned(),
            _ => format!("{counted} packets are copies of others"),
        });
        why.push(
            "The same datagram was captured again within milliseconds, as a mirror port of both directions, all \
             interfaces of a host, or taps before and behind a router show it."
                .to_owned(),
        );
        suggestion.push("Count each datagram once with --copies drop, or capture in one place.");
    }
    let same = |input: &InputFacts| {
        input.same_as.as_ref().map(|first| format!("{} holds the same packets as {first}", input.name))
    };
    let same: BTreeSet<String> = coverage.inputs.iter().filter_map(same).collect();
    if !same.is_empty() {
        titles.push(match same.len() {
            1 => "1 capture was given twice".to_owned(),
            captures => format!("{captures} captures were given twice"),
        });
        why.push(format!("{}.", short_list(same)));
        suggestion.push("Leave one of each two captures out.");
    }
    let of = |input: &InputFacts| {
        let part = |overlap: &Overlap| {
            format!("about {} % of the datagrams of {} are in {}", overlap.percent, input.name, overlap.name)
        };
        input.overlaps.iter().map(part).collect::<Vec<_>>()
    };
    let overlaps: BTreeSet<String> = coverage.inputs.iter().flat_map(of).collect();
    if !overlaps.is_empty() {
        titles.push(match coverage.inputs.iter().filter(|input| !input.overlaps.is_empty()).count() {
            1 => "1 capture holds datagrams of others".to_owned(),
            captures => format!("{captures} captures hold datagrams of others"),
        });
        why.push(format!("By a sample, {}.", short_list(overlaps)));
        suggestion.push(
            "Leave one of each two captures out, or join them with mergecap and count each datagram once with \
             --copies drop.",
        );
    }
    if titles.is_empty() {
        return;
    }
    let said = Said {
        title: titles.join(", and "),
        why: why.join(" "),
        limits: "Numbers of packets and bytes are too high; which services are used, and by whom, does not change. \
                 Copies that come later, and those that a translation changed, were not recognised."
            .to_owned(),
        suggestion: suggestion.join(" "),
        ..Said::default()
    };
    all.push(said.find(FindingKind::PacketsCountedTwice, Severity::Info));
}

/// A file of zones in which no address of the captures lies: severities go by trust, and all of it
/// is that of the zones that are built in.
fn zones(facts: &Facts, all: &mut Vec<Finding>) {
    let own: BTreeSet<&str> = facts
        .zones
        .iter()
        .filter(|zone| zone.source == ZoneSource::File)
        .map(|zone| zone.name.as_str())
        .chain(facts.zone_interfaces.iter().map(|zone| zone.name.as_str()))
        .collect();
    let mut zones = facts.rows.iter().flat_map(|row| [&row.service.client_zone, &row.service.server_zone]);
    if own.is_empty() || facts.rows.is_empty() || zones.any(|zone| own.contains(zone.as_str())) {
        return;
    }
    let said = Said {
        title: "No address of the captures lies in a zone of --zones".to_owned(),
        why: format!(
            "The zones of the file are: {}.",
            short_list(own.into_iter().map(str::to_owned).collect())
        ),
        limits: "Zones and severities come from the built-in zones and their trust.".to_owned(),
        suggestion: "Find out whether the file and the captures are of the same network.".to_owned(),
        ..Said::default()
    };
    all.push(said.find(FindingKind::ZonesNotMet, Severity::Medium));
}
