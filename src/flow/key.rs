//! What makes packets belong together.

use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ContextId;
use crate::Transport;
use crate::decode::Header;

/// One end of a flow: address and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct End {
    /// Address.
    pub address: IpAddr,
    /// Port.
    pub port: u16,
}

/// Addresses, ports, transport and the tags and tunnels around them, as one packet has them.
#[derive(Clone, Copy, Debug)]
pub struct FlowKey {
    /// Source and destination address; IPv4 addresses in the first four octets.
    pub(super) addresses: [[u8; 16]; 2],
    /// Source and destination port.
    pub(super) ports: [u16; 2],
    pub(super) context: ContextId,
    pub(super) transport: Transport,
    pub(super) is_ipv6: bool,
}

impl FlowKey {
    /// The key of a header, from its source to its destination.
    #[inline]
    pub fn of(header: &Header, context: ContextId) -> FlowKey {
        FlowKey {
            addresses: [octets(header.source), octets(header.destination)],
            ports: [header.source_port, header.destination_port],
            context,
            transport: header.transport,
            is_ipv6: header.source.is_ipv6(),
        }
    }

    /// One of the two ends; 0 is the source.
    pub(super) fn end(&self, n: usize) -> End {
        let octets = self.addresses[n];
        let address = if self.is_ipv6 {
            IpAddr::V6(Ipv6Addr::from(octets))
        } else {
            IpAddr::V4(Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]))
        };
        End { address, port: self.ports[n] }
    }

    /// Whether both are of one flow: `Some(true)` for the same direction, `Some(false)` for the
    /// opposite.
    #[inline]
    pub(super) fn direction_of(&self, other: &FlowKey) -> Option<bool> {
        if self.transport != other.transport || self.context != other.context || self.is_ipv6 != other.is_ipv6
        {
            return None;
        }
        let [a, b] = self.addresses;
        let [p, q] = self.ports;
        if other.addresses == [a, b] && other.ports == [p, q] {
            Some(true)
        } else if other.addresses == [b, a] && other.ports == [q, p] {
            Some(false)
        } else {
            None
        }
    }
}

impl Hash for FlowKey {
    /// The same for both directions.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let end = |n: usize| {
            let address = u128::from_ne_bytes(self.addresses[n]);
            (address, self.ports[n])
        };
        let (low, high) = if end(0) <= end(1) { (end(0), end(1)) } else { (end(1), end(0)) };
        state.write_u128(low.0);
        state.write_u128(high.0);
        let rest = u64::from(low.1) << 48
            | u64::from(high.1) << 32
            | u64::from(self.transport as u8) << 28
            | u64::from(self.context.0) & 0x0fff_ffff;
        state.write_u64(rest);
    }
}

pub(super) fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => {
            let mut octets = [0; 16];
            octets[..4].copy_from_slice(&address.octets());
            octets
        }
        IpAddr::V6(address) => address.octets(),
    }
}
