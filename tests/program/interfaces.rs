//! Interfaces that packets were captured on: in columns and in selections.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;

use portscribe::Transport::Udp;

use crate::support::packet::{ip, pcap};
use crate::support::pcapng::{RAW, interface, named, packet_of, section, simple, write};
use crate::support::{portscribe, rows, stderr, stdout};

const SLL2: u16 = 276;
const PKTAP: u16 = 258;
const PFLOG: u16 = 117;
const IPNET: u16 = 226;

/// A datagram of a client with this port to port 53, or the answer.
fn datagram(port: u16, is_answer: bool) -> Vec<u8> {
    let [client, server] = ["192.0.2.1", "192.0.2.53"].map(|text| text.parse().expect("an address"));
    let (from, to) = if is_answer { (53, port) } else { (port, 53) };
    let udp = [&u16::to_be_bytes(from)[..], &u16::to_be_bytes(to), &[0, 9, 0, 0, 1]].concat();
    let (from, to) = if is_answer { (server, client) } else { (client, server) };
    ip(from, to, Udp.ip_protocol(), &udp)
}

fn asked(port: u16) -> Vec<u8> {
    datagram(port, false)
}

fn answered(port: u16) -> Vec<u8> {
    datagram(port, true)
}

/// A packet in a frame of LINKTYPE_LINUX_SLL2.
fn sll2(index: u32, packet: &[u8]) -> Vec<u8> {
    [&[8, 0, 0, 0][..], &index.to_be_bytes(), &[0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0], packet].concat()
}

fn csv(arguments: &[&str]) -> Vec<HashMap<String, String>> {
    let output = portscribe([arguments, &["-q", "-f", "csv"]].concat());
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", stderr(&output));
    rows(&output)
}

/// The interfaces of the rows of a result.
fn column(arguments: &[&str]) -> Vec<String> {
    csv(arguments).into_iter().map(|mut row| row.remove("interface").expect("a column")).collect()
}

/// The frames of the rows of a result.
fn frames(arguments: &[&str]) -> Vec<String> {
    csv(arguments).into_iter().map(|mut row| row.remove("frame").expect("a column")).collect()
}

fn made(folder: &Path) -> String {
    write(
        &folder.join("x.pcapng"),
        &[
            section(),
            named(RAW, b"eth0"),
            named(RAW, b"eth1"),
            interface(RAW),
            packet_of(0, &asked(1001)),
            packet_of(1, &answered(1001)),
            packet_of(1, &asked(1002)),
            packet_of(0, &answered(1002)),
            packet_of(2, &asked(1003)),
            // Another section, with other numbers.
            section(),
            named(RAW, b"eth1"),
            named(RAW, b"eth0\0trailing"),
            packet_of(1, &asked(1004)),
            packet_of(1, &answered(1004)),
            simple(&asked(1005)),
            packet_of(7, &asked(1006)),
            // Only the first packet of each direction counts.
            packet_of(0, &asked(1004)),
        ],
    )
}

#[test]
fn packets_and_flows_tell_their_interface() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = made(folder.path());
    assert_eq!(
        column(&["packets", &path]),
        ["eth0", "eth1", "eth1", "eth0", "2", "eth0", "eth0", "eth1", "7", "eth1"]
    );
    assert_eq!(column(&["flows", &path]), ["eth0>eth1", "eth1>eth0", "2", "eth0", "eth1", "7"]);
    // In another file the same name is the same interface; a pcap file has none.
    let (second, third) = (folder.path().join("y.pcapng"), folder.path().join("z.pcap"));
    let second =
        write(&second, &[section(), interface(RAW), named(RAW, b"eth0"), packet_of(1, &answered(1003))]);
    let third = write(&third, &[pcap(RAW, &[asked(1007)])]);
    assert_eq!(
        column(&["flows", &path, &second, &third]),
        ["eth0>eth1", "eth1>eth0", "2>eth0", "eth0", "eth1", "7", ""]
    );
}

#[test]
fn one_direction_may_be_of_an_unknown_interface() {
    let folder = tempfile::tempdir().expect("a folder");
    let path =
        write(&folder.path().join("1.pcap"), &[pcap(SLL2, &[sll2(0, &asked(1)), sll2(2, &answered(1))])]);
    assert_eq!(column(&["flows", &path]), ["->2"]);
}

