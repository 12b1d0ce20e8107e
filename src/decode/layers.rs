//! The transport headers of one packet, and what lies around them.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use super::{Outcome, Signal};
use crate::Transport;

/// How many transport headers of one packet are kept. Each takes a network header and its own of
/// at least 28 octets together, so that deeper nesting is an attack and not a network.
pub const MAX_HEADERS: usize = 16;
/// How many tags and tunnels around each other are followed.
const MAX_STEPS: usize = 16;

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
    /// Set for a header that is only quoted inside an ICMP or ICMPv6 error.
    pub quoted: Option<Quoted>,
    /// How many of the packet's steps lie around it.
    pub(crate) steps: u8,
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
    /// Fragmentation needed, or packet too big (RFC 1191, RFC 4443 section 3.2).
    TooBig,
    /// Any other error: time exceeded, parameter problem, redirect, source quench.
    Other,
}

/// A tag or a tunnel that was passed on the way to a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What was passed.
    pub kind: StepKind,
    /// Its number: VLAN identifier, VNI, key … 0 where there is none.
    pub id: u64,
}

/// Kinds of tags and tunnels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// A VLAN tag (IEEE 802.1Q), by its VLAN identifier.
    Vlan,
    /// IP directly inside IP (RFC 2003, RFC 2473, RFC 4213).
    Ip,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            StepKind::Vlan => write!(f, "vlan:{}", self.id),
            StepKind::Ip => f.write_str("ip"),
        }
    }
}

/// The tags and tunnels around a header, outermost first.
pub type Context<'a> = &'a [Step];

/// The transport headers of one packet, outermost first.
pub struct Layers {
    headers: [Header; MAX_HEADERS],
    count: usize,
    steps: [Step; MAX_STEPS],
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
            quoted: None,
            steps: 0,
        };
        Layers {
            headers: [header; MAX_HEADERS],
            count: 0,
            steps: [Step { kind: StepKind::Ip, id: 0 }; MAX_STEPS],
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
        &self.steps[..usize::from(header.steps)]
    }

    #[inline]
    pub(super) fn begin<'a>(&'a mut self, packet: &'a [u8]) -> Walk<'a> {
        self.count = 0;
        Walk { layers: self, packet, steps: 0, depth: 0, quoted: None }
    }

    #[inline]
    pub(super) fn finish(&mut self, end: Outcome) {
        let own = self.headers().iter().any(|header| header.quoted.is_none());
        self.outcome = if own { Outcome::Ports } else { end };
    }
}

/// One walk through one packet.
pub(super) struct Walk<'a> {
    layers: &'a mut Layers,
    packet: &'a [u8],
    steps: u8,
    depth: u8,
    /// Set once the walk is inside an ICMP error.
    pub(super) quoted: Option<Quoted>,
}

impl Walk<'_> {
    /// Notes a tag or tunnel. `Err` when there are too many.
    #[inline]
    pub(super) fn step(&mut self, kind: StepKind, id: u64) -> Result<(), Outcome> {
        let place = self.layers.steps.get_mut(usize::from(self.steps)).ok_or(Outcome::TooDeep)?;
        *place = Step { kind, id };
        self.steps += 1;
        Ok(())
    }

    /// Counts a network header: the first stands alone, the next are inside it.
    #[inline]
    pub(super) fn enter_network(&mut self) -> Result<(), Outcome> {
        if usize::from(self.depth) >= MAX_HEADERS {
            return Err(Outcome::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    /// Keeps a transport header.
    #[inline]
    pub(super) fn push(&mut self, header: Header) -> Outcome {
        let Some(place) = self.layers.headers.get_mut(self.layers.count) else {
            return Outcome::TooDeep;
        };
        *place = Header { steps: self.steps, quoted: self.quoted, ..header };
        self.layers.count += 1;
        Outcome::Ports
    }

    /// Where `part`, a slice of the packet, lies in it.
    #[inline]
    pub(super) fn place(&self, part: &[u8]) -> Range<usize> {
        let start = (part.as_ptr() as usize).saturating_sub(self.packet.as_ptr() as usize);
        start..start + part.len()
    }
}
