//! Conditions and statements of nftables, one by one.

use crate::support::rules::Met::{Maybe, No, Yes};
use crate::support::rules::{Met, met, nft, nft_rule, read, way};
use portscribe::rules::{ReadOptions, Ruleset, RulesetFormat};
use portscribe::rules::{RuleState, RuleVerdict};

const WEB: &str = "tcp 10.1.0.1:1000 > 10.2.0.1:80";
const WEB6: &str = "tcp [fd01::1]:1000 > [fd02::1]:80";
const DNS: &str = "udp 10.1.0.1:1000 > 10.2.0.1:53";
const PING: &str = "icmp/8/0 10.1.0.1 > 10.2.0.1";
const PING6: &str = "icmp/128/0 fd01::1 > fd02::1";
const GRE: &str = "47 10.1.0.1 > 10.2.0.1";

/// Each condition before `accept`, with the flows that it is asked of.
fn check(cases: &[(&str, &[(&str, Met)])]) {
    for (condition, flows) in cases {
        let rules = nft(&nft_rule(2, &format!(r#"{condition},{{"accept":null}}"#)));
        for (flow, expected) in *flows {
            assert_eq!(met(&rules, flow), *expected, "{condition} of {flow}");
        }
    }
}

fn payload(protocol: &str, field: &str, op: &str, right: &str) -> String {
    format!(
        r#"{{"match":{{"op":"{op}","left":{{"payload":{{"protocol":"{protocol}","field":"{field}"}}}},"right":{right}}}}}"#
    )
}

fn of(kind: &str, key: &str, op: &str, right: &str) -> String {
    format!(r#"{{"match":{{"op":"{op}","left":{{"{kind}":{{"key":"{key}"}}}},"right":{right}}}}}"#)
}

#[test]
fn addresses() {
    check(&[
        (&payload("ip", "saddr", "==", r#""10.1.0.1""#), &[(WEB, Yes), (WEB6, No), (DNS, Yes)]),
        (
            &payload("ip", "daddr", "==", r#"{"prefix":{"addr":"10.2.0.0","len":16}}"#),
            &[(WEB, Yes), (WEB6, No)],
        ),
        (
            &payload("ip", "daddr", "!=", r#"{"prefix":{"addr":"10.2.0.0","len":16}}"#),
            &[(WEB, No), (WEB6, No)],
        ),
        (&payload("ip", "saddr", "==", r#"{"range":["10.0.0.0","10.1.0.0"]}"#), &[(WEB, No)]),
        (&payload("ip", "saddr", "==", r#"{"range":["10.0.0.0","10.1.0.1"]}"#), &[(WEB, Yes)]),
        (&payload("ip", "saddr", "<", r#""10.1.0.1""#), &[(WEB, No)]),
        (&payload("ip", "saddr", "<=", r#""10.1.0.1""#), &[(WEB, Yes)]),
        (&payload("ip", "saddr", ">", r#""10.1.0.1""#), &[(WEB, No)]),
        (&payload("ip", "saddr", ">=", r#""10.1.0.1""#), &[(WEB, Yes)]),
        (
            &payload("ip6", "saddr", "==", r#"{"set":[{"prefix":{"addr":"fd00::","len":12}},"::1"]}"#),
            &[
                (WEB6, Yes),
                (WEB, No),
                ("udp [fe80::1]:5 > [fd02::1]:6", No),
                ("udp [::1]:5 > [fd02::1]:6", Yes),
            ],
        ),
        (&payload("ip6", "daddr", "!=", r#""fd02::1""#), &[(WEB6, No), (WEB, No)]),
        (
            r#"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"ip","field":"saddr"}},"255.255.0.0"]},"right":"10.1.0.0"}}"#,
            &[(WEB, Yes), ("tcp 10.9.0.1:1 > 10.2.0.1:80", No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"ip","field":"saddr"}},"255.0.0.255"]},"right":"10.0.0.1"}}"#,
            &[(WEB, Maybe), (WEB6, No)],
        ),
    ]);
}

#[test]
fn ports() {
    check(&[
        (&payload("tcp", "dport", "==", "80"), &[(WEB, Yes), (DNS, No), (PING, No)]),
        (&payload("tcp", "dport", "!=", "81"), &[(WEB, Yes), (WEB6, Yes), (DNS, No), (PING, No), (GRE, No)]),
        (&payload("udp", "dport", "==", r#"{"set":[5,{"range":[50,60]}]}"#), &[(DNS, Yes), (WEB, No)]),
        (&payload("tcp", "sport", "==", "1000"), &[(WEB, Yes)]),
        (&payload("tcp", "sport", "==", "1001"), &[(WEB, No)]),
        (&payload("th", "dport", "==", "80"), &[(WEB, Yes), (DNS, No), (PING, Maybe), (GRE, Maybe)]),
        (&payload("sctp", "dport", "==", "80"), &[(WEB, No), ("sctp 10.1.0.1:1 > 10.2.0.1:80", Yes)]),
        (&payload("dccp", "dport", "==", "80"), &[("dccp 10.1.0.1:1 > 10.2.0.1:80", Yes)]),
        (&payload("udplite", "dport", "==", "80"), &[("udplite 10.1.0.1:1 > 10.2.0.1:80", Yes)]),
        (
            r#"{"match":{"op":"==","left":{"payload":{"base":"th","offset":16,"len":16}},"right":80}}"#,
            &[(WEB, Yes), (DNS, No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"dport"}},1]},"right":0}}"#,
            &[(WEB, Yes), ("tcp 10.1.0.1:1 > 10.2.0.1:81", No)],
        ),
        // Names of services are not numbers; the header is asked for all the same.
        (&payload("tcp", "dport", "==", r#""no-such-name""#), &[(WEB, Maybe), (DNS, No)]),
    ]);
}

#[test]
fn protocols_and_families() {
    check(&[
        (&of("meta", "l4proto", "==", r#""tcp""#), &[(WEB, Yes), (WEB6, Yes), (DNS, No)]),
        (&of("meta", "l4proto", "!=", r#"{"set":["tcp","icmp"]}"#), &[(WEB, No), (DNS, Yes), (PING, No)]),
        (&of("meta", "l4proto", "==", r#""gre""#), &[(GRE, Yes)]),
        (&of("meta", "nfproto", "==", r#""ipv6""#), &[(WEB, No), (WEB6, Yes)]),
        (&of("meta", "nfproto", "!=", r#""ipv6""#), &[(WEB, Yes), (WEB6, No)]),
        (&of("meta", "protocol", "==", r#""ip""#), &[(WEB, Yes), (WEB6, No)]),
        (&payload("ether", "type", "==", r#""ip6""#), &[(WEB, No), (WEB6, Yes)]),
        (&payload("ether", "type", "==", r#""arp""#), &[(WEB, No), (WEB6, No)]),
        (&payload("arp", "operation", "==", "1"), &[(WEB, No)]),
        (&payload("ip", "protocol", "==", r#""tcp""#), &[(WEB, Yes), (WEB6, No), (DNS, No)]),
        (&payload("ip6", "nexthdr", "==", r#""tcp""#), &[(WEB6, Yes), (WEB, No)]),
        (&payload("ip6", "nexthdr", "!=", r#""udp""#), &[(WEB6, Yes), (PING6, Yes)]),
        (
            &payload("ip6", "nexthdr", "==", r#""tcp""#),
            &[
                ("tcp [fd01::1]:1 > [fd02::1]:80 extended", Maybe),
                ("udp [fd01::1]:1 > [fd02::1]:80 extended", No),
            ],
        ),
    ]);
}

#[test]
fn icmp() {
    check(&[
        (&payload("icmp", "type", "==", r#""echo-request""#), &[(PING, Yes), (PING6, No), (WEB, No)]),
        (
            &payload("icmp", "type", "!=", r#""echo-request""#),
            &[(PING, No), ("icmp/13/0 1.1.1.1 > 2.2.2.2", Yes)],
        ),
        (
            &payload("icmp", "type", "==", r#"{"range":[3,8]}"#),
            &[(PING, Yes), ("icmp/9/0 1.1.1.1 > 2.2.2.2", No)],
        ),
        (
            &payload("icmp", "code", "==", r#""port-unreachable""#),
            &[("icmp/3/3 1.1.1.1 > 2.2.2.2", Yes), (PING, No)],
        ),
        (
            &payload("icmpv6", "type", "==", r#"{"set":["echo-request","nd-neighbor-solicit"]}"#),
            &[(PING6, Yes), (PING, No)],
        ),
        (
            &payload("icmpv6", "code", "!=", r#""no-route""#),
            &[(PING6, No), ("icmp/1/4 fd01::1 > fd02::1", Yes)],
        ),
    ]);
}

#[test]
fn states() {
    let answer = "icmp/0/0 10.1.0.1 > 10.2.0.1";
    let solicit = "icmp/135/0 fe80::1 > fe80::2";
    check(&[
        (&of("ct", "state", "in", r#""new""#), &[(WEB, Yes), (PING, Yes), (answer, Maybe), (solicit, No)]),
        (&of("ct", "state", "in", r#"["established","related"]"#), &[(WEB, No), (answer, Maybe)]),
        (&of("ct", "state", "==", r#"{"set":["established","new"]}"#), &[(WEB, Yes)]),
        (&of("ct", "state", "!=", r#"{"set":["established","related"]}"#), &[(WEB, Yes)]),
        (&of("ct", "state", "!=", r#"{"|":["established","related"]}"#), &[(WEB, Yes), (answer, Maybe)]),
        (&of("ct", "state", "!", r#"["established","related"]"#), &[(WEB, Yes)]),
        (&of("ct", "state", "!", r#"["new","related"]"#), &[(WEB, No)]),
        (&of("ct", "state", "in", r#""untracked""#), &[(WEB, No), (solicit, Yes)]),
        (&of("ct", "state", "in", r#""new""#), &[("udplite 10.1.0.1:1 > 10.2.0.1:80", Maybe)]),
        (&of("ct", "direction", "==", r#""original""#), &[(WEB, Yes), (answer, Maybe), (solicit, No)]),
        (&of("ct", "direction", "==", r#""reply""#), &[(WEB, No)]),
        (&of("ct", "status", "in", r#""dnat""#), &[(WEB, No)]),
        (&of("ct", "status", "in", r#"["seen-reply","assured"]"#), &[(WEB, No)]),
        (&of("ct", "status", "in", r#""confirmed""#), &[(WEB, Maybe)]),
        (
            r#"{"match":{"op":"==","left":{"ct":{"key":"ip saddr","dir":"original"}},"right":"10.1.0.1"}}"#,
            &[(WEB, Yes), (WEB6, No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"ct":{"key":"proto-dst","dir":"original"}},"right":81}}"#,
            &[(WEB, No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"ct":{"key":"ip saddr","dir":"reply"}},"right":"10.1.0.1"}}"#,
            &[(WEB, Maybe), (WEB6, No)],
        ),
    ]);
}

#[test]
fn interfaces() {
    let from = |name: &str| format!("{WEB} in={name}");
    let (eth0, other) = (from("eth0"), from("eth10"));
    check(&[
        (&of("meta", "iifname", "==", r#""eth0""#), &[(WEB, Maybe), (&eth0, Yes), (&other, No)]),
        (&of("meta", "iifname", "==", r#""eth1*""#), &[(&eth0, No), (&other, Yes), (&from("eth1"), Yes)]),
        (
            &of("meta", "iifname", "!=", r#"{"set":["lo","eth1*"]}"#),
            &[(WEB, Maybe), (&eth0, Yes), (&other, No)],
        ),
        (&of("meta", "oifname", "==", r#""eth0""#), &[(&eth0, Maybe), (&format!("{WEB} out=eth0"), Yes)]),
        (&of("meta", "iif", "==", r#""lo""#), &[(&eth0, No)]),
        (
            &payload("vlan", "id", "==", "5"),
            &[(WEB, Maybe), (&format!("{WEB} vlan=5"), Yes), (&format!("{WEB} vlan=6"), No)],
        ),
    ]);
}

#[test]
fn flags_of_tcp() {
    let masked = |op: &str, right: &str| {
        format!(
            r#"{{"match":{{"op":"{op}","left":{{"&":[{{"payload":{{"protocol":"tcp","field":"flags"}}}},["fin","syn","rst","ack"]]}},"right":{right}}}}}"#
        )
    };
    let answer = format!("{WEB} flags=18");
    check(&[
        (&payload("tcp", "flags", "in", r#""syn""#), &[(WEB, Yes), (&answer, Yes), (DNS, No)]),
        (&payload("tcp", "flags", "in", r#"["fin","ack"]"#), &[(WEB, No), (&answer, Yes)]),
        (&payload("tcp", "flags", "!", r#"["fin","ack"]"#), &[(WEB, Yes), (&answer, No)]),
        (&masked("==", r#""syn""#), &[(WEB, Yes), (&answer, No)]),
        (&masked("!=", r#""syn""#), &[(WEB, No), (&answer, Yes)]),
        // An opening may ask for congestion notification by two more flags (RFC 3168, section 6.1.1).
        (
            &payload("tcp", "flags", "==", r#""syn""#),
            &[(WEB, Maybe), (&format!("{WEB} flags=2"), Yes), (&answer, No)],
        ),
        (
            &payload("tcp", "flags", "==", r#"{"set":[{"|":["syn","ack"]},"fin"]}"#),
            &[(WEB, No), (&answer, Yes)],
        ),
    ]);
}

#[test]
fn fragments_and_extension_headers() {
    let fragment = format!("{WEB} fragment");
    let extended6 = format!("{WEB6} extended");
    let offset = |mask: u16, op: &str| {
        format!(
            r#"{{"match":{{"op":"{op}","left":{{"&":[{{"payload":{{"protocol":"ip","field":"frag-off"}}}},{mask}]}},"right":0}}}}"#
        )
    };
    let exists = |name: &str, wanted: bool| {
        format!(r#"{{"match":{{"op":"==","left":{{"exthdr":{{"name":"{name}"}}}},"right":{wanted}}}}}"#)
    };
    check(&[
        (&offset(0x1fff, "!="), &[(WEB, No), (&fragment, Maybe), (WEB6, No)]),
        (&offset(0x3fff, "=="), &[(WEB, Yes), (&fragment, Maybe)]),
        // The bit that forbids to fragment is set or not.
        (&offset(0x4000, "=="), &[(WEB, Maybe)]),
        (&exists("frag", true), &[(WEB6, No), (WEB, No), (&format!("{WEB6} fragment"), Maybe)]),
        (&exists("hbh", true), &[(WEB6, No), (&extended6, Maybe)]),
        (&exists("hbh", false), &[(WEB6, Yes), (&extended6, Maybe)]),
        (
            r#"{"match":{"op":"==","left":{"ip option":{"name":"rr"}},"right":true}}"#,
            &[(WEB, No), (&format!("{WEB} extended"), Maybe)],
        ),
    ]);
}

#[test]
fn what_cannot_be_decided() {
    let ways: &[(&str, Met)] = &[(WEB, Maybe)];
    check(&[
        (&of("meta", "mark", "==", "16"), ways),
        (&of("meta", "skuid", "==", "0"), ways),
        (&of("meta", "hour", "==", r#"{"range":["08:00","17:00"]}"#), ways),
        (&of("ct", "mark", "==", "1"), ways),
        (&payload("ip", "ttl", "==", "64"), &[(WEB, Maybe), (WEB6, No)]),
        (r#"{"limit":{"rate":5,"burst":5,"per":"minute"}}"#, ways),
        (r#"{"limit":"named"}"#, ways),
        (r#"{"quota":{"val":5,"val_unit":"mbytes","inv":true}}"#, ways),
        (r#"{"ct count":{"val":3,"inv":true}}"#, ways),
        (r#"{"match":{"op":"==","left":{"fib":{"result":"oif","flags":["saddr"]}},"right":false}}"#, ways),
        (r#"{"match":{"op":"==","left":{"socket":{"key":"transparent"}},"right":1}}"#, ways),
        (r#"{"match":{"op":"==","left":{"numgen":{"mode":"inc","mod":2,"offset":0}},"right":0}}"#, ways),
        (
            r#"{"match":{"op":"==","left":{"tcp option":{"name":"maxseg"}},"right":true}}"#,
            &[(WEB, Maybe), (DNS, No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"payload":{"tunnel":"vxlan","protocol":"ip","field":"saddr"}},"right":"1.1.1.1"}}"#,
            &[(WEB6, Maybe)],
        ),
        (r#"{"xt":{"type":"match","name":"conntrack"}}"#, ways),
        (r#"{"what-comes-next-year":{"x":1}}"#, ways),
        (r#"{"match":"nothing"}"#, ways),
        (r#"{"match":{"op":"~","left":{"meta":{"key":"l4proto"}},"right":"tcp"}}"#, ways),
    ]);
}

#[test]
fn what_the_routing_table_says() {
    let local = r#"{"match":{"op":"==","left":{"fib":{"result":"type","flags":["daddr"]}},"right":"local"}},{"accept":null}"#;
    let at = |hook: &str| {
        let text = format!(
            r#"{{"nftables":[{{"chain":{{"family":"inet","table":"t","name":"c","type":"filter","hook":"{hook}","prio":0,"policy":"drop"}}}},{}]}}"#,
            nft_rule(2, local)
        );
        read(&text, RulesetFormat::NftJson)
    };
    let (input, forward) = (at("input"), at("forward"));
    assert_eq!((met(&input, WEB), met(&forward, WEB)), (Yes, No));
    // It may be the broadcast address of some network; a handshake is not broadcast.
    let broadcast = "udp 10.1.0.1:5 > 10.2.0.255:5";
    assert_eq!((met(&input, broadcast), met(&forward, broadcast)), (Maybe, Maybe));
    assert_eq!(met(&input, "tcp 10.1.0.1:5 > 10.2.0.255:5"), Yes);
    assert_eq!(met(&input, "udp 10.1.0.1:5 > 224.0.0.1:5"), No);
    assert_eq!(met(&input, "udp 10.1.0.1:5 > 255.255.255.255:5"), No);
    assert_eq!(met(&input, "udp [fe80::1]:5 > [fe80::3]:5"), Yes);
}

#[test]
fn named_sets() {
    let set = |more: &str, elements: &str| {
        format!(
            r#"{{"set":{{"family":"inet","name":"s","table":"t","type":"inet_service"{more},"elem":[{elements}]}}}}"#
        )
    };
    let rule = nft_rule(3, &format!(r#"{},{{"accept":null}}"#, payload("tcp", "dport", "==", r#""@s""#)));
    let elements = r#"{"elem":{"val":80,"counter":{"packets":1,"bytes":2}}},{"range":[100,200]}"#;
    let of = |set: String| nft(&format!("{set},{rule}"));
    let plain = of(set("", elements));
    assert_eq!(met(&plain, WEB), Yes);
    assert_eq!(met(&plain, "tcp 10.1.0.1:1 > 10.2.0.1:150"), Yes);
    assert_eq!(met(&plain, "tcp 10.1.0.1:1 > 10.2.0.1:201"), No);
    assert_eq!(plain.rules()[0].listed, [""; 0]);
    // What it held at another time is not known: it is taken as it is listed, and that is said.
    let timed = r#"{"elem":{"val":80,"timeout":600,"expires":421}}"#;
    for more in [r#","flags":["timeout"]"#, r#","flags":"dynamic""#, r#","timeout":60"#] {
        let rules = of(set(more, timed));
        assert_eq!((met(&rules, WEB), met(&rules, "tcp 10.1.0.1:1 > 10.2.0.1:81")), (Yes, No), "{more}");
        assert_eq!(
            (rules.rules()[0].state, &rules.rules()[0].listed[..]),
            (RuleState::Full, &["@s".to_owned()][..])
        );
    }
    assert_eq!(met(&of(set("", r#""*""#)), WEB), Yes);
    assert_eq!(met(&nft(&rule), WEB), Maybe, "a set that is not there");
    // Rules put elements into it: what was listed is in it, of the rest nothing is known.
    let add = nft_rule(
        4,
        r#"{"set":{"op":"add","elem":{"payload":{"protocol":"tcp","field":"dport"}},"set":"@s"}}"#,
    );
    let added = nft(&format!("{},{rule},{add}", set(r#","flags":["timeout","dynamic"]"#, elements)));
    let other = "tcp 10.1.0.1:1 > 10.2.0.1:81";
    assert_eq!((met(&added, WEB), met(&added, other)), (Yes, Maybe));
    assert_eq!(added.rules()[0].listed, ["@s"]);
    let added = nft(&format!("{},{rule},{add}", set("", elements)));
    assert_eq!((met(&added, WEB), met(&added, other)), (Yes, Maybe));
}

#[test]
fn sets_that_two_prints_list_otherwise_are_not_told() {
    let print = |elements: &str, map: &str| {
        let set = format!(
            r#"{{"set":{{"family":"inet","name":"s","table":"t","type":"ipv4_addr","flags":["timeout"],"elem":[{elements}]}}}}"#
        );
        let map = format!(
            r#"{{"map":{{"family":"inet","name":"m","table":"t","type":"inet_service","map":"verdict","elem":[{map}]}}}}"#
        );
        let drop = nft_rule(3, &format!(r#"{},{{"drop":null}}"#, payload("ip", "saddr", "==", r#""@s""#)));
        let vmap =
            nft_rule(4, r#"{"vmap":{"key":{"payload":{"protocol":"tcp","field":"dport"}},"data":"@m"}}"#);
        nft(&[set, map, drop, vmap].join(","))
    };
    let accept = r#"[80,{"accept":null}]"#;
    let both = |other: &str, map: &str| {
        let mut rules = print(r#""10.1.0.9""#, accept);
        rules.count_until(&print(other, map)).expect("the same rules");
        rules
    };
    let other = "tcp 10.1.0.9:1 > 10.2.0.1:80";
    let ways = |rules: &Ruleset| [way(rules, None, WEB), way(rules, None, other)];
    assert_eq!(ways(&both(r#""10.1.0.9""#, accept)), ["#4=Accept", "#3=Drop"]);
    // Each of them may have been in it for a while.
    let changed = both(r#""10.1.0.1""#, accept);
    assert_eq!(ways(&changed), ["#3=Drop #4=Accept", "#3=Drop #4=Accept"]);
    assert_eq!(way(&changed, None, "tcp 10.1.0.3:1 > 10.2.0.1:80"), "#4=Accept");
    let rule = &changed.rules()[0];
    assert_eq!(
        (rule.state, &rule.undecided[..], &rule.listed[..]),
        (RuleState::Partial, &["a set that it names changed between the two prints".to_owned()][..], &[][..])
    );
    let changed = both(r#""10.1.0.9""#, r#"[80,{"drop":null}]"#);
    assert_eq!(way(&changed, None, WEB), "#4=Accept #4=Drop #policy=Drop");
}

#[test]
fn sets_over_several_fields() {
    let key = r#"{"concat":[{"payload":{"protocol":"ip","field":"daddr"}},{"payload":{"protocol":"tcp","field":"dport"}}]}"#;
    let named = r#"{"set":{"family":"inet","name":"s","table":"t","type":["ipv4_addr","inet_service"],"flags":["interval"],"elem":[
        {"concat":[{"prefix":{"addr":"10.2.0.0","len":24}},80]},{"concat":["10.9.9.9",{"range":[1000,2000]}]}]}}"#;
    for (op, yes, no) in [("==", Yes, No), ("!=", No, Yes)] {
        let rule = nft_rule(
            3,
            &format!(r#"{{"match":{{"op":"{op}","left":{key},"right":"@s"}}}},{{"accept":null}}"#),
        );
        let rules = nft(&format!("{named},{rule}"));
        assert_eq!(rules.rules()[0].state, RuleState::Full);
        assert_eq!(met(&rules, WEB), yes);
        assert_eq!(met(&rules, "tcp 10.1.0.1:5 > 10.9.9.9:80"), no);
        assert_eq!(met(&rules, "tcp 10.1.0.1:5 > 10.9.9.9:2000"), yes);
        assert_eq!(met(&rules, "udp 10.1.0.1:5 > 10.9.9.9:2000"), No, "the key asks for TCP either way");
        assert_eq!(met(&rules, WEB6), No);
    }
    check(&[
        (
            r#"{"match":{"op":"==","left":{"concat":[{"meta":{"key":"iifname"}},{"meta":{"key":"l4proto"}}]},"right":{"set":[{"concat":["eth*","tcp"]}]}}}"#,
            &[(WEB, Maybe), (DNS, No), (&format!("{WEB} in=eth5"), Yes), (&format!("{WEB} in=ppp0"), No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"concat":[{"meta":{"key":"mark"}},{"payload":{"protocol":"tcp","field":"dport"}}]},"right":{"set":[{"concat":[1,80]}]}}}"#,
            &[(WEB, Maybe), (DNS, No)],
        ),
        (
            r#"{"match":{"op":"==","left":{"concat":[{"payload":{"protocol":"icmp","field":"type"}},{"payload":{"protocol":"ip","field":"saddr"}}]},"right":{"set":[{"concat":["echo-request","10.1.0.1"]}]}}}"#,
            &[(PING, Yes), ("icmp/8/0 10.1.0.2 > 10.2.0.1", No), ("icmp/13/0 10.1.0.1 > 10.2.0.1", No)],
        ),
    ]);
}

fn chains(objects: &str) -> Ruleset {
    let chain =
        |name: &str| format!(r#"{{"chain":{{"family":"inet","table":"t","name":"{name}","handle":1}}}}"#);
    nft(&format!("{},{},{objects}", chain("a"), chain("b")))
}

fn rule_in(chain: &str, handle: u32, expressions: &str) -> String {
    nft_rule(handle, expressions).replace(r#""chain":"c""#, &format!(r#""chain":"{chain}""#))
}

#[test]
fn jumps_return_and_gotos_do_not() {
    let web = payload("tcp", "dport", "==", "80");
    let rules = chains(
        &[
            nft_rule(1, &format!(r#"{web},{{"jump":{{"target":"a"}}}}"#)),
            nft_rule(2, r#"{"counter":{"packets":3,"bytes":9}}"#),
            nft_rule(3, r#"{"goto":{"target":"b"}}"#),
            nft_rule(4, r#"{"accept":null}"#),
            rule_in(
                "a",
                5,
                &format!(r#"{},{{"accept":null}}"#, payload("ip", "saddr", "==", r#""10.1.0.9""#)),
            ),
            rule_in("a", 6, r#"{"return":null}"#),
            rule_in("a", 7, r#"{"drop":null}"#),
            rule_in("b", 8, &format!(r#"{},{{"reject":null}}"#, payload("udp", "dport", "==", "53"))),
        ]
        .join(","),
    );
    assert_eq!(way(&rules, None, WEB), "#1 #6 #2 #3 #policy=Drop");
    assert_eq!(way(&rules, None, "tcp 10.1.0.9:1 > 10.2.0.1:80"), "#1 #5=Accept");
    assert_eq!(way(&rules, None, DNS), "#2 #3 #8=Reject");
    assert_eq!(rules.rule(portscribe::rules::RuleId(1)).kernel_packets, Some(3));
}

#[test]
fn both_ways_are_followed_where_it_cannot_be_decided() {
    let mark = of("meta", "mark", "==", "1");
    let rules = chains(
        &[
            nft_rule(1, &format!(r#"{mark},{{"jump":{{"target":"a"}}}}"#)),
            nft_rule(2, r#"{"counter":{"packets":0,"bytes":0}}"#),
            nft_rule(3, &format!(r#"{mark},{{"jump":{{"target":"b"}}}}"#)),
            nft_rule(4, r#"{"counter":{"packets":0,"bytes":0}}"#),
            nft_rule(5, r#"{"accept":null}"#),
            // `a` ends nothing, so what is behind it is certain again.
            rule_in("a", 6, r#"{"counter":{"packets":0,"bytes":0}}"#),
            rule_in("b", 7, &format!(r#"{},{{"drop":null}}"#, payload("udp", "dport", "==", "53"))),
        ]
        .join(","),
    );
    assert_eq!(way(&rules, None, WEB), "?#1 ?#6 #2 ?#3 #4 #5=Accept");
    assert_eq!(way(&rules, None, DNS), "?#1 ?#6 #2 ?#3 ?#4 #5=Accept #7=Drop");
}

#[test]
fn verdict_maps() {
    let map = |key: &str, data: &str| format!(r#"{{"vmap":{{"key":{key},"data":{data}}}}}"#);
    let dport = r#"{"payload":{"protocol":"tcp","field":"dport"}}"#;
    let inline = r#"{"set":[[{"range":[1,79]},{"drop":null}],[80,{"jump":{"target":"a"}}],[443,{"goto":{"target":"b"}}]]}"#;
    let rest = [
        nft_rule(2, r#"{"accept":null}"#),
        rule_in("a", 6, r#"{"counter":{"packets":0,"bytes":0}}"#),
        rule_in("b", 7, r#"{"counter":{"packets":0,"bytes":0}}"#),
    ]
    .join(",");
    let named = r#"{"map":{"family":"inet","name":"m","table":"t","type":"inet_service","map":"verdict","elem":[[{"range":[1,79]},{"drop":null}],[80,{"jump":{"target":"a"}}],[443,{"goto":{"target":"b"}}]]}}"#;
    for rules in [
        chains(&format!("{},{rest}", nft_rule(1, &map(dport, inline)))),
        chains(&format!("{named},{},{rest}", nft_rule(1, &map(dport, r#""@m""#)))),
    ] {
        assert_eq!(way(&rules, None, WEB), "#1 #6 #2=Accept");
        assert_eq!(way(&rules, None, "tcp 10.1.0.1:1 > 10.2.0.1:79"), "#1=Drop");
        assert_eq!(way(&rules, None, "tcp 10.1.0.1:1 > 10.2.0.1:443"), "#1 #7 #policy=Drop");
        assert_eq!(way(&rules, None, "tcp 10.1.0.1:1 > 10.2.0.1:81"), "#1 #2=Accept");
        assert_eq!(way(&rules, None, DNS), "#2=Accept");
        assert_eq!(rules.rules()[0].verdict, RuleVerdict::Continue);
    }
    let interfaces = map(
        r#"{"meta":{"key":"iifname"}}"#,
        r#"{"set":[["eth*",{"accept":null}],["lo",{"drop":null}],["*",{"reject":null}]]}"#,
    );
    let rules = nft(&nft_rule(1, &interfaces));
    assert_eq!(way(&rules, None, &format!("{WEB} in=eth1")), "#1=Accept");
    assert_eq!(way(&rules, None, &format!("{WEB} in=lo")), "#1=Drop");
    assert_eq!(way(&rules, None, &format!("{WEB} in=x")), "#1=Reject");
    assert_eq!(way(&rules, None, WEB), "#1=Accept #1=Drop #1=Reject");
    let state = map(
        r#"{"ct":{"key":"state"}}"#,
        r#"{"set":[["established",{"accept":null}],["new",{"accept":null}],["invalid",{"accept":null}]]}"#,
    );
    let rules = nft(&nft_rule(1, &state));
    assert_eq!(
        (way(&rules, None, WEB).as_str(), rules.rules()[0].verdict),
        ("#1=Accept", RuleVerdict::Accept)
    );
}

#[test]
fn statements_ask_for_the_headers_that_they_read() {
    let cases = [
        (r#"{"reject":{"type":"tcp reset"}}"#, WEB, "#1=Reject"),
        (r#"{"reject":{"type":"tcp reset"}}"#, DNS, "#policy=Drop"),
        (r#"{"reject":{"type":"icmp","expr":"host-unreachable"}}"#, WEB6, "#policy=Drop"),
        (r#"{"reject":{"type":"icmpx","expr":"admin-prohibited"}}"#, WEB6, "#1=Reject"),
        (
            r#"{"set":{"op":"add","elem":{"payload":{"protocol":"ip","field":"saddr"}},"set":"@s"}}"#,
            WEB,
            "#1 #policy=Drop",
        ),
        (
            r#"{"set":{"op":"add","elem":{"payload":{"protocol":"ip","field":"saddr"}},"set":"@s"}}"#,
            WEB6,
            "#policy=Drop",
        ),
        (r#"{"mangle":{"key":{"meta":{"key":"mark"}},"value":1}}"#, WEB, "#1 #policy=Drop"),
        (r#"{"log":{"prefix":"x"}}"#, WEB, "#1 #policy=Drop"),
        (r#"{"queue":{"num":1}}"#, WEB, "#1=Accept #1=Drop #policy=Drop"),
        (r#"{"xt":{"type":"target","name":"LOG"}}"#, WEB, "?#1 #policy=Drop"),
        (r#"{"xt":{"type":"target","name":"REJECT"}}"#, WEB, "#1=Reject #policy=Drop"),
        (r#"{"xt":{"type":"target","name":"WHATEVER"}}"#, WEB, "#1=Accept #1=Drop #policy=Drop"),
    ];
    for (statement, flow, expected) in cases {
        let rules = nft(&nft_rule(1, statement));
        assert_eq!(way(&rules, None, flow), expected, "{statement} of {flow}");
    }
    assert!(nft(&nft_rule(1, r#"{"log":{"prefix":"x"}}"#)).rules()[0].logs);
}

fn nat(rule: &str) -> Ruleset {
    let chain = r#"{"chain":{"family":"ip","table":"n","name":"pre","handle":1,"type":"nat","hook":"prerouting","prio":-100,"policy":"accept"}}"#;
    let rule = nft_rule(9, rule)
        .replace(r#""family":"inet","table":"t","chain":"c""#, r#""family":"ip","table":"n","chain":"pre""#);
    let server = nft_rule(
        2,
        &format!(
            r#"{},{},{{"accept":null}}"#,
            payload("ip", "daddr", "==", r#""10.9.0.9""#),
            payload("tcp", "dport", "==", "8080")
        ),
    );
    let translated = nft_rule(
        1,
        &format!(r#"{},{{"counter":{{"packets":0,"bytes":0}}}}"#, of("ct", "status", "in", r#""dnat""#)),
    );
    let before = nft_rule(
        3,
        r#"{"match":{"op":"==","left":{"ct":{"key":"ip daddr","dir":"original"}},"right":"10.2.0.1"}},{"counter":{"packets":0,"bytes":0}}"#,
    );
    nft(&format!("{chain},{rule},{translated},{before},{server}"))
}

#[test]
fn destinations_are_translated_first() {
    use portscribe::rules::Translation;
    let web = payload("tcp", "dport", "==", "80");
    let rules = nat(&format!(r#"{web},{{"dnat":{{"addr":"10.9.0.9","port":8080}}}}"#));
    let judge = |what| {
        rules
            .judge(&rules.choose(Some("t/c")).expect("a chain"), &crate::support::rules::flow(what))
            .translation
    };
    assert_eq!(way(&rules, None, WEB), "#1 #3 #2=Accept");
    assert_eq!(judge(WEB), Translation::To("10.9.0.9".parse().expect("an address"), Some(8080)));
    assert_eq!(way(&rules, None, DNS), "#3 #policy=Drop");
    assert_eq!(judge(DNS), Translation::None);
    for (uncertain, expected) in [
        (
            format!(
                r#"{web},{},{{"dnat":{{"addr":"10.9.0.9","port":8080}}}}"#,
                of("meta", "mark", "==", "1")
            ),
            "#3 ?#1 #2=Accept #policy=Drop",
        ),
        // It comes to the firewall itself, where no chain stands.
        (format!(r#"{web},{{"redirect":null}}"#), ""),
        (
            format!(r#"{web},{{"dnat":{{"addr":{{"range":["10.9.0.1","10.9.0.9"]}}}}}}"#),
            "?#1 #3 #policy=Drop",
        ),
        (
            format!(r#"{web},{{"dnat":{{"addr":{{"range":["10.9.0.1","10.9.0.9"]}},"port":8080}}}}"#),
            "#1 #3 #2=Accept #policy=Drop",
        ),
        (format!(r#"{web},{{"xt":{{"type":"target","name":"DNAT"}}}}"#), "?#1 ?#3 #2=Accept #policy=Drop"),
    ] {
        let rules = nat(&uncertain);
        let chosen = rules.choose(None).expect("a chain");
        assert_eq!(
            rules.judge(&chosen, &crate::support::rules::flow(WEB)).translation,
            Translation::Uncertain,
            "{uncertain}"
        );
        assert_eq!(way(&rules, None, WEB), expected, "{uncertain}");
        assert_eq!(
            rules.judge(&chosen, &crate::support::rules::flow(DNS)).translation,
            Translation::None,
            "{uncertain}"
        );
    }
}

#[test]
fn untracked_packets_have_another_state() {
    let chain = r#"{"chain":{"family":"inet","table":"r","name":"raw","handle":1,"type":"filter","hook":"prerouting","prio":-300,"policy":"accept"}}"#;
    let raw = nft_rule(9, &format!(r#"{},{{"notrack":null}}"#, payload("udp", "dport", "==", "53")))
        .replace(r#""table":"t","chain":"c""#, r#""table":"r","chain":"raw""#);
    let new = nft_rule(2, &format!(r#"{},{{"accept":null}}"#, of("ct", "state", "in", r#""new""#)));
    let rules = nft(&format!("{chain},{raw},{new}"));
    assert_eq!(way(&rules, None, WEB), "#2=Accept");
    assert_eq!(way(&rules, None, DNS), "#2=Accept #policy=Drop");
}

#[test]
fn one_rule_that_is_not_understood_costs_no_other() {
    let rules = nft(&[
        nft_rule(1, r#"{"match":7},{"accept":null}"#),
        r#"{"rule":{"family":"inet","table":"t","chain":"c"}}"#.to_owned(),
        r#"{"rule":"nothing"}"#.to_owned(),
        r#"{"vrooom":{}}"#.to_owned(),
        nft_rule(4, r#"{"jump":{"target":"nowhere"}}"#),
        nft_rule(5, &format!(r#"{},{{"accept":null}}"#, payload("tcp", "dport", "==", "80"))),
    ]
    .join(","));
    let states: Vec<_> = rules.rules().iter().map(|rule| (rule.reference.as_str(), rule.state)).collect();
    assert_eq!(
        states,
        [
            ("inet/t/c#1", RuleState::Partial),
            ("inet/t/c#?1", RuleState::Full),
            ("//#?2", RuleState::Full),
            ("inet/t/c#4", RuleState::Opaque),
            ("inet/t/c#5", RuleState::Full),
            ("inet/t/c#policy", RuleState::Full),
        ]
    );
    assert_eq!(way(&rules, None, WEB), "?#?1 #1=Accept #4=Accept #4=Drop #5=Accept");
}

#[test]
fn chains_that_call_each_other_come_to_an_end() {
    let rules = chains(
        &[
            nft_rule(1, r#"{"jump":{"target":"a"}}"#),
            rule_in("a", 2, r#"{"jump":{"target":"b"}}"#),
            rule_in("a", 3, r#"{"jump":{"target":"b"}}"#),
            rule_in("b", 4, r#"{"jump":{"target":"a"}}"#),
            rule_in("b", 5, r#"{"jump":{"target":"a"}}"#),
        ]
        .join(","),
    );
    let chosen = rules.choose(None).expect("a chain");
    let judgement = rules.judge(&chosen, &crate::support::rules::flow(WEB));
    assert!(judgement.cut && judgement.definite().is_none() && judgement.verdict().is_none());
    assert_eq!(rules.allowed(&chosen), []);
    assert_eq!(rules.covered(), []);
}

#[test]
fn what_is_no_ruleset_says_so() {
    let read = |text: &str| {
        let error = Ruleset::read(text.as_bytes(), RulesetFormat::NftJson, "f.json", &ReadOptions::default());
        crate::support::rules::causes(&error.expect_err("no ruleset"))
    };
    assert_eq!(
        read("{}"),
        "f.json is not a ruleset in the format nft-json: no list `nftables`; write it with `nft -j list ruleset`"
    );
    assert_eq!(
        read("table inet"),
        "f.json is not a ruleset in the format nft-json: invalid JSON: expected ident at line 1 column 2"
    );
}

#[test]
fn texts_are_those_of_nft() {
    let cases = [
        (payload("ip", "saddr", "!=", r#"{"set":["10.0.0.1",{"prefix":{"addr":"10.1.0.0","len":16}}]}"#), "ip saddr != { 10.0.0.1, 10.1.0.0/16 }"),
        (payload("tcp", "dport", "==", r#"{"range":[1,9]}"#), "tcp dport 1-9"),
        (of("ct", "state", "in", r#"["established","related"]"#), "ct state established,related"),
        (of("meta", "iifname", "==", r#""eth0""#), "iifname eth0"),
        (of("meta", "mark", "==", "16"), "meta mark 16"),
        (r#"{"limit":{"rate":5,"burst":5,"per":"minute","inv":true}}"#.to_owned(), "limit rate over 5/minute burst 5 packets"),
        (r#"{"vmap":{"key":{"meta":{"key":"iifname"}},"data":{"set":[["lo",{"accept":null}],["e*",{"jump":{"target":"x"}}]]}}}"#.to_owned(), "iifname vmap { lo : accept, e* : jump x }"),
        (r#"{"dnat":{"family":"ip6","addr":"fd00::1","port":80}}"#.to_owned(), "dnat ip6 to [fd00::1]:80"),
        (r#"{"log":{"prefix":"x: ","group":2}}"#.to_owned(), r#"log prefix "x: " group 2"#),
        (r#"{"reject":{"type":"icmpx","expr":"admin-prohibited"}}"#.to_owned(), "reject with icmpx admin-prohibited"),
        (r#"{"counter":{"packets":1,"bytes":2}},{"return":null}"#.to_owned(), "return"),
    ];
    for (statements, expected) in cases {
        assert_eq!(nft(&nft_rule(1, &statements)).rules()[0].text, expected);
    }
}

#[test]
fn a_named_counter_counts_for_the_rule_that_alone_names_it() {
    let text = |counters: [u64; 4]| {
        let counter = |(name, packets): (&str, u64)| {
            format!(
                r#"{{"counter":{{"family":"inet","table":"t","name":"{name}","handle":1,"packets":{packets},"bytes":{}}}}}"#,
                packets * 60
            )
        };
        let counters: Vec<String> =
            ["alone", "shared", "lan", "early"].into_iter().zip(counters).map(counter).collect();
        let port = |port: u16| payload("tcp", "dport", "==", &port.to_string());
        let rules = [
            format!(r#"{},{{"counter":"alone"}},{{"accept":null}}"#, port(80)),
            format!(r#"{},{{"counter":"shared"}},{{"accept":null}}"#, port(81)),
            format!(r#"{},{{"counter":"shared"}},{{"drop":null}}"#, port(82)),
            // An element of a set may name it, too.
            format!(
                r#"{},{{"counter":"lan"}},{{"drop":null}}"#,
                payload("ip", "saddr", "==", r#"{"set":["lan"]}"#)
            ),
            // It counts what comes to it, and not all that the rule takes.
            format!(r#"{{"counter":"early"}},{},{{"drop":null}}"#, port(83)),
            format!(r#"{},{{"counter":"none"}},{{"drop":null}}"#, port(84)),
        ];
        let rules: Vec<String> = (2..).zip(&rules).map(|(handle, rule)| nft_rule(handle, rule)).collect();
        format!("{},{}", counters.join(","), rules.join(","))
    };
    let packets = |rules: &Ruleset| -> Vec<(Option<u64>, Option<u64>, Option<u64>)> {
        rules.rules().iter().map(|rule| (rule.kernel_packets, rule.shared_packets, rule.counted)).collect()
    };
    let mut rules = nft(&text([5, 0, 7, 9]));
    assert_eq!(rules.rules()[0].text, "tcp dport 80 counter name \"alone\" accept");
    let none = (None, None, None);
    let shared = (None, Some(0), None);
    assert_eq!(
        packets(&rules),
        [(Some(5), None, None), shared, shared, (None, Some(7), None), none, none, none]
    );
    rules.count_from_zero();
    let shared = (None, Some(0), Some(0));
    assert_eq!(packets(&rules)[..4], [(Some(5), None, Some(5)), shared, shared, (None, Some(7), None)]);
    let mut rules = nft(&text([5, 3, 7, 9]));
    rules.count_until(&nft(&text([8, 3, 8, 9]))).expect("the same rules");
    let shared = (None, Some(3), Some(0));
    assert_eq!(packets(&rules)[..4], [(Some(5), None, Some(3)), shared, shared, (None, Some(7), None)]);
    let error = rules.count_until(&nft(&text([8, 2, 8, 9]))).expect_err("it went back");
    assert_eq!(
        error.to_string(),
        "inet/t/c#3 had counted 3 packets, and later 2: the counters were set to zero, or the later rules were given \
         first"
    );
}
