//! What the rows are.

use std::collections::HashMap;
use std::fs;

use portscribe::capture::Timestamp;

use crate::support::{answer, captures, files, moved, of_one_day, partitions, root, take_in};

#[test]
fn rows_of_one_day_are_those_of_flows_but_for_their_keys() {
    let folder = of_one_day();
    let at = folder.path();
    assert!(captures(at).len() > 40);
    take_in(at, &["captures", "-o", "table"]);
    assert_eq!(partitions(&at.join("table")), ["day=2026-11-22/flows.parquet"]);
    let order =
        "ORDER BY capture, first_frame, client_address, client_port, server_address, server_port, protocol";
    let rows = answer(
        at,
        &format!("SELECT * EXCLUDE (flow_key, connection_key, day) FROM parquet('table/') {order}"),
    );
    let flows = answer(at, &format!("SELECT * EXCLUDE (flow, connection) FROM flows('captures/') {order}"));
    assert!(flows.lines().count() > 200);
    assert!(rows == flows);
    // Columns stand where they stand in flows, and the day is behind them.
    let heading =
        |sql: &str| answer(at, &format!("SELECT * FROM {sql} LIMIT 1")).lines().next().map(str::to_owned);
    let of_flows = heading("flows('captures/')").expect("a heading");
    let expected =
        of_flows.replacen("flow,", "flow_key,", 1).replace(",connection,", ",connection_key,") + ",day";
    assert_eq!(heading("parquet('table/')"), Some(expected));
    // Keys are one to one with numbers, and say the same of connections.
    let numbers = answer(at, &format!("SELECT flow, connection FROM flows('captures/') {order}"));
    let keys = answer(at, &format!("SELECT flow_key, connection_key FROM parquet('table/') {order}"));
    let mut by_number = HashMap::new();
    let pairs = |text: &str| -> Vec<(String, String)> {
        let pair = |line: &str| line.split_once(',').map(|(one, other)| (one.to_owned(), other.to_owned()));
        text.lines().skip(1).filter_map(pair).collect()
    };
    for ((flow, _), (key, _)) in pairs(&numbers).into_iter().zip(pairs(&keys)) {
        assert!(key.len() == 32 && key.bytes().all(|c| c.is_ascii_hexdigit()), "{key}");
        assert_eq!(by_number.insert(flow, key), None);
    }
    let mut distinct: Vec<&String> = by_number.values().collect();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), by_number.len());
    for ((_, connection), (_, key)) in pairs(&numbers).into_iter().zip(pairs(&keys)) {
        assert_eq!(by_number[&connection], key);
    }
}

#[test]
fn a_capture_and_its_flows_are_known_by_their_hashes() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let content = fs::read(root().join("samples/http.pcap")).expect("a sample");
    fs::write(at.join("http.pcap"), &content).expect("a capture");
    take_in(at, &["http.pcap", "-o", "table"]);
    let capture = blake3::hash(&content).to_hex();
    // As `b3sum` has it, too: tables that are there must be known in years.
    assert_eq!(capture.as_str(), "779baf40e2d94770df7df65be4fc261802eb45ea63c7d13615d4f622d77772a4");
    assert!(at.join(format!("table/_state/{capture}-2026-11-22.arrow")).is_file());
    let manifest = fs::read_to_string(at.join("table/_state/captures.json")).expect("a manifest");
    assert!(manifest.contains("\n  \"hash\": \"blake3\",\n"), "{manifest}");
    assert!(manifest.contains(&format!("\n      \"hash\": \"{capture}\",\n")), "{manifest}");
    let flow = format!("{capture} 4 tcp 192.0.2.10 51348 198.51.100.20 80 ");
    let key = &blake3::hash(flow.as_bytes()).to_hex()[..32];
    assert_eq!(key, "84ae9b591f8cb9ae1a915ad65187e9ce");
    let sql = "SELECT flow_key FROM parquet('table/') WHERE first_frame = 4";
    assert_eq!(answer(at, sql), format!("flow_key\n{key}\n"));
}

