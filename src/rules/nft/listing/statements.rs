//! Statements.

use serde_json::{Map, Value, json};

use super::Parser;
use super::expressions::{constant_of, presence};
use super::tokens::TokenKind;

const OPERATORS: [&str; 7] = ["==", "!=", "<", ">", "<=", ">=", "!"];

impl Parser {
    /// One statement; `None` where it is not understood.
    pub(super) fn statement(&mut self) -> Option<Value> {
        if let Some(verdict) = self.verdict() {
            return Some(verdict);
        }
        let begin = self.at;
        let word = self.word()?;
        let done = match word.as_str() {
            "counter" => self.rule_counter(),
            "log" => self.log(),
            "limit" => self.limit(),
            "quota" => self.quota(),
            "reject" => self.reject(),
            "notrack" => Some(json!({ "notrack": null })),
            "dnat" | "snat" => self.nat(&word),
            "masquerade" | "redirect" => self.own_nat(&word),
            "add" | "update" | "delete" => self.set_statement(&word),
            "xt" => {
                let kind = self.word()?;
                Some(json!({ "xt": { "type": kind, "name": self.name()? } }))
            }
            "flow" => {
                let op = self.word()?;
                Some(json!({ "flow": { "op": op, "flowtable": self.name()? } }))
            }
            "ct" => self.of_connection(),
            _ => None,
        };
        if done.is_some() {
            return done;
        }
        self.at = begin;
        self.matching()
    }

    /// `ct helper set`, `ct count over 9`; none of what looks at a connection.
    fn of_connection(&mut self) -> Option<Value> {
        let word = self.word()?;
        match word.as_str() {
            "helper" | "timeout" | "expectation" if self.take("set") => {
                Some(json!({ (format!("ct {word}")): self.name()? }))
            }
            "count" => {
                let mut count = Map::new();
                if self.take("over") {
                    count.insert("inv".to_owned(), json!(true));
                }
                count.insert("val".to_owned(), json!(self.number()?));
                Some(json!({ "ct count": count }))
            }
            _ => None,
        }
    }

    /// A match, a map of verdicts, or what sets a field.
    fn matching(&mut self) -> Option<Value> {
        let left = self.selector()?;
        if self.take("vmap") {
            return Some(json!({ "vmap": { "key": left, "data": self.right()? } }));
        }
        if self.take("set") {
            return Some(json!({ "mangle": { "key": left, "value": self.value()? } }));
        }
        if let Some(is_there) = self.peek_word().and_then(presence) {
            self.at += 1;
            return Some(json!({ "match": { "op": "==", "left": left, "right": is_there } }));
        }
        let operator = self.peek_word().filter(|word| OPERATORS.contains(word)).map(str::to_owned);
        self.at += usize::from(operator.is_some());
        let right = self.right()?;
        if self.take("/") {
            let mask = self.mask()?;
            let op = operator.unwrap_or_else(|| "==".to_owned());
            return Some(json!({ "match": { "op": op, "left": { "&": [left, mask] }, "right": right } }));
        }
        let is_set = right.get("set").is_some() || right.as_str().is_some_and(|name| name.starts_with('@'));
        let op =
            operator.unwrap_or_else(|| if is_of_bits(&left) && !is_set { "in" } else { "==" }.to_owned());
        Some(json!({ "match": { "op": op, "left": left, "right": right } }))
    }

    fn rule_counter(&mut self) -> Option<Value> {
        if self.take("name") {
            return Some(json!({ "counter": self.name()? }));
        }
        if !self.take("packets") {
            // As it is written before it counts.
            return Some(json!({ "counter": { "packets": 0, "bytes": 0 } }));
        }
        let packets = self.number()?;
        self.take("bytes").then_some(())?;
        Some(json!({ "counter": { "packets": packets, "bytes": self.number()? } }))
    }

