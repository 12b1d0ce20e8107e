//! What is told of captures that are damaged and of packets in no flow.

use portscribe::Transport;
use serde_json::{Value as Json, json};

use crate::support::packet::ip;
use crate::support::pcapng::{RAW, interface, packet_of, section, section_of, write};
use crate::support::{portscribe, rows, stderr, stdout};

/// A datagram to port 53 from this port.
fn question(port: u16) -> Vec<u8> {
    let udp = [&port.to_be_bytes()[..], &[0, 53, 0, 9, 0, 0, 1]].concat();
    let [client, server] = ["192.0.2.1", "192.0.2.53"].map(|text| text.parse().expect("an address"));
    ip(client, server, Transport::Udp.ip_protocol(), &udp)
}

const NULL: u16 = 0;

#[test]
fn packets_of_an_interface_that_is_not_described_are_damage_and_are_read_where_they_can_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.pcapng");
    let name = path.display().to_string();
    for (interfaces, expected, flows, first_seen, uncounted) in [
        (
            &[RAW, RAW][..],
            "damaged: 2 packets of an interface that is not described, the first in frame 2 (interface 82); read \
             with the link type of all other interfaces",
            3,
            json!("1970-01-01T00:00:00.000001000Z"),
            json!({}),
        ),
        (
            &[RAW, NULL],
            "damaged: 2 packets of an interface that is not described, the first in frame 2 (interface 82); the link \
             type is unknown",
            1,
            json!("1970-01-01T00:00:00.000001000Z"),
            json!({ "no-interface": 2 }),
        ),
    ] {
        let described = interfaces.iter().map(|&link_type| interface(link_type));
        let packets = [packet_of(0, &question(1)), packet_of(82, &question(2)), packet_of(83, &question(3))];
        write(&path, &std::iter::once(section()).chain(described).chain(packets).collect::<Vec<_>>());
        for command in ["flows", "packets", "summary"] {
            let output = portscribe([command, "-q", "-f", "json", &name]);
            assert_eq!(output.status.code(), Some(3), "{command}");
            assert_eq!(stderr(&output), format!("portscribe: {name}: {expected}\n"), "{command}");
            let all: Json = serde_json::from_str(&stdout(&output)).expect("JSON");
            assert_eq!(all["captures"][0]["fault"], format!("{name}: {expected}"));
            assert_eq!(all["captures"][0]["first_seen"], first_seen);
            assert_eq!((&all["packets_read"], &all["uncounted"]), (&json!(3), &uncounted));
        }
        let output = portscribe(["flows", "-q", "-f", "csv", &name]);
        assert_eq!((output.status.code(), rows(&output).len()), (Some(3), flows));
        for more in [&["--delay", "1"][..], &[]] {
            let annotated = folder.path().join("out.pcapng").display().to_string();
            let output = portscribe([&["annotate", "-q", &name, "-o", &annotated], more].concat());
            assert_eq!(output.status.code(), Some(3), "{more:?}");
            let left_out = "portscribe: not written: 2 packets of an interface that the capture does not describe; \
                            programs refuse a file with such a packet\n";
            assert_eq!(stderr(&output), format!("portscribe: {name}: {expected}\n{left_out}"), "{more:?}");
        }
    }
}

#[test]
fn a_section_of_another_version_is_told_wherever_it_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.pcapng");
    let later = [section_of([2, 7]), interface(RAW), packet_of(0, &question(3))].concat();
    let told = |before: Vec<u8>, told: &str| {
        let name = write(&path, &[before, later.clone()]);
        for more in [&["flows"][..], &["packets"], &["flows", "--threads", "3"]] {
            let output = portscribe([more, &["-q", "-f", "csv", &name]].concat());
            assert_eq!(output.status.code(), Some(3), "{more:?}");
            assert_eq!(stderr(&output), format!("portscribe: {name}: {told}\n"), "{more:?}");
        }
    };
    let head = [section(), interface(RAW)].concat();
    told(
        [&head[..], &packet_of(0, &question(1)), &packet_of(0, &question(2))].concat(),
        "damaged at byte 176, after 2 packets: a section of pcapng of version 2.7 begins here; version 1 is read; \
         what came before is reported",
    );
    // In a later piece of a capture that several threads read.
    let many = packet_of(0, &question(1)).repeat(150_000);
    told(
        [head, many].concat(),
        "damaged at byte 9600048, after 150000 packets: a section of pcapng of version 2.7 begins here; version 1 is \
         read; what came before is reported",
    );
    // A minor version adds what can be passed over.
    let name = write(&path, &[section(), section_of([1, 9]), interface(RAW), packet_of(0, &question(1))]);
    let output = portscribe(["flows", "-q", "-f", "csv", &name]);
    assert_eq!((output.status.code(), rows(&output).len()), (Some(0), 1));
}

