//! Strings of YAML.

use super::super::text::comment;

/// A string as YAML holds it, on one line.
pub(super) fn quoted(text: &str) -> String {
    // `comment` leaves no quote and no backslash in it.
    format!("\"{}\"", comment(text))
}
