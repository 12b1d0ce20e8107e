//! A comparison as a table, CSV and JSON.

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};

use super::compare::{Change, Changed, Difference};
use super::inventory::{Amount, Inventory, Kind, Offered};
use crate::label::STATUSES;
use crate::registry::Registry;
use crate::report::field::{columns, people};
use crate::report::flows::protocol;
use crate::report::{Bits, Head, Holds, Table, Value, WhenNarrow};
use crate::text::{count, words};

columns! {
    /// The values of something that changed.
    pub fn values<'a>(one: &Changed<'a>) {
        let service = one.part.service();
        let amount = one.new.or(one.old);
    }
    "change": always Holds::Word(words!(Change)), "what happened: `more` and `less` by the factor that was asked for" => Value::text(Some(one.change.name()));
    "kind": always Holds::Word(words!(Kind)), "what came, went or changed: a service, a server or client of a service, a status of ports, a client that scans" => Value::text(Some(one.part.kind().name()));
    "protocol": maybe Holds::Text, "protocol above IP of the service" => service.map_or(Value::Unknown, |key| Value::Text(protocol(key.protocol)));
    "service": maybe Holds::Text, "service name registered for the port" => match service.map(|key| &key.offer) {
        Some(Offered::Named(name)) => Value::text(Some(name.as_str())),
        _ => Value::Unknown,
    };
    "port": maybe Holds::PORT, "port of the servers; unknown where they have several" => Value::port(amount.and_then(|amount| amount.port));
    "icmp_type": maybe Holds::Integer(Bits::B8, None), "type of the clients' ICMP messages" => match service.map(|key| &key.offer) {
        Some(Offered::Portless(kind)) => Value::small(*kind),
        _ => Value::Unknown,
    };
    "address": maybe Holds::Address, "address of the server, the client or the scan" => one.part.address().map_or(Value::Unknown, Value::Address);
    "status": maybe Holds::Word(STATUSES), "what the registry says of the port" => amount.map_or(Value::Unknown, |amount| Value::text(amount.status.as_deref()));
    "old_flows": maybe Holds::Integer(Bits::B64, Some("flows")), "flows of the old side; unknown where it has none" => number(one.old, |amount| amount.flows);
    "new_flows": maybe Holds::Integer(Bits::B64, Some("flows")), "flows of the new side; unknown where it has none" => number(one.new, |amount| amount.flows);
    "old_bytes": maybe Holds::BYTES, "IP bytes of the old side" => number(one.old, |amount| amount.bytes);
    "new_bytes": maybe Holds::BYTES, "IP bytes of the new side" => number(one.new, |amount| amount.bytes);
}

people! {
    /// The table's cells of something that changed.
    fn people(one: &Changed) {
        let amount = one.new.or(one.old);
    }
    text "change", WhenNarrow::Stays => one.change.name().to_owned();
    text "what", WhenNarrow::Stays => one.part.kind().name().to_owned();
    text "port", WhenNarrow::Stays => port(one);
    text "registered as", WhenNarrow::Wraps => match one.part.service().map(|key| &key.offer) {
        Some(Offered::Named(name)) => {
            [one.new, one.old].into_iter().flatten().find_map(|amount| amount.names.as_ref()).unwrap_or(name).clone()
        }
        _ => "-".to_owned(),
    };
    text "address", WhenNarrow::Stays => one.part.address().as_ref().map_or("-".to_owned(), IpAddr::to_string);
    text "status", WhenNarrow::Leaves(3) => amount.and_then(|amount| amount.status.clone()).unwrap_or("-".to_owned());
    text "flows", WhenNarrow::Leaves(1) => both(one, |amount| amount.flows);
    text "bytes", WhenNarrow::Leaves(2) => both(one, |amount| amount.bytes);
}

/// The port of the servers, as other tables have it.
fn port(one: &Changed) -> String {
    let Some(key) = one.part.service() else { return "-".to_owned() };
    match (&key.offer, one.new.or(one.old).and_then(|amount| amount.port)) {
        (Offered::Portless(_), _) => key.to_string(),
        (_, Some(port)) => format!("{port}/{}", key.protocol),
        (_, None) => format!("several/{}", key.protocol),
    }
}

fn number<'a>(amount: Option<&Amount>, of: fn(&Amount) -> u64) -> Value<'a> {
    amount.map_or(Value::Unknown, |amount| Value::Number(of(amount)))
}

/// Before and now: `3 → 12`, `- → 12`.
fn both(one: &Changed, of: fn(&Amount) -> u64) -> String {
    let cell = |amount: Option<&Amount>| amount.map_or("-".to_owned(), |amount| of(amount).to_string());
    format!("{} → {}", cell(one.old), cell(one.new))
}

/// The comparison as a table for people, with what must be known of it below.
pub fn table(difference: &Difference, sides: [(&str, &Inventory); 2], factor: f64) -> Table {
    let mut table = Table::new(PEOPLE);
    for one in &difference.changed {
        table.row(people(one));
    }
    if !difference.changed.is_empty() {
        table.below("Flows and bytes are those of the old side → those of the new one; `-` is none.");
    }
    for ((name, side), which) in sides.into_iter().zip(["Old", "New"]) {
        table.below(format!(
            "{which}: {name}, {}, {}.",
            count(side.flows(), "flow"),
            count(side.bytes(), "byte")
        ));
    }
    let of = |change: Change| {
        let kinds: Vec<String> = Kind::ALL
            .into_iter()
            .map(|kind| (difference.count(change, kind), kind))
            .filter(|(number, _)| *number > 0)
            .map(|(number, kind)| match kind {
                Kind::Status if number > 1 => format!("{number} statuses"),
                kind => count(number as u64, kind.name()),
            })
            .collect();
        (!kinds.is_empty()).then(|| format!("{} {}", kinds.join(", "), change.name()))
    };
    let counts: Vec<String> = Change::ALL.into_iter().filter_map(of).collect();
    table.below(if counts.is_empty() {
        format!("Nothing came, went or changed by a factor of {factor}.")
    } else {
        format!("{}.", counts.join("; "))
    });
    if difference.changed.iter().any(|one| matches!(one.change, Change::More | Change::Less)) {
        table.below(format!("More and less are by a factor of {factor} at least, in bytes."));
    }
    for one in &difference.not_compared {
        table.below(one.in_words());
    }
    table.below(
        "Gone means not seen on the new side, no more: it may be shorter, or taken elsewhere. Ports of clients are \
         not compared, and what scans tried and did not use stands in their rows alone.",
    );
    table
}

/// The head of the comparison for programs.
pub fn head(
    difference: &Difference,
    registry: &Registry,
    sides: [(&[String], &Inventory); 2],
    factor: f64,
) -> Head {
    let mut head = Head::of_registry(registry);
    for ((names, side), which) in sides.into_iter().zip(["old", "new"]) {
        head.put(which, json!({ "names": names, "flows": side.flows(), "bytes": side.bytes() }));
    }
    head.put("factor", factor.into());
    let counts: Map<String, Json> = Change::ALL
        .into_iter()
        .map(|change| {
            let of_kind =
                Kind::ALL.map(|kind| (kind.name().to_owned(), difference.count(change, kind).into()));
            (change.name().to_owned(), Json::Object(Map::from_iter(of_kind)))
        })
        .collect();
    head.put("counts", counts.into());
    let not_compared: Vec<Json> = difference
        .not_compared
        .iter()
        .map(|one| {
            let side = if one.is_old { "old" } else { "new" };
            json!({ "kind": one.kind.name(), "unknown_of": side, "why": one.why.why() })
        })
        .collect();
    head.put("not_compared", not_compared.into());
    head
}
