//! What every result looks like: a JSON Schema, and the page that lists all columns.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use super::comparison::{Change, Kind};
use super::registry::{check, diff, info, list};
use super::{Field, Holds, comparison, flows, glossary, lookup, packets, summary};
use crate::decode::{Reason, UdpTunnel};
use crate::flow::Basis;
use crate::label::{Flag, FlagRank};
use crate::registry::{Effect, NOTE, Status};
use crate::{Transport, net::PortRange};

/// A result that the program prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultKind {
    /// `flows`.
    Flows,
    /// `packets`.
    Packets,
    /// `summary`.
    Summary,
    /// `explain`, of a flow.
    Explain,
    /// `explain`, of words.
    Words,
    /// `diff`.
    Diff,
    /// `lookup`.
    Lookup,
    /// `registry list` and `registry search`.
    RegistryList,
    /// `registry info`.
    RegistryInfo,
    /// `registry check`.
    RegistryCheck,
    /// `registry diff`.
    RegistryDiff,
    /// `review`.
    Review,
}

impl ResultKind {
    /// Every result.
    pub const ALL: [ResultKind; 12] = [
        ResultKind::Flows,
        ResultKind::Packets,
        ResultKind::Summary,
        ResultKind::Explain,
        ResultKind::Words,
        ResultKind::Diff,
        ResultKind::Lookup,
        ResultKind::RegistryList,
        ResultKind::RegistryInfo,
        ResultKind::RegistryCheck,
        ResultKind::RegistryDiff,
        ResultKind::Review,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            ResultKind::Flows => "flows",
            ResultKind::Packets => "packets",
            ResultKind::Summary => "summary",
            ResultKind::Explain => "explain",
            ResultKind::Words => "words",
            ResultKind::Diff => "diff",
            ResultKind::Lookup => "lookup",
            ResultKind::RegistryList => "registry-list",
            ResultKind::RegistryInfo => "registry-info",
            ResultKind::RegistryCheck => "registry-check",
            ResultKind::RegistryDiff => "registry-diff",
            ResultKind::Review => "review",
        }
    }

    /// The fields of a row in NDJSON, where the result has rows.
    pub const fn fields(self) -> Option<&'static [Field]> {
        match self {
            ResultKind::Flows => Some(flows::COLUMNS),
            ResultKind::Packets => Some(packets::COLUMNS),
            ResultKind::Summary => Some(summary::COLUMNS),
            ResultKind::Words => Some(glossary::COLUMNS),
            ResultKind::Diff => Some(comparison::COLUMNS),
            ResultKind::Lookup => Some(lookup::COLUMNS),
            ResultKind::RegistryList => Some(list::KEYS),
            ResultKind::RegistryInfo => Some(info::COLUMNS),
            ResultKind::RegistryCheck => Some(check::COLUMNS),
            ResultKind::RegistryDiff => Some(diff::COLUMNS),
            ResultKind::Explain | ResultKind::Review => None,
        }
    }

    /// What a row is, and which command prints it.
    const fn about(self) -> &'static str {
        match self {
            ResultKind::Flows => "`portscribe flows`: one row per flow.",
            ResultKind::Packets => "`portscribe packets`: one row per transport header of a packet.",
            ResultKind::Summary => "`portscribe summary`: one row per service, or whatever `--by` names.",
            ResultKind::Explain => "`portscribe explain CAPTURE`.",
            ResultKind::Words => "`portscribe explain KIND`: one row per word.",
            ResultKind::Diff => "`portscribe diff`: one row per thing that came, went or changed.",
            ResultKind::Lookup => {
                "`portscribe lookup`: one row per port and transport, or per row found by name."
            }
            ResultKind::RegistryList => {
                "`portscribe registry list` and `registry search`: one row per row of the registry."
            }
            ResultKind::RegistryInfo => {
                "`portscribe registry info`: one row per transport, range and status. JSON holds an object without rows."
            }
            ResultKind::RegistryCheck => {
                "`portscribe registry check`: one row per departure from RFC 6335's rules."
            }
            ResultKind::RegistryDiff => "`portscribe registry diff`: one row per change.",
            ResultKind::Review => "`portscribe review`.",
        }
    }

    /// The JSON Schema (draft 2020-12) of the result in JSON.
    pub fn schema(self) -> Json {
        match self {
            ResultKind::Review => {
                serde_json::from_str(include_str!("../../docs/review.schema.json")).unwrap_or_default()
            }
            ResultKind::RegistryInfo => self.titled(info_schema()),
            ResultKind::Explain => {
                let mut head = registry_head();
                head.extend(traffic_head());
                head.extend(explanation());
                head.insert(
                    "note".into(),
                    about("what a registration does not say", json!({ "const": NOTE })),
                );
                self.titled(object(head))
            }
            _ => {
                let mut head = registry_head();
                match self {
                    ResultKind::Flows | ResultKind::Packets | ResultKind::Summary => {
                        head.extend(traffic_head());
                    }
                    ResultKind::Diff => head.extend(comparison_head()),
                    ResultKind::RegistryDiff => head.extend(diff_head()),
                    _ => {}
                }
                let rows = json!({ "type": "array", "items": { "$ref": "#/$defs/row" } });
                head.insert("rows".into(), rows);
                head.insert(
                    "note".into(),
                    about("what a registration does not say", json!({ "const": NOTE })),
                );
                let mut schema = object(head);
                if matches!(self, ResultKind::Flows | ResultKind::Summary) {
                    schema["properties"]["left_out_by_selection"] = left_out();
                }
                schema["$defs"] = json!({ "row": self.row() });
                self.titled(schema)
            }
        }
    }

    /// The JSON Schema (draft 2020-12) of one line of NDJSON, where the result has rows.
    pub fn row_schema(self) -> Option<Json> {
        self.fields().map(|_| self.titled(self.row()))
    }

    fn row(self) -> Json {
        row_of(self.fields().unwrap_or_default())
    }

    fn titled(self, schema: Json) -> Json {
        let mut titled = Map::new();
        titled.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        titled.insert("title".into(), format!("portscribe {}", self.name().replacen('-', " ", 1)).into());
        if let Json::Object(schema) = schema {
            titled.extend(schema);
        }
        titled.into()
    }
}

