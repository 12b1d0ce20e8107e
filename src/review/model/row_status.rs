//! How observation, approval and rules meet in a row.

use serde::Serialize;

/// Observed, approved, configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum RowStatus {
    /// Observed, approved, configured.
    #[serde(rename = "observed-approved-configured")]
    Oac,
    /// Observed and configured, not approved.
    #[serde(rename = "observed-configured")]
    OC,
    /// Observed and approved; that a rule allows it is not known, or none does.
    #[serde(rename = "observed-approved")]
    OA,
    /// Observed; neither approved, nor known to be allowed by a rule.
    #[serde(rename = "observed-only")]
    O,
    /// Approved and configured, not seen.
    #[serde(rename = "approved-configured")]
    AC,
    /// Configured only.
    #[serde(rename = "config-only")]
    C,
    /// Approved; neither seen, nor known to be allowed by a rule.
    #[serde(rename = "approved-only")]
    A,
    /// Seen, but not in use by its grade: a try.
    #[serde(rename = "tried")]
    Tried,
    /// Sent to a group, or on a port that a control service handed out: listed apart, never a rule
    /// of its own.
    #[serde(rename = "listed-apart")]
    Apart,
    /// In the last worksheet alone, and not approved there.
    #[serde(rename = "gone")]
    Gone,
}

impl RowStatus {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RowStatus::Oac => "observed-approved-configured",
            RowStatus::OC => "observed-configured",
            RowStatus::OA => "observed-approved",
            RowStatus::O => "observed-only",
            RowStatus::AC => "approved-configured",
            RowStatus::C => "config-only",
            RowStatus::A => "approved-only",
            RowStatus::Tried => "tried",
            RowStatus::Apart => "listed-apart",
            RowStatus::Gone => "gone",
        }
    }
}

/// What the rules say of a row: whether it is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RulesSay {
    /// They let some of it through for certain.
    #[serde(rename = "yes")]
    Allowed,
    /// They let none of it through for certain.
    #[serde(rename = "no")]
    Denied,
    /// Which rule judges it cannot be told, and these do not do the same.
    Ambiguous,
    /// No ruleset was given, or no chain of its family; or no single rule could be for it.
    NotJudged,
}

impl RulesSay {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RulesSay::Allowed => "yes",
            RulesSay::Denied => "no",
            RulesSay::Ambiguous => "ambiguous",
            RulesSay::NotJudged => "not-judged",
        }
    }
}
