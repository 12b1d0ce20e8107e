//! Which services are in use from which zone to which, and the networks of the zones.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html as markup};

use super::super::super::model::{InUse, Review, RowKind, RowStatus, Zone, ZoneSource};
use super::super::text::names;
use super::shown;

pub(super) fn section(review: &Review) -> Markup {
    let in_use = review.rows.iter().filter(|row| {
        matches!(row.kind, RowKind::Service | RowKind::DynamicRange)
            && matches!(
                row.status,
                RowStatus::Oac | RowStatus::OC | RowStatus::OA | RowStatus::O | RowStatus::Unjudged
            )
    });
    let mut pairs: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for row in in_use {
        let perhaps = if row.usage.grade.in_use() == InUse::Yes { "" } else { " (perhaps)" };
        let (name, port) = names(row);
        let what = format!("{name}{port}{perhaps}");
        pairs.entry((&row.service.client_zone, &row.service.server_zone)).or_default().insert(what);
    }
    let more = pairs.len().saturating_sub(shown::PLACES);
    markup! {
        section #zones aria-labelledby="zones-title" {
            h2 #zones-title { "Zones" }
            @if pairs.is_empty() { p { "No service was seen in use or perhaps in use." } }
            @else {
                table {
                    caption { "Services in use or perhaps in use, by the zones of clients and servers" }
                    thead { tr { @for heading in ["from", "to", "services"] { th scope="col" { (heading) } } } }
                    tbody {
                        @for ((from, to), services) in pairs.iter().take(shown::PLACES) {
                            tr {
                                th scope="row" { (with_trust(review, from)) }
                                td { (with_trust(review, to)) }
                                td { (list(services)) }
                            }
                        }
                    }
                }
                @if more > 0 { p { "and " (more) " more pairs of zones in review.json" } }
            }
            @if !review.zones.is_empty() { (networks(review)) }
        }
    }
}

fn list(services: &BTreeSet<String>) -> Markup {
    let more = services.len().saturating_sub(shown::SERVICES);
    markup! {
        @for (n, service) in services.iter().take(shown::SERVICES).enumerate() {
            @if n > 0 { ", " }
            span.whole { (service) }
        }
        @if more > 0 { ", and " (more) " more in worksheet.csv" }
    }
}

fn with_trust(review: &Review, name: &str) -> String {
    let by_network = review.zones.iter().find(|zone| zone.name == name).map(|zone| zone.trust);
    let by_interface = || review.zone_interfaces.iter().find(|zone| zone.name == name).map(|zone| zone.trust);
    match by_network.or_else(by_interface) {
        Some(trust) => format!("{name} ({})", trust.name()),
        None => name.to_owned(),
    }
}

/// The user's networks, and folded away those that are built in.
fn networks(review: &Review) -> Markup {
    let (own, builtin): (Vec<&Zone>, Vec<&Zone>) =
        review.zones.iter().partition(|zone| zone.source == ZoneSource::File);
    markup! {
        h3 { "Networks" }
        @if !own.is_empty() { (table("The networks of the zones", &own)) }
        @if !builtin.is_empty() {
            details {
                summary { "Networks that are built in: " (builtin.len()) }
                (table("Where the zones above say nothing", &builtin))
            }
        }
    }
}

fn table(caption: &str, zones: &[&Zone]) -> Markup {
    let more = zones.len().saturating_sub(shown::PLACES);
    markup! {
        table {
            caption { (caption) }
            thead {
                tr { @for heading in ["network", "zone", "trust", "comment"] { th scope="col" { (heading) } } }
            }
            tbody {
                @for zone in zones.iter().take(shown::PLACES) {
                    tr {
                        th scope="row" { code { (zone.network) } }
                        td { (zone.name) }
                        td { (zone.trust.name()) }
                        td { (shown::text(&zone.comment.line())) }
                    }
                }
            }
        }
        @if more > 0 { p { "and " (more) " more in review.json" } }
    }
}
