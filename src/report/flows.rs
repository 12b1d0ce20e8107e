//! `flows`: one row a flow.

use std::borrow::Cow;
use std::net::IpAddr;

use super::field::{columns, people};
use super::flags::{look, others};
use super::times::span;
use super::{Bits, Holds, Table, TableColumn, Value, WhenNarrow};
use crate::Transport;
use crate::capture::Timestamp;
use crate::evidence::{Alpn, By, NameSource, Role, TlsVersion};
use crate::flow::{self, Basis, Flow, State};
use crate::foreign::{Foreign, joined};
use crate::label::{Agreement, ClearBy, Flag, FlagRank, Label, STATUSES};
use crate::net::{PortRange, Protocol};
use crate::registry::Names;
use crate::services::Sends;
use crate::text::{count, words};
use crate::traffic::{HostName, LabelledFlow, Place, Scanner};

columns! {
    /// The values of one flow, whose first packet is this frame of this capture.
    pub fn values<'a>(row: &LabelledFlow<'a>, place: Place<'a>) {
        let (flow, label) = (&row.flow, row.label);
        let (client, server) = (row.client(), row.server());
        let Place { capture, frame } = place;
    }
    "flow": always Holds::NUMBER, "number from 1, in the order of first packets" => Value::Number(row.number);
    "capture": always Holds::Text, "file of the first packet" => Value::Foreign(capture.into());
    "first_frame": always Holds::NUMBER, "number of the first packet in its file, from 1, as Wireshark shows it" => Value::Number(frame);
    "first_seen": maybe Holds::Time, "time of the first packet" => Value::time(flow.first_seen());
    "last_seen": maybe Holds::Time, "time of the latest packet" => Value::time(flow.last_seen());
    "duration": maybe Holds::Duration, "time between the first and the latest packet" => match (flow.first_seen(), flow.last_seen()) {
        (Some(first), Some(last)) => Value::Duration(last.since(first)),
        _ => Value::Unknown,
    };
    "tunnel": maybe Holds::Text, "tunnels around the flow, outermost first" => Value::filled(row.tunnel());
    "vlan": maybe Holds::Text, "VLANs around the flow, outermost first; `34>47` where packets to the server and from it differ" => Value::filled(row.vlan());
    "transport": maybe Holds::Word(words!(Transport)), "transport protocol; unknown for a protocol without ports" => Value::text(flow.transport().map(Transport::name));
    "client_address": always Holds::Address, "address of the client" => Value::Address(client.address);
    "client_port": maybe Holds::PORT, "port of the client; unknown for a protocol without ports, as are the server's and its range" => Value::port(client.port);
    "server_address": always Holds::Address, "address of the server" => Value::Address(server.address);
    "server_port": maybe Holds::PORT, "port of the server" => Value::port(server.port);
    "service": maybe Holds::Text, "service name registered for the server's port and transport" => Value::text(label.service());
    "aliases": always Holds::Texts, "other names registered for it" => Value::List(label.aliases().collect());
    "description": maybe Holds::Text, "the registry's description; for a port without a registration, what the registry says instead" => label.description().map_or(Value::Unknown, Value::Text);
    "port_range": maybe Holds::Word(words!(PortRange)), "range of the server's port (RFC 6335 section 6)" => Value::text(label.port_range().map(PortRange::name));
    "status": always Holds::Word(STATUSES), "what the registry says of the server's port" => Value::text(Some(label.status_name()));
    "flags": always Holds::Flags, "what should catch the eye, and what explains it" => Value::List(label.flags.names().collect());
    "direction_basis": always Holds::Word(words!(Basis)), "evidence that decides which end is the server" => Value::text(Some(label.direction.basis.name()));
    "direction_confidence": always Holds::Word(&["high", "medium", "low"]), "how reliable that evidence is" => Value::text(Some(label.direction.confidence.name()));
    "state": always Holds::Word(words!(State)), "state of the connection, as Zeek's `conn_state`" => Value::text(Some(label.state.name()));
    "packets_to_server": always Holds::PACKETS, "packets from the client" => Value::Number(row.packets_to_server());
    "packets_to_client": always Holds::PACKETS, "packets from the server" => Value::Number(row.packets_to_client());
    "bytes_to_server": always Holds::BYTES, "IP bytes from the client, as on the wire" => Value::Number(row.bytes_to_server());
    "bytes_to_client": always Holds::BYTES, "IP bytes from the server, as on the wire" => Value::Number(row.bytes_to_client());
    "community_id": maybe Holds::CommunityId, "Community ID version 1, seed 0; unknown for ICMP in IPv6 and ICMPv6 in IPv4" => flow::community_id(flow).map_or(Value::Unknown, |id| Value::Text(Cow::Owned(id)));
    "client_service": maybe Holds::Text, "service name registered for the client's port, if a flag is about it" => Value::text(label.client_service());
    "service_code": maybe Holds::Text, "DCCP Service Code (RFC 4340 section 8.1.2)" => label.service_code().map_or(Value::Unknown, |code| Value::Text(Cow::Owned(code)));
    "notes": always Holds::Sentences, "what each flag means for this flow" => Value::Sentences(label.flag_reasons().map(|reason| reason.to_string().into()).collect());
    "local_name": always Holds::Texts, "names that an overlay gives the server's port on this server, beside `service`" => Value::Names(row.local_names());
    "connection": always Holds::NUMBER, "number of the first flow of the connection: several flows have one where it paused for longer than the idle time-out" => Value::Number(row.connection);
    "in_the_clear": maybe Holds::Word(words!(Sends)), "what the protocol that the payload shows, or else the registered service, sends in the clear as it is specified; `nothing` where TLS was seen to begin after the client had asked for it, `content` where the client was seen to log in by a proof of its password; unknown for most services, which may do so as well" => Value::text(label.in_the_clear().map(|clear| clear.sends().name()));
    "interface": maybe Holds::Text, "interface of the first packet to the server and of the first from it, as `packets` has it; `eth0>eth1` where they differ, with `-` for an unknown one" => Value::foreign(Some(row.interface()));
    "protocol": always Holds::Text, "protocol above IP, by IANA's name in lower case; `protocol-200` for a number without one" => Value::Text(protocol(flow.protocol()));
    "protocol_number": always Holds::Integer(Bits::B8, None), "IANA's number of the protocol" => Value::Number(flow.protocol().0.into());
    "icmp_type": maybe Holds::Integer(Bits::B8, None), "type of the client's first ICMP message; of the server's where the client's were not captured" => Value::small(row.icmp().map(|message| message.kind));
    "icmp_code": maybe Holds::Integer(Bits::B8, None), "code of that message" => Value::small(row.icmp().and_then(|message| message.code));
    "observed": maybe Holds::Text, "protocol that the first payloads of the flow show, where they are looked at and it is plain to see" => Value::text(label.observed().map(|observed| observed.spoken.name()));
    "observed_by": maybe Holds::Word(words!(By)), "whose payload shows it" => Value::text(label.observed().map(|observed| observed.by.name()));
    "agreement": maybe Holds::Word(words!(Agreement)), "how the payload stands to the service registered for the server's port: it may confirm it, be compatible with it, contradict it, or be silent; `not-captured` where the capture holds no payload of the flow; unknown where payload is not looked at, or shows a protocol and nothing is registered" => Value::text(label.agreement.map(Agreement::name));
    "client_name": maybe Holds::Text, "name of the client, where `--names` or `--hosts-file` asks for names and one is known; others chose it" => Value::foreign(row.client_name().map(|name| name.text));
    "client_name_from": maybe Holds::Word(words!(NameSource)), "where that name is from: for `dns` and `dhcp` it is the newest before the flow" => Value::text(row.client_name().map(|name| name.source.name()));
    "server_name": maybe Holds::Text, "name of the server, as for the client" => Value::foreign(row.server_name().map(|name| name.text));
    "server_name_from": maybe Holds::Word(words!(NameSource)), "where that name is from: `sni` and `host` are what the client of this flow named" => Value::text(row.server_name().map(|name| name.source.name()));
    "in_the_clear_by": maybe Holds::Word(words!(ClearBy)), "what says so: `payload`, or else `registration`" => Value::text(label.in_the_clear().map(|clear| clear.by.name()));
    "tls_version": maybe Holds::Word(words!(TlsVersion)), "version of TLS or DTLS that the server chose, where its hello was looked at" => Value::text(label.observed().and_then(|observed| observed.version).map(TlsVersion::name));
    "alpn": maybe Holds::Word(words!(Alpn)), "protocol within TLS, DTLS or QUIC by its name in ALPN (RFC 7301): the server's choice where it is in the clear (before version 1.3), or else the client's first wish, as far as it is in the first packet of its hello; `other` for a name that is not known" => Value::text(label.observed().and_then(|observed| observed.alpn).map(|(alpn, _)| alpn.name()));
    "alpn_by": maybe Holds::Word(words!(Role)), "who names it" => Value::text(label.observed().and_then(|observed| observed.alpn).map(|(_, by)| by.name()));
    on request:
    "packets": always Holds::PACKETS, "packets of both directions" => Value::Number(row.packets_to_server() + row.packets_to_client());
    "bytes": always Holds::BYTES, "IP bytes of both directions, as on the wire" => Value::Number(row.bytes_to_server() + row.bytes_to_client());
}

