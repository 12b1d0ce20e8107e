//! What is told of packets that were captured several times, and what --copies drop makes of them.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::support::made::{ACK, Made, SYN, SYN_ACK};
use crate::support::packet::pcap_to_the_nanosecond;
use crate::support::{portscribe, stderr, stdout};

const CLIENT: (&str, u16) = ("192.0.2.1", 50_000);
const SERVER: (&str, u16) = ("192.0.2.2", 443);

/// A connection of four packets, each with a number, seen in this many places.
fn made(places: u8) -> Vec<u8> {
    let mut made = Made::default();
    made.tcp(0, CLIENT, SERVER, SYN, b"");
    made.tcp(1, SERVER, CLIENT, SYN_ACK, b"");
    made.tcp(2, CLIENT, SERVER, ACK, b"");
    made.tcp(3, CLIENT, SERVER, ACK, b"hello");
    let mut packets = Vec::new();
    for (at, mut packet) in made.0 {
        packet[4..6].copy_from_slice(&[0, at as u8 + 1]);
        for place in 0..places {
            packet[8] = 64 - place;
            packets.push((u64::from(at) * 1_000_000_000 + u64::from(place) * 20_000, packet.clone()));
        }
    }
    pcap_to_the_nanosecond(101, &packets)
}

fn written(folder: &Path, name: &str, capture: &[u8]) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, capture).expect("written");
    path.display().to_string()
}

/// What a command prints in JSON.
fn json(arguments: &[&str]) -> Json {
    serde_json::from_str(&stdout(&portscribe([arguments, &["-q", "-f", "json"]].concat()))).expect("JSON")
}

const COUNTED: &str = "portscribe: 8 packets are copies of others, the same datagram captured again within \
                       milliseconds, and counted; --copies drop counts each datagram once.\n";
const DROPPED: &str = "portscribe: 8 packets in no flow: 8 copy (a datagram that was counted before).\n";

#[test]
fn every_command_tells_of_copies_with_the_option_that_leaves_them_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = written(folder.path(), "three.pcap", &made(3));
    let out = folder.path().join("out.pcapng").display().to_string();
    let annotate: [&[&str]; 2] =
        [&["annotate", &capture, "-o", &out], &["annotate", &capture, "-o", &out, "--delay", "1"]];
    let tables: [&[&str]; 3] = [
        &["flows", &capture, "-f", "csv"],
        &["packets", &capture, "-f", "csv"],
        &["summary", &capture, "-f", "csv"],
    ];
    for command in annotate.into_iter().chain(tables) {
        let said = stderr(&portscribe(command));
        assert!(said.starts_with(COUNTED), "{command:?}: {said}");
        let said = stderr(&portscribe([command, &["--copies", "drop"]].concat()));
        assert!(said.starts_with(DROPPED) && !said.contains("--copies"), "{command:?}: {said}");
    }
    for command in ["flows", "summary", "packets"] {
        let table = stdout(&portscribe([command, &capture, "-f", "table"]));
        assert!(table.contains("8 packets are copies of others"), "{table}");
        let all = json(&[command, &capture]);
        assert_eq!(
            (&all["copies"], &all["captures"][0]["copies"], &all["uncounted"]),
            (&json!(8), &json!(8), &json!({}))
        );
        let all = json(&[command, &capture, "--copies", "drop"]);
        assert_eq!((&all["copies"], &all["uncounted"]), (&json!(8), &json!({ "copy": 8 })));
    }
    let none = written(folder.path(), "one.pcap", &made(1));
    assert!(!stderr(&portscribe(["flows", &none, "-f", "csv"])).contains("cop"));
    assert_eq!(json(&["flows", &none])["copies"], 0);
}

#[test]
fn without_copies_every_datagram_counts_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let twice = written(folder.path(), "twice.pcap", &made(2));
    let once = written(folder.path(), "once.pcap", &made(1));
    let csv = |arguments: &[&str]| stdout(&portscribe([arguments, &["-q", "-f", "csv"]].concat()));
    for threads in ["1", "2"] {
        let dropped = csv(&["summary", &twice, "--copies", "drop", "--threads", threads]);
        assert_eq!(dropped, csv(&["summary", &once]), "{threads} threads");
        assert_ne!(csv(&["summary", &twice, "--threads", threads]), dropped);
    }
    // Copies have no rows; frames keep their numbers.
    let rows = json(&["packets", &twice, "--copies", "drop"]);
    let frames: Vec<u64> =
        rows["rows"].as_array().expect("rows").iter().filter_map(|row| row["frame"].as_u64()).collect();
    assert_eq!(frames, [1, 3, 5, 7]);
    // An annotated capture has all packets.
    let out = folder.path().join("out.pcapng").display().to_string();
    for more in [&["--delay", "1"][..], &[]] {
        portscribe([&["annotate", "-q", &twice, "-o", &out, "--copies", "drop"], more].concat());
        assert_eq!(json(&["flows", &out])["packets_read"], 8, "{more:?}");
    }
}

