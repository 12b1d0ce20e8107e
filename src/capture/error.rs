//! Faults of captures, and their places.

use std::error::Error as _;
use std::{fmt, io};

use super::Gaps;
use crate::text::count;

/// A capture that could not be read, or not to its end.
///
/// The text does not contain that of the [source](std::error::Error::source), which is what the
/// operating system or the decompressor says; [`Error::with_cause`] contains both.
#[derive(Debug)]
#[non_exhaustive]
pub struct Error {
    /// Name of the capture, as it was opened.
    pub capture: String,
    /// What is wrong with it, and where.
    pub fault: Fault,
}

/// What is wrong with a capture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file or stream cannot be opened.
    #[error("cannot be opened")]
    Open(#[source] io::Error),
    /// Reading or decompressing failed.
    #[error("reading failed at byte {offset}, after {}", count(*packets, "packet"))]
    Read {
        /// Offset of the fault in the uncompressed content, in octets.
        offset: u64,
        /// Number of packets read before the fault.
        packets: u64,
        /// Error of the operating system or the decompressor.
        #[source]
        error: io::Error,
    },
    /// The content has another format than those of captures.
    #[error("is not a capture in pcap or pcapng format: it looks like {looks_like}")]
    NotACapture {
        /// Description of the content, from its first octets.
        looks_like: String,
    },
    /// Reading was stopped: see [`CaptureReader::stop_when`](super::CaptureReader::stop_when).
    #[error("interrupted at byte {offset}, after {}; what came before is reported", count(*packets, "packet"))]
    Interrupted {
        /// How far the uncompressed content was read, in octets.
        offset: u64,
        /// Number of packets read.
        packets: u64,
    },
    /// The capture ends in the middle of a record or block.
    #[error(
        "cut short at byte {offset}, after {}: {what} needs {needed} bytes, the \
         file has {had} more; what came before is reported",
        count(*packets, "packet")
    )]
    CutShort {
        /// Offset of the start of the incomplete record or block in the uncompressed content, in
        /// octets.
        offset: u64,
        /// Number of packets read before the fault.
        packets: u64,
        /// What is incomplete.
        what: &'static str,
        /// Octets that it takes.
        needed: u64,
        /// Octets left in the content.
        had: u64,
    },
    /// A record or block is invalid.
    #[error(
        "damaged at byte {offset}, after {}: {what}; what came before is reported",
        count(*packets, "packet")
    )]
    Damaged {
        /// Offset of the start of the invalid record or block in the uncompressed content, in
        /// octets.
        offset: u64,
        /// Number of packets read before the fault.
        packets: u64,
        /// What is invalid.
        what: String,
    },
    /// Packets name interfaces that the capture does not describe. The capture was read to its end.
    #[error("damaged: {0}")]
    UndescribedInterface(Undescribed),
    /// Stretches of the capture are damaged and were passed over. What comes before and after was read.
    #[error("damaged, and read on behind it: {0}")]
    Gaps(Gaps),
    /// Several of these, in the order in which they are told.
    #[error("{}", several(.0))]
    Several(Vec<Fault>),
}

/// All of several faults, but for their causes.
fn several(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

/// Packets of a pcapng capture that name interfaces without an Interface Description Block.
///
/// Where all interfaces of the section have one link type and one unit of time, such packets are taken
/// to have them, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undescribed {
    /// Number of these packets.
    pub packets: u64,
    /// Number of those whose link type could be told.
    pub decoded: u64,
    /// Number of the first of them in the capture, from 1.
    pub frame: u64,
    /// Index of the interface that the first of them names.
    pub interface: u32,
}

impl Undescribed {
    /// Adds those that follow.
    #[must_use]
    pub(crate) fn and(self, later: Undescribed) -> Undescribed {
        let packets = self.packets.saturating_add(later.packets);
        Undescribed { packets, decoded: self.decoded.saturating_add(later.decoded), ..self }
    }

    /// Those of a piece of a capture as those of the whole, whose earlier pieces hold `earlier`
    /// packets.
    #[must_use]
    pub(crate) fn after(self, earlier: u64) -> Undescribed {
        Undescribed { frame: self.frame + earlier, ..self }
    }
}

