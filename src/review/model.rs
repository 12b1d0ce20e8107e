//! What a review holds, as every output shows it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::Grade;

/// A whole review: the three lists joined, and what it rests on.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Review {
    /// Version of this shape, as in the JSON Schema.
    pub version: u32,
    /// IANA's note on registration.
    pub note: String,
    /// Edition of the registry, or where it came from.
    pub registry: String,
    /// The day the review speaks of (`--as-of`), for expiry; none without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What was captured, when, and what was not.
    pub coverage: Coverage,
    /// The zones, of each family the longest prefix first.
    pub zones: Vec<Zone>,
    /// The rulesets that were read; empty without.
    pub rulesets: Vec<RulesetFacts>,
    /// The worksheet with the approvals, as it was named; none without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<String>,
    /// The columns of the worksheet that people fill in, those that they added last.
    pub human_columns: Vec<String>,
    /// Who used which service, sorted by zones, server, transport, ports.
    pub edges: Vec<Edge>,
    /// The rules with their evidence, in the order of the ruleset; empty without one.
    pub rules: Vec<RuleReview>,
    /// The rows of the worksheet that nothing in the captures belongs to.
    pub kept: Vec<KeptRow>,
    /// What a reviewer should look at, most severe first.
    pub findings: Vec<Finding>,
}

/// One ruleset that was read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RulesetFacts {
    /// The file, as it was named.
    pub name: String,
    /// `nft-json`, `iptables-save` or `aws-sgr`.
    pub format: String,
    /// The chain that new flows were judged by, `inet/fw/forward`.
    pub chain: String,
    /// How many rules it has, those that end nothing among them.
    pub rules: usize,
}

/// A row of the last worksheet that nothing in the captures belongs to, as it was.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeptRow {
    /// Row.
    pub row_id: String,
    /// Approved-configured, approved-only, config-only for what is not approved.
    pub status: RowStatus,
    /// The columns that the program filled in last time, with what stood there.
    pub cells: Vec<(String, String)>,
    /// What people wrote.
    pub approval: Approval,
    /// The identifiers of its findings.
    pub findings: Vec<FindingId>,
}

/// Where the sensor stood, seen from the firewall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Vantage {
    /// Before the firewall: what it drops is seen.
    Outside,
    /// Behind it: what it drops is not seen.
    Inside,
    /// On one of the hosts.
    Host,
}

impl Vantage {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Vantage::Outside => "outside",
            Vantage::Inside => "inside",
            Vantage::Host => "host",
        }
    }
}

/// What was listened to, and for how long.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Coverage {
    /// The captures.
    pub inputs: Vec<InputFacts>,
    /// Seconds of listening, each counted once: the union over all captures, without the cuts.
    pub covered_seconds: f64,
    /// Length of the window in which use should show (`--window`), in seconds.
    pub window_seconds: f64,
    /// Where coverage was cut, at most 1,000 places.
    pub cuts: Vec<Cut>,
    /// How many more places there were.
    pub more_cuts: u64,
    /// The days (UTC) with at least one packet.
    pub active_days: u32,
    /// Share of TCP flows that were seen both ways, from 0 to 1; none without TCP.
    pub both_ways_share: Option<f64>,
    /// Packets that the captures themselves say were dropped (pcapng statistics).
    pub dropped: u64,
    /// Packets of which the capture holds less than was on the wire.
    pub truncated: u64,
    /// Where the sensor stood, if said.
    pub vantage: Option<Vantage>,
    /// For hourly, daily, weekly, monthly, quarterly and yearly jobs: the chance, from 0 to 1,
    /// that one of this period falls into the coverage.
    pub chances: Vec<(&'static str, f64)>,
}