/// A row of these columns.
fn row_of(fields: &[Field]) -> Json {
    object(fields.iter().map(|field| (field.name.to_owned(), field.schema())).collect())
}

/// An object with these properties and no others, all of them required.
fn object(properties: Map<String, Json>) -> Json {
    let required: Vec<Json> = properties.keys().map(|name| name.as_str().into()).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    schema.insert("required".into(), required.into());
    schema.insert("additionalProperties".into(), false.into());
    schema.into()
}

/// An object with these properties, in this order.
fn of<const N: usize>(properties: [(&str, Json); N]) -> Json {
    object(map(properties))
}

fn map<const N: usize>(properties: [(&str, Json); N]) -> Map<String, Json> {
    properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// A schema with what its value means.
fn about(meaning: &str, schema: Json) -> Json {
    let mut described = json!({ "description": meaning });
    if let (Json::Object(described), Json::Object(schema)) = (&mut described, schema) {
        described.extend(schema);
    }
    described
}

fn text() -> Json {
    json!({ "type": "string" })
}

fn text_or_null() -> Json {
    json!({ "type": ["string", "null"] })
}

fn number() -> Json {
    json!({ "type": "integer", "minimum": 0 })
}

fn time() -> Json {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn registry_head() -> Map<String, Json> {
    map([
        (
            "program",
            about(
                "the program that wrote this",
                of([("name", json!({ "const": env!("CARGO_PKG_NAME") })), ("version", text())]),
            ),
        ),
        (
            "registry",
            about(
                "the registry that was asked: its edition, where it is from, and how old details such as dates may be",
                of([
                    ("edition", text_or_null()),
                    ("source", text()),
                    ("rows", number()),
                    ("details_as_of", text_or_null()),
                ]),
            ),
        ),
    ])
}

fn traffic_head() -> Map<String, Json> {
    let capture = of([
        ("name", text()),
        ("format", json!({ "enum": ["pcap", "pcapng", null] })),
        ("compression", json!({ "enum": ["gzip", "zstd", null] })),
        ("packets", number()),
        ("first_seen", time()),
        ("last_seen", time()),
        ("fault", text_or_null()),
        ("copies", number()),
        (
            "same_as",
            json!({
                "description": "name of a capture before it that gave the same packets",
                "type": ["string", "null"],
            }),
        ),
        (
            "overlaps",
            json!({
                "description": "captures before it that hold datagrams of it, and how many of its in percent, by a sample",
                "type": "array",
                "items": of([
                    ("name", text()),
                    ("percent", json!({ "type": "integer", "minimum": 1, "maximum": 100 })),
                ]),
            }),
        ),
    ]);
    let reasons = Reason::ALL.map(Reason::name);
    let tunnels: Vec<&str> = UdpTunnel::ALL.iter().map(|kind| kind.name()).collect();
    let hint = of([
        ("transport", json!({ "enum": [Transport::Udp.name()] })),
        ("port", json!({ "type": "integer", "minimum": 0, "maximum": 65535 })),
        ("looks_like", json!({ "enum": tunnels })),
        ("packets", json!({ "type": "integer", "minimum": 1 })),
        ("option", text()),
    ]);
    map([
        (
            "captures",
            about(
                "the captures, in the order in which they were read",
                json!({ "type": "array", "items": capture }),
            ),
        ),
        ("packets_read", about("number of packets of all captures", number())),
        (
            "uncounted",
            json!({
                "description": "number of packets in no flow, by reason",
                "type": "object",
                "propertyNames": { "enum": reasons },
                "additionalProperties": { "type": "integer", "minimum": 1 },
            }),
        ),
        (
            "wild_times",
            about(
                "number of packets with a time far from those before and after, counted as without one",
                number(),
            ),
        ),
        (
            "hints",
            json!({
                "description": "packets that look like a tunnel on another port, with the option that follows it",
                "type": "array",
                "items": hint,
            }),
        ),
        (
            "uncounted_without_ports",
            json!({
                "description": "number of packets in no flow, by the protocol without ports that they end in",
                "type": "object",
                "additionalProperties": { "type": "integer", "minimum": 1 },
            }),
        ),
        (
            "copies",
            json!({
                "description": "number of packets that are copies of others in their capture",
                "type": "integer",
                "minimum": 0,
            }),
        ),
    ])
}

fn left_out() -> Json {
    let mut schema = of([("flows", number()), ("packets", number())]);
    schema["description"] = "flows that the selection leaves out; only with a selection".into();
    schema
}

/// What an explanation adds to the head of a report on captures.
fn explanation() -> Map<String, Json> {
    let list = |about: &str, items: Json| json!({ "description": about, "type": "array", "items": items });
    let bases = Basis::ALL.map(Basis::name);
    let end = json!({
        "description": "the end that it takes for the server; null where it says nothing",
        "anyOf": [of([("address", text()), ("port", json!({ "type": ["integer", "null"] }))]), { "type": "null" }],
    });
    let evidence = of([
        ("basis", json!({ "enum": bases })),
        ("server", end),
        ("agrees", json!({ "type": ["boolean", "null"] })),
        ("decides", json!({ "type": "boolean" })),
        ("meaning", text()),
    ]);
    let flags = Flag::ALL.map(Flag::name);
    let packet = of([
        ("capture", text()),
        ("frame", json!({ "type": "integer", "minimum": 1 })),
        ("time", time()),
        ("to_server", json!({ "type": "boolean" })),
        ("signal", json!({ "type": "array", "items": text() })),
        ("payload_length", number()),
        ("length", number()),
    ]);
    map([
        ("flows", number()),
        ("other_flows", list("numbers of other flows that were asked for with it", number())),
        ("flow", row_of(flows::COLUMNS)),
        ("evidence", list("what each basis says of the server, the strongest first", evidence)),
        ("ports", list("what the registry says of both ports on every transport", row_of(lookup::COLUMNS))),
        (
            "flag_reasons",
            list("why the flow has each flag", of([("flag", json!({ "enum": flags })), ("reason", text())])),
        ),
        ("first_packets", list("the first packets of the flow", packet)),
        ("words", list("the words of the label", row_of(glossary::COLUMNS))),
    ])
}

fn comparison_head() -> Map<String, Json> {
    let side = of([
        ("names", json!({ "type": "array", "items": text() })),
        ("flows", number()),
        ("bytes", number()),
    ]);
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let by_kind = object(kinds.iter().map(|kind| ((*kind).to_owned(), number())).collect());
    let counts = Change::ALL.map(|change| (change.name().to_owned(), by_kind.clone()));
    let unknown = of([
        ("kind", json!({ "enum": kinds })),
        ("unknown_of", json!({ "enum": ["old", "new"] })),
        ("why", text()),
    ]);
    map([
        ("old", side.clone()),
        ("new", side),
        ("factor", json!({ "type": "number", "exclusiveMinimum": 1 })),
        ("counts", object(Map::from_iter(counts))),
        (
            "not_compared",
            json!({
                "description": "kinds that a side does not know, and that are therefore not compared",
                "type": "array",
                "items": unknown,
            }),
        ),
    ])
}

fn diff_head() -> Map<String, Json> {
    let effects =
        object(Effect::ALL.into_iter().map(|effect| (effect.name().to_owned(), number())).collect());
    map([
        ("old_registry", of([("edition", text_or_null()), ("source", text()), ("rows", number())])),
        (
            "counts",
            of([
                ("rows_added", number()),
                ("rows_removed", number()),
                ("rows_changed", number()),
                ("ports", effects),
            ]),
        ),
    ])
}

fn info_schema() -> Json {
    let by_status =
        object(Status::ALL.into_iter().map(|status| (status.name().to_owned(), number())).collect());
    let ranges = |schema: &Json| {
        object(PortRange::ALL.into_iter().map(|range| (range.name().to_owned(), schema.clone())).collect())
    };
    let transports = |schema: &Json| {
        object(Transport::REGISTERED.into_iter().map(|one| (one.name().to_owned(), schema.clone())).collect())
    };
    of([
        ("title", text()),
        ("edition", text_or_null()),
        ("source", text()),
        ("details_as_of", text_or_null()),
        ("rows", number()),
        ("rows_without_a_port", number()),
        ("contacts", number()),
        ("experts", text_or_null()),
        ("reference", text_or_null()),
        ("registry_note", text_or_null()),
        ("footnotes", text_or_null()),
        ("ports", transports(&by_status)),
        ("ports_by_range", transports(&ranges(&by_status))),
        ("free_on_every_transport", ranges(&number())),
        ("note", about("what a registration does not say", json!({ "const": NOTE }))),
    ])
}

const INTRODUCTION: &str = "\
# Columns

The columns of every result, in order. CSV and TSV have them as columns with a header line, JSON and
NDJSON as keys. Names, types and words are promises: columns are added at the end, words are added to
sets, and none is renamed.

A value that is not known is an empty cell in CSV and TSV and `null` in JSON and NDJSON, never 0; the
column *known* says where every row has a value. `portscribe schema RESULT` prints the same as a JSON
Schema (draft 2020-12) of the whole JSON object, `portscribe schema RESULT --ndjson` that of a line of
NDJSON.

Texts may come from outside: names of files and interfaces, cells of a registry, names in an overlay. CSV and TSV
show characters that control a terminal, turn the direction of writing or do not show as escapes (`\\x1b`,
`\\u{202e}`), a line break as `\\n`, and have `'` before what a spreadsheet would take for a formula. JSON and NDJSON
have the very characters. Line breaks within cells of the registry stay in the CSV of `lookup` and `registry`.

| type | in CSV and TSV | in JSON and NDJSON |
|---|---|---|
| text | the text | a string |
| word | one word of a fixed set, listed below the table | a string |
| 8-bit, 16-bit, 32-bit, 64-bit integer | digits, without a sign | a number |
| decimal number | nine decimal places (seconds), six (shares) | a number |
| time | RFC 3339 in UTC with nanoseconds: `2026-03-02T09:00:00.123456789Z` | a string |
| address | an IPv4 or IPv6 address | a string |
| boolean | `true`, `false` | `true`, `false` |
| port or range | `443`, `6000-6063` | a number, or a string for a range |
| list of texts, list of words | separated by spaces | an array of strings |
| list of sentences | separated by `; ` | an array of strings |
| words with numbers | `one-way=2`, separated by spaces | an object |
";

/// The page that lists all columns, in Markdown.
pub fn columns_page() -> String {
    // Writing to a string does not fail.
    let mut page = String::from(INTRODUCTION);
    for kind in ResultKind::ALL {
        let Some(fields) = kind.fields() else { continue };
        let _ = write!(page, "\n## {}\n\n{}\n", kind.name().replacen('-', " ", 1), kind.about());
        if kind == ResultKind::RegistryList {
            let names: Vec<String> = list::COLUMNS.iter().map(|field| format!("`{}`", field.name)).collect();
            let _ = write!(
                page,
                "CSV and TSV have IANA's own columns without the two dates, so that they can be read again\nas a \
                 registry: {}.\n",
                names.join(", ")
            );
        }
        page.push_str("\n| column | type | unit | known | meaning |\n|---|---|---|---|---|\n");
        for field in fields {
            let known = if field.may_be_unknown { "" } else { "always" };
            let (name, holds, unit) =
                (field.name, field.holds.name(), field.holds.unit().unwrap_or_default());
            let _ = writeln!(page, "| `{name}` | {holds} | {unit} | {known} | {} |", field.meaning);
        }
        page.push('\n');
        for field in fields {
            if field.holds == Holds::Flags {
                let _ = writeln!(page, "- `{}`: {}", field.name, flags_by_rank());
            } else if let Some(words) = field.holds.words() {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                let _ = writeln!(page, "- `{}`: {}", field.name, words.join(", "));
            }
        }
        while page.ends_with("\n\n") {
            page.pop();
        }
    }
    page.push_str("\n## review\n\n`portscribe schema review` prints the JSON Schema of a review; [review.md](review.md) explains it.\n");
    page
}

/// The flags with what each rank means.
fn flags_by_rank() -> String {
    let of_rank = |rank: FlagRank| {
        let flags = Flag::ALL.into_iter().filter(|flag| flag.rank() == rank);
        let words: Vec<String> = flags.map(|flag| format!("`{flag}`")).collect();
        format!("{} ({}): {}", rank.name(), rank.meaning(), words.join(", "))
    };
    FlagRank::ALL.map(of_rank).join("; ")
}
