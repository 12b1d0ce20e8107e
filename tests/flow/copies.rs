//! The same datagram captured several times, and what only looks like it.

use std::io::Cursor;
use std::net::IpAddr;

use crate::support::made::{ACK, RST, SYN, SYN_ACK, address};
use crate::support::packet::{ip, pcap_to_the_nanosecond};
use portscribe::capture::CaptureReader;
use portscribe::decode::Reason;
use portscribe::traffic::{CopyChoice, Overlap, ReadSettings, Reading, Traffic};

const ETHERNET: u16 = 1;
const RAW: u16 = 101;
const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;

fn read(link_type: u16, packets: &[(u64, Vec<u8>)], copies: CopyChoice) -> Traffic {
    let mut reading = Reading::new(ReadSettings { copies, ..ReadSettings::default() });
    let capture = Cursor::new(pcap_to_the_nanosecond(link_type, packets));
    let reader = CaptureReader::from_stream("made.pcap", capture).expect("a capture");
    reading.read(reader, |_| {}).expect("whole");
    reading.finish()
}

/// How many of these packets are copies.
fn copies(link_type: u16, packets: &[(u64, Vec<u8>)]) -> u64 {
    read(link_type, packets, CopyChoice::Count).log().copies()
}

/// Whether a packet that comes `after` nanoseconds is a copy of another one.
fn is_copy(link_type: u16, first: &[u8], second: &[u8], after: u64) -> bool {
    let there = copies(link_type, &[(0, first.to_vec()), (after, second.to_vec())]);
    // What came later may stand first.
    assert_eq!(copies(link_type, &[(after, first.to_vec()), (0, second.to_vec())]), there);
    there == 1
}

fn segment(flags: u8, payload: &[u8]) -> Vec<u8> {
    [&[0xc3, 0x50, 1, 187, 0, 0, 0, 7, 0, 0, 0, 9, 0x50, flags, 1, 0, 0xab, 0xcd, 0, 0][..], payload].concat()
}

/// A segment in IPv4 with this identification.
fn v4(identification: u16, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = ip(address("192.0.2.1"), address("198.51.100.2"), 6, &segment(flags, payload));
    packet[4..6].copy_from_slice(&identification.to_be_bytes());
    packet
}

fn v6(flags: u8, payload: &[u8]) -> Vec<u8> {
    ip(address("2001:db8::1"), address("2001:db8::2"), 6, &segment(flags, payload))
}

/// With other octets at these places.
fn with(mut packet: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
    for &(at, octet) in changes {
        packet[at] = octet;
    }
    packet
}

/// In a frame from a station, with a VLAN tag or without.
fn frame(station: u8, vlan: Option<u8>, packet: &[u8]) -> Vec<u8> {
    let tag = vlan.map_or(Vec::new(), |vlan| vec![0x81, 0, 0, vlan]);
    let kind: [u8; 2] = if packet[0] >> 4 == 4 { [8, 0] } else { [0x86, 0xdd] };
    [&[2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, station][..], &tag, &kind, packet].concat()
}

#[test]
fn a_datagram_with_a_number_is_known_wherever_it_is_captured() {
    let one = v4(77, ACK, b"");
    let at_home = frame(1, None, &one);
    for (what, elsewhere) in [
        ("TTL and header checksum", frame(1, None, &with(one.clone(), &[(8, 63), (10, 1)]))),
        ("DSCP and ECN", frame(1, None, &with(one.clone(), &[(1, 0xbb)]))),
        ("station", frame(2, None, &one)),
        ("VLAN", frame(1, Some(7), &one)),
        ("padding", [&frame(2, None, &one)[..], &[0; 6]].concat()),
        ("label", [&[2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 0x88, 0x47, 0, 1, 1, 64][..], &one].concat()),
    ] {
        assert!(is_copy(ETHERNET, &at_home, &elsewhere, 5 * MILLISECOND), "another {what}");
        assert!(!is_copy(ETHERNET, &at_home, &elsewhere, 5 * MILLISECOND + 1), "another {what}");
    }
    assert!(is_copy(ETHERNET, &at_home, &at_home, 5 * MILLISECOND), "a mirror port of both directions");
    assert!(!is_copy(ETHERNET, &at_home, &at_home, 5 * MILLISECOND + 1));
}

#[test]
fn other_datagrams_are_no_copies() {
    let one = v4(77, ACK, b"GET / HTTP/1.1");
    for (what, other) in [
        ("a retransmission", v4(78, ACK, b"GET / HTTP/1.1")),
        ("a translated source", with(one.clone(), &[(12, 203)])),
        ("a translated destination", with(one.clone(), &[(16, 203)])),
        ("a translated port", with(one.clone(), &[(20, 9)])),
        ("another sequence number", with(one.clone(), &[(27, 8)])),
        ("another acknowledgment", with(one.clone(), &[(31, 10)])),
        ("another fragment", with(one.clone(), &[(7, 1)])),
        ("another length", v4(77, ACK, b"GET /")),
    ] {
        assert!(!is_copy(RAW, &one, &other, MICROSECOND), "{what}");
        assert!(!is_copy(RAW, &one, &with(other, &[(8, 63)]), MICROSECOND), "{what}, one hop on");
    }
    assert!(is_copy(RAW, &one, &one, MICROSECOND));
}

