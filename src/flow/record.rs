//! One flow.

#[cfg(feature = "report")]
use std::net::IpAddr;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::beginnings::Place;
use super::event::{Event, Opening, fragment_bits, seen};
use super::fragments::Group;
use super::key::Kind;
use super::options::Timeouts;
use super::shown::Shown;
use super::{ContextId, Contexts, FlowKey, Side};
use crate::Transport;
use crate::capture::{NO_TIME, Timestamp};
use crate::evidence::{Observed, Role, Signs, observed};
use crate::net::{End, Protocol};

/// What tells one connection from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConnectionKey {
    first_packet: u64,
    ends: [End; 2],
    kind: Kind,
}

/// One flow: packets of both directions between two ends.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    pub(super) key: FlowKey,
    /// Number of the first packet among all packets read, from 0.
    pub(super) first_packet: u64,
    /// The first packet of the connection that the flow is a part of.
    pub(super) connection: u64,
    /// The side that opened the connection in an earlier part of it.
    pub(super) opened_before: Option<Side>,
    /// Time of the first packet in the order of the capture.
    pub(super) first_time: i64,
    /// The latest time of all packets.
    pub(super) last_time: i64,
    /// The latest time of all packets since one that had none, but for later fragments: a clock that is
    /// set back, or one packet with a time long past, ends no flow.
    pub(super) previous_time: i64,
    pub(super) packets: [u64; 2],
    pub(super) bytes: [u64; 2],
    /// The DCCP Service Code; of an ICMP flow what [`Flow::note_icmp_code`] makes of the codes.
    pub(super) service_code: u32,
    pub(super) opening_number: u32,
    pub(super) opening_client: Option<Side>,
    /// The number of the other side's opening, where both sides opened.
    pub(super) peer_opening: u32,
    /// The number of the opening that the newest reset of [`seen::RESET_ANSWER`] answers.
    pub(super) reset: u32,
    pub(super) seen: [u16; 2],
    /// Packets of the side that sent first, before the first of the other; saturates.
    pub(super) before_reply: u32,
    pub(super) has_service_code: bool,
    /// Whether a packet had no time.
    pub(super) has_untimed: bool,
    /// Whether the flow may go on one that is not in its table: in a table of packets that follow
    /// others it is the first of its ends, or follows such a flow. A pause before it does not tell: the
    /// clock may have been set back since the last packets in the other table.
    pub(super) may_go_on_another: bool,
    /// Bits of [`fragment_bits`].
    pub(super) fragments: u8,
    /// What the first payloads of each side show, where they are looked at.
    pub(super) signs: [Signs; 2],
    /// The interface, tags and tunnels of each side's first packets, with the numbers that are no part
    /// of the key.
    pub(super) shown: [Shown; 2],
}

impl Flow {
    pub(super) fn new(key: FlowKey, first_packet: u64, time: Option<Timestamp>) -> Flow {
        Flow {
            key,
            first_packet,
            connection: first_packet,
            opened_before: None,
            first_time: stored(time),
            last_time: NO_TIME,
            previous_time: NO_TIME,
            packets: [0; 2],
            bytes: [0; 2],
            service_code: 0,
            opening_number: 0,
            opening_client: None,
            peer_opening: 0,
            reset: 0,
            seen: [0; 2],
            before_reply: 0,
            has_service_code: false,
            has_untimed: false,
            may_go_on_another: false,
            fragments: 0,
            signs: [Signs::default(); 2],
            shown: [Shown::default(); 2],
        }
    }

    pub(super) fn opening(&self) -> Option<Opening> {
        self.opening_client.map(|client| Opening { client, number: self.opening_number })
    }

    /// When the flow ends if no packet comes, in nanoseconds since 1970; never without a time.
    pub(crate) fn ends_at(&self, timeouts: Timeouts) -> Option<i64> {
        (self.previous_time != NO_TIME).then(|| self.previous_time.saturating_add(timeouts.of(self.key.kind)))
    }

    /// The latest time of its packets, in nanoseconds since 1970; [`NO_TIME`] without one.
    pub(crate) fn latest(&self) -> i64 {
        self.previous_time
    }

    /// Whether the connection is closed: by both sides, or reset by one.
    pub(crate) fn is_closed(&self) -> bool {
        Side::BOTH.iter().all(|&side| self.has_sent(side, seen::CLOSE))
            || Side::BOTH.iter().any(|&side| self.has_sent(side, seen::ABORT))
    }

