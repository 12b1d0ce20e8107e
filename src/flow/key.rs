//! What makes packets belong together.

use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{ContextId, Side};
use crate::Transport;
use crate::decode::{Header, Portless};
use crate::net::{End, Family, Protocol, icmp};

/// Addresses, ports, protocol and the tags and tunnels around them, as one packet has them.
#[derive(Clone, Copy, Debug)]
pub struct FlowKey {
    /// Source and destination address, as [`words`] gives them.
    pub(super) addresses: [[u64; 2]; 2],
    /// Source and destination port; of protocols without ports what stands in their place ([`Kind`]).
    pub(super) ports: [u16; 2],
    pub(super) kind: Kind,
}

/// What a flow has beside its ends, in one number: the context above the protocol above the
/// version of IP. There is room for 268 million contexts, which would take 20 GB.
///
/// A protocol with ports has the number of its [`Transport`]. The others have the numbers that are left,
/// and something in place of ports:
///
/// | number | protocol | in place of the source's port and the destination's |
/// |---|---|---|
/// | 5, 6 | ICMP, ICMPv6: questions and answers | the type that each side sends |
/// | 5, 6 | ICMP, ICMPv6: other messages | [`ALONE`] and the type, the code |
/// | 7 | any other | the protocol's number, twice |
///
/// An ICMP flow is what Zeek and the Community ID make of it: the addresses with a type and its
/// counterpart, or with the type and code of a message that is not answered. The identifier of an echo is
/// no part of it: it tells one run of `ping` from the next, and no service from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind(u32);

/// A key with its direction: that of a packet back is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Directed {
    addresses: [[u64; 2]; 2],
    ports: [u16; 2],
    kind: Kind,
}

impl Directed {
    /// The key.
    pub(super) fn key(self) -> FlowKey {
        FlowKey { addresses: self.addresses, ports: self.ports, kind: self.kind }
    }
}

const ICMP: u32 = 5;
const ICMPV6: u32 = 6;
const OTHER: u32 = 7;

/// Marks the type of a message that is not answered: no packet back has it in the destination's place, so
/// that such flows have one direction.
const ALONE: u16 = 0x100;

impl Kind {
    #[inline]
    pub(super) const fn new(context: ContextId, transport: Transport, is_ipv6: bool) -> Kind {
        Kind::numbered(context, transport as u32, is_ipv6)
    }

    #[inline]
    const fn numbered(context: ContextId, number: u32, is_ipv6: bool) -> Kind {
        Kind(context.0 << 4 | number << 1 | is_ipv6 as u32)
    }

    /// The number of the protocol, for a file.
    pub(super) const fn number(self) -> u8 {
        (self.0 >> 1 & 0x07) as u8
    }

    /// What [`Kind::number`] was taken from.
    pub(super) fn restored(context: ContextId, number: u8, is_ipv6: bool) -> Option<Kind> {
        (u32::from(number) <= OTHER).then(|| Kind::numbered(context, number.into(), is_ipv6))
    }

    /// All of it, to be hashed.
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    /// This kind in another context.
    pub(super) const fn within(self, context: ContextId) -> Kind {
        Kind(context.0 << 4 | self.0 & 0x0f)
    }

    #[inline]
    pub(super) const fn context(self) -> ContextId {
        ContextId(self.0 >> 4)
    }

    /// The transport; `None` for a protocol without ports.
    #[inline]
    pub(super) const fn transport(self) -> Option<Transport> {
        Some(match self.0 >> 1 & 0x07 {
            0 => Transport::Tcp,
            1 => Transport::Udp,
            2 => Transport::Sctp,
            3 => Transport::Dccp,
            4 => Transport::UdpLite,
            _ => return None,
        })
    }

    /// Whether a connection is opened with a handshake that tells the client from the server.
    #[inline]
    pub(super) const fn has_handshake(self) -> bool {
        WITH_HANDSHAKE >> (self.0 >> 1 & 0x07) & 1 == 1
    }

    /// IPv4 for ICMP, IPv6 for ICMPv6.
    pub(super) const fn icmp(self) -> Option<Family> {
        match self.0 >> 1 & 0x07 {
            ICMP => Some(Family::Ipv4),
            ICMPV6 => Some(Family::Ipv6),
            _ => None,
        }
    }

    #[inline]
    pub(super) const fn is_ipv6(self) -> bool {
        self.0 & 1 == 1
    }
}

