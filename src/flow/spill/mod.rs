//! Flows that do not fit into memory: kept in temporary files, and put together at the end.
//!
//! What is taken out of a table may go on in it later, as another part of the same flow. Parts
//! find each other as the pieces of a capture do when they are [merged](FlowTable::merge), by the
//! same rules and in the same order, so the result is that of one table in memory. All parts of a
//! flow are in one of several files, told by its key, and each file is small enough to be put
//! together in memory.

mod sorted;
mod stored;

use std::fs::File;
use std::io::{self, BufReader, Seek, Write};

pub use sorted::{Sorted, SortedFlows};
use stored::Record;

use super::{FlowKey, FlowTable};

/// How many files there are. 100 million flows make some 800,000 in each, or 120 MB at once.
const FILES: usize = 128;
/// How much is collected for a file before it is written.
const BUFFER: usize = 32 * 1024;

/// Flows, and parts of flows, that have left their table.
pub struct Spill {
    files: Vec<Part>,
    /// Which file a key's flows are in: the same for every run.
    hasher: foldhash::fast::FixedState,
    parts: u64,
}

/// One file.
struct Part {
    file: File,
    buffer: Vec<u8>,
    /// Bytes that are known to be there.
    whole: u64,
}

impl Spill {
    /// Makes the temporary files, in the folder for such (`TMPDIR`). They have no name, and go
    /// when the program does.
    ///
    /// # Errors
    ///
    /// When one cannot be made.
    pub fn new() -> io::Result<Spill> {
        let part = || Ok(Part { file: tempfile::tempfile()?, buffer: Vec::new(), whole: 0 });
        let files = (0..FILES).map(|_| part()).collect::<io::Result<_>>()?;
        Ok(Spill { files, hasher: foldhash::fast::FixedState::default(), parts: 0 })
    }

    /// Takes all flows out of a table that can be taken.
    ///
    /// # Errors
    ///
    /// When they cannot be written. The table and the files are as they were then.
    pub fn take_from(&mut self, table: &mut FlowTable) -> io::Result<()> {
        let can_be_taken = table.can_be_taken();
        if let Err(error) = self.write(table, &can_be_taken) {
            for part in &mut self.files {
                part.go_back()?;
            }
            return Err(error);
        }
        table.take_out(|_, flow| can_be_taken(flow));
        table.follows = true;
        Ok(())
    }

    fn write(&mut self, table: &FlowTable, can_be_taken: &impl Fn(&super::Flow) -> bool) -> io::Result<()> {
        // What is said of flows that are here already comes before their later parts.
        for &(key, bits) in table.unclaimed() {
            self.part_of(&key).push(&Record::Mark(key, bits))?;
        }
        for (number, flow) in table.numbered().filter(|(_, flow)| can_be_taken(flow)) {
            self.part_of(&flow.key).push(&Record::Flow(number, *flow))?;
            self.parts += 1;
        }
        for part in &mut self.files {
            part.write()?;
        }
        for part in &mut self.files {
            part.whole = part.file.stream_position()?;
        }
        Ok(())
    }

    fn part_of(&mut self, key: &FlowKey) -> &mut Part {
        let n = key.hash(&self.hasher) as usize % self.files.len();
        &mut self.files[n]
    }

    /// How many flows and parts of flows have been written.
    pub fn parts(&self) -> u64 {
        self.parts
    }

    /// Puts the parts of flows together, and brings the flows into the order of their first
    /// packets. `taken_from` is the table that they were in.
    ///
    /// # Errors
    ///
    /// When the files cannot be read or written.
    pub fn finish(self, taken_from: &mut FlowTable) -> io::Result<Sorted> {
        let mut count = 0;
        let mut files = Vec::with_capacity(self.files.len());
        for mut part in self.files {
            part.file.rewind()?;
            let mut table = FlowTable::new(taken_from.options().clone());
            // Parts of one flow may show something together that none of them shows.
            table.contexts = std::mem::take(&mut taken_from.contexts);
            let mut numbers = Vec::new();
            let mut input = BufReader::with_capacity(BUFFER, &part.file);
            while let Some(record) = Record::read(&mut input)? {
                match record {
                    Record::Flow(number, flow) => {
                        table.place(flow);
                        // The number of a flow is that of its first part.
                        if numbers.len() < table.len() {
                            numbers.push(number);
                        }
                    }
                    Record::Mark(key, bits) => table.mark_bits(key, bits),
                }
            }
            part.file.rewind()?;
            part.file.set_len(0)?;
            taken_from.contexts = std::mem::take(&mut table.contexts);
            count += table.len() as u64;
            let mut flows: Vec<_> = numbers.into_iter().zip(table.flows()).collect();
            flows.sort_unstable_by_key(|(number, _)| *number);
            for (number, flow) in flows {
                part.push(&Record::Flow(number, *flow))?;
            }
            part.write()?;
            files.push(part.file);
        }
        Ok(Sorted::new(files, count))
    }
}

impl Part {
    fn push(&mut self, record: &Record) -> io::Result<()> {
        record.write(&mut self.buffer)?;
        if self.buffer.len() >= BUFFER { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Forgets what was written since the file was whole.
    fn go_back(&mut self) -> io::Result<()> {
        self.buffer.clear();
        self.file.set_len(self.whole)?;
        self.file.seek(io::SeekFrom::Start(self.whole))?;
        Ok(())
    }
}

impl std::fmt::Debug for Spill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spill").field("parts", &self.parts).finish_non_exhaustive()
    }
}