#[test]
fn a_day_does_not_change_when_the_next_one_comes() {
    const DAY: i64 = 86_400;
    let folder = of_one_day();
    let at = folder.path();
    take_in(at, &["captures", "-o", "table"]);
    let before = files(&at.join("table"));
    // The same ends do the same on the next day, and some of it in other captures.
    fs::create_dir(at.join("next")).expect("a folder");
    for name in captures(at).iter().step_by(2) {
        let capture = fs::read(at.join(name)).expect("a capture");
        fs::write(at.join(name.replace("captures", "next")), moved(&capture, DAY)).expect("a capture");
    }
    take_in(at, &["next", "captures", "-o", "table"]);
    let after = files(&at.join("table"));
    assert_eq!(
        partitions(&at.join("table")),
        ["day=2026-11-22/flows.parquet", "day=2026-11-23/flows.parquet"]
    );
    for (path, content) in &before {
        let is_manifest = path.ends_with("captures.json");
        assert!(is_manifest || after.get(path) == Some(content), "{}", path.display());
    }
    // A day is one traffic, whichever other there is.
    take_in(at, &["next", "-o", "alone"]);
    let next = std::path::Path::new("day=2026-11-23/flows.parquet");
    assert!(files(&at.join("alone"))[next].0 == after[next].0);
}

#[test]
fn packets_of_a_capture_are_rows_of_their_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    // Moved, so that midnight is between its flows.
    let capture = fs::read(root().join("samples/smtp.pcap")).expect("a sample");
    fs::write(at.join("b.pcap"), &capture).expect("a capture");
    let last = answer(at, "SELECT max(last_seen) FROM flows('b.pcap')");
    let last: Timestamp = last.lines().nth(1).and_then(|time| time.parse().ok()).expect("a time");
    let of_day = last.nanoseconds().rem_euclid(86_400_000_000_000) / 1_000_000_000;
    fs::write(at.join("a.pcap"), moved(&capture, 86_400 - of_day)).expect("a capture");
    let packets = "sum(packets_to_server + packets_to_client) AS packets";
    let whole = answer(at, &format!("SELECT {packets} FROM flows('a.pcap')"));
    take_in(at, &["a.pcap", "-o", "table"]);
    assert_eq!(partitions(&at.join("table")).len(), 2);
    assert_eq!(answer(at, &format!("SELECT {packets} FROM parquet('table/')")), whole);
    // Each row is of its day, as if only that had been captured.
    for day in ["2026-11-22", "2026-11-23"] {
        let columns = "capture, first_frame, last_seen, client_address, client_port, packets_to_server, bytes_to_client";
        let rows = answer(
            at,
            &format!("SELECT {columns} FROM parquet('table/') WHERE day = '{day}' ORDER BY 1, 2, 4, 5"),
        );
        let next = if day == "2026-11-22" { "2026-11-23" } else { "2026-11-24" };
        let flows = format!(
            "SET portscribe.since = '{day}'; SET portscribe.until = '{next}'; SELECT {columns} FROM flows('a.pcap') ORDER BY 1, 2, 4, 5"
        );
        assert!(rows.lines().count() > 1, "{day}");
        assert_eq!(rows, answer(at, &flows), "{day}");
    }
}

#[test]
fn files_by_hour_hold_the_rows_of_files_by_day() {
    let folder = of_one_day();
    let at = folder.path();
    take_in(at, &["captures", "-o", "by-day"]);
    take_in(at, &["captures", "-o", "by-hour", "--by", "hour"]);
    let hours = partitions(&at.join("by-hour"));
    assert!(
        hours.len() > 1 && hours.iter().all(|path| path.starts_with("day=2026-11-22/hour=")),
        "{hours:?}"
    );
    let order = "ORDER BY flow_key";
    assert_eq!(
        answer(at, &format!("SELECT * EXCLUDE hour FROM parquet('by-hour/') {order}")),
        answer(at, &format!("SELECT * FROM parquet('by-day/') {order}"))
    );
    assert_eq!(
        answer(
            at,
            "SELECT count(*) AS n FROM parquet('by-hour/') WHERE hour <> date_part('hour', first_seen)"
        ),
        "n\n0\n"
    );
    // Files of other hours are not opened.
    let plan = answer(at, "EXPLAIN SELECT flow_key FROM parquet('by-hour/') WHERE hour = 99");
    assert!(plan.contains("EmptyExec") || plan.contains("file_groups={0 groups"), "{plan}");
}
