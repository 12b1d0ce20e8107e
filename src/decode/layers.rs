//! The transport headers of one packet, and what lies around them.

use std::net::IpAddr;
use std::ops::Range;

use super::outcome::{Bound, CutShort, Layer};
use super::step::{Step, StepKind};
use super::{Options, Outcome, Signal, link};
use crate::Transport;
use crate::capture::LinkType;

/// How many transport headers of one packet are kept. Each takes a network header and its own of
/// at least 28 octets together, so that deeper nesting is an attack and not a network.
pub const MAX_HEADERS: usize = 16;
/// How many tags and tunnels are kept for one packet. Frames that carry several packets keep the
/// stack of each, so that this is more than can lie around one header.
const MAX_STEPS: usize = 32;
/// How many headers that leave no step and no transport header are followed into each other.
const MAX_WRAPPERS: u8 = 16;

/// In place of the number of a network header: there is none.
const NO_NETWORK: u8 = u8::MAX;

/// One transport header with ports.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// The protocol.
    pub transport: Transport,
    /// Source address of the IP header around it.
    pub source: IpAddr,
    /// Destination address of the IP header around it.
    pub destination: IpAddr,
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Length of its IP packet on the wire, in octets, the IP header included.
    pub ip_length: u32,
    /// Octets behind the transport header, on the wire.
    pub payload_length: u32,
    /// Where in the packet the captured octets behind the transport header are.
    pub payload: (u32, u32),
    /// What the header says about opening and closing.
    pub signal: Signal,
    /// Whether the frame around its IP header went to the broadcast address of the link.
    pub is_link_broadcast: bool,
    /// Set for a header that is only quoted inside an ICMP or ICMPv6 error.
    pub quoted: Option<Quoted>,
    /// Which of the packet's steps lie around it: number of the first, and how many.
    pub(crate) steps: (u8, u8),
}

impl Header {
    /// The captured octets behind the transport header, in the packet it was decoded from.
    pub fn payload_of<'a>(&self, packet: &'a [u8]) -> &'a [u8] {
        packet.get(self.payload.0 as usize..self.payload.1 as usize).unwrap_or_default()
    }
}

/// What an ICMP or ICMPv6 error says of the packet that it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// Destination unreachable (RFC 792, RFC 4443 section 3.1).
    Unreachable,
    /// The same, because a filter says so: RFC 1812 section 5.2.7.1 codes 9, 10 and 13, RFC 4443
    /// section 3.1 codes 1, 5 and 6.
    Prohibited,
    /// Fragmentation needed, or packet too big (RFC 1191, RFC 4443 section 3.2).
    TooBig,
    /// Any other error: time exceeded, parameter problem, redirect, source quench.
    Other,
}

/// An IP fragment: which datagram it is a part of, and which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Source address of the datagram.
    pub source: IpAddr,
    /// Destination address of the datagram.
    pub destination: IpAddr,
    /// The protocol, which tells IPv4 datagrams of one identification apart (RFC 791 section
    /// 3.2); 0 for IPv6, where it does not (RFC 8200 section 4.5).
    pub protocol: u8,
    /// The datagram's Identification.
    pub identification: u32,
    /// Where in the datagram the fragment begins, in octets behind its unfragmentable headers.
    pub offset: u32,
    /// How many octets of it this fragment holds, on the wire.
    pub length: u32,
    /// Whether more fragments follow behind this one.
    pub more: bool,
    /// Length of the IP packet that carries the fragment, in octets on the wire.
    pub ip_length: u32,
    /// How many of the packet's transport headers lie around the datagram.
    pub(crate) headers_around: u8,
    /// As in [`Header`].
    pub(crate) steps: (u8, u8),
}

/// The tags and tunnels around a header, outermost first.
pub type Context<'a> = &'a [Step];

/// The transport headers of one packet, outermost first.
pub struct Layers {
    headers: [Header; MAX_HEADERS],
    count: usize,
    steps: [Step; MAX_STEPS],
    fragment: Option<Fragment>,
    paths: Paths,
    outcome: Outcome,
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
            steps: [Step { kind: StepKind::Ip, id: 0 }; MAX_STEPS],
            fragment: None,
            paths: Paths::default(),
            outcome: Outcome::NotIp,
        }
    }
}

impl Layers {
    /// Every transport header with ports, those quoted in errors among them.
    #[inline]
    pub fn headers(&self) -> &[Header] {
        &self.headers[..self.count]
    }

