//! The worksheet, as people read it.

use std::net::IpAddr;

use maud::{Markup, html as markup};

use super::super::super::model::{
    About, Approval, Clients, InUse, Judged, KeptRow, Review, Row, RowStatus, RuleReview, RulesSay, ScanRow,
    Service, few, percent,
};
use super::super::text::{flows_in_use, names, other_transports};
use super::super::tried::Tried;
use super::{Places, shown, wide};
use crate::net::network;

/// The headings of the program's columns here; `worksheet.csv` has more of them.
const HEADINGS: [&str; 9] =
    ["row", "status", "from", "to", "service", "evidence", "registry and lists", "rules", "findings"];

pub(super) fn section(review: &Review, places: &Places) -> Markup {
    let all_rows = review.rows.iter().filter(|row| row.is_in_worksheet()).count();
    let rules: Vec<&Judged<RuleReview>> = review.rules.iter().filter(|rule| rule.is_in_worksheet()).collect();
    let left_out = all_rows.saturating_sub(shown::ROWS) + review.scans.len().saturating_sub(shown::ROWS);
    let count = all_rows + review.scans.len() + rules.len() + review.kept.len();
    let tried = Tried::of(review);
    let table = markup! {
        table.worksheet {
            caption { "As in worksheet.csv, where people fill in the columns at the end" }
            thead {
                tr {
                    @for heading in HEADINGS { th scope="col" { (heading) } }
                    @for column in &review.human_columns { th scope="col" { (column) } }
                }
            }
            tbody {
                @for row in shown::rows(review) { (of_row(review, places, row)) }
                @for scan in shown::scans(review) { (of_scan(review, places, scan, &tried)) }
                @for rule in rules { (of_rule(review, places, rule)) }
                @for kept in &review.kept { (of_kept(review, places, kept)) }
            }
        }
    };
    markup! {
        section #worksheet aria-labelledby="worksheet-title" {
            h2 #worksheet-title { "Worksheet" }
            @if count == 0 { p { "It has no rows." } }
            @else {
                @if left_out > 0 {
                    p {
                        strong { (left_out) " rows of services and scans are not on this page. " }
                        "worksheet.csv and review.json have all; the page shows the first " (shown::ROWS) " of each."
                    }
                }
                (wide("Worksheet", &table))
            }
        }
    }
}

fn of_row(review: &Review, places: &Places, row: &Judged<Row>) -> Markup {
    let networks = |clients: &Clients| clients.networks.iter().map(network).collect::<Vec<_>>().join(", ");
    let hosts = |hosts: &[IpAddr]| few(hosts.iter().map(ToString::to_string));
    let Service { clients, clients_perhaps, clients_refused, clients_scanning, .. } = &row.service;
    let others = [
        ("perhaps", networks(clients_perhaps)),
        ("refused or unanswered", hosts(clients_refused)),
        ("scanning", hosts(clients_scanning)),
    ];
    let users = row.service.users();
    let grades: Vec<String> =
        row.usage.grades.by_grade.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    markup! {
        tr #(format!("row-{}", row.row_id)) {
            th scope="row" { code { (row.row_id) } }
            td { (row.status.name()) }
            td {
                (row.service.client_zone) ": " (networks(clients))
                @for (how, who) in &others {
                    @if !who.is_empty() { br; span.quiet { (how) ": " } (who) }
                }
                @if let Some(excess) = &row.exceeds { br; strong { "beyond the approval " (excess) } }
                @if users.widened {
                    " (widened"
                    @if let Some(share) = users.share { ", " (percent(share)) " of the addresses seen" }
                    ")"
                }
            }
            td { (row.service.server_zone) ": " (row.service.destination()) }
            td {
                strong { (names(row)) } " " (row.service.ports) "/" (row.service.transport)
                br;
                span.quiet { "name by " (row.service.name_basis.name()) }
            }
            td {
                (row.usage.grade.name())
                @match row.usage.grade.in_use() {
                    InUse::Yes => { ", " (flows_in_use(row)) " in use" },
                    InUse::Maybe => ", perhaps in use",
                    InUse::No => "",
                }
                br;
                span.quiet { (grades.join(", ")) }
            }
            td { (said(row)) }
            td {
                @match row.configured {
                    RulesSay::Ambiguous => { "the rules cannot tell" br; },
                    RulesSay::NotJudged => "not judged",
                    RulesSay::Allowed | RulesSay::Denied => "",
                }
                @for (n, rule) in row.rules.iter().enumerate() {
                    @if n > 0 { br; }
                    (places.rule(&rule.rule)) " " (rule.verdict.name())
                }
            }
            td { (places.findings(&About::Row(row.row_id), &row.findings)) }
            (people(review, row.approval.as_ref()))
        }
    }
}

