//! `review.json`.

use std::io;

use super::Review;

/// Writes the whole review as JSON, as `docs/review.schema.json` describes it.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn write_json(review: &Review, out: &mut impl io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, review)?;
    writeln!(out)
}
