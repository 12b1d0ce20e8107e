//! When a capture was listening, from the times of its packets.
//!
//! A monoid, as a flow table is: what it says of packets 1 to *n* is what it says of 1 to *k* and of
//! *k+1* to *n* merged. A cut therefore looks at two neighbouring packets only.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::capture::{NO_TIME, Packet, Statistics, Timestamp, nanoseconds};
use crate::net::span::DAY_NANOSECONDS as DAY;

const SECOND: i64 = 1_000_000_000;
/// Packets of several queues or interfaces may be out of order by as much.
const DISORDER: i64 = 10 * SECOND;
/// No capture is silent for longer and goes on: its clock was set, or captures were joined.
const JUMP: i64 = 366 * DAY;
/// Cuts after this many are counted, not listed.
const LISTED: usize = 1000;

/// Silence that ends a stretch unless another span is set: 15 minutes.
pub const DEFAULT_MAX_GAP: Duration = Duration::from_mins(15);

/// A stretch of time, from its first to its last packet.
pub type Stretch = (Timestamp, Timestamp);

/// Where the times of two neighbouring packets do not join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// Number of the packet after it, from 1, as Wireshark shows it.
    pub frame: u64,
    /// Time of the packet before it.
    pub from: Timestamp,
    /// Time of the packet after it.
    pub to: Timestamp,
    /// The stretch that it ends.
    pub before: Stretch,
}

impl Break {
    /// Whether the clock jumped: time went back, or on by more than a year. Else nothing was heard.
    pub fn is_clock_jump(&self) -> bool {
        is_clock_jump(self.from.nanoseconds(), self.to.nanoseconds())
    }
}

fn is_clock_jump(from: i64, to: i64) -> bool {
    to < from || to.saturating_sub(from) > JUMP
}

/// When a capture, or a piece of one, was listening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listening {
    max_gap: i64,
    /// The number of the last frame.
    frames: u64,
    truncated: u64,
    /// Time and number of the first packet that has a time.
    first: (i64, u64),
    previous: i64,
    /// The lowest and the highest time since the last break.
    low: i64,
    high: i64,
    breaks: Vec<Break>,
    more_breaks: u64,
    /// Nanoseconds of silence among those.
    more_silence: i64,
    /// Days since 1970; no clock shows more than some 200,000 of them.
    days: BTreeSet<i32>,
    /// When the day of the previous packet ends.
    day_end: i64,
    statistics: Statistics,
}

impl Listening {
    /// Nothing heard yet; silence of more than `max_gap` is a break.
    pub fn new(max_gap: Duration) -> Listening {
        Listening {
            max_gap: nanoseconds(max_gap),
            frames: 0,
            truncated: 0,
            first: (NO_TIME, 0),
            previous: NO_TIME,
            low: i64::MAX,
            high: NO_TIME,
            breaks: Vec::new(),
            more_breaks: 0,
            more_silence: 0,
            days: BTreeSet::new(),
            day_end: NO_TIME,
            statistics: Statistics::default(),
        }
    }

    /// Takes in the next packet. One that does not count, because it is outside the time that was
    /// asked for, has a number all the same.
    #[inline]
    pub fn add(&mut self, packet: &Packet, counts: bool) {
        self.frames = packet.frame;
        if !counts {
            return;
        }
        self.truncated += u64::from(packet.bytes.len() < packet.original_length as usize);
        let Some(time) = packet.believed_time() else { return };
        let time = time.nanoseconds();
        // Not before the previous packet, so above the lowest time; and on its day.
        let goes_on = time.wrapping_sub(self.previous).cast_unsigned() <= self.max_gap.cast_unsigned()
            && time < self.day_end;
        if !goes_on {
            self.step(time);
        }
        self.previous = time;
        self.high = self.high.max(time);
    }

    /// Whether a packet at `time` goes on with the stretch.
    #[inline]
    fn joins(&self, time: i64) -> bool {
        let since = time.saturating_sub(self.previous);
        -DISORDER <= since && since <= self.max_gap
    }

    #[cold]
    fn step(&mut self, time: i64) {
        if !(self.day_end.saturating_sub(DAY)..self.day_end).contains(&time) {
            let day = time.div_euclid(DAY);
            self.day_end = (day + 1).saturating_mul(DAY);
            self.days.insert(day as i32);
        }
        if self.previous == NO_TIME {
            self.first = (time, self.frames);
        } else if !self.joins(time) {
            self.cut(self.frames, time);
        }
        self.low = self.low.min(time);
    }

    /// Ends the stretch before the packet with the number `frame`.
    fn cut(&mut self, frame: u64, time: i64) {
        if self.breaks.len() < LISTED {
            self.breaks.push(Break {
                frame,
                from: Timestamp::from_nanoseconds(self.previous),
                to: Timestamp::from_nanoseconds(time),
                before: (Timestamp::from_nanoseconds(self.low), Timestamp::from_nanoseconds(self.high)),
            });
            (self.low, self.high) = (i64::MAX, NO_TIME);
        } else {
            self.more_breaks += 1;
            let silence = time.saturating_sub(self.previous).max(0);
            self.more_silence = self.more_silence.saturating_add(silence);
        }
    }

    /// Takes in how many frames there were, and what the capture says of its own making.
    pub(super) fn end(&mut self, frames: u64, statistics: &Statistics) {
        self.frames = frames;
        self.statistics.merge(statistics);
    }

