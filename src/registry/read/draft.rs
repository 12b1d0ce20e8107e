//! A registry while it is read: rows are checked as they come, with their places at hand.

use super::error::{Error, Fault, excerpt};
use super::{Format, Reading};
use crate::registry::Registry;
use crate::registry::image::{self, Column, Edition, SourceContact, SourceRow};

/// The most rows: more than ten times what the registry has. They bound the memory that a file
/// of empty rows can ask for.
const MOST_ROWS: usize = 200_000;

/// What has been read so far.
pub(super) struct Draft<'t> {
    /// What the file says of the whole.
    pub(super) edition: Edition,
    /// The contacts.
    pub(super) contacts: Vec<SourceContact>,
    text: &'t str,
    rows: Vec<SourceRow>,
    lines: Vec<u64>,
    passed_over: Vec<Error>,
    lenient: bool,
    covered: usize,
    /// How far lines have been counted: byte and line.
    counted: (usize, u64),
}

impl<'t> Draft<'t> {
    pub(super) fn new(text: &'t str, lenient: bool) -> Draft<'t> {
        Draft {
            edition: Edition::default(),
            contacts: Vec::new(),
            text,
            rows: Vec::new(),
            lines: Vec::new(),
            passed_over: Vec::new(),
            lenient,
            covered: 0,
            counted: (0, 1),
        }
    }

    /// Adds a row that begins at byte `at`. `cell_at` says where a cell begins, for the message
    /// when it cannot be understood. Says whether it was taken: else it is passed over.
    pub(super) fn row(
        &mut self,
        mut cells: [String; 12],
        at: usize,
        cell_at: impl Fn(usize) -> usize,
    ) -> Result<bool, Error> {
        for column in Column::OF_THE_INDEX.map(Column::place) {
            let trimmed = cells[column].trim();
            if trimmed.len() != cells[column].len() {
                let trimmed = trimmed.to_owned();
                cells[column] = trimmed;
            }
        }
        match image::ports_covered(&cells) {
            Ok(ports) => self.covered += ports,
            Err((column, expected)) => {
                let place = column.place();
                let fault = Fault::Cell { column: column.name(), found: excerpt(&cells[place]), expected };
                self.bad_row(Error::at(self.text, cell_at(place), fault))?;
                return Ok(false);
            }
        }
        if self.covered > image::MOST_PORTS_COVERED {
            return Err(Error::at(self.text, at, Fault::TooManyPorts));
        }
        if self.rows.len() == MOST_ROWS {
            return Err(Error::at(self.text, at, Fault::TooManyRows { limit: MOST_ROWS }));
        }
        let line = self.line(at);
        self.lines.push(line);
        self.rows.push(SourceRow { cells, ..SourceRow::default() });
        Ok(true)
    }

    /// A row that cannot be understood: passed over and named, or the end.
    pub(super) fn bad_row(&mut self, error: Error) -> Result<(), Error> {
        if !self.lenient {
            return Err(error);
        }
        if self.passed_over.len() == MOST_ROWS {
            return Err(Error::new(error.line(), 1, Fault::TooManyRows { limit: MOST_ROWS }));
        }
        self.passed_over.push(error);
        Ok(())
    }

    /// Makes the registry. `edition` counts where the file has no date of its own.
    pub(super) fn finish(
        mut self,
        format: Format,
        source: &str,
        edition: Option<&str>,
    ) -> Result<Reading, Error> {
        if self.rows.is_empty() && self.passed_over.is_empty() {
            return Err(Error::at(self.text, self.text.len(), Fault::NoRows));
        }
        source.clone_into(&mut self.edition.source);
        if self.edition.edition.is_empty() {
            edition.unwrap_or_default().clone_into(&mut self.edition.edition);
        }
        if self.edition.title.is_empty() {
            "Service Name and Transport Protocol Port Number Registry".clone_into(&mut self.edition.title);
        }
        for row in &mut self.rows {
            self.edition.edition.clone_into(&mut row.names_as_of);
            self.edition.edition.clone_into(&mut row.details_as_of);
        }
        let image = image::build(&self.rows, &self.contacts, &self.edition).map_err(|bad| {
            // Every cell has been checked; what is left speaks of the file as a whole.
            Error::new(self.lines.get(bad.row).copied().unwrap_or(1), 1, Fault::TooManyPorts)
        })?;
        Ok(Reading {
            registry: Registry::from_image(image),
            format,
            passed_over: self.passed_over,
            lines: self.lines,
        })
    }

    /// The line of byte `at`, which never goes back far.
    fn line(&mut self, at: usize) -> u64 {
        let (from, line) = if at < self.counted.0 { (0, 1) } else { self.counted };
        let new = self.text[from..at].matches('\n').count() as u64;
        self.counted = (at, line + new);
        line + new
    }
}
