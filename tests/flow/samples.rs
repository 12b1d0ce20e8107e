//! The labels of the samples, held against `samples/labels.csv`: what the recording script knows
//! (it started the servers), counted with tshark, and looked up in IANA's own file.

use std::collections::BTreeMap;

type Row = std::collections::HashMap<String, String>;

/// What both sides say of a flow, in one line. Where both ends use the same port the label is
/// sure and the direction is not (a datagram shows no opening): the ends stand in one order then.
fn line(row: &Row) -> String {
    let mut row = row.clone();
    let datagrams = row["transport"].starts_with("udp");
    if datagrams && row["client_port"] == row["server_port"] && row["client_address"] > row["server_address"]
    {
        for (a, b) in [("client_address", "server_address"), ("packets_to_server", "packets_to_client")] {
            let (first, second) = (row[a].clone(), row[b].clone());
            row.insert(a.into(), second);
            row.insert(b.into(), first);
        }
    }
    [
        "transport",
        "client_address",
        "client_port",
        "server_address",
        "server_port",
        "service",
        "status",
        "packets_to_server",
        "packets_to_client",
        "tunnel",
    ]
    .map(|column| row[column].as_str())
    .join(" ")
}

fn flows(sample: &str, layers: &str) -> Vec<Row> {
    let path = format!("samples/{sample}");
    let output =
        crate::support::portscribe(["flows", "--quiet", "--format", "csv", "--layers", layers, &path]);
    assert_eq!(output.status.code(), Some(0), "{}", crate::support::stderr(&output));
    crate::support::rows(&output)
}

#[test]
fn every_flow_of_every_sample_has_its_label() {
    let mut expected: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(crate::support::sample("labels.csv")).expect("labels.csv");
    for row in reader.deserialize::<Row>() {
        let row = row.expect("a row");
        expected.entry(row["sample"].clone()).or_default().push(row);
    }
    let mut wrong = Vec::new();
    for (sample, rows) in &expected {
        // Every header of every packet; then the outermost of each alone.
        for (layers, is_meant) in [("all", None), ("outer", Some("0"))] {
            let meant = rows.iter().filter(|row| is_meant.is_none_or(|layer| row["layer"] == layer));
            let mut lines: Vec<String> = meant.map(line).collect();
            lines.sort();
            let mut found: Vec<String> = flows(sample, layers).iter().map(line).collect();
            found.sort();
            compare(&mut wrong, &format!("{sample} {layers}"), &lines, &found);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn compare(wrong: &mut Vec<String>, sample: &str, expected: &[String], found: &[String]) {
    for line in expected.iter().filter(|line| !found.contains(line)) {
        wrong.push(format!("{sample}: expected {line}"));
    }
    for line in found.iter().filter(|line| !expected.contains(line)) {
        wrong.push(format!("{sample}: found    {line}"));
    }
    if expected.len() != found.len() {
        wrong.push(format!("{sample}: expected {} flows, found {}", expected.len(), found.len()));
    }
}

/// Every capture of the folder is explained and labelled, so that none stands there untested. The
/// captures of `review` are held by what a review says of them (tests/program/documentation).
#[test]
fn every_sample_is_labelled_and_explained() {
    let labels = std::fs::read_to_string(crate::support::sample("labels.csv")).expect("labels.csv");
    let readme = std::fs::read_to_string(crate::support::sample("README.md")).expect("README.md");
    for capture in crate::support::sample_captures() {
        let name = capture.file_name().expect("a name").to_string_lossy().into_owned();
        let of_review = capture.parent().is_some_and(|folder| folder.ends_with("review"));
        assert!(of_review || labels.contains(&format!("\n{name},")), "{name} has no labels");
        assert!(readme.contains(&name), "{name} is not explained");
    }
}
