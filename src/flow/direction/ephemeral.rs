//! The ports that systems pick client ports from.

use std::ops::RangeInclusive;

/// The ports that systems pick client ports from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ephemeral(Vec<RangeInclusive<u16>>);

impl Default for Ephemeral {
    /// Linux (`ip_local_port_range`) and the dynamic range, which Windows, macOS and the BSDs use.
    fn default() -> Ephemeral {
        Ephemeral(vec![32768..=60999, 49152..=65535])
    }
}

impl Ephemeral {
    /// Other ranges in place of the usual ones.
    pub fn new(ranges: Vec<RangeInclusive<u16>>) -> Ephemeral {
        Ephemeral(ranges)
    }

    /// The ranges.
    pub fn ranges(&self) -> &[RangeInclusive<u16>] {
        &self.0
    }

    /// Whether a system would pick `port` for a client.
    pub fn contains(&self, port: u16) -> bool {
        self.0.iter().any(|range| range.contains(&port))
    }
}
