//! Rules that earlier ones cover.

use super::RuleId;

/// A rule that never judges a new flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The rule.
    pub rule: RuleId,
    /// The earlier rules that take all it would match, fewest first found: one alone where one is
    /// enough.
    pub by: Vec<RuleId>,
    /// Whether all of them do the same as the rule: it is redundant; else it is shadowed.
    pub same_verdict: bool,
}
