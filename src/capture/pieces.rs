//! One capture in several pieces, to be read side by side.
//!
//! Where a piece begins is a guess: in the middle of a file nothing marks the start of a record.
//! It is proved afterwards, by whoever reads the pieces: the piece before must end exactly where
//! the next begins, and in the same state ([`CaptureReader::ends_where`]); else that piece is
//! read again from where the one before ended ([`CaptureReader::go_on`]).

use super::reader::{Parser, Step};
use super::{CaptureReader, Statistics, pcap, pcapng};

/// Records that must follow each other without contradiction for a guess to be made.
const CHAIN: usize = 6;
/// How far a start is looked for. Behind it no piece is cut off.
const REACH: usize = 4 * 1024 * 1024;

impl CaptureReader {
    /// Cuts what has not been read into at most `count` pieces of at least about `shortest` bytes.
    /// A capture that is streamed, or short, is one piece.
    pub fn into_pieces(self, count: usize, shortest: usize) -> Vec<CaptureReader> {
        let Some(range) = self.input.range() else { return vec![self] };
        let count = count.min(range.len() / shortest.max(1)).max(1);
        let mut starts: Vec<usize> = Vec::new();
        for n in 1..count {
            let wanted = range.start + range.len() / count * n;
            if let Some(start) = self.guess(wanted, range.end)
                && starts.last().is_none_or(|last| *last < start)
            {
                starts.push(start);
            }
        }
        let mut pieces = Vec::with_capacity(starts.len() + 1);
        let mut whole = self;
        // What a section says stands at its start, most often that of the file; what is assumed
        // for later pieces is proved with their start.
        let head = whole.state_behind_the_head();
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

    /// Whether this piece, read to its end, ends where `next` began, in the state that `next`
    /// began with.
    pub fn ends_where(&self, next: &CaptureReader) -> bool {
        self.input.position() == next.began_at && self.parser.is_in_state_of(&next.began_as)
    }

    /// A reader of the same stretch as `next`, which begins where this one ended and in its state.
    #[must_use]
    pub fn go_on(&self, next: &CaptureReader) -> CaptureReader {
        let end = next.input.range().map_or(0, |range| range.end);
        self.piece(self.input.position() as usize, end, false, &self.parser)
    }

    /// Takes the state that `earlier` ended with for that of this piece, which has not been read.
    /// What was assumed when the capture was cut is older.
    pub fn assume_state_of(&mut self, earlier: &CaptureReader) {
        self.parser = earlier.parser.clone();
        self.began_as = self.parser.clone();
    }

    /// Where a record of a likely start of records lies, at or behind `wanted`.
    fn guess(&self, wanted: usize, end: usize) -> Option<usize> {
        let bytes = self.input.all()?;
        let step = if matches!(self.parser, Parser::Pcapng(_)) { 4 } else { 1 };
        let first = wanted.next_multiple_of(step);
        let last = (wanted + REACH).min(end);
        (first..last).step_by(step).find(|&start| self.begins_a_chain(&bytes[start..end]))
    }

    fn begins_a_chain(&self, bytes: &[u8]) -> bool {
        match &self.parser {
            Parser::Pcap(pcap) => pcap.begins_a_chain(bytes, CHAIN),
            Parser::Pcapng(section) => section.begins_a_chain(bytes, CHAIN),
        }
    }

    /// The parser's state at the first packet.
    fn state_behind_the_head(&self) -> Parser {
        let mut parser = self.parser.clone();
        if let (Parser::Pcapng(section), Some(bytes)) = (&mut parser, self.input.all()) {
            let mut at = self.input.position() as usize;
            while let Some(rest) = bytes.get(at..) {
                let before = section.clone();
                match section.step(rest) {
                    Step::Passed(length) => at += length,
                    Step::Packet(_) | Step::More { .. } | Step::Damaged(_) => {
                        *section = before;
                        break;
                    }
                }
            }
        }
        parser
    }

    fn piece(&self, start: usize, end: usize, is_first: bool, head: &Parser) -> CaptureReader {
        let parser = if is_first { self.parser.clone() } else { head.clone() };
        CaptureReader {
            name: self.name.clone(),
            input: self.input.part(start, end),
            compression: self.compression,
            began_at: start as u64,
            began_as: parser.clone(),
            parser,
            frame: 0,
            finished: false,
            statistics: Statistics::default(),
        }
    }
}

impl pcap::Pcap {
    /// Whether `bytes` begin with `count` records that look like packets of one capture, or with
    /// fewer that end with the file.
    fn begins_a_chain(&self, mut bytes: &[u8], count: usize) -> bool {
        let mut last_seconds: Option<u32> = None;
        for n in 0..count {
            if bytes.is_empty() {
                return n > 0;
            }
            let Some(record) = self.plausible(bytes) else { return false };
            // An hour either way: captures of one traffic are not further apart by accident.
            if last_seconds.is_some_and(|last| last.abs_diff(record.0) > 3600) {
                return false;
            }
            last_seconds = Some(record.0);
            match bytes.get(record.1..) {
                Some(rest) => bytes = rest,
                None => return false,
            }
        }
        true
    }
}

impl pcapng::Section {
    /// Whether `bytes` begin with `count` blocks whose two lengths agree, or with fewer that end
    /// with the file.
    fn begins_a_chain(&self, mut bytes: &[u8], count: usize) -> bool {
        for n in 0..count {
            if bytes.is_empty() {
                return n > 0;
            }
            match self.plausible(bytes) {
                Some(length) => bytes = &bytes[length..],
                None => return false,
            }
        }
        true
    }
}
