//! The clients of a row, as few networks as honesty allows.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::model::{Clients, ZoneSource};
use super::{ZoneId, Zones};

/// Up to this many clients are listed one by one.
const LISTED: usize = 8;
/// No network of clients is larger than these, unless the user drew it.
const WIDEST: (u8, u8) = (24, 64);

impl Zones {
    /// Sums up the clients of one zone and one family: `hosts` are sorted and each is there once.
    ///
    /// Up to eight hosts are listed. More of them are the networks of the zone that hold some, if
    /// the user drew the zone; else the smallest prefixes that hold them, none larger than /24 or
    /// /64, with the share of addresses that was seen. No network has one of `others` in it: it is
    /// split around them.
    pub fn clients(&self, zone: ZoneId, hosts: &[IpAddr], others: &[IpAddr]) -> Clients {
        let count = hosts.len() as u64;
        if hosts.len() <= LISTED {
            let networks = hosts.iter().map(|&host| IpNet::from(host)).collect();
            return Clients { networks, hosts: count, widened: false, share: None };
        }
        let drawn: Vec<IpNet> = self
            .networks
            .iter()
            .filter(|one| one.source == ZoneSource::File && one.name == self.name(zone))
            .map(|one| one.network)
            .collect();
        if !drawn.is_empty() {
            let mut networks: Vec<IpNet> = hosts
                .iter()
                .filter_map(|host| {
                    drawn.iter().filter(|network| network.contains(host)).max_by_key(|one| one.prefix_len())
                })
                .copied()
                .collect();
            networks.sort_unstable();
            networks.dedup();
            let networks = split_around(networks, hosts, others);
            return Clients { networks, hosts: count, widened: false, share: None };
        }
        let mut networks: Vec<IpNet> = Vec::new();
        let mut first = 0;
        for n in 1..=hosts.len() {
            let block = |host: IpAddr| prefix(host, widest(host));
            if n == hosts.len() || block(hosts[n]) != block(hosts[first]) {
                networks.push(smallest(hosts[first], hosts[n - 1]));
                first = n;
            }
        }
        let networks = split_around(networks, hosts, others);
        let addresses: f64 = networks
            .iter()
            .map(|network| f64::from(network.max_prefix_len() - network.prefix_len()).exp2())
            .sum();
        let share = count as f64 / addresses;
        let widened = share < 1.0;
        Clients { networks, hosts: count, widened, share: widened.then_some(share) }
    }
}

/// The networks, split around `others`: the parts that hold hosts.
pub(in crate::review) fn split_around(
    networks: Vec<IpNet>,
    hosts: &[IpAddr],
    others: &[IpAddr],
) -> Vec<IpNet> {
    let mut open = networks;
    open.reverse();
    let mut parts = Vec::new();
    while let Some(network) = open.pop() {
        let holds = |all: &[IpAddr]| all.iter().any(|host| network.contains(host));
        if !holds(hosts) {
            continue;
        }
        match network.subnets(network.prefix_len() + 1) {
            Ok(halves) if holds(others) => {
                let at = open.len();
                open.extend(halves);
                open[at..].reverse();
            }
            _ => parts.push(network),
        }
    }
    parts
}

fn widest(host: IpAddr) -> u8 {
    if host.is_ipv4() { WIDEST.0 } else { WIDEST.1 }
}

/// The smallest prefix that holds both, which share at least the widest.
fn smallest(first: IpAddr, last: IpAddr) -> IpNet {
    let shared = match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => 0,
    };
    prefix(first, shared as u8)
}

/// The network of a host with this length of prefix.
fn prefix(host: IpAddr, length: u8) -> IpNet {
    IpNet::new(host, length).map_or_else(|_| IpNet::from(host), |network| network.trunc())
}
