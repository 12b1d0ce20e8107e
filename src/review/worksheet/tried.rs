//! What scans tried, in the cells of one row.

use std::collections::{BTreeSet, HashMap};

use super::super::scope::words;
use super::super::{Edge, Review, Scan};
use super::write::verdicts;

/// The rows of a review, to be asked what a scan tried.
pub(in crate::review) struct Tried<'a> {
    edges: HashMap<&'a str, &'a Edge>,
}

/// Zones, servers, transports and ports, and the rules for them with what these do, each with blanks
/// between them; `...` where there are too many.
pub(in crate::review) struct Targets {
    pub(in crate::review) zones: String,
    pub(in crate::review) servers: String,
    pub(in crate::review) transports: String,
    pub(in crate::review) ports: String,
    pub(in crate::review) rules: String,
    pub(in crate::review) verdicts: String,
}

impl<'a> Tried<'a> {
    pub(in crate::review) fn of(review: &'a Review) -> Tried<'a> {
        let edges = if review.scans.is_empty() {
            HashMap::new()
        } else {
            review.edges.iter().map(|edge| (edge.row_id.as_str(), edge)).collect()
        };
        Tried { edges }
    }

    pub(in crate::review) fn by(&self, scan: &Scan) -> Targets {
        let edges: Vec<&Edge> =
            scan.rows.iter().filter_map(|row| self.edges.get(row.as_str()).copied()).collect();
        let zones: BTreeSet<&str> = edges.iter().map(|edge| edge.server_zone.as_str()).collect();
        let servers: BTreeSet<_> = edges.iter().map(|edge| edge.server).collect();
        let transports: BTreeSet<&str> = edges.iter().map(|edge| edge.transport.as_str()).collect();
        let ports: BTreeSet<_> = edges.iter().map(|edge| edge.ports).collect();
        let rules: BTreeSet<&str> =
            edges.iter().flat_map(|edge| &edge.rules).map(|rule| rule.rule.as_str()).collect();
        let verdicts: BTreeSet<&str> = edges.iter().flat_map(|edge| verdicts(edge)).collect();
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
