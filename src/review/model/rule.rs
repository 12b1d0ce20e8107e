//! A rule of the firewall, with the flows that it judged.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rules::{GroupDirection, RuleState, RuleVerdict};

use super::{Approval, FindingId, Grade, RowStatus};

/// One ruleset that was read.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RulesetFacts {
    /// The file, as it was named.
    pub name: String,
    /// SHA-256 of what was read, in hexadecimal digits.
    pub sha256: String,
    /// `nft-json`, `iptables-save` or `aws-sgr`.
    pub format: String,
    /// The chain of this file that new flows were judged by, `inet/fw/forward`; several where each
    /// of IPv4 and IPv6 has its own.
    pub chain: String,
    /// How many rules it has, those that end nothing among them.
    pub rules: usize,
    /// Whether they are for the members of a security group, and nobody said who these are
    /// (`--group`): every flow is held against them, also those that the group does not guard.
    pub members_unknown: bool,
    /// Which packets the chain is for where they are unknown.
    #[serde(skip)]
    pub unknown_members: Option<GroupDirection>,
    /// The security groups and prefix lists that rules of the chain name and whose addresses nobody
    /// said (`--group`): these rules cannot be decided.
    pub groups_unknown: Vec<String>,
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
/// where conditions that columns cannot show narrow it. `any` is no limit; blanks stand between
/// several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleScope {
    /// `ipv4`, `ipv6` or both.
    pub family: String,
    /// Networks of clients.
    pub sources: String,
    /// Networks of servers; empty where the firewall's rules do not name them (AWS).
    pub destination: String,
    /// Protocols: a number where it has no name here.
    pub proto: String,
    /// Ports of servers; empty for protocols without.
    pub ports: String,
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
    /// What it lets through; none where it drops, where it could not be read, or where one line of
    /// columns cannot say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<RuleScope>,
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
    /// Whether it lets through a transport with ports: no other flows are looked at.
    pub looked_at: bool,
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
