//! Zones: named networks with a trust, from a file of the user or built in.

mod builtin;
mod clients;
mod interfaces;
mod read;

use std::net::IpAddr;

use hashbrown::HashMap;
use ipnet::IpNet;

pub(super) use clients::split_around;
pub use read::ZonesError;

use super::model::{Trust, Zone, ZoneConflict, ZoneInterface, ZoneSource};
use crate::net::{Family, number};

/// Number of a zone among the names of [`Zones`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId(pub(super) u16);

/// Every zone; the longest prefix that holds an address decides.
#[derive(Clone, Debug)]
pub struct Zones {
    /// IPv4 first, then the longest prefix, then by network.
    networks: Vec<Zone>,
    /// Names in the order of [`ZoneId`], with their trust.
    names: Vec<(String, Trust)>,
    /// The prefix lengths that occur in each family, longest first.
    lengths: [Vec<u8>; 2],
    known: HashMap<(bool, u8, u128), ZoneId, foldhash::fast::RandomState>,
    /// The zones whose networks the file lists.
    listed: Vec<bool>,
    /// The interfaces that the file assigns, in its order.
    interfaces: Vec<(ZoneId, ZoneInterface)>,
    /// Zones of addresses that no network of the file holds, by interface.
    seen: HashMap<IpAddr, ZoneId, foldhash::fast::RandomState>,
    conflicts: Vec<ZoneConflict>,
}

impl Zones {
    /// The zones that are built in, for a review without a file of zones.
    pub fn builtin() -> Zones {
        Zones::new(builtin::zones(), &[])
    }

    /// Takes zones of which no two have the same network or interface.
    fn new(mut networks: Vec<Zone>, interfaces: &[ZoneInterface]) -> Zones {
        networks.sort_by(|a, b| {
            let key = |zone: &Zone| {
                (zone.network.addr().is_ipv6(), std::cmp::Reverse(zone.network.prefix_len()), zone.network)
            };
            key(a).cmp(&key(b))
        });
        let mut zones = Zones {
            names: Vec::new(),
            lengths: [Vec::new(), Vec::new()],
            known: HashMap::default(),
            networks: Vec::new(),
            listed: Vec::new(),
            interfaces: Vec::new(),
            seen: HashMap::default(),
            conflicts: Vec::new(),
        };
        let mut ids: HashMap<&str, ZoneId, foldhash::fast::RandomState> = HashMap::default();
        for zone in &networks {
            let (names, listed) = (&mut zones.names, &mut zones.listed);
            let id = *ids.entry(&zone.name).or_insert_with(|| {
                names.push((zone.name.clone(), zone.trust));
                listed.push(zone.source == ZoneSource::File);
                ZoneId(names.len() as u16 - 1)
            });
            let is_ipv6 = matches!(zone.network, IpNet::V6(_));
            let length = zone.network.prefix_len();
            let lengths = &mut zones.lengths[usize::from(is_ipv6)];
            if lengths.last() != Some(&length) {
                lengths.push(length);
            }
            let key = (is_ipv6, length, masked(zone.network.addr(), length));
            zones.known.insert(key, id);
        }
        for one in interfaces {
            let (names, listed) = (&mut zones.names, &mut zones.listed);
            let id = *ids.entry(&one.name).or_insert_with(|| {
                names.push((one.name.clone(), one.trust));
                listed.push(true);
                ZoneId(names.len() as u16 - 1)
            });
            zones.interfaces.push((id, one.clone()));
        }
        drop(ids);
        zones.networks = networks;
        zones
    }

    /// The zone of an address: that of the longest prefix which holds it, or of the interface by which it
    /// was seen, where the file assigns that and lists no network of it.
    pub fn of(&self, address: IpAddr) -> ZoneId {
        self.seen.get(&address).copied().unwrap_or_else(|| self.by_network(address))
    }

    /// Whether a network of the file holds an address.
    fn is_listed(&self, address: IpAddr) -> bool {
        self.listed.get(usize::from(self.by_network(address).0)).is_some_and(|&listed| listed)
    }

    fn by_network(&self, address: IpAddr) -> ZoneId {
        let is_ipv6 = address.is_ipv6();
        self.lengths[usize::from(is_ipv6)]
            .iter()
            .find_map(|&length| self.known.get(&(is_ipv6, length, masked(address, length))))
            .copied()
            // The zones that are built in hold every address.
            .unwrap_or(ZoneId(0))
    }

    /// The name of a zone.
    pub fn name(&self, id: ZoneId) -> &str {
        self.names.get(usize::from(id.0)).map_or("", |(name, _)| name)
    }

    /// How far a zone is trusted.
    pub fn trust(&self, id: ZoneId) -> Trust {
        self.names.get(usize::from(id.0)).map_or(Trust::External, |&(_, trust)| trust)
    }

    /// How far the zone of this name is trusted; none without such a zone.
    pub fn trust_of(&self, name: &str) -> Option<Trust> {
        self.names.iter().find(|(known, _)| known == name).map(|&(_, trust)| trust)
    }

    /// Every network of every zone: of each family the longest prefix first.
    pub fn networks(&self) -> &[Zone] {
        &self.networks
    }
}

/// The bits of an address up to a prefix length, at the top of 128 bits.
fn masked(address: IpAddr, length: u8) -> u128 {
    let bits = match Family::of(address) {
        Family::Ipv4 => number(address) << 96,
        Family::Ipv6 => number(address),
    };
    match length {
        0 => 0,
        length => bits & (u128::MAX << (128 - u32::from(length.min(128)))),
    }
}
