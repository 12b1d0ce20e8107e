//! What becomes of a new flow.

use std::net::IpAddr;

use serde::Serialize;

use super::rule::RuleId;
use super::verdict::RuleVerdict;

/// A rule that ends a flow's way through the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Ended {
    /// The rule, or the policy.
    pub rule: RuleId,
    /// What it does: accept, drop or reject.
    pub verdict: RuleVerdict,
}

/// A rule that a flow matches on its way, and that ends nothing: a jump, a counter, a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Passed {
    /// The rule.
    pub rule: RuleId,
    /// Whether it matches for certain.
    pub certain: bool,
}

/// What address translation does to the destination before the rules see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Translation {
    /// Nothing.
    #[default]
    None,
    /// The ruleset sets it to this address and, where there are ports, this port.
    To(IpAddr, Option<u16>),
    /// It may be translated, and to what cannot be told; it was judged as it is.
    Uncertain,
}

/// Which rules may judge a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The rules that may end its way, each once, sorted; none where no chosen chain is of the
    /// flow's family, or a security group's chain is not for the flow.
    pub ends: Vec<Ended>,
    /// The rules that it matches on its way, in their order; one that is passed twice is there
    /// twice.
    pub passed: Vec<Passed>,
    /// What became of its destination.
    pub translation: Translation,
    /// Whether some jumps were not followed, since they were too many or too deeply nested: what else may
    /// end its way is not known then.
    pub cut: bool,
}

impl Judgement {
    /// The one rule that judges it; none where it cannot be told which.
    pub fn definite(&self) -> Option<Ended> {
        match self.ends[..] {
            [end] if !self.cut => Some(end),
            _ => None,
        }
    }

    /// Whether no rule was asked: no chosen chain is of the flow's family, or it is for others.
    pub fn is_none(&self) -> bool {
        self.ends.is_empty() && !self.cut
    }

    /// What happens to it, where that is certain, though perhaps not by which rule.
    pub fn verdict(&self) -> Option<RuleVerdict> {
        let first = self.ends.first()?.verdict;
        (!self.cut && self.ends.iter().all(|end| end.verdict == first)).then_some(first)
    }
}

/// What of a flow rules look at, besides its addresses, its protocol and the server's port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LooksAt {
    /// The client's port.
    pub source_port: bool,
    /// Type or code of ICMP.
    pub icmp: bool,
    /// The interfaces.
    pub interfaces: bool,
    /// The id of the VLAN.
    pub vlan: bool,
    /// TCP's flags.
    pub tcp_flags: bool,
    /// Fragments, IPv4 options or IPv6 extension headers.
    pub headers: bool,
}
