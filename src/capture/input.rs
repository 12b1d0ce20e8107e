//! Where the bytes of a capture come from: a file or a stream, through one window.
//!
//! Plain files are read and not mapped. A window that stays in the processor's cache is filled
//! faster than the pages of a map are entered and left again, nothing has to be given back behind
//! the reader, and a file that somebody cuts off meanwhile ends early instead of ending the program.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::Compression;
use super::ahead::{Ahead, Filled, Stream};

/// How much is read at a time.
const CHUNK: usize = 256 * 1024;
/// How much is read at a time ahead of who uses it: more, since handing it over costs, too.
const CHUNK_AHEAD: usize = 1024 * 1024;
/// How much of a record may be left of what was read before when a buffer that was read ahead takes
/// over: more than any packet of a usual capture. Longer ones are copied together.
const HEADROOM: usize = 64 * 1024;

/// The bytes of a capture, from the current position on.
pub(super) struct Input {
    source: Source,
    /// What was read; `start..end` of it has not been used.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// The position.
    at: u64,
    /// Where records must not begin any more: the end of a piece.
    limit: u64,
    ended: bool,
}

enum Source {
    /// A plain file, or a piece of one.
    File(Arc<PlainFile>),
    /// A pipe, or something compressed, read when more is needed.
    Here(Stream),
    /// The same, read by another thread ahead of this one.
    Ahead(Ahead),
}

/// A plain file: what it held when it was opened. What is written to it later is not read.
pub(super) struct PlainFile {
    file: File,
    length: u64,
}

impl PlainFile {
    /// Reads bytes from a place on, as many as come at once; none at the end.
    pub(super) fn read(&self, bytes: &mut [u8], at: u64) -> io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(at)).unwrap_or(usize::MAX);
        let most = bytes.len().min(left);
        loop {
            match read_at(&self.file, &mut bytes[..most], at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

impl Input {
    /// Opens a file, plain or compressed.
    pub(super) fn open(path: &Path) -> io::Result<(Input, Option<Compression>)> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        // Files that the system makes up as they are read say that they are empty.
        if !metadata.is_file() || metadata.len() == 0 {
            return Input::stream(file);
        }
        let mut start = [0; 4];
        let file = PlainFile { file, length: metadata.len() };
        let n = file.read(&mut start, 0)?;
        if let Some(compression) = Compression::of(&start[..n]) {
            let mut file = file.file;
            file.rewind()?;
            let stream = compression.decoder(BufReader::with_capacity(CHUNK, file))?;
            return Ok((Input::new(Source::Here(stream), 0, u64::MAX), Some(compression)));
        }
        let limit = file.length;
        Ok((Input::new(Source::File(Arc::new(file)), 0, limit), None))
    }

    /// Reads from any stream.
    pub(super) fn stream(stream: impl Read + Send + 'static) -> io::Result<(Input, Option<Compression>)> {
        let mut stream = BufReader::with_capacity(CHUNK, stream);
        let compression = Compression::of(stream.fill_buf()?);
        let content: Stream = match compression {
            Some(compression) => compression.decoder(stream)?,
            None => Box::new(stream),
        };
        Ok((Input::new(Source::Here(content), 0, u64::MAX), compression))
    }

    fn new(source: Source, at: u64, limit: u64) -> Input {
        Input { source, bytes: Vec::new(), start: 0, end: 0, at, limit, ended: false }
    }

    /// The bytes at hand. A piece's last record may reach into the next piece; none begins there.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        if self.at < self.limit { &self.bytes[self.start..self.end] } else { &[] }
    }

    /// Bytes of the content before the position.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// Length of the content, where it is known.
    pub(super) fn length(&self) -> Option<u64> {
        self.file().map(|file| file.length)
    }

    /// Moves on by `n` bytes of those at hand, and gives them.
    #[inline]
    pub(super) fn take(&mut self, n: usize) -> &[u8] {
        let from = self.start;
        self.start = (from + n).min(self.end);
        self.at += (self.start - from) as u64;
        &self.bytes[from..self.start]
    }

    /// The file, where it is a plain one.
    pub(super) fn file(&self) -> Option<&Arc<PlainFile>> {
        match &self.source {
            Source::File(file) => Some(file),
            Source::Here(_) | Source::Ahead(_) => None,
        }
    }

    /// What of a plain file has not been used, up to the end of the piece; `None` for streams.
    pub(super) fn range(&self) -> Option<Range<u64>> {
        self.file().map(|_| self.at..self.limit)
    }

    /// A part of a plain file; one that begins behind its end is empty, and stays where it begins.
    /// A stream has no parts: it is empty then.
    pub(super) fn part(&self, start: u64, end: u64) -> Input {
        let source = match &self.source {
            Source::File(file) => Source::File(Arc::clone(file)),
            Source::Here(_) | Source::Ahead(_) => Source::Here(Box::new(io::empty())),
        };
        Input::new(source, start, end)
    }

    /// Has another thread read a stream from here on.
    pub(super) fn read_ahead(&mut self) {
        if let Source::Here(stream) = &mut self.source
            && let Ok((ahead, give)) = Ahead::start(CHUNK_AHEAD, HEADROOM)
        {
            let stream = std::mem::replace(stream, Box::new(io::empty()));
            // The thread waits for it.
            let _ = give.send(stream);
            self.source = Source::Ahead(ahead);
        }
    }

    /// Makes at least `needed` bytes stand at hand, if there are so many. `false` at the end.
    pub(super) fn fill(&mut self, needed: usize) -> io::Result<bool> {
        if self.at >= self.limit {
            return Ok(needed == 0);
        }
        while self.end - self.start < needed && !self.ended {
            match &mut self.source {
                Source::File(_) | Source::Here(_) => self.read_here()?,
                Source::Ahead(ahead) => match ahead.next()? {
                    Some(filled) => self.go_on_in(filled),
                    None => self.ended = true,
                },
            }
        }
        Ok(self.end - self.start >= needed)
    }

    /// Moves what is left to the front, and reads behind it.
    fn read_here(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.make_room(1);
        let room = &mut self.bytes[self.end..];
        let read = match &mut self.source {
            Source::File(file) => file.read(room, self.at + self.end as u64),
            Source::Here(stream) => stream.read(room),
            Source::Ahead(_) => return Ok(()),
        };
        match read {
            Ok(0) => self.ended = true,
            Ok(n) => self.end += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Puts what is left before what was read ahead, or that behind it when it is too long.
    fn go_on_in(&mut self, mut filled: Filled) {
        let left = self.end - self.start;
        if let Some(start) = HEADROOM.checked_sub(left) {
            filled.bytes[start..HEADROOM].copy_from_slice(&self.bytes[self.start..self.end]);
            (self.start, self.end) = (start, filled.end);
            std::mem::swap(&mut self.bytes, &mut filled.bytes);
        } else {
            let read = &filled.bytes[HEADROOM..filled.end];
            self.make_room(read.len());
            self.bytes[self.end..self.end + read.len()].copy_from_slice(read);
            self.end += read.len();
        }
        if let Source::Ahead(ahead) = &self.source {
            ahead.give_back(filled.bytes);
        }
    }

    /// Grows as the bytes come, not as a length field claims.
    fn make_room(&mut self, needed: usize) {
        while self.bytes.len() - self.end < needed {
            self.bytes.resize((self.bytes.len() * 2).max(CHUNK), 0);
        }
    }

    /// Gives back the memory, at the end of a capture or a piece of one.
    pub(super) fn release(&mut self) {
        self.bytes = Vec::new();
        (self.start, self.end) = (0, 0);
    }
}
