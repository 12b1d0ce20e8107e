//! Whatever a packet holds, decoding it does not panic, does not allocate, and gives places that
//! are in the packet.

use crate::support::Random;
use crate::support::random_packets::{
    LINK_TYPES, PIECES, change, make, of_samples, options, repeat, stretch,
};
use portscribe::capture::LinkType;
use portscribe::decode::{Decoder, Layers, Outcome};

/// How many packets are made. Decoding without optimization is slow.
const PACKETS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// Decodes, and checks that what came out can be relied on.
fn decode<'a>(decoder: &'a mut Decoder, link_type: LinkType, packet: &[u8]) -> &'a Layers {
    let mut layers_of_packet = None;
    let allocated =
        allocation_counter::measure(|| layers_of_packet = Some(decoder.decode(Some(link_type), packet)));
    assert_eq!(allocated.count_total, 0, "{link_type} allocates for {packet:02x?}");
    let layers = layers_of_packet.expect("a decoded packet");
    let mut has_own = false;
    for header in layers.headers() {
        let (start, end) = (header.payload.0 as usize, header.payload.1 as usize);
        assert!(start <= end && end <= packet.len(), "{link_type} payload {start}..{end} of {packet:02x?}");
        has_own |= header.quoted.is_none();
        layers.context(header);
    }
    if let Some(fragment) = layers.fragment() {
        layers.context_of_fragment(fragment);
    }
    assert_eq!(layers.outcome() == Outcome::Ports, has_own);
    layers
}

#[test]
fn random_packets_of_every_link_type() {
    let (mut random, mut decoder) = (Random(1), Decoder::with_options(options()));
    let mut packet = Vec::new();
    let mut with_ports = 0;
    for _ in 0..PACKETS / 2 {
        let link_type = make(&mut random, &mut packet);
        with_ports += u64::from(decode(&mut decoder, link_type, &packet).outcome() == Outcome::Ports);
    }
    assert!(with_ports > 0, "packets that never get deep show nothing");
}

#[test]
fn sample_packets_with_changed_octets() {
    let originals = of_samples();
    assert!(originals.len() > 2000);
    let (mut random, mut decoder) = (Random(2), Decoder::with_options(options()));
    let mut packet = Vec::new();
    for _ in 0..PACKETS / 2 {
        let link_type = change(&mut random, &originals, &mut packet);
        decode(&mut decoder, link_type, &packet);
    }
}

#[test]
fn packets_that_are_filled_up() {
    let originals = of_samples();
    let (mut random, mut decoder) = (Random(3), Decoder::with_options(options()));
    let mut packet = Vec::new();
    for _ in 0..PACKETS / 50 {
        let link_type = stretch(&mut random, &originals, &mut packet);
        decode(&mut decoder, link_type, &packet);
    }
}

#[test]
fn long_packets_that_repeat_themselves() {
    let mut decoder = Decoder::with_options(options());
    for piece in PIECES {
        let packet = repeat(piece);
        for link_type in 0..LINK_TYPES {
            decode(&mut decoder, LinkType(link_type), &packet);
        }
    }
}
