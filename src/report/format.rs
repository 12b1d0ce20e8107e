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
    /// Parquet.
    Parquet,
    /// The stream of Arrow's IPC.
    Arrow,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 8] = [
        Format::Table,
        Format::Csv,
        Format::Tsv,
        Format::Json,
        Format::Ndjson,
        Format::Markdown,
        Format::Parquet,
        Format::Arrow,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Markdown => "markdown",
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
        }
    }

    /// Other words for it.
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Format::Ndjson => &["jsonl"],
            Format::Markdown => &["md"],
            _ => &[],
        }
    }

    /// Whether the format is for people, and has a place for notes.
    pub const fn is_for_people(self) -> bool {
        matches!(self, Format::Table | Format::Markdown)
    }

    /// Whether the format is none of text, and has types for numbers, times and addresses.
    pub const fn is_binary(self) -> bool {
        matches!(self, Format::Parquet | Format::Arrow)
    }

    /// Whether this build can write the format: Parquet and Arrow need the feature `tables`.
    pub const fn is_built_in(self) -> bool {
        !self.is_binary() || cfg!(feature = "tables")
    }

    /// Why a format cannot be written that is not built in, and how to get it.
    pub fn not_built_in(self) -> String {
        format!(
            "this build has no {}: released programs have it, and so has one that is built with \
             `cargo install --path . --features tables`",
            self.name()
        )
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
            .find(|format| format.name() == text || format.aliases().contains(&text))
            .ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}
