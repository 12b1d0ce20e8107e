//! The table that packets are folded into.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::fragments::{DatagramKey, Fragments, Given, Group, Head};
use super::paths::Paths;
use super::record::{Event, fragments, seen, stored};
use super::{Contexts, Counters, Flow, FlowKey, Side};
use crate::Transport;
use crate::capture::{Packet, Timestamp};
use crate::decode::{Context, Fragment, Header, Layers, Outcome, Quoted};

/// Which transport headers of a packet count, where traffic is tunnelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayerChoice {
    /// The innermost that has ports.
    #[default]
    Inner,
    /// The outermost that has ports.
    Outer,
    /// All of them, each in a flow of its own.
    All,
}

/// How packets become flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which headers count.
    pub layers: LayerChoice,
    /// Nanoseconds without a packet after which a TCP, SCTP or DCCP flow has ended.
    pub connection_timeout: i64,
    /// The same for UDP and UDP-Lite.
    pub datagram_timeout: i64,
    /// Packets before this time are not counted.
    pub since: Option<Timestamp>,
    /// Packets at this time and after are not counted.
    pub until: Option<Timestamp>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            layers: LayerChoice::Inner,
            connection_timeout: 300_000_000_000,
            datagram_timeout: 60_000_000_000,
            since: None,
            until: None,
        }
    }
}

impl Options {
    /// Whether packets of this time count. A packet without a time is in no window.
    #[inline]
    pub fn has_in_window(&self, time: Option<Timestamp>) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        time.is_some_and(|time| {
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
        })
    }
}

/// The flow that a header was counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Number of the header among the packet's.
    pub header: usize,
    /// Number of the flow, in the order of first packets, from 0.
    pub flow: usize,
    /// The side that sent the packet.
    pub sender: Side,
}

/// Flows in the making.
#[derive(Clone)]
pub struct FlowTable {
    options: Options,
    flows: Flows,
    /// The newest flow of each key.
    newest: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    contexts: Contexts,
    counters: Counters,
    fragments: Fragments,
    paths: Paths,
    /// What ICMP errors said of flows that are not in this table: they may be in the one before,
    /// when there is one.
    unclaimed: Option<Vec<(FlowKey, u16)>>,
}

impl FlowTable {
    /// An empty table.
    pub fn new(options: Options) -> FlowTable {
        FlowTable {
            options,
            flows: Flows::default(),
            newest: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            contexts: Contexts::default(),
            counters: Counters::default(),
            fragments: Fragments::new(false),
            paths: Paths::default(),
            unclaimed: None,
        }
    }

    /// An empty table for packets that follow those of another, into which it will be
    /// [merged](FlowTable::merge).
    pub fn following(options: Options) -> FlowTable {
        FlowTable { unclaimed: Some(Vec::new()), fragments: Fragments::new(true), ..FlowTable::new(options) }
    }

    /// Counts one packet in the flows of its headers, or under the reason why it is in none.
    #[inline]
    pub fn fold(&mut self, packet: &Packet, layers: &Layers) {
        self.fold_and_tell(packet, layers, |_| {});
    }

    /// The same, and tells for each header that counts which flow it is in.
    #[inline]
    pub fn fold_and_tell(&mut self, packet: &Packet, layers: &Layers, mut tell: impl FnMut(Folded)) {
        if !self.options.has_in_window(packet.time) {
            self.counters.outside_window();
            return;
        }
        if !layers.paths().is_empty()
            && let Some(header) = layers.headers().last()
        {
            let context = self.contexts.intern(layers.context(header));
            let key = self.paths.join(FlowKey::of(header, self.contexts.key(context)));
            self.paths.learn(&key, layers.paths());
        }
        if let Some(fragment) = layers.fragment() {
            self.fold_fragment(packet, layers, fragment, &mut tell);
            return;
        }
        let headers = layers.headers();
        let (number, choice) = (self.counters.read(), self.options.layers);
        let mut fold = |(n, header): (usize, &Header)| {
            let (flow, sender) = self.add(layers.context(header), header, number, packet);
            tell(Folded { header: n, flow, sender });
        };
        if layers.outcome() == Outcome::Ports {
            let mut own = headers.iter().enumerate().filter(|(_, header)| header.quoted.is_none());
            match choice {
                LayerChoice::Inner => own.next_back().into_iter().for_each(&mut fold),
                LayerChoice::Outer => own.next().into_iter().for_each(&mut fold),
                LayerChoice::All => own.for_each(&mut fold),
            }
            self.counters.in_a_flow();
        } else {
            self.counters.in_no_flow(layers.outcome(), packet.link_type);
        }
        if let Some(last) = headers.last()
            && last.quoted.is_some()
        {
            for header in headers.iter().filter(|header| header.quoted.is_some()) {
                let context = self.contexts.intern(layers.context(header));
                let key = self.paths.join(FlowKey::of(header, self.contexts.key(context)));
                self.mark(key, header.quoted);
            }
        }
    }

