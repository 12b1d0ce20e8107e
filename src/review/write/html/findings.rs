//! What a reviewer should look at.

use maud::{Markup, html as markup};

use super::super::super::model::{About, Finding, Review, Severity};
use super::Places;
use crate::text::count;

pub(super) fn section(review: &Review, places: &Places) -> Markup {
    let of = |severity: Severity| review.findings.iter().filter(move |f| f.severity == severity).count();
    markup! {
        section #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Findings" }
            @if review.findings.is_empty() { p { "There are none." } }
            @else {
                dl.figures {
                    @for severity in Severity::ALL.into_iter().rev() {
                        div { dt { (severity.name()) } dd class=(severity.name()) { (of(severity)) } }
                    }
                }
            }
            @for (n, finding) in review.findings.iter().enumerate() { (one(places, n + 1, finding)) }
        }
    }
}

fn one(places: &Places, n: usize, finding: &Finding) -> Markup {
    let severity = finding.severity.name();
    markup! {
        article.finding.(severity) #(format!("finding-{n}")) {
            h3 {
                span.badge.(severity) { (severity) }
                (finding.kind) " " (finding.title)
            }
            dl.said {
                dt { "kind" } dd { (finding.name) }
                @if finding.about != About::Whole { dt { "about" } dd { (places.about(&finding.about)) } }
                @if !finding.why.is_empty() { dt { "why" } dd { (finding.why) } }
                @if !finding.limits.is_empty() { dt { "limits" } dd { (finding.limits) } }
                @if !finding.suggestion.is_empty() { dt { "suggestion" } dd { (finding.suggestion) } }
                @if !finding.standards.is_empty() { dt { "asked for by" } dd { (finding.standards.join("; ")) } }
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
                                " of " code { (sample.capture) }
                            }
                        }
                    }
                }
            }
        }
    }
}
