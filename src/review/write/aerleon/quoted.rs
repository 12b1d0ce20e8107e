//! Strings of YAML.

use crate::foreign::rule_comment;

/// A string as YAML holds it, on one line.
pub(super) fn quoted(text: &str) -> String {
    // `rule_comment` leaves no quote and no backslash in it.
    format!("\"{}\"", rule_comment(text))
}
