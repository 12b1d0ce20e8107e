//! Who is the client and who the server, where a review needs more than a label.
//!
//! A rule of a firewall names hosts. A multicast, broadcast or unspecified address is none, so
//! that no such address is ever an end of a line about two hosts.

use std::net::{IpAddr, Ipv4Addr};

use hashbrown::HashSet;

use super::super::model::{Zone, ZoneSource};
use crate::Transport;
use crate::flow::{Basis, Direction, Flow, FlowTable, Side};

/// Who is who in one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Roles {
    /// The side of the server, or of the group.
    pub(super) server: Side,
    /// The evidence for it.
    pub(super) basis: Basis,
    /// Whether an end is no host: a group, or a sender that has no address yet.
    pub(super) is_group: bool,
}

/// Services of which equals speak from their own port to a registered one: the client's port, and
/// the server's (RFC 2131 section 4.1, RFC 8415 section 7.2).
const PAIRS: [(u16, u16); 2] = [(68, 67), (546, 547)];

impl Roles {
    /// The roles in a flow, of which `direction` is what its label says.
    pub(super) fn of(flow: &Flow, direction: Direction, broadcasts: &Broadcasts) -> Roles {
        let ends = Side::BOTH.map(|side| flow.end(side));
        let is_group = ends.map(|end| is_group(end.address) || broadcasts.has(end.address));
        let is_nobody = ends.map(|end| end.address.is_unspecified());
        let server = match (is_group, is_nobody) {
            ([true, false], _) | ([false, false], [false, true]) => Some(Side::First),
            ([_, true], _) | ([false, false], [true, _]) => Some(Side::Second),
            ([false, false], [false, false]) => None,
        };
        if let Some(server) = server {
            return Roles { server, basis: Basis::Multicast, is_group: true };
        }
        let ports = ends.map(|end| end.port);
        if flow.transport() == Transport::Udp {
            for (client, server) in PAIRS {
                let side = match ports {
                    [a, b] if (a, b) == (client, server) => Side::Second,
                    [a, b] if (b, a) == (client, server) => Side::First,
                    _ => continue,
                };
                let basis = if direction.server == side { direction.basis } else { Basis::Registered };
                return Roles { server: side, basis, is_group: false };
            }
        }
        Roles { server: direction.server, basis: direction.basis, is_group: false }
    }
}

fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_multicast() || address.is_broadcast(),
        IpAddr::V6(address) => address.is_multicast(),
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
                } else if !flow.transport().has_handshake()
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
