//! Which side of a flow is the server, by which evidence, and how surely.

use std::borrow::Borrow;
use std::fmt;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::{Flow, FlowTable, Side};
use crate::Transport;
use crate::net::End;
use crate::net::PortRange;

/// The evidence that decided which side is the server, strongest first.
///
/// The order is measured: of the captures in `tests/flow/truth_by_hiding.rs`, every connection whose
/// opening was captured shows its server; the opening is taken out and the rest is asked again.
/// Over 1,807 such flows (and 3,912 that begin at a random packet) the answers were right:
///
/// | basis | asked alone | where it decided |
/// |---|---|---|
/// | `ephemeral` | 99.8 % (99.97 %) | 99.8 % (99.97 %) |
/// | `endpoint` | 99.8 % (99.9 %) | 100 % (100 %) |
/// | `registered` | 99.4 % (99.6 %) | 61 % (82 %) |
/// | `range` | 98.3 % (97.5 %) | 86 % (80 %) |
/// | `first-packet` | 95.6 % (70.8 %) | 93 % (63 %) |
///
/// All together 98.8 % (98.1 %). What is left for the lower rows are the hard cases: clients of
/// old systems, which picked ports from 1024 on, among registered ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Basis {
    /// An opening or its answer was seen.
    Handshake,
    /// The destination is a multicast or broadcast address.
    Multicast,
    /// The first payload says who asks, where it is looked at ([`super::Options::peek`]).
    Payload,
    /// Exactly one of the two ports lies where systems pick client ports from.
    Ephemeral,
    /// In other flows one end was a client, or has talked to several peers or peer ports, and the
    /// other has not.
    Endpoint,
    /// Exactly one of the two ports is registered for this transport.
    Registered,
    /// The ports lie in different ranges: system before user before dynamic.
    Range,
    /// The sender of the first packet seen is taken for the client.
    FirstPacket,
}

/// How surely the server is known, as measured on captures whose handshakes show it; see
/// [`Basis::confidence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Right in at least 99 of 100 flows.
    High,
    /// Right in at least 95 of 100 flows.
    Medium,
    /// The rest.
    Low,
}

