//! The way of a packet through chains, along every path that cannot be ruled out.

use super::judgement::Passed;
use super::nat::Nat;
use super::point::{Point, Tri};
use super::rule::{Action, RuleId};
use super::ruleset::Ruleset;
use super::verdict::RuleVerdict;

/// Deepest nesting of jumps that is followed; nftables itself allows 16.
const MAX_DEPTH: usize = 64;
/// Most chains that one packet is led through, so that chains which call each other many times
/// over cannot take for ever.
const MAX_CHAINS: usize = 4096;

/// How a way may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathEnd {
    Verdict(RuleVerdict),
    Nat(Nat),
}

/// What was met on all paths.
pub(super) struct ChainWalk<'a> {
    ruleset: &'a Ruleset,
    point: &'a Point,
    pub ends: Vec<(RuleId, PathEnd)>,
    pub passed: Vec<Passed>,
    /// Some path was given up.
    pub cut: bool,
    chains_left: usize,
}

/// What may happen after a rule or a chain: both may be possible.
#[derive(Clone, Copy, Default)]
pub(super) struct Ways {
    /// Some path has ended.
    pub ends: bool,
    /// Some path goes on after the chain.
    pub leaves: bool,
}

impl<'a> ChainWalk<'a> {
    pub fn new(ruleset: &'a Ruleset, point: &'a Point) -> ChainWalk<'a> {
        ChainWalk {
            ruleset,
            point,
            ends: Vec::new(),
            passed: Vec::new(),
            cut: false,
            chains_left: MAX_CHAINS,
        }
    }

    /// Through a base chain and its policy.
    pub fn base_chain(&mut self, chain: usize) {
        let chains = &self.ruleset.chains;
        let ways = if chains[chain].unordered { self.unordered(chain) } else { self.chain(chain, true, 0) };
        if ways.leaves
            && let Some(base) = &chains[chain].base
        {
            let policy = &self.ruleset.rules[base.policy.0];
            // Where another end is possible, a policy that counted nothing is none.
            let is_idle = policy.matcher.is_idle && self.point.is_counted && ways.ends;
            // A security group's is for its members alone.
            if !is_idle && policy.matcher.test(self.point) != Tri::No {
                self.ends.push((base.policy, PathEnd::Verdict(policy.verdict)));
            }
        }
    }

    /// Through a chain whose rules only allow, in no order: every rule that matches is an end.
    fn unordered(&mut self, chain: usize) -> Ways {
        let chain = &self.ruleset.chains[chain];
        let mut ways = Ways { ends: false, leaves: true };
        chain.index[self.point.family as usize].each(self.point, |place| {
            let id = chain.rules[place];
            let rule = &self.ruleset.rules[id.0];
            let matched = rule.matcher.test(self.point);
            if matched != Tri::No {
                self.ends.push((id, PathEnd::Verdict(rule.verdict)));
                ways.leaves &= matched == Tri::Maybe;
            }
            true
        });
        ways
    }

    fn chain(&mut self, chain: usize, certain: bool, depth: usize) -> Ways {
        if depth > MAX_DEPTH || self.chains_left == 0 {
            self.cut = true;
            return Ways { ends: true, leaves: true };
        }
        self.chains_left -= 1;
        let ruleset = self.ruleset;
        let chain = &ruleset.chains[chain];
        let mut ways = Ways::default();
        let mut arrives = true;
        chain.index[self.point.family as usize].each(self.point, |place| {
            let id = chain.rules[place];
            let rule = &ruleset.rules[id.0];
            let matched = rule.matcher.test(self.point);
            if matched != Tri::No {
                let certain = certain && !ways.ends && !ways.leaves;
                arrives = self.act(id, &rule.matcher.action, matched, certain, depth, &mut ways);
            }
            arrives
        });
        ways.leaves |= arrives;
        ways
    }

    /// Does what a rule says. Returns whether some path goes on to the next rule.
    fn act(
        &mut self,
        id: RuleId,
        action: &Action,
        matched: Tri,
        certain: bool,
        depth: usize,
        ways: &mut Ways,
    ) -> bool {
        let maybe = matched == Tri::Maybe;
        let certain = certain && !maybe;
        if !matches!(action, Action::Map(_)) && !action.is_end() {
            self.passed.push(Passed { rule: id, certain });
        }
        let end = match action {
            Action::Accept => PathEnd::Verdict(RuleVerdict::Accept),
            Action::Drop => PathEnd::Verdict(RuleVerdict::Drop),
            Action::Reject => PathEnd::Verdict(RuleVerdict::Reject),
            Action::Nat(nat) => PathEnd::Nat(*nat),
            Action::Continue => return true,
            Action::Return => {
                ways.leaves = true;
                return maybe;
            }
            Action::Jump(chain) => {
                let inside = self.chain(*chain, certain, depth + 1);
                ways.ends |= inside.ends;
                return maybe || inside.leaves;
            }
            Action::Goto(chain) => {
                let inside = self.chain(*chain, certain, depth + 1);
                ways.ends |= inside.ends;
                ways.leaves |= inside.leaves;
                return maybe;
            }
            Action::Unknown { continues } => {
                for verdict in [RuleVerdict::Accept, RuleVerdict::Drop] {
                    self.ends.push((id, PathEnd::Verdict(verdict)));
                }
                ways.ends = true;
                return maybe || *continues;
            }
            Action::Map(map) => {
                let mut found = Vec::new();
                map.table.find(self.point, |element, answer| found.push((element, answer)));
                found.sort_unstable_by_key(|&(element, _)| element);
                let certainly = matches!(found[..], [(_, Tri::Yes)]);
                // Each of them may be the one that is taken; what it leads to is then certain.
                let one = certain && certainly;
                let mut goes_on = maybe;
                for &(element, _) in &found {
                    goes_on |= self.act(id, &map.actions[element], matched, one, depth, ways);
                }
                if certainly {
                    return goes_on;
                }
                if let Some(action) = &map.catch_all {
                    let one = certain && found.is_empty();
                    return self.act(id, action, matched, one, depth, ways) || goes_on;
                }
                if found.is_empty() {
                    self.passed.push(Passed { rule: id, certain });
                }
                return true;
            }
        };
        self.ends.push((id, end));
        ways.ends = true;
        maybe
    }
}

impl Action {
    /// Whether nothing comes after it.
    fn is_end(&self) -> bool {
        matches!(
            self,
            Action::Accept | Action::Drop | Action::Reject | Action::Nat(_) | Action::Unknown { .. }
        )
    }
}
