//! Connections that a firewall translates, captured before it and behind it, count once.

use std::fs;
use std::path::Path;

use crate::support::made::{ACK, Made, RST, SYN, SYN_ACK};
use crate::support::review::{folder, is, review, run, worksheet};
use serde_json::{Value as Json, json};

const CLIENT: (&str, u16) = ("192.0.2.10", 40_000);
/// A service that is published under the firewall's address.
const PUBLIC: (&str, u16) = ("203.0.113.1", 443);
const WEB: (&str, u16) = ("10.0.1.10", 8443);
/// A service outside, and the firewall's source for it.
const OUTSIDE: (&str, u16) = ("203.0.113.80", 80);
const OFFICE: (&str, u16) = ("10.0.0.20", 41_000);
const MASQUERADED: (&str, u16) = ("203.0.113.1", 41_000);

fn capture(out: &Path, made: &Made) -> String {
    let path = out.join("made.pcap");
    fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

fn payload(protocol: &str, field: &str) -> Json {
    json!({ "payload": { "protocol": protocol, "field": field } })
}

/// A firewall that publishes the web server and masquerades the office, with what it forwards.
fn ruleset(out: &Path) -> String {
    let chain = |table: &str, name: &str, kind: &str, hook: &str, prio: i64, policy: &str| {
        json!({ "chain": {
            "family": "ip", "table": table, "name": name, "handle": 1, "type": kind, "hook": hook, "prio": prio,
            "policy": policy,
        } })
    };
    let rule = |table: &str, chain: &str, handle: u64, expression: Json| json!({ "rule": { "family": "ip", "table": table, "chain": chain, "handle": handle, "expr": expression } });
    let dnat = |to: &str, port: u16| json!({ "dnat": { "addr": to, "port": port } });
    let network = json!({ "prefix": { "addr": "10.0.0.0", "len": 24 } });
    let objects = json!([
        chain("filter", "forward", "filter", "forward", 0, "drop"),
        rule(
            "filter",
            "forward",
            2,
            json!([
                is(&payload("ip", "daddr"), WEB.0), is(&payload("tcp", "dport"), WEB.1), { "accept": null },
            ])
        ),
        rule(
            "filter",
            "forward",
            3,
            json!([is(&payload("ip", "saddr"), network.clone()), { "accept": null }])
        ),
        rule(
            "filter",
            "forward",
            4,
            json!([
                is(&payload("ip", "daddr"), "10.0.1.53"), is(&payload("udp", "dport"), 53), { "accept": null },
            ])
        ),
        chain("nat", "pre", "nat", "prerouting", -100, "accept"),
        rule(
            "nat",
            "pre",
            5,
            json!([
                is(&payload("ip", "daddr"), PUBLIC.0),
                is(&payload("tcp", "dport"), PUBLIC.1),
                dnat(WEB.0, WEB.1),
            ])
        ),
        rule(
            "nat",
            "pre",
            6,
            json!([
                is(&payload("ip", "daddr"), PUBLIC.0),
                is(&payload("udp", "dport"), 53),
                dnat("10.0.1.53", 53),
            ])
        ),
        chain("nat", "post", "nat", "postrouting", 100, "accept"),
        rule("nat", "post", 7, json!([is(&payload("ip", "saddr"), network), { "masquerade": null }])),
    ]);
    let path = out.join("rules.json");
    fs::write(&path, json!({ "nftables": objects }).to_string()).expect("rules");
    path.to_str().expect("a path").to_owned()
}

/// The rows: server, port, clients, flows, and the servers behind.
fn rows(review: &Json) -> Vec<String> {
    let edges = review["edges"].as_array().expect("edges").iter();
    let row = |edge: &Json| {
        let text = |value: &Json| value.as_str().expect("a text").to_owned();
        let clients = edge["clients"]["networks"].as_array().expect("networks").iter().map(text);
        let behind = edge["behind"].as_array().into_iter().flatten();
        let behind: Vec<String> =
            behind.map(|one| format!("{} {}", text(&one["server"]), one["flows"])).collect();
        format!(
            "{} {}/{} from {} x{} behind [{}]",
            text(&edge["server"]),
            edge["ports"]["first"],
            text(&edge["transport"]),
            clients.collect::<Vec<_>>().join(" "),
            edge["evidence"]["tries"],
            behind.join(", ")
        )
    };
    edges.map(row).collect()
}

fn joined(review: &Json) -> u64 {
    review["coverage"]["joined_legs"].as_u64().expect("a number")
}

#[test]
fn a_connection_is_joined_by_its_opening_number_and_all_that_was_sent() {
    let out = folder();
    let mut made = Made::default();
    made.translated(1, 0x1234_5678, [[CLIENT, PUBLIC], [CLIENT, WEB]]);
    made.translated(2, 0x2345_6789, [[OFFICE, OUTSIDE], [MASQUERADED, OUTSIDE]]);
    let capture = capture(out.path(), &made);
    let review = review(out.path(), &[&capture]);
    assert_eq!(
        rows(&review),
        [
            "203.0.113.1 443/tcp from 192.0.2.10/32 x1 behind [10.0.1.10:8443 1]",
            "203.0.113.80 80/tcp from 10.0.0.20/32 x1 behind [203.0.113.80:80 1]",
        ]
    );
    assert_eq!(joined(&review), 2);
    let (_, rows) = worksheet(&out.path().join("worksheet.csv"));
    assert_eq!(rows.len(), 2);
    let path = out.path().to_str().expect("a path");
    let (_, summary, _) = run(&[&capture, "--out", path]);
    assert!(
        summary.contains(
            "\nCaptured before and behind a translation: 2 connections, counted once, as before it.\n"
        ),
        "{summary}"
    );
}

#[test]
fn what_is_not_one_for_certain_is_counted_as_it_was_seen() {
    let out = folder();
    let joined = |made: &Made, more: &[&str]| {
        let capture = capture(out.path(), made);
        joined(&review(out.path(), &[&[&capture[..]], more].concat()))
    };
    // Tries of a program that opens all connections with one number.
    let mut made = Made::default();
    for server in ["10.0.1.10", "10.0.1.11"] {
        made.numbered(1, CLIENT, (server, 80), 7, SYN, b"");
        made.numbered(1, (server, 80), CLIENT, 7, SYN_ACK, b"");
    }
    assert_eq!(joined(&made, &[]), 0);
    // Three alike: which are two?
    let mut made = Made::default();
    made.translated(1, 7, [[CLIENT, PUBLIC], [CLIENT, WEB]]);
    made.numbered(1, CLIENT, ("10.0.1.12", 80), 7, SYN, b"");
    assert_eq!(joined(&made, &[]), 0);
    // Another time, other octets, both ends others.
    let mut made = Made::default();
    made.translated(1, 7, [[CLIENT, PUBLIC]; 2]);
    made.translated(9, 7, [[CLIENT, WEB]; 2]);
    assert_eq!(joined(&made, &[]), 0);
    let mut made = Made::default();
    made.translated(1, 7, [[CLIENT, PUBLIC], [CLIENT, WEB]]);
    made.numbered(1, WEB, CLIENT, 7, ACK, b"more");
    assert_eq!(joined(&made, &[]), 0);
    let mut made = Made::default();
    made.translated(1, 7, [[CLIENT, PUBLIC], [("10.0.1.1", 40_000), WEB]]);
    assert_eq!(joined(&made, &[]), 0);
    // On both sides of what does not translate, it is one flow.
    let mut made = Made::default();
    made.translated(1, 7, [[CLIENT, WEB]; 2]);
    assert_eq!(joined(&made, &[]), 0);
}

#[test]
fn rules_that_translate_explain_tries_and_datagrams() {
    let out = folder();
    let rules = ruleset(out.path());
    let mut made = Made::default();
    made.numbered(1, CLIENT, PUBLIC, 7, SYN, b"");
    made.numbered(1, CLIENT, WEB, 7, SYN, b"");
    let (dns, inner) = (("203.0.113.1", 53), ("10.0.1.53", 53));
    made.udp(2, CLIENT, dns);
    made.udp(2, CLIENT, inner);
    made.udp(2, inner, CLIENT);
    made.udp(2, dns, CLIENT);
    made.udp(3, OFFICE, ("203.0.113.80", 123));
    made.udp(3, MASQUERADED, ("203.0.113.80", 123));
    let capture = capture(out.path(), &made);
    let with = review(out.path(), &[&capture, "--rules", &rules]);
    assert_eq!(
        rows(&with),
        [
            "203.0.113.1 443/tcp from  x1 behind [10.0.1.10:8443 1]",
            "203.0.113.1 53/udp from 192.0.2.10/32 x1 behind [10.0.1.53:53 1]",
            "203.0.113.80 123/udp from  x1 behind [203.0.113.80:123 1]",
        ]
    );
    // Judged by the way that it took, and by no other.
    let flows: Vec<(&str, u64, u64)> = with["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .map(|rule| {
            let n = |key: &str| rule["flows"][key].as_u64().expect("a number");
            (rule["reference"].as_str().expect("a text"), n("definite"), n("ambiguous"))
        })
        .filter(|(reference, ..)| !reference.ends_with("policy"))
        .collect();
    assert_eq!(
        flows,
        [
            ("ip/filter/forward#2", 1, 0),
            ("ip/filter/forward#3", 1, 0),
            ("ip/filter/forward#4", 1, 0),
            ("ip/nat/pre#5", 1, 0),
            ("ip/nat/pre#6", 1, 0),
            ("ip/nat/post#7", 1, 0),
        ]
    );
    assert_eq!(joined(&review(out.path(), &[&capture])), 0);
}