#[test]
fn packets_of_undescribed_interfaces_are_counted_over_all_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.pcapng");
    let name = path.display().to_string();
    let mut blocks = vec![section(), interface(RAW)];
    blocks.resize(150_000, packet_of(0, &question(1)));
    blocks.resize(300_000, packet_of(7, &question(2)));
    write(&path, &blocks);
    let expected = format!(
        "portscribe: {name}: damaged: 150000 packets of an interface that is not described, the first in frame 149999 \
         (interface 7); read with the link type of all other interfaces\n"
    );
    let [one, three] =
        ["1", "3"].map(|threads| portscribe(["flows", "-q", "-f", "json", "--threads", threads, &name]));
    assert_eq!((one.status.code(), stderr(&one)), (Some(3), expected));
    assert_eq!(
        (one.status.code(), &one.stdout, stderr(&one)),
        (three.status.code(), &three.stdout, stderr(&three))
    );
}

#[test]
fn every_format_and_command_tells_of_packets_in_no_flow() {
    let told = "portscribe: 5 packets in no flow: 2 not-ip (no IP header found), 3 portless (an IP protocol without ports: \
                icmpv6 3). With --protocols all, flows and summary count 3 of them in flows.\n";
    for format in ["table", "csv", "tsv", "json", "ndjson", "markdown"] {
        for command in [&["flows"][..], &["packets"], &["summary"], &["flows", "--order", "end"]] {
            if format == "json" && command.len() > 1 {
                continue;
            }
            let said = |more: &[&str]| {
                stderr(&portscribe([command, &["-f", format, "samples/http.pcap"], more].concat()))
            };
            assert_eq!(said(&[]).matches(told).count(), 1, "{command:?} {format}");
            assert_eq!(said(&["-q"]), "", "{command:?} {format}");
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out").display().to_string();
    // A review has flows of every protocol.
    let review = stderr(&portscribe(["review", "--out", &out, "samples/http.pcap"]));
    assert_eq!(review, "portscribe: 2 packets in no flow: 2 not-ip (no IP header found).\n");
    for command in [
        &["annotate", "-o", "-"][..],
        &["annotate", "-o", "-", "--delay", "1"],
        &["annotate", "-o", &out, "--split-by", "service"],
    ] {
        let output = portscribe([command, &["samples/http.pcap"]].concat());
        assert_eq!(stderr(&output).matches(told).count(), 1, "{command:?}: {}", stderr(&output));
    }
}

#[test]
fn a_capture_that_cannot_be_opened_is_among_the_captures() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.pcap.gz");
    // The header of a gzip file (RFC 1952) with a deflate block of a reserved type.
    std::fs::write(&path, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff]).expect("a file");
    let name = path.display().to_string();
    let fault = format!("{name}: reading failed at byte 0, after 0 packets: corrupt deflate stream");
    let unopened = json!({
        "name": name, "format": null, "compression": null, "packets": 0, "first_seen": null, "last_seen": null,
        "fault": fault,
        "copies": 0,
        "same_as": null,
        "overlaps": [],
    });
    for command in ["flows", "packets", "summary"] {
        let output = portscribe([command, "-q", "-f", "json", &name]);
        assert_eq!(stderr(&output), format!("portscribe: {fault}\n"));
        assert_eq!(output.status.code(), Some(3));
        let all: Json = serde_json::from_str(&stdout(&output)).expect("JSON");
        assert_eq!((&all["captures"], &all["packets_read"]), (&json!([unopened]), &json!(0)));

        let output = portscribe([command, "-q", "-f", "json", &name, "samples/http.pcap"]);
        assert_eq!(output.status.code(), Some(3));
        let all: Json = serde_json::from_str(&stdout(&output)).expect("JSON");
        assert_eq!(all["captures"][0]["name"], "samples/http.pcap");
        assert_eq!((&all["captures"][1], &all["packets_read"]), (&unopened, &json!(67)));
    }
}
