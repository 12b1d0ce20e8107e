//! What a server is asked for.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::net::{Family, IcmpMessage, Ports, Protocol, Transport, icmp};

/// What clients ask a server for: ports of a transport, or what stands in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offer {
    /// Ports of a transport.
    Ports {
        /// The transport.
        transport: Transport,
        /// The server's port or ports.
        ports: Ports,
    },
    /// Messages of ICMP of one type. The code is no part of it: a question has none but 0, and a rule for
    /// a type is for each of its codes.
    Icmp {
        /// IPv4 for ICMP, IPv6 for ICMPv6.
        family: Family,
        /// The type that the client sends.
        kind: u8,
    },
    /// Another protocol of IP, or ICMP whose type was not captured.
    Protocol(Protocol),
}

impl Offer {
    /// One port.
    pub const fn port(transport: Transport, port: u16) -> Offer {
        Offer::Ports { transport, ports: Ports::one(port) }
    }

    /// What a worksheet has in the columns `proto`, `ports` and `icmp_type`.
    pub(in crate::review) fn read(proto: &str, ports: &str, icmp_type: &str) -> Option<Offer> {
        if let Ok(transport) = proto.parse() {
            let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
            let ports = Ports { first: first.trim().parse().ok()?, last: last.trim().parse().ok()? };
            return (ports.first <= ports.last).then_some(Offer::Ports { transport, ports });
        }
        let protocol: Protocol = proto.parse().ok()?;
        match icmp::family_of(protocol) {
            _ if protocol.has_ports() || !ports.is_empty() => None,
            Some(family) if !icmp_type.is_empty() => {
                let kind = icmp_type.parse().ok().or_else(|| icmp::type_of(family, icmp_type))?;
                Some(Offer::Icmp { family, kind })
            }
            _ => Some(Offer::Protocol(protocol)),
        }
    }

    /// Whether a row is for it, that people decide on. Messages that need no rule of their own have none:
    ///
    /// - errors answer a packet of another flow, and a firewall that tracks connections lets them through
    ///   as related to it (Linux, `nf_conntrack_icmp_error`): who allows that flow allows them, and which
    ///   flow it is stands with that flow as refused or unreachable;
    /// - what ICMPv6 does for its link, discovery of neighbours, routers and listeners, no router passes on
    ///   (RFC 4861 section 3.1, RFC 3810 section 5), and every host of the link sends it to every other:
    ///   proposed rules for a host hold it without being asked.
    pub(in crate::review) fn has_row(self) -> bool {
        match self {
            Offer::Icmp { family, kind } => !icmp::is_error(family, kind) && !icmp::is_of_link(family, kind),
            Offer::Ports { .. } | Offer::Protocol(_) => true,
        }
    }

    /// The protocol.
    pub fn protocol(self) -> Protocol {
        match self {
            Offer::Ports { transport, .. } => transport.into(),
            Offer::Icmp { family: Family::Ipv4, .. } => Protocol::ICMP,
            Offer::Icmp { family: Family::Ipv6, .. } => Protocol::ICMPV6,
            Offer::Protocol(protocol) => protocol,
        }
    }

    /// The transport; none of a protocol without ports.
    pub const fn transport(self) -> Option<Transport> {
        match self {
            Offer::Ports { transport, .. } => Some(transport),
            Offer::Icmp { .. } | Offer::Protocol(_) => None,
        }
    }

    /// The ports; none of a protocol without.
    pub const fn ports(self) -> Option<Ports> {
        match self {
            Offer::Ports { ports, .. } => Some(ports),
            Offer::Icmp { .. } | Offer::Protocol(_) => None,
        }
    }

    /// The message of ICMP, of whatever code; none of what is none.
    pub const fn icmp(self) -> Option<IcmpMessage> {
        match self {
            Offer::Icmp { family, kind } => Some(IcmpMessage { family, kind, code: None }),
            Offer::Ports { .. } | Offer::Protocol(_) => None,
        }
    }

    /// The same transport with other ports; what has none stays as it is.
    #[must_use]
    pub const fn with_ports(self, ports: Ports) -> Offer {
        match self {
            Offer::Ports { transport, .. } => Offer::Ports { transport, ports },
            Offer::Icmp { .. } | Offer::Protocol(_) => self,
        }
    }

