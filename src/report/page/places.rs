//! Where the ends of flows lie: in networks of one length, or in zones that somebody drew.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// What the ends of flows are put into.
#[derive(Clone, Copy, Default)]
pub enum Places<'z> {
    /// Networks: the first 24 bits of addresses of IPv4, the first 64 of IPv6.
    #[default]
    Networks,
    /// Zones, by the name that an address has one of.
    Zones(&'z (dyn Fn(IpAddr) -> &'z str + Sync + 'z)),
}

impl<'z> Places<'z> {
    pub(super) fn of(self, address: IpAddr) -> Place<'z> {
        match self {
            Places::Networks => {
                let bits = if address.is_ipv4() { 24 } else { 64 };
                let network = IpNet::new(address, bits).map(|network| network.trunc());
                Place::Network(network.unwrap_or_else(|_| address.into()))
            }
            Places::Zones(zone) => Place::Zone(zone(address)),
        }
    }

    /// What one of them is called.
    pub(super) fn word(self) -> &'static str {
        match self {
            Places::Networks => "network",
            Places::Zones(_) => "zone",
        }
    }

    /// The columns of the table's data that have the client's and the server's.
    pub(super) fn columns(self) -> [&'static str; 2] {
        match self {
            Places::Networks => ["client_network", "server_network"],
            Places::Zones(_) => ["client_zone", "server_zone"],
        }
    }

    /// What must be known of them.
    pub(super) fn about(self) -> &'static str {
        match self {
            Places::Networks => {
                "Networks are the first 24 bits of IPv4 addresses and the first 64 of IPv6, whatever they are in truth."
            }
            Places::Zones(_) => {
                "Zones are those of --zones; an address that none of their networks holds lies in one that is built in, \
                 such as private-10 or internet."
            }
        }
    }
}

impl fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.word())
    }
}

/// A network or a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place<'z> {
    Network(IpNet),
    Zone(&'z str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Network(network) => network.fmt(f),
            Place::Zone(name) => f.write_str(name),
        }
    }
}
