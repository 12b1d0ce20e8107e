//! A new flow, as a firewall sees its first packet.

use std::net::IpAddr;

use crate::net::{Protocol, Transport};

/// What the first packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// A transport with ports.
    Ports {
        /// Which.
        transport: Transport,
        /// The client's port.
        source: u16,
        /// The server's port.
        destination: u16,
    },
    /// ICMP in IPv4, ICMPv6 in IPv6.
    Icmp {
        /// Type of the message.
        kind: u8,
        /// Its code.
        code: u8,
    },
    /// Another protocol.
    Other(Protocol),
}

/// Where on its way a flow was captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Captured {
    /// Before the firewall translated it, or behind: that is not known.
    #[default]
    Anywhere,
    /// Before.
    Before,
    /// On both sides: its addresses are those before, and this is its server behind.
    BothSides(IpAddr, Option<u16>),
}

/// The first packet of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFlow<'a> {
    /// The client.
    pub source: IpAddr,
    /// The server, as the client addresses it.
    pub destination: IpAddr,
    /// What is carried.
    pub content: Content,
    /// The interface it comes in by, if known.
    pub in_interface: Option<&'a str>,
    /// The interface it goes out by, if known.
    pub out_interface: Option<&'a str>,
    /// The id of its VLAN, if known.
    pub vlan: Option<u16>,
    /// TCP's flags, CWR first; none for an opening (SYN, neither ACK nor RST nor FIN) of which no
    /// more is known.
    pub tcp_flags: Option<u8>,
    /// Whether it is a fragment: then conditions on fragments cannot be decided, since a firewall
    /// that tracks connections puts packets together before its rules see them.
    pub fragment: bool,
    /// Whether it has IPv4 options or IPv6 extension headers.
    pub extended: bool,
    /// Where it was captured.
    pub captured: Captured,
    /// Whether another connection may have announced it, as control connections of FTP do: where the firewall
    /// has a helper for that, it is `related` and not `new`.
    pub may_be_related: bool,
    /// Whether it came in the time that the counters of the rules are of: of a rule that counted nothing
    /// then, and of which it cannot be decided, it is known that it did not match.
    pub is_counted: bool,
}

impl<'a> NewFlow<'a> {
    /// A flow of which no more is known; a plain packet opens it.
    pub const fn new(source: IpAddr, destination: IpAddr, content: Content) -> NewFlow<'a> {
        NewFlow {
            source,
            destination,
            content,
            in_interface: None,
            out_interface: None,
            vlan: None,
            tcp_flags: None,
            fragment: false,
            extended: false,
            captured: Captured::Anywhere,
            may_be_related: false,
            is_counted: false,
        }
    }
}
