//! Matches of iptables as conditions (iptables(8), iptables-extensions(8)).

use std::sync::Arc;

use super::super::conditions::Conditions;
use super::super::ipset::{Asked, KnownSets};
use super::super::names;
use super::super::point::{interface, interfaces_from};
use super::super::ranges::Ranges;
use super::super::rule::PartlyKnown;
use super::super::space::{Dimension, destination, state};
use super::super::table::FieldTable;
use super::super::words::Words;
use crate::net::{Family, Protocol, number_in};

const EVERY_PORT: (u128, u128) = (0, 65_535);

/// Extensions of which all or some options can be decided; alone they ask for nothing.
const DECIDED: [&str; 18] = [
    "addrtype",
    "comment",
    "conntrack",
    "dccp",
    "dst",
    "frag",
    "hbh",
    "icmp",
    "icmp6",
    "iprange",
    "multiport",
    "rt",
    "sctp",
    "set",
    "state",
    "tcp",
    "udp",
    "udplite",
];

/// Reads the options of one rule.
pub(super) struct Matches<'a> {
    family: Family,
    known: &'a KnownSets<'a>,
    /// The extension that was asked for last: `-m limit`.
    module: String,
}

impl<'a> Matches<'a> {
    pub fn new(family: Family, known: &'a KnownSets<'a>) -> Matches<'a> {
        Matches { family, known, module: String::new() }
    }

    /// Reads one option, its negation before or after it, and its values.
    pub fn option(&mut self, word: &str, words: &mut Words, conditions: &mut Conditions) {
        let mut negated = word == "!";
        let option = if negated { words.next().unwrap_or_default().to_owned() } else { word.to_owned() };
        if words.peek() == Some("!") && takes_old_negation(&option) {
            words.next();
            negated = true;
        }
        if ["-m", "--match"].contains(&option.as_str()) {
            words.next().unwrap_or_default().clone_into(&mut self.module);
            if ["rt", "hbh", "dst", "frag"].contains(&self.module.as_str()) && self.family == Family::Ipv6 {
                // Without the header none of its options matches.
                let dimension = if self.module == "frag" { Dimension::Fragment } else { Dimension::Extended };
                conditions.limit(dimension, &Ranges::one(1_u8));
                conditions.approximate();
            }
            // Some extensions match without an option.
            if !DECIDED.contains(&self.module.as_str()) {
                conditions.undecided(format!("-m {}", self.module));
            }
            return;
        }
        let values = words.values();
        if self.decided(&option, negated, &values, conditions) {
            return;
        }
        let mut text = String::new();
        for word in negated
            .then_some("!")
            .into_iter()
            .chain([option.as_str()])
            .chain(values.iter().map(String::as_str))
        {
            text.push_str(word);
            text.push(' ');
        }
        let text = text.trim_end();
        match conditions.undecided.last_mut() {
            Some(words) if !self.module.is_empty() && words.starts_with(&format!("-m {}", self.module)) => {
                words.push(' ');
                words.push_str(text);
            }
            _ if self.module.is_empty() => conditions.undecided(text),
            _ => conditions.undecided(format!("-m {} {text}", self.module)),
        }
    }

    /// Adds the condition of one option; `false` where it cannot be decided.
    fn decided(&self, option: &str, negated: bool, values: &[String], conditions: &mut Conditions) -> bool {
        let value = values.first().map_or("", String::as_str);
        let limited = |dimension: Dimension, ranges: Option<Ranges>, conditions: &mut Conditions| {
            let Some(mut ranges) = ranges else { return false };
            if negated {
                ranges = ranges.complement(dimension.largest(self.family));
            }
            conditions.limit(dimension, &ranges);
            true
        };
        let one = |protocol: Protocol| Ranges::one(protocol.0);
        if option.starts_with("--ct") && option != "--ctstate" {
            conditions.tracked();
        }
        match option {
            // The latter count in a set, and match nothing.
            "-4" | "--ipv4" | "-6" | "--ipv6" | "--update-counters" | "--update-subcounters" => true,
            "-s" | "--source" | "--src" => {
                limited(Dimension::Source, networks(value, self.family), conditions)
            }
            "-d" | "--destination" | "--dst" => {
                limited(Dimension::Destination, networks(value, self.family), conditions)
            }
            "-i" | "--in-interface" => limited(Dimension::InInterface, Some(named(value)), conditions),
            "-o" | "--out-interface" => limited(Dimension::OutInterface, Some(named(value)), conditions),
            "-p" | "--protocol" | "--proto" => match names::protocol(value) {
                _ if value == "all" => true,
                // Every protocol: 0 sets no condition.
                Some(Protocol(0)) => true,
                protocol => limited(Dimension::Protocol, protocol.map(one), conditions),
            },
            "-f" | "--fragment" if self.family == Family::Ipv4 => {
                // The second and later fragments; a flow begins with another packet.
                conditions.limit(Dimension::Fragment, &Ranges::one(u8::from(!negated)));
                conditions.approximate();
                true
            }
            "--sport" | "--source-port" | "--sports" | "--source-ports" => {
                limited(Dimension::SourcePort, ports(value), conditions)
            }
            "--dport" | "--destination-port" | "--dports" | "--destination-ports" => {
                limited(Dimension::DestinationPort, ports(value), conditions)
            }
            "--ports" if self.module == "multiport" => either_port(value, negated, conditions),
            "--src-range" => limited(Dimension::Source, span(value, self.family), conditions),
            "--dst-range" => limited(Dimension::Destination, span(value, self.family), conditions),
            "--syn" => limited(Dimension::TcpFlags, tcp_flags("FIN,SYN,RST,ACK", "SYN"), conditions),
            "--tcp-flags" => {
                let set = values.get(1).map_or("", String::as_str);
                limited(Dimension::TcpFlags, tcp_flags(value, set), conditions)
            }
            "--icmp-type" => limited(Dimension::Icmp, icmp(value, Family::Ipv4), conditions),
            "--icmpv6-type" => limited(Dimension::Icmp, icmp(value, Family::Ipv6), conditions),
            "--state" | "--ctstate" => states(value, negated, conditions),
            "--ctproto" => limited(Dimension::Protocol, names::protocol(value).map(one), conditions),
            "--ctorigsrc" => limited(Dimension::Source, networks(value, self.family), conditions),
            "--ctorigdst" => {
                limited(Dimension::OriginalDestination, networks(value, self.family), conditions)
            }
            "--ctorigsrcport" => limited(Dimension::SourcePort, ports(value), conditions),
            "--ctorigdstport" => limited(Dimension::OriginalDestinationPort, ports(value), conditions),
            "--ctdir" => {
                if value.eq_ignore_ascii_case("original") == negated {
                    conditions.never();
                }
                // Right of what opens a connection; replies are in no space of ours.
                conditions.approximate();
                true
            }
            "--match-set" => self.set(value, values.get(1).map_or("", String::as_str), negated, conditions),
            "--dst-type" => limited(Dimension::DestinationType, types(value), conditions),
            // What belongs to the headers whose presence was asked for before.
            _ => ["rt", "hbh", "dst", "frag"].contains(&self.module.as_str()),
        }
    }
}

