//! The worksheet, as people read it: a card for each row.

use std::net::IpAddr;

use maud::{Markup, html as markup};

use super::super::super::model::{
    About, Approval, Clients, FindingKind, InUse, Judged, KeptRow, Review, Row, RowStatus, RuleReview,
    RulesSay, ScanRow, few, percent,
};
use super::super::text::{flows_in_use, names, other_transports};
use super::super::tried::Tried;
use super::{Places, shown};
use crate::foreign::joined;
use crate::net::network;

pub(super) fn section(review: &Review, places: &Places) -> Markup {
    let count = shown::rows_in_worksheet(review);
    let tried = Tried::of(review);
    markup! {
        section #worksheet aria-labelledby="worksheet-title" {
            h2 #worksheet-title { "Worksheet" }
            @if count == 0 { p { "It has no rows." } }
            @else {
                p { "The rows of the worksheet, with what people wrote in it. Decisions are made there, not here." }
                ul.cards {
                    @for row in shown::rows(review) { (of_row(review, places, row)) }
                    @for scan in shown::scans(review) { (of_scan(review, places, scan, &tried)) }
                    @for rule in shown::rule_rows(review) { (of_rule(review, places, rule)) }
                    @for kept in shown::kept(review) { (of_kept(review, places, kept)) }
                }
            }
        }
    }
}

/// One card: what it is for, its identifier and status, and what is said of it.
fn card(row_id: &str, title: &Markup, status: RowStatus, said: &Markup) -> Markup {
    markup! {
        li #(format!("row-{row_id}")) {
            h3 { (title) }
            p { code { (row_id) } " " (status.name()) }
            dl.said { (said) }
        }
    }
}

fn of_row(review: &Review, places: &Places, row: &Judged<Row>) -> Markup {
    let (name, port) = names(row);
    let title = markup! { (name) (port) };
    let grades: Vec<String> =
        row.usage.grades.by_grade.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    let said = markup! {
        dt { "from" }
        dd { (clients(row)) }
        dt { "to" }
        dd { (row.service.server_zone) ": " (shown::text(&row.service.destination_with_name())) }
        dt { "evidence" }
        dd {
            (row.usage.grade.name())
            @match row.usage.grade.in_use() {
                InUse::Yes => { ", " (flows_in_use(row)) " in use" },
                InUse::Maybe => ", perhaps in use",
                InUse::No => "",
            }
            @if grades.len() > 1 { "; flows: " (grades.join(", ")) }
        }
        dt { "registry" }
        dd { (registry(row)) }
        @if !row.tags.is_empty() { dt { "insecure" } dd { (tags(row)) } }
        dt { "rules" }
        dd {
            @match row.configured {
                RulesSay::Ambiguous => { "cannot tell whether it is allowed" @if !row.rules.is_empty() { ": " } },
                RulesSay::NotJudged => { "do not judge it" @if !row.rules.is_empty() { ": " } },
                RulesSay::Allowed | RulesSay::Denied => "",
            }
            @for (n, rule) in row.rules.iter().enumerate() {
                @if n > 0 { ", " }
                (places.rule(&rule.rule)) " " (rule.verdict.name())
            }
        }
        (judged(places, &About::Row(row.row_id), &row.findings))
        (people(review, row.approval.as_ref()))
    };
    card(&row.row_id.to_string(), &title, row.status, &said)
}

/// Who uses it, and who else was met.
fn clients(row: &Row) -> Markup {
    let networks = |clients: &Clients| clients.networks.iter().map(network).collect::<Vec<_>>().join(", ");
    let hosts = |hosts: &[IpAddr]| few(hosts.iter().map(ToString::to_string));
    let service = &row.service;
    let all = [
        ("", networks(&service.clients)),
        ("perhaps ", networks(&service.clients_perhaps)),
        ("refused or unanswered ", hosts(&service.clients_refused)),
        ("scanning ", hosts(&service.clients_scanning)),
    ];
    let users = service.users();
    markup! {
        (service.client_zone) ": "
        @for (n, (how, who)) in all.iter().filter(|(_, who)| !who.is_empty()).enumerate() {
            @if n > 0 { "; " }
            (how) (who)
        }
        @if users.widened {
            " (widened"
            @if let Some(share) = users.share { ", " (percent(share)) " of the addresses seen" }
            ")"
        }
        @if let Some(excess) = &row.exceeds { "; " strong { "beyond the approval " (excess) } }
    }
}

