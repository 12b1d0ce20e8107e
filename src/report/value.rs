//! One cell of a report.

use std::borrow::Cow;
use std::io::Write;
use std::net::IpAddr;

use serde_json::Value as Json;

use super::Times;
use crate::capture::Timestamp;
use crate::foreign::{self, Breaks, Foreign};

/// One cell of a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Not known: an empty cell, `null`.
    Unknown,
    /// A text. In CSV and TSV a line break in it shows as `\n`.
    Text(Cow<'a, str>),
    /// A text whose line breaks are part of it: in CSV they stay.
    Lines(&'a str),
    /// A text from outside. In CSV and TSV a line break in it shows as `\n`.
    Foreign(Foreign<Cow<'a, str>>),
    /// A number.
    Number(u64),
    /// Another number, as JSON writes it: with a sign or a fraction.
    Numeral(Cow<'a, str>),
    /// Nanoseconds, written as seconds.
    Duration(i64),
    /// A share of the whole, from 0 to 1.
    Share(f64),
    /// A point in time (RFC 3339, UTC, nanoseconds).
    Time(Timestamp),
    /// An address.
    Address(IpAddr),
    /// Yes or no.
    Bool(bool),
    /// Words: separated by spaces, an array in JSON.
    List(Vec<&'a str>),
    /// Names from outside: as words.
    Names(Vec<Foreign<&'a str>>),
    /// Words, and how often each: `word=3`, separated by spaces; an object in JSON.
    Counts(Vec<(&'a str, u64)>),
    /// Sentences: separated by `; `, an array in JSON.
    Sentences(Vec<Cow<'a, str>>),
}

impl<'a> Value<'a> {
    /// A text, unknown where there is none.
    pub fn text(text: Option<&'a str>) -> Value<'a> {
        text.map_or(Value::Unknown, |text| Value::Text(Cow::Borrowed(text)))
    }

    /// Writes a time as `times` says; leaves other values as they are.
    pub(super) fn written(self, times: &Times) -> Value<'a> {
        match self {
            Value::Time(time) => Value::Text(times.text(time).into()),
            other => other,
        }
    }

    /// A text, unknown where it is empty.
    pub fn filled(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        let text = text.into();
        if text.is_empty() { Value::Unknown } else { Value::Text(text) }
    }

    /// A text from outside, unknown where there is none.
    pub fn foreign(text: Option<Foreign<impl AsRef<str> + Into<Cow<'a, str>>>>) -> Value<'a> {
        text.filter(|text| !text.is_empty()).map_or(Value::Unknown, |text| Value::Foreign(text.into()))
    }

    /// A text of several lines, unknown where it is empty.
    pub fn lines(text: &'a str) -> Value<'a> {
        if text.is_empty() { Value::Unknown } else { Value::Lines(text) }
    }

    /// A port, unknown where there is none.
    pub fn port(port: Option<u16>) -> Value<'a> {
        port.map_or(Value::Unknown, |port| Value::Number(port.into()))
    }

    /// A number of eight bits, unknown where there is none.
    pub fn small(number: Option<u8>) -> Value<'a> {
        number.map_or(Value::Unknown, |number| Value::Number(number.into()))
    }

    /// A time, unknown where there is none.
    pub fn time(time: Option<Timestamp>) -> Value<'a> {
        time.map_or(Value::Unknown, Value::Time)
    }
}

impl Value<'_> {
    /// The value as it stands in JSON, for results that are put together before they are written.
    pub(super) fn json(&self) -> Json {
        match self {
            Value::Unknown => Json::Null,
            Value::Text(text) => Json::from(text.as_ref()),
            Value::Lines(text) => Json::from(*text),
            Value::Foreign(text) => Json::from(text.raw()),
            Value::Number(number) => Json::from(*number),
            Value::Numeral(digits) => digits.parse().map_or(Json::Null, Json::Number),
            Value::Duration(nanoseconds) => Json::from(*nanoseconds as f64 / 1e9),
            Value::Share(share) => Json::from(*share),
            Value::Time(time) => Json::from(time.to_string()),
            Value::Address(address) => Json::from(address.to_string()),
            Value::Bool(yes) => Json::from(*yes),
            Value::List(words) => Json::from(words.as_slice()),
            Value::Names(names) => names.iter().map(Foreign::raw).collect(),
            Value::Counts(counts) => {
                counts.iter().map(|&(word, count)| (word.to_owned(), Json::from(count))).collect()
            }
            Value::Sentences(sentences) => sentences.iter().map(AsRef::as_ref).collect(),
        }
    }
}

/// In logs of Zeek: what separates the items of a set, an empty one, and what is not known.
const SEPARATOR: u8 = b',';
const EMPTY: &[u8] = b"(empty)";
const UNSET: &[u8] = b"-";

/// Writes values as text, with the parts of a time that seldom change kept at hand.
#[derive(Default)]
pub(super) struct TextWriter {
    times: Times,
    second: Option<i64>,
    prefix: String,
    numbers: itoa::Buffer,
}

impl TextWriter {
    /// Writes times so.
    pub(super) fn with(times: &Times) -> TextWriter {
        TextWriter { times: times.clone(), ..TextWriter::default() }
    }

    /// Writes a value into an empty cell of a log of Zeek.
    pub(super) fn zeek(&mut self, out: &mut Vec<u8>, value: &Value) {
        let item = |out: &mut Vec<u8>, text: &str| {
            for byte in text.bytes() {
                // What would end a cell or an item is written by its number, as Zeek does.
                if byte < b' ' || byte == SEPARATOR || byte == b'\\' {
                    let _ = write!(out, "\\x{byte:02x}");
                } else {
                    out.push(byte);
                }
            }
        };
        let items = |out: &mut Vec<u8>, items: &mut dyn Iterator<Item = &str>| {
            for (n, text) in items.enumerate() {
                if n > 0 {
                    out.push(SEPARATOR);
                }
                item(out, text);
            }
        };
        match value {
            Value::Unknown => out.extend_from_slice(UNSET),
            Value::List(list) if list.is_empty() => out.extend_from_slice(EMPTY),
            Value::Sentences(list) if list.is_empty() => out.extend_from_slice(EMPTY),
            Value::List(list) => items(out, &mut list.iter().copied()),
            Value::Sentences(list) => items(out, &mut list.iter().map(AsRef::as_ref)),
            Value::Text(text) => item(out, text),
            Value::Bool(yes) => out.push(if *yes { b'T' } else { b'F' }),
            value => self.append(out, value),
        }
    }

    /// Writes a value into an empty cell of CSV, or of TSV, where no line break stays.
    pub(super) fn cell(&mut self, out: &mut Vec<u8>, value: &Value, breaks: Breaks) {
        self.append(out, value);
        let breaks = match value {
            Value::Text(_) | Value::Foreign(_) | Value::List(_) | Value::Names(_) | Value::Sentences(_) => {
                Breaks::Escaped
            }
            Value::Lines(_) => breaks,
            _ => return,
        };
        foreign::cell_in(out, breaks);
    }

    /// A value as text.
    pub(super) fn text(&mut self, value: &Value) -> String {
        let mut out = Vec::new();
        self.append(&mut out, value);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Appends a value as text.
    fn append(&mut self, out: &mut Vec<u8>, value: &Value) {
        match value {
            Value::Unknown => {}
            Value::Text(text) | Value::Numeral(text) => out.extend_from_slice(text.as_bytes()),
            Value::Lines(text) => out.extend_from_slice(text.as_bytes()),
            Value::Foreign(text) => out.extend_from_slice(text.raw().as_bytes()),
            Value::Number(number) => out.extend_from_slice(self.numbers.format(*number).as_bytes()),
            Value::Duration(nanoseconds) => self.duration(out, *nanoseconds),
            Value::Share(share) => self.formatted(out, format_args!("{share:.6}")),
            Value::Time(time) if self.times == Times::Utc => self.time(out, *time),
            Value::Time(time) => out.extend_from_slice(self.times.text(*time).as_bytes()),
            Value::Address(IpAddr::V4(address)) => {
                for (n, octet) in address.octets().into_iter().enumerate() {
                    if n > 0 {
                        out.push(b'.');
                    }
                    out.extend_from_slice(self.numbers.format(octet).as_bytes());
                }
            }
            Value::Address(IpAddr::V6(address)) => self.formatted(out, format_args!("{address}")),
            Value::Bool(yes) => out.extend_from_slice(if *yes { b"true" } else { b"false" }),
            Value::List(words) => separated(out, words.iter().copied(), b" "),
            Value::Names(names) => separated(out, names.iter().map(Foreign::raw), b" "),
            Value::Counts(counts) => {
                for (n, &(word, count)) in counts.iter().enumerate() {
                    if n > 0 {
                        out.push(b' ');
                    }
                    out.extend_from_slice(word.as_bytes());
                    out.push(b'=');
                    out.extend_from_slice(self.numbers.format(count).as_bytes());
                }
            }
            Value::Sentences(sentences) => separated(out, sentences.iter().map(AsRef::as_ref), b"; "),
        }
    }

    /// Appends a value as it stands in JSON.
    pub(super) fn append_json(&mut self, out: &mut Vec<u8>, value: &Value) {
        match value {
            Value::Unknown => out.extend_from_slice(b"null"),
            Value::Text(text) => json_text(out, text),
            Value::Lines(text) => json_text(out, text),
            Value::Foreign(text) => json_text(out, text.raw()),
            Value::Number(_) | Value::Numeral(_) | Value::Duration(_) | Value::Share(_) | Value::Bool(_) => {
                self.append(out, value);
            }
            Value::Time(_) if self.times.are_numbers() => self.append(out, value),
            Value::Time(_) | Value::Address(_) => {
                out.push(b'"');
                self.append(out, value);
                out.push(b'"');
            }
            Value::List(words) => json_list(out, words.iter().copied()),
            Value::Names(names) => json_list(out, names.iter().map(Foreign::raw)),
            Value::Counts(counts) => {
                out.push(b'{');
                for (n, &(word, count)) in counts.iter().enumerate() {
                    if n > 0 {
                        out.push(b',');
                    }
                    json_text(out, word);
                    out.push(b':');
                    out.extend_from_slice(self.numbers.format(count).as_bytes());
                }
                out.push(b'}');
            }
            Value::Sentences(sentences) => json_list(out, sentences.iter().map(AsRef::as_ref)),
        }
    }

    fn duration(&mut self, out: &mut Vec<u8>, nanoseconds: i64) {
        if nanoseconds < 0 {
            out.push(b'-');
        }
        let nanoseconds = nanoseconds.unsigned_abs();
        out.extend_from_slice(self.numbers.format(nanoseconds / 1_000_000_000).as_bytes());
        out.push(b'.');
        self.fraction(out, nanoseconds % 1_000_000_000);
    }

    fn fraction(&mut self, out: &mut Vec<u8>, nanoseconds: u64) {
        let digits = self.numbers.format(nanoseconds);
        out.extend_from_slice(&b"000000000"[digits.len().min(9)..]);
        out.extend_from_slice(digits.as_bytes());
    }

    fn time(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        let nanoseconds = time.nanoseconds();
        let second = nanoseconds.div_euclid(1_000_000_000);
        if self.second != Some(second) {
            let whole = Timestamp::from_nanoseconds(second.saturating_mul(1_000_000_000)).to_string();
            self.prefix.clear();
            self.prefix.push_str(whole.split('.').next().unwrap_or_default());
            self.second = Some(second);
        }
        out.extend_from_slice(self.prefix.as_bytes());
        out.push(b'.');
        self.fraction(out, nanoseconds.rem_euclid(1_000_000_000) as u64);
        out.push(b'Z');
    }

    #[allow(clippy::unused_self, reason = "called beside the others")]
    fn formatted(&mut self, out: &mut Vec<u8>, text: std::fmt::Arguments) {
        // Writing to a vector does not fail.
        let _ = out.write_fmt(text);
    }
}

/// Appends texts with this between them.
fn separated<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t str>, between: &[u8]) {
    for (n, text) in texts.enumerate() {
        if n > 0 {
            out.extend_from_slice(between);
        }
        out.extend_from_slice(text.as_bytes());
    }
}

fn json_text(out: &mut Vec<u8>, text: &str) {
    // Strings serialize, and writing to a vector does not fail.
    let _ = foreign::json(out, text);
}

fn json_list<'t>(out: &mut Vec<u8>, words: impl Iterator<Item = &'t str>) {
    out.push(b'[');
    for (n, word) in words.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        json_text(out, word);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Value) -> String {
        let mut out = Vec::new();
        TextWriter::default().append(&mut out, value);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn times_and_durations_have_nine_digits() {
        assert_eq!(
            text(&Value::Time(Timestamp::from_nanoseconds(1_000_000_000))),
            "1970-01-01T00:00:01.000000000Z"
        );
        assert_eq!(text(&Value::Time(Timestamp::from_nanoseconds(-1))), "1969-12-31T23:59:59.999999999Z");
        assert_eq!(text(&Value::Duration(12_000_000_034)), "12.000000034");
        assert_eq!(text(&Value::Duration(-1)), "-0.000000001");
    }

    #[test]
    fn the_second_at_hand_changes_with_the_time() {
        let mut writer = TextWriter::default();
        let mut out = Vec::new();
        for nanoseconds in [0, 999_999_999, 1_000_000_000, 0] {
            writer.append(&mut out, &Value::Time(Timestamp::from_nanoseconds(nanoseconds)));
            out.push(b' ');
        }
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            "1970-01-01T00:00:00.000000000Z 1970-01-01T00:00:00.999999999Z \
             1970-01-01T00:00:01.000000000Z 1970-01-01T00:00:00.000000000Z "
        );
    }

    #[test]
    fn numerals_are_numbers_as_they_are_written() {
        for digits in ["-1", "0.250", "-9223372036854775808"] {
            let value = Value::Numeral(digits.into());
            assert_eq!(text(&value), digits);
            let mut out = Vec::new();
            TextWriter::default().append_json(&mut out, &value);
            assert_eq!(String::from_utf8(out).expect("UTF-8"), digits);
        }
    }

    #[test]
    fn counts_stand_behind_their_words() {
        let counts = Value::Counts(vec![("one-way", 2), ("refused", 4000)]);
        assert_eq!(text(&counts), "one-way=2 refused=4000");
        let mut out = Vec::new();
        TextWriter::default().append_json(&mut out, &counts);
        TextWriter::default().append_json(&mut out, &Value::Counts(vec![]));
        assert_eq!(String::from_utf8(out).expect("UTF-8"), r#"{"one-way":2,"refused":4000}{}"#);
    }

    #[test]
    fn json_tells_unknown_from_empty() {
        let mut out = Vec::new();
        let mut writer = TextWriter::default();
        for value in [Value::Unknown, Value::List(vec![]), Value::List(vec!["a", "b\"c"]), Value::Number(0)] {
            writer.append_json(&mut out, &value);
        }
        assert_eq!(String::from_utf8(out).expect("UTF-8"), r#"null[]["a","b\"c"]0"#);
    }
}
