//! Results as tables, CSV, JSON, Parquet and Arrow.

mod cells;
mod columns;
mod file;

use std::io::{self, Write};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::CompressionType;
use datafusion::arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use portscribe::registry::Registry;
use portscribe::report::{Columns, Format, Head, RowWriter, Rows as _, Style, Table, Times};

use crate::registry_choice::note;
pub(crate) use file::{Target, format_of};

/// How results are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) format: Format,
    pub(crate) style: Style,
    /// Whether tables end with the note on registration.
    pub(crate) has_note: bool,
}

/// A result that is being written.
pub(crate) struct Result<W: Write + Send> {
    kind: Kind<W>,
    /// The places of the columns that are shown.
    shown: Vec<usize>,
    rows: u64,
}

enum Kind<W: Write + Send> {
    People { out: W, columns: Columns, table: Table, manner: Manner, note: String },
    Rows(Box<RowWriter<W>>),
    Parquet(Box<ArrowWriter<W>>),
    Arrow(Box<StreamWriter<W>>),
}

impl<W: Write + Send> Result<W> {
    /// Begins to write rows of these columns.
    pub(crate) fn begin(
        manner: Manner,
        out: W,
        schema: &SchemaRef,
        registry: &Registry,
    ) -> io::Result<Result<W>> {
        let head = Head::of_registry(registry);
        let all: Vec<usize> = (0..schema.fields().len()).collect();
        let (kind, shown) = match manner.format {
            Format::Parquet => {
                let level = ZstdLevel::try_new(3).map_err(of_parquet)?;
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
                let writer = ArrowWriter::try_new(out, with_head(schema, &head), Some(properties));
                (Kind::Parquet(Box::new(writer.map_err(of_parquet)?)), all)
            }
            Format::Arrow => {
                let options = IpcWriteOptions::default()
                    .try_with_compression(Some(CompressionType::ZSTD))
                    .map_err(of_arrow)?;
                let writer = StreamWriter::try_new_with_options(out, &with_head(schema, &head), options);
                (Kind::Arrow(Box::new(writer.map_err(of_arrow)?)), all)
            }
            format if format.is_for_people() => {
                let shown = columns::of_text(schema);
                let columns = Columns::all(&columns::fields(schema, &shown));
                let table = columns.table();
                (Kind::People { out, columns, table, manner, note: note(registry) }, shown)
            }
            format => {
                let shown = columns::of_text(schema);
                let fields = columns::fields(schema, &shown);
                (Kind::Rows(Box::new(RowWriter::new(format, out, &fields, &head)?)), shown)
            }
        };
        Ok(Result { kind, shown, rows: 0 })
    }

    /// Writes rows.
    pub(crate) fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.rows += batch.num_rows() as u64;
        match &mut self.kind {
            Kind::Parquet(writer) => writer.write(batch).map_err(of_parquet),
            Kind::Arrow(writer) => writer.write(batch).map_err(of_arrow),
            Kind::People { columns, table, .. } => {
                let batch = batch.project(&self.shown).map_err(of_arrow)?;
                for row in 0..batch.num_rows() {
                    table.row(columns.cells(&cells::values(&batch, row), &Times::Utc));
                }
                Ok(())
            }
            Kind::Rows(writer) => {
                let batch = batch.project(&self.shown).map_err(of_arrow)?;
                for row in 0..batch.num_rows() {
                    writer.row(&cells::values(&batch, row))?;
                }
                Ok(())
            }
        }
    }

    /// Writes what is left.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self.kind {
            Kind::Parquet(writer) => writer.close().map(drop).map_err(of_parquet),
            Kind::Arrow(mut writer) => writer.finish().map_err(of_arrow),
            Kind::Rows(writer) => writer.finish(),
            Kind::People { out, mut table, manner, note, .. } => {
                table.below(if self.rows == 1 {
                    "1 row.".to_owned()
                } else {
                    format!("{} rows.", self.rows)
                });
                if manner.has_note {
                    table.below(note);
                }
                table.write(manner.format, manner.style, out)
            }
        }
    }
}

/// The schema with what stands around the rows as metadata.
fn with_head(schema: &Schema, head: &Head) -> SchemaRef {
    let mut metadata = schema.metadata().clone();
    metadata.extend(head.metadata());
    schema.clone().with_metadata(metadata).into()
}

/// A fault in writing is that of the output.
fn of_arrow(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}

fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}
