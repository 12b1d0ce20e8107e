//! The transport headers of one packet, with the tags and tunnels around them.

use std::net::IpAddr;
use std::ops::Range;

use super::outcome::{Bound, CutShort, Layer};
use super::step::{Step, StepKind};
use super::{DecodeOptions, Outcome, Part, Parts, Portless, Signal, UdpTunnel, link};
use crate::Transport;
use crate::capture::{LinkType, Packet};
use crate::net::{Interface, InterfaceName};

/// Number of transport headers that are kept for one packet. Each takes a network header and its own,
/// at least 28 octets together, so that deeper nesting is an attack and not a network.
pub const MAX_HEADERS: usize = 16;
/// Number of tags and tunnels that are kept for one packet. Frames that carry several packets keep the
/// stack of each, and frames made for tests hold more than fifty tags around one header.
pub(crate) const MAX_STEPS: usize = 64;
/// Number of nested headers that are followed although they leave neither a step nor a transport
/// header.
const MAX_WRAPPERS: u8 = 16;

/// Value in place of the number of a network header where there is none.
const NO_NETWORK: u8 = u8::MAX;

/// One transport header with ports.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Transport protocol.
    pub transport: Transport,
    /// Source address of the IP header around it.
    pub source: IpAddr,
    /// Destination address of the IP header around it.
    pub destination: IpAddr,
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Length of the IP packet around it on the wire, in octets, including the IP header.
    pub ip_length: u32,
    /// Length of the payload after the transport header on the wire, in octets.
    pub payload_length: u32,
    /// Start and end of the captured payload in the packet.
    pub payload: (u32, u32),
    /// Fields that show opening and closing.
    pub signal: Signal,
    /// Whether the frame around the IP header was sent to the broadcast address of the link.
    pub is_link_broadcast: bool,
    /// What the ICMP or ICMPv6 error says that quotes this header; `None` for a header that is not
    /// quoted.
    pub quoted: Option<Quoted>,
    /// The steps of the packet around the header: number of the first, and their count.
    pub(crate) steps: (u8, u8),
}

impl Header {
    /// Captured payload after the transport header. `packet` is the packet it was decoded from.
    pub fn payload_of<'a>(&self, packet: &'a [u8]) -> &'a [u8] {
        packet.get(self.payload.0 as usize..self.payload.1 as usize).unwrap_or_default()
    }
}

/// Meaning of an ICMP or ICMPv6 error for the packet that it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// Destination unreachable (RFC 792, RFC 4443 section 3.1).
    Unreachable,
    /// Destination unreachable because of a filter (RFC 1812 section 5.2.7.1 codes 9, 10 and 13; RFC
    /// 4443 section 3.1 codes 1, 5 and 6).
    Prohibited,
    /// Fragmentation needed, or packet too big (RFC 1191, RFC 4443 section 3.2).
    TooBig,
    /// Any other error: time exceeded, parameter problem, redirect, source quench.
    Other,
}

/// An IP fragment: its datagram, and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Source address of the datagram.
    pub source: IpAddr,
    /// Destination address of the datagram.
    pub destination: IpAddr,
    /// Protocol number, which is part of the identity of an IPv4 datagram (RFC 791 section 3.2); 0 for
    /// IPv6, where it is not (RFC 8200 section 4.5).
    pub protocol: u8,
    /// Identification of the datagram.
    pub identification: u32,
    /// Offset of the fragment in the datagram, in octets after its unfragmentable headers.
    pub offset: u32,
    /// Octets of the datagram in this fragment, on the wire.
    pub length: u32,
    /// Whether more fragments follow.
    pub more: bool,
    /// Length of the IP packet with the fragment on the wire, in octets.
    pub ip_length: u32,
    /// Number of the packet's transport headers around the datagram.
    pub(crate) headers_around: u8,
    /// The steps of the packet around the datagram: number of the first, and their count.
    pub(crate) steps: (u8, u8),
}

/// The tags and tunnels around a header, outermost first.
pub type Context<'a> = &'a [Step];