/// Without a number, a segment that carries something is a copy sooner than it can be repeated; one that
/// carries nothing only where it was captured elsewhere: duplicate acknowledgments and resets look alike.
#[test]
fn without_a_number_what_is_carried_decides() {
    for hop_limit in [8, 7] {
        let made =
            |flags, payload: &[u8]| if hop_limit == 8 { v4(0, flags, payload) } else { v6(flags, payload) };
        let forwarded = |packet: &[u8]| with(packet.to_vec(), &[(hop_limit, 63)]);
        for (flags, payload, carries) in [
            (ACK, &b"x"[..], true),
            (SYN, b"", true),
            (SYN_ACK, b"", true),
            (ACK | 1, b"", true),
            (ACK, b"", false),
            (RST, b"", false),
        ] {
            let one = made(flags, payload);
            assert_eq!(is_copy(RAW, &one, &one, 2 * MILLISECOND), carries, "flags {flags}");
            assert!(is_copy(RAW, &one, &forwarded(&one), MILLISECOND), "flags {flags}");
            // Where it matters where a packet was captured, its time is known to 66 µs.
            let late = 2 * MILLISECOND + if carries { 1 } else { 66 * MICROSECOND };
            assert!(!is_copy(RAW, &one, &one, late), "flags {flags}");
            assert!(!is_copy(RAW, &one, &forwarded(&one), late), "flags {flags}");
        }
    }
}

/// Selective acknowledgments that follow each other differ in an option alone.
#[test]
fn options_of_tcp_tell_segments_apart() {
    let acknowledgment = |edge: u8| {
        let mut segment =
            segment(ACK, &[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10, 0, 0, 0, 20, 0, 0, 0, edge]);
        segment[12] = 0xb0;
        ip(address("2001:db8::1"), address("2001:db8::2"), 6, &segment)
    };
    let forwarded = |packet: Vec<u8>| with(packet, &[(7, 63)]);
    assert!(is_copy(RAW, &acknowledgment(30), &forwarded(acknowledgment(30)), MICROSECOND));
    assert!(!is_copy(RAW, &acknowledgment(30), &forwarded(acknowledgment(40)), MICROSECOND));
}

#[test]
fn datagrams_of_every_kind_are_known() {
    let [a, b] = ["192.0.2.1", "192.0.2.2"].map(address);
    let [c, d] = ["2001:db8::1", "2001:db8::2"].map(address);
    let udp = [0xc3, 0x50, 0, 53, 0, 10, 1, 2, 9, 9];
    let mut vxlan = vec![0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0];
    vxlan.extend(frame(1, None, &v6(ACK, b"x")));
    let length = (vxlan.len() as u16).to_be_bytes();
    vxlan[4..6].copy_from_slice(&length);
    let fragment = |a: IpAddr, b: IpAddr| ip(a, b, 44, &[&[17, 0, 0, 9, 0, 0, 0, 7][..], &[3; 16]].concat());
    for (what, packet, is_told) in [
        ("UDP without a number", ip(a, b, 17, &udp), false),
        ("UDP with a number", with(ip(a, b, 17, &udp), &[(5, 1)]), true),
        ("a few octets with a number", with(ip(a, b, 17, &udp[..8]), &[(5, 1)]), true),
        ("UDP in IPv6", ip(c, d, 17, &udp), false),
        ("a report on group memberships", ip(c, d, 58, &[143, 0, 1, 2, 0, 0, 0, 0]), false),
        ("a fragment of IPv6", fragment(c, d), true),
        ("a frame in VXLAN", ip(a, b, 17, &vxlan), true),
        ("a header cut short", ip(a, b, 17, &udp)[..22].to_vec(), false),
    ] {
        assert_eq!(is_copy(RAW, &packet, &packet, MICROSECOND), is_told, "{what}");
    }
    // The inner datagram of a tunnel is not the same outside.
    assert!(!is_copy(RAW, &ip(a, b, 17, &vxlan), &v6(ACK, b"x"), MICROSECOND));
    // What an error quotes is another packet.
    let error = ip(b, a, 1, &[&[3, 1, 0, 0, 0, 0, 0, 0][..], &v4(7, ACK, b"x")].concat());
    assert!(!is_copy(RAW, &v4(7, ACK, b"x"), &error, MICROSECOND));
    // Frames without a datagram.
    let arp = [&[0xff; 6][..], &[2, 0, 0, 0, 0, 1, 8, 6], &[0; 28]].concat();
    assert!(!is_copy(ETHERNET, &arp, &arp, MICROSECOND));
}

