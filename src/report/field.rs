//! The columns of a result: what each is called, what it means and what it holds. CSV, TSV, JSON
//! and NDJSON are written from them, and documentation and JSON Schemas are made from them.

use serde_json::{Value as Json, json};

use super::Value;
use crate::label::Flag;
use crate::text::words;

/// A column of CSV and TSV, and a key of JSON and NDJSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether the value may be unknown: an empty cell, `null`.
    pub may_be_unknown: bool,
    /// What it means, as a phrase in Markdown.
    pub meaning: &'static str,
}

/// What a [`Field`] holds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Holds {
    /// A text.
    Text,
    /// One word of a fixed set.
    Word(&'static [&'static str]),
    /// A whole number of this many bits, without a sign, with its unit where it has one.
    Integer(Bits, Option<&'static str>),
    /// A part of the whole, from 0 to 1.
    Share,
    /// A duration in nanoseconds, written as seconds.
    Duration,
    /// A point in time in nanoseconds, written as RFC 3339 has it, in UTC.
    Time,
    /// An IPv4 or IPv6 address.
    Address,
    /// A Community ID: a text, or by column the hash in it.
    CommunityId,
    /// Yes or no.
    Bool,
    /// A port, or a range of ports `LOW-HIGH` as a text.
    Ports,
    /// Texts.
    Texts,
    /// Words of a fixed set.
    Words(&'static [&'static str]),
    /// Flags.
    Flags,
    /// Words of a fixed set, each with a number.
    Counts(&'static [&'static str]),
    /// Sentences.
    Sentences,
}

/// How wide an integer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 8 bits.
    B8,
    /// 16 bits.
    B16,
    /// 32 bits.
    B32,
    /// 64 bits.
    B64,
}

impl Holds {
    /// A port.
    pub const PORT: Holds = Holds::Integer(Bits::B16, None);
    /// A number of its own kind.
    pub const NUMBER: Holds = Holds::Integer(Bits::B64, None);
    /// A number of bytes.
    pub const BYTES: Holds = Holds::Integer(Bits::B64, Some("bytes"));
    /// A number of packets.
    pub const PACKETS: Holds = Holds::Integer(Bits::B64, Some("packets"));

