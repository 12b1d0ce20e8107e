//! What ports are called here.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::foreign::Foreign;
use crate::net::Transport;

/// Names of one's own network.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    pub(super) entries: Vec<LocalService>,
    by_port: HashMap<u16, Vec<u32>>,
}

/// One local name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalService {
    /// What it is called here.
    pub name: Foreign<String>,
    /// Its ports: ranges, lowest and highest.
    pub ports: Vec<(u16, u16)>,
    /// Its transports; none for all.
    pub transports: Vec<Transport>,
    /// The hosts and networks where the name holds; none for everywhere.
    pub hosts: Vec<IpNet>,
    /// What it is.
    pub description: Foreign<String>,
    /// Who says so.
    pub source: Foreign<String>,
}

impl LocalService {
    /// Whether the name is given for a transport. UDP-Lite has UDP's names.
    pub(super) fn holds_for(&self, transport: Transport) -> bool {
        let fits = |own: &Transport| *own == transport || *own == transport.registered_as();
        self.transports.is_empty() || self.transports.iter().any(fits)
    }
}

impl Overlay {
    /// Adds a name.
    pub fn add(&mut self, service: LocalService) {
        let number = self.entries.len() as u32;
        for &(low, high) in &service.ports {
            for port in low..=high {
                self.by_port.entry(port).or_default().push(number);
            }
        }
        self.entries.push(service);
    }

    /// Appends the names of another overlay.
    pub fn extend(&mut self, other: Overlay) {
        for entry in other.entries {
            self.add(entry);
        }
    }

    /// The entries, in order.
    pub fn entries(&self) -> &[LocalService] {
        &self.entries
    }

    /// The names that a port has on some hosts alone, in the order of the overlay.
    pub fn on_hosts(&self, transport: Transport, port: u16) -> impl Iterator<Item = &LocalService> {
        let numbers = self.by_port.get(&port).map_or(&[][..], Vec::as_slice);
        let entries = numbers.iter().filter_map(|&number| self.entries.get(number as usize));
        entries.filter(move |entry| !entry.hosts.is_empty() && entry.holds_for(transport))
    }

    /// What a port is called here: the names that are given for this very host first, then in the
    /// order of the overlay, each once. Without a host, only the names that hold everywhere.
    pub fn names(&self, transport: Transport, port: u16, host: Option<IpAddr>) -> Vec<Foreign<&str>> {
        let Some(numbers) = self.by_port.get(&port) else { return Vec::new() };
        let mut found: Vec<(u8, Foreign<&str>)> = Vec::new();
        for &number in numbers {
            let entry = &self.entries[number as usize];
            if !entry.holds_for(transport) {
                continue;
            }
            // The narrower the network, the sooner its name.
            let width = entry
                .hosts
                .iter()
                .filter(|network| host.is_some_and(|host| network.contains(&host)))
                .map(|network| network.max_prefix_len() - network.prefix_len())
                .min();
            let width = match (entry.hosts.is_empty(), width) {
                (true, _) => u8::MAX,
                (false, Some(width)) => width,
                (false, None) => continue,
            };
            if !found.iter().any(|&(_, name)| name == entry.name.borrowed()) {
                found.push((width, entry.name.borrowed()));
            }
        }
        found.sort_by_key(|&(width, _)| width);
        found.into_iter().map(|(_, name)| name).collect()
    }
}
