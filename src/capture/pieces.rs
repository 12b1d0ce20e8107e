//! One capture in several pieces, to be read by several threads.
//!
//! The start of a piece is a guess: in the middle of a file nothing marks the start of a record.
//! Whoever reads the pieces proves it afterwards. The piece before must end exactly where the next
//! begins, and in the same state ([`CaptureReader::ends_where`]); otherwise the next piece is read
//! again from where the one before ended ([`CaptureReader::go_on`]).

use std::ops::Range;

use super::chain::{CHAIN, Octets};
use super::clock::Clock;
use super::input::PlainFile;
use super::reader::Parser;
use super::record::Parsed;
use super::{CaptureReader, Gaps, Statistics};

/// Distance within which a start is searched, in octets. Without one, no piece is cut.
const REACH: u64 = 4 * 1024 * 1024;

impl CaptureReader {
    /// Cuts what has not been read into at most `count` pieces of about `shortest` octets or more. A
    /// stream and a short capture remain one piece.
    pub(crate) fn into_pieces(self, count: usize, shortest: usize) -> Vec<CaptureReader> {
        let Some(range) = self.input.range() else { return vec![self] };
        let length = range.end - range.start;
        let count = (count as u64).min(length / shortest.max(1) as u64).max(1);
        let mut starts: Vec<u64> = Vec::new();
        for n in 1..count {
            let wanted = range.start + length / count * n;
            if let Some(start) = self.guess(wanted..range.end)
                && starts.last().is_none_or(|last| *last < start)
            {
                starts.push(start);
            }
        }
        let mut pieces = Vec::with_capacity(starts.len() + 1);
        let mut whole = self;
        // Interfaces are described at the start of a section, mostly that of the file. The state
        // that later pieces assume is proved with their start.
        let head = whole.state_at_first_packet();
        let mut begin = range.start;
        for &end in &starts {
            pieces.push(whole.piece(begin, end, begin == range.start, &head));
            begin = end;
        }
        if begin == range.start {
            return vec![whole];
        }
        pieces.push(whole.piece(begin, range.end, false, &head));
        whole.finished = true;
        pieces
    }

    /// Whether this piece, which was read to its end, ends where `next` began and in the state that
    /// `next` began with, so that `next` could judge all that it met.
    pub(crate) fn ends_where(&self, next: &CaptureReader) -> bool {
        self.input.position() == next.began_at
            && !next.is_blind
            && self.parser.is_in_state_of(&next.began_as)
            && self.clock.goes_on_in(&next.clock)
    }

    /// A reader in place of `next`: it begins where this one ended, in its state, and ends where
    /// `next` does.
    #[must_use]
    pub(crate) fn go_on(&self, next: &CaptureReader) -> CaptureReader {
        let end = next.input.range().map_or(0, |range| range.end);
        let mut piece = self.piece(self.input.position(), end, false, &self.parser);
        piece.clock = self.clock.after();
        piece
    }

    /// Takes over from the piece before what this one has not seen of its own.
    pub(crate) fn follow(&mut self, earlier: &CaptureReader) {
        self.clock.follow(&earlier.clock);
    }

    /// Sets the state of this piece, which has not been read, to the one that `earlier` ended with.
    /// It is newer than the state assumed when the capture was cut.
    pub(crate) fn assume_state_of(&mut self, earlier: &CaptureReader) {
        self.parser = earlier.parser.clone();
        self.began_as = self.parser.clone();
    }

    /// The first likely start of a record in `places`.
    fn guess(&self, places: Range<u64>) -> Option<u64> {
        let Range { start, end } = places;
        let mut stretch = Stretch { file: self.input.file()?, begin: start, end, bytes: Vec::new() };
        (start..(start + REACH).min(end))
            .find(|&place| self.parser.begins_a_chain(&mut stretch, place, CHAIN))
    }

    /// The parser's state at the first packet.
    fn state_at_first_packet(&self) -> Parser {
        let mut parser = self.parser.clone();
        if let (Parser::Pcapng(section), Some(range)) = (&mut parser, self.input.range()) {
            let mut input = self.input.part(range.start, range.end);
            // Only blocks without a packet change the state.
            loop {
                match section.step(input.bytes()) {
                    Parsed::Other(length) | Parsed::Numbered(length) => {
                        input.take(length);
                    }
                    Parsed::Incomplete { needed, .. } if input.fill(needed).unwrap_or(false) => {}
                    Parsed::Packet(_) | Parsed::Incomplete { .. } | Parsed::Damaged(_) | Parsed::Ends(_) => {
                        break;
                    }
                }
            }
        }
        parser
    }

    fn piece(&self, start: u64, end: u64, is_first: bool, head: &Parser) -> CaptureReader {
        let parser = if is_first { self.parser.clone() } else { head.clone() };
        CaptureReader {
            name: self.name.clone(),
            input: self.input.part(start, end),
            compression: self.compression,
            began_at: start,
            began_as: parser.clone(),
            parser,
            frame: 0,
            numbered: 0,
            finished: false,
            statistics: Statistics::default(),
            clock: if is_first { self.clock.clone() } else { Clock::default() },
            failed: None,
            undescribed: None,
            gaps: Gaps::default(),
            looked: 0,
            is_strict: self.is_strict,
            is_blind: false,
            is_at_once: self.is_at_once,
            resolved: None,
        }
    }
}

/// The octets of a file from a place on, fetched when they are looked at.
struct Stretch<'a> {
    file: &'a PlainFile,
    begin: u64,
    /// End of the file.
    end: u64,
    bytes: Vec<u8>,
}

impl Stretch<'_> {
    /// Octets fetched at a time.
    const MORE: usize = 64 * 1024;
}

impl Octets for Stretch<'_> {
    fn reach(&mut self, place: u64) -> bool {
        place <= self.end
    }

    fn at<const N: usize>(&mut self, place: u64) -> Option<[u8; N]> {
        let start = usize::try_from(place.checked_sub(self.begin)?).ok()?;
        if place + N as u64 > self.end {
            return None;
        }
        while self.bytes.len() < start + N {
            let had = self.bytes.len();
            self.bytes.resize(had + Self::MORE, 0);
            let read = self.file.read(&mut self.bytes[had..], self.begin + had as u64).unwrap_or(0);
            self.bytes.truncate(had + read);
            if read == 0 {
                return None;
            }
        }
        self.bytes.get(start..)?.first_chunk().copied()
    }
}
