//! Flows to uses of ports: which port of which server the clients of one zone use, or which protocol without.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hashbrown::HashMap;

use super::super::model::{Grade, NoRow, Offer, SAMPLES, ServerName};
use super::super::zones::ZoneId;
use super::controls::Control;
use super::roles::Roles;
use crate::capture::Timestamp;
use crate::evidence::{Observed, Spoken};
use crate::flow::{Basis, ContextId, Flow, Side};
use crate::net::span::DAY_NANOSECONDS;
use crate::net::{End, Family, IcmpMessage, icmp, number};
use crate::traffic::HostName;

/// How many names of one server are shown.
const MOST_NAMES: usize = 8;

/// What makes flows one use of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) zone: ZoneId,
    pub(super) family: Family,
    pub(super) server: u128,
    pub(super) offer: Offer,
    pub(super) is_group: bool,
}

/// What the flows of one use of a port add up to.
#[derive(Clone, Debug)]
pub(super) struct Sum {
    pub(super) grades: [u64; Grade::ALL.len()],
    pub(super) flows: u64,
    pub(super) packets_before_reply: u64,
    pub(super) packets: u64,
    pub(super) bytes: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// Days since 1970 with a flow, ascending.
    pub(super) days: Vec<i32>,
    /// The weakest evidence for the direction.
    pub(super) basis: Basis,
    /// What the payload shows, with the number of flows; sorted.
    pub(super) spoken: Vec<(Spoken, u64)>,
    /// What of it contradicts the registered service, with the number of flows; sorted.
    pub(super) contradicting: Vec<(Spoken, u64)>,
    /// What of it was upgraded to TLS, with the number of flows; sorted.
    pub(super) upgraded: Vec<(Spoken, u64)>,
    /// Best grade first, then by number.
    pub(super) samples: Vec<Sample>,
    /// Numbers of the lowest and the highest first packet of a flow.
    pub(super) first_packets: (u64, u64),
    /// The only end that was a client; none when there were several.
    pub(super) only_client: Option<(u128, Option<u16>)>,
    /// Flows that a control service may have caused, and the use of its port.
    pub(super) controlled: u64,
    pub(super) control: Option<u32>,
    /// Those of them that the control service announced.
    pub(super) announced: u64,
}

/// One flow that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) grade: Grade,
    pub(super) flow: usize,
    pub(super) server: Side,
}

impl Sum {
    fn new() -> Sum {
        Sum {
            grades: [0; Grade::ALL.len()],
            flows: 0,
            packets_before_reply: 0,
            packets: 0,
            bytes: 0,
            first: None,
            last: None,
            days: Vec::new(),
            basis: Basis::Handshake,
            spoken: Vec::new(),
            contradicting: Vec::new(),
            upgraded: Vec::new(),
            samples: Vec::new(),
            first_packets: (u64::MAX, 0),
            only_client: None,
            controlled: 0,
            control: None,
            announced: 0,
        }
    }

    fn add(&mut self, one: &Graded) {
        let Graded { flow, roles, grade, .. } = *one;
        let client = flow.end(roles.server.other());
        let client = (number(client.address), client.port);
        self.only_client =
            if self.flows == 0 { Some(client) } else { self.only_client.filter(|&known| known == client) };
        let (low, high) = self.first_packets;
        self.first_packets = (low.min(flow.first_packet()), high.max(flow.first_packet()));
        self.flows += 1;
        self.grades[grade as usize] += 1;
        self.packets_before_reply += u64::from(flow.packets_before_reply(roles.server.other()));
        self.packets += flow.packets(Side::First) + flow.packets(Side::Second);
        self.bytes += flow.bytes(Side::First) + flow.bytes(Side::Second);
        self.basis = self.basis.max(roles.basis);
        if let Some(Observed { spoken, is_upgraded, .. }) = one.observed {
            count(&mut self.spoken, spoken, 1);
            if is_upgraded {
                count(&mut self.upgraded, spoken, 1);
            }
            if one.is_contradicted {
                count(&mut self.contradicting, spoken, 1);
            }
        }
        if let Some(Control { port_use, announced }) = one.control {
            self.controlled += 1;
            self.control = Some(self.control.map_or(port_use, |known| known.min(port_use)));
            self.announced += u64::from(announced);
        }
        self.show(Sample { grade, flow: one.number, server: roles.server });
        let (first, last) = (flow.first_seen(), flow.last_seen());
        self.first = earlier(self.first, first);
        self.last = self.last.max(last);
        if let (Some(first), Some(last)) = (first, last) {
            // Packets of one flow follow each other within its time-out.
            for day in first.nanoseconds().div_euclid(DAY_NANOSECONDS)
                ..=last.nanoseconds().div_euclid(DAY_NANOSECONDS)
            {
                add_day(&mut self.days, day as i32);
            }
        }
    }

