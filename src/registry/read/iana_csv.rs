//! The registry as IANA's CSV file.

use super::draft::Draft;
use super::error::{Error, Fault, excerpt};
use crate::registry::image::COLUMNS;

const EXPECTED: &str = "Service Name,Port Number,Transport Protocol,…";

pub(super) fn read<'t>(text: &'t str, mut draft: Draft<'t>) -> Result<Draft<'t>, Error> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    if let Some(at) = open_quote(&text[start..]) {
        return Err(Error::at(text, start + at, Fault::OpenQuote));
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&text.as_bytes()[start..]);
    let mut record = csv::StringRecord::new();
    let mut first = true;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let at = error.position().map_or(0, |position| position.byte() as usize);
                return Err(Error::at(text, start + at, Fault::Csv(error.to_string())));
            }
        }
        // A record's position is where the one before it ended: blank lines stand between.
        let before = start + record.position().map_or(0, |position| position.byte() as usize);
        let blank = text[before..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let at = before + blank;
        if std::mem::take(&mut first) {
            if !record.iter().map(str::trim).eq(COLUMNS) {
                let found = excerpt(&record.iter().collect::<Vec<_>>().join(","));
                return Err(Error::at(text, at, Fault::Header { expected: EXPECTED, found }));
            }
            continue;
        }
        match <[String; 12]>::try_from(record.iter().map(str::to_owned).collect::<Vec<_>>()) {
            Ok(cells) => draft.row(cells, at, |column| at + cell_offset(&text[at..], column))?,
            Err(cells) => draft.bad_row(Error::at(text, at, Fault::Cells { found: cells.len() }))?,
        }
    }
    if first {
        return Err(Error::at(text, 0, Fault::Header { expected: EXPECTED, found: String::new() }));
    }
    Ok(draft)
}

/// Where the quoted cell begins that the end of the text leaves open. The CSV reader would take
/// the rest of a damaged file for that cell.
fn open_quote(text: &str) -> Option<usize> {
    let (mut open, mut closed) = (None, None);
    let mut cell_begins = true;
    for (at, byte) in text.bytes().enumerate() {
        match (open, byte) {
            (None, b'"') if cell_begins => open = Some(at),
            // The second of a doubled pair: the cell goes on.
            (None, b'"') => {
                if let Some((start, end)) = closed
                    && end + 1 == at
                {
                    open = Some(start);
                }
            }
            (Some(start), b'"') => {
                closed = Some((start, at));
                open = None;
            }
            _ => {}
        }
        cell_begins = open.is_none() && matches!(byte, b',' | b'\n' | b'\r');
    }
    open
}

/// Where a cell of the row at the front of `row` begins.
fn cell_offset(row: &str, column: usize) -> usize {
    let (mut quoted, mut left) = (false, column);
    for (at, byte) in row.bytes().enumerate() {
        if left == 0 {
            return at;
        }
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => left -= 1,
            _ => {}
        }
    }
    0
}
