//! The table that packets are folded into.

use std::collections::HashMap;
use std::net::IpAddr;

use hashbrown::HashTable;

use super::announced::Announcements;
use super::beginnings::{Beginnings, Segment};
use super::event::{Event, fragment_bits, seen};
use super::fragments::{DatagramKey, Fragments, Given, Group, Head};
use super::host_names::{HostNames, Place, ServerName};
use super::left::LeftConnections;
use super::options::{LayerChoice, Timeouts};
use super::paths::Paths;
use super::record::stored;
use super::shown::Shown;
use super::store::FlowStore;
use super::{Contexts, Counters, Flow, FlowKey, FlowOptions, ProtocolChoice, Side};
use crate::Transport;
use crate::capture::Packet;
use crate::decode::{Context, Fragment, Header, Layers, Outcome, Quoted, Signal};
use crate::evidence::{self, Payload, Signs};

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
    options: FlowOptions,
    pub(super) timeouts: Timeouts,
    pub(super) flows: FlowStore,
    /// The newest flow of each key.
    pub(super) newest: HashTable<u32>,
    pub(super) hasher: foldhash::fast::RandomState,
    pub(super) contexts: Contexts,
    pub(super) counters: Counters,
    pub(super) fragments: Fragments,
    pub(super) paths: Paths,
    pub(super) announced: Announcements,
    /// First segments of streams, where it takes several to tell.
    pub(super) beginnings: Beginnings,
    /// Room for what clients of QUIC offer.
    #[cfg(feature = "quic")]
    offer: evidence::Offer,
    /// Names of hosts, where they are asked for.
    pub(super) names: Option<Box<HostNames>>,
    /// What ICMP errors said of flows that are not in this table: they may be in the one before,
    /// when there is one.
    pub(super) unclaimed: Option<Vec<(FlowKey, u16)>>,
    /// Whether flows that are in another table may go on in this one.
    pub(super) follows: bool,
    /// Connections whose flows have left the table for good.
    pub(super) left: LeftConnections,
}

impl FlowTable {
    /// An empty table.
    pub fn new(options: FlowOptions) -> FlowTable {
        FlowTable {
            timeouts: options.timeouts(),
            contexts: Contexts::new(options.separate_vlans),
            names: names(&options, false),
            options,
            flows: FlowStore::default(),
            newest: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            counters: Counters::default(),
            fragments: Fragments::new(false),
            paths: Paths::default(),
            announced: Announcements::default(),
            beginnings: Beginnings::default(),
            #[cfg(feature = "quic")]
            offer: evidence::Offer::default(),
            unclaimed: None,
            follows: false,
            left: LeftConnections::default(),
        }
    }

    /// An empty table for packets that follow those of another, into which it will be
    /// [merged](FlowTable::merge).
    pub fn following(options: FlowOptions) -> FlowTable {
        FlowTable {
            unclaimed: Some(Vec::new()),
            fragments: Fragments::new(true),
            names: names(&options, true),
            follows: true,
            ..FlowTable::new(options)
        }
    }

    /// Counts one packet in the flows of its headers, or under the reason why it is in none.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called once for each packet: 30 instructions a packet")]
    pub fn fold(&mut self, packet: &Packet, layers: &Layers) {
        self.fold_and_tell(packet, layers, |_| {});
    }

    /// Counts one packet as [`FlowTable::fold`] does, and tells for each header with ports that counts which
    /// flow it is in.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as `fold`")]
    pub fn fold_and_tell(&mut self, packet: &Packet, layers: &Layers, mut tell: impl FnMut(Folded)) {
        if packet.has_wild_time {
            self.counters.wild_time();
        }
        if !self.options.has_in_window(packet.believed_time()) {
            self.counters.outside_window();
            return;
        }
        if layers.has_rarities() {
            self.fold_rarities(packet, layers, &mut tell);
            return;
        }
        if layers.outcome() == Outcome::Ports {
            let headers = layers.headers();
            let choice = self.options.layers;
            let mut count = |n: usize, header: &Header| {
                let (flow, sender) = self.add(layers, header, packet);
                tell(Folded { header: n, flow, sender });
            };
            match (choice, headers) {
                (LayerChoice::Inner, [before @ .., header]) => count(before.len(), header),
                (LayerChoice::Outer, [header, ..]) => count(0, header),
                (LayerChoice::All, _) => headers.iter().enumerate().for_each(|(n, header)| count(n, header)),
                (_, []) => {}
            }
            self.counters.in_a_flow();
        } else {
            self.counters.in_no_flow(layers.outcome(), packet.link_type, None);
        }
    }

