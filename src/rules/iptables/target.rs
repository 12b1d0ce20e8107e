//! Targets of iptables.

use std::collections::HashMap;
use std::net::IpAddr;

use super::super::conditions::Conditions;
use super::super::names;
use super::super::nat::{Nat, NatPart};
use super::super::rule::Action;

/// What a target does.
pub(super) fn action(
    target: &str,
    options: &[String],
    chains: &HashMap<String, usize>,
    conditions: &mut Conditions,
) -> Action {
    if let Some(&chain) = chains.get(target) {
        return Action::Jump(chain);
    }
    match target {
        "ACCEPT" => Action::Accept,
        "DROP" => Action::Drop,
        "REJECT" => Action::Reject,
        "RETURN" => Action::Return,
        "LOG" | "NFLOG" | "ULOG" => {
            conditions.logs = true;
            Action::Continue
        }
        "NOTRACK" => {
            conditions.untracks();
            Action::Continue
        }
        "CT" => {
            if options.iter().any(|option| option == "--notrack") {
                conditions.untracks();
            }
            Action::Continue
        }
        "DNAT" => Action::Nat(to(options, "--to-destination")),
        "SNAT" => Action::Nat(to(options, "--to-source")),
        "REDIRECT" | "MASQUERADE" => {
            let port =
                value(options, "--to-ports").map_or(NatPart::Same, |to| NatPart::known(to.parse().ok()));
            Action::Nat(Nat::Own(port))
        }
        "NETMAP" => Action::Nat(Nat::To(NatPart::Unknown, NatPart::Same)),
        "QUEUE" | "NFQUEUE" | "SYNPROXY" => {
            conditions.undecided(words(target, options));
            Action::Unknown { continues: false }
        }
        _ if names::continues(target) => Action::Continue,
        _ => {
            let mut action = Action::Continue;
            unknown(&words(target, options), &mut action, conditions);
            action
        }
    }
}

/// A target of which it is not known what it does.
pub(super) fn unknown(target: &str, action: &mut Action, conditions: &mut Conditions) {
    conditions.undecided(format!("target {target}"));
    conditions.opaque = true;
    *action = Action::Unknown { continues: true };
}

fn words(target: &str, options: &[String]) -> String {
    [target].into_iter().chain(options.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

/// The value of an option.
fn value<'a>(options: &'a [String], name: &str) -> Option<&'a str> {
    let at = options.iter().position(|option| option == name)?;
    options.get(at + 1).map(String::as_str)
}

/// What `--to-destination` or `--to-source` makes of packets: one address, one port, or both. Several
/// of either are chosen from by the kernel.
fn to(options: &[String], name: &str) -> Nat {
    let Some(to) = value(options, name) else { return Nat::UNKNOWN };
    // Given twice, it names several.
    if options.iter().filter(|option| *option == name).count() > 1 {
        return Nat::UNKNOWN;
    }
    let (address, port) = match to.rsplit_once(':') {
        // An address of IPv6 with a port stands in brackets.
        Some((address, port)) if !address.contains(':') || address.ends_with(']') => (address, Some(port)),
        _ => (to, None),
    };
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address =
        if address.is_empty() { NatPart::Same } else { NatPart::known(address.parse::<IpAddr>().ok()) };
    let random = options.iter().any(|option| option.starts_with("--random"));
    let port = match port {
        None if random => NatPart::Unknown,
        None => NatPart::Same,
        Some(port) => NatPart::known(port.parse().ok()),
    };
    Nat::To(address, port)
}
