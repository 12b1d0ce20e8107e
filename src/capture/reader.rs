//! Reader of one capture, packet by packet.

use std::fmt;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::Serialize;

use super::clock::Clock;
use super::input::Input;
use super::other_content;
use super::pcap::{self, Pcap};
use super::pcapng::{InterfaceNames, SHORTEST_SECTION_HEADER, Section};
use super::record::{Parsed, Record};
use super::{
    Block, BlockType, ByteOrder, Compression, Element, Error, Fault, Gaps, Held, Packet, PcapHeader,
    Statistics, Timestamp, Undescribed,
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
    /// Frames read so far, as Wireshark numbers them.
    pub(super) frame: u64,
    /// Those among them that hold no packet.
    pub(super) numbered: u64,
    pub(super) finished: bool,
    pub(super) statistics: Statistics,
    pub(super) clock: Clock,
    /// An error that was met while looking at what follows a packet.
    pub(super) failed: Option<io::Error>,
    pub(super) undescribed: Option<Undescribed>,
    /// What was passed over.
    pub(super) gaps: Gaps,
    /// Octets that were looked at for packets that are not the content of a damaged one.
    pub(super) looked: u64,
    /// Whether the first damage ends the reading.
    pub(super) is_strict: bool,
    /// Whether damage was judged without the time of a packet before it.
    pub(super) is_blind: bool,
    /// Whether packets are handed over without waiting for what confirms them.
    pub(super) is_at_once: bool,
    /// The names of addresses that the capture gives, where they are asked for.
    pub(super) resolved: Option<Vec<Resolved>>,
}

