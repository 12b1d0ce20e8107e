//! What a rule's conditions leave of all packets of one family: a box with one side for each thing
//! that rules look at.

use super::ranges::Ranges;
use crate::net::Family;

/// What rules look at. Every value is a number; a name of an interface is one too (its bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Dimension {
    /// IP protocol of the transport, after extension headers. First, since most else depends on it.
    Protocol,
    Source,
    Destination,
    DestinationPort,
    SourcePort,
    /// Type and code of ICMP or ICMPv6: 256 * type + code.
    Icmp,
    /// Connection tracking's state, as one of [`state`].
    State,
    InInterface,
    OutInterface,
    TcpFlags,
    Vlan,
    /// 1 for a fragment.
    Fragment,
    /// 1 with IPv4 options or IPv6 extension headers.
    Extended,
    /// The field of the IPv6 header, which may name an extension header.
    NextHeader,
    /// What the routing table says of the destination, as one of [`destination`].
    DestinationType,
    /// 1 when the destination was translated.
    Translated,
    /// The destination before translation.
    OriginalDestination,
    OriginalDestinationPort,
}

/// How many dimensions there are.
pub(super) const DIMENSIONS: usize = Dimension::OriginalDestinationPort as usize + 1;

/// States of connection tracking, with the numbers of nftables' `ct state`.
pub(super) mod state {
    pub const INVALID: u8 = 1;
    pub const ESTABLISHED: u8 = 2;
    pub const RELATED: u8 = 4;
    pub const NEW: u8 = 8;
    pub const UNTRACKED: u8 = 64;
}

/// What a destination is to the firewall.
pub(super) mod destination {
    pub const UNICAST: u8 = 1;
    pub const LOCAL: u8 = 2;
    pub const BROADCAST: u8 = 3;
    pub const MULTICAST: u8 = 5;
    pub const MAX: u8 = 11;
}

impl Dimension {
    /// The largest value.
    pub fn largest(self, family: Family) -> u128 {
        match self {
            Dimension::Source | Dimension::Destination | Dimension::OriginalDestination => match family {
                Family::Ipv4 => u32::MAX.into(),
                Family::Ipv6 => u128::MAX,
            },
            Dimension::InInterface | Dimension::OutInterface => u128::MAX,
            Dimension::DestinationPort
            | Dimension::SourcePort
            | Dimension::OriginalDestinationPort
            | Dimension::Icmp => u16::MAX.into(),
            Dimension::Protocol | Dimension::TcpFlags | Dimension::NextHeader => u8::MAX.into(),
            Dimension::State => 127,
            Dimension::Vlan => 4095,
            Dimension::DestinationType => destination::MAX.into(),
            Dimension::Fragment | Dimension::Extended | Dimension::Translated => 1,
        }
    }
}

/// All packets of a family that keep to some limits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Space {
    pub family: Family,
    /// Sorted by dimension, each at most once; what is not limited is not there.
    limits: Vec<(Dimension, Ranges)>,
}

impl Space {
    /// Every packet of a family.
    pub fn all(family: Family) -> Space {
        Space { family, limits: Vec::new() }
    }

    pub fn limits(&self) -> &[(Dimension, Ranges)] {
        &self.limits
    }

    pub fn limit(&self, dimension: Dimension) -> Option<&Ranges> {
        self.limits.iter().find(|(of, _)| *of == dimension).map(|(_, ranges)| ranges)
    }

