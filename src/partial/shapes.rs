//! What the table holds, pinned: columns, counters and the shapes of its JSON. A change of any of them is another version
//! of the table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::PartialState;
use super::row::COLUMNS;
use super::rows::{VERSION, rows};
use crate::capture::CaptureReader;
use crate::evidence::{NameSource, NameSources};
use crate::flow::{FlowOptions, ProtocolChoice};
use crate::traffic::ReadSettings;

/// Captures that leave everything open that there is, and one that is none.
const SAMPLES: [&str; 12] = [
    "samples/dns.pcapng",
    "samples/erspan.pcap",
    "samples/fragments.pcap",
    "samples/ftp-active.pcap",
    "samples/https.pcap",
    "samples/labels.csv",
    "samples/other-transport.pcap",
    "samples/scan.pcap",
    "samples/sctp-paths.pcap",
    "samples/two-interfaces.pcapng",
    "samples/vlan.pcap",
    "samples/vxlan.pcap",
];

/// Each place in the JSON of a column, with what stands there and the first example of each.
type Shapes = BTreeMap<String, BTreeMap<&'static str, String>>;

fn note(shapes: &mut Shapes, place: &str, value: &Value) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(items) => {
            for item in items {
                note(shapes, &format!("{place}[]"), item);
            }
            "list"
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                note(shapes, &format!("{place}.{name}"), value);
            }
            "object"
        }
    };
    let example = if value.is_object() || value.is_array() { String::new() } else { format!(" {value}") };
    shapes.entry(place.to_owned()).or_default().entry(kind).or_insert(example);
}

fn shapes() -> String {
    let flow = FlowOptions {
        protocols: ProtocolChoice::All,
        names: NameSource::ALL.into_iter().collect::<NameSources>(),
        ..FlowOptions::default()
    };
    let mut state = PartialState::new(ReadSettings { flow, ..ReadSettings::default() });
    for name in SAMPLES {
        match CaptureReader::open(name) {
            Ok(capture) => state.read(capture, |_| {}).expect("a whole capture"),
            Err(error) => state.note_unopened(&error),
        }
    }
    let (mut counters, mut shapes) = (BTreeSet::new(), Shapes::new());
    for row in rows(&state.settings, &state.entries) {
        let part = row.part.as_deref().expect("a part");
        if let (Some(what), Some(kind)) = (&row.what, &row.kind) {
            counters.insert(format!("{what} {kind}"));
        }
        for (column, json) in [
            ("signs", &row.first_signs),
            ("signs", &row.second_signs),
            ("shown", &row.first_shown),
            ("shown", &row.second_shown),
            ("detail", &row.detail),
        ] {
            if let Some(json) = json {
                let value = serde_json::from_str(json).expect("JSON");
                note(&mut shapes, &format!("{part} {column}"), &value);
            }
        }
    }
    let columns = COLUMNS.iter().map(|column| format!("{} {}", column.name, column.kind));
    let places = shapes.iter().flat_map(|(place, kinds)| {
        kinds.iter().map(move |(kind, example)| format!("{place}: {kind}{example}"))
    });
    let lines: Vec<String> = [format!("version {VERSION}"), String::new()]
        .into_iter()
        .chain(columns)
        .chain([String::new()])
        .chain(counters)
        .chain([String::new()])
        .chain(places)
        .collect();
    lines.join("\n") + "\n"
}

#[test]
fn a_version_has_one_shape() {
    let path = format!("tests/expected/partial-{VERSION}.txt");
    let made = shapes();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("a file");
    }
    let kept = std::fs::read_to_string(&path).expect("the shapes of this version");
    assert!(
        made == kept,
        "what the table holds is not what version {VERSION} holds ({path}): tables that exist are of that version, so count \
         it up in src/partial/rows.rs, and keep a table of it (tests/program/partial.rs). BLESS=1 writes the file where \
         nothing but samples has changed. Now it is:\n{made}"
    );
}
