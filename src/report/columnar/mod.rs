//! Rows by column, for programs that ask of them: Parquet, and the stream of Arrow's IPC.
//!
//! Both have the columns that CSV has, made from the same [`Field`]s, with their types:
//!
//! | holds | Arrow | Parquet |
//! |---|---|---|
//! | a word of a fixed set | dictionary of texts | `STRING` with a dictionary |
//! | an address | dictionary of texts; beside it a column `…_octets` of 16 octets | `STRING`; 16 octets |
//! | a Community ID | its hash, 20 octets | 20 octets |
//! | a time | nanoseconds in UTC | `TIMESTAMP` |
//! | a duration | decimal number of seconds with 9 digits | `DECIMAL(19, 9)` |
//! | a whole number | 8, 16 and 32 bits without a sign, 64 with one | `INTEGER` |
//! | a list | list | list |
//! | words with numbers | map | map |
//!
//! What is not known is null. Meaning and unit of each column stand in the metadata of its field, program and
//! registry in that of the schema.
//!
//! Memory holds one batch: so many rows at most, and so many octets of text.

mod batches;
mod cells;
mod error;
mod ipc;
mod nested;
mod parquet;
mod types;

use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, TimestampNanosecondArray, UInt32Array};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use arrow_select::take::take_arrays;

use super::by_column::Layout;
use super::{Columns, Field, Format, Head, Holds, Value};
use batches::Gathered;
use error::failed;

pub use batches::Batches;

/// Octets of text in a batch, above which it is written.
const MOST_OCTETS: usize = 64 << 20;

/// Writes rows by column.
pub(super) struct Writer<W: Write> {
    schema: SchemaRef,
    gathered: Gathered,
    /// The place among the arrays of the times that row groups are sorted by.
    time: Option<usize>,
    nests: bool,
    sink: Sink<W>,
}

enum Sink<W: Write> {
    Arrow(Box<ipc::Stream<W>>),
    Parquet(Box<parquet::Groups<W>>),
}

impl<W: Write> Writer<W> {
    /// Begins a file in one of the two formats.
    pub(super) fn begin(
        format: Format,
        out: W,
        columns: &[Field],
        head: &Head,
        layout: Layout,
    ) -> io::Result<Writer<W>> {
        let gathered = Gathered::of(columns, layout.with_octets);
        let flat = gathered.fields();
        let schema = Arc::new(Schema::new_with_metadata(
            if layout.nests { nested::fields(flat) } else { flat.to_vec().into() },
            head.metadata(),
        ));
        let sorted = columns
            .iter()
            .find(|column| column.holds == Holds::Time)
            .filter(|_| layout.by_time && format == Format::Parquet);
        let time = sorted.and_then(|column| flat.iter().position(|field| field.name() == column.name));
        let sink = if format == Format::Parquet {
            let groups = parquet::Groups::begin(
                out,
                schema.clone(),
                columns,
                |column| types::fields(column, layout.with_octets).get(1).map(|field| field.name().clone()),
                sorted.map(|column| column.name),
                layout.nests,
            )?;
            Sink::Parquet(Box::new(groups))
        } else {
            Sink::Arrow(Box::new(ipc::Stream::begin(out, &schema)?))
        };
        Ok(Writer { schema, gathered, time, nests: layout.nests, sink })
    }

    /// Takes a row.
    pub(super) fn row(&mut self, columns: &Columns, values: &[Value]) -> io::Result<()> {
        self.gathered.push(columns.shown(values)).map_err(failed)?;
        let most = match self.sink {
            Sink::Arrow(_) => ipc::MOST_ROWS,
            Sink::Parquet(_) => parquet::MOST_ROWS,
        };
        if self.gathered.rows() >= most || self.gathered.octets() >= MOST_OCTETS {
            self.write()
        } else {
            Ok(())
        }
    }

    /// Hands on what there is, where the format has batches of any size.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if matches!(self.sink, Sink::Arrow(_)) {
            self.write()?;
        }
        match &mut self.sink {
            Sink::Arrow(stream) => stream.flush(),
            Sink::Parquet(_) => Ok(()),
        }
    }

    /// Writes what is left, and the end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write()?;
        match self.sink {
            Sink::Arrow(stream) => stream.finish(),
            Sink::Parquet(groups) => groups.finish(),
        }
    }

    /// Writes the rows at hand as a batch.
    fn write(&mut self) -> io::Result<()> {
        if self.gathered.rows() == 0 {
            return Ok(());
        }
        let batch = self.batch().map_err(failed)?;
        match &mut self.sink {
            Sink::Arrow(stream) => stream.batch(&batch),
            Sink::Parquet(groups) => groups.group(&batch),
        }
    }

    fn batch(&mut self) -> Result<RecordBatch, ArrowError> {
        let mut arrays = self.gathered.take()?;
        if let Some(order) = self.time.and_then(|place| order_of(&arrays[place])) {
            arrays = take_arrays(&arrays, &order, None)?;
        }
        if self.nests {
            arrays = nested::arrays(self.gathered.fields(), arrays)?;
        }
        RecordBatch::try_new(self.schema.clone(), arrays)
    }
}

/// The places of times in their order, those that are not known at the end; `None` where they are in it.
fn order_of(times: &ArrayRef) -> Option<UInt32Array> {
    let times = times.as_any().downcast_ref::<TimestampNanosecondArray>()?;
    let key = |place: u32| {
        let place = place as usize;
        (times.is_null(place), if times.is_null(place) { 0 } else { times.value(place) })
    };
    let mut places: Vec<u32> = (0..times.len() as u32).collect();
    if places.is_sorted_by_key(|&place| key(place)) {
        return None;
    }
    places.sort_by_key(|&place| key(place));
    Some(places.into())
}
