//! A sample of the datagrams of a capture, by which captures are known that hold the same ones: of taps before and
//! behind a router, or of both ends of a cable.
//!
//! The datagrams with the smallest [fingerprints](super::fingerprint) are the sample, so that samples of two captures
//! hold the same ones (bottom-k sketches: Cohen and Kaplan, PODC 2007). It is a monoid, as the copies are.

use serde::{Deserialize, Serialize};

use super::fingerprint::{Fingerprint, Told};

/// How many datagrams a sample holds.
const SIZE: usize = 128;
/// Nanoseconds that the clocks of two captures may differ by: a minute.
const NEAR: u64 = 60_000_000_000;
/// Datagrams of the sample that must be the same.
const FEWEST: usize = 4;
/// In percent, what they must be of the capture that holds fewer. Of a datagram that is sent again within a minute,
/// one capture may hold the first and another, which goes on after it, the second.
const LEAST: usize = 10;

/// A capture that holds datagrams of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Overlap {
    /// The name of the other, which was read before it.
    pub name: String,
    /// How many of its datagrams the other holds, too, in percent: an estimate from a sample.
    pub percent: u8,
}

/// The datagrams with the smallest fingerprints, and the time at which each came first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    /// No datagram with a larger fingerprint is in it; all with smaller ones are.
    most: Fingerprint,
    kept: Vec<(Fingerprint, i64)>,
}

impl Sample {
    /// That of no datagrams.
    pub(super) const EMPTY: Sample = Sample { most: Fingerprint::MAX, kept: Vec::new() };

    /// Takes in a datagram.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a comparison, for each packet")]
    pub(super) fn add(&mut self, fingerprint: Fingerprint, time: i64) {
        if fingerprint <= self.most {
            self.keep(fingerprint, time);
        }
    }

    #[cold]
    #[inline(never)]
    fn keep(&mut self, fingerprint: Fingerprint, time: i64) {
        if Told::of(fingerprint) != Told::Nothing {
            self.kept.push((fingerprint, time));
            if self.kept.len() >= 2 * SIZE {
                self.cut();
            }
        }
    }

    /// Leaves the smallest.
    fn cut(&mut self) {
        // Those that came first stay first.
        self.kept.sort_by_key(|&(fingerprint, _)| fingerprint);
        self.kept.dedup_by_key(|&mut (fingerprint, _)| fingerprint);
        if let Some(&(last, _)) = self.kept.get(SIZE - 1) {
            self.kept.truncate(SIZE);
            self.most = last;
        }
    }

    /// Adds the datagrams that follow.
    pub(super) fn merge(&mut self, later: &Sample) {
        self.kept.extend(&later.kept);
        self.most = self.most.min(later.most);
        self.cut();
    }

    /// Takes it out, sorted.
    pub(super) fn take(&mut self) -> Sample {
        let mut taken = std::mem::replace(self, Sample::EMPTY);
        taken.cut();
        taken.kept.shrink_to_fit();
        taken
    }

    /// How many of its datagrams another holds, too, in percent; `None` where it is too few to be told. Both have
    /// been [taken](Sample::take).
    pub(super) fn percent_in(&self, other: &Sample) -> Option<u8> {
        // Up to here both hold all.
        let most = self.most.min(other.most);
        let known = |sample: &Sample| sample.kept.partition_point(|&(fingerprint, _)| fingerprint <= most);
        let (own, others) = (&self.kept[..known(self)], &other.kept[..known(other)]);
        let is_in_both = |&&(fingerprint, time): &&(Fingerprint, i64)| {
            let found = others.binary_search_by_key(&fingerprint, |&(one, _)| one);
            found.is_ok_and(|at| others[at].1.abs_diff(time) <= NEAR)
        };
        let common = own.iter().filter(is_in_both).count();
        let is_told = common >= FEWEST && common * 100 >= own.len().min(others.len()) * LEAST;
        is_told.then(|| (common * 100 / own.len()).max(1) as u8)
    }
}

/// Whether two spans of time are near enough that the same datagrams can be in both.
pub(super) fn are_near((first, last): (i64, i64), (other_first, other_last): (i64, i64)) -> bool {
    let reach = NEAR.cast_signed();
    first <= other_last.saturating_add(reach) && other_first <= last.saturating_add(reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that looks like any other, with the bits of one that has a number.
    fn fingerprint(n: u64) -> Fingerprint {
        n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 3
    }

    fn of(numbers: impl Iterator<Item = u64>, ahead: i64) -> Sample {
        let mut sample = Sample::EMPTY;
        numbers.for_each(|n| sample.add(fingerprint(n), n as i64 + ahead));
        sample.take()
    }

    #[test]
    fn samples_of_pieces_are_that_of_the_whole() {
        for count in [0, 1, 127, 128, 129, 255, 256, 3000] {
            // Each comes twice.
            let whole = of((0..count).chain(0..count), 0);
            assert_eq!(whole.kept.len(), SIZE.min(count as usize));
            for cut in [0, count / 3, count] {
                let mut merged = of(0..cut, 0);
                let mut rest = of(cut..count, 0);
                rest.merge(&of(0..count, 0));
                merged.merge(&rest);
                assert_eq!(merged, whole, "{count} cut at {cut}");
            }
        }
    }

    #[test]
    fn captures_are_known_that_hold_datagrams_of_each_other() {
        let all = of(0..10_000, 0);
        assert_eq!(of(0..10_000, 5_000_000_000).percent_in(&all), Some(100));
        assert_eq!(of(0..10_000, NEAR as i64 + 1).percent_in(&all), None);
        assert_eq!(of(10_000..20_000, 0).percent_in(&all), None);
        let half = of(5_000..15_000, 0).percent_in(&all).expect("an overlap");
        assert!((35..=65).contains(&half), "{half}");
        // A tenth of the time: all of the smaller one's, a tenth of the larger one's.
        let part = of(2_000..3_000, 0);
        assert_eq!(part.percent_in(&all), Some(100));
        assert!((3..=20).contains(&all.percent_in(&part).expect("an overlap")));
        assert_eq!(of(0..3, 0).percent_in(&of(0..3, 0)), None, "three datagrams are too few");
        assert_eq!(of(0..4, 0).percent_in(&of(0..4, 0)), Some(100));
        assert_eq!(Sample::EMPTY.percent_in(&all), None);
    }
}
