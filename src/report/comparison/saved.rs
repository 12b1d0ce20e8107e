//! Saved results of `flows` and `summary`, read back for a comparison.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::str::FromStr;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::fact::Fact;
use super::inventory::{Amount, Offered, ServiceKey, in_use};
use crate::foreign;
use crate::label::STATUSES;
use crate::net::{Protocol, is_group};
use crate::text::begins_result;

/// What a saved result says, row by row.
#[derive(Debug)]
pub enum SavedRow {
    /// A flow.
    Flow(Fact<'static>),
    /// A total of flows to one service.
    Total(ServiceKey, Amount),
}

/// Why a saved result cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),
    /// It is no JSON.
    #[error("is not whole JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is no CSV.
    #[error("is not whole CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A column is missing.
    #[error(
        "row {row} has no `{column}`: a comparison takes whole results of `flows`, or of `summary` by service or port"
    )]
    Missing {
        /// Number of the row, from 1.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// A cell cannot be read.
    #[error("row {row}: `{column}` is `{text}`, which cannot be read")]
    Cell {
        /// Number of the row, from 1.
        row: usize,
        /// The column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// The sums of a file are beyond what can be.
    #[error("row {row}: with it there are more flows or bytes than any capture holds")]
    TooMany {
        /// Number of the row, from 1.
        row: usize,
    },
    /// A summary that does not tell services apart.
    #[error("row {row} holds flows of several services: save `summary` by service or port, or `flows`")]
    SeveralServices {
        /// Number of the row, from 1.
        row: usize,
    },
    /// It is another result.
    #[error("not a result of `flows` or `summary`")]
    Other,
}

/// What some editors write before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a file that begins with these bytes is a saved result, and no capture.
pub fn is_saved(begin: &[u8]) -> bool {
    begin.strip_prefix(BYTE_ORDER_MARK).unwrap_or(begin).first() == Some(&b'{') || begins_result(begin)
}

/// Reads a saved result and hands on its rows.
///
/// # Errors
///
/// When it is no whole result of `flows`, or of `summary` by service or port.
pub fn read_saved(mut reader: impl BufRead, mut each: impl FnMut(SavedRow)) -> Result<(), SavedError> {
    if reader.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
    }
    let left = Cell::new(MOST_OF_A_ROW);
    let begin = reader.fill_buf()?;
    let is_json = begin.first() == Some(&b'{');
    let head = begin.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let delimiter = if head.contains(&b'\t') { b'\t' } else { b',' };
    let reader = Rationed { reader, left: &left };
    let mut number = 0;
    let mut sums = [0; 2];
    let mut take = |row: &dyn Cells| -> Result<(), SavedError> {
        left.set(MOST_OF_A_ROW);
        number += 1;
        let read = read_row(number, row)?;
        let counted = match &read {
            SavedRow::Flow(fact) => [1, fact.bytes],
            SavedRow::Total(_, amount) => [amount.flows, amount.bytes],
        };
        for (sum, one) in sums.iter_mut().zip(counted) {
            // Neither is above the mark before.
            *sum += one;
            if *sum > MOST_COUNTED {
                return Err(SavedError::TooMany { row: number });
            }
        }
        each(read);
        Ok(())
    };
    if is_json {
        // One object with rows, or one object a row.
        let mut reader = serde_json::Deserializer::from_reader(BufReader::new(reader));
        while let Some(read) = next_object(&mut reader, &mut take, &left) {
            read?;
        }
        return Ok(());
    }
    let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(reader);
    let head = rows.headers()?.clone();
    for record in rows.records() {
        take(&CsvRow { head: &head, record: &record? })?;
    }
    Ok(())
}

/// The most octets of a row, and of what stands before the rows of an object. In memory JSON takes up to forty times
/// as much.
const MOST_OF_A_ROW: u64 = 4 << 20;
/// The most packets, flows or octets of a saved result: 64 PiB. Sums of 255 files stay below 2^64.
const MOST_COUNTED: u64 = 1 << 56;
/// What stands before the rows and can be long. It is passed over.
const LONG: [&str; 2] = ["captures", "hints"];

