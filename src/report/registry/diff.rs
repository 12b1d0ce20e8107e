//! `registry diff`: what changed between two editions, one row a change.

use std::io::Write;

use serde_json::json;

use crate::registry::{Change, Column, Diff, Effect, PortChange, Registry, Row, Status};
use crate::report::field::columns;
use crate::report::{Format, Head, Holds, Value};
use crate::text::single_spaced;

/// A row of the result.
#[derive(Clone, Copy, Debug)]
pub enum DiffRow<'r> {
    /// Ports that are labelled otherwise.
    Ports(PortChange<'r>),
    /// A row that the old edition does not have.
    Added(Row<'r>),
    /// A row that the new edition does not have.
    Removed(Row<'r>),
    /// A cell of a row of both editions.
    Changed(Change<'r>, Column),
}

columns! {
    /// The values of a row.
    pub fn values<'a>(row: DiffRow<'a>) {
        let of_row = row.row();
        let cell = |column: Column| of_row.map_or(Value::Unknown, |row| Value::lines(row.cell(column)));
    }
    "change": always Holds::Word(CHANGES), "what changed: a row of the registry, or what that means for the label of ports" => Value::text(Some(row.change()));
    "port": maybe Holds::Text, "port, or range of ports, of the row or of the label" => match row {
        DiffRow::Ports(change) => Value::filled(ports(change.low, change.high)),
        _ => cell(Column::PortNumber),
    };
    "transport": maybe Holds::Text, "transport of the row or of the label" => match row {
        DiffRow::Ports(change) => Value::text(Some(change.transport.name())),
        _ => cell(Column::TransportProtocol),
    };
    "service_name": maybe Holds::Text, "service name of the row" => cell(Column::ServiceName);
    "column": maybe Holds::Text, "column that changed, as `registry list` names it in JSON" => match row {
        DiffRow::Changed(_, column) => Value::text(Some(column.key())),
        _ => Value::Unknown,
    };
    "old": maybe Holds::Text, "the cell before, the description of a removed row, or the service name or status of the ports before" => match row {
        DiffRow::Ports(change) => Value::filled(said(change.old)),
        DiffRow::Added(_) => Value::Unknown,
        DiffRow::Removed(row) => Value::lines(row.description()),
        DiffRow::Changed(change, column) => Value::lines(change.old.cell(column)),
    };
    "new": maybe Holds::Text, "the same after the change" => match row {
        DiffRow::Ports(change) => Value::filled(said(change.new)),
        DiffRow::Added(row) => Value::lines(row.description()),
        DiffRow::Removed(_) => Value::Unknown,
        DiffRow::Changed(change, column) => Value::lines(change.new.cell(column)),
    };
}

const CHANGES: &[&str] = &[
    Effect::Registered.name(),
    Effect::NoLongerRegistered.name(),
    Effect::Renamed.name(),
    Effect::Status.name(),
    "row-added",
    "row-removed",
    "row-changed",
];

impl<'r> DiffRow<'r> {
    fn change(self) -> &'static str {
        match self {
            DiffRow::Ports(change) => change.effect.name(),
            DiffRow::Added(_) => "row-added",
            DiffRow::Removed(_) => "row-removed",
            DiffRow::Changed(..) => "row-changed",
        }
    }

    fn row(self) -> Option<Row<'r>> {
        match self {
            DiffRow::Ports(_) => None,
            DiffRow::Added(row) | DiffRow::Removed(row) => Some(row),
            DiffRow::Changed(change, _) => Some(change.new),
        }
    }
}

/// The rows of the result: first what changes for labels, then the rows of the registry.
pub fn rows<'r>(diff: &'r Diff<'r>) -> impl Iterator<Item = DiffRow<'r>> {
    let changed = diff
        .changed
        .iter()
        .flat_map(|&change| change.columns().map(move |column| DiffRow::Changed(change, column)));
    diff.ports
        .iter()
        .map(|&change| DiffRow::Ports(change))
        .chain(diff.added.iter().map(|&row| DiffRow::Added(row)))
        .chain(diff.removed.iter().map(|&row| DiffRow::Removed(row)))
        .chain(changed)
}

/// The head of the result.
pub fn head(diff: &Diff, old: &Registry, new: &Registry) -> Head {
    let mut head = Head::of_registry(new);
    head.put("old_registry", json!({ "edition": old.edition(), "source": old.source(), "rows": old.len() }));
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
    head
}

/// Writes the difference in lines for people: first what changes for labels, then the rows. In Markdown the
/// lines stand as they are.
///
/// # Errors
///
/// When the output cannot be written.
pub fn people(
    diff: &Diff,
    old: &Registry,
    new: &Registry,
    format: Format,
    out: impl Write,
) -> std::io::Result<()> {
    let mut out = format.lines(out);
    let edition = |registry: &Registry| registry.edition().unwrap_or("edition not known").to_owned();
    out.line(format_args!(
        "from {} ({} rows) to {} ({} rows)",
        edition(old),
        old.len(),
        edition(new),
        new.len()
    ))?;
    out.line(format_args!(
        "rows: {} added, {} removed, {} changed",
        diff.added.len(),
        diff.removed.len(),
        diff.changed.len()
    ))?;
    let counts: Vec<String> =
        Effect::ALL.iter().map(|&effect| format!("{} {}", diff.ports_with(effect), effect.name())).collect();
    out.line(format_args!("ports: {}", counts.join(", ")))?;
    let titles = [
        (Effect::Registered, "ports that became registered"),
        (Effect::NoLongerRegistered, "ports that are no longer registered"),
        (Effect::Renamed, "ports registered under another name"),
        (Effect::Status, "ports with another status"),
    ];
    for (effect, title) in titles {
        let mut changes = diff.ports.iter().filter(|change| change.effect == effect).peekable();
        if changes.peek().is_some() {
            out.blank()?;
            out.line(title)?;
        }
        for change in changes {
            let place = format!("{}/{}", ports(change.low, change.high), change.transport);
            out.line(format_args!("  {place:16} {} -> {}", said(change.old), said(change.new)))?;
        }
    }
    for (title, rows) in [("rows added", &diff.added), ("rows removed", &diff.removed)] {
        if !rows.is_empty() {
            out.blank()?;
            out.line(title)?;
        }
        for row in rows {
            out.line(format_args!("  {} {}", name(*row), single_spaced(row.description())))?;
        }
    }
    if !diff.changed.is_empty() {
        out.blank()?;
        out.line("rows changed")?;
    }
    for change in &diff.changed {
        out.line(format_args!("  {}", name(change.new)))?;
        for column in change.columns() {
            out.line(format_args!("    {}", column.name()))?;
            out.line(format_args!("      - {}", single_spaced(change.old.cell(column))))?;
            out.line(format_args!("      + {}", single_spaced(change.new.cell(column))))?;
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
