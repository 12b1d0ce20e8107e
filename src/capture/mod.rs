//! Capture files, pipes and compressed files, as a run of packets.
//!
//! ```no_run
//! use portscribe::capture::CaptureReader;
//!
//! let mut capture = CaptureReader::open("trace.pcapng")?;
//! while let Some(packet) = capture.next()? {
//!     println!("frame {} holds {} bytes", packet.frame, packet.bytes.len());
//! }
//! # Ok::<(), portscribe::capture::Error>(())
//! ```
//!
//! Both formats are told by content: pcap (with micro- or nanoseconds, either byte order, and the
//! Kuznetsov variant) and pcapng (every section, byte order and interface), plain or compressed
//! with gzip or zstd. All are read through one window that stays in the processor's cache.

mod ahead;
mod compression;
mod element;
mod error;
mod gather;
mod input;
mod link_type;
mod packet;
mod pcap;
mod pcapng;
mod pieces;
mod reader;
mod set;
mod statistics;
mod time;

pub use compression::Compression;
pub use element::{Block, Element, Held, PcapHeader};
pub use error::{Error, Fault};
pub(crate) use gather::Gather;
pub use link_type::LinkType;
pub use packet::Packet;
pub use reader::{CaptureReader, Format};
pub use set::{list_folder, sort_by_first_packet};
pub use statistics::Statistics;
pub use time::{TimeUnit, Timestamp};
