//! Targets of iptables.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use super::super::conditions::Conditions;
use super::super::names;
use super::super::rule::{Action, Nat};

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
        // The latter two end a chain of translation without a word on the destination.
        "ACCEPT" | "SNAT" | "MASQUERADE" => Action::Accept,
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
        "DNAT" => Action::Nat(destination(options)),
        "REDIRECT" | "NETMAP" => Action::Nat(Nat::Uncertain),
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

/// Where `--to-destination` sends packets: one address, one port, or both. Several of either are
/// chosen from by the kernel.
fn destination(options: &[String]) -> Nat {
    let value = |name: &str| {
        options
            .iter()
            .position(|option| option == name)
            .and_then(|at| options.get(at + 1))
            .map(String::as_str)
    };
    let has = |name: &str| options.iter().any(|option| option == name);
    let Some(to) = value("--to-destination") else { return Nat::Uncertain };
    if has("--random") || has("--persistent") {
        return Nat::Uncertain;
    }
    if let Some(port) = to.strip_prefix(':') {
        return port.parse().map_or(Nat::Uncertain, |port| Nat::To(None, Some(port)));
    }
    if let Ok(address) = to.parse::<IpAddr>() {
        return Nat::To(Some(address), None);
    }
    to.parse::<SocketAddr>().map_or(Nat::Uncertain, |to| Nat::To(Some(to.ip()), Some(to.port())))
}
