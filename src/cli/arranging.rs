//! `--columns`, `--sort`, `--top` and `--head`: what of the rows is shown, and in which order.

use std::num::NonZeroUsize;

use super::args::{Arranging, Sorting};
use super::{Failure, say};
use crate::report::{ArrangeError, Columns, Field, Order};
use crate::text::count;

/// What the options ask for.
#[derive(Clone)]
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
    pub(super) fn of(
        asked: &Arranging,
        fields: &[Field],
        on_request: &[Field],
    ) -> Result<Arrangement, Failure> {
        let columns =
            Columns::of(fields, on_request, &asked.columns).map_err(|error| usage("--columns", &error))?;
        Ok(Arrangement { columns, order: None, most: most(asked.head) })
    }

    /// That of a result whose rows can be sorted. The largest rows are those with the most bytes.
    pub(super) fn sorted(
        asked: &Sorting,
        fields: &[Field],
        on_request: &[Field],
    ) -> Result<Arrangement, Failure> {
        let unsorted = Arrangement::of(&asked.arranging, fields, on_request)?;
        let key = asked.sort.as_deref().or(asked.top.map(|_| "bytes:desc"));
        let order = key
            .map(|key| Order::of(fields, on_request, key))
            .transpose()
            .map_err(|error| usage("--sort", &error))?;
        Ok(Arrangement { order, most: unsorted.most.min(most(asked.top)), ..unsorted })
    }

    /// The columns that are asked for by name, each with the option that names it.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let columns = self.columns.named().iter().map(|name| ("--columns", *name));
        columns.chain(self.order.iter().map(|order| ("--sort", order.name)))
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
