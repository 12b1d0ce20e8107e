//! Reader of one capture, packet by packet.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;

use super::clock::Clock;
use super::input::Input;
use super::other_content;
use super::pcap::{self, Pcap};
use super::pcapng::{InterfaceNames, SHORTEST_SECTION_HEADER, Section};
use super::record::{Parsed, Record};
use super::{
    Block, ByteOrder, Compression, Element, Error, Fault, Held, Packet, PcapHeader, Statistics, Timestamp,
    Undescribed,
};

/// Format of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CaptureFormat {
    /// pcap (draft-ietf-opsawg-pcap).
    Pcap,
    /// pcapng (draft-ietf-opsawg-pcapng).
    Pcapng,
}

impl fmt::Display for CaptureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            CaptureFormat::Pcap => "pcap",
            CaptureFormat::Pcapng => "pcapng",
        })
    }
}

/// Reader of the packets of one capture, in the order of the capture.
///
/// After an error the reader is finished: later calls return `None`, as at the end.
pub struct CaptureReader {
    pub(super) name: String,
    pub(super) input: Input,
    pub(super) compression: Option<Compression>,
    pub(super) parser: Parser,
    /// Position and state that this reader began with; they prove a piece.
    pub(super) began_at: u64,
    pub(super) began_as: Parser,
    pub(super) frame: u64,
    pub(super) finished: bool,
    pub(super) statistics: Statistics,
    pub(super) clock: Clock,
    /// An error that was met while looking at what follows a packet.
    pub(super) failed: Option<io::Error>,
    pub(super) undescribed: Option<Undescribed>,
}

#[derive(Clone)]
pub(super) enum Parser {
    Pcap(Pcap),
    Pcapng(Section),
}

impl Parser {
    /// The names of the section's interfaces; `None` for pcap.
    #[inline]
    fn names(&self) -> Option<&InterfaceNames> {
        match self {
            Parser::Pcap(_) => None,
            Parser::Pcapng(section) => Some(section.names()),
        }
    }

    /// Whether both states read the packets that follow alike.
    pub(super) fn is_in_state_of(&self, other: &Parser) -> bool {
        match (self, other) {
            // Nothing after the header of the file changes the state.
            (Parser::Pcap(_), Parser::Pcap(_)) => true,
            (Parser::Pcapng(section), Parser::Pcapng(other)) => section == other,
            _ => false,
        }
    }
}

