//! Lengths that an Arrow IPC file states, held against what it holds: its reader takes memory for them before it reads.

use std::io::{self, Read, Seek, SeekFrom};

use arrow_ipc::reader::read_footer_length;
use arrow_ipc::{Block, RecordBatch, root_as_footer, root_as_message};

/// More than a buffer of a batch of rows has, decompressed.
const MOST_DECOMPRESSED: i64 = 1 << 31;
/// Octets at the end of a file: the length of its footer, and the magic word.
const END: u64 = 10;

/// Whether the blocks that a file lists lie in it, and their buffers in them.
pub(super) fn hold(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let size = file.seek(SeekFrom::End(0))?;
    let Some(end) = size.checked_sub(END) else { return Ok(false) };
    let mut last = [0; END as usize];
    file.seek(SeekFrom::Start(end))?;
    file.read_exact(&mut last)?;
    let length = read_footer_length(last).ok().and_then(|length| u64::try_from(length).ok());
    let Some(begin) = length.and_then(|length| end.checked_sub(length)) else { return Ok(false) };
    let footer = octets(file, begin, end - begin)?;
    let Ok(footer) = root_as_footer(&footer) else { return Ok(false) };
    let dictionaries = footer.dictionaries().into_iter().flatten();
    for block in dictionaries.chain(footer.recordBatches().into_iter().flatten()) {
        if !holds(file, block, begin)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a block ends before `end`, and its buffers in it.
fn holds(file: &mut (impl Read + Seek), block: &Block, end: u64) -> io::Result<bool> {
    let place = |value: i64| u64::try_from(value).ok().filter(|value| *value <= end);
    let lengths = (place(block.offset()), place(block.metaDataLength().into()), place(block.bodyLength()));
    let (Some(offset), Some(about), Some(body)) = lengths else { return Ok(false) };
    if offset + about + body > end {
        return Ok(false);
    }
    let about_it = octets(file, offset, about)?;
    // A mark and the message's length, or the length alone (Encapsulated message format).
    let ([0xff, 0xff, 0xff, 0xff, _, _, _, _, message @ ..] | [_, _, _, _, message @ ..]) =
        about_it.as_slice()
    else {
        return Ok(false);
    };
    let Ok(message) = root_as_message(message) else { return Ok(false) };
    let of_dictionary = message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data());
    let Some(batch) = message.header_as_record_batch().or(of_dictionary) else { return Ok(false) };
    buffers_hold(file, &batch, (offset + about, body))
}

fn buffers_hold(
    file: &mut (impl Read + Seek),
    batch: &RecordBatch,
    (begin, size): (u64, u64),
) -> io::Result<bool> {
    let is_compressed = batch.compression().is_some();
    for buffer in batch.buffers().into_iter().flatten() {
        let place = |value: i64| u64::try_from(value).ok().filter(|value| *value <= size);
        let (Some(offset), Some(length)) = (place(buffer.offset()), place(buffer.length())) else {
            return Ok(false);
        };
        if offset + length > size {
            return Ok(false);
        }
        if is_compressed && length >= 8 {
            let mut decompressed = [0; 8];
            file.seek(SeekFrom::Start(begin + offset))?;
            file.read_exact(&mut decompressed)?;
            // -1 stands before what is not compressed.
            if !(-1..=MOST_DECOMPRESSED).contains(&i64::from_le_bytes(decompressed)) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn octets(file: &mut (impl Read + Seek), begin: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(begin))?;
    let mut octets = Vec::new();
    file.take(length).read_to_end(&mut octets)?;
    Ok(octets)
}