/// The transport headers of one packet, outermost first.
pub struct Layers {
    headers: [Header; MAX_HEADERS],
    count: usize,
    /// Whether one of the headers is the packet's own, not quoted in an ICMP error.
    has_own: bool,
    /// Whether there is more than headers of the packet's own.
    has_rarities: bool,
    steps: [Step; MAX_STEPS],
    fragment: Option<Fragment>,
    portless: Option<Portless>,
    quoted_portless: Option<Portless>,
    resemblance: Option<(UdpTunnel, u16)>,
    paths: Paths,
    interface: Stated,
    /// Where the innermost IP header begins.
    datagram: u32,
    /// The steps around it: number of the first, and their count.
    datagram_steps: (u8, u8),
    outcome: Outcome,
}

/// In place of where an IP header begins in a packet without one.
const NO_DATAGRAM: u32 = u32::MAX;

/// What the first header of a packet calls the interface that the packet was captured on.
#[derive(Clone, Copy)]
enum Stated {
    Nothing,
    Number(u32),
    /// The place of its name in the packet.
    Name {
        start: u32,
        end: u32,
    },
}

impl Default for Layers {
    fn default() -> Layers {
        let any = IpAddr::from([0; 4]);
        let header = Header {
            transport: Transport::Udp,
            source: any,
            destination: any,
            source_port: 0,
            destination_port: 0,
            ip_length: 0,
            payload_length: 0,
            payload: (0, 0),
            signal: Signal::None,
            is_link_broadcast: false,
            quoted: None,
            steps: (0, 0),
        };
        Layers {
            headers: [header; MAX_HEADERS],
            count: 0,
            has_own: false,
            has_rarities: false,
            steps: [Step { kind: StepKind::Ip, id: 0 }; MAX_STEPS],
            fragment: None,
            portless: None,
            quoted_portless: None,
            resemblance: None,
            paths: Paths::default(),
            interface: Stated::Nothing,
            datagram: NO_DATAGRAM,
            datagram_steps: (0, 0),
            outcome: Outcome::NotIp,
        }
    }
}

impl Layers {
    /// All transport headers with ports, including those quoted in errors.
    #[inline]
    pub fn headers(&self) -> &[Header] {
        &self.headers[..self.count]
    }

    /// Whether the packet has what few have: a [fragment](Layers::fragment), headers that are quoted, a
    /// [resemblance](Layers::resemblance) or [paths](Layers::paths).
    #[inline]
    pub(crate) fn has_rarities(&self) -> bool {
        self.has_rarities
    }