/// One capture.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InputFacts {
    /// As it was named.
    pub name: String,
    /// SHA-256 of the file, in hex; none for a pipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Packets read.
    pub packets: u64,
    /// Time of the first packet, RFC 3339.
    pub first: Option<String>,
    /// The latest time.
    pub last: Option<String>,
    /// Seconds covered by this capture.
    pub covered_seconds: f64,
    /// Why it could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A stretch that does not count as coverage.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cut {
    /// The capture.
    pub input: String,
    /// Frame number behind the cut, from 1.
    pub frame: u64,
    /// Time of the packet before it.
    pub from: String,
    /// Time of the packet behind it.
    pub to: String,
    /// Why.
    pub reason: CutReason,
}

/// Why coverage was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CutReason {
    /// Silence longer than `--max-gap`: a quiet link and a stopped sensor look alike.
    Silence,
    /// Time ran backwards or jumped.
    ClockJump,
}

impl CutReason {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            CutReason::Silence => "silence",
            CutReason::ClockJump => "clock-jump",
        }
    }
}

/// How far a zone is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Own network.
    Internal,
    /// Own servers that others may reach.
    Dmz,
    /// Cardholder data environment.
    Cde,
    /// All else.
    External,
}

impl Trust {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Trust::Internal => "internal",
            Trust::Dmz => "dmz",
            Trust::Cde => "cde",
            Trust::External => "external",
        }
    }
}

/// Who drew a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ZoneSource {
    /// The user's file.
    File,
    /// The fallback that is built in.
    Builtin,
}

impl ZoneSource {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            ZoneSource::File => "file",
            ZoneSource::Builtin => "builtin",
        }
    }
}

/// One network of a zone.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Zone {
    /// Name; several networks may have the same.
    pub name: String,
    /// Network.
    #[cfg_attr(test, schemars(with = "String"))]
    pub network: IpNet,
    /// How far it is trusted.
    pub trust: Trust,
    /// What the user wrote beside it.
    pub comment: String,
    /// Who drew it.
    pub source: ZoneSource,
}

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Family::Ipv4 => "ipv4",
            Family::Ipv6 => "ipv6",
        }
    }
}

/// The ports of a server, from first to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ports {
    /// First.
    pub first: u16,
    /// Last, the same for one port.
    pub last: u16,
}

impl std::fmt::Display for Ports {
    /// `80`, or `49152-65535`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

/// A network as people write it: a host without its length.
pub fn network(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

/// The clients of an edge, as few networks as honesty allows.
#[derive(Clone, Debug, Serialize)]
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

/// What kind of line an edge is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum EdgeKind {
    /// A service on a server's port.
    Service,
    /// A port that a control service (FTP, TFTP, RPC, SIP ...) handed out: never a rule of its
    /// own.
    DynamicData {
        /// Row of the control service.
        control: String,
    },
    /// Ports of one server from 32768 on, each seen in use by one client's port alone: one row.
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
    /// The first octets of the payload agree (`--peek`).
    Payload,
}

impl NameBasis {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            NameBasis::PortOnly => "port-only",
            NameBasis::Payload => "payload",
        }
    }
}

/// What IANA's registry says of the server's port.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RegistryPart {
    /// Registered as; empty where the port has no service.
    pub service: String,
    /// Status of the port, in the words of every other output.
    pub status: String,
    /// What the registry notes (unauthorized use, widespread use, assignment notes).
    pub note: String,
    /// Whether unauthorized use is noted.
    pub unauthorized: bool,
    /// Other transports the same port is registered for, with the names there.
    pub other_transports: Vec<String>,
    /// What overlays call the port on this server.
    pub local_names: Vec<String>,
}

/// Why a service is called insecure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Tag {
    /// Passwords in the clear.
    CleartextLogin,
    /// Data in the clear.
    CleartextData,
    /// A version that has been superseded for its weakness.
    ObsoleteVersion,
    /// Answers are larger than questions, and the source can be forged.
    Amplifier,
    /// Administration of the host.
    RemoteAdmin,
    /// Used to move from host to host.
    LateralMovement,
    /// Asks for no proof of identity.
    NoAuthentication,
}

