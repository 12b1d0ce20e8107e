//! What an option would show more of.

use std::fmt;

use serde::Serialize;

use crate::Transport;
use crate::decode::UdpTunnel;
use crate::flow::Counters;
use crate::text::count;

/// Packets that look like a tunnel on a port that is not known for it. They are in flows, as traffic of
/// that port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Hint {
    /// Transport of the port.
    #[cfg_attr(test, schemars(with = "String"))]
    pub transport: Transport,
    /// The port.
    pub port: u16,
    /// What the packets look like, as `--tunnel` names it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub looks_like: UdpTunnel,
    /// How many packets.
    pub packets: u64,
    /// The option that follows the tunnel: `--tunnel vxlan=8472`.
    pub option: String,
}

impl fmt::Display for Hint {
    /// A line for people: `9 packets on 8472/udp look like vxlan; --tunnel vxlan=8472 follows the tunnel`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Hint { transport, port, looks_like, packets, option } = self;
        let look = if *packets == 1 { "looks" } else { "look" };
        write!(f, "{} on {port}/{transport} {look} like {looks_like}; ", count(*packets, "packet"))?;
        write!(f, "{option} follows the tunnel")
    }
}

/// The hints on what was read.
pub fn hints(counters: &Counters) -> impl Iterator<Item = Hint> {
    counters.resemblances().map(|(looks_like, port, packets)| Hint {
        transport: Transport::Udp,
        port,
        looks_like,
        packets,
        option: format!("--tunnel {looks_like}={port}"),
    })
}
