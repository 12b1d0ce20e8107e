//! A rule of nftables' JSON as `nft list ruleset` would write it.

use serde_json::{Map, Value};

/// A rule on one line, without its counters and its comment.
pub(super) fn rule(expressions: &[Value]) -> String {
    let words: Vec<String> = expressions.iter().map(statement).filter(|words| !words.is_empty()).collect();
    words.join(" ")
}

/// One statement.
pub(super) fn statement(statement: &Value) -> String {
    let Some((name, body)) = single(statement) else { return value(statement) };
    match name.as_str() {
        "match" => {
            let right = value(&body["right"]);
            match body["op"].as_str() {
                Some("==" | "in") | None => format!("{} {right}", value(&body["left"])),
                Some(op) => format!("{} {op} {right}", value(&body["left"])),
            }
        }
        "counter" => match body.as_str() {
            Some(name) => format!("counter name {}", quoted(name)),
            None => String::new(),
        },
        "jump" | "goto" => format!("{name} {}", value(&body["target"])),
        "vmap" => format!("{} vmap {}", value(&body["key"]), value(&body["data"])),
        "limit" if body.is_object() => {
            let over = if body["inv"] == true { "over " } else { "" };
            let unit = body["rate_unit"].as_str().map_or(String::new(), |unit| format!(" {unit}"));
            let burst = body["burst"].as_u64().map_or(String::new(), |burst| {
                format!(" burst {burst} {}", body["burst_unit"].as_str().unwrap_or("packets"))
            });
            let per = body["per"].as_str().unwrap_or("second");
            format!("limit rate {over}{}{unit}/{per}{burst}", value(&body["rate"]))
        }
        "limit" | "quota" | "synproxy" if body.is_string() => format!("{name} name {}", value(body)),
        "quota" => {
            let over = if body["inv"] == true { "over " } else { "" };
            format!("quota {over}{} {}", value(&body["val"]), value(&body["val_unit"]))
        }
        "ct helper" | "ct timeout" | "ct expectation" if body.is_string() => {
            format!("{name} set {}", quoted(body.as_str().unwrap_or_default()))
        }
        "ct count" => {
            let over = if body["inv"] == true { "over " } else { "" };
            format!("ct count {over}{}", value(&body["val"]))
        }
        "mangle" => format!("{} set {}", value(&body["key"]), value(&body["value"])),
        "reject" => match (body["type"].as_str(), &body["expr"]) {
            (None, _) => "reject".to_owned(),
            (Some("tcp reset"), _) => "reject with tcp reset".to_owned(),
            (Some(kind), Value::Null) => format!("reject with {kind}"),
            (Some(kind), code) => format!("reject with {kind} {}", value(code)),
        },
        "set" | "map" if body["op"].is_string() => {
            let inner = body["stmt"].as_array().map_or(String::new(), |inner| format!(" {}", rule(inner)));
            let data =
                if body["data"].is_null() { String::new() } else { format!(" : {}", value(&body["data"])) };
            let op = body["op"].as_str().unwrap_or_default();
            format!("{op} {} {{ {}{inner}{data} }}", value(&body[name.as_str()]), value(&body["elem"]))
        }
        "flow" => format!("flow {} {}", value(&body["op"]), value(&body["flowtable"])),
        "log" => named("log", body),
        "dnat" | "snat" | "masquerade" | "redirect" | "tproxy" => {
            let family = body["family"].as_str().map_or(String::new(), |family| format!(" {family}"));
            let address = &body["addr"];
            let address = match address {
                Value::Null => String::new(),
                Value::String(text) if text.contains(':') && !body["port"].is_null() => format!("[{text}]"),
                other => value(other),
            };
            let port =
                if body["port"].is_null() { String::new() } else { format!(":{}", value(&body["port"])) };
            let to = if address.is_empty() && port.is_empty() { "" } else { " to " };
            let flags = match &body["flags"] {
                Value::Null => String::new(),
                flags => format!(" {}", value(flags)),
            };
            format!("{name}{family}{to}{address}{port}{flags}")
        }
        "xt" => format!("xt {} {}", value(&body["type"]), quoted(body["name"].as_str().unwrap_or_default())),
        _ if body.is_null() => name.clone(),
        _ => named(name, body),
    }
}