impl Tag {
    /// Every tag.
    pub const ALL: [Tag; 7] = [
        Tag::CleartextLogin,
        Tag::CleartextData,
        Tag::ObsoleteVersion,
        Tag::Amplifier,
        Tag::RemoteAdmin,
        Tag::LateralMovement,
        Tag::NoAuthentication,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Tag::CleartextLogin => "cleartext-login",
            Tag::CleartextData => "cleartext-data",
            Tag::ObsoleteVersion => "obsolete-version",
            Tag::Amplifier => "amplifier",
            Tag::RemoteAdmin => "remote-admin",
            Tag::LateralMovement => "lateral-movement",
            Tag::NoAuthentication => "no-authentication",
        }
    }
}

/// A tag with its reason and its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TagUse {
    /// The tag.
    pub tag: Tag,
    /// The row of the list of insecure services.
    pub service: String,
    /// Why.
    pub reason: String,
    /// What to use instead.
    pub alternative: String,
    /// Who says so.
    pub source: String,
    /// What the row says when it was waived by the user; empty where it was not.
    pub waived: String,
}

/// How often each grade occurred.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// Flows by grade.
    pub grades: BTreeMap<Grade, u64>,
    /// Tries: openings that are no repetition of the one before (TCP), or flows.
    pub tries: u64,
    /// Packets that clients sent before the first answer: what a rule for new connections counts.
    pub packets_before_reply: u64,
}

/// One flow as an example.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FlowSample {
    /// The capture.
    pub capture: String,
    /// Number of the flow's first frame there, from 1.
    pub frame: u64,
    /// `10.77.1.10:40112 > 10.77.2.10:80/tcp`.
    pub flow: String,
    /// Its grade.
    pub grade: Grade,
}

/// Observed, approved, configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum RowStatus {
    /// Observed, approved, configured: keep.
    #[serde(rename = "observed-approved-configured")]
    Oac,
    /// Observed and configured, not approved.
    #[serde(rename = "observed-configured")]
    OC,
    /// Observed and approved; no rule allows it.
    #[serde(rename = "observed-approved")]
    OA,
    /// Observed only.
    #[serde(rename = "observed-only")]
    O,
    /// Approved and configured, not seen.
    #[serde(rename = "approved-configured")]
    AC,
    /// Configured only.
    #[serde(rename = "config-only")]
    C,
    /// Approved only.
    #[serde(rename = "approved-only")]
    A,
    /// Seen, but not in use by its grade: a try.
    #[serde(rename = "tried")]
    Tried,
    /// Sent to a group, or on a port that a control service handed out: listed apart, never a rule
    /// of its own.
    #[serde(rename = "listed-apart")]
    Apart,
    /// In the last worksheet alone, and not approved there.
    #[serde(rename = "gone")]
    Gone,
}

impl RowStatus {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RowStatus::Oac => "observed-approved-configured",
            RowStatus::OC => "observed-configured",
            RowStatus::OA => "observed-approved",
            RowStatus::O => "observed-only",
            RowStatus::AC => "approved-configured",
            RowStatus::C => "config-only",
            RowStatus::A => "approved-only",
            RowStatus::Tried => "tried",
            RowStatus::Apart => "listed-apart",
            RowStatus::Gone => "gone",
        }
    }

    /// What it means for the reviewer.
    pub const fn meaning(self) -> &'static str {
        match self {
            RowStatus::Oac => "in use, approved, allowed: keep",
            RowStatus::OC => "in use and allowed, not approved: decide",
            RowStatus::OA => "in use and approved, and no rule allows it: other rules, translation or path",
            RowStatus::O => "in use, neither approved nor allowed by a rule: decide",
            RowStatus::AC => "approved and allowed, not seen in use: recertify",
            RowStatus::C => "allowed, neither seen in use nor approved: ask before it goes",
            RowStatus::A => "approved, neither seen in use nor allowed: out of date?",
            RowStatus::Tried => "tried, not in use",
            RowStatus::Apart => "multicast, broadcast, or ports that a control service handed out",
            RowStatus::Gone => "in the last worksheet alone, not approved",
        }
    }
}

