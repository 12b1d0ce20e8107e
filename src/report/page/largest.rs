//! The flows with the most bytes.

use std::cmp::Reverse;

use crate::traffic::LabelledFlow;

/// The flows with the most bytes among those that were added in the order of their numbers; of those with as many, the
/// first.
pub(super) struct Largest<'a> {
    most: usize,
    rows: Vec<(u64, LabelledFlow<'a>)>,
}

impl<'a> Largest<'a> {
    /// None yet, and never more than these.
    pub(super) fn of_at_most(most: usize) -> Largest<'a> {
        Largest { most, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, bytes: u64, row: &LabelledFlow<'a>) {
        self.rows.push((bytes, *row));
        if self.rows.len() >= 2 * self.most {
            self.cut();
        }
    }

    /// Leaves out what is not among them. Rows are large: they stay where they are, and their numbers are sorted.
    fn cut(&mut self) {
        if self.rows.len() <= self.most {
            return;
        }
        let rank = |(bytes, row): &(u64, LabelledFlow)| (Reverse(*bytes), row.number);
        let mut ranks: Vec<_> = self.rows.iter().map(rank).collect();
        let (_, &mut first_left_out, _) = ranks.select_nth_unstable(self.most);
        self.rows.retain(|row| rank(row) < first_left_out);
    }

    /// The flows in the order of their numbers.
    pub(super) fn finish(mut self) -> Vec<LabelledFlow<'a>> {
        self.cut();
        self.rows.into_iter().map(|(_, row)| row).collect()
    }
}
