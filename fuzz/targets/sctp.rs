//! SCTP associations: chunks, paths that they name, and bundles, in both directions.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;
use portscribe::registry::Registry;

fuzz_target!(|segments: &[u8]| {
    // Each segment behind its length; the lowest bit says which end sends it.
    let (mut packets, mut rest) = (Vec::new(), segments);
    while let Some((length, more)) = rest.split_first() {
        let (segment, more) = more.split_at(more.len().min(usize::from(*length)));
        let mut ends = [[192, 0, 2, 1], [192, 0, 2, 2]];
        if length & 1 == 1 {
            ends.reverse();
        }
        packets.extend((20 + segment.len() as u16).to_be_bytes());
        packets.extend([0x45, 0]);
        packets.extend((20 + segment.len() as u16).to_be_bytes());
        packets.extend([0, 0, 0, 0, 64, 132, 0, 0]);
        packets.extend(ends.concat());
        packets.extend(segment);
        rest = more;
    }
    let Some(traffic) = support::traffic(&support::pcap(101, &packets)) else { return };
    support::label(&traffic, &Registry::bundled());
});