    /// Outcome of decoding. It is [`Outcome::Ports`] for a packet with a header with ports of its own;
    /// headers that are only quoted do not count.
    #[inline]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Tags and tunnels around a header of this packet.
    #[inline]
    pub fn context(&self, header: &Header) -> Context<'_> {
        self.stack(header.steps)
    }

    /// The innermost fragment; `None` for a packet without one.
    #[inline]
    pub fn fragment(&self) -> Option<&Fragment> {
        self.fragment.as_ref()
    }

    /// The innermost protocol without ports that the packet, or one of several in it, ends in; `None` where
    /// all end in ports, or in what hides the protocol.
    #[inline]
    pub fn portless(&self) -> Option<&Portless> {
        self.portless.as_ref()
    }

    /// The protocol without ports of the packet that an ICMP error quotes.
    #[inline]
    pub fn quoted_portless(&self) -> Option<&Portless> {
        self.quoted_portless.as_ref()
    }

    /// The tunnel that the packet seems to hold on a UDP port that is not known for it, and the port.
    /// [`DecodeOptions::add_tunnel`] has it followed.
    #[inline]
    pub fn resemblance(&self) -> Option<(UdpTunnel, u16)> {
        self.resemblance
    }

    /// Tags and tunnels around the fragment of this packet.
    pub fn context_of_fragment(&self, fragment: &Fragment) -> Context<'_> {
        self.stack(fragment.steps)
    }

    /// Tags and tunnels around the protocol without ports of this packet.
    pub fn context_of_portless(&self, portless: &Portless) -> Context<'_> {
        self.stack(portless.steps)
    }

    /// Addresses that an SCTP INIT, INIT ACK or ASCONF names for its sender besides the source address
    /// (RFC 9260 section 3.3.2, RFC 5061 section 4.2.1).
    pub fn paths(&self) -> &[IpAddr] {
        self.paths.addresses()
    }

    /// Whether [`Layers::interface`] may tell an interface.
    #[inline]
    pub(crate) fn has_interface(&self, packet: &Packet) -> bool {
        packet.has_interface() || !matches!(self.interface, Stated::Nothing)
    }

    /// The interface that a packet was captured on, by what the capture and its first header call it:
    /// LINKTYPE_LINUX_SLL2 and LINKTYPE_IPNET its number on the capturing system, LINKTYPE_PKTAP and
    /// LINKTYPE_PFLOG its name. `packet` is the packet these layers were decoded from.
    pub fn interface<'a>(&self, packet: &Packet<'a>) -> Option<Interface<'a>> {
        let header = match self.interface {
            Stated::Nothing => None,
            Stated::Number(number) => Some(InterfaceName::Number(number)),
            Stated::Name { start, end } => {
                packet.bytes.get(start as usize..end as usize).and_then(InterfaceName::of_octets)
            }
        };
        Interface::new(packet.interface(), header)
    }

    /// The innermost IP packet from its header on, with what follows it in the capture, and the tags and tunnels
    /// around it. What an ICMP error quotes does not count. `packet` is the packet these layers were decoded
    /// from.
    #[inline]
    pub(crate) fn datagram<'a>(&self, packet: &'a [u8]) -> Option<(&'a [u8], Context<'_>)> {
        Some((packet.get(self.datagram as usize..)?, self.stack(self.datagram_steps)))
    }

    /// The first octets of that packet; `None` where fewer were captured, and with tags or tunnels around it.
    #[inline]
    pub(crate) fn bare_datagram<'a, const N: usize>(&self, packet: &'a [u8]) -> Option<&'a [u8; N]> {
        if self.datagram_steps.1 != 0 {
            return None;
        }
        let start = self.datagram as usize;
        packet.get(start..start + N)?.first_chunk()
    }

    #[inline]
    fn stack(&self, (first, count): (u8, u8)) -> Context<'_> {
        let first = usize::from(first);
        &self.steps[first..first + usize::from(count)]
    }

    #[inline]
    pub(super) fn begin<'a>(
        &'a mut self,
        options: &'a DecodeOptions,
        packet: &'a [u8],
        parts: Option<&'a mut Parts>,
    ) -> Walk<'a> {
        self.count = 0;
        self.has_own = false;
        if self.has_rarities {
            self.has_rarities = false;
            self.fragment = None;
            self.portless = None;
            self.quoted_portless = None;
            self.resemblance = None;
            self.paths.count = 0;
        }
        self.interface = Stated::Nothing;
        self.datagram = NO_DATAGRAM;
        Walk {
            layers: self,
            options,
            packet,
            first_step: 0,
            steps: 0,
            networks: 0,
            wrappers: 0,
            broadcast: NO_NETWORK,
            quoted: None,
            bound: Bound::Capture,
            parts,
        }
    }

    /// Takes all octets from a place on for not captured.
    pub(super) fn end_payload(&mut self, end: usize) {
        for header in &mut self.headers[..self.count] {
            header.payload.1 = header.payload.1.min(end as u32).max(header.payload.0);
        }
    }

    #[inline]
    pub(super) fn finish(&mut self, end: Outcome) {
        // Two assignments: one would copy the outcome twice.
        if self.has_own {
            self.outcome = Outcome::Ports;
        } else {
            self.outcome = end;
        }
    }
}

/// Number of addresses of an SCTP end that are kept. Hosts with more are rare; traffic of further
/// addresses stays in flows of its own.
const MAX_PATHS: usize = 8;

/// Addresses that an SCTP end names for its side of the association.
struct Paths {
    addresses: [IpAddr; MAX_PATHS],
    count: u8,
}

impl Default for Paths {
    fn default() -> Paths {
        Paths { addresses: [IpAddr::from([0; 4]); MAX_PATHS], count: 0 }
    }
}

impl Paths {
    fn addresses(&self) -> &[IpAddr] {
        &self.addresses[..usize::from(self.count)]
    }
}