/// What is next in a capture.
enum Found {
    Packet(Record),
    /// Something that holds no packet: its length in octets, and whether Wireshark numbers it.
    Other(usize, bool),
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
            numbered: 0,
            finished: false,
            statistics: Statistics::default(),
            clock: Clock::default(),
            failed: None,
            undescribed: None,
            gaps: Gaps::default(),
            looked: 0,
            is_strict: false,
            is_blind: false,
            is_at_once: false,
            resolved: None,
        })
    }

    /// Reads and decompresses a stream on another thread from here on, ahead of this reader. Does
    /// nothing for a plain file, which the operating system reads ahead.
    pub fn read_ahead(&mut self) {
        self.input.read_ahead();
    }

    /// Stops reading, with [`Fault::Interrupted`], soon after `stop` was set. A stream that gives nothing
    /// meanwhile is waited for.
    pub fn stop_when(&mut self, stop: Arc<AtomicBool>) {
        self.input.stop_when(stop);
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
        self.frame - self.numbered
    }

    /// Frames read so far, as Wireshark numbers them: packets, and the blocks that [it numbers, too](
    /// super::BlockType::is_numbered_without_packet).
    pub fn frames(&self) -> u64 {
        self.frame
    }

    /// Keeps the names in the capture's Name Resolution Blocks from here on.
    pub(crate) fn keep_names(&mut self) {
        self.resolved.get_or_insert_default();
    }

    /// The names that the capture has given to addresses, in the order of its blocks.
    pub(crate) fn take_names(&mut self) -> Vec<Resolved> {
        self.resolved.as_mut().map_or(Vec::new(), std::mem::take)
    }

    /// Statistics that the capture has given of itself so far; empty for pcap.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Reads the next packet; `None` at the end.
    ///
    /// # Errors
    ///
    /// After the last packet that can be read, and the reader is finished then. [`Fault::Gaps`] says what
    /// was passed over before it; [`Fault::Damaged`], [`Fault::CutShort`] or [`Fault::Read`] what ended
    /// the reading; [`Fault::UndescribedInterface`] that packets name none; [`Fault::Several`] all of it.
    #[allow(clippy::should_implement_trait, reason = "a packet borrows from the reader")]
    #[allow(clippy::inline_always, reason = "out of line, the packet goes through memory")]
    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, Error> {
        if self.finished {
            return Ok(None);
        }
        let record = match self.at_hand() {
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

    /// The next packet's record, where the bytes at hand hold and confirm it.
    #[allow(clippy::inline_always, reason = "as for `next`")]
    #[inline(always)]
    fn at_hand(&self) -> Option<Record> {
        let bytes = self.input.bytes();
        match &self.parser {
            Parser::Pcap(pcap) => pcap.confirmed_record(bytes),
            Parser::Pcapng(section) => section.packet(bytes),
        }
    }

    /// The next packet's record, where the bytes at hand do not hold it whole, do not begin with it, or
    /// do not confirm it.
    #[cold]
    fn find_record(&mut self) -> Result<Option<Record>, Error> {
        loop {
            match self.find()? {
                Some(Found::Packet(record)) => return Ok(Some(record)),
                Some(Found::Other(consumed, is_numbered)) => {
                    self.pass(is_numbered);
                    if let Parser::Pcapng(section) = &self.parser {
                        let bytes = self.input.bytes();
                        let block = bytes.get(..consumed).unwrap_or_default();
                        self.statistics.note(section, block);
                        if let Some(resolved) = &mut self.resolved {
                            note_names(Block::new(block, section.order()), resolved);
                        }
                    }
                    self.input.take(consumed);
                }
                None => return Ok(None),
            }
        }
    }

    /// What is next: a packet, or something that holds none. Damage before it is passed over.
    #[cold]
    fn find(&mut self) -> Result<Option<Found>, Error> {
        loop {
            let bytes = self.input.bytes();
            let step = match &mut self.parser {
                Parser::Pcap(pcap) => pcap.step(bytes),
                Parser::Pcapng(section) => section.step(bytes),
            };
            match step {
                Parsed::Packet(record) => {
                    if self.is_confirmed(&record) {
                        self.note(&record);
                        return Ok(Some(Found::Packet(record)));
                    }
                    let length = record.end - record.start;
                    self.pass_over(
                        self.damage(format!("a packet of {length} bytes is followed by no other")),
                    )?;
                }
                Parsed::Other(consumed) => return Ok(Some(Found::Other(consumed, false))),
                Parsed::Numbered(consumed) => return Ok(Some(Found::Other(consumed, true))),
                Parsed::Incomplete { what, needed } => {
                    if !self.more(what, needed)? {
                        return Ok(None);
                    }
                }
                Parsed::Damaged(what) => self.pass_over(self.damage(what))?,
                Parsed::Ends(what) => return Err(self.finish(self.damage(what))),
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
        let (consumed, record) = match self.at_hand() {
            Some(record) => (record.consumed, Some(record)),
            None => match self.find()? {
                Some(Found::Packet(record)) => (record.consumed, Some(record)),
                Some(Found::Other(consumed, is_numbered)) => {
                    self.pass(is_numbered);
                    (consumed, None)
                }
                None => return Ok(None),
            },
        };
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

    /// Waits until more has come of a stream that is [read ahead](CaptureReader::read_ahead), no longer than `most`, where
    /// the next packet or block is not at hand. Says how long that was.
    pub fn wait(&mut self, most: Duration) -> Duration {
        if self.is_next_at_hand() { Duration::ZERO } else { self.input.wait(most) }
    }

    /// Fetches more, or passes over what there is no more of; `false` at the end of the capture.
    #[cold]
    fn more(&mut self, what: &'static str, needed: usize) -> Result<bool, Error> {
        let filled = match self.failed.take() {
            Some(error) => Err(error),
            None => self.input.fill(needed),
        };
        let (offset, packets) = (self.position(), self.packets());
        let had = self.input.bytes().len() as u64;
        match (filled, self.input.broken()) {
            (Ok(true), _) => Ok(true),
            (Ok(false), Some(broken)) => {
                let error = io::Error::new(io::ErrorKind::InvalidData, broken.what.clone());
                self.pass_over(Fault::Read { offset, packets, error })?;
                Ok(true)
            }
            (Ok(false), None) if had == 0 => {
                self.finished = true;
                self.input.release();
                match Fault::of(self.flaws()) {
                    Some(fault) => Err(Error { capture: self.name.clone(), fault }),
                    None => Ok(false),
                }
            }
            (Ok(false), None) => {
                self.pass_over(Fault::CutShort { offset, packets, what, needed: needed as u64, had })?;
                Ok(true)
            }
            (Err(error), _) => Err(self.finish(self.failure(error, offset, packets))),
        }
    }

    /// Counts what holds no packet, where Wireshark numbers it.
    fn pass(&mut self, is_numbered: bool) {
        self.frame += u64::from(is_numbered);
        self.numbered += u64::from(is_numbered);
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

    /// Damage at the position.
    #[cold]
    fn damage(&self, what: String) -> Fault {
        Fault::Damaged { offset: self.position(), packets: self.packets(), what }
    }

    /// Why nothing more could be fetched.
    pub(super) fn failure(&self, error: io::Error, offset: u64, packets: u64) -> Fault {
        if self.input.is_stopped() {
            Fault::Interrupted { offset, packets }
        } else {
            Fault::Read { offset, packets, error }
        }
    }

    /// What is wrong so far with what was read.
    fn flaws(&mut self) -> Vec<Fault> {
        let gaps = std::mem::take(&mut self.gaps).among(self.packets(), self.position());
        let gaps = (!gaps.is_empty()).then_some(Fault::Gaps(gaps));
        gaps.into_iter().chain(self.undescribed.take().map(Fault::UndescribedInterface)).collect()
    }

    /// Ends the reading with a fault.
    pub(super) fn finish(&mut self, fault: Fault) -> Error {
        self.finished = true;
        let mut faults = self.flaws();
        faults.push(fault);
        let fault = Fault::of(faults).unwrap_or_else(|| self.damage(String::new()));
        Error { capture: self.name.clone(), fault }
    }
}

impl fmt::Debug for CaptureReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureReader")
            .field("name", &self.name)
            .field("format", &self.format())
            .field("position", &self.position())
            .field("packets", &self.packets())
            .finish_non_exhaustive()
    }
}

/// A name that a capture gives an address.
pub(crate) type Resolved = (IpAddr, Box<[u8]>);

/// How many names of one capture, or of a piece of one, are kept.
const MOST_NAMES: usize = 1 << 18;

/// Notes what a Name Resolution Block gives names to.
fn note_names(block: Block, resolved: &mut Vec<Resolved>) {
    if block.kind == BlockType::NAME_RESOLUTION {
        block.resolved(|address, name| {
            if resolved.len() < MOST_NAMES {
                resolved.push((address, name.into()));
            }
        });
    }
}

/// How many octets after a packet are looked at for the time of the next one.
const FARTHEST: usize = 1024 * 1024;
