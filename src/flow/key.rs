//! What makes packets belong together.

use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{ContextId, Side};
use crate::Transport;
use crate::decode::Header;
use crate::net::End;

/// Addresses, ports, transport and the tags and tunnels around them, as one packet has them.
#[derive(Clone, Copy, Debug)]
pub struct FlowKey {
    /// Source and destination address, as [`words`] gives them.
    pub(super) addresses: [[u64; 2]; 2],
    /// Source and destination port.
    pub(super) ports: [u16; 2],
    pub(super) kind: Kind,
}

/// What a flow has beside its ends, in one number: the context above the transport above the
/// version of IP. There is room for 268 million contexts, which would take 20 GB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind(u32);

impl Kind {
    #[inline]
    pub(super) const fn new(context: ContextId, transport: Transport, is_ipv6: bool) -> Kind {
        Kind(context.0 << 4 | (transport as u32) << 1 | is_ipv6 as u32)
    }

    /// This kind in another context.
    pub(super) const fn within(self, context: ContextId) -> Kind {
        Kind(context.0 << 4 | self.0 & 0x0f)
    }

    #[inline]
    pub(super) const fn context(self) -> ContextId {
        ContextId(self.0 >> 4)
    }

    #[inline]
    pub(super) const fn transport(self) -> Transport {
        match self.0 >> 1 & 0x07 {
            0 => Transport::Tcp,
            1 => Transport::Udp,
            2 => Transport::Sctp,
            3 => Transport::Dccp,
            _ => Transport::UdpLite,
        }
    }

    #[inline]
    pub(super) const fn is_ipv6(self) -> bool {
        self.0 & 1 == 1
    }
}

impl FlowKey {
    /// The key of a header, from its source to its destination.
    #[inline]
    pub fn of(header: &Header, context: ContextId) -> FlowKey {
        FlowKey {
            addresses: [words(header.source), words(header.destination)],
            ports: [header.source_port, header.destination_port],
            kind: Kind::new(context, header.transport, header.source.is_ipv6()),
        }
    }

    /// The key of a packet in the opposite direction.
    pub(super) fn reversed(&self) -> FlowKey {
        let ([a, b], [p, q]) = (self.addresses, self.ports);
        FlowKey { addresses: [b, a], ports: [q, p], kind: self.kind }
    }

    /// One of the two ends; 0 is the source.
    pub(super) fn end(&self, n: usize) -> End {
        let [high, low] = self.addresses[n];
        let address = if self.kind.is_ipv6() {
            IpAddr::V6(Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low)))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(high as u32))
        };
        End { address, port: self.ports[n] }
    }

    /// A hash that is the same for both directions: the sum of those of the ends, which nobody who
    /// does not know the hasher's seed can make equal for many keys.
    #[inline]
    pub(super) fn hash(&self, hasher: &impl BuildHasher) -> u64 {
        let kind = u64::from(self.kind.0) << 16;
        let end = |n: usize| {
            let [high, low] = self.addresses[n];
            hasher.hash_one((high, low, kind | u64::from(self.ports[n])))
        };
        end(0).wrapping_add(end(1))
    }

    /// The side that sent a packet with the key `other`, in a flow whose first packet has this key;
    /// `None` where `other` is of another flow.
    #[inline]
    pub(super) fn sender_of(&self, other: &FlowKey) -> Option<Side> {
        if self.kind != other.kind {
            return None;
        }
        let [a, b] = self.addresses;
        let [p, q] = self.ports;
        if other.addresses == [a, b] && other.ports == [p, q] {
            Some(Side::First)
        } else if other.addresses == [b, a] && other.ports == [q, p] {
            Some(Side::Second)
        } else {
            None
        }
    }
}

/// An address as two numbers, the first octet the highest; one of IPv4 is the first number.
///
/// Two numbers stay in registers, where sixteen octets are written and read again in other sizes.
#[inline]
pub(super) fn words(address: IpAddr) -> [u64; 2] {
    match address {
        IpAddr::V4(address) => [address.to_bits().into(), 0],
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            [(bits >> 64) as u64, bits as u64]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_holds_what_it_was_made_of() {
        for transport in Transport::ALL {
            for (context, is_ipv6) in [(0, true), (1, false), (0x0fff_ffff, true)] {
                let kind = Kind::new(ContextId(context), transport, is_ipv6);
                assert_eq!(
                    (kind.context().0, kind.transport(), kind.is_ipv6()),
                    (context, transport, is_ipv6)
                );
                let moved = kind.within(ContextId(7));
                assert_eq!((moved.context().0, moved.transport(), moved.is_ipv6()), (7, transport, is_ipv6));
            }
        }
    }

    #[test]
    fn addresses_come_back_as_they_went_in() {
        for (source, destination) in [("192.0.2.1", "255.255.255.255"), ("2001:db8::1", "ffff::ffff:0:ffff")]
        {
            let [source, destination] = [source, destination].map(|text| text.parse().expect("an address"));
            let key = FlowKey {
                addresses: [words(source), words(destination)],
                ports: [1, 65_535],
                kind: Kind::new(ContextId(0), Transport::Tcp, source.is_ipv6()),
            };
            assert_eq!(key.end(0), End { address: source, port: 1 });
            assert_eq!(key.end(1), End { address: destination, port: 65_535 });
        }
    }

    #[test]
    fn both_directions_have_one_hash() {
        let hasher = foldhash::fast::FixedState::default();
        let key = |ports, addresses: [[u64; 2]; 2]| FlowKey {
            addresses,
            ports,
            kind: Kind::new(ContextId(3), Transport::Udp, false),
        };
        let hash = key([53, 4000], [[1, 0], [2, 0]]).hash(&hasher);
        assert_eq!(hash, key([4000, 53], [[2, 0], [1, 0]]).hash(&hasher));
        // Ports and addresses belong together.
        assert_ne!(hash, key([4000, 53], [[1, 0], [2, 0]]).hash(&hasher));
        assert_ne!(hash, key([53, 4000], [[1, 0], [3, 0]]).hash(&hasher));
    }
}
