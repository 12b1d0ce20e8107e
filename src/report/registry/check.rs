//! `registry check`: one row a departure from RFC 6335's rules.

use crate::registry::{Column as RegistryColumn, Finding, Registry, Rule};
use crate::report::field::{columns, people};
use crate::report::{Bits, Holds, Table, Value, WhenNarrow};
use crate::text::words;

columns! {
    /// The values of a finding; `line` is where its row begins in the file.
    pub fn values<'a>(finding: &'a Finding<'a>, line: Option<u64>) {
        let row = finding.row;
    }
    "row": always Holds::Integer(Bits::B32, None), "number of the row, from 1" => Value::Number(row.number().into());
    "line": maybe Holds::NUMBER, "line at which the row begins; unknown for a registry that was not read from a file" => line.map_or(Value::Unknown, Value::Number);
    "rule": always Holds::Word(words!(Rule)), "rule that the row breaks" => Value::text(Some(finding.rule.name()));
    "service_name": maybe Holds::Text, "service name of the row" => Value::filled(row.service_name());
    "port_number": maybe Holds::Text, "port, or range of ports, of the row" => Value::filled(row.cell(RegistryColumn::PortNumber));
    "transport_protocol": maybe Holds::Text, "transport of the row" => Value::filled(row.cell(RegistryColumn::TransportProtocol));
    "message": always Holds::Text, "what is wrong" => Value::filled(finding.message.as_str());
}

people! {
    /// The table's cells of a finding; `line` is where its row begins in the file.
    fn people(finding: &Finding, line: Option<u64>) {
        let row = finding.row;
    }
    number "row", WhenNarrow::Stays => row.number().to_string();
    number "line", WhenNarrow::Leaves(2) => line.map(|line| line.to_string()).unwrap_or_default();
    text "rule", WhenNarrow::Stays => finding.rule.name().to_owned();
    text "port", WhenNarrow::Stays => row.cell(RegistryColumn::PortNumber).to_owned();
    text "transport", WhenNarrow::Leaves(1) => row.cell(RegistryColumn::TransportProtocol).to_owned();
    text "service name", WhenNarrow::Stays => row.service_name().to_owned();
    text "what is wrong", WhenNarrow::Breaks => finding.message.clone();
}

/// The table for people of findings, each with the line of its row.
pub fn table(registry: &Registry, findings: &[Finding], line: impl Fn(&Finding) -> Option<u64>) -> Table {
    let mut table = Table::new(PEOPLE);
    for finding in findings {
        table.row(people(finding, line(finding)));
    }
    table.below(format!(
        "{} of {} rows hold to RFC 6335's rules.",
        registry.len() - rows(findings),
        registry.len()
    ));
    table
}

/// The number of rows that the findings are about.
fn rows(findings: &[Finding]) -> usize {
    let mut rows: Vec<u32> = findings.iter().map(|finding| finding.row.number()).collect();
    rows.dedup();
    rows.len()
}
