//! What was listened to: the box that stands first.

use maud::{Markup, html as markup};

use super::super::super::model::{Coverage, Review, percent, span};
use super::shown;
use crate::text::count;

pub(super) fn section(review: &Review) -> Markup {
    let coverage = &review.coverage;
    markup! {
        section #coverage aria-labelledby="coverage-title" {
            h2 #coverage-title { "Coverage" }
            div.box {
                p {
                    "All that follows rests on " strong { (coverage.in_words()) } ". "
                    "\u{201c}Not seen\u{201d} means: not seen in that time, at that place."
                }
                (figures(coverage))
                @if let Some((packets, reasons)) = coverage.in_no_flow() { (in_no_flow(packets, &reasons)) }
                (no_row(coverage))
                (chances(coverage))
                @if !coverage.cuts.is_empty() { (cuts(coverage)) }
            }
            @if !coverage.not_read.is_empty() { (not_read(coverage)) }
            (doubles(coverage))
            (inputs(coverage))
            @if !review.rulesets.is_empty() { (rulesets(review)) }
        }
    }
}

fn figures(coverage: &Coverage) -> Markup {
    let packets: u64 = coverage.inputs.iter().map(|input| input.packets).sum();
    markup! {
        dl.figures {
            div { dt { "listened" } dd { (span(coverage.covered_seconds)) } }
            div { dt { "days with packets" } dd { (coverage.active_days) } }
            div { dt { "packets" } dd { (packets.saturating_sub(coverage.left_out)) } }
            div {
                dt { "of them in flows, and so in rows" }
                dd { (coverage.in_flows.saturating_sub(coverage.no_row.packets())) }
            }
            @if coverage.left_out > 0 {
                div { dt { "packets left out by --since and --until" } dd { (coverage.left_out) } }
            }
            div {
                dt { "TCP flows seen both ways" }
                dd {
                    @match coverage.both_ways_share {
                        Some(share) => (percent(share)),
                        None => "no TCP",
                    }
                }
            }
            div { dt { "packets the capture dropped" } dd { (dropped(coverage)) } }
            div { dt { "packets cut short" } dd { (coverage.truncated) } }
            div { dt { "copies of packets" } dd { (coverage.copies) } }
            div {
                dt { "the sensor stood" }
                dd {
                    @match coverage.vantage {
                        Some(vantage) => (vantage.name()),
                        None => "not said",
                    }
                }
            }
        }
    }
}

fn in_no_flow(packets: u64, reasons: &[String]) -> Markup {
    markup! {
        p { (count(packets, "packet")) " in no flow, and so in no row and with no rule:" }
        ul { @for reason in reasons { li { (reason) } } }
    }
}

fn no_row(coverage: &Coverage) -> Markup {
    let reasons = coverage.no_row.reasons();
    markup! {
        @if !reasons.is_empty() {
            p { (count(coverage.no_row.packets(), "packet")) " in flows that need no rule of their own, and so in no row:" }
            ul { @for reason in &reasons { li { (reason) } } }
        }
    }
}

fn dropped(coverage: &Coverage) -> String {
    let say = coverage.inputs.iter().filter(|input| input.dropped.is_some()).count();
    match coverage.dropped {
        None => "not known".to_owned(),
        Some(dropped) if say < coverage.inputs.len() => {
            format!("{dropped} in {} of {}", say, count(coverage.inputs.len() as u64, "capture"))
        }
        Some(dropped) => dropped.to_string(),
    }
}

fn chances(coverage: &Coverage) -> Markup {
    markup! {
        p { "The chance that a job of this period falls into the coverage, where any time is as likely as another:" }
        dl.figures {
            @for (period, chance) in &coverage.chances {
                div { dt { (period) } dd { (percent(*chance)) } }
            }
        }
        @if !coverage.never_listened.is_empty() {
            p { strong { "Never listened to (UTC): " } (coverage.never_listened()) "." }
        }
    }
}

fn cuts(coverage: &Coverage) -> Markup {
    markup! {
        h3 { "Where coverage was cut" }
        p.quiet { "A silent link and a stopped sensor look alike." }
        ul {
            @for cut in &coverage.cuts {
                li {
                    code { (cut.input) } ", frame " (cut.frame) ": " (cut.reason.name()) ", "
                    (cut.from) " to " (cut.to)
                }
            }
            @if coverage.more_cuts > 0 { li { "and " (coverage.more_cuts) " more" } }
        }
    }
}

fn not_read(coverage: &Coverage) -> Markup {
    markup! {
        h3 { "Captures that could not be read" }
        ul { @for one in &coverage.not_read { li { code { (one.name) } ": " (one.why) } } }
    }
}

/// Captures that hold the same packets.
fn doubles(coverage: &Coverage) -> Markup {
    markup! {
        @for names in coverage.doubles() {
            p { strong { "Counted more than once: " } (names.join(", ")) " hold the same packets." }
        }
    }
}

fn inputs(coverage: &Coverage) -> Markup {
    if coverage.inputs.is_empty() {
        return markup! { p { "No capture was read." } };
    }
    let more = coverage.inputs.len().saturating_sub(shown::PLACES);
    markup! {
        h3 { "Captures" }
        ul {
            @for input in coverage.inputs.iter().take(shown::PLACES) {
                li {
                    code { (input.name) } ": " (count(input.packets, "packet"))
                    @if let (Some(first), Some(last)) = (input.first, input.last) {
                        ", from " (first) " to " (last)
                    }
                    "; " (span(input.covered_seconds)) " covered"
                    @if let Some(fault) = &input.fault { "; " strong { (fault) } }
                    @match input.sha256 {
                        Some(hash) => { br; span.quiet { "SHA-256 " code { (hash) } } },
                        None => "; not a file",
                    }
                }
            }
            @if more > 0 { li { "and " (more) " more in review.json" } }
        }
    }
}

fn rulesets(review: &Review) -> Markup {
    markup! {
        h3 { "Rulesets" }
        ul {
            @for set in &review.rulesets {
                li {
                    code { (set.name) } ": " (set.format.name()) ", " (count(set.rules as u64, "rule"))
                    ", judged by " code { (set.chain) }
                    @if let Some(counted) = &set.counted { ", with what the kernel counted " (counted) }
                    br;
                    span.quiet { "SHA-256 " code { (set.sha256) } }
                    @for ipset in &set.ipsets {
                        br;
                        "with the sets of " code { (ipset.name) }
                        br;
                        span.quiet { "SHA-256 " code { (ipset.sha256) } }
                    }
                }
            }
        }
        @for own in review.own_in_words() { p { "Addresses of the firewall itself: " (own) "." } }
        @for set in &review.rulesets {
            @if !set.left_out.is_empty() {
                p {
                    code { (set.name) } ": --chain leaves out chains that can refuse packets, too: "
                    code { (set.left_out.join(", ")) } "."
                }
            }
            @if set.unknown_members.is_some() {
                p {
                    code { (set.name) } " is for the members of a security group, whose addresses were not given "
                    "(--group): every flow is held against it."
                }
            }
            @if !set.groups_unknown.is_empty() {
                p {
                    "Rules that name " (set.groups_unknown.join(" or ")) " cannot be decided, since its addresses "
                    "were not given (--group)."
                }
            }
            @if !set.rules_left_out.is_empty() {
                p { "Rules of " code { (set.name) } " that judge nothing, wholly or in part:" }
                ul { @for rule in &set.rules_left_out { li { (rule) } } }
            }
        }
    }
}
