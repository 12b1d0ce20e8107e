//! The two tables that show the whole at a glance.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html as markup};

use super::super::super::{EdgeKind, Review, RowStatus, Zone, ZoneSource};
use super::super::text::service;
use super::wide;

/// What each combination asks for.
const MEANINGS: [(RowStatus, [bool; 3], &str); 7] = [
    (RowStatus::Oac, [true, true, true], "Keep."),
    (RowStatus::OC, [true, false, true], "In use without an approval: approve or block."),
    (
        RowStatus::OA,
        [true, true, false],
        "In use and approved, and no rule allows it: another ruleset, address translation or another path.",
    ),
    (
        RowStatus::O,
        [true, false, false],
        "In use without an approval, and no rule allows it: as above, and approve or block.",
    ),
    (RowStatus::AC, [false, true, true], "Approved and not seen: certify again, with the coverage in mind."),
    (RowStatus::C, [false, false, true], "Allowed, not approved, not seen: a candidate for removal."),
    (RowStatus::A, [false, true, false], "Approved, not seen, not allowed: a line of the list to tidy."),
];

/// How many rows there are of each combination of observed, approved, configured.
pub(super) fn status(review: &Review) -> Markup {
    let mut counts: BTreeMap<RowStatus, u64> = BTreeMap::new();
    let of_rules = review.rules.iter().filter(|rule| rule.is_in_worksheet() && rule.rows.is_empty());
    for status in review
        .edges
        .iter()
        .map(|edge| edge.status)
        .chain(of_rules.map(super::super::super::RuleReview::status))
        .chain(review.kept.iter().map(|row| row.status))
    {
        *counts.entry(status).or_default() += 1;
    }
    let rows = |status: RowStatus| counts.get(&status).copied().unwrap_or_default();
    let mark = |given: bool| if given { "yes" } else { "no" };
    let table = markup! {
        table {
            caption {
                "Rows by what was observed in use, what is approved and what a rule allows"
                @if review.rulesets.is_empty() { "; no ruleset was given, so nothing counts as configured" }
                @if review.approved.is_none() { "; no approval list was given, so nothing counts as approved" }
            }
            thead {
                tr {
                    @for heading in ["observed", "approved", "configured", "rows", "what it asks for"] {
                        th scope="col" { (heading) }
                    }
                }
            }
            tbody {
                @for (status, [observed, approved, configured], meaning) in MEANINGS {
                    tr {
                        td { (mark(observed)) }
                        td { (mark(approved)) }
                        td { (mark(configured)) }
                        td.number { (rows(status)) }
                        th scope="row" { (meaning) }
                    }
                }
            }
        }
    };
    markup! {
        section #status aria-labelledby="status-title" {
            h2 #status-title { "Observed, approved, configured" }
            (wide("Observed, approved, configured", &table))
            p.quiet {
                "Beside them: " (rows(RowStatus::Tried)) " tried and not in use, "
                (rows(RowStatus::Apart)) " listed apart (groups, ports that a control service handed out), "
                (rows(RowStatus::Gone)) " gone since the last worksheet."
            }
        }
    }
}

/// Which services are in use from which zone to which.
pub(super) fn zones(review: &Review) -> Markup {
    let in_use = || {
        review.edges.iter().filter(|edge| {
            matches!(edge.kind, EdgeKind::Service | EdgeKind::DynamicRange)
                && matches!(edge.status, RowStatus::Oac | RowStatus::OC | RowStatus::OA | RowStatus::O)
        })
    };
    let from: BTreeSet<&str> = in_use().map(|edge| edge.client_zone.as_str()).collect();
    let to: BTreeSet<&str> = in_use().map(|edge| edge.server_zone.as_str()).collect();
    let mut cells: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for edge in in_use() {
        let what = format!("{} {}/{}", service(edge), edge.ports, edge.transport);
        cells.entry((&edge.client_zone, &edge.server_zone)).or_default().insert(what);
    }
    let trust = |name: &str| review.zones.iter().find(|zone| zone.name == name).map(|zone| zone.trust.name());
    let table = markup! {
        table {
            caption { "Services in use, from the clients' zone (rows) to the servers' zone (columns)" }
            thead {
                tr {
                    th scope="col" { "from, to" }
                    @for to in &to { th scope="col" { (to) @if let Some(trust) = trust(to) { " (" (trust) ")" } } }
                }
            }
            tbody {
                @for from in &from {
                    tr {
                        th scope="row" { (from) @if let Some(trust) = trust(from) { " (" (trust) ")" } }
                        @for to in &to {
                            td {
                                @match cells.get(&(*from, *to)) {
                                    None => span.quiet { "none" },
                                    Some(services) => @for (n, service) in services.iter().enumerate() {
                                        @if n > 0 { br; }
                                        (service)
                                    },
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    markup! {
        section #zones aria-labelledby="zones-title" {
            h2 #zones-title { "Zones" }
            @if from.is_empty() { p { "No service was seen in use." } }
            @else { (wide("Services in use by zones", &table)) }
            @if !review.zones.is_empty() { (networks(review)) }
        }
    }
}

/// The user's networks, and folded away those that are built in.
fn networks(review: &Review) -> Markup {
    let (own, builtin): (Vec<&Zone>, Vec<&Zone>) =
        review.zones.iter().partition(|zone| zone.source == ZoneSource::File);
    markup! {
        h3 { "Networks" }
        @if !own.is_empty() { (wide("Networks of the zones", &table("The networks of the zones", &own))) }
        @if !builtin.is_empty() {
            details {
                summary { "Networks that are built in: " (builtin.len()) }
                (wide("Networks that are built in", &table("Where the zones above say nothing", &builtin)))
            }
        }
    }
}

fn table(caption: &str, zones: &[&Zone]) -> Markup {
    markup! {
        table {
            caption { (caption) }
            thead {
                tr { @for heading in ["network", "zone", "trust", "comment"] { th scope="col" { (heading) } } }
            }
            tbody {
                @for zone in zones {
                    tr {
                        th scope="row" { code { (zone.network) } }
                        td { (zone.name) }
                        td { (zone.trust.name()) }
                        td { (zone.comment) }
                    }
                }
            }
        }
    }
}