/// Hands on no more octets than are left for the row that is read.
struct Rationed<'l, R> {
    reader: R,
    left: &'l Cell<u64>,
}

impl<R: Read> Read for Rationed<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        let left = self.left.get().checked_sub(read as u64).ok_or_else(|| {
            let what = format!("more than {} MiB of one row", MOST_OF_A_ROW >> 20);
            io::Error::new(io::ErrorKind::FileTooLarge, what)
        })?;
        self.left.set(left);
        Ok(read)
    }
}

/// Takes a row of a result.
type Take<'t> = &'t mut dyn FnMut(&dyn Cells) -> Result<(), SavedError>;

/// Reads the next object, and hands on its rows while it is read, or itself where it is a row. `None` at the end.
fn next_object<R: Read>(
    reader: &mut serde_json::Deserializer<serde_json::de::IoRead<R>>,
    take: Take,
    left: &Cell<u64>,
) -> Option<Result<(), SavedError>> {
    // At its end there are blanks at most.
    if reader.end().is_ok() {
        return None;
    }
    let mut wrong = None;
    let read = Object { take, left, wrong: &mut wrong }.deserialize(reader);
    Some(match wrong {
        Some(wrong) => Err(wrong),
        None => read.map_err(SavedError::from),
    })
}

/// An object with rows, or one that is a row. What is wrong with a row is put aside: the reader of JSON knows its own
/// faults alone.
struct Object<'a, 't> {
    take: Take<'t>,
    /// How much more may be read of a row.
    left: &'a Cell<u64>,
    wrong: &'a mut Option<SavedError>,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut members = serde_json::Map::new();
        let mut has_rows = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "rows" {
                has_rows = true;
                map.next_value_seed(RowsOf(&mut self))?;
            } else if has_rows || LONG.contains(&key.as_str()) {
                // It takes no memory.
                self.left.set(u64::MAX);
                map.next_value::<IgnoredAny>()?;
                self.left.set(MOST_OF_A_ROW);
            } else {
                members.insert(key, map.next_value()?);
            }
        }
        if has_rows { Ok(()) } else { self.take(&Json::Object(members)) }
    }
}

impl Object<'_, '_> {
    fn take<E: serde::de::Error>(&mut self, row: &Json) -> Result<(), E> {
        (self.take)(&JsonRow(row)).map_err(|error| {
            *self.wrong = Some(error);
            E::custom("not a row")
        })
    }
}

/// The rows of an object.
struct RowsOf<'o, 'a, 't>(&'o mut Object<'a, 't>);

impl<'de> DeserializeSeed<'de> for RowsOf<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowsOf<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<Json>()? {
            self.0.take(&row)?;
        }
        Ok(())
    }
}

/// The cells of a row, whatever it is written in.
trait Cells {
    /// The cell of a column; `None` where the row has no such column.
    fn cell(&self, column: &str) -> Option<Cow<'_, str>>;
}

struct CsvRow<'a> {
    head: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Cells for CsvRow<'_> {
    fn cell(&self, column: &str) -> Option<Cow<'_, str>> {
        let at = self.head.iter().position(|name| name == column)?;
        self.record.get(at).map(|cell| Cow::Borrowed(foreign::unguarded(cell)))
    }
}

struct JsonRow<'a>(&'a Json);

impl Cells for JsonRow<'_> {
    fn cell(&self, column: &str) -> Option<Cow<'_, str>> {
        Some(match self.0.get(column)? {
            Json::Null => Cow::Borrowed(""),
            Json::String(text) => Cow::Borrowed(text),
            Json::Array(words) => words.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" ").into(),
            other => other.to_string().into(),
        })
    }
}

/// A row with its number, for messages.
struct Numbered<'a, C: ?Sized> {
    number: usize,
    cells: &'a C,
}

