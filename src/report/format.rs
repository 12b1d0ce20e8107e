//! How a report is written.

use std::io;
use std::str::FromStr;

use crate::foreign::Lines;

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

    /// Writes lines that are no table: in Markdown they stand as they are.
    pub(crate) fn lines<W: io::Write>(self, out: W) -> Lines<W> {
        if self == Format::Markdown { Lines::preformatted(out) } else { Lines::new(out) }
    }

    /// Whether the format has a place for the note on registration.
    pub const fn carries_the_note(self) -> bool {
        matches!(self, Format::Table | Format::Markdown | Format::Json)
    }
}

/// A word that is not the name of a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{0}`")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Format, UnknownFormat> {
        Format::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}
