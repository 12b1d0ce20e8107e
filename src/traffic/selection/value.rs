//! Values that columns are compared with, read from their text.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::item::{Item, Kind, MOST_LISTED};
use crate::Transport;
use crate::capture::Timestamp;
use crate::net::Protocol;
use crate::net::span::DAY_NANOSECONDS;
use crate::text::nearest;

/// A value that a column is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Numbers(RangeInclusive<i128>),
    Addresses(RangeInclusive<IpAddr>),
    Ports(RangeInclusive<u16>, Option<Transport>),
    /// Ports that have a name.
    Service(String, Option<Transport>),
    /// A text, in any letter case.
    Text(String),
    /// A part of a text, in any letter case.
    Part(String),
}

/// How a column is compared with a value. That it is another one is the negation of [`Relation::Is`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Is,
    Less,
    AtMost,
    More,
    AtLeast,
    Contains,
}

impl Value {
    /// Reads a value of a kind, so that whether a column stands in a relation to it is whether one of
    /// its values [is](Value::is) it.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, as a sentence.
    pub(super) fn read(kind: Kind, relation: Relation, text: &str) -> Result<Value, String> {
        if relation == Relation::Contains {
            return Ok(Value::Part(text.to_owned()));
        }
        let value = Value::read_equal(kind, text)?;
        Ok(match (value, relation) {
            (value, Relation::Is | Relation::Contains) => value,
            (Value::Numbers(range), _) => Value::Numbers(beside(&range, relation, i128::MIN, i128::MAX)),
            (Value::Ports(range, transport), _) => {
                let wide = i128::from(*range.start())..=i128::from(*range.end());
                let side = beside(&wide, relation, 0, u16::MAX.into());
                // `> 65535` leaves no port.
                let port = |number: i128| u16::try_from(number).ok();
                match port(*side.start()).zip(port(*side.end())) {
                    Some((low, high)) => Value::Ports(low..=high, transport),
                    None => Value::Ports(empty(), transport),
                }
            }
            (_, _) => return Err(format!("`{text}` is a name: names are neither less nor more")),
        })
    }

    fn read_equal(kind: Kind, text: &str) -> Result<Value, String> {
        let wrong = || format!("`{text}` is not {}; use {}", kind.in_words(), kind.examples());
        match kind {
            Kind::Number => range(text, "-", number).map(Value::Numbers).ok_or_else(wrong),
            Kind::Size => range(text, "-", size).map(Value::Numbers).ok_or_else(wrong),
            Kind::Duration => range(text, "..", duration).map(Value::Numbers).ok_or_else(wrong),
            Kind::Time => range(text, "..", extent).map(Value::Numbers).ok_or_else(wrong),
            Kind::Address => addresses(text).map(Value::Addresses).ok_or_else(wrong),
            Kind::Protocol => {
                let protocol: Protocol = text.parse().map_err(|_| wrong())?;
                Ok(Value::Numbers(protocol.0.into()..=protocol.0.into()))
            }
            Kind::Port => port(text).ok_or_else(wrong),
            Kind::Word(words) => word(text, words),
            Kind::Text => Ok(Value::Text(text.to_owned())),
        }
    }

    /// Whether a value of a column is this one.
    pub(super) fn is(&self, item: &Item) -> bool {
        match (self, item) {
            (Value::Numbers(range), Item::Number(number)) => range.contains(number),
            (Value::Addresses(range), Item::Address(address)) => range.contains(address),
            (Value::Ports(range, transport), Item::Port(at)) => {
                range.contains(&at.port) && at.is_over(*transport)
            }
            (Value::Service(name, transport), Item::Port(at)) => at.is_named(name) && at.is_over(*transport),
            (Value::Text(text), item) => item.is_called(text),
            (Value::Part(part), item) => item.contains(part),
            _ => false,
        }
    }
}

/// The numbers on one side of a range.
fn beside(range: &RangeInclusive<i128>, relation: Relation, low: i128, high: i128) -> RangeInclusive<i128> {
    match relation {
        Relation::Is | Relation::Contains => range.clone(),
        Relation::Less => low..=range.start().saturating_sub(1),
        Relation::AtMost => low..=*range.end(),
        Relation::More => range.end().saturating_add(1)..=high,
        Relation::AtLeast => *range.start()..=high,
    }
}

/// A range that holds no port.
const fn empty() -> RangeInclusive<u16> {
    RangeInclusive::new(1, 0)
}

