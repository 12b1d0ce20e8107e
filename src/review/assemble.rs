//! A whole review, put together.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::approved::{HUMAN, Worksheet, WorksheetRow};
use super::configured::{self, Configured, Fit, Interfaces};
use super::findings::{self, Facts};
use super::insecure::{InsecureList, tags};
use super::model::{
    Approval, Finding, FindingId, InUse, KeptRow, NotRead, Review, Row, RowKind, RowStatus, RuleReview,
    RulesSay, RulesetFacts, Scan, row_id,
};
use super::observed::{self, Inventory, Observed};
use super::write;
use crate::registry::NOTE;
use crate::rules::{Chosen, Content, NewFlow, Ruleset};
use crate::rules::{RuleState, RuleVerdict};
use crate::traffic::Labelled;

/// Version of the shape of `review.json`.
const VERSION: u32 = 1;

/// What a review is made from, besides the traffic.
pub struct Settings<'a> {
    /// How services are told from flows.
    pub inventory: observed::Settings<'a>,
    /// The list of insecure services.
    pub insecure: &'a InsecureList,
    /// The worksheet of the last review.
    pub worksheet: Option<&'a Worksheet>,
    /// The rules of the firewall.
    pub rules: Option<Rules>,
    /// Interfaces of the firewall, each with the name of the zone behind it.
    pub interfaces: &'a [(String, String)],
    /// The day on which approvals must hold; that of the last packet without.
    pub as_of: Option<Date>,
    /// The captures of which nothing could be read.
    pub not_read: Vec<NotRead>,
}

/// Rules with the chains that judge.
pub struct Rules {
    /// The rules.
    pub ruleset: Ruleset,
    /// The chains.
    pub chosen: Chosen,
    /// The files they come from.
    pub facts: Vec<RulesetFacts>,
}

impl Review {
    /// Reviews labelled flows.
    pub fn of(labelled: &Labelled, settings: Settings) -> Review {
        let Settings { mut inventory, insecure, worksheet, rules, interfaces, as_of, not_read } = settings;
        let (configured, rulesets) = match rules {
            Some(rules) => (Some(Configured::new(rules.ruleset, rules.chosen)), rules.facts),
            None => (None, Vec::new()),
        };
        inventory.client_ports |=
            configured.as_ref().is_some_and(|configured| configured.looks_at.source_port);
        let Inventory { mut coverage, zones, rows: mut observed, mut scans } =
            Inventory::of(labelled, &inventory);

        coverage.not_read = not_read;
        let interfaces = Interfaces::new(interfaces);
        let mut configured = configured;
        let (mut fits, mut rules, mut translated) = (Vec::new(), Vec::new(), 0);
        if let Some(configured) = &mut configured {
            let judged = configured::judge(configured, &interfaces, &mut observed, labelled);
            (fits, rules, translated) = (judged.fits, judged.rules, judged.translated);
        }
        clear_what_groups_do_not_say(&rulesets, &mut rules);
        fits.resize(observed.len(), Fit::default());
        let only_scanned: Vec<bool> = observed.iter().map(|observed| observed.only_scanned).collect();
        let mut rows: Vec<Row> = observed
            .into_iter()
            .map(|Observed { mut row, spoken, .. }| {
                row.tags = tags::of(&row, &spoken, insecure);
                row
            })
            .collect();
        if let Some(worksheet) = worksheet {
            approve(&mut rows, &mut rules, &mut scans, worksheet);
        }
        for (row, fit) in rows.iter_mut().zip(&fits) {
            row.configured = fit.says();
            row.status = status(row);
        }
        let kept = worksheet.map_or_else(Vec::new, |worksheet| {
            let of_rows = rows.iter().map(|row| row.row_id.as_str());
            let of_rules = rules.iter().map(|rule| rule.row_id.as_str());
            let of_scans = scans.iter().map(|scan| scan.row_id.as_str());
            kept(worksheet, &of_rows.chain(of_rules).chain(of_scans).collect(), |row| {
                configured.as_ref().map_or(RulesSay::NotJudged, |configured| {
                    say_of_worksheet_row(configured, &interfaces, row)
                })
            })
        });

        let last = coverage.inputs.iter().filter_map(|input| input.last.as_deref()).max();
        let day = as_of.or_else(|| last.and_then(|last| last.get(..10)).and_then(|day| day.parse().ok()));
        let registry = labelled.registry();
        let mut review = Review {
            version: VERSION,
            note: NOTE.to_owned(),
            registry: registry.edition().unwrap_or_else(|| registry.source()).to_owned(),
            made_by: concat!("portscribe ", env!("CARGO_PKG_VERSION")).to_owned(),
            as_of: as_of.map(|day| day.to_string()),
            coverage,
            zones,
            rulesets,
            approved: worksheet.map(|worksheet| worksheet.name.clone()),
            approved_sha256: worksheet.map(|worksheet| worksheet.sha256.clone()),
            approvals_on: worksheet.and(day).map(|day| day.to_string()),
            worksheet_sha256: String::new(),
            human_columns: worksheet.map_or_else(
                || HUMAN.map(str::to_owned).to_vec(),
                |worksheet| worksheet.human_columns.clone(),
            ),
            rows,
            rules,
            scans,
            kept,
            findings: Vec::new(),
        };
        let facts = Facts {
            review: &review,
            configured: configured.as_ref(),
            fits: &fits,
            translated,
            worksheet,
            insecure,
            day,
        };
        let found = findings::find(&facts);
        attach(&mut review, &found, &only_scanned);
        review.findings = found;
        let mut sheet = Vec::new();
        // Writing into memory does not fail.
        if write::worksheet(&review, &mut sheet).is_ok() {
            review.worksheet_sha256 = row_id::sha256(&sheet);
        }
        review
    }
}

