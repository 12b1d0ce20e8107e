//! The cells of a worksheet, as the file has them.

use super::super::model::Sha256;
use super::xlsx::{self, Damage, Row};
use super::{HUMAN, MACHINE};

/// The cells of a worksheet.
pub(super) struct Table {
    /// The rows that are not blank, with the line they begin on, from 1.
    pub(super) rows: Vec<Row>,
    /// SHA-256 of the file.
    pub(super) sha256: Sha256,
}

impl Table {
    /// Reads a workbook, or CSV with commas, semicolons or tabs.
    pub(super) fn read(bytes: &[u8]) -> Result<Table, Damage> {
        if xlsx::is_xlsx(bytes) {
            return Ok(Table { rows: xlsx::read(bytes)?, sha256: Sha256::of(bytes) });
        }
        let sha256 = Sha256::of(bytes);
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err((1, "is UTF-16; save it as CSV in UTF-8".to_owned()));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = 1 + line_ends(&bytes[..error.valid_up_to()]);
            (line, "holds a character that is not UTF-8; save the worksheet as CSV in UTF-8".to_owned())
        })?;
        let delimiter = delimiter(text);
        let text = &without_separator_line(text);
        check_quotes(text, delimiter).map_err(|(line, what)| (line, what.to_owned()))?;

        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        let (mut line, mut counted) = (1, 0);
        for record in reader.records() {
            let record = record.map_err(|error| (line, error.to_string()))?;
            // The reader's own line is that of the end of the record before.
            let start = record.position().map_or(counted, |position| position.byte() as usize);
            let ends = text[start..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            line += line_ends(&text.as_bytes()[counted..start + ends]);
            counted = start + ends;
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push((line, record.iter().map(str::to_owned).collect()));
            }
        }
        Ok(Table { rows, sha256 })
    }

    /// SHA-256 of the table as a review writes it in CSV.
    pub(super) fn as_csv(&self) -> Sha256 {
        let columns = self.rows.first().map_or(0, |(_, headings)| headings.len());
        let mut csv = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        for (_, cells) in &self.rows {
            let missing = columns.saturating_sub(cells.len());
            // Writing into memory does not fail.
            let _ = csv.write_record(cells.iter().map(String::as_str).chain(vec![""; missing]));
        }
        csv.into_inner().map_or_else(|_| Sha256::default(), |bytes| Sha256::of(&bytes))
    }
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
