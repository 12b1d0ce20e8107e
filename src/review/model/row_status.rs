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
    /// Observed; neither approved, nor allowed by a rule.
    #[serde(rename = "observed-only")]
    O,
    /// Observed and not approved; whether a rule allows it is not known.
    #[serde(rename = "observed-unjudged")]
    Unjudged,
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
    /// Every status.
    pub const ALL: [RowStatus; 11] = [
        RowStatus::Oac,
        RowStatus::OC,
        RowStatus::OA,
        RowStatus::O,
        RowStatus::Unjudged,
        RowStatus::AC,
        RowStatus::C,
        RowStatus::A,
        RowStatus::Tried,
        RowStatus::Apart,
        RowStatus::Gone,
    ];

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            RowStatus::Oac => "It is in use, people approved it, and a rule allows it.",
            RowStatus::OC => "It is in use and a rule allows it, but nobody has approved it.",
            RowStatus::OA => "It is in use and people approved it, but no rule is known to allow it.",
            RowStatus::O => "It is in use, but nobody has approved it and no rule allows it.",
            RowStatus::Unjudged => {
                "It is in use and nobody has approved it, and whether a rule allows it is not known."
            }
            RowStatus::AC => "People approved it and a rule allows it, but it was not seen in use.",
            RowStatus::C => "A rule allows it, but it was not seen in use and nobody has approved it.",
            RowStatus::A => {
                "People approved it, but it was not seen in use and no rule is known to allow it."
            }
            RowStatus::Tried => "Somebody tried to reach it, but it was not seen in use.",
            RowStatus::Apart => {
                "It is multicast, broadcast, or a port that another service handed out for a while."
            }
            RowStatus::Gone => "It stands in the last worksheet alone, and nobody approved it there.",
        }
    }

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RowStatus::Oac => "observed-approved-configured",
            RowStatus::OC => "observed-configured",
            RowStatus::OA => "observed-approved",
            RowStatus::O => "observed-only",
            RowStatus::Unjudged => "observed-unjudged",
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
