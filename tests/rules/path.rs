//! All chains in a packet's way: several tables, hooks and priorities.

use crate::support::rules::{flow, read, way};
use portscribe::rules::{JudgedFrom, Judgement, Rule, RuleVerdict, Ruleset, RulesetFormat, Translation};

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

#[test]
fn what_every_way_refuses_is_refused_and_what_every_way_allows_is_allowed() {
    let rules = nft(&[
        chain("t", "forward", 0, "drop", &[&to_port(22, "accept"), &to_port(23, "reject")]),
        chain("t", "input", 0, "drop", &[&to_port(22, "accept"), &to_port(25, "accept")]),
        chain("t", "output", 0, "drop", &[&to_port(22, "accept")]),
    ]);
    let through = |port: u16| {
        let judgement = judge(&rules, &[], &format!("tcp 10.0.0.9:1000 > 10.0.0.1:{port}"));
        (judgement.definite().is_some(), judgement.verdict(), judgement.is_let_through())
    };
    assert_eq!(through(22), (false, Some(RuleVerdict::Accept), Some(true)));
    assert_eq!(through(80), (false, Some(RuleVerdict::Drop), Some(false)));
    // One way rejects it and the others drop it.
    assert_eq!(through(23), (false, None, Some(false)));
    assert_eq!(through(25), (false, None, None));
}

#[test]
fn what_a_set_was_listed_to_hold_is_in_it_though_rules_put_more_in() {
    let of = |condition: &str, statement: &str| {
        format!(
            "table inet fw {{
	set some {{
		type ipv4_addr
		flags dynamic,timeout
		timeout 1h
		elements = {{ 10.0.0.66 expires 59m }}
	}}
	chain forward {{
		type filter hook forward priority filter; policy drop;
		ip saddr {condition} drop
		tcp dport 22 accept
		tcp dport 23 {statement} @some {{ ip saddr }} drop
	}}
}}
"
        )
    };
    let through = |condition: &str, statement: &str, from: &str| {
        let rules = read(&of(condition, statement), RulesetFormat::Nft);
        judge(&rules, &[], &format!("tcp {from}:1000 > 10.0.0.2:22")).is_let_through()
    };
    assert_eq!(through("@some", "add", "10.0.0.66"), Some(false));
    assert_eq!(through("@some", "add", "10.0.0.9"), None);
    assert_eq!(through("!= @some", "update", "10.0.0.66"), Some(true));
    assert_eq!(through("!= @some", "update", "10.0.0.9"), None);
    // What was listed may have been taken out.
    assert_eq!(through("@some", "delete", "10.0.0.66"), None);
}

#[test]
fn what_was_captured_behind_a_translation_is_judged_as_what_it_may_have_been() {
    let rules = read(
        "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n\
         -A PREROUTING -d 203.0.113.1/32 -i wan -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.1.10:8443\n\
         -A POSTROUTING -o wan -j MASQUERADE\nCOMMIT\n\
         *filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.0.0.0/24 -o wan -p tcp -m tcp --dport 443 -j ACCEPT\n\
         -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n",
        RulesetFormat::IptablesSave,
    );
    let verdict = |what: &str| judge(&rules, &["203.0.113.1", "10.0.0.1"], what).verdict();
    // Masqueraded it may have come from where that is allowed, or from the firewall itself.
    assert_eq!(verdict("tcp 203.0.113.1:5000 > 198.51.100.1:443 out=wan"), None);
    // From no client is that allowed.
    assert_eq!(verdict("tcp 10.0.0.5:5000 > 198.51.100.1:25 out=wan in=lan"), Some(RuleVerdict::Drop));
    assert_eq!(verdict("tcp 10.0.0.5:5000 > 198.51.100.1:443 out=wan in=lan"), Some(RuleVerdict::Accept));
    // Behind the translation it cannot be told from what was sent to the server itself.
    assert_eq!(verdict("tcp 198.51.100.1:5000 > 10.0.1.10:8443 in=wan"), None);
    assert_eq!(verdict("tcp 198.51.100.1:5000 > 10.0.1.10:8444 in=wan"), Some(RuleVerdict::Drop));
    assert_eq!(verdict("tcp 10.0.0.5:5000 > 10.0.1.10:8443 in=lan"), Some(RuleVerdict::Drop));
    assert_eq!(verdict("tcp 198.51.100.1:5000 > 203.0.113.1:443 in=wan"), Some(RuleVerdict::Accept));
}

