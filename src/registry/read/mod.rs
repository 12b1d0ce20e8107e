//! The registry from a file, in any of the formats that IANA offers and browsers print.
//!
//! The format is told by content, never by name. Nothing is guessed and nothing is dropped in
//! silence: what cannot be understood is an error with its line and column, or, when asked to be
//! lenient, a row that is passed over and named.

mod draft;
mod error;
mod format;
mod iana_csv;
mod printed;
mod reading;
mod settle;
mod text;
#[cfg(feature = "formats")]
mod tree;
#[cfg(feature = "formats")]
mod xhtml;
#[cfg(feature = "formats")]
mod xml;

use std::io::{self, Read};

pub use error::{Error, Fault};
pub use format::Format;
pub use reading::Reading;

use draft::Draft;
pub(super) use error::excerpt;
use error::position;
pub(super) use iana_csv::Further;

/// The most bytes that are read of a registry file: eight times the largest edition there is.
pub const MOST_BYTES: usize = 32 << 20;

/// How a registry file is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadOptions<'o> {
    /// Where the file comes from, for reports.
    pub source: &'o str,
    /// The edition's date, for formats that do not carry it (CSV).
    pub edition: Option<&'o str>,
    /// Pass over rows that cannot be understood, instead of refusing the file.
    pub lenient: bool,
}

/// Reads a registry file that is at hand.
///
/// ```
/// use portscribe::registry::{self, ReadOptions};
///
/// let csv = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,\
///            Registration Date,Modification Date,Reference,Service Code,\
///            Unauthorized Use Reported,Assignment Notes\n\
///            ipfix,4739,sctp,IP Flow Info Export,[Nevil_Brownlee],[Nevil_Brownlee],2006-01,,,,,\n";
/// let reading = registry::read(csv.as_bytes(), &ReadOptions { source: "an example", ..ReadOptions::default() })?;
/// assert_eq!(reading.registry.len(), 1);
/// assert_eq!(reading.format.name(), "csv");
///
/// let cut = &csv.as_bytes()[..csv.len() - 8];
/// let error = registry::read(cut, &ReadOptions::default()).unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 1: a row of the registry has 12 cells, this one has 7");
/// # Ok::<(), registry::Error>(())
/// ```
///
/// # Errors
///
/// When the file is none of the formats, is damaged, or holds a row that cannot be understood
/// (unless [`ReadOptions::lenient`]): with line and column, what was expected, and what stood there.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Reading, Error> {
    let text = utf8(bytes, MOST_BYTES)?;
    let draft = Draft::new(text, options.lenient);
    let Some(format) = told_by_content(text) else {
        let start = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).len();
        let found = excerpt(text[start..].lines().next().unwrap_or_default());
        return Err(Error::at(text, start, Fault::UnknownFormat { found }));
    };
    let draft = match format {
        Format::Csv => iana_csv::read::<()>(text, draft, None).map(|(draft, _)| draft),
        #[cfg(feature = "formats")]
        Format::Xml => xml::read(text, draft),
        #[cfg(feature = "formats")]
        Format::Xhtml => xhtml::read(text, draft),
        #[cfg(not(feature = "formats"))]
        Format::Xml | Format::Xhtml => {
            Err(Error::at(text, 0, Fault::FormatLeftOut { format: format.name() }))
        }
        Format::Text => text::read(text, draft),
        Format::Printed => printed::read(text, draft),
    }?;
    draft.finish(format, options.source, options.edition)
}

/// Reads rows in IANA's columns as CSV, which may have one further column: its values come along,
/// one for each row; none where the file does not have it.
pub(super) fn csv_with<T>(
    text: &str,
    options: &ReadOptions,
    further: &Further<T>,
) -> Result<(Reading, Vec<T>), Error> {
    let (draft, values) = iana_csv::read(text, Draft::new(text, options.lenient), Some(further))?;
    Ok((draft.finish(Format::Csv, options.source, options.edition)?, values))
}

/// The text of a file of no more than `limit` bytes.
pub(super) fn utf8(bytes: &[u8], limit: usize) -> Result<&str, Error> {
    if bytes.len() > limit {
        let (line, column) = position(bytes, limit);
        return Err(Error::new(line, column, Fault::TooLarge { limit }));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let (line, column) = position(bytes, at);
        Error::new(line, column, Fault::NotText { byte: bytes[at] })
    })?;
    match text.bytes().position(|byte| byte == 0) {
        Some(at) => Err(Error::at(text, at, Fault::NotText { byte: 0 })),
        None => Ok(text),
    }
}

/// A fault at byte `at` of `text`.
pub(super) fn error_at(text: &str, at: usize, fault: Fault) -> Error {
    Error::at(text, at, fault)
}

/// A fault on a line.
pub(super) fn error_on(line: u64, fault: Fault) -> Error {
    Error::new(line, 1, fault)
}

/// Reads a registry file from a stream, no more of it than [`MOST_BYTES`].
///
/// # Errors
///
/// As [`read`], and when the stream cannot be read.
pub fn read_stream(input: impl Read, options: &ReadOptions) -> io::Result<Result<Reading, Error>> {
    let mut bytes = Vec::new();
    input.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(read(&bytes, options))
}

fn told_by_content(text: &str) -> Option<Format> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let begins = |word: &str| start.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if begins("<!doctype html") || begins("<html") {
        return Some(Format::Xhtml);
    }
    if begins("<") {
        // An XML declaration may stand before a page, too.
        let root = start.split('<').skip(1).find(|tag| !tag.starts_with(['?', '!']))?;
        return Some(if root.starts_with("html") { Format::Xhtml } else { Format::Xml });
    }
    if begins("Service Name,") || begins("\"Service Name\"") {
        return Some(Format::Csv);
    }
    // The head of a page is short; a table that begins later is not the registry's.
    for line in start.lines().take(500) {
        if line.starts_with(printed::HEADING) || line.starts_with(printed::BARRED_HEADING) {
            return Some(Format::Printed);
        }
        if text::is_heading(line) {
            return Some(Format::Text);
        }
    }
    None
}
