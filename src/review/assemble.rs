//! A whole review: what was observed, joined with approvals and rules, judged with findings.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use jiff::civil::Date;

use super::approved::{HUMAN, Worksheet, WorksheetRow};
pub use super::configured::Counters;
use super::configured::{Configured, Fit, Interfaces, Judgements, RowJudged, expected, say_of};
use super::findings::{self, Facts};
use super::insecure::{InsecureList, tags};
use super::model::{
    About, Approval, CellsOf, Excess, Finding, FindingKind, Glossary, InUse, Judged, KeptRow, MANY_ROWS,
    NotRead, RegistryEdition, Review, Row, RowId, RowKind, RowStatus, RulesSay, RulesetFacts, ScanRow,
    Service, Sha256,
};
use super::observed::{self, Expected, Inventory, Leg, Legs, Observed};
use super::write;
use super::zones::{Zones, split_around};
use crate::capture::Timestamp;
use crate::net::{End, Ports, Transport};
use crate::registry::NOTE;
use crate::rules::{Chosen, Connection, Ruleset};
use crate::traffic::Labelled;

/// Version of the shape of `review.json`.
const VERSION: u32 = 1;

/// What a review is made from, besides the traffic.
pub struct Settings<'a> {
    /// How services are told from flows.
    pub inventory: observed::Settings<'a>,
    /// The list of insecure services.
    pub insecure: &'a InsecureList,
    /// The worksheet of the last review, and its copies.
    pub worksheets: &'a [Worksheet],
    /// The rules of the firewall.
    pub rules: Option<Rules>,
    /// Interfaces of the firewall, each with the name of the zone that it leads to.
    pub interfaces: &'a [(String, String)],
    /// The connections that the firewall knew.
    pub connections: &'a [Connection],
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
    /// The time that its counters are of.
    pub counters: Counters,
}

impl Review {
    /// Reviews labelled flows.
    pub fn of(labelled: &Labelled, settings: Settings) -> Review {
        let Settings { mut inventory, insecure, worksheets, rules, interfaces, connections, as_of, not_read } =
            settings;
        let interfaces = Interfaces::new(interfaces);
        let (mut configured, rulesets, counters) = match rules {
            Some(rules) => {
                let chosen = rules.chosen.with_routes(interfaces.routes(inventory.zones));
                (Some(Configured::new(rules.ruleset, chosen, &rules.facts)), rules.facts, rules.counters)
            }
            None => (None, Vec::new(), Counters::Unknown),
        };
        let earlier = |row: &WorksheetRow| match (row.cells.of(), &configured) {
            (CellsOf::Rule, Some(configured)) => {
                configured.row_of_earlier(row.row_id, row.cells.get("rules"))
            }
            _ => None,
        };
        let worksheets: Vec<Worksheet> =
            worksheets.iter().map(|worksheet| worksheet.renamed(earlier)).collect();
        let worksheet = Worksheet::joined(&worksheets);
        let worksheet = worksheet.as_ref();
        inventory.client_ports |=
            configured.as_ref().is_some_and(|configured| configured.looks_at.source_port);
        let decided: Vec<RowId> = worksheet.map_or_else(Vec::new, |worksheet| {
            let is_written = |row: &&WorksheetRow| !row.approval.is_empty();
            let mut ids: Vec<RowId> =
                worksheet.rows.iter().filter(is_written).map(|row| row.row_id).collect();
            ids.sort_unstable();
            ids
        });
        let drawn = inventory.zones;
        let legs = legs(labelled, connections, configured.as_ref(), &interfaces, inventory.zones);
        let inventory = observed::Settings { decided: &decided, legs: Some(&legs), ..inventory };
        let Inventory { mut coverage, zones, zone_interfaces, zone_conflicts, rows, scans } =
            Inventory::of(labelled, &inventory);
        coverage.not_read = not_read;

        let own_addresses = configured
            .as_mut()
            .map_or_else(Vec::new, |configured| configured.find_own(&legs, &rows, &interfaces, drawn));

        let approval = |row_id: RowId| worksheet?.row(row_id).map(|row| row.approval.clone());
        let (mut judged, mut rules, mut translated) = (Vec::new(), Vec::new(), 0);
        if let Some(configured) = &configured {
            let all = Judgements::of(configured, &interfaces, counters, &rows, labelled);
            rules = configured.rules(all.rules, &rulesets, labelled, approval);
            (judged, translated) = (all.rows, all.translated);
        }
        judged.resize_with(rows.len(), RowJudged::default);
        let only_scanned: HashSet<RowId> =
            rows.iter().filter(|row| row.only_scanned).map(|row| row.row_id).collect();
        let (rows, fits): (Vec<Row>, Vec<Fit>) = rows
            .into_iter()
            .zip(judged)
            .map(|(observed, judged)| {
                let approval = approval(observed.row_id);
                join(observed, judged, approval, insecure)
            })
            .unzip();
        let scans: Vec<ScanRow> = scans
            .into_iter()
            .map(|scan| ScanRow { approval: approval(scan.row_id), scan, folded: false })
            .collect();
        let known: HashSet<RowId> = (rows.iter().map(|row| row.row_id))
            .chain(rules.iter().filter_map(|rule| rule.row_id))
            .chain(scans.iter().map(|scan| scan.scan.row_id))
            .collect();
        let kept = worksheet.map_or_else(Vec::new, |worksheet| {
            kept(worksheet, &known, configured.as_ref().map(|configured| (configured, &interfaces)))
        });

        let last = coverage.inputs.iter().filter_map(|input| input.last).max();
        let day = as_of.or_else(|| last.and_then(Timestamp::date));
        let found = findings::find(&Facts {
            labelled,
            coverage: &coverage,
            zones: &zones,
            zone_interfaces: &zone_interfaces,
            rulesets: &rulesets,
            rows: &rows,
            fits: &fits,
            rules: &rules,
            scans: &scans,
            kept: &kept,
            configured: configured.as_ref(),
            translated,
            worksheet,
            insecure,
            as_of,
            day,
        });
        let findings = ByAbout::of(&found);
        let registry = labelled.registry();
        let mut review = Review {
            version: VERSION,
            note: NOTE.to_owned(),
            registry: match registry.edition() {
                Some(edition) => RegistryEdition::Edition(edition.to_owned()),
                None => RegistryEdition::Source(registry.source().to_owned()),
            },
            made_by: concat!("portscribe ", env!("CARGO_PKG_VERSION")).to_owned(),
            glossary: Glossary::default(),
            as_of,
            coverage,
            zones,
            zone_interfaces,
            zone_conflicts,
            rulesets,
            own_addresses,
            approved: worksheet.map(Worksheet::names),
            approved_sha256: worksheet.and_then(|worksheet| match worksheet.files.as_slice() {
                [file] => Some(file.sha256),
                _ => None,
            }),
            approved_files: worksheet.map_or_else(Vec::new, |worksheet| worksheet.files.clone()),
            approvals_on: worksheet.and(day),
            worksheet_sha256: Sha256::default(),
            human_columns: worksheet.map_or_else(
                || HUMAN.map(str::to_owned).to_vec(),
                |worksheet| worksheet.human_columns.clone(),
            ),
            rows: findings.judge(rows, |row| About::Row(row.row_id)),
            rules: findings.judge(rules, |rule| About::Rule(rule.reference.clone())),
            scans: findings.judge(scans, |scan| About::Row(scan.scan.row_id)),
            kept: findings.judge(kept, |kept| About::Row(kept.row_id)),
            findings: Vec::new(),
        };
        for row in review.rows.iter_mut().filter(|row| only_scanned.contains(&row.row_id)) {
            row.findings.push(FindingKind::ScanLike);
            row.findings.sort_unstable();
        }
        drop(findings);
        fold(&mut review);
        review.findings = found;
        review.glossary = review.words();
        let mut sheet = Vec::new();
        // Writing into memory does not fail.
        if write::worksheet(&review, &mut sheet).is_ok() {
            review.worksheet_sha256 = Sha256::of(&sheet);
        }
        review
    }
}

