//! What a reviewer should look at.

use serde::Serialize;

use super::FlowSample;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To know.
    Info,
    /// To tidy.
    Low,
    /// To look at.
    Medium,
    /// To decide on now.
    High,
}

/// Identifier of a kind of finding: `FR101` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub u16);

impl FindingId {
    /// A client that tries many services and uses none.
    pub const SCAN_LIKE: FindingId = FindingId(118);
    /// An approval that no longer holds.
    pub const APPROVAL_EXPIRED: FindingId = FindingId(102);
}

impl Severity {
    /// Every severity, from the least.
    pub const ALL: [Severity; 4] = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];

    /// The word that outputs and the command line use.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    /// One step lower; info stays.
    #[must_use]
    pub const fn lower(self) -> Severity {
        match self {
            Severity::High => Severity::Medium,
            Severity::Medium => Severity::Low,
            Severity::Low | Severity::Info => Severity::Info,
        }
    }
}

impl Serialize for FindingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FR{}", self.0)
    }
}

/// Something a reviewer should look at.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Which kind.
    pub id: FindingId,
    /// Its name: `unapproved-in-use`.
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The row or the rule it is about; empty where it is about the whole.
    pub subject: String,
    /// Up to five flows.
    #[serde(rename = "evidence")]
    pub samples: Vec<FlowSample>,
    /// How many flows there are in all.
    pub flows: u64,
    /// Why it is one.
    pub why: String,
    /// What it does not show.
    pub limits: String,
    /// What could be done.
    pub suggestion: String,
    /// Clauses of standards that ask for it.
    pub standards: Vec<&'static str>,
}