    /// Takes in the sum of another use.
    pub(super) fn merge(&mut self, other: &Sum) {
        for (count, more) in self.grades.iter_mut().zip(other.grades) {
            *count += more;
        }
        self.flows += other.flows;
        self.packets_before_reply += other.packets_before_reply;
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.first = earlier(self.first, other.first);
        self.last = self.last.max(other.last);
        for &day in &other.days {
            add_day(&mut self.days, day);
        }
        self.basis = self.basis.max(other.basis);
        for &(spoken, flows) in &other.spoken {
            count(&mut self.spoken, spoken, flows);
        }
        for &(spoken, flows) in &other.contradicting {
            count(&mut self.contradicting, spoken, flows);
        }
        for &(spoken, flows) in &other.upgraded {
            count(&mut self.upgraded, spoken, flows);
        }
        for &sample in &other.samples {
            self.show(sample);
        }
        let ((low, high), (also_low, also_high)) = (self.first_packets, other.first_packets);
        self.first_packets = (low.min(also_low), high.max(also_high));
        self.only_client = self.only_client.filter(|_| self.only_client == other.only_client);
        self.controlled += other.controlled;
        self.announced += other.announced;
    }

    fn show(&mut self, sample: Sample) {
        if self.samples.len() == SAMPLES
            && self.samples.last().is_some_and(|worst| rank(worst) < rank(&sample))
        {
            return;
        }
        let at = self.samples.partition_point(|one| rank(one) < rank(&sample));
        self.samples.insert(at, sample);
        self.samples.truncate(SAMPLES);
    }

    /// The best grade.
    pub(super) fn grade(&self) -> Grade {
        Grade::ALL.into_iter().rev().find(|&grade| self.grades[grade as usize] > 0).unwrap_or(Grade::NoReply)
    }
}

/// Counts flows that speak a protocol.
fn count(sorted: &mut Vec<(Spoken, u64)>, spoken: Spoken, flows: u64) {
    match sorted.binary_search_by_key(&spoken, |&(known, _)| known) {
        Ok(at) => sorted[at].1 += flows,
        Err(at) => sorted.insert(at, (spoken, flows)),
    }
}

/// The best grade first, then by number.
fn rank(sample: &Sample) -> (std::cmp::Reverse<Grade>, usize) {
    (std::cmp::Reverse(sample.grade), sample.flow)
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn add_day(days: &mut Vec<i32>, day: i32) {
    match days.last() {
        Some(&last) if last == day => {}
        Some(&last) if last > day => {
            if let Err(at) = days.binary_search(&day) {
                days.insert(at, day);
            }
        }
        _ => days.push(day),
    }
}

/// Flows of one client with one grade, of which a firewall judges each alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowGroup {
    /// The client.
    pub client: IpAddr,
    /// Its port, where [`super::Settings::client_ports`] asks for it.
    pub client_port: Option<u16>,
    /// The server, as the client addresses it.
    pub server: IpAddr,
    /// What the server is asked for: one port, or what there is in its place.
    pub offer: Offer,
    /// The code of the client's messages of ICMP; 0 of all else.
    pub icmp_code: u8,
    /// The tags and tunnels around the flows.
    pub context: ContextId,
    /// The server behind the firewall, where it was seen there, too, or the firewall knew it; the other
    /// ends are then those before it.
    pub behind: Option<End>,
    /// How well they show the service in use.
    pub grade: Grade,
    /// How many flows.
    pub flows: u64,
    /// What a rule for new connections counts of them.
    pub packets_before_reply: u64,
    /// Packets that connection tracking may take for the first of a connection: those before the answer. Of
    /// protocols without ports each of the client's: what tells their connections apart, the identifier of
    /// an echo or the key of GRE, is not part of a flow.
    pub may_open: u64,
    /// When its first and its latest packet came; none without times.
    pub times: Option<(Timestamp, Timestamp)>,
    /// Whether the openings of all of them were seen, before any answer.
    pub opened: bool,
    /// Number of the first flow, from 0, with the side of its server.
    pub first_flow: (usize, Side),
    /// Whether the client is one of [`super::Inventory::scans`].
    pub is_scan: bool,
}

