//! What was captured and when, and how the page was made.

use maud::{Markup, html};

use super::super::Times;
use super::super::head::{captures, extent, reservations};
use super::super::overview::Overview;
use super::made::{Made, registry_in_words};
use super::words::{bytes, grouped};
use crate::registry::Registry;
use crate::traffic::ReadLog;

/// Captures that are listed.
const MOST_CAPTURES: usize = 200;
/// Captures that are listed where they are read first of all.
const FEW_CAPTURES: usize = 5;

/// What the page is about: the capture, or how many.
pub(super) fn name(log: &ReadLog) -> String {
    match log.captures() {
        [one] => one.name.clone(),
        captures => crate::text::count(captures.len() as u64, "capture"),
    }
}

pub(super) fn section(overview: &Overview, log: &ReadLog, made: Made) -> Markup {
    let all = overview.all();
    let figures = [
        ("packets read", grouped(log.counters().read())),
        ("flows", grouped(all.flows)),
        ("packets in flows", grouped(overview.packets())),
        ("bytes in flows", bytes(all.bytes)),
        ("packets in no flow", grouped(log.counters().uncounted())),
    ];
    let lines = captures(log);
    html! {
        section #captured {
            h2 { "What was captured" }
            @match extent(log, &Times::Utc) {
                Some(extent) => p { (extent) "." },
                None => p { "The packets have no times." },
            }
            dl.figures { @for (what, number) in &figures { div { dt { (what) } dd { (number) } } } }
            @if made.left_out > 0 {
                p { "The selection leaves out " (crate::text::count(made.left_out, "flow")) ": what follows is of the others." }
            }
            @if lines.len() > FEW_CAPTURES {
                details { summary { (grouped(lines.len() as u64)) " captures" } (listed(&lines)) }
            } @else {
                (listed(&lines))
            }
            @let damaged: Vec<&str> = log.captures().iter().filter_map(|capture| capture.fault.as_deref()).collect();
            @if !damaged.is_empty() || !log.unopened().is_empty() {
                ul {
                    @for fault in damaged.iter().take(MOST_CAPTURES) { li { strong { "Not read to its end: " } (fault) } }
                    @for capture in log.unopened().iter().take(MOST_CAPTURES) { li { strong { "Not read: " } (capture.fault) } }
                }
            }
            @for line in reservations(log) { p { (line) } }
        }
    }
}

fn listed(captures: &[String]) -> Markup {
    html! {
        ul {
            @for line in captures.iter().take(MOST_CAPTURES) { li { (line) } }
            @if captures.len() > MOST_CAPTURES { li { (grouped((captures.len() - MOST_CAPTURES) as u64)) " more captures" } }
        }
    }
}

pub(super) fn made(log: &ReadLog, registry: &Registry, made: Made) -> Markup {
    let payload = log.settings().flow.payload;
    html! {
        section #made {
            h2 { "How this was made" }
            p {
                "A flow is what two ends send each other by one protocol and ports, until it pauses. Which end is the server is \
                 decided by evidence of different strength: the column `by` names it and its confidence, and `low` is a guess. The service is \
                 the name that the registry has for the server's port and transport."
            }
            p {
                @if payload {
                    "The first payload octets of each side were looked at: they may confirm the registered service, be compatible \
                     with it, contradict it, or be silent. Nothing of them is kept."
                } @else {
                    "Payload was not looked at: what is spoken on a port is not known."
                }
                " No checksum was verified, and nothing was reassembled."
            }
            p { (registry_in_words(registry)) ", " (grouped(registry.len() as u64)) " rows." }
            p { "The same flows, for programs: " code { (made.command) " --format csv" } }
        }
    }
}
