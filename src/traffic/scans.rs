//! Clients that try many services and use few or none.

use std::collections::HashMap;
use std::net::IpAddr;

use super::{Grade, InUse, LabelledFlow};
use crate::flow;
use crate::net::Protocol;

/// Tries at this many different servers and ports look like a scan.
const SCAN: u64 = 10;

/// A client that uses services tries at least this many others for each of them, where it scans: a
/// scanner also reads what it finds open.
const PER_USE: u64 = 20;

/// How many different tries are remembered: some 50 MB.
const MOST: usize = 1_000_000;

/// Whether a client scans that tried so many services and used so many others, perhaps.
pub(crate) fn is_scan(tried: u64, used: u64) -> bool {
    tried >= SCAN.max(used.saturating_mul(PER_USE))
}

/// Whether a client uses a service, by the grades of its flows to it. An opening that was answered and
/// not gone on with is a try. None of what is sent to groups.
pub(crate) fn use_of(grades: impl Iterator<Item = Grade>) -> Option<InUse> {
    let of = |grade: Grade| match grade {
        Grade::HalfOpen => InUse::No,
        grade => grade.in_use(),
    };
    grades.filter(|&grade| grade != Grade::Group).map(of).max()
}

/// A client that tried ten different servers and ports or more, and for each that it used at least twenty
/// others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scanner {
    /// The client.
    pub client: IpAddr,
    /// Different servers and ports that it tried, and did not use.
    pub tried: u64,
    /// Their servers.
    pub servers: u64,
    /// Others that it used, or perhaps used.
    pub used: u64,
    /// Flows with its address at either end.
    pub flows: u64,
}

/// What a client asks for: a server by its number, and its port with the protocol.
type Target = (u32, Option<u16>, Protocol);

/// Finds the clients that scan. Memory is bounded: beyond a million different tries no more are noted.
#[derive(Debug, Default)]
pub struct Scans {
    addresses: HashMap<IpAddr, u32, foldhash::fast::RandomState>,
    /// Flows with each address, by its number.
    flows: Vec<u64>,
    tries: HashMap<(u32, Target), InUse, foldhash::fast::RandomState>,
    is_full: bool,
}

impl Scans {
    /// Takes in a flow.
    pub fn add(&mut self, row: &LabelledFlow) {
        let (client, server) = (row.client(), row.server());
        self.note(client.address, server.address, server.port, row.flow.protocol(), in_use(row));
    }

    /// Takes in that a client asked a server, and whether it used what it asked for; `None` for what is sent
    /// to a group.
    pub fn note(
        &mut self,
        client: IpAddr,
        server: IpAddr,
        port: Option<u16>,
        protocol: Protocol,
        in_use: Option<InUse>,
    ) {
        let [Some(by), Some(of)] = [client, server].map(|address| self.number(address)) else { return };
        self.flows[by as usize] += 1;
        if of != by {
            self.flows[of as usize] += 1;
        }
        let Some(in_use) = in_use else { return };
        let key = (by, (of, port, protocol));
        if let Some(known) = self.tries.get_mut(&key) {
            *known = (*known).max(in_use);
        } else if self.tries.len() < MOST {
            self.tries.insert(key, in_use);
        } else {
            self.is_full = true;
        }
    }

    /// Whether some tries were not noted, so that scans may be missing.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The clients that scan, those that tried most first.
    pub fn scanners(&self) -> Vec<Scanner> {
        let mut counts: HashMap<u32, (u64, u64)> = HashMap::new();
        for (&(client, _), &in_use) in &self.tries {
            let (tried, used) = counts.entry(client).or_default();
            *if in_use == InUse::No { tried } else { used } += 1;
        }
        counts.retain(|_, &mut (tried, used)| is_scan(tried, used));
        if counts.is_empty() {
            return Vec::new();
        }
        let mut servers: Vec<(u32, u32)> = (self.tries.iter())
            .filter(|((client, _), in_use)| **in_use == InUse::No && counts.contains_key(client))
            .map(|(&(client, (server, ..)), _)| (client, server))
            .collect();
        servers.sort_unstable();
        servers.dedup();
        let mut scanners: Vec<Scanner> = (self.addresses.iter())
            .filter_map(|(&client, number)| {
                let &(tried, used) = counts.get(number)?;
                let first = servers.partition_point(|(client, _)| client < number);
                let of_client = servers[first..].iter().take_while(|(client, _)| client == number);
                let servers = of_client.count() as u64;
                Some(Scanner { client, tried, servers, used, flows: self.flows[*number as usize] })
            })
            .collect();
        scanners.sort_unstable_by_key(|one| (std::cmp::Reverse(one.tried), one.client));
        scanners
    }

    /// Whether a flow is a try of one of these scans at something that it did not use.
    pub fn is_try_of(&self, row: &LabelledFlow, scanners: &[Scanner]) -> bool {
        let (client, server) = (row.client(), row.server());
        self.is_try(client.address, (server.address, server.port, row.flow.protocol()), scanners)
    }

    /// Whether a client is one of these scans, and did not use a port of a server.
    pub fn is_try(
        &self,
        client: IpAddr,
        (server, port, protocol): (IpAddr, Option<u16>, Protocol),
        scanners: &[Scanner],
    ) -> bool {
        let number = |address: &IpAddr| self.addresses.get(address).copied();
        let Some((by, of)) = number(&client).zip(number(&server)) else { return false };
        self.tries.get(&(by, (of, port, protocol))) == Some(&InUse::No)
            && scanners.iter().any(|scanner| scanner.client == client)
    }

    fn number(&mut self, address: IpAddr) -> Option<u32> {
        if let Some(&number) = self.addresses.get(&address) {
            return Some(number);
        }
        if self.addresses.len() >= MOST {
            self.is_full = true;
            return None;
        }
        let number = self.flows.len() as u32;
        self.addresses.insert(address, number);
        self.flows.push(0);
        Some(number)
    }
}

/// Whether a flow uses what it asks for; `None` for what is sent to a group.
pub(crate) fn in_use(row: &LabelledFlow) -> Option<InUse> {
    if flow::group(&row.flow).is_some() {
        return None;
    }
    use_of(std::iter::once(Grade::of(&row.flow, row.label.direction.server)))
}
