//! Compressed captures, detected from their first octets.

use std::fmt;
use std::io;

use serde::Serialize;

/// Compression of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Compression {
    /// gzip (RFC 1952), of one or several members.
    Gzip,
    /// Zstandard (RFC 8878), of one or several frames.
    Zstd,
}

impl Compression {
    /// Compression that the first octets of a file show; `None` for another content.
    pub fn of(start: &[u8]) -> Option<Compression> {
        match start {
            [0x1f, 0x8b, ..] => Some(Compression::Gzip),
            // A frame, or one of the sixteen kinds of skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
            _ => None,
        }
    }
}

/// Octets in the middle of a stream that nothing can be had of. More can be read behind them.
#[derive(Debug)]
pub(super) struct Break {
    /// What is wrong with them.
    pub(super) what: String,
    /// Estimate of how many they are, when decompressed.
    pub(super) missing: u64,
}

impl Break {
    /// Whether an error says that there is more behind it.
    pub(super) fn is_one(error: &io::Error) -> bool {
        error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Break>)
    }

    /// The break that an error is.
    ///
    /// # Errors
    ///
    /// Any other error.
    pub(super) fn of(error: io::Error) -> io::Result<Break> {
        error.downcast::<Break>()
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Break {}

impl From<Break> for io::Error {
    fn from(broken: Break) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, broken)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        })
    }
}
