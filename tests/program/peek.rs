//! What payload changes, and `--no-payload`: payload is evidence for the server, and against the registered name.

use std::path::{Path, PathBuf};

use crate::support::made::{ACK, Made, SYN, SYN_ACK};
use crate::support::{portscribe, stderr, stdout};

/// A capture of four connections to port 443, opened and with their first words, and of three whose
/// openings are missing.
fn capture(folder: &Path) -> PathBuf {
    let mut made = Made::default();
    for (n, (client_says, server_says)) in [
        (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &b"HTTP/1.1 200 OK\r\n\r\n"[..]),
        (b"USER me\r\n", b"220 ready\r\n"),
        (b"\x16\x03\x01\x02\x00\x01\x00", b"\x16\x03\x03\x02\x00\x02\x00"),
        (b"hello", b"world"),
    ]
    .into_iter()
    .enumerate()
    {
        let (client, server) = (("192.0.2.9", 40_000 + n as u16), ("192.0.2.1", 443));
        made.tcp(0, client, server, SYN, b"");
        made.tcp(0, server, client, SYN_ACK, b"");
        made.tcp(0, client, server, ACK, client_says);
        made.tcp(0, server, client, ACK, server_says);
    }
    // By their ports the wrong side is the server, or no side is.
    made.tcp(1, ("192.0.2.9", 22), ("192.0.2.1", 50_000), ACK, b"GET / HTTP/1.1\r\n");
    made.tcp(1, ("192.0.2.7", 40_001), ("192.0.2.8", 40_002), ACK, b"220 ready\r\n");
    made.tcp(1, ("192.0.2.9", 2000), ("192.0.2.1", 2222), ACK, b"SSH-2.0-x\r\n");
    let path = folder.join("made.pcap");
    std::fs::write(&path, made.capture()).expect("a file");
    path
}

fn flows(capture: &Path, options: &[&str]) -> String {
    let capture = capture.to_str().expect("a path");
    let output = portscribe([&["flows", capture, "--format", "csv"], options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

/// The columns that payload can change, of each flow.
fn shown(csv: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let place = |name: &str| headers.iter().position(|column| column == name).expect("a column");
    let columns = ["server_port", "service", "direction_basis", "direction_confidence", "flags"].map(place);
    reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            columns.map(|n| row[n].to_owned()).join(" | ")
        })
        .collect()
}

#[test]
fn payload_that_is_not_the_registered_protocols_is_flagged_and_says_who_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = capture(folder.path());
    assert_eq!(
        shown(&flows(&capture, &[])),
        [
            "443 | https | handshake | high | evidence-contradicts cleartext",
            "443 | https | handshake | high | evidence-contradicts cleartext cleartext-login",
            "443 | https | handshake | high | ",
            "443 | https | handshake | high | ",
            "50000 |  | payload | high | dynamic-port client-port-registered cleartext one-way mid-stream",
            "40001 |  | payload | high | unassigned-port one-way mid-stream",
            "2222 | EtherNet-IP-1 | first-packet | low | ambiguous-direction client-port-registered \
             evidence-contradicts one-way mid-stream",
        ]
    );
    assert_eq!(
        shown(&flows(&capture, &["--no-payload"])),
        [
            "443 | https | handshake | high | ",
            "443 | https | handshake | high | ",
            "443 | https | handshake | high | ",
            "443 | https | handshake | high | ",
            "22 | ssh | ephemeral | medium | one-way mid-stream",
            "40002 |  | first-packet | low | unassigned-port ambiguous-direction one-way mid-stream",
            "2222 | EtherNet-IP-1 | first-packet | low | ambiguous-direction client-port-registered \
             cleartext one-way mid-stream",
        ]
    );
}

#[test]
fn what_payload_shows_is_kept_in_temporary_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = capture(folder.path());
    let whole = flows(&capture, &[]);
    for options in [
        &["--flows-in-memory", "1"][..],
        &["--flows-in-memory", "3"],
        &["--threads", "1"],
        &["--threads", "2"],
    ] {
        assert_eq!(flows(&capture, options), whole, "{options:?}");
    }
    let ended = flows(&capture, &["--order", "end"]);
    let flagged = |csv: &str| csv.matches("evidence-contradicts").count();
    assert_eq!((flagged(&ended), flagged(&whole)), (3, 3));
}

/// What an annotated packet says.
const FLAGGED: &str = "flag evidence-contradicts: the payload is ";

#[test]
fn every_report_looks_at_payload() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = capture(folder.path());
    let capture = capture.to_str().expect("a path");
    for (arguments, marker, expected) in [
        (&["packets", capture, "--format", "csv", "--flag", "evidence-contradicts"][..], "2026-01-01T", 9),
        (&["summary", capture, "--format", "csv", "--by", "port"], "evidence-contradicts=", 2),
        (&["annotate", capture, "--output", "-", "--comments", "first", "-q"], FLAGGED, 3),
        // In one pass it is said of the packet that shows it, or of the next.
        (&["annotate", capture, "--output", "-", "-q", "--delay", "9"], FLAGGED, 3),
    ] {
        let output = portscribe(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text.matches(marker).count(), expected, "{arguments:?}:\n{text}");
    }
}

#[test]
fn a_flag_that_needs_payload_is_not_asked_for_in_silence() {
    let output = portscribe(["flows", "samples/http.pcap", "--no-payload", "--flag", "evidence-contradicts"]);
    assert_eq!(
        stderr(&output).lines().next(),
        Some("portscribe: --flag evidence-contradicts selects no flow with --no-payload")
    );
}
