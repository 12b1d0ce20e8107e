//! What each basis says of one flow, and which of them decides.

use super::{Basis, Direction, Endpoints, KnownPorts, OLD_CLIENTS, group, may_serve, only, pair};
use crate::flow::{Flow, Side};
use crate::net::PortRange;

/// What each basis says of one flow: the server's side, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Votes([Option<Side>; Basis::ALL.len()]);

impl Votes {
    /// Asks every basis about `flow`.
    pub fn of(flow: &Flow, endpoints: &Endpoints, known: &impl KnownPorts) -> Votes {
        let mut votes = Votes([None; Basis::ALL.len()]);
        votes.set(Basis::FirstPacket, Some(Side::Second));
        let (Some(transport), Some(ports)) = (flow.transport(), flow.ports()) else {
            votes.set(Basis::Multicast, group::group(flow));
            votes.set(Basis::IcmpType, flow.icmp_server());
            return votes;
        };
        let registered = ports.map(|port| known.is_registered(transport, port));
        votes.set(Basis::Handshake, flow.opened_by().map(Side::other));
        votes.set(Basis::Continuation, flow.opened_before_by().map(Side::other));
        votes.set(Basis::Multicast, group::server(flow, known));
        votes.set(Basis::Pair, pair::server(flow));
        votes.set(Basis::Payload, flow.server_by_payload());
        votes.set(Basis::Endpoint, endpoints.server(flow, known));
        // Between two ephemeral ports, who asks may have picked a registered one: who spoke first decides.
        let picked = ports.iter().all(|&port| known.is_ephemeral(port))
            && !transport.has_handshake()
            && !flow.is_one_way();
        votes.set(Basis::Registered, only(registered).filter(|side| !picked || *side == Side::Second));
        votes.set(Basis::Ephemeral, endpoints.by_ephemeral(flow, known));
        let is_named =
            |side: Side| known.has_local_name(transport, flow.end(side).address, ports[side as usize]);
        votes.set(Basis::LocalName, only(Side::BOTH.map(is_named)));
        votes.set(Basis::Range, range(ports, known).filter(|side| may_serve(flow, *side)));
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

fn range(ports: [u16; 2], known: &impl KnownPorts) -> Option<Side> {
    if ports.iter().all(|&port| known.is_ephemeral(port)) {
        return None;
    }
    let [a, b] = ports.map(PortRange::of);
    match a.cmp(&b) {
        std::cmp::Ordering::Less => Some(Side::First),
        std::cmp::Ordering::Greater => Some(Side::Second),
        std::cmp::Ordering::Equal => only(ports.map(|port| OLD_CLIENTS.contains(&port))).map(Side::other),
    }
}
