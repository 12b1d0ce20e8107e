//! Which flows a report is about.

mod column;
mod error;
mod expression;
mod item;
mod nearest;
mod parse;
mod value;
mod values;
mod words;

pub use column::{Column, is_of_names};
pub use error::ExpressionError;
pub use expression::Expression;
pub use item::Kind;
pub use nearest::{Near, Tally};
pub use values::Values;
pub use words::{called_here, meant_by, words_for_columns};

use super::LabelledFlow;
use crate::net::Interface;

/// Which flows a report is about: those that meet every condition.
///
/// ```
/// use portscribe::traffic::Selection;
///
/// let selection = Selection::of([
///     "status = unassigned and bytes > 1M".parse()?,
///     "not port in (53, 443)".parse()?,
/// ]);
/// assert!(!selection.is_everything());
/// # Ok::<(), portscribe::traffic::ExpressionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Conditions on flows.
    conditions: Vec<Expression>,
    /// Interfaces by name or number, on one of which the first packet of either end was captured; see
    /// [`Interface::is_called`]. Of packets, those that the packet was captured on.
    interfaces: Vec<String>,
}

impl Selection {
    /// The flows that meet all of these conditions.
    pub fn of(conditions: impl IntoIterator<Item = Expression>) -> Selection {
        Selection { conditions: conditions.into_iter().collect(), interfaces: Vec::new() }
    }

    /// Of these flows those on one of these interfaces, by name or number; of packets those that were
    /// captured on it.
    #[must_use]
    pub fn on_interfaces(self, interfaces: Vec<String>) -> Selection {
        Selection { interfaces, ..self }
    }

    /// The conditions, but for interfaces.
    pub fn conditions(&self) -> &[Expression] {
        &self.conditions
    }

    /// Whether every flow is selected.
    pub fn is_everything(&self) -> bool {
        *self == Selection::default()
    }

    /// Whether a packet on this interface is selected by that alone.
    pub(super) fn has_packet_on(&self, interface: Option<&Interface>) -> bool {
        self.interfaces.is_empty() || interface.is_some_and(|interface| self.has_interface(interface))
    }

    fn has_interface(&self, interface: &Interface) -> bool {
        self.interfaces.iter().any(|wanted| interface.is_called(wanted))
    }

    fn is_on_interface(&self, row: &LabelledFlow) -> bool {
        self.interfaces.is_empty() || row.interfaces().any(|interface| self.has_interface(interface))
    }

    /// This selection for packets: what selects flows, and what selects each packet by itself.
    pub(super) fn for_packets(mut self) -> (Selection, Selection) {
        let interfaces = std::mem::take(&mut self.interfaces);
        (self, Selection { interfaces, ..Selection::default() })
    }

    /// Whether a flow is selected.
    pub fn has(&self, row: &LabelledFlow) -> bool {
        self.is_on_interface(row) && self.conditions.iter().all(|condition| condition.selects(row))
    }
}
