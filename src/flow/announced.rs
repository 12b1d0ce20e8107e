//! The ends of data connections that FTP's control connections announce.
//!
//! Any packet of a control connection may announce one, not the first packets alone, so that this is
//! no part of the flow's own record. Each is kept with the ends and the number of its packet, and not
//! with its flow: these do not change when tables are merged or flows leave the table.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::RandomState;

use super::{ContextId, Flow, FlowKey, Side};
use crate::evidence::Announced;

/// How many are kept, some five megabytes. Data connections that are announced after that are not
/// known as such.
const MOST: usize = 1 << 16;

/// What was announced, in the order of packets.
#[derive(Clone, Debug, Default)]
pub struct Announcements(Vec<Announcement>);

#[derive(Clone, Debug)]
struct Announcement {
    /// From whom to whom the packet went.
    key: FlowKey,
    /// Its number among all packets, from 0.
    packet: u64,
    end: Announced,
}

impl Announcements {
    pub(super) fn push(&mut self, key: FlowKey, packet: u64, end: Announced) {
        if self.0.len() < MOST {
            self.0.push(Announcement { key, packet, end });
        }
    }

    /// Adds those of a table whose packets come after the first `offset`. `rekeyed` tells where its
    /// contexts are here.
    pub(super) fn merge(
        &mut self,
        later: Announcements,
        offset: u64,
        rekeyed: impl Fn(ContextId) -> ContextId,
    ) {
        for Announcement { key, packet, end } in later.0 {
            self.push(
                FlowKey { kind: key.kind.within(rekeyed(key.kind.context())), ..key },
                packet + offset,
                end,
            );
        }
    }

    /// Whether nothing was announced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each flow that announced something, by its place among `flows` from 0: the side that did, and
    /// what, in the order of packets. `flows` are all flows, in the order of their first packets.
    pub fn by_flow<F: Borrow<Flow>>(
        &self,
        flows: impl Iterator<Item = F>,
    ) -> HashMap<usize, Vec<(Side, Announced)>> {
        /// What was announced between two ends.
        #[derive(Default)]
        struct Between<'a> {
            announced: Vec<&'a Announcement>,
            /// How many of them are given to their flows.
            given: usize,
            /// The newest flow so far.
            newest: Option<(usize, FlowKey)>,
        }

        impl Between<'_> {
            /// Gives to the newest flow what was announced before the packet of a number.
            fn give(&mut self, before: u64, all: &mut HashMap<usize, Vec<(Side, Announced)>>) {
                let waiting = &self.announced[self.given..];
                let count = waiting.partition_point(|one| one.packet < before);
                if let Some((flow, key)) = &self.newest {
                    for one in &waiting[..count] {
                        if let Some(side) = key.sender_of(&one.key) {
                            all.entry(*flow).or_default().push((side, one.end));
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
        let mut between: HashMap<u64, Between> = HashMap::new();
        for one in &self.0 {
            between.entry(one.key.hash(&hasher)).or_default().announced.push(one);
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
