//! Capture files, pipes and compressed files, as a sequence of packets.
//!
//! ```no_run
//! use portscribe::capture::CaptureReader;
//!
//! let mut capture = CaptureReader::open("trace.pcapng")?;
//! while let Some(packet) = capture.next()? {
//!     println!("frame {} holds {} octets", packet.frame, packet.bytes.len());
//! }
//! # Ok::<(), portscribe::capture::Error>(())
//! ```
//!
//! The format is detected from the content: pcap (microseconds or nanoseconds, either byte order,
//! and the Kuznetsov variant) and pcapng (all sections, byte orders and interfaces), plain or
//! compressed with gzip or zstd. Everything is read through one window that fits the processor's
//! cache.

mod ahead;
#[cfg_attr(not(feature = "report"), allow(dead_code, reason = "what writes pcapng is for `annotate` alone"))]
mod byte_order;
mod chain;
mod clock;
mod compression;
mod element;
mod error;
mod gap;
mod gather;
mod input;
mod link_type;
mod members;
mod other_content;
mod packet;
mod pcap;
#[cfg_attr(not(feature = "report"), allow(dead_code, reason = "what writes pcapng is for `annotate` alone"))]
mod pcapng;
mod pieces;
mod reader;
mod record;
mod recovery;
mod same;
mod set;
mod statistics;
mod time;

pub use byte_order::ByteOrder;
pub use compression::Compression;
pub use element::{Element, Held, PcapHeader};
pub use error::{Error, Fault, Undescribed};
pub use gap::{Gap, Gaps};
pub(crate) use gather::Gather;
pub use link_type::{LinkType, UnknownLinkType};
pub use packet::Packet;
pub use pcapng::{Block, BlockType};
#[cfg(feature = "report")]
pub(crate) use pcapng::{BlockOption, BlockWriter, UNKNOWN_SECTION_LENGTH, code, name_record};
pub(crate) use reader::Resolved;
pub use reader::{CaptureFormat, CaptureReader};
pub(crate) use same::hold_the_same;
pub use set::{Listing, first_time, list_folder, sort_by_first_packet, sort_by_time};
pub use statistics::Statistics;
pub(crate) use time::{NO_TIME, nanoseconds};
pub use time::{TimeOutOfRange, TimeUnit, Timestamp, UnknownTime};
