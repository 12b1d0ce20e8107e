//! pcapng blocks copied octet for octet, but for comments of portscribe and what must not be copied.
//!
//! The new comment comes before the options that a block has. They need not be understood, and stay octet for octet.
//! Where their list is damaged, it ends before the damage: programs refuse the whole of a file with such a list.

use super::names::names;
use super::wording::PREFIX;
use super::{HostName, Report};
use crate::capture::{Block, BlockOption, BlockType, BlockWriter, UNKNOWN_SECTION_LENGTH, code};

/// Appends a packet block with `comment`, without a comment of an earlier annotation. `end` is where
/// the packet in it ends.
#[inline]
pub(super) fn packet(
    out: &mut Vec<u8>,
    block: Block,
    end: usize,
    comment: Option<&str>,
    report: &mut Report,
) {
    if block.kind == BlockType::SIMPLE_PACKET {
        // It cannot hold options, and an Enhanced Packet Block would need a time.
        report.without_room += u64::from(comment.is_some());
        out.extend_from_slice(block.bytes);
        return;
    }
    with_comment(out, block, end.next_multiple_of(4), comment, report);
}

/// Appends a Section Header Block with `comment`, and the block of names after it.
pub(super) fn section_header(
    out: &mut Vec<u8>,
    block: Block,
    comment: &str,
    hosts: &[HostName],
    report: &mut Report,
) {
    let start = out.len();
    with_comment(out, block, Block::OPTIONS_OF_SECTION_HEADER, Some(comment), report);
    // The section gets longer.
    if let Some(length) = out.get_mut(start + Block::SECTION_LENGTH.start..start + Block::SECTION_LENGTH.end)
    {
        length.copy_from_slice(&UNKNOWN_SECTION_LENGTH);
    }
    names(out, hosts, block.order);
}

/// Appends a block that is neither a packet nor a section header. Leaves out one that must not be
/// copied, and a block of names of an earlier annotation.
pub(super) fn other(out: &mut Vec<u8>, block: Block, report: &mut Report) {
    if block.kind == BlockType::CUSTOM_NOT_TO_COPY {
        report.blocks_not_copied += 1;
        return;
    }
    let Some(start) = block.start_of_options() else {
        out.extend_from_slice(block.bytes);
        return;
    };
    if block.kind == BlockType::NAME_RESOLUTION && block.options(start).next().is_some_and(is_ours) {
        return;
    }
    with_comment(out, block, start, None, report);
}

/// Copies a block whose options begin at `start`: the new comment first, then the options without
/// comments of an earlier annotation and without those that must not be copied.
#[inline]
fn with_comment(out: &mut Vec<u8>, block: Block, start: usize, comment: Option<&str>, report: &mut Report) {
    let end = block.end_of_body();
    let start = start.min(end);
    if comment.is_none() && start == end {
        out.extend_from_slice(block.bytes);
        return;
    }
    let mut writer = BlockWriter::copy(out, block.order, &block.bytes[..start]);
    if let Some(comment) = comment {
        writer.comment(comment);
    }
    let mut copied = start;
    let mut removed_ours = false;
    let mut sound = start;
    for option in block.options(start) {
        sound = option.end;
        let ours = is_ours(option);
        if ours || code::CUSTOM_NOT_TO_COPY.contains(&option.code) {
            writer.bytes(&block.bytes[copied..option.start]);
            copied = option.end;
            removed_ours |= ours;
            report.options_not_copied += u64::from(!ours);
        }
    }
    if !matches!(block.bytes[sound..end], [] | [0, 0, 0, 0, ..]) {
        report.options_damaged += 1;
        writer.bytes(&block.bytes[copied..sound]);
        writer.end_of_options();
        writer.end();
        return;
    }
    let rest = &block.bytes[copied..end];
    let left = writer.len() - start + rest.len();
    match (comment, rest) {
        // There was no list, or it ended with what was taken out.
        (Some(_), []) => writer.end_of_options(),
        // Only the end of a list that an earlier annotation began.
        (None, [0, 0, 0, 0]) if removed_ours && left == 4 => {}
        _ => writer.bytes(rest),
    }
    writer.end();
}

/// Whether an option is a comment of an earlier annotation.
fn is_ours(option: BlockOption) -> bool {
    option.code == code::COMMENT && option.value.starts_with(PREFIX.as_bytes())
}
