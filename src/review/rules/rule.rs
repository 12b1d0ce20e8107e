//! One rule.

use crate::review::{Family, RuleState, RuleVerdict};

/// The place of a rule in [`Ruleset::rules`](super::Ruleset::rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub usize);

/// One rule, or the policy of a base chain.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `inet/fw/forward#7` (by the handle) for nftables, `inet/fw/forward#policy` for a policy,
    /// `file:line` for iptables, the id of the rule for AWS. Unique in its file.
    pub reference: String,
    /// The chain: `inet/fw/forward`, `ip/filter/FORWARD`, `sg-1a2b/ingress`.
    pub chain: String,
    /// On one line, as the firewall's own program writes it, without counters.
    pub text: String,
    /// Its comment; empty without.
    pub comment: String,
    /// What it does; of a verdict map what all its elements do, and else `Continue`.
    pub verdict: RuleVerdict,
    /// How well it could be read.
    pub state: RuleState,
    /// The conditions that cannot be decided from a capture, in words.
    pub undecided: Vec<String>,
    /// The kernel's counter of packets, where it counts what the whole rule matched.
    pub kernel_packets: Option<u64>,
    /// The kernel's counter of bytes, likewise.
    pub kernel_bytes: Option<u64>,
    /// The only family it can match; none for both.
    pub family: Option<Family>,
    /// Whether it writes a log.
    pub logs: bool,
    /// Whether it is the policy of a base chain and no rule.
    pub policy: bool,
}

impl Rule {
    /// Whether it lets through whatever reaches it: no condition on addresses, protocol, ports or
    /// interfaces (a connection's state apart), and nothing that cannot be decided.
    pub fn accepts_everything(&self) -> bool {
        false
    }
}
