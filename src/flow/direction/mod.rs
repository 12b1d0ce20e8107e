//! Which side of a flow is the server, by which evidence, and how surely.
//!
//! Decided here once, for every report. Each [`Basis`] may have a vote, and the first that speaks in
//! their order decides. A file holds each kind of evidence that takes more than a line.

mod basis;
mod endpoints;
mod ephemeral;
mod group;
mod known;
mod only;
mod pair;
mod portless;
mod transfers;
mod votes;

pub use basis::{Basis, Confidence};
pub use endpoints::Endpoints;
pub use ephemeral::Ephemeral;
pub(crate) use group::group;
pub use known::KnownPorts;
pub use votes::Votes;

use std::fmt;

use only::only;

use super::{Flow, Side};
use crate::Transport;

/// Which side is the server, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
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
    fn by_itself(flow: &Flow, known: &impl KnownPorts) -> Option<Direction> {
        let Some(transport) = flow.transport() else {
            let (basis, server) = portless::server(flow);
            return Some(Direction::new(basis, server));
        };
        let (basis, server) = if let Some(client) = flow.opened_by() {
            (Basis::Handshake, client.other())
        } else if let Some(client) = flow.opened_before_by() {
            (Basis::Continuation, client.other())
        } else if let Some(group) = group::server(flow, known) {
            (Basis::Multicast, group)
        } else if let Some(server) = pair::server(flow) {
            (Basis::Pair, server)
        } else if let Some(server) = flow.server_by_payload() {
            (Basis::Payload, server)
        } else {
            (Basis::Ephemeral, by_ephemeral(flow, transport, known)?)
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

/// Where systems picked client ports from before there were ephemeral ranges: BSD until 1999, Windows
/// until 2006, and what is built into machines still.
const OLD_CLIENTS: std::ops::RangeInclusive<u16> = 1024..=5000;

/// The side whose port is not the ephemeral one: that is the client's. A registered port in the
/// ephemeral range (EtherNet/IP's 44818) may as well be the server of an old client.
fn by_ephemeral(flow: &Flow, transport: Transport, known: &impl KnownPorts) -> Option<Side> {
    let ports = flow.ports()?;
    let client = only(ports.map(|port| known.is_ephemeral(port)))?;
    let server = client.other();
    let [port, other] = [client, server].map(|side| ports[side as usize]);
    let is_doubtful = OLD_CLIENTS.contains(&other) && known.is_registered(transport, port);
    (!is_doubtful && may_serve(flow, server)).then_some(server)
}

/// Whether a side may be a server for all that the numbers of ports say: in a flow of datagrams the
/// only end that ever sent asks, or answers what was not captured.
fn may_serve(flow: &Flow, side: Side) -> bool {
    flow.has_handshake() || flow.packets(side.other()) > 0
}
