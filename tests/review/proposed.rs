//! Proposed rules let in who was seen to use a service, and nobody else.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::made::{ACK, Made, RST, SYN, SYN_ACK};
use crate::support::review::{approve, folder, review, worksheet, write_worksheet};
use crate::support::{has_program, skipped};
use portscribe::Transport;
use portscribe::rules::{Content, NewFlow, ReadOptions, RuleVerdict, Ruleset, RulesetFormat};
use serde_json::{Value as Json, json};

const SSH: (&str, u16) = ("10.0.1.2", 22);
const WEB: (&str, u16) = ("10.0.1.2", 80);
const WEB_6: (&str, u16) = ("2606::1:2", 80);

/// Clients that use services, were refused, never answered, left half-way, and one that scans.
fn traffic() -> Made {
    let mut made = Made::default();
    let refuse = |made: &mut Made, client: &str, server: (&str, u16)| {
        made.tcp(1, (client, 40_000), server, SYN, b"");
        made.tcp(1, server, (client, 40_000), RST, b"");
    };
    made.connection(0, ("10.0.0.8", 40_000), SSH);
    // Refused once and let in later.
    refuse(&mut made, "10.0.0.3", SSH);
    made.connection(2, ("10.0.0.3", 40_001), SSH);
    refuse(&mut made, "10.0.0.7", SSH);
    for _ in 0..12 {
        made.tcp(2, ("10.0.0.9", 40_000), SSH, SYN, b"");
    }
    made.tcp(3, ("10.0.0.5", 40_000), SSH, SYN, b"");
    made.tcp(3, SSH, ("10.0.0.5", 40_000), SYN_ACK, b"");
    for port in 11..=22 {
        made.tcp(4, ("10.0.0.66", 40_000 + port), ("10.0.1.2", port), SYN, b"");
    }
    made.tcp(4, SSH, ("10.0.0.66", 40_022), SYN_ACK, b"");
    made.tcp(4, ("10.0.0.66", 40_022), SSH, RST & !ACK, b"");
    // So many that networks stand for them, with some between them who were refused.
    for host in 0..40 {
        let (v4, v6) = (format!("10.0.2.{host}"), format!("2606::2:{host}"));
        if host % 10 == 7 {
            refuse(&mut made, &v4, WEB);
            refuse(&mut made, &v6, WEB_6);
        } else {
            made.connection(5, (&v4, 40_000), WEB);
            made.connection(5, (&v6, 40_000), WEB_6);
        }
    }
    made
}

/// The rules of `review.nft` that accept by addresses and a port, in a chain that drops.
fn loaded(path: &Path) -> Ruleset {
    let mut objects = vec![json!({ "chain": {
        "family": "inet", "table": "t", "name": "c", "handle": 1, "type": "filter", "hook": "forward", "prio": 0,
        "policy": "drop",
    }})];
    let is = |protocol: &str, field: &str, right: Json| json!({ "match": { "op": "==", "left": { "payload": { "protocol": protocol, "field": field } }, "right": right } });
    let network = |text: &str| match text.split_once('/') {
        Some((address, length)) => {
            json!({ "prefix": { "addr": address, "len": length.parse::<u8>().expect("a length") } })
        }
        None => text.into(),
    };
    for line in fs::read_to_string(path).expect("rules").lines().map(str::trim) {
        let Some((ip, rest)) = line.split_once(" saddr ").filter(|(ip, _)| matches!(*ip, "ip" | "ip6"))
        else {
            continue;
        };
        let (sources, rest) = rest.split_once(&format!(" {ip} daddr ")).expect("a server");
        let sources: Vec<Json> = sources.trim_matches(['{', ' ', '}']).split(", ").map(network).collect();
        let words: Vec<&str> = rest.split(' ').collect();
        assert_eq!((words[2], words[4], words[5]), ("dport", "counter", "accept"), "{line}");
        objects.push(json!({ "rule": { "family": "inet", "table": "t", "chain": "c", "handle": objects.len() + 1, "expr": [
            is(ip, "saddr", json!({ "set": sources })),
            is(ip, "daddr", words[0].into()),
            is(words[1], "dport", words[3].parse::<u16>().expect("a port").into()),
            { "accept": null },
        ]}}));
    }
    read(json!({ "nftables": objects }).to_string().as_bytes())
}

