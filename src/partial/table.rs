//! Tables of partial flows as Arrow IPC files and as Parquet.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_ipc::{CompressionType, MetadataVersion};
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::read::{Builder, RowsError};
use super::row::{self, Columns};
use super::rows::rows;
use super::{PartialState, lengths};

/// How many rows are written at a time.
const BATCH: usize = 16_384;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableFormat {
    /// An Arrow IPC file, also known as Feather version 2.
    Arrow,
    /// Parquet.
    Parquet,
}

impl TableFormat {
    /// Every format.
    pub const ALL: [TableFormat; 2] = [TableFormat::Arrow, TableFormat::Parquet];

    /// Word on the command line, and ending of names.
    pub const fn name(self) -> &'static str {
        match self {
            TableFormat::Arrow => "arrow",
            TableFormat::Parquet => "parquet",
        }
    }
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be opened or read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It has another format.
    #[error("it is neither an Arrow file nor Parquet")]
    NoTable,
    /// It is no whole Arrow file.
    #[error("it is damaged, or cut short: {0}")]
    Arrow(#[from] ArrowError),
    /// It is no whole Parquet file.
    #[error("it is damaged, or cut short: {0}")]
    Parquet(#[from] ParquetError),
    /// It is damaged where no reader expects it.
    #[error("it is damaged, or cut short")]
    Damaged,
    /// A column is missing, or has another type.
    #[error("not a table of partial flows: column `{0}` is missing or has another type")]
    Column(&'static str),
    /// Its rows are not those of a state.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

impl PartialState {
    /// Writes the table. It has the same bytes for the same captures, settings and version of the program.
    ///
    /// # Errors
    ///
    /// When `out` takes no more.
    pub fn write(&self, format: TableFormat, out: impl Write + Send) -> io::Result<()> {
        let schema = row::schema();
        match format {
            TableFormat::Arrow => {
                let options = IpcWriteOptions::try_new(64, false, MetadataVersion::V5)
                    .and_then(|options| options.try_with_compression(Some(CompressionType::ZSTD)))
                    .map_err(io::Error::other)?;
                let mut writer = FileWriter::try_new_with_options(out, &schema, options).map_err(of_arrow)?;
                self.batches(|batch| writer.write(batch).map_err(of_arrow))?;
                writer.finish().map_err(of_arrow)
            }
            TableFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_created_by(format!("portscribe {}", env!("CARGO_PKG_VERSION")))
                    .build();
                let mut writer = ArrowWriter::try_new(out, schema, Some(properties)).map_err(of_parquet)?;
                self.batches(|batch| writer.write(batch).map_err(of_parquet))?;
                writer.close().map(drop).map_err(of_parquet)
            }
        }
    }

    /// Hands on the rows, many at a time.
    fn batches(&self, mut each: impl FnMut(&RecordBatch) -> io::Result<()>) -> io::Result<()> {
        let schema = row::schema();
        let mut columns = Columns::default();
        for row in rows(&self.settings, &self.entries) {
            columns.push(row);
            if columns.len() == BATCH {
                each(&columns.take(&schema).map_err(of_arrow)?)?;
            }
        }
        if columns.len() > 0 {
            each(&columns.take(&schema).map_err(of_arrow)?)?;
        }
        Ok(())
    }

    /// Reads a table, in whichever format it is.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds no whole table of this version.
    pub fn open(path: impl AsRef<Path>) -> Result<PartialState, TableError> {
        PartialState::read_table(File::open(path)?)
    }

    /// Reads a table from its beginning, in whichever format it is.
    ///
    /// # Errors
    ///
    /// As for [`PartialState::open`]; where the file has no beginning to go back to, as a pipe.
    pub fn read_table(mut file: File) -> Result<PartialState, TableError> {
        file.rewind()?;
        let mut magic = [0; 6];
        let mut known = 0;
        while known < magic.len() {
            match file.read(&mut magic[known..])? {
                0 => break,
                n => known += n,
            }
        }
        file.rewind()?;
        let format = match &magic[..known] {
            b"ARROW1" => TableFormat::Arrow,
            [b'P', b'A', b'R', b'1', ..] => TableFormat::Parquet,
            _ => return Err(TableError::NoTable),
        };
        // Readers of both formats panic at some damage.
        catch_unwind(AssertUnwindSafe(|| PartialState::read_from(file, format)))
            .unwrap_or(Err(TableError::Damaged))
    }

    fn read_from(file: File, format: TableFormat) -> Result<PartialState, TableError> {
        let mut builder = Builder::default();
        match format {
            TableFormat::Arrow => {
                let mut file = BufReader::new(file);
                if !lengths::hold(&mut file)? {
                    return Err(TableError::Damaged);
                }
                file.rewind()?;
                for batch in FileReader::try_new(file, None)? {
                    take_in(&mut builder, &batch?)?;
                }
            }
            TableFormat::Parquet => {
                for batch in ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH).build()? {
                    take_in(&mut builder, &batch?)?;
                }
            }
        }
        Ok(builder.finish()?)
    }
}

fn take_in(builder: &mut Builder, batch: &RecordBatch) -> Result<(), TableError> {
    for row in row::rows(batch).map_err(TableError::Column)? {
        builder.push(row)?;
    }
    Ok(())
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
