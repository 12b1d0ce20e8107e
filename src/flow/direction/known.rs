//! What is known of ports from outside the traffic.

use std::net::IpAddr;

use crate::Transport;

/// What is known of ports from outside the traffic: where systems pick client ports from, what is
/// registered, what the network's own names are.
pub trait KnownPorts {
    /// Whether a system would pick `port` for a client.
    fn is_ephemeral(&self, port: u16) -> bool;
    /// Whether a service is registered for a port.
    fn is_registered(&self, transport: Transport, port: u16) -> bool;
    /// Whether what is sent from or to a port is not answered by design, as syslog is.
    fn is_one_way(&self, transport: Transport, port: u16) -> bool;
    /// Whether the network has a name of its own for a service there.
    fn has_local_name(&self, transport: Transport, address: IpAddr, port: u16) -> bool;
}
