//! Two legs of one connection: what a firewall translates is seen before and behind it, under other
//! addresses or ports, where a sensor captured on both of its sides.
//!
//! A leg is joined with another where nothing else explains them: by the firewall's table of
//! connections, by what its rules make of the flow, or, for TCP, by the number with which it was opened
//! together with all that was sent. What remains in doubt is counted as it was seen.

use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};

use crate::capture::Timestamp;
use crate::flow::{Flow, Side};
use crate::net::{End, Transport, is_group};
use crate::rules::Connection;
use crate::traffic::Labelled;

/// Both legs begin within so many nanoseconds: a firewall passes a packet on in far less, and the clocks
/// of two sensors may differ.
const NEAR: i64 = 2_000_000_000;
/// More flows than this with one opening number are made by a program that always takes the same.
const MOST_ALIKE: usize = 8;

/// What the rules make of a flow that was captured before the firewall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The server behind the firewall; none where it is not known.
    pub server: Option<End>,
    /// Whether the firewall sets another source, for certain.
    pub sets_source: bool,
}

/// Which flows are legs of one connection.
#[derive(Clone, Debug, Default)]
pub struct Legs {
    /// The legs behind the firewall, by the numbers of their flows.
    behind: HashSet<usize, foldhash::fast::RandomState>,
    /// For legs before it where their servers are behind it.
    servers: HashMap<usize, End, foldhash::fast::RandomState>,
    /// Connections that were captured in another place, too, with the same ends, by the numbers of their flows.
    again: HashSet<usize, foldhash::fast::RandomState>,
    /// What became of ends, each once.
    translated: HashSet<SeenTranslation, foldhash::fast::RandomState>,
}

/// What became of the ends of a connection that was seen before the firewall and behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeenTranslation {
    /// The transport.
    pub transport: Transport,
    /// Client and server before it.
    pub before: (IpAddr, End),
    /// And behind it.
    pub behind: (IpAddr, End),
}

/// More translations than this tell no more.
const MOST_TRANSLATIONS: usize = 4096;

impl Legs {
    /// The legs of flows. `connections` is what the firewall knew, and `expected` what its rules make of a
    /// flow between a client and a server.
    pub fn of(
        labelled: &Labelled,
        connections: &[Connection],
        expected: &mut dyn FnMut(&Leg) -> Option<Expected>,
    ) -> Legs {
        let mut legs = Legs::default();
        legs.by_connections(labelled, connections);
        legs.by_openings(labelled, expected);
        legs.by_rules(labelled, expected);
        legs
    }

    /// Whether a flow is a connection that another flow is, too: the leg behind the firewall of one whose other leg
    /// was seen, or the same leg, captured in another place.
    pub(super) fn is_counted_elsewhere(&self, flow: usize) -> bool {
        self.behind.contains(&flow) || self.again.contains(&flow)
    }

    /// How many flows are connections that were captured in another place, too, with the same ends.
    pub(super) fn captured_again(&self) -> u64 {
        self.again.len() as u64
    }

    /// Where behind the firewall the server of a flow is, where that is known.
    pub(super) fn server_of(&self, flow: usize) -> Option<End> {
        self.servers.get(&flow).copied()
    }

    /// How many flows are legs behind the firewall.
    pub(super) fn joined(&self) -> u64 {
        self.behind.len() as u64
    }

    fn is_known(&self, leg: &Leg) -> bool {
        self.behind.contains(&leg.flow) || self.servers.contains_key(&leg.flow)
    }

    /// What became of ends, in no order.
    pub(in crate::review) fn translations(&self) -> impl Iterator<Item = &SeenTranslation> {
        self.translated.iter()
    }

    fn join(&mut self, before: &Leg, behind: &Leg) {
        if self.translated.len() < MOST_TRANSLATIONS {
            self.translated.insert(SeenTranslation {
                transport: before.transport,
                before: (before.client.address, before.server),
                behind: (behind.client.address, behind.server),
            });
        }
        self.servers.insert(before.flow, behind.server);
        self.behind.insert(behind.flow);
    }

