//! What the kernel counted, beside what captures show.

use std::fmt;

use serde::Serialize;

use super::{ReadFile, words};
use crate::capture::Timestamp;

/// The time that the counters of a ruleset are of; it ends when the later rules, or else the only ones,
/// were printed, after the last packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CountedTime {
    /// When it began (`--counters-since`); none where that is only known to be before the first packet.
    #[serde(serialize_with = "words::text_or_null")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub since: Option<Timestamp>,
    /// The file of the later print (`--rules-after`); none where the counters stood at zero when the time
    /// began.
    pub later: Option<ReadFile>,
}

impl fmt::Display for CountedTime {
    /// `since 2026-01-31T12:00:00Z`, `up to after.json`, or both.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, &self.later) {
            (Some(since), Some(later)) => write!(f, "from {since} up to {}", later.name),
            (Some(since), None) => write!(f, "since {since}"),
            (None, Some(later)) => write!(f, "up to {}", later.name),
            (None, None) => f.write_str("in a time that is not known"),
        }
    }
}

/// What the kernel counted for a rule in the time that the captures lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RuleCounter {
    /// Packets that the kernel counted.
    pub packets: u64,
    /// Packets of the captures that it must have counted, if they passed the firewall: one for each
    /// opening in this time that the rule judges for certain. A capture of several interfaces has a
    /// packet more than once.
    pub captured_least: u64,
    /// Packets of the captures that it may have counted, at most: all before the answer, of protocols
    /// without ports all of the client's; none for a rule that sees packets of open connections, too.
    pub captured_most: Option<u64>,
}

/// Why flows show nothing of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NotLookedAt {
    /// It is for packets of open connections, or of none; flows are judged by their first packet.
    NotNew,
    /// It translates, and what it made of flows the captures need not show.
    Translates,
    /// It is for messages of ICMP alone that have no rows.
    NoRows,
    /// The chains that judge do not lead to it.
    OtherChain,
    /// It ends nothing: it counts, logs, or leads to another chain or back.
    EndsNothing,
    /// No address of the members of its security group was given.
    NoAddresses,
}

impl NotLookedAt {
    /// In words, after `not looked at: `, or as what a rule is.
    pub(in crate::review) const fn in_words(self) -> &'static str {
        match self {
            NotLookedAt::NotNew => "for packets that open no connection",
            NotLookedAt::Translates => "translating",
            NotLookedAt::NoRows => "for ICMP that has no rows",
            NotLookedAt::OtherChain => "in a chain that new flows do not come to",
            NotLookedAt::EndsNothing => "ending nothing",
            NotLookedAt::NoAddresses => "judging nothing without the addresses of its group (--group)",
        }
    }
}
