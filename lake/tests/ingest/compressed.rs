//! Captures that are compressed, damaged, or without times.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{answer, captures, ingest, of_one_day, root, take_in};

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(octets).expect("memory");
    encoder.finish().expect("memory")
}

/// The rows of a table but for what their captures are called.
fn rows(folder: &std::path::Path, table: &str) -> String {
    let sql = format!(
        "SELECT * EXCLUDE (capture, flow_key, connection_key) FROM parquet('{table}/') \
         ORDER BY first_seen, client_port, server_port, protocol, client_address"
    );
    answer(folder, &sql)
}

#[test]
fn compressed_captures_of_any_length_are_taken_in() {
    let folder = of_one_day();
    let at = folder.path();
    fs::create_dir(at.join("compressed")).expect("a folder");
    for name in captures(at) {
        let octets = fs::read(at.join(&name)).expect("a capture");
        let name = name.replace("captures/", "compressed/") + ".gz";
        fs::write(at.join(name), gzip(&octets)).expect("a capture");
    }
    take_in(at, &["captures", "-o", "plain"]);
    take_in(at, &["compressed", "-o", "of-compressed"]);
    assert_eq!(rows(at, "of-compressed"), rows(at, "plain"));
}

#[test]
fn of_a_compressed_capture_that_is_cut_short_the_beginning_is_taken_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let whole = gzip(&fs::read(root().join("samples/ssh.pcap")).expect("a sample"));
    for (name, length) in [("half.pcap.gz", whole.len() / 2), ("most.pcap.gz", whole.len() - 4)] {
        fs::write(at.join(name), &whole[..length]).expect("a capture");
        let (status, said) = ingest(at, &[name, "-o", &format!("{name}-table")]);
        assert!(status == 3 && said.starts_with(&format!("portscribe: {name}: ")), "{status} {said}");
        let count = |of: &str| {
            answer(at, &format!("SELECT sum(packets_to_server + packets_to_client) AS packets FROM {of}"))
        };
        let expected = count(&format!("flows('{}')", root().join("samples/ssh.pcap").display()));
        let packets = |text: &str| text.lines().nth(1).and_then(|line| line.parse::<u64>().ok());
        let (own, all) = (count(&format!("parquet('{name}-table/')")), packets(&expected));
        assert!(packets(&own) > Some(0) && packets(&own) <= all, "{own} of {expected}");
    }
}

#[test]
fn a_capture_without_times_is_refused_and_an_empty_one_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    // Simple Packet Blocks have no time (pcapng draft section 4.4).
    let block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len() as u32).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let section =
        block(0x0a0d_0d0a, &[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
    let interface = block(1, &[101, 0, 0, 0, 0, 0, 4, 0]);
    let packet =
        [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0x30, 0x39, 0, 53, 0, 8, 0, 0];
    let simple = block(3, &[&28_u32.to_le_bytes()[..], &packet].concat());
    fs::write(at.join("timeless.pcapng"), [&section[..], &interface, &simple].concat()).expect("a capture");
    fs::write(at.join("empty.pcapng"), [section, interface].concat()).expect("a capture");
    let (status, said) = ingest(at, &["timeless.pcapng", "empty.pcapng", "-o", "table"]);
    assert_eq!(
        (status, said.as_str()),
        (3, "portscribe: timeless.pcapng: not taken in: no packet has a time\n")
    );
    let manifest = fs::read_to_string(at.join("table/_state/captures.json")).expect("a manifest");
    assert!(manifest.contains("empty.pcapng") && !manifest.contains("timeless.pcapng"), "{manifest}");
}

#[test]
fn folders_with_columns_of_their_own_are_asked_one_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::copy(root().join("samples/http.pcap"), at.join("a.pcap")).expect("a copy");
    take_in(at, &["a.pcap", "-o", "one"]);
    take_in(at, &["a.pcap", "-o", "two"]);
    let output = crate::support::lake(at)
        .args(["sql", "-q", "-c", "SELECT count(*) FROM parquet('one/', 'two/')"])
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("UNION ALL"), "{:?} {said}", output.status);
    let both =
        "SELECT count(*) AS n FROM (SELECT * FROM parquet('one/') UNION ALL SELECT * FROM parquet('two/'))";
    let one = "SELECT 2 * count(*) AS n FROM parquet('one/')";
    assert_eq!(answer(at, both), answer(at, one));
}
