//! What single packets say of their flows: any packet of a flow may say it, not the first packets alone, so that
//! it is no part of the flow's own record. Each is kept with the ends and the number of its packet, and not with its
//! flow: these do not change when tables are merged or flows leave the table.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::RandomState;

use super::{ContextId, Flow, FlowKey, Side};

/// What was noted of packets, in their order.
#[derive(Clone, Debug)]
pub struct Noted<T>(Vec<Note<T>>);

#[derive(Clone, Debug)]
struct Note<T> {
    /// From whom to whom the packet went.
    key: FlowKey,
    /// Its number among all packets, from 0.
    packet: u64,
    what: T,
}

impl<T> Default for Noted<T> {
    fn default() -> Noted<T> {
        Noted(Vec::new())
    }
}

impl<T: Copy> Noted<T> {
    pub(super) fn push(&mut self, key: FlowKey, packet: u64, what: T) {
        self.0.push(Note { key, packet, what });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// All, in their order: the key of the packet, its number, and what was noted.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&FlowKey, u64, T)> {
        self.0.iter().map(|note| (&note.key, note.packet, note.what))
    }

    /// Those of a table whose packets come after the first `offset`, as they are here. `rekeyed` tells where its
    /// contexts are here.
    pub(super) fn moved(
        self,
        offset: u64,
        rekeyed: impl Fn(ContextId) -> ContextId,
    ) -> impl Iterator<Item = (FlowKey, u64, T)> {
        self.0.into_iter().map(move |Note { key, packet, what }| (key.moved(&rekeyed), packet + offset, what))
    }

    /// Keeps those of these ends alone.
    pub(super) fn retain(&mut self, keeps: impl Fn(&FlowKey) -> bool) {
        self.0.retain(|note| keeps(&note.key));
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each flow of which something was noted, by its place among `flows` from 0: the side that sent it, and
    /// what, in the order of packets. `flows` are all flows, in the order of their first packets.
    pub fn by_flow<F: Borrow<Flow>>(&self, flows: impl Iterator<Item = F>) -> HashMap<usize, Vec<(Side, T)>> {
        /// What was noted between two ends.
        struct Between<'a, T> {
            noted: Vec<&'a Note<T>>,
            /// How many of them are given to their flows.
            given: usize,
            /// The newest flow so far.
            newest: Option<(usize, FlowKey)>,
        }

        impl<T: Copy> Between<'_, T> {
            /// Gives to the newest flow what was noted before the packet of a number.
            fn give(&mut self, before: u64, all: &mut HashMap<usize, Vec<(Side, T)>>) {
                let waiting = &self.noted[self.given..];
                let count = waiting.partition_point(|one| one.packet < before);
                if let Some((flow, key)) = &self.newest {
                    for one in &waiting[..count] {
                        if let Some(side) = key.sender_of(&one.key) {
                            all.entry(*flow).or_default().push((side, one.what));
                        }
                    }
                }
                self.given += count;
            }
        }

        let mut by_flow = HashMap::new();
        if self.0.is_empty() {
            return by_flow;
        }
        let hasher = RandomState::new();
        let mut between: HashMap<u64, Between<T>> = HashMap::new();
        for one in &self.0 {
            let between = between.entry(one.key.hash(&hasher));
            between.or_insert_with(|| Between { noted: Vec::new(), given: 0, newest: None }).noted.push(one);
        }
        for (number, flow) in flows.enumerate() {
            let flow = flow.borrow();
            if let Some(between) = between.get_mut(&flow.key.hash(&hasher)) {
                between.give(flow.first_packet, &mut by_flow);
                between.newest = Some((number, flow.key));
            }
        }
        for between in between.values_mut() {
            between.give(u64::MAX, &mut by_flow);
        }
        by_flow
    }
}
