//! `summary`: totals of flows by service, port, host, status …

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;

use super::distinct::Distinct;
use super::field::{columns, people};
use super::flags::for_people;
use super::flows::{protocol, registered_as, with_local_names};
use super::{Bits, Holds, TableColumn, Value, WhenNarrow};
use crate::Transport;
use crate::capture::Timestamp;
use crate::evidence::Spoken;
use crate::label::{Agreement, Flag, FlagRank, Flags, Label, PORTLESS, STATUSES};
use crate::net::span::HOUR_NANOSECONDS;
use crate::net::{IcmpMessage, PortRange, Protocol};
use crate::text::{count, words};
use crate::traffic::{HostName, LabelledFlow};

columns! {
    /// The values of a row; `all` are the bytes of all rows.
    pub fn values<'a>(row: &Total<'a>, all: u64) {
    }
    "transport": maybe Holds::Word(words!(Transport)), "transport protocol" => Value::text(row.transport.get().flatten().map(Transport::name));
    "port": maybe Holds::PORT, "port of the server" => Value::port(row.port.get().flatten());
    "service": maybe Holds::Text, "service name registered for the port and transport" => Value::text(row.service.get().flatten());
    "description": maybe Holds::Text, "the registry's description; for a port without a registration, what the registry says instead" => row.description().map_or(Value::Unknown, Value::Text);
    "port_range": maybe Holds::Word(words!(PortRange)), "range of the port (RFC 6335 section 6)" => Value::text(row.range.get().flatten().map(PortRange::name));
    "status": maybe Holds::Word(STATUSES), "what the registry says of the port" => Value::text(row.status.get());
    "flags": always Holds::Flags, "flags of any flow of the row" => Value::List(row.flags.iter().map(|(flag, _)| flag.name()).collect());
    "flows": always Holds::Integer(Bits::B64, Some("flows")), "number of flows" => Value::Number(row.flows);
    "clients": always Holds::Integer(Bits::B64, Some("addresses")), "number of different client addresses" => Value::Number(row.clients);
    "servers": always Holds::Integer(Bits::B64, Some("addresses")), "number of different server addresses" => Value::Number(row.servers);
    "packets": always Holds::PACKETS, "packets of both directions" => Value::Number(row.packets);
    "bytes": always Holds::BYTES, "IP bytes of both directions, as on the wire" => Value::Number(row.bytes());
    "bytes_to_server": always Holds::BYTES, "IP bytes from clients" => Value::Number(row.bytes_to_server);
    "bytes_to_client": always Holds::BYTES, "IP bytes from servers" => Value::Number(row.bytes_to_client);
    "share": always Holds::Share, "part of all bytes, from 0 to 1" => Value::Share(row.share(all));
    "first_seen": maybe Holds::Time, "time of the first packet" => Value::time(row.first_seen);
    "last_seen": maybe Holds::Time, "time of the latest packet" => Value::time(row.last_seen);
    "client_address": maybe Holds::Address, "address of the client, in summaries by client or pair" => row.client().map_or(Value::Unknown, Value::Address);
    "server_address": maybe Holds::Address, "address of the server, in summaries by server or pair" => row.server().map_or(Value::Unknown, Value::Address);
    "hour": maybe Holds::Text, "hour of the first packet (UTC), in summaries by hour" => row.hour().map_or(Value::Unknown, |hour| Value::Text(hour.into()));
    "local_name": always Holds::Texts, "names that an overlay gives the server's port, in any flow of the row" => Value::List(row.local_names.clone());
    "flag_flows": always Holds::Counts(words!(Flag)), "number of flows with each of `flags`" => Value::Counts(row.flags.iter().map(|&(flag, flows)| (flag.name(), flows)).collect());
    "several": always Holds::Words(SEVERAL), "columns left empty because flows of the row differ in them; an empty column that is not named here has no value in any flow (`description` is left empty where flows differ in their transport, or in their port without sharing a service)" => Value::List(row.several());
    "protocol": maybe Holds::Text, "protocol above IP, by IANA's name in lower case; `protocol-200` for a number without one" => row.protocol.get().map_or(Value::Unknown, |one| Value::Text(protocol(one)));
    "protocol_number": maybe Holds::Integer(Bits::B8, None), "IANA's number of the protocol" => Value::small(row.protocol.get().map(|protocol| protocol.0));
    "icmp_type": maybe Holds::Integer(Bits::B8, None), "type of the clients' first ICMP messages; of the servers' where the clients' were not captured" => Value::small(row.icmp_type.get().flatten());
    "icmp_code": maybe Holds::Integer(Bits::B8, None), "code of those messages" => Value::small(row.icmp_code.get().flatten());
    "observed": maybe Holds::Text, "protocol that the first payloads show, where they are looked at and it is plain to see" => Value::text(row.observed.get().flatten().map(Spoken::name));
    "agreement": maybe Holds::Word(words!(Agreement)), "how the payload stands to the registered service, as in `flows`" => Value::text(row.agreement.get().flatten().map(Agreement::name));
    "client_names": always Holds::Texts, "names of the client in summaries by client or pair, where `--names` or `--hosts-file` asks for names: the first 100 that its flows show" => Value::List(texts(&row.client_names));
    "client_names_from": always Holds::Texts, "where each of these names is from, as `client_name_from` in `flows`" => Value::List(sources(&row.client_names));
    "server_names": always Holds::Texts, "names of the server in summaries by server or pair, as for the client" => Value::List(texts(&row.server_names));
    "server_names_from": always Holds::Texts, "where each of these names is from, as `server_name_from` in `flows`" => Value::List(sources(&row.server_names));
}

