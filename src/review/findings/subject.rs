//! A rule, as its findings speak of it.

use super::super::model::{About, Grade, RuleReview, SAMPLES, UsedPart};
use super::{Facts, Said};
use crate::rules::{Allowed, Rule};

/// One rule with all that is known of it.
pub(super) struct Subject<'a> {
    pub(super) rule: &'a Rule,
    pub(super) review: &'a RuleReview,
    /// What it lets through of new flows; empty where it drops, or is not reached.
    pub(super) allowed: Vec<&'a Allowed>,
    pub(super) used: &'a UsedPart,
}

impl Subject<'_> {
    pub(super) fn said(&self) -> Said {
        Said {
            about: About::Rule(self.review.reference.clone()),
            samples: self.review.samples.iter().take(SAMPLES).cloned().collect(),
            flows: self.review.flows.definite,
            ..Said::default()
        }
    }

    pub(super) fn in_words(&self) -> String {
        if self.rule.comment.is_empty() {
            self.rule.reference.clone()
        } else {
            format!("{} ({})", self.rule.reference, self.rule.comment.line())
        }
    }

    /// Whether it names a security group or a prefix list whose addresses nobody said.
    pub(super) fn of_unknown_group(&self, facts: &Facts) -> bool {
        let mut unknown = facts.rulesets.iter().flat_map(|rules| &rules.groups_unknown);
        unknown.any(|group| self.rule.peer_group.as_ref() == Some(group))
    }

    /// Flows that it judged for certain whose grade is one of these.
    pub(super) fn flows(&self, wanted: impl Fn(Grade) -> bool) -> u64 {
        let grades = &self.review.flows.grades;
        grades.iter().filter(|&(&grade, _)| wanted(grade)).map(|(_, flows)| flows).sum()
    }
}

/// `9 answered-data, 1 refused`, best first.
pub(super) fn grades(review: &RuleReview) -> String {
    let words: Vec<String> =
        review.flows.grades.iter().rev().map(|(grade, flows)| format!("{flows} {grade}")).collect();
    words.join(", ")
}