    /// Joins what the firewall's table says is one.
    fn by_connections(&mut self, labelled: &Labelled, connections: &[Connection]) {
        let translated = || connections.iter().filter(|connection| connection.is_translated());
        let mut legs: HashMap<_, Vec<Leg>, foldhash::fast::RandomState> = HashMap::default();
        for one in translated() {
            legs.entry((one.transport, one.before)).or_default();
            legs.entry((one.transport, one.after)).or_default();
        }
        if legs.is_empty() {
            return;
        }
        for leg in every_leg(labelled) {
            if let Some(known) = legs.get_mut(&(leg.transport, [leg.client, leg.server])) {
                known.push(leg);
            }
        }
        for one in translated() {
            let of = |ends| legs.get(&(one.transport, ends)).map_or(&[][..], Vec::as_slice);
            // The table holds the latest connection between these ends.
            let Some(before) = of(one.before).last() else { continue };
            if self.is_known(before) {
                continue;
            }
            self.servers.insert(before.flow, one.after[1]);
            if let Some(behind) = of(one.after).iter().rev().find(|behind| before.is_near(behind)) {
                self.join(before, behind);
            }
        }
    }

    /// Joins connections that were opened with one number.
    fn by_openings(&mut self, labelled: &Labelled, expected: &mut dyn FnMut(&Leg) -> Option<Expected>) {
        let flows = labelled.traffic().table().flows().enumerate();
        let mut openings: Vec<(u32, u32)> =
            flows.filter_map(|(n, flow)| Some((flow.opening_number()?, u32::try_from(n).ok()?))).collect();
        openings.sort_unstable();
        for alike in
            openings.chunk_by(|a, b| a.0 == b.0).filter(|alike| (2..=MOST_ALIKE).contains(&alike.len()))
        {
            let legs = alike.iter().filter_map(|&(_, n)| Leg::of(labelled, n as usize));
            let mut legs: Vec<Leg> = legs.filter(|leg| !self.is_known(leg)).collect();
            legs.sort_by_key(|leg| (leg.first, leg.flow));
            self.captured_twice(&mut legs);
            self.by_one_opening(&legs, expected);
        }
    }

    /// Takes out the connections with the same ends but the one of which most was seen. Captures of two places hold
    /// a connection twice; what a reset ended in one of them begins anew in the other.
    fn captured_twice(&mut self, legs: &mut Vec<Leg>) {
        let mut kept: Vec<Leg> = Vec::with_capacity(legs.len());
        for leg in legs.drain(..) {
            let packets = |leg: &Leg| leg.sent[0].0 + leg.sent[1].0;
            match kept.iter_mut().find(|other| other.is_same(&leg)) {
                Some(other) => {
                    if packets(other) < packets(&leg) {
                        self.again.insert(other.flow);
                        *other = leg;
                    } else {
                        self.again.insert(leg.flow);
                    }
                }
                None => kept.push(leg),
            }
        }
        *legs = kept;
    }

    /// Joins some of the connections that were opened with one number, in their order of time.
    fn by_one_opening(&mut self, legs: &[Leg], expected: &mut dyn FnMut(&Leg) -> Option<Expected>) {
        for before in legs {
            let near = || legs.iter().filter(|other| before.is_near(other));
            if let Some(expected) = expected(before) {
                let mut meant = near().filter(|behind| before.becomes(behind, expected));
                if let (Some(behind), None) = (meant.next(), meant.next())
                    && !self.is_known(before)
                    && !self.is_known(behind)
                {
                    self.join(before, behind);
                    continue;
                }
            }
            // By the number alone two tries of a scanner would be one.
            let mut others = near();
            if let (Some(behind), None) = (others.next(), others.next())
                && (before.first, before.flow) < (behind.first, behind.flow)
                && before.sent_as_much(behind)
                && before.shares_one_end(behind)
                && !self.is_known(before)
                && !self.is_known(behind)
            {
                self.join(before, behind);
            }
        }
    }