/// What the registry says, and what the name rests on.
fn registry(row: &Row) -> Markup {
    let registry = &row.service.registry;
    markup! {
        (registry.status) ", name by " (row.service.name_basis.name())
        @if !registry.note.is_empty() { "; " (shown::text(&registry.note)) }
        @if !registry.other_transports.is_empty() { "; also registered: " (other_transports(registry)) }
        @if !registry.local_names.is_empty() { "; local name: " (joined(&registry.local_names, ", ")) }
    }
}

/// What the list of insecure services says.
fn tags(row: &Row) -> Markup {
    markup! {
        @for (n, tag) in row.tags.iter().enumerate() {
            @if n > 0 { br; }
            strong { (tag.tag.name()) } ": " (tag.reason) " (" (tag.source) ")"
            @if !tag.waived.is_empty() { ", waived: " (tag.waived) }
        }
    }
}

fn of_scan(review: &Review, places: &Places, scan: &Judged<ScanRow>, tried: &Tried) -> Markup {
    let grades: Vec<String> =
        scan.scan.grades.iter().map(|(grade, flows)| format!("{grade} {flows}")).collect();
    let what = tried.by(&scan.scan);
    let title = markup! { "Scan by " (scan.scan.client) };
    let said = markup! {
        dt { "from" }
        dd { (scan.scan.client_zone) ": " (scan.scan.client) }
        dt { "to" }
        dd { (what.zones) ": " (what.servers) }
        dt { "ports" }
        dd {
            (what.transports) " " (what.ports)
            @if !what.icmp_types.is_empty() { " " (what.icmp_types) }
        }
        dt { "evidence" }
        dd {
            (scan.scan.targets) " servers and ports tried, " (scan.scan.used_in_words())
            "; flows: " (grades.join(", "))
        }
        @if !what.rules.is_empty() { dt { "rules" } dd { (what.rules) " " (what.verdicts) } }
        (judged(places, &About::Row(scan.scan.row_id), &scan.findings))
        (people(review, scan.approval.as_ref()))
    };
    card(&scan.scan.row_id.to_string(), &title, RowStatus::Tried, &said)
}

fn of_rule(review: &Review, places: &Places, rule: &Judged<RuleReview>) -> Markup {
    let row_id = rule.row_id.map_or_else(String::new, |row_id| row_id.to_string());
    let title = markup! {
        "Rule " (places.rule(&rule.reference)) " "
        @match &rule.left_out {
            Some(why) => { "judges nothing: " (why) },
            None => (rule.verdict.name()),
        }
    };
    let said = markup! {
        dt { "rule" }
        dd { span.rule { (shown::text(&rule.text.line())) } }
        (judged(places, &About::Rule(rule.reference.clone()), &rule.findings))
        (people(review, rule.approval.as_ref()))
    };
    card(&row_id, &title, rule.status(), &said)
}

fn of_kept(review: &Review, places: &Places, kept: &Judged<KeptRow>) -> Markup {
    let cell = |column: &str| shown::text(kept.cells.get(column));
    let title = markup! { (cell("service")) " " (shown::text(&kept.cells.offer_in_words())) };
    let said = markup! {
        dt { "from" }
        dd { (cell("src_zone")) " " (cell("sources")) }
        dt { "to" }
        dd { (cell("dst_zone")) " " (cell("destination")) }
        dt { "evidence" }
        dd { "not seen" }
        @if !cell("rules").is_empty() { dt { "rules" } dd { (cell("rules")) } }
        (judged(places, &About::Row(kept.row_id), &kept.findings))
        (people(review, Some(&kept.approval)))
    };
    card(&kept.row_id.to_string(), &title, kept.status, &said)
}

fn judged(places: &Places, about: &About, findings: &[FindingKind]) -> Markup {
    markup! {
        @if !findings.is_empty() { dt { "findings" } dd { (places.findings(about, findings)) } }
    }
}

/// What people wrote.
fn people(review: &Review, approval: Option<&Approval>) -> Markup {
    let cells = review.human_columns.iter().filter_map(|column| {
        let cell = approval?.cell(column);
        (!cell.trim().is_empty()).then_some((column, cell))
    });
    let cells: Vec<_> = cells.collect();
    markup! {
        @if cells.is_empty() { dt { "decision" } dd.person { "nobody has written anything" } }
        @for (column, cell) in cells { dt { (column) } dd.person { (shown::text(cell)) } }
    }
}
