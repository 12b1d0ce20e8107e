//! Which side of a flow is the server, by which evidence, and how surely.
//!
//! Decided here once, for every report. Each [`Basis`] may have a vote, and the first that speaks in
//! their order decides. A file holds each kind of evidence that takes more than a line.

mod basis;
mod endpoints;
mod ephemeral;
mod group;
mod only;
mod pair;
mod transfers;
mod votes;

pub use basis::{Basis, Confidence};
pub use endpoints::Endpoints;
pub use ephemeral::Ephemeral;
pub use votes::Votes;

use std::fmt;

use only::only;

use super::{Flow, Side};

/// Which side is the server, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// The server's side.
    pub server: Side,
    /// The evidence that decided.
    pub basis: Basis,
    /// How surely.
    pub confidence: Confidence,
}

impl Direction {
    /// The server as `basis` tells it.
    fn new(basis: Basis, server: Side) -> Direction {
        Direction { server, basis, confidence: basis.confidence() }
    }

    /// What a flow tells of itself, where that is stronger than what is registered: its opening, its
    /// addresses, its payload, its ports.
    fn by_itself(flow: &Flow, ephemeral: &Ephemeral) -> Option<Direction> {
        let (basis, server) = if let Some(client) = flow.opened_by() {
            (Basis::Handshake, client.other())
        } else if let Some(client) = flow.opened_before_by() {
            (Basis::Continuation, client.other())
        } else if let Some(group) = group::server(flow, ephemeral) {
            (Basis::Multicast, group)
        } else if let Some(server) = pair::server(flow) {
            (Basis::Pair, server)
        } else if let Some(server) = flow.server_by_payload() {
            (Basis::Payload, server)
        } else {
            (Basis::Ephemeral, by_ephemeral(flow, ephemeral)?)
        };
        Some(Direction::new(basis, server))
    }
}

impl fmt::Display for Direction {
    /// By what the server is known, and how surely: `by handshake, high`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "by {}, {}", self.basis, self.confidence)
    }
}

/// The side whose port is not the ephemeral one: that is the client's.
fn by_ephemeral(flow: &Flow, ephemeral: &Ephemeral) -> Option<Side> {
    only(Side::BOTH.map(|side| ephemeral.contains(flow.end(side).port))).map(Side::other)
}