fn texts<'a>(names: &[HostName<'a>]) -> Vec<&'a str> {
    names.iter().map(|name| name.text).collect()
}

fn sources<'a>(names: &[HostName]) -> Vec<&'a str> {
    names.iter().map(|name| name.source.name()).collect()
}

/// How many names of one host are shown.
const MOST_NAMES: usize = 100;

fn add_name<'a>(names: &mut Vec<HostName<'a>>, name: Option<HostName<'a>>) {
    if let Some(name) = name
        && names.len() < MOST_NAMES
        && !names.contains(&name)
    {
        names.push(name);
    }
}

/// What a host is called: the first name, and how many there are besides.
fn named(names: &[HostName]) -> String {
    match names {
        [] => String::new(),
        [name] => format!(", {name}"),
        [name, rest @ ..] => format!(", {name} and {}", count(rest.len() as u64, "other name")),
    }
}

/// The columns that are empty where the flows of a row differ in them.
const SEVERAL: &[&str] = &[
    "transport",
    "port",
    "service",
    "description",
    "port_range",
    "status",
    "protocol",
    "protocol_number",
    "icmp_type",
    "icmp_code",
    "observed",
    "agreement",
];

/// What flows are put together by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The registered service and the transport; ports without a service stand alone, and so does each
    /// protocol without ports, with its type if it is ICMP.
    #[default]
    Service,
    /// The server's port and the transport; of protocols without ports as [`By::Service`].
    Port,
    /// The server's address.
    Server,
    /// The client's address.
    Client,
    /// Both addresses.
    Pair,
    /// The registry's status.
    Status,
    /// The range of the server's port.
    Range,
    /// The transport, or the protocol without ports.
    Transport,
    /// The hour of the first packet (UTC).
    Hour,
    /// The protocol that the payload shows.
    Observed,
}