/// A value, or two around `mark` or `..`, both included.
fn range(
    text: &str,
    mark: &str,
    one: impl Fn(&str) -> Option<RangeInclusive<i128>>,
) -> Option<RangeInclusive<i128>> {
    let parts = text.split_once("..").or_else(|| text.split_once(mark));
    let Some((low, high)) = parts else { return one(text) };
    let (low, high) = (one(low)?, one(high)?);
    (low.start() <= high.end()).then(|| *low.start()..=*high.end())
}

const fn exactly(number: i128) -> RangeInclusive<i128> {
    number..=number
}

/// A number without a sign, with a fraction where a unit makes it whole, and what follows it.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok().filter(|number: &f64| number.is_finite())?, unit))
}

/// `1000`, `10k`, `1.5M`: powers of 1000, or of 1024 as `Ki`, `Mi`.
fn number(text: &str) -> Option<RangeInclusive<i128>> {
    if let Ok(whole) = text.parse::<u64>() {
        return Some(exactly(whole.into()));
    }
    let (number, unit) = leading_number(text)?;
    let (power, base) = match unit.strip_suffix('i') {
        Some(unit) => (unit, 1024.0_f64),
        None => (unit, 1000.0),
    };
    let exponent = match power {
        "k" | "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return None,
    };
    Some(exactly((number * base.powi(exponent)).round() as i128))
}

/// A number of bytes: `1500`, `1500B`, `10k`, `10kB`, `2GiB`.
fn size(text: &str) -> Option<RangeInclusive<i128>> {
    number(text.strip_suffix('B').unwrap_or(text))
}

/// Nanoseconds: `30s`, `200ms`, `1.5h`; seconds where no unit is given.
fn duration(text: &str) -> Option<RangeInclusive<i128>> {
    let (number, unit) = leading_number(text)?;
    let seconds = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    Some(exactly((number * seconds * 1e9).round() as i128))
}

/// The nanoseconds of a time: a whole day of a date.
fn extent(text: &str) -> Option<RangeInclusive<i128>> {
    let first = i128::from(text.parse::<Timestamp>().ok()?.nanoseconds());
    let is_date = text.len() == "2026-01-31".len() && text.parse::<jiff::civil::Date>().is_ok();
    let length = if is_date { DAY_NANOSECONDS } else { 1 };
    Some(first..=first + i128::from(length) - 1)
}

/// An address, a network, or two addresses with `-` or `..` between them.
fn addresses(text: &str) -> Option<RangeInclusive<IpAddr>> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address..=address);
    }
    if let Ok(network) = text.parse::<IpNet>() {
        return Some(network.network()..=network.broadcast());
    }
    let (low, high) = text.split_once("..").or_else(|| text.split_once('-'))?;
    let (low, high): (IpAddr, IpAddr) = (low.parse().ok()?, high.parse().ok()?);
    (low.is_ipv4() == high.is_ipv4() && low <= high).then_some(low..=high)
}

/// `443`, `8000-8080`, `443/tcp`, `http`, `http/tcp`.
fn port(text: &str) -> Option<Value> {
    let (ports, transport) = match text.split_once('/') {
        Some((ports, transport)) => (ports, Some(transport.parse().ok()?)),
        None => (text, None),
    };
    if ports.bytes().any(|letter| letter.is_ascii_alphabetic()) {
        // RFC 6335 section 5.1, and the points and underscores of names before it.
        let is_name = ports.len() <= 64
            && ports.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_.+*".contains(&letter));
        return is_name.then(|| Value::Service(ports.to_owned(), transport));
    }
    let (low, high) = ports.split_once("..").or_else(|| ports.split_once('-')).unwrap_or((ports, ports));
    let (low, high): (u16, u16) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some(Value::Ports(low..=high, transport))
}

