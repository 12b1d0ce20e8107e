//! Where on the page findings, rules and rows stand.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html as markup};

use super::super::super::model::{About, FindingKind, Review, RowId};
use super::by_kind::ByKind;
use super::shown;

/// Where on the page findings, rules and rows stand.
pub(super) struct Places<'r> {
    /// The first finding of a kind on a subject, from 1.
    findings: BTreeMap<(FindingKind, &'r About), usize>,
    /// Rules by their references, from 1.
    rules: BTreeMap<&'r str, usize>,
    /// The rows of the worksheet.
    rows: BTreeSet<RowId>,
}

impl<'r> Places<'r> {
    pub(super) fn of(review: &'r Review, by_kind: &[ByKind<'r>]) -> Places<'r> {
        let mut findings = BTreeMap::new();
        for (n, finding) in by_kind.iter().flat_map(ByKind::shown) {
            findings.entry((finding.kind, &finding.about)).or_insert(*n);
        }
        let mut rules = BTreeMap::new();
        for (n, rule) in shown::rules(review).enumerate() {
            rules.entry(rule.reference.as_str()).or_insert(n + 1);
        }
        let of_rows = shown::rows(review).map(|row| row.row_id);
        let of_scans = shown::scans(review).map(|scan| scan.scan.row_id);
        let of_kept = shown::kept(review).map(|kept| kept.row_id);
        let rows = of_rows.chain(of_scans).chain(of_kept).collect();
        Places { findings, rules, rows }
    }

    /// The identifiers of a subject's findings, each with a link to the first of its kind.
    pub(super) fn findings(&self, about: &About, ids: &[FindingKind]) -> Markup {
        let ids: BTreeSet<FindingKind> = ids.iter().copied().collect();
        markup! {
            @for (n, id) in ids.into_iter().enumerate() {
                @if n > 0 { " " }
                @match self.findings.get(&(id, about)) {
                    Some(at) => a href=(format!("#finding-{at}")) { (id) },
                    None => (id),
                }
            }
        }
    }

    /// The reference of a rule, with a link where the page has it.
    pub(super) fn rule(&self, reference: &str) -> Markup {
        markup! {
            @match self.rules.get(reference) {
                Some(at) => a href=(format!("#rule-{at}")) { (reference) },
                None => (reference),
            }
        }
    }

    /// The row or the rule that a finding is about, with a link where the page has it.
    pub(super) fn about(&self, about: &About) -> Markup {
        markup! {
            @match about {
                About::Rule(reference) if self.rules.contains_key(reference.as_str()) => {
                    "rule " (self.rule(reference))
                },
                About::Row(row_id) if self.rows.contains(row_id) => {
                    "row " a href=(format!("#row-{row_id}")) { (row_id) }
                },
                _ => (about),
            }
        }
    }
}
