//! The worksheet that goes out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use super::super::approved::{DISAGREEMENT, MACHINE, disagreement};
use super::super::model::{
    Approval, Clients, FindingKind, Grade, InUse, Judged, PortStatus, Review, Row, RowStatus, RuleReview,
    RuleScope, RulesSay, ScanRow, few, spoken_names,
};
use super::text::other_transports;
use super::tried::{Tried, verdicts};
use crate::foreign::{self, sheet_cell};
use crate::net::span::DAY;
use crate::net::{Family, network};
use crate::registry::Status;

/// Writes the worksheet: RFC 4180, UTF-8. A row for every service, for every client that scans, for
/// every rule that lets through what was not seen, and for every row of the last worksheet that
/// people wrote in. Services that only scanning clients tried have none of their own.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn worksheet(review: &Review, out: impl io::Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(MACHINE.into_iter().chain(review.human_columns.iter().map(String::as_str)))?;
    rows(review, |cells, people| {
        let own: Vec<Cow<str>> = cells.iter().map(|cell| sheet_cell(cell)).collect();
        csv.write_record(own.iter().map(AsRef::as_ref).chain(people.iter().copied())).map_err(io::Error::from)
    })?;
    csv.flush()
}

/// Hands on every row: what stands in the program's columns, and in people's.
pub(super) fn rows<E>(
    review: &Review,
    mut put: impl FnMut(&[String], &[&str]) -> Result<(), E>,
) -> Result<(), E> {
    let mut put = |mut cells: Vec<String>, approval: Option<&Approval>| {
        for (cell, column) in cells.iter_mut().zip(MACHINE) {
            if column == DISAGREEMENT {
                *cell = approval.map_or_else(String::new, disagreement::cell);
            } else if column.starts_with("approved_") {
                *cell = approved(column, approval);
            }
        }
        let people = review.human_columns.iter().map(|column| approval.map_or("", |a| a.cell(column)));
        put(&cells, &people.collect::<Vec<_>>())
    };
    for row in review.rows.iter().filter(|row| row.is_in_worksheet()) {
        put(of_row(review, row), row.approval.as_ref())?;
    }
    let tried = Tried::of(review);
    for scan in review.scans.iter().filter(|scan| !scan.folded) {
        put(of_scan(review, scan, &tried), scan.approval.as_ref())?;
    }
    for rule in review.rules.iter().filter(|rule| rule.is_in_worksheet()) {
        put(of_rule(review, rule), rule.approval.as_ref())?;
    }
    for kept in &review.kept {
        let cells = MACHINE.map(|column| match column {
            "row_id" => kept.row_id.to_string(),
            "status" => kept.status.name().to_owned(),
            "findings" => findings(&kept.findings),
            _ => kept.cells.get(column).to_owned(),
        });
        put(cells.to_vec(), Some(&kept.approval))?;
    }
    Ok(())
}

/// What an approval is about, by column; empty without one, and for scans and rules.
fn approved(column: &str, approval: Option<&Approval>) -> String {
    let Some((approval, extent)) = approval.and_then(|approval| Some((approval, approval.extent.as_ref()?)))
    else {
        return String::new();
    };
    match column {
        "approved_sources" => extent.sources_in_words(),
        "approved_servers" => extent.servers_in_words(),
        "approved_ports" => extent.ports.map_or_else(String::new, |ports| ports.to_string()),
        _ => approval.mark(),
    }
}

fn of_scan(review: &Review, scan: &Judged<ScanRow>, tried: &Tried) -> Vec<String> {
    let count = |grades: &[Grade]| -> String {
        grades.iter().filter_map(|grade| scan.scan.grades.get(grade)).sum::<u64>().to_string()
    };
    let what = tried.by(&scan.scan);
    MACHINE
        .map(|column| match column {
            "row_id" => scan.scan.row_id.to_string(),
            "status" => RowStatus::Tried.name().to_owned(),
            "src_zone" => scan.scan.client_zone.clone(),
            "sources" => scan.scan.client.to_string(),
            "widened" => "no".to_owned(),
            "dst_zone" => what.zones.clone(),
            "destination" => what.servers.clone(),
            "family" => Family::of(scan.scan.client).name().to_owned(),
            "proto" => what.transports.clone(),
            "ports" => what.ports.clone(),
            "icmp_type" => what.icmp_types.clone(),
            "grade" => {
                scan.scan.grades.keys().max().map_or_else(String::new, |grade| grade.name().to_owned())
            }
            "flows_in_use" => "0".to_owned(),
            "flows_refused" => count(&[Grade::Refused, Grade::Unreachable]),
            "flows_no_reply" => count(&[Grade::NoReply]),
            "first_seen" => scan.scan.first_seen.map_or_else(String::new, |time| time.to_string()),
            "last_seen" => scan.scan.last_seen.map_or_else(String::new, |time| time.to_string()),
            "coverage_days" => coverage_days(review),
            "rules" => what.rules.clone(),
            "verdict" => what.verdicts.clone(),
            "findings" => findings(&scan.findings),
            _ => String::new(),
        })
        .to_vec()
}