fn read(json: &[u8]) -> Ruleset {
    Ruleset::read(json, RulesetFormat::NftJson, "review.nft", &ReadOptions::default()).expect("a ruleset")
}

/// The rules as nftables itself loads them.
fn loaded_by_nft(path: &Path) -> Option<Ruleset> {
    if !has_program("nft") || !has_program("unshare") {
        return None;
    }
    let command = "nft -f \"$1\" && nft -j list ruleset";
    let output = Command::new("unshare").args(["-rn", "sh", "-c", command, "sh"]).arg(path).output();
    let output = output.expect("unshare runs");
    if !output.status.success() {
        skipped("nftables cannot load rules here");
        return None;
    }
    Some(read(&output.stdout))
}

/// The clients that a ruleset lets through to a server.
fn let_in(rules: &Ruleset, server: (&str, u16)) -> Vec<String> {
    let chosen = rules.choose(None).expect("one chain");
    let prefix = |v4: &'static str, v6: &'static str| if server.0.contains(':') { v6 } else { v4 };
    let clients = (0..80_u8)
        .map(|host| format!("{}{host}", prefix("10.0.0.", "2606::0:")))
        .chain((0..=255).map(|host| format!("{}{host}", prefix("10.0.2.", "2606::2:"))));
    clients
        .filter(|client| {
            let content = Content::Ports { transport: Transport::Tcp, source: 40_000, destination: server.1 };
            let flow = NewFlow::new(
                client.parse().expect("an address"),
                server.0.parse().expect("an address"),
                content,
            );
            rules.judge(&chosen, &flow).verdict() == Some(RuleVerdict::Accept)
        })
        .collect()
}

/// The clients that each service lets in by the proposed rules of a review, judged by this program and by
/// nftables.
fn proposed(out: &Path, arguments: &[&str]) -> [Vec<String>; 3] {
    review(out, &[arguments, &["--write", "worksheet,nft"]].concat());
    let path = out.join("review.nft");
    let own = loaded(&path);
    let of = |rules: &Ruleset| [SSH, WEB, WEB_6].map(|server| let_in(rules, server));
    if let Some(kernels) = loaded_by_nft(&path) {
        assert_eq!(of(&kernels), of(&own));
    }
    of(&own)
}

#[test]
fn who_was_refused_never_answered_or_scans_is_not_let_in() {
    let out = folder();
    let capture = out.path().join("made.pcap");
    fs::write(&capture, traffic().capture()).expect("a capture");
    let capture = capture.to_str().expect("a path");
    let all = proposed(out.path(), &[capture]);
    assert_eq!(all[0], ["10.0.0.3", "10.0.0.8"]);
    for (clients, prefix) in [(&all[1], "10.0.2."), (&all[2], "2606::2:")] {
        let used = |host: &u8| host % 10 != 7;
        let seen = (0..40).filter(used).map(|host| format!("{prefix}{host}"));
        assert!(seen.into_iter().all(|client| clients.contains(&client)), "{clients:?}");
        for refused in [7, 17, 27, 37] {
            assert!(!clients.contains(&format!("{prefix}{refused}")), "{clients:?}");
        }
    }

    // The worksheet has who was seen how in columns of their own.
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let ssh = rows.iter().find(|row| row[column("ports")] == "22").expect("a row").clone();
    let sources = ["sources", "sources_perhaps", "sources_refused", "sources_scanning"];
    assert_eq!(
        sources.map(|name| ssh[column(name)].as_str()),
        ["10.0.0.3 10.0.0.8", "10.0.0.5", "10.0.0.7 10.0.0.9", "10.0.0.66"]
    );

    // Nor is anybody of them let in by an approval of the whole row.
    approve(&headings, &mut rows);
    write_worksheet(&sheet, &headings, &rows);
    let approved = folder();
    let sheet = sheet.to_str().expect("a path");
    let again = proposed(approved.path(), &[capture, "--approved", sheet, "--approved-only"]);
    assert_eq!(again[0], ["10.0.0.3", "10.0.0.5", "10.0.0.8"]);
    assert_eq!(again[1..], all[1..]);
}
