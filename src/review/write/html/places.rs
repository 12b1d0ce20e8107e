//! Where on the page findings, rules and rows stand.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html as markup};

use super::super::super::model::{About, FindingKind, Review, RowId};
use super::shown;

/// A table in a frame that scrolls by itself, also with the keyboard.
pub(super) fn wide(label: &str, table: &Markup) -> Markup {
    markup! { div.wide role="region" aria-label=(label) tabindex="0" { (table) } }
}

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
    pub(super) fn of(review: &'r Review) -> Places<'r> {
        let mut findings = BTreeMap::new();
        for (n, finding) in shown::findings(review).iter().enumerate() {
            findings.entry((finding.kind, &finding.about)).or_insert(n + 1);
        }
        let mut rules = BTreeMap::new();
        for (n, rule) in review.rules.iter().enumerate() {
            rules.entry(rule.reference.as_str()).or_insert(n + 1);
        }
        let of_rows = shown::rows(review).map(|row| row.row_id);
        let of_scans = shown::scans(review).map(|scan| scan.scan.row_id);
        let of_kept = review.kept.iter().map(|kept| kept.row_id);
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
