//! A worksheet that people filled in.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::super::model::{Approval, Cells, DateOrder, ReadFile, RowId, Sha256};
use super::identifier::identifier;
use super::table::Table;
use super::{DATES, DISAGREEMENT, HUMAN, MACHINE, disagreement, short};
use crate::foreign::unguarded;
use crate::text::at_most;

/// How many invalid dates one message names.
const MOST_SHOWN: usize = 50;

/// A worksheet as it came back.
#[derive(Clone, Debug, Default)]
pub struct Worksheet {
    /// The files it was read from.
    pub files: Vec<ReadFile>,
    /// The columns that people fill in: the known ones, then those that they added, in their
    /// order.
    pub human_columns: Vec<String>,
    /// The rows, in their order.
    pub rows: Vec<WorksheetRow>,
    /// SHA-256 of it as a review writes it in CSV: that of a worksheet which nobody has changed since,
    /// as CSV or as a workbook, is in that review.
    pub as_csv: Sha256,
    /// Where in `rows` each identifier is.
    positions: HashMap<RowId, usize>,
}

/// One row of it.
#[derive(Clone, Debug)]
pub struct WorksheetRow {
    /// Where it was read from; several where people filled in copies.
    pub places: Vec<Place>,
    /// Row.
    pub row_id: RowId,
    /// The program's columns, with what stood there without the guard.
    pub cells: Cells,
    /// People's columns.
    pub approval: Approval,
}

/// A line of a worksheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line on which the row begins, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    /// `worksheet.csv:7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why a worksheet cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{what}", column.as_ref().map_or(String::new(), |name| format!("column {name}: ")))]
pub struct WorksheetError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub what: String,
}

impl Worksheet {
    /// Reads a worksheet: a workbook (`.xlsx`), or CSV with commas, semicolons or tabs, with or without
    /// a byte order mark, with any line ends. Columns are told by their names, in any order. Rows of blanks are passed
    /// over; a row that people added gets its identifier from what stands in it.
    ///
    /// # Errors
    ///
    /// When the table is damaged, a heading is missing or there twice, a cell has no heading, a
    /// row cannot be told from others, or dates are invalid or can be read in two ways: all of those
    /// are named.
    pub fn read(name: &str, bytes: &[u8], dates: DateOrder) -> Result<Worksheet, WorksheetError> {
        let wrong = |line: u64, column: Option<&str>, what: &str| WorksheetError {
            file: name.to_owned(),
            line,
            column: column.map(str::to_owned),
            what: what.to_owned(),
        };
        let table = Table::read(bytes).map_err(|(line, what)| wrong(line, None, &what))?;
        let as_csv = table.as_csv();
        let Table { rows: records, sha256 } = table;
        let Some((first_line, headings)) = records.first() else {
            return Err(wrong(
                1,
                None,
                "is empty; a worksheet has a line of headings, with row_id among them",
            ));
        };
        let headings: Vec<&str> = headings.iter().map(|heading| heading.trim()).collect();
        for (n, heading) in headings.iter().enumerate() {
            if !heading.is_empty() && headings[..n].contains(heading) {
                let what = "is there twice; remove or rename one";
                return Err(wrong(*first_line, Some(heading), what));
            }
        }
        if !headings.contains(&"row_id") {
            let what =
                "has no column row_id; take the worksheet that a review wrote, and keep its first line";
            return Err(wrong(*first_line, None, what));
        }
        let added = headings
            .iter()
            .filter(|heading| !heading.is_empty() && !MACHINE.contains(heading) && !HUMAN.contains(heading));
        let human_columns: Vec<String> =
            HUMAN.iter().chain(added).map(|heading| (*heading).to_owned()).collect();

        let file: Arc<str> = name.into();
        let mut worksheet = Worksheet {
            files: vec![ReadFile { name: name.to_owned(), sha256 }],
            human_columns,
            as_csv,
            ..Worksheet::default()
        };
        let mut no_dates = Vec::new();
        for (line, record) in records.iter().skip(1) {
            let line = *line;
            for (n, cell) in record.iter().enumerate() {
                if headings.get(n).is_none_or(|heading| heading.is_empty()) && !cell.trim().is_empty() {
                    let what =
                        format!("cell {} (`{}`) stands under no heading; give it one", n + 1, short(cell));
                    return Err(wrong(line, None, &what));
                }
            }
            let cell = |column: &str| {
                headings
                    .iter()
                    .position(|heading| *heading == column)
                    .and_then(|n| record.get(n))
                    .map_or("", String::as_str)
            };
            let own = MACHINE.map(|column| (column.to_owned(), unguarded(cell(column)).to_owned()));
            let cells = Cells::new(own.to_vec());
            let row_id = identifier(&cells).map_err(|what| wrong(line, Some("row_id"), &what))?;
            if let Some(other) = worksheet.row(row_id) {
                let other = other.places.first().map_or(0, |place| place.line);
                let what = format!("{row_id} is in line {other}, too; put both rows into one");
                return Err(wrong(line, Some("row_id"), &what));
            }
            for column in DATES {
                if dates.read(cell(column)).is_err() {
                    no_dates.push((line, column, short(cell(column))));
                }
            }
            let human = worksheet.human_columns.iter().map(|name| (name.clone(), cell(name).to_owned()));
            let mut approval = Approval { row_id, cells: human.collect(), dates, ..Approval::default() };
            approval.disagreements = disagreement::open(cells.get(DISAGREEMENT), &approval.cells);
            let is_settled = approval.is_approved() && !cells.get(DISAGREEMENT).trim().is_empty();
            approval.extent =
                if is_settled && cells.approved().is_some() || !approval.disagreements.is_empty() {
                    // Whoever settles it settles what was approved, not what has come since; also by a date
                    // of approval.
                    cells.approved().cloned()
                } else if approval.is_approved() {
                    cells.extent(|mark| approval.is_marked(mark))
                } else {
                    None
                };
            let places = vec![Place { file: Arc::clone(&file), line }];
            worksheet.push(WorksheetRow { places, row_id, cells, approval });
        }
        if let Some(((line, column, cell), more)) = no_dates.split_first() {
            let order = match dates {
                DateOrder::Unknown => "",
                DateOrder::MonthFirst => ", or the month before the day, as --dates mdy says",
                DateOrder::DayFirst => ", or the day before the month, as --dates dmy says",
            };
            let mut what = format!("invalid date `{cell}`; use YYYY-MM-DD, such as 2027-01-31{order}");
            if !more.is_empty() {
                let others =
                    more.iter().map(|(line, column, cell)| format!("line {line}, {column}: `{cell}`"));
                what = format!("{what}; also invalid: {}", at_most(MOST_SHOWN, others));
            }
            return Err(wrong(*line, Some(column), &what));
        }
        Ok(worksheet)
    }