    fn log(&mut self) -> Option<Value> {
        let mut log = Map::new();
        while let Some(key @ ("prefix" | "group" | "snaplen" | "queue-threshold" | "level" | "flags")) =
            self.peek_word()
        {
            let key = key.to_owned();
            self.at += 1;
            let value = match key.as_str() {
                "prefix" | "level" => json!(self.name()?),
                "flags" => {
                    // `tcp sequence,options`.
                    let of = self.word()?;
                    if ["tcp", "ip"].contains(&of.as_str()) { json!([of, self.list()?]) } else { json!(of) }
                }
                _ => json!(self.number()?),
            };
            log.insert(key, value);
        }
        Some(if log.is_empty() { json!({ "log": null }) } else { json!({ "log": log }) })
    }

    /// `rate over 10 mbytes/second burst 5 packets`.
    fn limit(&mut self) -> Option<Value> {
        if self.take("name") {
            return Some(json!({ "limit": self.name()? }));
        }
        self.take("rate").then_some(())?;
        let is_over = self.take("over");
        let mut limit = Map::new();
        let word = self.word()?;
        if let Some((rate, per)) = word.split_once('/') {
            limit.insert("rate".to_owned(), json!(rate.parse::<u64>().ok()?));
            limit.insert("burst".to_owned(), json!(5));
            limit.insert("per".to_owned(), json!(per));
        } else {
            let (unit, per) = {
                let word = self.word()?;
                let (unit, per) = word.split_once('/')?;
                (unit.to_owned(), per.to_owned())
            };
            limit.insert("rate".to_owned(), json!(word.parse::<u64>().ok()?));
            limit.insert("per".to_owned(), json!(per));
            limit.insert("rate_unit".to_owned(), json!(unit));
        }
        if self.take("burst") {
            limit.insert("burst".to_owned(), json!(self.number()?));
            let unit = self.word()?;
            if unit != "packets" {
                limit.insert("burst_unit".to_owned(), json!(unit));
            }
        }
        if is_over {
            limit.insert("inv".to_owned(), json!(true));
        }
        Some(json!({ "limit": limit }))
    }

    fn quota(&mut self) -> Option<Value> {
        if self.take("name") {
            return Some(json!({ "quota": self.name()? }));
        }
        let is_over = self.take("over");
        let mut quota = json!({ "val": self.number()?, "val_unit": self.word()? });
        if self.take("used") {
            quota["used"] = json!(self.number()?);
            quota["used_unit"] = json!(self.word()?);
        }
        if is_over {
            quota["inv"] = json!(true);
        }
        Some(json!({ "quota": quota }))
    }

    fn reject(&mut self) -> Option<Value> {
        if !self.take("with") {
            return Some(json!({ "reject": null }));
        }
        let kind = self.word()?;
        if kind == "tcp" {
            return self.take("reset").then(|| json!({ "reject": { "type": "tcp reset" } }));
        }
        self.take("type");
        Some(json!({ "reject": { "type": kind, "expr": self.constant()? } }))
    }

    fn set_statement(&mut self, op: &str) -> Option<Value> {
        let set = self.word().filter(|name| name.starts_with('@'))?;
        self.take_kind(&TokenKind::Open).then_some(())?;
        let element = self.selector()?;
        while let Some("timeout" | "expires") = self.peek_word() {
            self.at += 2;
        }
        let mut inner = Vec::new();
        while self.peek() != Some(&TokenKind::Close) && self.peek_word() != Some(":") {
            inner.push(self.statement()?);
        }
        let data = if self.take(":") { Some(self.value()?) } else { None };
        self.take_kind(&TokenKind::Close).then_some(())?;
        let kind = if data.is_some() { "map" } else { "set" };
        let mut body = json!({ "op": op, "elem": element, (kind): set });
        if let Some(data) = data {
            body["data"] = data;
        }
        if !inner.is_empty() {
            body["stmt"] = Value::Array(inner);
        }
        Some(json!({ (kind): body }))
    }

