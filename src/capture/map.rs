//! Files mapped into memory: the one place with `unsafe` code.

#![allow(unsafe_code, reason = "mapping a file is unsafe; see `Map::new`")]

use std::fs::File;
use std::io;
use std::ops::Deref;

use memmap2::{Advice, Mmap};

/// A whole file in the address space, read-only.
#[derive(Debug)]
pub(super) struct Map(Mmap);

impl Map {
    /// Maps `file`.
    ///
    /// The bytes change under us when somebody writes to the file while it is read, and touching
    /// a part that was cut off meanwhile ends the program with SIGBUS. Captures are finished
    /// files; a growing one is read up to its length at this moment, which appending does not
    /// touch. Nothing here relies on two reads of the same byte being equal: lengths are checked
    /// against the slice every time they are used.
    pub(super) fn new(file: &File) -> io::Result<Map> {
        // SAFETY: the map is private to this value and read-only; what another process could do
        // to the file is described above.
        let map = unsafe { Mmap::map(file)? };
        // Advice only: a refusal changes nothing but speed.
        let _ = map.advise(Advice::Sequential);
        Ok(Map(map))
    }

    /// Tells the system that the bytes of `range` will not be read again, so that they do not
    /// count as this program's memory.
    pub(super) fn release(&self, start: usize, length: usize) {
        // SAFETY: the map is shared and read-only, so dropping its pages loses nothing: reading
        // them again fetches the file's bytes again.
        let _ = unsafe { self.0.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, start, length) };
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
