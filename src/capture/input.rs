//! Octets of a capture, from a file or a stream, through one window.
//!
//! Plain files are read and not mapped. Filling a window that stays in the processor's cache is
//! faster than entering and leaving the pages of a map, no pages need to be released, and a file that
//! is truncated meanwhile ends early instead of ending the program.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::ahead::{Ahead, Filled, Stream};
use super::compression::Break;
use super::members::Members;
use super::{Compression, Gather};

/// Octets read at a time.
const CHUNK: usize = 256 * 1024;
/// Octets read at a time on another thread: more, since handing them over costs too.
const CHUNK_AHEAD: usize = 1024 * 1024;
/// Longest part of a record, in octets, that is copied before a buffer that was read ahead. It
/// is longer than packets of usual captures; longer ones are copied together.
const HEADROOM: usize = 64 * 1024;

/// The octets of a capture, from the current position on.
pub(super) struct Input {
    source: Source,
    /// Octets that were read, of which `start..end` are unused.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Position in the content.
    at: u64,
    /// End of the piece, where no further record begins.
    limit: u64,
    ended: bool,
    /// Why nothing can be had of the octets that follow, where there are others behind them.
    broken: Option<Break>,
    /// Is set where reading is to stop.
    stop: Option<Arc<AtomicBool>>,
}

enum Source {
    /// A plain file, or a piece of one.
    File(Arc<PlainFile>),
    /// A pipe or compressed content, read when more is needed.
    Here(Stream),
    /// A pipe or compressed content, read by another thread in advance.
    Ahead(Ahead),
}

/// A plain file, as long as it was when it was opened. What is written to it later is not read.
pub(super) struct PlainFile {
    file: File,
    length: u64,
}

impl PlainFile {
    /// Reads octets from a place on, as many as come at once; 0 at the end.
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

/// The content of a compressed stream, as much at a time as is asked for: decoders alone give one block
/// at a time.
fn content(compression: Compression, stream: impl BufRead + Send + 'static) -> Stream {
    Box::new(Gather::new(Members::new(compression, stream), || true))
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
        // Files that the operating system generates on reading claim to be empty.
        if !metadata.is_file() || metadata.len() == 0 {
            return Input::stream(file);
        }
        let mut start = [0; 4];
        let file = PlainFile { file, length: metadata.len() };
        let n = file.read(&mut start, 0)?;
        if let Some(compression) = Compression::of(&start[..n]) {
            let mut file = file.file;
            file.rewind()?;
            let stream = content(compression, BufReader::with_capacity(CHUNK, file));
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
            Some(compression) => content(compression, stream),
            None => Box::new(stream),
        };
        Ok((Input::new(Source::Here(content), 0, u64::MAX), compression))
    }

    fn new(source: Source, at: u64, limit: u64) -> Input {
        Input {
            source,
            bytes: Vec::new(),
            start: 0,
            end: 0,
            at,
            limit,
            ended: false,
            broken: None,
            stop: None,
        }
    }