    /// Whether a packet at `time` comes after more than `timeout` nanoseconds without one. Time
    /// that runs backwards, and packets without a time, end no flow.
    #[inline]
    pub(super) fn is_idle(&self, time: i64, timeout: i64) -> bool {
        time.saturating_sub(self.previous_time) > timeout && self.previous_time != NO_TIME
    }

    /// Whether an opening by `sender`, or its answer, is one of this flow's:
    ///
    /// | the packet | is of the flow |
    /// |---|---|
    /// | opens with the flow's own number, or answers that | sent again; but after a refusal it is another try |
    /// | acknowledges data of the opening as well | TCP Fast Open (RFC 7413) |
    /// | opens from the other side, which has not answered | simultaneous and split openings (RFC 9293 section 3.5), a collision of INITs (RFC 9260 section 5.2.1) |
    /// | opens with the number that a reset of the other side answered, in a flow without an opening | the reset was captured before it |
    ///
    /// The last two depend on all that came before, and so does whether an opening was refused, and with
    /// which number a flow was opened of which only the answer was seen: it may acknowledge data. Where
    /// what came before may be in another table, nothing is joined that depends on it: what is left apart
    /// is joined when the tables are merged, what is joined cannot be parted.
    fn is_opened_by(&self, opening: Opening, sender: Role) -> bool {
        let Opening { client, number } = opening;
        let Some(own) = self.opening() else {
            let reset = self.has_sent(client.other(), seen::RESET_ANSWER) && self.reset == number;
            return reset && sender == Role::Client && !self.may_go_on_another;
        };
        if own.client == client {
            let data = number.wrapping_sub(own.number);
            let is_refused = self.has_sent(client.other(), seen::REFUSAL)
                && (self.may_go_on_another || self.resets_opening(client.other()));
            let is_known = self.has_sent(client, seen::OPEN) || !self.may_go_on_another;
            let with_data = || {
                self.has_sent(client, seen::OPEN)
                    && self.has_sent(client, seen::PAYLOAD)
                    && u64::from(data) <= self.bytes(client)
            };
            return match sender {
                Role::Client => data == 0 && is_known && !is_refused,
                Role::Server => data == 0 || with_data(),
            };
        }
        if self.both_opened() {
            return self.peer_opening == number;
        }
        let answered = seen::OPEN_ANSWER | seen::PAYLOAD | seen::CLOSE | seen::ABORT;
        let went_on = seen::OPEN_ANSWER | seen::CONFIRM | seen::CLOSE | seen::ABORT;
        sender == Role::Client
            && !self.may_go_on_another
            && self.has_sent(own.client, seen::OPEN)
            && !self.has_sent(client, answered)
            && !self.has_sent(own.client, went_on)
    }

    /// Whether both sides opened, so that neither is the client for that.
    fn both_opened(&self) -> bool {
        self.seen[0] & self.seen[1] & seen::OPEN != 0
    }

    fn is_aborted(&self) -> bool {
        (self.seen[0] | self.seen[1]) & seen::ABORT != 0
    }

    /// Whether a packet of `side` is of this flow, and not the first of a new one.
    #[inline]
    pub(super) fn goes_on_with(
        &self,
        side: Side,
        event: &Event,
        time: Option<Timestamp>,
        timeout: i64,
    ) -> bool {
        let opens_anew =
            event.opening.is_some_and(|packet| !self.is_opened_by(packet.from(side), packet.sender));
        !opens_anew && !self.is_idle(stored(time), timeout)
    }

    /// Whether `later`, folded apart from packets that follow, is this flow going on; the first side
    /// of `later` is `first` here. Its first packet decides, as in [`Flow::goes_on_with`]: an opening
    /// is always a flow's first packet where it may go on another.
    pub(super) fn goes_on_in(&self, later: &Flow, first: Side, timeout: i64) -> bool {
        let goes_on = later.opening().is_none_or(|Opening { client, number }| {
            let sender = if client == Side::First { Role::Client } else { Role::Server };
            self.is_opened_by(Opening { client: client.where_first_is(first), number }, sender)
        });
        goes_on && !self.is_idle(later.first_time, timeout)
    }

