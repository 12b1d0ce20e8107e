//! Parquet: a row group a batch, written when it is full.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;

use crate::report::{Bits, Field, Holds};

/// Rows of a row group at most: they are in memory until it is written.
pub(super) const MOST_ROWS: usize = 122_880;
/// Octets of the distinct values of a column of a row group, above which it is written without a dictionary.
const DICTIONARY: usize = 4 << 20;
/// The same of a column of 16 bits: 2,048 values.
const DICTIONARY_OF_PORTS: usize = 8 << 10;

/// A file that is being written. What a row group becomes is put together in memory and handed on then.
pub(super) struct Groups<W> {
    writer: ArrowWriter<Vec<u8>>,
    out: W,
}

impl<W: Write> Groups<W> {
    /// Begins a file with these columns, whose row groups are sorted by the column of this name.
    pub(super) fn begin(
        out: W,
        schema: SchemaRef,
        columns: &[Field],
        octets_of: impl Fn(&Field) -> Option<String>,
        sorted_by: Option<&str>,
        nests: bool,
    ) -> io::Result<Groups<W>> {
        let level = ZstdLevel::try_new(LEVEL).map_err(failed)?;
        let mut about: Vec<KeyValue> = (schema.metadata().iter())
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
            .collect();
        about.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let mut properties = WriterProperties::builder()
            // Version 2 has dictionaries of octets of one length, and differences of numbers.
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_page_size_limit(DICTIONARY)
            .set_max_row_group_row_count(Some(MOST_ROWS))
            .set_key_value_metadata(Some(about));
        for column in columns {
            let path = path(column.name, nests);
            match column.holds {
                Holds::Address => {
                    for path in
                        std::iter::once(path).chain(octets_of(column).map(|name| self::path(&name, nests)))
                    {
                        properties = properties
                            .set_column_bloom_filter_enabled(path.clone(), true)
                            .set_column_bloom_filter_max_ndv(path, MOST_ROWS as u64);
                    }
                }
                // Every value is another.
                Holds::CommunityId => {
                    properties = properties
                        .set_column_bloom_filter_enabled(path.clone(), true)
                        .set_column_bloom_filter_max_ndv(path.clone(), MOST_ROWS as u64)
                        .set_column_encoding(path.clone(), Encoding::PLAIN)
                        .set_column_dictionary_enabled(path, false);
                }
                // Hardly two are the same. Split by octets they would take a tenth less, which DuckDB and Polars cannot
                // read of octets of one length.
                Holds::Duration => {
                    properties = properties
                        .set_column_encoding(path.clone(), Encoding::PLAIN)
                        .set_column_dictionary_enabled(path, false);
                }
                // Servers have few, clients have all of them: those are no longer than their places in a dictionary.
                Holds::Integer(Bits::B16, _) => {
                    properties = properties.set_column_dictionary_page_size_limit(path, DICTIONARY_OF_PORTS);
                }
                // Differences are shorter than places in a dictionary.
                Holds::Time | Holds::Integer(Bits::B64, None) => {
                    properties = properties.set_column_dictionary_enabled(path, false);
                }
                _ => {}
            }
        }
        if let Some(name) = sorted_by {
            let described = ArrowSchemaConverter::new().convert(&schema).map_err(failed)?;
            let place = described.columns().iter().position(|column| column.path().string() == name);
            properties = properties.set_sorting_columns(place.map(|place| {
                vec![SortingColumn { column_idx: place as i32, descending: false, nulls_first: false }]
            }));
        }
        let writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties.build())).map_err(failed)?;
        Ok(Groups { writer, out })
    }

    /// Writes a batch as a row group.
    pub(super) fn group(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.writer.write(batch).map_err(failed)?;
        self.writer.flush().map_err(failed)?;
        // The writer counts what it writes by itself.
        let done = std::mem::take(self.writer.inner_mut());
        self.out.write_all(&done)
    }

    /// Ends the file.
    pub(super) fn finish(self) -> io::Result<()> {
        let Groups { writer, mut out } = self;
        let rest = writer.into_inner().map_err(failed)?;
        out.write_all(&rest)?;
        out.flush()
    }
}

/// How hard it is compressed: higher levels take several times as long for a few percent.
const LEVEL: i32 = 3;

/// Where a column stands.
fn path(name: &str, nests: bool) -> ColumnPath {
    ColumnPath::new(if nests { name.split('.').map(str::to_owned).collect() } else { vec![name.to_owned()] })
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
