//! The registry as IANA's CSV file.

use super::draft::Draft;
use super::error::{Error, Fault, excerpt};
use crate::foreign::unguarded;
use crate::registry::image::{COLUMN_COUNT, Column};

const EXPECTED: &str = "Service Name,Port Number,Transport Protocol,…";

/// A column that may follow IANA's.
pub(in crate::registry) struct Further<'f, T> {
    /// Its name, in any letter case.
    pub(in crate::registry) name: &'static str,
    /// What its cells mean; a fault where they mean nothing.
    pub(in crate::registry) read: &'f dyn Fn(&str) -> Result<T, Fault>,
}

/// Reads rows in IANA's columns. With a further column, its values come along, one for each row of
/// the draft; none where the file does not have it.
pub(super) fn read<'t, T>(
    text: &'t str,
    mut draft: Draft<'t>,
    further: Option<&Further<T>>,
) -> Result<(Draft<'t>, Vec<T>), Error> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    if let Some(at) = open_quote(&text[start..]) {
        return Err(Error::at(text, start + at, Fault::OpenQuote));
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&text.as_bytes()[start..]);
    let mut record = csv::StringRecord::new();
    let mut first = true;
    // The further column, where the file has it.
    let mut beside = None;
    let mut values = Vec::new();
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
            let named = |further: &&Further<T>| {
                record.len() == COLUMN_COUNT + 1
                    && record
                        .get(COLUMN_COUNT)
                        .is_some_and(|name| name.trim().eq_ignore_ascii_case(further.name))
            };
            beside = further.filter(named);
            let of_iana = record.len() - usize::from(beside.is_some());
            if !record.iter().take(of_iana).map(str::trim).eq(Column::ALL.map(Column::name)) {
                let found = excerpt(&record.iter().collect::<Vec<_>>().join(","));
                return Err(Error::at(text, at, Fault::Header { expected: EXPECTED, found }));
            }
            continue;
        }
        let cell_at = |column| at + cell_offset(&text[at..], column);
        let mut cells: Vec<String> = record.iter().map(|cell| unguarded(cell).to_owned()).collect();
        let mut value = None;
        if let Some(further) = beside
            && cells.len() == COLUMN_COUNT + 1
        {
            match (further.read)(&cells.pop().unwrap_or_default()) {
                Ok(read) => value = Some(read),
                Err(fault) => {
                    draft.bad_row(Error::at(text, cell_at(COLUMN_COUNT), fault))?;
                    continue;
                }
            }
        }
        match <[String; 12]>::try_from(cells) {
            Ok(cells) if value.is_some() == beside.is_some() => {
                if draft.row(cells, at, cell_at)? {
                    values.extend(value);
                }
            }
            _ => {
                let expected = COLUMN_COUNT + usize::from(beside.is_some());
                draft.bad_row(Error::at(text, at, Fault::Cells { expected, found: record.len() }))?;
            }
        }
    }
    if first {
        return Err(Error::at(text, 0, Fault::Header { expected: EXPECTED, found: String::new() }));
    }
    Ok((draft, values))
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
