//! Uses of ports put together into rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

use hashbrown::{HashMap, HashSet};

use super::super::model::{
    BehindUse, Grade, GradeCounts, InUse, NameBasis, Offer, RowId, RowKind, SAMPLES, Scan, ServerName,
    ServerUse, Service, Trust, Usage, samples_of,
};
use super::super::zones::{ZoneId, Zones};
use super::clients::ClientsByUse;
use super::port_uses::{FlowGroup, Key, PortUses, Sum};
use super::scans::Scanner;
use super::{Observed, controls, named, sample};
use crate::net::{End, Family, Ports, from_number};
use crate::registry::Status;
use crate::services;
use crate::traffic::Labelled;

/// What makes uses of ports one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum RowKey {
    /// One use of a port alone.
    Own(u32),
    /// Ports that one control service handed out: the use of its port, then zone, server and
    /// transport.
    Data(u32, Key),
    /// One port, or ports that nobody registered, of many servers of an external zone.
    Zone(ZoneKey),
    /// Ports of one server that nobody registered and one client alone met, from one port.
    Range(Key),
}

/// What makes uses of ports of many servers one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ZoneKey {
    clients: ZoneId,
    family: Family,
    servers: ZoneId,
    /// What the servers are asked for; of ports that nobody registered no port.
    offer: Offer,
    /// Whether it is for ports that nobody registered, each met from one port of one client.
    is_range: bool,
}

/// More servers of an external zone than this are one row.
const EACH: usize = 8;

impl RowKey {
    /// The key of the row that a use of a port is in.
    fn of(n: u32, key: &Key, sum: &Sum, is_dynamic: impl Fn(&Key, &Sum) -> bool) -> RowKey {
        match sum.control {
            _ if key.is_group => RowKey::Own(n),
            // A port that was also used without the control service is a service of its own.
            Some(control) if sum.controlled == sum.flows => {
                RowKey::Data(control, Key { offer: any_port(key.offer), ..*key })
            }
            _ if is_dynamic(key, sum) => RowKey::Range(Key { offer: any_port(key.offer), ..*key }),
            _ => RowKey::Own(n),
        }
    }
}

/// What is the same for every port.
fn any_port(offer: Offer) -> Offer {
    offer.with_ports(Ports::one(0))
}

/// What the uses of ports in one row add up to.
struct RowSum {
    row_id: RowId,
    key: RowKey,
    /// Of the first of them.
    of: Key,
    /// All that its servers are asked for: the ports from the lowest to the highest.
    offer: Offer,
    sum: Sum,
    groups: Vec<FlowGroup>,
}

