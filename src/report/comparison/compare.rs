//! What came, went or changed between two sides.

use super::inventory::{Amount, Inventory, Kind, Part, Unknown};

/// What happened to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// The old side does not have it.
    New,
    /// The new side does not have it, which does not tell that it is no more.
    Gone,
    /// It has at least so many times the bytes that it had.
    More,
    /// It had at least so many times the bytes that it has.
    Less,
}

impl Change {
    /// Every change, in the order of outputs.
    pub const ALL: [Change; 4] = [Change::New, Change::Gone, Change::More, Change::Less];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Gone => "gone",
            Change::More => "more",
            Change::Less => "less",
        }
    }
}

/// Something that came, went or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed<'a> {
    /// What happened.
    pub change: Change,
    /// To what.
    pub part: &'a Part,
    /// How much there was; `None` where there was nothing.
    pub old: Option<&'a Amount>,
    /// How much there is; `None` where there is nothing.
    pub new: Option<&'a Amount>,
}

/// A kind that cannot be compared, since a side does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotCompared {
    /// The kind.
    pub kind: Kind,
    /// Whether it is the old side that does not know it, rather than the new one.
    pub is_old: bool,
    /// Why.
    pub why: Unknown,
}

/// What came, went or changed between two sides.
#[derive(Debug)]
pub struct Difference<'a> {
    /// In the order of outputs: by what happened, then by kind.
    pub changed: Vec<Changed<'a>>,
    /// What is not compared, and why.
    pub not_compared: Vec<NotCompared>,
}

/// Compares two sides. What has at least `factor` times as many bytes, or as few, has changed; what one side does not
/// know is not compared.
pub fn compare<'a>(old: &'a Inventory, new: &'a Inventory, factor: f64) -> Difference<'a> {
    let mut not_compared = Vec::new();
    for kind in Kind::ALL {
        for (side, is_old) in [(old, true), (new, false)] {
            if let Some(why) = side.unknown(kind) {
                not_compared.push(NotCompared { kind, is_old, why });
            }
        }
    }
    let is_compared = |part: &Part| not_compared.iter().all(|one| one.kind != part.kind());
    let mut changed: Vec<Changed> = Vec::new();
    for (part, amount) in new.parts().filter(|(part, _)| is_compared(part)) {
        let before = old.get(part);
        let change = match before {
            None => Change::New,
            Some(before) if is_times(amount.bytes, before.bytes, factor) => Change::More,
            Some(before) if is_times(before.bytes, amount.bytes, factor) => Change::Less,
            Some(_) => continue,
        };
        changed.push(Changed { change, part, old: before, new: Some(amount) });
    }
    let gone = old.parts().filter(|(part, _)| is_compared(part) && new.get(part).is_none());
    changed.extend(gone.map(|(part, amount)| Changed {
        change: Change::Gone,
        part,
        old: Some(amount),
        new: None,
    }));
    changed.sort_by(|a, b| (a.change, a.part).cmp(&(b.change, b.part)));
    Difference { changed, not_compared }
}

/// Whether one number is at least so many times another.
fn is_times(one: u64, other: u64, factor: f64) -> bool {
    one > other && one as f64 >= other as f64 * factor
}

impl Difference<'_> {
    /// How many changes are of this kind and thing.
    pub fn count(&self, change: Change, kind: Kind) -> usize {
        self.changed.iter().filter(|one| one.change == change && one.part.kind() == kind).count()
    }
}

impl NotCompared {
    /// The sentence for people.
    pub fn in_words(&self) -> String {
        let what = match self.kind {
            Kind::Service => "Services",
            Kind::Server => "Servers",
            Kind::Client => "Clients",
            Kind::Status => "Statuses",
            Kind::Scan => "Scans",
        };
        let side = if self.is_old { "old" } else { "new" };
        format!("{what} are not compared: of the {side} side they are unknown, since {}.", self.why.why())
    }
}