/// What the rules say of an edge.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleMatch {
    /// The rule.
    pub rule: String,
    /// What it does.
    pub verdict: RuleVerdict,
    /// Flows of the edge that end here for certain.
    pub definite: u64,
    /// Flows that may.
    pub ambiguous: u64,
}

/// Who uses one service of one server, from one zone.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Edge {
    /// First 12 hex digits of the SHA-256 of `family|client_zone|server|transport|ports`: the same
    /// from one review to the next.
    pub row_id: String,
    /// What kind of line this is.
    #[serde(flatten)]
    pub kind: EdgeKind,
    /// Observed, approved, configured.
    pub status: RowStatus,
    /// IPv4 or IPv6.
    pub family: Family,
    /// Zone of the clients.
    pub client_zone: String,
    /// The clients.
    pub clients: Clients,
    /// Zone of the server.
    pub server_zone: String,
    /// The server; never widened.
    pub server: IpAddr,
    /// tcp, udp, sctp, dccp, udplite.
    pub transport: String,
    /// The server's port or ports.
    pub ports: Ports,
    /// The weakest evidence by which the server was told from the client, in the words of the
    /// `direction_basis` column.
    pub direction_basis: String,
    /// What the name rests on.
    pub name_basis: NameBasis,
    /// What the first payload of its flows shows (`--peek`), sorted; empty where nothing was
    /// recognised or looked at.
    pub spoken: Vec<&'static str>,
    /// The registry's part.
    pub registry: RegistryPart,
    /// Why the service is called insecure; empty where it is not.
    pub tags: Vec<TagUse>,
    /// How well it is shown to be in use.
    pub evidence: Evidence,
    /// The best grade.
    pub grade: Grade,
    /// Packets both ways.
    pub packets: u64,
    /// IP bytes both ways.
    pub bytes: u64,
    /// First packet, RFC 3339.
    pub first_seen: Option<String>,
    /// Latest packet.
    pub last_seen: Option<String>,
    /// Days (UTC) with a flow of it.
    pub active_days: u32,
    /// Up to five flows, best grades first.
    pub samples: Vec<FlowSample>,
    /// What the rules say of it; empty without rules.
    pub rules: Vec<RuleMatch>,
    /// What people decided; none without an approval list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The identifiers of its findings.
    pub findings: Vec<FindingId>,
}

impl Edge {
    /// Whether it has a row in the worksheet: services that only scanning clients tried, and what
    /// is listed apart, have none, unless people have written about them.
    pub fn is_in_worksheet(&self) -> bool {
        self.approval.as_ref().is_some_and(|approval| !approval.is_empty())
            || match self.status {
                RowStatus::Apart => false,
                RowStatus::Tried => !self.findings.contains(&FindingId::SCAN_LIKE),
                _ => true,
            }
    }
}

/// What people wrote in a worksheet about one row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Approval {
    /// Row.
    pub row_id: String,
    /// The columns that people fill in, as they were: `owner`, `business_need`,
    /// `security_features`, `approved_by`, `approved_on`, `ticket`, `expires_on`, `decision`,
    /// `reviewer`, `reviewed_on`, `notes`, and any other that they added.
    pub cells: Vec<(String, String)>,
}

/// How well a rule could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RuleState {
    /// All of it.
    Full,
    /// Some of its conditions cannot be decided from a capture.
    Partial,
    /// None of it.
    Opaque,
}

impl RuleState {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RuleState::Full => "full",
            RuleState::Partial => "partial",
            RuleState::Opaque => "opaque",
        }
    }
}

/// What a rule does with a new flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RuleVerdict {
    /// Lets it through.
    Accept,
    /// Drops it.
    Drop,
    /// Refuses it.
    Reject,
    /// Goes on with another chain, or does something that ends nothing.
    Continue,
}

impl RuleVerdict {
    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            RuleVerdict::Accept => "accept",
            RuleVerdict::Drop => "drop",
            RuleVerdict::Reject => "reject",
            RuleVerdict::Continue => "continue",
        }
    }
}