    /// Joins datagrams by what the rules make of them.
    fn by_rules(&mut self, labelled: &Labelled, expected: &mut dyn FnMut(&Leg) -> Option<Expected>) {
        let is_meant = |leg: &Leg| !leg.transport.has_handshake();
        let mut places: HashMap<_, Vec<usize>, foldhash::fast::RandomState> = HashMap::default();
        let (mut legs, mut all): (Vec<(Leg, Expected)>, Vec<Leg>) = (Vec::new(), Vec::new());
        for leg in every_leg(labelled).filter(is_meant) {
            if self.is_known(&leg) {
                continue;
            }
            let Some(translated) = expected(&leg) else { return };
            if translated.sets_source || translated.server.is_some_and(|server| server != leg.server) {
                legs.push((leg, translated));
            }
            all.push(leg);
        }
        if legs.is_empty() {
            return;
        }
        for (n, leg) in all.iter().enumerate() {
            places.entry((leg.transport, leg.server, leg.client.port)).or_default().push(n);
        }
        for (before, translated) in legs {
            let Some(server) = translated.server else { continue };
            let known = places.get(&(before.transport, server, before.client.port));
            let behind = known.into_iter().flatten().filter_map(|&n| all.get(n));
            let mut meant = behind.filter(|behind| {
                before.is_near(behind) && before.becomes(behind, translated) && before.has_same_counts(behind)
            });
            if let (Some(behind), None) = (meant.next(), meant.next())
                && !self.is_known(&before)
                && !self.is_known(behind)
            {
                self.join(&before, behind);
            }
        }
    }
}

/// One flow between hosts.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    flow: usize,
    /// The transport.
    pub transport: Transport,
    /// The client.
    pub client: End,
    /// The server.
    pub server: End,
    first: Timestamp,
    /// Packets and bytes of client and server.
    sent: [(u64, u64); 2],
    has_payload: bool,
}

/// Every flow between hosts that has a time.
fn every_leg<'a>(labelled: &'a Labelled) -> impl Iterator<Item = Leg> + 'a {
    labelled.rows().enumerate().filter_map(|(n, row)| Leg::new(n, &row.flow, row.label.direction.server))
}

impl Leg {
    fn of(labelled: &Labelled, n: usize) -> Option<Leg> {
        let row = labelled.flow(n)?;
        Leg::new(n, &row.flow, row.label.direction.server)
    }

    fn new(n: usize, flow: &Flow, server: Side) -> Option<Leg> {
        let client = server.other();
        let sent = [client, server].map(|side| (flow.packets(side), flow.bytes(side)));
        let is_host = |address: IpAddr| !is_group(address) && !address.is_unspecified();
        let leg = Leg {
            flow: n,
            transport: flow.transport()?,
            client: flow.end(client),
            server: flow.end(server),
            first: flow.first_seen()?,
            sent,
            has_payload: flow.has_sent_payload(server),
        };
        (is_host(leg.client.address) && is_host(leg.server.address)).then_some(leg)
    }

    /// Whether it may be another leg, by the time.
    fn is_near(&self, other: &Leg) -> bool {
        let apart = self.first.nanoseconds().saturating_sub(other.first.nanoseconds());
        self.flow != other.flow
            && self.transport == other.transport
            && apart.saturating_abs() <= NEAR
            && (self.client, self.server) != (other.client, other.server)
    }

    /// Whether it is the same connection, by time and ends.
    fn is_same(&self, other: &Leg) -> bool {
        let apart = self.first.nanoseconds().saturating_sub(other.first.nanoseconds());
        self.transport == other.transport
            && apart.saturating_abs() <= NEAR
            && (self.client, self.server) == (other.client, other.server)
    }

    /// Whether the other is what the rules make of it.
    fn becomes(&self, other: &Leg, expected: Expected) -> bool {
        let Expected { server: Some(server), sets_source } = expected else { return false };
        let is_translated = sets_source || server != self.server;
        let is_from = if sets_source {
            self.client.address != other.client.address
        } else {
            self.client == other.client
        };
        is_translated && server == other.server && is_from
    }

    fn has_same_counts(&self, other: &Leg) -> bool {
        self.sent == other.sent
    }

    /// Whether both sides sent as much, the server payload among it.
    fn sent_as_much(&self, other: &Leg) -> bool {
        self.has_same_counts(other) && self.has_payload && other.has_payload
    }

    /// Whether one end is the same and the other another host.
    fn shares_one_end(&self, other: &Leg) -> bool {
        let (client, server) =
            (self.client.address == other.client.address, self.server.address == other.server.address);
        (client && !server && self.client.port == other.client.port)
            || (server && !client && self.server.port == other.server.port)
    }
}
