//! What each basis says of one flow, and which of them decides.

use super::{Basis, Direction, Endpoints, Ephemeral, group, only, pair};
use crate::Transport;
use crate::flow::{Flow, Side};
use crate::net::PortRange;

/// What each basis says of one flow: the server's side, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Votes([Option<Side>; Basis::ALL.len()]);

impl Votes {
    /// Asks every basis about `flow`. `is_registered` says whether a port has a service
    /// registered for a transport.
    pub fn of(
        flow: &Flow,
        endpoints: &Endpoints,
        ephemeral: &Ephemeral,
        is_registered: impl Fn(Transport, u16) -> bool,
    ) -> Votes {
        let ports = Side::BOTH.map(|side| flow.end(side).port);
        let registered = ports.map(|port| is_registered(flow.transport(), port));
        let mut votes = Votes([None; Basis::ALL.len()]);
        votes.set(Basis::Handshake, flow.opened_by().map(Side::other));
        votes.set(Basis::Continuation, flow.opened_before_by().map(Side::other));
        votes.set(Basis::Multicast, group::server(flow, ephemeral));
        votes.set(Basis::Pair, pair::server(flow));
        votes.set(Basis::Payload, flow.server_by_payload());
        votes.set(Basis::Endpoint, endpoints.server(flow, ephemeral, registered));
        votes.set(Basis::Registered, only(registered));
        votes.set(Basis::Ephemeral, endpoints.by_ephemeral(flow, ephemeral));
        votes.set(Basis::Range, range(ports));
        votes.set(Basis::FirstPacket, Some(Side::Second));
        votes
    }

    /// What one basis says.
    pub fn get(&self, basis: Basis) -> Option<Side> {
        self.0[basis as usize]
    }

    /// These votes with that of one basis taken out or put in.
    #[must_use]
    pub fn with(mut self, basis: Basis, server: Option<Side>) -> Votes {
        self.set(basis, server);
        self
    }

    fn set(&mut self, basis: Basis, server: Option<Side>) {
        self.0[basis as usize] = server;
    }

    /// The server by the first basis that speaks.
    pub fn decide(&self) -> Direction {
        let (basis, server) = Basis::ALL
            .into_iter()
            .find_map(|basis| Some((basis, self.get(basis)?)))
            .unwrap_or((Basis::FirstPacket, Side::Second));
        Direction::new(basis, server)
    }
}

fn range(ports: [u16; 2]) -> Option<Side> {
    let [a, b] = ports.map(PortRange::of);
    match a.cmp(&b) {
        std::cmp::Ordering::Less => Some(Side::First),
        std::cmp::Ordering::Greater => Some(Side::Second),
        std::cmp::Ordering::Equal => None,
    }
}
