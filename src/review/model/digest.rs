//! SHA-256 of files.

use std::fmt;

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

impl fmt::Display for Sha256 {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}
