//! Copies of datagrams: one that passes several places of capture stands several times in the capture.
//!
//! A mirror port copies what comes into a switch and what goes out, `any` captures on each interface that a
//! packet passes, and taps before and behind a router see it twice. A datagram's
//! [fingerprint](super::fingerprint) is remembered with its time. The next packet with the same fingerprint
//! is a copy if it comes so soon that the sender cannot have sent another datagram like it; see [`is_copy`].
//! Packets without a time are never copies.
//!
//! What is said of a packet depends on the last one before it with the same fingerprint, and on no more than
//! one other in between that is remembered in the same place. So this is a monoid as the flow table is: for
//! pieces of a capture that follow each other the first packets of each place are kept, and judged when the
//! pieces are merged.

use super::fingerprint::{self, Fingerprint, Told};
use super::sample::Sample;
use super::{CopyChoice, ReadSettings};
use crate::capture::{NO_TIME, Packet, Timestamp};
use crate::decode::Layers;

/// Nanoseconds in which no sender gives the same number to another datagram that is like the first in all that
/// counts: 5 ms. A retransmission has another number; but test programs send one datagram over and over, as
/// a rule 8 ms apart and more. Routers forward sooner, unless they are congested.
const WITH_NUMBER: u64 = 5_000_000;
/// Nanoseconds in which no sender repeats what it has sent: 2 ms. A retransmission timeout is a second, or on
/// Linux 200 ms, at least (RFC 6298 section 2.4), that of a tail loss probe two round trips, or on Linux 2 ms at
/// least (RFC 8985 section 7.2). What acknowledgments show to be lost can be repeated after one round trip:
/// in a network so fast, and without a number that tells, it can be taken for a copy.
const WITHOUT_NUMBER: u64 = 2_000_000;
/// How many places there are to remember datagrams in, two in each: 256 KiB, and as much for the first ones.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 13;
/// The bits of a time that give way to where a datagram was captured, where that counts: 66 µs.
const WHERE: u64 = 0xffff;

/// A fingerprint, 0 for none, and the time. Zeros, of which the system has whole pages, are cheaper than fields
/// that say more.
type Seen = [u64; 2];

/// The datagrams that a place remembers, the newest first.
type Place = [Seen; 2];

/// How many packets of a capture, or of a piece of one, are copies.
pub(crate) struct Copies {
    count: u64,
    sum: u64,
    sample: Sample,
    separate_vlans: bool,
    newest: Box<[Place]>,
    /// The first two datagrams of each place, in their order; nothing where no piece comes before.
    first: Box<[Place]>,
}

impl Copies {
    /// Nothing seen yet, of a capture that is read with these settings.
    pub(crate) fn new(settings: &ReadSettings) -> Copies {
        Copies {
            count: 0,
            sum: 0,
            sample: Sample::EMPTY,
            separate_vlans: settings.flow.separate_vlans,
            newest: places(),
            first: Box::default(),
        }
    }

    /// The same of a piece that follows another, into which it will be merged.
    pub(super) fn following(settings: &ReadSettings) -> Copies {
        Copies { first: places(), ..Copies::new(settings) }
    }

    /// How many copies there were.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// A sum over all datagrams that is the same in whatever order they come. Captures of the same packets
    /// have the same.
    pub(super) fn sum(&self) -> u64 {
        self.sum
    }

    /// A sample of the datagrams.
    pub(super) fn take_sample(&mut self) -> Sample {
        self.sample.take()
    }

    /// Takes in the next packet, whose time is `time` or [`NO_TIME`]. Says whether it is a copy.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is small, and called once for each packet")]
    pub(crate) fn add(&mut self, packet: &Packet, layers: &Layers, time: i64) -> bool {
        match fingerprint::of_most(packet, layers) {
            Some(fingerprint) => {
                self.sum = self.sum.wrapping_add(fingerprint);
                self.sample.add(fingerprint, time);
                self.see(fingerprint, time.cast_unsigned())
            }
            None => self.add_any(packet, layers, time),
        }
    }

