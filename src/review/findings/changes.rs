//! FR501–FR503: against the last worksheet.

use std::collections::{BTreeSet, HashSet};

use ipnet::IpNet;

use super::super::model::{About, Finding, FindingKind, RowId, Service, Severity};
use super::services::short_list;
use super::{Facts, Said};
use crate::net::network;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let Some(worksheet) = facts.worksheet else { return };
    for row in facts.rows.iter().filter(|row| row.is_observed()) {
        let Some(last) = worksheet.row(row.row_id) else {
            all.push(
                Said {
                    title: format!("{} is new since the last worksheet", row.in_words()),
                    why: format!("{} has no row for it.", worksheet.name),
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
                    why: format!("{}:{} names {}.", worksheet.name, last.line, last.cells.get("sources")),
                    limits: "They may have been there before and not been seen.".to_owned(),
                    suggestion: "Make sure that the approval means them, too.".to_owned(),
                    ..Said::of_row(row)
                }
                .find(FindingKind::ClientsGrew, Severity::Info),
            );
        }
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
                    why: format!("{}:{} has it.", worksheet.name, row.line),
                    limits: "That it was not seen does not mean that nobody needs it.".to_owned(),
                    suggestion: "Ask its owner before its rule goes.".to_owned(),
                    ..Said::default()
                }
                .find(FindingKind::RowGone, Severity::Info),
            );
        }
    }
}
