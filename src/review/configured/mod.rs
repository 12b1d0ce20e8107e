//! What is configured: the rules, and what they do with what was seen.

mod scope;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use hashbrown::HashMap;

pub(super) use scope::words;

use super::model::{FlowSample, Grade, InUse, RowKind, RuleFlows, RuleMatch, RuleReview, RulesSay, row_id};
use super::observed::{self, FlowGroup, Observed};
use crate::Transport;
use crate::flow::Side;
use crate::rules::{
    Allowed, Chosen, Content, Covered, Ended, Judgement, LooksAt, NewFlow, Rule, RuleId, Ruleset, Translation,
};
use crate::rules::{RuleState, RuleVerdict};
use crate::traffic::Labelled;

/// Flows that a rule shows at most.
const SAMPLES: usize = 5;
/// Clients, servers and ports of a rule that are listed at most.
const SHOWN: usize = 32;
/// A client's port where none is known.
pub(super) const ANY_CLIENT_PORT: u16 = 40_000;

/// A ruleset, and what of it was used.
pub(super) struct Configured {
    pub(super) ruleset: Ruleset,
    pub(super) chosen: Chosen,
    /// What of a flow the rules look at.
    pub(super) looks_at: LooksAt,
    pub(super) allowed: Vec<Allowed>,
    pub(super) covered: Vec<Covered>,
    /// For each rule, in the order of the ruleset.
    pub(super) used: Vec<Used>,
}

/// The part of a rule that was used.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    pub(super) clients: BTreeSet<IpAddr>,
    pub(super) servers: BTreeSet<IpAddr>,
    pub(super) ports: BTreeSet<(Transport, u16)>,
    /// Those of the servers that are in use for certain.
    sure_servers: BTreeSet<IpAddr>,
    /// Those of the ports that are in use for certain.
    sure_ports: BTreeSet<(Transport, u16)>,
    /// The flows that show it best, with their grades.
    best: Vec<(Grade, (usize, Side))>,
    /// The same as samples.
    pub(super) samples: Vec<FlowSample>,
}

impl Configured {
    /// The rules that judge by these chains.
    pub(super) fn new(ruleset: Ruleset, chosen: Chosen) -> Configured {
        let (allowed, covered) = (ruleset.allowed(&chosen), ruleset.covered());
        let looks_at = ruleset.looks_at(&chosen);
        let used = vec![Used::default(); ruleset.rules().len()];
        Configured { ruleset, chosen, looks_at, allowed, covered, used }
    }

    /// What a rule lets through of new flows; empty where it drops, or is not reached.
    pub(super) fn allowed_by(&self, rule: RuleId) -> impl Iterator<Item = &Allowed> {
        self.allowed.iter().filter(move |allowed| allowed.rule == rule)
    }
}

impl Used {
    /// The servers, each with a word where it is perhaps in use.
    pub(super) fn servers_in_words(&self) -> impl ExactSizeIterator<Item = String> {
        self.servers.iter().map(|server| perhaps(server, self.sure_servers.contains(server)))
    }

    /// The ports, each with a word where it is perhaps in use.
    pub(super) fn ports_in_words(&self) -> impl ExactSizeIterator<Item = String> {
        self.ports.iter().map(|at| perhaps(&format_args!("{}/{}", at.1, at.0), self.sure_ports.contains(at)))
    }

    fn show(&mut self, grade: Grade, flow: (usize, Side)) {
        let at = self.best.partition_point(|&(other, _)| other >= grade);
        if at < SAMPLES {
            self.best.insert(at, (grade, flow));
            self.best.truncate(SAMPLES);
        }
    }
}

fn perhaps(what: &dyn std::fmt::Display, is_sure: bool) -> String {
    if is_sure { what.to_string() } else { format!("{what} (perhaps)") }
}

