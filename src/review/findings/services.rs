//! FR110–FR119: services as they were seen.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{
    About, Finding, FindingKind, Grade, InUse, Offer, PortStatus, Row, RowId, RowKind, SAMPLES, ScanRow,
    Severity, Tag, TagUse, Trust,
};
use super::said::in_words;
use super::{Facts, Said};
use crate::net::Transport;
use crate::registry::Status;
use crate::services;
use crate::text::at_most;

/// Tags that say something whoever the client is. Amplifiers matter where strangers reach them
/// (FR112), administration where zones are crossed (FR113).
const ANYWHERE: [Tag; 5] = [
    Tag::CleartextLogin,
    Tag::CleartextData,
    Tag::ObsoleteVersion,
    Tag::LateralMovement,
    Tag::NoAuthentication,
];

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    for row in facts.rows.iter().filter(|row| row.is_observed()) {
        insecure(facts, row, all);
        exposed(facts, row, all);
        administration(row, all);
        registry(row, all);
        contradiction(row, all);
    }
    dynamic(facts, all);
    groups(facts, all);
    scans(facts, all);
}

/// Whether a row of the list speaks against use by anyone.
pub(super) fn matters_anywhere(tag: Tag) -> bool {
    ANYWHERE.contains(&tag)
}

fn tags(row: &Row, wanted: impl Fn(Tag) -> bool) -> Vec<&TagUse> {
    row.tags.iter().filter(|tag| tag.waived.is_empty() && wanted(tag.tag)).collect()
}

