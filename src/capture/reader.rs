//! One capture, packet by packet.

use std::fmt;
use std::io::Read;
use std::path::Path;

use super::input::Input;
use super::pcap::{self, Pcap};
use super::pcapng::{self, Section};
use super::{
    Block, Compression, Element, Error, Fault, Held, LinkType, Packet, PcapHeader, Statistics, Timestamp,
};

/// The format of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// pcap.
    Pcap,
    /// pcapng.
    Pcapng,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Format::Pcap => "pcap",
            Format::Pcapng => "pcapng",
        })
    }
}

/// Reads the packets of one capture.
///
/// After an error the reader is finished: every later call says that there are no more packets.
pub struct CaptureReader {
    pub(super) name: String,
    pub(super) input: Input,
    pub(super) compression: Option<Compression>,
    pub(super) parser: Parser,
    /// Where this reader began, and in which state: what a piece is proved by.
    pub(super) began_at: u64,
    pub(super) began_as: Parser,
    pub(super) frame: u64,
    pub(super) finished: bool,
    pub(super) statistics: Statistics,
}

#[derive(Clone)]
pub(super) enum Parser {
    Pcap(Pcap),
    Pcapng(Section),
}

impl Parser {
    /// Whether the packets that follow mean the same by either.
    pub(super) fn is_in_state_of(&self, other: &Parser) -> bool {
        match (self, other) {
            // The header of the file is all there is to know.
            (Parser::Pcap(_), Parser::Pcap(_)) => true,
            (Parser::Pcapng(section), Parser::Pcapng(other)) => section == other,
            _ => false,
        }
    }
}

/// One packet in the bytes at hand.
pub(super) struct Record {
    /// Bytes of the whole record or block.
    pub(super) consumed: usize,
    /// Where the packet begins and ends.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) time: Option<Timestamp>,
    pub(super) link_type: Option<LinkType>,
    pub(super) original_length: u32,
}

/// What the bytes at hand begin with.
pub(super) enum Step {
    /// A packet.
    Packet(Record),
    /// Something else, so many bytes long.
    Passed(usize),
    /// Less than a whole record or block: so many bytes are needed.
    More { what: &'static str, needed: usize },
    /// Something that cannot be.
    Damaged(String),
}

impl CaptureReader {
    /// Opens a capture file, compressed or not.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it is no capture.
    pub fn open(path: impl AsRef<Path>) -> Result<CaptureReader, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match Input::open(path) {
            Ok((input, compression)) => CaptureReader::new(name, input, compression),
            Err(error) => Err(Error { capture: name, fault: Fault::Open(error) }),
        }
    }

    /// Reads a capture from any stream, compressed or not.
    ///
    /// # Errors
    ///
    /// When the stream cannot be read, or holds no capture.
    pub fn from_stream(name: &str, stream: impl Read + Send + 'static) -> Result<CaptureReader, Error> {
        match Input::stream(stream) {
            Ok((input, compression)) => CaptureReader::new(name.to_owned(), input, compression),
            Err(error) => Err(Error { capture: name.to_owned(), fault: Fault::Open(error) }),
        }
    }

