//! The stream of Arrow's IPC: batches as they come, each compressed.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::Schema;

use super::error::failed;

/// Rows of a batch at most.
pub(super) const MOST_ROWS: usize = 16_384;

/// A stream that is being written.
pub(super) struct Stream<W: Write>(StreamWriter<W>);

impl<W: Write> Stream<W> {
    pub(super) fn begin(out: W, schema: &Schema) -> io::Result<Stream<W>> {
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD));
        let options = options.map_err(failed)?;
        Ok(Stream(StreamWriter::try_new_with_options(out, schema, options).map_err(failed)?))
    }

    pub(super) fn batch(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.0.write(batch).map_err(failed)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.get_mut().flush()
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.0.finish().map_err(failed)?;
        self.flush()
    }
}