#[test]
fn the_firewalls_table_of_connections_joins_what_it_names() {
    let out = folder();
    let mut made = Made::default();
    // Neither opening was captured, and both ends are others.
    for ends in [[CLIENT, PUBLIC], [("10.0.1.1", 1024), WEB]] {
        made.tcp(1, ends[0], ends[1], ACK, b"GET");
        made.tcp(1, ends[1], ends[0], ACK, b"hello");
    }
    // Behind the firewall nothing was captured.
    made.exchange(2, CLIENT, ("203.0.113.1", 53));
    let capture = capture(out.path(), &made);
    let table = out.path().join("conntrack.txt");
    fs::write(
        &table,
        "tcp 6 431999 ESTABLISHED src=192.0.2.10 dst=203.0.113.1 sport=40000 dport=443 src=10.0.1.10 dst=10.0.1.1 \
         sport=8443 dport=1024 [ASSURED] mark=0 use=1\n\
         udp 17 29 src=192.0.2.10 dst=203.0.113.1 sport=40000 dport=53 src=10.0.1.53 dst=192.0.2.10 sport=53 \
         dport=40000 mark=0 use=1\n",
    )
    .expect("a table");
    let table = table.to_str().expect("a path");
    let with = review(out.path(), &[&capture, "--conntrack", table]);
    assert_eq!(
        rows(&with),
        [
            "203.0.113.1 443/tcp from 192.0.2.10/32 x1 behind [10.0.1.10:8443 1]",
            "203.0.113.1 53/udp from 192.0.2.10/32 x1 behind [10.0.1.53:53 1]",
        ]
    );
    assert_eq!(joined(&with), 1);
    let path = out.path().join("none");
    let (status, _, said) =
        run(&[&capture, "--conntrack", &capture, "--out", path.to_str().expect("a path")]);
    assert_eq!(
        (status, said),
        (4, format!("portscribe: error: {capture}:1: not a connection; give what `conntrack -L` prints\n"))
    );
}

