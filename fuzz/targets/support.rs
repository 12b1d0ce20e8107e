//! What several targets do with a capture.

#![allow(dead_code, reason = "each target needs a part")]

use std::io::Cursor;

use portscribe::capture::CaptureReader;
use portscribe::flow::{ProtocolChoice, Side};
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading, Traffic};

/// A capture of these bytes; `None` where they are none.
pub fn reader(bytes: &[u8]) -> Option<CaptureReader> {
    CaptureReader::from_stream("fuzzed", Cursor::new(bytes.to_vec())).ok()
}

/// Reads a capture into flows of all protocols.
pub fn traffic(bytes: &[u8]) -> Option<Traffic> {
    let mut settings = ReadSettings::default();
    settings.flow.protocols = ProtocolChoice::All;
    let mut reading = Reading::new(settings);
    // Damage is a result as any other.
    let _ = reading.read(reader(bytes)?, |_| {});
    Some(reading.finish())
}

/// Labels flows, and looks at all that rows show of them.
pub fn label(traffic: &Traffic, registry: &Registry) {
    let mut packets = 0;
    for row in traffic.label(registry).rows() {
        packets += row.flow.packets(Side::First) + row.flow.packets(Side::Second);
        let _ = (row.tunnel(), row.vlan(), row.label.service());
    }
    assert!(packets <= traffic.counters().read(), "no packet is in two flows");
}

/// Reads and labels the packets of two hosts in one protocol above IP. Each segment stands behind its length, whose
/// lowest bit says which host sends it.
pub fn conversation(protocol: u8, segments: &[u8]) {
    let (mut packets, mut rest) = (Vec::new(), segments);
    while let Some((length, more)) = rest.split_first() {
        let (segment, more) = more.split_at(more.len().min(usize::from(*length)));
        let mut ends = [[192, 0, 2, 1], [192, 0, 2, 2]];
        if length & 1 == 1 {
            ends.reverse();
        }
        let length = (20 + segment.len() as u16).to_be_bytes();
        packets.extend(length);
        packets.extend([0x45, 0]);
        packets.extend(length);
        packets.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
        packets.extend(ends.concat());
        packets.extend(segment);
        rest = more;
    }
    let Some(traffic) = traffic(&pcap(101, &packets)) else { return };
    label(&traffic, &Registry::bundled());
}

/// A pcap file of packets of one link type, each behind its length in two octets.
pub fn pcap(link_type: u16, mut packets: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
    file.extend(u32::from(link_type).to_le_bytes());
    let mut seconds = 0_u32;
    while let Some((length, rest)) = packets.split_first_chunk::<2>() {
        let (packet, rest) = rest.split_at(rest.len().min(u16::from_be_bytes(*length).into()));
        for number in [seconds, 0, packet.len() as u32, packet.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
        packets = rest;
        seconds += 1;
    }
    file
}
