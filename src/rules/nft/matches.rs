//! Matches of nftables as conditions.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::super::conditions::Conditions;
use super::super::ranges::Ranges;
use super::super::rule::{Action, PartlyKnown, VerdictMap};
use super::super::space::Dimension;
use super::super::table::FieldTable;
use super::field::{MatchedField, field};
use super::text::single;
use super::value::{NFPROTO, ValueKind, ether_type};
use crate::net::{Family, Protocol};

/// A named set or map of one table.
#[derive(Debug, Default)]
pub(super) struct NamedSet<'a> {
    pub elements: &'a [Value],
    /// Time changes what it holds, or programs are meant to: it is taken as it is listed.
    pub comes_and_goes: bool,
    /// Packets change what it holds.
    pub changes: bool,
    /// Packets take from what it holds.
    pub shrinks: bool,
    /// What it holds, once it was asked for as values of some kind.
    known: HashMap<ValueKind, Option<Ranges>>,
    /// Its rows, once it was asked for by some keys.
    tables: HashMap<Vec<(Dimension, ValueKind)>, Option<Arc<FieldTable>>>,
}

impl<'a> NamedSet<'a> {
    pub fn new(elements: &'a [Value], comes_and_goes: bool) -> NamedSet<'a> {
        NamedSet {
            elements,
            comes_and_goes,
            changes: false,
            shrinks: false,
            known: HashMap::new(),
            tables: HashMap::new(),
        }
    }

    /// Its rows by these keys; `None` where they are not known.
    pub fn table(&mut self, keys: &[(Dimension, ValueKind)], elements: &[Value]) -> Option<Arc<FieldTable>> {
        if self.changes {
            return None;
        }
        self.tables.entry(keys.to_vec()).or_insert_with(|| table(keys, elements)).clone()
    }
}

/// The named sets of a table.
pub(super) type Sets<'a> = HashMap<&'a str, NamedSet<'a>>;

/// Adds the condition of one match.
pub(super) fn add(body: &Value, sets: &mut Sets<'_>, conditions: &mut Conditions) {
    if decided(body, sets, conditions) {
        note_listed(&body["right"], sets, conditions);
    } else {
        let text = super::text::statement(&serde_json::json!({ "match": body }));
        match listed_part(body, sets, conditions) {
            Some((part, name)) => {
                conditions.partly_undecided(text, part);
                conditions.as_listed(name);
            }
            None => conditions.undecided(text),
        }
    }
}

/// What is known of a match on a named set into which rules put elements, and from which they take none.
fn listed_part(body: &Value, sets: &Sets<'_>, conditions: &mut Conditions) -> Option<(PartlyKnown, String)> {
    let name = body["right"].as_str()?;
    let set = sets.get(name.strip_prefix('@')?).filter(|set| set.changes && !set.shrinks)?;
    let negated = match body["op"].as_str().unwrap_or("==") {
        "==" | "in" => false,
        "!=" => true,
        _ => return None,
    };
    let MatchedField::Field(dimension, kind) = field(&body["left"], conditions) else { return None };
    if set.elements.is_empty() || matches!(kind, ValueKind::State | ValueKind::Flags) {
        return None;
    }
    let ranges = kind.in_dimension(&elements(kind, set.elements)?);
    Some((PartlyKnown { dimension, ranges, negated }, name.to_owned()))
}

/// Notes a named set that was taken as it is listed.
fn note_listed(named: &Value, sets: &Sets<'_>, conditions: &mut Conditions) {
    let name = named.as_str().and_then(|name| name.strip_prefix('@'));
    if let Some(name) = name.filter(|name| sets.get(name).is_some_and(|set| set.comes_and_goes)) {
        conditions.as_listed(format!("@{name}"));
    }
}

/// Adds it; `false` where it cannot be decided.
fn decided(body: &Value, sets: &mut Sets<'_>, conditions: &mut Conditions) -> bool {
    let (left, right) = (&body["left"], &body["right"]);
    let operator = body["op"].as_str().unwrap_or("==");
    match single(left) {
        Some((name, Value::Array(parts))) if name == "concat" => {
            return concatenation(parts, operator, right, sets, conditions);
        }
        Some((name, Value::Array(operands))) if name == "&" => {
            let [left, mask] = &operands[..] else { return false };
            return masked(field(left, conditions), mask, operator, right, sets, conditions);
        }
        _ => {}
    }
    match field(left, conditions) {
        MatchedField::Field(dimension, kind) if matches!(kind, ValueKind::State | ValueKind::Flags) => {
            bits(dimension, kind, u16::MAX, operator, right, sets, conditions)
        }
        MatchedField::Field(dimension, kind) => {
            let Some(ranges) = ranges(kind, right, sets).and_then(|right| kind.compare(operator, &right))
            else {
                return false;
            };
            conditions.limit(dimension, &kind.in_dimension(&ranges));
            // The first header is the transport's unless it is an extension header's.
            if dimension == Dimension::NextHeader && ranges.is_disjoint(&extension_headers()) {
                conditions.limit(Dimension::Protocol, &ranges);
            }
            true
        }
        MatchedField::Family(kind) => {
            let Some(ranges) = ranges(kind, right, sets).and_then(|right| kind.compare(operator, &right))
            else {
                return false;
            };
            let number = |family: Family| match kind {
                ValueKind::NfProto => NFPROTO[family as usize],
                _ => ether_type(family).0,
            };
            match Family::ALL.map(|family| ranges.contains(number(family).into())) {
                [true, true] => {}
                [true, false] => conditions.only(Family::Ipv4),
                [false, true] => conditions.only(Family::Ipv6),
                [false, false] => conditions.never(),
            }
            true
        }
        MatchedField::Extension(dimension) => {
            let wanted = match (right, operator) {
                (Value::Bool(wanted), "==" | "in") => *wanted,
                (Value::Bool(unwanted), "!=") => !unwanted,
                _ => return false,
            };
            conditions.limit(dimension, &Ranges::one(u8::from(wanted)));
            conditions.approximate();
            true
        }
        MatchedField::FragmentOffset => fragment(0xffff, operator, right, conditions),
        MatchedField::Direction => {
            let original = match right {
                Value::String(word) if word == "original" => true,
                Value::String(word) if word == "reply" => false,
                Value::Number(number) => number.as_u64() == Some(0),
                _ => return false,
            };
            match operator {
                "==" | "in" if !original => conditions.never(),
                "!=" if original => conditions.never(),
                "==" | "in" | "!=" => {}
                _ => return false,
            }
            // Right of what opens a connection; replies are in no space of ours.
            conditions.approximate();
            true
        }
        MatchedField::Status => status(operator, right, conditions),
        MatchedField::Unknown => false,
    }
}

/// What stands for an IPv6 extension header, or for none, in the field of the next header (IANA,
/// IPv6 extension header types).
const EXTENSION_HEADERS: [Protocol; 10] = [
    Protocol::HOP_BY_HOP,
    Protocol::ROUTING,
    Protocol::FRAGMENT,
    Protocol::ESP,
    Protocol::AH,
    Protocol::NO_NEXT_HEADER,
    Protocol::DESTINATION_OPTIONS,
    Protocol::MOBILITY,
    Protocol::HIP,
    Protocol::SHIM6,
];

fn extension_headers() -> Ranges {
    Ranges::new(EXTENSION_HEADERS.map(|one| (one.0.into(), one.0.into())).to_vec())
}

/// `ct status`: a new connection may be one whose destination was translated; it has seen no reply.
fn status(operator: &str, right: &Value, conditions: &mut Conditions) -> bool {
    let words: Vec<&str> = match right {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => return false,
    };
    if operator != "in" || words.iter().any(|word| !["dnat", "seen-reply", "assured"].contains(word)) {
        return false;
    }
    conditions.approximate();
    if words.contains(&"dnat") {
        conditions.limit(Dimension::Translated, &Ranges::one(1_u8));
    } else {
        conditions.never();
    }
    true
}

/// `ip frag-off`, in which an unfragmented packet has all bits 0, except perhaps the one that
/// forbids to fragment it (RFC 791, section 3.1).
fn fragment(mask: u16, operator: &str, right: &Value, conditions: &mut Conditions) -> bool {
    let Some(right) = ValueKind::Port.range(right) else { return false };
    let Some(accepted) = ValueKind::Port.compare(operator, &Ranges::new(vec![right])) else { return false };
    let [plain, not_to_fragment] = [0, 0x4000 & mask].map(|bits| accepted.contains(bits.into()));
    if plain != not_to_fragment {
        return false;
    }
    conditions.limit(Dimension::Fragment, &Ranges::one(u8::from(!plain)));
    conditions.approximate();
    true
}

/// A field of which a mask keeps some bits.
fn masked(
    subject: MatchedField,
    mask: &Value,
    operator: &str,
    right: &Value,
    sets: &mut Sets<'_>,
    conditions: &mut Conditions,
) -> bool {
    match subject {
        MatchedField::FragmentOffset => match ValueKind::Port.bits(mask) {
            Some(mask) => fragment(mask, operator, right, conditions),
            None => false,
        },
        MatchedField::Field(dimension, kind @ ValueKind::Address(_)) => {
            let Some((mask, _)) = kind.range(mask) else { return false };
            let hosts = !mask & kind.max();
            // Only masks that are prefixes make ranges.
            if hosts & hosts.wrapping_add(1) != 0 {
                return false;
            }
            let Some(right) = ranges(kind, right, sets) else { return false };
            if right.as_slice().iter().any(|&(first, last)| first != last || first & hosts != 0) {
                return false;
            }
            let networks = right.as_slice().iter().map(|&(first, _)| (first, first | hosts)).collect();
            let Some(accepted) = kind.compare(operator, &Ranges::new(networks)) else { return false };
            if !matches!(operator, "==" | "in" | "!=") {
                return false;
            }
            conditions.limit(dimension, &accepted);
            true
        }
        MatchedField::Field(dimension, kind) if kind.max() <= u16::MAX.into() => match kind.bits(mask) {
            Some(mask) => bits(dimension, kind, mask, operator, right, sets, conditions),
            None => false,
        },
        _ => false,
    }
}

/// A field of bits: those that the mask keeps are compared with a constant or with a set of them.
fn bits(
    dimension: Dimension,
    kind: ValueKind,
    mask: u16,
    operator: &str,
    right: &Value,
    sets: &Sets<'_>,
    conditions: &mut Conditions,
) -> bool {
    let Some((constants, is_set)) = constants(kind, right, sets) else { return false };
    let all = constants.iter().fold(0, |all, one| all | one);
    let accept = |bits: u16| {
        let bits = bits & mask;
        Some(match (operator, is_set) {
            ("==", _) | ("in", true) => constants.contains(&bits),
            ("!=", _) => !constants.contains(&bits),
            ("in", false) => bits & all != 0,
            ("!", _) => bits & all == 0,
            _ => return None,
        })
    };
    if accept(0).is_none() {
        return false;
    }
    let max = u16::try_from(kind.max()).unwrap_or(u16::MAX);
    let accepted = Ranges::accepted(max, |bits| accept(bits).unwrap_or(false));
    conditions.limit(dimension, &kind.in_dimension(&accepted));
    true
}

/// The constants of bits that a right side names, and whether they are a set.
fn constants(kind: ValueKind, right: &Value, sets: &Sets<'_>) -> Option<(Vec<u16>, bool)> {
    let elements = match right {
        Value::String(name) if name.starts_with('@') => {
            sets.get(&name[1..]).filter(|set| !set.changes)?.elements
        }
        _ => match single(right) {
            Some((name, Value::Array(elements))) if name == "set" => elements,
            _ => return Some((vec![kind.bits(right)?], false)),
        },
    };
    let constants = elements.iter().map(|element| kind.bits(inner(element)));
    Some((constants.collect::<Option<_>>()?, true))
}

/// An element of a set without what belongs to it.
fn inner(element: &Value) -> &Value {
    match element.get("elem") {
        Some(element) => element.get("val").unwrap_or(element),
        None => element,
    }
}

/// The values of a right side: a constant, a range, a prefix, or a set of them. `None` where they
/// are not known.
fn ranges(kind: ValueKind, right: &Value, sets: &mut Sets<'_>) -> Option<Ranges> {
    if let Value::String(name) = right
        && let Some(name) = name.strip_prefix('@')
    {
        let set = sets.get_mut(name).filter(|set| !set.changes)?;
        return set.known.entry(kind).or_insert_with(|| elements(kind, set.elements)).clone();
    }
    match single(right) {
        Some((name, Value::Array(values))) if name == "set" => elements(kind, values),
        _ => match right {
            Value::Array(values) => elements(kind, values),
            _ => Some(Ranges::new(vec![kind.range(right)?])),
        },
    }
}

fn elements(kind: ValueKind, values: &[Value]) -> Option<Ranges> {
    Some(Ranges::new(values.iter().map(|value| kind.range(inner(value))).collect::<Option<_>>()?))
}

/// The dimensions that the parts of a key mean; `None` where one cannot be decided.
pub(super) fn keys(key: &Value, conditions: &mut Conditions) -> Option<Vec<(Dimension, ValueKind)>> {
    let one = std::slice::from_ref(key);
    let parts = match single(key) {
        Some((name, Value::Array(parts))) if name == "concat" => parts,
        _ => one,
    };
    // Every part asks for its header, even when another cannot be decided.
    let keys: Vec<_> = parts.iter().map(|part| field(part, conditions)).collect();
    keys.into_iter()
        .map(|subject| match subject {
            // A code alone is not a range of type and code.
            MatchedField::Field(dimension, kind) if !matches!(kind, ValueKind::IcmpCode(_)) => {
                Some((dimension, kind))
            }
            _ => None,
        })
        .collect()
}

/// One element of a set with such keys, as a range for each.
fn row(keys: &[(Dimension, ValueKind)], element: &Value) -> Option<Vec<(u128, u128)>> {
    let element = inner(element);
    let parts = match single(element) {
        Some((name, Value::Array(parts))) if name == "concat" => parts,
        _ => std::slice::from_ref(element),
    };
    if parts.len() != keys.len() {
        return None;
    }
    keys.iter()
        .zip(parts)
        .map(|((_, kind), part)| {
            // Bits are constants here: `established | related` is one number.
            let range = match kind {
                ValueKind::State | ValueKind::Flags => kind.bits(part).map(|bits| (bits.into(), bits.into())),
                _ => kind.range(part),
            }?;
            let ranges = kind.in_dimension(&Ranges::new(vec![range]));
            ranges.as_slice().first().copied()
        })
        .collect()
}

fn concatenation(
    parts: &[Value],
    operator: &str,
    right: &Value,
    sets: &mut Sets<'_>,
    conditions: &mut Conditions,
) -> bool {
    let key = serde_json::json!({ "concat": parts });
    let Some(keys) = keys(&key, conditions) else { return false };
    let table = match right {
        Value::String(name) => sets.get_mut(name.trim_start_matches('@')).and_then(|set| {
            let elements = set.elements;
            set.table(&keys, elements)
        }),
        _ => match single(right) {
            Some((name, Value::Array(elements))) if name == "set" => table(&keys, elements),
            _ => table(&keys, std::slice::from_ref(right)),
        },
    };
    let negated = match operator {
        "==" | "in" => false,
        "!=" => true,
        _ => return false,
    };
    let Some(table) = table else { return false };
    conditions.lookup(table, negated);
    true
}

/// The rows of a set by these keys; `None` where an element is not understood.
pub(super) fn table(keys: &[(Dimension, ValueKind)], elements: &[Value]) -> Option<Arc<FieldTable>> {
    let rows = elements.iter().map(|element| row(keys, element)).collect::<Option<_>>()?;
    Some(Arc::new(FieldTable::new(keys.iter().map(|(dimension, _)| *dimension).collect(), rows)))
}

/// A map whose values are `action`s; `None` where it is not known what it holds.
pub(super) fn map(
    body: &Value,
    sets: &mut Sets<'_>,
    conditions: &mut Conditions,
    action: impl Fn(&Value) -> Option<Action>,
) -> Option<VerdictMap> {
    let keys = keys(&body["key"], conditions)?;
    let (named, elements) = match &body["data"] {
        Value::String(name) => {
            let set = sets.get_mut(name.trim_start_matches('@'))?;
            let elements = set.elements;
            (Some(set), elements)
        }
        data => (None, data["set"].as_array()?.as_slice()),
    };
    let mut plain = Vec::new();
    let mut actions = Vec::new();
    let mut catch_all = None;
    for element in elements {
        let [key, what] = element.as_array()?.as_slice() else { return None };
        let action = action(what)?;
        if key == "*" {
            catch_all = Some(action);
        } else {
            plain.push(key.clone());
            actions.push(action);
        }
    }
    let table = match named {
        Some(set) => set.table(&keys, &plain)?,
        None => table(&keys, &plain)?,
    };
    note_listed(&body["data"], sets, conditions);
    Some(VerdictMap { table, actions, catch_all })
}
