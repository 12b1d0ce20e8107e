//! States that this run has made, as long as they are few: they need not be read again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use portscribe::partial::PartialState;

/// How many flows are held, some kilobyte each.
const MOST_FLOWS: usize = 500_000;

/// How many flows are held, by all threads.
#[derive(Default)]
pub(super) struct Room(AtomicUsize);

impl Room {
    /// The state, where there is room for its flows.
    pub(super) fn for_state(&self, state: PartialState) -> Option<PartialState> {
        let flows: usize = state.captures().map(|capture| capture.table.flows.len()).sum();
        (self.0.fetch_add(flows, Ordering::Relaxed) + flows <= MOST_FLOWS).then_some(state)
    }
}

/// States by the names of their files.
#[derive(Default)]
pub(super) struct Held(HashMap<String, PartialState>);

impl Held {
    /// Keeps the state of a file, where there was room for it.
    pub(super) fn keep(&mut self, name: String, state: Option<PartialState>) {
        self.0.extend(state.map(|state| (name, state)));
    }

    /// Takes a state out.
    pub(super) fn take(&mut self, name: &str) -> Option<PartialState> {
        self.0.remove(name)
    }
}
