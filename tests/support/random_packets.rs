//! Packets that nobody sends: random ones, those of the samples with changed octets, and long ones.

use portscribe::capture::{CaptureReader, LinkType};
use portscribe::decode::{DecodeOptions, UdpTunnel};

use super::Random;

/// Greater than every link type that is decoded.
pub const LINK_TYPES: u16 = 320;

/// Octets that headers are made of: random packets with them get deeper than those without.
pub const PIECES: &[&[u8]] = &[
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

/// Every decoder that packets do not lead to by themselves.
pub fn options() -> DecodeOptions {
    let mut options = DecodeOptions::default();
    options.set_esp_null(true);
    options.add_tunnel(UdpTunnel::Fou, 5555);
    options.set_user(LinkType::USER0, LinkType::PKTAP);
    options
}

/// Any link type.
pub fn any_link_type(random: &mut Random) -> LinkType {
    LinkType(random.below(LINK_TYPES.into()) as u16)
}

/// Makes a packet of pieces and of numbers without a pattern.
pub fn make(random: &mut Random, packet: &mut Vec<u8>) -> LinkType {
    let link_type = any_link_type(random);
    packet.clear();
    for _ in 0..random.below(8) {
        match random.below(4) {
            0 => packet.extend(random.next().to_be_bytes()),
            _ => packet.extend(PIECES[random.below(PIECES.len() as u64) as usize]),
        }
    }
    link_type
}

/// The packets of all samples.
pub fn of_samples() -> Vec<(LinkType, Vec<u8>)> {
    let mut packets = Vec::new();
    for path in super::sample_captures() {
        let mut reader = CaptureReader::open(&path).expect("a sample is read");
        while let Some(packet) = reader.next().expect("a sample is read") {
            packets.push((packet.link_type.expect("a sample is read"), packet.bytes.to_vec()));
        }
    }
    packets
}

/// One of these packets, cut somewhere and with some octets changed; at times of another link type.
pub fn change(random: &mut Random, originals: &[(LinkType, Vec<u8>)], packet: &mut Vec<u8>) -> LinkType {
    let (link_type, original) = &originals[random.below(originals.len() as u64) as usize];
    packet.clear();
    packet.extend(&original[..random.below(original.len() as u64 + 1) as usize]);
    for _ in 0..random.below(6) {
        // Most of what decides stands in front.
        let at = random.below(packet.len().clamp(1, 80) as u64) as usize;
        if let Some(octet) = packet.get_mut(at) {
            *octet = random.next() as u8;
        }
    }
    if random.below(8) == 0 { any_link_type(random) } else { *link_type }
}

/// A packet of the greatest length that repeats one piece.
pub fn repeat(piece: &[u8]) -> Vec<u8> {
    piece.repeat(65_536 / piece.len())
}

/// The longest packets: one of the others, filled up with a few octets again and again, which is
/// what makes headers and lists that follow each other the most.
pub fn stretch(random: &mut Random, originals: &[(LinkType, Vec<u8>)], packet: &mut Vec<u8>) -> LinkType {
    let link_type = match random.below(2) {
        0 => make(random, packet),
        _ => change(random, originals, packet),
    };
    // Most lists have a type and a length, and are longest with small ones.
    let mut filling = [0; 8];
    for octet in &mut filling {
        *octet = if random.below(4) == 0 { random.next() as u8 } else { random.below(9) as u8 };
    }
    let filling = &filling[..1 << random.below(4)];
    while packet.len() < 65_536 {
        packet.extend(filling);
    }
    link_type
}
