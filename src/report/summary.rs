//! `summary`: totals of flows by service, port, host, status …

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::distinct::Distinct;
use super::field::{columns, people};
use super::flags::for_people;
use super::flows::{protocol, registered_as, with_local_names};
use super::{Bits, Holds, TableColumn, Value, WhenNarrow};
use crate::Transport;
use crate::capture::Timestamp;
use crate::evidence::Spoken;
use crate::foreign::Foreign;
use crate::label::{Agreement, Flag, FlagRank, Flags, Label, PORTLESS, STATUSES};
use crate::net::{IcmpMessage, PortRange, Protocol};
use crate::text::{count, nearest, words};
use crate::traffic::{HostName, LabelledFlow, called_here, meant_by};

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
    "local_name": always Holds::Texts, "names that an overlay gives the server's port, in any flow of the row" => Value::Names(row.local_names.clone());
    "flag_flows": always Holds::Counts(words!(Flag)), "number of flows with each of `flags`" => Value::Counts(row.flags.iter().map(|&(flag, flows)| (flag.name(), flows)).collect());
    "several": always Holds::Words(SEVERAL), "columns left empty because flows of the row differ in them; an empty column that is not named here has no value in any flow (`description` is left empty where flows differ in their transport, or in their port without sharing a service)" => Value::List(row.several());
    "protocol": maybe Holds::Text, "protocol above IP, by IANA's name in lower case; `protocol-200` for a number without one" => row.protocol.get().map_or(Value::Unknown, |one| Value::Text(protocol(one)));
    "protocol_number": maybe Holds::Integer(Bits::B8, None), "IANA's number of the protocol" => Value::small(row.protocol.get().map(|protocol| protocol.0));
    "icmp_type": maybe Holds::Integer(Bits::B8, None), "type of the clients' first ICMP messages; of the servers' where the clients' were not captured" => Value::small(row.icmp_type.get().flatten());
    "icmp_code": maybe Holds::Integer(Bits::B8, None), "code of those messages" => Value::small(row.icmp_code.get().flatten());
    "observed": maybe Holds::Text, "protocol that the first payloads show, where they are looked at and it is plain to see" => Value::text(row.observed.get().flatten().map(Spoken::name));
    "agreement": maybe Holds::Word(words!(Agreement)), "how the payload stands to the registered service, as in `flows`" => Value::text(row.agreement.get().flatten().map(Agreement::name));
    "client_names": always Holds::Texts, "names of the client in summaries by client or pair, where `--names` or `--hosts-file` asks for names: the first 100 that its flows show" => Value::Names(texts(&row.client_names));
    "client_names_from": always Holds::Texts, "where each of these names is from, as `client_name_from` in `flows`" => Value::List(sources(&row.client_names));
    "server_names": always Holds::Texts, "names of the server in summaries by server or pair, as for the client" => Value::Names(texts(&row.server_names));
    "server_names_from": always Holds::Texts, "where each of these names is from, as `server_name_from` in `flows`" => Value::List(sources(&row.server_names));
    "period": maybe Holds::Time, "beginning of the minute, hour, day or other span of time that the first packets lie in (UTC), in summaries by one; a flow counts there with all that it carried later" => Value::time(row.period());
    "interface": maybe Holds::Text, "interface of the flows, as `interface` in `flows`, in summaries by interface" => Value::foreign(row.interface());
}

fn texts<'a>(names: &[HostName<'a>]) -> Vec<Foreign<&'a str>> {
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
        [name] => format!(", {}", name.line()),
        [name, rest @ ..] => format!(", {} and {}", name.line(), count(rest.len() as u64, "other name")),
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

/// What flows are put together by; by several of these, rows are of flows that are alike in all of them.
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
    /// The span of time of this many seconds in which the first packet lies, counted from 1970 (UTC).
    Span(NonZeroU32),
    /// The protocol that the payload shows.
    Observed,
    /// All flags: a flow has several, and counts in one row.
    Flag,
    /// The interface of both directions, as `flows` has it.
    Interface,
    /// The server's name.
    Name,
}

/// A word that is no key of summaries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownKey(String);

impl By {
    /// The hour of the first packet (UTC).
    pub const HOUR: By = By::Span(seconds(HOUR));

