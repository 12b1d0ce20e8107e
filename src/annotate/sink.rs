//! Where annotated blocks go.

use std::io::{self, Write};

use crate::analysis::LabelledFlow;
use crate::flow::Folded;

/// How much is gathered before it is written.
const GATHERED: usize = 1 << 20;

/// Takes the blocks of an annotated capture, in their order. Each is appended by a function, so
/// that a packet is copied once on its way.
pub trait Sink {
    /// A new flow: its number is one more than that of the flow before, and its first packet
    /// follows.
    fn flow(&mut self, _row: &LabelledFlow) {}

    /// A section begins: `append` gives its header, and what stands behind it at once.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    fn section(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()>;

    /// A block that is neither a section header nor a packet.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    fn block(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()>;

    /// A packet, and the flows it is in.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    fn packet(&mut self, flows: &[Folded], append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()>;

    /// The next block may be long in coming.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    fn pause(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes everything to one place.
pub struct Whole<W> {
    out: W,
    gathered: Vec<u8>,
}

impl<W: Write> Whole<W> {
    /// Writes to `out`, in large pieces.
    pub fn new(out: W) -> Whole<W> {
        Whole { out, gathered: Vec::with_capacity(GATHERED + (GATHERED >> 2)) }
    }

    /// Writes what has been gathered.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.write()?;
        self.out.flush()
    }

    /// Gives the place back, everything written.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }

    fn write(&mut self) -> io::Result<()> {
        self.out.write_all(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }
}

impl<W: Write> Sink for Whole<W> {
    fn section(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.block(append)
    }

    #[inline]
    fn block(&mut self, append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        append(&mut self.gathered);
        if self.gathered.len() >= GATHERED { self.write() } else { Ok(()) }
    }

    #[inline]
    fn packet(&mut self, _: &[Folded], append: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.block(append)
    }

    fn pause(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() { Ok(()) } else { self.flush() }
    }
}
