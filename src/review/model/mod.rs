//! What a review holds, as every output shows it.

mod coverage;
mod finding;
mod grade;
mod row;
pub(super) mod row_id;
mod rule;
mod scan;
mod tag;
mod wording;

pub use coverage::{
    Coverage, Cut, CutReason, InNoFlow, InputFacts, NotRead, Trust, Vantage, Zone, ZoneSource,
};
pub use finding::{Finding, FindingId, Severity};
pub use grade::{Grade, InUse};
pub use row::{
    Clients, FlowSample, GradeCounts, NameBasis, RegistryPart, Row, RowKind, RowStatus, RuleMatch, RulesSay,
};
pub use rule::{RuleFlows, RuleReview, RuleScope, RulesetFacts};
pub use scan::Scan;
pub use tag::{Tag, TagUse};
pub(super) use wording::percent;
pub(super) use wording::span;

use serde::Serialize;

/// A whole review: the three lists joined, and what it rests on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Review {
    /// Version of this shape, as in the JSON Schema.
    pub version: u32,
    /// IANA's note on registration.
    pub note: String,
    /// Edition of the registry, or where it came from.
    pub registry: String,
    /// The program that made it, with its version.
    pub made_by: String,
    /// The day the review speaks of (`--as-of`), for expiry; none without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What was captured, when, and what was not.
    pub coverage: Coverage,
    /// The zones, of each family the longest prefix first.
    pub zones: Vec<Zone>,
    /// The rulesets that were read; empty without.
    pub rulesets: Vec<RulesetFacts>,
    /// The worksheet with the approvals, as it was named; none without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<String>,
    /// SHA-256 of that worksheet as it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_sha256: Option<String>,
    /// The day on which approvals had to hold: `as_of`, or that of the last packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals_on: Option<String>,
    /// SHA-256 of the worksheet that this review writes: who finds it changed knows that people
    /// wrote in it.
    pub worksheet_sha256: String,
    /// The columns of the worksheet that people fill in, those that they added last.
    pub human_columns: Vec<String>,
    /// Who used which service, sorted by zones, server, transport, ports.
    #[serde(rename = "edges")]
    pub rows: Vec<Row>,
    /// The rules with their evidence, in the order of the ruleset; empty without one.
    pub rules: Vec<RuleReview>,
    /// The clients that look like scanners, sorted by address.
    pub scans: Vec<Scan>,
    /// The rows of the worksheet that nothing in the captures belongs to.
    pub kept: Vec<KeptRow>,
    /// What a reviewer should look at, most severe first.
    pub findings: Vec<Finding>,
}

/// A row of the last worksheet that nothing in the captures belongs to, as it was.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeptRow {
    /// Row.
    pub row_id: String,
    /// Approved-configured, approved-only, config-only for what is not approved.
    pub status: RowStatus,
    /// Whether the rules allow it, as far as they tell.
    pub configured: RulesSay,
    /// The columns that the program filled in last time, with what stood there.
    pub cells: Vec<(String, String)>,
    /// What people wrote.
    pub approval: Approval,
    /// The identifiers of its findings.
    pub findings: Vec<FindingId>,
}

/// What people wrote in a worksheet about one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Approval {
    /// Row.
    pub row_id: String,
    /// The columns that people fill in, as they were: `owner`, `business_need`,
    /// `security_features`, `approved_by`, `approved_on`, `ticket`, `expires_on`, `decision`,
    /// `reviewer`, `reviewed_on`, `notes`, and any other that they added.
    pub cells: Vec<(String, String)>,
}