/// Takes `any` out of the scope of rules for a security group of unknown members, or for the members
/// of another.
fn clear_what_groups_do_not_say(rulesets: &[RulesetFacts], rules: &mut [RuleReview]) {
    let servers_open = rulesets.iter().any(RulesetFacts::leaves_servers_open);
    let clients_open = rulesets.iter().any(RulesetFacts::leaves_clients_open);
    let groups_unknown = rulesets.iter().any(|facts| !facts.groups_unknown.is_empty());
    for rule in rules {
        let is_partial = groups_unknown && rule.state != RuleState::Full;
        let Some(scope) = &mut rule.scope else { continue };
        for (cell, is_open) in [(&mut scope.sources, clients_open), (&mut scope.destination, servers_open)] {
            if (is_open || is_partial) && cell == "any" {
                cell.clear();
            }
        }
    }
}

/// Puts what people wrote beside rows and rules.
fn approve(rows: &mut [Row], rules: &mut [RuleReview], scans: &mut [Scan], worksheet: &Worksheet) {
    let approval = |row_id: &str| worksheet.row(row_id).map(|row| row.approval.clone());
    for row in rows {
        row.approval = approval(&row.row_id);
    }
    for rule in rules {
        rule.approval = approval(&rule.row_id);
    }
    for scan in scans {
        scan.approval = approval(&scan.row_id);
    }
}

/// Observed, approved, configured.
fn status(row: &Row) -> RowStatus {
    if matches!(row.kind, RowKind::Group | RowKind::DynamicData { .. }) {
        return RowStatus::Apart;
    }
    let approved = row.approval.as_ref().is_some_and(Approval::is_approved);
    let configured = row.configured == RulesSay::Allowed;
    match (row.grade.in_use() != InUse::No, approved, configured) {
        (true, true, true) => RowStatus::Oac,
        (true, false, true) => RowStatus::OC,
        (true, true, false) => RowStatus::OA,
        (true, false, false) => RowStatus::O,
        (false, true, true) => RowStatus::AC,
        (false, true, false) => RowStatus::A,
        (false, false, _) => RowStatus::Tried,
    }
}

/// The rows in which people wrote something and that none of those that are known has any more.
fn kept(
    worksheet: &Worksheet,
    known: &HashSet<&str>,
    rules_say: impl Fn(&WorksheetRow) -> RulesSay,
) -> Vec<KeptRow> {
    let is_kept = |row: &&WorksheetRow| !known.contains(row.row_id.as_str()) && !row.approval.is_empty();
    worksheet
        .rows
        .iter()
        .filter(is_kept)
        .map(|row| {
            let configured = rules_say(row);
            KeptRow {
                row_id: row.row_id.clone(),
                status: match (row.approval.is_approved(), configured == RulesSay::Allowed) {
                    (true, true) => RowStatus::AC,
                    (true, false) => RowStatus::A,
                    (false, true) => RowStatus::C,
                    (false, false) => RowStatus::Gone,
                },
                configured,
                cells: row.cells.clone(),
                approval: row.approval.clone(),
                findings: Vec::new(),
            }
        })
        .collect()
}

/// What the rules say of what a row of the worksheet is about, from the first of its sources.
fn say_of_worksheet_row(configured: &Configured, interfaces: &Interfaces, row: &WorksheetRow) -> RulesSay {
    let source = row.cell("sources").split_whitespace().next().and_then(|source| {
        let address = source.split('/').next().unwrap_or(source);
        address.parse().ok()
    });
    let first_port = row.cell("ports").split('-').next().and_then(|port| port.parse().ok());
    let (Some(source), Ok(server), Ok(transport), Some(port)) =
        (source, row.cell("destination").parse(), row.cell("proto").parse(), first_port)
    else {
        // A rule that is gone, or what nobody could be asked about.
        return RulesSay::NotJudged;
    };
    // The row of a rule: it has networks, and no zone.
    if row.cell("src_zone").is_empty() {
        return RulesSay::NotJudged;
    }
    let content = Content::Ports { transport, source: configured::ANY_CLIENT_PORT, destination: port };
    let flow = NewFlow::new(source, server, content);
    let zones = (row.cell("src_zone"), row.cell("dst_zone"));
    let judgement = configured::by_every_way(configured, interfaces, flow, zones);
    match judgement.verdict() {
        Some(RuleVerdict::Accept) => RulesSay::Allowed,
        Some(_) => RulesSay::Denied,
        None if judgement.is_none() => RulesSay::NotJudged,
        None => RulesSay::Ambiguous,
    }
}

/// Notes the identifiers of findings at the rows and rules they are about.
fn attach(review: &mut Review, found: &[Finding], only_scanned: &[bool]) {
    let mut of: HashMap<&str, Vec<FindingId>> = HashMap::new();
    for finding in found.iter().filter(|finding| !finding.subject.is_empty()) {
        of.entry(&finding.subject).or_default().push(finding.id);
    }
    let of = |subject: &str| {
        let mut ids = of.get(subject).cloned().unwrap_or_default();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    for (row, &only_scanned) in review.rows.iter_mut().zip(only_scanned) {
        row.findings = of(&row.row_id);
        if only_scanned {
            row.findings.push(FindingId::SCAN_LIKE);
            row.findings.sort_unstable();
        }
    }
    for rule in &mut review.rules {
        rule.findings = of(&rule.reference);
    }
    for scan in &mut review.scans {
        scan.findings = of(&scan.row_id);
    }
    for kept in &mut review.kept {
        kept.findings = of(&kept.row_id);
    }
}
