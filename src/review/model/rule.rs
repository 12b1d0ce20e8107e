//! A rule of the firewall, with the flows that it judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::Serialize;

use crate::foreign::Foreign;
use crate::net::{Family, IcmpMessage, Ports, Protocol, network};
use crate::rules::{GroupDirection, JudgedFrom, LeftOut, RuleState, RuleVerdict, RulesetFormat};
use crate::text::at_most;

use super::{
    Approval, CountedTime, FlowSample, Grade, InUse, NotLookedAt, Offer, ReadFile, RowId, RowStatus,
    RuleCounter, Sha256, words,
};

/// One ruleset that was read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RulesetFacts {
    /// The file, as it was named.
    pub name: String,
    /// SHA-256 of what was read, in hexadecimal digits.
    pub sha256: Sha256,
    /// `nft-json`, `iptables-save` or `aws-sgr`.
    #[serde(serialize_with = "format")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub format: RulesetFormat,
    /// The chain of this file that new flows were judged by, `inet/fw/forward`; several, in the order of
    /// a packet's way, where more than one can refuse it.
    pub chain: String,
    /// The chains of this file that stand in a packet's way too and were left out, since others were
    /// named (`--chain`).
    pub left_out: Vec<String>,
    /// How many rules it has, those that end nothing among them.
    pub rules: usize,
    /// The files with the sets that its rules ask for (`--ipset`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ipsets: Vec<ReadFile>,
    /// The direction of the rules where they are for the members of a security group and nobody said
    /// who these are (`--group`): they judge every flow, also those that the group does not guard. In
    /// JSON whether this is so.
    #[serde(rename = "members_unknown", serialize_with = "is_some")]
    #[cfg_attr(test, schemars(with = "bool"))]
    pub unknown_members: Option<GroupDirection>,
    /// The security groups and prefix lists that rules of the chain name and whose addresses nobody
    /// said (`--group`): these rules cannot be decided.
    pub groups_unknown: Vec<String>,
    /// The rules of the chain that judge nothing, or nothing of one family, since no address of that
    /// family was given for the members of the group (`--group`).
    pub rules_left_out: Vec<RuleLeftOut>,
    /// The time of which it is known what the kernel counted for each rule, and in which the captures were
    /// taken; none where nobody said (`--rules-after`, `--counters-since`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<CountedTime>,
}

/// A rule that judges nothing, or nothing of one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleLeftOut {
    /// The rule.
    pub rule: String,
    /// As the ruleset has it.
    pub text: Foreign<String>,
    /// The family that it judges nothing of.
    pub family: Family,
    /// Whether it judges nothing at all.
    pub whole: bool,
    /// Why.
    pub why: String,
}

impl fmt::Display for RuleLeftOut {
    /// `sgr-9 (allow udp 53 from 2001:db8::/32): --group sg-a has no IPv6 address`, with the family in
    /// front of what is left out in part.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RuleLeftOut { rule, text, why, .. } = self;
        let text = text.line();
        if self.whole {
            write!(f, "{rule} ({text}): {why}")
        } else {
            write!(f, "{rule} ({text}), its {} part: {why}", in_capitals(self.family))
        }
    }
}

/// How people write a family.
fn in_capitals(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "IPv4",
        Family::Ipv6 => "IPv6",
    }
}