    /// Counts a fragment: a head in the flows of its headers, a later one in the flow of its head.
    #[cold]
    fn fold_fragment(
        &mut self,
        packet: &Packet,
        layers: &Layers,
        fragment: &Fragment,
        tell: &mut impl FnMut(Folded),
    ) {
        let choice = self.options.layers;
        let around = usize::from(fragment.headers_around);
        let is_head = fragment.offset == 0;
        // The headers that count; behind those around the datagram come the head's own.
        let own = |n: usize| layers.headers().get(n).filter(|header| header.quoted.is_none());
        let count = layers.headers().iter().filter(|header| header.quoted.is_none()).count();
        let counted = match choice {
            LayerChoice::All => 0..count,
            LayerChoice::Outer => 0..count.min(1),
            // A later fragment inside a tunnel is more than a packet of the tunnel.
            LayerChoice::Inner if !is_head => 0..0,
            LayerChoice::Inner => count.saturating_sub(1)..count,
        };
        let in_a_flow = !counted.is_empty();
        // The header whose flow the datagram's later fragments are in.
        let of_datagram = match choice {
            LayerChoice::Inner => count.checked_sub(1).filter(|&last| last >= around),
            LayerChoice::All => Some(around),
            LayerChoice::Outer => (around == 0).then_some(0),
        };
        let number = self.counters.read();
        let mut head = None;
        for n in counted {
            let Some(header) = own(n) else { continue };
            let (flow, sender) = self.add(layers.context(header), header, number, packet);
            tell(Folded { header: n, flow, sender });
            if is_head && of_datagram == Some(n) {
                head = Some((flow as u32, sender, is_tiny_head(header.transport, fragment.length)));
            }
        }
        if in_a_flow {
            self.counters.in_a_flow();
        } else if is_head {
            self.counters.in_no_flow(layers.outcome(), packet.link_type);
        } else {
            self.counters.in_no_flow(Outcome::LaterFragment, packet.link_type);
        }
        if of_datagram.is_none() && (choice != LayerChoice::Inner || is_head) {
            return;
        }
        let context = self.contexts.intern(layers.context_of_fragment(fragment));
        let key = DatagramKey {
            source: fragment.source,
            destination: fragment.destination,
            protocol: fragment.protocol,
            identification: fragment.identification,
            context: self.contexts.key(context),
        };
        let range = (fragment.offset, fragment.offset.saturating_add(fragment.length));
        let time = stored(packet.time);
        let given = if is_head {
            let Some((flow, side, is_tiny)) = head else { return };
            if let Some(flow) = self.flows.get_mut(flow).filter(|_| is_tiny) {
                flow.mark_fragments(fragments::TINY);
            }
            self.fragments.head(key, Head { flow, side, range, time })
        } else {
            let group = Group {
                packets: 1,
                bytes: u64::from(packet.at_most(fragment.ip_length)),
                uncounted: u64::from(!in_a_flow),
                bits: if fragment.offset < SMALLEST_SECOND_OFFSET { fragments::TINY } else { 0 },
                first_time: time,
                last_time: time,
                ranges: vec![range],
            };
            self.fragments.later(key, group)
        };
        if let Some(given) = given {
            self.give(&given);
        }
    }

    /// Counts later fragments in the flow of their head.
    fn give(&mut self, given: &Given) {
        self.counters.fragments_in_a_flow(given.group.uncounted);
        if let Some(flow) = self.flows.get_mut(given.flow) {
            flow.add_fragments(given.side, &given.group);
        }
    }

