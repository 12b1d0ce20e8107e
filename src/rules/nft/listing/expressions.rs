//! Selectors, constants and sets.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::Parser;
use super::tokens::TokenKind;

/// Headers whose fields are named by two words.
const HEADERS: [&str; 18] = [
    "ether", "vlan", "arp", "ip", "ip6", "icmp", "icmpv6", "igmp", "tcp", "udp", "udplite", "sctp", "dccp",
    "th", "ah", "esp", "comp", "gre",
];
/// Extension headers of IPv6.
const EXTENSIONS: [&str; 8] = ["hbh", "rt0", "rt2", "rt4", "srh", "frag", "dst", "mh"];
/// What `meta` may be left out of.
const META: [&str; 6] = ["iif", "oif", "iifname", "oifname", "iifgroup", "oifgroup"];

/// Words that say whether a header is there.
pub(super) fn presence(word: &str) -> Option<bool> {
    match word {
        "exists" => Some(true),
        "missing" => Some(false),
        _ => None,
    }
}

/// A word as the constant that it is.
pub(super) fn constant_of(word: &str) -> Value {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse::<u64>().ok(),
    };
    if let Some(number) = number(word) {
        return json!(number);
    }
    if let Some((address, length)) = word.split_once('/')
        && let (Ok(_), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u8>())
    {
        return json!({ "prefix": { "addr": address, "len": length } });
    }
    let is_end = |text: &str| number(text).is_some() || text.parse::<IpAddr>().is_ok();
    if let Some((first, last)) = word.split_once('-')
        && is_end(first)
        && (is_end(last) || last.contains('/'))
    {
        return json!({ "range": [constant_of(first), constant_of(last)] });
    }
    json!(word)
}

impl Parser {
    /// What a match looks at: one field, or several with dots between them.
    pub(super) fn selector(&mut self) -> Option<Value> {
        let first = self.field()?;
        if self.peek_word() != Some(".") {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.take(".") {
            parts.push(self.field()?);
        }
        Some(json!({ "concat": parts }))
    }

    /// One field, or the part of it that a mask keeps.
    fn field(&mut self) -> Option<Value> {
        let field = self.plain_field()?;
        if self.take("&") {
            let mask = self.mask()?;
            return Some(json!({ "&": [field, mask] }));
        }
        Some(field)
    }

    /// `(fin | syn)`, `fin,syn` or one constant.
    pub(super) fn mask(&mut self) -> Option<Value> {
        if self.take("(") {
            let inside = self.constant()?;
            let bits = inside.get("|").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![inside]);
            return self.take(")").then(|| Value::Array(bits));
        }
        self.list()
    }

    fn plain_field(&mut self) -> Option<Value> {
        let word = self.word()?;
        if META.contains(&word.as_str()) {
            return Some(json!({ "meta": { "key": word } }));
        }
        if HEADERS.contains(&word.as_str()) {
            let field = self.word()?;
            if field == "option" || word == "sctp" && field == "chunk" {
                return self.option(&format!("{word} {field}"));
            }
            return Some(json!({ "payload": { "protocol": word, "field": field } }));
        }
        if EXTENSIONS.contains(&word.as_str()) {
            return self.extension(&word);
        }
        match word.as_str() {
            "meta" => Some(json!({ "meta": { "key": self.word()? } })),
            "ct" => self.tracked(),
            "fib" => self.route(),
            "exthdr" => {
                let name = self.word()?;
                self.extension(&name)
            }
            "numgen" => {
                let mode = self.word()?;
                let modulus = if self.take("mod") { self.number()? } else { return None };
                let offset = if self.take("offset") { self.number()? } else { 0 };
                Some(json!({ "numgen": { "mode": mode, "mod": modulus, "offset": offset } }))
            }
            "socket" => {
                let key = self.word()?;
                (key != "cgroupv2").then(|| json!({ "socket": { "key": key } }))
            }
            "rt" => {
                // A routing header, or what the routing table says.
                let key = self.word()?;
                match key.as_str() {
                    "classid" | "nexthop" | "mtu" | "ipsec" => Some(json!({ "rt": { "key": key } })),
                    _ if presence(&key).is_some() => {
                        self.at -= 1;
                        Some(json!({ "exthdr": { "name": "rt" } }))
                    }
                    _ => Some(json!({ "exthdr": { "name": "rt", "field": key } })),
                }
            }
            _ => {
                let (base, rest) = word.strip_prefix('@')?.split_once(',')?;
                let (offset, length) = rest.split_once(',')?;
                let (offset, length) = (offset.parse::<u64>().ok()?, length.parse::<u64>().ok()?);
                Some(json!({ "payload": { "base": base, "offset": offset, "len": length } }))
            }
        }
    }

    fn option(&mut self, of: &str) -> Option<Value> {
        let name = self.word()?;
        let mut option = json!({ "name": name });
        if self.peek_word().is_some_and(|word| presence(word).is_none() && word != "set") {
            option["field"] = json!(self.word()?);
        }
        Some(json!({ (of): option }))
    }

    fn extension(&mut self, name: &str) -> Option<Value> {
        let mut header = json!({ "name": name });
        if self.peek_word().is_some_and(|word| presence(word).is_none()) {
            header["field"] = json!(self.word()?);
        }
        Some(json!({ "exthdr": header }))
    }

