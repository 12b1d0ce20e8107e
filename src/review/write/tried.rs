//! What scans tried, in the cells of one row.

use std::collections::{BTreeSet, HashMap};

use super::super::model::{Offer, Review, Row, RowId, RulesSay, Scan, few};

/// The rows of a review, to be asked what a scan tried.
pub(super) struct Tried<'a> {
    rows: HashMap<RowId, &'a Row>,
}

/// Zones, servers, protocols, ports and types of ICMP, and the rules for them with what these do, each with blanks
/// between them; `...` where there are too many.
pub(super) struct Targets {
    pub(super) zones: String,
    pub(super) servers: String,
    pub(super) transports: String,
    pub(super) ports: String,
    pub(super) icmp_types: String,
    pub(super) rules: String,
    pub(super) verdicts: String,
}

impl<'a> Tried<'a> {
    pub(super) fn of(review: &'a Review) -> Tried<'a> {
        let rows = if review.scans.is_empty() {
            HashMap::new()
        } else {
            review.rows.iter().map(|row| (row.row_id, &row.of)).collect()
        };
        Tried { rows }
    }

    pub(super) fn by(&self, scan: &Scan) -> Targets {
        let rows: Vec<&Row> = scan.rows.iter().filter_map(|row| self.rows.get(row).copied()).collect();
        let zones: BTreeSet<&str> = rows.iter().map(|row| row.service.server_zone.as_str()).collect();
        let servers: BTreeSet<_> = rows.iter().flat_map(|row| row.service.all_servers()).collect();
        let offers: BTreeSet<Offer> = rows.iter().map(|row| row.service.offer).collect();
        let transports: BTreeSet<String> = offers.iter().map(|offer| offer.protocol().to_string()).collect();
        let ports: BTreeSet<_> = offers.iter().filter_map(|offer| offer.ports()).collect();
        let icmp = offers.iter().filter(|offer| offer.icmp().is_some());
        let icmp_types: BTreeSet<String> = icmp.map(|offer| offer.icmp_type_in_words()).collect();
        let rules: BTreeSet<&str> =
            rows.iter().flat_map(|row| &row.rules).map(|rule| rule.rule.as_str()).collect();
        let verdicts: BTreeSet<&str> = rows.iter().flat_map(|row| verdicts(row)).collect();
        Targets {
            zones: few(zones.iter().map(ToString::to_string)),
            servers: few(servers.iter().map(ToString::to_string)),
            transports: few(transports.into_iter()),
            ports: few(ports.iter().map(ToString::to_string)),
            icmp_types: few(icmp_types.into_iter()),
            rules: few(rules.iter().map(ToString::to_string)),
            verdicts: few(verdicts.iter().map(ToString::to_string)),
        }
    }
}

/// What the rules do with the flows of a row.
pub(super) fn verdicts(row: &Row) -> impl Iterator<Item = &'static str> {
    let unsure = match row.configured {
        RulesSay::Ambiguous | RulesSay::NotJudged => Some(row.configured.name()),
        RulesSay::Allowed | RulesSay::Denied => None,
    };
    row.rules.iter().map(|rule| rule.verdict.name()).chain(unsure)
}
