//! How well a rule was read, and what it does with a new flow.

use serde::Serialize;

/// How well a rule could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RuleState {
    /// All of it.
    Full,
    /// Some of its conditions cannot be decided from a capture.
    Partial,
    /// None of it.
    Opaque,
}

impl RuleState {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RuleState::Full => "full",
            RuleState::Partial => "partial",
            RuleState::Opaque => "opaque",
        }
    }
}

/// What a rule does with a new flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RuleVerdict {
    /// Lets it through.
    Accept,
    /// Drops it.
    Drop,
    /// Refuses it.
    Reject,
    /// Goes on with another chain, or does something that ends nothing.
    Continue,
}

impl RuleVerdict {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RuleVerdict::Accept => "accept",
            RuleVerdict::Drop => "drop",
            RuleVerdict::Reject => "reject",
            RuleVerdict::Continue => "continue",
        }
    }
}