impl By {
    /// Every key with its word.
    pub const ALL: [(By, &'static str); 10] = [
        (By::Service, "service"),
        (By::Port, "port"),
        (By::Server, "server"),
        (By::Client, "client"),
        (By::Pair, "pair"),
        (By::Status, "status"),
        (By::Range, "range"),
        (By::Transport, "transport"),
        (By::Hour, "hour"),
        (By::Observed, "observed"),
    ];
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key<'a> {
    Service(Transport, Result<&'a str, u16>),
    Port(Transport, u16),
    Portless(Protocol, Option<u8>),
    Server(IpAddr),
    Client(IpAddr),
    Pair(IpAddr, IpAddr),
    Status(&'static str),
    Range(Option<PortRange>),
    Protocol(Protocol),
    Hour(Option<i64>),
    Observed(Option<Spoken>),
}

/// Something that is the same for all flows of a row, or not.
#[derive(Clone, Copy)]
enum Common<T> {
    /// No flow yet.
    None,
    One(T),
    Several,
}

impl<T: PartialEq + Copy> Common<T> {
    fn add(&mut self, value: T) {
        match *self {
            Common::None => *self = Common::One(value),
            Common::One(known) if known != value => *self = Common::Several,
            Common::One(_) | Common::Several => {}
        }
    }

    fn get(self) -> Option<T> {
        match self {
            Common::One(value) => Some(value),
            Common::None | Common::Several => None,
        }
    }

    fn is_several(self) -> bool {
        matches!(self, Common::Several)
    }
}

/// One row of a summary.
pub struct Total<'a> {
    key: Key<'a>,
    label: Label<'a>,
    transport: Common<Option<Transport>>,
    protocol: Common<Protocol>,
    icmp_type: Common<Option<u8>>,
    icmp_code: Common<Option<u8>>,
    /// The ICMP message of the first flow.
    icmp: Option<IcmpMessage>,
    port: Common<Option<u16>>,
    service: Common<Option<&'a str>>,
    range: Common<Option<PortRange>>,
    status: Common<&'static str>,
    observed: Common<Option<Spoken>>,
    agreement: Common<Option<Agreement>>,
    /// Those of any flow, and how many have each. In order when the summary is finished.
    flags: Vec<(Flag, u64)>,
    local_names: Vec<&'a str>,
    client_names: Vec<HostName<'a>>,
    server_names: Vec<HostName<'a>>,
    flows: u64,
    clients: u64,
    servers: u64,
    packets: u64,
    bytes_to_server: u64,
    bytes_to_client: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
}

/// A summary in the making.
pub struct Summary<'a> {
    by: By,
    rows: Vec<Total<'a>>,
    places: HashMap<Key<'a>, usize, foldhash::fast::RandomState>,
    addresses: Distinct,
}

impl<'a> Summary<'a> {
    /// An empty summary.
    pub fn new(by: By) -> Summary<'a> {
        Summary { by, rows: Vec::new(), places: HashMap::default(), addresses: Distinct::default() }
    }

    /// Adds a flow.
    pub fn add(&mut self, row: &LabelledFlow<'a>) {
        let (client, server) = (row.client(), row.server());
        let (protocol, icmp) = (row.flow.protocol(), row.icmp());
        let key = match (self.by, row.flow.transport().zip(server.port)) {
            (By::Service, Some((transport, port))) => {
                Key::Service(transport, row.label.service().ok_or(port))
            }
            (By::Port, Some((transport, port))) => Key::Port(transport, port),
            (By::Service | By::Port, None) => Key::Portless(protocol, icmp.map(|message| message.kind)),
            (By::Server, _) => Key::Server(server.address),
            (By::Client, _) => Key::Client(client.address),
            (By::Pair, _) => Key::Pair(client.address, server.address),
            (By::Status, _) => Key::Status(row.label.status_name()),
            (By::Range, _) => Key::Range(row.label.port_range()),
            (By::Transport, _) => Key::Protocol(protocol),
            (By::Observed, _) => Key::Observed(row.label.observed().map(|observed| observed.spoken)),
            (By::Hour, _) => {
                Key::Hour(row.flow.first_seen().map(|time| time.nanoseconds().div_euclid(HOUR_NANOSECONDS)))
            }
        };
        let place = if let Some(&place) = self.places.get(&key) {
            place
        } else {
            let place = self.rows.len();
            self.places.insert(key.clone(), place);
            self.rows.push(Total::new(key, row));
            place
        };
        let new_client = self.addresses.is_new(place, CLIENTS, client.address);
        let new_server = self.addresses.is_new(place, SERVERS, server.address);
        let total = &mut self.rows[place];
        total.transport.add(row.flow.transport());
        total.protocol.add(protocol);
        total.icmp_type.add(icmp.map(|message| message.kind));
        total.icmp_code.add(icmp.and_then(|message| message.code));
        total.port.add(server.port);
        total.service.add(row.label.service());
        total.range.add(row.label.port_range());
        total.status.add(row.label.status_name());
        total.observed.add(row.label.observed().map(|observed| observed.spoken));
        total.agreement.add(row.label.agreement);
        for flag in row.label.flags.iter() {
            match total.flags.iter_mut().find(|(known, _)| *known == flag) {
                Some((_, flows)) => *flows += 1,
                None => total.flags.push((flag, 1)),
            }
        }
        for name in row.local_names() {
            if !total.local_names.contains(&name) {
                total.local_names.push(name);
            }
        }
        if matches!(self.by, By::Client | By::Pair) {
            add_name(&mut total.client_names, row.client_name());
        }
        if matches!(self.by, By::Server | By::Pair) {
            add_name(&mut total.server_names, row.server_name());
        }
        total.flows += 1;
        total.clients += u64::from(new_client);
        total.servers += u64::from(new_server);
        total.packets += row.packets_to_server() + row.packets_to_client();
        total.bytes_to_server += row.bytes_to_server();
        total.bytes_to_client += row.bytes_to_client();
        let (first, last) = (row.flow.first_seen(), row.flow.last_seen());
        total.first_seen = match (total.first_seen, first) {
            (Some(known), Some(time)) => Some(known.min(time)),
            (known, time) => known.or(time),
        };
        total.last_seen = total.last_seen.max(last);
    }

