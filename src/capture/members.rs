//! The content of compressed captures: gzip members and zstd frames one after another, and those behind
//! a damaged one.
//!
//! A member is given out when its checksum has been seen to hold, since what comes out of damaged
//! deflate looks like content for a while. Longer ones are given out as they come: memory is bounded.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::compression::{Break, Compression};

/// Octets of a member that are decompressed before any is given out.
const HELD: usize = 4 * 1024 * 1024;
/// Compressed octets that are kept to be searched for the next member: decoders notice damage late.
const KEPT: usize = 1024 * 1024;

/// A stream that remembers what was read of it lately, and can go back there.
struct Tail<R> {
    stream: R,
    kept: Vec<u8>,
    /// Place in `kept` that is read next; its end where that is the stream.
    at: usize,
    /// Place in the stream of the first octet kept.
    base: u64,
    /// Octets that were read again.
    again: u64,
}

impl<R: BufRead> Tail<R> {
    fn position(&self) -> u64 {
        self.base + self.at as u64
    }

    fn pass_zeros(&mut self) -> io::Result<()> {
        loop {
            let zeros = self.fill_buf()?.iter().take_while(|&&octet| octet == 0).count();
            if zeros == 0 {
                return Ok(());
            }
            self.consume(zeros);
        }
    }

    fn forget(&mut self) {
        self.kept.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
    }

    /// Goes back to a place, or as far as is remembered. In all no more is read again than was read
    /// once, so that damage made on purpose costs no more.
    fn go_back(&mut self, place: u64) {
        let place = usize::try_from(place.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.at);
        let again = self.again + (self.at - place) as u64;
        if again <= self.position() + KEPT as u64 {
            self.again = again;
            self.at = place;
        }
    }
}

impl<R: BufRead> Read for Tail<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(bytes)?;
        self.consume(n);
        Ok(n)
    }
}

impl<R: BufRead> BufRead for Tail<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.kept.len() { Ok(&self.kept[self.at..]) } else { self.stream.fill_buf() }
    }

    fn consume(&mut self, n: usize) {
        if self.at < self.kept.len() {
            self.at += n;
            return;
        }
        // What was shown is still there.
        if let Ok(bytes) = self.stream.fill_buf() {
            self.kept.extend_from_slice(bytes.get(..n).unwrap_or(bytes));
        }
        self.at = self.kept.len();
        self.stream.consume(n);
        if self.kept.len() > 2 * KEPT {
            let more = self.kept.len() - KEPT;
            self.kept.drain(..more);
            self.base += more as u64;
            self.at -= more;
        }
    }
}

/// The decoder of one member.
enum Decoder<R: BufRead> {
    Gzip(Box<GzDecoder<R>>),
    Zstd(zstd::Decoder<'static, R>),
}

impl<R: BufRead> Decoder<R> {
    fn of(compression: Compression, stream: R) -> io::Result<Decoder<R>> {
        Ok(match compression {
            Compression::Gzip => Decoder::Gzip(Box::new(GzDecoder::new(stream))),
            Compression::Zstd => Decoder::Zstd(zstd::Decoder::with_buffer(stream)?.single_frame()),
        })
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Decoder::Gzip(decoder) => decoder.read(bytes),
                Decoder::Zstd(decoder) => decoder.read(bytes),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }

    fn into_inner(self) -> R {
        match self {
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(decoder) => decoder.finish(),
        }
    }
}

/// Where the reading stands.
enum State<R: BufRead> {
    /// Between two members.
    Between(Tail<R>),
    /// In a member.
    Within(Decoder<Tail<R>>),
    Ended,
}

/// The content of all members.
pub(super) struct Members<R: BufRead> {
    compression: Compression,
    state: State<R>,
    /// Content that was decompressed and can be given out from `given` on.
    held: Vec<u8>,
    given: usize,
    /// Place in the compressed stream where the member begins.
    start: u64,
    /// Members that were sound.
    sound: u64,
    /// Octets given out.
    content: u64,
    /// What is told before `held` is given out, and after it.
    before: Option<io::Error>,
    after: Option<io::Error>,
}

/// What came of the start of a member.
enum Begun {
    /// It ended, and its checksum holds.
    Whole,
    /// It is longer than what is held.
    Long,
    Failed(io::Error),
}

fn member(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => "gzip member",
        Compression::Zstd => "zstd frame",
    }
}

