//! Statements of nftables that translate addresses and ports: `dnat`, `snat`, `redirect`, `masquerade`.

use std::net::IpAddr;

use serde_json::Value;

use super::super::conditions::Conditions;
use super::super::nat::{Nat, NatPart};
use super::super::rule::{Action, VerdictMap};
use super::matches::{self, Sets};
use super::text::single;
use crate::net::Family;

/// What a statement does. `None` where it asks a map of which it is not known what it holds: then it
/// may translate to anything, or match nothing.
pub(super) fn action(name: &str, body: &Value, sets: &mut Sets<'_>, rule: &mut Conditions) -> Option<Action> {
    let port = plain_port(&body["port"]);
    if ["redirect", "masquerade"].contains(&name) {
        return match port {
            Some(port) => Some(Action::Nat(Nat::Own(port))),
            None => of_map(&body["port"], sets, rule, |port| Some(Nat::Own(plain_port(port)?))),
        };
    }
    match body["family"].as_str() {
        Some("ip") => rule.only(Family::Ipv4),
        Some("ip6") => rule.only(Family::Ipv6),
        _ => {}
    }
    match (plain_address(&body["addr"]), port) {
        (Some(address), Some(port)) => Some(Action::Nat(Nat::To(address, port))),
        (Some(address), None) => {
            of_map(&body["port"], sets, rule, |port| Some(Nat::To(address, plain_port(port)?)))
        }
        (None, Some(port)) => of_map(&body["addr"], sets, rule, |to| match single(to) {
            Some((name, Value::Array(parts))) if name == "concat" => match &parts[..] {
                [address, port] => Some(Nat::To(plain_address(address)?, plain_port(port)?)),
                _ => None,
            },
            _ => Some(Nat::To(plain_address(to)?, port)),
        }),
        (None, None) => None,
    }
}

/// An address that a statement names; one of a range or a prefix is chosen by the kernel. `None` for
/// what is no address.
fn plain_address(value: &Value) -> Option<NatPart<IpAddr>> {
    plain(value, |one| one.as_str()?.parse().ok())
}

/// A port, likewise.
fn plain_port(value: &Value) -> Option<NatPart<u16>> {
    plain(value, |one| u16::try_from(one.as_u64()?).ok())
}

fn plain<T: Ord>(value: &Value, one: impl Fn(&Value) -> Option<T>) -> Option<NatPart<T>> {
    if value.is_null() {
        return Some(NatPart::Same);
    }
    match single(value) {
        Some((name, body)) if name == "range" => {
            let ends = body.get(0).and_then(&one).zip(body.get(1).and_then(&one));
            Some(ends.map_or(NatPart::Unknown, |(first, last)| NatPart::Among(first, last)))
        }
        Some((name, _)) if name == "prefix" => Some(NatPart::Unknown),
        _ => one(value).map(NatPart::To),
    }
}

/// What a map says; a packet that has no element in it does not match.
fn of_map(
    value: &Value,
    sets: &mut Sets<'_>,
    conditions: &mut Conditions,
    nat: impl Fn(&Value) -> Option<Nat>,
) -> Option<Action> {
    let (name, body) = single(value)?;
    if name != "map" {
        return None;
    }
    matches::map(body, sets, conditions, |to| nat(to).map(Action::Nat))
        .map(|map: VerdictMap| Action::Map(Box::new(map)))
}
