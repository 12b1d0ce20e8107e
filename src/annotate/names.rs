//! The block of host names that follows a section header.

use std::net::IpAddr;

use super::{HostName, wording};
use crate::capture::{BlockType, BlockWriter, ByteOrder, name_record};

/// Longest name that is written, in octets: that of DNS (RFC 1035 section 2.3.4).
const LONGEST_NAME: usize = 255;

/// Appends a Name Resolution Block (draft-ietf-opsawg-pcapng section 4.5) with a comment that marks
/// it; nothing without names.
pub(super) fn names(out: &mut Vec<u8>, hosts: &[HostName], order: ByteOrder) {
    if hosts.is_empty() {
        return;
    }
    let mut block = BlockWriter::begin(out, order, BlockType::NAME_RESOLUTION, []);
    for HostName { address, name } in hosts {
        let mut value = Vec::with_capacity(17 + name.raw().len());
        let kind = match address {
            IpAddr::V4(address) => {
                value.extend_from_slice(&address.octets());
                name_record::IPV4
            }
            IpAddr::V6(address) => {
                value.extend_from_slice(&address.octets());
                name_record::IPV6
            }
        };
        let name = name.line();
        value.extend_from_slice(&name.as_bytes()[..name.floor_char_boundary(LONGEST_NAME)]);
        // A zero octet ends each name.
        value.push(0);
        block.option(kind, &value);
    }
    block.option(name_record::END, &[]);
    block.comment(wording::NAMES);
    block.end_of_options();
    block.end();
}
