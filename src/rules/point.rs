//! A flow as rules look at it: a value in each dimension, known or not.

use std::net::IpAddr;

use super::flow::{Content, NewFlow};
use super::hook::ChainHook;
use super::ranges::Ranges;
use super::space::{DIMENSIONS, Dimension, Space, destination, state};
use crate::net::{Family, Protocol, Transport, icmp, number, number_in};

/// An answer to a question about a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tri {
    No,
    /// It cannot be decided.
    Maybe,
    Yes,
}

impl Tri {
    pub fn and(self, other: Tri) -> Tri {
        match (self, other) {
            (Tri::No, _) | (_, Tri::No) => Tri::No,
            (Tri::Yes, Tri::Yes) => Tri::Yes,
            _ => Tri::Maybe,
        }
    }

    pub fn or(self, other: Tri) -> Tri {
        self.not().and(other.not()).not()
    }

    pub fn not(self) -> Tri {
        match self {
            Tri::No => Tri::Yes,
            Tri::Maybe => Tri::Maybe,
            Tri::Yes => Tri::No,
        }
    }
}

impl From<bool> for Tri {
    fn from(known: bool) -> Tri {
        if known { Tri::Yes } else { Tri::No }
    }
}

/// TCP's flags that an opening of which no more is known does have.
const SYN: u8 = 0x02;
/// And those that may or may not be set: CWR, ECE, URG, PSH.
const NOT_KNOWN: u8 = 0xe8;

/// A flow as a point in the space of all packets: what rules look at, each known or not.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub family: Family,
    values: [Option<u128>; DIMENSIONS],
    /// TCP's flags are those of an opening, and no more is known of them.
    opening: bool,
    /// Rules would have counted it in the time that their counters are of.
    pub is_counted: bool,
}

impl Point {
    /// The point of a flow's first packet at a hook; none where its ends are of two families.
    pub fn new(flow: &NewFlow<'_>, hook: Option<&ChainHook>) -> Option<Point> {
        let family = Family::of(flow.source);
        let (source, destination) = (number(flow.source), number_in(family, flow.destination)?);
        let mut point =
            Point { family, values: [None; DIMENSIONS], opening: false, is_counted: flow.is_counted };
        point.set(Dimension::Source, Some(source));
        point.set(Dimension::Destination, Some(destination));
        point.set(Dimension::OriginalDestination, Some(destination));
        let protocol = match flow.content {
            Content::Ports { transport, source, destination } => {
                point.set(Dimension::SourcePort, Some(source.into()));
                point.set(Dimension::DestinationPort, Some(destination.into()));
                point.set(Dimension::OriginalDestinationPort, Some(destination.into()));
                if transport == Transport::Tcp {
                    point.set(Dimension::TcpFlags, flow.tcp_flags.map(u128::from));
                    point.opening = flow.tcp_flags.is_none();
                }
                transport.into()
            }
            Content::Icmp { kind, code } => {
                point.set(Dimension::Icmp, Some(u128::from(kind) << 8 | u128::from(code)));
                match family {
                    Family::Ipv4 => Protocol::ICMP,
                    Family::Ipv6 => Protocol::ICMPV6,
                }
            }
            Content::Other(protocol) => protocol,
        };
        point.set(Dimension::Protocol, Some(protocol.0.into()));
        point.set(Dimension::State, first_state(family, flow.content).map(u128::from));
        point.set(Dimension::InInterface, flow.in_interface.map(interface));
        point.set(Dimension::OutInterface, flow.out_interface.map(interface));
        point.set(Dimension::Vlan, flow.vlan.map(u128::from));
        point.set(Dimension::Fragment, (!flow.fragment).then_some(0));
        point.set(Dimension::Extended, (!flow.extended).then_some(0));
        let plain = !flow.fragment && !flow.extended;
        point.set(Dimension::NextHeader, plain.then_some(protocol.0.into()));
        point.set(Dimension::Translated, Some(0));
        point.set(
            Dimension::DestinationType,
            destination_type(flow.destination, flow.content, hook).map(u128::from),
        );
        Some(point)
    }

