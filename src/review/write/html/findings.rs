//! What a reviewer should look at: findings of a kind together, and what they share said once.

use maud::{Markup, html as markup};

use super::super::super::model::{About, Finding};
use super::by_kind::ByKind;
use super::{Places, shown};
use crate::text::count;

pub(super) fn section(places: &Places, by_kind: &[ByKind]) -> Markup {
    markup! {
        section #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Findings" }
            @if by_kind.is_empty() { p { "There are none." } }
            @for one in by_kind { (of_kind(places, one)) }
        }
    }
}

/// A part of a finding that is sentences.
type Part = fn(&Finding) -> &str;

/// These parts, with their headings.
const PARTS: [(&str, Part); 3] = [
    ("why", |finding| &finding.why),
    ("limits", |finding| &finding.limits),
    ("suggestion", |finding| &finding.suggestion),
];

fn of_kind(places: &Places, one: &ByKind) -> Markup {
    let severity = one.severity.name();
    let standards = one.kind.standards();
    let shared = PARTS.map(|(heading, text)| (heading, one.shared(text)));
    let left_out = one.all - one.shown().len();
    markup! {
        article.finding.(severity) #(one.place()) {
            h3 {
                span.badge.(severity) { (severity) }
                (one.kind) " " (one.kind.meaning())
                @if one.all > 1 { span.quiet { " " (count(one.all as u64, "time")) } }
            }
            dl.said {
                dt { "kind" } dd { (one.kind.name()) }
                @for (heading, text) in &shared {
                    @if let Some(text) = text.filter(|text| !text.is_empty()) {
                        dt { (heading) } dd { (shown::text(text)) }
                    }
                }
                @if !standards.is_empty() { dt { "asked for by" } dd { (standards.join("; ")) } }
            }
            ul.items {
                @for (n, finding) in one.shown() { (item(places, *n, finding, &shared)) }
                @if left_out > 0 { li { "and " (left_out) " more in review.json" } }
            }
        }
    }
}

fn item(places: &Places, n: usize, finding: &Finding, shared: &[(&str, Option<&str>)]) -> Markup {
    let own = PARTS.iter().zip(shared).filter(|(_, (_, shared))| shared.is_none());
    markup! {
        li #(format!("finding-{n}")) {
            (shown::text(&finding.title))
            @if finding.about != About::Whole { " (" (places.about(&finding.about)) ")" }
            @for ((heading, text), _) in own {
                @let text = text(finding);
                @if !text.is_empty() { br; span.quiet { (heading) ": " } (shown::text(text)) }
            }
            @if !finding.samples.is_empty() {
                details {
                    summary {
                        "Evidence: " (count(finding.flows, "flow"))
                        @if finding.flows > finding.samples.len() as u64 {
                            ", " (finding.samples.len()) " of them here"
                        }
                    }
                    ul {
                        @for sample in &finding.samples {
                            li {
                                span.flow { (sample.flow) } ": " (sample.grade.name()) ", frame " (sample.frame)
                                " of " code { (sample.capture.line()) }
                            }
                        }
                    }
                }
            }
        }
    }
}
