//! The kernel's counters as a second witness of what rules did.

use std::fs;
use std::path::Path;

use crate::support::made::{ACK, Made, SYN, SYN_ACK};
use crate::support::review::{findings, folder, is, kind, kinds, port, review, run, subjects};
use serde_json::{Value as Json, json};

const WEB: (&str, u16) = ("198.51.100.20", 80);

fn mark() -> Json {
    is(&json!({ "meta": { "key": "mark" } }), 7)
}

/// A chain that drops what its rules do not take: conditions, packets counted, verdict, comment.
fn ruleset(path: &Path, rules: &[(&[Json], u64, &str, &str)]) -> String {
    let mut objects = vec![json!({ "chain": {
        "family": "inet", "table": "fw", "name": "forward", "handle": 1, "type": "filter", "hook": "forward", "prio": 0,
        "policy": "drop",
    } })];
    for (n, (conditions, packets, verdict, comment)) in rules.iter().enumerate() {
        let mut expression = conditions.to_vec();
        expression.push(json!({ "counter": { "packets": packets, "bytes": packets * 60 } }));
        expression.push(json!({ *verdict: null }));
        objects.push(json!({ "rule": {
            "family": "inet", "table": "fw", "chain": "forward", "handle": n + 2, "expr": expression,
            "comment": comment,
        } }));
    }
    fs::write(path, json!({ "nftables": objects }).to_string()).expect("rules");
    path.to_str().expect("a path").to_owned()
}

/// A rule on marks, one for the web and one for ssh, as they stand before and after.
fn before_and_after(out: &Path, [marked, web, ssh]: [u64; 3]) -> [String; 2] {
    let rules = |name: &str, counted: [u64; 3]| {
        let of = |conditions, n: usize, comment| (conditions, counted[n], "accept", comment);
        let (mark, web, ssh) = ([mark()], [port(80)], [port(22)]);
        ruleset(
            &out.join(name),
            &[of(&mark[..], 0, "marked"), of(&web[..], 1, "web"), of(&ssh[..], 2, "ssh")],
        )
    };
    [rules("before.json", [5, 5, 5]), rules("after.json", [5 + marked, 5 + web, 5 + ssh])]
}