#[test]
fn every_copy_counts_however_many_there_are() {
    let packets: Vec<(u64, Vec<u8>)> =
        (0..5).map(|n| (n * MILLISECOND, with(v4(77, ACK, b"x"), &[(8, 64 - n as u8)]))).collect();
    assert_eq!(copies(RAW, &packets), 4);
}

#[test]
fn copies_are_counted_unless_they_are_dropped() {
    // Each of three packets in two places, which are out of order.
    let one = |number: u16, hop_limit: u8| with(v4(number, ACK, b"x"), &[(8, hop_limit)]);
    let packets: Vec<(u64, Vec<u8>)> = [(1, 64), (2, 64), (1, 63), (3, 64), (2, 63), (3, 63)]
        .into_iter()
        .zip(0..)
        .map(|((number, hop_limit), at)| (at * MICROSECOND, one(number, hop_limit)))
        .collect();
    for (choice, counted) in [(CopyChoice::Count, 6), (CopyChoice::Drop, 3)] {
        let traffic = read(RAW, &packets, choice);
        let flow = traffic.flows().next().expect("a flow");
        assert_eq!((traffic.table().len(), flow.packets(portscribe::flow::Side::First)), (1, counted));
        assert_eq!((traffic.log().copies(), traffic.captures()[0].copies), (3, 3));
        assert_eq!((traffic.counters().read(), traffic.counters().of(Reason::Copy)), (6, 6 - counted));
    }
}

#[test]
fn the_same_packets_in_another_capture_are_told() {
    let packets: Vec<(u64, Vec<u8>)> =
        (0..9).map(|n| (n * MILLISECOND, v4(n as u16 + 1, ACK, b"x"))).collect();
    let reversed: Vec<(u64, Vec<u8>)> =
        [&packets[..1], &packets[1..8].iter().rev().cloned().collect::<Vec<_>>(), &packets[8..]].concat();
    let mut others = packets.clone();
    others[4].1[5] = 99;
    // The last octet of what they carry is in no fingerprint.
    let mut at_the_end = packets.clone();
    *at_the_end[4].1.last_mut().expect("an octet") ^= 1;
    let folder = tempfile::tempdir().expect("a folder");
    let mut reading = Reading::new(ReadSettings::default());
    for (name, packets) in
        [("a", &packets), ("b", &others), ("c", &reversed), ("d", &others), ("e", &at_the_end)]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, pcap_to_the_nanosecond(RAW, packets)).expect("written");
        reading.read_file(&path).expect("whole");
    }
    // What was read from a stream cannot be read again.
    let capture = Cursor::new(pcap_to_the_nanosecond(RAW, &packets));
    reading.read(CaptureReader::from_stream("f", capture).expect("a capture"), |_| {}).expect("whole");
    let traffic = reading.finish();
    let names: Vec<&str> = traffic.captures().iter().map(|one| one.name.as_str()).collect();
    let same: Vec<Option<&str>> = traffic.captures().iter().map(|one| one.same_as.as_deref()).collect();
    assert_eq!(same, [None, None, Some(names[0]), Some(names[1]), None, None]);
    assert_eq!(traffic.log().copies(), 0, "copies are told within a capture");
}

#[test]
fn captures_that_hold_datagrams_of_each_other_are_told() {
    let before = |n: u16| (u64::from(n) * MILLISECOND, v4(n + 1, ACK, b"x"));
    // Behind a router, 20 ms later, and none of the first hundred.
    let behind = |n: u16| {
        let (time, mut packet) = before(n);
        packet[8] -= 1;
        (time + 20 * MILLISECOND, packet)
    };
    let mut other = Vec::new();
    for n in 0..400 {
        let (time, mut packet) = before(n);
        packet[5] ^= 0x80;
        packet[16] ^= 1;
        other.push((time, packet));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut reading = Reading::new(ReadSettings::default());
    let captures = [
        (0..400).map(before).collect(),
        (100..400).map(behind).collect(),
        other,
        (0..400).map(before).collect(),
    ];
    for (name, packets) in ["a", "b", "c", "d"].into_iter().zip(captures) {
        let packets: Vec<(u64, Vec<u8>)> = packets;
        let path = folder.path().join(name);
        std::fs::write(&path, pcap_to_the_nanosecond(RAW, &packets)).expect("written");
        reading.read_file(&path).expect("whole");
    }
    let traffic = reading.finish();
    let name = |at: usize| traffic.captures()[at].name.clone();
    let of = |at: usize| traffic.captures()[at].overlaps.clone();
    assert_eq!(of(0), []);
    assert_eq!(of(1), [Overlap { name: name(0), percent: 100 }]);
    assert_eq!(of(2), []);
    assert_eq!((traffic.captures()[3].same_as.clone(), of(3)), (Some(name(0)), vec![]));
}
