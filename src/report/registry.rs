//! `registry list`: the rows of the registry itself.

use super::{Column, Room, Value};
use crate::registry::{Column as RegistryColumn, Row};

/// IANA's own columns, for CSV and TSV: the output can be read again as a registry.
pub const COLUMNS: &[&str] = &names::<{ RegistryColumn::ALL.len() }>(false);

/// The keys of JSON objects: IANA's columns as words, and the dates that the row's columns stand
/// at.
pub const KEYS: &[&str] = &names::<{ RegistryColumn::ALL.len() + 2 }>(true);

const fn names<const N: usize>(as_keys: bool) -> [&'static str; N] {
    let mut names = [""; N];
    let mut n = 0;
    while n < RegistryColumn::ALL.len() {
        names[n] = if as_keys { RegistryColumn::ALL[n].key() } else { RegistryColumn::ALL[n].name() };
        n += 1;
    }
    if as_keys {
        names[n] = "names_as_of";
        names[n + 1] = "details_as_of";
    }
    names
}

/// The values of a row, for [`COLUMNS`] or, with the dates, for [`KEYS`].
pub fn values(row: Row<'_>, with_dates: bool) -> Vec<Value<'_>> {
    let mut values: Vec<Value> = row.cells().into_iter().map(Value::filled).collect();
    if with_dates {
        values.push(Value::text(row.names_as_of()));
        values.push(Value::text(row.details_as_of()));
    }
    values
}

/// The table for people.
pub const PEOPLE: &[Column] = &[
    Column::text("port", Room::Stays),
    Column::text("transport", Room::Stays),
    Column::text("service name", Room::Stays),
    Column::text("description", Room::Breaks),
    Column::text("reference", Room::Breaks),
];

/// The table's cells of a row.
pub fn people(row: Row) -> Vec<String> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    vec![
        row.cell(RegistryColumn::PortNumber).to_owned(),
        row.cell(RegistryColumn::TransportProtocol).to_owned(),
        row.service_name().to_owned(),
        one_line(row.description()),
        row.cell(RegistryColumn::Reference).to_owned(),
    ]
}
