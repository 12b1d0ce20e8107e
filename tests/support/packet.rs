//! Packets made by hand, for what no sample holds.

use std::net::IpAddr;

use portscribe::Transport;

/// An IPv4 packet between hosts 192.0.2.`a` and 192.0.2.`b`. `flags`, `sequence` and
/// `acknowledgment` are TCP's.
#[allow(clippy::too_many_arguments, reason = "one for each field")]
pub fn ipv4(
    transport: Transport,
    a: u8,
    source_port: u16,
    b: u8,
    destination_port: u16,
    flags: u8,
    sequence: u32,
    acknowledgment: u32,
) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(source_port.to_be_bytes());
    header.extend(destination_port.to_be_bytes());
    match transport {
        Transport::Tcp => {
            header.extend(sequence.to_be_bytes());
            header.extend(acknowledgment.to_be_bytes());
            header.extend([0x50, flags, 0, 0, 0, 0, 0, 0]);
        }
        Transport::Udp | Transport::UdpLite => header.extend([0, 8, 0, 0]),
        Transport::Sctp => {
            header.extend(sequence.to_be_bytes());
            header.extend([0; 4]);
        }
        Transport::Dccp => header.extend([4, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]),
    }
    ip([192, 0, 2, a].into(), [192, 0, 2, b].into(), transport.ip_protocol(), &header)
}

/// An IP packet around `payload`, of the version that the addresses have.
pub fn ip(source: IpAddr, destination: IpAddr, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            packet.extend([0x45, 0]);
            packet.extend((20 + payload.len() as u16).to_be_bytes());
            packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
            packet.extend(source.octets());
            packet.extend(destination.octets());
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            packet.extend([0x60, 0, 0, 0]);
            packet.extend((payload.len() as u16).to_be_bytes());
            packet.extend([protocol, 64]);
            packet.extend(source.octets());
            packet.extend(destination.octets());
        }
        _ => panic!("one version for both ends"),
    }
    packet.extend(payload);
    packet
}

/// An ICMP message between hosts 192.0.2.`a` and 192.0.2.`b`.
pub fn icmp(a: u8, b: u8, kind: u8, code: u8) -> Vec<u8> {
    ip([192, 0, 2, a].into(), [192, 0, 2, b].into(), 1, &[kind, code, 0, 0, 0, 7, 0, 1])
}

/// The ICMP error of a third host that says a packet from 192.0.2.x could not be delivered.
pub fn unreachable(packet: &[u8]) -> Vec<u8> {
    unreachable_by(3, packet)
}

/// The same with the code that says why.
pub fn unreachable_by(code: u8, packet: &[u8]) -> Vec<u8> {
    let mut message = vec![3, code, 0, 0, 0, 0, 0, 0];
    message.extend(packet);
    let source: [u8; 4] = packet[12..16].try_into().expect("an IPv4 packet");
    ip([192, 0, 2, 254].into(), source.into(), 1, &message)
}

/// A pcap file (little-endian, microseconds) of packets a second apart from 2026-01-01 on.
pub fn pcap(link_type: u16, packets: &[Vec<u8>]) -> Vec<u8> {
    let timed: Vec<(u32, &[u8])> =
        packets.iter().enumerate().map(|(n, packet)| (n as u32, &packet[..])).collect();
    pcap_at(link_type, &timed)
}

/// The same with seconds after 2026-01-01T00:00:00Z for each packet.
pub fn pcap_at(link_type: u16, packets: &[(u32, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(u32::from(link_type).to_le_bytes());
    for (seconds, packet) in packets {
        file.extend((1_767_225_600 + seconds).to_le_bytes());
        file.extend(0_u32.to_le_bytes());
        file.extend((packet.len() as u32).to_le_bytes());
        file.extend((packet.len() as u32).to_le_bytes());
        file.extend(*packet);
    }
    file
}

/// The same with nanoseconds after 2026-01-01T00:00:00Z for each packet.
pub fn pcap_to_the_nanosecond(link_type: u16, packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_3c4d_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(262_144_u32.to_le_bytes());
    file.extend(u32::from(link_type).to_le_bytes());
    for (nanoseconds, packet) in packets {
        file.extend((1_767_225_600 + (nanoseconds / 1_000_000_000) as u32).to_le_bytes());
        file.extend(((nanoseconds % 1_000_000_000) as u32).to_le_bytes());
        file.extend((packet.len() as u32).to_le_bytes());
        file.extend((packet.len() as u32).to_le_bytes());
        file.extend(packet);
    }
    file
}
