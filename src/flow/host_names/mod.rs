//! Names of hosts that packets tell: which address has which name from when on, and which server each flow's client
//! named.
//!
//! A table of them is a monoid, as one of flows is. It is bounded: what comes when it is full is left out, and
//! [`HostNames::is_full`] tells so; which ones they are may then depend on how the capture was cut into pieces. A table whose packets follow those of another is not, since nobody knows yet how
//! much room there is; it holds less than the piece of a capture that it is made from.

mod answers;
mod hellos;
mod texts;
mod written;

use std::collections::HashMap;
use std::net::IpAddr;

use answers::{Answer, Answers};
use hellos::{Hellos, Outcome};
pub(crate) use texts::NameId;
use texts::Texts;
pub use written::WrittenName;

use super::key::Directed;
use super::noted::Noted;
use super::{ContextId, Flow, FlowKey, Side};
use crate::Transport;
use crate::evidence::{
    Hardware, Hello, NameSource, NameSources, answers, answers_in_stream, begins_hello, dhcp, dtls_hello,
    host, netbios_names, put_host,
};
use crate::foreign::Foreign;

/// How many different names are kept.
const MOST_NAMES: usize = 1 << 18;
/// How many statements are kept: which flow names its server so, and which address has which name.
const MOST_FACTS: usize = 1 << 20;

/// Ports of DNS (RFC 1035 section 4.2) and of the NetBIOS name service (RFC 1002 section 4.2).
const DNS: u16 = 53;
const NETBIOS_NAMES: u16 = 137;

/// Where a payload is looked at.
pub(super) struct Place {
    /// From whom to whom.
    pub(super) key: FlowKey,
    /// The number of the packet, from 0.
    pub(super) packet: u64,
    pub(super) transport: Transport,
    /// Of TCP the sequence number.
    pub(super) sequence: Option<u32>,
    /// Whether the payload was captured in part.
    pub(super) is_cut: bool,
    /// Whether its connection may have begun in an earlier table.
    pub(super) may_go_on_another: bool,
    /// The number of the first packet of the flow.
    pub(super) begun: u64,
}

/// The name of a server in one of its flows: who said so, and the name.
pub(crate) type ServerName = (Side, NameId, NameSource);

/// Names of hosts that packets tell.
#[derive(Clone, Debug)]
pub struct HostNames {
    sources: NameSources,
    /// How many names and statements are kept.
    most: (usize, usize),
    texts: Texts,
    answers: Answers,
    /// Which server a client named in its flow, with the first packet of that in the table that noted it.
    servers: Noted<(NameId, NameSource, u64)>,
    /// The newest name that each sender gave a server in a flow, so that it is noted once.
    newest: HashMap<(Directed, NameSource), (NameId, u64), foldhash::fast::RandomState>,
    hellos: Hellos,
    /// The newest name of each client of DHCP.
    clients: HashMap<(ContextId, Hardware), NameId, foldhash::fast::RandomState>,
    /// Addresses of clients of DHCP whose names may be in an earlier table; nothing where there is none.
    leases: Option<Vec<Leased>>,
    /// Names in blocks of pcapng files, in their order.
    resolved: HashMap<IpAddr, NameId, foldhash::fast::RandomState>,
    is_full: bool,
    text: String,
    octets: Vec<u8>,
}

/// An address that a client of DHCP has.
#[derive(Clone, Copy, Debug)]
struct Leased {
    context: ContextId,
    hardware: Hardware,
    address: IpAddr,
    packet: u64,
}

impl HostNames {
    /// An empty table; `follows` says whether its packets follow those of another.
    pub(super) fn new(sources: NameSources, follows: bool) -> HostNames {
        HostNames {
            sources,
            most: if follows { (usize::MAX, usize::MAX) } else { (MOST_NAMES, MOST_FACTS) },
            texts: Texts::default(),
            answers: Answers::default(),
            servers: Noted::default(),
            newest: HashMap::default(),
            hellos: Hellos::default(),
            clients: HashMap::default(),
            leases: follows.then(Vec::new),
            resolved: HashMap::default(),
            is_full: false,
            text: String::new(),
            octets: Vec::new(),
        }
    }

    /// Whether names were left out, since there was no room for them.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Whether nothing has a name.
    pub fn is_empty(&self) -> bool {
        self.texts.len() == 0
    }

