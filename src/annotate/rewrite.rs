//! pcapng blocks as they stand, but for our comments and what must not be copied.
//!
//! Our comment goes in front of the options that a block has: those need not be understood, and
//! stay octet for octet, also where their list is damaged.

use super::block::{self, Order};
use super::wording::PREFIX;
use super::{HostName, Report};
use crate::capture::Block;

/// Appends a packet block with `comment` in place of the comment of ours that it has, if it has
/// one. `end` is where the packet in it ends.
#[inline]
pub(super) fn packet(
    out: &mut Vec<u8>,
    block: Block,
    end: usize,
    comment: Option<&str>,
    report: &mut Report,
) {
    if block.kind == block::SIMPLE_PACKET {
        // It holds no options, and an Enhanced Packet Block would need a time.
        report.without_room += u64::from(comment.is_some());
        out.extend_from_slice(block.bytes);
        return;
    }
    options(out, block, end.next_multiple_of(4), comment, report);
}

/// Appends a Section Header Block with our comment, and the block of names behind it.
pub(super) fn section_header(
    out: &mut Vec<u8>,
    block: Block,
    comment: &str,
    names: &[HostName],
    report: &mut Report,
) {
    let start = out.len();
    options(out, block, 24, Some(comment), report);
    // The section is longer now.
    if let Some(length) = out.get_mut(start + 16..start + 24) {
        length.copy_from_slice(&block::UNKNOWN_LENGTH);
    }
    block::names(out, names, Order { big_endian: block.big_endian });
}

/// Appends a block that is neither a packet nor a section header; nothing where it must not be
/// copied, or is a block of names of ours.
pub(super) fn other(out: &mut Vec<u8>, block: Block, report: &mut Report) {
    if block.kind == block::CUSTOM_NOT_TO_COPY {
        report.blocks_not_copied += 1;
        return;
    }
    let Some(start) = start_of_options(block) else {
        out.extend_from_slice(block.bytes);
        return;
    };
    if block.kind == block::NAME_RESOLUTION
        && Options::of(block, start).next().is_some_and(|option| option.is_ours())
    {
        return;
    }
    options(out, block, start, None, report);
}

/// Where the options of a block begin, in kinds of blocks of which that is known.
fn start_of_options(block: Block) -> Option<usize> {
    match block.kind {
        block::INTERFACE_DESCRIPTION => Some(16),
        block::INTERFACE_STATISTICS => Some(20),
        block::DECRYPTION_SECRETS => {
            Some(16 + (number(block, 12)? as usize).next_multiple_of(4)).filter(|&at| at <= block.bytes.len())
        }
        block::NAME_RESOLUTION => {
            let mut at = 8;
            loop {
                let (kind, length) = (short(block, at)?, short(block, at + 2)?);
                at += 4 + usize::from(length).next_multiple_of(4);
                if kind == 0 {
                    return Some(at);
                }
            }
        }
        _ => None,
    }
}

/// Copies a block whose options begin at `start`: our comment first, then what was there without
/// ours and without what must not be copied.
#[inline]
fn options(out: &mut Vec<u8>, block: Block, start: usize, comment: Option<&str>, report: &mut Report) {
    // The block's second length is the last word.
    let end = block.bytes.len() - 4;
    let start = start.min(end);
    if comment.is_none() && start == end {
        out.extend_from_slice(block.bytes);
        return;
    }
    let order = Order { big_endian: block.big_endian };
    let begin = out.len();
    out.extend_from_slice(&block.bytes[..start]);
    if let Some(comment) = comment {
        order.comment(out, comment);
    }
    let mut copied = start;
    let mut removed_ours = false;
    for option in Options::of(block, start) {
        let ours = option.is_ours();
        if ours || block::CUSTOM_OPTIONS_NOT_TO_COPY.contains(&option.code) {
            out.extend_from_slice(&block.bytes[copied..option.start]);
            copied = option.end;
            removed_ours |= ours;
            report.options_not_copied += u64::from(!ours);
        }
    }
    let rest = &block.bytes[copied..end];
    let left = out.len() - begin - start + rest.len();
    match (comment, rest) {
        // There was no list, or it ended with what was taken out.
        (Some(_), []) => Order::end_of_options(out),
        // Nothing but the end of the list that we began.
        (None, [0, 0, 0, 0]) if removed_ours && left == 4 => {}
        _ => out.extend_from_slice(rest),
    }
    order.end(out, begin);
}

/// The options of a block, up to their end or to where the list is damaged.
struct Options<'a> {
    block: Block<'a>,
    at: usize,
    end: usize,
}

struct RawOption<'a> {
    code: u16,
    value: &'a [u8],
    /// Where it begins and ends in the block, padding and all.
    start: usize,
    end: usize,
}

impl<'a> Options<'a> {
    fn of(block: Block<'a>, start: usize) -> Options<'a> {
        Options { block, at: start, end: block.bytes.len() - 4 }
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = RawOption<'a>;

    #[inline]
    fn next(&mut self) -> Option<RawOption<'a>> {
        let start = self.at;
        if start + 4 > self.end {
            return None;
        }
        let code = short(self.block, start)?;
        let length = usize::from(short(self.block, start + 2)?);
        let end = start + 4 + length.next_multiple_of(4);
        if code == block::END_OF_OPTIONS || end > self.end {
            return None;
        }
        self.at = end;
        Some(RawOption { code, value: &self.block.bytes[start + 4..start + 4 + length], start, end })
    }
}

impl RawOption<'_> {
    fn is_ours(&self) -> bool {
        self.code == block::COMMENT && self.value.starts_with(PREFIX.as_bytes())
    }
}

fn short(block: Block, at: usize) -> Option<u16> {
    let bytes = *block.bytes.get(at..)?.first_chunk()?;
    Some(if block.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
}

fn number(block: Block, at: usize) -> Option<u32> {
    let bytes = *block.bytes.get(at..)?.first_chunk()?;
    Some(if block.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
}
