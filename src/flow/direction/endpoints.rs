//! What the ends of flows did in other flows.

use std::borrow::Borrow;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::transfers::Transfers;
use super::{Basis, Direction, Ephemeral, by_ephemeral, group, only};
use crate::flow::{Flow, FlowTable, Side};
use crate::net::End;

/// What the ends of a traffic were seen to do: talk to one peer or to several, be a client or a server in
/// flows where stronger evidence says so, and ask servers of TFTP.
///
/// Only the ends of flows that no stronger evidence decides are kept.
#[derive(Default)]
pub struct Endpoints {
    ends: HashTable<Endpoint>,
    transfers: Transfers,
    hasher: foldhash::fast::RandomState,
}

/// One end, or one end with the port that it talks to, as hashes.
struct Endpoint {
    end: u64,
    /// Its first peer.
    peer: u64,
    /// The port of its first peer.
    peer_port: u16,
    /// Whether there was another peer.
    has_several_peers: bool,
    /// Whether another peer had another port.
    has_several_peer_ports: bool,
    /// Whether the end was the client of another flow, and the server of another.
    was: Roles,
}

/// The roles that an end had in flows of which the server is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Roles {
    client: bool,
    server: bool,
}

impl Roles {
    const NONE: Roles = Roles { client: false, server: false };
    const CLIENT: Roles = Roles { client: true, server: false };
    const SERVER: Roles = Roles { client: false, server: true };
}

impl Endpoint {
    fn add(&mut self, peer: u64, port: u16, role: Roles) {
        self.has_several_peers |= peer != self.peer;
        self.has_several_peer_ports |= port != self.peer_port;
        self.was.client |= role.client;
        self.was.server |= role.server;
    }
}

impl Endpoints {
    /// Looks at every flow of a table.
    pub fn of(table: &FlowTable, ephemeral: &Ephemeral) -> Endpoints {
        Endpoints::of_many(|| table.flows(), ephemeral, usize::MAX)
    }

    /// Looks at flows, twice. Ends beyond `most` are not kept: they are then told by other
    /// evidence.
    pub fn of_many<F: Borrow<Flow>, I: Iterator<Item = F>>(
        flows: impl Fn() -> I,
        ephemeral: &Ephemeral,
        most: usize,
    ) -> Endpoints {
        Endpoints::of_flows(flows, ephemeral, most, |flow| Direction::by_itself(flow, ephemeral).is_none())
    }

    /// Looks at flows, twice; keeps the ends of those that `is_open` holds for.
    pub fn of_flows<F: Borrow<Flow>, I: Iterator<Item = F>>(
        flows: impl Fn() -> I,
        ephemeral: &Ephemeral,
        most: usize,
        is_open: impl Fn(&Flow) -> bool,
    ) -> Endpoints {
        let mut endpoints = Endpoints::default();
        for flow in flows() {
            let flow = flow.borrow();
            endpoints.transfers.note(flow, most);
            if endpoints.ends.len() < most && is_open(flow) {
                endpoints.keep(flow);
            }
        }
        if !endpoints.ends.is_empty() {
            for flow in flows() {
                let flow = flow.borrow();
                // Who sends to a group may be a server as well as a client.
                let server =
                    if group::group(flow).is_some() { None } else { endpoints.stronger(flow, ephemeral) };
                let roles = Side::BOTH.map(|side| match server {
                    Some(direction) if direction.server == side => Roles::SERVER,
                    Some(_) => Roles::CLIENT,
                    None => Roles::NONE,
                });
                endpoints.add(flow, roles);
            }
        }
        endpoints
    }

    /// The server by evidence that is stronger than what is registered: what [`super::Votes::decide`]
    /// comes to then, without asking the rest.
    pub fn stronger(&self, flow: &Flow, ephemeral: &Ephemeral) -> Option<Direction> {
        match Direction::by_itself(flow, ephemeral) {
            Some(direction) if direction.basis < Basis::Ephemeral => Some(direction),
            by_ephemeral => match self.transfers.server(flow) {
                Some(server) => Some(Direction::new(Basis::Endpoint, server)),
                None => by_ephemeral,
            },
        }
    }

    /// The side whose port is not the ephemeral one: that is the client's. Both ends of a transfer of
    /// TFTP have picked their ports for it, so that these say nothing then.
    pub(super) fn by_ephemeral(&self, flow: &Flow, ephemeral: &Ephemeral) -> Option<Side> {
        by_ephemeral(flow, ephemeral).filter(|_| !self.is_transfer(flow))
    }

    /// Whether a flow carries what a server of TFTP was asked for in another flow.
    pub fn is_transfer(&self, flow: &Flow) -> bool {
        self.transfers.server(flow).is_some()
    }

