//! The three ranges of port numbers (RFC 6335 section 6).

use std::fmt;

/// Which of the three ranges a port lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortRange {
    /// System Ports, 0 to 1023.
    System,
    /// User Ports, 1024 to 49151.
    User,
    /// Dynamic Ports, 49152 to 65535, never assigned.
    Dynamic,
}

impl PortRange {
    /// The three, lowest first.
    pub const ALL: [PortRange; 3] = [PortRange::System, PortRange::User, PortRange::Dynamic];

    /// The range of `port`.
    #[inline]
    pub const fn of(port: u16) -> PortRange {
        match port {
            0..=1023 => PortRange::System,
            1024..=49151 => PortRange::User,
            49152.. => PortRange::Dynamic,
        }
    }

    /// The ports of the range.
    pub const fn ports(self) -> std::ops::RangeInclusive<u16> {
        match self {
            PortRange::System => 0..=1023,
            PortRange::User => 1024..=49151,
            PortRange::Dynamic => 49152..=65535,
        }
    }

    /// What the word means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            PortRange::System => "0 to 1023, assigned after a review by the IETF or its steering group",
            PortRange::User => "1024 to 49151, assigned to who asks for them",
            PortRange::Dynamic => "49152 to 65535, never assigned to anyone",
        }
    }

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            PortRange::System => "system",
            PortRange::User => "user",
            PortRange::Dynamic => "dynamic",
        }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

crate::text::serialize_by_name!(PortRange);
