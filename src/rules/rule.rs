//! One rule.

use serde::Serialize;

use super::nat::Nat;
use super::point::{Point, Tri};
use super::ranges::Ranges;
use super::space::{Dimension, Space};
use super::table::FieldTable;
use super::verdict::{RuleState, RuleVerdict};
use crate::foreign::Foreign;
use crate::net::Family;

/// Rows of a set or map over several fields, up to which each is looked at by itself.
pub(super) const MAX_ROWS: usize = 64;

/// The place of a rule in [`Ruleset::rules`](super::Ruleset::rules).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RuleId(pub usize);

/// One rule, or the policy of a base chain.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// `inet/fw/forward#7` (by the handle) for nftables, `file:line` where it was listed without handles,
    /// `inet/fw/forward#policy` for a policy,
    /// `file:line` for iptables, the id of the rule for AWS. Unique in its file.
    pub reference: String,
    /// The chain: `inet/fw/forward`, `ip/filter/FORWARD`, `sg-1a2b/ingress`.
    pub chain: String,
    /// On one line, as the firewall's own program writes it, without counters.
    pub text: Foreign<String>,
    /// Its comment; empty without.
    pub comment: Foreign<String>,
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
    /// The packets that it counted in the time that is reviewed, where that is known.
    pub counted: Option<u64>,
    /// The packets of a counter that it shares with other rules, and that counts what each of them matched.
    pub shared_packets: Option<u64>,
    /// The sets that change while the rule stands, `@bad` or `ipset bad`: it judges by the elements that were
    /// listed.
    pub listed: Vec<String>,
    /// The only family it can match; none for both.
    pub family: Option<Family>,
    /// Whether it writes a log.
    pub logs: bool,
    /// Whether it is the policy of a base chain and no rule.
    pub policy: bool,
    /// Whether it has an `xt` expression of nftables: the variant of iptables that writes into
    /// nftables made it, and what the expression asks for only `iptables-save` shows.
    pub from_iptables: bool,
    /// The security group or prefix list of AWS that it names as the far end.
    pub peer_group: Option<String>,
    #[serde(skip)]
    pub(super) matcher: Matcher,
}

impl Rule {
    /// Whether it lets through whatever reaches it: no condition on addresses, protocol, ports or
    /// interfaces (a connection's state apart), and nothing that cannot be decided.
    pub fn accepts_everything(&self) -> bool {
        self.verdict == RuleVerdict::Accept && self.takes_everything()
    }

    /// Whether it ends the way of whatever reaches it, so that no later rule of its chain, nor the
    /// policy, sees a new flow.
    pub fn takes_everything(&self) -> bool {
        self.verdict != RuleVerdict::Continue
            && self.state == RuleState::Full
            && self.matcher.lookups.is_empty()
            && !matches!(self.matcher.action, Action::Map(_))
            && self.matcher.spaces.iter().flatten().next().is_some()
            && self.matcher.spaces.iter().flatten().all(|space| {
                space.limits().iter().all(|(dimension, ranges)| {
                    *dimension == Dimension::State && ranges.contains(super::space::state::NEW.into())
                })
            })
    }
}

/// What a rule asks of a packet, and what it does with it.
#[derive(Clone, Debug)]
pub(super) struct Matcher {
    /// The conditions on one field each, for IPv4 and IPv6; none where it cannot match.
    pub spaces: [Option<Space>; 2],
    /// The conditions on several fields at once.
    pub lookups: Vec<SetLookup>,
    /// Whether there is a condition that cannot be decided.
    pub undecidable: bool,
    /// Conditions that can be decided for some values alone.
    pub partly: Vec<PartlyKnown>,
    /// Whether the spaces, though right for what is judged, hold more than the rule does.
    pub approximate: bool,
    /// Whether it takes packets out of connection tracking.
    pub untracks: bool,
    /// Whether it matched no packet in the time that is reviewed, as its counter says.
    pub is_idle: bool,
    pub action: Action,
}

/// Membership in a set into which rules put elements: what was listed is in it, and of all else that is not known.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PartlyKnown {
    pub dimension: Dimension,
    /// The elements that were listed.
    pub ranges: Ranges,
    /// Whether the condition holds for what is not in the set.
    pub negated: bool,
}

/// Membership in a set over several fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SetLookup {
    pub table: std::sync::Arc<FieldTable>,
    pub negated: bool,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Goes on after it.
    Continue,
    Accept,
    Drop,
    Reject,
    Return,
    /// To the chain at this place, and back.
    Jump(usize),
    /// To the chain at this place, and not back.
    Goto(usize),
    /// Translates addresses or ports.
    Nat(Nat),
    /// Something that may let the packet through or not; and it may be that the next rule sees it.
    Unknown {
        continues: bool,
    },
    /// What an element of a map says.
    Map(Box<VerdictMap>),
}

/// A map of verdicts, or of what addresses and ports are translated to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VerdictMap {
    pub table: std::sync::Arc<FieldTable>,
    /// What each element does, by its place.
    pub actions: Vec<Action>,
    /// What is done where no element matches (the element `*`).
    pub catch_all: Option<Action>,
}