#[test]
fn headers_before_packets_tell_their_interface() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = |text: &str, length: usize| [text.as_bytes(), &vec![0; length - text.len()]].concat();
    let pktap = [&[36, 0, 0, 0, 1, 0, 0, 0, 101, 0, 0, 0][..], &name("en0", 24), &asked(1)].concat();
    let pflog = [&[61, 2, 0, 0][..], &name("em0", 16), &[0; 44], &asked(1)].concat();
    let ipnet = [&[1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5][..], &[0; 12], &asked(1)].concat();
    for (link_type, packets, alone, beside) in [
        (SLL2, vec![sll2(2, &asked(1)), sll2(0, &asked(2))], ["2", ""], ["any#2", "any"]),
        (PKTAP, vec![pktap], ["en0", ""], ["any#en0", ""]),
        (PFLOG, vec![pflog], ["em0", ""], ["any#em0", ""]),
        (IPNET, vec![ipnet], ["5", ""], ["any#5", ""]),
    ] {
        let path = write(&folder.path().join("x.pcap"), &[pcap(link_type, &packets)]);
        assert_eq!(column(&["packets", &path]), alone[..packets.len()]);
        assert_eq!(column(&["flows", &path]), alone[..packets.len()]);
        let mut blocks = vec![section(), named(link_type, b"any")];
        blocks.extend(packets.iter().map(|packet| packet_of(0, packet)));
        let path = write(&folder.path().join("x.pcapng"), &blocks);
        assert_eq!(column(&["packets", &path]), beside[..packets.len()]);
        assert_eq!(column(&["flows", &path]), beside[..packets.len()]);
    }
    // The number in the section gives way to that of the system.
    let blocks = [section(), interface(SLL2), packet_of(0, &sll2(2, &asked(1)))];
    let path = write(&folder.path().join("x.pcapng"), &blocks);
    assert_eq!(column(&["packets", &path]), ["2"]);
    // Records of the Kuznetsov variant begin with the number.
    let record = [0, 0, 29, 29, 9].map(u32::to_le_bytes).concat();
    let header = [0xa1b2_cd34_u32, 0x0004_0002, 0, 0, 65_535, RAW.into()].map(u32::to_le_bytes).concat();
    let path = write(&folder.path().join("x.pcap"), &[header, record, vec![8, 0, 0, 0], asked(1)]);
    assert_eq!(column(&["packets", &path]), ["9"]);
}

#[test]
fn interfaces_select() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = made(folder.path());
    let flows = |interface: &str| {
        let rows = csv(&["flows", "--interface", interface, &path]);
        rows.into_iter().map(|mut row| row.remove("flow").expect("a column")).collect::<Vec<_>>()
    };
    // Either direction.
    assert_eq!(flows("eth0"), ["1", "2", "4"]);
    assert_eq!(flows("eth1"), ["1", "2", "5"]);
    assert_eq!(flows("2"), ["3"]);
    assert!(flows("eth").is_empty());
    // That packet.
    assert_eq!(frames(&["packets", "--interface", "eth0", &path]), ["1", "4", "6", "7"]);
    assert_eq!(frames(&["packets", "--interface", "2", "--interface", "7", &path]), ["5", "9"]);
    assert_eq!(
        frames(&["packets", "--interface", "eth1", "--host", "192.0.2.1", &path]),
        ["2", "3", "8", "10"]
    );
    assert_eq!(csv(&["summary", "--interface", "eth0", &path])[0]["flows"], "3");
    let annotated = folder.path().join("out.pcapng");
    let annotated = annotated.to_str().expect("UTF-8");
    for more in [&["--interface", "2"][..], &["--only", "interface=2"], &["--interface", "2", "--delay", "1"]]
    {
        let output = portscribe([&["annotate", "-q", &path, "-o", annotated], more].concat());
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert_eq!(column(&["packets", annotated]), ["2"], "{more:?}");
    }
    // By what the capture calls it, by what the packet's header calls it, and by both.
    let blocks = [
        section(),
        named(SLL2, b"any"),
        packet_of(0, &sll2(2, &asked(1))),
        packet_of(0, &sll2(3, &asked(2))),
    ];
    let path = write(&folder.path().join("any.pcapng"), &blocks);
    assert_eq!(frames(&["packets", "--interface", "any", &path]), ["1", "2"]);
    assert_eq!(frames(&["packets", "--interface", "3", &path]), ["2"]);
    assert_eq!(frames(&["packets", "--interface", "any#2", &path]), ["1"]);
}

#[test]
fn a_name_may_hold_anything() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = b"e\x1b[31m\n,\"\xff>";
    let path = write(&folder.path().join("x"), &[section(), named(RAW, name), packet_of(0, &asked(1))]);
    assert_eq!(column(&["packets", &path]), ["e\\x1b[31m\\n,\"\u{fffd}>"]);
    let output: Output = portscribe(["flows", "-q", "-f", "json", &path]);
    let all: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(all["rows"][0]["interface"], "e\u{1b}[31m\n,\"\u{fffd}>");
}

/// Interfaces change in the middle, by new descriptions and a new section; each part of a flow shows
/// something that others do not.
#[test]
fn the_result_is_the_same_in_pieces_and_in_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut blocks = vec![section(), named(RAW, b"eth0")];
    for n in 0..100_000_u32 {
        match n {
            30_000 => blocks.push(named(RAW, b"eth1")),
            60_000 => blocks.extend([section(), named(RAW, b"eth2"), named(RAW, b"eth0")]),
            _ => {}
        }
        let interface = if n > 30_000 { n % 2 } else { 0 };
        blocks.push(packet_of(interface, &datagram((n % 40_000) as u16, n % 3 == 0)));
    }
    let path = write(&folder.path().join("x.pcapng"), &blocks);
    let run = |more: &[&str]| {
        let output = portscribe([&["flows", "-q", "-f", "csv", &path][..], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let one = run(&["--threads", "1"]);
    for shown in ["eth0", "eth1", "eth0>eth2", "eth2>eth0", "eth1>eth0"] {
        assert!(one.contains(&format!(",{shown},udp,17,,,,,silent,")), "{shown}");
    }
    for more in [
        &["--threads", "3"][..],
        &["--flows-in-memory", "1000"],
        &["--flows-in-memory", "500", "--threads", "2"],
    ] {
        assert!(run(more) == one, "{more:?}");
    }
}
