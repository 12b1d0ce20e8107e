//! What the ends of flows did in other flows.

use std::borrow::Borrow;
use std::hash::BuildHasher;
use std::num::NonZeroU64;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::transfers::Transfers;
use super::{Basis, Direction, KnownPorts, by_ephemeral, group, may_serve, only};
use crate::flow::{Flow, FlowTable, Side};

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
    /// Its first peer: of datagrams the first that asked it. Ports stand apart: so an endpoint takes 40 octets, and a
    /// flow has four.
    peer: Option<NonZeroU64>,
    /// The first peer that it sent the first datagram to.
    asked: Option<NonZeroU64>,
    peer_port: u16,
    asked_port: u16,
    /// Flows of datagrams in which it was asked, less those in which it asked.
    balance: i32,
    /// Whether there was another peer.
    has_several_peers: bool,
    /// Whether another peer had another port.
    has_several_peer_ports: bool,
    /// Whether it sent the first datagram to several peers or ports.
    asked_several: bool,
    /// Whether several of those are ports that no client has.
    asked_several_services: bool,
    /// Whether the end was the client of another flow, and the server of another.
    was: Roles,
}

/// The other end of a flow.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Peer {
    end: NonZeroU64,
    port: u16,
}

/// No client has a port below this one, but for those of pairs.
const NO_CLIENTS: u16 = 512;

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
    fn new(end: u64) -> Endpoint {
        Endpoint {
            end,
            peer: None,
            asked: None,
            peer_port: 0,
            asked_port: 0,
            balance: 0,
            has_several_peers: false,
            has_several_peer_ports: false,
            asked_several: false,
            asked_several_services: false,
            was: Roles::NONE,
        }
    }

    fn add(&mut self, peer: Peer, part: Part, role: Roles) {
        self.was.client |= role.client;
        self.was.server |= role.server;
        self.balance = self.balance.saturating_add(part as i32);
        if part == Part::Asked {
            let first = first_of(&mut self.asked, &mut self.asked_port, peer);
            self.asked_several |= peer != first;
            self.asked_several_services |= peer.port != first.port && peer.port.max(first.port) < NO_CLIENTS;
        } else {
            let first = first_of(&mut self.peer, &mut self.peer_port, peer);
            self.has_several_peers |= peer.end != first.end;
            self.has_several_peer_ports |= peer.port != first.port;
        }
    }
}

/// The first of the peers, which this one is where there was none.
fn first_of(end: &mut Option<NonZeroU64>, port: &mut u16, peer: Peer) -> Peer {
    if end.is_none() {
        *port = peer.port;
    }
    Peer { end: *end.get_or_insert(peer.end), port: *port }
}

impl Endpoint {
    /// Whether it sent first to one peer at least, and talked to several.
    fn asks_one_of_several(&self) -> bool {
        let others = || self.peer.zip(self.asked).is_some_and(|(peer, asked)| peer != asked);
        self.asked.is_some() && (self.asked_several || self.has_several_peers || others())
    }
}

/// What an end did in a flow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It sent the first datagram.
    Asked = -1,
    /// It took part in a connection: who sent the first segment that was captured says little.
    Connected = 0,
    /// The other end sent the first datagram.
    WasAsked = 1,
}

impl Endpoints {
    /// Looks at every flow of a table.
    pub fn of(table: &FlowTable, known: &impl KnownPorts) -> Endpoints {
        Endpoints::of_many(|| table.flows(), known, usize::MAX)
    }

    /// Looks at flows, twice. Ends beyond `most` are not kept: they are then told by other
    /// evidence.
    pub fn of_many<F: Borrow<Flow>, I: Iterator<Item = F>>(
        flows: impl Fn() -> I,
        known: &impl KnownPorts,
        most: usize,
    ) -> Endpoints {
        Endpoints::of_flows(flows, known, most, |flow| Direction::by_itself(flow, known).is_none())
    }