/// Every row, and the row of each use of a port.
pub(super) struct Rows<'a> {
    labelled: &'a Labelled<'a>,
    zones: &'a Zones,
    uses: &'a PortUses,
    sums: Vec<RowSum>,
    row_of: Vec<usize>,
    /// What the servers of each row are called.
    names_of: BTreeMap<RowId, Vec<ServerName>>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        labelled: &'a Labelled<'a>,
        zones: &'a Zones,
        uses: &'a PortUses,
        decided: &[RowId],
    ) -> Rows<'a> {
        let shared = shared(uses);
        let is_dynamic = |key: &Key, sum: &Sum| is_dynamic(labelled, &shared, key, sum);
        let mut keys: Vec<RowKey> = uses
            .keys
            .iter()
            .zip(&uses.sums)
            .enumerate()
            .map(|(n, (key, sum))| RowKey::of(n as u32, key, sum, is_dynamic))
            .collect();
        put_zones_together(&mut keys, uses, zones, decided);
        let mut places: HashMap<RowKey, usize, foldhash::fast::RandomState> = HashMap::default();
        let mut rows: Vec<RowSum> = Vec::new();
        let mut row_of = Vec::with_capacity(uses.keys.len());
        for (n, (&of, sum)) in uses.keys.iter().zip(&uses.sums).enumerate() {
            let key = keys[n];
            let place = *places.entry(key).or_insert(rows.len());
            if let Some(row) = rows.get_mut(place) {
                row.sum.merge(sum);
                row.offer = row.offer.and(of.offer);
            } else {
                let row_id = RowId::default();
                rows.push(RowSum { row_id, key, of, offer: of.offer, sum: sum.clone(), groups: Vec::new() });
            }
            row_of.push(place);
        }
        for (port_use, group) in &uses.groups {
            rows[row_of[*port_use as usize]].groups.push(group.clone());
        }
        for row in &mut rows {
            row.row_id = row.identifier(zones);
            row.groups.sort_by_key(FlowGroup::order);
        }
        let mut names_of: BTreeMap<RowId, Vec<ServerName>> = BTreeMap::new();
        for (port_use, names) in &uses.server_names {
            let known = names_of.entry(rows[row_of[*port_use as usize]].row_id).or_default();
            for name in names {
                if !known.contains(name) {
                    known.push(name.clone());
                }
            }
        }
        Rows { labelled, zones, uses, sums: rows, row_of, names_of }
    }

    /// The rows, sorted by zones, server, transport and ports.
    pub(super) fn observed(&self) -> Vec<Observed> {
        let mut observed: Vec<Observed> = self.sums.iter().map(|row| self.row(row)).collect();
        observed.sort_by(|a, b| a.order().cmp(&b.order()));
        observed
    }

    fn row(&self, row: &RowSum) -> Observed {
        let RowSum { row_id, of, sum, offer, groups, .. } = row;
        let servers = servers(row);
        let server = servers.first().map_or_else(|| from_number(of.family, of.server), |one| one.server);
        let clients = ClientsByUse::of(groups);
        let summed_up =
            |hosts: &[IpAddr], others: &[&[IpAddr]]| self.zones.clients(of.zone, hosts, &others.concat());
        let (refused, scanning) = (&clients.refused, &clients.scanning);
        let host = Some(server).filter(|_| servers.is_empty());
        let registry = named::of(self.labelled.registry(), *offer, host);
        let agrees = !sum.spoken.is_empty()
            && sum.spoken.iter().all(|(spoken, _)| services::begins_with(&registry.service).contains(spoken));
        let service = Service {
            family: of.family,
            client_zone: self.zones.name(of.zone).to_owned(),
            clients: summed_up(&clients.in_use, &[&clients.perhaps, refused, scanning]),
            clients_perhaps: summed_up(&clients.perhaps, &[&clients.in_use, refused, scanning]),
            clients_refused: refused.clone(),
            clients_scanning: scanning.clone(),
            server_zone: self.zones.name(self.zones.of(server)).to_owned(),
            server,
            servers,
            server_names: self.names_of.get(row_id).cloned().unwrap_or_default(),
            behind: behind(groups),
            offer: *offer,
            direction_basis: sum.basis,
            name_basis: match offer {
                Offer::Ports { .. } if agrees => NameBasis::Payload,
                Offer::Ports { .. } => NameBasis::PortOnly,
                Offer::Icmp { .. } | Offer::Protocol(_) => NameBasis::Protocol,
            },
            spoken: sum.spoken.iter().map(|&(spoken, _)| spoken).collect(),
            contradicting: sum.contradicting.iter().map(|&(spoken, _)| spoken).collect(),
            upgraded: sum
                .upgraded
                .iter()
                .filter(|one| sum.spoken.contains(one))
                .map(|&(spoken, _)| spoken)
                .collect(),
            registry,
        };
        let by_grade = Grade::ALL.into_iter().map(|grade| (grade, sum.grades[grade as usize]));
        let most = samples_of(self.sums.len());
        let samples = sum.samples.iter().take(most);
        let usage = Usage {
            grades: GradeCounts {
                by_grade: by_grade.filter(|&(_, flows)| flows > 0).collect::<BTreeMap<_, _>>(),
                tries: sum.flows,
                packets_before_reply: sum.packets_before_reply,
            },
            grade: sum.grade(),
            packets: sum.packets,
            bytes: sum.bytes,
            first_seen: sum.first,
            last_seen: sum.last,
            active_days: sum.days.len() as u32,
            samples: samples
                .filter_map(|one| sample(self.labelled, (one.flow, one.server), one.grade))
                .collect(),
        };
        Observed {
            row_id: *row_id,
            kind: self.kind(row),
            service,
            usage,
            clients,
            groups: groups.clone(),
            spoken: sum.spoken.clone(),
            only_scanned: groups.iter().all(|group| group.is_scan),
        }
    }

    fn kind(&self, row: &RowSum) -> RowKind {
        match row.key {
            RowKey::Own(_) if row.of.is_group => RowKind::Group,
            RowKey::Own(_) | RowKey::Zone(ZoneKey { is_range: false, .. }) => RowKind::Service,
            RowKey::Data(control, _) => RowKind::DynamicData {
                control: self.row_id_of(control),
                announced: row.sum.announced == row.sum.flows,
            },
            RowKey::Zone(_) | RowKey::Range(_) => RowKind::DynamicRange,
        }
    }

    /// The row that a use of a port is in.
    fn row_id_of(&self, port_use: u32) -> RowId {
        self.sums[self.row_of[port_use as usize]].row_id
    }

    /// What a scanner tried.
    pub(super) fn scan(&self, scanner: &Scanner) -> Scan {
        let groups = || scanner.groups.iter().filter_map(|&n| self.uses.groups.get(n));
        let mut rows: Vec<RowId> = groups().map(|&(port_use, _)| self.row_id_of(port_use)).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut shown: Vec<&FlowGroup> = groups().map(|(_, group)| group).collect();
        shown.sort_by_key(|group| (Reverse(group.grade), group.first_flow.0));
        let mut grades = BTreeMap::new();
        for group in &shown {
            *grades.entry(group.grade).or_default() += group.flows;
        }
        let samples = shown.iter().take(SAMPLES);
        Scan {
            row_id: RowId::of_scan(scanner.client),
            client: scanner.client,
            client_zone: self.zones.name(self.zones.of(scanner.client)).to_owned(),
            targets: scanner.targets,
            used: scanner.used,
            perhaps_used: scanner.perhaps_used,
            flows: scanner.flows,
            grades,
            first_seen: shown.iter().filter_map(|group| group.times).map(|(first, _)| first).min(),
            last_seen: shown.iter().filter_map(|group| group.times).map(|(_, last)| last).max(),
            rows,
            samples: samples
                .filter_map(|group| sample(self.labelled, group.first_flow, group.grade))
                .collect(),
        }
    }
}