fn capture(out: &Path, made: &Made) -> String {
    let path = out.join("made.pcap");
    fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

/// The flows of each rule, for certain and perhaps.
fn flows(review: &Json) -> Vec<(u64, u64)> {
    let number = |rule: &Json, key: &str| rule["flows"][key].as_u64().expect("a number");
    let rules = review["rules"].as_array().expect("rules").iter();
    rules.map(|rule| (number(rule, "definite"), number(rule, "ambiguous"))).collect()
}

fn connection() -> Made {
    let mut made = Made::default();
    made.connection(1, ("192.0.2.10", 40_000), WEB);
    made
}

#[test]
fn a_counter_that_did_not_move_settles_what_a_capture_cannot_decide() {
    let out = folder();
    let capture = capture(out.path(), &connection());
    let [before, after] = before_and_after(out.path(), [0, 1, 0]);
    let without = review(out.path(), &[&capture, "--rules", &before]);
    assert_eq!(flows(&without), [(0, 1), (0, 1), (0, 0), (0, 0)]);
    let with = review(out.path(), &[&capture, "--rules", &before, "--rules-after", &after]);
    assert_eq!(flows(&with), [(0, 0), (1, 0), (0, 0), (0, 0)]);
    assert_eq!(
        with["rules"][1]["counted"],
        json!({ "packets": 1, "captured_least": 1, "captured_most": null })
    );
    assert_eq!(with["rulesets"][0]["counted"]["later"]["name"], after.as_str());
    assert_eq!(with["edges"][0]["configured"], "yes");
    // A counter that moved settles nothing: who was counted is not known.
    let [before, after] = before_and_after(out.path(), [1, 1, 0]);
    let with = review(out.path(), &[&capture, "--rules", &before, "--rules-after", &after]);
    assert_eq!(flows(&with), [(0, 1), (0, 1), (0, 0), (0, 0)]);
}

#[test]
fn what_opened_before_the_counters_began_is_not_settled() {
    let out = folder();
    let settled = |made: &Made, since: &[&str]| {
        let capture = capture(out.path(), made);
        let [before, after] = before_and_after(out.path(), [0, 1, 0]);
        let rules = [&[&capture[..], "--rules", &before, "--rules-after", &after], since].concat();
        flows(&review(out.path(), &rules))[..2].to_vec()
    };
    assert_eq!(settled(&connection(), &["--counters-since", "2026-01-01T00:00:01Z"]), [(0, 0), (1, 0)]);
    assert_eq!(settled(&connection(), &["--counters-since", "2026-01-01T00:00:02Z"]), [(0, 1), (0, 1)]);
    // Without its opening nobody knows when it began.
    let mut made = Made::default();
    made.tcp(1, ("192.0.2.10", 40_000), WEB, ACK, b"GET");
    made.tcp(1, WEB, ("192.0.2.10", 40_000), ACK, b"hello");
    assert_eq!(settled(&made, &[]), [(0, 1), (0, 1)]);
    let mut made = Made::default();
    made.tcp(1, WEB, ("192.0.2.10", 40_000), SYN_ACK, b"");
    made.tcp(1, ("192.0.2.10", 40_000), WEB, ACK, b"GET");
    assert_eq!(settled(&made, &[]), [(0, 1), (0, 1)]);
}

#[test]
fn datagrams_are_settled_where_an_older_stream_would_be_forgotten() {
    let out = folder();
    let rules = |name: &str, marked: u64, dns: u64| {
        let udp = [is(&json!({ "payload": { "protocol": "udp", "field": "dport" } }), 53)];
        ruleset(
            &out.path().join(name),
            &[(&[mark()], marked, "accept", "marked"), (&udp, dns, "accept", "dns")],
        )
    };
    let (before, after) = (rules("before.json", 0, 0), rules("after.json", 0, 2));
    let mut made = Made::default();
    made.exchange(1, ("192.0.2.10", 40_000), ("198.51.100.53", 53));
    made.exchange(180, ("192.0.2.11", 40_000), ("198.51.100.53", 53));
    made.exchange(181, ("192.0.2.12", 40_000), ("198.51.100.53", 53));
    let capture = capture(out.path(), &made);
    let counted = |more: &[&str]| {
        flows(&review(
            out.path(),
            &[&[&capture[..], "--rules", &before, "--rules-after", &after], more].concat(),
        ))
    };
    assert_eq!(counted(&[])[..2], [(0, 2), (1, 2)]);
    assert_eq!(counted(&["--counters-since", "2026-01-01"])[..2], [(0, 1), (2, 1)]);
}

#[test]
fn a_rule_that_the_kernel_counted_is_not_called_not_seen() {
    let out = folder();
    let capture = capture(out.path(), &connection());
    let [before, after] = before_and_after(out.path(), [0, 1, 3]);
    let told = review(
        out.path(),
        &[&capture, "--rules", &before, "--rules-after", &after, "--counters-since", "2026-01-01"],
    );
    assert_eq!(
        kinds(&told, &["FR201", "FR211"]),
        [kind("FR211", "low", "inet/fw/forward#4"), kind("FR201", "info", "inet/fw/forward#2"),]
    );
    let of = |id: &str| {
        let all = told["findings"].as_array().expect("findings");
        all.iter().find(|one| one["id"] == id).cloned().expect("a finding")
    };
    let hit = of("FR211");
    assert_eq!(
        ["title", "why", "limits", "suggestion"]
            .map(|key| hit[key].as_str().expect("a text").replace(&after, "AFTER")),
        [
            "inet/fw/forward#4 (ssh): the kernel counted 3 packets, and the captures show no flow of it",
            "The counter is that of the time from 2026-01-01T00:00:00.000000000Z up to AFTER.",
            "Not in the captures may be: what came between 2026-01-01T00:00:00.000000000Z and the first packet, at \
             2026-01-01T00:00:01.000000000Z; what did not pass the place of the sensor.",
            "It is in use by something: find out by what, before it is changed.",
        ]
    );
    assert_eq!(
        of("FR201")["why"].as_str().expect("a text").replace(&after, "AFTER"),
        "No flow of the captures is judged by it. Nor did the kernel count a packet of it from \
         2026-01-01T00:00:00.000000000Z up to AFTER."
    );
    // A counter of an unknown time is told beside, and decides nothing.
    let alone = review(out.path(), &[&capture, "--rules", &after]);
    assert_eq!(flows(&alone), [(0, 1), (0, 1), (0, 0), (0, 0)]);
    let all = alone["findings"].as_array().expect("findings");
    let not_seen = all.iter().find(|one| one["id"] == "FR201").expect("a finding");
    assert_eq!(
        not_seen["why"],
        "No flow of the captures is judged by it. But its counter stands at 8 packets, counted since a time that is \
         not known (--counters-since, --rules-after)."
    );
}

#[test]
fn what_was_counted_and_what_was_captured_are_compared() {
    let out = folder();
    let mut made = connection();
    // Tried twice, and each time twice.
    for client in [40_001, 40_002] {
        made.tcp(2, ("192.0.2.10", client), WEB, SYN, b"");
        made.tcp(3, ("192.0.2.10", client), WEB, SYN, b"");
    }
    let capture = capture(out.path(), &made);
    let told = |web: u64| {
        let [before, after] = before_and_after(out.path(), [0, web, 0]);
        let review = review(out.path(), &[&capture, "--rules", &before, "--rules-after", &after]);
        let told = findings(&review).into_iter().find(|one| one[1] == "FR211");
        told.map(|[severity, _, _, title]| format!("{severity}: {title}"))
    };
    let rule = "inet/fw/forward#3 (web): the kernel counted";
    assert_eq!(told(2), Some(format!("low: {rule} 2 packets, and the captures show at least 3 openings")));
    assert_eq!([told(3), told(5)], [None, None]);
    // Nothing lets established packets past the rule.
    assert_eq!(told(60), None);
    let established = |out: &Path, name: &str, web: u64| {
        let state = json!({ "match": { "op": "in", "left": { "ct": { "key": "state" } }, "right": ["established", "related"] } });
        ruleset(&out.join(name), &[(&[state], 9, "accept", "open"), (&[port(80)], web, "accept", "web")])
    };
    let (before, after) =
        (established(out.path(), "before.json", 0), established(out.path(), "after.json", 6));
    let review = review(out.path(), &[&capture, "--rules", &before, "--rules-after", &after]);
    assert_eq!(
        findings(&review).into_iter().find(|one| one[1] == "FR211").map(|[.., title]| title).as_deref(),
        Some(&*format!("{rule} 6 packets, and the captures show at most 5 that it may have counted"))
    );
    assert_eq!(review["rules"][0]["not_looked_at"], "not-new");
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains("not looked at: for packets that open no connection"));
}