people! {
    /// The table's cells of one flow.
    pub fn people(row: &LabelledFlow) {
        let (flow, label) = (&row.flow, &row.label);
    }
    number "flow", WhenNarrow::Stays => row.number.to_string();
    text "time", WhenNarrow::Leaves(4) => flow.first_seen().map_or("-".to_owned(), |time| time.to_string());
    text "client", WhenNarrow::Shortens(18) => with_name(row.client(), row.client_name());
    text "server", WhenNarrow::Shortens(24) => server_in_its_place(row);
    text "registered as", WhenNarrow::Wraps => with_local_names(registered_as(label.names()), &row.local_names());
    text "payload", WhenNarrow::Leaves(1) => payload(label);
    text "status", WhenNarrow::Leaves(2) => label.status_name().to_owned();
    text "by", WhenNarrow::Leaves(7) => format!("{}, {}", label.direction.basis, label.direction.confidence);
    text "state", WhenNarrow::Leaves(8) => label.state.to_string();
    number "duration", WhenNarrow::Leaves(5) => duration(flow);
    number "packets", WhenNarrow::Leaves(6) => (row.packets_to_server() + row.packets_to_client()).to_string();
    number "bytes", WhenNarrow::Leaves(3) => (row.bytes_to_server() + row.bytes_to_client()).to_string();
    text "flags", WhenNarrow::Below => look(label.flags.iter(), |flag| flag, Flag::name);
    text "more", WhenNarrow::Leaves(9) => others(label.flags.iter());
}

