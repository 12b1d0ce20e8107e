//! The table of flows: data for the script of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::{Markup, PreEscaped, html};
use serde_json::Value as Json;

use super::super::Value;
use super::super::flows::{self, COLUMNS, ON_REQUEST};
use super::made::{MOST_FLOWS, Made};
use super::networks::network;
use super::words::grouped;
use crate::foreign;
use crate::traffic::{LabelledFlow, ReadLog};

/// The columns of flows that the page has, in words of `flows`.
const SHOWN: [&str; 24] = [
    "flow",
    "first_seen",
    "duration",
    "client_address",
    "client_port",
    "client_name",
    "server_address",
    "server_port",
    "server_name",
    "transport",
    "protocol",
    "icmp_type",
    "service",
    "aliases",
    "local_name",
    "observed",
    "agreement",
    "status",
    "port_range",
    "flags",
    "direction_basis",
    "direction_confidence",
    "state",
    "packets",
];
/// Those that are reckoned with, too.
const MORE: [&str; 3] = ["bytes", "client_network", "server_network"];

/// The headings of the table, each with the column that it is sorted by.
const HEADINGS: [(&str, &str); 13] = [
    ("flow", "flow"),
    ("began (UTC)", "first_seen"),
    ("lasted", "duration"),
    ("client", "client_address"),
    ("server", "server_address"),
    ("registered as", "service"),
    ("payload", "observed"),
    ("status", "status"),
    ("flags", "flags"),
    ("by", "direction_basis"),
    ("state", "state"),
    ("packets", "packets"),
    ("bytes", "bytes"),
];

/// The flows that the page shows.
pub(super) struct Table {
    rows: usize,
    columns: Vec<Column>,
}

/// A column of data.
struct Column {
    name: &'static str,
    cells: Cells,
}

enum Cells {
    Numbers(Vec<Option<i64>>),
    /// Microseconds since 1970, of which each is told by how much later it is than the one before.
    Times(Vec<Option<i64>>),
    Words(Words),
}

/// Texts that are written once each.
#[derive(Default)]
struct Words {
    places: BTreeMap<Sortable, usize>,
    cells: Vec<Option<usize>>,
}

/// A text, in the order in which people look for it: addresses by their numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Sortable {
    Address(std::net::IpAddr),
    Text(String),
}

impl Words {
    fn add(&mut self, word: Option<Sortable>) {
        let next = self.places.len();
        let place = word.map(|word| *self.places.entry(word).or_insert(next));
        self.cells.push(place);
    }

    /// The words in order, and the place of each cell's word among them.
    fn finish(self) -> (Vec<String>, Vec<Option<usize>>) {
        let mut in_order = vec![0; self.places.len()];
        let mut words = Vec::with_capacity(self.places.len());
        for (word, place) in self.places {
            in_order[place] = words.len();
            words.push(match word {
                Sortable::Address(address) => address.to_string(),
                Sortable::Text(text) => foreign::line(&text).into_owned(),
            });
        }
        let cells = self.cells.into_iter().map(|cell| cell.map(|place| in_order[place])).collect();
        (words, cells)
    }
}

impl Cells {
    fn of(name: &str) -> Cells {
        match name {
            "first_seen" => Cells::Times(Vec::new()),
            "flow" | "duration" | "client_port" | "server_port" | "icmp_type" | "packets" | "bytes" => {
                Cells::Numbers(Vec::new())
            }
            _ => Cells::Words(Words::default()),
        }
    }

    fn add(&mut self, value: Value) {
        let word = match value {
            Value::Number(number) => return self.number(i64::try_from(number).ok()),
            Value::Duration(nanoseconds) => return self.number(Some(nanoseconds / 1_000)),
            Value::Time(time) => return self.number(Some(time.nanoseconds().div_euclid(1_000))),
            Value::Address(address) => Some(Sortable::Address(address)),
            Value::Text(text) => Some(Sortable::Text(text.into_owned())),
            Value::Foreign(text) => Some(Sortable::Text(text.raw().to_owned())),
            Value::List(words) if !words.is_empty() => Some(Sortable::Text(words.join(" "))),
            _ => None,
        };
        match self {
            Cells::Words(words) => words.add(word),
            Cells::Numbers(cells) | Cells::Times(cells) => cells.push(None),
        }
    }

