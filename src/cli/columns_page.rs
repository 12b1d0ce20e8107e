//! `portscribe help columns`: the columns of results, and the words that stand for them.

use std::fmt::Write as _;
use std::io;

use super::Failure;
use super::help_text;
use crate::report::{Field, flows, packets, summary, wrapped};
use crate::traffic::words_for_columns;

/// The widest lines.
const WIDEST: u16 = 78;

const BEFORE: &str = "\
Columns of results: --columns A,B,-C and --sort KEY[:desc]

  portscribe flows trace.pcap --columns client,server,port,bytes
  portscribe flows trace.pcap --columns -notes,-community_id
  portscribe summary trace.pcap --by server --sort flows:desc

A name is that of the column in CSV. These words stand for columns, too, in --columns, --sort, --where and --by:
";

/// The page for a terminal of this width.
pub(super) fn page(width: u16) -> String {
    let width = width.min(WIDEST);
    let mut page = help_text::lay_out(BEFORE, width);
    page.push_str("\n\n");
    for (word, columns) in words_for_columns() {
        let columns: Vec<String> = columns.iter().map(|columns| columns.join(" and ")).collect();
        item(&mut page, word, &columns.join(", or "), width);
    }
    for (name, fields, on_request) in [
        ("flows", flows::COLUMNS, flows::ON_REQUEST),
        ("packets", packets::COLUMNS, &[]),
        ("summary", summary::COLUMNS, &[]),
    ] {
        let _ = writeln!(page, "\nColumns of `{name}`");
        for field in fields {
            item(&mut page, field.name, field.meaning, width);
        }
        for Field { name, meaning, .. } in on_request {
            item(&mut page, name, &format!("{meaning}; where it is asked for by name"), width);
        }
    }
    page
}

/// A name and what it means. Writing to a string does not fail.
fn item(page: &mut String, name: &str, about: &str, width: u16) {
    let mut before = format!("  {name:<22}");
    for line in wrapped(about, Some(width - 24)) {
        let _ = writeln!(page, "{}{line}", std::mem::replace(&mut before, " ".repeat(24)));
    }
}

/// Prints the page.
pub(super) fn print() -> Result<(), Failure> {
    Ok(io::Write::write_all(&mut io::stdout().lock(), page(help_text::width()).as_bytes())?)
}