impl Matcher {
    /// Matches every packet of some families.
    pub fn everything(families: &[Family], action: Action) -> Matcher {
        let space = |family| families.contains(&family).then(|| Space::all(family));
        Matcher {
            spaces: [space(Family::Ipv4), space(Family::Ipv6)],
            lookups: Vec::new(),
            undecidable: false,
            partly: Vec::new(),
            approximate: false,
            untracks: false,
            is_idle: false,
            action,
        }
    }

    pub fn space(&self, family: Family) -> Option<&Space> {
        self.spaces[family as usize].as_ref()
    }

    /// Whether a packet meets the conditions.
    pub fn test(&self, point: &Point) -> Tri {
        let Some(space) = self.space(point.family) else { return Tri::No };
        let mut answer = point.is_in(space);
        for lookup in &self.lookups {
            if answer == Tri::No {
                return answer;
            }
            let found = lookup.table.contains(point);
            answer = answer.and(if lookup.negated { found.not() } else { found });
        }
        for part in &self.partly {
            let known = match point.is_within(part.dimension, &part.ranges) {
                Tri::Yes => (!part.negated).into(),
                Tri::No | Tri::Maybe => Tri::Maybe,
            };
            answer = answer.and(known);
        }
        match if self.undecidable { answer.and(Tri::Maybe) } else { answer } {
            // Where it cannot be told from the packet, the kernel has told it.
            Tri::Maybe if self.is_idle && point.is_counted => Tri::No,
            answer => answer,
        }
    }

    /// The spaces that hold all that it can match, and whether they hold no more than that. Rows
    /// of sets over several fields are spaces of their own.
    pub fn pieces(&self) -> (Vec<Space>, bool) {
        let mut exact = !self.undecidable && self.partly.is_empty() && !self.approximate;
        let mut pieces: Vec<Space> =
            Family::ALL.into_iter().filter_map(|family| self.space(family)).cloned().collect();
        for lookup in &self.lookups {
            let rows = lookup.table.rows();
            if lookup.negated || rows.len().saturating_mul(pieces.len()) > MAX_ROWS {
                exact = false;
                continue;
            }
            pieces = pieces
                .iter()
                .flat_map(|piece| rows.iter().map(|row| lookup.table.narrow(piece, row)))
                .filter(|piece| !piece.is_empty())
                .collect();
        }
        (pieces, exact)
    }

    /// Whether another print of the rule asks packets for the same: named sets hold in both what they held.
    pub fn asks_the_same(&self, other: &Matcher) -> bool {
        self.action == other.action && self.spaces == other.spaces && self.lookups == other.lookups
    }

    /// Asks for what either print of the rule asks for, which cannot be told apart any more.
    pub fn may_be_either(&mut self, other: &Matcher) {
        for (own, other) in self.spaces.iter_mut().zip(&other.spaces) {
            *own = match (own.take(), other) {
                (Some(own), Some(other)) => Some(own.around(other)),
                (own, other) => own.or_else(|| other.clone()),
            };
        }
        if self.lookups != other.lookups {
            self.lookups.clear();
        }
        if self.action != other.action {
            self.action = Action::Unknown { continues: true };
        }
        self.undecidable = true;
    }

    /// The dimensions it looks at.
    pub fn looks_at(&self) -> impl Iterator<Item = Dimension> {
        let map = match &self.action {
            Action::Map(map) => Some(&map.table),
            _ => None,
        };
        let limits = self.spaces.iter().flatten().flat_map(Space::limits);
        limits.map(|(dimension, _)| *dimension).chain(
            self.lookups.iter().map(|lookup| &lookup.table).chain(map).flat_map(|table| table.keys.clone()),
        )
    }
}

impl Action {
    /// What a person would say that it does.
    pub fn verdict(&self) -> RuleVerdict {
        match self {
            Action::Accept => RuleVerdict::Accept,
            Action::Drop => RuleVerdict::Drop,
            Action::Reject => RuleVerdict::Reject,
            Action::Map(map) => {
                let mut verdicts = map.actions.iter().chain(&map.catch_all).map(Action::verdict);
                let first = verdicts.next().unwrap_or(RuleVerdict::Continue);
                if verdicts.all(|verdict| verdict == first) { first } else { RuleVerdict::Continue }
            }
            _ => RuleVerdict::Continue,
        }
    }

    /// Whether it translates addresses or ports.
    pub fn translates(&self) -> bool {
        matches!(self, Action::Nat(_))
    }

    /// The action itself, or those of a map.
    pub fn each(&self) -> Vec<&Action> {
        match self {
            Action::Map(map) => map.actions.iter().chain(&map.catch_all).collect(),
            action => vec![action],
        }
    }

    /// Moves its chains on by a number of places.
    pub fn shift(&mut self, chains: usize) {
        match self {
            Action::Jump(chain) | Action::Goto(chain) => *chain += chains,
            Action::Map(map) => {
                map.actions.iter_mut().chain(&mut map.catch_all).for_each(|action| action.shift(chains));
            }
            _ => {}
        }
    }
}