    /// Every key with its word, but for spans of any length.
    pub const ALL: [(By, &'static str); 15] = [
        (By::Service, "service"),
        (By::Port, "port"),
        (By::Server, "server"),
        (By::Client, "client"),
        (By::Pair, "pair"),
        (By::Status, "status"),
        (By::Range, "range"),
        (By::Transport, "transport"),
        (By::Span(seconds(MINUTE)), "minute"),
        (By::HOUR, "hour"),
        (By::Span(seconds(DAY)), "day"),
        (By::Observed, "observed"),
        (By::Flag, "flag"),
        (By::Interface, "interface"),
        (By::Name, "name"),
    ];

    /// The column that shows the key.
    const fn column(self) -> &'static str {
        match self {
            By::Service => "service",
            By::Port => "port",
            By::Server => "server_address",
            By::Client => "client_address",
            By::Pair => "client_address and server_address",
            By::Status => "status",
            By::Range => "port_range",
            By::Transport => "transport",
            By::Span(_) => "period",
            By::Observed => "observed",
            By::Flag => "flags",
            By::Interface => "interface",
            By::Name => "server_names",
        }
    }

    /// Whether rows are of spans of time.
    pub const fn is_time(self) -> bool {
        matches!(self, By::Span(_))
    }

    /// The heading of the key in tables for people.
    const fn heading(self) -> &'static str {
        match self {
            By::Service | By::Port => "port",
            By::Server => "server",
            By::Client => "client",
            By::Pair => "client → server",
            By::Status => "status",
            By::Range => "range",
            By::Transport => "transport",
            By::Span(seconds) => match seconds.get() {
                MINUTE => "minute",
                HOUR => "hour",
                DAY => "day",
                _ => "from",
            },
            By::Observed => "payload",
            By::Flag => "flags",
            By::Interface => "interface",
            By::Name => "name",
        }
    }
}

/// Seconds of a minute, an hour and a day.
const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

