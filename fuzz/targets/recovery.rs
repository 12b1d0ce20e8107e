//! Damage in a capture that is whole: packets before it come back as they were, and none comes that the
//! whole one does not hold.

#![no_main]

mod support;

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, u32, u8, &[u8])| {
    let (link_type, at, flip, packets) = input;
    // Packets of a few octets could stand in each other.
    let whole = support::pcap(link_type, packets);
    let read = |bytes: &[u8]| {
        let (mut all, mut reader) = (Vec::new(), support::reader(bytes)?);
        while let Ok(Some(packet)) = reader.next() {
            all.push(packet.bytes.to_vec());
        }
        Some(all)
    };
    let Some(expected) = read(&whole) else { return };
    if whole.len() <= 24 || flip == 0 || expected.iter().any(|packet| packet.len() < 64) {
        return;
    }
    let mut damaged = whole.clone();
    let place = 24 + at as usize % (whole.len() - 24);
    damaged[place] ^= flip;
    // The damage may be in a packet, and change it: one of them at most.
    let known: HashSet<&Vec<u8>> = expected.iter().collect();
    let found = read(&damaged).unwrap_or_default();
    let others = found.iter().filter(|packet| !known.contains(packet)).count();
    assert!(others <= 1, "{others} packets of {} were invented", found.len());
});
