//! `portscribe registry check`

use std::path::Path;

use super::super::args::Common;
use super::super::output::{self, Output};
use super::super::{Failure, input};
use crate::registry::{self, Finding};
use crate::report::{Column, Format, Head, People, Room, RowWriter, Rows, Value};

/// The columns for programs. `line` is empty for a registry that was not read from a file.
const COLUMNS: &[&str] =
    &["row", "line", "rule", "service_name", "port_number", "transport_protocol", "message"];

const PEOPLE: &[Column] = &[
    Column::number("row", Room::Stays),
    Column::number("line", Room::Leaves(2)),
    Column::text("rule", Room::Stays),
    Column::text("port", Room::Stays),
    Column::text("transport", Room::Leaves(1)),
    Column::text("service name", Room::Stays),
    Column::text("what is wrong", Room::Breaks),
];

pub(super) fn run(file: Option<&Path>, common: &Common) -> Result<(), Failure> {
    let (registry, lines) = match file {
        None => (input::registry(common)?, Vec::new()),
        Some(file) => {
            let reading = input::registry_file(file, common.lenient)?;
            (reading.registry, reading.lines)
        }
    };
    let findings = registry::check(&registry);
    let line = |finding: &Finding| lines.get(finding.row.number() as usize - 1).copied();
    let mut out = Output::open(common, &registry)?;
    let format = out.format();
    if matches!(format, Format::Table | Format::Markdown) {
        let mut table = People::new(PEOPLE);
        for finding in &findings {
            table.row(vec![
                finding.row.number().to_string(),
                line(finding).map(|line| line.to_string()).unwrap_or_default(),
                finding.rule.name().to_owned(),
                finding.row.cell(registry::Column::PortNumber).to_owned(),
                finding.row.cell(registry::Column::TransportProtocol).to_owned(),
                finding.row.service_name().to_owned(),
                finding.message.clone(),
            ]);
        }
        table.below(format!(
            "{} of {} rows hold to RFC 6335's rules.",
            registry.len() - rows(&findings),
            registry.len()
        ));
        table.below(output::note(&registry));
        let style = out.style();
        table.write(format, style, &mut out)?;
    } else {
        let mut writer = RowWriter::new(format, &mut out, COLUMNS, &Head::of_registry(&registry))?;
        for finding in &findings {
            writer.row(&[
                Value::Number(finding.row.number().into()),
                line(finding).map_or(Value::Unknown, Value::Number),
                Value::text(Some(finding.rule.name())),
                Value::filled(finding.row.service_name()),
                Value::filled(finding.row.cell(registry::Column::PortNumber)),
                Value::filled(finding.row.cell(registry::Column::TransportProtocol)),
                Value::filled(finding.message.as_str()),
            ])?;
        }
        writer.finish()?;
    }
    out.finish()?;
    if findings.is_empty() { Ok(()) } else { Err(Failure::Something) }
}

/// How many rows the findings are about.
fn rows(findings: &[Finding]) -> usize {
    let mut rows: Vec<u32> = findings.iter().map(|finding| finding.row.number()).collect();
    rows.dedup();
    rows.len()
}