    /// The rows, those with the most bytes first; equal ones by their key.
    ///
    /// # Errors
    ///
    /// When the addresses did not fit into memory, and their temporary files cannot be
    /// written or read.
    pub fn finish(self) -> io::Result<Vec<Total<'a>>> {
        let mut rows = self.rows;
        for (place, side, count) in self.addresses.finish()? {
            let total = &mut rows[place];
            *if side == CLIENTS { &mut total.clients } else { &mut total.servers } += count;
        }
        for row in &mut rows {
            row.flags.sort_unstable();
        }
        if self.by == By::Hour {
            rows.sort_by_key(|row| row.first_seen);
        } else {
            rows.sort_by_cached_key(|row| (std::cmp::Reverse(row.bytes()), row.order()));
        }
        Ok(rows)
    }
}

/// The sides of [`Distinct`].
const CLIENTS: u8 = 0;
const SERVERS: u8 = 1;

impl<'a> Total<'a> {
    fn new(key: Key<'a>, row: &LabelledFlow<'a>) -> Total<'a> {
        Total {
            key,
            label: row.label,
            icmp: row.icmp(),
            transport: Common::None,
            protocol: Common::None,
            icmp_type: Common::None,
            icmp_code: Common::None,
            port: Common::None,
            service: Common::None,
            range: Common::None,
            status: Common::None,
            observed: Common::None,
            agreement: Common::None,
            flags: Vec::new(),
            local_names: Vec::new(),
            client_names: Vec::new(),
            server_names: Vec::new(),
            flows: 0,
            clients: 0,
            servers: 0,
            packets: 0,
            bytes_to_server: 0,
            bytes_to_client: 0,
            first_seen: None,
            last_seen: None,
        }
    }

    /// Bytes of both directions.
    pub fn bytes(&self) -> u64 {
        self.bytes_to_server + self.bytes_to_client
    }

    fn order(&self) -> (Option<Transport>, Option<u16>, Option<Protocol>, Option<u8>, String) {
        let text = match &self.key {
            Key::Service(_, service) => service.unwrap_or_default().to_owned(),
            Key::Server(address) | Key::Client(address) => address.to_string(),
            Key::Pair(client, server) => format!("{client} {server}"),
            Key::Status(status) => (*status).to_owned(),
            Key::Range(range) => in_words(*range),
            Key::Observed(spoken) => spoken.map_or("", Spoken::name).to_owned(),
            Key::Port(..) | Key::Portless(..) | Key::Protocol(_) | Key::Hour(_) => String::new(),
        };
        let (transport, port) = (self.transport.get().flatten(), self.port.get().flatten());
        (transport, port, self.protocol.get(), self.icmp_type.get().flatten(), text)
    }

    fn hour(&self) -> Option<String> {
        match self.key {
            Key::Hour(hour) => Some(hour.map_or("unknown".into(), |hour| {
                let text = Timestamp::from_nanoseconds(hour.saturating_mul(HOUR_NANOSECONDS)).to_string();
                format!("{}:00Z", text.split(':').next().unwrap_or_default())
            })),
            _ => None,
        }
    }

    fn client(&self) -> Option<IpAddr> {
        match self.key {
            Key::Client(client) | Key::Pair(client, _) => Some(client),
            _ => None,
        }
    }

    fn server(&self) -> Option<IpAddr> {
        match self.key {
            Key::Server(server) | Key::Pair(_, server) => Some(server),
            _ => None,
        }
    }

    /// The description, where all flows of the row have one port or one service.
    fn description(&self) -> Option<Cow<'a, str>> {
        self.has_one_description().then(|| self.label.description()).flatten()
    }

    fn has_one_description(&self) -> bool {
        self.transport.get().is_some()
            && (self.port.get().is_some() || self.service.get().flatten().is_some())
    }

    fn share(&self, all: u64) -> f64 {
        if all == 0 { 0.0 } else { self.bytes() as f64 / all as f64 }
    }

    /// The row's values; `all` are the bytes of all rows.
    pub fn values(&self, all: u64) -> [Value<'a>; COLUMNS.len()] {
        values(self, all)
    }

    /// Those of [`SEVERAL`] that are empty since the flows of the row differ.
    fn several(&self) -> Vec<&'static str> {
        let differ = [
            self.transport.is_several(),
            self.port.is_several(),
            self.service.is_several(),
            !self.has_one_description(),
            self.range.is_several(),
            self.status.is_several(),
            self.protocol.is_several(),
            self.protocol.is_several(),
            self.icmp_type.is_several(),
            self.icmp_code.is_several(),
            self.observed.is_several(),
            self.agreement.is_several(),
        ];
        SEVERAL.iter().zip(differ).filter(|&(_, differs)| differs).map(|(&column, _)| column).collect()
    }

    /// The cells of the table for people; `all` are the bytes of all rows, `but` the flags that are said once
    /// for all of them.
    pub fn people(&self, all: u64, but: Flags) -> Vec<String> {
        let by_status = matches!(self.key, Key::Status(_));
        let cells = people(self, all, but).into_iter().enumerate();
        cells.filter(|&(n, _)| !(by_status && n == STATUS)).map(|(_, cell)| cell).collect()
    }

    /// What the flows of the row have in common.
    fn key_in_words(&self) -> String {
        match &self.key {
            Key::Service(transport, _) | Key::Port(transport, _) => match self.port.get().flatten() {
                Some(port) => format!("{port}/{transport}"),
                None => format!("several/{transport}"),
            },
            Key::Portless(protocol, _) => match self.icmp {
                Some(message) => format!("{protocol} {message}"),
                None => protocol.to_string(),
            },
            Key::Server(address) => format!("{address}{}", named(&self.server_names)),
            Key::Client(address) => format!("{address}{}", named(&self.client_names)),
            Key::Pair(client, server) => {
                format!("{client}{} → {server}{}", named(&self.client_names), named(&self.server_names))
            }
            Key::Status(status) => (*status).to_owned(),
            Key::Range(range) => in_words(*range),
            Key::Protocol(protocol) => protocol.to_string(),
            Key::Hour(_) => self.hour().unwrap_or_default(),
            Key::Observed(spoken) => spoken.map_or("-", Spoken::name).to_owned(),
        }
    }

    /// What is registered. The names beside the leading one are those of one port.
    fn registered_as(&self) -> String {
        match self.service.get() {
            None => "(several)".to_owned(),
            Some(_) if self.port.get().is_some() => registered_as(self.label.names()),
            Some(service) => service.unwrap_or("-").to_owned(),
        }
    }

    /// The flags to be looked at with their numbers of flows, and how many others there are; without those
    /// that are said once for all rows.
    fn flags_in_words(&self, but: Flags) -> String {
        let own = self.flags.iter().filter(|(flag, _)| !but.has(*flag));
        for_people(own, |(flag, _)| *flag, |(flag, flows)| format!("{flag}={flows}"))
    }

    /// Whether the table for people counts flags of the row that it does not name.
    pub fn has_other_flags(&self, but: Flags) -> bool {
        self.flags.iter().any(|(flag, _)| flag.rank() != FlagRank::Look && !but.has(*flag))
    }

    /// What the row is about, and what is registered for it or else its status, for people.
    pub(super) fn in_brief(&self) -> (String, String) {
        let name = match (self.service.get().flatten(), self.status.get()) {
            (None, Some(status)) => format!("({status})"),
            _ => self.registered_as(),
        };
        (self.key_in_words(), name)
    }

    /// How many flows.
    pub fn flows(&self) -> u64 {
        self.flows
    }

    /// How many packets.
    pub fn packets(&self) -> u64 {
        self.packets
    }
}