impl Matches<'_> {
    /// Asks for a set as it was saved; `false` where it is not known what it holds.
    fn set(&self, name: &str, sides: &str, negated: bool, conditions: &mut Conditions) -> bool {
        let Some((asked, grows)) = self.known.asked(name, sides) else { return false };
        match asked {
            // What was saved is in it; of all else that is not known.
            Asked::One(dimension, ranges) if grows && !ranges.as_slice().is_empty() => {
                let not = if negated { "! " } else { "" };
                let part = PartlyKnown { dimension, ranges, negated };
                conditions.partly_undecided(format!("-m set {not}--match-set {name} {sides}"), part);
            }
            _ if grows => return false,
            Asked::One(dimension, ranges) if negated => {
                conditions.limit(dimension, &ranges.complement(dimension.largest(self.family)));
            }
            Asked::One(dimension, ranges) => conditions.limit(dimension, &ranges),
            Asked::Table(table) => conditions.lookup(table, negated),
        }
        conditions.as_listed(format!("ipset {name}"));
        true
    }
}

/// Options that older programs negate with a `!` after them.
fn takes_old_negation(option: &str) -> bool {
    ["-s", "-d", "-i", "-o", "-p", "--source", "--destination", "--sport", "--dport", "--source-port"]
        .contains(&option)
        || ["--destination-port", "--tcp-flags", "--icmp-type", "--icmpv6-type", "--state", "--ctstate"]
            .contains(&option)
        || ["--sports", "--dports", "--ports", "--src-range", "--dst-range", "--protocol"].contains(&option)
}

/// Networks: an address with a prefix or a mask, or several with commas between them.
fn networks(list: &str, family: Family) -> Option<Ranges> {
    let max = Dimension::Source.largest(family);
    let number = |text: &str| number_in(family, text.parse().ok()?);
    let mut ranges = Vec::new();
    for network in list.split(',') {
        let (address, hosts) = match network.split_once('/') {
            None => (network, 0),
            Some((address, mask)) => {
                let hosts = match mask.parse::<u32>() {
                    Ok(length) => max.checked_shr(length).unwrap_or(0),
                    Err(_) => !number(mask)? & max,
                };
                (address, hosts)
            }
        };
        // Only masks that are prefixes make ranges.
        if hosts & hosts.wrapping_add(1) != 0 {
            return None;
        }
        let address = number(address)? & !hosts;
        ranges.push((address, address | hosts));
    }
    Some(Ranges::new(ranges))
}

/// `first-last`.
fn span(value: &str, family: Family) -> Option<Ranges> {
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    let [first, last] = [first, last].map(|end| networks(end, family).map(|one| one.as_slice().to_vec()));
    Some(Ranges::new(vec![(first?.first()?.0, last?.first()?.1)]))
}