impl From<&LeftOut> for RuleLeftOut {
    fn from(of: &LeftOut) -> RuleLeftOut {
        RuleLeftOut {
            rule: of.rule.clone(),
            text: of.text.clone(),
            family: of.family,
            whole: of.whole,
            why: format!("--group {} has no {} address", of.group, in_capitals(of.family)),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference to the field")]
fn format<S: serde::Serializer>(format: &RulesetFormat, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(format.name())
}

#[allow(clippy::ref_option, reason = "serde hands a reference to the field")]
fn is_some<T, S: serde::Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(value.is_some())
}

impl RulesetFacts {
    /// Whether it does not say which servers its rules are for.
    pub(in crate::review) fn leaves_servers_open(&self) -> bool {
        self.unknown_members == Some(GroupDirection::Ingress)
    }

    /// Whether it does not say which clients its rules are for.
    pub(in crate::review) fn leaves_clients_open(&self) -> bool {
        self.unknown_members == Some(GroupDirection::Egress)
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

/// What a rule lets through of new flows, in the words of the worksheet's columns: at most this,
/// where conditions that columns cannot show narrow it. `any` means no limit; several values are
/// separated by blanks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleScope {
    /// `ipv4`, `ipv6` or both.
    pub family: ScopePart<Family>,
    /// Networks of clients.
    pub sources: ScopePart<IpNet>,
    /// Networks of servers; empty where the firewall's rules do not name them (AWS).
    pub destination: ScopePart<IpNet>,
    /// Protocols: a number where it has no name here.
    pub proto: ScopePart<Protocol>,
    /// Ports of servers; empty for protocols without.
    pub ports: ScopePart<Ports>,
    /// Types of ICMP: a number where it has no name; empty for other protocols.
    pub icmp_type: ScopePart<IcmpMessage>,
}

/// One part of what a rule lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopePart<T> {
    /// Everything.
    Any,
    /// These; of a long list its beginning.
    These(Vec<T>),
    /// The rule does not say, or has no such part.
    NotSaid,
}

/// How many values of one part are written; one more is kept, to know that there are more.
pub(in crate::review) const MOST: usize = 32;

impl<T> ScopePart<T> {
    fn written(&self, word: impl Fn(&T) -> String) -> String {
        match self {
            ScopePart::Any => "any".to_owned(),
            ScopePart::NotSaid => String::new(),
            ScopePart::These(all) => few(all.iter().map(word)),
        }
    }
}

/// Words with blanks between them, and `...` where there are too many.
pub(in crate::review) fn few(mut all: impl Iterator<Item = String>) -> String {
    let mut shown: Vec<String> = all.by_ref().take(MOST).collect();
    if all.next().is_some() {
        shown.push("...".to_owned());
    }
    shown.join(" ")
}

impl fmt::Display for ScopePart<Family> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(|family| family.name().to_owned()))
    }
}

impl fmt::Display for ScopePart<IpNet> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(network))
    }
}

impl fmt::Display for ScopePart<Protocol> {
    /// Numbers of protocols without a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |protocol: &Protocol| match protocol.name() {
            Some(name) => name.to_owned(),
            None => protocol.0.to_string(),
        };
        f.write_str(&self.written(word))
    }
}

impl fmt::Display for ScopePart<Ports> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(ToString::to_string))
    }
}

impl fmt::Display for ScopePart<IcmpMessage> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |&IcmpMessage { family, kind, .. }: &IcmpMessage| {
            Offer::Icmp { family, kind }.icmp_type_in_words()
        };
        f.write_str(&self.written(word))
    }
}

words::as_text!(
    ScopePart<Family>,
    ScopePart<IpNet>,
    ScopePart<Protocol>,
    ScopePart<Ports>,
    ScopePart<IcmpMessage>
);

/// The part of a rule that was used: by flows that it judged for certain and that are in use, or
/// perhaps in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedPart {
    /// The clients.
    pub clients: BTreeSet<IpAddr>,
    /// The servers, each with whether it is in use for certain.
    pub servers: BTreeMap<IpAddr, InUse>,
    /// The ports, and what there is in their place, each with whether it is in use for certain.
    pub offers: BTreeMap<Offer, InUse>,
}

/// How many clients, servers and ports are listed.
const SHOWN: usize = 32;

impl UsedPart {
    /// The servers, each with a word where it is perhaps in use.
    pub(in crate::review) fn servers_in_words(&self) -> impl ExactSizeIterator<Item = String> {
        self.servers.iter().map(|(server, &in_use)| perhaps(server, in_use))
    }

    /// The ports, or else what has none, each with a word where it is perhaps in use.
    pub(in crate::review) fn offers_in_words(&self, with_ports: bool) -> Vec<String> {
        let all = self.offers.iter().filter(|(offer, _)| offer.ports().is_some() == with_ports);
        all.map(|(offer, &in_use)| perhaps(offer, in_use)).collect()
    }

    /// Clients, servers, ports and protocols without, each in one text; nothing where nothing was used.
    pub(in crate::review) fn in_words(&self) -> Vec<String> {
        if self.offers.is_empty() {
            return Vec::new();
        }
        let mut all = vec![
            list("clients", self.clients.iter().map(ToString::to_string)),
            list("servers", self.servers_in_words()),
        ];
        for (name, with_ports) in [("ports", true), ("protocols", false)] {
            let words = self.offers_in_words(with_ports);
            if !words.is_empty() {
                all.push(list(name, words.into_iter()));
            }
        }
        all
    }
}

fn perhaps(what: &dyn fmt::Display, in_use: InUse) -> String {
    if in_use == InUse::Yes { what.to_string() } else { format!("{what} (perhaps)") }
}

