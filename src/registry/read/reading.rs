//! A registry that was read.

use super::{Error, Format};
use crate::registry::Registry;

/// A registry that was read, and what there is to say about the reading.
#[derive(Debug)]
pub struct Reading {
    /// The registry.
    pub registry: Registry,
    /// The file's format.
    pub format: Format,
    /// The rows that were passed over, with the reason; empty unless asked to be lenient.
    pub passed_over: Vec<Error>,
    /// The line at which each row of the registry begins.
    pub lines: Vec<u64>,
}
