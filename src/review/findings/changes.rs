//! FR501–FR504: against the last worksheet.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::super::approved::{Worksheet, WorksheetRow};
use super::super::model::{About, CellsOf, Finding, FindingKind, MANY_ROWS, Offer, RowId, Service, Severity};
use super::approvals::{has, has_no_row};
use super::services::short_list;
use super::{Facts, Said};
use crate::net::network;
use crate::text::count;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let Some(worksheet) = facts.worksheet else { return };
    let moved = Moved::of(facts, worksheet);
    moved.find(worksheet, all);
    let is_long = worksheet.rows.len() >= MANY_ROWS;
    let mut not_told = 0;
    for row in facts.rows.iter().filter(|row| row.is_observed()) {
        let Some(last) = worksheet.row(row.row_id) else {
            // It may be one of those that were folded away.
            if is_long {
                not_told += 1;
                continue;
            }
            all.push(
                Said {
                    title: format!("{} is new since the last worksheet", row.in_words()),
                    why: match moved.before(&row.service) {
                        Some(last) => format!(
                            "{} {} has the same service for zone {}, which no longer exists.",
                            has_no_row(worksheet),
                            last.place(),
                            last.cells.get("src_zone")
                        ),
                        None => has_no_row(worksheet),
                    },
                    limits: "It may have been there before and not been seen.".to_owned(),
                    suggestion: "Find its owner.".to_owned(),
                    ..Said::of_row(row)
                }
                .find(FindingKind::RowNew, Severity::Medium),
            );
            continue;
        };
        let before: &[IpNet] = last.cells.sources();
        let Service { clients, clients_perhaps, .. } = &row.service;
        let seen = clients.networks.iter().chain(&clients_perhaps.networks);
        let new = seen.filter(|now| !before.iter().any(|one| one.contains(*now)));
        let new = new.map(network).collect::<BTreeSet<_>>();
        if !before.is_empty() && !new.is_empty() {
            all.push(
                Said {
                    title: format!("{} has new clients: {}", row.in_words(), short_list(new)),
                    why: format!("{} names {}.", last.place(), last.cells.get("sources")),
                    limits: "They may have been there before and not been seen.".to_owned(),
                    suggestion: "Make sure that the approval means them, too.".to_owned(),
                    ..Said::of_row(row)
                }
                .find(FindingKind::ClientsGrew, Severity::Info),
            );
        }
    }
    if not_told > 0 {
        all.push(
            Said {
                title: format!(
                    "Which of {} are new since the last worksheet cannot be told",
                    count(not_told, "row")
                ),
                why: format!(
                    "{} {} rows: others may have been folded away in it.",
                    has(worksheet),
                    worksheet.rows.len()
                ),
                limits: "The last review.json has all of its rows.".to_owned(),
                suggestion: "Decide on rows, or narrow what is reviewed, so that the worksheet has them all."
                    .to_owned(),
                ..Said::default()
            }
            .find(FindingKind::RowNew, Severity::Info),
        );
    }
    let of_rows = facts.rows.iter().map(|row| row.row_id);
    let there: HashSet<RowId> = of_rows.chain(facts.scans.iter().map(|scan| scan.scan.row_id)).collect();
    for row in &worksheet.rows {
        let was_observed = !row.cells.get("first_seen").is_empty();
        if was_observed && !there.contains(&row.row_id) {
            all.push(
                Said {
                    title: format!("{} of the last worksheet: {}", row.cells.in_words(), facts.not_seen()),
                    about: About::Row(row.row_id),
                    why: match moved.now(row.row_id) {
                        Some(zone) => format!("{} has it. Now it is seen from zone {zone}.", row.place()),
                        None => format!("{} has it.", row.place()),
                    },
                    limits: format!(
                        "That it was not seen does not mean that nobody needs it.{}",
                        facts.never_listened()
                    ),
                    suggestion: "Ask its owner before its rule goes.".to_owned(),
                    ..Said::default()
                }
                .find(FindingKind::RowGone, Severity::Info),
            );
        }
    }
}

/// The services of zones that are gone, with the zones from which they are seen now.
struct Moved<'a> {
    /// By server and what it is asked for: the rows of the worksheet.
    before: HashMap<ServiceKey, Vec<&'a WorksheetRow>>,
    /// By row of the worksheet: the zone now.
    now: HashMap<RowId, &'a str>,
    /// How many services went from which zone to which.
    zones: BTreeMap<(&'a str, &'a str), u64>,
}

type ServiceKey = (IpAddr, Offer);

impl<'a> Moved<'a> {
    fn of(facts: &'a Facts, worksheet: &'a Worksheet) -> Moved<'a> {
        let is_zone = |name: &str| facts.has_zone(name);
        let mut moved = Moved { before: HashMap::new(), now: HashMap::new(), zones: BTreeMap::new() };
        for row in &worksheet.rows {
            if let CellsOf::Service(Some(service)) = row.cells.of()
                && !is_zone(&service.client_zone)
            {
                let Some(server) = service.server else { continue };
                let key = (server, service.offer);
                moved.before.entry(key).or_default().push(row);
            }
        }
        for row in facts
            .rows
            .iter()
            .filter(|row| row.service.servers.is_empty() && worksheet.row(row.row_id).is_none())
        {
            let zone = row.service.client_zone.as_str();
            for last in moved.before.get(&key(&row.service)).into_iter().flatten() {
                let old = last.cells.get("src_zone").trim();
                if old != zone && moved.now.insert(last.row_id, zone).is_none() {
                    *moved.zones.entry((old, zone)).or_default() += 1;
                }
            }
        }
        moved
    }

    /// The row of the same service for a zone that is gone.
    fn before(&self, service: &Service) -> Option<&'a WorksheetRow> {
        self.before.get(&key(service))?.first().copied()
    }

    fn now(&self, row_id: RowId) -> Option<&'a str> {
        self.now.get(&row_id).copied()
    }

    fn find(&self, worksheet: &Worksheet, all: &mut Vec<Finding>) {
        for ((old, new), n) in &self.zones {
            all.push(
                Said {
                    title: format!(
                        "Zone {old} of the last worksheet is gone; {} of it {} now seen from zone {new}",
                        count(*n, "service"),
                        if *n == 1 { "is" } else { "are" }
                    ),
                    why: format!(
                        "No zone is called {old}, and {} for it the same servers, transports and ports that are now \
                         seen from {new}.",
                        has(worksheet)
                    ),
                    limits: "Whether it is the same zone under another name cannot be told from names. What was \
                             approved for it approves nothing of another zone."
                        .to_owned(),
                    suggestion: format!(
                        "If it is the same zone, give --rename-zone {old}={new}; if not, have the rows decided."
                    ),
                    ..Said::default()
                }
                .find(FindingKind::ZoneRenamed, Severity::Medium),
            );
        }
    }
}

fn key(service: &Service) -> ServiceKey {
    (service.server, service.offer)
}
