//! Sets and maps over one or several fields: `ip saddr . tcp dport`, verdict maps, either of two
//! ports.

use super::point::{Point, Tri};
use super::ranges::Ranges;
use super::space::{Dimension, Space};

/// The rows of a set or of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldTable {
    /// What each row looks at.
    pub keys: Vec<Dimension>,
    /// One range for each key; sorted by the range of the key `by`.
    rows: Vec<TableRow>,
    /// The key with the most different beginnings.
    by: usize,
    /// For each row the largest end of key `by` in the rows up to it.
    ends: Vec<u128>,
}

/// One element.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TableRow {
    /// From the first to the last value, for each key.
    pub ranges: Box<[(u128, u128)]>,
    /// The place of the element in its file, by which a map finds what it does.
    pub element: usize,
}

impl FieldTable {
    /// A table; every row has a range for each key.
    pub fn new(keys: Vec<Dimension>, rows: Vec<Vec<(u128, u128)>>) -> FieldTable {
        let mut rows: Vec<TableRow> = rows
            .into_iter()
            .enumerate()
            .map(|(element, ranges)| TableRow { ranges: ranges.into(), element })
            .collect();
        let different = |key: usize| {
            let mut starts: Vec<u128> = rows.iter().map(|row| row.ranges[key].0).collect();
            starts.sort_unstable();
            starts.dedup();
            starts.len()
        };
        let by = (0..keys.len()).max_by_key(|&key| different(key)).unwrap_or(0);
        rows.sort_by_key(|row| row.ranges.get(by).copied());
        let mut largest = 0;
        let ends = rows
            .iter()
            .map(|row| {
                largest = row.ranges.get(by).map_or(u128::MAX, |range| range.1).max(largest);
                largest
            })
            .collect();
        FieldTable { keys, rows, by, ends }
    }

    pub fn rows(&self) -> &[TableRow] {
        &self.rows
    }

    /// Calls `found` with the element of every row that the point is in, or may be in.
    pub fn find(&self, point: &Point, mut found: impl FnMut(usize, Tri)) {
        let sought = self.keys.get(self.by).and_then(|&key| point.get(key));
        let until = sought
            .map_or(self.rows.len(), |value| self.rows.partition_point(|row| row.ranges[self.by].0 <= value));
        for at in (0..until).rev() {
            if sought.is_some_and(|value| self.ends[at] < value) {
                break;
            }
            let row = &self.rows[at];
            let mut answer = Tri::Yes;
            for (&key, &(first, last)) in self.keys.iter().zip(&row.ranges) {
                match point.get(key) {
                    Some(value) if first <= value && value <= last => {}
                    Some(_) => {
                        answer = Tri::No;
                        break;
                    }
                    None => answer = Tri::Maybe,
                }
            }
            if answer != Tri::No {
                found(row.element, answer);
            }
        }
    }

    /// Whether the point is in some row.
    pub fn contains(&self, point: &Point) -> Tri {
        let mut answer = Tri::No;
        self.find(point, |_, found| answer = answer.or(found));
        answer
    }

    /// The part of a space that a row holds.
    pub fn narrow(&self, space: &Space, row: &TableRow) -> Space {
        let mut space = space.clone();
        for (&key, &range) in self.keys.iter().zip(&row.ranges) {
            space.restrict(key, &Ranges::new(vec![range]));
        }
        space
    }

    /// The values of one key in any row.
    pub fn projection(&self, key: usize) -> Ranges {
        Ranges::new(self.rows.iter().map(|row| row.ranges[key]).collect())
    }
}