/// What the rules do with the flows of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Fit {
    /// Flows that are let through for certain.
    pub(super) allowed: u64,
    /// Flows that are denied for certain.
    denied: u64,
    /// Flows of which it cannot be told whether they are let through.
    undecided: u64,
    /// Flows in use that are denied for certain.
    pub(super) denied_in_use: u64,
    /// Flows that were tries, not of a scan, and are denied for certain.
    pub(super) demand: u64,
    /// What their clients sent before an answer.
    pub(super) demand_packets: u64,
    /// Flows of which it cannot be told which rule judges them.
    pub(super) ambiguous: u64,
}

impl Fit {
    /// Whether the row is configured.
    pub(super) fn says(&self) -> RulesSay {
        match self {
            Fit { allowed: 1.., .. } => RulesSay::Allowed,
            Fit { undecided: 1.., .. } => RulesSay::Ambiguous,
            Fit { denied: 1.., .. } => RulesSay::Denied,
            _ => RulesSay::NotJudged,
        }
    }
}

/// The interfaces of the firewall, by the zone behind them.
pub(super) struct Interfaces<'a> {
    by_zone: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Interfaces<'a> {
    /// `pairs` hold an interface and its zone.
    pub(super) fn new(pairs: &'a [(String, String)]) -> Interfaces<'a> {
        let mut by_zone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (interface, zone) in pairs {
            by_zone.entry(zone).or_default().push(interface);
        }
        Interfaces { by_zone }
    }

    /// The interfaces that a zone may lie behind; one that is not known where none was named.
    fn behind(&self, zone: &str) -> Vec<Option<&'a str>> {
        match self.by_zone.get(zone) {
            Some(names) => names.iter().copied().map(Some).collect(),
            None => vec![None],
        }
    }
}

/// What makes a difference to a judgement.
type Known = (IpAddr, IpAddr, Content, Option<u16>);

/// Judges flows, each kind of flow once.
struct Judge<'a> {
    configured: &'a Configured,
    interfaces: &'a Interfaces<'a>,
    /// What was judged before, by all that can make a difference.
    known: HashMap<Known, usize, foldhash::fast::RandomState>,
    judgements: Vec<Judgement>,
}

impl<'a> Judge<'a> {
    fn new(configured: &'a Configured, interfaces: &'a Interfaces<'a>) -> Judge<'a> {
        Judge { configured, interfaces, known: HashMap::default(), judgements: Vec::new() }
    }

    /// The judgement of flows between two zones.
    fn judge(&mut self, flows: &FlowGroup, vlan: Option<u16>, zones: (&str, &str)) -> &Judgement {
        let source = if self.configured.looks_at.source_port { flows.client_port } else { None };
        let content = Content::Ports {
            transport: flows.transport,
            source: source.unwrap_or(ANY_CLIENT_PORT),
            destination: flows.port,
        };
        let key = (flows.client, flows.server, content, vlan);
        let n = if let Some(&n) = self.known.get(&key) {
            n
        } else {
            let mut new = NewFlow::new(flows.client, flows.server, content);
            new.vlan = vlan;
            let judgement = by_every_way(self.configured, self.interfaces, new, zones);
            self.known.insert(key, self.judgements.len());
            self.judgements.push(judgement);
            self.judgements.len() - 1
        };
        &self.judgements[n]
    }
}

/// The judgement of a flow between two zones; where a zone lies behind several interfaces, what may
/// happen by any of them.
pub(super) fn by_every_way<'a>(
    configured: &Configured,
    interfaces: &Interfaces<'a>,
    mut flow: NewFlow<'a>,
    (client_zone, server_zone): (&str, &str),
) -> Judgement {
    let Configured { ruleset, chosen, looks_at, .. } = configured;
    if !looks_at.interfaces {
        return ruleset.judge(chosen, &flow);
    }
    let mut all: Option<Judgement> = None;
    for from in interfaces.behind(client_zone) {
        for to in interfaces.behind(server_zone) {
            (flow.in_interface, flow.out_interface) = (from, to);
            let one = ruleset.judge(chosen, &flow);
            match &mut all {
                None => all = Some(one),
                Some(all) => {
                    all.ends.extend(one.ends);
                    all.ends.sort_unstable();
                    all.ends.dedup();
                    if all.translation != one.translation {
                        all.translation = Translation::Uncertain;
                    }
                }
            }
        }
    }
    all.unwrap_or_default()
}