    /// The same for packets that are not as most are.
    #[inline(never)]
    fn add_any(&mut self, packet: &Packet, layers: &Layers, time: i64) -> bool {
        let Some(fingerprint) = fingerprint::of_any(packet, layers, self.separate_vlans) else {
            return false;
        };
        self.sum = self.sum.wrapping_add(fingerprint);
        self.sample.add(fingerprint, time);
        let mut time = time.cast_unsigned();
        if Told::of(fingerprint) == Told::Nothing {
            time = time & !WHERE | u64::from(fingerprint::place(packet, layers));
        }
        self.see(fingerprint, time)
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as `add`")]
    fn see(&mut self, fingerprint: Fingerprint, time: u64) -> bool {
        let Some(place) = self.newest.get_mut(place_of(fingerprint)) else { return false };
        let newer = place[0];
        if newer[0] == fingerprint {
            return self.see_again(fingerprint, time);
        }
        let older = place[1][0];
        if older == fingerprint {
            return self.see_again(fingerprint, time);
        }
        place[1] = newer;
        place[0] = [fingerprint, time];
        if older == 0
            && let Some(first) = self.first.get_mut(place_of(fingerprint))
        {
            first[usize::from(newer[0] != 0)] = [fingerprint, time];
        }
        false
    }

    /// Judges a packet with a fingerprint that is remembered.
    #[cold]
    #[inline(never)]
    fn see_again(&mut self, fingerprint: Fingerprint, time: u64) -> bool {
        let seen = [fingerprint, time];
        let before = put_first(&mut self.newest[place_of(fingerprint)], seen);
        let is_copy = is_copy(before, seen);
        self.count += u64::from(is_copy);
        is_copy
    }

    /// Adds what was seen in the packets that follow, by [`Copies::following`].
    pub(super) fn merge(&mut self, later: &Copies) {
        self.count += later.count;
        self.sum = self.sum.wrapping_add(later.sum);
        self.sample.merge(&later.sample);
        for (at, (first, newest)) in later.first.iter().zip(&later.newest).enumerate() {
            for &[fingerprint, time] in first.iter().filter(|seen| seen[0] != 0) {
                self.see(fingerprint, time);
            }
            for &seen in newest.iter().rev().filter(|seen| seen[0] != 0) {
                put_first(&mut self.newest[at], seen);
            }
        }
    }
}

impl std::fmt::Debug for Copies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Copies").field("count", &self.count).finish_non_exhaustive()
    }
}

fn places() -> Box<[Place]> {
    vec![[[0; 2]; 2]; PLACES].into_boxed_slice()
}

#[inline]
fn place_of(fingerprint: Fingerprint) -> usize {
    (fingerprint >> (u64::BITS - PLACE_BITS)) as usize
}

/// Remembers a datagram as the newest of its place. Returns what is not in the place any more: what was known
/// of the same datagram, or the oldest.
fn put_first(place: &mut Place, seen: Seen) -> Seen {
    let [newer, older] = *place;
    *place = [seen, if newer[0] == seen[0] { older } else { newer }];
    if newer[0] == seen[0] { newer } else { older }
}

/// Whether a packet is a copy of one before it with the same fingerprint. Where nothing tells a datagram from
/// the next, it must have been captured elsewhere.
fn is_copy([_, before]: Seen, [fingerprint, time]: Seen) -> bool {
    // 1970 is what a clock shows that was never set.
    let has_time = |time: u64| time & !WHERE != NO_TIME.cast_unsigned() && time > WHERE;
    // Packets of several interfaces need not be in order.
    let within = |most| time.cast_signed().abs_diff(before.cast_signed()) <= most;
    has_time(time)
        && has_time(before)
        && match Told::of(fingerprint) {
            Told::Number => within(WITH_NUMBER),
            Told::Sequence => within(WITHOUT_NUMBER),
            Told::Nothing => time & WHERE != before & WHERE && within(WITHOUT_NUMBER),
        }
}

/// The copies of one capture that are to be left out.
pub(crate) struct LeftOut<'s> {
    settings: &'s ReadSettings,
    copies: Option<Copies>,
}

impl<'s> LeftOut<'s> {
    /// Those of a capture that is read with these settings.
    pub(crate) fn of(settings: &'s ReadSettings) -> LeftOut<'s> {
        let copies = (settings.copies == CopyChoice::Drop).then(|| Copies::new(settings));
        LeftOut { settings, copies }
    }

    /// Whether the next packet is to be left out.
    #[inline]
    pub(crate) fn has(&mut self, packet: &Packet, layers: &Layers) -> bool {
        let Some(copies) = &mut self.copies else { return false };
        let time = packet.believed_time();
        self.settings.flow.has_in_window(time)
            && copies.add(packet, layers, time.map_or(NO_TIME, Timestamp::nanoseconds))
    }
}
