//! `--columns`, `--sort`, `--top` and `--head`: what of the rows is shown, and in which order.

use std::num::NonZeroUsize;

use super::args::{Arranging, Sorting};
use super::{Failure, say};
use crate::report::{ArrangeError, Columns, Field, Order};
use crate::text::count;

/// What the options ask for.
pub(super) struct Arrangement {
    /// The columns that are shown.
    pub(super) columns: Columns,
    /// The order of rows; `None` for the usual one.
    pub(super) order: Option<Order>,
    /// How many rows are shown at most.
    pub(super) most: usize,
}

impl Arrangement {
    /// That of a result whose rows stay in their order.
    pub(super) fn of(asked: &Arranging, fields: &[Field]) -> Result<Arrangement, Failure> {
        let columns = Columns::of(fields, &asked.columns).map_err(|error| usage("--columns", &error))?;
        Ok(Arrangement { columns, order: None, most: most(asked.head) })
    }

    /// That of a result whose rows can be sorted by values of these names. `amount` is what the largest rows have
    /// most of.
    pub(super) fn sorted<'n>(
        asked: &Sorting,
        fields: &[Field],
        names: impl Iterator<Item = &'n str> + Clone,
        amount: &str,
    ) -> Result<Arrangement, Failure> {
        let unsorted = Arrangement::of(&asked.arranging, fields)?;
        let largest = format!("{amount}:desc");
        let key = asked.sort.as_deref().or(asked.top.map(|_| largest.as_str()));
        let order =
            key.map(|key| Order::of(names, key)).transpose().map_err(|error| usage("--sort", &error))?;
        Ok(Arrangement { order, most: unsorted.most.min(most(asked.top)), ..unsorted })
    }

    /// Whether nothing is asked for.
    pub(super) fn is_usual(&self) -> bool {
        !self.columns.is_chosen() && self.order.is_none() && self.most == usize::MAX
    }

    /// How many of the selected rows are shown.
    pub(super) fn shown(&self, selected: u64) -> u64 {
        selected.min(self.most as u64)
    }

    /// What there is to say of rows that are not shown.
    pub(super) fn in_words(&self, selected: u64, row: &str) -> Option<String> {
        let shown = self.shown(selected);
        let which = if self.order.is_some() { "in this order" } else { "of the result" };
        (shown < selected)
            .then(|| format!("The first {shown} of {} {which} are shown.", count(selected, row)))
    }

    /// Says on standard error what is not shown, for formats without a place for it.
    pub(super) fn say(&self, selected: u64, row: &str, is_quiet: bool) {
        if let Some(line) = self.in_words(selected, row).filter(|_| !is_quiet) {
            say(format_args!("{line}"));
        }
    }
}

fn most(number: Option<NonZeroUsize>) -> usize {
    number.map_or(usize::MAX, NonZeroUsize::get)
}

fn usage(option: &str, error: &ArrangeError) -> Failure {
    Failure::Usage(format!("{option}: {error}"))
}