    /// `dnat ip to 10.0.0.5:80`, `dnat ip to tcp dport map @pub`.
    fn nat(&mut self, name: &str) -> Option<Value> {
        let mut nat = Map::new();
        if let Some(family @ ("ip" | "ip6")) = self.peek_word() {
            nat.insert("family".to_owned(), json!(family));
            self.at += 1;
        }
        // Both parts come from a map: `dnat ip addr . port to`.
        if self.take("addr") {
            (self.take(".") && self.take("port")).then_some(())?;
        }
        self.take("to").then_some(())?;
        let begin = self.at;
        if let Some(key) = self.selector()
            && self.take("map")
        {
            nat.insert("addr".to_owned(), json!({ "map": { "key": key, "data": self.right()? } }));
        } else {
            self.at = begin;
            let (address, port) = ends(&self.name()?)?;
            nat.extend(address.map(|address| ("addr".to_owned(), address)));
            nat.extend(port.map(|port| ("port".to_owned(), port)));
        }
        self.flags(&mut nat);
        Some(json!({ (name): nat }))
    }

    /// `redirect to :8080`, `masquerade random`.
    fn own_nat(&mut self, name: &str) -> Option<Value> {
        let mut nat = Map::new();
        if self.take("to") {
            let word = self.word()?;
            let word = word.strip_prefix(':')?;
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                nat.insert("port".to_owned(), port(word)?);
            } else {
                // The colon stands at the first word of a selector.
                self.at -= 1;
                self.tokens[self.at].kind = TokenKind::Word(word.to_owned());
                let key = self.selector()?;
                self.take("map").then_some(())?;
                nat.insert("port".to_owned(), json!({ "map": { "key": key, "data": self.right()? } }));
            }
        }
        self.flags(&mut nat);
        Some(if nat.is_empty() { json!({ (name): null }) } else { json!({ (name): nat }) })
    }

    fn flags(&mut self, nat: &mut Map<String, Value>) {
        let mut flags = Vec::new();
        while let Some(flag @ ("random" | "fully-random" | "persistent")) = self.peek_word() {
            flags.push(json!(flag));
            self.at += 1;
            self.take_kind(&TokenKind::Comma);
        }
        match flags.len() {
            0 => {}
            1 => {
                nat.extend(flags.pop().map(|flag| ("flags".to_owned(), flag)));
            }
            _ => {
                nat.insert("flags".to_owned(), Value::Array(flags));
            }
        }
    }
}

/// Whether constants are bits, of which any counts where no operator is written.
fn is_of_bits(left: &Value) -> bool {
    let key = left["ct"]["key"].as_str().unwrap_or_default();
    ["state", "status", "label"].contains(&key) || left["payload"]["field"] == "flags"
}

/// An address and a port as they are written together: `10.0.0.5:80`, `[2001:db8::1]:80`, `:80`; each may
/// be a range.
fn ends(word: &str) -> Option<(Option<Value>, Option<Value>)> {
    if let Some(rest) = word.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        // Of a range each end stands in brackets.
        let (address, rest) = match rest.strip_prefix("-[") {
            Some(last) => {
                let (last, rest) = last.split_once(']')?;
                (format!("{address}-{last}"), rest)
            }
            None => (address.to_owned(), rest),
        };
        let port = match rest.strip_prefix(':') {
            Some(text) => Some(port(text)?),
            None => None,
        };
        return Some((Some(constant_of(&address)), port));
    }
    let (address, port_part) = match word.rsplit_once(':') {
        // An address of IPv6 without a port.
        Some((before, _)) if before.contains(':') => (word, None),
        Some((address, port)) => (address, Some(port)),
        None => (word, None),
    };
    let port = match port_part {
        Some(text) => Some(port(text)?),
        None => None,
    };
    Some((Some(address).filter(|address| !address.is_empty()).map(constant_of), port))
}

/// `80` or `80-90`.
fn port(text: &str) -> Option<Value> {
    let number = |text: &str| text.parse::<u16>().ok();
    match text.split_once('-') {
        Some((first, last)) => Some(json!({ "range": [number(first)?, number(last)?] })),
        None => number(text).map(|port| json!(port)),
    }
}
