//! Flows that do not fit into memory: kept in temporary files, and put together at the end.
//!
//! What is taken out of a table may go on in it later, as another part of the same flow. Parts
//! find each other as the pieces of a capture do when they are [merged](FlowTable::merge), by the
//! same rules and in the same order, so the result is that of one table in memory. All parts of a
//! flow are in one of several files, told by its key. A file is put together in memory with the newest
//! flow of each key: another begins behind it, and nothing goes on in it from then on.

mod sorted;
mod stored;

use std::fs::File;
use std::io::{self, BufReader, Seek, Write};
use std::ops::Range;
use std::sync::Arc;

pub use sorted::{Sorted, SortedFlows};
use stored::Record;

use super::{Flow, FlowKey, FlowTable};

/// How many files there are. 100 million flows make some 800,000 in each, or 120 MB at once.
const FILES: usize = 128;
/// How much is collected for a file before it is written.
const BUFFER: usize = 32 * 1024;
/// How many flows are put together in memory at least, so that those that are taken out of it are many.
const FEWEST_AT_ONCE: usize = 1024;

/// Flows, and parts of flows, that have left their table.
pub struct Spill {
    files: Vec<Part>,
    /// Which file a key's flows are in. It is another for every run, so that nobody can make keys which
    /// are all in one file.
    hasher: foldhash::fast::RandomState,
    at_once: usize,
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
    /// when the program does. `at_once` says how many flows are put together in memory, where no more
    /// than that are the newest of their ends.
    ///
    /// # Errors
    ///
    /// When one cannot be made.
    pub fn new(at_once: usize) -> io::Result<Spill> {
        let files = (0..FILES).map(|_| Part::new()).collect::<io::Result<_>>()?;
        let hasher = foldhash::fast::RandomState::default();
        Ok(Spill { files, hasher, at_once: at_once.max(FEWEST_AT_ONCE), parts: 0 })
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

    fn write(&mut self, table: &FlowTable, can_be_taken: &impl Fn(&Flow) -> bool) -> io::Result<()> {
        // What is said of flows that are here already comes before their later parts.
        for &(key, bits) in table.unclaimed() {
            self.part_of(&key).push(&Record::Mark(key, bits))?;
        }
        for (id, (number, flow)) in (0..).zip(table.numbered()).filter(|(_, (_, flow))| can_be_taken(flow)) {
            self.part_of(&flow.key).push(&Record::Flow(number, *flow, table.beginnings.of(id)))?;
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
        // What is taken out early is in one file more, part by part.
        let mut early = None;
        for mut part in self.files {
            part.file.rewind()?;
            let mut input = BufReader::with_capacity(BUFFER, &part.file);
            let mut together = Together::new(taken_from);
            let mut many = self.at_once;
            while let Some(record) = Record::read(&mut input)? {
                together.add(record);
                if together.table.len() >= many {
                    let ended = together.take_superseded();
                    if !ended.is_empty() {
                        count += ended.len() as u64;
                        let (early, file) = match &mut early {
                            Some(early) => early,
                            none => {
                                let part = Part::new()?;
                                let file = Arc::new(part.file.try_clone()?);
                                none.insert((part, file))
                            }
                        };
                        files.push((
                            Arc::clone(file),
                            early.write_sorted(ended.iter().map(|(number, flow)| (*number, flow)))?,
                        ));
                    }
                    many = self.at_once.max(2 * together.table.len());
                }
            }
            part.file.rewind()?;
            part.file.set_len(0)?;
            taken_from.contexts = std::mem::take(&mut together.table.contexts);
            count += together.table.len() as u64;
            let place = part.write_sorted(together.flows())?;
            files.push((Arc::new(part.file), place));
        }
        Ok(Sorted::new(files, count))
    }
}

/// Parts of flows that are put together.
struct Together {
    table: FlowTable,
    /// The number of each flow in the table.
    numbers: Vec<u64>,
}

impl Together {
    fn new(taken_from: &mut FlowTable) -> Together {
        let mut table = FlowTable::new(taken_from.options().clone());
        // Parts of one flow may show something together that none of them shows.
        table.contexts = std::mem::take(&mut taken_from.contexts);
        Together { table, numbers: Vec::new() }
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Flow(number, flow, beginnings) => {
                self.table.place(flow, beginnings);
                // The number of a flow is that of its first part.
                if self.numbers.len() < self.table.len() {
                    self.numbers.push(number);
                }
            }
            Record::Mark(key, bits) => self.table.mark_bits(key, bits),
        }
    }

    /// Takes out the flows behind which another of the same ends has begun.
    fn take_superseded(&mut self) -> Vec<(u64, Flow)> {
        let mut is_newest = vec![false; self.table.len()];
        for &id in &self.table.newest {
            if let Some(is_newest) = is_newest.get_mut(id as usize) {
                *is_newest = true;
            }
        }
        let mut ended = Vec::new();
        let mut kept = Vec::new();
        let mut all = is_newest.into_iter().zip(std::mem::take(&mut self.numbers));
        self.table.take_out(|_, flow| match all.next() {
            Some((false, number)) => {
                ended.push((number, *flow));
                true
            }
            Some((true, number)) => {
                kept.push(number);
                false
            }
            None => false,
        });
        self.numbers = kept;
        // What was said of flows that are not here is said of none.
        self.table.unclaimed = None;
        ended
    }

    /// The flows that are left, with their numbers.
    fn flows(&self) -> impl Iterator<Item = (u64, &Flow)> {
        self.numbers.iter().copied().zip(self.table.flows())
    }
}

impl Part {
    fn new() -> io::Result<Part> {
        Ok(Part { file: tempfile::tempfile()?, buffer: Vec::new(), whole: 0 })
    }

    /// Writes flows in the order of their numbers, from where the file stands. Returns where they are.
    fn write_sorted<'a>(&mut self, flows: impl Iterator<Item = (u64, &'a Flow)>) -> io::Result<Range<u64>> {
        let start = self.file.stream_position()?;
        // The flows themselves stay where they are.
        let mut flows: Vec<(u64, &Flow)> = flows.collect();
        flows.sort_unstable_by_key(|(number, _)| *number);
        for (number, flow) in flows {
            self.push(&Record::Flow(number, *flow, [None, None]))?;
        }
        self.write()?;
        Ok(start..self.file.stream_position()?)
    }

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
