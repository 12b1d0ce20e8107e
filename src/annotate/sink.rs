//! Where annotated blocks go.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::flow::Folded;
use crate::traffic::LabelledFlow;

/// How much is gathered before it is written.
const GATHERED: usize = 1 << 20;

/// Takes the blocks of an annotated capture, in their order. Each is appended by a function, so
/// that a packet is copied once on its way.
pub trait Sink {
    /// A new flow: its number is one more than that of the flow before, and its first packet
    /// follows.
    fn flow(&mut self, _row: &LabelledFlow) {}

    /// A section begins: `append` gives its header, and what follows it at once.
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
    out: Out<W>,
    gathered: Vec<u8>,
}

/// Where gathered blocks are written from.
enum Out<W> {
    Here(W),
    /// Another thread, since copying to the system takes as long as everything before it.
    Behind(Writer<W>),
    /// The other thread has ended with a fault.
    Broken,
}

struct Writer<W> {
    thread: JoinHandle<io::Result<W>>,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl<W: Write> Whole<W> {
    /// Writes to `out`, in large pieces.
    pub fn new(out: W) -> Whole<W> {
        Whole { out: Out::Here(out), gathered: room() }
    }

    /// Writes what has been gathered to its place.
    fn write(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Here(out) => {
                out.write_all(&self.gathered)?;
                self.gathered.clear();
                Ok(())
            }
            Out::Behind(writer) => {
                let next = writer.empty.recv().unwrap_or_default();
                match writer.full.send(std::mem::replace(&mut self.gathered, next)) {
                    Ok(()) => Ok(()),
                    Err(_) => std::mem::replace(&mut self.out, Out::Broken).finish().map(|_| ()),
                }
            }
            Out::Broken => Err(broken()),
        }
    }

    /// Gives the place back, everything written.
    ///
    /// # Errors
    ///
    /// When the result cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.write()?;
        let mut out = std::mem::replace(&mut self.out, Out::Broken).finish()?;
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write + Send + 'static> Whole<W> {
    /// The same from a thread of its own: for results that nobody waits for block by block.
    pub fn behind(mut out: W) -> Whole<W> {
        let (full, to_write) = sync_channel::<Vec<u8>>(1);
        let (give_back, empty) = sync_channel(2);
        // One is filled while the other is written.
        let _ = give_back.send(room());
        let thread = std::thread::spawn(move || {
            for mut bytes in to_write {
                out.write_all(&bytes)?;
                bytes.clear();
                // Nobody takes the last ones.
                let _ = give_back.send(bytes);
            }
            Ok(out)
        });
        Whole { out: Out::Behind(Writer { thread, full, empty }), gathered: room() }
    }
}

impl<W> Drop for Whole<W> {
    /// Waits for the other thread, so that what it holds is gone before the program ends: a file
    /// that is not complete is taken away when it is dropped.
    fn drop(&mut self) {
        drop(std::mem::replace(&mut self.out, Out::Broken).finish());
    }
}

impl<W> Out<W> {
    fn finish(self) -> io::Result<W> {
        match self {
            Out::Here(out) => Ok(out),
            Out::Behind(Writer { thread, full, empty }) => {
                drop((full, empty));
                thread.join().unwrap_or_else(|_| Err(broken()))
            }
            Out::Broken => Err(broken()),
        }
    }
}

fn room() -> Vec<u8> {
    Vec::with_capacity(GATHERED + (GATHERED >> 2))
}

fn broken() -> io::Error {
    io::Error::other("the writing thread has ended")
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
        if !self.gathered.is_empty() {
            self.write()?;
            if let Out::Here(out) = &mut self.out {
                out.flush()?;
            }
        }
        Ok(())
    }
}
