//! Flows of two tables become those of one.

use super::beginnings::{Added, OfFlow};
use super::{ContextId, Flow, FlowKey, FlowTable, Side};

impl FlowTable {
    /// Adds what was folded from the packets that follow this table's, in a table made by
    /// [`FlowTable::following`] with the same options.
    pub fn merge(&mut self, mut later: FlowTable) {
        let contexts = self.contexts.take_over(&later.contexts);
        let reshown = |id: ContextId| contexts.get(id.0 as usize).copied().unwrap_or_default();
        let paths = std::mem::take(&mut self.paths);
        let rekeyed =
            |key: FlowKey| paths.join(FlowKey { kind: key.kind.within(reshown(key.kind.context())), ..key });
        for (key, bits) in later.unclaimed.into_iter().flatten() {
            self.mark_bits(rekeyed(key), bits);
        }
        let offset = self.counters.frames();
        // Where each of the later flows is now, and which side its first is there.
        let mut places = Vec::with_capacity(later.flows.len());
        for (id, mut flow) in (0..).zip(later.flows) {
            flow.key = rekeyed(flow.key);
            flow.reshow(reshown);
            flow.first_packet += offset;
            flow.connection += offset;
            let beginnings = later.beginnings.take(id);
            places.push(self.place(flow, beginnings));
        }
        self.counters.merge(&later.counters);
        let mut given = Vec::new();
        let moved = |flow: u32, side: Side| match places.get(flow as usize) {
            Some(&(id, first)) => (id, side.where_first_is(first)),
            None => (u32::MAX, side),
        };
        self.paths = paths;
        self.paths.merge(&later.paths, reshown);
        self.announced.merge(later.announced, offset, reshown);
        if let (Some(names), Some(later)) = (&mut self.names, later.names) {
            names.merge(*later, offset, reshown);
        }
        self.fragments.merge(later.fragments, reshown, moved, |one| given.push(one));
        for one in &given {
            self.give(one);
        }
    }

    /// Adds a flow whose packets follow all of its ends' here: as part of a known one that it goes
    /// on, or as one more. Returns where it is, and which side its first is there. `beginnings` are those of its sides.
    pub(super) fn place(&mut self, mut flow: Flow, mut beginnings: OfFlow) -> (u32, Side) {
        let timeout = self.timeouts.of(flow.key.kind);
        flow.may_go_on_another &= self.follows;
        let next = self.flows.next();
        let hash = flow.key.hash(&self.hasher);
        if let Some((id, first)) = self.newest_of(&flow.key)
            && let Some(known) = self.flows.get_mut(id)
        {
            flow.may_go_on_another &= known.may_go_on_another;
            if known.goes_on_in(&flow, first, timeout) {
                let (before, was_opened) = (known.signs, known.opening().is_some());
                known.append(&flow, first, &mut self.contexts);
                if !self.beginnings.is_empty() || beginnings.iter().any(Option::is_some) {
                    let (begins_here, is_opened) = (!known.may_go_on_another, flow.opening().is_some());
                    for side in Side::BOTH {
                        let from = side.where_first_is(first) as usize;
                        let before = before[side as usize].looked_at();
                        let added =
                            Added { before, is_any: flow.signs[from].is_any(), is_opened, was_opened };
                        let signs = &mut known.signs[side as usize];
                        let later = beginnings[from].take();
                        self.beginnings.append((id, side), begins_here, later, &added, signs);
                    }
                }
                return (id, first);
            }
            if flow.opening().is_none() || flow.continues() {
                flow.continue_connection(known, first);
            }
            if let Some(newest) = self.newest.find_mut(hash, |&newest| newest == id) {
                *newest = next;
            }
        } else {
            let (flows, hasher) = (&self.flows, &self.hasher);
            self.newest
                .insert_unique(hash, next, |&id| flows.get(id).map_or(0, |flow| flow.key.hash(hasher)));
        }
        for (side, beginning) in Side::BOTH.into_iter().zip(beginnings) {
            let signs = &mut flow.signs[side as usize];
            self.beginnings.put((next, side), !flow.may_go_on_another, beginning, signs);
        }
        (self.flows.push(flow), Side::First)
    }
}