#[test]
fn proposed_rules_for_what_is_published_name_the_server_behind() {
    let out = folder();
    let rules = ruleset(out.path());
    let mut made = Made::default();
    made.connection(1, CLIENT, PUBLIC);
    made.connection(2, OFFICE, OUTSIDE);
    let capture = capture(out.path(), &made);
    let path = out.path().to_str().expect("a path");
    let (status, ..) =
        run(&[&capture, "--rules", &rules, "--own", "203.0.113.1", "--out", path, "--write", "nft,aerleon"]);
    assert_eq!(status, 0);
    let proposed = fs::read_to_string(out.path().join("review.nft")).expect("rules");
    let lines: Vec<&str> = proposed
        .lines()
        .map(str::trim)
        .filter(|line| line.contains(" daddr ") || line.contains("published"))
        .map(|line| line.split(" counter ").next().unwrap_or_default())
        .collect();
    assert_eq!(
        lines,
        [
            "# published as 203.0.113.1:443",
            "ip saddr 192.0.2.10 ip daddr 10.0.1.10 tcp dport 8443",
            "ip saddr 10.0.0.20 ip daddr 203.0.113.80 tcp dport 80",
        ]
    );
    let networks =
        fs::read_to_string(out.path().join("aerleon/def/portscribe_networks.yaml")).expect("definitions");
    assert!(networks.contains("10.0.1.10/32") && !networks.contains("203.0.113.1/32"), "{networks}");
}

