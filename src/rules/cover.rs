//! Rules that earlier ones cover.

use serde::Serialize;

use super::chain::Chain;
use super::ranges::Ranges;
use super::rule::{Action, MAX_ROWS, Rule, RuleId};
use super::ruleset::Ruleset;
use super::space::{Dimension, Space, state};
use super::verdict::RuleVerdict;
use crate::net::{Protocol, Transport};

/// How many pieces the rest of a rule may fall into before it is given up: it then counts as
/// not covered.
const MAX_PIECES: usize = 256;
/// A rule to which no packet can come, since earlier rules of its chain take all that it would
/// match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// The rule.
    pub rule: RuleId,
    /// The earlier rules: one alone where one is enough, else all of which a part is needed, in
    /// their order.
    pub by: Vec<RuleId>,
    /// Whether all of them do the same as the rule: it is redundant; else it is shadowed.
    pub same_verdict: bool,
}

/// What one rule takes, piece by piece.
struct Taken {
    rule: RuleId,
    verdict: RuleVerdict,
    space: Space,
}

impl Ruleset {
    /// The rules to which no packet of a tracked connection can come, since earlier rules of the
    /// same chain take all that they would match. Only rules that are decided in full and end a
    /// packet's way through the chain take something. What connection tracking calls invalid or
    /// does not track at all is left aside, unless a rule asks for just that.
    pub fn covered(&self) -> Vec<Covered> {
        let mut covered: Vec<Covered> = self
            .chains
            .iter()
            .filter(|chain| !chain.unordered)
            .flat_map(|chain| self.covered_in(chain))
            .collect();
        covered.sort_by_key(|covered| covered.rule);
        covered
    }

    fn covered_in(&self, chain: &Chain) -> Vec<Covered> {
        let mut taken: Vec<Taken> = Vec::new();
        let mut found = Vec::new();
        for &id in &chain.rules {
            let rule = &self.rules[id.0];
            let pieces = tracked(rule);
            if !pieces.is_empty()
                && let Some(by) = one_cover(&pieces, &taken).or_else(|| union_cover(pieces, &taken))
            {
                let does = |taken: &Taken| by.contains(&taken.rule).then_some(taken.verdict);
                let same_verdict = rule.verdict != RuleVerdict::Continue
                    && taken.iter().filter_map(does).all(|verdict| verdict == rule.verdict);
                found.push(Covered { rule: id, by, same_verdict });
                continue;
            }
            takes(id, rule, &mut taken);
        }
        found
    }
}

/// The earlier rule that takes everything by itself.
fn one_cover(pieces: &[Space], taken: &[Taken]) -> Option<Vec<RuleId>> {
    let mut at = 0;
    while at < taken.len() {
        // The pieces of one rule stand beside each other.
        let rule = taken[at].rule;
        let end = taken[at..].iter().position(|other| other.rule != rule).map_or(taken.len(), |n| at + n);
        if pieces.iter().all(|piece| taken[at..end].iter().any(|other| piece.is_subset(&other.space))) {
            return Some(vec![rule]);
        }
        at = end;
    }
    None
}

/// The earlier rules that take everything together.
fn union_cover(pieces: Vec<Space>, taken: &[Taken]) -> Option<Vec<RuleId>> {
    let mut left = pieces;
    let mut by = Vec::new();
    for other in taken {
        if left.iter().all(|piece| piece.is_disjoint(&other.space)) {
            continue;
        }
        left = left.into_iter().flat_map(|piece| piece.subtract(&other.space)).collect();
        if by.last() != Some(&other.rule) {
            by.push(other.rule);
        }
        if left.is_empty() {
            return Some(by);
        }
        if left.len() > MAX_PIECES {
            return None;
        }
    }
    None
}

/// What a rule could match at most, as far as connection tracking tracks it; all of it where that
/// is nothing.
fn tracked(rule: &Rule) -> Vec<Space> {
    let states = [state::ESTABLISHED, state::RELATED, state::NEW].map(|state| (state.into(), state.into()));
    let states = Ranges::new(states.to_vec());
    let (pieces, _) = rule.matcher.pieces();
    let tracked = pieces.iter().map(|piece| {
        let mut piece = piece.clone();
        piece.restrict(Dimension::State, &states);
        piece
    });
    let tracked: Vec<Space> = tracked.filter(|piece| !piece.is_empty()).collect();
    if tracked.is_empty() { pieces } else { tracked }
}

/// Adds what a rule takes from those after it.
fn takes(id: RuleId, rule: &Rule, taken: &mut Vec<Taken>) {
    let (pieces, exact) = rule.matcher.pieces();
    if !exact {
        return;
    }
    let ends = |action: &Action| {
        matches!(action, Action::Accept | Action::Drop | Action::Reject | Action::Return | Action::Goto(_))
    };
    let mut take = |space: Space, action: &Action| {
        if ends(action) && has_what_it_asks(&space) {
            taken.push(Taken { rule: id, verdict: action.verdict(), space });
        }
    };
    match &rule.matcher.action {
        Action::Map(map) if map.table.rows().len() <= MAX_ROWS => {
            for piece in pieces {
                for row in map.table.rows() {
                    take(map.table.narrow(&piece, row), &map.actions[row.element]);
                }
            }
        }
        Action::Map(_) => {}
        action => pieces.into_iter().for_each(|piece| take(piece, action)),
    }
}

/// Whether every packet of a space has the fields that it asks for: ports, types of ICMP, flags.
/// What a condition does with packets that have none is not known.
fn has_what_it_asks(space: &Space) -> bool {
    let protocols =
        |of: &[Protocol]| Ranges::new(of.iter().map(|one| (one.0.into(), one.0.into())).collect());
    let needs = |dimension: Dimension| match dimension {
        Dimension::SourcePort | Dimension::DestinationPort | Dimension::OriginalDestinationPort => {
            Some(protocols(&Transport::ALL.map(Protocol::from)))
        }
        Dimension::TcpFlags => Some(protocols(&[Protocol::TCP])),
        Dimension::Icmp => Some(protocols(&[Protocol::ICMP, Protocol::ICMPV6])),
        _ => None,
    };
    space
        .limits()
        .iter()
        .filter_map(|(dimension, _)| needs(*dimension))
        .all(|needed| space.limit(Dimension::Protocol).is_some_and(|protocols| protocols.is_subset(&needed)))
}
