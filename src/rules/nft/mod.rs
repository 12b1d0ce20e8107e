//! Rulesets of nftables, as `nft -j list ruleset` and `nft list ruleset` print them (libnftables-json(5), nft(8)). One
//! object at a time: what is not understood makes its own rule opaque and no other.

mod field;
mod listing;
mod matches;
mod statement;
mod text;
mod translation;
mod value;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::matches::{NamedSet, Sets};
use self::statement::Counter;
use super::chain::{BaseChain, Chain};
use super::error::NotARuleset;
use super::hook::{ChainHook, ChainKind, TableFamily};
use super::rule::{Rule, RuleId};
use super::ruleset::Ruleset;
use super::verdict::RuleVerdict;
use crate::foreign::Foreign;

/// Reads the output of `nft -j list ruleset`.
pub(super) fn read(bytes: &[u8]) -> Result<Ruleset, NotARuleset> {
    let file: Value = serde_json::from_slice(bytes)?;
    match file["nftables"].as_array() {
        Some(objects) => Ok(of_objects(objects, "")),
        None => Err(NotARuleset::NoNftables),
    }
}

/// Reads the output of `nft list ruleset`. `name` is the file in references to rules that have no handle.
pub(super) fn read_text(bytes: &[u8], name: &str) -> Result<Ruleset, NotARuleset> {
    let text = String::from_utf8_lossy(bytes);
    let objects = listing::objects(text.trim_start_matches('\u{feff}'))?;
    Ok(of_objects(&objects, name))
}

fn of_objects(objects: &[Value], name: &str) -> Ruleset {
    let mut reader = NftReader { name, ..NftReader::default() };
    for object in objects {
        if let Some((kind, body)) = text::single(object) {
            match kind.as_str() {
                "table" => reader.table(body),
                "chain" => reader.chain(body),
                "set" | "map" => reader.set(body),
                "counter" => reader.counter(body),
                _ => {}
            }
        }
    }
    let rules = || objects.iter().filter_map(|object| object.get("rule"));
    reader.find_sets_that_change(rules());
    reader.find_uses_of_counters(objects);
    rules().for_each(|rule| reader.rule(rule));
    reader.policies();
    reader.ruleset
}

/// A table: its family and its name.
type TableName<'a> = (&'a str, &'a str);

#[derive(Default)]
struct NftReader<'a> {
    name: &'a str,
    ruleset: Ruleset,
    /// The tables that are there and do nothing.
    dormant: HashSet<TableName<'a>>,
    /// The chains of each table by name.
    chains: HashMap<TableName<'a>, HashMap<&'a str, usize>>,
    sets: HashMap<TableName<'a>, Sets<'a>>,
    /// The named counters.
    counters: HashMap<(TableName<'a>, &'a str), NamedCounter>,
    /// Base chains with their policies.
    policies: Vec<(usize, RuleVerdict)>,
}

/// A counter that rules count by its name.
#[derive(Clone, Copy, Debug, Default)]
struct NamedCounter {
    packets: u64,
    bytes: u64,
    /// In how many places it is named.
    uses: usize,
    /// Whether elements of sets or maps name it, too.
    is_of_elements: bool,
}

fn text_of<'a>(object: &'a Value, member: &str) -> &'a str {
    object[member].as_str().unwrap_or_default()
}

fn table_of(object: &Value) -> TableName<'_> {
    (text_of(object, "family"), text_of(object, "table"))
}

impl<'a> NftReader<'a> {
    /// The place of a chain; a new one where it was not declared.
    fn place(&mut self, table: TableName<'a>, name: &'a str) -> usize {
        let chains = &mut self.ruleset.chains;
        *self.chains.entry(table).or_default().entry(name).or_insert_with(|| {
            chains.push(Chain::new(format!("{}/{}/{name}", table.0, table.1), &TableFamily::of(table.0)));
            chains.len() - 1
        })
    }

    fn table(&mut self, body: &'a Value) {
        let is_dormant = |flags: &Value| flags == "dormant";
        if is_dormant(&body["flags"])
            || body["flags"].as_array().is_some_and(|all| all.iter().any(is_dormant))
        {
            self.dormant.insert((text_of(body, "family"), text_of(body, "name")));
        }
    }

    fn chain(&mut self, body: &'a Value) {
        let table = table_of(body);
        let place = self.place(table, text_of(body, "name"));
        // The kernel calls no chain of a dormant table.
        let Some(hook) = body["hook"].as_str().filter(|_| !self.dormant.contains(&table)) else { return };
        let policy = match body["policy"].as_str() {
            Some("drop") => RuleVerdict::Drop,
            _ => RuleVerdict::Accept,
        };
        let chain = &mut self.ruleset.chains[place];
        chain.base = Some(BaseChain {
            name: chain.name.clone(),
            kind: body["type"].as_str().map_or(ChainKind::Filter, ChainKind::of),
            hook: ChainHook::of(hook),
            priority: body["prio"].as_i64().unwrap_or(0),
            policy: RuleId(0),
        });
        self.policies.push((place, policy));
    }

    fn set(&mut self, body: &'a Value) {
        let elements = body["elem"].as_array().map_or(&[][..], Vec::as_slice);
        let flags: Vec<&str> = match &body["flags"] {
            Value::Array(flags) => flags.iter().filter_map(Value::as_str).collect(),
            flag => flag.as_str().into_iter().collect(),
        };
        let comes_and_goes =
            !body["timeout"].is_null() || flags.iter().any(|flag| ["timeout", "dynamic"].contains(flag));
        let sets = self.sets.entry(table_of(body)).or_default();
        sets.insert(text_of(body, "name"), NamedSet::new(elements, comes_and_goes));
    }

