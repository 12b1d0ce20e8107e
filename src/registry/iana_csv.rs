//! The registry as IANA's CSV file.

use std::io;

use super::Registry;
use super::image::{self, BadCell, COLUMNS, SourceRow};

/// Why a registry file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is no CSV, or could not be read.
    #[error("line {line}: the registry file cannot be read as CSV")]
    Csv {
        /// The line, from 1.
        line: u64,
        /// What went wrong.
        #[source]
        source: csv::Error,
    },
    /// The first line is not IANA's.
    #[error(
        "line 1: expected IANA's column names, `Service Name,Port Number,Transport Protocol,…`; \
         found `{found}`"
    )]
    Header {
        /// What stood there, cut after 120 characters.
        found: String,
    },
    /// A row with another number of cells.
    #[error("line {line}: a row of the registry has 12 cells, this one has {found}")]
    Cells {
        /// The line, from 1.
        line: u64,
        /// How many cells there were.
        found: usize,
    },
    /// A cell that is no port, no transport or no service code.
    #[error("line {line}: {column} is `{found}`; expected {expected}")]
    Cell {
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What stood there.
        found: String,
        /// What should.
        expected: &'static str,
    },
}

/// Reads a registry from IANA's CSV file. `source` says where it comes from, for reports;
/// `edition` is its date, where it is known.
///
/// # Errors
///
/// When the text is no CSV, has other columns, or holds a cell that is no port, transport or
/// service code: with the line, what was expected, and what stood there.
pub fn read_csv(input: impl io::Read, source: &str, edition: Option<&str>) -> Result<Registry, Error> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut first = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(source) => {
                let line = source.position().map_or(line, csv::Position::line);
                return Err(Error::Csv { line, source });
            }
        }
        if std::mem::take(&mut first) {
            let names = record.iter().map(|name| name.trim().trim_start_matches('\u{feff}'));
            if !names.eq(COLUMNS) {
                let found = record.iter().collect::<Vec<_>>().join(",").chars().take(120).collect();
                return Err(Error::Header { found });
            }
            continue;
        }
        let line = record.position().map_or(line, csv::Position::line);
        let cells: [String; 12] = record
            .iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|cells: Vec<String>| Error::Cells { line, found: cells.len() })?;
        let as_of = edition.unwrap_or_default().to_owned();
        rows.push(SourceRow { cells, names_as_of: as_of.clone(), details_as_of: as_of });
        lines.push(line);
    }
    if first {
        return Err(Error::Header { found: String::new() });
    }
    let title = "Service Name and Transport Protocol Port Number Registry";
    match image::build(&rows, [edition.unwrap_or_default(), source, "", title]) {
        Ok(image) => Ok(Registry::from_image(image)),
        Err(BadCell { row, column, expected }) => Err(Error::Cell {
            line: lines[row],
            column: COLUMNS[column],
            found: rows[row].cells[column].chars().take(120).collect(),
            expected,
        }),
    }
}