/// One walk through one packet.
pub(super) struct Walk<'a> {
    layers: &'a mut Layers,
    pub(super) options: &'a DecodeOptions,
    packet: &'a [u8],
    first_step: u8,
    steps: u8,
    networks: u8,
    wrappers: u8,
    /// Number, from 1, of the network header directly inside a frame to the broadcast address of the
    /// link; [`NO_NETWORK`] without one.
    broadcast: u8,
    /// Set once the walk is inside an ICMP error.
    pub(super) quoted: Option<Quoted>,
    /// What ends the octets that are being decoded.
    bound: Bound,
    /// Where it is told what octets are; `None` where nobody asks.
    parts: Option<&'a mut Parts>,
}

impl Walk<'_> {
    /// Notes a tag or tunnel; fails when there are too many.
    #[inline]
    pub(super) fn step(&mut self, kind: StepKind, id: u64) -> Result<(), Outcome> {
        let at = usize::from(self.first_step) + usize::from(self.steps);
        let Some(place) = self.layers.steps.get_mut(at) else { return Err(self.too_deep()) };
        *place = Step { kind, id };
        self.steps += 1;
        Ok(())
    }

    /// Notes a tag or tunnel, and decodes its content.
    #[inline]
    pub(super) fn inside(
        &mut self,
        kind: StepKind,
        id: impl Into<u64>,
        decode: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        match self.step(kind, id.into()) {
            Ok(()) => decode(self),
            Err(outcome) => outcome,
        }
    }

    /// Decodes the content of a header that is not part of a flow's key. Limits how many of them can
    /// be nested.
    pub(super) fn wrapped(&mut self, decode: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.wrappers >= MAX_WRAPPERS {
            return self.too_deep();
        }
        self.wrappers += 1;
        decode(self)
    }

    /// Decodes a packet of a link type that the header before it names.
    pub(super) fn relink(&mut self, link_type: LinkType, bytes: &[u8]) -> Outcome {
        self.wrapped(|walk| link::decode(walk, link_type, bytes))
    }

    /// Decodes one of several packets that lie side by side. Tags and tunnels inside it are not around
    /// the next.
    pub(super) fn beside(&mut self, decode: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let (first, steps) = (self.first_step, self.steps);
        let (networks, wrappers, quoted) = (self.networks, self.wrappers, self.quoted);
        let (broadcast, bound) = (self.broadcast, self.bound);
        let outcome = decode(self);
        (self.broadcast, self.bound) = (broadcast, bound);
        let used = self.first_step + self.steps;
        (self.steps, self.networks, self.wrappers, self.quoted) = (0, networks, wrappers, quoted);
        // The steps of the packet just decoded keep their places. Those around all of the packets are
        // written again after them.
        self.first_step = if used > first + steps { used } else { first };
        if self.first_step == first {
            self.steps = steps;
        } else {
            for n in 0..steps {
                let Step { kind, id } = self.layers.steps[usize::from(first + n)];
                if let Err(outcome) = self.step(kind, id) {
                    return outcome;
                }
            }
        }
        outcome
    }

    /// Notes the number of the interface that the packet was captured on; 0 is that of none.
    pub(super) fn note_interface(&mut self, number: u32) {
        if number != 0 && self.is_outermost() {
            self.layers.interface = Stated::Number(number);
        }
    }

    /// Notes the name of the interface that the packet was captured on, a slice of the packet.
    pub(super) fn note_interface_name(&mut self, name: &[u8]) {
        if self.is_outermost() {
            let Range { start, end } = self.place(name);
            self.layers.interface = Stated::Name { start: start as u32, end: end as u32 };
        }
    }

    /// Whether no header that the network carried comes before the one being decoded.
    fn is_outermost(&self) -> bool {
        self.networks == 0 && matches!(self.layers.interface, Stated::Nothing)
    }

    /// Notes that the frame was sent to the broadcast address of the link.
    #[cold]
    pub(super) fn note_link_broadcast(&mut self) {
        self.broadcast = self.networks + 1;
    }

    /// The outcome of a packet with more nested headers than are followed. None of its headers is kept:
    /// the innermost of them would pass for the packet's own. In a packet that an error quotes nothing
    /// changes but that no more headers are kept.
    #[cold]
    #[inline(never)]
    pub(super) fn too_deep(&mut self) -> Outcome {
        if self.quoted.is_none() {
            self.layers.count = 0;
            self.layers.has_own = false;
            self.layers.fragment = None;
            self.layers.portless = None;
        }
        Outcome::TooDeep
    }

    /// Tells what these octets, a slice of the packet, are.
    #[inline]
    pub(super) fn tell(&mut self, part: Part, octets: &[u8]) {
        if self.parts.is_some() && !octets.is_empty() {
            self.tell_who_asks(part, octets);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_who_asks(&mut self, part: Part, octets: &[u8]) {
        let place = self.place(octets);
        if let Some(parts) = &mut self.parts {
            parts.push(place, part);
        }
    }

    /// Whether somebody asks what octets are.
    #[inline]
    pub(super) fn is_told(&self) -> bool {
        self.parts.is_some()
    }

    /// Tells of a header that begins with this number of addresses of stations and holds no others.
    #[cold]
    #[inline(never)]
    pub(super) fn tell_stations(&mut self, header: &[u8], count: usize) {
        for station in header.as_chunks::<6>().0.iter().take(count) {
            self.tell(Part::Station, station);
        }
        self.tell(Part::Plain, header.get(6 * count..).unwrap_or_default());
    }

    /// Tells that octets are the first of a header and hold neither addresses nor names, as far as they were
    /// captured.
    pub(super) fn tell_plain(&mut self, octets: &[u8], length: usize) {
        self.tell(Part::Plain, &octets[..length.min(octets.len())]);
    }

    /// Tells that the octets from `plain` to `length` of a header may hold anything, and those before hold
    /// neither addresses nor names.
    pub(super) fn tell_opaque(&mut self, octets: &[u8], plain: usize, length: usize) {
        self.tell_plain(octets, plain.min(length));
        self.tell(Part::Opaque, octets.get(plain..length.min(octets.len())).unwrap_or_default());
    }

    /// Counts a network header; fails when too many are nested.
    #[inline]
    pub(super) fn enter_network(&mut self) -> Result<(), Outcome> {
        if usize::from(self.networks) >= MAX_HEADERS {
            return Err(self.too_deep());
        }
        self.networks += 1;
        Ok(())
    }

    /// Notes that an IP header begins here.
    #[inline]
    pub(super) fn note_datagram(&mut self, bytes: &[u8]) {
        self.layers.datagram = self.place(bytes).start as u32;
        self.layers.datagram_steps = self.steps_around();
    }

    /// Decodes what an ICMP error quotes: the innermost IP header of the packet's own stays what it is.
    pub(super) fn quote(&mut self, decode: impl FnOnce(&mut Self) -> Outcome) {
        let (datagram, steps) = (self.layers.datagram, self.layers.datagram_steps);
        decode(self);
        (self.layers.datagram, self.layers.datagram_steps) = (datagram, steps);
    }

    /// Keeps a transport header.
    #[inline]
    pub(super) fn push(&mut self, header: Header) -> Outcome {
        let is_link_broadcast = self.is_link_broadcast();
        let Some(place) = self.layers.headers.get_mut(self.layers.count) else {
            return self.too_deep();
        };
        *place =
            Header { steps: (self.first_step, self.steps), is_link_broadcast, quoted: self.quoted, ..header };
        self.layers.count += 1;
        self.layers.has_own |= self.quoted.is_none();
        self.layers.has_rarities |= self.quoted.is_some();
        Outcome::Ports
    }

    /// Whether the newest network header is directly inside a frame to the broadcast address of the link.
    #[inline]
    pub(super) fn is_link_broadcast(&self) -> bool {
        self.broadcast == self.networks
    }

    /// Number of the transport headers kept so far.
    pub(super) fn headers(&self) -> u8 {
        self.layers.count as u8
    }

    /// The steps around what is being decoded: number of the first, and their count.
    pub(super) fn steps_around(&self) -> (u8, u8) {
        (self.first_step, self.steps)
    }

    /// Notes the protocol without ports that the packet, or the one that an ICMP error quotes, ends in.
    pub(super) fn end_in(&mut self, note: Portless) {
        *self.end(&note) = Some(note);
        self.layers.has_rarities = true;
    }

    /// Where a protocol is noted that a packet ends in.
    fn end(&mut self, note: &Portless) -> &mut Option<Portless> {
        if note.quoted.is_some() { &mut self.layers.quoted_portless } else { &mut self.layers.portless }
    }

    /// Notes the protocol of a tunnel, of which `outcome` is what came of its content: nothing where that is
    /// another packet, which ends in something of its own.
    pub(super) fn end_in_tunnel(&mut self, note: Portless, networks: u8, outcome: Outcome) {
        let is_read = matches!(outcome, Outcome::Ports | Outcome::TooDeep);
        if !is_read && self.networks == networks && self.end(&note).is_none() {
            self.end_in(note);
        }
    }

    /// Number of network headers so far.
    pub(super) fn networks(&self) -> u8 {
        self.networks
    }

    /// Notes that the packet is a fragment. A fragment that an ICMP error quotes does not count.
    pub(super) fn note_fragment(&mut self, fragment: Fragment) {
        if self.quoted.is_none() {
            let headers_around = self.layers.count as u8;
            let steps = (self.first_step, self.steps);
            self.layers.fragment = Some(Fragment { headers_around, steps, ..fragment });
            self.layers.has_rarities = true;
        }
    }

    /// Notes that the packet seems to hold a tunnel on a port that is not known for it. One that an ICMP
    /// error quotes does not count.
    pub(super) fn note_resemblance(&mut self, kind: UdpTunnel, port: u16) {
        if self.quoted.is_none() {
            self.layers.resemblance = Some((kind, port));
            self.layers.has_rarities = true;
        }
    }

    /// Notes an address of the sender's side of an SCTP association.
    pub(super) fn note_path(&mut self, address: IpAddr) {
        let paths = &mut self.layers.paths;
        if self.quoted.is_none()
            && let Some(place) = paths.addresses.get_mut(usize::from(paths.count))
        {
            *place = address;
            paths.count += 1;
            self.layers.has_rarities = true;
        }
    }

    /// The first `length` octets of `bytes`, as a length field limits them; all of `bytes` where
    /// fewer were captured. From here on that field is the bound of what is inside.
    #[inline]
    pub(super) fn shorten<'b>(&mut self, bytes: &'b [u8], length: usize, bound: Bound) -> &'b [u8] {
        match bytes.get(..length) {
            Some(part) => {
                self.bound = bound;
                part
            }
            None => bytes,
        }
    }

    /// The outcome for a header of `layer` that takes `needed` octets or more where only `bytes`, a
    /// slice of the packet, are left for it.
    #[cold]
    #[inline(never)]
    pub(super) fn cut(&self, layer: Layer, needed: usize, bytes: &[u8]) -> Outcome {
        let Range { start, .. } = self.place(bytes);
        Outcome::Truncated(CutShort {
            layer,
            needed: needed as u32,
            had: bytes.len() as u32,
            at: start as u32,
            bound: self.bound,
        })
    }

    /// Place of `part`, a slice of the packet, in it. Decoders hand on slices of the packet and never
    /// copies of it.
    #[inline]
    pub(super) fn place(&self, part: &[u8]) -> Range<usize> {
        let (packet, octets) = (self.packet.as_ptr_range(), part.as_ptr_range());
        debug_assert!(
            packet.start <= octets.start && octets.end <= packet.end,
            "a decoder handed on octets that are not a slice of the packet"
        );
        let start = (octets.start as usize).wrapping_sub(packet.start as usize);
        start..start + part.len()
    }
}

impl Fragment {
    /// A fragment of a datagram. The walk fills in the headers and steps around it.
    pub(super) fn new(source: IpAddr, destination: IpAddr, protocol: u8, identification: u32) -> Fragment {
        Fragment {
            source,
            destination,
            protocol,
            identification,
            offset: 0,
            length: 0,
            more: false,
            ip_length: 0,
            headers_around: 0,
            steps: (0, 0),
        }
    }
}
