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
        let is_open = endpoints.stronger(flow, known).is_none();
        Votes(Basis::ALL.map(|basis| vote(basis, flow, is_open, endpoints, known)))
    }

    /// The server of a flow of which [`Endpoints::stronger`] knows nothing, without asking more bases than are needed.
    pub fn weaker(flow: &Flow, endpoints: &Endpoints, known: &impl KnownPorts) -> Direction {
        let weaker = Basis::ALL.into_iter().filter(|&basis| basis > Basis::Ephemeral);
        decided(weaker.map(|basis| (basis, vote(basis, flow, true, endpoints, known))))
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
        decided(Basis::ALL.into_iter().map(|basis| (basis, self.get(basis))))
    }
}

/// The server by the first basis that speaks.
fn decided(mut votes: impl Iterator<Item = (Basis, Option<Side>)>) -> Direction {
    let speaks = |(basis, vote): (Basis, Option<Side>)| Some((basis, vote?));
    let (basis, server) = votes.find_map(speaks).unwrap_or((Basis::FirstPacket, Side::Second));
    Direction::new(basis, server)
}

/// What one basis says of a flow; `is_open` where [`Endpoints::stronger`] knows nothing of it.
fn vote(
    basis: Basis,
    flow: &Flow,
    is_open: bool,
    endpoints: &Endpoints,
    known: &impl KnownPorts,
) -> Option<Side> {
    let (Some(transport), Some(ports)) = (flow.transport(), flow.ports()) else {
        return match basis {
            Basis::Multicast => group::group(flow),
            Basis::IcmpType => flow.icmp_server(),
            Basis::FirstPacket => Some(Side::Second),
            _ => None,
        };
    };
    match basis {
        Basis::Handshake => flow.opened_by().map(Side::other),
        Basis::Continuation => flow.opened_before_by().map(Side::other),
        Basis::Multicast => group::server(flow, known),
        Basis::IcmpType => None,
        Basis::Pair => pair::server(flow),
        Basis::Payload => flow.server_by_payload(),
        Basis::Ephemeral => endpoints.by_ephemeral(flow, known),
        Basis::Endpoint => endpoints.server(flow, is_open, known),
        Basis::LocalName => {
            let address = |side| flow.end(side).address;
            only(Side::BOTH.map(|side| known.has_local_name(transport, address(side), ports[side as usize])))
        }
        Basis::Registered => {
            // Between two ephemeral ports, who asks may have picked a registered one: who spoke first decides.
            let picked = ports.iter().all(|&port| known.is_ephemeral(port))
                && !transport.has_handshake()
                && !flow.is_one_way();
            only(ports.map(|port| known.is_registered(transport, port)))
                .filter(|side| !picked || *side == Side::Second)
        }
        Basis::Range => range(ports, known).filter(|side| may_serve(flow, *side)),
        Basis::FirstPacket => Some(Side::Second),
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
