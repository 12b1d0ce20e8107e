//! The worksheet that goes out.

use std::collections::BTreeSet;
use std::io;

use super::super::approved::{MACHINE, guarded};
use super::super::model::{
    Approval, FindingId, Grade, InUse, Review, Row, RowStatus, RuleReview, RuleScope, Scan,
};
use super::tried::{Tried, verdicts};
use crate::net::{Family, network};

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
    let mut put = |cells: Vec<String>, approval: Option<&Approval>| {
        let people =
            review.human_columns.iter().map(|column| approval.map_or("", |a| a.cell(column)).to_owned());
        csv.write_record(cells.iter().map(|cell| guarded(cell)).chain(people))
    };
    for row in review.rows.iter().filter(|row| row.is_in_worksheet()) {
        put(of_row(review, row), row.approval.as_ref())?;
    }
    let tried = Tried::of(review);
    for scan in &review.scans {
        put(of_scan(review, scan, &tried), scan.approval.as_ref())?;
    }
    for rule in review.rules.iter().filter(|rule| rule.is_in_worksheet()) {
        put(of_rule(review, rule), rule.approval.as_ref())?;
    }
    for kept in &review.kept {
        let cells = MACHINE.map(|column| match column {
            "row_id" => kept.row_id.clone(),
            "status" => kept.status.name().to_owned(),
            "findings" => findings(&kept.findings),
            _ => kept
                .cells
                .iter()
                .find(|(name, _)| name == column)
                .map_or_else(String::new, |(_, cell)| cell.clone()),
        });
        put(cells.to_vec(), Some(&kept.approval))?;
    }
    csv.flush()
}

fn of_scan(review: &Review, scan: &Scan, tried: &Tried) -> Vec<String> {
    let count = |grades: &[Grade]| -> String {
        grades.iter().filter_map(|grade| scan.grades.get(grade)).sum::<u64>().to_string()
    };
    let what = tried.by(scan);
    MACHINE
        .map(|column| match column {
            "row_id" => scan.row_id.clone(),
            "status" => RowStatus::Tried.name().to_owned(),
            "src_zone" => scan.client_zone.clone(),
            "sources" => scan.client.to_string(),
            "widened" => "no".to_owned(),
            "dst_zone" => what.zones.clone(),
            "destination" => what.servers.clone(),
            "family" => if scan.client.is_ipv4() { Family::Ipv4 } else { Family::Ipv6 }.name().to_owned(),
            "proto" => what.transports.clone(),
            "ports" => what.ports.clone(),
            "grade" => scan.grades.keys().max().map_or_else(String::new, |grade| grade.name().to_owned()),
            "flows_in_use" => "0".to_owned(),
            "flows_refused" => count(&[Grade::Refused, Grade::Unreachable]),
            "flows_no_reply" => count(&[Grade::NoReply]),
            "first_seen" => scan.first_seen.clone().unwrap_or_default(),
            "last_seen" => scan.last_seen.clone().unwrap_or_default(),
            "coverage_days" => coverage_days(review),
            "rules" => what.rules.clone(),
            "verdict" => what.verdicts.clone(),
            "findings" => findings(&scan.findings),
            _ => String::new(),
        })
        .to_vec()
}

fn of_row(review: &Review, row: &Row) -> Vec<String> {
    let count = |grades: &[Grade]| -> String {
        grades.iter().filter_map(|grade| row.grades.by_grade.get(grade)).sum::<u64>().to_string()
    };
    let in_use: Vec<Grade> = Grade::ALL.into_iter().filter(|grade| grade.in_use() == InUse::Yes).collect();
    let sources: Vec<String> = row.clients.networks.iter().map(network).collect();
    let tags: BTreeSet<&str> =
        row.tags.iter().filter(|tag| tag.waived.is_empty()).map(|tag| tag.tag.name()).collect();
    let rules: Vec<&str> = row.rules.iter().map(|rule| rule.rule.as_str()).collect();
    let verdicts: BTreeSet<&str> = verdicts(row).collect();
    MACHINE
        .map(|column| match column {
            "row_id" => row.row_id.clone(),
            "status" => row.status.name().to_owned(),
            "src_zone" => row.client_zone.clone(),
            "sources" => sources.join(" "),
            "widened" => if row.clients.widened { "yes" } else { "no" }.to_owned(),
            "dst_zone" => row.server_zone.clone(),
            "destination" => row.server.to_string(),
            "family" => row.family.name().to_owned(),
            "proto" => row.transport.clone(),
            "ports" => row.ports.to_string(),
            "service" => row.registry.service.clone(),
            "name_basis" => row.name_basis.name().to_owned(),
            "registry_note" => registry_note(row),
            "tags" => joined(&tags),
            "grade" => row.grade.name().to_owned(),
            "flows_in_use" => count(&in_use),
            "flows_refused" => count(&[Grade::Refused, Grade::Unreachable]),
            "flows_no_reply" => count(&[Grade::NoReply]),
            "first_seen" => row.first_seen.clone().unwrap_or_default(),
            "last_seen" => row.last_seen.clone().unwrap_or_default(),
            "active_days" => row.active_days.to_string(),
            "coverage_days" => coverage_days(review),
            "rules" => rules.join(" "),
            "verdict" => joined(&verdicts),
            "findings" => findings(&row.findings),
            _ => String::new(),
        })
        .to_vec()
}

fn of_rule(review: &Review, rule: &RuleReview) -> Vec<String> {
    let scope =
        |of: fn(&RuleScope) -> &String| rule.scope.as_ref().map_or_else(String::new, |s| of(s).clone());
    MACHINE
        .map(|column| match column {
            "row_id" => rule.row_id.clone(),
            "status" => rule.status().name().to_owned(),
            "sources" => scope(|scope| &scope.sources),
            "destination" => scope(|scope| &scope.destination),
            "family" => scope(|scope| &scope.family),
            "proto" => scope(|scope| &scope.proto),
            "ports" => scope(|scope| &scope.ports),
            "coverage_days" => coverage_days(review),
            "rules" => format!("{}: {}", rule.reference, rule.text),
            "verdict" => rule.verdict.name().to_owned(),
            "findings" => findings(&rule.findings),
            _ => String::new(),
        })
        .to_vec()
}

/// What the registry says beyond the name: the status where it is not `registered`, the note,
/// other transports and local names; and what the payload shows.
fn registry_note(row: &Row) -> String {
    let registry = &row.registry;
    let mut parts = Vec::new();
    if registry.status != "registered" {
        parts.push(registry.status.clone());
    }
    if !registry.note.is_empty() {
        parts.push(registry.note.clone());
    }
    if !registry.other_transports.is_empty() {
        parts.push(format!("also registered: {}", registry.other_transports.join(", ")));
    }
    if !registry.local_names.is_empty() {
        parts.push(format!("local name: {}", registry.local_names.join(", ")));
    }
    if !row.spoken.is_empty() {
        parts.push(format!("payload shows {}", row.spoken.join(", ")));
    }
    parts.join("; ")
}

fn coverage_days(review: &Review) -> String {
    // Thousandths of a day are about a minute and a half; shorter captures show as they are.
    let days = review.coverage.covered_seconds / 86_400.0;
    if days >= 0.1 { format!("{days:.3}") } else { format!("{days:.6}") }
}

fn findings(ids: &[FindingId]) -> String {
    let ids: BTreeSet<FindingId> = ids.iter().copied().collect();
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn joined(words: &BTreeSet<&str>) -> String {
    words.iter().copied().collect::<Vec<_>>().join(" ")
}
