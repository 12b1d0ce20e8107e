//! FR501–FR503: against the last worksheet.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::services::short_list;
use super::{Facts, Finding, Said, Severity, row_in_words};
use crate::net::network;

pub(super) fn find(facts: &Facts, all: &mut Vec<Finding>) {
    let Some(worksheet) = facts.worksheet else { return };
    for row in facts.review.rows.iter().filter(|row| row.is_observed()) {
        let Some(last) = worksheet.row(&row.row_id) else {
            all.push(
                Said {
                    title: format!("{} is new since the last worksheet", row.in_words()),
                    why: format!("{} has no row for it.", worksheet.name),
                    limits: "It may have been there before and not been seen.".to_owned(),
                    suggestion: "Find its owner.".to_owned(),
                    ..Said::of_row(row)
                }
                .find(501, Severity::Medium),
            );
            continue;
        };
        let before: Vec<IpNet> = last.cell("sources").split_whitespace().filter_map(parse).collect();
        let new = row.clients.networks.iter().filter(|now| !before.iter().any(|one| one.contains(*now)));
        let new = new.map(network).collect::<BTreeSet<_>>();
        if !before.is_empty() && !new.is_empty() {
            all.push(
                Said {
                    title: format!("{} has new clients: {}", row.in_words(), short_list(new)),
                    why: format!("{}:{} names {}.", worksheet.name, last.line, last.cell("sources")),
                    limits: "They may have been there before and not been seen.".to_owned(),
                    suggestion: "Make sure that the approval means them, too.".to_owned(),
                    ..Said::of_row(row)
                }
                .find(503, Severity::Info),
            );
        }
    }
    let of_rows = facts.review.rows.iter().map(|row| row.row_id.as_str());
    let there: HashSet<&str> =
        of_rows.chain(facts.review.scans.iter().map(|scan| scan.row_id.as_str())).collect();
    for row in &worksheet.rows {
        let was_observed = !row.cell("first_seen").is_empty();
        if was_observed && !there.contains(row.row_id.as_str()) {
            all.push(
                Said {
                    title: format!(
                        "{} of the last worksheet: {}",
                        row_in_words(&row.cells),
                        facts.not_seen()
                    ),
                    subject: row.row_id.clone(),
                    why: format!("{}:{} has it.", worksheet.name, row.line),
                    limits: "That it was not seen does not mean that nobody needs it.".to_owned(),
                    suggestion: "Ask its owner before its rule goes.".to_owned(),
                    ..Said::default()
                }
                .find(502, Severity::Info),
            );
        }
    }
}

fn parse(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
