//! How many ports have which status.

use super::{Registry, Status, Transport};
use crate::net::PortRange;

/// How many ports of one range have one status on one transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortCount {
    /// The transport.
    pub transport: Transport,
    /// The range.
    pub range: PortRange,
    /// The status.
    pub status: Status,
    /// The number of ports.
    pub ports: usize,
}

impl Registry {
    /// The number of ports for each registered transport, range and status.
    pub fn port_counts(&self) -> Vec<PortCount> {
        let mut counts = Vec::new();
        for transport in Transport::REGISTERED {
            for range in PortRange::ALL {
                for status in Status::ALL {
                    let ports =
                        range.ports().filter(|&port| self.port(transport, port).status() == status).count();
                    counts.push(PortCount { transport, range, status, ports });
                }
            }
        }
        counts
    }

    /// The number of ports in a range that are unassigned on every transport.
    pub fn free_on_every_transport(&self, range: PortRange) -> usize {
        let free = |port| {
            Transport::REGISTERED
                .into_iter()
                .all(|transport| self.port(transport, port).status() == Status::Unassigned)
        };
        range.ports().filter(|&port| free(port)).count()
    }
}
