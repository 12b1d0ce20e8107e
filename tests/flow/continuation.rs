//! Connections that pause for longer than the idle time-out: several flows, one connection, one server.

#![allow(clippy::print_stdout, reason = "the figures are printed")]

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

use crate::support::made::{ACK, Made, SYN};

const CLIENT: (&str, u16) = ("192.0.2.10", 443);
const SERVER: (&str, u16) = ("198.51.100.20", 55_000);

/// What `flows` says of packets: server, basis, confidence, packets and connection of each flow.
fn said(made: &Made, options: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcap");
    fs::write(&path, made.capture()).expect("written");
    let arguments: Vec<&str> = ["flows", "-q", "-f", "csv", path.to_str().expect("a path")]
        .into_iter()
        .chain(options.iter().copied())
        .collect();
    let rows = crate::support::rows(&crate::support::portscribe(arguments));
    rows.iter()
        .map(|row| {
            let of = |name: &str| row[name].as_str();
            format!(
                "{} {}:{} {} {} {}/{} of {}",
                of("flow"),
                of("server_address"),
                of("server_port"),
                of("direction_basis"),
                of("direction_confidence"),
                of("packets_to_server"),
                of("packets_to_client"),
                of("connection"),
            )
        })
        .collect()
}

fn paused() -> Made {
    let mut made = Made::default();
    made.connection(0, CLIENT, SERVER);
    made.udp(10, ("192.0.2.1", 5000), ("192.0.2.2", 53));
    made.tcp(1000, SERVER, CLIENT, ACK, b"more");
    made.tcp(1001, CLIENT, SERVER, ACK, b"");
    made.tcp(2000, CLIENT, SERVER, ACK, b"last");
    made
}

#[test]
fn a_connection_that_pauses_keeps_its_server() {
    let expected = [
        "1 198.51.100.20:55000 handshake high 2/2 of 1",
        "2 192.0.2.2:53 registered low 1/0 of 2",
        "3 198.51.100.20:55000 continuation high 1/1 of 1",
        "4 198.51.100.20:55000 continuation high 1/0 of 1",
    ];
    assert_eq!(said(&paused(), &[])[2..], expected[2..]);
    assert_eq!(said(&paused(), &[])[0], expected[0]);
    assert_eq!(said(&paused(), &["--flows-in-memory", "1"]), said(&paused(), &[]));
}

/// All flows of the same ends are in one temporary file, and it is put together a thousand at a time.
#[test]
fn many_flows_of_the_same_ends_are_what_they_are_in_memory() {
    const ROUNDS: u32 = 3000;
    let mut made = Made::default();
    made.connection(0, CLIENT, SERVER);
    for round in 1..=ROUNDS {
        let at = 1000 * round;
        made.tcp(at, SERVER, CLIENT, ACK, b"more");
        made.tcp(at + 1, CLIENT, SERVER, ACK, b"");
        made.exchange(at + 2, ("192.0.2.1", 5000), ("192.0.2.2", 53));
        if round % 100 == 0 {
            made.udp(at + 2, ("192.0.2.1", round as u16), ("192.0.2.2", 53));
        }
    }
    let in_memory = said(&made, &[]);
    assert_eq!(in_memory.len(), 1 + 2 * ROUNDS as usize + 30);
    assert_eq!(in_memory[6028], "6029 198.51.100.20:55000 continuation high 1/1 of 1");
    for (row, begin, end) in [
        (&in_memory[6029], "6030 192.0.2.2:53 ", " 1/1 of 3"),
        (&in_memory[6030], "6031 192.0.2.2:53 ", " 1/0 of 6031"),
    ] {
        assert!(row.starts_with(begin) && row.ends_with(end), "{row}");
    }
    for number in ["1", "700", "5000"] {
        assert_eq!(said(&made, &["--flows-in-memory", number]), in_memory);
    }
}

#[test]
fn another_opening_begins_another_connection() {
    let mut made = paused();
    // The same ends the other way round.
    made.tcp(3000, SERVER, CLIENT, SYN, b"");
    made.tcp(4000, CLIENT, SERVER, ACK, b"");
    let said = said(&made, &[]);
    assert_eq!(
        said[4..],
        ["5 192.0.2.10:443 handshake high 1/0 of 5", "6 192.0.2.10:443 continuation high 0/1 of 5",]
    );
}

#[test]
fn parts_without_an_opening_share_a_connection_and_nothing_else() {
    let mut made = Made::default();
    made.tcp(0, CLIENT, SERVER, ACK, b"a");
    made.tcp(1000, SERVER, CLIENT, ACK, b"b");
    let said = said(&made, &[]);
    assert!(said[1].ends_with("of 1") && !said[1].contains("continuation"), "{said:?}");
}

#[test]
fn a_time_long_past_ends_no_flow() {
    let mut made = Made::default();
    made.connection(100_000, CLIENT, SERVER);
    made.tcp(10, CLIENT, SERVER, ACK, b"odd");
    made.tcp(100_001, CLIENT, SERVER, ACK, b"even");
    assert_eq!(said(&made, &[]), ["1 198.51.100.20:55000 handshake high 4/2 of 1"]);
}