    /// Adds a row. Of rows with the same identifier, the first is the one to be found.
    pub(super) fn push(&mut self, row: WorksheetRow) {
        self.positions.entry(row.row_id).or_insert(self.rows.len());
        self.rows.push(row);
    }

    /// The names of its files, as they were given: `a.csv, b.csv`.
    pub fn names(&self) -> String {
        self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Whether every row in which people wrote something in the other worksheet is in this one too,
    /// with the same octets in the same columns.
    pub fn holds_all_of(&self, other: &Worksheet) -> bool {
        other.rows.iter().filter(|row| !row.approval.is_empty()).all(|row| {
            self.row(row.row_id).is_some_and(|own| {
                let mut written = row.approval.cells.iter().filter(|(_, cell)| !cell.trim().is_empty());
                written.all(|(column, cell)| own.approval.cell(column) == cell)
            })
        })
    }

    /// The worksheet with the identifiers that this version gives to rows of earlier ones, where
    /// `now` knows them.
    #[must_use]
    pub(in crate::review) fn renamed(&self, now: impl Fn(&WorksheetRow) -> Option<RowId>) -> Worksheet {
        let mut renamed = self.clone();
        for (position, row) in renamed.rows.iter_mut().enumerate() {
            if let Some(row_id) = now(row)
                && !renamed.positions.contains_key(&row_id)
            {
                renamed.positions.remove(&row.row_id);
                renamed.positions.insert(row_id, position);
                (row.row_id, row.approval.row_id) = (row_id, row_id);
            }
        }
        renamed
    }

    /// The row with an identifier.
    pub fn row(&self, row_id: RowId) -> Option<&WorksheetRow> {
        self.positions.get(&row_id).and_then(|&position| self.rows.get(position))
    }
}

impl WorksheetRow {
    /// Where it stands: `a.csv:7`, or of several copies `a.csv:7 and b.csv:9`.
    pub fn place(&self) -> String {
        self.places.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    }
}

#[cfg(test)]
#[path = "../../../tests/review/within/worksheet.rs"]
mod tests;