impl Basis {
    /// Every basis, in the order in which they are asked: the first that speaks decides.
    pub const ALL: [Basis; 8] = [
        Basis::Handshake,
        Basis::Multicast,
        Basis::Payload,
        Basis::Ephemeral,
        Basis::Endpoint,
        Basis::Registered,
        Basis::Range,
        Basis::FirstPacket,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::Handshake => "handshake",
            Basis::Multicast => "multicast",
            Basis::Payload => "payload",
            Basis::Endpoint => "endpoint",
            Basis::Registered => "registered",
            Basis::Ephemeral => "ephemeral",
            Basis::Range => "range",
            Basis::FirstPacket => "first-packet",
        }
    }

    /// What the basis means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Basis::Handshake => "the opening of the connection, or its answer, was captured",
            Basis::Multicast => "the destination is a multicast or broadcast address",
            Basis::Payload => "the first payload says who asks",
            Basis::Ephemeral => "only one port lies where systems pick client ports from",
            Basis::Endpoint => "what both ends did in other flows: whom they asked, and who asked them",
            Basis::Registered => "only one port is registered for this transport",
            Basis::Range => "the ports lie in different ranges: system before user before dynamic",
            Basis::FirstPacket => "the sender of the first packet seen is taken for the client",
        }
    }

    /// How surely a flow's server is known when this basis decides. Without an opening, or a
    /// payload that says so, never `high`, however often the basis was right.
    pub const fn confidence(self) -> Confidence {
        match self {
            Basis::Handshake | Basis::Multicast | Basis::Payload => Confidence::High,
            Basis::Ephemeral | Basis::Endpoint => Confidence::Medium,
            Basis::Registered | Basis::Range | Basis::FirstPacket => Confidence::Low,
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Confidence {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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

    /// What a flow tells of itself, where that is stronger than what other flows tell of its ends
    /// and what is registered: what [`Evidence::decide`] comes to then, without asking the rest.
    pub fn by_itself(flow: &Flow, ephemeral: &Ephemeral) -> Option<Direction> {
        if let Some(client) = flow.opened_by() {
            return Some(Direction::new(Basis::Handshake, client.other()));
        }
        if let Some(group) = multicast(flow) {
            return Some(Direction::new(Basis::Multicast, group));
        }
        if let Some(server) = flow.server_by_payload() {
            return Some(Direction::new(Basis::Payload, server));
        }
        by_ephemeral(flow, ephemeral).map(|server| Direction::new(Basis::Ephemeral, server))
    }
}

/// What each basis says of one flow: the server's side, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence([Option<Side>; Basis::ALL.len()]);

impl Evidence {
    /// Asks every basis about `flow`. `is_registered` says whether a port has a service
    /// registered for a transport.
    pub fn of(
        flow: &Flow,
        endpoints: &Endpoints,
        ephemeral: &Ephemeral,
        is_registered: impl Fn(Transport, u16) -> bool,
    ) -> Evidence {
        let ports = Side::BOTH.map(|side| flow.end(side).port);
        let registered = ports.map(|port| is_registered(flow.transport(), port));
        let mut evidence = Evidence([None; Basis::ALL.len()]);
        evidence.set(Basis::Handshake, flow.opened_by().map(Side::other));
        evidence.set(Basis::Multicast, multicast(flow));
        evidence.set(Basis::Payload, flow.server_by_payload());
        evidence.set(Basis::Endpoint, endpoints.server(flow, ephemeral, registered));
        evidence.set(Basis::Registered, only(registered));
        evidence.set(Basis::Ephemeral, by_ephemeral(flow, ephemeral));
        evidence.set(Basis::Range, range(ports));
        evidence.set(Basis::FirstPacket, Some(Side::Second));
        evidence
    }

    /// What one basis says.
    pub fn get(&self, basis: Basis) -> Option<Side> {
        self.0[basis as usize]
    }

    /// The same evidence with what one basis says taken out or put in.
    #[must_use]
    pub fn with(mut self, basis: Basis, server: Option<Side>) -> Evidence {
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

/// The one side for which `yes` holds, when it holds for one.
fn only(yes: [bool; 2]) -> Option<Side> {
    match yes {
        [true, false] => Some(Side::First),
        [false, true] => Some(Side::Second),
        _ => None,
    }
}

fn multicast(flow: &Flow) -> Option<Side> {
    if flow.transport().has_handshake() {
        return None;
    }
    // A group never sends; an address that does is no group, whatever it looks like.
    only(Side::BOTH.map(|side| {
        flow.packets(side) == 0
            && match flow.end(side).address {
                IpAddr::V4(address) => address.is_multicast() || address.is_broadcast(),
                IpAddr::V6(address) => address.is_multicast(),
            }
    }))
}

/// The side whose port is not the ephemeral one: that is the client's.
fn by_ephemeral(flow: &Flow, ephemeral: &Ephemeral) -> Option<Side> {
    only(Side::BOTH.map(|side| ephemeral.contains(flow.end(side).port))).map(Side::other)
}

fn range(ports: [u16; 2]) -> Option<Side> {
    let [a, b] = ports.map(PortRange::of);
    match a.cmp(&b) {
        std::cmp::Ordering::Less => Some(Side::First),
        std::cmp::Ordering::Greater => Some(Side::Second),
        std::cmp::Ordering::Equal => None,
    }
}

/// The ports that systems pick client ports from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ephemeral(Vec<RangeInclusive<u16>>);

impl Default for Ephemeral {
    /// Linux (`ip_local_port_range`) and the dynamic range, which Windows, macOS and the BSDs use.
    fn default() -> Ephemeral {
        Ephemeral(vec![32768..=60999, 49152..=65535])
    }
}

impl Ephemeral {
    /// Other ranges in place of the usual ones.
    pub fn new(ranges: Vec<RangeInclusive<u16>>) -> Ephemeral {
        Ephemeral(ranges)
    }

    /// Whether a system would pick `port` for a client.
    pub fn contains(&self, port: u16) -> bool {
        self.0.iter().any(|range| range.contains(&port))
    }
}

/// What the ends of a traffic were seen to do: talk to one peer or to several, and be a client or
/// a server in flows where stronger evidence says so.
///
/// Only the ends of flows that no stronger evidence decides are kept.
#[derive(Default)]
pub struct Endpoints {
    ends: HashTable<Endpoint>,
    hasher: foldhash::fast::RandomState,
}

/// One end, or one end with the port that it talks to, as hashes.
struct Endpoint {
    end: u64,
    /// The peer, or [`SEVERAL`]; the lowest bits are [`CLIENT`] and [`SERVER`].
    peer: u64,
    /// The port of its first peer.
    peer_port: u16,
    /// Whether another peer had another port.
    has_several_peer_ports: bool,
}

/// In place of a peer: there are several.
const SEVERAL: u64 = 0;
/// The end was the client of another flow.
const CLIENT: u64 = 1;
/// The end was the server of another flow.
const SERVER: u64 = 2;
const ROLES: u64 = CLIENT | SERVER;

impl Endpoint {
    fn add_peer(&mut self, peer: u64, port: u16) {
        self.has_several_peer_ports |= port != self.peer_port;
        if self.peer & !ROLES != peer {
            self.peer &= ROLES;
        }
    }

    fn has_several_peers(&self) -> bool {
        self.peer & !ROLES == SEVERAL
    }

    fn was_only(&self, role: u64) -> bool {
        self.peer & ROLES == role
    }
}

/// The server by the evidence that is stronger than what other flows tell.
fn stronger(flow: &Flow, ephemeral: &Ephemeral) -> Option<Side> {
    Direction::by_itself(flow, ephemeral).map(|direction| direction.server)
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
        Endpoints::of_flows(flows, ephemeral, most, |flow| stronger(flow, ephemeral).is_none())
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
            if !is_open(flow) {
                continue;
            }
            if endpoints.ends.len() >= most {
                break;
            }
            endpoints.keep(flow);
        }
        if !endpoints.ends.is_empty() {
            for flow in flows() {
                let flow = flow.borrow();
                // Who sends to a group may be a server as well as a client.
                let server = if multicast(flow).is_some() { None } else { stronger(flow, ephemeral) };
                let roles = Side::BOTH.map(|side| match server {
                    Some(server) if server == side => SERVER,
                    Some(_) => CLIENT,
                    None => 0,
                });
                endpoints.add(flow, roles);
            }
        }
        endpoints
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
                    place.insert(Endpoint { end, peer, peer_port, has_several_peer_ports: false });
                }
            }
        }
    }

    fn add(&mut self, flow: &Flow, roles: [u64; 2]) {
        for ((ends, peer, peer_port), role) in self.seen(flow).into_iter().zip(roles) {
            for end in ends {
                if let Some(known) = self.ends.find_mut(end, |known| known.end == end) {
                    known.add_peer(peer, peer_port);
                    known.peer |= role;
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
    fn server(&self, flow: &Flow, ephemeral: &Ephemeral, registered: [bool; 2]) -> Option<Side> {
        let ends = Side::BOTH.map(|side| self.find(self.hash(flow, flow.end(side))));
        let which = |holds: fn(&Endpoint) -> bool| only(ends.map(|end| end.is_some_and(holds)));
        let agrees = |side: &Side| only(registered).is_none_or(|registered| registered == *side);
        // A flow that stronger evidence decides has itself given its ends their roles.
        let by_role = if stronger(flow, ephemeral).is_none() {
            let client = which(|end| end.was_only(CLIENT));
            let server = which(|end| end.was_only(SERVER));
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
            which(Endpoint::has_several_peers)
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
                && self.find(with_port(side.other())).is_some_and(Endpoint::has_several_peers)
        }))
    }

    /// One end together with the port that it talks to.
    fn with_port(&self, end: u64, port: u16) -> u64 {
        self.hasher.hash_one((end, port)) & !ROLES | (ROLES + 1)
    }

    fn hash(&self, flow: &Flow, end: End) -> u64 {
        self.hasher.hash_one((end, flow.transport() as u8, flow.context())) & !ROLES | (ROLES + 1)
    }
}