#[test]
fn prints_that_do_not_belong_together_are_refused() {
    let out = folder();
    let capture = capture(out.path(), &connection());
    let refused = |rules: &[&str]| {
        let path = out.path().join("none");
        let (status, _, said) =
            run(&[&[&capture[..]], rules, &["--out", path.to_str().expect("a path")]].concat());
        (status, said.replace(out.path().to_str().expect("a path"), "OUT"))
    };
    let [before, after] = before_and_after(out.path(), [0, 1, 0]);
    assert_eq!(
        refused(&["--rules", &after, "--rules-after", &before]),
        (
            2,
            "portscribe: error: OUT/after.json and OUT/before.json: inet/fw/forward#3 had counted 6 packets, and later 5: the \
             counters were set to zero, or the later rules were given first\n"
                .to_owned()
        )
    );
    let other = ruleset(&out.path().join("other.json"), &[(&[port(25)], 0, "accept", "")]);
    assert_eq!(
        refused(&["--rules", &before, "--rules-after", &other]),
        (
            2,
            "portscribe: error: OUT/before.json and OUT/other.json: the rules of inet/fw/forward were changed: only one of the \
             two has `meta mark 7 accept`; give two prints of the kernel (`nft list ruleset`, `iptables-save -c`), since it \
             writes rules in another way than the file that they were loaded from\n"
                .to_owned()
        )
    );
    assert_eq!(
        refused(&["--rules", &before, "--rules-after", &after, "--rules-after", &after]),
        (2, "portscribe: error: --rules-after OUT/after.json: there is no --rules that it is the later print of\n".to_owned())
    );
}