/// The flows of a rule.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleFlows {
    /// Flows that it judged for certain.
    pub definite: u64,
    /// Flows that it may have judged.
    pub ambiguous: u64,
    /// The definite ones by grade.
    pub grades: BTreeMap<Grade, u64>,
    /// Packets of the definite ones before the first answer: what the kernel's counter shows.
    pub packets_before_reply: u64,
}

/// One rule with its evidence.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleReview {
    /// `inet/fw/forward#7` (handle) or `file:line`.
    pub reference: String,
    /// Its row in the worksheet, which it has where it lets through what was not seen: first 12 hex
    /// digits of the SHA-256 of `rule|` and its text, so that it outlives a reload of the ruleset.
    /// Empty where it lets no new flow through.
    pub row_id: String,
    /// What people decided on the rule itself; none without an approval list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// As the ruleset has it.
    pub text: String,
    /// Its comment; empty without.
    pub comment: String,
    /// What it does.
    pub verdict: RuleVerdict,
    /// How well it could be read.
    pub state: RuleState,
    /// What could not be decided, in words.
    pub undecided: Vec<String>,
    /// The kernel's own counter of packets, where the ruleset has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_packets: Option<u64>,
    /// The flows it judged.
    pub flows: RuleFlows,
    /// The part of it that was used: clients, servers, ports, as texts; empty where nothing was.
    pub used: Vec<String>,
    /// The rows it lets through.
    pub rows: Vec<String>,
    /// Rule that covers it, and whether both do the same (redundant) or not (shadowed).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered_by: Option<(String, bool)>,
    /// The identifiers of its findings.
    pub findings: Vec<FindingId>,
}

impl RuleReview {
    /// Whether it has a row in the worksheet: it lets new flows through and none of them was seen in
    /// use, or people have written about the rule itself.
    pub fn is_in_worksheet(&self) -> bool {
        let is_written = self.approval.as_ref().is_some_and(|approval| !approval.is_empty());
        !self.row_id.is_empty() && (self.rows.is_empty() || is_written)
    }

    /// Approved or not, of a rule that is configured.
    pub fn status(&self) -> RowStatus {
        match (&self.approval, self.rows.is_empty()) {
            (Some(approval), true) if approval.is_approved() => RowStatus::AC,
            (_, true) => RowStatus::C,
            (Some(approval), false) if approval.is_approved() => RowStatus::Oac,
            (_, false) => RowStatus::OC,
        }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To know.
    Info,
    /// To tidy.
    Low,
    /// To look at.
    Medium,
    /// To decide on now.
    High,
}

/// Identifier of a kind of finding: `FR101` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub u16);

impl FindingId {
    /// A client that tries many services and uses none.
    pub const SCAN_LIKE: FindingId = FindingId(118);
}

impl Severity {
    /// Every severity, from the least.
    pub const ALL: [Severity; 4] = [Severity::Info, Severity::Low, Severity::Medium, Severity::High];

    /// The word that outputs and the command line use.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    /// One step lower; info stays.
    #[must_use]
    pub const fn lower(self) -> Severity {
        match self {
            Severity::High => Severity::Medium,
            Severity::Medium => Severity::Low,
            Severity::Low | Severity::Info => Severity::Info,
        }
    }
}

impl Serialize for FindingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for FindingId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FR{}", self.0)
    }
}

/// Something a reviewer should look at.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Which kind.
    pub id: FindingId,
    /// Its name: `unapproved-in-use`.
    pub name: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The row or the rule it is about; empty where it is about the whole.
    pub subject: String,
    /// Up to five flows.
    pub evidence: Vec<FlowSample>,
    /// How many flows there are in all.
    pub flows: u64,
    /// Why it is one.
    pub why: String,
    /// What it does not show.
    pub limits: String,
    /// What could be done.
    pub suggestion: String,
    /// Clauses of standards that ask for it.
    pub standards: Vec<&'static str>,
}