fn reasons(tags: &[&TagUse]) -> String {
    let one = |tag: &&TagUse| format!("{}: {}. Source: {}.", tag.tag.name(), tag.reason, tag.source);
    tags.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn alternatives(tags: &[&TagUse]) -> String {
    let words: BTreeSet<&str> =
        tags.iter().map(|tag| tag.alternative.as_str()).filter(|text| !text.is_empty()).collect();
    if words.is_empty() {
        "Decide whether it can be replaced, and who has to reach it.".to_owned()
    } else {
        format!(
            "Ask its owner whether this could take its place: {}.",
            words.into_iter().collect::<Vec<_>>().join("; ")
        )
    }
}

fn insecure(facts: &Facts, row: &Row, all: &mut Vec<Finding>) {
    let tags = tags(row, matters_anywhere);
    if tags.is_empty() {
        return;
    }
    let crosses = facts.trust(&row.service.client_zone) != facts.trust(&row.service.server_zone);
    let severity = if crosses { Severity::High } else { Severity::Medium };
    all.push(
        Said {
            title: insecure_in_words(row),
            why: reasons(&tags),
            limits: format!("{} Whether something else protects it is not seen.", row.limits_of_name()),
            suggestion: alternatives(&tags),
            ..Said::of_row(row)
        }
        .find(FindingKind::InsecureInUse, row.by_name(severity)),
    );
}

/// What is said of an insecure service: the protocol that was seen, where one was, which may be another
/// than that of the registered name.
fn insecure_in_words(row: &Row) -> String {
    let (used, list) = (row.use_in_words(), "on the list of insecure services");
    let Some(spoken) = row.spoken_in_words() else {
        return format!("{} is {used} and {list}", row.in_words());
    };
    let registry = &row.service.registry;
    let registered = match registry.names() {
        none if none.is_empty() => registry.status.to_string(),
        names => format!("registered as {names}"),
    };
    format!(
        "{} speaks {spoken} ({registered}) at {} from {}: {used} and {list}",
        row.service.offer,
        row.service.server_in_words(),
        row.service.client_zone
    )
}

/// Clients of an external zone were answered by a server of one's own.
fn exposed(facts: &Facts, row: &Row, all: &mut Vec<Finding>) {
    let outside = facts.trust(&row.service.client_zone) == Trust::External;
    let own = facts.trust(&row.service.server_zone) != Trust::External;
    if !outside || !own || row.usage.grade.in_use() != InUse::Yes {
        return;
    }
    // Its row is for clients of this zone: whoever approved that has said that it is public.
    let approved = facts.approved(row);
    let why = format!("{} answered clients of a zone that is external", row.service.server);
    all.push(
        Said {
            title: format!(
                "{} is reached from the external zone {}{}",
                row.service_at(),
                row.service.client_zone,
                if approved.is_some() { ", which is approved" } else { "" }
            ),
            why: match &approved {
                Some(place) => format!("{why}; {place} approves it."),
                None => format!("{why}."),
            },
            limits: format!(
                "An address of a proxy or of address translation hides the client.{}",
                if row.usage.grade == Grade::Midstream {
                    " Its openings were not captured: which end is the server is a guess."
                } else {
                    ""
                }
            ),
            suggestion: if approved.is_some() {
                "Nothing, as long as the approval means clients from there."
            } else {
                "Ask its owner whether it is meant to be public, and have it decided in the worksheet."
            }
            .to_owned(),
            ..Said::of_row(row)
        }
        .find(
            FindingKind::ExposedToExternal,
            if approved.is_some() { Severity::Info } else { Severity::High },
        ),
    );
    let amplifiers = tags(row, |tag| tag == Tag::Amplifier);
    if row.service.offer.transport() == Some(Transport::Udp) && !amplifiers.is_empty() {
        all.push(
            Said {
                title: format!(
                    "{} answers clients of {} and can amplify",
                    row.service_at(),
                    row.service.client_zone
                ),
                why: reasons(&amplifiers),
                limits: row.limits_of_name(),
                suggestion: alternatives(&amplifiers),
                ..Said::of_row(row)
            }
            .find(FindingKind::AmplifierExposed, row.by_name(Severity::High)),
        );
    }
}

fn administration(row: &Row, all: &mut Vec<Finding>) {
    let on_list = |tag: &&TagUse| tag.tag == Tag::RemoteAdmin;
    let is_administration = match row.tags.iter().find(on_list) {
        // What the list calls by this name is for the user to waive there.
        Some(_) => !tags(row, |tag| tag == Tag::RemoteAdmin).is_empty(),
        None => match row.service.offer {
            Offer::Ports { transport, ports } => services::administers(transport, ports),
            Offer::Icmp { .. } | Offer::Protocol(_) => false,
        },
    };
    // Whatever the port: the payload shows what is spoken on it.
    let is_administration = is_administration
        || row.tags.iter().all(|tag| tag.waived.is_empty())
            && row.service.spoken.iter().any(|&spoken| services::is_administration(spoken));
    if row.service.client_zone == row.service.server_zone || !is_administration {
        return;
    }
    all.push(
        Said {
            title: format!(
                "{} {} hosts across zones, from {} to {}",
                row.service_at(),
                if row.usage.grade.in_use() == InUse::Yes { "administers" } else { "perhaps administers" },
                row.service.client_zone,
                row.service.server_zone
            ),
            why: "Whoever reaches a service for administration can try to take over the host.".to_owned(),
            limits: row.limits_of_name(),
            suggestion: "Decide which hosts have to reach it, and by which way (a jump host, a VPN)."
                .to_owned(),
            ..Said::of_row(row)
        }
        .find(FindingKind::AdminServiceCrossesZones, row.by_name(Severity::Medium)),
    );
}

fn registry(row: &Row, all: &mut Vec<Finding>) {
    if matches!(
        row.service.registry.status,
        PortStatus::Same(Status::Unassigned | Status::Reserved | Status::Withdrawn)
    ) {
        let other = match row.service.registry.other_transports.as_slice() {
            [] => String::new(),
            names => {
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                format!(" Elsewhere it is: {}.", names.join(", "))
            }
        };
        all.push(
            Said {
                title: format!(
                    "{} at {} is {}, and in the registry it is {}",
                    row.service.offer,
                    row.service.server_in_words(),
                    row.use_in_words(),
                    row.service.registry.status
                ),
                why: format!("No service is registered for it on {}.{other}", row.service.offer.protocol()),
                limits: "An own service may use any port; an unregistered port is not a fault in itself."
                    .to_owned(),
                suggestion: "Find out what it is, and give it a local name (--overlay).".to_owned(),
                ..Said::of_row(row)
            }
            .find(FindingKind::UnassignedOrReservedPort, Severity::Low),
        );
    }
    if row.service.registry.unauthorized {
        all.push(
            Said {
                title: format!("The registry notes unauthorized use of {}", row.service.offer),
                why: format!("{}.", row.service.registry.note.trim_end_matches('.')),
                limits: "Who uses the port here, the registry cannot say.".to_owned(),
                suggestion: "Find out which service it is before it is approved under the registered name."
                    .to_owned(),
                ..Said::of_row(row)
            }
            .find(FindingKind::UnauthorizedUseNoted, Severity::Low),
        );
    }
}

/// The payload is not that of the registered service: whoever approves the port under its name approves
/// something else.
fn contradiction(row: &Row, all: &mut Vec<Finding>) {
    let contradicting = &row.service.contradicting;
    if contradicting.is_empty() {
        return;
    }
    let also = row.service.spoken.iter().any(|spoken| !contradicting.contains(spoken));
    all.push(
        Said {
            title: format!(
                "{} at {}, registered as {}, {}speaks {}",
                row.service.offer,
                row.service.server_in_words(),
                row.service.registry.names(),
                if also { "also " } else { "" },
                in_words(contradicting),
            ),
            why: "The first payload of its flows is not how the registered service begins.".to_owned(),
            limits: "Only the first packets were looked at; what a tunnel or a proxy relays behind them is not seen."
                .to_owned(),
            suggestion: "Find out which program serves it, and approve it as what it is.".to_owned(),
            ..Said::of_row(row)
        }
        .find(FindingKind::PayloadContradicts, Severity::Medium),
    );
}

/// Ports that a control service handed out, together for each control row; and ranges.
fn dynamic(facts: &Facts, all: &mut Vec<Finding>) {
    let mut data: BTreeMap<RowId, Vec<&Row>> = BTreeMap::new();
    for row in facts.rows {
        match &row.kind {
            RowKind::DynamicData { control, .. } => data.entry(*control).or_default().push(row),
            // What was only tried is no service that needs a rule.
            RowKind::DynamicRange if row.is_observed() => data.entry(row.row_id).or_default().push(row),
            RowKind::DynamicRange | RowKind::Service | RowKind::Group => {}
        }
    }
    for (row_id, rows) in data {
        let control = facts.rows.iter().find(|row| row.row_id == row_id);
        let ports: BTreeSet<String> = rows.iter().map(|row| row.service.offer.to_string()).collect();
        let ports = short_list(ports);
        let title = match control {
            Some(row) if row.kind != RowKind::DynamicRange => {
                format!("{} uses further ports: {ports}", row.in_words())
            }
            Some(row) if row.service.offer.ports().is_some_and(|ports| ports.count() == 1) => {
                format!(
                    "{} at {} is unregistered, and was met from one port of one client alone",
                    row.service.offer,
                    row.service.server_in_words()
                )
            }
            Some(row) => {
                format!(
                    "{} at {} are unregistered ports, each met from one port of one client alone",
                    row.service.offer,
                    row.service.server_in_words()
                )
            }
            None => format!("Ports that a control service handed out: {ports}"),
        };
        all.push(
            Said {
                title,
                about: About::Row(row_id),
                why: "Ports that change from one connection to the next cannot be rules of their own."
                    .to_owned(),
                limits: paired_by(&rows).to_owned(),
                suggestion:
                    "Decide how the firewall is to know them: a connection tracking helper, a fixed range on \
                             the server, or a protocol with one port."
                        .to_owned(),
                samples: rows.iter().flat_map(|row| &row.usage.samples).take(SAMPLES).cloned().collect(),
                flows: rows.iter().map(|row| row.flows()).sum(),
            }
            .find(FindingKind::DynamicData, Severity::Info),
        );
    }
}

/// By what ports that were handed out are paired with their control service.
fn paired_by(rows: &[&Row]) -> &'static str {
    let is_announced = |row: &&Row| matches!(row.kind, RowKind::DynamicData { announced: true, .. });
    match rows.iter().filter(|row| is_announced(row)).count() {
        0 => "They are matched by hosts and times, not by what the control connection announced.",
        n if n == rows.len() => {
            "The control connection announced each of these ports; what it announced in vain is not listed."
        }
        _ => {
            "The control connection announced some of these ports; that the others belong to it is told by hosts and \
             times."
        }
    }
}

