//! Makes labels.

use std::borrow::Borrow;
use std::net::IpAddr;

use super::{DirectionReason, Label, Reasons};
use crate::Transport;
use crate::flow::{Direction, Endpoints, Ephemeral, Flow, FlowTable, KnownPorts, Votes};
use crate::registry::{Registry, Status};
use crate::services;

/// How many ends of flows are remembered for what they did in other flows, wherever the flows themselves are: some 250
/// MB. Labels are the same for any number of flows in memory.
const MOST_ENDS: usize = 4_000_000;

/// Makes labels: the registry, and what is known of the whole traffic.
pub struct Labeller<'r> {
    known: Known<'r>,
    endpoints: Endpoints,
}

/// What the registry, its overlay and the ephemeral ranges say of ports.
struct Known<'r> {
    registry: &'r Registry,
    ephemeral: Ephemeral,
}

impl KnownPorts for Known<'_> {
    fn is_ephemeral(&self, port: u16) -> bool {
        self.ephemeral.contains(port)
    }

    fn is_registered(&self, transport: Transport, port: u16) -> bool {
        self.registry.port(transport, port).status() == Status::Registered
    }

    fn is_one_way(&self, transport: Transport, port: u16) -> bool {
        services::is_one_way(transport, port)
    }

    fn has_local_name(&self, transport: Transport, address: IpAddr, port: u16) -> bool {
        self.registry.overlay().is_some()
            && !self.registry.port(transport, port).local_names(Some(address)).is_empty()
    }
}

impl<'r> Labeller<'r> {
    /// A labeller for the flows of a table.
    pub fn new(registry: &'r Registry, table: &FlowTable, ephemeral: Ephemeral) -> Labeller<'r> {
        Labeller::of_many(registry, || table.flows(), ephemeral)
    }

    /// A labeller for flows, which are looked at twice. Four million ends of flows are remembered for what they did in
    /// other flows, those of the first; the flows of others are told by other evidence.
    pub fn of_many<F: Borrow<Flow>, I: Iterator<Item = F>>(
        registry: &'r Registry,
        flows: impl Fn() -> I,
        ephemeral: Ephemeral,
    ) -> Labeller<'r> {
        let known = Known { registry, ephemeral };
        let endpoints = Endpoints::of_many(flows, &known, MOST_ENDS);
        Labeller { known, endpoints }
    }

    /// A labeller for the flows of a table that remembers all ends, also of flows that stronger evidence
    /// decides: so that every basis can be asked about every flow.
    pub fn of_all_ends(registry: &'r Registry, table: &FlowTable, ephemeral: Ephemeral) -> Labeller<'r> {
        let known = Known { registry, ephemeral };
        let endpoints = Endpoints::of_flows(|| table.flows(), &known, usize::MAX, |_| true);
        Labeller { known, endpoints }
    }

    /// What the ends of the flows were seen to do.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What each basis says about which side is the server.
    pub fn votes(&self, flow: &Flow) -> Votes {
        Votes::of(flow, &self.endpoints, &self.known)
    }

    /// The label of a flow.
    pub fn label(&self, flow: &Flow) -> Label<'r> {
        let direction = self.stronger(flow);
        self.label_by(flow, direction.unwrap_or_else(|| Votes::weaker(flow, &self.endpoints, &self.known)))
    }

    /// The server by evidence that is stronger than what is registered, without asking the rest.
    pub fn stronger(&self, flow: &Flow) -> Option<Direction> {
        self.endpoints.stronger(flow, &self.known)
    }

    /// The label of a flow whose server is known.
    pub fn label_by(&self, flow: &Flow, direction: Direction) -> Label<'r> {
        Label::new(self.known.registry, flow, direction)
    }

    /// Why the label of a flow says what it says.
    pub fn reasons(&self, flow: &Flow, label: &Label<'r>) -> Reasons<'r> {
        Reasons {
            registration: label.registration(),
            direction: DirectionReason { direction: label.direction, votes: self.votes(flow) },
            flags: label.flag_reasons().collect(),
        }
    }
}