    /// The type, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Holds::Text | Holds::CommunityId => "text",
            Holds::Word(_) => "word",
            Holds::Integer(Bits::B8, _) => "8-bit integer",
            Holds::Integer(Bits::B16, _) => "16-bit integer",
            Holds::Integer(Bits::B32, _) => "32-bit integer",
            Holds::Integer(Bits::B64, _) => "64-bit integer",
            Holds::Share | Holds::Duration => "decimal number",
            Holds::Time => "time",
            Holds::Address => "address",
            Holds::Bool => "boolean",
            Holds::Ports => "port or range",
            Holds::Texts => "list of texts",
            Holds::Words(_) | Holds::Flags => "list of words",
            Holds::Counts(_) => "words with numbers",
            Holds::Sentences => "list of sentences",
        }
    }

    /// The unit, where there is one.
    pub const fn unit(self) -> Option<&'static str> {
        match self {
            Holds::Integer(_, unit) => unit,
            Holds::Duration => Some("seconds"),
            _ => None,
        }
    }

    /// The words of a fixed set.
    pub const fn words(self) -> Option<&'static [&'static str]> {
        match self {
            Holds::Word(words) | Holds::Words(words) | Holds::Counts(words) => Some(words),
            Holds::Flags => Some(FLAGS),
            _ => None,
        }
    }

    /// Whether a known value is of this type.
    pub fn admits(self, value: &Value) -> bool {
        match (self, value) {
            (Holds::Text, Value::Text(_) | Value::Lines(_) | Value::Foreign(_))
            | (Holds::CommunityId, Value::Text(_))
            | (Holds::Share, Value::Share(_))
            | (Holds::Integer(..) | Holds::Share | Holds::Duration, Value::Numeral(_))
            | (Holds::Duration, Value::Duration(_))
            | (Holds::Time, Value::Time(_))
            | (Holds::Address, Value::Address(_))
            | (Holds::Bool, Value::Bool(_))
            | (Holds::Texts, Value::List(_) | Value::Names(_) | Value::Sentences(_))
            | (Holds::Sentences, Value::Sentences(_)) => true,
            (Holds::Word(words), Value::Text(text)) => words.contains(&&**text),
            (Holds::Integer(bits, _), Value::Number(number)) => *number <= bits.most(),
            (Holds::Ports, Value::Number(number)) => *number <= Bits::B16.most(),
            (Holds::Ports, Value::Text(text)) => text.contains('-'),
            (Holds::Words(words), Value::List(list)) => list.iter().all(|word| words.contains(word)),
            (Holds::Flags, Value::List(list)) => list.iter().all(|word| FLAGS.contains(word)),
            (Holds::Counts(words), Value::Counts(counts)) => {
                counts.iter().all(|(word, _)| words.contains(word))
            }
            _ => false,
        }
    }

    /// The JSON Schema of a known value.
    fn schema(self) -> Json {
        match self {
            Holds::Text | Holds::CommunityId => json!({ "type": "string" }),
            Holds::Word(words) => json!({ "enum": words }),
            Holds::Integer(Bits::B64, _) => json!({ "type": "integer", "minimum": 0 }),
            Holds::Integer(bits, _) => json!({ "type": "integer", "minimum": 0, "maximum": bits.most() }),
            Holds::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Holds::Duration => json!({ "type": "number" }),
            Holds::Time => json!({ "type": "string", "format": "date-time" }),
            Holds::Address => {
                json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
            }
            Holds::Bool => json!({ "type": "boolean" }),
            Holds::Ports => json!({
                "type": ["integer", "string"],
                "minimum": 0,
                "maximum": Bits::B16.most(),
                "pattern": "^[0-9]+-[0-9]+$",
            }),
            Holds::Texts | Holds::Sentences => json!({ "type": "array", "items": { "type": "string" } }),
            Holds::Words(words) => json!({ "type": "array", "items": { "enum": words } }),
            Holds::Flags => {
                let flags = Flag::ALL.map(|flag| {
                    let about =
                        format!("{}: {} ({})", flag.rank().name(), flag.meaning(), flag.rank().meaning());
                    json!({ "const": flag.name(), "description": about })
                });
                json!({ "type": "array", "items": { "oneOf": flags } })
            }
            Holds::Counts(words) => json!({
                "type": "object",
                "propertyNames": { "enum": words },
                "additionalProperties": { "type": "integer", "minimum": 1 },
            }),
        }
    }
}

impl Bits {
    /// The highest number of this width.
    pub const fn most(self) -> u64 {
        match self {
            Bits::B8 => u8::MAX as u64,
            Bits::B16 => u16::MAX as u64,
            Bits::B32 => u32::MAX as u64,
            Bits::B64 => u64::MAX,
        }
    }
}

impl Field {
    /// Whether the field may hold this value.
    pub fn admits(&self, value: &Value) -> bool {
        match value {
            Value::Unknown => self.may_be_unknown,
            known => self.holds.admits(known),
        }
    }

    /// The JSON Schema of the field's values.
    pub fn schema(&self) -> Json {
        let mut schema = self.holds.schema();
        if self.may_be_unknown {
            if let Some(Json::Array(words)) = schema.get_mut("enum") {
                words.push(Json::Null);
            }
            match schema.get_mut("type") {
                Some(Json::Array(types)) => types.push("null".into()),
                Some(one) => *one = json!([one.clone(), "null"]),
                None => {}
            }
            if let Some(formats) = schema.get_mut("anyOf").and_then(Json::as_array_mut) {
                formats.push(json!({ "type": "null" }));
            }
        }
        schema["description"] = self.meaning.into();
        schema
    }
}

/// A row of these columns as a JSON object.
pub(super) fn object(columns: &[Field], values: &[Value]) -> Json {
    columns.iter().zip(values).map(|(column, value)| (column.name.to_owned(), value.json())).collect()
}

/// The words of the flags.
const FLAGS: &[&str] = words!(Flag);