/// What the registry and the list of insecure services say.
fn said(row: &Row) -> Markup {
    let registry = &row.service.registry;
    markup! {
        (registry.status)
        @if !registry.note.is_empty() { br; (registry.note) }
        @if !registry.other_transports.is_empty() {
            br;
            "also registered: " (other_transports(registry))
        }
        @if !registry.local_names.is_empty() { br; "local name: " (registry.local_names.join(", ")) }
        @for tag in &row.tags {
            br;
            strong { (tag.tag.name()) } ": " (tag.reason) " (" (tag.source) ")"
            @if !tag.waived.is_empty() { ", waived: " (tag.waived) }
        }
    }
}

fn of_scan(review: &Review, places: &Places, scan: &Judged<ScanRow>, tried: &Tried) -> Markup {
    let grades: Vec<String> =
        scan.scan.grades.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    let what = tried.by(&scan.scan);
    markup! {
        tr #(format!("row-{}", scan.scan.row_id)) {
            th scope="row" { code { (scan.scan.row_id) } }
            td { (RowStatus::Tried.name()) }
            td { (scan.scan.client_zone) ": " (scan.scan.client) }
            td { (what.zones) ": " (what.servers) }
            td { (what.transports) " " (what.ports) }
            td { "a scan: " (scan.scan.targets) " servers and ports tried, " (scan.scan.used_in_words()) br; span.quiet { (grades.join(", ")) } }
            td {}
            td { (what.rules) " " (what.verdicts) }
            td { (places.findings(&About::Row(scan.scan.row_id), &scan.findings)) }
            (people(review, scan.approval.as_ref()))
        }
    }
}

fn of_rule(review: &Review, places: &Places, rule: &Judged<RuleReview>) -> Markup {
    let row_id = rule.row_id.map_or_else(String::new, |row_id| row_id.to_string());
    markup! {
        tr #(format!("row-{row_id}")) {
            th scope="row" { code { (row_id) } }
            td { (rule.status().name()) }
            td colspan="5" { span.rule { (rule.text) } }
            td { (places.rule(&rule.reference)) " " (rule.verdict.name()) }
            td { (places.findings(&About::Rule(rule.reference.clone()), &rule.findings)) }
            (people(review, rule.approval.as_ref()))
        }
    }
}

fn of_kept(review: &Review, places: &Places, kept: &Judged<KeptRow>) -> Markup {
    let cell = |column: &str| kept.cells.get(column);
    markup! {
        tr #(format!("row-{}", kept.row_id)) {
            th scope="row" { code { (kept.row_id) } }
            td { (kept.status.name()) }
            td { (cell("src_zone")) " " (cell("sources")) }
            td { (cell("dst_zone")) " " (cell("destination")) }
            td { strong { (cell("service")) } " " (cell("ports")) "/" (cell("proto")) }
            td { "not seen" }
            td { (cell("registry_note")) }
            td { (cell("rules")) }
            td { (places.findings(&About::Row(kept.row_id), &kept.findings)) }
            (people(review, Some(&kept.approval)))
        }
    }
}

fn people(review: &Review, approval: Option<&Approval>) -> Markup {
    markup! {
        @for column in &review.human_columns {
            td.person { (approval.map_or("", |approval| approval.cell(column))) }
        }
    }
}