/// One flow with what a review says of it.
#[derive(Clone, Copy)]
pub(super) struct Graded<'a> {
    pub(super) number: usize,
    pub(super) flow: &'a Flow,
    pub(super) roles: Roles,
    pub(super) grade: Grade,
    /// The tags and tunnels around it, as the client sends it.
    pub(super) context: ContextId,
    /// The server behind the firewall, where that is known.
    pub(super) behind: Option<End>,
    /// What its payload shows.
    pub(super) observed: Option<Observed>,
    /// Whether that contradicts the registered service.
    pub(super) is_contradicted: bool,
    /// The control service that may have caused it.
    pub(super) control: Option<Control>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct GroupKey {
    port_use: u32,
    client: u128,
    client_port: Option<u16>,
    icmp_code: u8,
    context: ContextId,
    behind: Option<End>,
    grade: Grade,
}

/// What the server of a flow is asked for. ICMP in IPv6 and ICMPv6 in IPv4 are nothing that hosts answer, nor
/// rules for types know.
fn offer_of(flow: &Flow, server: Side) -> Offer {
    if let Some((transport, port)) = flow.transport().zip(flow.port(server)) {
        return Offer::port(transport, port);
    }
    match flow.icmp_asked(server) {
        Some(IcmpMessage { family, kind, .. }) if family == Family::of(flow.end(server).address) => {
            Offer::Icmp { family, kind }
        }
        _ => Offer::Protocol(flow.protocol()),
    }
}

/// Uses of ports in the making; each is known by its place here.
pub(super) struct PortUses {
    by_key: HashMap<Key, u32, foldhash::fast::RandomState>,
    pub(super) keys: Vec<Key>,
    pub(super) sums: Vec<Sum>,
    by_group: HashMap<GroupKey, u32, foldhash::fast::RandomState>,
    /// Each with its use of a port.
    pub(super) groups: Vec<(u32, FlowGroup)>,
    /// What the servers of each use of a port are called.
    pub(super) server_names: BTreeMap<u32, Vec<ServerName>>,
    /// Packets of flows that are in no use of a port.
    pub(super) no_row: NoRow,
    with_client_ports: bool,
}

impl PortUses {
    pub(super) fn new(with_client_ports: bool) -> PortUses {
        PortUses {
            by_key: HashMap::default(),
            keys: Vec::new(),
            sums: Vec::new(),
            by_group: HashMap::default(),
            groups: Vec::new(),
            server_names: BTreeMap::new(),
            no_row: NoRow::default(),
            with_client_ports,
        }
    }

    /// The use that a flow between a client of `zone` and a server belongs to; none where no row is for it.
    pub(super) fn of(&mut self, zone: ZoneId, flow: &Flow, roles: Roles) -> Option<u32> {
        let offer = offer_of(flow, roles.server);
        let address = flow.end(roles.server).address;
        if !offer.has_row() {
            return None;
        }
        let key = Key {
            zone,
            family: Family::of(address),
            server: number(address),
            offer,
            is_group: roles.is_group,
        };
        let (keys, sums) = (&mut self.keys, &mut self.sums);
        Some(*self.by_key.entry(key).or_insert_with(|| {
            keys.push(key);
            sums.push(Sum::new());
            keys.len() as u32 - 1
        }))
    }

