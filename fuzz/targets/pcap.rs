//! A pcap file: what is read does not depend on how much comes at a time.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use portscribe::capture::CaptureReader;

/// Bytes that come one by one.
struct Drops(std::io::Cursor<Vec<u8>>);

impl std::io::Read for Drops {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let most = bytes.len().min(1);
        self.0.read(&mut bytes[..most])
    }
}

fn packets(reader: &mut CaptureReader) -> (Vec<(u64, Vec<u8>)>, bool) {
    let mut all = Vec::new();
    loop {
        match reader.next() {
            Ok(Some(packet)) => all.push((packet.frame, packet.bytes.to_vec())),
            Ok(None) => return (all, true),
            Err(_) => return (all, false),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() > 1 << 16 {
        return;
    }
    // Any of the magic numbers, so that most inputs are captures.
    let mut file = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0].to_vec();
    file.extend(bytes);
    let Some(mut whole) = support::reader(&file) else { return };
    let drops = Drops(std::io::Cursor::new(file));
    let mut drops = CaptureReader::from_stream("fuzzed", drops).expect("the same file");
    assert_eq!(packets(&mut whole), packets(&mut drops));
});