    /// Looks at flows, twice; keeps the ends of those that `is_open` holds for.
    pub fn of_flows<F: Borrow<Flow>, I: Iterator<Item = F>>(
        flows: impl Fn() -> I,
        known: &impl KnownPorts,
        most: usize,
        is_open: impl Fn(&Flow) -> bool,
    ) -> Endpoints {
        let mut endpoints = Endpoints::default();
        for flow in flows() {
            let flow = flow.borrow();
            endpoints.transfers.note(flow, most);
            if endpoints.ends.len() < most && flow.transport().is_some() && is_open(flow) {
                endpoints.keep(flow);
            }
        }
        if !endpoints.ends.is_empty() {
            for flow in flows() {
                let flow = flow.borrow();
                if flow.transport().is_none() {
                    continue;
                }
                // Who sends to a group may be a server as well as a client.
                let server =
                    if group::group(flow).is_some() { None } else { endpoints.stronger(flow, known) };
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
    pub fn stronger(&self, flow: &Flow, known: &impl KnownPorts) -> Option<Direction> {
        match Direction::by_itself(flow, known) {
            Some(direction) if direction.basis < Basis::Ephemeral => Some(direction),
            by_ephemeral => match self.transfers.server(flow) {
                Some(server) => Some(Direction::new(Basis::Endpoint, server)),
                None => by_ephemeral,
            },
        }
    }

    /// The side whose port is not the ephemeral one: that is the client's. Both ends of a transfer of
    /// TFTP have picked their ports for it, so that these say nothing then.
    pub(super) fn by_ephemeral(&self, flow: &Flow, known: &impl KnownPorts) -> Option<Side> {
        by_ephemeral(flow, flow.transport()?, known).filter(|_| !self.is_transfer(flow))
    }

    /// Whether a flow carries what a server of TFTP was asked for in another flow.
    pub fn is_transfer(&self, flow: &Flow) -> bool {
        self.transfers.server(flow).is_some()
    }

    /// For each side: its end and that with the port that it talks to, as hashes; and the peer.
    fn seen(&self, flow: &Flow) -> [([u64; 2], Peer); 2] {
        let ports = flow.ports().unwrap_or_default();
        let hashes = self.hashes(flow);
        [(0, 1), (1, 0)].map(|(own, peer)| {
            let port = ports[peer];
            let end = NonZeroU64::new(hashes[peer]).unwrap_or(NonZeroU64::MIN);
            ([hashes[own], self.with_port(hashes[own], port)], Peer { end, port })
        })
    }

    fn keep(&mut self, flow: &Flow) {
        for end in self.seen(flow).into_iter().flat_map(|(ends, _)| ends) {
            if let Entry::Vacant(place) = self.ends.entry(end, |known| known.end == end, |known| known.end) {
                place.insert(Endpoint::new(end));
            }
        }
    }

    fn add(&mut self, flow: &Flow, roles: [Roles; 2]) {
        let parts = if flow.has_handshake() { [Part::Connected; 2] } else { [Part::Asked, Part::WasAsked] };
        for (((ends, peer), part), role) in self.seen(flow).into_iter().zip(parts).zip(roles) {
            for end in ends {
                if let Some(known) = self.ends.find_mut(end, |known| known.end == end) {
                    known.add(peer, part, role);
                }
            }
        }
    }

    fn find(&self, end: u64) -> Option<&Endpoint> {
        self.ends.find(end, |known| known.end == end)
    }

    /// The server by what its ends did in other flows. The first of these that speaks:
    ///
    /// 1. A transfer of TFTP that was asked for.
    /// 2. The end whose port the other has asked at several addresses.
    /// 3. The peer of an end that was only ever a client elsewhere, or the end that was only ever a
    ///    server (a scanner, or a client that keeps its port for several servers, has several peers,
    ///    too).
    /// 4. Of datagrams, the peer of an end that sends first to several peers or ports.
    /// 5. The end that several peers talked to, of datagrams those that sent first.
    ///
    /// That an end has several peers says nothing when both ends use the same port, as equals do. From
    /// the third on none of this is a match for the other port when that alone is registered: the end
    /// is a client which keeps its port then. But an end that sends first to several services asks, and
    /// an end that takes what is never answered from several and asks none is a collector, whatever is
    /// registered.
    ///
    /// Between two registered ports only an end whose peers have one port is popular, as DHCP's
    /// server is: an end that has talked to several registered ports may as well be the client of
    /// them all.
    ///
    /// `is_open`: [`Endpoints::stronger`] knows nothing of this flow.
    pub(super) fn server(&self, flow: &Flow, is_open: bool, known: &impl KnownPorts) -> Option<Side> {
        if let Some(server) = self.transfers.server(flow) {
            return Some(server);
        }
        let (transport, ports) = (flow.transport()?, flow.ports()?);
        let registered = ports.map(|port| known.is_registered(transport, port));
        let hashes = self.hashes(flow);
        let ends = hashes.map(|end| self.find(end));
        let which = |holds: fn(&Endpoint) -> bool| only(ends.map(|end| end.is_some_and(holds)));
        let agrees = |side: &Side| only(registered).is_none_or(|registered| registered == *side);
        // A flow that stronger evidence decides has itself given its ends their roles.
        let by_role = || {
            if !is_open {
                return None;
            }
            let client = which(|end| end.was == Roles::CLIENT);
            let server = which(|end| end.was == Roles::SERVER);
            match (client.map(Side::other), server) {
                (Some(a), Some(b)) if a != b => None,
                (a, b) => a.or(b),
            }
        };
        let same_port = ports[0] == ports[1];
        let both_registered = registered == [true, true];
        let has_one_peer_port =
            |side: Side| ends[side as usize].is_some_and(|end| !end.has_several_peer_ports);
        let asks = |services: bool| {
            let holds: fn(&Endpoint) -> bool = if services {
                |end| end.asked_several_services && end.balance < 0
            } else {
                |end| end.asked_several && end.balance < 0 && !end.has_several_peers
            };
            which(holds).map(Side::other)
        };
        let popular = || {
            which(|end| end.has_several_peers && end.balance >= 0)
                .filter(|side| !same_port && (!both_registered || has_one_peer_port(*side)))
        };
        let collects = || {
            let is_unanswered = !transport.has_handshake() && flow.is_one_way();
            let collector = ports[Side::Second as usize];
            let is_export = known.is_one_way(transport, ports[Side::First as usize])
                || !known.is_ephemeral(collector) && collector >= NO_CLIENTS;
            let asks_none = ends[Side::Second as usize].is_some_and(|end| end.asked.is_none());
            popular().filter(|side| is_unanswered && *side == Side::Second && is_export && asks_none)
        };
        // An answer whose question was not captured comes from a registered port.
        let answers = |side: &Side| may_serve(flow, *side) || registered[*side as usize];
        let by_others = || {
            asks(true)
                .or_else(collects)
                .or_else(|| by_role().filter(agrees))
                .or_else(|| asks(false).filter(agrees))
                .or_else(|| popular().filter(agrees))
                .filter(|side| may_serve(flow, *side))
        };
        self.asked_widely(flow, hashes).filter(answers).or_else(by_others)
    }

    /// The end whose port the other has asked at several addresses: a datagram client keeps its
    /// port for all of them, where every connection takes a new one. Only the lower of both ports
    /// counts, or DHCP's server would be the client of all its clients, which have one port, too.
    fn asked_widely(&self, flow: &Flow, hashes: [u64; 2]) -> Option<Side> {
        if flow.has_handshake() {
            return None;
        }
        let ports = flow.ports()?;
        let with_port = |side: Side| self.with_port(hashes[side as usize], ports[side.other() as usize]);
        only(Side::BOTH.map(|side| {
            ports[side as usize] < ports[side.other() as usize]
                && self.find(with_port(side.other())).is_some_and(|end| {
                    end.asks_one_of_several() || end.has_several_peers && !flow.is_one_way()
                })
        }))
    }

    /// One end together with the port that it talks to.
    fn with_port(&self, end: u64, port: u16) -> u64 {
        self.hasher.hash_one((end, port))
    }

    /// The two ends of a flow.
    fn hashes(&self, flow: &Flow) -> [u64; 2] {
        [0, 1].map(|n| flow.key.hash_of_end(n, &self.hasher))
    }
}