    /// The octets at hand. The last record of a piece may reach into the next piece; after the end
    /// of the piece there are none, since no record of it begins there.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        if self.at < self.limit { &self.bytes[self.start..self.end] } else { &[] }
    }

    /// Octets of the content before the position.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// Length of the content in octets, where it is known.
    pub(super) fn length(&self) -> Option<u64> {
        self.file().map(|file| file.length)
    }

    /// Takes `n` of the octets at hand.
    #[inline]
    pub(super) fn take(&mut self, n: usize) -> &[u8] {
        let from = self.start;
        self.start = (from + n).min(self.end);
        self.at += (self.start - from) as u64;
        &self.bytes[from..self.start]
    }

    /// The file; `None` for streams and compressed files.
    pub(super) fn file(&self) -> Option<&Arc<PlainFile>> {
        match &self.source {
            Source::File(file) => Some(file),
            Source::Here(_) | Source::Ahead(_) => None,
        }
    }

    /// The unused part of a plain file, up to the end of the piece; `None` for streams.
    pub(super) fn range(&self) -> Option<Range<u64>> {
        self.file().map(|_| self.at..self.limit)
    }

    /// A part of a plain file. A part that begins after its end is empty and stays where it begins;
    /// a part of a stream is empty.
    pub(super) fn part(&self, start: u64, end: u64) -> Input {
        let source = match &self.source {
            Source::File(file) => Source::File(Arc::clone(file)),
            Source::Here(_) | Source::Ahead(_) => Source::Here(Box::new(io::empty())),
        };
        Input { stop: self.stop.clone(), ..Input::new(source, start, end) }
    }

    /// Reads a stream on another thread from here on.
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

    /// Waits until something has come of a stream that is read ahead, no longer than `most`. Says how long that was:
    /// nothing for others.
    pub(super) fn wait(&mut self, most: Duration) -> Duration {
        match &mut self.source {
            Source::Ahead(ahead) if !self.ended && self.broken.is_none() => ahead.wait(most),
            _ => Duration::ZERO,
        }
    }

    /// Reads until at least `needed` octets are at hand; `false` where the content ends before that.
    pub(super) fn fill(&mut self, needed: usize) -> io::Result<bool> {
        if self.at >= self.limit {
            return Ok(needed == 0);
        }
        self.fetch(needed)
    }

    /// Does what [`Input::fill`] does, whether the piece has ended or not.
    pub(super) fn fetch(&mut self, needed: usize) -> io::Result<bool> {
        while self.end - self.start < needed && !self.ended && self.broken.is_none() {
            if self.is_stopped() {
                return Err(io::Error::other("interrupted"));
            }
            let read = match &mut self.source {
                Source::File(_) | Source::Here(_) => self.read_here(),
                Source::Ahead(ahead) => match ahead.next() {
                    Ok(Some(filled)) => {
                        self.go_on_in(filled);
                        Ok(())
                    }
                    Ok(None) => {
                        self.ended = true;
                        Ok(())
                    }
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = read {
                self.broken = Some(Break::of(error)?);
            }
        }
        Ok(self.end - self.start >= needed)
    }

    /// Has reading fail once `stop` is set.
    pub(super) fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.stop = Some(stop);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// The octets at hand, whether the piece has ended or not.
    pub(super) fn window(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Takes octets at hand, whether the piece has ended or not.
    pub(super) fn skip(&mut self, n: usize) {
        self.take(n);
    }

    /// Why nothing can be had of the octets that follow those at hand, where there are others behind them.
    pub(super) fn broken(&self) -> Option<&Break> {
        self.broken.as_ref()
    }

    /// Goes on behind octets that nothing can be had of, where none are at hand. Returns an estimate of
    /// how many those are when decompressed; `None` where there are no such.
    pub(super) fn pass_break(&mut self) -> Option<u64> {
        self.broken.take().map(|broken| broken.missing)
    }

    /// Moves unused octets to the front, and reads more after them.
    fn read_here(&mut self) -> io::Result<()> {
        self.move_to_front();
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

    /// Copies unused octets before those that were read ahead; the other way round where they
    /// are too long for that.
    fn go_on_in(&mut self, mut filled: Filled) {
        let left = self.end - self.start;
        if let Some(start) = HEADROOM.checked_sub(left) {
            filled.bytes[start..HEADROOM].copy_from_slice(&self.bytes[self.start..self.end]);
            (self.start, self.end) = (start, filled.end);
            std::mem::swap(&mut self.bytes, &mut filled.bytes);
        } else {
            let read = &filled.bytes[HEADROOM..filled.end];
            self.move_to_front();
            self.make_room(read.len());
            self.bytes[self.end..self.end + read.len()].copy_from_slice(read);
            self.end += read.len();
        }
        if let Source::Ahead(ahead) = &self.source {
            ahead.give_back(filled.bytes);
        }
    }

    fn move_to_front(&mut self) {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Grows the window as octets come, not as a length field claims, and to no more than a step above the
    /// longest packet.
    fn make_room(&mut self, needed: usize) {
        /// Twice as much at a time, up to this.
        const STEP: usize = 16 * 1024 * 1024;
        while self.bytes.len() - self.end < needed {
            let more = self.bytes.len().clamp(CHUNK, STEP);
            self.bytes.reserve_exact(more);
            self.bytes.resize(self.bytes.len() + more, 0);
        }
    }

    /// Frees the memory, at the end of a capture or of a piece of one.
    pub(super) fn release(&mut self) {
        self.bytes = Vec::new();
        (self.start, self.end) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream of that many zeros.
    fn zeros(length: usize) -> Input {
        Input::stream(io::repeat(0).take(length as u64)).expect("a stream").0
    }

    /// The lengths of all buffers after records of these lengths were read, each with the head of the next.
    fn buffers(mut input: Input, records: &[usize]) -> Vec<usize> {
        for &length in records {
            assert!(input.fetch(length + 16).expect("octets"));
            assert_eq!(input.take(length).len(), length);
        }
        let mut all = vec![input.bytes.capacity()];
        if let Source::Ahead(ahead) = &mut input.source {
            while let Ok(Some(filled)) = ahead.next() {
                all.push(filled.bytes.capacity());
            }
        }
        all
    }

    #[test]
    fn the_window_is_no_longer_than_the_longest_record_and_a_step() {
        const LONG: usize = 40 * 1024 * 1024;
        let records = [LONG, 100, LONG, LONG, LONG, 100_000, LONG, 1000];
        let length = records.iter().sum::<usize>() + 3 * 1024 * 1024;
        assert_eq!(buffers(zeros(length), &records), [48 * 1024 * 1024]);
        let mut ahead = zeros(length);
        ahead.read_ahead();
        let all = buffers(ahead, &records);
        assert!(all[0] <= 56 * 1024 * 1024, "{all:?}");
        assert_eq!(all[1..], vec![HEADROOM + CHUNK_AHEAD; all.len() - 1]);
    }
}
