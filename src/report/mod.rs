//! Labelled flows as tables, CSV and JSON.
//!
//! Every report is rows of [`Value`]s under fixed column names, and a table for people with the
//! columns that fit ([`Room`]). Machine formats hold all columns; a value that is not known is an empty cell
//! in CSV and `null` in JSON, never 0.

pub mod flows;
pub mod lookup;
pub mod packets;
pub mod registry;
pub mod summary;

mod distinct;
mod head;
mod layout;
mod people;
mod rows;
mod value;

pub use head::{Head, captures, count, shown, totals};
pub use layout::{Align, Column, Room};
pub use people::{People, Style, wrapped};
pub use rows::{RowWriter, Rows};
pub use value::Value;

use std::str::FromStr;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An aligned table for people.
    Table,
    /// Comma-separated values (RFC 4180), with a header line.
    Csv,
    /// Tab-separated values, with a header line.
    Tsv,
    /// One JSON object.
    Json,
    /// One JSON object a row, one a line.
    Ndjson,
    /// A Markdown table.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 6] =
        [Format::Table, Format::Csv, Format::Tsv, Format::Json, Format::Ndjson, Format::Markdown];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Markdown => "markdown",
        }
    }

    /// Whether the format is for people, and has a place for notes.
    pub const fn is_for_people(self) -> bool {
        matches!(self, Format::Table | Format::Markdown)
    }

    /// Whether the format has a place for the note on registration.
    pub const fn carries_the_note(self) -> bool {
        matches!(self, Format::Table | Format::Markdown | Format::Json)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        Format::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| format!("`{text}` is no format"))
    }
}