impl fmt::Display for Undescribed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Undescribed { packets, decoded, frame, interface } = self;
        write!(
            f,
            "{} of an interface that is not described, the first in frame {frame} (interface {interface}); ",
            count(*packets, "packet")
        )?;
        match *decoded {
            0 => f.write_str("the link type is unknown"),
            all if all == *packets => f.write_str("read with the link type of all other interfaces"),
            some => write!(f, "{some} of them read with the link type of all other interfaces"),
        }
    }
}

impl Error {
    /// Error of a capture that could not be opened.
    pub fn open(capture: impl Into<String>, error: io::Error) -> Error {
        Error { capture: capture.into(), fault: Fault::Open(error) }
    }

    /// Whether no packet of the capture could be read, since it cannot be opened or has another
    /// format.
    pub fn is_unusable(&self) -> bool {
        matches!(self.fault, Fault::Open(_) | Fault::NotACapture { .. })
    }

    /// Offset of the fault in the uncompressed content, in octets; `None` for a capture that could
    /// not be used, or was read to its end without a gap.
    pub fn offset(&self) -> Option<u64> {
        self.fault.offset()
    }

    /// Number of packets read before the fault, or before the first packet that it is about.
    pub fn packets(&self) -> u64 {
        self.fault.packets()
    }

    /// Text of the error with that of its source.
    pub fn with_cause(&self) -> String {
        format!("{}: {}", self.capture, self.fault.with_cause())
    }
}

impl Fault {
    fn offset(&self) -> Option<u64> {
        match self {
            Fault::Open(_) | Fault::NotACapture { .. } | Fault::UndescribedInterface(_) => None,
            Fault::Read { offset, .. }
            | Fault::Interrupted { offset, .. }
            | Fault::CutShort { offset, .. }
            | Fault::Damaged { offset, .. } => Some(*offset),
            Fault::Gaps(gaps) => gaps.list().first().map(|gap| gap.start),
            Fault::Several(faults) => faults.iter().find_map(Fault::offset),
        }
    }

    fn packets(&self) -> u64 {
        match self {
            Fault::Open(_) | Fault::NotACapture { .. } => 0,
            Fault::UndescribedInterface(undescribed) => undescribed.frame.saturating_sub(1),
            Fault::Read { packets, .. }
            | Fault::Interrupted { packets, .. }
            | Fault::CutShort { packets, .. }
            | Fault::Damaged { packets, .. } => *packets,
            Fault::Gaps(gaps) => gaps.list().first().map_or(0, |gap| gap.packets),
            Fault::Several(faults) => faults.first().map_or(0, Fault::packets),
        }
    }

    /// All that is wrong as one fault; `None` where nothing is.
    pub(crate) fn of(mut faults: Vec<Fault>) -> Option<Fault> {
        match faults.len() {
            0 | 1 => faults.pop(),
            _ => Some(Fault::Several(faults)),
        }
    }

    /// Each fault by itself.
    pub(crate) fn each(self) -> Vec<Fault> {
        match self {
            Fault::Several(faults) => faults,
            one => vec![one],
        }
    }

    /// The fault of a piece of a capture as that of the whole, whose earlier pieces hold `earlier`
    /// packets.
    #[must_use]
    pub(crate) fn after(mut self, earlier: u64) -> Fault {
        match &mut self {
            Fault::Read { packets, .. }
            | Fault::Interrupted { packets, .. }
            | Fault::CutShort { packets, .. }
            | Fault::Damaged { packets, .. } => *packets += earlier,
            // Those of a part are counted with those of the others.
            Fault::Open(_)
            | Fault::NotACapture { .. }
            | Fault::UndescribedInterface(_)
            | Fault::Gaps(_)
            | Fault::Several(_) => {}
        }
        self
    }

    /// What is invalid, without its place.
    pub(super) fn what(&self) -> String {
        match self {
            Fault::Damaged { what, .. } => what.clone(),
            Fault::CutShort { what, needed, had, .. } => {
                format!("{what} claims {needed} bytes, where {had} follow")
            }
            Fault::Read { error, .. } => error.to_string(),
            other => other.to_string(),
        }
    }

    /// Text of the fault with that of its source.
    pub fn with_cause(&self) -> String {
        match (self, self.source()) {
            (Fault::Several(faults), _) => {
                faults.iter().map(Fault::with_cause).collect::<Vec<_>>().join("; ")
            }
            (_, Some(source)) => format!("{self}: {source}"),
            (_, None) => self.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.capture, self.fault)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fault.source()
    }
}
