//! What a reviewer should look at.

use std::collections::BTreeMap;

use maud::{Markup, html as markup};

use super::super::super::model::{About, Finding, FindingKind, Review, Severity};
use super::{Places, shown};
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
            @if review.findings.len() > shown::FINDINGS {
                p {
                    strong { (review.findings.len() - shown::FINDINGS) " findings are not on this page. " }
                    "review.json has all; the page shows the " (shown::FINDINGS) " most severe. The others: "
                    (left_out(review).join(", ")) "."
                }
            }
            @for (n, finding) in shown::findings(review).iter().enumerate() { (one(places, n + 1, finding)) }
        }
    }
}

/// `FR114 4500 low`: how many findings of each kind and severity are not shown.
fn left_out(review: &Review) -> Vec<String> {
    let mut counts: BTreeMap<(FindingKind, Severity), u64> = BTreeMap::new();
    for finding in review.findings.iter().skip(shown::FINDINGS) {
        *counts.entry((finding.kind, finding.severity)).or_default() += 1;
    }
    counts.iter().map(|((kind, severity), n)| format!("{kind} {n} {}", severity.name())).collect()
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
