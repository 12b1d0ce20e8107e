//! Which rows of a registry are asked for.

use std::ops::RangeInclusive;

use super::{Column, Row, Status, Transport};
use crate::net::PortRange;

/// Which rows are asked for: those that meet every condition. A condition with several values is
/// met by any of them; without a value it is met by every row.
///
/// ```
/// use portscribe::Transport;
/// use portscribe::registry::{Registry, RowFilter};
///
/// let filter = RowFilter { ports: vec![443..=443], transports: vec![Transport::Tcp], ..RowFilter::default() };
/// let registry = Registry::bundled();
/// let names: Vec<_> = registry.rows().filter(|&row| filter.has(row)).map(|row| row.service_name()).collect();
/// assert_eq!(names, ["https"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFilter {
    /// Words, in lower case, each of which stands in some column, in any letter case. All count.
    pub words: Vec<String>,
    /// Service names, in any letter case.
    pub names: Vec<String>,
    /// Ports that a row is about.
    pub ports: Vec<RangeInclusive<u16>>,
    /// Transports; rows without one are about all.
    pub transports: Vec<Transport>,
    /// What a row says of its ports.
    pub statuses: Vec<Status>,
    /// Ranges that ports of a row lie in.
    pub ranges: Vec<PortRange>,
    /// The day, month or year since which a row was registered or modified.
    pub changed_since: Option<String>,
    /// Texts, in lower case, that stand in cells, in any letter case; an empty one asks for an
    /// empty cell. All count.
    pub cells: Vec<(Column, String)>,
}

impl RowFilter {
    /// Whether a row is asked for.
    pub fn has(&self, row: Row) -> bool {
        self.has_words(row) && self.has_ports(row) && self.has_cells(row)
    }

    /// Whether a condition is about the details of rows ([`Column::is_detail`]).
    pub fn asks_for_details(&self) -> bool {
        self.changed_since.is_some() || self.cells.iter().any(|&(column, _)| column.is_detail())
    }

    fn has_words(&self, row: Row) -> bool {
        let has = |word: &String| row.cells().iter().any(|cell| cell.to_lowercase().contains(word.as_str()));
        self.words.iter().all(has)
            && (self.names.is_empty()
                || self.names.iter().any(|name| name.eq_ignore_ascii_case(row.service_name())))
    }

    fn has_ports(&self, row: Row) -> bool {
        let ports = row.ports();
        let any = |wanted: &dyn Fn((u16, u16)) -> bool| ports.is_some_and(wanted);
        (self.ports.is_empty()
            || self
                .ports
                .iter()
                .any(|range| any(&|(low, high)| low <= *range.end() && *range.start() <= high)))
            && (self.transports.is_empty()
                || row.transport().is_none_or(|of_row| {
                    self.transports.iter().any(|transport| transport.registered_as() == of_row)
                }))
            && (self.statuses.is_empty() || self.statuses.contains(&row.kind().status()))
            && (self.ranges.is_empty()
                || self.ranges.iter().any(|&range| {
                    any(&|(low, high)| PortRange::of(low) <= range && range <= PortRange::of(high))
                }))
    }

    fn has_cells(&self, row: Row) -> bool {
        self.changed_since.as_ref().is_none_or(|date| {
            // A year or a month may lie after the date where the date lies within it.
            [row.cell(Column::RegistrationDate), row.cell(Column::ModificationDate)].iter().any(|cell| {
                let shared = cell.len().min(date.len());
                !cell.is_empty() && cell.get(..shared) >= date.get(..shared)
            })
        }) && self.cells.iter().all(|(column, text)| {
            let cell = row.cell(*column);
            if text.is_empty() { cell.is_empty() } else { cell.to_lowercase().contains(text.as_str()) }
        })
    }
}
