//! Rulesets of nftables, as `nft -j list ruleset` prints them (libnftables-json(5)). One object at a
//! time: what is not understood makes its own rule opaque and no other.

mod field;
mod matches;
mod statement;
mod text;
mod translation;
mod value;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::matches::{NamedSet, Sets};
use super::chain::{BaseChain, Chain};
use super::error::NotARuleset;
use super::hook::{ChainHook, ChainKind, TableFamily};
use super::rule::{Rule, RuleId};
use super::ruleset::Ruleset;
use super::verdict::RuleVerdict;

/// Reads the output of `nft -j list ruleset`.
pub(super) fn read(bytes: &[u8]) -> Result<Ruleset, NotARuleset> {
    let file: Value = serde_json::from_slice(bytes)?;
    let Some(objects) = file["nftables"].as_array() else {
        return Err(NotARuleset::NoNftables);
    };
    let mut reader = NftReader::default();
    for object in objects {
        if let Some((kind, body)) = text::single(object) {
            match kind.as_str() {
                "chain" => reader.chain(body),
                "set" | "map" => reader.set(body),
                _ => {}
            }
        }
    }
    let rules = || objects.iter().filter_map(|object| object.get("rule"));
    reader.find_sets_that_change(rules());
    rules().for_each(|rule| reader.rule(rule));
    reader.policies();
    Ok(reader.ruleset)
}

/// A table: its family and its name.
type TableName<'a> = (&'a str, &'a str);

#[derive(Default)]
struct NftReader<'a> {
    ruleset: Ruleset,
    /// The chains of each table by name.
    chains: HashMap<TableName<'a>, HashMap<&'a str, usize>>,
    sets: HashMap<TableName<'a>, Sets<'a>>,
    /// Base chains with their policies.
    policies: Vec<(usize, RuleVerdict)>,
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

    fn chain(&mut self, body: &'a Value) {
        let place = self.place(table_of(body), text_of(body, "name"));
        let Some(hook) = body["hook"].as_str() else { return };
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
        let changes =
            !body["timeout"].is_null() || flags.iter().any(|flag| ["timeout", "dynamic"].contains(flag));
        let sets = self.sets.entry(table_of(body)).or_default();
        sets.insert(text_of(body, "name"), NamedSet::new(elements, changes));
    }

    /// Marks the sets into which rules put elements.
    fn find_sets_that_change(&mut self, rules: impl Iterator<Item = &'a Value>) {
        let mut changing: HashSet<(TableName<'a>, &'a str)> = HashSet::new();
        for rule in rules {
            for statement in rule["expr"].as_array().into_iter().flatten() {
                if let Some((kind, body)) = text::single(statement)
                    && ["set", "map"].contains(&kind.as_str())
                    && let Some(name) = body[kind.as_str()].as_str()
                {
                    changing.insert((table_of(rule), name.trim_start_matches('@')));
                }
            }
        }
        for (table, name) in changing {
            if let Some(set) = self.sets.get_mut(&table).and_then(|sets| sets.get_mut(name)) {
                set.changes = true;
            }
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
        let number =
            body["handle"].as_u64().map_or_else(|| format!("?{}", id.0), |handle| handle.to_string());
        let conditions = compiled.conditions;
        self.ruleset.rules.push(Rule {
            reference: format!("{}#{number}", chain.name),
            chain: chain.name.clone(),
            text: text::rule(statements),
            comment: text_of(body, "comment").to_owned(),
            verdict: compiled.action.verdict(),
            state: conditions.state(),
            undecided: conditions.undecided.clone(),
            kernel_packets: compiled.counter.map(|(packets, _)| packets),
            kernel_bytes: compiled.counter.map(|(_, bytes)| bytes),
            counted: None,
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
