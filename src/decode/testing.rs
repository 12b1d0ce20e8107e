//! Packets for the tests of the decoders, and checks that every decoder must pass.

use super::{DecodeOptions, Decoder, Outcome, Step};
use crate::capture::LinkType;

/// An IPv4 packet with a UDP header and no data, from 192.0.2.1:1111 to 192.0.2.2:2222.
pub(super) const UDP4: [u8; 28] =
    [0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0xf6, 0xcc, 192, 0, 2, 1, 192, 0, 2, 2, 4, 87, 8, 174, 0, 8, 0, 0];
/// Octets of [`UDP4`] up to and including its ports.
pub(super) const UDP4_PORTS: usize = 24;

/// An IPv6 packet with a UDP header and no data, from 2001:db8::1 to 2001:db8::2.
pub(super) const UDP6: [u8; 48] = [
    0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 1, 0x0d,
    0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 87, 8, 174, 0, 8, 0, 0,
];
/// Octets of [`UDP6`] up to and including its ports.
pub(super) const UDP6_PORTS: usize = 44;

/// An Ethernet frame.
pub(super) fn frame(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&[2; 6][..], &[4; 6], &ether_type.to_be_bytes(), payload].concat()
}

/// An IPv4 packet of any protocol, from 198.51.100.1 to 198.51.100.2.
pub(super) fn ip4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let mut header =
        [0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, protocol, 0, 0, 198, 51, 100, 1, 198, 51, 100, 2];
    let words = header.as_chunks::<2>().0.iter().map(|word| u32::from(u16::from_be_bytes(*word)));
    let sum: u32 = words.sum();
    let checksum = !(((sum >> 16) + (sum & 0xffff)) as u16);
    header[10..12].copy_from_slice(&checksum.to_be_bytes());
    [&header, payload].concat()
}

/// An IPv6 packet of any next header, from 2001:db8::1 to 2001:db8::2.
pub(super) fn ip6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = [&UDP6[..40], payload].concat();
    packet[4..6].copy_from_slice(&(payload.len() as u16).to_be_bytes());
    packet[6] = next;
    packet
}

/// An IPv4 packet with a UDP header to `port`, of 28 octets, and data.
pub(super) fn udp4(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = 8 + payload.len() as u16;
    let header = [&50_000_u16.to_be_bytes()[..], &port.to_be_bytes(), &length.to_be_bytes(), &[0, 0]];
    ip4(17, &[&header.concat(), payload].concat())
}

/// Outcome of a packet, and the steps around its innermost header.
pub(super) fn decode(link_type: LinkType, packet: &[u8]) -> (Outcome, Vec<Step>) {
    decode_with(DecodeOptions::default(), link_type, packet)
}

/// Outcome of a packet decoded with options, and the steps around its innermost header.
pub(super) fn decode_with(
    options: DecodeOptions,
    link_type: LinkType,
    packet: &[u8],
) -> (Outcome, Vec<Step>) {
    let mut decoder = Decoder::with_options(options);
    let layers = decoder.decode(Some(link_type), packet);
    let steps = layers.headers().last().map_or(Vec::new(), |header| layers.context(header).to_vec());
    (layers.outcome(), steps)
}

/// Number of transport headers of a packet.
pub(super) fn count(options: DecodeOptions, link_type: LinkType, packet: &[u8]) -> usize {
    Decoder::with_options(options).decode(Some(link_type), packet).headers().len()
}

/// Every shorter prefix of a packet decodes without panic, and the innermost header, that of
/// [`UDP4`] or [`UDP6`], appears exactly when its ports are complete, which is so from `complete`
/// octets on.
pub(super) fn every_prefix(link_type: LinkType, packet: &[u8], complete: usize) {
    every_prefix_with(&DecodeOptions::default(), link_type, packet, complete);
}

/// As [`every_prefix`], decoded with options.
pub(super) fn every_prefix_with(
    options: &DecodeOptions,
    link_type: LinkType,
    packet: &[u8],
    complete: usize,
) {
    let mut decoder = Decoder::with_options(options.clone());
    for length in 0..=packet.len() {
        let layers = decoder.decode(Some(link_type), &packet[..length]);
        let found = layers
            .headers()
            .last()
            .is_some_and(|header| (header.source_port, header.destination_port) == (1111, 2222));
        assert_eq!(found, length >= complete, "{length} octets of {packet:02x?}: {:?}", layers.outcome());
    }
}
