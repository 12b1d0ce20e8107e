//! What one side of a comparison holds: services, their servers and clients, statuses, scans.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::fact::Fact;
use crate::net::Protocol;
use crate::traffic::{InUse, Scanner, Scans};

/// How many different parts of a kind are remembered: more are not compared.
const MOST: usize = 1_000_000;

/// A service as it is compared: ports of clients do not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey {
    /// The protocol above IP.
    pub protocol: Protocol,
    /// What it offers.
    pub offer: Offered,
}

/// What a server offers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offered {
    /// The service that is registered for the port.
    Named(String),
    /// A port without a registered name.
    Port(u16),
    /// A protocol without ports, with the type of its ICMP message where it is ICMP.
    Portless(Option<u8>),
}

impl std::fmt::Display for ServiceKey {
    /// `https/tcp`, `44515/tcp`, `icmp type 8`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.offer {
            Offered::Named(name) => write!(f, "{name}/{}", self.protocol),
            Offered::Port(port) => write!(f, "{port}/{}", self.protocol),
            Offered::Portless(Some(kind)) => write!(f, "{} type {kind}", self.protocol),
            Offered::Portless(None) => write!(f, "{}", self.protocol),
        }
    }
}

/// Kinds of what is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A service or port that is in use.
    Service,
    /// A server of a service.
    Server,
    /// A client of a service.
    Client,
    /// A status of ports.
    Status,
    /// A client that scans. What it tried and did not use is no service, server or client.
    Scan,
}

impl Kind {
    /// Every kind, in the order of outputs.
    pub const ALL: [Kind; 5] = [Kind::Service, Kind::Server, Kind::Client, Kind::Status, Kind::Scan];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Server => "server",
            Kind::Client => "client",
            Kind::Status => "status",
            Kind::Scan => "scan",
        }
    }
}

/// One thing that is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A service.
    Service(ServiceKey),
    /// A server of a service.
    Server(ServiceKey, IpAddr),
    /// A client of a service.
    Client(ServiceKey, IpAddr),
    /// A status.
    Status(String),
    /// A client that scans.
    Scan(IpAddr),
}

impl Part {
    /// What kind it is of.
    pub fn kind(&self) -> Kind {
        match self {
            Part::Service(_) => Kind::Service,
            Part::Server(..) => Kind::Server,
            Part::Client(..) => Kind::Client,
            Part::Status(_) => Kind::Status,
            Part::Scan(_) => Kind::Scan,
        }
    }

    /// The service that it is or belongs to.
    pub fn service(&self) -> Option<&ServiceKey> {
        match self {
            Part::Service(key) | Part::Server(key, _) | Part::Client(key, _) => Some(key),
            Part::Status(_) | Part::Scan(_) => None,
        }
    }

    /// The address that it is about.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Part::Server(_, address) | Part::Client(_, address) | Part::Scan(address) => Some(*address),
            Part::Service(_) | Part::Status(_) => None,
        }
    }
}

/// How much of something there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Flows.
    pub flows: u64,
    /// IP bytes of both directions.
    pub bytes: u64,
    /// The port of the server; `None` where it has several, or none.
    pub port: Option<u16>,
    /// The status of the port; `None` where flows differ in it, or for a scan.
    pub status: Option<String>,
    /// The registered names for people, where the leading one is not the only one: `submissions (urd)`. Saved results
    /// do not have them.
    pub names: Option<String>,
}

impl Amount {
    fn add(&mut self, more: &Amount) {
        if self.flows == 0 {
            self.port = more.port;
            self.status.clone_from(&more.status);
            self.names.clone_from(&more.names);
        } else {
            self.port = self.port.filter(|port| more.port == Some(*port));
            if self.status != more.status {
                self.status = None;
            }
        }
        self.flows = self.flows.saturating_add(more.flows);
        self.bytes = self.bytes.saturating_add(more.bytes);
    }
}

/// Why a kind is not known of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A saved summary does not hold it.
    SavedSummary,
    /// There are too many to be compared.
    TooMany,
}

impl Unknown {
    /// The reason, for people.
    pub const fn why(self) -> &'static str {
        match self {
            Unknown::SavedSummary => "a saved summary does not hold them",
            Unknown::TooMany => "there are more than a million",
        }
    }
}

