//! The review as one page: no script, no other file, readable on screen and on paper, with
//! headings and table headings that a screen reader can go by.

mod coverage;
mod findings;
mod matrix;
mod places;
mod rules;
mod shown;
mod worksheet;

use std::io;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::super::model::Review;
use super::NOT_APPROVED;
use crate::text::count;
use places::{Places, wide};

const STYLE: &str = include_str!("style.css");

/// Writes the whole review as one HTML page.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn html(review: &Review, out: &mut impl io::Write) -> io::Result<()> {
    let page = page(review).into_string();
    out.write_all(page.as_bytes())?;
    out.write_all(b"\n")
}

fn page(review: &Review) -> Markup {
    let has_rules = !review.rules.is_empty();
    let places = Places::of(review);
    markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Firewall review: observed, approved, configured" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#findings" { "Go to the findings" }
                header {
                    h1 { "Firewall review" }
                    p.quiet {
                        "What was observed in the traffic, what is approved, what is configured, joined line by line"
                        @if let Some(day) = &review.as_of { ", as of " (day) }
                        "."
                    }
                    (what_this_is(review))
                    nav aria-label="Contents" {
                        ul {
                            li { a href="#coverage" { "Coverage" } }
                            li { a href="#status" { "Observed, approved, configured" } }
                            li { a href="#zones" { "Zones" } }
                            li { a href="#findings" { "Findings" } }
                            @if has_rules { li { a href="#rules" { "Rules" } } }
                            li { a href="#worksheet" { "Worksheet" } }
                        }
                    }
                }
                main {
                    (coverage::section(review))
                    (matrix::status(review))
                    (matrix::zones(review))
                    (findings::section(review, &places))
                    @if has_rules { (rules::section(review, &places)) }
                    (worksheet::section(review, &places))
                }
                footer {
                    p { "IANA registry: " (review.registry) ". " (review.note) }
                    p { "Made by portscribe " (env!("CARGO_PKG_VERSION")) "." }
                }
            }
        }
        "\n"
    }
}

fn what_this_is(review: &Review) -> Markup {
    markup! {
        div.notice role="note" {
            p { strong { (NOT_APPROVED) } }
            p {
                "It shows what a sensor saw, and joins it with "
                @match review.rulesets.as_slice() {
                    [] => "no ruleset",
                    sets => (count(sets.len() as u64, "ruleset")),
                }
                " and "
                @match &review.approved {
                    None => "no approval list",
                    Some(name) => {
                        "the approval list " code { (name) }
                        @if let Some(day) = &review.approvals_on { ", as of " (day) }
                    },
                }
                ". What was not seen may still be needed: read the coverage first."
            }
            p { (review.note) }
        }
    }
}

#[cfg(test)]
#[path = "../../../../tests/review/within/html.rs"]
mod tests;