/// The parts of a connection whose packets came at these seconds, with how many packets each has.
fn parts(times: &[u32]) -> Vec<String> {
    let mut made = Made::default();
    for &at in times {
        made.tcp(at, SERVER, CLIENT, ACK, b"x");
    }
    said(&made, &[]).iter().map(|row| row.rsplit(' ').nth(2).unwrap_or_default().to_owned()).collect()
}

/// A minute is a step of the clock; five minutes are the time-out.
#[test]
fn one_wild_time_ends_no_flow_and_silence_does() {
    const FAR: u32 = 40_000_000;
    let now = 1_700_000_000;
    for (times, expected) in [
        // Far ahead, far behind, at the start of time, and just a step.
        (&[now, now + 1, now + FAR, now + 2, now + 3][..], &["5/0"][..]),
        (&[now, now + 1, now - FAR, now + 2, now + 3], &["5/0"]),
        (&[now, now + 1, 0, now + 2, now + 3], &["5/0"]),
        (&[now, now + 1, now + 302, now + 2, now + 3], &["5/0"]),
        // Two of them, apart.
        (&[now, now + FAR, now + 1, now + FAR, now + 2], &["5/0"]),
        // A clock that was set once: nothing tells it from silence.
        (&[now, now + 1, now + FAR, now + FAR + 1, now + FAR + 2], &["2/0", "3/0"]),
        (&[now, now + 1, now - FAR, now - FAR + 1, now - FAR + 2], &["5/0"]),
        // Silence, and one packet after it.
        (&[now, now + 1, now + 400, now + 401], &["2/0", "2/0"]),
        (&[now, now + 1, now + 400], &["2/0", "1/0"]),
        // The first packet, and the last, which has nothing after it.
        (&[now + FAR, now, now + 1, now + 2], &["4/0"]),
        (&[now, now + 1, now + FAR], &["2/0", "1/0"]),
        // After a wild time, silence is what it was before.
        (&[now, now + 1, now + FAR, now + 2, now + 400], &["4/0", "1/0"]),
    ] {
        assert_eq!(parts(times), expected, "{times:?}");
    }
}

#[test]
fn a_wild_time_is_told_and_is_no_time_of_its_flow() {
    let mut made = Made::default();
    made.udp(1000, ("192.0.2.1", 5000), ("192.0.2.2", 53));
    made.udp(40_000_000, ("192.0.2.3", 5000), ("192.0.2.2", 53));
    made.udp(1001, ("192.0.2.1", 5000), ("192.0.2.2", 53));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("made.pcap");
    fs::write(&path, made.capture()).expect("written");
    let path = path.to_str().expect("a path");
    let said = crate::support::portscribe(["flows", "-q", "-f", "json", path]);
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).expect("JSON");
    assert_eq!(said["wild_times"], 1);
    assert_eq!(said["captures"][0]["last_seen"], "2026-01-01T00:16:41.000000000Z");
    assert_eq!(said["rows"][1]["first_seen"], serde_json::Value::Null);
    let summary = crate::support::portscribe(["summary", "-f", "table", path]);
    let lines = String::from_utf8_lossy(&[summary.stdout, summary.stderr].concat()).into_owned();
    let told = "1 packet with a time far from the packets before and after: counted as without a time.";
    assert!(lines.contains(told), "{lines}");
}

/// Every connection of every capture, once with the usual time-outs and once with such as divide it at
/// each second of silence.
#[test]
fn no_later_part_disagrees_with_its_opening() {
    let mut captures = crate::support::sample_captures();
    let shared = crate::support::shared();
    // The samples alone have two later parts, at the shorter time-outs.
    let least = if shared.is_some() { [1, 800] } else { [0, 2] };
    if let Some(shared) = shared {
        captures.extend(crate::support::captures_below(&shared.join("captures")));
    }
    let registry = Registry::bundled();
    let mut later_parts = [0; 2];
    for (seconds, later_parts) in [300, 1].into_iter().zip(&mut later_parts) {
        let timeout = Duration::from_secs(seconds);
        let mut settings = ReadSettings::default();
        settings.flow.connection_timeout = timeout;
        settings.flow.datagram_timeout = timeout;
        for capture in &captures {
            let mut reading = Reading::new(settings.clone());
            // What comes before damage counts.
            let _ = reading.read_file(capture);
            let traffic = reading.finish();
            let mut opened = HashMap::new();
            for row in traffic.label(&registry).rows() {
                let ends = (row.client(), row.server());
                if row.flow.opened_by().is_some() {
                    opened.insert(row.connection, ends);
                } else if let Some(&opening) = opened.get(&row.connection)
                    && row.connection != row.number
                {
                    *later_parts += 1;
                    assert_eq!(ends, opening, "flow {} of {}", row.number, capture.display());
                }
            }
        }
    }
    assert!(later_parts[0] >= least[0] && later_parts[1] >= least[1], "{later_parts:?}");
    println!("later parts of opened connections: {later_parts:?}");
}
