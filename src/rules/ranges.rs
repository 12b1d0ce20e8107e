//! Sets of numbers as sorted ranges: addresses, ports, protocols, names of interfaces.

use std::sync::Arc;

/// Numbers from the first to the last of each range; sorted, none touches the next. A copy shares
/// the ranges, so that a large named set is held once however many rules look into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges(Arc<[(u128, u128)]>);

impl Ranges {
    /// The union of ranges in any order; a range that ends before it begins holds nothing.
    pub fn new(mut ranges: Vec<(u128, u128)>) -> Ranges {
        ranges.retain(|(first, last)| first <= last);
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Ranges(merged.into())
    }

    /// One number.
    pub fn one(number: impl Into<u128>) -> Ranges {
        let number = number.into();
        Ranges(Arc::new([(number, number)]))
    }

    /// The numbers up to `max` that a test accepts; for small domains.
    pub fn accepted(max: u16, accept: impl Fn(u16) -> bool) -> Ranges {
        Ranges::new((0..=max).filter(|&n| accept(n)).map(|n| (n.into(), n.into())).collect())
    }

    pub fn as_slice(&self) -> &[(u128, u128)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds every number up to `max`.
    pub fn is_all(&self, max: u128) -> bool {
        matches!(*self.0, [(0, last)] if last >= max)
    }

    pub fn contains(&self, number: u128) -> bool {
        if let [(first, last)] = *self.0 {
            return first <= number && number <= last;
        }
        let after = self.0.partition_point(|&(first, _)| first <= number);
        after > 0 && self.0[after - 1].1 >= number
    }

    pub fn intersect(&self, other: &Ranges) -> Ranges {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(&&(first_a, last_a)), Some(&&(first_b, last_b))) = (a.peek(), b.peek()) {
            let (first, last) = (first_a.max(first_b), last_a.min(last_b));
            if first <= last {
                both.push((first, last));
            }
            if last_a < last_b {
                a.next();
            } else {
                b.next();
            }
        }
        Ranges(both.into())
    }

    /// The numbers up to `max` that it does not hold.
    pub fn complement(&self, max: u128) -> Ranges {
        let mut gaps = Vec::new();
        let mut next = Some(0);
        for &(first, last) in self.0.iter() {
            match next {
                Some(from) if from < first => gaps.push((from, (first - 1).min(max))),
                _ => {}
            }
            next = last.checked_add(1).filter(|&from| from <= max);
        }
        if let Some(from) = next {
            gaps.push((from, max));
        }
        Ranges::new(gaps)
    }

    pub fn is_subset(&self, other: &Ranges) -> bool {
        self.0.iter().all(|&(first, last)| {
            let after = other.0.partition_point(|&(from, _)| from <= first);
            after > 0 && other.0[after - 1].1 >= last
        })
    }

    pub fn is_disjoint(&self, other: &Ranges) -> bool {
        let (few, many) = if self.0.len() <= other.0.len() { (self, other) } else { (other, self) };
        few.0.iter().all(|&(first, last)| {
            let after = many.0.partition_point(|&(from, _)| from <= last);
            after == 0 || many.0[after - 1].1 < first
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(list: &[(u128, u128)]) -> Ranges {
        Ranges::new(list.to_vec())
    }

    #[test]
    fn ranges_are_sorted_and_merged() {
        assert_eq!(ranges(&[(9, 12), (1, 3), (4, 4), (11, 20), (30, 29)]).as_slice(), [(1, 4), (9, 20)]);
        assert_eq!(ranges(&[(u128::MAX, u128::MAX), (0, u128::MAX - 1)]).as_slice(), [(0, u128::MAX)]);
    }

    #[test]
    fn complements_know_both_ends() {
        assert_eq!(ranges(&[(0, 3), (10, 255)]).complement(255).as_slice(), [(4, 9)]);
        assert_eq!(ranges(&[(5, 6)]).complement(9).as_slice(), [(0, 4), (7, 9)]);
        assert_eq!(Ranges::new(Vec::new()).complement(9).as_slice(), [(0, 9)]);
        assert!(ranges(&[(0, u128::MAX)]).complement(u128::MAX).is_empty());
    }

    /// Every operation against the same on plain lists of the numbers from 0 to 15.
    #[test]
    fn operations_are_those_of_sets() {
        let set = |bits: u32| Ranges::accepted(15, |n| bits >> n & 1 == 1);
        let mut state = 7_u32;
        for _ in 0..500 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (a, b) = (state >> 16, state & 0xffff);
            let (left, right) = (set(a), set(b));
            assert_eq!(left.intersect(&right), set(a & b));
            assert_eq!(left.complement(15), set(!a & 0xffff));
            assert_eq!(left.is_subset(&right), a & !b == 0);
            assert_eq!(left.is_disjoint(&right), a & b == 0);
            assert_eq!(left.is_all(15), a == 0xffff);
            for n in 0..16_u32 {
                assert_eq!(left.contains(n.into()), a >> n & 1 == 1);
            }
        }
    }
}