    /// What became of the packet. [`Outcome::Ports`] when it has a header with ports of its own;
    /// a quoted header alone does not count.
    #[inline]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The tags and tunnels around `header`, one of this packet's.
    #[inline]
    pub fn context(&self, header: &Header) -> Context<'_> {
        self.stack(header.steps)
    }

    /// The innermost fragment of the packet, where it is one.
    #[inline]
    pub fn fragment(&self) -> Option<&Fragment> {
        self.fragment.as_ref()
    }

    /// The tags and tunnels around `fragment`, this packet's.
    pub fn context_of_fragment(&self, fragment: &Fragment) -> Context<'_> {
        self.stack(fragment.steps)
    }

    /// The addresses that an SCTP INIT or INIT ACK names beside the one it comes from.
    pub fn paths(&self) -> &[IpAddr] {
        self.paths.addresses()
    }

    #[inline]
    fn stack(&self, (first, count): (u8, u8)) -> Context<'_> {
        let first = usize::from(first);
        &self.steps[first..first + usize::from(count)]
    }

    #[inline]
    pub(super) fn begin<'a>(&'a mut self, options: &'a Options, packet: &'a [u8]) -> Walk<'a> {
        self.count = 0;
        self.fragment = None;
        self.paths.count = 0;
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
        }
    }

    #[inline]
    pub(super) fn finish(&mut self, end: Outcome) {
        let own = self.headers().iter().any(|header| header.quoted.is_none());
        self.outcome = if own { Outcome::Ports } else { end };
    }
}

/// How many addresses of an INIT or INIT ACK are kept. A host with more paths than this is a rare
/// one; those beyond stay flows of their own.
const MAX_PATHS: usize = 8;

/// The addresses an SCTP end names for its side of the association.
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
    pub(super) options: &'a Options,
    packet: &'a [u8],
    first_step: u8,
    steps: u8,
    networks: u8,
    wrappers: u8,
    /// The network header right inside a frame to all stations of the link, by its number from 1;
    /// [`NO_NETWORK`] without such a frame.
    broadcast: u8,
    /// Set once the walk is inside an ICMP error.
    pub(super) quoted: Option<Quoted>,
    /// What ends the octets at hand.
    bound: Bound,
}

impl Walk<'_> {
    /// Notes a tag or tunnel. `Err` when there are too many.
    #[inline]
    pub(super) fn step(&mut self, kind: StepKind, id: u64) -> Result<(), Outcome> {
        let at = usize::from(self.first_step) + usize::from(self.steps);
        let place = self.layers.steps.get_mut(at).ok_or(Outcome::TooDeep)?;
        *place = Step { kind, id };
        self.steps += 1;
        Ok(())
    }

    /// Notes a tag or tunnel, and goes on inside it.
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

    /// Goes on behind a header that leaves no trace in the flow's key: so that a packet made of
    /// nothing else does not lead arbitrarily deep.
    pub(super) fn wrapped(&mut self, decode: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.wrappers >= MAX_WRAPPERS {
            return Outcome::TooDeep;
        }
        self.wrappers += 1;
        decode(self)
    }

    /// Goes on with a packet of a link type that a header in front of it names.
    pub(super) fn relink(&mut self, link_type: LinkType, bytes: &[u8]) -> Outcome {
        self.wrapped(|walk| link::decode(walk, link_type, bytes))
    }

    /// Decodes one of several packets that lie side by side. What was passed on the way to it is
    /// not around the next.
    pub(super) fn beside(&mut self, decode: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let (first, steps) = (self.first_step, self.steps);
        let (networks, wrappers, quoted) = (self.networks, self.wrappers, self.quoted);
        let (broadcast, bound) = (self.broadcast, self.bound);
        let outcome = decode(self);
        (self.broadcast, self.bound) = (broadcast, bound);
        let used = self.first_step + self.steps;
        (self.steps, self.networks, self.wrappers, self.quoted) = (0, networks, wrappers, quoted);
        // The steps of the packet just decoded stay where they are: those around all of them are
        // written again behind.
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

    /// Notes that the frame at hand went to all stations of the link.
    #[cold]
    pub(super) fn note_link_broadcast(&mut self) {
        self.broadcast = self.networks + 1;
    }

    /// Counts a network header: the first stands alone, the next are inside it.
    #[inline]
    pub(super) fn enter_network(&mut self) -> Result<(), Outcome> {
        if usize::from(self.networks) >= MAX_HEADERS {
            return Err(Outcome::TooDeep);
        }
        self.networks += 1;
        Ok(())
    }

    /// Keeps a transport header.
    #[inline]
    pub(super) fn push(&mut self, header: Header) -> Outcome {
        let Some(place) = self.layers.headers.get_mut(self.layers.count) else {
            return Outcome::TooDeep;
        };
        *place = Header {
            steps: (self.first_step, self.steps),
            is_link_broadcast: self.broadcast == self.networks,
            quoted: self.quoted,
            ..header
        };
        self.layers.count += 1;
        Outcome::Ports
    }

    /// Notes that the packet is a fragment. One that an ICMP error quotes is none.
    pub(super) fn note_fragment(&mut self, fragment: Fragment) {
        if self.quoted.is_none() {
            let headers_around = self.layers.count as u8;
            let steps = (self.first_step, self.steps);
            self.layers.fragment = Some(Fragment { headers_around, steps, ..fragment });
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
        }
    }

    /// The first `length` octets of `bytes`, as a length field limits them; all of `bytes` where
    /// fewer were captured. What is inside is bounded by that field from here on.
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
    /// A fragment of a datagram; what lies around it is the walk's to tell.
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