    #[inline]
    fn timeout(&self, transport: Transport) -> i64 {
        if transport.has_handshake() {
            self.options.connection_timeout
        } else {
            self.options.datagram_timeout
        }
    }

    #[inline]
    fn add(&mut self, context: Context<'_>, header: &Header, number: u64, packet: &Packet) -> (usize, Side) {
        let (time, bytes) = (packet.time, packet.at_most(header.ip_length));
        let shown = self.contexts.intern(context);
        let key = self.paths.join(FlowKey::of(header, self.contexts.key(shown)));
        let event = Event::of(header);
        let timeout = self.timeout(key.transport);
        let hash = self.hasher.hash_one(key);
        let flows = &self.flows;
        let mut side = Side::First;
        let found = self.newest.find_mut(hash, |&newest| {
            match flows.get(newest).and_then(|flow| flow.key.direction_of(&key)) {
                Some(same) => {
                    side = if same { Side::First } else { Side::Second };
                    true
                }
                None => false,
            }
        });
        if let Some(newest) = found {
            let id = *newest;
            if let Some(flow) = self.flows.get_mut(id)
                && flow.goes_on_with(side, &event, time, timeout)
            {
                flow.add(side, bytes, &event, time);
                flow.show(side, shown);
                return (id as usize, side);
            }
            *newest = self.flows.next();
        } else {
            let next = self.flows.next();
            let (flows, hasher) = (&self.flows, &self.hasher);
            self.newest
                .insert_unique(hash, next, |&id| flows.get(id).map_or(0, |flow| hasher.hash_one(flow.key)));
        }
        let mut flow = Flow::new(key, number, time);
        flow.add(Side::First, bytes, &event, time);
        flow.show(Side::First, shown);
        (self.flows.push(flow) as usize, Side::First)
    }

    fn newest_of(&self, key: &FlowKey) -> Option<(u32, bool)> {
        let hash = self.hasher.hash_one(key);
        let of = |&id: &u32| self.flows.get(id).and_then(|flow| flow.key.direction_of(key));
        let id = *self.newest.find(hash, |id| of(id).is_some())?;
        Some((id, of(&id)?))
    }

    /// Notes what an ICMP error says about the flow of the packet that it quotes.
    #[cold]
    fn mark(&mut self, key: FlowKey, quoted: Option<Quoted>) {
        let bits = match quoted {
            Some(Quoted::Unreachable) => seen::UNREACHABLE,
            Some(Quoted::Prohibited) => seen::UNREACHABLE | seen::PROHIBITED,
            Some(Quoted::TooBig) => seen::TOO_BIG,
            Some(Quoted::Other) | None => return,
        };
        self.mark_bits(key, bits);
    }

    fn mark_bits(&mut self, key: FlowKey, bits: u16) {
        match self.newest_of(&key) {
            Some((id, same)) => {
                if let Some(flow) = self.flows.get_mut(id) {
                    flow.mark(if same { Side::First } else { Side::Second }, bits);
                }
            }
            None => {
                if let Some(unclaimed) = &mut self.unclaimed
                    && unclaimed
                        .last()
                        .is_none_or(|(last, same)| *same != bits || last.direction_of(&key) != Some(true))
                {
                    unclaimed.push((key, bits));
                }
            }
        }
    }

