//! A worksheet that people filled in.

use std::collections::HashMap;

use super::super::model::{Approval, Cells, CellsOf, CellsOfService, RowId, Sha256};
use super::{HUMAN, MACHINE, date, unguarded};
use crate::net::{Family, Ports};
use crate::text::at_most;

/// The ports that clients and servers take as they come.
const DYNAMIC: Ports = Ports { first: 32_768, last: u16::MAX };

/// The columns that hold dates people write.
const DATES: [&str; 3] = ["approved_on", "expires_on", "reviewed_on"];

/// How many invalid dates one message names.
const MOST_SHOWN: usize = 50;

/// A worksheet as it came back.
#[derive(Clone, Debug, Default)]
pub struct Worksheet {
    /// The file, as it was named.
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: Sha256,
    /// The columns that people fill in: the known ones, then those that they added, in their
    /// order.
    pub human_columns: Vec<String>,
    /// The rows, in their order.
    pub rows: Vec<WorksheetRow>,
    /// The places of the rows, by identifier.
    places: HashMap<RowId, usize>,
}

/// One row of it.
#[derive(Clone, Debug)]
pub struct WorksheetRow {
    /// The line it begins on, from 1.
    pub line: u64,
    /// Row.
    pub row_id: RowId,
    /// The program's columns, with what stood there without the guard.
    pub cells: Cells,
    /// People's columns.
    pub approval: Approval,
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
    /// Reads a worksheet: CSV with commas, semicolons or tabs, with or without a byte order mark,
    /// with any line ends. Columns are told by their names, in any order. Rows of blanks are passed
    /// over; a row that people added gets its identifier from what stands in it.
    ///
    /// # Errors
    ///
    /// When the table is damaged, a heading is missing or there twice, a cell has no heading, a
    /// row cannot be told from others, or dates are invalid or can be read in two ways: all of those
    /// are named.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Worksheet, WorksheetError> {
        let wrong = |line: u64, column: Option<&str>, what: &str| WorksheetError {
            file: name.to_owned(),
            line,
            column: column.map(str::to_owned),
            what: what.to_owned(),
        };
        let sha256 = Sha256::of(bytes);
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err(wrong(1, None, "is UTF-16; save it as CSV in UTF-8"));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = 1 + line_ends(&bytes[..error.valid_up_to()]);
            wrong(line, None, "holds a character that is not UTF-8; save the worksheet as CSV in UTF-8")
        })?;
        let delimiter = delimiter(text);
        let text = &without_separator_line(text);
        check_quotes(text, delimiter).map_err(|(line, what)| wrong(line, None, what))?;

        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records = Vec::new();
        let (mut line, mut counted) = (1, 0);
        for record in reader.records() {
            let record = record.map_err(|error| wrong(line, None, &error.to_string()))?;
            // The reader's own line is that of the end of the record before.
            let start = record.position().map_or(counted, |position| position.byte() as usize);
            let ends = text[start..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            line += line_ends(&text.as_bytes()[counted..start + ends]);
            counted = start + ends;
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                records.push((line, record));
            }
        }
        let Some((first_line, headings)) = records.first() else {
            return Err(wrong(
                1,
                None,
                "is empty; a worksheet has a line of headings, with row_id among them",
            ));
        };
        let headings: Vec<&str> = headings.iter().map(str::trim).collect();
        for (n, heading) in headings.iter().enumerate() {
            if !heading.is_empty() && headings[..n].contains(heading) {
                let what = "is there twice; remove or rename one";
                return Err(wrong(*first_line, Some(heading), what));
            }
        }
        if !headings.contains(&"row_id") {
            let what =
                "has no column row_id; take the worksheet.csv that a review wrote, and keep its first line";
            return Err(wrong(*first_line, None, what));
        }
        let added = headings
            .iter()
            .filter(|heading| !heading.is_empty() && !MACHINE.contains(heading) && !HUMAN.contains(heading));
        let human_columns: Vec<String> =
            HUMAN.iter().chain(added).map(|heading| (*heading).to_owned()).collect();

        let mut worksheet =
            Worksheet { name: name.to_owned(), sha256, human_columns, ..Worksheet::default() };
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
                    .unwrap_or("")
            };
            let own = MACHINE.map(|column| (column.to_owned(), unguarded(cell(column)).to_owned()));
            let cells = Cells::new(own.to_vec());
            let row_id = identifier(&cells).map_err(|what| wrong(line, Some("row_id"), &what))?;
            if let Some(other) = worksheet.row(row_id) {
                let what = format!("{row_id} is in line {}, too; put both rows into one", other.line);
                return Err(wrong(line, Some("row_id"), &what));
            }
            for column in DATES {
                if date(cell(column)).is_err() {
                    no_dates.push((line, column, short(cell(column))));
                }
            }
            let human = worksheet.human_columns.iter().map(|name| (name.clone(), cell(name).to_owned()));
            let mut approval = Approval { row_id, cells: human.collect(), extent: None };
            if approval.is_approved() {
                approval.extent = cells.extent(&approval.mark());
            }
            worksheet.places.insert(row_id, worksheet.rows.len());
            worksheet.rows.push(WorksheetRow { line, row_id, cells, approval });
        }
        if let Some(((line, column, cell), more)) = no_dates.split_first() {
            let mut what = format!("invalid date `{cell}`; use YYYY-MM-DD, such as 2027-01-31");
            if !more.is_empty() {
                let others =
                    more.iter().map(|(line, column, cell)| format!("line {line}, {column}: `{cell}`"));
                what = format!("{what}; also invalid: {}", at_most(MOST_SHOWN, others));
            }
            return Err(wrong(*line, Some(column), &what));
        }
        Ok(worksheet)
    }

    /// Whether every row in which people wrote something in the other worksheet is in this one too,
    /// with the same octets in the same columns.
    pub fn holds_all_of(&self, other: &Worksheet) -> bool {
        other.rows.iter().filter(|row| !row.approval.is_empty()).all(|row| {
            self.row(row.row_id).is_some_and(|own| {
                row.approval.cells.iter().all(|(column, cell)| own.approval.cell(column) == cell)
            })
        })
    }

    /// The worksheet with the identifiers that this version gives to rows of earlier ones, where
    /// `now` knows them.
    #[must_use]
    pub(in crate::review) fn renamed(&self, now: impl Fn(&WorksheetRow) -> Option<RowId>) -> Worksheet {
        let mut renamed = self.clone();
        for (place, row) in renamed.rows.iter_mut().enumerate() {
            if let Some(row_id) = now(row)
                && !renamed.places.contains_key(&row_id)
            {
                renamed.places.remove(&row.row_id);
                renamed.places.insert(row_id, place);
                (row.row_id, row.approval.row_id) = (row_id, row_id);
            }
        }
        renamed
    }

    /// The row with an identifier.
    pub fn row(&self, row_id: RowId) -> Option<&WorksheetRow> {
        self.places.get(&row_id).and_then(|&place| self.rows.get(place))
    }
}

