//! A capture and its labels become an annotated pcapng file.
//!
//! Nothing of the capture is lost or changed: packets keep their bytes, lengths, times, interfaces,
//! options and comments; pcapng files keep their sections, byte orders and all other blocks, octet
//! for octet. A pcap file becomes a section with one interface. Several captures follow each other
//! as sections, which keeps their interfaces apart.
//!
//! What is added: a comment on the packets ([`Comments`] says on which), a comment on each section,
//! and with names a Name Resolution Block after each section header. All begin with [`PREFIX`], and
//! are replaced when an annotated capture is annotated again.
//!
//! What cannot be kept:
//! - blocks and options that their makers ask not to copy (Custom Blocks 0x40000BAD, Custom Options
//!   19372 and 19373) are not copied;
//! - the Section Length of a section becomes "not known", since comments make it longer;
//! - a Simple Packet Block has no room for a comment and stays as it is;
//! - of the Kuznetsov variant of pcap, the interface index and protocol of each packet; its packet
//!   type becomes `epb_flags`;
//! - packets of an interface that the section does not describe, since programs refuse a file with one.
//!
//! [`Report`] counts the first, the third and the last.
//!
//! With [`AnnotateOptions::anonymizer`] the opposite is promised: what is written of a capture is times, lengths, headers
//! with other addresses, and interfaces with other names.

mod anonymous;
mod from_pcap;
mod memo;
mod names;
mod pass;
mod profile;
mod rewrite;
mod sink;
mod split;
mod stream;
mod wording;

use std::io;
use std::net::IpAddr;

pub use memo::{Memo, MemoWriter};
pub use pass::Pass;
pub use profile::profile;
pub use sink::{Sink, Whole};
pub use split::{Split, SplitBy};
pub use stream::Stream;
pub use wording::{PREFIX, filter};

use crate::anonymize::{Anonymizer, PacketCounts};
use crate::capture;
use crate::foreign::Foreign;
use crate::traffic::{CaptureChanged, Selection, TooManyFlows};

/// Which packets get comments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comments {
    /// The first of each flow.
    First,
    /// All.
    #[default]
    All,
    /// All packets of the flows that have flags.
    Flagged,
}

impl Comments {
    /// Every choice.
    pub const ALL: [Comments; 3] = [Comments::First, Comments::All, Comments::Flagged];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Comments::First => "first",
            Comments::All => "all",
            Comments::Flagged => "flagged",
        }
    }
}

/// The name of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName {
    /// Its address.
    pub address: IpAddr,
    /// Its name.
    pub name: Foreign<String>,
}

/// What is written.
#[derive(Clone, Debug, Default)]
pub struct AnnotateOptions {
    /// Which packets get comments.
    pub comments: Comments,
    /// Which flows' packets are written. Where this selects, packets in no flow are left out.
    pub selection: Selection,
    /// Names for a block of names in every section; no block without.
    pub names: Vec<HostName>,
    /// The overlays on the registry, as the section's comment names them.
    pub overlays: Vec<Foreign<String>>,
    /// The options that the section's comment names.
    pub said: String,
    /// What replaces addresses and names; payload is left out then. Nothing is replaced without.
    pub anonymizer: Option<Anonymizer>,
}

impl AnnotateOptions {
    /// Whether the second pass has to know of each packet which flow it is in, and not only which
    /// packets are the first of theirs.
    pub fn needs_memo(&self) -> bool {
        self.comments != Comments::First || !self.selection.is_everything()
    }
}

/// What became of a capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Packets written.
    pub packets: u64,
    /// Packets left out by the selection or the time window.
    pub left_out: u64,
    /// Packets in Simple Packet Blocks, which have no room for the comment that was due.
    pub without_room: u64,
    /// Packets of interfaces that the capture does not describe, which are left out: programs refuse the
    /// whole of a file with such a packet.
    pub undescribed: u64,
    /// Custom Blocks that must not be copied.
    pub blocks_not_copied: u64,
    /// Custom Options that must not be copied.
    pub options_not_copied: u64,
    /// Blocks whose list of options is damaged, which is copied up to there.
    pub options_damaged: u64,
    /// Blocks and options that may hold names, which are left out where they are replaced.
    pub left_unnamed: u64,
    /// What became of packets whose addresses were replaced.
    pub anonymized: PacketCounts,
}

/// Why annotating stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The capture is damaged or cut short, or cannot be read. What came before has been written.
    #[error(transparent)]
    Capture(#[from] capture::Error),
    /// The result cannot be written.
    #[error("the result cannot be written")]
    Write(#[from] io::Error),
    /// The capture gave other packets than in the first pass. What came before has been written.
    #[error(transparent)]
    Changed(#[from] CaptureChanged),
    /// There are more flows than may be held. What came before has been written.
    #[error(transparent)]
    TooManyFlows(#[from] TooManyFlows),
    /// What the first pass kept for the second cannot be read.
    #[error("the temporary file cannot be read")]
    Memo(#[source] io::Error),
}