    /// Keeps what also lies in `ranges`.
    pub fn restrict(&mut self, dimension: Dimension, ranges: &Ranges) {
        match self.limits.binary_search_by_key(&dimension, |(of, _)| *of) {
            Ok(at) => self.limits[at].1 = self.limits[at].1.intersect(ranges),
            Err(_) if ranges.is_all(dimension.largest(self.family)) => {}
            Err(at) => self.limits.insert(at, (dimension, ranges.clone())),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.limits.iter().any(|(_, ranges)| ranges.is_empty())
    }

    /// What both hold; none where that is nothing.
    pub fn intersect(&self, other: &Space) -> Option<Space> {
        if self.is_disjoint(other) {
            return None;
        }
        let mut both = self.clone();
        for (dimension, ranges) in &other.limits {
            both.restrict(*dimension, ranges);
        }
        Some(both)
    }

    pub fn is_disjoint(&self, other: &Space) -> bool {
        self.family != other.family
            || self.is_empty()
            || other.is_empty()
            || other
                .limits
                .iter()
                .any(|(dimension, ranges)| self.limit(*dimension).is_some_and(|own| own.is_disjoint(ranges)))
    }

    /// Whether the other holds all of it.
    pub fn is_subset(&self, other: &Space) -> bool {
        self.is_empty()
            || self.family == other.family
                && other.limits.iter().all(|(dimension, ranges)| {
                    self.limit(*dimension).is_some_and(|own| own.is_subset(ranges))
                })
    }

    /// A space that holds both, and perhaps more.
    pub fn around(&self, other: &Space) -> Space {
        let both = |(dimension, ranges): &(Dimension, Ranges)| {
            let others = other.limit(*dimension)?;
            Some((*dimension, Ranges::new([ranges.as_slice(), others.as_slice()].concat())))
        };
        Space { family: self.family, limits: self.limits.iter().filter_map(both).collect() }
    }

    /// What is left without the other, as spaces that do not overlap.
    pub fn subtract(self, other: &Space) -> Vec<Space> {
        if self.is_empty() {
            return Vec::new();
        }
        if self.is_disjoint(other) {
            return vec![self];
        }
        let mut left = Vec::new();
        let mut inside = self;
        for (dimension, ranges) in &other.limits {
            let mut outside = inside.clone();
            outside.restrict(*dimension, &ranges.complement(dimension.largest(outside.family)));
            if !outside.is_empty() {
                left.push(outside);
            }
            inside.restrict(*dimension, ranges);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A space of a few small limits, from the bits of a number.
    fn space(bits: u32) -> Space {
        let mut space = Space::all(Family::Ipv4);
        for (n, dimension) in
            [Dimension::Protocol, Dimension::SourcePort, Dimension::Fragment].into_iter().enumerate()
        {
            let part = bits >> (n * 4) & 15;
            if part != 15 {
                let max = dimension.largest(Family::Ipv4).min(3) as u16;
                space.restrict(dimension, &Ranges::accepted(max, |v| part >> v & 1 == 1));
            }
        }
        space
    }

    fn holds(space: &Space, point: [u128; 3]) -> bool {
        let dimensions = [Dimension::Protocol, Dimension::SourcePort, Dimension::Fragment];
        dimensions.iter().zip(point).all(|(of, value)| space.limit(*of).is_none_or(|r| r.contains(value)))
    }

    #[test]
    fn operations_are_those_of_sets_of_points() {
        let points: Vec<[u128; 3]> =
            (0..4).flat_map(|a| (0..4).flat_map(move |b| (0..2).map(move |c| [a, b, c]))).collect();
        let mut state = 3_u32;
        for _ in 0..2000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (a, b) = (space(state >> 8), space(state >> 20));
            let both = a.intersect(&b);
            let left = a.clone().subtract(&b);
            for &point in &points {
                let (in_a, in_b) = (holds(&a, point), holds(&b, point));
                assert_eq!(both.as_ref().is_some_and(|both| holds(both, point)), in_a && in_b);
                let pieces = left.iter().filter(|piece| holds(piece, point)).count();
                assert_eq!(pieces, usize::from(in_a && !in_b), "{a:?} - {b:?} at {point:?}");
            }
            if a.is_subset(&b) {
                assert!(left.is_empty(), "{a:?} in {b:?}");
            }
        }
    }

    #[test]
    fn a_limit_that_limits_nothing_is_left_out() {
        let mut space = Space::all(Family::Ipv4);
        space.restrict(Dimension::Source, &Ranges::new(vec![(0, u32::MAX.into())]));
        assert_eq!(space, Space::all(Family::Ipv4));
    }

    #[test]
    fn families_share_nothing() {
        let (four, six) = (Space::all(Family::Ipv4), Space::all(Family::Ipv6));
        assert!(four.is_disjoint(&six) && !four.is_subset(&six));
        assert_eq!(four.clone().subtract(&six), [four]);
    }
}