/// Decompresses a member into memory, up to what is held.
fn begin<R: BufRead>(decoder: &mut Decoder<R>, held: &mut Vec<u8>) -> Begun {
    held.clear();
    loop {
        let had = held.len();
        if had >= HELD {
            return Begun::Long;
        }
        held.resize((had + had.max(64 * 1024)).min(HELD), 0);
        let read = decoder.read(&mut held[had..]);
        held.truncate(had + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => return Begun::Whole,
            Ok(_) => {}
            Err(error) => return Begun::Failed(error),
        }
    }
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(compression: Compression, stream: R) -> Members<R> {
        let tail = Tail { stream, kept: Vec::new(), at: 0, base: 0, again: 0 };
        Members {
            compression,
            state: State::Between(tail),
            held: Vec::new(),
            given: 0,
            start: 0,
            sound: 0,
            content: 0,
            before: None,
            after: None,
        }
    }

    /// Goes on where nothing is held: into the next member, or within a long one.
    fn go_on(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => Ok(0),
            State::Between(mut tail) => {
                // gzip, too, passes over the zeros that fill the last block of a medium.
                if self.compression == Compression::Gzip && self.sound > 0 {
                    tail.pass_zeros()?;
                }
                tail.forget();
                if tail.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.start = tail.position();
                let mut decoder = Decoder::of(self.compression, tail)?;
                match begin(&mut decoder, &mut self.held) {
                    Begun::Failed(error) => self.search(decoder.into_inner(), error, true)?,
                    begun => self.take(&begun, decoder),
                }
                Ok(0)
            }
            State::Within(mut decoder) => match decoder.read(bytes) {
                Ok(0) => {
                    self.sound += 1;
                    self.state = State::Between(decoder.into_inner());
                    Ok(0)
                }
                Ok(n) => {
                    self.state = State::Within(decoder);
                    Ok(n)
                }
                Err(error) => {
                    self.search(decoder.into_inner(), error, false)?;
                    Ok(0)
                }
            },
        }
    }

    /// Takes what is held of a member that has begun well.
    fn take(&mut self, begun: &Begun, decoder: Decoder<Tail<R>>) {
        self.given = 0;
        self.state = if matches!(begun, Begun::Whole) {
            self.sound += 1;
            State::Between(decoder.into_inner())
        } else {
            State::Within(decoder)
        };
    }

    /// Searches the member that follows a damaged one. `is_held` says whether all of that is held.
    fn search(&mut self, mut tail: Tail<R>, error: io::Error, is_held: bool) -> io::Result<()> {
        let damaged = std::mem::take(&mut self.held);
        let begun_at = self.start;
        let noticed_at = tail.position();
        tail.go_back(begun_at + 1);
        while self.find_magic(&mut tail)? {
            let start = tail.position();
            let mut decoder = Decoder::of(self.compression, tail)?;
            let begun = begin(&mut decoder, &mut self.held);
            match begun {
                Begun::Failed(error)
                    if self.held.is_empty() || error.kind() != io::ErrorKind::UnexpectedEof =>
                {
                    tail = decoder.into_inner();
                    tail.go_back(start + 1);
                }
                begun => {
                    let name = member(self.compression);
                    let what = format!(
                        "a {name} at byte {begun_at} of the compressed file is damaged ({error}); read on \
                         at byte {start} of it"
                    );
                    // As much as the same number of compressed octets has given elsewhere.
                    let compressed = start - begun_at;
                    let missing = if self.content > 0 && begun_at > 0 {
                        compressed.saturating_mul(self.content) / begun_at
                    } else {
                        compressed
                    };
                    self.before = Some(Break { what, missing }.into());
                    self.start = start;
                    self.given = 0;
                    if let Begun::Failed(error) = begun {
                        // The last member is cut short.
                        self.after = Some(error);
                    } else {
                        self.take(&begun, decoder);
                    }
                    return Ok(());
                }
            }
        }
        // There is no other: what came out of it is given out, where nothing shows that it is wrong, or
        // where there is nothing else.
        let is_cut = error.kind() == io::ErrorKind::UnexpectedEof && noticed_at >= tail.position();
        self.given = 0;
        self.held = if is_held && (is_cut || self.sound == 0) { damaged } else { Vec::new() };
        let is_given = !is_held || !self.held.is_empty();
        self.after = Some(if is_given && !is_cut {
            let name = member(self.compression);
            let what = format!(
                "{error}; no checksum confirms what was read of the {name} at byte {begun_at} of the compressed file"
            );
            io::Error::new(error.kind(), what)
        } else {
            error
        });
        Ok(())
    }

    /// Goes to the next place where a member may begin; `false` where there is none.
    fn find_magic(&self, tail: &mut Tail<R>) -> io::Result<bool> {
        let mut last = [0; 4];
        let first = match self.compression {
            Compression::Gzip => 0x1f,
            Compression::Zstd => 0x28,
        };
        loop {
            let bytes = tail.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            if last[1..] == [0; 3]
                && let passed = bytes.iter().take_while(|&&octet| octet != first).count()
                && passed > 0
            {
                tail.consume(passed);
                continue;
            }
            let octet = bytes[0];
            tail.consume(1);
            last = [last[1], last[2], last[3], octet];
            let is_one = match self.compression {
                // RFC 1952 2.3: deflate is the only method; the upper bits of the flags are reserved.
                Compression::Gzip => matches!(last, [0x1f, 0x8b, 8, 0..0x20]),
                Compression::Zstd => last == [0x28, 0xb5, 0x2f, 0xfd],
            };
            if is_one {
                tail.at -= last.len().min(tail.at);
                return Ok(true);
            }
            // What cannot go on is forgotten, so that the next is looked for quickly.
            if octet != first && !last[1..].contains(&first) {
                last = [0; 4];
            }
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(error) = self.before.take() {
                return Err(error);
            }
            let mut left = &self.held[self.given..];
            if !left.is_empty() {
                let n = left.read(bytes)?;
                self.given += n;
                self.content += n as u64;
                return Ok(n);
            }
            if let Some(error) = self.after.take() {
                return Err(error);
            }
            if matches!(self.state, State::Ended) {
                return Ok(0);
            }
            self.held.clear();
            self.given = 0;
            let n = self.go_on(bytes)?;
            if n > 0 {
                self.content += n as u64;
                return Ok(n);
            }
        }
    }
}