/// The numbers of protocols that [`Transport::has_handshake`], a bit for each: no branch for each packet.
const WITH_HANDSHAKE: u8 = {
    let (mut bits, mut number) = (0, 0);
    while number < u8::BITS {
        if let Some(transport) = Kind(number << 1).transport()
            && transport.has_handshake()
        {
            bits |= 1 << number;
        }
        number += 1;
    }
    bits
};

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

    /// The key of a protocol without ports, from its source to its destination.
    pub(super) fn of_portless(portless: &Portless, context: ContextId) -> FlowKey {
        let Portless { source, destination, protocol, icmp: message, .. } = *portless;
        let (number, ports) = match (icmp::family_of(protocol), message) {
            (Some(family), Some((kind, code))) => {
                let number = if family == Family::Ipv4 { ICMP } else { ICMPV6 };
                let ports = match icmp::counterpart(family, kind) {
                    Some(other) => [kind.into(), other.into()],
                    None => [ALONE | u16::from(kind), code.into()],
                };
                (number, ports)
            }
            _ => (OTHER, [protocol.0.into(); 2]),
        };
        FlowKey {
            addresses: [words(source), words(destination)],
            ports,
            kind: Kind::numbered(context, number, source.is_ipv6()),
        }
    }

    /// The protocol.
    pub(super) fn protocol(&self) -> Protocol {
        match (self.kind.transport(), self.kind.icmp()) {
            (Some(transport), _) => transport.into(),
            (None, Some(Family::Ipv4)) => Protocol::ICMP,
            (None, Some(Family::Ipv6)) => Protocol::ICMPV6,
            (None, None) => Protocol(self.ports[0] as u8),
        }
    }

    /// The type of ICMP that one of the two ends sends; `None` for the receiver of messages that are not
    /// answered, and for other protocols.
    pub(super) fn icmp_type(&self, n: usize) -> Option<u8> {
        self.kind.icmp()?;
        let is_alone = self.ports[0] & ALONE != 0;
        (!is_alone || n == 0).then_some(self.ports[n] as u8)
    }

    /// The type of ICMP with its counterpart, or with its code where it has none, as the Community ID has
    /// them in place of ports.
    #[cfg(feature = "report")]
    pub(super) fn icmp_values(&self) -> (Option<u16>, Option<u16>) {
        match self.kind.icmp() {
            Some(_) => (Some(self.ports[0] & !ALONE), Some(self.ports[1])),
            None => (None, None),
        }
    }

    /// The code of an ICMP message that is not answered.
    pub(super) fn icmp_code(&self) -> Option<u8> {
        self.kind.icmp()?;
        (self.ports[0] & ALONE != 0).then_some(self.ports[1] as u8)
    }

    /// The key of a packet in the opposite direction.
    pub(super) fn reversed(&self) -> FlowKey {
        let ([a, b], [p, q]) = (self.addresses, self.ports);
        FlowKey { addresses: [b, a], ports: [q, p], kind: self.kind }
    }

    /// The key with its direction.
    pub(super) fn directed(self) -> Directed {
        Directed { addresses: self.addresses, ports: self.ports, kind: self.kind }
    }

    /// The key where contexts have other numbers.
    pub(super) fn moved(self, moved: impl Fn(ContextId) -> ContextId) -> FlowKey {
        FlowKey { kind: self.kind.within(moved(self.kind.context())), ..self }
    }

    /// The key with other addresses.
    #[cfg(feature = "report")]
    pub(super) fn readdressed(self, other: impl Fn(IpAddr) -> IpAddr) -> FlowKey {
        FlowKey { addresses: [0, 1].map(|n| words(other(self.end(n).address))), ..self }
    }

    /// One of the two ends; 0 is the source.
    pub(super) fn end(&self, n: usize) -> End {
        let [high, low] = self.addresses[n];
        let address = if self.kind.is_ipv6() {
            IpAddr::V6(Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low)))
        } else {
            IpAddr::V4(Ipv4Addr::from_bits(high as u32))
        };
        End { address, port: self.kind.transport().map(|_| self.ports[n]) }
    }

    /// One of the two ends with what stands in place of its port, to tell ends apart.
    pub(super) fn own_end(&self, n: usize) -> End {
        End { port: Some(self.ports[n]), ..self.end(n) }
    }

    /// A hash that is the same for both directions: the sum of those of the ends, which nobody who
    /// does not know the hasher's seed can make equal for many keys.
    #[inline]
    pub(super) fn hash(&self, hasher: &impl BuildHasher) -> u64 {
        self.hash_of_end(0, hasher).wrapping_add(self.hash_of_end(1, hasher))
    }

    /// A hash of one of the two ends with the protocol, the tags and the tunnels: three numbers take a tenth of what an
    /// address, a port and a protocol take by their parts.
    #[inline]
    pub(super) fn hash_of_end(&self, n: usize, hasher: &impl BuildHasher) -> u64 {
        let [high, low] = self.addresses[n];
        hasher.hash_one((high, low, u64::from(self.kind.0) << 16 | u64::from(self.ports[n])))
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
                    (context, Some(transport), is_ipv6)
                );
                let moved = kind.within(ContextId(7));
                assert_eq!(
                    (moved.context().0, moved.transport(), moved.is_ipv6()),
                    (7, Some(transport), is_ipv6)
                );
                assert_eq!(kind.has_handshake(), transport.has_handshake());
                assert_eq!(Kind::restored(ContextId(7), kind.number(), is_ipv6), Some(moved));
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
            assert_eq!(key.end(0), End { address: source, port: Some(1) });
            assert_eq!(key.end(1), End { address: destination, port: Some(65_535) });
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
