//! Sets of addresses and ports beside the rules of iptables, as `ipset save` prints them (ipset(8)).

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use super::names;
use super::point::interface;
use super::ranges::Ranges;
use super::space::Dimension;
use super::table::FieldTable;
use super::words::Words;
use crate::net::{Family, Protocol, Transport, number_in};

/// The sets of a firewall at one time: programs and time-outs change what they hold.
#[derive(Clone, Debug, Default)]
pub struct Ipsets {
    by_name: BTreeMap<String, Ipset>,
}

/// One set.
#[derive(Clone, Debug)]
struct Ipset {
    parts: Vec<Part>,
    family: Family,
    /// Bits of an address that count; none for all.
    netmask: Option<u8>,
    /// Each with whether it takes out of the set what a wider one puts in (`nomatch`).
    elements: Vec<(String, bool)>,
    /// For a set of sets, their names.
    of_sets: Option<Vec<String>>,
    /// Something of it is not understood.
    is_unknown: bool,
}

/// What one part of an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Address,
    /// A port with its protocol.
    ProtocolPort,
    /// A port of TCP, UDP, SCTP or UDP-Lite.
    Port,
    Interface,
    Other,
}

/// What a rule that asks for a set asks of packets.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    One(Dimension, Ranges),
    Table(Arc<FieldTable>),
}

impl Ipsets {
    /// The sets of a print. `Err` with the number of the first line that does not belong to one.
    ///
    /// # Errors
    ///
    /// When a line is neither empty, a comment, `create` nor `add` to a set that was created.
    pub fn read(text: &str) -> Result<Ipsets, usize> {
        let mut sets = Ipsets::default();
        for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let mut words = Words::split(line);
            let done = match words.next().map(str::to_owned).as_deref() {
                None => Some(()),
                Some(word) if word.starts_with('#') => Some(()),
                Some("create" | "-N") => sets.create(&mut words),
                Some("add" | "-A") => sets.add(&mut words),
                Some(_) => None,
            };
            if done.is_none() {
                return Err(n + 1);
            }
        }
        Ok(sets)
    }

    /// Takes in the sets of another print; of two sets of the same name the later counts.
    pub fn extend(&mut self, other: Ipsets) {
        self.by_name.extend(other.by_name);
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    fn create(&mut self, words: &mut Words) -> Option<()> {
        let (name, kind) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (method, parts) = kind.split_once(':')?;
        let of_sets = (method == "list").then(Vec::new);
        let part = |word: &str| match (method, word) {
            (_, "ip" | "net") => Part::Address,
            ("bitmap", "port") => Part::Port,
            (_, "port") => Part::ProtocolPort,
            (_, "iface") => Part::Interface,
            _ => Part::Other,
        };
        let mut set = Ipset {
            parts: parts.split(',').map(part).collect(),
            family: Family::Ipv4,
            netmask: None,
            elements: Vec::new(),
            of_sets,
            is_unknown: false,
        };
        while let Some(word) = words.next().map(str::to_owned) {
            match word.as_str() {
                "family" if words.next() == Some("inet6") => set.family = Family::Ipv6,
                "netmask" => set.netmask = Some(words.next()?.parse().ok()?),
                "bitmask" => set.is_unknown = true,
                _ => {}
            }
        }
        self.by_name.insert(name, set);
        Some(())
    }

    fn add(&mut self, words: &mut Words) -> Option<()> {
        let (name, element) = (words.next()?.to_owned(), words.next()?.to_owned());
        let set = self.by_name.get_mut(&name)?;
        if let Some(sets) = &mut set.of_sets {
            // `before` and `after` say where it stands, which makes no difference.
            sets.push(element);
            return Some(());
        }
        let mut is_out = false;
        while let Some(word) = words.next() {
            // A comment may say anything.
            if word == "comment" {
                words.next();
                continue;
            }
            is_out |= word == "nomatch";
        }
        set.elements.push((element, is_out));
        Some(())
    }

    /// What a rule asks for by the name of a set and the sides that its parts are compared with (`src,dst`);
    /// none where that is not known.
    fn asked(&self, name: &str, sides: &str) -> Option<Asked> {
        let set = self.by_name.get(name)?;
        let sides: Vec<bool> = sides
            .split(',')
            .map(|side| match side {
                "src" => Some(true),
                "dst" => Some(false),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let Some(names) = &set.of_sets else { return set.asked(&sides) };
        let mut all = Vec::new();
        let mut of = None;
        for name in names {
            let one = self.by_name.get(name).filter(|set| set.of_sets.is_none())?;
            let Asked::One(dimension, ranges) = one.asked(&sides)? else { return None };
            if of.is_some_and(|of| of != dimension) {
                return None;
            }
            of = Some(dimension);
            all.extend_from_slice(ranges.as_slice());
        }
        Some(Asked::One(of?, Ranges::new(all)))
    }
}

impl Ipset {
    fn asked(&self, sides: &[bool]) -> Option<Asked> {
        if self.is_unknown || sides.len() < self.parts.len() {
            return None;
        }
        match self.parts[..] {
            [Part::Address] => Some(Asked::One(address_of(sides[0]), self.addresses()?)),
            _ => self.table(sides).map(Arc::new).map(Asked::Table),
        }
    }

    /// The addresses of a set of addresses alone: of networks that hold each other the smallest decides.
    fn addresses(&self) -> Option<Ranges> {
        let ranges = self.elements.iter().map(|(element, is_out)| Some((self.range(element)?, *is_out)));
        let mut ranges: Vec<((u128, u128), bool)> = ranges.collect::<Option<_>>()?;
        if ranges.iter().all(|(_, is_out)| !is_out) {
            return Some(Ranges::new(ranges.into_iter().map(|(range, _)| range).collect()));
        }
        let max = Dimension::Source.largest(self.family);
        ranges.sort_by_key(|((first, last), _)| std::cmp::Reverse(last - first));
        let mut all = Ranges::new(Vec::new());
        for (range, is_out) in ranges {
            let one = Ranges::new(vec![range]);
            all = if is_out {
                all.intersect(&one.complement(max))
            } else {
                Ranges::new([all.as_slice(), one.as_slice()].concat())
            };
        }
        Some(all)
    }

    /// `10.0.0.1`, `10.0.0.0/8` or `10.0.0.1-10.0.0.9`.
    fn range(&self, text: &str) -> Option<(u128, u128)> {
        let max = Dimension::Source.largest(self.family);
        let bits = 128 - max.leading_zeros();
        let number = |text: &str| number_in(self.family, text.parse::<IpAddr>().ok()?);
        if let Some((first, last)) = text.split_once('-') {
            return Some((number(first)?, number(last)?));
        }
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, length.parse::<u32>().ok()?),
            None => (text, self.netmask.map_or(bits, u32::from)),
        };
        let hosts = max.checked_shr(length).unwrap_or(0);
        let address = number(address)? & !hosts;
        Some((address, address | hosts))
    }

    /// The elements of a set over several parts.
    fn table(&self, sides: &[bool]) -> Option<FieldTable> {
        let mut keys = Vec::new();
        for (part, &is_source) in self.parts.iter().zip(sides) {
            match part {
                Part::Address => keys.push(address_of(is_source)),
                Part::ProtocolPort | Part::Port => keys.extend([Dimension::Protocol, port_of(is_source)]),
                Part::Interface if is_source => keys.push(Dimension::InInterface),
                Part::Interface => keys.push(Dimension::OutInterface),
                Part::Other => return None,
            }
        }
        let mut rows = Vec::new();
        for (element, is_out) in &self.elements {
            let texts: Vec<&str> = element.split(',').collect();
            if *is_out || texts.len() != self.parts.len() {
                return None;
            }
            let mut alternatives = vec![Vec::new()];
            for (part, text) in self.parts.iter().zip(texts) {
                let ranges: Vec<Vec<(u128, u128)>> = match part {
                    Part::Address => vec![vec![self.range(text)?]],
                    Part::ProtocolPort => vec![protocol_and_ports(text)?],
                    Part::Port => {
                        let ports = ports(text)?;
                        [Transport::Tcp, Transport::Udp, Transport::Sctp, Transport::UdpLite]
                            .map(|transport| vec![one(Protocol::from(transport)), ports])
                            .to_vec()
                    }
                    Part::Interface if text.contains(':') => return None,
                    Part::Interface => vec![vec![(interface(text), interface(text))]],
                    Part::Other => return None,
                };
                alternatives = alternatives
                    .iter()
                    .flat_map(|row: &Vec<_>| ranges.iter().map(move |more| [&row[..], more].concat()))
                    .collect();
            }
            rows.extend(alternatives);
        }
        Some(FieldTable::new(keys, rows))
    }
}