/// The firewall's own addresses, each with what it is known by.
fn own(review: &Json) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let all = review["own_addresses"].as_array().into_iter().flatten();
    all.map(|own| (text(&own["address"]), text(&own["basis"]))).collect()
}

#[test]
fn what_a_firewall_masquerades_shows_its_own_address() {
    let out = folder();
    let rules = ruleset(out.path());
    let ssh = ("203.0.113.1", 22);
    let of = |made: &Made, more: &[&str]| {
        let capture = capture(out.path(), made);
        let review = review(out.path(), &[&[&capture[..], "--rules", &rules], more].concat());
        let row = review["edges"].as_array().expect("rows").iter().find(|row| row["ports"]["first"] == 22);
        let configured = row.expect("a row")["configured"].clone();
        (own(&review), configured)
    };
    let mut made = Made::default();
    made.connection(1, CLIENT, ssh);
    // Rules of translation name it: it may be the firewall's own, which no rule of forwarded packets is for.
    assert_eq!(of(&made, &[]), (Vec::new(), json!("ambiguous")));
    made.translated(2, 0x2345_6789, [[OFFICE, OUTSIDE], [MASQUERADED, OUTSIDE]]);
    let address = |basis: &str| vec![("203.0.113.1".to_owned(), basis.to_owned())];
    assert_eq!(of(&made, &[]), (address("translation"), json!("not-judged")));
    assert_eq!(of(&made, &["--own", "203.0.113.1"]), (address("option"), json!("not-judged")));
    assert_eq!(
        of(&made, &["--own", "203.0.113.2"]),
        (vec![("203.0.113.2".to_owned(), "option".to_owned())], json!("no"))
    );
    let path = out.path().to_str().expect("a path");
    let (_, summary, _) = run(&[&capture(out.path(), &made), "--rules", &rules, "--out", path]);
    let told = "\n  addresses of the firewall itself: 203.0.113.1 (by what was captured on both sides)\n";
    assert!(summary.contains(told), "{summary}");
}

#[test]
fn a_service_that_is_published_at_the_firewall_itself_shows_its_address() {
    let out = folder();
    // As Docker publishes a port.
    fs::write(
        out.path().join("docker"),
        "*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n\
         -A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\nCOMMIT\n\
         *filter\n:FORWARD DROP [0:0]\n-A FORWARD -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n",
    )
    .expect("rules");
    let rules = out.path().join("docker");
    let rules = rules.to_str().expect("a path");
    let host = "198.51.100.7";
    let mut made = Made::default();
    made.connection(1, CLIENT, (host, 8080));
    made.connection(2, CLIENT, (host, 22));
    made.tcp(3, CLIENT, ("198.51.100.9", 8080), SYN, b"");
    let capture = capture(out.path(), &made);
    let review = review(out.path(), &[&capture, "--rules", rules]);
    assert_eq!(own(&review), [(host.to_owned(), "use".to_owned())]);
    let of = |row: &Json| json!([row["server"], row["ports"]["first"], row["configured"]]);
    let rows: Vec<Json> = review["edges"].as_array().expect("rows").iter().map(of).collect();
    assert_eq!(
        rows,
        [
            json!([host, 22, "not-judged"]),
            json!([host, 8080, "yes"]),
            json!(["198.51.100.9", 8080, "ambiguous"]),
        ]
    );
    let findings: Vec<&str> = review["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|one| one["id"].as_str())
        .filter(|id| ["FR301", "FR302"].contains(id))
        .collect();
    assert_eq!(findings, [""; 0]);
}

#[test]
fn a_connection_that_two_captures_hold_with_the_same_ends_counts_once() {
    let out = folder();
    let rules = ruleset(out.path());
    // Each of two captures holds a try that is refused; and one a connection of another time from the same port.
    let mut made = Made::default();
    let refused = |made: &mut Made, at: u32, number: u32| {
        made.numbered(at, CLIENT, WEB, number, SYN, b"");
        made.numbered(at, WEB, CLIENT, number, RST, b"");
    };
    refused(&mut made, 1, 7);
    let before = capture(out.path(), &made);
    let mut made = Made::default();
    refused(&mut made, 1, 7);
    refused(&mut made, 90, 8);
    let behind = out.path().join("behind.pcap");
    fs::write(&behind, made.capture()).expect("a capture");
    let behind = behind.to_str().expect("a path");
    let review = review(out.path(), &[&before, behind, "--rules", &rules]);
    assert_eq!(rows(&review), ["10.0.1.10 8443/tcp from  x2 behind []"]);
    assert_eq!(review["coverage"]["captured_again"], 1);
    assert_eq!(review["rules"][0]["flows"]["definite"], 2);
}

/// A firewall that publishes one port whatever way packets come in, and another for those of one interface.
const PUBLISHING: &str = "table inet fw {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ip daddr 10.0.1.10 tcp dport { 8443, 8080 } accept
		ip saddr 10.0.0.0/24 accept
	}
}
table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		iifname \"wan\" ip daddr 203.0.113.1 tcp dport 443 dnat to 10.0.1.10:8443
		ip daddr 203.0.113.1 tcp dport 8080 dnat to 10.0.1.10:8080
	}
	chain post {
		type nat hook postrouting priority srcnat; policy accept;
		oifname \"wan\" masquerade
	}
}
";

