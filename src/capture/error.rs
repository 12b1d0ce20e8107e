//! What can be wrong with a capture, and where.

use std::io;

/// A capture that could not be read, or not to its end: which, where, what.
///
/// The message does not repeat the source; print the chain.
#[derive(Debug, thiserror::Error)]
#[error("{capture}: {fault}")]
#[non_exhaustive]
pub struct Error {
    /// The capture, as it was named.
    pub capture: String,
    /// What is wrong, and at which byte.
    #[source]
    pub fault: Fault,
}

/// What is wrong with a capture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file could not be opened.
    #[error("cannot be opened: {0}")]
    Open(io::Error),
    /// The system could not give more of it.
    #[error("reading failed at byte {offset}, after {packets} packets: {error}")]
    Read {
        /// Byte offset, in the uncompressed content.
        offset: u64,
        /// Packets read before.
        packets: u64,
        /// What the system, or the decompressor, says.
        error: io::Error,
    },
    /// It is no capture.
    #[error("is not a capture in pcap or pcapng format: it looks like {looks_like}")]
    NotACapture {
        /// What its first bytes are.
        looks_like: String,
    },
    /// It ends in the middle of something.
    #[error(
        "cut short at byte {offset}, after {packets} packets: {what} needs {needed} bytes, the \
         file has {had} more; what came before is reported"
    )]
    CutShort {
        /// Byte offset of the start of what is cut, in the uncompressed content.
        offset: u64,
        /// Packets read before.
        packets: u64,
        /// What is cut.
        what: &'static str,
        /// How many bytes it takes.
        needed: u64,
        /// How many there are.
        had: u64,
    },
    /// Something in it cannot be.
    #[error("damaged at byte {offset}, after {packets} packets: {what}; what came before is reported")]
    Damaged {
        /// Byte offset of the damaged record or block, in the uncompressed content.
        offset: u64,
        /// Packets read before.
        packets: u64,
        /// What is wrong with it.
        what: String,
    },
}

impl Error {
    /// Whether nothing of the capture could be used: it is not there, or it is no capture.
    pub fn is_unusable(&self) -> bool {
        matches!(self.fault, Fault::Open(_) | Fault::NotACapture { .. })
    }

    /// The same fault of a capture whose earlier pieces gave so many packets more.
    #[must_use]
    pub fn after(mut self, earlier: u64) -> Error {
        match &mut self.fault {
            Fault::Open(_) | Fault::NotACapture { .. } => {}
            Fault::Read { packets, .. }
            | Fault::CutShort { packets, .. }
            | Fault::Damaged { packets, .. } => {
                *packets += earlier;
            }
        }
        self
    }

    /// The byte offset of the fault, in the uncompressed content, where it has one.
    pub fn offset(&self) -> Option<u64> {
        match self.fault {
            Fault::Open(_) | Fault::NotACapture { .. } => None,
            Fault::Read { offset, .. } | Fault::CutShort { offset, .. } | Fault::Damaged { offset, .. } => {
                Some(offset)
            }
        }
    }
}