    fn number(&mut self, number: Option<i64>) {
        match self {
            Cells::Numbers(cells) | Cells::Times(cells) => cells.push(number),
            Cells::Words(words) => words.add(number.map(|number| Sortable::Text(number.to_string()))),
        }
    }
}

impl Table {
    pub(super) fn of(mut rows: Vec<LabelledFlow>, log: &ReadLog) -> Table {
        rows.sort_by_key(|row| row.number);
        let all: Vec<&str> = COLUMNS.iter().chain(ON_REQUEST).map(|field| field.name).collect();
        let mut columns: Vec<(Option<usize>, Column)> = SHOWN
            .into_iter()
            .chain(MORE)
            .map(|name| (all.iter().position(|one| *one == name), Column { name, cells: Cells::of(name) }))
            .collect();
        for row in &rows {
            let mut values: Vec<Value> =
                flows::values(row, log.place(row.flow.first_packet())).into_iter().collect();
            for (place, column) in &mut columns {
                let value = match (*place, column.name) {
                    (Some(place), _) => std::mem::replace(&mut values[place], Value::Unknown),
                    (None, "client_network") => Value::filled(network(row.client().address).to_string()),
                    (None, _) => Value::filled(network(row.server().address).to_string()),
                };
                column.cells.add(value);
            }
        }
        Table { rows: rows.len(), columns: columns.into_iter().map(|(_, column)| column).collect() }
    }

    /// The table, which the script fills.
    pub(super) fn section(&self, all: u64, made: Made) -> Markup {
        html! {
            section #flows {
                h2 tabindex="-1" { "All flows" }
                @if all > self.rows as u64 {
                    p {
                        "The " (grouped(MOST_FLOWS as u64)) " flows with the most bytes, of " (grouped(all)) ". All of them: "
                        code { (made.command) " --format csv" }
                    }
                }
                noscript { p { "The table needs a script, which is not run here. All else on this page does not." } }
                form.search hidden[true] role="search" {
                    label { "Search " input type="search" name="words" autocomplete="off" spellcheck="false"; }
                    span.quiet { "words and numbers that stand in a row; all must" }
                }
                ul.chosen aria-label="Conditions" {}
                p.told role="status" {}
                table.stack.flows role="table" hidden[true] {
                    thead role="rowgroup" {
                        tr role="row" {
                            @for (heading, column) in HEADINGS {
                                th scope="col" role="columnheader" {
                                    button type="button" data-sort=(column) { (heading) }
                                }
                            }
                        }
                    }
                    tbody role="rowgroup" {}
                }
                nav.pages aria-label="Pages of the table" hidden[true] {
                    button type="button" data-step="-1" { "Back" }
                    span role="status" {}
                    button type="button" data-step="1" { "On" }
                }
            }
        }
    }

    /// The data, compressed, which no browser takes for a script.
    pub(super) fn data(self) -> io::Result<Markup> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        write!(out, "{{\"rows\":{},\"columns\":{{", self.rows)?;
        for (n, Column { name, cells }) in self.columns.into_iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            let (kind, words, values) = match cells {
                Cells::Numbers(cells) => ("number", None, list(cells.into_iter())),
                Cells::Times(cells) => ("time", None, list(later(cells))),
                Cells::Words(words) => {
                    let (words, cells) = words.finish();
                    (
                        "word",
                        Some(words),
                        list(cells.into_iter().map(|place| place.map(|place| place as i64))),
                    )
                }
            };
            write!(out, "{comma}\"{name}\":{{\"kind\":\"{kind}\",")?;
            if let Some(words) = words {
                write!(out, "\"words\":{},", Json::from(words))?;
            }
            write!(out, "\"values\":{values}}}")?;
        }
        write!(out, "}}}}")?;
        let data = STANDARD.encode(out.finish()?);
        Ok(html! { script #data type="application/gzip" { (PreEscaped(data)) } })
    }
}

/// How much later each time is than the last one known.
fn later(times: Vec<Option<i64>>) -> impl Iterator<Item = Option<i64>> {
    let mut last = 0;
    times.into_iter().map(move |time| {
        time.map(|time| {
            let later = time.wrapping_sub(last);
            last = time;
            later
        })
    })
}

fn list(cells: impl Iterator<Item = Option<i64>>) -> String {
    let mut text = String::from("[");
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            text.push(',');
        }
        // Writing to a string does not fail.
        let _ = match cell {
            Some(number) => write!(text, "{number}"),
            None => write!(text, "null"),
        };
    }
    text.push(']');
    text
}
