//! The review as one page: no script, no other file, readable on screen and on paper, with
//! headings and table headings that a screen reader can go by.

mod by_kind;
mod coverage;
mod ends;
mod findings;
mod first;
mod places;
mod rules;
mod shown;
mod worksheet;
mod zones;

use std::io;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::super::model::Review;
use super::NOT_APPROVED;
use crate::foreign;
use by_kind::ByKind;
use places::Places;

const STYLE: &str = include_str!("style.css");

/// What a browser may load for the page and run in it: nothing but its own style sheet.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the whole review as one HTML page.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn html(review: &Review, out: &mut impl io::Write) -> io::Result<()> {
    let page = page(review).into_string();
    out.write_all(foreign::page(&page).as_bytes())?;
    out.write_all(b"\n")
}

fn page(review: &Review) -> Markup {
    let has_rules = !review.rules.is_empty();
    let by_kind = ByKind::of(review);
    let places = Places::of(review, &by_kind);
    markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
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
                    p.notice role="note" {
                        strong { (NOT_APPROVED) } " "
                        "What was not seen may still be needed: read the coverage first."
                    }
                    (first::folded(review))
                }
                main {
                    (first::section(review, &places, &by_kind))
                    nav aria-label="Contents" {
                        ul {
                            li { a href="#coverage" { "Coverage" } }
                            li { a href="#findings" { "Findings" } }
                            li { a href="#zones" { "Zones" } }
                            @if has_rules { li { a href="#rules" { "Rules" } } }
                            li { a href="#worksheet" { "Worksheet" } }
                            li { a href="#words" { "What the words mean" } }
                            li { a href="#sign" { "Signatures" } }
                        }
                    }
                    (coverage::section(review))
                    (findings::section(&places, &by_kind))
                    (zones::section(review))
                    @if has_rules { (rules::section(review, &places)) }
                    (worksheet::section(review, &places))
                    (ends::words(review))
                    (ends::sign())
                }
                footer {
                    p { "IANA registry: " (review.registry) ". " (review.note) }
                    p { "Made by " (review.made_by) "." }
                }
            }
        }
        "\n"
    }
}

#[cfg(test)]
#[path = "../../../../tests/review/within/html.rs"]
mod tests;
