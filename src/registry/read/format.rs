//! The formats of registry files.

use std::fmt;

/// The format of a registry file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// IANA's CSV file.
    Csv,
    /// IANA's XML file.
    Xml,
    /// IANA's page (`.xhtml`), or a part of it.
    Xhtml,
    /// IANA's plain text.
    Text,
    /// The page as a browser prints it: cells one after another, or between bars.
    Printed,
}

impl Format {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xml => "xml",
            Format::Xhtml => "xhtml",
            Format::Text => "text",
            Format::Printed => "printed",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
