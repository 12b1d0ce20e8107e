//! pcapng files (draft-ietf-opsawg-pcapng): blocks and their options, read and written, and what
//! a section says of its packets.

mod block;
mod names;
mod options;
mod section;

pub(super) use block::SHORTEST_SECTION_HEADER;
pub use block::{Block, BlockType};
#[cfg(feature = "report")]
pub(crate) use block::{BlockWriter, UNKNOWN_SECTION_LENGTH, name_record};
pub(crate) use names::InterfaceNames;
#[cfg(feature = "report")]
pub(crate) use options::BlockOption;
pub(crate) use options::code;
pub(super) use section::Section;
