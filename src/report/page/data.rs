//! The data of the table of flows: columns of numbers and of words, as JSON, compressed.
//!
//! A hundred thousand flows are several megabytes of text. Two threads each write and compress one half of the columns;
//! the two streams are one of gzip (RFC 1952), since the first ends with a flush and not with an end (RFC 1951 section
//! 3.2.3).

use std::borrow::Cow;
use std::io;
use std::net::IpAddr;
use std::thread;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use hashbrown::HashMap;
use serde_json::Value as Json;

use super::super::Value;
use super::super::flows::{self, COLUMNS, ON_REQUEST};
use super::places::{Place, Places};
use crate::foreign;
use crate::traffic::{LabelledFlow, ReadLog};

/// The columns of flows that the page has, in words of `flows`.
const SHOWN: [&str; 25] = [
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
    "bytes",
];

/// Good enough: the next level takes twice as long for a twentieth less.
const LEVEL: Compression = Compression::new(5);

/// Columns of these flows, as the script reads them.
pub(super) fn packed<'a>(
    rows: &[LabelledFlow<'a>],
    log: &'a ReadLog,
    places: Places<'a>,
) -> io::Result<Vec<u8>> {
    let of_flows = SHOWN.map(|name| (name, Of::Flow(column_of(name))));
    let [client, server] = places.columns();
    let of_places = [(client, Of::Client(places)), (server, Of::Server(places))];
    let columns: Vec<(&str, Of)> = of_flows.into_iter().chain(of_places).collect();
    let (first, second) = columns.split_at(columns.len() / 2);
    let begin = format!("{{\"rows\":{},\"columns\":{{", rows.len());
    let part = |before: &str, columns: &[(&str, Of<'a>)], after: &str, flush| {
        let texts: Vec<String> = columns.iter().map(|(name, of)| column(name, *of, rows, log)).collect();
        Part::of(format!("{before}{}{after}", texts.join(",")).as_bytes(), flush)
    };
    let part = &part;
    let (first, second) = thread::scope(|scope| {
        let second = scope.spawn(move || part(",", second, "}}", FlushCompress::Finish));
        (part(&begin, first, "", FlushCompress::Sync), second.join())
    });
    let second = second.map_err(|_| io::Error::other("a column cannot be written"))?;
    let (first, second) = (first?, second?);
    let mut sum = first.sum;
    sum.combine(&second.sum);
    // RFC 1952 section 2.3: deflate, no flags, no time, no hint on the level, no system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(first.packed);
    out.extend(second.packed);
    out.extend(sum.sum().to_le_bytes());
    out.extend(sum.amount().to_le_bytes());
    Ok(out)
}

/// A part of the text, compressed, and the sum of what it was made from.
struct Part {
    packed: Vec<u8>,
    sum: Crc,
}

impl Part {
    fn of(text: &[u8], flush: FlushCompress) -> io::Result<Part> {
        let mut sum = Crc::new();
        sum.update(text);
        let mut packed = Vec::with_capacity(text.len() / 3 + 1024);
        let mut compress = Compress::new(LEVEL, false);
        loop {
            let rest =
                text.get(usize::try_from(compress.total_in()).unwrap_or(usize::MAX)..).unwrap_or_default();
            let status = compress.compress_vec(rest, &mut packed, flush)?;
            let is_done = match flush {
                FlushCompress::Finish => status == Status::StreamEnd,
                // With room left over, all has been flushed.
                _ => compress.total_in() == text.len() as u64 && packed.len() < packed.capacity(),
            };
            if is_done {
                return Ok(Part { packed, sum });
            }
            packed.reserve(packed.capacity() / 2 + 1024);
        }
    }
}

/// Where the values of a column are from.
#[derive(Clone, Copy)]
enum Of<'a> {
    /// The column of flows with this place.
    Flow(usize),
    Client(Places<'a>),
    Server(Places<'a>),
}

fn column_of(name: &str) -> usize {
    COLUMNS.iter().chain(ON_REQUEST).position(|field| field.name == name).unwrap_or_default()
}

/// A column as JSON: its name, and an object.
fn column<'a>(name: &str, of: Of<'a>, rows: &[LabelledFlow<'a>], log: &'a ReadLog) -> String {
    let mut cells = Cells::of(name);
    match of {
        Of::Flow(place) => {
            let value = flows::each()[place];
            for row in rows {
                cells.add(value(row, log.place(row.flow.first_packet())));
            }
        }
        Of::Client(places) => {
            for row in rows {
                cells.place(places.of(row.client().address));
            }
        }
        Of::Server(places) => {
            for row in rows {
                cells.place(places.of(row.server().address));
            }
        }
    }
    cells.json(name)
}

enum Cells<'a> {
    Numbers(Vec<Option<i64>>),
    /// Numbers that grow mostly, each told by how much more it is than the one before: times in microseconds since 1970.
    Growing(Vec<Option<i64>>),
    Words(Words<'a>),
}

impl<'a> Cells<'a> {
    fn of(name: &str) -> Cells<'a> {
        match name {
            "first_seen" | "flow" => Cells::Growing(Vec::new()),
            "duration" | "client_port" | "server_port" | "icmp_type" | "packets" | "bytes" => {
                Cells::Numbers(Vec::new())
            }
            _ => Cells::Words(Words::default()),
        }
    }

    fn add(&mut self, value: Value<'a>) {
        let word = match value {
            Value::Number(number) => return self.number(i64::try_from(number).ok()),
            Value::Duration(nanoseconds) => return self.number(Some(nanoseconds / 1_000)),
            Value::Time(time) => return self.number(Some(time.nanoseconds().div_euclid(1_000))),
            Value::Address(address) => Some(Word::Address(address)),
            Value::Text(text) => Some(Word::Text(text)),
            Value::Foreign(text) => Some(Word::Text(text.raw().to_owned().into())),
            Value::List(words) => match words.as_slice() {
                [] => None,
                [word] => Some(Word::Text(Cow::Borrowed(word))),
                words => Some(Word::Text(words.join(" ").into())),
            },
            _ => None,
        };
        match self {
            Cells::Words(words) => words.add(word),
            Cells::Numbers(cells) | Cells::Growing(cells) => cells.push(None),
        }
    }

    fn place(&mut self, place: Place<'a>) {
        if let Cells::Words(words) = self {
            words.add(Some(Word::Place(place)));
        }
    }

    fn number(&mut self, number: Option<i64>) {
        match self {
            Cells::Numbers(cells) | Cells::Growing(cells) => cells.push(number),
            Cells::Words(words) => words.add(number.map(|number| Word::Text(number.to_string().into()))),
        }
    }

    fn json(self, name: &str) -> String {
        let (kind, words, cells) = match self {
            Cells::Numbers(cells) => ("number", None, cells),
            Cells::Growing(cells) => ("growing", None, grown(&cells)),
            Cells::Words(words) => {
                let (words, cells) = words.finish();
                ("word", Some(Json::from(words)), cells)
            }
        };
        let words = words.map_or(String::new(), |words| format!("\"words\":{words},"));
        let same = match cells.first() {
            Some(first) if cells.iter().all(|cell| cell == first) => Some(*first),
            _ => None,
        };
        let cells = match same {
            Some(cell) => format!("\"same\":{}", Json::from(cell)),
            None => format!("\"values\":{}", list(&cells)),
        };
        format!("\"{name}\":{{\"kind\":\"{kind}\",{words}{cells}}}")
    }
}

/// A text, in the order in which people look for it: addresses by their numbers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Word<'a> {
    Address(IpAddr),
    Place(Place<'a>),
    Text(Cow<'a, str>),
}

/// Texts that are written once each.
#[derive(Default)]
struct Words<'a> {
    places: HashMap<Word<'a>, usize, foldhash::fast::RandomState>,
    cells: Vec<Option<usize>>,
}

impl<'a> Words<'a> {
    fn add(&mut self, word: Option<Word<'a>>) {
        let next = self.places.len();
        let place = word.map(|word| *self.places.entry(word).or_insert(next));
        self.cells.push(place);
    }

    /// The words in order, and the place of each cell's word among them.
    fn finish(self) -> (Vec<String>, Vec<Option<i64>>) {
        let mut words: Vec<(Word, usize)> = self.places.into_iter().collect();
        words.sort_unstable();
        let mut in_order = vec![0; words.len()];
        for (n, (_, place)) in (0_i64..).zip(&words) {
            in_order[*place] = n;
        }
        let word = |word: Word| match word {
            Word::Address(address) => address.to_string(),
            Word::Place(place) => foreign::line(&place.to_string()).into_owned(),
            Word::Text(text) => foreign::line(&text).into_owned(),
        };
        let cells = self.cells.into_iter().map(|cell| cell.map(|place| in_order[place])).collect();
        (words.into_iter().map(|(one, _)| word(one)).collect(), cells)
    }
}

/// How much more each number is than the last one known.
fn grown(numbers: &[Option<i64>]) -> Vec<Option<i64>> {
    let mut last = 0;
    let more = |number: &Option<i64>| {
        let number = (*number)?;
        let more = number.wrapping_sub(last);
        last = number;
        Some(more)
    };
    numbers.iter().map(more).collect()
}

fn list(cells: &[Option<i64>]) -> String {
    let mut text = String::with_capacity(cells.len() * 4);
    let mut digits = itoa::Buffer::new();
    text.push('[');
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(cell.map_or("null", |number| digits.format(number)));
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn columns_are_those_of_flows() {
        for name in SHOWN {
            assert!(COLUMNS.iter().chain(ON_REQUEST).any(|field| field.name == name), "{name}");
        }
    }

    #[test]
    fn parts_are_one_stream_of_gzip() {
        // Random digits hardly compress: the room that is made first is not enough.
        let mut state = 1_u32;
        let mut digit = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for length in [0, 1, 5_000, 300_000] {
            let text: Vec<u8> = (0..length).map(|_| digit()).collect();
            let first = Part::of(&text, FlushCompress::Sync).expect("packed");
            let second = Part::of(b"end", FlushCompress::Finish).expect("packed");
            let mut packed = first.packed;
            packed.extend(second.packed);
            let mut unpacked = Vec::new();
            flate2::read::DeflateDecoder::new(packed.as_slice())
                .read_to_end(&mut unpacked)
                .expect("one stream");
            assert_eq!(unpacked, [&text[..], b"end"].concat(), "{length}");
        }
    }

    #[test]
    fn what_all_rows_have_in_common_is_written_once() {
        let json = |name: &str, values: Vec<Value<'static>>| {
            let mut cells = Cells::of(name);
            for value in values {
                cells.add(value);
            }
            cells.json(name)
        };
        let word = |text: &'static str| Value::text(Some(text));
        assert_eq!(
            json("status", vec![word("b"), Value::Unknown, word("a")]),
            r#""status":{"kind":"word","words":["a","b"],"values":[1,null,0]}"#
        );
        assert_eq!(json("state", vec![word("SF"); 3]), r#""state":{"kind":"word","words":["SF"],"same":0}"#);
        assert_eq!(
            json("icmp_type", vec![Value::Unknown; 2]),
            r#""icmp_type":{"kind":"number","same":null}"#
        );
        assert_eq!(
            json("flow", vec![Value::Number(3), Value::Number(4), Value::Number(9)]),
            r#""flow":{"kind":"growing","values":[3,1,5]}"#
        );
        assert_eq!(json("bytes", Vec::new()), r#""bytes":{"kind":"number","values":[]}"#);
    }
}