    /// Marks the sets into which rules put elements.
    fn find_sets_that_change(&mut self, rules: impl Iterator<Item = &'a Value>) {
        let mut changing: HashSet<(TableName<'a>, &'a str, bool)> = HashSet::new();
        for rule in rules {
            for statement in rule["expr"].as_array().into_iter().flatten() {
                if let Some((kind, body)) = text::single(statement)
                    && ["set", "map"].contains(&kind.as_str())
                    && let Some(name) = body[kind.as_str()].as_str()
                {
                    let shrinks = !matches!(body["op"].as_str(), Some("add" | "update"));
                    changing.insert((table_of(rule), name.trim_start_matches('@'), shrinks));
                }
            }
        }
        for (table, name, shrinks) in changing {
            if let Some(set) = self.sets.get_mut(&table).and_then(|sets| sets.get_mut(name)) {
                set.changes = true;
                set.shrinks |= shrinks;
            }
        }
    }

    fn counter(&mut self, body: &'a Value) {
        let count = |of: &str| body[of].as_u64().unwrap_or_default();
        let counter =
            NamedCounter { packets: count("packets"), bytes: count("bytes"), ..NamedCounter::default() };
        self.counters.insert((table_of(body), text_of(body, "name")), counter);
    }

    /// Counts in how many places each named counter is used.
    fn find_uses_of_counters(&mut self, objects: &'a [Value]) {
        if self.counters.is_empty() {
            return;
        }
        for (kind, body) in objects.iter().filter_map(text::single) {
            let table = table_of(body);
            match kind.as_str() {
                "rule" => {
                    for statement in body["expr"].as_array().into_iter().flatten() {
                        let named = text::single(statement).filter(|(kind, _)| *kind == "counter");
                        match named.and_then(|(_, body)| body.as_str()) {
                            Some(name) => {
                                if let Some(counter) = self.counters.get_mut(&(table, name)) {
                                    counter.uses += 1;
                                }
                            }
                            None => self.find_counters_of_elements(table, statement),
                        }
                    }
                }
                "set" | "map" => self.find_counters_of_elements(table, &body["elem"]),
                _ => {}
            }
        }
    }

    /// Marks the counters whose names stand in elements.
    fn find_counters_of_elements(&mut self, table: TableName<'a>, value: &'a Value) {
        match value {
            Value::String(name) => {
                if let Some(counter) = self.counters.get_mut(&(table, name.as_str())) {
                    counter.is_of_elements = true;
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.find_counters_of_elements(table, value);
                }
            }
            Value::Object(members) => {
                for value in members.values() {
                    self.find_counters_of_elements(table, value);
                }
            }
            _ => {}
        }
    }

    /// The counter of a rule: packets and bytes of its own, and packets of one that it shares.
    fn counted(
        &self,
        table: TableName<'a>,
        counter: Option<Counter<'a>>,
    ) -> (Option<(u64, u64)>, Option<u64>) {
        match counter {
            None => (None, None),
            Some(Counter::Own(packets, bytes)) => (Some((packets, bytes)), None),
            Some(Counter::Named(name)) => match self.counters.get(&(table, name)) {
                Some(&NamedCounter { packets, bytes, uses: 1, is_of_elements: false }) => {
                    (Some((packets, bytes)), None)
                }
                Some(counter) => (None, Some(counter.packets)),
                None => (None, None),
            },
        }
    }

    fn rule(&mut self, body: &'a Value) {
        let table = table_of(body);
        let place = self.place(table, text_of(body, "chain"));
        let statements = body["expr"].as_array().map_or(&[][..], Vec::as_slice);
        let chains = self.chains.entry(table).or_default();
        let sets = self.sets.entry(table).or_default();
        let compiled = statement::compile(statements, TableFamily::of(table.0).versions(), sets, chains);
        let chain = &mut self.ruleset.chains[place];
        let id = RuleId(self.ruleset.rules.len());
        chain.rules.push(id);
        let reference = match (body["handle"].as_u64(), body["line"].as_u64()) {
            (Some(handle), _) => format!("{}#{handle}", chain.name),
            (None, Some(line)) => format!("{}:{line}", self.name),
            (None, None) => format!("{}#?{}", chain.name, id.0),
        };
        let conditions = compiled.conditions;
        let (counter, shared_packets) = self.counted(table, compiled.counter);
        let chain = &mut self.ruleset.chains[place];
        self.ruleset.rules.push(Rule {
            reference,
            chain: chain.name.clone(),
            text: Foreign::new(text::rule(statements)),
            comment: Foreign::new(text_of(body, "comment").to_owned()),
            verdict: compiled.action.verdict(),
            state: conditions.state(),
            undecided: conditions.undecided.clone(),
            listed: conditions.listed.clone(),
            kernel_packets: counter.map(|(packets, _)| packets),
            kernel_bytes: counter.map(|(_, bytes)| bytes),
            counted: None,
            shared_packets,
            family: conditions.family(),
            logs: conditions.logs,
            policy: false,
            from_iptables: compiled.from_iptables,
            peer_group: None,
            matcher: conditions.matcher(compiled.action),
        });
    }

    fn policies(&mut self) {
        for (place, verdict) in std::mem::take(&mut self.policies) {
            self.ruleset.add_policy(place, verdict, None);
        }
    }
}
