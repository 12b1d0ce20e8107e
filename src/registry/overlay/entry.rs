//! What the entries of every format have in common.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::registry::Error;

/// The lines of an overlay file that name no port a flow can have, or that were passed over.
pub type PassedOver = Vec<Error>;

/// What a host is given by.
pub(super) const HOST: &str = "an address or a network such as 192.0.2.0/24";

/// An address, or a network.
pub(super) fn host(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok().map(|network| network.trunc());
    network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
