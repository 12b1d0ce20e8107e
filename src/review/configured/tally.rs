//! Every flow judged, and counted for its row and for its rule.

use std::collections::BTreeMap;

use super::super::model::{
    Approval, Covering, InUse, NotForwarded, RowId, RowKind, RuleCounter, RuleFlows, RuleMatch, RuleReview,
    RulesetFacts, UsedPart,
};
use super::super::observed::{FlowGroup, Observed};
use super::best::Best;
use super::forwarded::Forwarded;
use super::judge::{Interfaces, Judge};
use super::{Configured, Counters, Fit, scope};
use crate::decode::StepKind;
use crate::flow::{ContextId, Contexts};
use crate::net::End;
use crate::rules::{Ended, Rule, RuleId, RuleVerdict, Translation};
use crate::traffic::Labelled;

/// What judging every flow gives.
pub(in crate::review) struct Judgements {
    /// For each row, in the order of what was observed.
    pub(in crate::review) rows: Vec<RowJudged>,
    /// For each rule, in the order of the ruleset.
    pub(in crate::review) rules: Vec<RuleTally>,
    /// Flows whose destination may be translated.
    pub(in crate::review) translated: u64,
}

/// What the rules do with one row.
#[derive(Debug, Default)]
pub(in crate::review) struct RowJudged {
    pub(in crate::review) fit: Fit,
    pub(in crate::review) rules: Vec<RuleMatch>,
    /// Where the rules translate its flows to, with their number, where neither the captures nor the
    /// firewall's table tell.
    pub(in crate::review) behind: BTreeMap<End, u64>,
    /// Why chains of the hook forward do not see it as it was captured.
    pub(in crate::review) not_forwarded: Option<NotForwarded>,
}

/// What one rule does with the flows of all rows.
#[derive(Clone, Debug, Default)]
pub(in crate::review) struct RuleTally {
    flows: RuleFlows,
    used: UsedPart,
    /// The rows that it lets through, in their order.
    rows: Vec<RowId>,
    /// Packets before the answer of all flows that it may have judged.
    most_packets: u64,
    /// Openings that it judged for certain, in the time that its counter is of.
    counted_openings: u64,
    best: Best,
}

impl Judgements {
    /// Judges every flow of what was observed.
    pub(in crate::review) fn of(
        configured: &Configured,
        interfaces: &Interfaces,
        counters: Counters,
        observed: &[Observed],
        labelled: &Labelled,
    ) -> Judgements {
        let mut all = Judgements {
            rows: Vec::with_capacity(observed.len()),
            rules: vec![RuleTally::default(); configured.ruleset.rules().len()],
            translated: 0,
        };
        let mut judge = Judge::new(configured, interfaces, counters.begin(observed));
        let contexts = labelled.traffic().table().contexts();
        for row in observed {
            let judged = all.judge(configured, &mut judge, row, contexts);
            all.rows.push(judged);
        }
        all
    }

    fn judge(
        &mut self,
        configured: &Configured,
        judge: &mut Judge,
        row: &Observed,
        contexts: &Contexts,
    ) -> RowJudged {
        if row.kind == RowKind::Group {
            return RowJudged::default();
        }
        let (mut fit, mut behind) = (Fit::default(), BTreeMap::new());
        let mut forwarded = Forwarded::default();
        // Flows that end there for certain, and flows that may.
        let mut matches: BTreeMap<Ended, (u64, u64)> = BTreeMap::new();
        for group in &row.groups {
            let vlan = if configured.looks_at.vlan { only_vlan(contexts, group.context) } else { None };
            let is_counted = judge.is_counted(group);
            let is_user = group.grade.in_use() != InUse::No;
            let seen = if is_user { Some(judge.as_forwarded(group, row)) } else { None };
            let judgement = judge.judge(group, vlan, row);
            if judgement.translation == Translation::Uncertain {
                self.translated += group.flows;
            }
            if let (Translation::To(address, port), None) = (judgement.translation, group.behind) {
                let port = port.or_else(|| group.offer.ports().map(|ports| ports.first));
                *behind.entry(End { address, port }).or_default() += group.flows;
            } else if let Some(Ok(Some(server))) = seen {
                *behind.entry(server).or_default() += group.flows;
            }
            forwarded.add(seen);
            fit.add(group, judgement);
            for accepted in &judgement.accepted {
                let rule = accepted.rule;
                if configured.ruleset.rule(rule).policy {
                    continue;
                }
                let counted = matches.entry(Ended { rule, verdict: RuleVerdict::Accept }).or_default();
                if accepted.certain {
                    counted.0 += group.flows;
                    self.rules[rule.0].add(group, row.row_id, is_counted);
                } else {
                    counted.1 += group.flows;
                    self.rules[rule.0].add_perhaps(group);
                }
            }
            for translated in &judgement.translated {
                let tally = &mut self.rules[translated.rule.0];
                if translated.certain {
                    tally.add(group, row.row_id, is_counted);
                } else {
                    tally.add_perhaps(group);
                }
            }
            if let Some(end) = judgement.definite() {
                matches.entry(end).or_default().0 += group.flows;
                self.rules[end.rule.0].add(group, row.row_id, is_counted);
            } else {
                for &end in &judgement.ends {
                    matches.entry(end).or_default().1 += group.flows;
                    self.rules[end.rule.0].add_perhaps(group);
                }
            }
        }
        let of = |(end, (definite, ambiguous)): (Ended, (u64, u64))| RuleMatch {
            rule: configured.ruleset.rule(end.rule).reference.clone(),
            verdict: end.verdict,
            definite,
            ambiguous,
        };
        RowJudged {
            fit,
            rules: matches.into_iter().map(of).collect(),
            behind,
            not_forwarded: forwarded.why_not(),
        }
    }
}

