//! What was listened to, and the zones of the network.

use std::fmt;

use ipnet::IpNet;
use serde::Serialize;

use super::{NeverListened, Sha256, words};
use crate::capture::{LinkType, Timestamp};
use crate::decode::{Layer, Reason};
use crate::foreign::Foreign;
use crate::net::{Protocol, span};
use crate::report::Hint;
use crate::traffic::Overlap;

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
    /// The captures of which nothing could be read.
    pub not_read: Vec<NotRead>,
    /// Packets that were left out, since they lie outside of `--since` and `--until`; they are among
    /// the packets of `inputs`.
    pub left_out: u64,
    /// Packets that are in a flow, and so in a row, but for those of `no_row`.
    pub in_flows: u64,
    /// Flows that are in no row, since they are the other leg of a connection that the firewall translates,
    /// seen behind it: the connection is in the row of its leg before the firewall.
    pub joined_legs: u64,
    /// Flows that are in no row, since they are connections that another capture holds, too, with the same ends and
    /// the same opening: each is in the row of one of its flows.
    pub captured_again: u64,
    /// Packets that are in flows and in no row, since they need no rule of their own.
    pub no_row: NoRow,
    /// The others, by the reason why, those that were left out among them: with `in_flows` they are the
    /// packets of `inputs`.
    pub in_no_flow: Vec<InNoFlow>,
    /// Packets that look like a tunnel on a port that is not known for it, with the option that follows
    /// it; they are in flows.
    pub hints: Vec<Hint>,
    /// Seconds of listening, each counted once: the union over all captures, without the cuts.
    pub covered_seconds: f64,
    /// Length of the window in which use should show (`--window`), in seconds.
    pub window_seconds: f64,
    /// Where coverage was cut, at most 1,000 places.
    pub cuts: Vec<Cut>,
    /// How many more places there are.
    pub more_cuts: u64,
    /// The days (UTC) with at least one packet.
    pub active_days: u32,
    /// Share of TCP flows that were seen both ways, from 0 to 1; none without TCP.
    pub both_ways_share: Option<f64>,
    /// Packets that the captures themselves say were dropped (pcapng statistics): the sum over those
    /// that say it; none where no capture does.
    pub dropped: Option<u64>,
    /// Packets of which the capture holds less than was on the wire.
    pub truncated: u64,
    /// Packets that are copies of others: the same datagram, captured again within milliseconds. They are in flows
    /// but for those that `--copies drop` left out.
    pub copies: u64,
    /// Where the sensor stood, if said.
    pub vantage: Option<Vantage>,
    /// For hourly, daily, weekly, monthly, quarterly and yearly jobs: the chance, from 0 to 1,
    /// that one of this period falls into the coverage, where any time of its period is as likely as
    /// another: the share of these times at which something was listening.
    pub chances: Vec<(Period, f64)>,
    /// The hours of the week (UTC) in which nothing was listening at any time.
    pub never_listened: Vec<NeverListened>,
}

/// How often a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Every hour.
    Hourly,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every quarter of a year.
    Quarterly,
    /// Every year.
    Yearly,
}

words::as_text!(Period);

