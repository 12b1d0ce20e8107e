//! Flows counted in uses of ports: who the server is, which control service caused the flow, how
//! well it shows a service in use.

use std::net::IpAddr;

use hashbrown::HashMap;

use super::super::model::{Grade, InUse};
use super::super::zones::{ZoneId, Zones};
use super::controls::{self, Controls};
use super::port_uses::{Graded, PortUses};
use super::roles::{Broadcasts, Roles};
use super::{Legs, Settings};
use crate::flow::{ContextId, Flow, Side};
use crate::label::Agreement;
use crate::traffic::{Labelled, LabelledFlow};

/// Counts every flow of a traffic in the use of a port that it belongs to.
pub(super) fn count(labelled: &Labelled, settings: &Settings) -> PortUses {
    let broadcasts = Broadcasts::of(labelled.traffic().table(), settings.zones.networks());
    let mut counting = Counting {
        labelled,
        zones: settings.zones,
        legs: settings.legs,
        broadcasts,
        uses: PortUses::new(settings.client_ports),
        controls: Controls::default(),
        zone_of: HashMap::default(),
    };
    counting.find_controls();
    counting.add_flows();
    counting.uses
}

struct Counting<'a> {
    labelled: &'a Labelled<'a>,
    zones: &'a Zones,
    legs: Option<&'a Legs>,
    broadcasts: Broadcasts,
    uses: PortUses,
    controls: Controls,
    /// Zones of clients, by address.
    zone_of: HashMap<IpAddr, ZoneId, foldhash::fast::RandomState>,
}

impl Counting<'_> {
    fn roles(&self, row: &LabelledFlow) -> Roles {
        Roles::of(&row.flow, row.label.direction, &self.broadcasts)
    }

    /// The tags and tunnels around what the client sends, which the firewall sees; around what comes back
    /// where that alone was seen.
    fn context(&self, flow: &Flow, roles: Roles) -> ContextId {
        let client = roles.server.other();
        let shown = flow.context_of(client).or_else(|| flow.context_of(roles.server));
        self.labelled.traffic().table().contexts().stack(shown.unwrap_or_default())
    }

    fn zone(&mut self, address: IpAddr) -> ZoneId {
        let zones = self.zones;
        *self.zone_of.entry(address).or_insert_with(|| zones.of(address))
    }

    /// Finds the control services that are in use, before any flow is compared with them.
    fn find_controls(&mut self) {
        let table = self.labelled.traffic().table();
        let announced = table.announced().by_flow(table.flows());
        for (n, flow) in table.flows().enumerate() {
            if !Side::BOTH.iter().any(|&side| flow.port(side).is_some_and(controls::is_control)) {
                continue;
            }
            let Some(row) = self.labelled.flow(n) else { continue };
            let roles = self.roles(&row);
            if roles.is_group || !flow.port(roles.server).is_some_and(controls::is_control) {
                continue;
            }
            if controls::is_request(flow, roles.server)
                || Grade::of(flow, roles.server).in_use() == InUse::Yes
            {
                let zone = self.zone(flow.end(roles.server.other()).address);
                let Some(port_use) = self.uses.of(zone, flow, roles) else { continue };
                self.controls.add(flow, roles.server, port_use);
                if let Some(announced) = announced.get(&n) {
                    self.controls.announce(flow, roles.server, port_use, announced);
                }
            }
        }
        if self.controls.has_requests() {
            let endpoints = self.labelled.labeller().endpoints();
            for (n, flow) in table.flows().enumerate().filter(|(_, flow)| endpoints.is_transfer(flow)) {
                if let Some(row) = self.labelled.flow(n) {
                    self.controls.note_transfer(flow, row.label.direction.server);
                }
            }
        }
    }

    fn add_flows(&mut self) {
        let has_controls = !self.controls.is_empty();
        let endpoints = self.labelled.labeller().endpoints();
        for (number, row) in self.labelled.rows().enumerate() {
            if self.legs.is_some_and(|legs| legs.is_counted_elsewhere(number)) {
                continue;
            }
            let behind = self.legs.and_then(|legs| legs.server_of(number));
            let flow = &row.flow;
            let roles = self.roles(&row);
            let mut control = None;
            if has_controls && !roles.is_group {
                control = if endpoints.is_transfer(flow) {
                    let port_use = self.controls.transfer(flow, roles.server);
                    port_use.map(|port_use| controls::Control { port_use, announced: false })
                } else {
                    row.label.status().and_then(|status| self.controls.data(flow, roles.server, status))
                };
            }
            let grade = if roles.is_group {
                Grade::Group
            } else if has_controls && self.controls.is_answered(flow, roles.server) {
                Grade::AnsweredData
            } else {
                Grade::of(flow, roles.server)
            };
            let observed = flow.observed(roles.server);
            // The label's server may be the other end; what is registered for its port says nothing then.
            let is_contradicted = row.label.agreement == Some(Agreement::Contradicts)
                && row.label.direction.server == roles.server;
            let zone = self.zone(flow.end(roles.server.other()).address);
            let context = self.context(flow, roles);
            if let Some(port_use) = self.uses.of(zone, flow, roles) {
                let one = Graded {
                    number,
                    flow,
                    roles,
                    grade,
                    context,
                    behind,
                    observed,
                    is_contradicted,
                    control,
                };
                self.uses.add(port_use, &one);
                if let Some(name) = row.server_name().filter(|_| row.label.direction.server == roles.server) {
                    self.uses.name(port_use, flow.end(roles.server).address, name);
                }
            } else {
                self.uses.leave(flow, roles.server);
            }
        }
    }
}
