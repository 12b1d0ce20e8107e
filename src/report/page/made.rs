//! What a page says of how it was made.

use crate::registry::Registry;

/// Flows in the table of a page; of more, those with the most bytes.
pub const MOST_FLOWS: usize = 100_000;

/// What a page says of how it was made.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// The command that lists the flows that the page is about: `portscribe flows scan.pcap`.
    pub command: &'a str,
    /// Flows that the selection leaves out.
    pub left_out: u64,
}

/// Which registry was asked.
pub(super) fn registry_in_words(registry: &Registry) -> String {
    match registry.edition() {
        Some(edition) => format!("IANA registry of {edition}"),
        None => format!("Registry from {}", registry.source()),
    }
}