    /// Looks for names in the payload of a packet.
    pub(super) fn look(&mut self, at: &Place, payload: &[u8]) {
        match at.transport {
            Transport::Tcp => self.look_at_segment(at, payload),
            Transport::Udp => self.look_at_datagram(at, payload),
            _ => {}
        }
    }

    fn look_at_segment(&mut self, at: &Place, payload: &[u8]) {
        if self.sources.has(NameSource::Sni)
            && let Some(sequence) = at.sequence
        {
            self.look_for_hello(at, sequence, payload);
        }
        if self.sources.has(NameSource::Host)
            && let Some(name) = host(payload)
        {
            self.text.clear();
            if put_host(&mut self.text, name) {
                self.name_server(at.key, at.packet, at.begun, NameSource::Host);
            }
        }
        if self.sources.has(NameSource::Dns) && at.key.ports.contains(&DNS) {
            let mut text = std::mem::take(&mut self.text);
            answers_in_stream(payload, &mut text, &mut |address, name| self.name_address(at, address, name));
            self.text = text;
        }
    }

    fn look_for_hello(&mut self, at: &Place, sequence: u32, payload: &[u8]) {
        let from = at.key.directed();
        let mut name = std::mem::take(&mut self.octets);
        let outcome = if begins_hello(payload) {
            self.hellos.begin(from, at.packet, sequence, payload, &mut name)
        } else if self.hellos.is_waiting() && self.hellos.waits_for(from) {
            self.hellos.go_on(from, at.packet, sequence, payload, &mut name)
        } else {
            if self.leases.is_some() && at.may_go_on_another {
                self.hellos.push_loose(from, at.packet, sequence, payload);
            }
            Outcome::Nothing
        };
        self.take(at.key, at.packet, at.begun, &outcome, &name);
        self.octets = name;
    }

    /// Takes the name that a ClientHello has.
    fn take(&mut self, key: FlowKey, packet: u64, begun: u64, outcome: &Outcome, name: &[u8]) {
        match outcome {
            Outcome::Name => {
                self.text.clear();
                if put_host(&mut self.text, name) {
                    self.name_server(key, packet, begun, NameSource::Sni);
                }
            }
            Outcome::Full => self.is_full = true,
            Outcome::Nothing => {}
        }
    }

    fn look_at_datagram(&mut self, at: &Place, payload: &[u8]) {
        let ports = at.key.ports;
        if self.sources.has(NameSource::Dns) {
            let mut text = std::mem::take(&mut self.text);
            let mut tell = |address: IpAddr, name: &str| self.name_address(at, address, name);
            if ports.contains(&NETBIOS_NAMES) {
                netbios_names(payload, &mut text, &mut tell);
            } else {
                answers(payload, at.is_cut, &mut text, &mut tell);
            }
            self.text = text;
        }
        if self.sources.has(NameSource::Dhcp) {
            self.look_for_lease(at, payload);
        }
        if self.sources.has(NameSource::Sni)
            && let Hello::Name(name) = dtls_hello(payload)
        {
            self.take(at.key, at.packet, at.begun, &Outcome::Name, name);
        }
        #[cfg(feature = "quic")]
        if self.sources.has(NameSource::Sni) && payload.first().is_some_and(|first| first & 0x80 != 0) {
            self.look_for_quic(at, payload);
        }
    }

    #[cfg(feature = "quic")]
    fn look_for_quic(&mut self, at: &Place, payload: &[u8]) {
        let from = at.key.directed();
        let is_any = self.look_for_crypto(at.key, at.packet, at.begun, payload);
        if !is_any && self.leases.is_some() && at.may_go_on_another {
            self.hellos.push_loose(from, at.packet, 0, payload);
        }
    }

    /// Looks into the Initial packets of a datagram; says whether any is of a client.
    #[cfg(feature = "quic")]
    fn look_for_crypto(&mut self, key: FlowKey, packet: u64, begun: u64, payload: &[u8]) -> bool {
        let from = key.directed();
        let known = self.hellos.connection_of(from);
        let (mut room, mut name) = (std::mem::take(&mut self.octets), Vec::new());
        let is_any =
            crate::evidence::crypto(payload, known.as_ref(), &mut room, &mut |connection, offset, octets| {
                let outcome = self.hellos.piece((from, Some(*connection)), packet, offset, octets, &mut name);
                self.take(key, packet, begun, &outcome, &name);
            });
        self.octets = room;
        is_any
    }

