//! What the ends of flows are called, where names are asked for.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::evidence::{NameSource, Spoken};
use crate::flow::{Flow, FlowTable, ServerName, Side};
use crate::foreign::Foreign;
use crate::label::Label;

/// The name of a host. Whoever sends packets can choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostName<'a> {
    /// The name, in lower case, with escapes as in master files of DNS (RFC 1035 section 5.1).
    pub text: Foreign<&'a str>,
    /// Where it is from.
    pub source: NameSource,
}

impl HostName<'_> {
    /// As people read it: `www.example.com by sni`.
    pub fn line(&self) -> String {
        format!("{} by {}", self.text.line(), self.source)
    }
}

/// Names of addresses that a user gives, as in `/etc/hosts`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(HashMap<IpAddr, Foreign>);

/// A line that gives no names to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected an address and a name, as in `192.0.2.1 www.example.com`")]
pub struct InvalidHosts {
    /// The number of the line, from 1.
    pub line: usize,
}

impl Hosts {
    /// Reads lines of an address and its names, of which the first counts; what follows `#` is a comment. Of several
    /// lines for one address the first counts.
    ///
    /// # Errors
    ///
    /// At a line without an address or without a name.
    pub fn read(text: &str) -> Result<Hosts, InvalidHosts> {
        let mut hosts = HashMap::new();
        // Editors of Windows begin a text with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.split('#').next().unwrap_or_default();
            let mut words = text.split_whitespace();
            let Some(address) = words.next() else { continue };
            // `fe80::1%lo0` names an interface as well.
            let address = address.split('%').next().unwrap_or_default().parse();
            let (Ok(address), Some(name)) = (address, words.next()) else {
                return Err(InvalidHosts { line });
            };
            hosts.entry(address).or_insert_with(|| Foreign::new(name.into()));
        }
        Ok(Hosts(hosts))
    }

    /// How many addresses have names.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no address has a name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of an address.
    pub fn name(&self, address: IpAddr) -> Option<Foreign<&str>> {
        self.0.get(&address).map(Foreign::borrowed)
    }
}

/// What the ends of each flow are called.
pub(super) struct NamesOfFlows<'a> {
    table: &'a FlowTable,
    hosts: Option<&'a Hosts>,
    /// By the number of the flow, from 0.
    servers: HashMap<u64, Vec<ServerName>>,
}

/// The names of a flow's client and server.
pub(super) type OfBoth<'a> = [Option<HostName<'a>>; 2];

impl<'a> NamesOfFlows<'a> {
    /// The names of flows, of whose servers `servers` tells what clients call them; `None` where no names are asked
    /// for.
    pub(super) fn new(
        table: &'a FlowTable,
        hosts: Option<&'a Hosts>,
        servers: HashMap<u64, Vec<ServerName>>,
    ) -> Option<NamesOfFlows<'a>> {
        (table.names().is_some() || hosts.is_some()).then_some(NamesOfFlows { table, hosts, servers })
    }

    /// The names of the ends of a flow with a number, from 0.
    pub(super) fn of(&self, number: u64, flow: &Flow, label: &Label) -> OfBoth<'a> {
        let server = label.direction.server;
        let named = self.servers.get(&number).map_or(&[][..], |list| list);
        let by_client = named.iter().filter(|(side, ..)| *side == server.other());
        of_both(self.table, self.hosts, flow, label, &by_client.map(|&(_, name, source)| (name, source)))
    }
}

/// The names of the ends of a flow in a table that no other was merged into, by what was told so far.
#[cfg(feature = "report")]
pub(super) fn so_far<'a>(
    table: &'a FlowTable,
    hosts: Option<&'a Hosts>,
    flow: &Flow,
    label: &Label,
) -> OfBoth<'a> {
    let client = label.direction.server.other();
    let newest = |source| Some((table.names()?.newest(flow, client, source)?, source));
    let named = [NameSource::Sni, NameSource::Host].map(newest);
    of_both(table, hosts, flow, label, &named.into_iter().flatten())
}

/// The names of the ends of a flow, whose client named the server as told.
fn of_both<'a>(
    table: &'a FlowTable,
    hosts: Option<&'a Hosts>,
    flow: &Flow,
    label: &Label,
    named: &(impl Iterator<Item = (crate::flow::NameId, NameSource)> + Clone),
) -> OfBoth<'a> {
    let server = label.direction.server;
    let of_file = |side: Side| {
        let text = hosts?.name(flow.end(side).address)?;
        Some(HostName { text, source: NameSource::File })
    };
    let of_address = |side: Side| {
        let (text, source) = table.names()?.of_address(flow, side, side == server)?;
        Some(HostName { text, source })
    };
    // Who asks a proxy for a connection names the server behind it.
    let spoken = label.observed().map(|observed| observed.spoken);
    let is_socks = matches!(spoken, Some(Spoken::Socks4 | Spoken::Socks5));
    let is_through_proxy = is_socks || matches!(spoken, Some(Spoken::Http | Spoken::Http2));
    let of_flow = || {
        let first = |source| named.clone().find(|(_, by)| *by == source);
        let sni = if is_through_proxy { None } else { first(NameSource::Sni) };
        let host = if is_socks { None } else { first(NameSource::Host) };
        let (name, source) = sni.or(host)?;
        Some(HostName { text: table.names()?.text(name), source })
    };
    let client = server.other();
    [
        of_file(client).or_else(|| of_address(client)),
        of_file(server).or_else(of_flow).or_else(|| of_address(server)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_as_systems_have_them() {
        let text = "\u{feff}192.0.2.9 first\n# hosts\n192.0.2.1\twww.example.com www\n\n192.0.2.1 other # again\nfe80::1%lo0 link\r\n";
        let hosts = Hosts::read(text).expect("hosts");
        let name = |address: &str| hosts.name(address.parse().expect("an address"));
        assert_eq!(
            (hosts.len(), name("192.0.2.1"), name("fe80::1")),
            (3, Some(Foreign::new("www.example.com")), Some(Foreign::new("link")))
        );
        assert_eq!(name("192.0.2.2"), None);
        for (text, line) in [("192.0.2.1\n", 1), ("\nwww 192.0.2.1\n", 2), ("# a\n#\n192.0.2.300 a", 3)] {
            assert_eq!(Hosts::read(text), Err(InvalidHosts { line }));
        }
    }
}
