//! The worksheet, as people read it.

use maud::{Markup, html as markup};

use super::super::super::wording::percent;
use super::super::super::worksheet::Tried;
use super::super::super::{Approval, Edge, InUse, KeptRow, Review, RowStatus, RuleReview, RulesSay, Scan};
use super::super::text::{flows_in_use, service};
use super::{Places, wide};
use crate::net::network;

/// The headings of the program's columns here; `worksheet.csv` has more of them.
const HEADINGS: [&str; 9] =
    ["row", "status", "from", "to", "service", "evidence", "registry and lists", "rules", "findings"];

pub(super) fn section(review: &Review, places: &Places) -> Markup {
    let edges: Vec<&Edge> = review.edges.iter().filter(|edge| edge.is_in_worksheet()).collect();
    let rules: Vec<&RuleReview> = review.rules.iter().filter(|rule| rule.is_in_worksheet()).collect();
    let rows = edges.len() + review.scans.len() + rules.len() + review.kept.len();
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
                @for edge in edges { (of_edge(review, places, edge)) }
                @for scan in &review.scans { (of_scan(review, places, scan, &tried)) }
                @for rule in rules { (of_rule(review, places, rule)) }
                @for kept in &review.kept { (of_kept(review, places, kept)) }
            }
        }
    };
    markup! {
        section #worksheet aria-labelledby="worksheet-title" {
            h2 #worksheet-title { "Worksheet" }
            @if rows == 0 { p { "It has no rows." } }
            @else { (wide("Worksheet", &table)) }
        }
    }
}

fn of_edge(review: &Review, places: &Places, edge: &Edge) -> Markup {
    let clients: Vec<String> = edge.clients.networks.iter().map(network).collect();
    let grades: Vec<String> =
        edge.evidence.grades.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    markup! {
        tr #(format!("row-{}", edge.row_id)) {
            th scope="row" { code { (edge.row_id) } }
            td { (edge.status.name()) }
            td {
                (edge.client_zone) ": " (clients.join(", "))
                @if edge.clients.widened {
                    " (widened"
                    @if let Some(share) = edge.clients.share { ", " (percent(share)) " of the addresses seen" }
                    ")"
                }
            }
            td { (edge.server_zone) ": " (edge.server) }
            td {
                strong { (service(edge)) } " " (edge.ports) "/" (edge.transport)
                br;
                span.quiet { "name by " (edge.name_basis.name()) }
            }
            td {
                (edge.grade.name())
                @match edge.grade.in_use() {
                    InUse::Yes => { ", " (flows_in_use(edge)) " in use" },
                    InUse::Maybe => ", perhaps in use",
                    InUse::No => "",
                }
                br;
                span.quiet { (grades.join(", ")) }
            }
            td { (said(edge)) }
            td {
                @match edge.configured {
                    RulesSay::Ambiguous => { "the rules cannot tell" br; },
                    RulesSay::NotJudged => "not judged",
                    RulesSay::Allowed | RulesSay::Denied => "",
                }
                @for (n, rule) in edge.rules.iter().enumerate() {
                    @if n > 0 { br; }
                    (places.rule(&rule.rule)) " " (rule.verdict.name())
                }
            }
            td { (places.findings(&edge.row_id, &edge.findings)) }
            (people(review, edge.approval.as_ref()))
        }
    }
}

/// What the registry and the list of insecure services say.
fn said(edge: &Edge) -> Markup {
    let registry = &edge.registry;
    markup! {
        (registry.status)
        @if !registry.note.is_empty() { br; (registry.note) }
        @if !registry.other_transports.is_empty() {
            br;
            "also registered: " (registry.other_transports.join(", "))
        }
        @if !registry.local_names.is_empty() { br; "local name: " (registry.local_names.join(", ")) }
        @for tag in &edge.tags {
            br;
            strong { (tag.tag.name()) } ": " (tag.reason) " (" (tag.source) ")"
            @if !tag.waived.is_empty() { ", waived: " (tag.waived) }
        }
    }
}

fn of_scan(review: &Review, places: &Places, scan: &Scan, tried: &Tried) -> Markup {
    let grades: Vec<String> = scan.grades.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    let what = tried.by(scan);
    markup! {
        tr #(format!("row-{}", scan.row_id)) {
            th scope="row" { code { (scan.row_id) } }
            td { (RowStatus::Tried.name()) }
            td { (scan.client_zone) ": " (scan.client) }
            td { (what.zones) ": " (what.servers) }
            td { (what.transports) " " (what.ports) }
            td { "a scan: " (scan.targets) " servers and ports tried, none used" br; span.quiet { (grades.join(", ")) } }
            td {}
            td { (what.rules) " " (what.verdicts) }
            td { (places.findings(&scan.row_id, &scan.findings)) }
            (people(review, scan.approval.as_ref()))
        }
    }
}

fn of_rule(review: &Review, places: &Places, rule: &RuleReview) -> Markup {
    markup! {
        tr #(format!("row-{}", rule.row_id)) {
            th scope="row" { code { (rule.row_id) } }
            td { (rule.status().name()) }
            td colspan="5" { span.rule { (rule.text) } }
            td { (places.rule(&rule.reference)) " " (rule.verdict.name()) }
            td { (places.findings(&rule.reference, &rule.findings)) }
            (people(review, rule.approval.as_ref()))
        }
    }
}

fn of_kept(review: &Review, places: &Places, kept: &KeptRow) -> Markup {
    let cell = |column: &str| kept.cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell);
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
            td { (places.findings(&kept.row_id, &kept.findings)) }
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