/// A list of at most [`SHOWN`] words.
fn list(name: &str, words: impl ExactSizeIterator<Item = String>) -> String {
    format!("{name} {}", at_most(SHOWN, words))
}

/// Serialized as the list of its texts.
fn used<S: serde::Serializer>(used: &UsedPart, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(used.in_words())
}

/// Rules that take all that a later one matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covering {
    /// Their references.
    pub by: Vec<String>,
    /// Whether they do the same (redundant) or not (shadowed).
    pub same_verdict: bool,
}

impl Serialize for Covering {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.by.join(" "), self.same_verdict).serialize(serializer)
    }
}

/// One rule with its evidence.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleReview {
    /// `inet/fw/forward#7` (handle) or `file:line`.
    pub reference: String,
    /// Identifier of the rule's row in the worksheet: `r` and the first 12 hex digits of the SHA-256 of
    /// `rule|`, its chain, `|` and its text, so that it stays the same when the ruleset is loaded again.
    /// Empty for a rule that lets no new flow through, unless it was left out because its addresses are not
    /// known.
    #[serde(serialize_with = "words::text_or_empty")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub row_id: Option<RowId>,
    /// What people decided on the rule itself; none without an approval list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// As the ruleset has it.
    pub text: Foreign<String>,
    /// Its comment; empty without.
    pub comment: Foreign<String>,
    /// What it lets through; none where it drops, where it could not be read, or where one line of
    /// columns cannot say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<RuleScope>,
    /// What it does.
    pub verdict: RuleVerdict,
    /// Why it judges nothing: no address of the members of its security group was given (`--group`). It has a
    /// row all the same, to be decided on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// How well it could be read.
    pub state: RuleState,
    /// What could not be decided, in words.
    pub undecided: Vec<String>,
    /// The kernel's own counter of packets, where the ruleset has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_packets: Option<u64>,
    /// What the kernel counted in the time of the captures, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<RuleCounter>,
    /// Where a capture tells whether it takes a flow; none where flows show nothing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged_from: Option<JudgedFrom>,
    /// The sets that change while it stands, `@bad` or `ipset bad`: it judged by the elements that were listed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<String>,
    /// Why that flows show nothing of it does not mean that it was not used; none where they would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_looked_at: Option<NotLookedAt>,
    /// The flows it judged.
    pub flows: RuleFlows,
    /// Whether flows would show that it was used: `not_looked_at` says why not.
    pub looked_at: bool,
    /// The part of it that was used: clients, servers, ports, protocols without, as texts; empty where nothing was.
    #[serde(serialize_with = "used")]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub used: UsedPart,
    /// The flows that show its use best.
    #[serde(skip)]
    pub samples: Vec<FlowSample>,
    /// The rows it lets through.
    pub rows: Vec<RowId>,
    /// Rule that covers it, and whether both do the same (redundant) or not (shadowed).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<(String, bool)>"))]
    pub covered_by: Option<Covering>,
}

impl RuleReview {
    /// Whether it has a row in the worksheet: it lets new flows through and none of them was seen in
    /// use, or people have written about the rule itself.
    pub fn is_in_worksheet(&self) -> bool {
        let is_written = self.approval.as_ref().is_some_and(|approval| !approval.is_empty());
        self.row_id.is_some() && (self.rows.is_empty() || is_written)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Transport;

    #[test]
    fn what_was_used_is_listed_up_to_a_limit() {
        let mut used = UsedPart::default();
        assert_eq!(used.in_words(), Vec::<String>::new());
        used.offers.insert(Offer::port(Transport::Tcp, 80), InUse::Yes);
        used.offers.insert(Offer::port(Transport::Udp, 514), InUse::Maybe);
        used.offers.insert(Offer::Protocol(Protocol::ESP), InUse::Yes);
        used.offers.insert(Offer::Icmp { family: Family::Ipv4, kind: 8 }, InUse::Maybe);
        used.servers.insert([192, 0, 2, 1].into(), InUse::Yes);
        used.clients.extend((0..=SHOWN as u8).map(|n| IpAddr::from([10, 0, 0, n])));
        let words = used.in_words();
        assert!(words[0].starts_with("clients 10.0.0.0, 10.0.0.1, "), "{words:?}");
        assert!(words[0].ends_with(", 10.0.0.31 and 1 more"), "{words:?}");
        assert_eq!(
            words[1..],
            [
                "servers 192.0.2.1",
                "ports 80/tcp, 514/udp (perhaps)",
                "protocols esp, icmp echo-request (perhaps)"
            ]
        );
    }
}
