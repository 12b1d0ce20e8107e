//! Why a registry file is refused.

use std::fmt;

use crate::foreign;

/// Why a registry file, or one row of it, is refused: where, what was expected, what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    line: u64,
    column: u64,
    fault: Fault,
}

impl Error {
    pub(super) fn new(line: u64, column: u64, fault: Fault) -> Error {
        Error { line, column, fault }
    }

    /// At byte `at` of `text`.
    pub(super) fn at(text: &str, at: usize, fault: Fault) -> Error {
        let (line, column) = position(text.as_bytes(), at);
        Error { line, column, fault }
    }

    /// The line, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The column, in characters, from 1.
    pub fn column(&self) -> u64 {
        self.column
    }

    /// What is wrong there.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.fault)
    }
}

impl std::error::Error for Error {}

/// What is wrong with a registry file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Larger than any registry.
    #[error("the file is larger than {limit} bytes; IANA's largest edition has four million")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// More rows than any registry has.
    #[error("the file has more than {limit} rows; IANA's registry has some fifteen thousand")]
    TooManyRows {
        /// The most that are read.
        limit: usize,
    },
    /// Rows that cover every port many times over.
    #[error("the rows cover the ports sixteen times over; IANA's cover them about once")]
    TooManyPorts,
    /// Bytes that are no text.
    #[error("expected text in UTF-8; found byte 0x{byte:02x}")]
    NotText {
        /// The byte.
        byte: u8,
    },
    /// None of the formats.
    #[error("expected IANA's registry as CSV, XML, XHTML, plain text or a printed page; found `{found}`")]
    UnknownFormat {
        /// How the file begins.
        found: String,
    },
    /// A format that this build cannot read.
    #[error("the file is {format}; this build of the library reads it only with the feature `formats`")]
    FormatLeftOut {
        /// The format's name.
        format: &'static str,
    },
    /// A heading that is not IANA's.
    #[error("expected IANA's column names, `{expected}`; found `{found}`")]
    Header {
        /// The columns, as IANA has them.
        expected: &'static str,
        /// What stood there.
        found: String,
    },
    /// A format's heading without rows after it.
    #[error("expected registry rows after the column names; found none")]
    NoRows,
    /// A row with another number of cells.
    #[error("a row of the registry has {expected} cells, this one has {found}")]
    Cells {
        /// How many cells a row has.
        expected: usize,
        /// How many cells there were.
        found: usize,
    },
    /// A cell that cannot be what its column says.
    #[error("{column} is `{found}`; expected {expected}")]
    Cell {
        /// The column's name.
        column: &'static str,
        /// What stood there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// A quoted cell that does not end.
    #[error("expected a closing quotation mark to the cell that begins here; found the end of the file")]
    OpenQuote,
    /// The CSV reader's own words.
    #[error("the file cannot be read as CSV: {0}")]
    Csv(String),
    /// Not well-formed.
    #[error("the file is not well-formed: {0}")]
    Xml(String),
    /// The end of the file within an element.
    #[error("expected the end of `{element}`; found the end of the file")]
    Unfinished {
        /// The element that is open.
        element: String,
    },
    /// An element where none of its name belongs.
    #[error("expected {expected}; found the element `{found}`")]
    Element {
        /// What was expected.
        expected: &'static str,
        /// The element's name.
        found: String,
    },
    /// An entity that the format does not define.
    #[error("expected one of XML's own entities (amp, lt, gt, quot, apos); found `&{name};`")]
    Entity {
        /// The entity's name.
        name: String,
    },
    /// A document type that defines entities of its own.
    #[error("expected a document type without definitions of its own; entities are not expanded")]
    Definitions,
    /// Elements nested too deeply.
    #[error("elements are nested more than {limit} deep; IANA's are nested six deep at most")]
    TooDeep {
        /// The most that is read.
        limit: usize,
    },
    /// Too many elements within one row.
    #[error("one element holds more than {limit} others; no row of the registry does")]
    TooComplex {
        /// The most that is read.
        limit: usize,
    },
    /// A file that is not an overlay.
    #[error(
        "expected an overlay as TOML (`[[service]]`), CSV in IANA's columns, or lines of `NAME PORT/TRANSPORT`; \
         found `{found}`"
    )]
    UnknownOverlay {
        /// How the file begins.
        found: String,
    },
    /// An overlay's entry without a port.
    #[error("expected a service with a name and a port; found `{found}` without")]
    NoPort {
        /// The entry's name.
        found: String,
    },
    /// A line of an overlay that is not a service.
    #[error("expected `NAME PORT/TRANSPORT` with tcp, udp, sctp, dccp or udplite; found `{found}`")]
    Service {
        /// What stood there.
        found: String,
    },
    /// Not TOML, or other keys than an overlay has.
    #[error("the overlay cannot be read: {0}")]
    Toml(String),
    /// A value of an overlay.
    #[error("`{key}` is {found}; expected {expected}")]
    Key {
        /// The key.
        key: &'static str,
        /// What stood there.
        found: String,
        /// What should.
        expected: &'static str,
    },
    /// A line of a printed table that cannot be taken apart.
    #[error("a row of the table cannot be taken apart: {why}; found `{found}`")]
    Row {
        /// Why.
        why: &'static str,
        /// The line.
        found: String,
    },
}

/// The beginning of a text, for a message: on one line, without control characters.
pub(in crate::registry) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(80) {
        None => foreign::line(text).into_owned(),
        Some((end, _)) => format!("{}…", foreign::line(&text[..end])),
    }
}

/// Line and column, from 1, of byte `at`; columns count characters.
pub(super) fn position(bytes: &[u8], at: usize) -> (u64, u64) {
    let before = &bytes[..at.min(bytes.len())];
    let line = before.split(|&byte| byte == b'\n').count() - 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |n| n + 1);
    // Bytes that go on with a character are not counted.
    let column = before[start..].iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
    (line as u64 + 1, column as u64 + 1)
}
