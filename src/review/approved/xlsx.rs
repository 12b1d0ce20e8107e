//! The cells of a worksheet that a spreadsheet program saved as its own file.
//!
//! A review writes every cell as text. People and programs may leave numbers and dates in cells of
//! other formats: these are read as CSV would have them.

use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use zip::ZipArchive;

use super::short;

/// A row that is not blank, with the line it begins on, from 1.
pub(super) type Row = (u64, Vec<String>);

/// What is wrong with a file, and in which line.
pub(super) type Damage = (u64, String);

/// How the files of a ZIP archive begin, which an `.xlsx` is.
const ZIP: &[u8] = b"PK\x03\x04";

/// How files of Excel before 2007 begin, and `.xlsx` with a password.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// No worksheet unpacks to more octets; a small file may.
const MOST_UNPACKED: u64 = 1 << 30;

/// The last column that may hold something.
const MOST_COLUMNS: u32 = 1024;

/// Whether a file is a spreadsheet program's own, and not CSV.
pub(super) fn is_xlsx(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND)
}

/// Reads the first sheet whose headings hold `row_id`, or else the first of all.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Damage> {
    let wrong = |what: String| (1, what);
    if bytes.starts_with(COMPOUND) {
        let what =
            "is of an Excel before 2007, or has a password; save it as .xlsx without one, or as CSV in UTF-8";
        return Err(wrong(what.to_owned()));
    }
    let no_workbook = |error: String| {
        wrong(format!("not a workbook (.xlsx): {error}; save it as .xlsx, or as CSV in UTF-8"))
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_workbook(error.to_string()))?;
    let mut unpacked: u64 = 0;
    for n in 0..archive.len() {
        let size = archive.by_index_raw(n).map_err(|error| no_workbook(error.to_string()))?.size();
        unpacked = unpacked.saturating_add(size);
    }
    if unpacked > MOST_UNPACKED {
        return Err(wrong(format!("unpacks to more than {} MiB; name the right file", MOST_UNPACKED >> 20)));
    }
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| no_workbook(error.to_string()))?;
    let mut first = None;
    for name in workbook.sheet_names() {
        // Sheets that hold a diagram have no cells.
        let Ok(rows) = rows(&mut workbook, &name)? else { continue };
        let has_rows =
            rows.first().is_some_and(|(_, headings)| headings.iter().any(|h| h.trim() == "row_id"));
        if has_rows {
            return Ok(rows);
        }
        first.get_or_insert(rows);
    }
    Ok(first.unwrap_or_default())
}

/// The rows of a sheet that are not blank, also those that a filter hides; or why it cannot be read.
fn rows(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
) -> Result<Result<Vec<Row>, calamine::XlsxError>, Damage> {
    let mut cells = match workbook.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        Err(error) => return Ok(Err(error)),
    };
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let line = rows.last().map_or(1, |(line, _)| *line);
        let cell = match cells.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(error) => return Err((line, format!("sheet {sheet}: {error}"))),
        };
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        let text = text(cell.get_value()).map_err(|what| (line, format!("cell {}: {what}", column + 1)))?;
        if text.is_empty() {
            continue;
        }
        if column >= MOST_COLUMNS {
            let what =
                format!("cell {} (`{}`) stands beyond column {MOST_COLUMNS}", column + 1, short(&text));
            return Err((line, what));
        }
        match rows.last() {
            Some((last, _)) if *last > line => {
                return Err((line, format!("sheet {sheet}: row {line} stands behind row {last}")));
            }
            Some((last, _)) if *last == line => {}
            _ => rows.push((line, Vec::new())),
        }
        if let Some((_, cells)) = rows.last_mut() {
            let column = column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
    }
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(Ok(rows))
}

/// What CSV would have for a cell.
fn text(value: &DataRef) -> Result<String, String> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(is_true) => if *is_true { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(time) => date(*time),
        DataRef::Error(error) => {
            return Err(format!("holds the error {error} of a formula; write what it should say"));
        }
    })
}

/// A day as `2027-01-31`, with the time where it has one; a time alone, and a number of hours, as
/// `09:30:00`.
fn date(time: ExcelDateTime) -> String {
    if time.is_duration() || (0.0..1.0).contains(&time.as_f64()) {
        let seconds = (time.as_f64() * 86_400.0).round() as i64;
        return format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => day,
        _ => format!("{day} {hour:02}:{minute:02}:{second:02}"),
    }
}
