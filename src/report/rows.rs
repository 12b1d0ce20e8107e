//! Rows for programs: CSV, TSV, JSON and NDJSON, written as they come.

use std::io::{self, Write};

use super::value::TextWriter;
use super::{Columns, Field, Format, Head, Times, Value};
use crate::foreign::Breaks;

/// Writes rows in one of the formats for programs.
pub struct RowWriter<W: Write> {
    kind: Kind<W>,
    columns: Columns,
    text: TextWriter,
    cell: Vec<u8>,
}

enum Kind<W: Write> {
    Separated { writer: Box<csv::Writer<W>>, breaks: Breaks },
    Json { out: W, head: Head, first: bool },
    Ndjson(W),
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
    /// When the output cannot be written.
    pub fn of(format: Format, mut out: W, columns: Columns, head: &Head) -> io::Result<Self> {
        let kind = match format {
            Format::Json => {
                out.write_all(head.json_before("rows").as_bytes())?;
                Kind::Json { out, head: head.clone(), first: true }
            }
            Format::Ndjson => Kind::Ndjson(out),
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
        Ok(RowWriter { kind, columns, text: TextWriter::default(), cell: Vec::new() })
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
            Kind::Json { out, .. } | Kind::Ndjson(out) => out.flush(),
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
            Kind::Ndjson(mut out) => out.flush(),
        }
    }
}

impl<W: Write> Rows for RowWriter<W> {
    fn row(&mut self, values: &[Value]) -> io::Result<()> {
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
                object(&mut self.cell, &mut self.text, &self.columns, values);
                self.cell.push(b'\n');
                out.write_all(&self.cell)
            }
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
