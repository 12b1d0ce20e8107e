//! Which rules of a chain can match a flow at all, without asking each of them.
//!
//! For addresses, the server's port and the protocol, the values at which some rule begins or ends
//! part the line of all values into stretches; each stretch has one bit for every rule that can
//! match there. The rules whose bits are set in the stretches of all four are asked.

use std::collections::HashMap;

use super::point::Point;
use super::space::{Dimension, Space};

/// Above this many words of bits a dimension is not indexed: every rule is asked then.
const MAX_WORDS: usize = 1 << 21;

const INDEXED: [Dimension; 4] =
    [Dimension::Destination, Dimension::DestinationPort, Dimension::Source, Dimension::Protocol];

/// The rules of a chain by what they can match in one family.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleIndex {
    /// Words for one bit a rule.
    words: usize,
    lines: [Stretches; 4],
}

/// One dimension.
#[derive(Clone, Debug, Default)]
struct Stretches {
    /// Where stretches begin; the first is 0.
    begins: Vec<u128>,
    /// For each stretch, where its bits begin in `bits`.
    at: Vec<u32>,
    bits: Vec<u64>,
    /// Rules that can match when the value is not known; also all there is when not indexed.
    any: Vec<u64>,
}

impl RuleIndex {
    /// An index over the rules of a chain; none for rules that never match in this family.
    pub fn new(rules: &[Option<&Space>]) -> RuleIndex {
        let words = rules.len().div_ceil(64);
        RuleIndex { words, lines: INDEXED.map(|dimension| Stretches::new(rules, dimension, words)) }
    }

    /// Calls `ask` with the place of each rule that can match, in order, until it returns `false`.
    pub fn each(&self, point: &Point, mut ask: impl FnMut(usize) -> bool) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|n| self.lines[n].row(point.get(INDEXED[n]), self.words));
        for (word, (((a, b), c), d)) in a.iter().zip(b).zip(c).zip(d).enumerate() {
            let mut bits = a & b & c & d;
            while bits != 0 {
                if !ask(word * 64 + bits.trailing_zeros() as usize) {
                    return;
                }
                bits &= bits - 1;
            }
        }
    }
}

impl Stretches {
    fn new(rules: &[Option<&Space>], dimension: Dimension, words: usize) -> Stretches {
        let mut any = vec![0_u64; words];
        let mut begins = vec![0_u128];
        for (place, space) in rules.iter().enumerate() {
            let Some(space) = space else { continue };
            any[place / 64] |= 1 << (place % 64);
            for &(first, last) in space.limit(dimension).map_or(&[][..], |ranges| ranges.as_slice()) {
                begins.push(first);
                begins.extend(last.checked_add(1));
            }
        }
        begins.sort_unstable();
        begins.dedup();
        if begins.len() < 2 || begins.len().saturating_mul(words) > MAX_WORDS {
            return Stretches { any, ..Stretches::default() };
        }
        let mut grid = vec![0_u64; begins.len() * words];
        for (place, space) in rules.iter().enumerate() {
            let Some(space) = space else { continue };
            let (word, bit) = (place / 64, 1_u64 << (place % 64));
            let mut set = |from: usize, to: usize| {
                for stretch in from..to {
                    grid[stretch * words + word] |= bit;
                }
            };
            match space.limit(dimension) {
                None => set(0, begins.len()),
                Some(ranges) => {
                    for &(first, last) in ranges.as_slice() {
                        let from = begins.partition_point(|&begin| begin < first);
                        let to = begins.partition_point(|&begin| begin <= last);
                        set(from, to);
                    }
                }
            }
        }
        // Many stretches match the same rules: their bits are held once.
        let mut seen: HashMap<&[u64], u32> = HashMap::new();
        let mut bits = Vec::new();
        let mut at = Vec::with_capacity(begins.len());
        for row in grid.chunks_exact(words) {
            let place = *seen.entry(row).or_insert_with(|| {
                bits.extend_from_slice(row);
                (bits.len() - words) as u32
            });
            at.push(place);
        }
        Stretches { begins, at, bits, any }
    }

    fn row(&self, value: Option<u128>, words: usize) -> &[u64] {
        match value {
            Some(value) if !self.begins.is_empty() => {
                let stretch = self.begins.partition_point(|&begin| begin <= value) - 1;
                let from = self.at[stretch] as usize;
                &self.bits[from..from + words]
            }
            _ => &self.any,
        }
    }
}