    /// Any packet of a connection that is established.
    pub fn established(family: Family) -> Point {
        let mut point = Point { family, values: [None; DIMENSIONS], opening: false, is_counted: false };
        point.set(Dimension::State, Some(state::ESTABLISHED.into()));
        point
    }

    pub fn get(&self, dimension: Dimension) -> Option<u128> {
        self.values[dimension as usize]
    }

    pub fn set(&mut self, dimension: Dimension, value: Option<u128>) {
        self.values[dimension as usize] = value;
    }

    /// Whether it is within one limit.
    pub fn is_within(&self, dimension: Dimension, ranges: &Ranges) -> Tri {
        match self.get(dimension) {
            Some(value) => ranges.contains(value).into(),
            None if dimension == Dimension::TcpFlags && self.opening => {
                let possible = |wanted: bool| {
                    (0..=NOT_KNOWN)
                        .filter(|flags| flags & !NOT_KNOWN == 0)
                        .any(|flags| ranges.contains((flags | SYN).into()) == wanted)
                };
                match (possible(true), possible(false)) {
                    (true, true) => Tri::Maybe,
                    (yes, _) => yes.into(),
                }
            }
            None => Tri::Maybe,
        }
    }

    /// Whether it lies in a space.
    pub fn is_in(&self, space: &Space) -> Tri {
        let mut answer = Tri::Yes;
        for (dimension, ranges) in space.limits() {
            answer = answer.and(self.is_within(*dimension, ranges));
            if answer == Tri::No {
                break;
            }
        }
        answer
    }
}

/// What connection tracking makes of the first packet. Of ICMP only questions open something; what
/// answers or reports is related, established or invalid, which takes knowing other packets; and
/// what ICMPv6 does for the link itself is not tracked (Linux, `nf_conntrack_proto_icmp*.c`). A
/// right checksum of UDP-Lite is taken for a wrong one, since it is checked as UDP's, so that the
/// packet is invalid unless the network card vouched for it (`nf_conntrack_proto_udp.c`).
fn first_state(family: Family, content: Content) -> Option<u8> {
    match (family, content) {
        (Family::Ipv4, Content::Icmp { kind, .. }) => [8, 13, 15, 17].contains(&kind).then_some(state::NEW),
        (Family::Ipv6, Content::Icmp { kind, .. }) => match kind {
            128 | 139 => Some(state::NEW),
            kind if icmp::is_of_link(Family::Ipv6, kind) => Some(state::UNTRACKED),
            _ => None,
        },
        (_, Content::Ports { transport: Transport::UdpLite, .. }) => None,
        _ => Some(state::NEW),
    }
}

/// What the routing table of the firewall says of the destination, as far as the hook tells: what
/// arrives is local, what is forwarded is not. A subnet's broadcast address ends in two bits of 1
/// at least, and handshakes are not broadcast.
pub(super) fn destination_type(to: IpAddr, content: Content, hook: Option<&ChainHook>) -> Option<u8> {
    let may_be_broadcast = match to {
        address if address.is_multicast() => return Some(destination::MULTICAST),
        IpAddr::V4(address) if address.is_broadcast() => return Some(destination::BROADCAST),
        IpAddr::V4(address) => address.to_bits() & 3 == 3,
        IpAddr::V6(_) => false,
    };
    let handshake = matches!(content, Content::Ports { transport, .. } if transport.has_handshake());
    match hook {
        _ if may_be_broadcast && !handshake => None,
        Some(ChainHook::Input) => Some(destination::LOCAL),
        Some(ChainHook::Forward) => Some(destination::UNICAST),
        _ => None,
    }
}

/// Longest name of an interface, without the terminating NUL.
const INTERFACE_NAME: usize = 15;

/// The name of an interface as a number whose order is that of the names.
pub(super) fn interface(name: &str) -> u128 {
    interfaces(name, 0)
}

/// The interfaces whose names begin so.
pub(super) fn interfaces_from(beginning: &str) -> (u128, u128) {
    (interfaces(beginning, 0), interfaces(beginning, u8::MAX))
}

fn interfaces(name: &str, fill: u8) -> u128 {
    let mut octets = [fill; 16];
    for (to, from) in octets.iter_mut().zip(name.bytes().take(INTERFACE_NAME)) {
        *to = from;
    }
    u128::from_be_bytes(octets)
}
