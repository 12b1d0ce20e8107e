//! What a file holds that is not a capture, for the message that says so.

use super::ByteOrder;
use super::pcapng::Section;
use crate::foreign;
use crate::text::begins_result;

/// Description of a capture in a version of its format that nobody has specified.
fn another_version(start: &[u8]) -> Option<String> {
    let (format, order, at) = match *start.first_chunk::<12>()? {
        [0xa1, 0xb2, 0xc3 | 0x3c, 0xd4 | 0x4d, ..] => ("pcap", ByteOrder::Big, 4),
        [0xd4 | 0x4d, 0xc3 | 0x3c, 0xb2, 0xa1, ..] => ("pcap", ByteOrder::Little, 4),
        [0x0a, 0x0d, 0x0d, 0x0a, .., 0x1a, 0x2b, 0x3c, 0x4d] => ("pcapng", ByteOrder::Big, 12),
        [0x0a, 0x0d, 0x0d, 0x0a, .., 0x4d, 0x3c, 0x2b, 0x1a] => ("pcapng", ByteOrder::Little, 12),
        _ => return None,
    };
    let number = |at: usize| {
        let octets = *start.get(at..)?.first_chunk::<2>()?;
        Some(match order {
            ByteOrder::Big => u16::from_be_bytes(octets),
            ByteOrder::Little => u16::from_le_bytes(octets),
        })
    };
    let (major, minor) = (number(at)?, number(at + 2)?);
    let known = if format == "pcap" { 2 } else { 1 };
    (major != known).then(|| format!("{format} of version {major}.{minor}; version {known} is read"))
}

/// Description of content other than a capture, from its first bytes.
pub(super) fn looks_like(start: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (
            b"\x1f\x8b",
            "a gzip file in the compressed one; unpack it once first (gzip -dc FILE | portscribe … -)",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            "a zstd file in the compressed one; unpack it once first (zstd -dc FILE | portscribe … -)",
        ),
        (b"\xfd7zXZ\0", "an xz file; unpack it first (xz -dc FILE | portscribe … -)"),
        (b"BZh", "a bzip2 file; unpack it first (bzip2 -dc FILE | portscribe … -)"),
        (b"\x04\x22\x4d\x18", "an lz4 file; unpack it first (lz4 -dc FILE | portscribe … -)"),
        (b"PK\x03\x04", "a zip archive; unpack it first"),
        (b"\x7fELF", "a program"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"snoop\0\0\0", "a snoop capture; convert it first (editcap FILE OUT.pcapng)"),
        (b"GMBU", "a Microsoft Network Monitor capture; convert it first (editcap FILE OUT.pcapng)"),
        (b"#!", "a script"),
        (b"<?xml", "XML"),
    ];
    if start.is_empty() {
        return "an empty file".to_owned();
    }
    if let Some((_, what)) = known.iter().find(|(magic, _)| start.starts_with(magic)) {
        return (*what).to_owned();
    }
    if let Some(version) = another_version(start) {
        return version;
    }
    if begins_result(start) {
        return "a saved result of portscribe; `portscribe diff` compares those of `flows` and `summary`, all else reads \
                the capture that it was made from"
            .to_owned();
    }
    let shown = &start[..start.len().min(16)];
    if shown.iter().all(|&b| b.is_ascii_graphic() || b.is_ascii_whitespace()) {
        return format!("text (`{}`)", foreign::line(&String::from_utf8_lossy(shown)));
    }
    if Section::new(start).is_none()
        && matches!(start, [0xa1, 0xb2, ..] | [0xd4, 0xc3, ..] | [0x0a, 0x0d, 0x0d, 0x0a, ..])
    {
        return format!("the first {} bytes of a capture cut off in its header", start.len());
    }
    let hex: Vec<String> = shown.iter().map(|b| format!("{b:02x}")).collect();
    format!("unknown data (it begins with {})", hex.join(" "))
}
