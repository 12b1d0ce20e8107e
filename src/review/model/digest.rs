//! SHA-256 of files.

use std::fmt;

use serde::Serialize;

use super::words;

/// The SHA-256 of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

words::as_text!(Sha256);

impl Sha256 {
    /// The digest of octets that are in memory.
    pub fn of(octets: &[u8]) -> Sha256 {
        use sha2::Digest;

        Sha256(sha2::Sha256::digest(octets).into())
    }
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReadFile {
    /// The file, as it was named.
    pub name: String,
    /// SHA-256 of what was read, in hexadecimal digits.
    pub sha256: Sha256,
}

impl fmt::Display for Sha256 {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}