    /// Adds what was folded from the packets that follow this table's, in a table made by
    /// [`FlowTable::following`] with the same options.
    pub fn merge(&mut self, later: FlowTable) {
        let contexts: Vec<_> = std::iter::once(super::ContextId(0))
            .chain(later.contexts.stacks().map(|stack| self.contexts.intern(stack)))
            .collect();
        let reshown = |id: super::ContextId| contexts.get(id.0 as usize).copied().unwrap_or_default();
        let paths = std::mem::take(&mut self.paths);
        let rekeyed = |key: FlowKey| paths.join(FlowKey { context: reshown(key.context), ..key });
        for (key, bits) in later.unclaimed.into_iter().flatten() {
            self.mark_bits(rekeyed(key), bits);
        }
        let offset = self.counters.read();
        // Where each of the later flows is now, and whether its sides are the same there.
        let mut places = Vec::with_capacity(later.flows.next() as usize);
        for mut flow in later.flows {
            flow.key = rekeyed(flow.key);
            flow.reshow(reshown);
            let timeout = self.timeout(flow.key.transport);
            if let Some((id, same)) = self.newest_of(&flow.key)
                && let Some(known) = self.flows.get_mut(id)
            {
                if known.goes_on_in(&flow, same, timeout) {
                    known.append(&flow, same);
                    places.push((id, same));
                    continue;
                }
                let hash = self.hasher.hash_one(flow.key);
                if let Some(newest) = self.newest.find_mut(hash, |&newest| newest == id) {
                    *newest = self.flows.next();
                }
            } else {
                let next = self.flows.next();
                let hash = self.hasher.hash_one(flow.key);
                let (flows, hasher) = (&self.flows, &self.hasher);
                self.newest.insert_unique(hash, next, |&id| {
                    flows.get(id).map_or(0, |flow| hasher.hash_one(flow.key))
                });
            }
            flow.first_packet += offset;
            places.push((self.flows.push(flow), true));
        }
        self.counters.merge(&later.counters);
        let mut given = Vec::new();
        let moved = |flow: u32, side: Side| match places.get(flow as usize) {
            Some(&(id, true)) => (id, side),
            Some(&(id, false)) => (id, side.other()),
            None => (u32::MAX, side),
        };
        self.paths = paths;
        self.paths.merge(later.paths, reshown);
        self.fragments.merge(later.fragments, reshown, moved, |one| given.push(one));
        for one in &given {
            self.give(one);
        }
    }

    /// The flows in the order of their first packets.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> + Clone {
        self.flows.chunks.iter().flatten()
    }

    /// One flow, by its number from 0.
    pub fn flow(&self, number: usize) -> Option<&Flow> {
        self.flows.get(u32::try_from(number).ok()?)
    }

    /// How many flows there are.
    pub fn len(&self) -> usize {
        self.flows.next() as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tags and tunnels around the flows.
    pub fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    /// How many packets were read, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How packets become flows here.
    pub fn options(&self) -> &Options {
        &self.options
    }
}

impl std::fmt::Debug for FlowTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowTable")
            .field("flows", &self.len())
            .field("packets", &self.counters.read())
            .finish_non_exhaustive()
    }
}

/// Where the second fragment can begin at the earliest when the first holds a TCP header up to its
/// flags, in units of eight octets (RFC 1858 section 3.2).
const SMALLEST_SECOND_OFFSET: u32 = 16;

/// Whether a first fragment of so many octets does not hold the whole transport header.
fn is_tiny_head(transport: Transport, length: u32) -> bool {
    length
        < match transport {
            Transport::Tcp => 20,
            Transport::Udp | Transport::UdpLite => 8,
            Transport::Sctp | Transport::Dccp => 12,
        }
}

/// Flows in chunks of one size, so that growing copies none and takes no room for two tables.
#[derive(Clone, Default)]
struct Flows {
    chunks: Vec<Vec<Flow>>,
}

impl Flows {
    const CHUNK: usize = 4096;

    #[inline]
    fn get(&self, id: u32) -> Option<&Flow> {
        self.chunks.get(id as usize / Flows::CHUNK)?.get(id as usize % Flows::CHUNK)
    }

    #[inline]
    fn get_mut(&mut self, id: u32) -> Option<&mut Flow> {
        self.chunks.get_mut(id as usize / Flows::CHUNK)?.get_mut(id as usize % Flows::CHUNK)
    }

    /// The number the next flow gets. Four billion flows would take 500 GB before it wraps.
    fn next(&self) -> u32 {
        let full = self.chunks.len().saturating_sub(1) * Flows::CHUNK;
        (full + self.chunks.last().map_or(0, Vec::len)) as u32
    }

    fn push(&mut self, flow: Flow) -> u32 {
        let id = self.next();
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < Flows::CHUNK => chunk.push(flow),
            _ => {
                let mut chunk = Vec::with_capacity(Flows::CHUNK);
                chunk.push(flow);
                self.chunks.push(chunk);
            }
        }
        id
    }
}

impl IntoIterator for Flows {
    type Item = Flow;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<Flow>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.chunks.into_iter().flatten()
    }
}
