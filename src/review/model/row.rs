//! A service of a server, with all that is known of its use.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::kept::ANY_SERVER;
use super::{
    Approval, Excess, FindingKind, FlowSample, Grade, Judged, Offer, RowId, RowStatus, RulesSay, TagUse,
    words,
};
use crate::capture::Timestamp;
use crate::evidence::{NameSource, Spoken};
use crate::flow::Basis;
use crate::foreign::Foreign;
use crate::label::PORTLESS;
use crate::net::{End, Family, Transport};
use crate::registry::Status;
use crate::rules::RuleVerdict;
use crate::text::count;

/// The clients of a row, as few networks as honesty allows.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Clients {
    /// Hosts (as /32 and /128) up to eight; above that a network.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub networks: Vec<IpNet>,
    /// How many hosts were seen.
    pub hosts: u64,
    /// Whether `networks` holds more than what the user drew as a zone or what was seen.
    pub widened: bool,
    /// Where widened: the share of the addresses of `networks` that was seen, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
}

/// What kind of service a row is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RowKind {
    /// A service on a server's port, or what a server does of a protocol without ports.
    Service,
    /// A port that a control service (FTP, TFTP, RPC, SIP ...) handed out: never a rule of its
    /// own.
    DynamicData {
        /// Row of the control service.
        control: RowId,
        /// Whether the control service was read to announce each of its ports; else they
        /// are paired with it by hosts and times.
        announced: bool,
    },
    /// Ports of one server from 32768 on that nobody registered, each met from one port of one client
    /// in one capture alone, and at no other server: one row.
    DynamicRange,
    /// A multicast or broadcast destination, or a sender that has no address yet (`0.0.0.0`, `::`):
    /// listed apart, never a unicast rule.
    Group,
}

/// What a name of a service rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NameBasis {
    /// The number of the port alone.
    PortOnly,
    /// The first octets of the payload agree.
    Payload,
    /// The name is that of the protocol or of the ICMP type, since there is no port.
    Protocol,
}

impl NameBasis {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            NameBasis::PortOnly => "port-only",
            NameBasis::Payload => "payload",
            NameBasis::Protocol => "protocol",
        }
    }
}

/// What IANA's registry says of the server's port.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryPart {
    /// Registered as; empty where the port has no service.
    pub service: String,
    /// Other names registered for the port that stand beside it.
    pub names_beside: Vec<String>,
    /// Status of the port, in the words of every other output.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub status: PortStatus,
    /// What the registry notes (unauthorized use, widespread use, assignment notes).
    pub note: String,
    /// Whether unauthorized use is noted.
    pub unauthorized: bool,
    /// Other transports the same port is registered for, with the names there.
    pub other_transports: Vec<OtherTransport>,
    /// What overlays call the port on this server.
    pub local_names: Vec<Foreign<String>>,
}

impl RegistryPart {
    /// The registered names, as `submissions (urd)`; empty where the port has no service.
    pub(in crate::review) fn names(&self) -> String {
        match self.names_beside.as_slice() {
            [] => self.service.clone(),
            beside => format!("{} ({})", self.service, beside.join(" ")),
        }
    }
}

/// What the registry says of a row's ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortStatus {
    /// The same of each of them.
    Same(Status),
    /// Not the same of all of them.
    Several,
    /// A protocol without ports: the registry of ports has nothing to say.
    Portless,
}

impl fmt::Display for PortStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortStatus::Same(status) => status.fmt(f),
            PortStatus::Several => f.pad("several"),
            PortStatus::Portless => f.pad(PORTLESS),
        }
    }
}

/// A transport for which the registry has the port, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherTransport {
    /// The transport.
    pub transport: Transport,
    /// The name there, where it has one.
    pub service: Option<String>,
}

words::as_text!(OtherTransport);

impl fmt::Display for OtherTransport {
    /// `udp (domain)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.transport, self.service.as_deref().unwrap_or("no name"))
    }
}

/// How often each grade occurred.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GradeCounts {
    /// Flows by grade.
    #[serde(rename = "grades")]
    pub by_grade: BTreeMap<Grade, u64>,
    /// Tries: openings, without their retransmissions (TCP), or flows.
    pub tries: u64,
    /// Packets that clients sent before the first answer: what a rule for new connections counts.
    pub packets_before_reply: u64,
}

/// What the rules say of a row.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleMatch {
    /// The rule.
    pub rule: String,
    /// What it does.
    pub verdict: RuleVerdict,
    /// Flows of the row that end here for certain.
    pub definite: u64,
    /// Flows that may.
    pub ambiguous: u64,
}

