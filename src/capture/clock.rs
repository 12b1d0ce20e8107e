//! Packets whose time cannot be right.

use super::{NO_TIME, Timestamp};

/// A longer step of the clock is looked at, in nanoseconds: one minute, which is the shortest time-out
/// of flows unless set. Silence between packets may be longer; but then the next packet does not come
/// from before it.
const STEP: u64 = 60_000_000_000;

/// The times of the packets read so far.
///
/// A time is wild where it is a step away from the packet before and from the packet after, and these
/// two are not a step apart. So one packet with a time far ahead, long past or zero is wild. A clock that
/// was set is not: the packets after it agree. Neither are the first packet of a capture and the last, nor
/// several in a row, since nothing tells those from a clock that was set. Only neighbours in the capture
/// count: the answer is the same wherever the capture is cut into pieces.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// Time of the first packet that has one, where none was known before it.
    first: i64,
    /// Time of the last packet that has one that is not wild.
    last: i64,
    /// Time of the packet that is looked at.
    now: i64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { first: NO_TIME, last: NO_TIME, now: NO_TIME }
    }
}

impl Clock {
    /// Takes the time of the next packet. Returns the last time where it is a step away.
    #[inline]
    pub(super) fn steps_from(&mut self, time: Option<Timestamp>) -> Option<i64> {
        let now = time?.nanoseconds();
        let last = std::mem::replace(&mut self.last, now);
        if last.abs_diff(now) <= STEP {
            return None;
        }
        self.begins_or_steps(last, now)
    }

    #[cold]
    fn begins_or_steps(&mut self, last: i64, now: i64) -> Option<i64> {
        self.now = now;
        if last == NO_TIME {
            self.first = now;
            return None;
        }
        Some(last)
    }

    /// Whether the time that was a step away from `last` is wild; `next` is that of the packet after.
    pub(super) fn is_wild(&mut self, last: i64, next: Option<Timestamp>) -> bool {
        let is_wild = next.map(Timestamp::nanoseconds).is_some_and(|next| {
            next != NO_TIME && next.abs_diff(last) <= STEP && next.abs_diff(self.now) > STEP
        });
        if is_wild {
            self.last = last;
        }
        is_wild
    }

    /// Whether what a piece said of its times holds where the packets of this clock come before it.
    pub(super) fn goes_on_in(&self, piece: &Clock) -> bool {
        self.last == NO_TIME || piece.first == NO_TIME || self.last.abs_diff(piece.first) <= STEP
    }

    /// Time of the last packet that has one that is not wild, in nanoseconds.
    pub(super) fn last(&self) -> Option<i64> {
        (self.last != NO_TIME).then_some(self.last)
    }

    /// The clock for packets that follow those of this one.
    pub(super) fn after(&self) -> Clock {
        Clock { first: NO_TIME, ..*self }
    }

    /// Takes over the last time of the piece before, where this one has none.
    pub(super) fn follow(&mut self, earlier: &Clock) {
        if self.last == NO_TIME {
            self.last = earlier.last;
        }
    }
}
