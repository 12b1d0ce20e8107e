//! Connections that pause for longer than the idle time-out: several flows, one connection, one server.

use std::fs;

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
