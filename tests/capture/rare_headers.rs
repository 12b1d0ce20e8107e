//! Headers that are rare in captures, each in one of its own, as the program tells of them.

use serde_json::Value;

use crate::support::{packet, portscribe};

/// Link types of pcap files.
const NULL: u16 = 0;
const ETHERNET: u16 = 1;
const RAW: u16 = 101;

/// A datagram of DNS, from 192.0.2.3 to 192.0.2.4.
fn question() -> Vec<u8> {
    packet::ip([192, 0, 2, 3].into(), [192, 0, 2, 4].into(), 17, &[0xc3, 0x50, 0, 53, 0, 8, 0, 0])
}

fn frame(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&[2; 6][..], &[4; 6], &ether_type.to_be_bytes(), payload].concat()
}

/// A datagram to a port, from 198.51.100.1 to 198.51.100.2.
fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = 8 + payload.len() as u16;
    let header = [50_000, port, length, 0].map(u16::to_be_bytes).concat();
    packet::ip([198, 51, 100, 1].into(), [198, 51, 100, 2].into(), 17, &[&header, payload].concat())
}

fn vxlan(flags: u8, reserved: [u8; 3], inner: &[u8]) -> Vec<u8> {
    let [a, b, c] = reserved;
    udp(4789, &[&[flags, a, b, c, 0, 0, 7, 0][..], &frame(0x0800, inner)].concat())
}

/// Data of CAPWAP with an 802.11 frame, whose frame control is in this order.
fn capwap(control: [u8; 2]) -> Vec<u8> {
    let native =
        [&[0, 0x10, 3, 0, 0, 0, 0, 0][..], &control, &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0]].concat();
    udp(5247, &[&native[..], &question()].concat())
}

/// The question with a source route to 203.0.113.9.
fn source_routed(kind: u8) -> Vec<u8> {
    let mut packet = [&question()[..20], &[kind, 7, 4, 203, 0, 113, 9, 0], &question()[20..]].concat();
    (packet[0], packet[3]) = (0x47, 36);
    packet
}

/// A question of DNS with a routing header of a type, which leads to 2001:db8::9.
fn routed(kind: u8) -> Vec<u8> {
    let address = |last: u16| [0x2001, 0x0db8, 0, 0, 0, 0, 0, last];
    let next = address(9).map(u16::to_be_bytes).concat();
    let header = [&[17, 2, kind, 1, 0, 0, 0, 0][..], &next].concat();
    let udp = [0xc3, 0x50, 0, 53, 0, 8, 0, 0];
    packet::ip(address(3).into(), address(4).into(), 43, &[&header[..], &udp].concat())
}

/// A datagram of DNS inside as many headers of its own.
fn nested(depth: usize, around: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    (0..depth).fold(question(), |packet, _| around(&packet))
}

/// What the program says of a packet: tunnel, protocol, server and port of its flow; or the reason why it is in
/// none.
fn said(link_type: u16, bytes: Vec<u8>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("made.pcap").display().to_string();
    std::fs::write(&file, packet::pcap(link_type, &[bytes])).expect("written");
    let output = portscribe(["flows", "-q", "-f", "json", &file]);
    assert_eq!(output.status.code(), Some(0));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    match &answer["rows"].as_array().expect("rows")[..] {
        [] => answer["uncounted"].as_object().expect("reasons").keys().cloned().collect(),
        [flow] => {
            ["tunnel", "transport", "server_address", "server_port"].map(|key| text(&flow[key])).join(" ")
        }
        more => panic!("{} flows", more.len()),
    }
}