/// A service of one server, or of many of an external zone, and who uses it from one zone.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Service {
    /// IPv4 or IPv6.
    pub family: Family,
    /// Zone of the clients.
    pub client_zone: String,
    /// The clients whose best grade shows the service in use; for a group all that sent to it. No
    /// network of theirs has one of the other clients in it.
    pub clients: Clients,
    /// The clients whose best grade shows that it may be in use.
    pub clients_perhaps: Clients,
    /// The clients that were refused, or never answered.
    pub clients_refused: Vec<IpAddr>,
    /// The clients that only tried it as part of a scan.
    pub clients_scanning: Vec<IpAddr>,
    /// Zone of the server.
    pub server_zone: String,
    /// The server; never widened. In a row of many servers the one with most flows.
    pub server: IpAddr,
    /// The servers of an external zone that the row is for, where they are many: all that were seen, those
    /// with most flows first. The row is then for any server of the zone. Empty where it is for one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<ServerUse>,
    /// What the server, or one of many, is called, where names of hosts were asked for: those of its flows, of each
    /// server the first eight. Others chose them. Not written where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub server_names: Vec<ServerName>,
    /// Where the server is behind the firewall, as flows show that were seen before and behind it, the
    /// firewall's table of connections does, or the rules do; most flows first. Each flow is counted once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub behind: Vec<BehindUse>,
    /// What it is asked for: ports of a transport, a type of ICMP, a protocol.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "super::offer::Fields"))]
    pub offer: Offer,
    /// The weakest evidence by which the server was told from the client, in the words of the
    /// `direction_basis` column.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub direction_basis: Basis,
    /// What the name rests on.
    pub name_basis: NameBasis,
    /// What the first payload of its flows shows, sorted; empty where nothing was
    /// recognised or looked at.
    #[serde(serialize_with = "names")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub spoken: Vec<Spoken>,
    /// What of it contradicts the registered service, sorted; not written where nothing does.
    #[serde(serialize_with = "names", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub contradicting: Vec<Spoken>,
    /// What of it was upgraded to TLS in every flow, sorted; not written where nothing was.
    #[serde(serialize_with = "names", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub upgraded: Vec<Spoken>,
    /// The registry's part.
    pub registry: RegistryPart,
}

/// One of many servers of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServerUse {
    /// The server.
    pub server: IpAddr,
    /// Flows to it.
    pub flows: u64,
}

/// A name of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServerName {
    /// The server.
    pub server: IpAddr,
    /// The name, in lower case, with escapes as in master files of DNS.
    pub name: Foreign<String>,
    /// Where it is from, in the words of the `server_name_from` column.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub from: NameSource,
}

/// A server behind the firewall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BehindUse {
    /// Its address and port.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub server: End,
    /// Flows to it.
    pub flows: u64,
}

/// Why chains of the hook forward, which judge what a firewall passes on, do not see a service as it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NotForwarded {
    /// It is at an address of the firewall itself.
    ToFirewall,
    /// Its clients have addresses of the firewall: it asks for itself, or for clients whose addresses it replaces.
    FromFirewall,
    /// The rules may translate its address, and to which server cannot be told.
    TranslationUnknown,
}

/// How many of many servers are named.
const BUSIEST: usize = 3;

impl Service {
    /// The server; of many their number, their zone and those with most flows.
    pub(in crate::review) fn server_in_words(&self) -> String {
        if self.servers.is_empty() {
            return self.server_with_name();
        }
        format!(
            "{} servers of zone {} (most flows: {})",
            self.servers.len(),
            self.server_zone,
            self.busiest().join(", ")
        )
    }

    /// The server with what it is called: `198.51.100.20, www.example.com by sni`.
    pub(in crate::review) fn server_with_name(&self) -> String {
        let server = self.server;
        let mut names = self.server_names.iter().filter(|one| one.server == server);
        let Some(first) = names.next() else { return server.to_string() };
        let more = match names.count() {
            0 => String::new(),
            more => format!(" and {}", count(more as u64, "other name")),
        };
        format!("{server}, {} by {}{more}", first.name.line(), first.from)
    }

    /// Takes in more servers behind the firewall.
    pub(in crate::review) fn add_behind(&mut self, more: BTreeMap<End, u64>) {
        for (server, flows) in more {
            match self.behind.iter_mut().find(|one| one.server == server) {
                Some(known) => known.flows += flows,
                None => self.behind.push(BehindUse { server, flows }),
            }
        }
        self.behind.sort_by_key(|one| (std::cmp::Reverse(one.flows), one.server));
    }

