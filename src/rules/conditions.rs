//! Conditions of a rule as they are read, one by one.

use std::sync::Arc;

use super::ranges::Ranges;
use super::rule::{Action, Matcher, PartlyKnown, SetLookup};
use super::space::{Dimension, Space, state};
use super::table::FieldTable;
use super::verdict::RuleState;
use crate::net::{Family, Protocol};

/// What a rule asks for, so far.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    matcher: Matcher,
    /// What cannot be decided, in words.
    pub undecided: Vec<String>,
    /// The sets that change and were taken as they were listed.
    pub listed: Vec<String>,
    /// Some part was not understood at all.
    pub opaque: bool,
    pub logs: bool,
}

impl Conditions {
    /// No condition yet, in a chain of these families.
    pub fn new(families: &[Family]) -> Conditions {
        Conditions {
            matcher: Matcher::everything(families, Action::Continue),
            undecided: Vec::new(),
            listed: Vec::new(),
            opaque: false,
            logs: false,
        }
    }

    /// Only packets of this family.
    pub fn only(&mut self, family: Family) {
        for other in Family::ALL {
            if other != family {
                self.matcher.spaces[other as usize] = None;
            }
        }
    }

    /// No packet.
    pub fn never(&mut self) {
        self.matcher.spaces = [None, None];
    }

    /// Limits what is the same in both families.
    pub fn limit(&mut self, dimension: Dimension, ranges: &Ranges) {
        for space in self.matcher.spaces.iter_mut().flatten() {
            space.restrict(dimension, ranges);
        }
    }

    /// Limits what differs between the families, in one of them.
    pub fn limit_in(&mut self, family: Family, dimension: Dimension, ranges: &Ranges) {
        if let Some(space) = &mut self.matcher.spaces[family as usize] {
            space.restrict(dimension, ranges);
        }
    }

    /// Only this protocol.
    pub fn protocol(&mut self, protocol: Protocol) {
        self.limit(Dimension::Protocol, &Ranges::one(protocol.0));
    }

    /// Only packets of a connection that is tracked: there is none to ask about for others.
    pub fn tracked(&mut self) {
        let states = [state::ESTABLISHED, state::RELATED, state::NEW].map(u128::from);
        self.limit(Dimension::State, &Ranges::new(states.map(|state| (state, state)).to_vec()));
    }

    /// Asks for a row of a table, or for none.
    pub fn lookup(&mut self, table: Arc<FieldTable>, negated: bool) {
        if !negated {
            for (place, &dimension) in table.keys.iter().enumerate() {
                self.limit(dimension, &table.projection(place));
            }
        }
        self.matcher.lookups.push(SetLookup { table, negated });
    }

    /// A condition that cannot be decided.
    pub fn undecided(&mut self, words: impl Into<String>) {
        self.undecided.push(words.into());
        self.matcher.undecidable = true;
    }

    /// A condition that can be decided for what a set was listed to hold alone.
    pub fn partly_undecided(&mut self, words: String, part: PartlyKnown) {
        self.undecided.push(words);
        self.matcher.partly.push(part);
    }

    /// A set that changes was taken as it was listed.
    pub fn as_listed(&mut self, set: String) {
        if !self.listed.contains(&set) {
            self.listed.push(set);
        }
    }

    /// The limits are right for what is judged, but hold more than the rule does.
    pub fn approximate(&mut self) {
        self.matcher.approximate = true;
    }

    pub fn untracks(&mut self) {
        self.matcher.untracks = true;
    }

    /// How well the rule could be read.
    pub fn state(&self) -> RuleState {
        match (self.opaque, self.undecided.is_empty()) {
            (true, _) => RuleState::Opaque,
            (false, false) => RuleState::Partial,
            (false, true) => RuleState::Full,
        }
    }

    /// The families that it can match.
    pub fn families(&self) -> Vec<Family> {
        let is_possible = |family: &Family| {
            self.matcher.spaces[*family as usize].as_ref().is_some_and(|space| !space.is_empty())
        };
        Family::ALL.into_iter().filter(is_possible).collect()
    }

    /// The only family that it can match; none for both, or for neither.
    pub fn family(&self) -> Option<Family> {
        let mut can = Family::ALL.into_iter().filter(|&family| self.matcher.space(family).is_some());
        match (can.next(), can.next()) {
            (Some(family), None) => Some(family),
            _ => None,
        }
    }

    /// The finished matcher.
    pub fn matcher(self, action: Action) -> Matcher {
        let mut matcher = self.matcher;
        for space in &mut matcher.spaces {
            if space.as_ref().is_some_and(Space::is_empty) {
                *space = None;
            }
        }
        matcher.action = action;
        matcher
    }
}
