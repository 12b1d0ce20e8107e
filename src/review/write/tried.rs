//! What scans tried, in the cells of one row.

use std::collections::{BTreeSet, HashMap};

use super::super::configured::words;
use super::super::model::{Review, Row, RulesSay, Scan};

/// The rows of a review, to be asked what a scan tried.
pub(super) struct Tried<'a> {
    rows: HashMap<&'a str, &'a Row>,
}

/// Zones, servers, transports and ports, and the rules for them with what these do, each with blanks
/// between them; `...` where there are too many.
pub(super) struct Targets {
    pub(super) zones: String,
    pub(super) servers: String,
    pub(super) transports: String,
    pub(super) ports: String,
    pub(super) rules: String,
    pub(super) verdicts: String,
}

impl<'a> Tried<'a> {
    pub(super) fn of(review: &'a Review) -> Tried<'a> {
        let rows = if review.scans.is_empty() {
            HashMap::new()
        } else {
            review.rows.iter().map(|row| (row.row_id.as_str(), row)).collect()
        };
        Tried { rows }
    }

    pub(super) fn by(&self, scan: &Scan) -> Targets {
        let rows: Vec<&Row> =
            scan.rows.iter().filter_map(|row| self.rows.get(row.as_str()).copied()).collect();
        let zones: BTreeSet<&str> = rows.iter().map(|row| row.server_zone.as_str()).collect();
        let servers: BTreeSet<_> = rows.iter().map(|row| row.server).collect();
        let transports: BTreeSet<&str> = rows.iter().map(|row| row.transport.as_str()).collect();
        let ports: BTreeSet<_> = rows.iter().map(|row| row.ports).collect();
        let rules: BTreeSet<&str> =
            rows.iter().flat_map(|row| &row.rules).map(|rule| rule.rule.as_str()).collect();
        let verdicts: BTreeSet<&str> = rows.iter().flat_map(|row| verdicts(row)).collect();
        Targets {
            zones: words(Some(zones.iter().map(ToString::to_string))),
            servers: words(Some(servers.iter().map(ToString::to_string))),
            transports: words(Some(transports.iter().map(ToString::to_string))),
            ports: words(Some(ports.iter().map(ToString::to_string))),
            rules: words(Some(rules.iter().map(ToString::to_string))),
            verdicts: words(Some(verdicts.iter().map(ToString::to_string))),
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