fn of_row(review: &Review, row: &Judged<Row>) -> Vec<String> {
    let count = |grades: &[Grade]| -> String {
        grades.iter().filter_map(|grade| row.usage.grades.by_grade.get(grade)).sum::<u64>().to_string()
    };
    let in_use: Vec<Grade> = Grade::ALL.into_iter().filter(|grade| grade.in_use() == InUse::Yes).collect();
    let networks = |clients: &Clients| clients.networks.iter().map(network).collect::<Vec<_>>().join(" ");
    let hosts = |hosts: &[IpAddr]| few(hosts.iter().map(ToString::to_string));
    let tags: BTreeSet<&str> =
        row.tags.iter().filter(|tag| tag.waived.is_empty()).map(|tag| tag.tag.name()).collect();
    let rules: Vec<&str> = row.rules.iter().map(|rule| rule.rule.as_str()).collect();
    let verdicts: BTreeSet<&str> = verdicts(row).collect();
    MACHINE
        .map(|column| match column {
            "row_id" => row.row_id.to_string(),
            "status" => row.status.name().to_owned(),
            "src_zone" => row.service.client_zone.clone(),
            "sources" => networks(&row.service.clients),
            "sources_perhaps" => networks(&row.service.clients_perhaps),
            "sources_refused" => hosts(&row.service.clients_refused),
            "sources_scanning" => hosts(&row.service.clients_scanning),
            "widened" => if row.service.users().widened { "yes" } else { "no" }.to_owned(),
            "dst_zone" => row.service.server_zone.clone(),
            "destination" => row.service.destination(),
            "family" => row.service.family.name().to_owned(),
            "proto" => row.service.offer.protocol().to_string(),
            "ports" => row.service.offer.ports_in_words(),
            "icmp_type" => row.service.offer.icmp_type_in_words(),
            "service" => row.service.registry.names(),
            "name_basis" => row.service.name_basis.name().to_owned(),
            "registry_note" => registry_note(row),
            "tags" => joined(&tags),
            "grade" => row.usage.grade.name().to_owned(),
            "flows_in_use" => count(&in_use),
            "flows_refused" => count(&[Grade::Refused, Grade::Unreachable]),
            "flows_no_reply" => count(&[Grade::NoReply]),
            "first_seen" => row.usage.first_seen.map_or_else(String::new, |time| time.to_string()),
            "last_seen" => row.usage.last_seen.map_or_else(String::new, |time| time.to_string()),
            "active_days" => row.usage.active_days.to_string(),
            "coverage_days" => coverage_days(review),
            "rules" => rules.join(" "),
            "verdict" => joined(&verdicts),
            "findings" => findings(&row.findings),
            _ => String::new(),
        })
        .to_vec()
}

fn of_rule(review: &Review, rule: &Judged<RuleReview>) -> Vec<String> {
    let scope = |of: fn(&RuleScope) -> String| rule.scope.as_ref().map_or_else(String::new, of);
    MACHINE
        .map(|column| match column {
            "row_id" => rule.row_id.map_or_else(String::new, |row_id| row_id.to_string()),
            "status" => rule.status().name().to_owned(),
            "sources" => scope(|scope| scope.sources.to_string()),
            "destination" => scope(|scope| scope.destination.to_string()),
            "family" => scope(|scope| scope.family.to_string()),
            "proto" => scope(|scope| scope.proto.to_string()),
            "ports" => scope(|scope| scope.ports.to_string()),
            "icmp_type" => scope(|scope| scope.icmp_type.to_string()),
            "coverage_days" => coverage_days(review),
            "rules" => format!("{}: {}", rule.reference, rule.text.raw()),
            "verdict" if rule.left_out.is_some() => RulesSay::NotJudged.name().to_owned(),
            "verdict" => rule.verdict.name().to_owned(),
            "findings" => findings(&rule.findings),
            _ => String::new(),
        })
        .to_vec()
}

/// What the registry says beyond the name: the status where it is not `registered`, the note,
/// other transports and local names; and what the payload shows.
fn registry_note(row: &Row) -> String {
    let registry = &row.service.registry;
    let mut parts = Vec::new();
    if registry.status != PortStatus::Same(Status::Registered) {
        parts.push(registry.status.to_string());
    }
    if !registry.note.is_empty() {
        parts.push(registry.note.clone());
    }
    if !registry.other_transports.is_empty() {
        parts.push(format!("also registered: {}", other_transports(registry)));
    }
    if !registry.local_names.is_empty() {
        parts.push(format!("local name: {}", foreign::joined(&registry.local_names, ", ")));
    }
    if !row.service.spoken.is_empty() {
        parts.push(format!("payload shows {}", spoken_names(&row.service.spoken)));
    }
    parts.join("; ")
}

fn coverage_days(review: &Review) -> String {
    // Thousandths of a day are about a minute and a half; shorter captures show as they are.
    let days = review.coverage.covered_seconds / DAY;
    if days >= 0.1 { format!("{days:.3}") } else { format!("{days:.6}") }
}

fn findings(ids: &[FindingKind]) -> String {
    let ids: BTreeSet<FindingKind> = ids.iter().copied().collect();
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn joined(words: &BTreeSet<&str>) -> String {
    words.iter().copied().collect::<Vec<_>>().join(" ")
}