impl<C: Cells + ?Sized> Numbered<'_, C> {
    fn text(&self, column: &'static str) -> Result<Cow<'_, str>, SavedError> {
        self.cells.cell(column).ok_or(SavedError::Missing { row: self.number, column })
    }

    /// A value; `None` for an empty cell.
    fn maybe<T: FromStr>(&self, column: &'static str) -> Result<Option<T>, SavedError> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = || SavedError::Cell { row: self.number, column, text: text.clone().into_owned() };
        text.parse().map(Some).map_err(|_| wrong())
    }

    /// A status of ports; `None` where flows differ in it.
    fn status(&self) -> Result<Option<String>, SavedError> {
        let status = self.text("status")?;
        if status.is_empty() || STATUSES.contains(&status.as_ref()) {
            return Ok(filled(status));
        }
        Err(SavedError::Cell { row: self.number, column: "status", text: status.into_owned() })
    }

    fn value<T: FromStr>(&self, column: &'static str) -> Result<T, SavedError> {
        self.maybe(column)?.ok_or(SavedError::Missing { row: self.number, column })
    }

    /// A number that is added up.
    fn count(&self, column: &'static str) -> Result<u64, SavedError> {
        let count: u64 = self.value(column)?;
        if count > MOST_COUNTED {
            return Err(SavedError::Cell { row: self.number, column, text: count.to_string() });
        }
        Ok(count)
    }
}

fn read_row(number: usize, cells: &dyn Cells) -> Result<SavedRow, SavedError> {
    let row = Numbered { number, cells };
    if cells.cell("flow").is_some() && cells.cell("state").is_some() {
        Ok(SavedRow::Flow(flow(&row)?))
    } else if cells.cell("flows").is_some() {
        total(&row)
    } else {
        Err(SavedError::Other)
    }
}

fn flow<C: Cells + ?Sized>(row: &Numbered<C>) -> Result<Fact<'static>, SavedError> {
    let server = row.value("server_address")?;
    let packets = [row.count("packets_to_server")?, row.count("packets_to_client")?];
    let (state, flags) = (row.text("state")?, row.text("flags")?);
    let in_use = (!is_group(server)).then(|| in_use(&state, &flags, packets));
    let bytes = [row.count("bytes_to_server")?, row.count("bytes_to_client")?];
    Ok(Fact {
        client: row.value("client_address")?,
        server,
        port: row.maybe("server_port")?,
        protocol: Protocol(row.value("protocol_number")?),
        icmp_type: row.maybe("icmp_type")?,
        service: filled(row.text("service")?).map(Cow::Owned),
        names: None,
        status: Cow::Owned(row.status()?.ok_or(SavedError::Missing { row: row.number, column: "status" })?),
        bytes: bytes.iter().sum(),
        in_use,
    })
}

fn total<C: Cells + ?Sized>(row: &Numbered<C>) -> Result<SavedRow, SavedError> {
    let several = row.text("several")?;
    let has_several = |column: &str| several.split(' ').any(|one| one == column);
    let is_of_others = ["client_address", "server_address", "hour"]
        .into_iter()
        .any(|column| row.cells.cell(column).is_some_and(|cell| !cell.is_empty()));
    if is_of_others || has_several("service") || has_several("protocol") {
        return Err(SavedError::SeveralServices { row: row.number });
    }
    let protocol = Protocol(row.value("protocol_number")?);
    let port = row.maybe("port")?;
    let offer = match (filled(row.text("service")?), port) {
        (Some(name), _) => Offered::Named(name),
        (None, Some(port)) => Offered::Port(port),
        (None, None) if has_several("port") => {
            return Err(SavedError::SeveralServices { row: row.number });
        }
        (None, None) => Offered::Portless(row.maybe("icmp_type")?),
    };
    let amount = Amount {
        flows: row.count("flows")?,
        bytes: row.count("bytes")?,
        port,
        status: row.status()?,
        names: None,
    };
    Ok(SavedRow::Total(ServiceKey { protocol, offer }, amount))
}

fn filled(text: Cow<str>) -> Option<String> {
    (!text.is_empty()).then(|| text.into_owned())
}