/// What judging gave besides the rows and rules themselves.
pub(super) struct Judged {
    /// For each row.
    pub(super) fits: Vec<Fit>,
    /// For each rule.
    pub(super) rules: Vec<RuleReview>,
    /// Flows whose destination may be translated.
    pub(super) translated: u64,
}

/// Judges every flow, and notes for rows and rules what came of it.
pub(super) fn judge(
    configured: &mut Configured,
    interfaces: &Interfaces,
    observed: &mut [Observed],
    labelled: &Labelled,
) -> Judged {
    let rules = configured.ruleset.rules();
    let mut used = vec![Used::default(); rules.len()];
    let mut judged: Vec<RuleFlows> = vec![RuleFlows::default(); rules.len()];
    let mut rows: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); rules.len()];
    let mut matches: Vec<BTreeMap<Ended, (u64, u64)>> = vec![BTreeMap::new(); observed.len()];
    let mut fits = vec![Fit::default(); observed.len()];
    let mut translated = 0;
    let mut judge = Judge::new(configured, interfaces);
    let contexts = labelled.traffic().table().contexts();
    for (n, Observed { row, groups, .. }) in observed.iter().enumerate() {
        if row.kind == RowKind::Group {
            continue;
        }
        for group in groups {
            // One tag; of several, which of them the firewall saw cannot be told.
            let vlan =
                if configured.looks_at.vlan { contexts.vlan(group.context).parse().ok() } else { None };
            let judgement = judge.judge(group, vlan, (&row.client_zone, &row.server_zone));
            if judgement.translation == Translation::Uncertain {
                translated += group.flows;
            }
            let in_use = group.grade.in_use() != InUse::No;
            let fit = &mut fits[n];
            match judgement.verdict() {
                Some(RuleVerdict::Accept) => fit.allowed += group.flows,
                Some(_) => {
                    fit.denied += group.flows;
                    match group.grade.in_use() {
                        InUse::Yes => fit.denied_in_use += group.flows,
                        InUse::No if !group.is_scan => {
                            fit.demand += group.flows;
                            fit.demand_packets += group.packets_before_reply;
                        }
                        InUse::Maybe | InUse::No => {}
                    }
                }
                None if judgement.is_none() => {}
                None => fit.undecided += group.flows,
            }
            if let Some(end) = judgement.definite() {
                matches[n].entry(end).or_default().0 += group.flows;
                let counts = &mut judged[end.rule.0];
                counts.definite += group.flows;
                *counts.grades.entry(group.grade).or_default() += group.flows;
                counts.packets_before_reply += group.packets_before_reply;
                let used = &mut used[end.rule.0];
                used.show(group.grade, group.first_flow);
                if in_use {
                    used.clients.insert(group.client);
                    used.servers.insert(group.server);
                    used.ports.insert((group.transport, group.port));
                    if group.grade.in_use() == InUse::Yes {
                        used.sure_servers.insert(group.server);
                        used.sure_ports.insert((group.transport, group.port));
                    }
                    rows[end.rule.0].insert(n);
                }
            } else if !judgement.ends.is_empty() {
                fit.ambiguous += group.flows;
                for &end in &judgement.ends {
                    matches[n].entry(end).or_default().1 += group.flows;
                    judged[end.rule.0].ambiguous += group.flows;
                }
            }
        }
    }
    for (Observed { row, .. }, matches) in observed.iter_mut().zip(matches) {
        row.rules = matches
            .into_iter()
            .map(|(end, (definite, ambiguous))| RuleMatch {
                rule: rules[end.rule.0].reference.clone(),
                verdict: end.verdict,
                definite,
                ambiguous,
            })
            .collect();
    }
    for used in &mut used {
        used.samples =
            used.best.iter().filter_map(|&(grade, flow)| observed::sample(labelled, flow, grade)).collect();
    }
    let identifiers = identifiers(rules, &configured.allowed);
    let reviews = rules
        .iter()
        .enumerate()
        .map(|(n, rule)| {
            let covered = configured.covered.iter().find(|covered| covered.rule.0 == n);
            RuleReview {
                reference: rule.reference.clone(),
                row_id: identifiers[n].clone(),
                approval: None,
                text: rule.text.clone(),
                comment: rule.comment.clone(),
                scope: scope::of(configured.allowed_by(RuleId(n)))
                    .filter(|_| rule.verdict == RuleVerdict::Accept && rule.state != RuleState::Opaque),
                verdict: rule.verdict,
                state: rule.state,
                undecided: rule.undecided.clone(),
                kernel_packets: rule.kernel_packets,
                flows: std::mem::take(&mut judged[n]),
                looked_at: configured.allowed_by(RuleId(n)).any(Allowed::has_ports),
                used: in_words(&used[n]),
                rows: rows[n].iter().map(|&row| observed[row].row.row_id.clone()).collect(),
                covered_by: covered.map(|covered| {
                    let by = covered.by.iter().map(|by| rules[by.0].reference.clone()).collect::<Vec<_>>();
                    (by.join(" "), covered.same_verdict)
                }),
                findings: Vec::new(),
            }
        })
        .collect();
    configured.used = used;
    Judged { fits, rules: reviews, translated }
}

