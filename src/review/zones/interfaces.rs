//! Zones by interface: addresses that no network of the file holds.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hashbrown::HashMap;

use super::super::model::{ZoneConflict, ZoneInterface};
use super::{ZoneId, Zones};
use crate::flow::{ContextId, FlowTable, Side};

impl Zones {
    /// These zones with what a file assigns by interface: an address that no network of the file holds
    /// lies in the zone of the interface by which the first packets that it sent came. A network says
    /// more exactly where an address lies than the interface, so that it wins. An address that sent by
    /// interfaces of several zones keeps the zone that is built in.
    pub(in crate::review) fn seen_in(&self, table: &FlowTable) -> Zones {
        let mut zones = self.clone();
        if self.interfaces.is_empty() {
            return zones;
        }
        let mut assigned: HashMap<ContextId, Option<usize>, foldhash::fast::RandomState> = HashMap::default();
        let mut by_address: BTreeMap<IpAddr, BTreeSet<usize>> = BTreeMap::new();
        for flow in table.flows() {
            for side in Side::BOTH {
                let Some(context) = flow.context_of(side) else { continue };
                let interface = *assigned.entry(context).or_insert_with(|| {
                    let interface = table.contexts().interface(context)?;
                    self.interfaces.iter().position(|(_, one)| interface.is_called(one.interface.raw()))
                });
                let address = flow.end(side).address;
                if let Some(interface) = interface
                    && !self.is_listed(address)
                {
                    by_address.entry(address).or_default().insert(interface);
                }
            }
        }
        for (address, interfaces) in by_address {
            let ids: BTreeSet<ZoneId> = interfaces.iter().map(|&n| zones.interfaces[n].0).collect();
            if let (1, Some(&first)) = (ids.len(), interfaces.first()) {
                let (id, interface) = &mut zones.interfaces[first];
                interface.addresses += 1;
                zones.seen.insert(address, *id);
            } else {
                let mut names: Vec<String> = ids.iter().map(|&id| self.name(id).to_owned()).collect();
                names.sort_unstable();
                zones.conflicts.push(ZoneConflict { address, zones: names });
            }
        }
        zones
    }

    /// The interfaces that a file assigns, in its order.
    pub fn interfaces(&self) -> impl Iterator<Item = &ZoneInterface> {
        self.interfaces.iter().map(|(_, interface)| interface)
    }

    /// The addresses that sent by interfaces of several zones.
    pub(in crate::review) fn conflicts(&self) -> &[ZoneConflict] {
        &self.conflicts
    }
}