    /// Leaves out numbers for frames that precede the next packet and are none, so that [`Flow::first_packet`]
    /// is what Wireshark shows: see [`CaptureReader::frames`](crate::capture::CaptureReader::frames).
    pub fn pass_frames(&mut self, frames: u64) {
        self.counters.pass(frames);
    }

    /// Counts a packet that is left out, being a copy of one before it.
    pub(crate) fn leave_out_copy(&mut self) {
        self.counters.copy();
    }

    /// Counts a packet that has more than headers of its own.
    #[inline(never)]
    fn fold_rarities(&mut self, packet: &Packet, layers: &Layers, tell: &mut impl FnMut(Folded)) {
        let headers = layers.headers();
        if !layers.paths().is_empty()
            && let Some(header) = headers.last()
        {
            let key = self.key_of(layers.context(header), header);
            self.paths.learn(&key, layers.paths());
        }
        if self.options.protocols == ProtocolChoice::All
            && let Some(portless) = layers.portless()
            && self.fold_portless(packet, layers, portless, tell)
        {
            return;
        }
        if let Some(fragment) = layers.fragment() {
            self.fold_fragment(packet, layers, fragment, tell);
            return;
        }
        let choice = self.options.layers;
        let mut fold = |(n, header): (usize, &Header)| {
            let (flow, sender) = self.add(layers, header, packet);
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
            if let Some((kind, port)) = layers.resemblance() {
                self.counters.resembles(kind, port);
            }
        } else {
            let ends_in = layers.portless().map(|portless| portless.protocol);
            self.counters.in_no_flow(layers.outcome(), packet.link_type, ends_in);
        }
        self.mark_quoted(layers);
    }

