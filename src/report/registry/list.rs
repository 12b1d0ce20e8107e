//! `registry list`: the rows of the registry itself.

use crate::registry::{Column as RegistryColumn, Row};
use crate::report::field::people;
use crate::report::{Field, Holds, Value, WhenNarrow};
use crate::text::single_spaced;

/// IANA's own columns, for CSV and TSV: the output can be read again as a registry.
pub const COLUMNS: &[Field] = &fields::<{ RegistryColumn::ALL.len() }>(false);

/// The keys of JSON objects: IANA's columns as words, and the dates that the row's columns stand
/// at.
pub const KEYS: &[Field] = &fields::<{ RegistryColumn::ALL.len() + 2 }>(true);

const fn fields<const N: usize>(as_keys: bool) -> [Field; N] {
    let text = Field { name: "", holds: Holds::Text, may_be_unknown: true, meaning: "" };
    let mut fields = [text; N];
    let mut n = 0;
    while n < RegistryColumn::ALL.len() {
        let column = RegistryColumn::ALL[n];
        fields[n].name = if as_keys { column.key() } else { column.name() };
        fields[n].meaning = column.meaning();
        n += 1;
    }
    if as_keys {
        fields[n].name = "names_as_of";
        fields[n].meaning = "date of the row's name, port, transport, description and reference";
        fields[n + 1].name = "details_as_of";
        fields[n + 1].meaning = "date of the row's other columns";
    }
    fields
}

/// The values of a row, for [`COLUMNS`] or, with the dates, for [`KEYS`].
pub fn values(row: Row<'_>, with_dates: bool) -> Vec<Value<'_>> {
    let mut values: Vec<Value> = row.cells().into_iter().map(Value::lines).collect();
    if with_dates {
        values.push(Value::text(row.names_as_of()));
        values.push(Value::text(row.details_as_of()));
    }
    values
}

people! {
    /// The table's cells of a row.
    pub fn people(row: Row) {
    }
    text "port", WhenNarrow::Stays => row.cell(RegistryColumn::PortNumber).to_owned();
    text "transport", WhenNarrow::Stays => row.cell(RegistryColumn::TransportProtocol).to_owned();
    text "service name", WhenNarrow::Stays => row.service_name().to_owned();
    text "description", WhenNarrow::Breaks => single_spaced(row.description());
    text "reference", WhenNarrow::Breaks => row.cell(RegistryColumn::Reference).to_owned();
}