    fn look_for_lease(&mut self, at: &Place, payload: &[u8]) {
        let mut text = std::mem::take(&mut self.text);
        if let Some(lease) = dhcp(payload, &mut text) {
            let context = at.key.kind.context();
            let client = (context, lease.hardware);
            if lease.has_name
                && let Some(name) = self.intern(&text)
            {
                self.clients.insert(client, name);
            }
            if let Some(address) = lease.address {
                let one = Leased { context, hardware: lease.hardware, address, packet: at.packet };
                match (self.clients.get(&client), &mut self.leases) {
                    (Some(&name), _) => self.lease(one, name),
                    (None, Some(leases)) => leases.push(one),
                    (None, None) => {}
                }
            }
        }
        self.text = text;
    }

    fn lease(&mut self, leased: Leased, name: NameId) {
        let Leased { context, address, packet, .. } = leased;
        self.answer(Answer { context, address, to: None, packet, name, source: NameSource::Dhcp });
    }

    /// Notes that a packet says that an address has a name.
    fn name_address(&mut self, at: &Place, address: IpAddr, name: &str) {
        let to = at.key.end(1).address;
        let is_one_host = !to.is_multicast() && to != IpAddr::from([255; 4]);
        if let Some(name) = self.intern(name) {
            self.answer(Answer {
                context: at.key.kind.context(),
                address,
                to: is_one_host.then_some(to),
                packet: at.packet,
                name,
                source: NameSource::Dns,
            });
        }
    }

    fn answer(&mut self, answer: Answer) {
        self.is_full |= !self.answers.push(answer, self.most.1);
    }

    /// Notes that the sender of a packet names the server as the text says.
    fn name_server(&mut self, key: FlowKey, packet: u64, begun: u64, source: NameSource) {
        let text = std::mem::take(&mut self.text);
        if let Some(name) = self.intern(&text) {
            self.note_server(key, packet, (name, source, begun));
        }
        self.text = text;
    }

    fn note_server(&mut self, key: FlowKey, packet: u64, (name, source, begun): (NameId, NameSource, u64)) {
        let by = (key.directed(), source);
        if self.newest.get(&by) == Some(&(name, begun)) {
            return;
        }
        if self.servers.len() >= self.most.1 {
            self.is_full = true;
            return;
        }
        self.newest.insert(by, (name, begun));
        self.servers.push(key, packet, (name, source, begun));
    }

    fn intern(&mut self, text: &str) -> Option<NameId> {
        let name = self.texts.intern(text, self.most.0);
        self.is_full |= name.is_none();
        name
    }

