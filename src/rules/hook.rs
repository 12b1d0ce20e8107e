//! Words of netfilter: families of tables, hooks and kinds of chains.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::net::Family;

/// The family of a table, which says whose packets its chains see (`nft(8)`, address families).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TableFamily {
    /// IPv4.
    Ip,
    /// IPv6.
    Ip6,
    /// IPv4 and IPv6.
    Inet,
    /// ARP.
    Arp,
    /// Packets that are bridged.
    Bridge,
    /// Packets of one device.
    Netdev,
    /// Another, by its word.
    Other(String),
}

impl TableFamily {
    /// The family that a word of nftables means.
    pub fn of(word: &str) -> TableFamily {
        match word {
            "ip" => TableFamily::Ip,
            "ip6" => TableFamily::Ip6,
            "inet" => TableFamily::Inet,
            "arp" => TableFamily::Arp,
            "bridge" => TableFamily::Bridge,
            "netdev" => TableFamily::Netdev,
            other => TableFamily::Other(other.to_owned()),
        }
    }

    /// The word of nftables.
    pub fn name(&self) -> &str {
        match self {
            TableFamily::Ip => "ip",
            TableFamily::Ip6 => "ip6",
            TableFamily::Inet => "inet",
            TableFamily::Arp => "arp",
            TableFamily::Bridge => "bridge",
            TableFamily::Netdev => "netdev",
            TableFamily::Other(word) => word,
        }
    }

    /// The versions of IP whose packets the chains of the table see; both for a family that is not
    /// known.
    pub fn versions(&self) -> &'static [Family] {
        match self {
            TableFamily::Ip => &[Family::Ipv4],
            TableFamily::Ip6 => &[Family::Ipv6],
            TableFamily::Arp => &[],
            TableFamily::Inet | TableFamily::Bridge | TableFamily::Netdev | TableFamily::Other(_) => {
                &Family::ALL
            }
        }
    }
}

impl From<Family> for TableFamily {
    fn from(family: Family) -> TableFamily {
        match family {
            Family::Ipv4 => TableFamily::Ip,
            Family::Ipv6 => TableFamily::Ip6,
        }
    }
}

/// The place in a packet's way at which the kernel calls a chain (`nft(8)`, chains).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChainHook {
    /// Every packet that comes in, before it is routed.
    Prerouting,
    /// Packets to the firewall itself.
    Input,
    /// Packets that are passed on.
    Forward,
    /// Packets from the firewall itself.
    Output,
    /// Every packet that goes out, after it was routed.
    Postrouting,
    /// Every packet that a device takes in.
    Ingress,
    /// Every packet that a device sends.
    Egress,
    /// Another, by its word.
    Other(String),
}

impl ChainHook {
    /// The hook that a word of nftables means; iptables writes its built-in chains in capitals.
    pub fn of(word: &str) -> ChainHook {
        match word.to_ascii_lowercase().as_str() {
            "prerouting" => ChainHook::Prerouting,
            "input" => ChainHook::Input,
            "forward" => ChainHook::Forward,
            "output" => ChainHook::Output,
            "postrouting" => ChainHook::Postrouting,
            "ingress" => ChainHook::Ingress,
            "egress" => ChainHook::Egress,
            _ => ChainHook::Other(word.to_owned()),
        }
    }

    /// The word of nftables.
    pub fn name(&self) -> &str {
        match self {
            ChainHook::Prerouting => "prerouting",
            ChainHook::Input => "input",
            ChainHook::Forward => "forward",
            ChainHook::Output => "output",
            ChainHook::Postrouting => "postrouting",
            ChainHook::Ingress => "ingress",
            ChainHook::Egress => "egress",
            ChainHook::Other(word) => word,
        }
    }
}

/// What a chain is for (`nft(8)`, types of base chains).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChainKind {
    /// Filters packets.
    Filter,
    /// Translates addresses.
    Nat,
    /// Routes again what the firewall sends.
    Route,
    /// Holds the rules of a security group of AWS, which have no order and only allow.
    SecurityGroup,
    /// Another, by its word.
    Other(String),
}

impl ChainKind {
    /// The kind that a word of nftables means.
    pub fn of(word: &str) -> ChainKind {
        match word {
            "filter" => ChainKind::Filter,
            "nat" => ChainKind::Nat,
            "route" => ChainKind::Route,
            other => ChainKind::Other(other.to_owned()),
        }
    }

    /// The word of nftables; of AWS `security-group`.
    pub fn name(&self) -> &str {
        match self {
            ChainKind::Filter => "filter",
            ChainKind::Nat => "nat",
            ChainKind::Route => "route",
            ChainKind::SecurityGroup => "security-group",
            ChainKind::Other(word) => word,
        }
    }
}

/// Which packets the rules of a security group of AWS are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupDirection {
    /// Packets to its members.
    Ingress,
    /// Packets from its members.
    Egress,
}

impl GroupDirection {
    /// The word in names of chains.
    pub const fn name(self) -> &'static str {
        match self {
            GroupDirection::Ingress => "ingress",
            GroupDirection::Egress => "egress",
        }
    }
}

/// Shows and serializes a type by its word.
macro_rules! by_name {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )*};
}

by_name!(TableFamily, ChainHook, ChainKind);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_given_back() {
        for word in ["ip", "ip6", "inet", "arp", "bridge", "netdev", "x"] {
            assert_eq!(TableFamily::of(word).name(), word);
        }
        for word in ["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress", "x"] {
            assert_eq!(ChainHook::of(word).name(), word);
        }
        for word in ["filter", "nat", "route", "x"] {
            assert_eq!(ChainKind::of(word).name(), word);
        }
        assert_eq!(ChainHook::of("FORWARD"), ChainHook::Forward);
    }
}
