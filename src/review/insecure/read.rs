//! A list of insecure services, as CSV.

use crate::Transport;

use super::{InsecureService, Waiver};
use crate::net::Ports;
use crate::services::Tag;

const COLUMNS: [&str; 10] = [
    "service",
    "proto",
    "ports",
    "tag",
    "reason",
    "alternative",
    "source",
    "source_date",
    "registered_as",
    "waived",
];

/// Why a list of insecure services cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{what}", column.as_ref().map_or(String::new(), |name| format!("column {name}: ")))]
pub struct InsecureListError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is wrong, and what to do.
    pub what: String,
}

pub(super) struct Table {
    pub rows: Vec<InsecureService>,
    /// With their lines.
    pub waivers: Vec<(u64, Waiver)>,
}

/// Reads the table: columns by name, in any order; those that it lacks are empty.
pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Table, InsecureListError> {
    let wrong = |line: u64, column: Option<&str>, what: String| InsecureListError {
        file: file.to_owned(),
        line,
        column: column.map(str::to_owned),
        what,
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let damaged = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let what = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("has {len} cells under {expected_len} headings; quote cells with commas in them")
            }
            csv::ErrorKind::Utf8 { .. } => "holds a character that is not UTF-8; save it in UTF-8".to_owned(),
            _ => format!("cannot be read as CSV: {error}"),
        };
        wrong(line, None, what)
    };
    let headings = csv.headers().map_err(|error| damaged(&error))?.clone();
    let expected = || format!("the columns are {}", COLUMNS.join(", "));
    for (at, heading) in headings.iter().enumerate() {
        if !COLUMNS.contains(&heading) {
            return Err(wrong(1, Some(heading), format!("is not known; {}", expected())));
        }
        if headings.iter().take(at).any(|earlier| earlier == heading) {
            return Err(wrong(1, Some(heading), "is there twice; remove one".to_owned()));
        }
    }
    if !headings.iter().any(|heading| heading == "service") {
        return Err(wrong(1, None, format!("has no column service; {}", expected())));
    }

    let mut table = Table { rows: Vec::new(), waivers: Vec::new() };
    for record in csv.records() {
        let record = record.map_err(|error| damaged(&error))?;
        let line = record.position().map_or(1, |position| line_after_blanks(bytes, position.byte()));
        let cell = |column: &str| {
            headings
                .iter()
                .position(|heading| heading == column)
                .and_then(|n| record.get(n))
                .unwrap_or_default()
        };
        let fault = |column: &str, what: String| wrong(line, Some(column), what);
        let waived = cell("waived");
        let needed: &[&str] = if waived.is_empty() {
            &["service", "proto", "ports", "tag", "reason", "source"]
        } else {
            &["service"]
        };
        if let Some(empty) = needed.iter().find(|column| cell(column).is_empty()) {
            return Err(fault(empty, "is empty; fill it in".to_owned()));
        }
        let transports = cell("proto")
            .split_whitespace()
            .map(|word| word.parse::<Transport>().map_err(|error| fault("proto", error.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        let ports = cell("ports")
            .split_whitespace()
            .map(|word| {
                ports(word).ok_or_else(|| {
                    fault("ports", format!("invalid port or range `{word}`; write 80 or 6881-6887"))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let tag = match cell("tag") {
            "" => None,
            word => Some(tag(word).ok_or_else(|| {
                let names = Tag::ALL.map(Tag::name).join(", ");
                fault("tag", format!("unknown tag `{word}`; use one of {names}"))
            })?),
        };
        let source_date = match cell("source_date") {
            "" => "undated",
            date if is_date(date) => date,
            other => {
                return Err(fault(
                    "source_date",
                    format!("invalid date `{other}`; write 2024, 2024-06 or 2024-06-30"),
                ));
            }
        };
        let service = cell("service").to_owned();
        match (waived, tag) {
            ("", Some(tag)) => table.rows.push(InsecureService {
                service,
                transports,
                ports,
                tag,
                reason: cell("reason").to_owned(),
                alternative: cell("alternative").to_owned(),
                source: cell("source").to_owned(),
                source_date: source_date.to_owned(),
                registered_as: cell("registered_as").to_owned(),
            }),
            (_, tag) => {
                let reason = waived.to_owned();
                table.waivers.push((line, Waiver { service, transports, ports, tag, reason }));
            }
        }
    }
    Ok(table)
}

/// The line of what stands at an offset or after blank lines there: the reader of CSV counts those
/// to the row that follows them.
fn line_after_blanks(bytes: &[u8], offset: u64) -> u64 {
    let offset = usize::try_from(offset).unwrap_or(bytes.len()).min(bytes.len());
    let (before, after) = bytes.split_at(offset);
    let blank = after.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    1 + before.iter().chain(blank).filter(|&&byte| byte == b'\n').count() as u64
}

fn tag(word: &str) -> Option<Tag> {
    Tag::ALL.into_iter().find(|tag| tag.name() == word)
}

fn ports(word: &str) -> Option<Ports> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(Ports { first, last })
}

/// `undated`, `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize, range: std::ops::RangeInclusive<u16>| {
        part.len() == digits && part.parse::<u16>().is_ok_and(|number| range.contains(&number))
    };
    let parts_fit = match parts.as_slice() {
        [year] => number(year, 4, 1900..=2999),
        [year, month] => number(year, 4, 1900..=2999) && number(month, 2, 1..=12),
        [_, _, _] => text.parse::<jiff::civil::Date>().is_ok(),
        _ => false,
    };
    text == "undated" || parts_fit
}

#[cfg(test)]
#[path = "../../../tests/review/within/insecure_read.rs"]
mod tests;
