//! What a review holds, as every output shows it.

mod counted;
mod coverage;
mod dates;
mod digest;
mod extent;
mod finding;
mod glossary;
mod hours;
mod judged;
mod kept;
mod offer;
mod own;
mod row;
mod row_id;
mod row_status;
mod rule;
mod sample;
mod scan;
mod tag_use;
mod wording;
mod words;
mod zone_interface;

pub use crate::services::Tag;
pub use crate::traffic::{Grade, InUse};
pub use counted::{CountedTime, NotLookedAt, RuleCounter};
pub use coverage::{
    Coverage, Cut, CutReason, InNoFlow, InNoFlowPart, InputFacts, NoRow, NotRead, Period, Trust, Vantage,
    Zone, ZoneSource,
};
pub use dates::DateOrder;
pub use digest::{ReadFile, Sha256};
pub use extent::{Excess, Extent};
pub use finding::{About, Finding, FindingKind, Severity};
pub use glossary::Glossary;
pub(super) use hours::HoursHeard;
pub use hours::NeverListened;
pub use judged::Judged;
pub use kept::{Approval, Cells, CellsOf, CellsOfService, Disagreement, KeptRow};
pub use offer::Offer;
pub use own::{OwnAddress, OwnBasis};
pub(super) use row::spoken_names;
pub use row::{
    BehindUse, Clients, GradeCounts, NameBasis, NotForwarded, OtherTransport, PortStatus, RegistryPart, Row,
    RowKind, RuleMatch, ServerName, ServerUse, Service, Usage,
};
pub use row_id::{InvalidRowId, RowId};
pub use row_status::{RowStatus, RulesSay};
pub use rule::{Covering, RuleFlows, RuleLeftOut, RuleReview, RuleScope, RulesetFacts, ScopePart, UsedPart};
pub(super) use rule::{MOST, few};
pub use sample::{FlowEnds, FlowSample};
pub(super) use sample::{MANY_ROWS, SAMPLES, samples_of};
pub use scan::{Scan, ScanRow};
pub use tag_use::TagUse;
pub(super) use wording::{percent, span};
pub use zone_interface::{ZoneConflict, ZoneInterface};

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use crate::text::at_most;

/// A whole review: the three lists joined, and what it rests on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Review {
    /// Version of this shape, as in the JSON Schema.
    pub version: u32,
    /// IANA's note on registration.
    pub note: String,
    /// Edition of the registry, or where it came from.
    pub registry: RegistryEdition,
    /// The program that made it, with its version.
    pub made_by: String,
    /// What the statuses, grades and kinds of findings in it mean.
    pub glossary: Glossary,
    /// The day the review speaks of (`--as-of`), for expiry; none without.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub as_of: Option<Date>,
    /// What was captured, when, and what was not.
    pub coverage: Coverage,
    /// The zones, of each family the longest prefix first.
    pub zones: Vec<Zone>,
    /// The interfaces that a file of zones assigns; empty without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zone_interfaces: Vec<ZoneInterface>,
    /// The addresses whose zone the interfaces do not tell, since they sent by those of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zone_conflicts: Vec<ZoneConflict>,
    /// The rulesets that were read; empty without.
    pub rulesets: Vec<RulesetFacts>,
    /// The addresses of the firewall itself that are known, by which packets to it and from it are told from those
    /// that it passes on; empty without rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub own_addresses: Vec<OwnAddress>,
    /// The worksheet with the approvals, as it was named, or several with `, ` between; none without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<String>,
    /// SHA-256 of that worksheet as it was read; none of several, which `approved_files` has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_sha256: Option<Sha256>,
    /// The files that hold the approvals: several where people filled in copies of a worksheet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approved_files: Vec<ReadFile>,
    /// The day on which approvals had to hold: `as_of`, or that of the last packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub approvals_on: Option<Date>,
    /// SHA-256 of the worksheet that this review writes: who finds it changed knows that people
    /// wrote in it.
    pub worksheet_sha256: Sha256,
    /// The columns of the worksheet that people fill in, those that they added last.
    pub human_columns: Vec<String>,
    /// Who used which service, sorted by zones, server, transport, ports.
    #[serde(rename = "edges")]
    pub rows: Vec<Judged<Row>>,
    /// The rules with their evidence, in the order of the ruleset; empty without one.
    pub rules: Vec<Judged<RuleReview>>,
    /// The clients that look like scanners, sorted by address.
    pub scans: Vec<Judged<ScanRow>>,
    /// The rows of the worksheet that nothing in the captures belongs to.
    pub kept: Vec<Judged<KeptRow>>,
    /// What a reviewer should look at, most severe first.
    pub findings: Vec<Finding>,
}

impl Review {
    /// How many rows the worksheet leaves out, since it has many that need a decision more.
    pub(super) fn folded_rows(&self) -> u64 {
        let rows = self.rows.iter().filter(|row| row.folded).count();
        (rows + self.scans.iter().filter(|scan| scan.folded).count()) as u64
    }

    /// `203.0.113.1 (by rules of input and output)`: the addresses of the firewall itself, for each way by which they
    /// are known but by being named.
    pub(super) fn own_in_words(&self) -> Vec<String> {
        const SHOWN: usize = 8;
        let mut by_basis: BTreeMap<OwnBasis, Vec<String>> = BTreeMap::new();
        for own in self.own_addresses.iter().filter(|own| own.basis != OwnBasis::Option) {
            by_basis.entry(own.basis).or_default().push(own.address.to_string());
        }
        let words = |(basis, addresses): (OwnBasis, Vec<String>)| {
            format!("{} ({})", at_most(SHOWN, addresses.into_iter()), basis.in_words())
        };
        by_basis.into_iter().map(words).collect()
    }

    /// The words that occur in it, each with a sentence.
    pub(super) fn words(&self) -> Glossary {
        let rules = self.rules.iter().filter(|rule| rule.is_in_worksheet());
        let statuses = (self.rows.iter().map(|row| row.status))
            .chain(rules.map(|rule| rule.status()))
            .chain(self.kept.iter().map(|kept| kept.status))
            .chain(self.scans.first().map(|_| RowStatus::Tried));
        let grades = (self.rows.iter().flat_map(|row| row.usage.grades.by_grade.keys()))
            .chain(self.scans.iter().flat_map(|scan| scan.scan.grades.keys()))
            .chain(self.rules.iter().flat_map(|rule| rule.flows.grades.keys()));
        Glossary::of(statuses, grades.copied(), self.findings.iter().map(|finding| finding.kind))
    }
}

/// The registry that names services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryEdition {
    /// IANA's, of a day.
    Edition(String),
    /// One without a day: where it came from.
    Source(String),
}

words::as_text!(RegistryEdition);

impl fmt::Display for RegistryEdition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryEdition::Edition(text) | RegistryEdition::Source(text) => f.write_str(text),
        }
    }
}