/// A word of a set, in any letter case, also with `-` for its spaces.
fn word(text: &str, words: &[&'static str]) -> Result<Value, String> {
    let is_it = |word: &&&'static str| {
        word.eq_ignore_ascii_case(text) || word.replace(' ', "-").eq_ignore_ascii_case(text)
    };
    if let Some(word) = words.iter().find(is_it) {
        return Ok(Value::Text((*word).to_owned()));
    }
    Err(match nearest(text, words.iter().copied()).as_slice() {
        [] if words.len() <= MOST_LISTED => format!("unknown word `{text}`; use one of {}", words.join(", ")),
        [] => format!("unknown word `{text}`"),
        near => format!("unknown word `{text}`; did you mean {}?", near.join(" or ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units_and_ranges() {
        let read = |kind, text| match Value::read(kind, Relation::Is, text) {
            Ok(Value::Numbers(range)) => Some((*range.start(), *range.end())),
            _ => None,
        };
        for (kind, text, expected) in [
            (Kind::Number, "1000", Some((1000, 1000))),
            (Kind::Number, "18446744073709551615", Some((u64::MAX.into(), u64::MAX.into()))),
            (Kind::Number, "10-20", Some((10, 20))),
            (Kind::Number, "20-10", None),
            (Kind::Number, "-1", None),
            (Kind::Number, "many", None),
            (Kind::Number, "1.5", None),
            (Kind::Number, "1.5k", Some((1500, 1500))),
            (Kind::Size, "1M", Some((1_000_000, 1_000_000))),
            (Kind::Size, "1MB", Some((1_000_000, 1_000_000))),
            (Kind::Size, "2KiB", Some((2048, 2048))),
            (Kind::Size, "1k-1Mi", Some((1000, 1_048_576))),
            (Kind::Size, "1m", None),
            (Kind::Duration, "1.5", Some((1_500_000_000, 1_500_000_000))),
            (Kind::Duration, "200ms", Some((200_000_000, 200_000_000))),
            (Kind::Duration, "1s..2m", Some((1_000_000_000, 120_000_000_000))),
            (Kind::Duration, "1 s", None),
            (Kind::Time, "1970-01-02", Some((86_400_000_000_000, 172_799_999_999_999))),
            (Kind::Time, "1970-01-01T00:00:01Z", Some((1_000_000_000, 1_000_000_000))),
            (Kind::Time, "1970-01-01..1970-01-02", Some((0, 172_799_999_999_999))),
            (Kind::Time, "noon", None),
            (Kind::Protocol, "esp", Some((50, 50))),
            (Kind::Protocol, "50", Some((50, 50))),
            (Kind::Protocol, "nothing", None),
        ] {
            assert_eq!(read(kind, text), expected, "{kind:?} {text}");
        }
    }

    #[test]
    fn less_and_more_are_what_lies_beside() {
        let read = |relation, text| Value::read(Kind::Time, relation, text);
        let day = 86_400_000_000_000_i128;
        assert_eq!(read(Relation::Less, "1970-01-02"), Ok(Value::Numbers(i128::MIN..=day - 1)));
        assert_eq!(read(Relation::AtMost, "1970-01-02"), Ok(Value::Numbers(i128::MIN..=2 * day - 1)));
        assert_eq!(read(Relation::More, "1970-01-02"), Ok(Value::Numbers(2 * day..=i128::MAX)));
        assert_eq!(read(Relation::AtLeast, "1970-01-02"), Ok(Value::Numbers(day..=i128::MAX)));
        let port = |relation, text| Value::read(Kind::Port, relation, text);
        assert_eq!(port(Relation::More, "1023"), Ok(Value::Ports(1024..=65535, None)));
        assert_eq!(port(Relation::Less, "1024/udp"), Ok(Value::Ports(0..=1023, Some(Transport::Udp))));
        for (relation, text) in [(Relation::More, "65535"), (Relation::Less, "0")] {
            assert_eq!(port(relation, text), Ok(Value::Ports(empty(), None)));
        }
        assert_eq!(
            port(Relation::Less, "http"),
            Err("`http` is a name: names are neither less nor more".to_owned())
        );
    }

    #[test]
    fn addresses_ports_and_words_say_what_they_should_be() {
        let read = |kind, text: &str| Value::read(kind, Relation::Is, text);
        for text in ["192.0.2.0-2001:db8::", "192.0.2.9-192.0.2.1", "192.0.2", "10.0.0.0/33", "here"] {
            let said =
                format!("`{text}` is not an address; use 192.0.2.7, 192.0.2.0/24 or 192.0.2.7-192.0.2.20");
            assert_eq!(read(Kind::Address, text), Err(said));
        }
        for text in ["65536", "80-79", "443/ip", "two words", "80,81", ""] {
            let said = format!("`{text}` is not a port; use 443, 8000-8080, 443/tcp or https");
            assert_eq!(read(Kind::Port, text), Err(said));
        }
        assert_eq!(read(Kind::Port, "https/udp"), Ok(Value::Service("https".into(), Some(Transport::Udp))));
        let words = Kind::Word(&["unassigned", "SSH 2"]);
        assert_eq!(read(words, "ssh-2"), Ok(Value::Text("SSH 2".into())));
        assert_eq!(read(words, "ssh"), Err("unknown word `ssh`; did you mean SSH 2?".into()));
        assert_eq!(read(words, "?"), Err("unknown word `?`; use one of unassigned, SSH 2".to_owned()));
    }
}