    /// Notes what an ICMP error says of the flows of the headers that it quotes, and of the flow of the
    /// protocol without ports that the quoted packet ends in.
    pub(super) fn mark_quoted(&mut self, layers: &Layers) {
        for header in layers.headers().iter().filter(|header| header.quoted.is_some()) {
            let key = self.key_of(layers.context(header), header);
            self.mark(key, header.quoted);
        }
        if self.options.protocols == ProtocolChoice::All
            && let Some(portless) = layers.quoted_portless()
        {
            let context = self.contexts.key(layers.context_of_portless(portless));
            self.mark(FlowKey::of_portless(portless, context), portless.quoted);
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
        // The headers that count: first those around the datagram, then the head's own.
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
        let mut head = None;
        for n in counted {
            let Some(header) = own(n) else { continue };
            let (flow, sender) = self.add(layers, header, packet);
            tell(Folded { header: n, flow, sender });
            if is_head && of_datagram == Some(n) {
                head = Some((flow as u32, sender, is_tiny_head(header.transport, fragment.length)));
            }
        }
        if in_a_flow {
            self.counters.in_a_flow();
        } else if is_head {
            let ends_in = layers.portless().map(|portless| portless.protocol);
            self.counters.in_no_flow(layers.outcome(), packet.link_type, ends_in);
        } else {
            self.counters.in_no_flow(Outcome::LaterFragment, packet.link_type, None);
        }
        if of_datagram.is_none() && (choice != LayerChoice::Inner || is_head) {
            return;
        }
        let key = self.datagram(layers, fragment);
        let range = (fragment.offset, fragment.offset.saturating_add(fragment.length));
        let time = stored(packet.believed_time());
        let given = if is_head {
            let Some((flow, side, is_tiny)) = head else { return };
            if let Some(flow) = self.flows.get_mut(flow).filter(|_| is_tiny) {
                flow.mark_fragments(fragment_bits::TINY);
            }
            self.fragments.head(key, Head { flow, side, range, time })
        } else {
            let group = Group {
                packets: 1,
                bytes: u64::from(packet.at_most(fragment.ip_length)),
                uncounted: u64::from(!in_a_flow),
                bits: if fragment.offset < SMALLEST_SECOND_OFFSET { fragment_bits::TINY } else { 0 },
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

    /// The datagram that a fragment is a part of.
    pub(super) fn datagram(&mut self, layers: &Layers, fragment: &Fragment) -> DatagramKey {
        DatagramKey {
            source: fragment.source,
            destination: fragment.destination,
            protocol: fragment.protocol,
            identification: fragment.identification,
            context: self.contexts.key(layers.context_of_fragment(fragment)),
        }
    }

    /// Counts later fragments in the flow of their head.
    pub(super) fn give(&mut self, given: &Given) {
        self.counters.fragments_in_a_flow(given.group.uncounted);
        if let Some(flow) = self.flows.get_mut(given.flow) {
            flow.add_fragments(given.side, &given.group);
        }
    }

    /// The key of a header in its tags and tunnels.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "out of line, the key goes through memory: 20 instructions a packet"
    )]
    fn key_of(&mut self, context: Context<'_>, header: &Header) -> FlowKey {
        let context = self.contexts.key(context);
        self.paths.join(FlowKey::of(header, context))
    }

    /// Counts a packet in the flow of one of its headers.
    #[inline]
    pub(super) fn add(&mut self, layers: &Layers, header: &Header, packet: &Packet) -> (usize, Side) {
        let (flow, side, is_settled) = self.count(layers, header, packet);
        // Most packets belong to a flow that has shown what it will, and are not of a length that announces another.
        let may_announce =
            header.transport == Transport::Tcp && evidence::may_announce_by_length(header.payload_length);
        if self.options.payload && (!is_settled || may_announce || self.names.is_some()) {
            let payload = header.payload_of(packet.bytes);
            // Most packets show nothing more.
            if !is_settled && !payload.is_empty() || may_announce && evidence::may_announce(payload) {
                self.peek(flow, side, header, payload);
            }
            if self.names.is_some() && !payload.is_empty() {
                self.look_for_names(flow, side, header, payload, layers.fragment().is_some());
            }
        }
        (flow as usize, side)
    }

    /// Looks at the payload of a packet that `side` of a flow sent.
    #[inline(never)]
    fn peek(&mut self, id: u32, side: Side, header: &Header, payload: &[u8]) {
        let number = self.counters.frames();
        let Some(flow) = self.flows.get_mut(id) else { return };
        let before = flow.signs[side as usize];
        if !before.is_settled() {
            let own = Signs::of(&Payload::new(header.transport, payload, header.payload_length));
            // What a client says comes first: what follows it is not worth being decrypted.
            #[cfg(feature = "quic")]
            let own = if evidence::is_quic(own) && !evidence::is_quic(flow.signs[side.other() as usize]) {
                self.offer.read(payload, own)
            } else {
                own
            };
            let signs = &mut flow.signs[side as usize];
            signs.append(own);
            if let Signal::Tcp { sequence, .. } = header.signal
                && (!before.is_any() || !self.beginnings.is_empty())
            {
                let place = flow.place();
                let (length, shows) = (header.payload_length, own.shows());
                let segment = Segment { at: sequence, length, octets: payload, shows };
                let signs = &mut flow.signs[side as usize];
                self.beginnings.look((id, side), place, before.looked_at(), &segment, signs);
            }
        }
        if header.transport == Transport::Tcp
            && evidence::may_announce_by_length(header.payload_length)
            && let Some(end) = evidence::announced(payload)
        {
            let key = match side {
                Side::First => flow.key,
                Side::Second => flow.key.reversed(),
            };
            self.announced.announce(key, number, end);
        }
    }

    /// Looks for names of hosts in the payload of a packet that `side` of a flow sent.
    #[inline(never)]
    fn look_for_names(&mut self, flow: u32, side: Side, header: &Header, payload: &[u8], is_fragment: bool) {
        let (Some(names), Some(flow)) = (&mut self.names, self.flows.get(flow)) else { return };
        let sequence = match header.signal {
            Signal::Tcp { sequence, .. } => Some(sequence),
            _ => None,
        };
        let at = Place {
            key: match side {
                Side::First => flow.key,
                Side::Second => flow.key.reversed(),
            },
            packet: self.counters.frames(),
            transport: header.transport,
            sequence,
            is_cut: is_fragment || payload.len() < header.payload_length as usize,
            may_go_on_another: flow.may_go_on_another && flow.opening().is_none(),
            begun: flow.first_packet,
        };
        names.look(&at, payload);
    }

    #[inline]
    fn count(&mut self, layers: &Layers, header: &Header, packet: &Packet) -> (u32, Side, bool) {
        let stack = layers.context(header);
        let key = self.key_of(stack, header);
        self.count_as(key, stack, &Event::of(header), header.ip_length, layers, packet)
    }

    /// Counts a packet in the flow of a key: its number, the side that sent the packet, and whether no payload of
    /// that side can show more.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as that of `key_of`")]
    pub(super) fn count_as(
        &mut self,
        key: FlowKey,
        stack: Context<'_>,
        event: &Event,
        ip_length: u32,
        layers: &Layers,
        packet: &Packet,
    ) -> (u32, Side, bool) {
        let (time, bytes) = (packet.believed_time(), packet.at_most(ip_length));
        let timeout = self.timeouts.of(key.kind);
        let hash = key.hash(&self.hasher);
        let flows = &self.flows;
        let mut side = Side::First;
        let (mut may_go_on_another, mut earlier) = (self.follows, None);
        let mut is_newest = |newest: &u32| match flows.get(*newest).and_then(|flow| flow.key.sender_of(&key))
        {
            Some(sender) => {
                side = sender;
                true
            }
            None => false,
        };
        // Not `find_mut`, which is not always compiled in line: 20 instructions a packet.
        let found = self.newest.iter_hash_mut(hash).find(|newest| is_newest(newest));
        if let Some(newest) = found {
            let id = *newest;
            if let Some(flow) = self.flows.get_mut(id)
                && flow.goes_on_with(side, event, time, timeout)
            {
                flow.add(side, bytes, event, time);
                // Most openings come before all payload.
                let is_spoken = || flow.signs.iter().any(|signs| signs.is_any());
                if event.opening.is_some() && !self.beginnings.is_empty() && is_spoken() {
                    self.beginnings.open(id, !flow.may_go_on_another);
                }
                let is_settled = flow.signs[side as usize].is_settled();
                let before = flow.shown[side as usize];
                if !before.is_settled_for(stack) {
                    let shown = self.shown(before, packet, layers, stack);
                    if let Some(flow) = self.flows.get_mut(id) {
                        flow.shown[side as usize] = shown;
                    }
                }
                return (id, side, is_settled);
            }
            may_go_on_another &= self.flows.get(id).is_some_and(|flow| flow.may_go_on_another);
            earlier = Some(id);
            *newest = self.flows.next();
        } else {
            let next = self.flows.next();
            let (flows, hasher) = (&self.flows, &self.hasher);
            self.newest
                .insert_unique(hash, next, |&id| flows.get(id).map_or(0, |flow| flow.key.hash(hasher)));
        }
        let mut flow = Flow::new(key, self.counters.frames(), time);
        flow.may_go_on_another = may_go_on_another;
        if self.options.payload {
            flow.signs = [Signs::ASKED; 2];
        }
        if event.opening.is_none() {
            match earlier.and_then(|id| self.flows.get(id)) {
                Some(earlier) => flow.continue_connection(earlier, side),
                None => self.left.continue_in(&mut flow),
            }
        }
        flow.add(Side::First, bytes, event, time);
        flow.shown[Side::First as usize] = self.shown(Shown::default(), packet, layers, stack);
        (self.flows.push(flow), Side::First, false)
    }

    /// What is shown of a side after a packet that it sent.
    #[inline(never)]
    fn shown(&mut self, before: Shown, packet: &Packet, layers: &Layers, stack: Context<'_>) -> Shown {
        if stack.is_empty() && !layers.has_interface(packet) {
            return before.begun();
        }
        self.contexts.show(before, layers.interface(packet).as_ref(), stack)
    }

    /// The newest flow between the ends of a key, and the side that sends with this key.
    pub(super) fn newest_of(&self, key: &FlowKey) -> Option<(u32, Side)> {
        let hash = key.hash(&self.hasher);
        let of = |&id: &u32| self.flows.get(id).and_then(|flow| flow.key.sender_of(key));
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

    pub(super) fn mark_bits(&mut self, key: FlowKey, bits: u16) {
        match self.newest_of(&key) {
            Some((id, sender)) => {
                if let Some(flow) = self.flows.get_mut(id) {
                    flow.mark(sender, bits);
                }
            }
            None => {
                if let Some(unclaimed) = &mut self.unclaimed
                    && unclaimed.last().is_none_or(|(last, known)| {
                        *known != bits || last.sender_of(&key) != Some(Side::First)
                    })
                {
                    unclaimed.push((key, bits));
                }
            }
        }
    }

    /// The flows with their numbers among all that have been in this table, from 0.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u64, &Flow)> {
        self.flows.numbered()
    }

    /// What ICMP errors said of flows that are no longer in this table, in their order.
    pub(super) fn unclaimed(&self) -> &[(FlowKey, u16)] {
        self.unclaimed.as_deref().unwrap_or_default()
    }

    /// Waits no more for fragments of datagrams that have timed out at this time.
    pub(crate) fn forget_fragments_before(&mut self, now: i64) {
        self.fragments.sweep(now);
    }

    /// Waits for no more fragments: no packet will follow.
    pub(crate) fn forget_fragments(&mut self) {
        self.fragments = Fragments::new(false);
    }

    /// The flows in the order of their first packets.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> + Clone {
        self.flows.iter()
    }

    /// One flow, by its number from 0.
    pub fn flow(&self, number: usize) -> Option<&Flow> {
        self.flows.get(u32::try_from(number).ok()?)
    }

    /// The number of the first flow of a flow's connection, from 0; `own` is that of the flow.
    pub(crate) fn first_of_connection(&self, own: usize, flow: &Flow) -> usize {
        if !flow.continues() {
            return own;
        }
        // Flows are in the order of their first packets; a packet may begin several.
        let mut number = self.flows.partition_point(|other| other.first_packet < flow.connection);
        while let Some(other) = self.flow(number).filter(|other| other.first_packet == flow.connection) {
            if other.key.sender_of(&flow.key).is_some() {
                return number;
            }
            number += 1;
        }
        own
    }

    /// How many flows there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// How many flows are in memory, and notes on flows that are not.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        self.len() + self.unclaimed().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tags and tunnels around the flows.
    pub fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    /// What the control connections of FTP announced, where [`FlowOptions::payload`] asks for it: of flows that
    /// have left this table as well.
    pub fn announced(&self) -> &Announcements {
        &self.announced
    }

    /// Names of hosts, where [`FlowOptions::names`] asks for them.
    pub fn names(&self) -> Option<&HostNames> {
        self.names.as_deref()
    }

    /// What clients called the servers of these flows, which are all, in the order of their first packets, with their
    /// numbers.
    pub(crate) fn servers_of<F: std::borrow::Borrow<Flow>>(
        &self,
        flows: impl Iterator<Item = (u64, F)>,
    ) -> HashMap<u64, Vec<ServerName>> {
        let Some(names) = &self.names else { return HashMap::new() };
        let mut numbers = Vec::new();
        let by_place = names.servers_by_flow(flows.map(|(number, flow)| {
            numbers.push(number);
            flow
        }));
        by_place.into_iter().filter_map(|(place, list)| Some((*numbers.get(place)?, list))).collect()
    }

    /// What clients called the servers of the flows that are here, by the numbers of these.
    pub(crate) fn servers(&self) -> HashMap<u64, Vec<ServerName>> {
        self.servers_of(self.numbered())
    }

    /// Notes a name in a block of a capture, where names are asked for.
    pub(crate) fn resolve(&mut self, address: IpAddr, name: &[u8]) {
        if let Some(names) = &mut self.names {
            names.resolve(address, name);
        }
    }

    /// How many packets were read, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How packets become flows here.
    pub fn options(&self) -> &FlowOptions {
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

/// An empty table of names, where they are asked for.
fn names(options: &FlowOptions, follows: bool) -> Option<Box<HostNames>> {
    (!options.names.is_empty()).then(|| Box::new(HostNames::new(options.names, follows)))
}

/// Where the second fragment can begin at the earliest when the first holds a TCP header up to its
/// flags, in units of eight octets (RFC 1858 section 3.2).
const SMALLEST_SECOND_OFFSET: u32 = 16;

/// Whether a first fragment of `length` octets does not hold the whole transport header.
fn is_tiny_head(transport: Transport, length: u32) -> bool {
    length
        < match transport {
            Transport::Tcp => 20,
            Transport::Udp | Transport::UdpLite => 8,
            Transport::Sctp | Transport::Dccp => 12,
        }
}