/// Flows of a scan that a table for people shows as one row.
#[derive(Clone, Debug)]
pub struct ScanRow {
    /// Where the row stands, if it is shown.
    row: Option<usize>,
    client: IpAddr,
    first_flow: u64,
    flows: u64,
    seen: Option<(Timestamp, Timestamp)>,
    packets: u64,
    bytes: u64,
}

impl ScanRow {
    /// One flow, in this row.
    pub fn new(first: &LabelledFlow, row: Option<usize>) -> ScanRow {
        let (client, first_flow) = (first.client().address, first.number);
        let mut scan = ScanRow { row, client, first_flow, flows: 0, seen: None, packets: 0, bytes: 0 };
        scan.add(first);
        scan
    }

    /// Adds a flow.
    pub fn add(&mut self, row: &LabelledFlow) {
        self.flows += 1;
        self.packets += row.packets_to_server() + row.packets_to_client();
        self.bytes += row.bytes_to_server() + row.bytes_to_client();
        if let Some((first, last)) = row.flow.first_seen().zip(row.flow.last_seen()) {
            let (begin, end) = self.seen.unwrap_or((first, last));
            self.seen = Some((begin.min(first), end.max(last)));
        }
    }

    /// Where the row stands, if it is shown.
    pub fn row(&self) -> Option<usize> {
        self.row
    }