#[test]
fn tags_of_switches_are_passed() {
    let tagged = |ether_type, tag: &[u8]| frame(ether_type, &[tag, &question()].concat());
    // E-TAG of IEEE 802.1BR: priority, ingress and egress port, and the next type.
    assert_eq!(said(ETHERNET, tagged(0x893f, &[0xe0, 0, 0x10, 7, 0, 0, 8, 0])), "null udp 192.0.2.4 53");
    assert_eq!(
        said(ETHERNET, tagged(0x893f, &[0, 0, 0x10, 7, 0, 0, 0x81, 0, 0, 9, 8, 0])),
        "null udp 192.0.2.4 53"
    );
    // A type that nobody knows, with what looks like a packet behind it.
    assert_eq!(said(ETHERNET, tagged(0x88b5, &[])), "not-ip");
}

#[test]
fn flags_and_reserved_fields_of_vxlan_are_ignored() {
    for (flags, reserved) in [
        (0x08, [0, 0, 0]),
        // Reserved bits, and reserved fields.
        (0x18, [0, 0, 0]),
        (0x48, [1, 2, 3]),
        // Group policy; ACI's form of it.
        (0x88, [0, 0x12, 0x34]),
        (0x80, [0, 0x12, 0x34]),
    ] {
        let packet = vxlan(flags, reserved, &question());
        assert_eq!(said(RAW, packet), "vxlan:7 udp 192.0.2.4 53", "{flags:02x}");
    }
    assert_eq!(said(RAW, vxlan(0, [0; 3], &question())), "null udp 198.51.100.2 4789");
}

#[test]
fn wireless_frames_in_capwap_are_followed() {
    for control in [[0x08, 0x01], [0x01, 0x08]] {
        assert_eq!(said(RAW, capwap(control)), "capwap udp 192.0.2.4 53", "{control:02x?}");
    }
    // A beacon.
    assert_eq!(said(RAW, capwap([0x80, 0x00])), "null udp 198.51.100.2 5247");
}

#[test]
fn families_of_bsd_loopback_are_read_from_either_half() {
    for family in [[2, 0, 0, 0], [0, 0, 0, 2], [0, 2, 0, 0], [0, 0, 2, 0]] {
        let packet = [&family[..], &question()].concat();
        assert_eq!(said(NULL, packet), "null udp 192.0.2.4 53", "{family:?}");
    }
}

#[test]
fn what_ipcomp_compresses_has_a_reason_of_its_own() {
    let compressed = [17, 0, 0, 2, 0x63, 0x60, 0, 0];
    let [a, b] = [[192, 0, 2, 3], [192, 0, 2, 4]].map(std::net::IpAddr::from);
    assert_eq!(said(RAW, packet::ip(a, b, 108, &compressed)), "compressed");
    let [a, b] = [3, 4].map(|last| std::net::IpAddr::from([0x2001, 0x0db8, 0, 0, 0, 0, 0, last]));
    assert_eq!(said(RAW, packet::ip(a, b, 108, &compressed)), "compressed");
}

/// Both name the next address of the route in the header, and where it ends in an option or a header behind.
#[test]
fn source_routes_of_both_versions_are_read_alike() {
    // Loose and strict.
    for kind in [131, 137] {
        assert_eq!(said(RAW, source_routed(kind)), "null udp 192.0.2.4 53");
    }
    // Type 0, mobility's, segment routing.
    for kind in [0, 2, 4] {
        assert_eq!(said(RAW, routed(kind)), "null udp 2001:db8::4 53");
    }
}

#[test]
fn every_tunnel_is_too_deep_at_the_same_depth() {
    let address = [198, 51, 100, 1];
    let in_ip = |inner: &[u8]| packet::ip(address.into(), address.into(), 4, inner);
    let in_vxlan = |inner: &[u8]| vxlan(8, [0; 3], inner);
    let innermost = |said: &str| said.ends_with(" udp 192.0.2.4 53");
    assert!(innermost(&said(RAW, nested(15, in_ip))));
    assert!(innermost(&said(RAW, nested(15, in_vxlan))));
    assert_eq!(said(RAW, nested(16, in_ip)), "too-deep");
    assert_eq!(said(RAW, nested(16, in_vxlan)), "too-deep");
}