impl CaptureReader {
    /// Opens a capture file, plain or compressed with gzip or zstd.
    ///
    /// # Errors
    ///
    /// [`Fault::Open`] for a file that cannot be opened, [`Fault::Read`] for one that cannot be read,
    /// [`Fault::NotACapture`] for other content.
    pub fn open(path: impl AsRef<Path>) -> Result<CaptureReader, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match Input::open(path) {
            Ok((input, compression)) => CaptureReader::new(name, input, compression),
            Err(error) => Err(Error::open(name, error)),
        }
    }

    /// Reads a capture from a stream, plain or compressed with gzip or zstd. `name` stands for it in
    /// errors.
    ///
    /// # Errors
    ///
    /// [`Fault::Open`] or [`Fault::Read`] for a stream that cannot be read, [`Fault::NotACapture`] for
    /// other content.
    pub fn from_stream(name: &str, stream: impl Read + Send + 'static) -> Result<CaptureReader, Error> {
        match Input::stream(stream) {
            Ok((input, compression)) => CaptureReader::new(name.to_owned(), input, compression),
            Err(error) => Err(Error::open(name, error)),
        }
    }

    fn new(name: String, mut input: Input, compression: Option<Compression>) -> Result<CaptureReader, Error> {
        let error = |fault| Error { capture: name.clone(), fault };
        let failed = |source| Fault::Read { offset: 0, packets: 0, error: source };
        input.fill(SHORTEST_SECTION_HEADER).map_err(|source| error(failed(source)))?;
        let start = input.bytes();
        let parser = if let Some(section) = Section::new(start) {
            Parser::Pcapng(section)
        } else if let Some(pcap) = Pcap::new(start) {
            input.take(pcap::FILE_HEADER);
            Parser::Pcap(pcap)
        } else {
            return Err(error(Fault::NotACapture { looks_like: other_content::looks_like(start) }));
        };
        Ok(CaptureReader {
            name,
            began_at: input.position(),
            began_as: parser.clone(),
            input,
            compression,
            parser,
            frame: 0,
            finished: false,
            statistics: Statistics::default(),
            clock: Clock::default(),
            failed: None,
            undescribed: None,
        })
    }

    /// Reads and decompresses a stream on another thread from here on, ahead of this reader. Does
    /// nothing for a plain file, which the operating system reads ahead.
    pub fn read_ahead(&mut self) {
        self.input.read_ahead();
    }

    /// Name that the capture was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Format of the capture.
    pub fn format(&self) -> CaptureFormat {
        match self.parser {
            Parser::Pcap(_) => CaptureFormat::Pcap,
            Parser::Pcapng(_) => CaptureFormat::Pcapng,
        }
    }

    /// Compression of the capture; `None` for a plain one.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Octets of the uncompressed content read so far.
    pub fn position(&self) -> u64 {
        self.input.position()
    }

    /// Length of the content in octets; `None` for streams and compressed files.
    pub fn length(&self) -> Option<u64> {
        self.input.length()
    }

    /// Packets read so far.
    pub fn packets(&self) -> u64 {
        self.frame
    }

    /// Statistics that the capture has given of itself so far; empty for pcap.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Reads the next packet; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Fault::Damaged`], [`Fault::CutShort`] or [`Fault::Read`]. All packets before the fault have
    /// been returned by then, and the reader is finished. [`Fault::UndescribedInterface`] after the last
    /// packet.
    #[allow(clippy::should_implement_trait, reason = "a packet borrows from the reader")]
    #[allow(clippy::inline_always, reason = "out of line, the packet goes through memory")]
    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, Error> {
        if self.finished {
            return Ok(None);
        }
        let bytes = self.input.bytes();
        let at_hand = match &self.parser {
            Parser::Pcap(pcap) => pcap.record(bytes),
            Parser::Pcapng(section) => section.packet(bytes),
        };
        let record = match at_hand {
            Some(record) => record,
            None => match self.find_record()? {
                Some(record) => record,
                None => return Ok(None),
            },
        };
        self.frame += 1;
        let frame = self.frame;
        let has_wild_time = self.has_wild_time(&record);
        let bytes = self.input.take(record.consumed);
        Ok(Some(record.packet(frame, has_wild_time, self.parser.names(), bytes)))
    }

    /// The next packet's record, where the bytes at hand do not hold it whole, or do not begin with
    /// it.
    #[cold]
    fn find_record(&mut self) -> Result<Option<Record>, Error> {
        loop {
            let bytes = self.input.bytes();
            let step = match &mut self.parser {
                Parser::Pcap(pcap) => pcap.step(bytes),
                Parser::Pcapng(section) => section.step(bytes),
            };
            match step {
                Parsed::Packet(record) => {
                    self.note(&record);
                    return Ok(Some(record));
                }
                Parsed::Other(consumed) => {
                    if let Parser::Pcapng(section) = &self.parser {
                        self.statistics.note(section, bytes.get(..consumed).unwrap_or_default());
                    }
                    self.input.take(consumed);
                }
                Parsed::Incomplete { what, needed } => {
                    if !self.more(what, needed)? {
                        return Ok(None);
                    }
                }
                Parsed::Damaged(what) => return Err(self.damaged(what)),
            }
        }
    }

    /// Reads the next packet or block, with all that the capture holds of it; `None` at the end. The
    /// header of a pcap file is not an element: see [`CaptureReader::pcap_header`].
    ///
    /// # Errors
    ///
    /// As [`CaptureReader::next`].
    #[inline]
    pub fn next_element(&mut self) -> Result<Option<Element<'_>>, Error> {
        if self.finished {
            return Ok(None);
        }
        let (consumed, record) = loop {
            let bytes = self.input.bytes();
            let step = match &mut self.parser {
                Parser::Pcap(pcap) => pcap.step(bytes),
                Parser::Pcapng(section) => section.step(bytes),
            };
            match step {
                Parsed::Packet(record) => break (record.consumed, Some(record)),
                Parsed::Other(consumed) => break (consumed, None),
                Parsed::Incomplete { what, needed } => {
                    if !self.more(what, needed)? {
                        return Ok(None);
                    }
                }
                Parsed::Damaged(what) => return Err(self.damaged(what)),
            }
        };
        if let Some(record) = &record {
            self.note(record);
        }
        self.frame += u64::from(record.is_some());
        let frame = self.frame;
        let has_wild_time = record.as_ref().is_some_and(|record| self.has_wild_time(record));
        let bytes = self.input.take(consumed);
        let Some(record) = record else {
            let order = match &self.parser {
                Parser::Pcap(_) => ByteOrder::default(),
                Parser::Pcapng(section) => section.order(),
            };
            return Ok(Some(Element::Block(Block::new(bytes, order))));
        };
        let held = match &self.parser {
            Parser::Pcap(pcap) => Held::Record {
                ticks: pcap.ticks_of(bytes),
                extra: bytes.get(pcap::RECORD_HEADER..record.start).unwrap_or_default(),
            },
            Parser::Pcapng(section) => {
                Held::Block { block: Block::new(bytes, section.order()), end: record.end }
            }
        };
        let packet = record.packet(frame, has_wild_time, self.parser.names(), bytes);
        Ok(Some(Element::Packet(packet, held)))
    }

    /// Whether the time of a packet at the position is [wild](Packet::has_wild_time).
    #[inline]
    fn has_wild_time(&mut self, record: &Record) -> bool {
        let Some(last) = self.clock.steps_from(record.time) else { return false };
        let next = self.time_after(record.consumed);
        self.clock.is_wild(last, next)
    }

    /// Time of the packet directly after `consumed` octets; `None` where none follows, or no packet.
    #[cold]
    fn time_after(&mut self, consumed: usize) -> Option<Timestamp> {
        loop {
            let rest = self.input.bytes().get(consumed..)?;
            let (record, is_whole) = match &self.parser {
                Parser::Pcap(pcap) => {
                    (pcap.record(rest), !matches!(pcap.step(rest), Parsed::Incomplete { .. }))
                }
                Parser::Pcapng(section) => (section.packet(rest), section.has_block(rest)),
            };
            let had = rest.len();
            if is_whole || had >= FARTHEST || self.failed.is_some() {
                return record?.time;
            }
            match self.input.fill(consumed + had + 1) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.failed = Some(error);
                    return None;
                }
            }
        }
    }

    /// Content of the header of a pcap file; `None` for pcapng.
    pub fn pcap_header(&self) -> Option<PcapHeader> {
        match &self.parser {
            Parser::Pcap(pcap) => Some(pcap.header()),
            Parser::Pcapng(_) => None,
        }
    }

    /// Whether the next packet or block has been fetched already. Where it has not, the next call may
    /// wait for a stream.
    pub fn is_next_at_hand(&self) -> bool {
        let bytes = self.input.bytes();
        match &self.parser {
            Parser::Pcap(pcap) => !matches!(pcap.step(bytes), Parsed::Incomplete { .. }),
            Parser::Pcapng(section) => section.has_block(bytes),
        }
    }

    /// Fetches more; `false` at the end of the capture.
    #[cold]
    fn more(&mut self, what: &'static str, needed: usize) -> Result<bool, Error> {
        let filled = match self.failed.take() {
            Some(error) => Err(error),
            None => self.input.fill(needed),
        };
        match filled {
            Ok(true) => Ok(true),
            Ok(false) if self.input.bytes().is_empty() => {
                self.finished = true;
                self.input.release();
                match self.undescribed.take() {
                    Some(undescribed) => Err(self.finish(Fault::UndescribedInterface(undescribed))),
                    None => Ok(false),
                }
            }
            Ok(false) => {
                let had = self.input.bytes().len() as u64;
                let (offset, packets) = (self.position(), self.frame);
                Err(self.finish(Fault::CutShort { offset, packets, what, needed: needed as u64, had }))
            }
            Err(error) => {
                let (offset, packets) = (self.position(), self.frame);
                Err(self.finish(Fault::Read { offset, packets, error }))
            }
        }
    }

    /// Notes the next packet, where it names an interface that is not described.
    #[inline]
    fn note(&mut self, record: &Record) {
        if record.is_undescribed {
            let (frame, interface) = (self.frame + 1, record.interface);
            let one =
                Undescribed { packets: 1, decoded: u64::from(record.link_type.is_some()), frame, interface };
            self.undescribed = Some(self.undescribed.map_or(one, |before| before.and(one)));
        }
    }

    #[cold]
    fn damaged(&mut self, what: String) -> Error {
        let (offset, packets) = (self.position(), self.frame);
        self.finish(Fault::Damaged { offset, packets, what })
    }

    fn finish(&mut self, fault: Fault) -> Error {
        self.finished = true;
        Error { capture: self.name.clone(), fault }
    }
}

impl fmt::Debug for CaptureReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureReader")
            .field("name", &self.name)
            .field("format", &self.format())
            .field("position", &self.position())
            .field("packets", &self.frame)
            .finish_non_exhaustive()
    }
}

/// How many octets after a packet are looked at for the time of the next one.
const FARTHEST: usize = 1024 * 1024;