/// The only member of an object.
pub(super) fn single(value: &Value) -> Option<(&String, &Value)> {
    let object = value.as_object()?;
    if object.len() == 1 { object.iter().next() } else { None }
}

/// The words of an object that is written as names with values.
fn named(name: &str, body: &Value) -> String {
    let mut words = name.to_owned();
    match body {
        Value::Null => {}
        Value::Object(members) => {
            for (member, of) in members {
                words.push(' ');
                words.push_str(member);
                words.push(' ');
                match of {
                    Value::String(text) => words.push_str(&quoted(text)),
                    other => words.push_str(&value(other)),
                }
            }
        }
        other => {
            words.push(' ');
            words.push_str(&value(other));
        }
    }
    words
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn list(values: &[Value], between: &str) -> String {
    values.iter().map(value).collect::<Vec<_>>().join(between)
}

/// One expression: a field, a constant, a set.
pub(super) fn value(expression: &Value) -> String {
    match expression {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => match &values[..] {
            // An element of a map.
            [key, what] if what.is_object() => format!("{} : {}", value(key), statement(what)),
            _ => list(values, ","),
        },
        Value::Object(object) => match single(expression) {
            Some((name, body)) => structure(name, body),
            None => object_words(object),
        },
        other => other.to_string(),
    }
}

fn object_words(object: &Map<String, Value>) -> String {
    let words: Vec<String> = object.iter().map(|(name, of)| format!("{name} {}", value(of))).collect();
    words.join(" ")
}

fn structure(name: &str, body: &Value) -> String {
    match name {
        "payload" => match body["protocol"].as_str() {
            Some(protocol) => format!("{protocol} {}", value(&body["field"])),
            None => format!("@{},{},{}", value(&body["base"]), value(&body["offset"]), value(&body["len"])),
        },
        "meta" => match body["key"].as_str() {
            // The keys that nft writes without the word.
            Some(key @ ("iif" | "oif" | "iifname" | "oifname")) => key.to_owned(),
            Some(key) => format!("meta {key}"),
            None => named("meta", body),
        },
        "ct" => {
            let direction = body["dir"].as_str().map_or(String::new(), |dir| format!("{dir} "));
            format!("ct {direction}{}", value(&body["key"]))
        }
        "socket" => format!("socket {}", value(&body["key"])),
        "fib" => format!("fib {} {}", list_of(&body["flags"], " . "), value(&body["result"])),
        "exthdr" | "tcp option" | "ip option" | "sctp chunk" | "dccp option" => {
            let name = if name == "exthdr" { String::new() } else { format!("{name} ") };
            match body["field"].as_str() {
                Some(field) => format!("{name}{} {field}", value(&body["name"])),
                None => format!("{name}{}", value(&body["name"])),
            }
        }
        "prefix" => format!("{}/{}", value(&body["addr"]), value(&body["len"])),
        "range" => list_of(body, "-"),
        "concat" => list_of(body, " . "),
        "set" => format!("{{ {} }}", list_of(body, ", ")),
        "elem" => value(&body["val"]),
        "&" | "|" | "^" | "<<" | ">>" => match body.as_array().map(Vec::as_slice) {
            Some([left, right @ Value::Array(_)]) => {
                format!("{} {name} ({})", value(left), list_of(right, " | "))
            }
            _ => list_of(body, &format!(" {name} ")),
        },
        "accept" | "drop" | "continue" | "return" | "jump" | "goto" => {
            statement(&Value::Object(Map::from_iter([(name.to_owned(), body.clone())])))
        }
        _ => named(name, body),
    }
}

fn list_of(body: &Value, between: &str) -> String {
    match body {
        Value::Array(values) => list(values, between),
        other => value(other),
    }
}