    fn new(name: String, mut input: Input, compression: Option<Compression>) -> Result<CaptureReader, Error> {
        let error = |fault| Error { capture: name.clone(), fault };
        let failed = |source| Fault::Read { offset: 0, packets: 0, error: source };
        input.fill(pcapng::SHORTEST_SECTION_HEADER).map_err(|source| error(failed(source)))?;
        let start = input.bytes();
        let parser = if let Some(section) = Section::new(start) {
            Parser::Pcapng(section)
        } else if let Some(pcap) = Pcap::new(start) {
            input.take(pcap::FILE_HEADER);
            Parser::Pcap(pcap)
        } else {
            return Err(error(Fault::NotACapture { looks_like: looks_like(start) }));
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
        })
    }

    /// Has another thread read and decompress a stream from here on, while this one works on what
    /// has come. A plain file needs none: the system itself reads it ahead.
    pub fn read_ahead(&mut self) {
        self.input.read_ahead();
    }

    /// The name the capture was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The capture's format.
    pub fn format(&self) -> Format {
        match self.parser {
            Parser::Pcap(_) => Format::Pcap,
            Parser::Pcapng(_) => Format::Pcapng,
        }
    }

    /// How the capture is compressed.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// Bytes of the uncompressed content read so far.
    pub fn position(&self) -> u64 {
        self.input.position()
    }

    /// Length of the content, known for plain files.
    pub fn length(&self) -> Option<u64> {
        self.input.length()
    }

    /// Packets read so far.
    pub fn packets(&self) -> u64 {
        self.frame
    }

    /// What the capture has said so far of its own making; nothing for pcap.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// The next packet; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the capture is damaged or cut short, or the system cannot read it. What came before
    /// has been handed out; the reader is finished then.
    #[allow(clippy::should_implement_trait, reason = "a packet borrows from the reader")]
    #[inline]
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
        let bytes = self.input.take(record.consumed);
        Ok(Some(Packet {
            frame,
            time: record.time,
            link_type: record.link_type,
            original_length: record.original_length,
            bytes: &bytes[record.start..record.end],
        }))
    }

    /// The next packet's record, where it is not at hand or something else lies before it.
    #[cold]
    fn find_record(&mut self) -> Result<Option<Record>, Error> {
        loop {
            let bytes = self.input.bytes();
            let step = match &mut self.parser {
                Parser::Pcap(pcap) => pcap.step(bytes),
                Parser::Pcapng(section) => section.step(bytes),
            };
            match step {
                Step::Packet(record) => return Ok(Some(record)),
                Step::Passed(consumed) => {
                    if let Parser::Pcapng(section) = &self.parser {
                        self.statistics.note(section, bytes.get(..consumed).unwrap_or_default());
                    }
                    self.input.take(consumed);
                }
                Step::More { what, needed } => {
                    if !self.more(what, needed)? {
                        return Ok(None);
                    }
                }
                Step::Damaged(what) => return Err(self.damaged(what)),
            }
        }
    }

    /// The next packet or block, as the capture holds it; `None` at the end. The header of a pcap
    /// file is no element: see [`CaptureReader::pcap_header`].
    ///
    /// # Errors
    ///
    /// As for [`CaptureReader::next`].
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
                Step::Packet(record) => break (record.consumed, Some(record)),
                Step::Passed(consumed) => break (consumed, None),
                Step::More { what, needed } => {
                    if !self.more(what, needed)? {
                        return Ok(None);
                    }
                }
                Step::Damaged(what) => return Err(self.damaged(what)),
            }
        };
        self.frame += u64::from(record.is_some());
        let frame = self.frame;
        let bytes = self.input.take(consumed);
        let block = |big_endian: bool| {
            let kind = bytes.first_chunk().copied().unwrap_or_default();
            let kind = if big_endian { u32::from_be_bytes(kind) } else { u32::from_le_bytes(kind) };
            Block { kind, bytes, big_endian }
        };
        let Some(record) = record else {
            let big_endian = matches!(&self.parser, Parser::Pcapng(section) if section.is_big_endian());
            return Ok(Some(Element::Block(block(big_endian))));
        };
        let held = match &self.parser {
            Parser::Pcap(pcap) => Held::Record {
                ticks: pcap.ticks_of(bytes),
                extra: bytes.get(16..record.start).unwrap_or_default(),
            },
            Parser::Pcapng(section) => Held::Block { block: block(section.is_big_endian()), end: record.end },
        };
        let packet = Packet {
            frame,
            time: record.time,
            link_type: record.link_type,
            original_length: record.original_length,
            bytes: &bytes[record.start..record.end],
        };
        Ok(Some(Element::Packet(packet, held)))
    }

    /// What the header of a pcap file says; `None` for pcapng.
    pub fn pcap_header(&self) -> Option<PcapHeader> {
        match &self.parser {
            Parser::Pcap(pcap) => Some(pcap.header()),
            Parser::Pcapng(_) => None,
        }
    }

    /// Whether the next packet or block has been fetched already: where it has not, a stream may
    /// have to be waited for.
    pub fn is_next_at_hand(&self) -> bool {
        let bytes = self.input.bytes();
        match &self.parser {
            Parser::Pcap(pcap) => !matches!(pcap.step(bytes), Step::More { .. }),
            Parser::Pcapng(section) => section.has_block(bytes),
        }
    }

    /// Fetches more; `false` at the end of the capture.
    #[cold]
    fn more(&mut self, what: &'static str, needed: usize) -> Result<bool, Error> {
        match self.input.fill(needed) {
            Ok(true) => Ok(true),
            Ok(false) if self.input.bytes().is_empty() => {
                self.finished = true;
                self.input.release();
                Ok(false)
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

/// Says what a file is that is no capture, from its first bytes.
fn looks_like(start: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (b"\xfd7zXZ\0", "an xz file; unpack it first (xz -dc FILE | portscribe … -)"),
        (b"BZh", "a bzip2 file; unpack it first (bzip2 -dc FILE | portscribe … -)"),
        (b"\x04\x22\x4d\x18", "an lz4 file; unpack it first (lz4 -dc FILE | portscribe … -)"),
        (b"PK\x03\x04", "a zip archive; unpack it first"),
        (b"\x7fELF", "a program"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"snoop\0\0\0", "a snoop capture; convert it first (editcap FILE OUT.pcapng)"),
        (b"GMBU", "a Microsoft Network Monitor capture; convert it first (editcap FILE OUT.pcapng)"),
        (b"#!", "a script"),
        (b"<?xml", "XML"),
    ];
    if start.is_empty() {
        return "an empty file".to_owned();
    }
    if let Some((_, what)) = known.iter().find(|(magic, _)| start.starts_with(magic)) {
        return (*what).to_owned();
    }
    let shown = &start[..start.len().min(16)];
    if shown.iter().all(|&b| b.is_ascii_graphic() || b.is_ascii_whitespace()) {
        return format!("text (`{}`)", String::from_utf8_lossy(shown).escape_debug());
    }
    if Section::new(start).is_none()
        && matches!(start, [0xa1, 0xb2, ..] | [0xd4, 0xc3, ..] | [0x0a, 0x0d, 0x0d, 0x0a, ..])
    {
        return format!("the first {} bytes of a capture that is cut in its header", start.len());
    }
    let hex: Vec<String> = shown.iter().map(|b| format!("{b:02x}")).collect();
    format!("unknown data (it begins with {})", hex.join(" "))
}