    #[inline]
    pub(super) fn add(&mut self, side: Side, bytes: u32, event: &Event, time: Option<Timestamp>) {
        let n = side as usize;
        if let Some(packet) = event.opening {
            self.open(packet.from(side));
        }
        if self.packets[1] == 0 && side == Side::First {
            self.before_reply = self.before_reply.saturating_add(1);
        }
        self.packets[n] += 1;
        self.bytes[n] += u64::from(bytes);
        if event.seen & seen::ABORT != 0 {
            self.reset_by(side, event);
        }
        self.seen[n] |= event.seen;
        let time = stored(time);
        self.has_untimed |= time == NO_TIME;
        self.previous_time = if time == NO_TIME { NO_TIME } else { self.previous_time.max(time) };
        self.last_time = self.last_time.max(time);
        if let Some(code) = event.service_code
            && !self.has_service_code
        {
            self.has_service_code = true;
            self.service_code = code;
        }
    }

    /// Notes the code of an ICMP message that `side` sent, its first. Codes are no part of the key of
    /// questions and answers, since the answer may have another. Their octets are kept in the order of the
    /// sides, with a bit above them for each that is known.
    pub(super) fn note_icmp_code(&mut self, side: Side, code: u8) {
        let is_known = 1 << (16 + side as u32);
        if self.service_code & is_known == 0 {
            self.service_code |= is_known | u32::from(code) << (8 * side as u32);
        }
        self.has_service_code = true;
    }

    /// Notes an opening or its answer. Resets before it did not end what it opens.
    #[cold]
    fn open(&mut self, opening: Opening) {
        self.seen = self.seen.map(|bits| bits & !seen::ABORTS);
        match self.opening_client {
            None => {
                self.opening_client = Some(opening.client);
                self.opening_number = opening.number;
            }
            Some(client) if client != opening.client => self.peer_opening = opening.number,
            Some(_) => {}
        }
    }

    #[cold]
    fn reset_by(&mut self, side: Side, event: &Event) {
        let n = side as usize;
        if !self.is_aborted() {
            self.seen[n] |= seen::ABORTED_FIRST;
        }
        if event.seen & seen::RESET_ANSWER != 0 {
            self.reset = event.reset;
        }
    }

    /// Adds the packets of `later`, which follow this flow's; the first side of `later` is `first`
    /// here.
    pub(super) fn append(&mut self, later: &Flow, first: Side, contexts: &mut Contexts) {
        if let Some(opening) = later.opening() {
            self.open(Opening { client: opening.client.where_first_is(first), ..opening });
            if later.both_opened() {
                let peer = Opening { client: opening.client.other(), number: later.peer_opening };
                self.open(Opening { client: peer.client.where_first_is(first), ..peer });
            }
        }
        if later.seen.iter().any(|bits| bits & seen::RESET_ANSWER != 0) {
            self.reset = later.reset;
        }
        let known = if self.is_aborted() { !seen::ABORTED_FIRST } else { !0 };
        if self.packets[1] == 0 && first == Side::First {
            self.before_reply = self.before_reply.saturating_add(later.before_reply);
        }
        for side in Side::BOTH {
            let (n, from) = (side as usize, side.where_first_is(first) as usize);
            self.packets[n] += later.packets[from];
            self.bytes[n] += later.bytes[from];
            self.seen[n] |= later.seen[from] & known;
            self.signs[n].append(later.signs[from]);
            self.shown[n] = contexts.join(self.shown[n], later.shown[from]);
        }
        self.fragments |= later.fragments;
        self.previous_time =
            if later.has_untimed { later.previous_time } else { self.previous_time.max(later.previous_time) };
        self.has_untimed |= later.has_untimed;
        self.last_time = self.last_time.max(later.last_time);
        if self.key.kind.icmp().is_some() {
            for side in Side::BOTH {
                if let Some(code) = later.noted_icmp_code(side) {
                    self.note_icmp_code(side.where_first_is(first), code);
                }
            }
        } else if later.has_service_code && !self.has_service_code {
            self.has_service_code = true;
            self.service_code = later.service_code;
        }
    }

    /// How the flow stands to those of other tables, as far as the beginning of its payload goes.
    pub(super) fn place(&self) -> Place {
        if self.may_go_on_another {
            Place::MayGoOn { is_opened: self.opening_client.is_some() }
        } else {
            Place::BeginsHere
        }
    }

    /// Counts later fragments of a datagram whose head is in this flow.
    pub(super) fn add_fragments(&mut self, side: Side, group: &Group) {
        let n = side as usize;
        self.packets[n] += group.packets;
        self.bytes[n] += group.bytes;
        self.seen[n] |= seen::PAYLOAD;
        self.last_time = self.last_time.max(group.last_time);
        self.fragments |= group.bits;
    }

