//! Which ends of flows are hosts.
//!
//! A rule of a firewall names hosts. Multicast, broadcast and unspecified addresses are not hosts, so
//! a row about two hosts never has one. The label says which end is the server.

use std::net::{IpAddr, Ipv4Addr};

use hashbrown::HashSet;

use super::super::model::{Zone, ZoneSource};
use crate::flow::{Basis, Direction, Flow, FlowTable, Side};
use crate::net::is_group;

/// Who is who in one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Roles {
    /// The side of the server. In a row about a group, that of the group: it is the destination that a
    /// rule names, also where a server answers to it.
    pub(super) server: Side,
    /// The evidence for who is the server.
    pub(super) basis: Basis,
    /// Whether an end is not a host: a group, or a sender that has no address yet.
    pub(super) is_group: bool,
}

impl Roles {
    /// The roles in a flow, of which `direction` is what its label says.
    pub(super) fn of(flow: &Flow, direction: Direction, broadcasts: &Broadcasts) -> Roles {
        let is_group = Side::BOTH.map(|side| {
            let address = flow.end(side).address;
            is_group(address) || broadcasts.has(address) || flow.is_link_broadcast(side)
        });
        let is_nobody = Side::BOTH.map(|side| flow.end(side).address.is_unspecified());
        let destination = match (is_group, is_nobody) {
            ([true, false], _) | ([false, false], [false, true]) => Some(Side::First),
            ([_, true], _) | ([false, false], [true, _]) => Some(Side::Second),
            ([false, false], [false, false]) => None,
        };
        Roles {
            server: destination.unwrap_or(direction.server),
            basis: direction.basis,
            is_group: destination.is_some(),
        }
    }
}

/// The addresses that are the broadcast address of a subnet, as far as the traffic shows.
#[derive(Debug, Default)]
pub(super) struct Broadcasts(HashSet<Ipv4Addr, foldhash::fast::RandomState>);

impl Broadcasts {
    /// An address is one when datagrams are sent to it and it never sends, and it is the highest of
    /// a network that the user drew, or ends in eight bits or more that are all set and the sender
    /// has the same bits in front of them.
    pub(super) fn of(table: &FlowTable, zones: &[Zone]) -> Broadcasts {
        let mut drawn: HashSet<Ipv4Addr, foldhash::fast::RandomState> = HashSet::default();
        for zone in zones.iter().filter(|zone| zone.source == ZoneSource::File) {
            if let ipnet::IpNet::V4(network) = zone.network
                && network.prefix_len() <= 30
            {
                drawn.insert(network.broadcast());
            }
        }
        let mut found = Broadcasts::default();
        let mut sent: HashSet<Ipv4Addr, foldhash::fast::RandomState> = HashSet::default();
        for flow in table.flows() {
            for side in Side::BOTH {
                let IpAddr::V4(address) = flow.end(side).address else { continue };
                let ones = address.to_bits().trailing_ones();
                if ones < 8 && !drawn.contains(&address) || address.is_broadcast() {
                    continue;
                }
                if flow.packets(side) > 0 {
                    sent.insert(address);
                } else if !flow.has_handshake()
                    && let IpAddr::V4(sender) = flow.end(side.other()).address
                    && (drawn.contains(&address) || sender.to_bits() >> ones == address.to_bits() >> ones)
                {
                    found.0.insert(address);
                }
            }
        }
        found.0.retain(|address| !sent.contains(address));
        found
    }

    fn has(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => !self.0.is_empty() && self.0.contains(&address),
            IpAddr::V6(_) => false,
        }
    }
}
