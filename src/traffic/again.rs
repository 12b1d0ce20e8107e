//! Captures that are read a second time, when the labels of all their flows are known.

use super::{CaptureSummary, Labelled};
use crate::capture::{Packet, Timestamp};

/// A capture gave other packets when it was read again: it was removed, replaced or written to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{capture} changed while it was read: the first time {expected}, the second time {found}")]
#[non_exhaustive]
pub struct CaptureChanged {
    /// The capture, as it was named.
    pub capture: String,
    /// What the first pass read of it.
    pub expected: Extent,
    /// What the second pass read of it.
    pub found: Extent,
}

/// What was read of a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extent {
    /// How many packets.
    pub packets: u64,
    /// Time of the first of them.
    pub first_seen: Option<Timestamp>,
    /// The latest time.
    pub last_seen: Option<Timestamp>,
}

impl std::fmt::Display for Extent {
    /// `12 packets from 2026-11-01T00:00:00.000000000Z to 2026-11-01T00:10:00.000000000Z`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::text::count(self.packets, "packet"))?;
        match (self.first_seen, self.last_seen) {
            (Some(first), Some(last)) => write!(f, " from {first} to {last}"),
            _ => Ok(()),
        }
    }
}

impl Extent {
    fn of(capture: &CaptureSummary) -> Extent {
        Extent { packets: capture.packets, first_seen: capture.first_seen, last_seen: capture.last_seen }
    }
}

/// Compares the second pass over captures with the first.
pub(crate) struct SecondPass<'l> {
    captures: &'l [CaptureSummary],
    /// How many captures were begun.
    begun: usize,
    found: Extent,
}

impl<'l> SecondPass<'l> {
    pub(crate) fn over(labelled: &'l Labelled) -> SecondPass<'l> {
        SecondPass { captures: labelled.traffic().captures(), begun: 0, found: Extent::default() }
    }

    /// Begins the next capture.
    pub(crate) fn begin(&mut self) {
        self.begun += 1;
        self.found = Extent::default();
    }

    /// Whether the first pass read a packet: a capture that grows in between is read as far as it was
    /// read before.
    #[inline]
    pub(crate) fn has(&mut self, packet: &Packet) -> bool {
        let last = self.current().map_or(0, |capture| capture.packets);
        if self.found.packets == last {
            return false;
        }
        self.found.packets += 1;
        self.found.first_seen = self.found.first_seen.or(packet.believed_time());
        self.found.last_seen = self.found.last_seen.max(packet.believed_time());
        true
    }

    /// How many frames came from the captures before the current one.
    #[cfg(feature = "report")]
    pub(crate) fn frames_before(&self) -> u64 {
        self.current().map_or(0, |capture| capture.frames_before)
    }

    fn current(&self) -> Option<&'l CaptureSummary> {
        self.captures.get(self.begun.checked_sub(1)?)
    }

    /// Ends the capture: it gave what it gave the first time, whatever ended it.
    pub(crate) fn end(&self) -> Result<(), CaptureChanged> {
        match self.current() {
            Some(capture) if Extent::of(capture) != self.found => Err(CaptureChanged {
                capture: capture.name.clone(),
                expected: Extent::of(capture),
                found: self.found,
            }),
            _ => Ok(()),
        }
    }

    /// Ends the pass: every capture was read again.
    pub(crate) fn finish(&self) -> Result<(), CaptureChanged> {
        match self.captures.get(self.begun) {
            Some(capture) => Err(CaptureChanged {
                capture: capture.name.clone(),
                expected: Extent::of(capture),
                found: Extent::default(),
            }),
            None => Ok(()),
        }
    }
}
