//! How much of a large review the page shows; `worksheet.csv` and `review.json` have all.

use super::super::super::model::{Finding, Judged, Review, Row, ScanRow};

/// So many findings, the most severe.
pub(super) const FINDINGS: usize = 500;

/// So many rows of services, and of scans.
pub(super) const ROWS: usize = 1_000;

/// The findings that the page shows.
pub(super) fn findings(review: &Review) -> &[Finding] {
    review.findings.get(..FINDINGS).unwrap_or(&review.findings)
}

/// The rows of services that the page shows.
pub(super) fn rows(review: &Review) -> impl Iterator<Item = &Judged<Row>> {
    review.rows.iter().filter(|row| row.is_in_worksheet()).take(ROWS)
}

/// The rows of scans that the page shows.
pub(super) fn scans(review: &Review) -> impl Iterator<Item = &Judged<ScanRow>> {
    review.scans.iter().take(ROWS)
}