    /// Notes what the server of a use is called.
    pub(super) fn name(&mut self, port_use: u32, server: IpAddr, HostName { text, source }: HostName) {
        let names = self.server_names.entry(port_use).or_default();
        let is_new =
            |one: &ServerName| one.server != server || one.name.borrowed() != text || one.from != source;
        if names.len() < MOST_NAMES && names.iter().all(is_new) {
            names.push(ServerName { server, name: text.into(), from: source });
        }
    }

    /// Counts a flow that no row is for.
    pub(super) fn leave(&mut self, flow: &Flow, server: Side) {
        let packets = flow.packets(Side::First) + flow.packets(Side::Second);
        let count = match offer_of(flow, server) {
            Offer::Icmp { family, kind } if icmp::is_error(family, kind) => &mut self.no_row.icmp_errors,
            _ => &mut self.no_row.icmpv6_of_link,
        };
        *count += packets;
    }

    /// Marks a group as that of a scan: a half-open answer to it shows no use.
    /// `client_of` says who the client of a sample is.
    pub(super) fn mark_scan(&mut self, n: usize, client_of: impl Fn(&Sample) -> Option<IpAddr>) {
        let Some((port_use, group)) = self.groups.get_mut(n) else { return };
        group.is_scan = true;
        if group.grade != Grade::HalfOpen {
            return;
        }
        group.grade = Grade::ScanAnswered;
        if let Some(sum) = self.sums.get_mut(*port_use as usize) {
            sum.grades[Grade::HalfOpen as usize] -= group.flows;
            sum.grades[Grade::ScanAnswered as usize] += group.flows;
            for sample in &mut sum.samples {
                if sample.grade == Grade::HalfOpen && client_of(sample) == Some(group.client) {
                    sample.grade = Grade::ScanAnswered;
                }
            }
            sum.samples.sort_by_key(rank);
        }
    }

    /// Counts a flow in its use of a port.
    pub(super) fn add(&mut self, port_use: u32, one: &Graded) {
        let Graded { flow, roles, grade, context, behind, .. } = *one;
        let Some(&Key { offer, .. }) = self.keys.get(port_use as usize) else { return };
        let icmp_code = flow.icmp_asked(roles.server).and_then(|asked| asked.code).unwrap_or_default();
        if let Some(sum) = self.sums.get_mut(port_use as usize) {
            sum.add(one);
        }
        let (client, server) = (flow.end(roles.server.other()), flow.end(roles.server));
        let client_port = client.port.filter(|_| self.with_client_ports);
        let client_address = number(client.address);
        let key =
            GroupKey { port_use, client: client_address, client_port, icmp_code, context, behind, grade };
        let groups = &mut self.groups;
        let number = *self.by_group.entry(key).or_insert_with(|| {
            let group = FlowGroup {
                client: client.address,
                client_port,
                server: server.address,
                offer,
                icmp_code,
                context,
                behind,
                grade,
                flows: 0,
                packets_before_reply: 0,
                may_open: 0,
                times: None,
                opened: true,
                first_flow: (one.number, roles.server),
                is_scan: false,
            };
            groups.push((port_use, group));
            groups.len() as u32 - 1
        });
        if let Some((_, group)) = self.groups.get_mut(number as usize) {
            group.flows += 1;
            if let (Some(first), Some(last)) = (flow.first_seen(), flow.last_seen()) {
                let (from, to) = group.times.unwrap_or((first, last));
                group.times = Some((from.min(first), to.max(last)));
            }
            let before_reply = flow.packets_before_reply(roles.server.other());
            group.packets_before_reply += u64::from(before_reply);
            group.may_open += match offer {
                Offer::Ports { .. } => u64::from(before_reply),
                Offer::Icmp { .. } | Offer::Protocol(_) => flow.packets(roles.server.other()),
            };
            group.opened &= before_reply > 0 && flow.opened_by() == Some(roles.server.other());
        }
    }
}