#[test]
fn counters_of_iptables_are_taken_too() {
    let out = folder();
    let capture = capture(out.path(), &connection());
    let save = |name: &str, web: u64, policy: u64| {
        let path = out.path().join(name);
        let text = format!(
            "*filter\n:FORWARD DROP [{policy}:0]\n[0:0] -A FORWARD -m mark --mark 0x7 -j ACCEPT\n\
             [{web}:0] -A FORWARD -p tcp -m tcp --dport 80 -m limit --limit 9/sec -j ACCEPT\nCOMMIT\n"
        );
        fs::write(&path, text).expect("rules");
        path.to_str().expect("a path").to_owned()
    };
    let (before, after) = (save("before", 0, 7), save("after", 1, 7));
    let with = review(out.path(), &[&capture, "--rules", &before, "--rules-after", &after]);
    // The policy dropped nothing, so the rule with the rate let it through.
    assert_eq!(flows(&with), [(0, 0), (1, 0), (0, 0)]);
}

#[test]
fn rules_that_flows_cannot_show_are_not_looked_at_whatever_they_do() {
    let out = folder();
    let capture = capture(out.path(), &connection());
    let icmp = |kind: &str| is(&json!({ "payload": { "protocol": "icmp", "field": "type" } }), kind);
    let state = json!({ "match": { "op": "==", "left": { "ct": { "key": "state" } }, "right": "invalid" } });
    let rules = ruleset(
        &out.path().join("rules.json"),
        &[
            (&[state], 4, "drop", ""),
            (&[icmp("destination-unreachable")], 3, "drop", ""),
            (&[icmp("time-exceeded")], 2, "accept", ""),
            (&[icmp("echo-request")], 0, "drop", ""),
            (&[port(22)], 0, "drop", ""),
            (&[port(80)], 1, "accept", ""),
            (&[port(81)], 1, "continue", ""),
        ],
    );
    let review = review(out.path(), &[&capture, "--rules", &rules]);
    let of =
        |rule: &Json| (rule["verdict"].clone(), rule["looked_at"].clone(), rule["not_looked_at"].clone());
    let told: Vec<_> = review["rules"].as_array().expect("rules").iter().map(of).collect();
    let expected = |verdict: &str, why: Json| (json!(verdict), json!(why.is_null()), why);
    assert_eq!(
        told,
        [
            expected("drop", json!("not-new")),
            expected("drop", json!("no-rows")),
            expected("accept", json!("no-rows")),
            expected("drop", Json::Null),
            expected("drop", Json::Null),
            expected("accept", Json::Null),
            expected("continue", json!("ends-nothing")),
            expected("drop", Json::Null),
        ]
    );
}

#[test]
fn what_ftp_announced_counts_for_no_rule_as_a_new_connection() {
    let out = folder();
    let mut made = Made::default();
    let (client, server) = (("192.0.2.10", 40_000), ("198.51.100.20", 21));
    made.connection(1, client, server);
    made.tcp(1, client, server, ACK, b"PORT 192,0,2,10,31,144\r\n");
    made.connection(2, ("198.51.100.20", 20), ("192.0.2.10", 8080));
    let capture = capture(out.path(), &made);
    let state = json!({ "match": { "op": "in", "left": { "ct": { "key": "state" } }, "right": ["established", "related"] } });
    let rules = ruleset(
        &out.path().join("rules.json"),
        &[(&[state], 9, "accept", "open"), (&[port(21)], 1, "accept", "ftp")],
    );
    let review = review(out.path(), &[&capture, "--rules", &rules]);
    assert_eq!(flows(&review), [(0, 1), (1, 0), (0, 1)]);
    let rows: Vec<_> = review["edges"].as_array().expect("rows").iter().collect();
    let of = |row: &Json| json!([row["server"], row["kind"], row["status"], row["configured"]]);
    assert_eq!(
        rows.into_iter().map(of).collect::<Vec<_>>(),
        [
            json!(["192.0.2.10", "dynamic-data", "listed-apart", "ambiguous"]),
            json!(["198.51.100.20", "service", "observed-configured", "yes"]),
        ]
    );
    assert_eq!(subjects(&review, "FR301"), Vec::<String>::new());
    assert_eq!(subjects(&review, "FR101"), Vec::<String>::new());
}
