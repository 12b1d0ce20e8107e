//! Link-layer header types, by the numbers of the LINKTYPE registry.

use std::fmt;

use pcap_file::DataLink;

/// A `LINKTYPE_` number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback, with the address family in the byte order of the host that captured.
    pub const NULL: LinkType = LinkType(0);
    /// Ethernet.
    pub const ETHERNET: LinkType = LinkType(1);
    /// PPP, with or without its HDLC framing.
    pub const PPP: LinkType = LinkType(9);
    /// Raw IP, as OpenBSD numbers it.
    pub const DLT_RAW_OPENBSD: LinkType = LinkType(14);
    /// Raw IP, as everybody else numbered it inside.
    pub const DLT_RAW: LinkType = LinkType(12);
    /// PPP in HDLC-like framing (RFC 1662).
    pub const PPP_HDLC: LinkType = LinkType(50);
    /// Raw IP.
    pub const RAW: LinkType = LinkType(101);
    /// OpenBSD loopback, with the address family in network byte order.
    pub const LOOP: LinkType = LinkType(108);
    /// Linux "cooked" capture.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// PPP with a direction octet in front.
    pub const PPP_PPPD: LinkType = LinkType(166);
    /// IPv4 without a link layer.
    pub const IPV4: LinkType = LinkType(228);
    /// IPv6 without a link layer.
    pub const IPV6: LinkType = LinkType(229);
    /// Linux "cooked" capture, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DataLink::from(u32::from(self.0)) {
            DataLink::Unknown(_) => write!(f, "link type {}", self.0),
            known => write!(f, "LINKTYPE_{known:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_registry() {
        assert_eq!(LinkType::ETHERNET.to_string(), "LINKTYPE_ETHERNET");
        assert_eq!(LinkType::LINUX_SLL2.to_string(), "LINKTYPE_LINUX_SLL2");
        assert_eq!(LinkType(9999).to_string(), "link type 9999");
    }
}
