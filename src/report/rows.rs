//! Rows for programs: CSV, TSV, JSON and NDJSON, written as they come; Parquet and Arrow, written by the batch.

use std::io::{self, Write};

use super::by_column::Layout;
#[cfg(feature = "tables")]
use super::columnar;
use super::schemas::{self, Mapping, Schema, header};
use super::value::TextWriter;
use super::{Columns, Field, Format, Head, Times, Value};
use crate::foreign::Breaks;

/// Writes rows in one of the formats for programs.
pub struct RowWriter<W: Write> {
    kind: Kind<W>,
    columns: Columns,
    /// The names of others that rows are shown under.
    mapping: Option<Mapping>,
    text: TextWriter,
    cell: Vec<u8>,
}

enum Kind<W: Write> {
    Separated {
        writer: Box<csv::Writer<W>>,
        breaks: Breaks,
    },
    Json {
        out: W,
        head: Head,
        first: bool,
    },
    Ndjson(W),
    Zeek(W),
    #[cfg(feature = "tables")]
    Columnar(Box<columnar::Writer<W>>),
}

/// Something that takes rows.
pub trait Rows {
    /// Writes one row, a value for each column of the result, also for those that are not shown.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    fn row(&mut self, values: &[Value]) -> io::Result<()>;
}

impl<W: Write> RowWriter<W> {
    /// Begins a report. Formats for people ([`Format::is_for_people`]) are written as CSV here.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn new(format: Format, out: W, columns: &[Field], head: &Head) -> io::Result<Self> {
        RowWriter::of(format, out, Columns::all(columns), head)
    }

    /// Begins a report that shows some of the columns.
    ///
    /// # Errors
    ///
    /// When the output cannot be written, and for a format that is not [built in](Format::is_built_in).
    pub fn of(format: Format, out: W, columns: Columns, head: &Head) -> io::Result<Self> {
        RowWriter::own(format, out, columns, head, false)
    }

    /// Begins a report that shows some of the columns. In Parquet the rows of each row group are sorted by the first
    /// column of times that is shown.
    ///
    /// # Errors
    ///
    /// When the output cannot be written, and for a format that is not [built in](Format::is_built_in).
    pub fn by_time(format: Format, out: W, columns: Columns, head: &Head) -> io::Result<Self> {
        RowWriter::own(format, out, columns, head, true)
    }

    /// Begins a report under the columns' own names.
    fn own(format: Format, out: W, columns: Columns, head: &Head, by_time: bool) -> io::Result<Self> {
        RowWriter::begin(
            format,
            out,
            columns,
            head,
            None,
            Layout { with_octets: true, by_time, nests: false },
        )
    }

    /// Begins a report on flows under the names of a schema; in Parquet as [`RowWriter::by_time`] where that is asked
    /// for. Rows are those of `flows`.
    ///
    /// # Errors
    ///
    /// When the output cannot be written, for a format that is not [built in](Format::is_built_in), and for one that
    /// the schema [is not for](Schema::is_for).
    pub fn of_schema(format: Format, out: W, schema: Schema, head: &Head, by_time: bool) -> io::Result<Self> {
        if !schema.is_for(format) {
            let text = format!("there is no {} with the names of {schema}", format.name());
            return Err(io::Error::new(io::ErrorKind::Unsupported, text));
        }
        let mapping = Mapping::of(schema);
        let columns = Columns::all(mapping.fields());
        let layout = Layout { with_octets: false, by_time, nests: schema.nests() };
        let writer = RowWriter::begin(format, out, columns, head, Some(mapping), layout)?;
        Ok(match schema {
            Schema::Zeek => writer.with_times(&Times::Epoch),
            Schema::Eve => writer.with_times(&Times::Eve),
            _ => writer,
        })
    }

    fn begin(
        format: Format,
        mut out: W,
        columns: Columns,
        head: &Head,
        mapping: Option<Mapping>,
        layout: Layout,
    ) -> io::Result<Self> {
        let kind = match format {
            #[cfg(feature = "tables")]
            Format::Parquet | Format::Arrow => {
                let writer = columnar::Writer::begin(format, out, columns.fields(), head, layout)?;
                Kind::Columnar(Box::new(writer))
            }
            #[cfg(not(feature = "tables"))]
            Format::Parquet | Format::Arrow => {
                let Layout { .. } = layout;
                return Err(io::Error::new(io::ErrorKind::Unsupported, format.not_built_in()));
            }
            Format::Json => {
                out.write_all(head.json_before("rows").as_bytes())?;
                Kind::Json { out, head: head.clone(), first: true }
            }
            Format::Ndjson => Kind::Ndjson(out),
            Format::Tsv if mapping.is_some() => {
                out.write_all(header(columns.fields()).as_bytes())?;
                Kind::Zeek(out)
            }
            Format::Csv | Format::Tsv | Format::Table | Format::Markdown => {
                // Few readers of TSV know quotes.
                let (delimiter, breaks) =
                    if format == Format::Tsv { (b'\t', Breaks::Escaped) } else { (b',', Breaks::Kept) };
                let mut writer =
                    csv::WriterBuilder::new().delimiter(delimiter).buffer_capacity(1 << 16).from_writer(out);
                writer.write_record(columns.fields().iter().map(|column| column.name)).map_err(cause)?;
                Kind::Separated { writer: Box::new(writer), breaks }
            }
        };
        Ok(RowWriter { kind, columns, mapping, text: TextWriter::default(), cell: Vec::new() })
    }

    /// Writes times so. In JSON they stay points in time: seconds are for text.
    #[must_use]
    pub fn with_times(self, times: &Times) -> Self {
        RowWriter { text: TextWriter::with(times), ..self }
    }

    /// Hands on what has been written so far.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Separated { writer, .. } => {
                writer.flush()?;
                Ok(())
            }
            Kind::Json { out, .. } | Kind::Ndjson(out) | Kind::Zeek(out) => out.flush(),
            #[cfg(feature = "tables")]
            Kind::Columnar(writer) => writer.flush(),
        }
    }

    /// Ends the report.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.kind {
            Kind::Separated { mut writer, .. } => writer.flush(),
            Kind::Json { mut out, head, .. } => {
                out.write_all(head.json_after().as_bytes())?;
                out.flush()
            }
            Kind::Ndjson(mut out) | Kind::Zeek(mut out) => out.flush(),
            #[cfg(feature = "tables")]
            Kind::Columnar(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Rows for RowWriter<W> {
    fn row(&mut self, values: &[Value]) -> io::Result<()> {
        match &self.mapping {
            None => self.write(values),
            Some(mapping) => {
                let values = mapping.values(values);
                self.write(&values)
            }
        }
    }
}

impl<W: Write> RowWriter<W> {
    fn write(&mut self, values: &[Value]) -> io::Result<()> {
        debug_assert!(
            self.columns
                .fields()
                .iter()
                .zip(self.columns.shown(values))
                .all(|(column, value)| column.admits(value)),
            "each value is of its column's type: {values:?}"
        );
        self.cell.clear();
        match &mut self.kind {
            Kind::Separated { writer, breaks } => {
                for value in self.columns.shown(values) {
                    self.cell.clear();
                    self.text.cell(&mut self.cell, value, *breaks);
                    writer.write_field(&self.cell).map_err(cause)?;
                }
                writer.write_record(None::<&[u8]>).map_err(cause)
            }
            Kind::Json { out, first, .. } => {
                self.cell.extend_from_slice(if std::mem::take(first) { b"\n" } else { b",\n" });
                object(&mut self.cell, &mut self.text, &self.columns, values);
                out.write_all(&self.cell)
            }
            Kind::Ndjson(out) => {
                match &self.mapping {
                    None => object(&mut self.cell, &mut self.text, &self.columns, values),
                    Some(mapping) => schemas::object(
                        &mut self.cell,
                        &mut self.text,
                        mapping.fields(),
                        values,
                        mapping.schema().nests(),
                    ),
                }
                self.cell.push(b'\n');
                out.write_all(&self.cell)
            }
            Kind::Zeek(out) => {
                let mut line = Vec::new();
                for (n, value) in self.columns.shown(values).enumerate() {
                    if n > 0 {
                        line.push(b'\t');
                    }
                    self.text.zeek(&mut line, value);
                }
                line.push(b'\n');
                out.write_all(&line)
            }
            #[cfg(feature = "tables")]
            Kind::Columnar(writer) => writer.row(&self.columns, values),
        }
    }
}

/// What went wrong with writing, as the system says it (a pipe without a reader, a full disk).
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn object(out: &mut Vec<u8>, text: &mut TextWriter, columns: &Columns, values: &[Value]) {
    out.push(b'{');
    for (n, (column, value)) in columns.fields().iter().zip(columns.shown(values)).enumerate() {
        if n > 0 {
            out.push(b',');
        }
        // Column names are plain words.
        out.push(b'"');
        out.extend_from_slice(column.name.as_bytes());
        out.extend_from_slice(b"\":");
        text.append_json(out, value);
    }
    out.push(b'}');
}
