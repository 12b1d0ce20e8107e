//! What was observed: the rows of a review, before approvals and rules.

mod controls;
mod coverage;
mod grading;
mod hashes;
mod listened;
mod port_uses;
mod roles;

pub use grading::{ONE_WAY_BY_DESIGN, is_one_way_by_design};
pub use hashes::Hashing;
pub use port_uses::FlowGroup;

use std::collections::BTreeMap;
use std::net::IpAddr;

use hashbrown::HashMap;

use controls::Controls;
use port_uses::{Edges, Graded, Key, Sample, Sum};
use roles::{Broadcasts, Roles};

use super::model::{
    Coverage, FlowSample, Grade, GradeCounts, InUse, NameBasis, RegistryPart, Row, RowKind, RowStatus,
    RulesSay, Scan, Vantage, Zone, row_id,
};
use super::zones::{ZoneId, Zones};
use crate::capture::Timestamp;
use crate::evidence::Spoken;
use crate::flow::Side;
use crate::net::{Ports, from_number};
use crate::registry::{Answer, Column, Status};
use crate::traffic::{Labelled, LabelledFlow};

/// What an inventory is made by.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The zones.
    pub zones: &'a Zones,
    /// Length of the window in which use should show, in seconds.
    pub window_seconds: f64,
    /// Where the sensor stood, if said.
    pub vantage: Option<Vantage>,
    /// Whether [`FlowGroup`]s tell the ports of clients apart, for rules that look at them.
    pub client_ports: bool,
}

/// What was observed.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// What was listened to, and for how long.
    pub coverage: Coverage,
    /// The zones, of each family the longest prefix first.
    pub zones: Vec<Zone>,
    /// The rows, sorted by zones, server, transport and ports. Status, tags, rules, approval and
    /// findings are not filled in.
    pub rows: Vec<Observed>,
    /// The clients that look like scanners, sorted by address.
    pub scans: Vec<Scan>,
}

/// One row with the flows behind it.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The row.
    pub row: Row,
    /// Its flows, those that a firewall judges alike as one; sorted by client, its port, server
    /// port and grade.
    pub groups: Vec<FlowGroup>,
    /// What the first payload shows, with the number of flows, sorted; empty where nothing was
    /// recognised, or payload was not looked at.
    pub spoken: Vec<(Spoken, u64)>,
    /// Whether only clients among [`Inventory::scans`] tried it.
    pub only_scanned: bool,
}

impl Inventory {
    /// Makes the inventory of labelled flows.
    pub fn of(labelled: &Labelled, settings: &Settings) -> Inventory {
        let table = labelled.traffic().table();
        let broadcasts = Broadcasts::of(table, settings.zones.networks());
        let mut lines = Lines {
            labelled,
            zones: settings.zones,
            broadcasts,
            edges: Edges::new(settings.client_ports),
            controls: Controls::default(),
            zone_of: HashMap::default(),
        };
        lines.find_controls();
        lines.add_flows();
        let scanners = port_uses::scanners(&lines.edges.groups);
        for &n in scanners.iter().flat_map(|scanner| &scanner.groups) {
            lines.edges.groups[n].1.is_scan = true;
        }
        let (rows, row_of) = lines.rows();
        let scans = scanners.iter().map(|scanner| lines.scan(scanner, &rows, &row_of)).collect();
        let mut observed: Vec<Observed> = lines.observed(rows, &row_of);
        observed.sort_by(|a, b| order(&a.row).cmp(&order(&b.row)));
        Inventory {
            coverage: coverage::of(labelled.traffic(), settings.window_seconds, settings.vantage),
            zones: settings.zones.networks().to_vec(),
            rows: observed,
            scans,
        }
    }
}

/// A flow as an example, by its number from 0; `server` is the side that the review takes for the
/// server.
pub fn sample(labelled: &Labelled, (number, server): (usize, Side), grade: Grade) -> Option<FlowSample> {
    let flow = labelled.traffic().table().flow(number)?;
    let (capture, frame) = labelled.traffic().place(flow.first_packet());
    let end = |side: Side| {
        let end = flow.end(side);
        std::net::SocketAddr::new(end.address, end.port)
    };
    let text = format!("{} > {}/{}", end(server.other()), end(server), flow.transport());
    Some(FlowSample { capture: capture.to_owned(), frame, flow: text, grade })
}

fn order(row: &Row) -> impl Ord + '_ {
    (
        (&row.client_zone, &row.server_zone, row.family, row.server, &row.transport),
        (row.ports, rank(&row.kind), &row.row_id),
    )
}

