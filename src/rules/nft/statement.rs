//! Statements of nftables as conditions and actions.

use std::collections::HashMap;

use serde_json::Value;

use super::super::conditions::Conditions;
use super::super::names;
use super::super::nat::{Nat, NatPart};
use super::super::rule::Action;
use super::field::field;
use super::matches::{self, Sets};
use super::text;
use super::translation;
use crate::net::{Family, Protocol};

/// A counter of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counter<'a> {
    /// Its own: packets and bytes.
    Own(u64, u64),
    /// One of its table, by name.
    Named(&'a str),
}

/// What the statements of one rule come to.
pub(super) struct Compiled<'a> {
    pub conditions: Conditions,
    pub action: Action,
    /// The counter of what the whole rule matched.
    pub counter: Option<Counter<'a>>,
    /// There is an expression that only iptables understands.
    pub from_iptables: bool,
}

/// Puts the statements of a rule together. `chains` are the chains of its table by name.
pub(super) fn compile<'a>(
    statements: &'a [Value],
    families: &[Family],
    sets: &mut Sets<'_>,
    chains: &HashMap<&str, usize>,
) -> Compiled<'a> {
    let mut rule = Compiled {
        conditions: Conditions::new(families),
        action: Action::Continue,
        counter: None,
        from_iptables: false,
    };
    for statement in statements {
        rule.add(statement, sets, chains);
    }
    rule
}

impl<'a> Compiled<'a> {
    fn add(&mut self, statement: &'a Value, sets: &mut Sets<'_>, chains: &HashMap<&str, usize>) {
        let (name, body) = match statement {
            // Newer programs may print a verdict as a word.
            Value::String(name) => (name.as_str(), &Value::Null),
            _ => match text::single(statement) {
                Some((name, body)) => (name.as_str(), body),
                None => return self.unknown(statement),
            },
        };
        let conditions = &mut self.conditions;
        match name {
            "match" => {
                self.counter = None;
                matches::add(body, sets, conditions);
            }
            "counter" => {
                let count = |of: &str| body[of].as_u64();
                let own = count("packets").zip(count("bytes"));
                let own = own.map(|(packets, bytes)| Counter::Own(packets, bytes));
                self.counter = own.or_else(|| body.as_str().map(Counter::Named));
            }
            "log" => conditions.logs = true,
            "accept" | "drop" | "reject" | "jump" | "goto" | "return" | "continue" => {
                self.verdict(name, body, statement, chains);
            }
            "vmap" => self.verdict_map(body, statement, sets, chains),
            "limit" | "quota" | "ct count" | "meter" => self.undecided(statement),
            // They change the packet or what is known of it, and read fields for it, so that only
            // packets which have these get past them.
            "mangle" => {
                // What is set of a connection is left out where there is none.
                if body["key"].get("ct").is_none() {
                    read_fields(&body["key"], conditions);
                }
                read_fields(&body["value"], conditions);
            }
            "set" | "map" => {
                read_fields(&body["elem"], conditions);
                read_fields(&body["data"], conditions);
                if body["stmt"].as_array().is_some_and(|inner| {
                    inner.iter().any(|inner| text::single(inner).is_none_or(|(name, _)| name != "counter"))
                }) {
                    self.undecided(statement);
                }
            }
            "notrack" => conditions.untracks(),
            "ct helper" | "ct timeout" | "ct expectation" | "flow" | "secmark" | "last" | "comment"
            | "dup" => {}
            "dnat" | "snat" | "redirect" | "masquerade" => self.translate(name, body, statement, sets),
            "queue" | "synproxy" | "tproxy" | "fwd" => {
                self.undecided(statement);
                self.action = Action::Unknown { continues: name == "tproxy" };
            }
            "xt" => {
                self.undecided(statement);
                self.conditions.opaque = true;
                self.from_iptables = true;
                if body["type"] != "match" {
                    self.action = target(body["name"].as_str().unwrap_or_default());
                }
            }
            _ => self.unknown(statement),
        }
    }

    fn verdict(&mut self, name: &str, body: &Value, statement: &Value, chains: &HashMap<&str, usize>) {
        match verdict(name, body, chains) {
            Some(action) => self.action = action,
            None => self.unknown(statement),
        }
        if name == "reject" {
            match body["type"].as_str() {
                Some("tcp reset") => self.conditions.protocol(Protocol::TCP),
                Some("icmp") => self.conditions.only(Family::Ipv4),
                Some("icmpv6") => self.conditions.only(Family::Ipv6),
                _ => {}
            }
        }
    }

    fn verdict_map(
        &mut self,
        body: &Value,
        statement: &Value,
        sets: &mut Sets<'_>,
        chains: &HashMap<&str, usize>,
    ) {
        // A counter before the map counts also what has no key for it.
        self.counter = None;
        let action = |what: &Value| match what {
            Value::String(name) => verdict(name, &Value::Null, chains),
            what => text::single(what).and_then(|(name, body)| verdict(name, body, chains)),
        };
        if let Some(map) = matches::map(body, sets, &mut self.conditions, action) {
            self.action = Action::Map(Box::new(map));
        } else {
            self.undecided(statement);
            self.action = Action::Unknown { continues: true };
        }
    }

    fn undecided(&mut self, statement: &Value) {
        self.counter = None;
        self.conditions.undecided(text::statement(statement));
    }

    /// A statement that is not known: it may match or not, and end the rule or not.
    fn unknown(&mut self, statement: &Value) {
        self.undecided(statement);
        self.conditions.opaque = true;
        if matches!(self.action, Action::Continue) {
            self.action = Action::Unknown { continues: true };
        }
    }

    fn translate(&mut self, name: &str, body: &Value, statement: &Value, sets: &mut Sets<'_>) {
        let action = translation::action(name, body, sets, &mut self.conditions);
        if matches!(action, None | Some(Action::Map(_))) {
            // A counter before the map counts also what has no key for it.
            self.counter = None;
        }
        if action.is_none() {
            self.undecided(statement);
        }
        self.action = action.unwrap_or(Action::Nat(Nat::UNKNOWN));
    }
}

/// A verdict; `None` for a chain that is not there.
fn verdict(name: &str, body: &Value, chains: &HashMap<&str, usize>) -> Option<Action> {
    let target = || chains.get(body["target"].as_str().or(body.as_str())?).copied();
    Some(match name {
        "accept" => Action::Accept,
        "drop" => Action::Drop,
        "reject" => Action::Reject,
        "return" => Action::Return,
        "continue" => Action::Continue,
        "jump" => Action::Jump(target()?),
        "goto" => Action::Goto(target()?),
        _ => return None,
    })
}

/// Asks for the headers of the fields that an expression reads.
fn read_fields(expression: &Value, conditions: &mut Conditions) {
    match expression {
        Value::Array(parts) => parts.iter().for_each(|part| read_fields(part, conditions)),
        Value::Object(members) => {
            if members.contains_key("payload") || members.contains_key("ct") {
                field(expression, conditions);
            } else {
                members.values().for_each(|part| read_fields(part, conditions));
            }
        }
        _ => {}
    }
}

/// What a target of iptables does, as far as its name tells: nftables says no more of it.
fn target(name: &str) -> Action {
    match name {
        "REJECT" => Action::Reject,
        "DNAT" | "SNAT" | "NETMAP" => Action::Nat(Nat::UNKNOWN),
        "REDIRECT" | "MASQUERADE" => Action::Nat(Nat::Own(NatPart::Unknown)),
        _ if names::continues(name) => Action::Continue,
        _ => Action::Unknown { continues: true },
    }
}
