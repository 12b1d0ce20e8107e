//! The zones of a review without a file of zones.

use ipnet::IpNet;

use super::super::model::{Trust, Zone, ZoneSource};

/// Name, networks, trust, and where the networks are set aside (IANA's registries of special
/// addresses name the same).
const ZONES: [(&str, &[&str], Trust, &str); 12] = [
    ("loopback", &["127.0.0.0/8", "::1/128"], Trust::Internal, "RFC 1122, RFC 4291"),
    ("link-local", &["169.254.0.0/16", "fe80::/10"], Trust::Internal, "RFC 3927, RFC 4291"),
    ("private-10", &["10.0.0.0/8"], Trust::Internal, "RFC 1918"),
    ("private-172", &["172.16.0.0/12"], Trust::Internal, "RFC 1918"),
    ("private-192", &["192.168.0.0/16"], Trust::Internal, "RFC 1918"),
    ("unique-local", &["fc00::/7"], Trust::Internal, "RFC 4193"),
    ("cgnat", &["100.64.0.0/10"], Trust::External, "RFC 6598"),
    ("multicast", &["224.0.0.0/4", "ff00::/8"], Trust::Internal, "RFC 5771, RFC 4291"),
    ("broadcast", &["255.255.255.255/32"], Trust::Internal, "RFC 919"),
    ("unspecified", &["0.0.0.0/8", "::/128"], Trust::Internal, "RFC 1122, RFC 4291"),
    (
        "documentation",
        &["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"],
        Trust::External,
        "RFC 5737, RFC 3849, RFC 9637",
    ),
    ("internet", &["0.0.0.0/0", "::/0"], Trust::External, "all else"),
];

pub(super) fn zones() -> Vec<Zone> {
    let mut zones = Vec::new();
    for (name, networks, trust, comment) in ZONES {
        for network in networks.iter().filter_map(|network| network.parse::<IpNet>().ok()) {
            zones.push(Zone {
                name: name.to_owned(),
                network,
                trust,
                comment: comment.into(),
                source: ZoneSource::Builtin,
            });
        }
    }
    zones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_that_is_built_in_is_one() {
        let written: usize = ZONES.iter().map(|(_, networks, ..)| networks.len()).sum();
        assert_eq!(zones().len(), written);
        assert!(zones().iter().all(|zone| zone.network == zone.network.trunc()));
    }
}