const fn seconds(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl FromStr for By {
    type Err = UnknownKey;

    /// The word of a key, the column that shows it or a word for that column, or a span of time: `10s`, `5m`, `2h`,
    /// `7d`.
    fn from_str(text: &str) -> Result<By, UnknownKey> {
        let of_word =
            |word: &str| By::ALL.iter().find(|(_, one)| one.eq_ignore_ascii_case(word)).map(|(by, _)| *by);
        let of_column = |column: &str| {
            let is_it = |by: &By| by.column().eq_ignore_ascii_case(column);
            By::ALL.iter().map(|(by, _)| *by).find(|by| !by.is_time() && is_it(by))
        };
        let of_flows = |column: &str| match column {
            "server_port" => Some(By::Port),
            "protocol" => Some(By::Transport),
            "server_name" => Some(By::Name),
            _ => of_column(column),
        };
        let meant = || meant_by(text).iter().filter(|one| one.len() == 1).find_map(|one| of_flows(one[0]));
        if let Some(by) = of_word(text).or_else(|| of_flows(text)).or_else(meant) {
            return Ok(by);
        }
        let unit = match text.chars().next_back() {
            Some('s') => Some(1),
            Some('m') => Some(MINUTE),
            Some('h') => Some(HOUR),
            Some('d') => Some(DAY),
            _ => None,
        };
        if let Some(unit) = unit
            && let Ok(number) = text[..text.len() - 1].parse::<u32>()
        {
            return number
                .checked_mul(unit)
                .and_then(NonZeroU32::new)
                .map(By::Span)
                .ok_or_else(|| UnknownKey(format!("invalid span `{text}`; use 10s, 5m, 2h or 7d")));
        }
        Err(UnknownKey(match text {
            "host" | "address" => "a flow has two addresses: use server, client or pair".to_owned(),
            "time" | "first_seen" => "use minute, hour, day, or a span such as 10s".to_owned(),
            _ => {
                let words = By::ALL.map(|(_, word)| word);
                match nearest(text, words.into_iter()).as_slice() {
                    _ if called_here(text).is_some() => {
                        format!("unknown key `{text}`; {}", called_here(text).unwrap_or_default())
                    }
                    [] => format!(
                        "unknown key `{text}`; keys are {}, and spans such as 10s or 5m",
                        words.join(", ")
                    ),
                    near => format!("unknown key `{text}`; did you mean {}?", near.join(" or ")),
                }
            }
        }))
    }
}

/// What a flow is put together by: one key of several.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Service(Transport, Result<&'a str, u16>),
    Port(Transport, u16),
    Portless(Protocol, Option<u8>),
    Server(IpAddr),
    Client(IpAddr),
    Pair(IpAddr, IpAddr),
    Status(&'static str),
    Range(Option<PortRange>),
    Protocol(Protocol),
    /// The number of the span since 1970, and its length in seconds.
    Span(Option<i64>, u32),
    Observed(Option<Spoken>),
    Flags(Vec<Flag>),
    Interface(Foreign<String>),
    Name(Option<Foreign<&'a str>>),
}

impl<'a> Key<'a> {
    pub(super) fn of(by: By, row: &LabelledFlow<'a>) -> Key<'a> {
        let (client, server) = (row.client(), row.server());
        match (by, row.flow.transport().zip(server.port)) {
            (By::Service, Some((transport, port))) => {
                Key::Service(transport, row.label.service().ok_or(port))
            }
            (By::Port, Some((transport, port))) => Key::Port(transport, port),
            (By::Service | By::Port, None) => {
                Key::Portless(row.flow.protocol(), row.icmp().map(|message| message.kind))
            }
            (By::Server, _) => Key::Server(server.address),
            (By::Client, _) => Key::Client(client.address),
            (By::Pair, _) => Key::Pair(client.address, server.address),
            (By::Status, _) => Key::Status(row.label.status_name()),
            (By::Range, _) => Key::Range(row.label.port_range()),
            (By::Transport, _) => Key::Protocol(row.flow.protocol()),
            (By::Observed, _) => Key::Observed(row.label.observed().map(|observed| observed.spoken)),
            (By::Span(seconds), _) => {
                let length = i64::from(seconds.get()) * 1_000_000_000;
                let number = row.flow.first_seen().map(|time| time.nanoseconds().div_euclid(length));
                Key::Span(number, seconds.get())
            }
            (By::Flag, _) => Key::Flags(row.label.flags.iter().collect()),
            (By::Interface, _) => Key::Interface(row.interface()),
            (By::Name, _) => Key::Name(row.server_name().map(|name| name.text)),
        }
    }

    /// The service of a row by service: `https/tcp`, `49152/udp`, `icmp 8`.
    #[cfg(feature = "page")]
    pub(super) fn service_in_words(&self) -> String {
        match self {
            Key::Service(transport, Ok(service)) => format!("{service}/{transport}"),
            Key::Service(transport, Err(port)) => format!("{port}/{transport}"),
            Key::Portless(protocol, Some(kind)) => format!("{protocol} {kind}"),
            Key::Portless(protocol, None) => protocol.to_string(),
            _ => self.text(),
        }
    }

    /// In words, and as it stands in an order of rows with equal bytes.
    fn text(&self) -> String {
        match self {
            Key::Service(_, service) => service.unwrap_or_default().to_owned(),
            Key::Server(address) | Key::Client(address) => address.to_string(),
            Key::Pair(client, server) => format!("{client} {server}"),
            Key::Status(status) => (*status).to_owned(),
            Key::Range(range) => in_words(*range),
            Key::Observed(spoken) => spoken.map_or("", Spoken::name).to_owned(),
            Key::Flags(flags) => flags.iter().map(|flag| flag.name()).collect::<Vec<_>>().join(" "),
            Key::Interface(interface) => interface.line().into_owned(),
            Key::Name(name) => name.unwrap_or_default().line().into_owned(),
            Key::Port(..) | Key::Portless(..) | Key::Protocol(_) | Key::Span(..) => String::new(),
        }
    }

    /// When the span begins.
    fn period(&self) -> Option<Timestamp> {
        match *self {
            Key::Span(Some(number), seconds) => {
                let length = i64::from(seconds) * 1_000_000_000;
                Some(Timestamp::from_nanoseconds(number.saturating_mul(length)))
            }
            _ => None,
        }
    }
}

/// The first few of what the flows of a row have, and how many more there are.
struct Listed<T> {
    first: Vec<T>,
    more: u64,
}

impl<T: PartialEq + Copy> Listed<T> {
    /// How many are named.
    const MOST: usize = 3;

    fn new() -> Listed<T> {
        Listed { first: Vec::new(), more: 0 }
    }

    /// Adds one; whether it is new beyond the first ones is asked for then alone.
    fn add(&mut self, value: T, is_new: impl FnOnce() -> bool) {
        if self.first.contains(&value) {
            return;
        }
        if self.first.len() < Self::MOST {
            self.first.push(value);
        } else {
            self.more += u64::from(is_new());
        }
    }

    /// `a, b, c and 4 more`.
    fn in_words(&self, word: impl Fn(T) -> String) -> String {
        let first: Vec<String> = self.first.iter().map(|&value| word(value)).collect();
        match self.more {
            0 => first.join(", "),
            more => format!("{} and {more} more", first.join(", ")),
        }
    }
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
    /// Adds one, and says whether it is the one that all had so far.
    fn add(&mut self, value: T) -> bool {
        match *self {
            Common::None => *self = Common::One(value),
            Common::One(known) if known != value => *self = Common::Several,
            Common::One(_) => return true,
            Common::Several => {}
        }
        false
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
    keys: Box<[Key<'a>]>,
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
    ports: Listed<Option<u16>>,
    services: Listed<Option<&'a str>>,
    statuses: Listed<&'static str>,
    /// Those of any flow, and how many have each. In order when the summary is finished.
    flags: Vec<(Flag, u64)>,
    local_names: Vec<Foreign<&'a str>>,
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
    by: Vec<By>,
    rows: Vec<Total<'a>>,
    places: HashMap<Box<[Key<'a>]>, usize, foldhash::fast::RandomState>,
    /// The keys of the flow at hand.
    keys: Vec<Key<'a>>,
    different: Distinct,
}

impl<'a> Summary<'a> {
    /// An empty summary by these keys.
    pub fn new(by: &[By]) -> Summary<'a> {
        Summary {
            by: by.to_vec(),
            rows: Vec::new(),
            places: HashMap::default(),
            keys: Vec::new(),
            different: Distinct::default(),
        }
    }

    /// Adds a flow. It counts in the row of its first packet, also what it carried later.
    pub fn add(&mut self, row: &LabelledFlow<'a>) {
        let (client, server) = (row.client(), row.server());
        let (protocol, icmp) = (row.flow.protocol(), row.icmp());
        self.keys.clear();
        self.keys.extend(self.by.iter().map(|&by| Key::of(by, row)));
        let place = if let Some(&place) = self.places.get(self.keys.as_slice()) {
            place
        } else {
            let place = self.rows.len();
            let keys: Box<[Key]> = self.keys.as_slice().into();
            self.places.insert(keys.clone(), place);
            self.rows.push(Total::new(keys, row));
            place
        };
        let new_client = self.different.is_new(place, CLIENTS, client.address);
        let new_server = self.different.is_new(place, SERVERS, server.address);
        let total = &mut self.rows[place];
        total.transport.add(row.flow.transport());
        total.protocol.add(protocol);
        total.icmp_type.add(icmp.map(|message| message.kind));
        total.icmp_code.add(icmp.and_then(|message| message.code));
        let (port, service, status) = (server.port, row.label.service(), row.label.status_name());
        // What all flows have is listed once.
        if !total.port.add(port) {
            total.ports.add(port, || self.different.is_new(place, PORTS, port));
        }
        if !total.service.add(service) {
            total.services.add(service, || self.different.is_new(place, SERVICES, service));
        }
        if !total.status.add(status) {
            total.statuses.add(status, || self.different.is_new(place, STATUSES_OF_ROW, status));
        }
        total.range.add(row.label.port_range());
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
        if self.by.iter().any(|by| matches!(by, By::Client | By::Pair)) {
            add_name(&mut total.client_names, row.client_name());
        }
        if self.by.iter().any(|by| matches!(by, By::Server | By::Pair | By::Name)) {
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

    /// The rows, those with the most bytes first, equal ones by their keys; where the first key is a span of time, in
    /// the order of time.
    ///
    /// # Errors
    ///
    /// When the addresses did not fit into memory, and their temporary files cannot be
    /// written or read.
    pub fn finish(self) -> io::Result<Vec<Total<'a>>> {
        let mut rows = self.rows;
        for (place, side, count) in self.different.finish()? {
            let total = &mut rows[place];
            *match side {
                CLIENTS => &mut total.clients,
                SERVERS => &mut total.servers,
                PORTS => &mut total.ports.more,
                SERVICES => &mut total.services.more,
                _ => &mut total.statuses.more,
            } += count;
        }
        for row in &mut rows {
            row.flags.sort_unstable();
        }
        let is_by_time = self.by.first().is_some_and(|by| by.is_time());
        rows.sort_by_cached_key(|row| {
            let time = if is_by_time { row.keys.first().and_then(Key::period) } else { None };
            (time, std::cmp::Reverse(row.bytes()), row.order())
        });
        Ok(rows)
    }
}

/// The sides of [`Distinct`].
const CLIENTS: u8 = 0;
const SERVERS: u8 = 1;
const PORTS: u8 = 2;
const SERVICES: u8 = 3;
const STATUSES_OF_ROW: u8 = 4;

impl<'a> Total<'a> {
    fn new(keys: Box<[Key<'a>]>, row: &LabelledFlow<'a>) -> Total<'a> {
        Total {
            keys,
            ports: Listed::new(),
            services: Listed::new(),
            statuses: Listed::new(),
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

    /// Where the row stands among those of as many bytes.
    fn order(&self) -> impl Ord + use<> {
        let texts: Vec<String> = self.keys.iter().map(Key::text).collect();
        let (transport, port) = (self.transport.get().flatten(), self.port.get().flatten());
        (transport, port, self.protocol.get(), self.icmp_type.get().flatten(), texts)
    }

    /// The value of the key of which there is one.
    fn key<T>(&self, of: impl Fn(&Key<'a>) -> Option<T>) -> Option<T> {
        self.keys.iter().find_map(of)
    }

    /// The hour, where rows are of hours.
    fn hour(&self) -> Option<String> {
        self.key(|key| matches!(key, Key::Span(_, HOUR)).then(|| in_words_of_span(key)))
    }

    fn period(&self) -> Option<Timestamp> {
        self.key(Key::period)
    }

    fn interface(&self) -> Option<Foreign<String>> {
        self.key(|key| match key {
            Key::Interface(interface) => Some(interface.clone()).filter(|text| !text.is_empty()),
            _ => None,
        })
    }

    fn client(&self) -> Option<IpAddr> {
        self.key(|key| match *key {
            Key::Client(client) | Key::Pair(client, _) => Some(client),
            _ => None,
        })
    }

    fn server(&self) -> Option<IpAddr> {
        self.key(|key| match *key {
            Key::Server(server) | Key::Pair(_, server) => Some(server),
            _ => None,
        })
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
        let by_status = self.keys.iter().any(|key| matches!(key, Key::Status(_)));
        let keys = self.keys.iter().map(|key| self.key_in_words(key));
        let cells = people(self, all, but).into_iter().enumerate();
        keys.chain(cells.filter(|&(n, _)| !(by_status && n == STATUS)).map(|(_, cell)| cell)).collect()
    }

    /// What the flows of the row have in common.
    fn key_in_words(&self, key: &Key) -> String {
        match key {
            Key::Service(transport, _) | Key::Port(transport, _) => {
                if let Some(port) = self.port.get().flatten() {
                    format!("{port}/{transport}")
                } else {
                    let ports =
                        self.ports.in_words(|port| port.map_or("-".to_owned(), |port| port.to_string()));
                    format!("{ports} ({transport})")
                }
            }
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
            Key::Span(..) => in_words_of_span(key),
            Key::Observed(spoken) => spoken.map_or("-", Spoken::name).to_owned(),
            Key::Flags(flags) if flags.is_empty() => "-".to_owned(),
            Key::Interface(interface) if interface.is_empty() => "-".to_owned(),
            Key::Name(None) => "-".to_owned(),
            Key::Flags(_) | Key::Interface(_) | Key::Name(_) => key.text(),
        }
    }

    /// What is registered: of several ports, for the first ones. The names beside the leading one are those of one
    /// port.
    fn registered_as(&self) -> String {
        match self.service.get() {
            None => self.services.in_words(|service| service.unwrap_or("-").to_owned()),
            Some(_) if self.port.get().is_some() => registered_as(self.label.names()),
            Some(service) => service.unwrap_or("-").to_owned(),
        }
    }

    fn status_in_words(&self) -> String {
        self.statuses.in_words(str::to_owned)
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

    /// What the row's flows have in common first of all.
    #[cfg(feature = "page")]
    pub(super) fn first_key(&self) -> Option<&Key<'a>> {
        self.keys.first()
    }

    /// What the row is about, and what is registered for it or else its status, for people.
    pub(super) fn in_brief(&self) -> (String, String) {
        let name = match (self.service.get().flatten(), self.status.get()) {
            (None, Some(status)) => format!("({status})"),
            _ => self.registered_as(),
        };
        let port = match (self.keys.first(), self.port.get()) {
            (Some(Key::Service(transport, _) | Key::Port(transport, _)), None) => {
                format!("several/{transport}")
            }
            (key, _) => key.map(|key| self.key_in_words(key)).unwrap_or_default(),
        };
        (port, name)
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
    text "registered as", WhenNarrow::Wraps => with_local_names(row.registered_as(), &row.local_names);
    text "status", WhenNarrow::Leaves(3) => row.status_in_words();
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

/// The place of the status in [`PEOPLE`]; in a summary by status it is a key.
const STATUS: usize = 1;

/// The beginning of a span of time, as precise as its length needs.
fn in_words_of_span(key: &Key) -> String {
    let Key::Span(_, seconds) = *key else { return String::new() };
    let Some(time) = key.period() else { return "unknown".to_owned() };
    let text = time.to_string();
    // `2026-01-31T12:00:00.000000000Z`, or without a date where it is out of range.
    let day = text.split('T').next().unwrap_or(&text);
    match seconds {
        DAY.. if seconds % DAY == 0 => day.to_owned(),
        HOUR.. if seconds % HOUR == 0 => format!("{}:00Z", text.split(':').next().unwrap_or(&text)),
        MINUTE.. if seconds % MINUTE == 0 => {
            format!("{}Z", text.rsplit_once(':').map_or(text.as_str(), |(minute, _)| minute))
        }
        _ => format!("{}Z", text.split('.').next().unwrap_or(&text)),
    }
}

/// What a table says where rows are of spans of time: when a flow's later packets came is not kept.
pub const COUNTED_AT_FIRST: &str =
    "A flow counts in the time of its first packet, with all that it carried later.";

/// The columns of the table for people. The first are called by what flows are put together by.
pub fn people_columns(by: &[By]) -> Vec<TableColumn> {
    let keys = by.iter().map(|by| TableColumn::text(by.heading(), WhenNarrow::Wraps));
    let by_status = by.contains(&By::Status);
    let others =
        PEOPLE.iter().enumerate().filter(|&(n, _)| !(by_status && n == STATUS)).map(|(_, column)| *column);
    keys.chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_by_their_words_their_columns_and_spans() {
        for (by, word) in By::ALL {
            assert_eq!(word.parse(), Ok(by), "{word}");
        }
        let span = |seconds| By::Span(NonZeroU32::new(seconds).expect("seconds"));
        for (text, by) in [
            ("10s", span(10)),
            ("5m", span(300)),
            ("1h", By::HOUR),
            ("7d", span(7 * 86_400)),
            ("Server_Address", By::Server),
            ("server_port", By::Port),
            ("flags", By::Flag),
            ("payload", By::Observed),
            ("port_range", By::Range),
        ] {
            assert_eq!(text.parse(), Ok(by), "{text}");
        }
        for (text, message) in [
            ("host", "a flow has two addresses: use server, client or pair"),
            ("time", "use minute, hour, day, or a span such as 10s"),
            ("0s", "invalid span `0s`; use 10s, 5m, 2h or 7d"),
            ("99999999d", "invalid span `99999999d`; use 10s, 5m, 2h or 7d"),
            ("servr", "unknown key `servr`; did you mean server?"),
        ] {
            assert_eq!(text.parse::<By>().expect_err(text).to_string(), message);
        }
    }

    #[test]
    fn the_first_ones_are_listed_and_the_others_counted() {
        let mut listed = Listed::new();
        for value in [7, 7, 8, 9, 7, 10, 11] {
            listed.add(value, || true);
        }
        assert_eq!(listed.in_words(|value| value.to_string()), "7, 8, 9 and 2 more");
        let mut few = Listed::new();
        few.add("a", || true);
        few.add("b", || true);
        assert_eq!(few.in_words(str::to_owned), "a, b");
    }

    #[test]
    fn spans_are_as_precise_as_their_length() {
        for (seconds, expected) in [
            (10, "2009-02-13T23:31:30Z"),
            (60, "2009-02-13T23:31Z"),
            (300, "2009-02-13T23:30Z"),
            (3600, "2009-02-13T23:00Z"),
            (7200, "2009-02-13T22:00Z"),
            (86_400, "2009-02-13"),
        ] {
            let key = Key::Span(Some(1_234_567_890 / i64::from(seconds)), seconds);
            assert_eq!(in_words_of_span(&key), expected);
        }
        assert_eq!(in_words_of_span(&Key::Span(None, 60)), "unknown");
    }
}
