//! Flows leave their table while more packets come.

use std::collections::{HashMap, HashSet};

use hashbrown::hash_table::Entry;

use super::{Flow, FlowTable};

/// A flow that has left its table for good.
pub(crate) struct HandedOut {
    /// Its number among all flows, from 0.
    pub(crate) number: u64,
    /// The number of the first flow of its connection.
    pub(crate) connection: u64,
    pub(crate) flow: Flow,
}

impl FlowTable {
    /// Whether each flow can be taken out: not those whose datagrams may have more fragments, nor
    /// any other of the same ends.
    pub(crate) fn can_be_taken(&self) -> impl Fn(&Flow) -> bool + use<> {
        let key = |id| self.flows.get(id).map(|flow| flow.key.hash(&self.hasher));
        let held: HashSet<u64> = self.fragments.flows().filter_map(key).collect();
        let hasher = self.hasher.clone();
        move |flow| held.is_empty() || !held.contains(&flow.key.hash(&hasher))
    }

    /// Takes out the flows that have ended for good. They must
    /// [be able to be taken](FlowTable::can_be_taken). What later parts of their connections need to
    /// know is kept.
    pub(crate) fn hand_out(&mut self, has_ended: impl Fn(&Flow) -> bool) -> Vec<HandedOut> {
        let mut left = std::mem::take(&mut self.left);
        let mut ended = Vec::new();
        self.take_out(|number, flow| {
            let taken = has_ended(flow);
            if taken {
                ended.push(HandedOut { number, connection: left.push(number, flow), flow: *flow });
            }
            taken
        });
        self.left = left;
        // Nobody asks what is said of flows that have been handed out.
        self.unclaimed = None;
        ended
    }

    /// Forgets what clients called the servers of flows that have left the table for good.
    pub(crate) fn forget_names_of_left(&mut self) {
        if let Some(mut names) = self.names.take() {
            names.forget_flows(|key| self.newest_of(key).is_some());
            self.names = Some(names);
        }
    }

    /// Takes out the flows that `taken` says yes to, and what ICMP errors said of earlier ones.
    /// They must [be able to be taken](FlowTable::can_be_taken). What ICMP errors say of them from
    /// now on is kept until the next time.
    pub(crate) fn take_out(&mut self, mut taken: impl FnMut(u64, &Flow) -> bool) {
        let flows = std::mem::take(&mut self.flows);
        let mut beginnings = std::mem::take(&mut self.beginnings);
        let mut heads: HashMap<u32, u32> = self.fragments.flows().map(|id| (id, id)).collect();
        let begun = flows.begun();
        for (id, (number, flow)) in (0..).zip(flows.into_numbered()) {
            if !taken(number, &flow) {
                let kept = self.flows.keep(number, flow);
                self.beginnings.put_back(kept, beginnings.take(id));
                if let Some(head) = heads.get_mut(&id) {
                    *head = kept;
                }
            }
        }
        self.flows.go_on_from(begun);
        self.fragments.rename_flows(|id| heads.get(&id).copied().unwrap_or(id));
        self.newest.clear();
        for id in 0..self.flows.next() {
            self.note_newest(id);
        }
        self.unclaimed = Some(Vec::new());
    }

    /// Adds a flow behind all others, whether or not it could go on one of them. Returns where it is.
    pub(super) fn push_newest(&mut self, flow: Flow) -> u32 {
        let id = self.flows.push(flow);
        self.note_newest(id);
        id
    }

    /// Notes that a flow is the newest of its ends.
    fn note_newest(&mut self, id: u32) {
        let Some(key) = self.flows.get(id).map(|flow| flow.key) else { return };
        let (flows, hasher) = (&self.flows, &self.hasher);
        let same = |&known: &u32| flows.get(known).is_some_and(|flow| flow.key.sender_of(&key).is_some());
        let hash = |&known: &u32| flows.get(known).map_or(0, |flow| flow.key.hash(hasher));
        match self.newest.entry(key.hash(hasher), same, hash) {
            Entry::Occupied(mut newest) => *newest.get_mut() = id,
            Entry::Vacant(place) => {
                place.insert(id);
            }
        }
    }
}