impl Period {
    /// Every period, shortest first.
    pub const ALL: [Period; 6] =
        [Period::Hourly, Period::Daily, Period::Weekly, Period::Monthly, Period::Quarterly, Period::Yearly];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Period::Hourly => "hourly",
            Period::Daily => "daily",
            Period::Weekly => "weekly",
            Period::Monthly => "monthly",
            Period::Quarterly => "quarterly",
            Period::Yearly => "yearly",
        }
    }

    /// Its length, of a month, a quarter and a year the greatest: whole days, since a job keeps its time
    /// of day.
    pub const fn seconds(self) -> f64 {
        match self {
            Period::Hourly => 3600.0,
            Period::Daily => span::DAY,
            Period::Weekly => 604_800.0,
            Period::Monthly => 31.0 * span::DAY,
            Period::Quarterly => 92.0 * span::DAY,
            Period::Yearly => 366.0 * span::DAY,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One capture.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InputFacts {
    /// As it was named.
    pub name: String,
    /// SHA-256 of the file, in hex; none for a pipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// Packets read.
    pub packets: u64,
    /// Time of the first packet, RFC 3339.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub first: Option<Timestamp>,
    /// The latest time.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub last: Option<Timestamp>,
    /// Seconds covered by this capture.
    pub covered_seconds: f64,
    /// Packets that it says were dropped (pcapng statistics); none where it does not say.
    pub dropped: Option<u64>,
    /// Packets that are copies of others of it.
    pub copies: u64,
    /// The name of a capture before it that holds the same packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// The captures before it that hold datagrams of it, where they are not the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overlaps: Vec<Overlap>,
    /// Why it could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// Packets of ICMP that are in flows and in no row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NoRow {
    /// Errors of ICMP and ICMPv6: a firewall that tracks connections lets them through with the flow that
    /// they answer.
    pub icmp_errors: u64,
    /// What ICMPv6 does for its link, discovery of neighbours, routers and listeners: no router passes it on.
    pub icmpv6_of_link: u64,
}

impl NoRow {
    /// `3 icmp errors (...)`, for each that there is.
    pub(in crate::review) fn reasons(self) -> Vec<String> {
        let NoRow { icmp_errors, icmpv6_of_link } = self;
        let all = [
            (icmp_errors, "ICMP errors (let through with the flow that they answer)"),
            (icmpv6_of_link, "ICMPv6 for the link (neighbours, routers, listeners: no router passes it on)"),
        ];
        all.into_iter().filter(|(packets, _)| *packets > 0).map(|(n, what)| format!("{n} {what}")).collect()
    }

    /// How many packets.
    pub(in crate::review) fn packets(self) -> u64 {
        self.icmp_errors + self.icmpv6_of_link
    }
}

/// Packets that are in no flow for one reason.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InNoFlow {
    /// The word for the reason, as every other output has it: `portless`.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub reason: Reason,
    /// The same in a few words.
    pub meaning: &'static str,
    /// How many packets.
    pub packets: u64,
    /// What they are, where that is told, with their numbers: `icmp 12`.
    pub of: Vec<InNoFlowPart>,
}

/// Packets of one protocol or link type that are in no flow, with their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InNoFlowPart {
    /// Packets of a protocol without ports.
    Protocol(Protocol, u64),
    /// Packets of a link type that is not decoded.
    LinkType(LinkType, u64),
    /// Packets whose ports are missing, by the header that is cut short.
    CutShort(Layer, u64),
    /// Packets with a malformed header, by the rule that it breaks.
    Malformed(String, u64),
}

words::as_text!(InNoFlowPart);

impl fmt::Display for InNoFlowPart {
    /// `icmp 12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InNoFlowPart::Protocol(protocol, packets) => write!(f, "{protocol} {packets}"),
            InNoFlowPart::LinkType(link_type, packets) => write!(f, "{link_type} {packets}"),
            InNoFlowPart::CutShort(layer, packets) => write!(f, "{layer} {packets}"),
            InNoFlowPart::Malformed(rule, packets) => write!(f, "{rule} {packets}"),
        }
    }
}

/// A capture of which nothing could be read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NotRead {
    /// As it was named.
    pub name: String,
    /// Why.
    pub why: String,
}

/// A stretch that does not count as coverage.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cut {
    /// The capture.
    pub input: String,
    /// Number of the first frame after the cut, from 1.
    pub frame: u64,
    /// Time of the packet before it.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub from: Timestamp,
    /// Time of the packet after it.
    #[serde(serialize_with = "words::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub to: Timestamp,
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
    pub comment: Foreign<String>,
    /// Who drew it.
    pub source: ZoneSource,
}
