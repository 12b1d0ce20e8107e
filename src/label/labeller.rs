//! Makes labels.

use super::{DirectionReason, Label, Reasons};
use crate::flow::{Direction, Endpoints, Ephemeral, Flow, Votes};
use crate::registry::{Registry, Status};

/// Makes labels: the registry, and what is known of the whole traffic.
pub struct Labeller<'r> {
    registry: &'r Registry,
    endpoints: Endpoints,
    ephemeral: Ephemeral,
}

impl<'r> Labeller<'r> {
    /// A labeller for the flows that `endpoints` was made from.
    pub fn new(registry: &'r Registry, endpoints: Endpoints, ephemeral: Ephemeral) -> Labeller<'r> {
        Labeller { registry, endpoints, ephemeral }
    }

    /// What the ends of the flows were seen to do.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What each basis says about which side is the server.
    pub fn votes(&self, flow: &Flow) -> Votes {
        Votes::of(flow, &self.endpoints, &self.ephemeral, |transport, port| {
            self.registry.port(transport, port).status() == Status::Registered
        })
    }

    /// The label of a flow.
    pub fn label(&self, flow: &Flow) -> Label<'r> {
        let direction = self.endpoints.stronger(flow, &self.ephemeral);
        self.label_by(flow, direction.unwrap_or_else(|| self.votes(flow).decide()))
    }

    /// The label of a flow whose server is known.
    pub fn label_by(&self, flow: &Flow, direction: Direction) -> Label<'r> {
        Label::new(self.registry, flow, direction)
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
