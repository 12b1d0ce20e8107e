//! What changed between two editions: rows, and what it means for the label of a port.

use std::collections::{HashMap, VecDeque};

use super::{Column, Registry, Row, Status, Transport};

/// The difference between two editions.
#[derive(Clone, Debug, Default)]
pub struct Diff<'r> {
    /// Rows of the new edition that the old one has not.
    pub added: Vec<Row<'r>>,
    /// Rows of the old edition that the new one has not.
    pub removed: Vec<Row<'r>>,
    /// Rows of both with different cells.
    pub changed: Vec<Change<'r>>,
    /// Ports that are labelled otherwise.
    pub ports: Vec<PortChange<'r>>,
}

/// A row of both editions (same name, port and transport) with different cells.
#[derive(Clone, Copy, Debug)]
pub struct Change<'r> {
    /// The row in the old edition.
    pub old: Row<'r>,
    /// The row in the new edition.
    pub new: Row<'r>,
}

impl Change<'_> {
    /// The columns that differ.
    pub fn columns(self) -> impl Iterator<Item = Column> {
        Column::ALL.into_iter().filter(move |&column| self.old.cell(column) != self.new.cell(column))
    }
}

/// What a change means for a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The ports became registered.
    Registered,
    /// The ports were registered and are not any more.
    NoLongerRegistered,
    /// The ports are registered under another name.
    Renamed,
    /// Another status, neither of the two `registered`.
    Status,
}

impl Effect {
    /// Every effect, in the order of reports.
    pub const ALL: [Effect; 4] =
        [Effect::Registered, Effect::NoLongerRegistered, Effect::Renamed, Effect::Status];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::Registered => "registered",
            Effect::NoLongerRegistered => "no-longer-registered",
            Effect::Renamed => "renamed",
            Effect::Status => "status",
        }
    }
}

/// Neighbouring ports of one transport that changed in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortChange<'r> {
    /// What it means.
    pub effect: Effect,
    /// The transport.
    pub transport: Transport,
    /// The lowest port.
    pub low: u16,
    /// The highest port.
    pub high: u16,
    /// Status and name in the old edition.
    pub old: (Status, Option<&'r str>),
    /// Status and name in the new edition.
    pub new: (Status, Option<&'r str>),
}

impl PortChange<'_> {
    /// How many ports they are.
    pub fn count(&self) -> usize {
        usize::from(self.high - self.low) + 1
    }
}

impl Diff<'_> {
    /// Whether the two editions say the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty() && self.ports.is_empty()
    }

    /// How many ports an effect is about, over all transports.
    pub fn ports_with(&self, effect: Effect) -> usize {
        self.ports.iter().filter(|change| change.effect == effect).map(PortChange::count).sum()
    }
}

/// Compares two editions. Rows are the same row when name, ports and transport are; where several
/// rows agree in all three, they are taken in order.
///
/// ```
/// use portscribe::registry::{self, Registry};
///
/// let registry = Registry::bundled();
/// assert!(registry::diff(&registry, &registry).is_empty());
/// ```
pub fn diff<'r>(old: &'r Registry, new: &'r Registry) -> Diff<'r> {
    let key = |row: Row<'r>| {
        (row.service_name(), row.cell(Column::PortNumber), row.cell(Column::TransportProtocol))
    };
    let mut known: HashMap<_, VecDeque<Row>> = HashMap::new();
    for row in old.rows() {
        known.entry(key(row)).or_default().push_back(row);
    }
    let mut diff = Diff::default();
    let mut kept = vec![false; old.len()];
    for row in new.rows() {
        match known.get_mut(&key(row)).and_then(VecDeque::pop_front) {
            None => diff.added.push(row),
            Some(before) => {
                kept[before.number() as usize - 1] = true;
                let change = Change { old: before, new: row };
                if change.columns().next().is_some() {
                    diff.changed.push(change);
                }
            }
        }
    }
    diff.removed = old.rows().filter(|row| !kept[row.number() as usize - 1]).collect();
    for transport in Transport::REGISTERED {
        for port in 0..=u16::MAX {
            let said = |registry: &'r Registry| {
                let answer = registry.port(transport, port);
                (answer.status(), answer.service())
            };
            let (before, after) = (said(old), said(new));
            if before == after {
                continue;
            }
            let registered = |said: (Status, Option<&str>)| said.0 == Status::Registered;
            let effect = match (registered(before), registered(after)) {
                (false, true) => Effect::Registered,
                (true, false) => Effect::NoLongerRegistered,
                (true, true) => Effect::Renamed,
                (false, false) => Effect::Status,
            };
            match diff.ports.last_mut() {
                Some(last)
                    if last.transport == transport
                        && last.high.checked_add(1) == Some(port)
                        && (last.old, last.new) == (before, after) =>
                {
                    last.high = port;
                }
                _ => diff.ports.push(PortChange {
                    effect,
                    transport,
                    low: port,
                    high: port,
                    old: before,
                    new: after,
                }),
            }
        }
    }
    diff.ports.sort_by_key(|change| (change.effect, change.low, change.transport));
    diff
}
