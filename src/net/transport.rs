//! The four transports of the registry, and UDP-Lite, which uses UDP's ports.

use std::fmt;
use std::str::FromStr;

use super::Protocol;

/// A transport protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Transport {
    /// Transmission Control Protocol (RFC 9293).
    Tcp = 0,
    /// User Datagram Protocol (RFC 768).
    Udp = 1,
    /// Stream Control Transmission Protocol (RFC 9260).
    Sctp = 2,
    /// Datagram Congestion Control Protocol (RFC 4340).
    Dccp = 3,
    /// UDP-Lite (RFC 3828), which shares UDP's port space (section 1 there).
    UdpLite = 4,
}

impl Transport {
    /// The transports that the registry knows, in the order of its index.
    pub const REGISTERED: [Transport; 4] = [Transport::Tcp, Transport::Udp, Transport::Sctp, Transport::Dccp];

    /// Every transport that has ports.
    pub const ALL: [Transport; 5] =
        [Transport::Tcp, Transport::Udp, Transport::Sctp, Transport::Dccp, Transport::UdpLite];

    /// The lower-case name that outputs and the registry use.
    pub const fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Sctp => "sctp",
            Transport::Dccp => "dccp",
            Transport::UdpLite => "udplite",
        }
    }

    /// The IP protocol number.
    pub const fn ip_protocol(self) -> u8 {
        match self {
            Transport::Tcp => Protocol::TCP.0,
            Transport::Udp => Protocol::UDP.0,
            Transport::Sctp => Protocol::SCTP.0,
            Transport::Dccp => Protocol::DCCP.0,
            Transport::UdpLite => Protocol::UDPLITE.0,
        }
    }

    /// The transport under which the registry lists this one's ports: itself, and UDP for UDP-Lite.
    #[must_use]
    pub const fn registered_as(self) -> Transport {
        match self {
            Transport::UdpLite => Transport::Udp,
            other => other,
        }
    }

    /// Whether a connection is opened with a handshake that tells the client from the server.
    pub const fn has_handshake(self) -> bool {
        matches!(self, Transport::Tcp | Transport::Sctp | Transport::Dccp)
    }
}

impl From<Transport> for Protocol {
    fn from(transport: Transport) -> Protocol {
        Protocol(transport.ip_protocol())
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names no transport with ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a transport with ports; use tcp, udp, sctp, dccp or udplite")]
pub struct UnknownTransport(pub String);

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Transport::ALL
            .into_iter()
            .find(|transport| transport.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownTransport(text.to_owned()))
    }
}

crate::text::serialize_by_name!(Transport);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_has_the_name_of_its_protocol() {
        for transport in Transport::ALL {
            assert_eq!(Protocol::from(transport).name(), Some(transport.name()));
        }
    }
}