    /// The server as the worksheet has it; of many that the row is for any of the zone.
    pub(in crate::review) fn destination(&self) -> String {
        if self.servers.is_empty() {
            return self.server.to_string();
        }
        format!("{ANY_SERVER} {} seen, most flows: {}", self.servers.len(), self.busiest().join(" "))
    }

    /// The same with what a server alone is called.
    pub(in crate::review) fn destination_with_name(&self) -> String {
        if self.servers.is_empty() { self.server_with_name() } else { self.destination() }
    }

    /// Every server that was seen.
    pub(in crate::review) fn all_servers(&self) -> impl Iterator<Item = IpAddr> {
        let one = Some(self.server).filter(|_| self.servers.is_empty());
        one.into_iter().chain(self.servers.iter().map(|one| one.server))
    }

    fn busiest(&self) -> Vec<String> {
        self.servers.iter().take(BUSIEST).map(|one| one.server.to_string()).collect()
    }

    /// The clients that its grade speaks of: those that use it, or else those that perhaps do.
    pub(in crate::review) fn users(&self) -> &Clients {
        if self.clients.hosts > 0 { &self.clients } else { &self.clients_perhaps }
    }
}

/// How much a service was used, and how well that shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Usage {
    /// How well it is shown to be in use.
    #[serde(rename = "evidence")]
    pub grades: GradeCounts,
    /// The best grade.
    pub grade: Grade,
    /// Packets both ways.
    pub packets: u64,
    /// IP bytes both ways.
    pub bytes: u64,
    /// First packet, RFC 3339.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub first_seen: Option<Timestamp>,
    /// Latest packet.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub last_seen: Option<Timestamp>,
    /// Days (UTC) with a flow of it.
    pub active_days: u32,
    /// Up to five flows, best grades first; in a review of more than 10,000 rows one.
    pub samples: Vec<FlowSample>,
}

/// Who uses one service of one server, from one zone.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// `r` and the first 12 hex digits of the SHA-256 of `family|client_zone|server|transport|ports`, of
    /// many servers with `zone `, the name of their zone, in place of the server: the same from one review to the next.
    /// A protocol without ports has `icmp|type 8` or `icmpv6|type 128` in place of `transport|ports`, with the number
    /// of its type, or `ip|50` with that of the protocol.
    pub row_id: RowId,
    /// What kind of service this is for.
    #[serde(flatten)]
    pub kind: RowKind,
    /// Observed, approved, configured.
    pub status: RowStatus,
    /// Whether the rules allow it, as far as they tell: where they do not, `status` counts it as not
    /// configured.
    pub configured: RulesSay,
    /// What was observed: the service.
    #[serde(flatten)]
    pub service: Service,
    /// Why the service is called insecure; empty where it is not.
    pub tags: Vec<TagUse>,
    /// What was observed: its use.
    #[serde(flatten)]
    pub usage: Usage,
    /// What the rules say of it; empty without rules.
    pub rules: Vec<RuleMatch>,
    /// Why rules for what the firewall passes on do not see it as it was captured: none are proposed for it. Not
    /// written where they do, or no rules were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_forwarded: Option<NotForwarded>,
    /// What people decided; none without an approval list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What goes beyond an approval: the row then does not count as approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceeds: Option<Excess>,
    /// Whether it is left out of the worksheet, which has many rows that need a decision more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub folded: bool,
}

impl Row {
    /// Whether people have written anything about it.
    pub(in crate::review) fn is_written(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| !approval.is_empty())
    }
}

/// The names that people know payloads by.
pub(in crate::review) fn spoken_names(spoken: &[Spoken]) -> String {
    spoken.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ")
}

/// Payloads as a list of their names.
fn names<S: serde::Serializer>(spoken: &[Spoken], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(spoken.iter().map(|one| one.name()))
}

impl Judged<Row> {
    /// Whether it has a row in the worksheet: services that only scanning clients tried, and what
    /// is listed apart, have none, unless people have written about them; nor have those that are folded away.
    pub fn is_in_worksheet(&self) -> bool {
        !self.folded && self.wants_worksheet()
    }

    /// Whether it has a row in a worksheet that is not too long.
    pub(in crate::review) fn wants_worksheet(&self) -> bool {
        self.is_written()
            || match self.status {
                RowStatus::Apart => false,
                RowStatus::Tried => !self.findings.contains(&FindingKind::ScanLike),
                _ => true,
            }
    }
}
