//! pcapng files (draft-ietf-opsawg-pcapng), made block by block, little-endian.

use std::path::Path;

/// Packets that begin with the IP header.
pub const RAW: u16 = 101;

/// A block with this body.
pub fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len().wrapping_neg() % 4];
    let length = ((body.len() + padding.len()) as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &padding, &length].concat()
}

/// A Section Header Block.
pub fn section() -> Vec<u8> {
    section_of([1, 0])
}

/// A Section Header Block of a version of the format.
pub fn section_of(version: [u16; 2]) -> Vec<u8> {
    let version = version.map(u16::to_le_bytes);
    block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], version.as_flattened(), &[0xff; 8]].concat())
}

/// An Interface Description Block.
pub fn interface(link_type: u16) -> Vec<u8> {
    block(1, &[&link_type.to_le_bytes()[..], &[0; 6]].concat())
}

/// An Interface Description Block with a name.
pub fn named(link_type: u16, name: &[u8]) -> Vec<u8> {
    let option = [&2_u16.to_le_bytes()[..], &(name.len() as u16).to_le_bytes(), name].concat();
    let padding = vec![0; name.len().wrapping_neg() % 4];
    block(1, &[&link_type.to_le_bytes()[..], &[0; 6], &option, &padding, &[0; 4]].concat())
}

/// An Enhanced Packet Block, a microsecond after the epoch.
pub fn packet_of(interface: u32, packet: &[u8]) -> Vec<u8> {
    let length = packet.len() as u32;
    let head = [interface, 0, 1, length, length].map(u32::to_le_bytes).concat();
    block(6, &[&head[..], packet].concat())
}

/// A Simple Packet Block.
pub fn simple(packet: &[u8]) -> Vec<u8> {
    block(3, &[&(packet.len() as u32).to_le_bytes()[..], packet].concat())
}

/// Writes blocks to a file, whose name is returned.
pub fn write(path: &Path, blocks: &[Vec<u8>]) -> String {
    std::fs::write(path, blocks.concat()).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}