/// The legs of connections that the firewall translates.
fn legs(
    labelled: &Labelled,
    connections: &[Connection],
    configured: Option<&Configured>,
    interfaces: &Interfaces,
    zones: &Zones,
) -> Legs {
    let mut known: HashMap<(Transport, End, End), Expected> = HashMap::new();
    let mut by_rules = |leg: &Leg| {
        let configured = configured.filter(|configured| configured.translates)?;
        // Client ports make no difference to most rules, and are many.
        let client = End { port: leg.client.port.filter(|_| configured.looks_at.source_port), ..leg.client };
        let key = (leg.transport, client, leg.server);
        Some(*known.entry(key).or_insert_with(|| expected(configured, interfaces, zones, leg)))
    };
    Legs::of(labelled, connections, &mut by_rules)
}

/// What was observed of a row, joined with what the rules do with it and what people decided.
fn join(
    observed: Observed,
    judged: RowJudged,
    approval: Option<Approval>,
    insecure: &InsecureList,
) -> (Row, Fit) {
    let exceeds = excess(&observed, approval.as_ref());
    let Observed { row_id, kind, mut service, usage, .. } = observed;
    let RowJudged { fit, rules, behind, not_forwarded } = judged;
    service.add_behind(behind);
    let configured = if service.servers.is_empty() { fit.says() } else { fit.says_of_many() };
    let approved = exceeds.is_none() && approval.as_ref().is_some_and(Approval::is_approved);
    let status = match kind {
        RowKind::Group | RowKind::DynamicData { .. } => RowStatus::Apart,
        RowKind::Service | RowKind::DynamicRange => {
            status(usage.grade.in_use() != InUse::No, approved, configured)
        }
    };
    let tags = tags::of(&kind, &service, insecure);
    (
        Row {
            row_id,
            kind,
            status,
            configured,
            service,
            tags,
            usage,
            rules,
            not_forwarded,
            approval,
            exceeds,
            folded: false,
        },
        fit,
    )
}

