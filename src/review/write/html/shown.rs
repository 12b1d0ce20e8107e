//! How much of a large review the page shows; `review.json` has all.

use std::borrow::Cow;

use super::super::super::model::{Judged, KeptRow, Review, Row, RuleReview, ScanRow};
use super::by_kind::ByKind;

/// So many rows of services, of scans, of rules without use, and of the last worksheet alone.
const ROWS: usize = 500;

/// So many rules.
const RULES: usize = 500;

/// So many captures, networks, and pairs of zones.
pub(super) const PLACES: usize = 200;

/// So many services from one zone to another.
pub(super) const SERVICES: usize = 40;

/// So many characters of one text, such as a rule with many addresses, or what people wrote.
const CHARACTERS: usize = 600;

/// The rows of services that the page shows.
pub(super) fn rows(review: &Review) -> impl Iterator<Item = &Judged<Row>> {
    all_rows(review).take(ROWS)
}

/// The rows of scans that the page shows.
pub(super) fn scans(review: &Review) -> impl Iterator<Item = &Judged<ScanRow>> {
    all_scans(review).take(ROWS)
}

/// The rules in the worksheet that the page shows there.
pub(super) fn rule_rows(review: &Review) -> impl Iterator<Item = &Judged<RuleReview>> {
    all_rule_rows(review).take(ROWS)
}

/// The rows of the last worksheet alone that the page shows.
pub(super) fn kept(review: &Review) -> impl Iterator<Item = &Judged<KeptRow>> {
    review.kept.iter().take(ROWS)
}

/// The rules that the page shows.
pub(super) fn rules(review: &Review) -> impl Iterator<Item = &Judged<RuleReview>> {
    review.rules.iter().take(RULES)
}

fn all_rows(review: &Review) -> impl Iterator<Item = &Judged<Row>> {
    review.rows.iter().filter(|row| row.is_in_worksheet())
}

fn all_scans(review: &Review) -> impl Iterator<Item = &Judged<ScanRow>> {
    review.scans.iter().filter(|scan| !scan.folded)
}

fn all_rule_rows(review: &Review) -> impl Iterator<Item = &Judged<RuleReview>> {
    review.rules.iter().filter(|rule| rule.is_in_worksheet())
}

/// How many rows the worksheet has.
pub(super) fn rows_in_worksheet(review: &Review) -> usize {
    all_rows(review).count() + all_scans(review).count() + all_rule_rows(review).count() + review.kept.len()
}

/// A text that is not too long for the page.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(CHARACTERS) {
        None => text.into(),
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}\u{2026} ({more} characters more in review.json)", &text[..end]).into()
        }
    }
}

/// What is folded away, in words; nothing of a small review.
pub(super) fn folded(review: &Review) -> Vec<String> {
    let findings: usize = ByKind::of(review).iter().map(|one| one.all - one.shown().len()).sum();
    let coverage = &review.coverage;
    [
        ("findings", findings),
        ("rows of services", all_rows(review).count().saturating_sub(ROWS)),
        ("rows of scans", all_scans(review).count().saturating_sub(ROWS)),
        ("rules", review.rules.len().saturating_sub(RULES)),
        ("rows of rules", all_rule_rows(review).count().saturating_sub(ROWS)),
        ("rows of the last worksheet alone", review.kept.len().saturating_sub(ROWS)),
        ("captures", coverage.inputs.len().saturating_sub(PLACES)),
        ("networks of zones", review.zones.len().saturating_sub(PLACES)),
    ]
    .into_iter()
    .filter(|(_, more)| *more > 0)
    .map(|(what, more)| format!("{more} {what}"))
    .collect()
}