/// What one side of a comparison holds.
#[derive(Debug, Default)]
pub struct Inventory {
    parts: BTreeMap<Part, Amount>,
    counts: [usize; Kind::ALL.len()],
    unknown: [Option<Unknown>; Kind::ALL.len()],
    scans: Scans,
    scanners: Vec<Scanner>,
    flows: u64,
    bytes: u64,
}

impl Inventory {
    /// Looks at a flow for scans. All flows are looked at before the first is [added](Inventory::add).
    pub fn look(&mut self, fact: &Fact) {
        self.scans.note(fact.client, fact.server, fact.port, fact.protocol, fact.in_use);
    }

    /// Ends the look at all flows.
    pub fn found(&mut self) {
        self.scanners = self.scans.scanners();
        if self.scans.is_full() {
            self.unknown[Kind::Scan as usize] = Some(Unknown::TooMany);
        }
    }

    /// Adds a flow.
    pub fn add(&mut self, fact: &Fact) {
        self.flows += 1;
        self.bytes = self.bytes.saturating_add(fact.bytes);
        let mut amount = Amount {
            flows: 1,
            bytes: fact.bytes,
            port: fact.port,
            status: Some(fact.status.clone().into_owned()),
            names: fact.names.filter(|names| names.beside().next().is_some()).map(|names| names.to_string()),
        };
        if self.scans.is_try(fact.client, (fact.server, fact.port, fact.protocol), &self.scanners) {
            amount.port = None;
            amount.status = None;
            self.put(Part::Scan(fact.client), &amount);
            return;
        }
        let offer = match (&fact.service, fact.port) {
            (Some(name), _) => Offered::Named(name.clone().into_owned()),
            (None, Some(port)) => Offered::Port(port),
            (None, None) => Offered::Portless(fact.icmp_type),
        };
        let key = ServiceKey { protocol: fact.protocol, offer };
        self.put(Part::Server(key.clone(), fact.server), &amount);
        self.put(Part::Client(key.clone(), fact.client), &amount);
        self.put(Part::Status(fact.status.clone().into_owned()), &Amount { port: None, ..amount.clone() });
        self.put(Part::Service(key), &amount);
    }

    /// Adds a row of a saved summary: it knows services, and not who serves or uses them.
    pub fn add_total(&mut self, key: ServiceKey, amount: &Amount) {
        for kind in [Kind::Server, Kind::Client, Kind::Scan] {
            self.unknown[kind as usize] = Some(Unknown::SavedSummary);
        }
        self.flows = self.flows.saturating_add(amount.flows);
        self.bytes = self.bytes.saturating_add(amount.bytes);
        match &amount.status {
            Some(status) => {
                self.put(Part::Status(status.clone()), &Amount { port: None, ..amount.clone() });
            }
            None => self.unknown[Kind::Status as usize] = Some(Unknown::SavedSummary),
        }
        self.put(Part::Service(key), amount);
    }

    fn put(&mut self, part: Part, amount: &Amount) {
        if let Some(known) = self.parts.get_mut(&part) {
            known.add(amount);
            return;
        }
        let kind = part.kind() as usize;
        if self.counts[kind] >= MOST {
            self.unknown[kind] = Some(Unknown::TooMany);
            return;
        }
        self.counts[kind] += 1;
        self.parts.insert(part, amount.clone());
    }

    /// Why a kind is not known; `None` where it is.
    pub fn unknown(&self, kind: Kind) -> Option<Unknown> {
        self.unknown[kind as usize]
    }

    /// Everything that is known, in order.
    pub fn parts(&self) -> impl Iterator<Item = (&Part, &Amount)> {
        self.parts.iter()
    }

    /// How much there is of something.
    pub fn get(&self, part: &Part) -> Option<&Amount> {
        self.parts.get(part)
    }

    /// How many flows.
    pub fn flows(&self) -> u64 {
        self.flows
    }

    /// How many bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Whether a flow uses a service, as far as the columns of a saved result tell.
pub(super) fn in_use(state: &str, flags: &str, packets: [u64; 2]) -> InUse {
    let has = |flag: &str| flags.split(' ').any(|one| one == flag);
    match state {
        "REJ" | "RSTOS0" | "SH" => InUse::No,
        "S0" if has("one-way") || has("refused") => InUse::No,
        _ if has("refused") => InUse::No,
        // An opening and its answer, which the client did not go on with.
        "RSTO" | "S1" if packets[0] <= 2 && packets[1] <= 1 => InUse::No,
        "S0" | "OTH" => InUse::Maybe,
        _ => InUse::Yes,
    }
}
