//! The rows of the worksheet with types, for programs: the program's columns, without those that people fill in.

use std::borrow::Cow;
use std::io;

use super::super::approved::MACHINE;
use super::super::model::{Grade, Review, RowStatus};
use super::worksheet::rows;
use crate::report::{Columns, Field, Format, Head, Holds, RowWriter, Rows, Value};
use crate::text::words;

const fn of(name: &'static str, holds: Holds, meaning: &'static str) -> Field {
    Field { name, holds, may_be_unknown: true, meaning }
}

/// The columns, in the order of the worksheet's.
pub const COLUMNS: [Field; MACHINE.len()] = [
    of("row_id", Holds::Text, "identifies the row in every review"),
    of("status", Holds::Word(words!(RowStatus)), "observed, approved, configured"),
    of("src_zone", Holds::Text, "zone of the clients"),
    of("sources", Holds::Texts, "clients that use it, or what a rule allows"),
    of("widened", Holds::Bool, "whether the networks cover addresses that were not seen"),
    of("dst_zone", Holds::Text, "zone of the server"),
    of("destination", Holds::Text, "the server, any of an external zone, or what a rule allows"),
    of("family", Holds::Text, "IPv4 or IPv6"),
    of("proto", Holds::Text, "transport or other protocol"),
    of("ports", Holds::Text, "port or range of the server, or what a rule allows"),
    of("service", Holds::Text, "registered names of the port"),
    of("name_basis", Holds::Text, "what the name stands on"),
    of("registry_note", Holds::Text, "notes of the registry, local names, protocol shown by the payload"),
    of("tags", Holds::Texts, "why it is on the list of insecure services"),
    of("grade", Holds::Word(words!(Grade)), "how well its use is known"),
    of("flows_in_use", Holds::NUMBER, "flows whose grade proves use"),
    of("flows_refused", Holds::NUMBER, "flows that were refused, or answered by an ICMP error"),
    of("flows_no_reply", Holds::NUMBER, "flows without an answer"),
    of("first_seen", Holds::Time, "time of the first packet"),
    of("last_seen", Holds::Time, "time of the latest packet"),
    of("active_days", Holds::NUMBER, "days (UTC) with a flow"),
    of("coverage_days", Holds::Share, "days covered by the captures"),
    of("rules", Holds::Text, "rules that judge its flows, or the rule"),
    of("verdict", Holds::Texts, "what they do"),
    of("findings", Holds::Texts, "identifiers of its findings"),
    of("sources_perhaps", Holds::Texts, "clients that perhaps use it"),
    of("sources_refused", Holds::Texts, "clients that were refused or not answered"),
    of("sources_scanning", Holds::Texts, "clients that only tried it as part of a scan"),
    of("approved_sources", Holds::Text, "sources that an approval is about"),
    of("approved_servers", Holds::Text, "servers that an approval is about"),
    of("approved_ports", Holds::Text, "ports that an approval is about"),
    of("approved_as", Holds::Text, "the approver and the day of that approval"),
    of("disagreement", Holds::Text, "what copies of the worksheet say in several ways"),
    of("icmp_type", Holds::Text, "type of ICMP that the client sends"),
];

/// Writes the rows of the worksheet in a format for programs.
///
/// # Errors
///
/// When `out` cannot be written, and for a format that is not built in.
pub fn typed(review: &Review, format: Format, out: impl io::Write) -> io::Result<()> {
    let mut head = Head::default();
    head.put(
        "program",
        serde_json::json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }),
    );
    head.put("note", review.note.as_str().into());
    let mut writer = RowWriter::of(format, out, Columns::all(&COLUMNS), &head)?;
    rows(review, |cells, _| {
        let values: Vec<Value> = cells.iter().zip(&COLUMNS).map(|(cell, field)| value(cell, field)).collect();
        writer.row(&values)
    })?;
    writer.finish()
}

/// The value that a cell shows. An empty cell of a list is an empty list.
fn value<'a>(cell: &'a str, field: &Field) -> Value<'a> {
    let known = match field.holds {
        Holds::Texts => return Value::List(cell.split_whitespace().collect()),
        _ if cell.is_empty() => None,
        Holds::Integer(..) => cell.parse().ok().map(Value::Number),
        Holds::Time => cell.parse().ok().map(Value::Time),
        Holds::Share => cell.parse().ok().map(Value::Share),
        Holds::Bool => Some(Value::Bool(cell == "yes")),
        _ => Some(Value::Text(Cow::Borrowed(cell))),
    };
    known.unwrap_or(Value::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_worksheet() {
        assert_eq!(COLUMNS.map(|field| field.name), MACHINE);
    }
}
