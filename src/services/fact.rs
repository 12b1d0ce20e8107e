//! A statement about ports.

use crate::net::{Ports, Transport};

/// The ports that a statement is about, and who makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fact {
    /// The name that people know.
    pub service: &'static str,
    /// The registry's name or status for the ports.
    pub registered_as: &'static str,
    /// Transports, in the order of the row.
    pub transports: &'static [Transport],
    /// Ports, in the order of the row.
    pub ports: &'static [Ports],
    /// The reason; empty where the source says it all.
    pub why: &'static str,
    /// What to use instead; empty where nothing is called insecure.
    pub alternative: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// When, or `undated`.
    pub source_date: &'static str,
}

impl Fact {
    /// Whether the statement is about a port. Statements about UDP hold for UDP-Lite (RFC 3828 section
    /// 1).
    pub fn covers(&self, transport: Transport, port: u16) -> bool {
        self.covers_some(transport, Ports { first: port, last: port })
    }

    pub(super) fn covers_some(&self, transport: Transport, ports: Ports) -> bool {
        self.covers_transport(transport)
            && self.ports.iter().any(|own| own.first <= ports.last && ports.first <= own.last)
    }

    fn covers_transport(&self, transport: Transport) -> bool {
        let on = |own: &Transport| *own == transport || *own == transport.registered_as();
        self.transports.iter().any(on)
    }

    pub(super) fn has_port(&self, port: u16) -> bool {
        self.ports.iter().any(|own| (own.first..=own.last).contains(&port))
    }
}
