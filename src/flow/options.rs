//! How packets become flows.

use std::time::Duration;

use super::key::Kind;
use crate::Transport;
use crate::capture::{Timestamp, nanoseconds};
use crate::evidence::NameSources;

/// Which transport headers of a packet count, where traffic is tunnelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerChoice {
    /// The innermost that has ports, or of all protocols the innermost.
    #[default]
    Inner,
    /// The outermost that has ports, or of all protocols the outermost.
    Outer,
    /// All of them, each in a flow of its own.
    All,
}

impl LayerChoice {
    /// Every choice.
    pub const ALL: [LayerChoice; 3] = [LayerChoice::Inner, LayerChoice::Outer, LayerChoice::All];

    /// Word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            LayerChoice::Inner => "inner",
            LayerChoice::Outer => "outer",
            LayerChoice::All => "all",
        }
    }
}

/// Which protocols are in flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolChoice {
    /// Those with ports: TCP, UDP, SCTP, DCCP, UDP-Lite.
    #[default]
    Ports,
    /// Those without ports as well: ICMP, ESP, GRE, OSPF.
    All,
}

impl ProtocolChoice {
    /// Every choice.
    pub const ALL: [ProtocolChoice; 2] = [ProtocolChoice::Ports, ProtocolChoice::All];

    /// Word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            ProtocolChoice::Ports => "ports",
            ProtocolChoice::All => "all",
        }
    }
}

/// How packets become flows. More fields may come: end a literal with `..FlowOptions::default()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowOptions {
    /// Which headers count.
    pub layers: LayerChoice,
    /// Which protocols are in flows.
    pub protocols: ProtocolChoice,
    /// Time without a packet after which a TCP, SCTP or DCCP flow has ended: 5 minutes unless set.
    pub connection_timeout: Duration,
    /// Time without a packet after which a flow of UDP, UDP-Lite or a protocol without ports has ended: 1
    /// minute unless set.
    pub datagram_timeout: Duration,
    /// Whether VLAN tags tell flows apart: for networks whose address plans overlap. Without, tags are
    /// shown, and packets of one connection may have different ones.
    pub separate_vlans: bool,
    /// Packets before this time are not counted.
    pub since: Option<Timestamp>,
    /// Packets at this time and after are not counted.
    pub until: Option<Timestamp>,
    /// Whether the first payloads of each flow are looked at ([`Flow::observed`](super::Flow::observed),
    /// [`FlowTable::announced`](super::FlowTable::announced)).
    pub payload: bool,
    /// Where names of hosts are taken from ([`FlowTable::names`](super::FlowTable::names)); from nowhere unless
    /// set, since they are personal data. Those in payload are found where payload is looked at.
    pub names: NameSources,
}

impl Default for FlowOptions {
    fn default() -> FlowOptions {
        FlowOptions {
            layers: LayerChoice::Inner,
            protocols: ProtocolChoice::Ports,
            connection_timeout: Duration::from_mins(5),
            datagram_timeout: Duration::from_mins(1),
            separate_vlans: false,
            since: None,
            until: None,
            payload: true,
            names: NameSources::NONE,
        }
    }
}

impl FlowOptions {
    /// Time without a packet after which a flow of this transport has ended.
    pub fn timeout(&self, transport: Transport) -> Duration {
        if transport.has_handshake() { self.connection_timeout } else { self.datagram_timeout }
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        Timeouts {
            connection: nanoseconds(self.connection_timeout),
            datagram: nanoseconds(self.datagram_timeout),
        }
    }

    /// Whether packets of some time alone count.
    #[inline]
    pub fn has_window(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether packets of this time count. A packet without a time is in no window.
    #[inline]
    pub fn has_in_window(&self, time: Option<Timestamp>) -> bool {
        if !self.has_window() {
            return true;
        }
        time.is_some_and(|time| {
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
        })
    }
}

/// [`FlowOptions::timeout`] in nanoseconds, as packets are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    connection: i64,
    datagram: i64,
}

impl Timeouts {
    #[inline]
    pub(super) fn of(self, kind: Kind) -> i64 {
        if kind.has_handshake() { self.connection } else { self.datagram }
    }
}