    /// Adds what was heard in the packets that follow.
    pub fn merge(&mut self, later: &Listening) {
        self.statistics.merge(&later.statistics);
        self.truncated += later.truncated;
        self.days.extend(&later.days);
        let before = self.frames;
        self.frames += later.frames;
        if later.previous == NO_TIME {
            return;
        }
        if self.previous == NO_TIME {
            self.first = (later.first.0, before + later.first.1);
        } else if !self.joins(later.first.0) {
            self.cut(before + later.first.1, later.first.0);
        }
        for one in &later.breaks {
            self.low = self.low.min(one.before.0.nanoseconds());
            self.high = self.high.max(one.before.1.nanoseconds());
            self.previous = one.from.nanoseconds();
            self.cut(before + one.frame, one.to.nanoseconds());
        }
        self.low = self.low.min(later.low);
        self.high = self.high.max(later.high);
        self.previous = later.previous;
        self.more_breaks += later.more_breaks;
        self.more_silence = self.more_silence.saturating_add(later.more_silence);
        self.day_end = later.day_end;
    }

    /// Packets that the capture holds less of than was on the wire.
    pub fn truncated(&self) -> u64 {
        self.truncated
    }

    /// The breaks, in the order of the capture, at most 1,000.
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// How many more breaks there were.
    pub fn more_breaks(&self) -> u64 {
        self.more_breaks
    }

    /// The stretch after the last break that is listed, with the nanoseconds of silence in it by
    /// breaks that are not; none where no packet has a time.
    pub fn last_stretch(&self) -> Option<(Stretch, i64)> {
        let stretch = (Timestamp::from_nanoseconds(self.low), Timestamp::from_nanoseconds(self.high));
        (self.low <= self.high).then_some((stretch, self.more_silence))
    }

    /// The days (UTC) with a packet, as days since 1970, ascending.
    pub fn days(&self) -> impl Iterator<Item = i32> + '_ {
        self.days.iter().copied()
    }

    /// What the capture says of its own making.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(frame: u64, time: Option<i64>) -> Packet<'static> {
        let time = time.map(Timestamp::from_nanoseconds);
        Packet::new(frame, None, &[1, 2]).with_time(time).with_original_length(3)
    }

    fn heard(times: &[Option<i64>]) -> Listening {
        let mut listening = Listening::new(DEFAULT_MAX_GAP);
        for (frame, &time) in (1..).zip(times) {
            listening.add(&packet(frame, time), true);
        }
        listening
    }

    /// Frame, from, to, clock jump, with times in seconds.
    fn breaks(listening: &Listening) -> Vec<(u64, i64, i64, bool)> {
        let seconds = |time: Timestamp| time.nanoseconds() / SECOND;
        let said = |one: &Break| (one.frame, seconds(one.from), seconds(one.to), one.is_clock_jump());
        listening.breaks().iter().map(said).collect()
    }

    fn at(seconds: &[i64]) -> Vec<Option<i64>> {
        seconds.iter().map(|&second| Some(second * SECOND)).collect()
    }

    #[test]
    fn silence_and_clock_jumps_are_breaks() {
        let year = 366 * (DAY / SECOND);
        let heard = heard(&at(&[0, 900, 1801, 1795, 1000, 1100, 1101 + year]));
        assert_eq!(
            breaks(&heard),
            [(3, 900, 1801, false), (5, 1795, 1000, true), (7, 1100, 1101 + year, true)],
            "900 s are no silence, 6 s back are no jump"
        );
        assert_eq!(
            heard.last_stretch().map(|((low, high), silence)| (low == high, silence)),
            Some((true, 0))
        );
        assert_eq!(heard.truncated(), 7);
        assert_eq!(heard.days().collect::<Vec<_>>(), [0, 366]);
        let stretches: Vec<i64> =
            heard.breaks().iter().map(|one| one.before.1.since(one.before.0) / SECOND).collect();
        assert_eq!(stretches, [900, 6, 100]);
    }

    #[test]
    fn packets_without_a_time_are_passed_over() {
        assert_eq!(breaks(&heard(&[None, Some(0), None, Some(901 * SECOND)])), [(4, 0, 901, false)]);
        assert_eq!(heard(&[None]).last_stretch(), None);
    }

    #[test]
    fn breaks_that_are_not_listed_are_counted_with_their_silence() {
        let times: Vec<i64> = (0..1004).map(|n| n * 1000).collect();
        let heard = heard(&at(&times));
        assert_eq!((heard.breaks().len(), heard.more_breaks()), (1000, 3));
        let (stretch, silence) = heard.last_stretch().expect("a stretch");
        assert_eq!((stretch.1.since(stretch.0), silence), (3000 * SECOND, 3000 * SECOND));
    }

    #[test]
    fn pieces_hear_what_the_whole_hears() {
        let mut number = 7_u64;
        let mut below = |limit: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % limit
        };
        for round in 0..200 {
            // In some rounds more breaks than are listed.
            let length = if round % 50 == 0 { 1200 } else { 12 };
            let mut time = 0;
            let times: Vec<Option<i64>> = (0..length)
                .map(|_| {
                    time += [1, 60, 901, 90_000, -5, -20, 400 * DAY / SECOND][below(7) as usize] * SECOND;
                    (below(5) > 0).then_some(time)
                })
                .collect();
            let whole = heard(&times);
            for _ in 0..8 {
                let mut cuts = [below(length + 1) as usize, below(length + 1) as usize];
                cuts.sort_unstable();
                let mut merged = heard(&times[..cuts[0]]);
                let mut later = heard(&times[cuts[0]..cuts[1]]);
                if below(2) == 0 {
                    later.merge(&heard(&times[cuts[1]..]));
                    merged.merge(&later);
                } else {
                    merged.merge(&later);
                    merged.merge(&heard(&times[cuts[1]..]));
                }
                assert_eq!(merged, whole, "cut at {cuts:?}: {times:?}");
            }
        }
    }
}
