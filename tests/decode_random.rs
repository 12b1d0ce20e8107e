//! Whatever a packet holds, decoding it does not panic, does not allocate, and gives places that
//! are in the packet.

use std::path::Path;

use portscribe::capture::{CaptureReader, LinkType};
use portscribe::decode::{Decoder, Layers, Options, Outcome, UdpTunnel};

/// How many packets are made. Decoding without optimization is slow.
const PACKETS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
/// Greater than every link type that is decoded.
const LINK_TYPES: u64 = 320;

/// Numbers without a pattern, the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// Octets that headers are made of: random packets with them get deeper than those without.
const PIECES: &[&[u8]] = &[
    &[0x45, 0, 0, 60, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2],
    &[0x45, 0, 0, 60, 0, 1, 0, 0, 64, 47, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2],
    &[0x45, 0, 0, 0, 0, 1, 0, 0, 64, 50, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2],
    &[0x45, 0, 0, 60, 0, 1, 0, 0, 64, 132, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2],
    &[0x45, 0, 0, 60, 0, 1, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 3, 1, 0, 0, 0, 0, 0, 0],
    &[0x60, 0, 0, 0, 0, 40, 17, 64, 0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    &[0x60, 0, 0, 0, 0, 0, 0, 64],
    &[17, 1, 0xc2, 4, 0, 1, 0, 0],
    &[44, 0, 0, 1, 0, 0, 0, 1],
    &[2; 12],
    &[8, 0],
    &[0x86, 0xdd],
    &[0x81, 0, 0, 5],
    &[0x88, 0x47, 0, 1, 0x01, 64],
    &[0x88, 0xe7, 0, 0, 0, 1],
    &[0x88, 0xe5, 0x20, 0, 0, 0, 0, 1],
    &[0x89, 3, 0, 1],
    &[0x89, 0x4f, 0x0f, 0xc6, 1, 3, 0, 0, 9, 255],
    &[0x12, 0xb5, 0, 40, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0],
    &[0x17, 0xc1, 0, 40, 0, 0, 1, 0, 0x65, 0x58, 0, 0, 7, 0],
    &[0x08, 0x68, 0, 40, 0, 0, 0x36, 255, 0, 32, 0, 0, 0, 1],
    &[6, 0xa5, 0, 40, 0, 0, 0, 2, 0, 1, 0, 2, 0xff, 3, 0, 0x21],
    &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
    &[0x88, 1, 0, 0],
    &[0x41, 0x88, 1, 0x34, 0x12, 2, 0, 1, 0, 0x7e, 0x33, 0xf0],
    &[0x20, 0, 0x65, 0x58, 0, 0x20, 0, 9],
    &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 9, 0, 0, 0, 0],
    &[1, 0, 0, 28, 0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 5, 0, 8, 192, 0, 2, 7],
    &[0xff; 4],
    &[0; 4],
];

fn options() -> Options {
    let mut options = Options::default();
    options.set_esp_null(true);
    options.add_tunnel(UdpTunnel::Fou, 5555);
    options.set_user(LinkType::USER0, LinkType::PKTAP);
    options
}

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
    let (mut numbers, mut decoder) = (Numbers(1), Decoder::with_options(options()));
    let mut packet = Vec::new();
    let mut with_ports = 0;
    for _ in 0..PACKETS / 2 {
        let link_type = LinkType(numbers.below(LINK_TYPES) as u16);
        packet.clear();
        for _ in 0..numbers.below(8) {
            match numbers.below(4) {
                0 => packet.extend(numbers.next().to_be_bytes()),
                _ => packet.extend(PIECES[numbers.below(PIECES.len() as u64) as usize]),
            }
        }
        with_ports += u64::from(decode(&mut decoder, link_type, &packet).outcome() == Outcome::Ports);
    }
    assert!(with_ports > 0, "packets that never get deep show nothing");
}

#[test]
fn sample_packets_with_changed_octets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut originals = Vec::new();
    for entry in folder.read_dir().expect("a sample is read") {
        let path = entry.expect("a sample is read").path();
        if path.extension().is_some_and(|extension| extension == "pcap" || extension == "pcapng") {
            let mut reader = CaptureReader::open(&path).expect("a sample is read");
            while let Some(packet) = reader.next().expect("a sample is read") {
                originals.push((packet.link_type.expect("a sample is read"), packet.bytes.to_vec()));
            }
        }
    }
    assert!(originals.len() > 100);
    let (mut numbers, mut decoder) = (Numbers(2), Decoder::with_options(options()));
    for _ in 0..PACKETS / 2 {
        let (link_type, packet) = &originals[numbers.below(originals.len() as u64) as usize];
        let mut packet = packet.clone();
        packet.truncate(numbers.below(packet.len() as u64 + 1) as usize);
        for _ in 0..numbers.below(6) {
            // Most of what decides stands in front.
            let at = numbers.below(packet.len().clamp(1, 80) as u64) as usize;
            if let Some(octet) = packet.get_mut(at) {
                *octet = numbers.next() as u8;
            }
        }
        let link_type =
            if numbers.below(8) == 0 { LinkType(numbers.below(LINK_TYPES) as u16) } else { *link_type };
        decode(&mut decoder, link_type, &packet);
    }
}

#[test]
fn long_packets_that_repeat_themselves() {
    let mut decoder = Decoder::with_options(options());
    for piece in PIECES {
        let packet = piece.repeat(65_536 / piece.len());
        for link_type in 0..LINK_TYPES as u16 {
            decode(&mut decoder, LinkType(link_type), &packet);
        }
    }
}
