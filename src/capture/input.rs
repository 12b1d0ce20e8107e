//! Where the bytes of a capture come from: a mapped file, or a stream through one window.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::Compression;
use super::ahead::{Ahead, Filled, Stream};
use super::map::Map;

/// How much of a stream is read at a time.
const CHUNK: usize = 256 * 1024;
/// How much of a record may be left of what was read before when a buffer that was read ahead takes
/// over: more than any packet of a usual capture. Longer ones are copied together.
const HEADROOM: usize = 64 * 1024;
/// How much of a mapped file is given back at a time.
const RELEASE: usize = 8 * 1024 * 1024;

/// The bytes of a capture, from the current position on.
pub(super) enum Input {
    /// A plain file.
    Mapped {
        /// All of it.
        map: Arc<Map>,
        /// The position.
        at: usize,
        /// Where records must not begin any more: the end, or that of a piece.
        end: usize,
        /// What lies before this byte has been given back.
        released: usize,
    },
    /// A pipe, or something compressed.
    Streamed(Window),
}

/// The part of a stream that has been read and not been used.
pub(super) struct Window {
    stream: Source,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    at: u64,
    ended: bool,
}

/// Who reads a stream: this thread when it needs more, or another ahead of it.
enum Source {
    Here(Stream),
    Ahead(Ahead),
}

impl Input {
    /// Opens a file: mapped where it is a plain file, streamed otherwise.
    pub(super) fn open(path: &Path) -> io::Result<(Input, Option<Compression>)> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if !metadata.is_file() || metadata.len() == 0 {
            return Input::stream(file);
        }
        let mut start = [0; 4];
        let n = (&file).read(&mut start)?;
        if let Some(compression) = Compression::of(&start[..n]) {
            let file = io::Cursor::new(start).chain(file);
            let stream = compression.decoder(BufReader::with_capacity(CHUNK, file))?;
            return Ok((Input::Streamed(Window::new(stream)), Some(compression)));
        }
        match Map::new(&file) {
            Ok(map) => Ok((Input::Mapped { end: map.len(), map: Arc::new(map), at: 0, released: 0 }, None)),
            // Some file systems cannot map; reading works everywhere.
            Err(_) => Input::stream(io::Cursor::new(start).chain(file)),
        }
    }

    /// Reads from any stream.
    pub(super) fn stream(stream: impl Read + Send + 'static) -> io::Result<(Input, Option<Compression>)> {
        let mut stream = BufReader::with_capacity(CHUNK, stream);
        let compression = Compression::of(stream.fill_buf()?);
        let content: Stream = match compression {
            Some(compression) => compression.decoder(stream)?,
            None => Box::new(stream),
        };
        Ok((Input::Streamed(Window::new(content)), compression))
    }

    /// The bytes at hand.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            // A piece's last record may reach into the next piece; none begins there.
            Input::Mapped { map, at, end, .. } => {
                if at < end {
                    &map[*at..]
                } else {
                    &[]
                }
            }
            Input::Streamed(window) => &window.bytes[window.start..window.end],
        }
    }

    /// Bytes of the content before the position.
    pub(super) fn position(&self) -> u64 {
        match self {
            Input::Mapped { at, .. } => *at as u64,
            Input::Streamed(window) => window.at,
        }
    }

    /// Length of the content, where it is known.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Input::Mapped { map, .. } => Some(map.len() as u64),
            Input::Streamed(_) => None,
        }
    }

    /// Moves on by `n` bytes of those at hand.
    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        self.take(n);
    }

    /// Moves on by `n` bytes of those at hand, and gives them.
    #[inline]
    pub(super) fn take(&mut self, n: usize) -> &[u8] {
        match self {
            Input::Mapped { map, at, released, .. } => {
                let from = *at;
                *at = (from + n).min(map.len());
                // Releasing is harmless to what is still looked at (it is fetched again), but
                // slow: keep one chunk more than what is behind.
                if *at - *released >= 2 * RELEASE {
                    map.release(*released, RELEASE);
                    *released += RELEASE;
                }
                &map[from..*at]
            }
            Input::Streamed(window) => {
                let from = window.start;
                window.start = (from + n).min(window.end);
                window.at += (window.start - from) as u64;
                &window.bytes[from..window.start]
            }
        }
    }

    /// Gives back what lies behind the position, at the end of a capture or a piece of one.
    pub(super) fn release(&mut self) {
        if let Input::Mapped { map, at, released, .. } = self {
            map.release(*released, *at - *released);
            *released = *at;
        }
    }

    /// What of a mapped file has not been read; `None` for streams.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        match self {
            Input::Mapped { at, end, .. } => Some(*at..*end),
            Input::Streamed(_) => None,
        }
    }

    /// All of a mapped file; `None` for streams.
    pub(super) fn all(&self) -> Option<&[u8]> {
        match self {
            Input::Mapped { map, .. } => Some(map),
            Input::Streamed(_) => None,
        }
    }

    /// A part of a mapped file; one that begins behind its end is empty, and stays where it begins.
    /// A stream has no parts: it is empty then.
    pub(super) fn part(&self, start: usize, end: usize) -> Input {
        match self {
            Input::Mapped { map, .. } => {
                Input::Mapped { map: Arc::clone(map), at: start, end, released: start }
            }
            Input::Streamed(_) => Input::Streamed(Window::new(Box::new(io::empty()))),
        }
    }

    /// Has another thread read a stream from here on.
    pub(super) fn read_ahead(&mut self) {
        if let Input::Streamed(window) = self {
            window.read_ahead();
        }
    }

    /// Makes at least `needed` bytes stand at hand, if there are so many. `false` at the end.
    pub(super) fn fill(&mut self, needed: usize) -> io::Result<bool> {
        match self {
            Input::Mapped { .. } => Ok(self.bytes().len() >= needed),
            Input::Streamed(window) => window.fill(needed),
        }
    }
}

impl Window {
    fn new(stream: Stream) -> Window {
        Window { stream: Source::Here(stream), bytes: vec![0; CHUNK], start: 0, end: 0, at: 0, ended: false }
    }

    fn read_ahead(&mut self) {
        if let Source::Here(stream) = &mut self.stream
            && let Ok((ahead, give)) = Ahead::start(CHUNK, HEADROOM)
        {
            let stream = std::mem::replace(stream, Box::new(io::empty()));
            // The thread waits for it.
            let _ = give.send(stream);
            self.stream = Source::Ahead(ahead);
        }
    }

    fn fill(&mut self, needed: usize) -> io::Result<bool> {
        while self.end - self.start < needed && !self.ended {
            match &mut self.stream {
                Source::Here(_) => self.read_here()?,
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
        let Source::Here(stream) = &mut self.stream else { return Ok(()) };
        match stream.read(&mut self.bytes[self.end..]) {
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
        if let Source::Ahead(ahead) = &self.stream {
            ahead.give_back(filled.bytes);
        }
    }

    /// Grows as the bytes come, not as a length field claims.
    fn make_room(&mut self, needed: usize) {
        while self.bytes.len() - self.end < needed {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
    }
}