    /// Notes a name of a block of a capture; the first of an address counts.
    pub(super) fn resolve(&mut self, address: IpAddr, name: &[u8]) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        if put_host(&mut text, name)
            && !self.resolved.contains_key(&address)
            && let Some(name) = self.intern(&text)
        {
            self.resolved.insert(address, name);
        }
        self.text = text;
    }

    /// Adds what was found in the packets that follow, the first of which has the number `offset`. `moved` tells where
    /// its contexts are here.
    pub(super) fn merge(
        &mut self,
        mut later: HostNames,
        offset: u64,
        moved: impl Fn(ContextId) -> ContextId,
    ) {
        let rekeyed = |from: Directed| from.key().moved(&moved).directed();
        // What began here goes on first.
        for segment in later.hellos.take_loose(offset, rekeyed) {
            #[cfg(feature = "quic")]
            if segment.from.key().kind.transport() == Some(Transport::Udp) {
                let (key, packet) = (segment.from.key(), segment.packet);
                if !self.look_for_crypto(key, packet, packet, &segment.octets) && self.leases.is_some() {
                    self.hellos.push_loose(segment.from, packet, 0, &segment.octets);
                }
                continue;
            }
            let (from, mut name) = (segment.from, std::mem::take(&mut self.octets));
            if self.hellos.waits_for(from) {
                let outcome = self.hellos.go_on(from, segment.packet, segment.at, &segment.octets, &mut name);
                self.take(from.key(), segment.packet, segment.packet, &outcome, &name);
            } else if self.leases.is_some() {
                self.hellos.push_loose(from, segment.packet, segment.at, &segment.octets);
            }
            self.octets = name;
        }
        let mut hellos = std::mem::take(&mut self.hellos);
        hellos.merge(later.hellos, offset, rekeyed, |from, packet, name| match name {
            Ok(name) => self.take(from.key(), packet, packet, &Outcome::Name, name),
            Err(()) => self.is_full = true,
        });
        self.hellos = hellos;
        // Names have the order in which they were met.
        let known: HashMap<NameId, Option<NameId>> =
            later.texts.iter().map(|(id, text)| (id, self.intern(text.raw()))).collect();
        let known = |id: NameId| known.get(&id).copied().flatten();
        for (key, packet, (name, source, begun)) in later.servers.moved(offset, &moved) {
            if let Some(name) = known(name) {
                self.note_server(key, packet, (name, source, begun + offset));
            }
        }
        let mut leases = later.leases.unwrap_or_default().into_iter().peekable();
        let lease = |names: &mut HostNames, one: Leased| {
            let one = Leased { context: moved(one.context), packet: one.packet + offset, ..one };
            match (names.clients.get(&(one.context, one.hardware)), &mut names.leases) {
                (Some(&name), _) => names.lease(one, name),
                (None, Some(leases)) => leases.push(one),
                (None, None) => {}
            }
        };
        for answer in later.answers.into_all() {
            while let Some(one) = leases.next_if(|one| one.packet < answer.packet) {
                lease(self, one);
            }
            if let Some(name) = known(answer.name) {
                let (context, packet) = (moved(answer.context), answer.packet + offset);
                self.answer(Answer { context, packet, name, ..answer });
            }
        }
        leases.for_each(|one| lease(self, one));
        for ((context, hardware), name) in later.clients {
            if let Some(name) = known(name) {
                self.clients.insert((moved(context), hardware), name);
            }
        }
        // Of blocks of captures the first counts.
        for (address, name) in later.resolved {
            if let Some(name) = known(name) {
                self.resolved.entry(address).or_insert(name);
            }
        }
        self.is_full |= later.is_full;
    }

    /// Forgets what was noted of flows but for those whose ends are kept.
    pub(super) fn forget_flows(&mut self, keeps: impl Fn(&FlowKey) -> bool) {
        self.servers.retain(&keeps);
        self.newest.retain(|(from, _), _| keeps(&from.key()));
    }

    /// The newest name that a side of a flow gave the other, in a table that no other was merged into.
    #[cfg(feature = "report")]
    pub(crate) fn newest(&self, flow: &Flow, sender: Side, source: NameSource) -> Option<NameId> {
        let key = if sender == Side::First { flow.key } else { flow.key.reversed() };
        let (name, begun) = self.newest.get(&(key.directed(), source))?;
        (*begun == flow.first_packet).then_some(*name)
    }

    /// The name of a number.
    pub(crate) fn text(&self, id: NameId) -> Foreign<&str> {
        self.texts.get(id)
    }

    /// For each flow whose server was named, by its place among all `flows` from 0: who named it, and how.
    pub(crate) fn servers_by_flow<F: std::borrow::Borrow<Flow>>(
        &self,
        flows: impl Iterator<Item = F>,
    ) -> HashMap<usize, Vec<ServerName>> {
        let one = |(side, (name, source, _))| (side, name, source);
        let all = self.servers.by_flow(flows);
        all.into_iter().map(|(flow, list)| (flow, list.into_iter().map(one).collect())).collect()
    }

    /// The name of one end of a flow by what was said of its address before the flow: of a server to its client, or
    /// else to anyone.
    pub(crate) fn of_address(
        &self,
        flow: &Flow,
        end: Side,
        is_server: bool,
    ) -> Option<(Foreign<&str>, NameSource)> {
        let (address, other) = (flow.end(end).address, flow.end(end.other()).address);
        let context = flow.key.kind.context();
        for source in [NameSource::Dns, NameSource::Dhcp] {
            let to = is_server.then_some(other);
            if let Some(name) = self.answers.in_force(context, address, to, source, flow.first_packet) {
                return Some((self.text(name), source));
            }
        }
        self.resolved.get(&address).map(|&name| (self.text(name), NameSource::Nrb))
    }
}
