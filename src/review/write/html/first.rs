//! What stands first: what was reviewed, what its rows need, and what is to be decided now.

use maud::{Markup, html as markup};

use super::super::super::model::{About, Review, Severity, span};
use super::super::standing::{self, Group};
use super::by_kind::ByKind;
use super::{Places, shown};
use crate::capture::Timestamp;
use crate::text::count;

/// How many rows and rules a line of the high findings names.
const MOST_NAMED: usize = 12;

pub(super) fn section(review: &Review, places: &Places, by_kind: &[ByKind]) -> Markup {
    markup! {
        section #overview aria-labelledby="overview-title" {
            h2 #overview-title { "At a glance" }
            (facts(review))
            (needs(&standing::groups(review)))
            (high(places, by_kind))
        }
    }
}

fn facts(review: &Review) -> Markup {
    let coverage = &review.coverage;
    let severities = Severity::ALL.into_iter().rev().map(|severity| {
        let n = review.findings.iter().filter(|finding| finding.severity == severity).count();
        format!("{n} {}", severity.name())
    });
    markup! {
        dl.said.box {
            dt { "Firewall" }
            dd {
                @match review.rulesets.as_slice() {
                    [] => "no ruleset was given, so nothing says what the firewall allows",
                    sets => @for (n, set) in sets.iter().enumerate() {
                        @if n > 0 { br; }
                        "ruleset " code { (set.name) } " (" (set.format.name()) ", "
                        (count(set.rules as u64, "rule")) "), judged by " code { (set.chain) }
                    },
                }
            }
            dt { "Period" }
            dd { (period(review)) }
            dt { "Covered" }
            dd {
                (coverage.in_words()) ", on " (count(u64::from(coverage.active_days), "day"))
                @match coverage.vantage {
                    Some(vantage) => { "; the sensor stood " (vantage.name()) },
                    None => "; where the sensor stood was not said",
                }
            }
            dt { "Approvals" }
            dd {
                @match &review.approved {
                    None => "no worksheet with approvals was given",
                    Some(name) => {
                        code { (name) }
                        @if let Some(day) = &review.approvals_on { ", as of " (day) }
                    },
                }
            }
            dt { "Findings" }
            dd { (severities.collect::<Vec<_>>().join(", ")) }
        }
    }
}

/// `22 November 2026, 08:54, to 3 December 2026, 09:10 (UTC)`.
fn period(review: &Review) -> String {
    let inputs = &review.coverage.inputs;
    let first = inputs.iter().filter_map(|input| input.first).min();
    let last = inputs.iter().filter_map(|input| input.last).max();
    let (Some(first), Some(last)) = (first, last) else { return "no packet was read".to_owned() };
    let listened = span(review.coverage.covered_seconds);
    match (minute(first), minute(last)) {
        (Some((day, from)), Some((other, to))) if day == other => {
            format!("{day}, {from} to {to} (UTC), of which {listened} were listened to")
        }
        (Some((day, from)), Some((other, to))) => {
            format!("{day}, {from}, to {other}, {to} (UTC), of which {listened} were listened to")
        }
        _ => format!("{first} to {last}, of which {listened} were listened to"),
    }
}

/// `22 November 2026` and `08:54`.
fn minute(time: Timestamp) -> Option<(String, String)> {
    let day = time.date()?.strftime("%-d %B %Y").to_string();
    Some((day, time.to_string().get(11..16)?.to_owned()))
}

/// The rows by what they need.
fn needs(groups: &[Group]) -> Markup {
    if groups.is_empty() {
        return markup! { p { "There are no rows." } };
    }
    markup! {
        table.needs {
            caption { "Rows by the decision they need" }
            thead { tr { @for heading in ["rows", "they need", "what they are"] { th scope="col" { (heading) } } } }
            tbody {
                @for group in groups {
                    tr {
                        td.number { (group.rows) }
                        th scope="row" { (group.needed.in_words()) }
                        td {
                            (group.status.meaning())
                            @for note in group.notes() { " " span.note { (note) } }
                            " " span.quiet { "(" (group.status.name()) ")" }
                        }
                    }
                }
            }
        }
    }
}

/// The high findings, those of a kind together.
fn high(places: &Places, by_kind: &[ByKind]) -> Markup {
    let high = || by_kind.iter().filter(|one| one.severity == Severity::High);
    markup! {
        h3 { "High findings" }
        @if high().next().is_none() { p { "There are none." } }
        @else {
            ul {
                @for one in high() {
                    li {
                        a href=(format!("#{}", one.place())) { (one.kind) } " "
                        (one.kind.meaning()) " "
                        strong { (count(one.all as u64, "time")) }
                        (subjects(places, one))
                    }
                }
            }
        }
    }
}

fn subjects(places: &Places, one: &ByKind) -> Markup {
    let about: Vec<&About> = one
        .shown()
        .iter()
        .map(|(_, finding)| &finding.about)
        .filter(|about| **about != About::Whole)
        .collect();
    let more = one.all.saturating_sub(about.len().min(MOST_NAMED));
    markup! {
        @if !about.is_empty() {
            ": "
            @for (n, about) in about.iter().take(MOST_NAMED).enumerate() {
                @if n > 0 { ", " }
                (places.about(about))
            }
            @if more > 0 { " and " (more) " more" }
        }
    }
}

/// What the page leaves out of a large review.
pub(super) fn folded(review: &Review) -> Markup {
    let folded = shown::folded(review);
    markup! {
        @if !folded.is_empty() {
            div.notice role="note" {
                p {
                    strong { "Not all of this review is on the page. " }
                    "Folded away: " (folded.join("; ")) ". "
                    @match review.folded_rows() {
                        0 => "The worksheet has every row",
                        more => {
                            "The worksheet has the rows that need a decision most, and all that people have written \
                             about, without " (count(more, "other"))
                        }
                    }
                    ", review.json has everything."
                }
            }
        }
    }
}