/// Multicast and broadcast, all in one.
fn groups(facts: &Facts, all: &mut Vec<Finding>) {
    let rows: Vec<&Row> = facts.rows.iter().filter(|row| row.kind == RowKind::Group).collect();
    if rows.is_empty() {
        return;
    }
    let groups: BTreeSet<String> =
        rows.iter().map(|row| format!("{} {}", row.service.server, row.service_in_words())).collect();
    all.push(
        Said {
            title: format!("Traffic to multicast and broadcast addresses: {}", short_list(groups)),
            about: About::Whole,
            why: "It goes to groups, so no server answers it, and no rule for a server fits it.".to_owned(),
            limits: "Whether it crosses the firewall is not seen.".to_owned(),
            suggestion: "Nothing, where the firewall does not forward groups.".to_owned(),
            samples: rows.iter().flat_map(|row| &row.usage.samples).take(SAMPLES).cloned().collect(),
            flows: rows.iter().map(|row| row.flows()).sum(),
        }
        .find(FindingKind::GroupTraffic, Severity::Info),
    );
}

fn scans(facts: &Facts, all: &mut Vec<Finding>) {
    for ScanRow { scan, .. } in facts.scans {
        all.push(
            Said {
                title: format!("{} tried {} services and {}", scan.client, scan.targets, scan.used_in_words()),
                about: About::Row(scan.row_id),
                why: "One client, many servers or ports, and few services in use or none: a scan looks like \
                      this."
                    .to_owned(),
                limits: "So does a monitor, an inventory, or a client whose servers have moved.".to_owned(),
                suggestion: "Find out who runs it. Its tries count neither as demand nor as use; what it used has rows of its \
                             own."
                        .to_owned(),
                samples: scan.samples.iter().take(SAMPLES).cloned().collect(),
                flows: scan.flows,
            }
            .find(FindingKind::ScanLike, Severity::Info),
        );
    }
}

/// How many words a finding lists.
pub(super) const SHORT: usize = 10;

/// A list of at most [`SHORT`] words, in their order.
pub(super) fn short_list(words: BTreeSet<String>) -> String {
    at_most(SHORT, words.into_iter())
}
