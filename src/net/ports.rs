//! A stretch of ports.

use serde::Serialize;

/// The ports of a server, from first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ports {
    /// First.
    pub first: u16,
    /// Last, the same for one port.
    pub last: u16,
}

impl std::fmt::Display for Ports {
    /// `80`, or `49152-65535`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}