    /// What connection tracking knows.
    fn tracked(&mut self) -> Option<Value> {
        let mut word = self.word()?;
        let mut field = Map::new();
        if ["original", "reply"].contains(&word.as_str()) {
            field.insert("dir".to_owned(), json!(word));
            word = self.word()?;
        }
        if ["ip", "ip6"].contains(&word.as_str()) {
            word = format!("{word} {}", self.word()?);
        }
        field.insert("key".to_owned(), json!(word));
        Some(json!({ "ct": field }))
    }

    /// `fib daddr . iif type`.
    fn route(&mut self) -> Option<Value> {
        let mut flags = vec![self.word()?];
        while self.take(".") {
            flags.push(self.word()?);
        }
        Some(json!({ "fib": { "result": self.word()?, "flags": flags } }))
    }

    /// The right side of a match.
    pub(super) fn right(&mut self) -> Option<Value> {
        if self.peek() == Some(&TokenKind::Open) {
            return Some(json!({ "set": self.elements()? }));
        }
        if self.peek_word() == Some("(") {
            return self.mask();
        }
        self.list()
    }

    /// One constant, several with commas, or several with dots between them.
    pub(super) fn list(&mut self) -> Option<Value> {
        let first = self.concatenated()?;
        if self.peek() != Some(&TokenKind::Comma) {
            return Some(first);
        }
        let mut all = vec![first];
        while self.take_kind(&TokenKind::Comma) {
            all.push(self.concatenated()?);
        }
        Some(Value::Array(all))
    }

    fn concatenated(&mut self) -> Option<Value> {
        let first = self.constant()?;
        if self.peek_word() != Some(".") {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.take(".") {
            parts.push(self.constant()?);
        }
        Some(json!({ "concat": parts }))
    }

    /// A constant, a range of them, or bits that are all set: `syn | ack`.
    pub(super) fn constant(&mut self) -> Option<Value> {
        let first = self.single_constant()?;
        if self.peek_word() != Some("|") {
            return Some(first);
        }
        let mut bits = vec![first];
        while self.take("|") {
            bits.push(self.single_constant()?);
        }
        Some(json!({ "|": bits }))
    }

    fn single_constant(&mut self) -> Option<Value> {
        match self.peek()?.clone() {
            TokenKind::Word(word) if !["(", ")", ".", ":", "|", "&"].contains(&word.as_str()) => {
                self.at += 1;
                Some(constant_of(&word))
            }
            TokenKind::Quoted(text) => {
                self.at += 1;
                if self.peek_word() == Some("-") {
                    self.at += 1;
                    return Some(json!({ "range": [text, self.name()?] }));
                }
                Some(json!(text))
            }
            _ => None,
        }
    }

    /// The elements of a set or of a map, with their brackets.
    pub(super) fn elements(&mut self) -> Option<Vec<Value>> {
        if !self.take_kind(&TokenKind::Open) {
            return None;
        }
        let mut all = Vec::new();
        loop {
            while matches!(self.peek(), Some(TokenKind::End | TokenKind::Comma)) {
                self.at += 1;
            }
            if self.take_kind(&TokenKind::Close) {
                return Some(all);
            }
            let key = self.concatenated()?;
            self.skip_of_element();
            if self.take(":") {
                let value = self.element_value()?;
                self.skip_of_element();
                all.push(json!([key, value]));
            } else {
                all.push(key);
            }
        }
    }

    /// What else belongs to an element: its time, its counter, its comment.
    fn skip_of_element(&mut self) {
        let is_end = |kind: &TokenKind| match kind {
            TokenKind::Comma | TokenKind::Close => true,
            TokenKind::Word(word) => word == ":",
            _ => false,
        };
        while self.peek().is_some_and(|kind| !is_end(kind)) {
            self.at += 1;
        }
    }

    fn element_value(&mut self) -> Option<Value> {
        match self.verdict() {
            Some(verdict) => Some(verdict),
            None => self.concatenated(),
        }
    }

    /// `accept`, `jump web`.
    pub(super) fn verdict(&mut self) -> Option<Value> {
        let word = self.peek_word()?.to_owned();
        match word.as_str() {
            "accept" | "drop" | "continue" | "return" => {
                self.at += 1;
                Some(json!({ (word): null }))
            }
            "jump" | "goto" => {
                self.at += 1;
                Some(json!({ (word): { "target": self.name()? } }))
            }
            _ => None,
        }
    }

    /// What a statement sets something to.
    pub(super) fn value(&mut self) -> Option<Value> {
        let begin = self.at;
        let value = if let Some(value) = self.selector() {
            value
        } else {
            self.at = begin;
            self.list()?
        };
        if self.take("map") {
            let data = self.right()?;
            return Some(json!({ "map": { "key": value, "data": data } }));
        }
        let mut value = value;
        while let Some(operator @ ("&" | "|" | "^" | "<<" | ">>")) = self.peek_word() {
            let operator = operator.to_owned();
            self.at += 1;
            let other = self.mask()?;
            value = json!({ (operator): [value, other] });
        }
        Some(value)
    }
}
