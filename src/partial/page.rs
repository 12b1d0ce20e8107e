//! The parts and columns of the table, for its page.

use std::fmt::Write;

use super::row::COLUMNS;
use super::rows::{PARTS, VERSION};

/// The parts and columns as Markdown.
pub fn page() -> String {
    let mut text = format!("Version {VERSION}.\n\n| part | its rows |\n|---|---|\n");
    // Writing to a string does not fail.
    for (part, about) in PARTS {
        let _ = writeln!(text, "| `{part}` | {about} |");
    }
    text.push_str("\n| column | type | what it holds |\n|---|---|---|\n");
    for column in COLUMNS {
        let _ = writeln!(text, "| `{}` | {} | {} |", column.name, column.kind, column.about);
    }
    text
}