/// The servers behind the firewall, those with most flows first.
fn behind(groups: &[FlowGroup]) -> Vec<BehindUse> {
    let mut flows: BTreeMap<End, u64> = BTreeMap::new();
    for group in groups {
        if let Some(behind) = group.behind {
            *flows.entry(behind).or_default() += group.flows;
        }
    }
    let mut all: Vec<BehindUse> =
        flows.into_iter().map(|(server, flows)| BehindUse { server, flows }).collect();
    all.sort_by_key(|one| Reverse(one.flows));
    all
}

/// The servers of a row for many, those with most flows first; none of a row for one.
fn servers(row: &RowSum) -> Vec<ServerUse> {
    if !matches!(row.key, RowKey::Zone(_)) {
        return Vec::new();
    }
    let mut flows: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for group in &row.groups {
        *flows.entry(group.server).or_default() += group.flows;
    }
    let mut servers: Vec<ServerUse> =
        flows.into_iter().map(|(server, flows)| ServerUse { server, flows }).collect();
    servers.sort_by_key(|one| Reverse(one.flows));
    servers
}

/// Makes the uses of a port at many servers of an external zone one row; also of few, where people have
/// written about that row. Servers that people have written about keep their own.
fn put_zones_together(keys: &mut [RowKey], uses: &PortUses, zones: &Zones, decided: &[RowId]) {
    let is_decided = |row_id: RowId| decided.binary_search(&row_id).is_ok();
    let zone_key = |key: &RowKey, of: &Key| -> Option<ZoneKey> {
        let server = from_number(of.family, of.server);
        let servers = zones.of(server);
        let is_range = match key {
            RowKey::Own(_) if !of.is_group => false,
            RowKey::Range(_) => true,
            _ => return None,
        };
        let offer = if is_range { any_port(of.offer) } else { of.offer };
        let own = || RowId::of_service(of.family, zones.name(of.zone), server, of.offer);
        if zones.trust(servers) != Trust::External || !decided.is_empty() && is_decided(own()) {
            return None;
        }
        Some(ZoneKey { clients: of.zone, family: of.family, servers, offer, is_range })
    };
    let mut places: HashMap<ZoneKey, Vec<u32>, foldhash::fast::RandomState> = HashMap::default();
    for (n, (key, of)) in keys.iter().zip(&uses.keys).enumerate() {
        if let Some(zone_key) = zone_key(key, of) {
            places.entry(zone_key).or_default().push(n as u32);
        }
    }
    for (zone_key, uses_of_it) in places {
        let ZoneKey { clients, family, servers, offer, is_range } = zone_key;
        let row_id = || RowId::of_zone(family, zones.name(clients), zones.name(servers), offer);
        let is_known = !decided.is_empty() && !is_range && is_decided(row_id());
        if uses_of_it.len() > EACH || is_known {
            for n in uses_of_it {
                keys[n as usize] = RowKey::Zone(zone_key);
            }
        }
    }
}