people! {
    /// The cells of a row; `all` are the bytes of all rows.
    fn people(row: &Total, all: u64, but: Flags) {
    }
    text "", WhenNarrow::Wraps => row.key_in_words();
    text "registered as", WhenNarrow::Wraps => with_local_names(row.registered_as(), &row.local_names);
    text "status", WhenNarrow::Leaves(3) => row.status.get().unwrap_or("(several)").to_owned();
    number "flows", WhenNarrow::Leaves(1) => row.flows.to_string();
    number "clients", WhenNarrow::Leaves(6) => row.clients.to_string();
    number "servers", WhenNarrow::Leaves(7) => row.servers.to_string();
    number "packets", WhenNarrow::Leaves(5) => row.packets.to_string();
    number "bytes", WhenNarrow::Leaves(2) => row.bytes().to_string();
    number "share", WhenNarrow::Leaves(4) => format!("{:.1} %", row.share(all) * 100.0);
    text "flags=flows", WhenNarrow::Below => row.flags_in_words(but);
}

/// Fewer rows than this each keep their flags.
const FEW_ROWS: usize = 5;

/// The flags that nearly every row has, nine of ten: a table says them once.
pub fn common_flags(rows: &[Total]) -> Flags {
    let mut common = Flags::default();
    if rows.len() < FEW_ROWS {
        return common;
    }
    for flag in Flag::ALL {
        if rows_with(rows, flag) * 10 >= rows.len() * 9 {
            common.set(flag);
        }
    }
    common
}

