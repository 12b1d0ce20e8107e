//! `portscribe registry diff`

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::super::args::Common;
use super::super::output::Output;
use super::super::{Failure, input};
use crate::registry::{self, Column, Diff, Effect, Registry, Row, Status};
use crate::report::{Format, Head, RowWriter, Rows, Value};

/// The columns for programs.
///
/// | column | meaning |
/// |---|---|
/// | `change` | `row-added`, `row-removed`, `row-changed`; what it means for labels: `registered`, `no-longer-registered`, `renamed`, `status` |
/// | `port`, `transport` | of the row; of the ports whose label changed |
/// | `service_name` | of the row |
/// | `column` | the column that changed |
/// | `old`, `new` | the cells; status and name of the ports |
const COLUMNS: &[&str] = &["change", "port", "transport", "service_name", "column", "old", "new"];

pub(super) fn run(old: &Path, new: &Path, common: &Common) -> Result<(), Failure> {
    let old = input::registry_named(old, common)?;
    let new = input::registry_named(new, common)?;
    let diff = registry::diff(&old, &new);
    let mut out = Output::open(common, &new)?;
    match out.format() {
        Format::Table | Format::Markdown => {
            people(&diff, &old, &new, &mut out)?;
            writeln!(out, "\n{}", super::super::output::note(&new))?;
        }
        format => {
            let mut head = Head::of_registry(&new);
            head.put(
                "old_registry",
                json!({ "edition": old.edition(), "source": old.source(), "rows": old.len() }),
            );
            head.put(
                "counts",
                json!({
                    "rows_added": diff.added.len(),
                    "rows_removed": diff.removed.len(),
                    "rows_changed": diff.changed.len(),
                    "ports": Effect::ALL
                        .iter()
                        .map(|&effect| (effect.name().to_owned(), diff.ports_with(effect).into()))
                        .collect::<serde_json::Map<String, serde_json::Value>>(),
                }),
            );
            let mut writer = RowWriter::new(format, &mut out, COLUMNS, &head)?;
            machine(&diff, &mut writer)?;
            writer.finish()?;
        }
    }
    out.finish()?;
    if diff.is_empty() { Ok(()) } else { Err(Failure::Something) }
}

fn machine(diff: &Diff, writer: &mut impl Rows) -> std::io::Result<()> {
    for change in &diff.ports {
        writer.row(&[
            Value::text(Some(change.effect.name())),
            Value::filled(ports(change.low, change.high)),
            Value::text(Some(change.transport.name())),
            Value::Unknown,
            Value::Unknown,
            Value::filled(said(change.old)),
            Value::filled(said(change.new)),
        ])?;
    }
    let mut whole = |change: &'static str, row: Row| {
        writer.row(&[
            Value::text(Some(change)),
            Value::filled(row.cell(Column::PortNumber)),
            Value::filled(row.cell(Column::TransportProtocol)),
            Value::filled(row.service_name()),
            Value::Unknown,
            Value::filled(if change == "row-removed" { row.description() } else { "" }),
            Value::filled(if change == "row-added" { row.description() } else { "" }),
        ])
    };
    for &row in &diff.added {
        whole("row-added", row)?;
    }
    for &row in &diff.removed {
        whole("row-removed", row)?;
    }
    for change in &diff.changed {
        for column in change.columns() {
            writer.row(&[
                Value::text(Some("row-changed")),
                Value::filled(change.new.cell(Column::PortNumber)),
                Value::filled(change.new.cell(Column::TransportProtocol)),
                Value::filled(change.new.service_name()),
                Value::text(Some(column.key())),
                Value::filled(change.old.cell(column)),
                Value::filled(change.new.cell(column)),
            ])?;
        }
    }
    Ok(())
}

/// The difference in lines for people: first what it means for labels, then the rows.
pub(super) fn people(
    diff: &Diff,
    old: &Registry,
    new: &Registry,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let edition = |registry: &Registry| registry.edition().unwrap_or("edition not known").to_owned();
    writeln!(out, "from {} ({} rows) to {} ({} rows)", edition(old), old.len(), edition(new), new.len())?;
    writeln!(
        out,
        "rows: {} added, {} removed, {} changed",
        diff.added.len(),
        diff.removed.len(),
        diff.changed.len()
    )?;
    let counts: Vec<String> =
        Effect::ALL.iter().map(|&effect| format!("{} {}", diff.ports_with(effect), effect.name())).collect();
    writeln!(out, "ports: {}", counts.join(", "))?;
    let titles = [
        (Effect::Registered, "ports that became registered"),
        (Effect::NoLongerRegistered, "ports that are no longer registered"),
        (Effect::Renamed, "ports registered under another name"),
        (Effect::Status, "ports with another status"),
    ];
    for (effect, title) in titles {
        let mut changes = diff.ports.iter().filter(|change| change.effect == effect).peekable();
        if changes.peek().is_some() {
            writeln!(out, "\n{title}")?;
        }
        for change in changes {
            let place = format!("{}/{}", ports(change.low, change.high), change.transport);
            writeln!(out, "  {place:16} {} -> {}", said(change.old), said(change.new))?;
        }
    }
    for (title, rows) in [("rows added", &diff.added), ("rows removed", &diff.removed)] {
        if !rows.is_empty() {
            writeln!(out, "\n{title}")?;
        }
        for row in rows {
            writeln!(out, "  {} {}", name(*row), one_line(row.description()))?;
        }
    }
    if !diff.changed.is_empty() {
        writeln!(out, "\nrows changed")?;
    }
    for change in &diff.changed {
        writeln!(out, "  {}", name(change.new))?;
        for column in change.columns() {
            writeln!(out, "    {}", column.name())?;
            writeln!(out, "      - {}", one_line(change.old.cell(column)))?;
            writeln!(out, "      + {}", one_line(change.new.cell(column)))?;
        }
    }
    Ok(())
}

fn name(row: Row) -> String {
    let name = match row.service_name() {
        "" => "(no name)",
        name => name,
    };
    match (row.cell(Column::PortNumber), row.cell(Column::TransportProtocol)) {
        ("", "") => name.to_owned(),
        (port, "") => format!("{name} {port}"),
        ("", transport) => format!("{name} {transport}"),
        (port, transport) => format!("{name} {port}/{transport}"),
    }
}

fn ports(low: u16, high: u16) -> String {
    if low == high { low.to_string() } else { format!("{low}-{high}") }
}

fn said((status, service): (Status, Option<&str>)) -> String {
    match service {
        Some(name) => name.to_owned(),
        None => format!("({status})"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