fn rank(kind: &RowKind) -> u8 {
    match kind {
        RowKind::Service => 0,
        RowKind::DynamicData { .. } => 1,
        RowKind::DynamicRange => 2,
        RowKind::Group => 3,
    }
}

/// The flows of a traffic becoming lines.
struct Lines<'a> {
    labelled: &'a Labelled<'a>,
    zones: &'a Zones,
    broadcasts: Broadcasts,
    edges: Edges,
    controls: Controls,
    /// Zones of clients, by address.
    zone_of: HashMap<IpAddr, ZoneId, foldhash::fast::RandomState>,
}

/// What makes lines one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum RowKey {
    /// A line by itself.
    Own(u32),
    /// Ports that one control service handed out: its line, then zone, server and transport.
    Data(u32, Key),
    /// Ports of one server that were each seen once.
    Range(Key),
}

/// A row in the making.
struct RowSum {
    key: RowKey,
    sum: Sum,
    ports: Ports,
    row_id: String,
    groups: Vec<usize>,
}

impl Lines<'_> {
    fn roles(&self, row: &LabelledFlow) -> Roles {
        Roles::of(&row.flow, row.label.direction, &self.broadcasts)
    }

    fn zone(&mut self, address: IpAddr) -> ZoneId {
        let zones = self.zones;
        *self.zone_of.entry(address).or_insert_with(|| zones.of(address))
    }

    /// Finds the control services that are in use, before any flow is held against them.
    fn find_controls(&mut self) {
        let table = self.labelled.traffic().table();
        let announced = table.announced().by_flow(table.flows());
        for (n, flow) in table.flows().enumerate() {
            if !Side::BOTH.iter().any(|&side| controls::is_control(flow.end(side).port)) {
                continue;
            }
            let Some(row) = self.labelled.flow(n) else { continue };
            let roles = self.roles(&row);
            let port = flow.end(roles.server).port;
            if roles.is_group || !controls::is_control(port) {
                continue;
            }
            if controls::is_request(flow, roles.server)
                || Grade::of(flow, roles.server).in_use() == InUse::Yes
            {
                let zone = self.zone(flow.end(roles.server.other()).address);
                let edge = self.edges.line(zone, flow, roles);
                self.controls.add(flow, roles.server, edge);
                if let Some(announced) = announced.get(&n) {
                    self.controls.announce(flow, roles.server, edge, announced);
                }
            }
        }
        if self.controls.has_requests() {
            let endpoints = self.labelled.labeller().endpoints();
            for (n, flow) in table.flows().enumerate().filter(|(_, flow)| endpoints.is_transfer(flow)) {
                if let Some(row) = self.labelled.flow(n) {
                    self.controls.note_transfer(flow, row.label.direction.server);
                }
            }
        }
    }

    fn add_flows(&mut self) {
        let has_controls = !self.controls.is_empty();
        let endpoints = self.labelled.labeller().endpoints();
        for (number, row) in self.labelled.rows().enumerate() {
            let flow = &row.flow;
            let roles = self.roles(&row);
            let mut control = None;
            if has_controls && !roles.is_group {
                control = if endpoints.is_transfer(flow) {
                    let edge = self.controls.transfer(flow, roles.server);
                    edge.map(|edge| controls::Control { edge, announced: false })
                } else {
                    self.controls.data(flow, roles.server, row.label.status())
                };
            }
            let grade = if roles.is_group {
                Grade::Group
            } else if has_controls && self.controls.is_answered(flow, roles.server) {
                Grade::AnsweredData
            } else {
                Grade::of(flow, roles.server)
            };
            let spoken = flow.spoken(roles.server);
            let zone = self.zone(flow.end(roles.server.other()).address);
            let edge = self.edges.line(zone, flow, roles);
            self.edges.add(edge, &Graded { number, flow, roles, grade, spoken, control });
        }
    }

    /// Which row each line is in.
    fn row_key(&self, line: usize) -> RowKey {
        let (key, sum) = (&self.edges.keys[line], &self.edges.sums[line]);
        match sum.control {
            _ if key.is_group => RowKey::Own(line as u32),
            // A port that was also used without the control service is a service of its own.
            Some(control) if sum.controlled == sum.flows => RowKey::Data(control, Key { port: 0, ..*key }),
            _ if key.port >= controls::DYNAMIC && sum.only_client.is_some() => {
                RowKey::Range(Key { port: 0, ..*key })
            }
            _ => RowKey::Own(line as u32),
        }
    }

    /// The rows, and for each line the place of its row.
    fn rows(&self) -> (Vec<RowSum>, Vec<usize>) {
        let mut places: HashMap<RowKey, usize, foldhash::fast::RandomState> = HashMap::default();
        let mut rows: Vec<RowSum> = Vec::new();
        let mut row_of = Vec::with_capacity(self.edges.keys.len());
        for (line, (key, sum)) in self.edges.keys.iter().zip(&self.edges.sums).enumerate() {
            let row_key = self.row_key(line);
            let place = *places.entry(row_key).or_insert(rows.len());
            if let Some(row) = rows.get_mut(place) {
                row.sum.merge(sum);
                row.ports.first = row.ports.first.min(key.port);
                row.ports.last = row.ports.last.max(key.port);
            } else {
                let ports = Ports { first: key.port, last: key.port };
                let groups = Vec::new();
                rows.push(RowSum { key: row_key, sum: sum.clone(), ports, row_id: String::new(), groups });
            }
            row_of.push(place);
        }
        for (n, (line, _)) in self.edges.groups.iter().enumerate() {
            if let Some(row) = row_of.get(*line as usize).and_then(|&place| rows.get_mut(place)) {
                row.groups.push(n);
            }
        }
        for row in &mut rows {
            let key = self.key_of(row.key);
            // The ports of a range are others in every capture; its row is to stay.
            let ports = match row.key {
                RowKey::Range(_) => Ports { first: controls::DYNAMIC, last: u16::MAX },
                RowKey::Own(_) | RowKey::Data(..) => row.ports,
            };
            row.row_id = row_id::of_service(
                key.family,
                self.zones.name(key.zone),
                from_number(key.family, key.server),
                key.transport.name(),
                ports,
            );
        }
        (rows, row_of)
    }

    fn key_of(&self, row: RowKey) -> Key {
        match row {
            RowKey::Own(line) => self.edges.keys[line as usize],
            RowKey::Data(_, key) | RowKey::Range(key) => key,
        }
    }
}

