//! `registry list`: the rows of the registry itself.

use super::{Column, Room, Value};
use crate::registry::{self, COLUMNS as IANA_COLUMNS, Row};

/// IANA's own columns, for CSV and TSV: the output can be read again as a registry.
pub const COLUMNS: &[&str] = &IANA_COLUMNS;

/// The keys of JSON objects: IANA's columns as words, and the dates that the row's columns stand
/// at.
pub const KEYS: &[&str] = &{
    let mut keys = [""; registry::KEYS.len() + 2];
    let (columns, dates) = keys.split_at_mut(registry::KEYS.len());
    columns.copy_from_slice(&registry::KEYS);
    dates.copy_from_slice(&["names_as_of", "details_as_of"]);
    keys
};

/// The values of a row, for [`COLUMNS`] or, with the dates, for [`KEYS`].
pub fn values(row: Row<'_>, with_dates: bool) -> Vec<Value<'_>> {
    let mut values: Vec<Value> =
        (0..IANA_COLUMNS.len()).map(|column| Value::filled(row.cell(column))).collect();
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
        row.cell(1).to_owned(),
        row.cell(2).to_owned(),
        row.service_name().to_owned(),
        one_line(row.description()),
        row.cell(8).to_owned(),
    ]
}