/// The sentence that says the flags that nearly every row has; `None` where there are none.
pub fn common_in_words(rows: &[Total], common: Flags) -> Option<String> {
    let one = |flag: Flag| {
        let flows: u64 = rows
            .iter()
            .flat_map(|row| &row.flags)
            .filter(|(own, _)| *own == flag)
            .map(|(_, flows)| flows)
            .sum();
        format!("{flag}={flows} ({} of {})", rows_with(rows, flag), count(rows.len() as u64, "row"))
    };
    let all: Vec<String> = common.iter().map(one).collect();
    (!all.is_empty())
        .then(|| format!("Nearly every row has {}: said here once, not in the rows.", all.join(", ")))
}

fn rows_with(rows: &[Total], flag: Flag) -> usize {
    rows.iter().filter(|row| row.flags.iter().any(|(own, _)| *own == flag)).count()
}

fn in_words(range: Option<PortRange>) -> String {
    range.map_or(PORTLESS.to_owned(), |range| range.to_string())
}

/// The place of the status in [`PEOPLE`]; in a summary by status it is the first column.
const STATUS: usize = 2;

/// The columns of the table for people. The first is called by what flows are put together by.
pub fn people_columns(by: By) -> Vec<TableColumn> {
    let first = match by {
        By::Service | By::Port => "port",
        By::Server => "server",
        By::Client => "client",
        By::Pair => "client → server",
        By::Status => "status",
        By::Range => "range",
        By::Transport => "transport",
        By::Hour => "hour",
        By::Observed => "payload",
    };
    let mut columns = PEOPLE.to_vec();
    columns[0].name = first;
    if by == By::Status {
        columns.remove(STATUS);
    }
    columns
}