#[test]
fn maps_say_what_destinations_are_translated_to() {
    let object = |kind: &str, rest: &str| {
        format!(r#"{{"{kind}":{{"family":"ip","table":"nat","name":"{kind}1",{rest}}}}}"#)
    };
    let rules = |dnat: &str, elements: &str| {
        let nat = [
            object(
                "map",
                &format!(
                    r#""handle":1,"type":"inet_service","map":["ipv4_addr","inet_service"],"elem":[{elements}]"#
                ),
            ),
            object("chain", r#""handle":2,"type":"nat","hook":"prerouting","prio":-100,"policy":"accept""#),
            format!(
                r#"{{"rule":{{"family":"ip","table":"nat","chain":"chain1","handle":3,"expr":[{dnat}]}}}}"#
            ),
        ];
        let web = chain("t", "forward", 0, "drop", &[&to_port(8080, "accept")]);
        nft(&[nat.join(","), web])
    };
    let port = r#"{"payload":{"protocol":"tcp","field":"dport"}}"#;
    let translation = |rules: &Ruleset, port: u16| {
        let judgement = judge(rules, &["192.0.2.1"], &format!("tcp 10.0.0.1:1000 > 192.0.2.1:{port}"));
        let translated: Vec<_> = judgement.translated.iter().map(|one| one.certain).collect();
        (judgement.translation, judgement.verdict(), translated)
    };
    let to = |port| Translation::To("10.0.1.10".parse().expect("an address"), Some(port));
    let named = format!(r#"{{"dnat":{{"family":"ip","addr":{{"map":{{"key":{port},"data":"@map1"}}}}}}}}"#);
    let named = rules(&named, r#"[80,{"concat":["10.0.1.10",8080]}],[81,{"concat":["10.0.1.10",81]}]"#);
    assert_eq!(translation(&named, 80), (to(8080), Some(RuleVerdict::Accept), vec![true]));
    assert_eq!(translation(&named, 81), (to(81), Some(RuleVerdict::Drop), vec![true]));
    // What has no element in the map is not translated, and comes to the firewall itself.
    assert_eq!(translation(&named, 82), (Translation::None, None, Vec::new()));
    let ports = format!(
        r#"{{"dnat":{{"addr":"10.0.1.10","port":{{"map":{{"key":{port},"data":{{"set":[[80,8080]]}}}}}}}}}}"#
    );
    assert_eq!(translation(&rules(&ports, ""), 80), (to(8080), Some(RuleVerdict::Accept), vec![true]));
    // Which element is taken cannot be told: it may be the one, or the other.
    let by_chance = r#"{"dnat":{"addr":"10.0.1.10","port":{"map":{"key":{"numgen":{"mode":"inc","mod":2}},"data":{"set":[[0,8080],[1,81]]}}}}}"#;
    assert_eq!(translation(&rules(by_chance, ""), 80), (Translation::Uncertain, None, vec![false]));
}

#[test]
fn what_another_connection_announced_is_new_or_related() {
    let state = r#"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},{"accept":null}"#;
    let data = "tcp 10.0.0.2:20 > 10.0.0.1:40001";
    let of = |rules: &[&str], flow: &str| way(&nft(&[chain("fw", "forward", 0, "drop", rules)]), None, flow);
    assert_eq!(of(&[state], data), "#policy=Drop");
    assert_eq!(of(&[state], &format!("{data} announced")), "#2=Accept #policy=Drop");
    // Where both come to the same, nothing is left open.
    let any = r#"{"drop":null}"#;
    assert_eq!(of(&[any], &format!("{data} announced")), "#2=Drop");
}

#[test]
fn rules_say_on_which_side_of_the_firewall_captures_tell_of_them() {
    let text = "*raw\n:PREROUTING ACCEPT [0:0]\n\
        -A PREROUTING -s 192.0.2.9/32 -d 203.0.113.1/32 -p tcp -m tcp --dport 443 -j DROP\nCOMMIT\n\
        *nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n\
        -A PREROUTING -d 203.0.113.1/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.1.10:8443\n\
        -A PREROUTING -d 203.0.113.1/32 -p tcp -m tcp --dport 25 -j DNAT --to-destination 10.0.1.20-10.0.1.29\n\
        -A POSTROUTING -s 10.0.0.0/24 -j MASQUERADE\nCOMMIT\n\
        *filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n\
        -A FORWARD -d 10.0.1.10/32 -p tcp -m tcp --dport 8443 -j ACCEPT\n\
        -A FORWARD -s 10.0.0.0/24 -j ACCEPT\n\
        -A FORWARD -s 10.0.9.0/24 -p udp -j ACCEPT\n\
        -A FORWARD -d 10.0.1.25/32 -p tcp -m tcp --dport 25 -j ACCEPT\n\
        -A FORWARD -d 10.0.1.26/32 -p tcp -m tcp --dport 25 -j DROP\n\
        -A FORWARD -p tcp -m tcp --dport 22 -j DROP\n\
        -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n\
        -A OUTPUT -p udp -m udp --dport 53 -j ACCEPT\nCOMMIT\n";
    let rules = read(text, RulesetFormat::IptablesSave);
    let from = rules.judged_from(&rules.choose(None).expect("chains"));
    let of = |(rule, from): (&Rule, &JudgedFrom)| {
        let short = &rule.reference[rule.reference.find([':', '#']).expect("a place")..];
        let why: Vec<String> = from.why.iter().map(|why| format!("{why:?}")).collect();
        format!("{} {short} {:?} {}", rule.chain, from.side, why.join(" ")).trim_end().to_owned()
    };
    let told: Vec<String> = rules.rules().iter().zip(&from).map(of).collect();
    assert_eq!(
        told,
        [
            "ip/raw/PREROUTING :3 Clients Refuses DestinationIsReplaced",
            "ip/raw/PREROUTING #policy Either",
            "ip/nat/PREROUTING :8 Either",
            "ip/nat/PREROUTING :9 Either",
            "ip/nat/POSTROUTING :10 Either",
            "ip/nat/PREROUTING #policy Either",
            "ip/nat/POSTROUTING #policy Either",
            "ip/filter/FORWARD :16 Either",
            "ip/filter/FORWARD :17 Clients SourceIsReplaced",
            "ip/filter/FORWARD :18 Either",
            "ip/filter/FORWARD :19 Both SourceIsReplaced DestinationIsNotTold",
            "ip/filter/FORWARD :20 Neither Refuses SourceIsReplaced DestinationIsNotTold",
            "ip/filter/FORWARD :21 Clients Refuses SourceIsReplaced",
            "ip/filter/INPUT :22 Clients ToFirewall",
            "ip/filter/OUTPUT :23 Servers FromFirewall",
            "ip/filter/INPUT #policy Clients Refuses ToFirewall",
            "ip/filter/FORWARD #policy Clients Refuses SourceIsReplaced",
            "ip/filter/OUTPUT #policy Neither Refuses FromFirewall",
        ]
    );
    assert_eq!(
        from[8].in_words(),
        "on the clients' side of the firewall, since it or a rule before it looks at a source that the firewall \
         replaces later"
    );
}
