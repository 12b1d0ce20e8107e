//! Stretches of a capture that are damaged, and were passed over.

use std::fmt;

use crate::text::count;

/// How many gaps are kept, each with its place. All are counted.
const MOST: usize = 1000;
/// How many gaps are told, each with its place.
const MOST_TOLD: usize = 10;

/// A stretch of a capture that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// Where it begins in the uncompressed content, in octets.
    pub start: u64,
    /// Where reading went on: the place of the first octet behind it.
    pub end: u64,
    /// Estimate of the octets that are missing in the content besides: those that could not be
    /// decompressed.
    pub missing: u64,
    /// Number of packets read before it.
    pub packets: u64,
    /// What is invalid there.
    pub what: String,
}

/// The gaps of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    list: Vec<Gap>,
    count: u64,
    /// Octets in all of them, those missing among them.
    octets: u64,
    /// Packets that were read, and the octets that they take.
    read: (u64, u64),
}

impl Gap {
    fn octets(&self) -> u64 {
        (self.end - self.start).saturating_add(self.missing)
    }
}

impl Gaps {
    /// The first thousand gaps, in the order of the capture.
    pub fn list(&self) -> &[Gap] {
        &self.list
    }

    /// Number of gaps.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Estimate of the packets lost in all gaps, as long as those that were read.
    pub fn lost_packets(&self) -> u64 {
        // A gap holds the header of a packet at least.
        self.packets_in(self.octets).max(self.count)
    }

    /// Estimate of the packets lost in one gap.
    pub fn lost_in(&self, gap: &Gap) -> u64 {
        self.packets_in(gap.octets()).max(1)
    }

    fn packets_in(&self, octets: u64) -> u64 {
        let (packets, length) = self.read;
        let lost =
            (u128::from(octets) * u128::from(packets) + u128::from(length / 2)) / u128::from(length.max(1));
        u64::try_from(lost).unwrap_or(u64::MAX)
    }

    pub(super) fn push(&mut self, gap: Gap) {
        self.count += 1;
        self.octets = self.octets.saturating_add(gap.octets());
        if self.list.len() < MOST {
            self.list.push(gap);
        }
    }

    /// Takes what was read of the capture: packets, and octets of the content, gaps among them.
    pub(crate) fn among(mut self, packets: u64, octets: u64) -> Gaps {
        let skipped: u64 = self.list.iter().map(|gap| gap.end - gap.start).sum();
        self.read = (packets, octets.saturating_sub(skipped));
        self
    }

    /// Adds those of the piece that follows, behind `earlier` packets.
    pub(crate) fn merge(&mut self, later: Gaps, earlier: u64) {
        self.count += later.count;
        self.octets = self.octets.saturating_add(later.octets);
        let room = MOST - self.list.len();
        let shifted = |gap: Gap| Gap { packets: gap.packets + earlier, ..gap };
        self.list.extend(later.list.into_iter().take(room).map(shifted));
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count > 1 {
            let lost = count(self.lost_packets(), "packet");
            write!(f, "{} places, about {lost} lost in all: ", self.count)?;
        }
        for (n, gap) in self.list.iter().take(MOST_TOLD).enumerate() {
            let separator = if n > 0 { "; " } else { "" };
            let (start, lost) = (gap.start, count(self.lost_in(gap), "packet"));
            match gap.end {
                end if end > start => write!(f, "{separator}bytes {start} to {}", end - 1)?,
                _ => write!(f, "{separator}at byte {start}")?,
            }
            write!(f, ", about {lost} lost: {}", gap.what)?;
        }
        match self.count.saturating_sub(MOST_TOLD as u64) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