/// Defines the columns of a result, `COLUMNS`, and the function that gives a row's values: one
/// line a column, `"name": always|maybe HOLDS, "meaning" => value;`. `maybe` is for values that may
/// be unknown. Those behind `on request:` are shown where they are asked for by name; the values of a row
/// end with theirs.
macro_rules! columns {
    (
        $(#[$about:meta])*
        $vis:vis fn $function:ident<$a:lifetime>($($argument:ident: $type:ty),* $(,)?) {
            $($before:stmt;)*
        }
        $($name:literal: $known:ident $holds:expr, $meaning:literal => $value:expr;)*
    ) => {
        columns!(@list $($name: $known $holds, $meaning;)*);

        $(#[$about])*
        $vis fn $function<$a>($($argument: $type),*) -> [$crate::report::Value<$a>; COLUMNS.len()] {
            $($before)*
            [$($value,)*]
        }
    };
    (
        $(#[$about:meta])*
        $vis:vis fn $function:ident<$a:lifetime>$arguments:tt $before:tt
        $($name:literal: $known:ident $holds:expr, $meaning:literal => $value:expr;)*
        on request:
        $($more:literal: $more_known:ident $more_holds:expr, $more_meaning:literal => $more_value:expr;)*
    ) => {
        columns!(@list $($name: $known $holds, $meaning;)*);

        /// Further columns, which are shown where they are asked for by name.
        ///
        /// | column | meaning |
        /// |---|---|
        $(#[doc = concat!("| `", $more, "` | ", $more_meaning, " |")])*
        pub const ON_REQUEST: &[$crate::report::Field] =
            &[$(columns!(@field $more: $more_known $more_holds, $more_meaning)),*];

        $(#[$about])*
        $vis fn $function<$a> $arguments -> [$crate::report::Value<$a>; COLUMNS.len() + ON_REQUEST.len()] {
            columns!(@in $before [$($value,)* $($more_value,)*])
        }

        /// What gives the value of each column by itself, in the order of the columns: for who needs some columns of
        /// many rows.
        #[cfg(any(feature = "page", feature = "tables"))]
        #[allow(unused_variables, reason = "each column needs its own part of what all have in common")]
        pub fn each<$a>()
        -> [columns!(@type $arguments $a); COLUMNS.len() + ON_REQUEST.len()] {
            [
                $(columns!(@alone $arguments $before $value),)*
                $(columns!(@alone $arguments $before $more_value),)*
            ]
        }
    };
    (@in { $($before:tt)* } $value:expr) => {{ $($before)* $value }};
    (@type ($($argument:ident: $type:ty),* $(,)?) $a:lifetime) => { fn($($type),*) -> $crate::report::Value<$a> };
    (@alone ($($argument:ident: $type:ty),* $(,)?) $before:tt $value:expr) => {
        |$($argument: $type),*| columns!(@in $before $value)
    };
    (@list $($name:literal: $known:ident $holds:expr, $meaning:literal;)*) => {
        /// The columns, in order; the JSON keys are the same.
        ///
        /// | column | meaning |
        /// |---|---|
        $(#[doc = concat!("| `", $name, "` | ", $meaning, " |")])*
        pub const COLUMNS: &[$crate::report::Field] =
            &[$(columns!(@field $name: $known $holds, $meaning)),*];

        /// The names of the columns among those of others.
        #[allow(dead_code, reason = "only `flows` is shown under other names")]
        pub(super) const OWN_NAMES: &[&str] = &[$(concat!(env!("CARGO_PKG_NAME"), ".", $name)),*];
    };
    (@field $name:literal: $known:ident $holds:expr, $meaning:literal) => {
        $crate::report::Field { name: $name, holds: $holds, may_be_unknown: columns!(@$known), meaning: $meaning }
    };
    (@always) => { false };
    (@maybe) => { true };
}

/// Defines the columns of a table for people, `PEOPLE`, and the function that gives a row's cells: one
/// line a column, `text|number "heading", WHEN_NARROW => cell;`.
macro_rules! people {
    (
        $(#[$about:meta])*
        $vis:vis fn $function:ident$(<$a:lifetime>)?($($argument:ident: $type:ty),* $(,)?) {
            $($before:stmt;)*
        }
        $($kind:ident $heading:literal, $when_narrow:expr => $cell:expr;)*
    ) => {
        /// The columns of the table for people.
        $vis const PEOPLE: &[$crate::report::TableColumn] =
            &[$($crate::report::TableColumn::$kind($heading, $when_narrow),)*];

        $(#[$about])*
        $vis fn $function$(<$a>)?($($argument: $type),*) -> Vec<String> {
            $($before)*
            vec![$($cell,)*]
        }
    };
}

pub(super) use {columns, people};