impl Lines<'_> {
    fn observed(&self, rows: Vec<RowSum>, row_of: &[usize]) -> Vec<Observed> {
        let row_ids: Vec<String> = rows.iter().map(|row| row.row_id.clone()).collect();
        rows.into_iter()
            .map(|row| {
                let mut groups: Vec<FlowGroup> = row
                    .groups
                    .iter()
                    .filter_map(|&n| self.edges.groups.get(n))
                    .map(|(_, group)| group.clone())
                    .collect();
                groups.sort_by_key(|group| {
                    (
                        group.client,
                        group.client_port,
                        group.port,
                        group.context,
                        group.grade,
                        group.first_flow.0,
                    )
                });
                let only_scanned = groups.iter().all(|group| group.is_scan);
                let kind = match row.key {
                    RowKey::Own(_) if self.key_of(row.key).is_group => RowKind::Group,
                    RowKey::Own(_) => RowKind::Service,
                    RowKey::Data(control, _) => RowKind::DynamicData {
                        control: row_of
                            .get(control as usize)
                            .and_then(|&place| row_ids.get(place))
                            .cloned()
                            .unwrap_or_default(),
                        announced: row.sum.announced == row.sum.flows,
                    },
                    RowKey::Range(_) => RowKind::DynamicRange,
                };
                let spoken = row.sum.spoken.clone();
                Observed { row: self.row(row, kind, &groups), groups, only_scanned, spoken }
            })
            .collect()
    }

    fn row(&self, row: RowSum, kind: RowKind, groups: &[FlowGroup]) -> Row {
        let RowSum { key, sum, ports, row_id, .. } = row;
        let key = self.key_of(key);
        let server = from_number(key.family, key.server);
        let mut hosts: Vec<IpAddr> = groups.iter().map(|group| group.client).collect();
        hosts.dedup();
        let time = |time: Option<i64>| time.map(|time| Timestamp::from_nanoseconds(time).to_string());
        let registry = self.registry_part(&key, server, ports);
        let agrees = !sum.spoken.is_empty()
            && sum.spoken.iter().all(|(spoken, _)| spoken.agrees_with(&registry.service));
        Row {
            row_id,
            kind,
            status: RowStatus::O,
            configured: RulesSay::NotJudged,
            family: key.family,
            client_zone: self.zones.name(key.zone).to_owned(),
            clients: self.zones.clients(key.zone, &hosts),
            server_zone: self.zones.name(self.zones.of(server)).to_owned(),
            server,
            transport: key.transport.name().to_owned(),
            ports,
            direction_basis: sum.basis.name().to_owned(),
            name_basis: if agrees { NameBasis::Payload } else { NameBasis::PortOnly },
            spoken: sum.spoken.iter().map(|(spoken, _)| spoken.name()).collect(),
            registry,
            tags: Vec::new(),
            grades: GradeCounts {
                by_grade: Grade::ALL
                    .into_iter()
                    .map(|grade| (grade, sum.grades[grade as usize]))
                    .filter(|&(_, flows)| flows > 0)
                    .collect::<BTreeMap<_, _>>(),
                tries: sum.flows,
                packets_before_reply: sum.packets_before_reply,
            },
            grade: sum.grade(),
            packets: sum.packets,
            bytes: sum.bytes,
            first_seen: time(sum.first),
            last_seen: time(sum.last),
            active_days: sum.days.len() as u32,
            samples: sum.samples.iter().filter_map(|one| self.sample(*one)).collect(),
            rules: Vec::new(),
            approval: None,
            findings: Vec::new(),
        }
    }

    fn sample(&self, one: Sample) -> Option<FlowSample> {
        sample(self.labelled, (one.flow, one.server), one.grade)
    }

    fn registry_part(&self, key: &Key, server: IpAddr, ports: Ports) -> RegistryPart {
        let answer = |port: u16| self.labelled.registry().port(key.transport, port);
        if ports.first == ports.last {
            return registry_part(answer(ports.first), server);
        }
        let statuses: Vec<Status> = (ports.first..=ports.last).map(|port| answer(port).status()).collect();
        let same = statuses.iter().all(|status| Some(status) == statuses.first());
        RegistryPart {
            service: String::new(),
            status: if same { answer(ports.first).status().to_string() } else { "several".to_owned() },
            note: String::new(),
            unauthorized: false,
            other_transports: Vec::new(),
            local_names: Vec::new(),
        }
    }

    fn scan(&self, scanner: &port_uses::Scanner, rows: &[RowSum], row_of: &[usize]) -> Scan {
        let groups = scanner.groups.iter().filter_map(|&n| self.edges.groups.get(n));
        let mut row_ids: Vec<String> = groups
            .clone()
            .filter_map(|(line, _)| rows.get(*row_of.get(*line as usize)?))
            .map(|row| row.row_id.clone())
            .collect();
        row_ids.sort_unstable();
        row_ids.dedup();
        let mut shown: Vec<&FlowGroup> = groups.map(|(_, group)| group).collect();
        shown.sort_by_key(|group| (std::cmp::Reverse(group.grade), group.first_flow.0));
        let mut grades = BTreeMap::new();
        for group in &shown {
            *grades.entry(group.grade).or_default() += group.flows;
        }
        let first = shown.iter().filter_map(|group| group.times).map(|(first, _)| first).min();
        let last = shown.iter().filter_map(|group| group.times).map(|(_, last)| last).max();
        Scan {
            row_id: row_id::of_scan(scanner.client),
            client: scanner.client,
            client_zone: self.zones.name(self.zones.of(scanner.client)).to_owned(),
            targets: scanner.targets,
            flows: scanner.flows,
            grades,
            first_seen: first.map(|time| Timestamp::from_nanoseconds(time).to_string()),
            last_seen: last.map(|time| Timestamp::from_nanoseconds(time).to_string()),
            rows: row_ids,
            samples: shown
                .iter()
                .take(port_uses::SAMPLES)
                .filter_map(|group| sample(self.labelled, group.first_flow, group.grade))
                .collect(),
            approval: None,
            findings: Vec::new(),
        }
    }
}

/// What the registry says of one port; `server` is the host that overlays may name it for.
fn registry_part(answer: Answer, server: IpAddr) -> RegistryPart {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut notes: Vec<String> = Vec::new();
    let mut note = |text: String| {
        if !text.is_empty() && !notes.contains(&text) {
            notes.push(text);
        }
    };
    if let Some(row) = answer.unauthorized_use() {
        note(one_line(row.cell(Column::UnauthorizedUse)));
    }
    if let Some(row) = answer.widespread_use() {
        note(one_line(row.cell(Column::AssignmentNotes)));
    }
    if let Some(row) = answer.primary() {
        note(one_line(row.cell(Column::AssignmentNotes)));
    }
    RegistryPart {
        service: answer.service().unwrap_or_default().to_owned(),
        status: answer.status().to_string(),
        note: notes.join("; "),
        unauthorized: answer.unauthorized_use().is_some(),
        other_transports: answer
            .other_transports()
            .map(|other| format!("{} ({})", other.transport(), other.service().unwrap_or("no name")))
            .collect(),
        local_names: answer.local_names(Some(server)).into_iter().map(str::to_owned).collect(),
    }
}