    /// Notes what was seen of the flow's fragments.
    pub(super) fn mark_fragments(&mut self, bits: u8) {
        self.fragments |= bits;
    }

    /// Puts in what another table calls the tags and tunnels.
    pub(super) fn reshow(&mut self, moved: impl Fn(ContextId) -> ContextId) {
        self.shown = self.shown.map(|shown| shown.moved(&moved));
    }

    /// The interface of the first packet that `side` sent, and all tags and tunnels around its first packet
    /// that has any; `None` where `side` sent nothing.
    pub fn context_of(&self, side: Side) -> Option<ContextId> {
        (self.packets(side) > 0).then(|| self.shown[side as usize].context())
    }

    /// Whether two fragments of one datagram held the same octets, which attackers use to show
    /// two systems two datagrams (RFC 5722). The same fragment twice does not count.
    pub fn has_overlapping_fragments(&self) -> bool {
        self.fragments & fragment_bits::OVERLAPPING != 0
    }

    /// Whether a first fragment did not hold the whole transport header, or a second began inside
    /// where it must be (RFC 1858 section 3).
    pub fn has_tiny_fragments(&self) -> bool {
        self.fragments & fragment_bits::TINY != 0
    }

    /// Notes what an ICMP error says of a packet that `side` sent.
    pub(super) fn mark(&mut self, side: Side, bits: u16) {
        self.seen[side as usize] |= bits;
    }

    /// The transport protocol; `None` for a protocol without ports, of which there are flows where
    /// [`FlowOptions::protocols`](super::FlowOptions::protocols) asks for them.
    pub fn transport(&self) -> Option<Transport> {
        self.key.kind.transport()
    }

    /// The protocol above IP.
    pub fn protocol(&self) -> Protocol {
        self.key.protocol()
    }

    /// The tags and tunnels that are part of what makes the flow one: see [`Contexts`](super::Contexts).
    pub fn context(&self) -> ContextId {
        self.key.kind.context()
    }

    /// Address and port of one side.
    pub fn end(&self, side: Side) -> End {
        self.key.end(side as usize)
    }

    /// The flow with other addresses.
    #[cfg(feature = "report")]
    #[must_use]
    pub fn readdressed(self, other: impl Fn(IpAddr) -> IpAddr) -> Flow {
        Flow { key: self.key.readdressed(other), ..self }
    }

    /// Ports of both sides; `None` for a protocol without ports.
    pub fn ports(&self) -> Option<[u16; 2]> {
        self.transport().map(|_| self.key.ports)
    }

    /// Whether a connection is opened with a handshake that tells the client from the server.
    pub fn has_handshake(&self) -> bool {
        self.key.kind.has_handshake()
    }

    /// Port of one side; `None` for a protocol without ports.
    pub fn port(&self, side: Side) -> Option<u16> {
        self.end(side).port
    }

    /// Number of the first packet among all that was read, from 0. Blocks that hold no packet count where
    /// [Wireshark numbers them](crate::capture::BlockType::is_numbered_without_packet).
    pub fn first_packet(&self) -> u64 {
        self.first_packet
    }

    /// Time of the first packet, in the order of the capture.
    pub fn first_seen(&self) -> Option<Timestamp> {
        shown(self.first_time)
    }

    /// The latest time of all packets.
    pub fn last_seen(&self) -> Option<Timestamp> {
        shown(self.last_time)
    }

    /// The times of the first packet and of the last, in nanoseconds since 1970; 0 without times.
    pub(crate) fn nanoseconds(&self) -> (i64, i64) {
        let first = if self.first_time == NO_TIME { 0 } else { self.first_time };
        (first, self.last_time.max(first))
    }

    /// Packets that one side sent.
    pub fn packets(&self, side: Side) -> u64 {
        self.packets[side as usize]
    }

    /// Packets that one side sent before the first of the other: what a firewall counts at a rule
    /// for new connections. 0 for the side that did not send first. Later fragments do
    /// not count: a firewall that knows connections sees whole datagrams. Stops at `u32::MAX`.
    pub fn packets_before_reply(&self, side: Side) -> u32 {
        match side {
            Side::First => self.before_reply,
            Side::Second => 0,
        }
    }