#[test]
fn no_rule_is_proposed_for_addresses_that_forward_never_sees() {
    let out = folder();
    let rules = out.path().join("fw.nft");
    fs::write(&rules, PUBLISHING).expect("rules");
    let mut made = Made::default();
    for port in [443, 8080, 22] {
        made.connection(0, ("198.51.100.9", 40_000 + port), ("203.0.113.1", port));
    }
    made.connection(0, ("203.0.113.1", 41_000), ("198.51.100.80", 80));
    let capture = capture(out.path(), &made);
    let rules = rules.to_str().expect("a path");
    let proposed = |more: &[&str]| {
        let options = [&[capture.as_str(), "--rules", rules, "--write", "nft,json"], more].concat();
        let json = review(out.path(), &options);
        let file = fs::read_to_string(out.path().join("review.nft")).expect("rules");
        let chain = file.split_once("# documentation to private-10").expect("rules").1;
        // Without identifiers, and up to the last line.
        let lines =
            chain.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("counter"));
        let short = |line: &str| match line.strip_prefix("# row r") {
            Some(rest) => format!("# {}", &rest[14..]),
            None => line.split(" comment").next().expect("a rule").to_owned(),
        };
        let lines: Vec<String> = lines.filter(|line| *line != "}").map(short).collect();
        let edges = json["edges"].as_array().expect("edges");
        let why = edges.iter().map(|row| format!("{} {}", row["ports"]["first"], row["not_forwarded"]));
        let why: Vec<String> = why.collect();
        (lines, why)
    };
    let published = [
        "# published as 203.0.113.1:8080",
        "ip saddr 198.51.100.9 ip daddr 10.0.1.10 tcp dport 8080 counter accept",
    ];
    let apart = [
        "# seen, and not proposed",
        "# from an address of the firewall, for itself or for clients that it hides; capture on their side",
        "# at an address of the firewall itself; a chain of the hook input sees it, and forward does not",
        "# the firewall may translate its address, to which server is not known; capture on both sides, or give --own, \
         --iface or --conntrack",
    ];
    let (lines, why) = proposed(&["--own", "203.0.113.1,10.0.0.1,10.0.1.1"]);
    assert_eq!(lines, [&published[..], &apart].concat());
    let whys = [r#"80 "from-firewall""#, r#"22 "to-firewall""#, r#"443 "translation-unknown""#, "8080 null"];
    assert_eq!(why, whys);
    // Which addresses are the firewall's own, rules of translation suggest, and do not show.
    let (_, why) = proposed(&[]);
    assert_eq!(why, [whys[0], "22 null", whys[2], whys[3]]);
}
