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

/// What address translation does to the destination before the rules that filter see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Translation {
    /// Nothing.
    #[default]
    None,
    /// The ruleset sets it to this address and, where there are ports, this port.
    To(IpAddr, Option<u16>),
    /// It may be translated, to one of several or to what cannot be told: it was judged by every way that
    /// this leaves open.
    Uncertain,
}

/// Which rules may judge a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The rules that may end its way, each once, sorted: every one that may refuse it, and those of one
    /// chain that may let it through at last; none where no chosen chain is of the
    /// flow's family, or a security group's chain is not for the flow.
    pub ends: Vec<Ended>,
    /// The rules of other chains that let it go on to the next chain of its way: there `accept` is for
    /// the chain alone.
    pub accepted: Vec<Passed>,
    /// The rules that it matches on its way, in their order; one that is passed twice is there
    /// twice.
    pub passed: Vec<Passed>,
    /// The rules that translate its addresses or ports.
    pub translated: Vec<Passed>,
    /// What became of its destination.
    pub translation: Translation,
    /// Whether on some of the ways that it may take no chain is asked, which lets it through.
    pub unasked: bool,
    /// Whether some jumps were not followed, since they were too many or too deeply nested: what else may
    /// end its way is not known then.
    pub cut: bool,
}

impl Judgement {
    /// What may happen where it is not known which of two judgements holds: only what both say is
    /// certain.
    #[must_use]
    pub fn or(mut self, other: Judgement) -> Judgement {
        self.unasked |= other.unasked || self.is_none() != other.is_none();
        either(&mut self.passed, other.passed);
        either(&mut self.accepted, other.accepted);
        either(&mut self.translated, other.translated);
        self.ends.extend(other.ends);
        self.ends.sort_unstable();
        self.ends.dedup();
        self.cut |= other.cut;
        if self.translation != other.translation {
            self.translation = Translation::Uncertain;
        }
        self
    }

    /// The one rule that judges it; none where it cannot be told which.
    pub fn definite(&self) -> Option<Ended> {
        match self.ends[..] {
            [end] if !self.cut && !self.unasked => Some(end),
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
        let is_certain = !self.cut && (!self.unasked || first == RuleVerdict::Accept);
        (is_certain && self.ends.iter().all(|end| end.verdict == first)).then_some(first)
    }

    /// Whether it is let through, where every way and every rule that may judge it give the same answer; some
    /// may drop it and others reject it.
    pub fn is_let_through(&self) -> Option<bool> {
        let accepts = |end: &Ended| end.verdict == RuleVerdict::Accept;
        let first = accepts(self.ends.first()?);
        let is_certain = !self.cut && (!self.unasked || first);
        (is_certain && self.ends.iter().all(|end| accepts(end) == first)).then_some(first)
    }
}

/// Joins the rules of two ways.
fn either(all: &mut Vec<Passed>, other: Vec<Passed>) {
    let has = |list: &[Passed], rule: RuleId| list.iter().any(|passed| passed.rule == rule && passed.certain);
    let certain: Vec<RuleId> =
        all.iter().filter(|one| one.certain && has(&other, one.rule)).map(|one| one.rule).collect();
    let new: Vec<Passed> =
        other.into_iter().filter(|one| !all.iter().any(|known| known.rule == one.rule)).collect();
    all.extend(new);
    for passed in all {
        passed.certain = certain.contains(&passed.rule);
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