    /// IP bytes on the wire that one side sent.
    pub fn bytes(&self, side: Side) -> u64 {
        self.bytes[side as usize]
    }

    /// The side that opened the connection, where the opening or its answer was seen; `None` where
    /// both opened. A SYN with FIN alone is none: nothing but probes send it.
    pub fn opened_by(&self) -> Option<Side> {
        let was_seen = |client: &Side| {
            self.has_sent(*client, seen::OPEN) || self.has_sent(client.other(), seen::OPEN_ANSWER)
        };
        if self.both_opened() { None } else { self.opening_client.filter(was_seen) }
    }

    /// The number with which the connection was opened (TCP's initial sequence number), where the opening or
    /// its answer was seen; `None` for other transports, and where both sides opened.
    pub fn opening_number(&self) -> Option<u32> {
        let is_tcp = self.transport() == Some(Transport::Tcp);
        self.opened_by().filter(|_| is_tcp).map(|_| self.opening_number)
    }

    /// The side that opened the connection in an earlier flow of the same ends, with no opening since.
    pub fn opened_before_by(&self) -> Option<Side> {
        self.opened_before
    }

    /// Number of the first packet of the connection, counted as [`Flow::first_packet`]: that of another
    /// flow where this one goes on a connection after a pause that ended the flow.
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// Whether an earlier flow is part of the same connection.
    pub(crate) fn continues(&self) -> bool {
        self.connection != self.first_packet
    }

    /// What all flows of a connection share, and no flow of another has.
    pub(crate) fn connection_key(&self) -> ConnectionKey {
        let mut ends = [self.key.own_end(0), self.key.own_end(1)];
        ends.sort_unstable();
        ConnectionKey { first_packet: self.connection, ends, kind: self.key.kind }
    }

    /// Makes this flow, which begins without an opening, a part of the connection of `earlier`, in
    /// which the sender of its first packet is `first`.
    pub(super) fn continue_connection(&mut self, earlier: &Flow, first: Side) {
        let client = earlier.opened_by().or(earlier.opened_before);
        self.continue_as(earlier.connection, client.map(|client| client.where_first_is(first)));
    }

    /// Makes this flow a part of a connection that `client` opened.
    pub(super) fn continue_as(&mut self, connection: u64, client: Option<Side>) {
        self.connection = connection;
        self.opened_before = client;
    }

    /// The DCCP Service Code of the first Request or Response (RFC 4340 section 8.1.2).
    pub fn service_code(&self) -> Option<u32> {
        (self.has_service_code && self.transport() == Some(Transport::Dccp)).then_some(self.service_code)
    }

    /// What the first payloads of one side show; nothing unless [`FlowOptions::payload`](super::FlowOptions::payload)
    /// asks for it.
    pub fn signs(&self, side: Side) -> Signs {
        self.signs[side as usize]
    }

    /// The protocol that the first payloads show, where it is plain to see.
    pub fn observed(&self, server: Side) -> Option<Observed> {
        observed(self.signs(server.other()), self.signs(server))
    }

    /// Whether payload is looked at ([`FlowOptions::payload`](super::FlowOptions::payload)).
    pub fn is_payload_asked(&self) -> bool {
        Side::BOTH.iter().any(|&side| self.signs(side).is_asked())
    }

    /// Whether payload of either side was looked at.
    pub fn has_seen_payload(&self) -> bool {
        Side::BOTH.iter().any(|&side| self.signs(side).is_any())
    }

    /// The side of the server, where the first payload of a side is one that clients or servers alone
    /// send.
    pub fn server_by_payload(&self) -> Option<Side> {
        let server = |side: Side| match self.signs(side).role()? {
            Role::Client => Some(side.other()),
            Role::Server => Some(side),
        };
        match (server(Side::First), server(Side::Second)) {
            (Some(a), Some(b)) => (a == b).then_some(a),
            (a, b) => a.or(b),
        }
    }

    /// Whether only one side was seen.
    pub fn is_one_way(&self) -> bool {
        self.packets.contains(&0)
    }

    /// Whether one side was seen to send what `bits` of [`seen`] say.
    pub(crate) fn has_sent(&self, side: Side, bits: u16) -> bool {
        self.seen[side as usize] & bits != 0
    }

