//! The rules with their evidence.

use maud::{Markup, html as markup};

use super::super::super::model::{About, Covering, Judged, Review, RuleReview};
use super::{Places, shown};

pub(super) fn section(review: &Review, places: &Places) -> Markup {
    markup! {
        section #rules aria-labelledby="rules-title" {
            h2 #rules-title { "Rules" }
            p {
                "In their order. Flows are judged by their first packet, as new: a rule for established traffic "
                "judges none. A hit is not a use: the grades count. "
                "\u{201c}Not seen\u{201d}: in " (review.coverage.in_words()) "."
            }
            ul.cards { @for (n, rule) in shown::rules(review).enumerate() { (card(places, n + 1, rule)) } }
        }
    }
}

fn card(places: &Places, n: usize, rule: &Judged<RuleReview>) -> Markup {
    let grades: Vec<String> =
        rule.flows.grades.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    let not_seen = rule.flows.definite == 0 && rule.flows.ambiguous == 0;
    let used = rule.used.in_words();
    markup! {
        li #(format!("rule-{n}")) {
            h3 { code { (rule.reference) } " " (rule.verdict.name()) }
            p { span.rule { (shown::text(&rule.text.line())) } }
            @if !rule.comment.is_empty() { p.quiet { (shown::text(&rule.comment.line())) } }
            dl.said {
                dt { "flows" }
                dd {
                    @if not_seen {
                        @match rule.not_looked_at {
                            Some(why) => { "not looked at: " (why.in_words()) },
                            None => "not seen",
                        }
                    } @else {
                        (rule.flows.definite) " for certain"
                        @if rule.flows.ambiguous > 0 { ", " (rule.flows.ambiguous) " perhaps" }
                        @if !grades.is_empty() { ": " (grades.join(", ")) }
                    }
                }
                dt { "packets" }
                dd {
                    (rule.flows.packets_before_reply) " before the answer; "
                    @match (rule.counted, rule.kernel_packets) {
                        (Some(counted), _) => { (counted.packets) " counted by the kernel" },
                        (None, Some(packets)) => { (packets) " counted by the kernel in a time not known" },
                        (None, None) => "not counted by the kernel",
                    }
                }
                @if let Some(from) = &rule.judged_from {
                    dt { "captures tell" }
                    dd { (from.in_words()) }
                }
                @if !rule.listed.is_empty() {
                    dt { "judged by" }
                    dd { "what " (shown::text(&rule.listed.join(", "))) " held when it was listed" }
                }
                @if !used.is_empty() {
                    dt { "used part" }
                    dd { @for (n, part) in used.iter().enumerate() { @if n > 0 { br; } (shown::text(part)) } }
                }
                @if let Some(Covering { by, same_verdict }) = &rule.covered_by {
                    dt { "covered by" }
                    dd {
                        @for (n, one) in by.iter().enumerate() { @if n > 0 { " " } (places.rule(one)) }
                        @if *same_verdict { ", which does the same" } @else { ", which does otherwise" }
                    }
                }
                @if !rule.undecided.is_empty() {
                    dt { "read " (rule.state.name()) }
                    dd { "not decided: " (shown::text(&rule.undecided.join("; "))) }
                }
                @if !rule.findings.is_empty() {
                    dt { "findings" }
                    dd { (places.findings(&About::Rule(rule.reference.clone()), &rule.findings)) }
                }
            }
        }
    }
}