#[test]
fn a_capture_that_is_given_twice_under_two_names_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let [a, b] = ["a.pcap", "b.pcap"].map(|name| written(folder.path(), name, &made(1)));
    let all = json(&["flows", &a, &b]);
    assert_eq!((&all["captures"][0]["same_as"], &all["captures"][1]["same_as"]), (&json!(null), &json!(a)));
    assert_eq!(
        stderr(&portscribe(["flows", &a, &b, "-f", "json"])),
        format!(
            "portscribe: {b} holds the same packets as {a}, and they count twice: leave one of the two out.\n"
        )
    );
}

#[test]
fn captures_that_differ_in_any_octet_are_not_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let ends_in = |octet: &[u8]| {
        let mut made = Made::default();
        made.tcp(0, CLIENT, SERVER, ACK, &[&[b'x'; 100], octet].concat());
        pcap_to_the_nanosecond(
            101,
            &made.0.into_iter().map(|(at, packet)| (at.into(), packet)).collect::<Vec<_>>(),
        )
    };
    // Frames without an IP header have no fingerprint.
    let frames = |octet| {
        let arp = [&[2; 12][..], &[8, 6, 0, 1, 8, 0, 6, 4, 0, octet], &[0; 20]].concat();
        pcap_to_the_nanosecond(1, &[(0, arp)])
    };
    for (one, other) in [(ends_in(b"y"), ends_in(b"z")), (frames(1), frames(2))] {
        let a = written(folder.path(), "a.pcap", &one);
        let b = written(folder.path(), "b.pcap", &other);
        let twin = written(folder.path(), "twin.pcap", &one);
        let all = json(&["flows", &a, &b, &twin]);
        let same = [0, 1, 2].map(|at| all["captures"][at]["same_as"].clone());
        assert_eq!(same, [json!(null), json!(null), json!(a)]);
    }
}

#[test]
fn captures_before_and_behind_a_router_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let tap = |name: &str, ttl: u8, microseconds: u64| {
        let mut made = Made::default();
        for n in 0..100 {
            made.tcp(n, CLIENT, SERVER, ACK, b"hello");
        }
        let moved = made.0.into_iter().map(|(at, mut packet)| {
            packet[4..6].copy_from_slice(&[1, at as u8]);
            packet[8] = ttl;
            (u64::from(at) * 1_000_000_000 + microseconds * 1000, packet)
        });
        written(folder.path(), name, &pcap_to_the_nanosecond(101, &moved.collect::<Vec<_>>()))
    };
    let (a, b) = (tap("a.pcap", 64, 0), tap("b.pcap", 63, 300));
    let all = json(&["flows", &a, &b]);
    assert_eq!(all["captures"][0]["overlaps"], json!([]));
    assert_eq!(all["captures"][1]["overlaps"], json!([{ "name": a, "percent": 100 }]));
    assert_eq!(
        stderr(&portscribe(["flows", &a, &b, "-f", "json"])),
        format!(
            "portscribe: {b} has about 100 % of its datagrams in common with {a}, and they count twice: read one of the \
             two alone, or join them with mergecap and use --copies drop, which finds most copies.\n"
        )
    );
    let out = folder.path().join("out").display().to_string();
    let review = json(&["review", "--out", &out, &a, &b]);
    let finding = review["findings"].as_array().and_then(|all| all.iter().find(|one| one["id"] == "FR407"));
    assert_eq!(finding.expect("the finding")["title"], "1 capture holds datagrams of others");
    assert_eq!(review["coverage"]["inputs"][1]["overlaps"], json!([{ "name": a, "percent": 100 }]));
}

#[test]
fn a_review_finds_that_packets_count_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = written(folder.path(), "three.pcap", &made(3));
    let same = written(folder.path(), "same.pcap", &made(3));
    let finding = |out: &str, arguments: &[&str]| -> Option<String> {
        let out = folder.path().join(out).display().to_string();
        let all = json(&[&["review", "--out", &out], arguments].concat());
        let findings = all["findings"].as_array().expect("findings");
        let one = findings.iter().find(|one| one["id"] == "FR407")?;
        Some(one["title"].as_str().expect("a title").to_owned())
    };
    assert_eq!(finding("1", &[&capture]).as_deref(), Some("8 packets are copies of others"));
    assert_eq!(
        finding("2", &[&capture, &same]).as_deref(),
        Some("16 packets are copies of others, and 1 capture was given twice")
    );
    assert_eq!(finding("3", &[&capture, "--copies", "drop"]), None);
}
