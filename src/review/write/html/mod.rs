//! The review as one page: no script, no other file, readable on screen and on paper, with
//! headings and table headings that a screen reader can go by.

mod coverage;
mod findings;
mod matrix;
mod places;
mod rules;
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
mod tests {
    use super::super::fixture;
    use super::*;

    fn written(review: &Review) -> String {
        let mut out = Vec::new();
        html(review, &mut out).expect("a page");
        String::from_utf8(out).expect("UTF-8")
    }

    /// The names of a page's tags in their order.
    fn tags(page: &str) -> Vec<&str> {
        page.split('<').skip(1).map(|rest| rest.split([' ', '>', '\n']).next().unwrap_or_default()).collect()
    }

    #[test]
    fn the_page_is_as_expected() {
        fixture::expect("review.html", &written(&fixture::review()));
    }

    #[test]
    fn a_review_of_nothing_says_so() {
        fixture::expect("empty.html", &written(&fixture::empty()));
    }

    #[test]
    fn texts_from_outside_make_no_tags() {
        let (hostile, harmless) = (fixture::with_texts(fixture::HOSTILE), fixture::with_texts("text "));
        let (hostile, harmless) = (written(&hostile), written(&harmless));
        assert_eq!(tags(&hostile), tags(&harmless));
        assert!(!hostile.contains("<script"), "a script");
        let quotes = |page: &str| page.matches('"').count();
        assert_eq!(quotes(&hostile), quotes(&harmless), "quotes only where attributes are");
    }

    #[test]
    fn every_link_has_its_place_and_every_place_its_own_name() {
        let page = written(&fixture::review());
        let values = |attribute: &str| -> Vec<String> {
            page.split(attribute)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
                .collect()
        };
        let mut ids = values(" id=\"");
        for link in values("href=\"#") {
            assert!(ids.contains(&link), "#{link} leads nowhere");
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn headings_go_down_one_step_at_a_time_and_cells_have_headings() {
        let page = written(&fixture::review());
        let levels: Vec<u8> = tags(&page)
            .into_iter()
            .filter_map(|tag| tag.strip_prefix('h').and_then(|level| level.parse().ok()))
            .collect();
        assert_eq!(levels.iter().position(|level| *level == 1), levels.iter().rposition(|level| *level == 1));
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        assert_eq!(page.matches("<th ").count(), page.matches(" scope=\"").count());
        assert_eq!(page.matches("<th>").count(), 0);
        assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
    }
}