    /// For each side: its end, that with the port that it talks to, and its peer, as hashes; and
    /// the peer's port.
    fn seen(&self, flow: &Flow) -> [([u64; 2], u64, u16); 2] {
        let ends = Side::BOTH.map(|side| flow.end(side));
        let hashes = ends.map(|end| self.hash(flow, end));
        [(0, 1), (1, 0)].map(|(own, peer)| {
            let port = ends[peer].port;
            ([hashes[own], self.with_port(hashes[own], port)], hashes[peer], port)
        })
    }

    fn keep(&mut self, flow: &Flow) {
        for (ends, peer, peer_port) in self.seen(flow) {
            for end in ends {
                if let Entry::Vacant(place) =
                    self.ends.entry(end, |known| known.end == end, |known| known.end)
                {
                    place.insert(Endpoint {
                        end,
                        peer,
                        peer_port,
                        has_several_peers: false,
                        has_several_peer_ports: false,
                        was: Roles::NONE,
                    });
                }
            }
        }
    }

    fn add(&mut self, flow: &Flow, roles: [Roles; 2]) {
        for ((ends, peer, peer_port), role) in self.seen(flow).into_iter().zip(roles) {
            for end in ends {
                if let Some(known) = self.ends.find_mut(end, |known| known.end == end) {
                    known.add(peer, peer_port, role);
                }
            }
        }
    }

    fn find(&self, end: u64) -> Option<&Endpoint> {
        self.ends.find(end, |known| known.end == end)
    }

    /// The end that has talked to several peers or peer ports, when the other has not; before
    /// that, the peer of an end that was only ever a client elsewhere (a scanner, or a client
    /// that keeps its port for several servers, has several peers, too).
    ///
    /// That an end has several peers says nothing when both ends use the same port, as equals do.
    /// None of this is a match for the other port when that alone is registered: the end is a
    /// client which keeps its port then.
    ///
    /// Between two registered ports only an end whose peers have one port is popular, as DHCP's
    /// server is: an end that has talked to several registered ports may as well be the client of
    /// them all.
    pub(super) fn server(&self, flow: &Flow, ephemeral: &Ephemeral, registered: [bool; 2]) -> Option<Side> {
        if let Some(server) = self.transfers.server(flow) {
            return Some(server);
        }
        let ends = Side::BOTH.map(|side| self.find(self.hash(flow, flow.end(side))));
        let which = |holds: fn(&Endpoint) -> bool| only(ends.map(|end| end.is_some_and(holds)));
        let agrees = |side: &Side| only(registered).is_none_or(|registered| registered == *side);
        // A flow that stronger evidence decides has itself given its ends their roles.
        let by_role = if self.stronger(flow, ephemeral).is_none() {
            let client = which(|end| end.was == Roles::CLIENT);
            let server = which(|end| end.was == Roles::SERVER);
            match (client.map(Side::other), server) {
                (Some(a), Some(b)) if a != b => None,
                (a, b) => a.or(b),
            }
        } else {
            None
        };
        let same_port = flow.end(Side::First).port == flow.end(Side::Second).port;
        let both_registered = registered == [true, true];
        let has_one_peer_port =
            |side: Side| ends[side as usize].is_some_and(|end| !end.has_several_peer_ports);
        let popular = || {
            which(|end| end.has_several_peers)
                .filter(|side| !same_port && (!both_registered || has_one_peer_port(*side)))
        };
        self.asked_widely(flow).or_else(|| by_role.filter(agrees)).or_else(|| popular().filter(agrees))
    }

    /// The end whose port the other has asked at several addresses: a datagram client keeps its
    /// port for all of them, where every connection takes a new one. Only the lower of both ports
    /// counts, or DHCP's server would be the client of all its clients, which have one port, too.
    fn asked_widely(&self, flow: &Flow) -> Option<Side> {
        if flow.transport().has_handshake() {
            return None;
        }
        let with_port =
            |side: Side| self.with_port(self.hash(flow, flow.end(side)), flow.end(side.other()).port);
        only(Side::BOTH.map(|side| {
            flow.end(side).port < flow.end(side.other()).port
                && self.find(with_port(side.other())).is_some_and(|end| end.has_several_peers)
        }))
    }

    /// One end together with the port that it talks to.
    fn with_port(&self, end: u64, port: u16) -> u64 {
        self.hasher.hash_one((end, port))
    }

    fn hash(&self, flow: &Flow, end: End) -> u64 {
        self.hasher.hash_one((end, flow.transport() as u8, flow.context()))
    }
}