    /// How many flows it stands for.
    pub fn flows(&self) -> u64 {
        self.flows
    }

    /// The table's cells.
    pub fn people(&self, scanner: &Scanner) -> Vec<String> {
        let ports = |many: u64| if many == 1 { "1 port".to_owned() } else { format!("{many} ports") };
        let cell = |column: &TableColumn| match column.name {
            "flow" => self.first_flow.to_string(),
            "client" => self.client.to_string(),
            "server" => format!("scan? {}, {}", ports(scanner.tried), count(scanner.servers, "server")),
            "registered as" => format!("({})", count(self.flows, "flow")),
            "duration" => self.seen.map_or("-".to_owned(), |(first, last)| span(last.since(first))),
            "packets" => self.packets.to_string(),
            "bytes" => self.bytes.to_string(),
            "flags" | "more" => String::new(),
            _ => "-".to_owned(),
        };
        PEOPLE.iter().map(cell).collect()
    }
}

/// Whether the table for people counts flags of a flow that it does not name.
pub fn has_other_flags(row: &LabelledFlow) -> bool {
    row.label.flags.iter().any(|flag| flag.rank() != FlagRank::Look)
}

/// The name of a protocol.
pub(super) fn protocol(protocol: Protocol) -> Cow<'static, str> {
    protocol.name().map_or_else(|| protocol.to_string().into(), Cow::Borrowed)
}

/// An end, and what it is called.
pub(super) fn with_name(end: impl std::fmt::Display, name: Option<HostName>) -> String {
    name.map_or_else(|| end.to_string(), |name| format!("{end}, {}", name.line()))
}

/// The server with its protocol, and the VLANs and tunnels around the flow.
fn server_in_its_place(row: &LabelledFlow) -> String {
    let mut place = format!("{}/{}", row.server(), row.flow.protocol());
    if let Some(message) = row.icmp() {
        place = format!("{place} {message}");
    }
    if let Some(name) = row.server_name() {
        place = with_name(place, Some(name));
    }
    for (word, around) in [("vlan", row.vlan()), ("in", row.tunnel())] {
        if !around.is_empty() {
            place = format!("{place} {word} {around}");
        }
    }
    place
}

/// The time between the first and the latest packet.
fn duration(flow: &Flow) -> String {
    flow.first_seen().zip(flow.last_seen()).map_or("-".to_owned(), |(first, last)| span(last.since(first)))
}

/// What the payload shows, and how it stands to what is registered where that is to be looked at.
fn payload(label: &Label) -> String {
    match (label.observed(), label.agreement) {
        (Some(observed), Some(Agreement::Contradicts)) => format!("{}, contradicts", observed.spoken),
        (Some(observed), _) => observed.spoken.to_string(),
        // In a table, `silent` reads as if nothing had been sent.
        (None, Some(Agreement::Silent)) => "(not recognised)".to_owned(),
        (None, Some(agreement)) => format!("({agreement})"),
        (None, None) => "-".to_owned(),
    }
}

/// What is registered, and in brackets what it is called here.
pub(super) fn with_local_names(registered: String, local: &[Foreign<&str>]) -> String {
    if local.is_empty() { registered } else { format!("{registered} (here {})", joined(local, " ")) }
}

/// What is registered; `-` for nothing.
pub(super) fn registered_as(names: Option<Names>) -> String {
    names.map_or("-".to_owned(), |names| names.to_string())
}

/// An empty table for people.
pub fn table() -> Table {
    Table::new(PEOPLE)
}
