//! What an inventory is made by.

use super::super::model::{RowId, Vantage};
use super::super::zones::Zones;
use super::Legs;

/// What an inventory is made by.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The zones.
    pub zones: &'a Zones,
    /// Length of the window in which use should show, in seconds.
    pub window_seconds: f64,
    /// Where the sensor stood, if said.
    pub vantage: Option<Vantage>,
    /// The rows that people have written about, sorted: they stay as they are.
    pub decided: &'a [RowId],
    /// Whether [`FlowGroup`](super::FlowGroup)s tell the ports of clients apart, for rules that look at them.
    pub client_ports: bool,
    /// Which flows are legs of one connection, where that was asked.
    pub legs: Option<&'a Legs>,
}
