//! Protocols without ports in a review: rows, worksheet, rules, and what has no row.

use std::fs;
use std::path::Path;

use crate::support::packet::{icmp, ip, pcap, unreachable};
use crate::support::review::{
    approve, findings, folder, is, nft, review, rule, run, to, worksheet, write_worksheet,
};
use serde_json::{Value as Json, json};

/// Compares with a file of `tests/expected`; `BLESS=1` writes it anew.
#[track_caller]
fn expect(name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, made).expect("an expectation");
    }
    assert_eq!(made, fs::read_to_string(&path).unwrap_or_default(), "{name}");
}

fn packet(from: &str, to: &str, protocol: u8, payload: &[u8]) -> Vec<u8> {
    ip(from.parse().expect("an address"), to.parse().expect("an address"), protocol, payload)
}

/// A message of ICMP in IPv4, or of ICMPv6 in IPv6.
fn message(from: &str, to: &str, kind: u8, code: u8) -> Vec<u8> {
    packet(from, to, if from.contains(':') { 58 } else { 1 }, &[kind, code, 0, 0, 0, 7, 0, 1])
}

/// A capture with something of everything, a packet a second.
fn made(folder: &Path) -> String {
    let (client, server) = ("192.0.2.1", "192.0.2.2");
    let query = packet(client, server, 17, &[0x9c, 0x40, 0, 53, 0, 8, 0, 0]);
    let packets = [
        icmp(1, 2, 8, 0),
        icmp(2, 1, 0, 0),
        // Another run of ping, and one without an answer.
        icmp(1, 2, 8, 0),
        icmp(1, 3, 8, 0),
        icmp(3, 1, 0, 0),
        icmp(1, 4, 8, 0),
        // A question of which the answer alone was captured.
        icmp(5, 1, 14, 0),
        message("2001:db8::1", "2001:db8::2", 128, 0),
        message("2001:db8::2", "2001:db8::1", 129, 0),
        // A type without a name.
        icmp(1, 2, 42, 0),
        packet(client, server, 50, &[1; 24]),
        packet(server, client, 50, &[2; 24]),
        packet(
            client,
            server,
            51,
            &[253, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9],
        ),
        packet(client, server, 47, &[0, 0, 0x12, 0x34, 1, 2, 3, 4]),
        packet("192.0.2.8", "192.0.2.9", 89, &[2; 44]),
        packet("192.0.2.9", "192.0.2.8", 89, &[2; 44]),
        // Groups.
        packet("192.0.2.8", "224.0.0.5", 89, &[2; 44]),
        packet("192.0.2.8", "224.0.0.18", 112, &[0x31; 16]),
        packet("192.0.2.8", "224.0.0.22", 2, &[0x22; 16]),
        // Errors, and what ICMPv6 does for its link.
        query.clone(),
        unreachable(&query),
        message("2001:db8::1", "2001:db8::2", 3, 0),
        message("fe80::1", "ff02::1:ff00:2", 135, 0),
        message("fe80::2", "fe80::1", 136, 0),
        message("fe80::1", "ff02::16", 143, 0),
    ];
    let path = folder.join("portless.pcap");
    fs::write(&path, pcap(101, &packets)).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

fn protocol(name: &str) -> Json {
    is(&json!({ "meta": { "key": "l4proto" } }), name)
}

fn icmp_type(name: &str) -> Json {
    is(&json!({ "payload": { "protocol": "icmp", "field": "type" } }), name)
}

fn icmp_code(code: u8) -> Json {
    is(&json!({ "payload": { "protocol": "icmp", "field": "code" } }), code)
}

fn rules(folder: &Path) -> String {
    nft(
        folder,
        "drop",
        &[
            (rule(&[to("192.0.2.2"), icmp_type("echo-request")], "accept"), "ping"),
            (rule(&[icmp_type("echo-request"), icmp_code(1)], "accept"), "no ping has this code"),
            (rule(&[icmp_type("destination-unreachable")], "accept"), "errors"),
            (rule(&[protocol("esp")], "accept"), "tunnel"),
            (rule(&[to("192.0.2.2"), protocol("icmp")], "accept"), "all of ICMP"),
            (rule(&[protocol("pim")], "accept"), "routing"),
        ],
    )
}

#[test]
fn a_review_has_rows_for_protocols_without_ports() {
    let out = folder();
    let (capture, rules) = (made(out.path()), rules(out.path()));
    let path = out.path().to_str().expect("a path");
    let arguments =
        [&capture, "--rules", &rules, "--out", path, "--write", "worksheet,json,nft,aerleon,oscal"];
    let (status, text, said) = run(&arguments);
    assert_eq!((status, said.as_str()), (0, ""));
    let edition = portscribe::registry::Registry::bundled().edition().expect("a date").to_owned();
    expect("review-portless.txt", &text.replace(path, "OUT").replace(&edition, "EDITION"));
    let read = |name: &str| fs::read_to_string(out.path().join(name)).expect("a file");
    expect("review-portless.csv", &read("worksheet.csv").replace("\r\n", "\n").replace(path, "OUT"));
    expect("review-portless.nft", &read("review.nft"));
    let policy = read("aerleon/pol/iptables4.yaml");
    let left_out: Vec<&str> = policy.lines().filter(|line| line.starts_with("# Left out")).collect();
    assert_eq!(
        left_out,
        [
            "# Left out, as Aerleon renders no icmp of this kind for each target: row r0b87d3b132ba, 192.0.2.2 icmp \
             echo-request",
            "# Left out, as Aerleon renders no icmp of this kind for each target: row r68a6beaa15ed, 192.0.2.3 icmp \
             echo-request",
            "# Left out, as Aerleon renders no ospf of this kind for each target: row r9f637cedf6ef, 192.0.2.9 ospf",
            "# Left out, as Aerleon renders no icmpv6 of this kind for each target: row r7662c3528a8b, 2001:db8::2 \
             icmpv6 echo-request",
        ]
    );
    let term = "      - name: \"esp-r526222624234\"\n        comment: \"row r526222624234 esp, 1 flow in use\"\n        \
                source-address: \"CLIENTS_R526222624234\"\n        destination-address: \"HOST_192_0_2_2\"\n        \
                protocol: \"esp\"\n        action: \"accept\"\n";
    assert!(policy.contains(term), "{policy}");
    let review: Json = serde_json::from_str(&read("review.json")).expect("JSON");
    assert_eq!(review["coverage"]["no_row"], json!({ "icmp_errors": 2, "icmpv6_of_link": 3 }));
    let offers: Vec<Json> = review["edges"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| json!([row["kind"], row["transport"], row["ports"], row["icmp_type"], row["grade"]]))
        .collect();
    assert_eq!(
        offers,
        [
            json!(["service", "esp", null, null, "answered-data"]),
            json!(["service", "gre", null, null, "oneway-ok"]),
            json!(["service", "icmp", null, 8, "answered-data"]),
            json!(["service", "icmp", null, 42, "oneway-ok"]),
            json!(["service", "protocol-253", null, null, "oneway-ok"]),
            json!(["service", "udp", { "first": 53, "last": 53 }, null, "unreachable"]),
            json!(["service", "icmp", null, 8, "answered-data"]),
            json!(["service", "icmp", null, 8, "no-reply"]),
            json!(["service", "icmp", null, 13, "one-sided"]),
            json!(["service", "ospf", null, null, "answered-data"]),
            json!(["service", "icmpv6", null, 128, "answered-data"]),
            json!(["group", "ospf", null, null, "group"]),
            json!(["group", "vrrp", null, null, "group"]),
            json!(["group", "igmp", null, null, "group"]),
        ]
    );
    let looked_at = review["rules"].as_array().expect("rules").iter().map(|rule| &rule["looked_at"]);
    assert_eq!(
        looked_at.collect::<Vec<_>>(),
        [true, true, false, true, true, true, true].map(|looked_at| json!(looked_at)).each_ref()
    );
}

#[test]
fn nft_takes_the_proposed_rules() {
    let out = folder();
    let capture = made(out.path());
    let path = out.path().to_str().expect("a path");
    let (status, _, _) = run(&[&capture, "--out", path, "--write", "worksheet,nft"]);
    assert_eq!(status, 0);
    let check = std::process::Command::new("unshare")
        .args(["-rn", "nft", "-c", "-f"])
        .arg(out.path().join("review.nft"))
        .output();
    match check {
        Ok(done) => assert!(done.status.success(), "{}", crate::support::stderr(&done)),
        Err(_) => crate::support::skipped("no unshare or nft"),
    }
}

#[test]
fn an_approval_of_a_protocol_comes_back() {
    let out = folder();
    let capture = made(out.path());
    let first = out.path().join("first");
    review(&first, &[&capture]);
    let sheet = first.join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    write_worksheet(&sheet, &headings, &rows);
    let second = out.path().join("second");
    let approved = review(&second, &[&capture, "--approved", sheet.to_str().expect("a path")]);
    let unapproved: Vec<_> = findings(&approved).into_iter().filter(|one| one[1] == "FR101").collect();
    assert_eq!(unapproved, Vec::<[String; 4]>::new());
    let kept = approved["kept"].as_array().map_or(0, Vec::len);
    assert_eq!(kept, 0);
    // Without its identifier a row is found by what it is about.
    let id = headings.iter().position(|heading| heading == "row_id").expect("a column");
    for row in &mut rows {
        row[id].clear();
    }
    write_worksheet(&sheet, &headings, &rows);
    let third = review(&out.path().join("third"), &[&capture, "--approved", sheet.to_str().expect("a path")]);
    assert_eq!(third["edges"], approved["edges"]);
}
