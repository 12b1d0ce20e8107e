//! Compressed captures, detected from their first octets.

use std::fmt;
use std::io::{self, BufRead};

use flate2::bufread::MultiGzDecoder;
use serde::Serialize;

use super::Gather;

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

    /// A reader of the content, which fills the buffer it is given. Decoders alone give one block at
    /// a time.
    pub(super) fn decoder<'a>(
        self,
        compressed: impl BufRead + Send + 'a,
    ) -> io::Result<Box<dyn io::Read + Send + 'a>> {
        Ok(match self {
            Compression::Gzip => Box::new(Gather::new(MultiGzDecoder::new(compressed), || true)),
            Compression::Zstd => Box::new(Gather::new(zstd::Decoder::with_buffer(compressed)?, || true)),
        })
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
