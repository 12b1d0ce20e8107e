//! Findings of a kind, which the page shows together.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::super::model::{Finding, FindingKind, Review, Severity};

/// So many findings of each kind and severity are on the page.
const MOST: usize = 40;

/// The findings of a kind and severity.
pub(super) struct ByKind<'r> {
    pub(super) severity: Severity,
    pub(super) kind: FindingKind,
    /// How many there are.
    pub(super) all: usize,
    /// Those that the page shows, each with its number in the review, from 1.
    shown: Vec<(usize, &'r Finding)>,
}

impl<'r> ByKind<'r> {
    /// All findings, the most severe first.
    pub(super) fn of(review: &'r Review) -> Vec<ByKind<'r>> {
        let mut all: BTreeMap<(Reverse<Severity>, FindingKind), ByKind> = BTreeMap::new();
        for (n, finding) in review.findings.iter().enumerate() {
            let (severity, kind) = (finding.severity, finding.kind);
            let new = || ByKind { severity, kind, all: 0, shown: Vec::new() };
            let one = all.entry((Reverse(severity), kind)).or_insert_with(new);
            one.all += 1;
            if one.shown.len() < MOST {
                one.shown.push((n + 1, finding));
            }
        }
        all.into_values().collect()
    }

    /// Those that the page shows, each with its number in the review, from 1.
    pub(super) fn shown(&self) -> &[(usize, &'r Finding)] {
        &self.shown
    }

    /// The name of its place on the page.
    pub(super) fn place(&self) -> String {
        format!("{}-{}", self.kind, self.severity.name())
    }

    /// What all of them say, where they say the same.
    pub(super) fn shared(&self, text: impl Fn(&'r Finding) -> &'r str) -> Option<&'r str> {
        let first = text(self.shown.first()?.1);
        self.shown.iter().all(|(_, finding)| text(finding) == first).then_some(first)
    }
}
