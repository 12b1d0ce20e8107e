//! What the rules do with a row.

use super::super::model::{InUse, RulesSay};
use super::super::observed::FlowGroup;
use super::Part;
use crate::rules::Judgement;

/// What the rules do with the flows of a row.
#[derive(Clone, Debug, Default)]
pub(in crate::review) struct Fit {
    /// Flows that are let through for certain.
    allowed: u64,
    /// Flows that are denied for certain.
    denied: u64,
    /// Flows of which it cannot be told whether they are let through, since rules that may judge them disagree.
    pub(in crate::review) undecided: Part,
    /// Some of these may take a way on which no rule can refuse them.
    pub(in crate::review) may_pass_unasked: bool,
    /// Flows in use that are denied for certain.
    pub(in crate::review) denied_in_use: Part,
    /// Flows that were tries, not of a scan, and are denied for certain.
    pub(in crate::review) demand: Part,
    /// What their clients sent before an answer.
    pub(in crate::review) demand_packets: u64,
}

impl Fit {
    /// Whether the row is configured.
    pub(in crate::review) fn says(&self) -> RulesSay {
        match self {
            Fit { allowed: 1.., .. } => RulesSay::Allowed,
            Fit { undecided: Part { flows: 1.., .. }, .. } => RulesSay::Ambiguous,
            Fit { denied: 1.., .. } => RulesSay::Denied,
            _ => RulesSay::NotJudged,
        }
    }

    /// Whether a row for many servers is configured: all of it, or it cannot be told in one word.
    pub(in crate::review) fn says_of_many(&self) -> RulesSay {
        match self.says() {
            RulesSay::Allowed if self.denied + self.undecided.flows > 0 => RulesSay::Ambiguous,
            says => says,
        }
    }

    /// Counts the flows of a group, by what the rules do with them.
    pub(super) fn add(&mut self, group: &FlowGroup, judgement: &Judgement) {
        let in_use = group.grade.in_use();
        match judgement.is_let_through() {
            Some(true) => self.allowed += group.flows,
            Some(false) => {
                self.denied += group.flows;
                match in_use {
                    InUse::Yes => self.denied_in_use.add(group),
                    InUse::No if !group.is_scan => {
                        self.demand.add(group);
                        self.demand_packets += group.packets_before_reply;
                    }
                    InUse::Maybe | InUse::No => {}
                }
            }
            None if judgement.is_none() => {}
            None => {
                self.undecided.add(group);
                self.may_pass_unasked |= judgement.unasked;
            }
        }
    }
}
