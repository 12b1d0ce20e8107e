//! The flows of temporary files, in the order of their first packets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::sync::Arc;

use super::stored::Record;
use crate::flow::Flow;

/// How much of a file is read at a time.
const BUFFER: usize = 32 * 1024;

/// Flows that do not fit into memory: places in files, each in the order of first packets.
#[derive(Debug)]
pub struct Sorted {
    places: Vec<(Arc<File>, Range<u64>)>,
    count: u64,
}

impl Sorted {
    pub(super) fn new(places: Vec<(Arc<File>, Range<u64>)>, count: u64) -> Sorted {
        Sorted { places, count }
    }

    /// How many flows there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The flows in the order of their first packets. After an error there are no more.
    pub fn flows(&self) -> SortedFlows<'_> {
        let mut flows = SortedFlows { places: Vec::new(), next: BinaryHeap::new(), fault: None };
        for (n, (file, place)) in self.places.iter().enumerate() {
            let left = Place { file, left: place.clone() };
            flows.places.push((BufReader::with_capacity(BUFFER, left), None));
            flows.advance(n);
        }
        flows
    }
}

/// Goes through the flows of [`Sorted`].
pub struct SortedFlows<'a> {
    /// Each place with its next flow.
    places: Vec<(BufReader<Place<'a>>, Option<Flow>)>,
    /// The number of each place's next flow, and the place; the earliest is the greatest.
    next: BinaryHeap<Reverse<(u64, usize)>>,
    /// Why a file cannot be read further.
    fault: Option<io::Error>,
}

impl SortedFlows<'_> {
    /// Reads the next flow of a place.
    fn advance(&mut self, n: usize) -> Option<Flow> {
        let (file, next) = &mut self.places[n];
        match Record::read(file) {
            Ok(Some(Record::Flow(number, flow, _))) => {
                self.next.push(Reverse((number, n)));
                next.replace(flow)
            }
            Ok(Some(Record::Mark(..)) | None) => next.take(),
            Err(error) => {
                self.fault = Some(error);
                self.next.clear();
                next.take()
            }
        }
    }
}

impl Iterator for SortedFlows<'_> {
    type Item = io::Result<Flow>;

    fn next(&mut self) -> Option<io::Result<Flow>> {
        if let Some(error) = self.fault.take() {
            return Some(Err(error));
        }
        let Reverse((_, place)) = self.next.pop()?;
        self.advance(place).map(Ok)
    }
}

/// What is left of a place in a file: several readers of one file do not move each other.
struct Place<'a> {
    file: &'a File,
    left: Range<u64>,
}

impl Read for Place<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = &mut buffer[..most];
        #[cfg(unix)]
        let n = std::os::unix::fs::FileExt::read_at(self.file, buffer, self.left.start)?;
        #[cfg(windows)]
        let n = std::os::windows::fs::FileExt::seek_read(self.file, buffer, self.left.start)?;
        self.left.start += n as u64;
        Ok(n)
    }
}
