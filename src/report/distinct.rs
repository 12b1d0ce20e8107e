//! How many different addresses, ports and services each row has.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasher, Hash};
use std::io::{self, BufReader, Read, Seek, Write};

use hashbrown::HashTable;

/// How many values of rows are remembered in memory, as hashes of eight octets.
const IN_MEMORY: usize = 7_000_000;
/// How many files there are for more.
const FILES: usize = 64;
/// How much is collected for a file before it is written.
const BUFFER: usize = 32 * 1024;
/// Octets of one value in a file: hash and row.
const RECORD: usize = 12;
/// Bits of a side beside the number of a row.
const SIDE_BITS: u32 = 3;

/// Counts different values by row and side, as hashes: in memory while there are few, in
/// temporary files then.
pub(super) struct Distinct {
    seen: HashTable<u64>,
    hasher: foldhash::fast::RandomState,
    most: usize,
    files: Vec<(File, Vec<u8>)>,
    fault: Option<io::Error>,
}

impl Default for Distinct {
    fn default() -> Distinct {
        Distinct::with_most(IN_MEMORY)
    }
}

impl Distinct {
    /// Remembers at most this number in memory.
    pub(super) fn with_most(most: usize) -> Distinct {
        Distinct {
            seen: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            most,
            files: Vec::new(),
            fault: None,
        }
    }

    /// Whether a value is certainly new on this side of this row. One that may be is counted
    /// by [`Distinct::finish`].
    pub(super) fn is_new(&mut self, row: usize, side: u8, value: impl Hash) -> bool {
        let hash = self.hasher.hash_one((row, side, value));
        if self.seen.find(hash, |&known| known == hash).is_some() {
            return false;
        }
        if self.seen.len() < self.most {
            self.seen.insert_unique(hash, hash, |&known| known);
            return true;
        }
        if self.fault.is_none() {
            self.fault = self.put_aside(hash, (row as u32) << SIDE_BITS | u32::from(side)).err();
        }
        false
    }

    fn put_aside(&mut self, hash: u64, place: u32) -> io::Result<()> {
        if self.files.is_empty() {
            let file = || Ok((tempfile::tempfile()?, Vec::with_capacity(BUFFER + RECORD)));
            self.files = (0..FILES).map(|_| file()).collect::<io::Result<_>>()?;
        }
        let (file, buffer) = &mut self.files[(hash >> 32) as usize % FILES];
        buffer.extend_from_slice(&hash.to_le_bytes());
        buffer.extend_from_slice(&place.to_le_bytes());
        if buffer.len() >= BUFFER {
            file.write_all(buffer)?;
            buffer.clear();
        }
        Ok(())
    }

    /// The values that were not counted as they came: row, side, how many.
    pub(super) fn finish(self) -> io::Result<Vec<(usize, u8, u64)>> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut counts: HashMap<u32, u64> = HashMap::new();
        for (mut file, buffer) in self.files {
            file.write_all(&buffer)?;
            file.rewind()?;
            let mut input = BufReader::with_capacity(BUFFER, file);
            let mut seen: HashTable<u64> = HashTable::new();
            let mut record = [0; RECORD];
            while read_record(&mut input, &mut record)? {
                let mut octets = [0; 16];
                octets[..RECORD].copy_from_slice(&record);
                let both = u128::from_le_bytes(octets);
                let (hash, place) = (both as u64, (both >> 64) as u32);
                if seen.find(hash, |&known| known == hash).is_none() {
                    seen.insert_unique(hash, hash, |&known| known);
                    *counts.entry(place).or_default() += 1;
                }
            }
        }
        let side = |place: u32| place as u8 & ((1 << SIDE_BITS) - 1);
        Ok(counts
            .into_iter()
            .map(|(place, count)| ((place >> SIDE_BITS) as usize, side(place), count))
            .collect())
    }
}

/// Reads one record; `false` at the end.
fn read_record(input: &mut impl Read, record: &mut [u8; RECORD]) -> io::Result<bool> {
    match input.read_exact(record) {
        Ok(()) => Ok(true),
        // Only whole records were written.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    /// How many different addresses rows 0 to 2 have on each side.
    fn counts(most: usize) -> [[u64; 2]; 3] {
        let mut distinct = Distinct::with_most(most);
        let mut counts = [[0; 2]; 3];
        for n in 0..60_000_u32 {
            let row = n as usize % 3;
            for (side, address) in [(0, n % 9000), (1, n % 10)] {
                let is_new = distinct.is_new(row, side, IpAddr::from(Ipv4Addr::from(address)));
                counts[row][usize::from(side)] += u64::from(is_new);
            }
        }
        for (row, side, count) in distinct.finish().expect("temporary files") {
            counts[row][usize::from(side)] += count;
        }
        counts
    }

    #[test]
    fn addresses_are_counted_alike_in_memory_and_in_files() {
        let expected = [[3000, 10]; 3];
        for most in [usize::MAX, 5000, 7, 0] {
            assert_eq!(counts(most), expected, "{most} in memory");
        }
    }
}
