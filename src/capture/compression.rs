//! Compressed captures, told by their first bytes.

use std::fmt;
use std::io::{self, BufRead};

use flate2::bufread::MultiGzDecoder;

use super::Gather;

/// How a capture is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952), also of several members.
    Gzip,
    /// Zstandard (RFC 8878), also of several frames.
    Zstd,
}

impl Compression {
    /// Tells the compression from the first bytes of a file.
    pub fn of(start: &[u8]) -> Option<Compression> {
        match start {
            [0x1f, 0x8b, ..] => Some(Compression::Gzip),
            // A frame, or one of the sixteen kinds of skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
            _ => None,
        }
    }

    /// A reader of the content. Decoders give a block at a time; this one as much as is asked for.
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
