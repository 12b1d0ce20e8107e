//! A stretch of ports.

use std::fmt;
use std::ops::RangeInclusive;

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

impl Ports {
    /// One port.
    pub const fn one(port: u16) -> Ports {
        Ports { first: port, last: port }
    }

    /// Whether a port is among them.
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    /// How many they are.
    pub const fn count(self) -> u32 {
        (self.last as u32 + 1).saturating_sub(self.first as u32)
    }
}

impl From<RangeInclusive<u16>> for Ports {
    fn from(range: RangeInclusive<u16>) -> Ports {
        Ports { first: *range.start(), last: *range.end() }
    }
}

impl fmt::Display for Ports {
    /// `80`, or `49152-65535`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}
