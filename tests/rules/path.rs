//! All chains in a packet's way: several tables, hooks and priorities.

use crate::support::rules::{flow, read, way};
use portscribe::rules::{Judgement, RuleVerdict, Ruleset, RulesetFormat};

const RAW: &str = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 192.0.2.9/32 -p tcp -m tcp --dport 443 -j DROP\nCOMMIT\n\
    *mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s 192.0.2.5/32 -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n\
    *filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n\
    -A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT\n-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";

fn judge(rules: &Ruleset, own: &[&str], what: &str) -> Judgement {
    let own: Vec<std::net::IpAddr> = own.iter().map(|address| address.parse().expect("an address")).collect();
    rules.judge(&rules.choose(None).expect("chains").with_own(&own), &flow(what))
}

#[test]
fn tables_of_iptables_follow_each_other() {
    let rules = read(RAW, RulesetFormat::IptablesSave);
    assert_eq!(
        rules.choose(None).expect("chains").names(),
        ["ip/raw/PREROUTING", "ip/mangle/FORWARD", "ip/filter/FORWARD"]
    );
    for (what, expected) in [
        ("tcp 192.0.2.9:1000 > 198.51.100.1:443", ":3=Drop"),
        ("tcp 192.0.2.5:1000 > 198.51.100.1:443", ":13=Accept"),
        ("tcp 192.0.2.5:1000 > 198.51.100.1:22", ":7=Drop"),
        ("tcp 192.0.2.9:1000 > 198.51.100.1:22", ":14=Accept"),
        ("udp 192.0.2.9:1000 > 198.51.100.1:53", "#policy=Drop"),
    ] {
        assert_eq!(way(&rules, None, what), expected, "{what}");
    }
}

/// A base chain with rules.
fn chain(table: &str, hook: &str, priority: i32, policy: &str, rules: &[&str]) -> String {
    let base = format!(
        r#"{{"chain":{{"family":"inet","table":"{table}","name":"{hook}","handle":1,"type":"filter","hook":"{hook}","prio":{priority},"policy":"{policy}"}}}}"#
    );
    let rule = |(n, rule): (usize, &&str)| {
        let handle = n + 2;
        format!(
            r#"{{"rule":{{"family":"inet","table":"{table}","chain":"{hook}","handle":{handle},"expr":[{rule}]}}}}"#
        )
    };
    [base].into_iter().chain(rules.iter().enumerate().map(rule)).collect::<Vec<_>>().join(",")
}

fn nft(chains: &[String]) -> Ruleset {
    read(&format!(r#"{{"nftables":[{}]}}"#, chains.join(",")), RulesetFormat::NftJson)
}

fn to_port(port: u16, verdict: &str) -> String {
    format!(
        r#"{{"match":{{"op":"==","left":{{"payload":{{"protocol":"tcp","field":"dport"}}}},"right":{port}}}}},{{"{verdict}":null}}"#
    )
}

#[test]
fn accept_is_for_its_chain_and_drop_is_final() {
    let rules = nft(&[
        chain("later", "forward", 10, "drop", &[&to_port(22, "accept"), &to_port(80, "accept")]),
        chain("first", "forward", 0, "drop", &[&to_port(80, "accept"), &to_port(443, "accept")]),
    ]);
    assert_eq!(rules.choose(None).expect("chains").names(), ["inet/first/forward", "inet/later/forward"]);
    let ends = |port: u16| {
        let judgement = judge(&rules, &[], &format!("tcp 10.0.0.1:1000 > 10.0.0.2:{port}"));
        let short = |id| rules.rule(id).reference.clone();
        let end = judgement.definite().expect("one end");
        let accepted: Vec<_> = judgement.accepted.iter().map(|a| (short(a.rule), a.certain)).collect();
        (short(end.rule), end.verdict, accepted)
    };
    let first = |handle: &str| vec![(format!("inet/first/forward#{handle}"), true)];
    assert_eq!(ends(80), ("inet/later/forward#3".to_owned(), RuleVerdict::Accept, first("2")));
    assert_eq!(ends(22), ("inet/first/forward#policy".to_owned(), RuleVerdict::Drop, Vec::new()));
    assert_eq!(ends(443), ("inet/later/forward#policy".to_owned(), RuleVerdict::Drop, first("3")));
}

#[test]
fn own_addresses_tell_the_hook() {
    let rules = nft(&[
        chain("t", "forward", 0, "drop", &[&to_port(80, "accept"), &to_port(25, "accept")]),
        chain("t", "input", 0, "drop", &[&to_port(22, "accept"), &to_port(25, "accept")]),
        chain("t", "output", 0, "accept", &[&to_port(23, "drop")]),
    ]);
    let verdict = |own: &[&str], what: &str| judge(&rules, own, what).verdict();
    let (ssh, web) = ("tcp 10.0.0.9:1000 > 10.0.0.1:22", "tcp 10.0.0.9:1000 > 10.0.0.1:80");
    assert_eq!(verdict(&["10.0.0.1"], ssh), Some(RuleVerdict::Accept));
    assert_eq!(verdict(&["10.0.0.1"], web), Some(RuleVerdict::Drop));
    assert_eq!(verdict(&["10.0.0.2"], ssh), Some(RuleVerdict::Drop));
    assert_eq!(verdict(&["10.0.0.2"], web), Some(RuleVerdict::Accept));
    let telnet = "tcp 10.0.0.9:1000 > 10.0.0.1:23";
    assert_eq!(
        judge(&rules, &["10.0.0.9"], telnet).definite().map(|end| end.verdict),
        Some(RuleVerdict::Drop)
    );
    assert_eq!(verdict(&["10.0.0.9"], ssh), Some(RuleVerdict::Accept));
    // Which hook it is cannot be told, and they disagree.
    assert_eq!(verdict(&[], ssh), None);
    assert_eq!(verdict(&[], "tcp 10.0.0.9:1000 > 10.0.0.1:25"), Some(RuleVerdict::Accept));
    assert_eq!(verdict(&[], telnet), Some(RuleVerdict::Drop));
}