impl RuleTally {
    /// Counts flows that the rule may have judged.
    fn add_perhaps(&mut self, group: &FlowGroup) {
        self.flows.ambiguous += group.flows;
        self.most_packets += group.may_open;
    }

    /// What the kernel counted beside them.
    fn counter(&self, packets: u64, sees_only_new: bool) -> RuleCounter {
        RuleCounter {
            packets,
            captured_least: self.counted_openings,
            captured_most: sees_only_new.then_some(self.most_packets),
        }
    }

    /// Counts flows that end at the rule for certain.
    fn add(&mut self, group: &FlowGroup, row: RowId, is_counted: bool) {
        self.most_packets += group.may_open;
        if is_counted {
            // Datagrams of several flows may be one stream to connection tracking.
            self.counted_openings += if group.opened { group.flows } else { 1 };
        }
        self.flows.definite += group.flows;
        *self.flows.grades.entry(group.grade).or_default() += group.flows;
        self.flows.packets_before_reply += group.packets_before_reply;
        self.best.add(group);
        let in_use = group.grade.in_use();
        if in_use == InUse::No {
            return;
        }
        self.used.clients.insert(group.client);
        let server = self.used.servers.entry(group.server).or_insert(in_use);
        *server = in_use.max(*server);
        let offer = self.used.offers.entry(group.offer).or_insert(in_use);
        *offer = in_use.max(*offer);
        if self.rows.last() != Some(&row) {
            self.rows.push(row);
        }
    }
}

/// Why a rule judges nothing, where no address of the members of its group was given.
fn left_out(rule: &Rule, rulesets: &[RulesetFacts]) -> Option<String> {
    let mut all = rulesets.iter().flat_map(|facts| &facts.rules_left_out);
    all.find(|one| one.whole && one.rule == rule.reference).map(|one| one.why.clone())
}

/// The tag of a flow; of several, which of them the firewall saw cannot be told.
fn only_vlan(contexts: &Contexts, context: ContextId) -> Option<u16> {
    let mut tags = contexts.steps(context).iter().take_while(|step| step.kind == StepKind::Vlan);
    match (tags.next(), tags.next()) {
        (Some(tag), None) => u16::try_from(tag.id).ok(),
        _ => None,
    }
}

impl Configured {
    /// The row of the rule that a row of an earlier version's worksheet is for, where only one can be
    /// meant; `cell` is its reference and text.
    pub(in crate::review) fn row_of_earlier(&self, row_id: RowId, cell: &str) -> Option<RowId> {
        /// Rules of the same text that earlier versions told apart, at most.
        const MOST_ALIKE: usize = 16;
        let is_meant = |rule: &Rule| {
            let Some(reference) = cell.strip_suffix(rule.text.raw()).and_then(|rest| rest.strip_suffix(": "))
            else {
                return cell.is_empty() && RowId::of_rule_in_any_chain(rule.text.raw(), 0) == row_id;
            };
            // A file with a line says nothing of the chain.
            let is_line = |reference: &str| reference.contains(':') && !reference.contains('#');
            let is_same = reference == rule.reference
                || reference.strip_prefix(&rule.chain).is_some_and(|handle| handle.starts_with('#'))
                || is_line(reference) && is_line(&rule.reference);
            is_same && (0..MOST_ALIKE).any(|n| RowId::of_rule_in_any_chain(rule.text.raw(), n) == row_id)
        };
        let mut meant = self
            .ruleset
            .rules()
            .iter()
            .zip(&self.row_ids)
            .filter(|(rule, row)| row.is_some() && is_meant(rule));
        let (_, row) = meant.next()?;
        row.filter(|_| meant.next().is_none())
    }

    /// Each rule with the flows that it judged, and with what people decided on it.
    pub(in crate::review) fn rules(
        &self,
        tallies: Vec<RuleTally>,
        rulesets: &[RulesetFacts],
        labelled: &Labelled,
        approval: impl Fn(RowId) -> Option<Approval>,
    ) -> Vec<RuleReview> {
        let rules = self.ruleset.rules();
        let of = |((n, rule), tally): ((usize, &Rule), RuleTally)| {
            let covered = self.covered.iter().find(|covered| covered.rule.0 == n);
            let left_out = left_out(rule, rulesets);
            let not_looked_at = self.not_looked_at(RuleId(n), left_out.is_some());
            RuleReview {
                reference: rule.reference.clone(),
                row_id: self.row_ids[n],
                approval: self.row_ids[n].and_then(&approval),
                text: rule.text.clone(),
                comment: rule.comment.clone(),
                scope: scope::of(rule, self.allowed_by(RuleId(n)), rulesets),
                verdict: rule.verdict,
                left_out,
                state: rule.state,
                undecided: rule.undecided.clone(),
                kernel_packets: rule.kernel_packets,
                counted: rule.counted.map(|packets| tally.counter(packets, self.see_only_new[n])),
                judged_from: not_looked_at.is_none().then(|| self.judged_from[n].clone()),
                listed: rule.listed.clone(),
                not_looked_at,
                flows: tally.flows,
                looked_at: not_looked_at.is_none(),
                used: tally.used,
                samples: tally.best.samples(labelled),
                rows: tally.rows,
                covered_by: covered.map(|covered| Covering {
                    by: covered.by.iter().map(|by| rules[by.0].reference.clone()).collect(),
                    same_verdict: covered.same_verdict,
                }),
            }
        };
        rules.iter().enumerate().zip(tallies).map(of).collect()
    }
}