/// Leaves so many rows in the worksheet as people can work with: all in which they have written, and of the others
/// those that need a decision most.
fn fold(review: &mut Review) {
    let is_open = |row: &&mut Judged<Row>| !row.is_written() && row.wants_worksheet();
    let mut open: Vec<&mut Judged<Row>> = review.rows.iter_mut().filter(is_open).collect();
    let rows = open.len();
    if rows > MANY_ROWS {
        open.sort_by_key(|row| {
            let in_use = row.usage.grade.in_use();
            let tried = row.status == RowStatus::Tried;
            (tried, row.status == RowStatus::Oac, Reverse(in_use), Reverse(row.usage.grades.tries))
        });
        open.into_iter().skip(MANY_ROWS).for_each(|row| row.folded = true);
    }
    let scans = review.scans.iter_mut().filter(|scan| !scan.is_written());
    scans.skip(MANY_ROWS.saturating_sub(rows)).for_each(|scan| scan.folded = true);
}

/// What of a row goes beyond its approval; none where nothing does, or it is not approved.
fn excess(row: &Observed, approval: Option<&Approval>) -> Option<Excess> {
    let extent = approval.filter(|approval| approval.is_approved())?.extent.as_ref()?;
    let Service { server, offer, .. } = row.service;
    let is_approved = |server: &IpAddr| extent.servers.as_ref().is_none_or(|all| all.contains(server));
    let is_covered = |client: &IpAddr| extent.holds(*client);
    let (covered, mut sources): (Vec<IpAddr>, Vec<IpAddr>) = row.clients.users().partition(is_covered);
    sources.sort_unstable();
    // What has no ports is all in the row's identifier.
    let is_beyond =
        |ports: &Ports| !extent.ports.is_some_and(|all| all.first <= ports.first && ports.last <= all.last);
    let mut excess = Excess {
        in_use: !row.clients.in_use.iter().all(is_covered),
        server: Some(server).filter(|server| !is_approved(server)),
        ports: offer.ports().filter(is_beyond),
        approved: Vec::new(),
        sources,
    };
    if excess.server.is_none() && excess.ports.is_none() {
        if excess.sources.is_empty() {
            return None;
        }
        let others = [&excess.sources[..], &row.clients.refused, &row.clients.scanning].concat();
        excess.approved = split_around(extent.sources.clone().unwrap_or_default(), &covered, &others);
    }
    Some(excess)
}

/// Observed, approved, configured.
fn status(observed: bool, approved: bool, configured: RulesSay) -> RowStatus {
    match (observed, approved, configured) {
        (true, true, RulesSay::Allowed) => RowStatus::Oac,
        (true, false, RulesSay::Allowed) => RowStatus::OC,
        (true, true, _) => RowStatus::OA,
        (true, false, RulesSay::Denied) => RowStatus::O,
        (true, false, RulesSay::Ambiguous | RulesSay::NotJudged) => RowStatus::Unjudged,
        (false, true, RulesSay::Allowed) => RowStatus::AC,
        (false, true, _) => RowStatus::A,
        (false, false, _) => RowStatus::Tried,
    }
}

/// The rows of the worksheet in which people wrote something and that no known row has the
/// identifier of.
fn kept(
    worksheet: &Worksheet,
    known: &HashSet<RowId>,
    configured: Option<(&Configured, &Interfaces)>,
) -> Vec<KeptRow> {
    let of = |row: &WorksheetRow| {
        let configured = configured.map_or(RulesSay::NotJudged, |(configured, interfaces)| {
            say_of(configured, interfaces, &row.cells)
        });
        KeptRow {
            row_id: row.row_id,
            status: match (row.approval.is_approved(), configured == RulesSay::Allowed) {
                (true, true) => RowStatus::AC,
                (true, false) => RowStatus::A,
                (false, true) => RowStatus::C,
                (false, false) => RowStatus::Gone,
            },
            configured,
            cells: row.cells.clone(),
            approval: row.approval.clone(),
        }
    };
    let is_kept = |row: &&WorksheetRow| !known.contains(&row.row_id) && !row.approval.is_empty();
    worksheet.rows.iter().filter(is_kept).map(of).collect()
}

/// The kinds of findings by what they are about.
struct ByAbout<'a>(HashMap<&'a About, Vec<FindingKind>>);

impl ByAbout<'_> {
    fn of(found: &[Finding]) -> ByAbout<'_> {
        let mut kinds: HashMap<&About, Vec<FindingKind>> = HashMap::new();
        for finding in found {
            kinds.entry(&finding.about).or_default().push(finding.kind);
        }
        for kinds in kinds.values_mut() {
            kinds.sort_unstable();
            kinds.dedup();
        }
        ByAbout(kinds)
    }

    /// Each with the findings on it.
    fn judge<T>(&self, all: Vec<T>, about: impl Fn(&T) -> About) -> Vec<Judged<T>> {
        let one = |of: T| {
            let findings = self.0.get(&about(&of)).cloned().unwrap_or_default();
            Judged { of, findings }
        };
        all.into_iter().map(one).collect()
    }
}