    /// Whether an opening by `client` was answered with a refusal: a reset, or an ICMP error that
    /// says the destination is unreachable.
    pub fn is_refused(&self, client: Side) -> bool {
        let server = client.other();
        let reset = self.has_sent(client, seen::OPEN)
            && self.resets_opening(server)
            && !self.has_sent(server, seen::OPEN_ANSWER | seen::PAYLOAD);
        reset || self.is_unreachable(client)
    }

    /// Whether a reset of `server` answers the opening of the other side, with the data that came
    /// with it or without.
    pub(super) fn resets_opening(&self, server: Side) -> bool {
        let client = server.other();
        let number = match self.opening() {
            Some(own) if own.client == client => own.number,
            Some(_) if self.both_opened() => self.peer_opening,
            _ => return false,
        };
        let data = u64::from(self.reset.wrapping_sub(number));
        self.has_sent(server, seen::RESET_ANSWER) && data <= self.bytes(client)
    }

    /// Whether an ICMP error said that what one side sent could not be delivered, and the other
    /// side sent nothing.
    pub fn is_unreachable(&self, side: Side) -> bool {
        self.has_sent(side, seen::UNREACHABLE) && self.packets(side.other()) == 0
    }

    /// Whether one side is a broadcast address: what the other sent to it went to all stations of the
    /// link, and it never sent.
    pub fn is_link_broadcast(&self, side: Side) -> bool {
        self.packets(side) == 0 && self.has_sent(side.other(), seen::BROADCAST)
    }

    /// Whether one side was seen to answer an opening: TCP SYN+ACK, SCTP INIT ACK, DCCP Response.
    pub fn has_answered_an_opening(&self, side: Side) -> bool {
        self.has_sent(side, seen::OPEN_ANSWER)
    }

    /// Whether one side was seen to send payload.
    pub fn has_sent_payload(&self, side: Side) -> bool {
        self.has_sent(side, seen::PAYLOAD)
    }

    /// Whether one side sent resets (TCP RST, SCTP ABORT, DCCP Reset) and nothing that goes on
    /// with a connection. A TCP reset may carry text (RFC 9293 section 3.5.3).
    pub fn has_only_reset(&self, side: Side) -> bool {
        let payload = if self.transport() == Some(Transport::Tcp) { 0 } else { seen::PAYLOAD };
        let goes_on = seen::OPEN | seen::OPEN_ANSWER | seen::CLOSE | seen::CONFIRM | payload;
        self.has_sent(side, seen::ABORT) && !self.has_sent(side, goes_on)
    }

    /// Whether one side went on after the opening and its answer: a TCP acknowledgement without
    /// SYN and RST, SCTP's COOKIE ECHO or COOKIE ACK, DCCP's acknowledgements.
    pub fn has_confirmed(&self, side: Side) -> bool {
        self.has_sent(side, seen::CONFIRM)
    }

    /// Whether an ICMP error said that a filter refused what one side sent: communication
    /// administratively prohibited (ICMP 3, codes 9, 10 and 13; ICMPv6 1, codes 1, 5 and 6).
    pub fn is_prohibited(&self, side: Side) -> bool {
        self.has_sent(side, seen::PROHIBITED)
    }
}

/// A flow as a value: its ends in the order in which they sent first, times in RFC 3339, and for each end
/// what it sent.
impl Serialize for Flow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of_both = |of: fn(&Flow, Side) -> u64| Side::BOTH.map(|side| of(self, side));
        let mut out = serializer.serialize_struct("Flow", 12)?;
        out.serialize_field("transport", &self.transport())?;
        out.serialize_field("protocol", &self.protocol())?;
        out.serialize_field("ends", &Side::BOTH.map(|side| self.end(side)))?;
        out.serialize_field("first_packet", &self.first_packet())?;
        out.serialize_field("connection", &self.connection())?;
        out.serialize_field("first_seen", &self.first_seen())?;
        out.serialize_field("last_seen", &self.last_seen())?;
        out.serialize_field("packets", &of_both(Flow::packets))?;
        out.serialize_field("bytes", &of_both(Flow::bytes))?;
        out.serialize_field("opened_by", &self.opened_by())?;
        out.serialize_field("opened_before_by", &self.opened_before_by())?;
        out.serialize_field("service_code", &self.service_code())?;
        out.end()
    }
}

pub(super) fn stored(time: Option<Timestamp>) -> i64 {
    time.map_or(NO_TIME, Timestamp::nanoseconds)
}

fn shown(time: i64) -> Option<Timestamp> {
    (time != NO_TIME).then(|| Timestamp::from_nanoseconds(time))
}
