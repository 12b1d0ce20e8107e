//! The two tables that show the whole at a glance.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html as markup};

use super::super::super::model::{InUse, Review, RowKind, RowStatus, Zone, ZoneSource};
use super::super::standing::{self, Approved, Seen, Standing};
use super::super::text::names;
use super::wide;

/// How many rows there are of each combination of observed, approved, configured.
pub(super) fn status(review: &Review) -> Markup {
    let counts = standing::counts(review);
    let of = |status: RowStatus| -> u64 {
        counts.iter().filter(|(standing, _)| standing.status == status).map(|(_, n)| n).sum()
    };
    let is_apart = |status| matches!(status, RowStatus::Tried | RowStatus::Apart | RowStatus::Gone);
    let joined: Vec<(&Standing, &u64)> =
        counts.iter().filter(|(standing, _)| !is_apart(standing.status)).collect();
    let table = markup! {
        table {
            caption { "Rows by what was observed in use, what is approved and what the rules allow" }
            thead {
                tr {
                    @for heading in ["observed", "approved", "configured", "rows", "status", "in words"] {
                        th scope="col" { (heading) }
                    }
                }
            }
            tbody {
                @for (standing, n) in &joined {
                    tr {
                        td { (observed(standing.seen)) }
                        td { (approved(standing.approved)) }
                        td { (standing.configured.name()) }
                        td.number { (n) }
                        td { (standing.status.name()) }
                        th scope="row" { (standing.in_words()) }
                    }
                }
            }
        }
    };
    markup! {
        section #status aria-labelledby="status-title" {
            h2 #status-title { "Observed, approved, configured" }
            @if joined.is_empty() { p { "There are no rows." } }
            @else { (wide("Observed, approved, configured", &table)) }
            p.quiet {
                "Beside them: " (of(RowStatus::Tried)) " tried and not in use, "
                (of(RowStatus::Apart)) " listed apart (groups, ports that a control service handed out), "
                (of(RowStatus::Gone)) " gone since the last worksheet."
            }
        }
    }
}

fn observed(seen: Seen) -> &'static str {
    match seen {
        Seen::InUse => "yes",
        Seen::Perhaps => "perhaps",
        Seen::Tried => "tried",
        Seen::No => "no",
        Seen::Unclear => "cannot be told",
        Seen::NotLookedAt => "not looked at",
    }
}

fn approved(approved: Approved) -> &'static str {
    match approved {
        Approved::Yes => "yes",
        Approved::InPart => "approved in part",
        Approved::Expired => "expired",
        Approved::No => "no",
        Approved::NotGiven => "not given",
    }
}

/// Which services are in use, or perhaps in use, from which zone to which.
pub(super) fn zones(review: &Review) -> Markup {
    let in_use = || {
        review.rows.iter().filter(|row| {
            matches!(row.kind, RowKind::Service | RowKind::DynamicRange)
                && matches!(row.status, RowStatus::Oac | RowStatus::OC | RowStatus::OA | RowStatus::O)
        })
    };
    let from: BTreeSet<&str> = in_use().map(|row| row.service.client_zone.as_str()).collect();
    let to: BTreeSet<&str> = in_use().map(|row| row.service.server_zone.as_str()).collect();
    let mut cells: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for row in in_use() {
        let perhaps = if row.usage.grade.in_use() == InUse::Yes { "" } else { " (perhaps)" };
        let what = format!("{} {}/{}{perhaps}", names(row), row.service.ports, row.service.transport);
        cells.entry((&row.service.client_zone, &row.service.server_zone)).or_default().insert(what);
    }
    let trust = |name: &str| {
        let by_network = review.zones.iter().find(|zone| zone.name == name).map(|zone| zone.trust.name());
        by_network.or_else(|| {
            let mut interfaces = review.zone_interfaces.iter();
            interfaces.find(|zone| zone.name == name).map(|zone| zone.trust.name())
        })
    };
    let table = markup! {
        table {
            caption { "Services in use or perhaps in use, from the clients' zone (rows) to the servers' zone (columns)" }
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
            @if from.is_empty() { p { "No service was seen in use or perhaps in use." } }
            @else { (wide("Services by zones", &table)) }
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