/// The high ports that are used at several servers, or from several zones.
fn shared(uses: &PortUses) -> HashSet<Offer, foldhash::fast::RandomState> {
    let mut met: HashSet<Offer, foldhash::fast::RandomState> = HashSet::default();
    let mut shared = HashSet::default();
    for (key, sum) in uses.keys.iter().zip(&uses.sums) {
        let is_used = sum.grade().in_use() != InUse::No && sum.controlled < sum.flows;
        if is_high(key.offer) && is_used && !met.insert(key.offer) {
            shared.insert(key.offer);
        }
    }
    shared
}

/// Whether it is a port that programs are given for a while.
fn is_high(offer: Offer) -> bool {
    offer.ports().is_some_and(|ports| ports.first >= controls::DYNAMIC)
}

/// Whether a port is one that a program was given for a while: nobody registered it or gave it a name,
/// and no other server, client or capture has it.
fn is_dynamic(
    labelled: &Labelled,
    shared: &HashSet<Offer, foldhash::fast::RandomState>,
    key: &Key,
    sum: &Sum,
) -> bool {
    let Offer::Ports { transport, ports } = key.offer else { return false };
    if !is_high(key.offer) || sum.only_client.is_none() {
        return false;
    }
    let is_used = sum.grade().in_use() != InUse::No;
    if is_used && shared.contains(&key.offer) {
        return false;
    }
    let (first, last) = sum.first_packets;
    let capture = |packet: u64| labelled.traffic().place(packet).capture;
    if sum.flows > 1 && capture(first) != capture(last) {
        return false;
    }
    let answer = labelled.registry().port(transport, ports.first);
    let server = from_number(key.family, key.server);
    answer.status() != Status::Registered && answer.local_names(Some(server)).is_empty()
}

impl RowSum {
    fn identifier(&self, zones: &Zones) -> RowId {
        if let RowKey::Zone(ZoneKey { clients, family, servers, .. }) = self.key {
            return RowId::of_zone(family, zones.name(clients), zones.name(servers), self.offer);
        }
        let server = from_number(self.of.family, self.of.server);
        RowId::of_service(self.of.family, zones.name(self.of.zone), server, self.offer)
    }
}

impl FlowGroup {
    fn order(&self) -> impl Ord + use<> {
        let client = (self.client, self.client_port);
        (client, self.offer, self.icmp_code, self.context, self.behind, self.grade, self.first_flow.0)
    }
}

impl Observed {
    fn order(&self) -> impl Ord + '_ {
        let Service { client_zone, server_zone, family, server, offer, .. } = &self.service;
        let rank = match self.kind {
            RowKind::Service => 0,
            RowKind::DynamicData { .. } => 1,
            RowKind::DynamicRange => 2,
            RowKind::Group => 3,
        };
        ((client_zone, server_zone, family, server), (offer, rank, self.row_id))
    }
}