    /// With the ports of another one, and those between.
    #[must_use]
    pub(in crate::review) fn and(self, other: Offer) -> Offer {
        match (self.ports(), other.ports()) {
            (Some(own), Some(others)) => {
                self.with_ports(Ports { first: own.first.min(others.first), last: own.last.max(others.last) })
            }
            _ => self,
        }
    }

    /// The ports as the worksheet has them; empty of a protocol without.
    pub(in crate::review) fn ports_in_words(self) -> String {
        self.ports().map_or_else(String::new, |ports| ports.to_string())
    }

    /// The type of ICMP as the worksheet has it: its name, which nftables has, or its number; empty where it
    /// is none.
    pub(in crate::review) fn icmp_type_in_words(self) -> String {
        let word = |message: IcmpMessage| match message.name() {
            Some(name) => name.to_owned(),
            None => message.kind.to_string(),
        };
        self.icmp().map_or_else(String::new, word)
    }

    /// What identifiers of rows are made of: numbers, since a name may come later.
    pub(in crate::review) fn identity(self) -> String {
        match self {
            Offer::Ports { transport, ports } => format!("{transport}|{ports}"),
            Offer::Icmp { kind, .. } => format!("{}|type {kind}", self.protocol()),
            Offer::Protocol(protocol) => format!("ip|{}", protocol.0),
        }
    }
}

impl Ord for Offer {
    /// By the name of the protocol, as every output sorts.
    fn cmp(&self, other: &Offer) -> Ordering {
        let key = |offer: &Offer| {
            let protocol = offer.protocol();
            let kind = offer.icmp().map(|message| message.kind);
            (protocol.name().unwrap_or("protocol"), protocol.0, offer.ports(), kind)
        };
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Offer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Offer {
    /// `80/tcp`, `icmp echo-request`, `esp`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.icmp()) {
            (Offer::Ports { transport, ports }, _) => write!(f, "{ports}/{transport}"),
            (_, Some(message)) => write!(f, "{} {message}", self.protocol()),
            (_, None) => self.protocol().fmt(f),
        }
    }
}

/// How it stands in JSON, beside what else there is of a service.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Fields {
    /// tcp, udp, sctp, dccp, udplite; of what has no ports the protocol: icmp, icmpv6, esp, gre ...
    transport: String,
    /// The server's port or ports; none of a protocol without.
    ports: Option<Ports>,
    /// The type of ICMP that the client sends; none of other protocols, and where it was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    icmp_type: Option<u8>,
}

impl Serialize for Offer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let icmp_type = self.icmp().map(|message| message.kind);
        Fields { transport: self.protocol().to_string(), ports: self.ports(), icmp_type }
            .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_read_as_it_is_written() {
        let icmp = |family, kind| Offer::Icmp { family, kind };
        for (offer, shown, identity) in [
            (Offer::port(Transport::Tcp, 80), "80/tcp", "tcp|80"),
            (
                Offer::Ports { transport: Transport::UdpLite, ports: Ports { first: 1, last: 2 } },
                "1-2/udplite",
                "udplite|1-2",
            ),
            (icmp(Family::Ipv4, 8), "icmp echo-request", "icmp|type 8"),
            (icmp(Family::Ipv6, 128), "icmpv6 echo-request", "icmpv6|type 128"),
            (icmp(Family::Ipv4, 42), "icmp type 42", "icmp|type 42"),
            (Offer::Protocol(Protocol::ICMP), "icmp", "ip|1"),
            (Offer::Protocol(Protocol::ESP), "esp", "ip|50"),
            (Offer::Protocol(Protocol(253)), "protocol-253", "ip|253"),
        ] {
            assert_eq!((offer.to_string().as_str(), offer.identity().as_str()), (shown, identity));
            let protocol = offer.protocol().to_string();
            let read = Offer::read(&protocol, &offer.ports_in_words(), &offer.icmp_type_in_words());
            assert_eq!(read, Some(offer));
        }
        for (proto, ports, icmp_type) in [
            ("tcp", "", ""),
            ("6", "80", ""),
            ("tcp", "9-8", ""),
            ("esp", "80", ""),
            ("icmp", "", "ping pong"),
            ("", "80", ""),
        ] {
            assert_eq!(Offer::read(proto, ports, icmp_type), None, "{proto} {ports} {icmp_type}");
        }
    }
}