/// The rows of rules in the worksheet; empty for those that let no new flow through.
fn identifiers(rules: &[Rule], allowed: &[Allowed]) -> Vec<String> {
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut identifiers = Vec::with_capacity(rules.len());
    for (n, rule) in rules.iter().enumerate() {
        let lets_through = allowed.iter().any(|allowed| allowed.rule.0 == n);
        if rule.verdict != RuleVerdict::Accept || !lets_through {
            identifiers.push(String::new());
            continue;
        }
        let earlier = texts.entry(&rule.text).or_default();
        identifiers.push(row_id::of_rule(&rule.text, *earlier));
        *earlier += 1;
    }
    identifiers
}

/// The part of a rule that was used, in words.
fn in_words(used: &Used) -> Vec<String> {
    if used.ports.is_empty() {
        return Vec::new();
    }
    vec![
        list("clients", used.clients.iter().map(ToString::to_string)),
        list("servers", used.servers_in_words()),
        list("ports", used.ports_in_words()),
    ]
}

/// A list of at most [`SHOWN`] words.
fn list(name: &str, words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len().saturating_sub(SHOWN);
    let words = words.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{name} {words} and {more} more") } else { format!("{name} {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_listed_up_to_a_limit() {
        let mut used = Used::default();
        assert_eq!(in_words(&used), Vec::<String>::new());
        used.ports.insert((Transport::Tcp, 80));
        used.ports.insert((Transport::Udp, 514));
        used.sure_ports.insert((Transport::Tcp, 80));
        used.servers.insert([192, 0, 2, 1].into());
        used.sure_servers.insert([192, 0, 2, 1].into());
        used.clients.extend((0..=SHOWN as u8).map(|n| IpAddr::from([10, 0, 0, n])));
        let words = in_words(&used);
        assert!(words[0].starts_with("clients 10.0.0.0, 10.0.0.1, "), "{words:?}");
        assert!(words[0].ends_with(", 10.0.0.31 and 1 more"), "{words:?}");
        assert_eq!(words[1..], ["servers 192.0.2.1", "ports 80/tcp, 514/udp (perhaps)"]);
    }
}