fn address_of(is_source: bool) -> Dimension {
    if is_source { Dimension::Source } else { Dimension::Destination }
}

fn port_of(is_source: bool) -> Dimension {
    if is_source { Dimension::SourcePort } else { Dimension::DestinationPort }
}

fn one(protocol: Protocol) -> (u128, u128) {
    (protocol.0.into(), protocol.0.into())
}

/// `80` or `80-90`.
fn ports(text: &str) -> Option<(u128, u128)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.parse::<u16>().ok()?.into(), last.parse::<u16>().ok()?.into()))
}

/// `tcp:80`, or `80` for TCP; none for what has no ports.
fn protocol_and_ports(text: &str) -> Option<Vec<(u128, u128)>> {
    let (protocol, text) = text.split_once(':').unwrap_or(("tcp", text));
    let protocol = names::protocol(protocol)?;
    let has_ports = Transport::ALL.into_iter().any(|transport| Protocol::from(transport) == protocol);
    Some(vec![one(protocol), ports(text).filter(|_| has_ports)?])
}

/// The sets that the rules of a file may name.
pub(super) struct KnownSets<'a> {
    ipsets: &'a Ipsets,
    /// Those that rules change, and whether they take something out.
    changed: HashMap<&'a str, bool>,
}

impl<'a> KnownSets<'a> {
    /// `lines` are those of the rules.
    pub fn new(ipsets: &'a Ipsets, lines: &[&'a str]) -> KnownSets<'a> {
        KnownSets { ipsets, changed: changed_by_rules(lines) }
    }

    /// What a rule asks for by the name of a set and the sides, and whether rules put more into it; none where what it
    /// holds is not known.
    pub fn asked(&self, name: &str, sides: &str) -> Option<(Asked, bool)> {
        let changed = self.changed.get(name);
        let asked = self.ipsets.asked(name, sides).filter(|_| changed != Some(&true))?;
        Some((asked, changed.is_some()))
    }
}

/// The sets that rules of iptables themselves change, by the target `SET`.
fn changed_by_rules<'a>(lines: &[&'a str]) -> HashMap<&'a str, bool> {
    let mut changed = HashMap::new();
    for line in lines.iter().filter(|line| line.contains("-j SET")) {
        let mut words = line.split_whitespace();
        while let Some(word) = words.next() {
            if ["--add-set", "--del-set", "--map-set"].contains(&word)
                && let Some(name) = words.next()
            {
                *changed.entry(name).or_default() |= word != "--add-set";
            }
        }
    }
    changed
}