/// The identifier of a row. Some spreadsheets take `123456789012` or `12345e678901` for numbers
/// and write them another way: then it is made again from what the row is about.
fn identifier(cells: &Cells) -> Result<RowId, String> {
    let cell = |column: &str| cells.get(column).trim();
    let written = cell("row_id");
    let of_service = |service: &CellsOfService, ports| {
        let CellsOfService { client_zone, server, transport, .. } = service;
        RowId::of_service(Family::of(*server), client_zone, *server, transport.name(), ports)
    };
    if let Ok(row_id) = written.parse() {
        return Ok(match cells.of() {
            // Earlier versions had one identifier for all dynamic ports of a server.
            CellsOf::Service(Some(service)) if row_id == of_service(service, DYNAMIC) => {
                of_service(service, service.ports)
            }
            _ => row_id,
        });
    }
    match cells.of() {
        CellsOf::Service(Some(service)) => Ok(of_service(service, service.ports)),
        _ if written.is_empty() => {
            Err("is empty; a row that was added needs src_zone, destination, proto and ports".into())
        }
        CellsOf::Scan(Some(client)) => Ok(RowId::of_scan(*client)),
        _ => of_rule(written, cell("rules")).ok_or_else(|| {
            format!(
                "`{}` is no row identifier (r with 12 digits from 0-9 and a-f), and neither src_zone, destination, proto \
                 and ports nor rules tell the row; copy it from the worksheet.csv that the review wrote, and import \
                 the column as text: spreadsheets take some identifiers for numbers",
                short(written)
            )
        }),
    }
}

