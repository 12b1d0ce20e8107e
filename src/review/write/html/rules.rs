//! The rules with their evidence.

use maud::{Markup, html as markup};

use super::super::super::model::{About, Covering, Judged, Review, RuleReview};
use super::{Places, wide};

pub(super) fn section(review: &Review, places: &Places) -> Markup {
    let table = markup! {
        table {
            caption {
                "The rules in their order. Flows are judged by their first packet, as new: a rule for "
                "established traffic judges none. A hit is not a use: the grades count. "
                "\u{201c}Not seen\u{201d}: in " (review.coverage.in_words()) "."
            }
            thead {
                tr {
                    @for heading in [
                        "rule", "text", "does", "kernel packets", "flows for certain", "flows perhaps",
                        "packets before the answer", "grades", "used part", "findings",
                    ] {
                        th scope="col" { (heading) }
                    }
                }
            }
            tbody { @for (n, rule) in review.rules.iter().enumerate() { (row(places, n + 1, rule)) } }
        }
    };
    markup! {
        section #rules aria-labelledby="rules-title" {
            h2 #rules-title { "Rules" }
            (wide("Rules with their evidence", &table))
        }
    }
}

fn row(places: &Places, n: usize, rule: &Judged<RuleReview>) -> Markup {
    let grades: Vec<String> =
        rule.flows.grades.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    let not_seen = rule.flows.definite == 0 && rule.flows.ambiguous == 0;
    markup! {
        tr #(format!("rule-{n}")) {
            th scope="row" { code { (rule.reference) } }
            td {
                span.rule { (rule.text) }
                @if !rule.comment.is_empty() { br; span.quiet { (rule.comment) } }
                @if let Some(Covering { by, same_verdict }) = &rule.covered_by {
                    br;
                    "covered by " code { (by.join(" ")) } @if *same_verdict { ", which does the same" } @else { ", which does otherwise" }
                }
                @if !rule.undecided.is_empty() {
                    br;
                    "read " (rule.state.name()) "; not decided: " (rule.undecided.join("; "))
                }
            }
            td { (rule.verdict.name()) }
            td.number {
                @match (rule.counted, rule.kernel_packets) {
                    (Some(counted), _) => (counted.packets),
                    (None, Some(packets)) => { (packets) " in a time not known" }
                    (None, None) => "not counted",
                }
            }
            td.number { (rule.flows.definite) }
            td.number { (rule.flows.ambiguous) }
            td.number { (rule.flows.packets_before_reply) }
            td {
                @if not_seen {
                    @match rule.not_looked_at {
                        Some(why) => { "not looked at: " (why.in_words()) }
                        None => "not seen",
                    }
                }
                @else { (grades.join(", ")) }
            }
            td { @for (n, part) in rule.used.in_words().iter().enumerate() { @if n > 0 { br; } (part) } }
            td { (places.findings(&About::Rule(rule.reference.clone()), &rule.findings)) }
        }
    }
}
