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

use maud::{Markup, html as markup};

use super::super::model::Review;
use super::NOT_APPROVED;
use crate::foreign;
use crate::report::page::Shell;
use by_kind::ByKind;
use places::Places;

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
    let shell = Shell { title: "Firewall review: observed, approved, configured", style: "", script: None };
    shell.around(&markup! {
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
    })
}

#[cfg(test)]
#[path = "../../../../tests/review/within/html.rs"]
mod tests;