/// The identifier of a rule's row that a spreadsheet took for a number: that of the rule, where it
/// is about as large as the number.
fn of_rule(written: &str, rules: &str) -> Option<RowId> {
    /// Rules of the same text.
    const MOST_ALIKE: usize = 100;
    let number: f64 = written.replace(',', ".").parse().ok()?;
    // Behind the name of the rule, which may hold colons itself.
    let texts = rules.match_indices(": ").filter_map(|(at, colon)| rules.get(at + colon.len()..));
    texts
        .take(MOST_ALIKE)
        .flat_map(|text| (0..MOST_ALIKE).map(move |n| RowId::of_rule_in_any_chain(text, n)))
        .find(|row_id| {
            // As many digits as a narrow column shows.
            row_id.to_string()[1..]
                .parse::<f64>()
                .is_ok_and(|own| own.is_finite() && (own - number).abs() <= own * 0.05)
        })
}

/// What stands between the headings.
fn delimiter(text: &str) -> u8 {
    let is_headings = |line: &&str| !line.trim().is_empty() && !is_separator_line(line);
    let first = text.lines().find(is_headings).unwrap_or("");
    let known = |delimiter: char| {
        first.split(delimiter).filter(|heading| {
            let heading = heading.trim().trim_matches('"');
            MACHINE.contains(&heading) || HUMAN.contains(&heading)
        })
    };
    // Of two with the same count, the comma.
    let mut best = (',', known(',').count());
    for delimiter in [';', '\t'] {
        let count = known(delimiter).count();
        if count > best.1 {
            best = (delimiter, count);
        }
    }
    u8::try_from(best.0).unwrap_or(b',')
}

/// Whether a line is the one by which Excel says what stands between cells (`sep=;`).
fn is_separator_line(line: &str) -> bool {
    line.trim_matches('"').strip_prefix("sep=").is_some_and(|rest| rest.chars().count() <= 1)
}

/// The text with a blank line in place of Excel's `sep=;`, so that lines keep their numbers.
fn without_separator_line(text: &str) -> std::borrow::Cow<'_, str> {
    let first = text.split(['\r', '\n']).next().unwrap_or("");
    if is_separator_line(first) { format!(" {}", &text[first.len()..]).into() } else { text.into() }
}

/// A quote that is not closed would swallow all rows after it.
fn check_quotes(text: &str, delimiter: u8) -> Result<(), (u64, &'static str)> {
    let bytes = text.as_bytes();
    let (mut n, mut line, mut at_start) = (0, 1_u64, true);
    while let Some(&byte) = bytes.get(n) {
        if byte == b'"' && at_start {
            let opened = line;
            n += 1;
            loop {
                match (bytes.get(n), bytes.get(n + 1)) {
                    (Some(b'"'), Some(b'"')) => n += 2,
                    (Some(b'"'), next) => {
                        if next.is_some_and(|&next| next != delimiter && next != b'\n' && next != b'\r') {
                            let what =
                                "text follows the closing quote of a cell; double the quotes inside it";
                            return Err((line, what));
                        }
                        n += 1;
                        break;
                    }
                    (Some(&byte), _) => {
                        line += u64::from(byte == b'\n');
                        n += 1;
                    }
                    (None, _) => return Err((opened, "a quote is opened and never closed; close it")),
                }
            }
            at_start = false;
        } else {
            line += u64::from(byte == b'\n');
            at_start = byte == delimiter || byte == b'\n' || byte == b'\r';
            n += 1;
        }
    }
    Ok(())
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.split(|&byte| byte == b'\n').count() as u64 - 1
}

/// A cell as a message shows it.
fn short(cell: &str) -> String {
    const MOST: usize = 40;
    let line: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
#[path = "../../../tests/review/within/worksheet.rs"]
mod tests;
