//! Which flows a report is about.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::LabelledFlow;
use crate::Transport;
use crate::evidence::Spoken;
use crate::label::{Agreement, Flag};
use crate::net::{Interface, Protocol};
use crate::registry::Status;

/// Which flows a report is about: those that match one value of every kind that has values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// Server ports.
    pub ports: Vec<RangeInclusive<u16>>,
    /// Networks that an address of either end lies in.
    pub hosts: Vec<IpNet>,
    /// Names of the server's port in any letter case: registered ones, aliases among them, and those
    /// that an overlay gives on this server.
    pub services: Vec<String>,
    /// Statuses of the server's port; `None` for that of a flow of a protocol without ports.
    pub statuses: Vec<Option<Status>>,
    /// Flags, one of which the flow has.
    pub flags: Vec<Flag>,
    /// Transports.
    pub transports: Vec<Transport>,
    /// Interfaces by name or number, on one of which the first packet of either end was captured; see
    /// [`Interface::is_called`](crate::net::Interface::is_called).
    pub interfaces: Vec<String>,
    /// Protocols above IP, with ports or without.
    pub protocols: Vec<Protocol>,
    /// Protocols that the payload shows.
    pub observed: Vec<Spoken>,
    /// How the payload stands to the registered service.
    pub agreements: Vec<Agreement>,
}

impl Selection {
    /// Whether every flow is selected.
    pub fn is_everything(&self) -> bool {
        *self == Selection::default()
    }

    fn has_interface(&self, interface: &Interface) -> bool {
        self.interfaces.iter().any(|wanted| interface.is_called(wanted))
    }

    /// Whether a packet on this interface is selected by that alone.
    pub(super) fn has_packet_on(&self, interface: Option<&Interface>) -> bool {
        self.interfaces.is_empty() || interface.is_some_and(|interface| self.has_interface(interface))
    }

    /// This selection for packets: what selects flows, and what selects each packet by itself.
    pub(super) fn for_packets(mut self) -> (Selection, Selection) {
        let interfaces = std::mem::take(&mut self.interfaces);
        (self, Selection { interfaces, ..Selection::default() })
    }

    /// Whether a flow is selected.
    pub fn has(&self, row: &LabelledFlow) -> bool {
        let any = |address: IpAddr| self.hosts.iter().any(|network| network.contains(&address));
        let named = |name: &str| self.services.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        let label = &row.label;
        (self.ports.is_empty()
            || self.ports.iter().any(|ports| row.server().port.is_some_and(|port| ports.contains(&port))))
            && (self.hosts.is_empty() || any(row.client().address) || any(row.server().address))
            && (self.services.is_empty()
                || label.service().is_some_and(named)
                || label.aliases().any(named)
                || row.local_names().into_iter().any(named))
            && (self.statuses.is_empty() || self.statuses.contains(&label.status()))
            && (self.flags.is_empty() || self.flags.iter().any(|&flag| label.flags.has(flag)))
            && (self.transports.is_empty()
                || row.flow.transport().is_some_and(|transport| self.transports.contains(&transport)))
            && (self.observed.is_empty()
                || label.observed().is_some_and(|observed| self.observed.contains(&observed.spoken)))
            && (self.agreements.is_empty()
                || label.agreement.is_some_and(|agreement| self.agreements.contains(&agreement)))
            && (self.protocols.is_empty() || self.protocols.contains(&row.flow.protocol()))
            && (self.interfaces.is_empty() || row.interfaces().any(|interface| self.has_interface(interface)))
    }
}
