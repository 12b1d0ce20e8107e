//! A client that tries much and uses little or nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;

use super::{Approval, FlowSample, Grade, RowId, words};
use crate::capture::Timestamp;

/// A client that tried ten different servers and ports or more, and for each that it used at least
/// twenty others. The worksheet has one row for it, in place of one for each port that it tried; what
/// it used has rows of its own.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scan {
    /// Its row in the worksheet: `r` and the first 12 hex digits of the SHA-256 of
    /// `scan|client`.
    pub row_id: RowId,
    /// The client.
    pub client: IpAddr,
    /// Its zone.
    pub client_zone: String,
    /// Different servers and ports that it tried, and did not use.
    pub targets: u64,
    /// Others that it used.
    pub used: u64,
    /// Others that it perhaps used.
    pub perhaps_used: u64,
    /// Its flows to them.
    pub flows: u64,
    /// The same by grade.
    pub grades: BTreeMap<Grade, u64>,
    /// First packet of them, RFC 3339.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub first_seen: Option<Timestamp>,
    /// Latest packet of them.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub last_seen: Option<Timestamp>,
    /// The rows of what it tried, sorted.
    pub rows: Vec<RowId>,
    /// Up to five flows.
    pub samples: Vec<FlowSample>,
}

impl Scan {
    /// `used none`, `used 1 other`, `used 1 other and perhaps 2 more`.
    pub(in crate::review) fn used_in_words(&self) -> String {
        let others = |n: u64| if n == 1 { "other" } else { "others" };
        match (self.used, self.perhaps_used) {
            (0, 0) => "used none".to_owned(),
            (used, 0) => format!("used {used} {}", others(used)),
            (0, perhaps) => format!("perhaps used {perhaps} {}", others(perhaps)),
            (used, perhaps) => format!("used {used} {} and perhaps {perhaps} more", others(used)),
        }
    }
}

// The schema describes it as the scan.
#[cfg_attr(not(test), doc = "A scan with what people decided on it.")]
#[cfg_attr(test, allow(missing_docs))]
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Scan"))]
pub struct ScanRow {
    /// What was observed.
    #[serde(flatten)]
    pub scan: Scan,
    /// What people decided on it; none without an approval list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Whether it is left out of the worksheet, which has many rows that need a decision more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub folded: bool,
}

impl ScanRow {
    /// Whether people have written anything about it.
    pub(in crate::review) fn is_written(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| !approval.is_empty())
    }
}