/// The interfaces of a name, which may end in `+` for all that begin so.
fn named(name: &str) -> Ranges {
    Ranges::new(vec![match name.strip_suffix('+') {
        Some(beginning) => interfaces_from(beginning),
        None => (interface(name), interface(name)),
    }])
}

/// Ports and ranges of them (`80`, `1000:2000`, `:80`, `1024:`) with commas between them.
fn ports(list: &str) -> Option<Ranges> {
    let end = |text: &str, open: u16| if text.is_empty() { Some(open) } else { text.parse::<u16>().ok() };
    let mut ranges = Vec::new();
    for range in list.split(',') {
        let (from, to) = if let Some((from, to)) = range.split_once(':') {
            (end(from, 0)?, end(to, u16::MAX)?)
        } else {
            let one = range.parse::<u16>().ok()?;
            (one, one)
        };
        ranges.push((from.into(), to.into()));
    }
    Some(Ranges::new(ranges))
}

/// Ports of either end.
fn either_port(value: &str, negated: bool, conditions: &mut Conditions) -> bool {
    let Some(ports) = ports(value) else { return false };
    let rows = ports.as_slice().iter().flat_map(|&range| [vec![range, EVERY_PORT], vec![EVERY_PORT, range]]);
    let table = FieldTable::new(vec![Dimension::SourcePort, Dimension::DestinationPort], rows.collect());
    conditions.lookup(Arc::new(table), negated);
    true
}

/// The flags of which, among those of the mask, just these are set.
fn tcp_flags(mask: &str, set: &str) -> Option<Ranges> {
    let bits = |list: &str| {
        list.split(',').try_fold(0_u8, |bits, flag| {
            Some(
                bits | match flag {
                    "ALL" => 0x3f,
                    "NONE" => 0,
                    flag => names::tcp_flag(flag)?,
                },
            )
        })
    };
    let (mask, set) = (bits(mask)?, bits(set)?);
    Some(Ranges::accepted(u8::MAX.into(), |flags| flags as u8 & mask == set))
}

/// `8`, `3/4`, a name of a type (`echo-request`) or of one of its codes (`port-unreachable`).
fn icmp(value: &str, family: Family) -> Option<Ranges> {
    // The number by which iptables means any type.
    if value == "any" || (value == "255" && family == Family::Ipv4) {
        return Some(Ranges::new(vec![EVERY_PORT]));
    }
    let (kind, code) = value.split_once('/').unwrap_or((value, ""));
    let kind = u128::from(names::icmp_type(kind, family)?) << 8;
    if !code.is_empty() {
        return Some(Ranges::one(kind | u128::from(code.parse::<u8>().ok()?)));
    }
    let is_type = value.parse::<u8>().is_ok() || !names::is_icmp_code(value);
    match names::icmp_code(value, family).filter(|_| !is_type) {
        Some(code) => Some(Ranges::one(kind | u128::from(code))),
        None => Some(Ranges::new(vec![(kind, kind | 0xff)])),
    }
}

/// States of a connection, among which iptables counts that its destination was translated.
fn states(list: &str, negated: bool, conditions: &mut Conditions) -> bool {
    let mut states = Vec::new();
    let mut translated = false;
    for word in list.split(',') {
        states.push(match word.to_ascii_uppercase().as_str() {
            "INVALID" => state::INVALID,
            "ESTABLISHED" => state::ESTABLISHED,
            "RELATED" => state::RELATED,
            "NEW" => state::NEW,
            "UNTRACKED" => state::UNTRACKED,
            "DNAT" => {
                translated = true;
                continue;
            }
            // Sources are translated after the rules that judge.
            "SNAT" => {
                conditions.approximate();
                continue;
            }
            _ => return false,
        });
    }
    let states = Ranges::new(states.into_iter().map(|state| (state.into(), state.into())).collect());
    if translated {
        let mut rows: Vec<_> = states.as_slice().iter().map(|&range| vec![range, (0, 1)]).collect();
        rows.push(vec![(0, 127), (1, 1)]);
        let table = FieldTable::new(vec![Dimension::State, Dimension::Translated], rows);
        conditions.lookup(Arc::new(table), negated);
    } else {
        conditions.limit(Dimension::State, &if negated { states.complement(127) } else { states });
    }
    true
}

/// Types of a destination as the routing table has them.
fn types(list: &str) -> Option<Ranges> {
    let number = |word: &str| {
        Some(match word {
            "UNICAST" => destination::UNICAST,
            "LOCAL" => destination::LOCAL,
            "BROADCAST" => destination::BROADCAST,
            "MULTICAST" => destination::MULTICAST,
            _ => return None,
        })
    };
    let types = list.split(',').map(|word| number(word).map(|n| (n.into(), n.into())));
    Some(Ranges::new(types.collect::<Option<_>>()?))
}
