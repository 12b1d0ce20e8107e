//! Rulesets as real firewalls print them: no rule is lost, what cannot be decided says so, and
//! broken files break nothing.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::support::Random;
use crate::support::rules::way;
use portscribe::Transport;
use portscribe::net::Family;
use portscribe::rules::RuleState;
use portscribe::rules::{Content, NewFlow, ReadOptions, Ruleset, RulesetFormat};
use portscribe::traffic::{ReadSettings, Reading};

/// The folder of rulesets, if it is there.
fn lab() -> Option<PathBuf> {
    let folder = crate::support::shared()?.join("firewall/lab");
    if folder.is_dir() {
        return Some(folder);
    }
    crate::support::skipped("rulesets of firewalls are missing");
    None
}

fn read(name: &str) -> Option<(Ruleset, Vec<u8>)> {
    let bytes = std::fs::read(lab()?.join(name)).expect("a file of the lab");
    let format = RulesetFormat::detect(&bytes).expect("a known format");
    let rules = Ruleset::read(&bytes, format, name, &ReadOptions::default()).expect("a ruleset");
    Some((rules, bytes))
}

/// The rules without policies.
fn count(rules: &Ruleset) -> usize {
    rules.rules().iter().filter(|rule| !rule.policy).count()
}

#[test]
fn no_rule_of_nftables_is_lost() {
    for name in
        ["rich.json", "firewalld.nft.json", "iptables-nft-as-nft.json", "out/before.json", "out/after.json"]
    {
        let Some((rules, bytes)) = read(name) else { return };
        let file: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        let objects = file["nftables"].as_array().expect("a list");
        let objects: Vec<_> = objects.iter().filter_map(|object| object.get("rule")).collect();
        assert_eq!(count(&rules), objects.len(), "{name}");
        for (rule, object) in rules.rules().iter().zip(objects) {
            let has_xt = object.to_string().contains("\"xt\":");
            assert_eq!(rule.state == RuleState::Opaque, has_xt, "{name}: {:?}", rule.text);
            assert_eq!(rule.undecided.is_empty(), rule.state == RuleState::Full, "{name}: {:?}", rule.text);
        }
    }
}

#[test]
fn no_rule_of_iptables_is_lost() {
    for name in ["sample.iptables-save", "ufw.iptables-save", "ufw.ip6tables-save"] {
        let Some((rules, bytes)) = read(name) else { return };
        let text = String::from_utf8(bytes).expect("text");
        let lines = text.lines().filter(|line| line.starts_with('[') && line.contains("] -A ")).count();
        assert_eq!(count(&rules), lines, "{name}");
        assert!(rules.rules().iter().all(|rule| rule.state != RuleState::Opaque), "{name}");
    }
}

#[test]
fn ufw_judges_both_families() {
    let Some((mut rules, _)) = read("ufw.iptables-save") else { return };
    let Some((six, _)) = read("ufw.ip6tables-save") else { return };
    assert!(six.rules().iter().all(|rule| rule.family == Some(Family::Ipv6)));
    rules.extend(six);
    let end = |flow: &str| {
        let way = way(&rules, Some("filter/INPUT"), flow);
        way.rsplit(' ').next().expect("an end").to_owned()
    };
    let line = |file: &str, text: &str| {
        let rule = rules
            .rules()
            .iter()
            .find(|rule| rule.text.raw().contains(text) && rule.reference.starts_with(file));
        format!(":{}=Accept", rule.expect("a rule").reference.split(':').next_back().expect("a line"))
    };
    assert_eq!(
        end("icmp/8/0 10.0.0.1 > 10.0.0.2"),
        line("ufw.iptables", "ufw-before-input -p icmp -m icmp --icmp-type 8")
    );
    assert_eq!(
        end("icmp/128/0 fd00::1 > fd00::2"),
        line("ufw.ip6tables", "ufw6-before-input -p ipv6-icmp -m icmp6 --icmpv6-type 128")
    );
    assert_eq!(end("tcp [fd00::1]:5 > [fd00::2]:9999 in=eth0"), "#policy=Drop");
    assert_eq!(end("tcp 10.0.0.1:5 > 10.0.0.2:9999 in=eth0"), "#policy=Drop");
}

#[test]
fn firewalld_is_decided_where_interfaces_are_known() {
    let Some((rules, _)) = read("firewalld.nft.json") else { return };
    let chosen = rules.choose(Some("filter_INPUT")).expect("a chain");
    let judge = |flow: &str| {
        let judgement = rules.judge(&chosen, &crate::support::rules::flow(flow));
        let end = judgement.definite().expect("one end");
        (rules.rule(end.rule).chain.clone(), rules.rule(end.rule).text.clone())
    };
    let (chain, text) = judge("tcp 10.9.9.9:5 > 10.0.0.2:22 in=eth0");
    assert_eq!(
        (chain.as_str(), text.raw()),
        ("inet/firewalld/filter_IN_public_allow", "tcp dport 22 accept")
    );
    let (chain, text) = judge("tcp 10.9.9.9:5 > 10.0.0.2:9 in=eth0");
    assert_eq!(text, "reject with icmpx admin-prohibited", "{chain}");
}

/// Flows of a stored run against the counters that the kernel had behind it. The counters are of
/// packets, which for flows that were answered are the openings.
#[test]
fn flows_of_a_run_fall_to_the_rules_that_counted_them() {
    let Some((rules, _)) = read("out/after.json") else { return };
    let Some(lab) = lab() else { return };
    let mut reading = Reading::new(ReadSettings::default());
    reading.read_file(lab.join("out/f0.pcap")).expect("a capture");
    let traffic = reading.finish();
    let registry = portscribe::registry::Registry::bundled();
    let chosen = rules.choose(None).expect("one chain");
    let mut flows = std::collections::BTreeMap::new();
    for row in traffic.label(&registry).rows() {
        let (client, server) = (row.client(), row.server());
        let content = Content::Ports {
            transport: row.flow.transport().expect("a transport"),
            source: client.port.expect("a port"),
            destination: server.port.expect("a port"),
        };
        let judgement = rules.judge(&chosen, &NewFlow::new(client.address, server.address, content));
        let end = judgement.definite().expect("nothing is ambiguous here");
        *flows.entry(rules.rule(end.rule).comment.clone()).or_insert(0) += 1;
    }
    let flows: Vec<(&str, i32)> = flows.iter().map(|(comment, count)| (comment.raw(), *count)).collect();
    let expected = [
        ("R1 web", 10),
        // 19 packets: two flows sent their opening again.
        ("R10 default drop", 17),
        ("R2 admin ssh", 1),
        ("R3 dns", 3),
        ("R4 legacy broad low ports", 17),
        ("R7 web over v6", 1),
        ("R8 old telemetry", 1),
    ];
    assert_eq!(flows, expected);
    for (comment, count) in expected {
        let rule = rules.rules().iter().find(|rule| rule.comment == comment).expect("a rule");
        let counted = rule.kernel_packets.expect("a counter");
        assert_eq!(counted, count as u64 + u64::from(comment.starts_with("R10")) * 2, "{comment}");
    }
    let covered: Vec<_> = rules
        .covered()
        .iter()
        .map(|covered| {
            (
                rules.rule(covered.rule).comment.clone(),
                rules.rule(covered.by[0]).comment.clone(),
                covered.same_verdict,
            )
        })
        .collect();
    assert_eq!(covered, [("R5 shadowed by R2".into(), "R2 admin ssh".into(), true)]);
}

/// A small ruleset of each format, for those who have no lab.
const SMALL: [(RulesetFormat, &str); 3] = [
    (
        RulesetFormat::NftJson,
        r#"{"nftables":[{"chain":{"family":"inet","table":"t","name":"c","hook":"forward","type":"filter","prio":0,"policy":"drop"}},
        {"set":{"family":"inet","name":"s","table":"t","type":["ipv4_addr","inet_service"],"elem":[{"concat":[{"prefix":{"addr":"10.0.0.0","len":8}},80]}]}},
        {"rule":{"family":"inet","table":"t","chain":"c","handle":2,"expr":[{"match":{"op":"==","left":{"concat":[{"payload":{"protocol":"ip","field":"saddr"}},{"payload":{"protocol":"tcp","field":"dport"}}]},"right":"@s"}},{"counter":{"packets":0,"bytes":0}},{"accept":null}]}},
        {"rule":{"family":"inet","table":"t","chain":"c","handle":3,"expr":[{"vmap":{"key":{"meta":{"key":"iifname"}},"data":{"set":[["eth*",{"jump":{"target":"c"}}],["*",{"drop":null}]]}}}]}},
        {"rule":{"family":"inet","table":"t","chain":"c","handle":4,"expr":[{"match":{"op":"!=","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},["syn","ack"]]},"right":{"set":["syn",{"range":[1,5]}]}}},{"reject":{"type":"tcp reset"}}]}}]}"#,
    ),
    (
        RulesetFormat::IptablesSave,
        "*filter\n:FORWARD DROP [1:2]\n:A - [0:0]\n[3:4] -A FORWARD ! -s 10.0.0.0/8 -p tcp -m multiport --dports 80,443:500 -m comment --comment \"x \\\" y\" -j A\n-A A -m iprange --src-range 10.0.0.1-10.0.0.9 -p icmp --icmp-type 3/4 -g FORWARD\n-A A -p tcp --tcp-flags SYN,ACK SYN -m conntrack ! --ctstate NEW,DNAT -j DNAT --to-destination 10.0.0.1:80\nCOMMIT\n",
    ),
    (
        RulesetFormat::Aws,
        r#"{"SecurityGroupRules":[{"SecurityGroupRuleId":"sgr-1","GroupId":"sg-a","IsEgress":false,"IpProtocol":"tcp","FromPort":80,"ToPort":81,"CidrIpv4":"10.1.0.0/16"}]}"#,
    ),
];

/// Reads whatever it is and uses it in every way; nothing may panic or take for ever.
fn use_it(bytes: &[u8], format: RulesetFormat, random: &mut Random) {
    RulesetFormat::detect(bytes);
    let Ok(mut rules) = Ruleset::read(bytes, format, "file", &ReadOptions::default()) else { return };
    rules.extend(rules.clone());
    rules.covered();
    for name in rules.base_chains().into_iter().map(|chain| Some(chain.name)).chain([None]) {
        let Ok(chosen) = rules.choose(name.as_deref()) else { continue };
        rules.allowed(&chosen);
        rules.looks_at(&chosen);
        for _ in 0..4 {
            let host = |n: u64| IpAddr::from([10, 0, 0, n as u8]);
            let transport = Transport::ALL[random.below(5) as usize];
            let content = Content::Ports {
                transport,
                source: random.next() as u16,
                destination: random.below(500) as u16,
            };
            rules.judge(&chosen, &NewFlow::new(host(random.below(9)), host(random.below(9)), content));
        }
    }
}

#[test]
fn broken_files_break_nothing() {
    let mut random = Random(7);
    let mut files: Vec<(RulesetFormat, Vec<u8>)> =
        SMALL.iter().map(|(format, text)| (*format, text.as_bytes().to_vec())).collect();
    for name in ["rich.json", "sample.iptables-save", "iptables-nft-as-nft.json"] {
        if let Some((_, bytes)) = read(name) {
            files.push((RulesetFormat::detect(&bytes).expect("a known format"), bytes));
        }
    }
    for (format, bytes) in files {
        use_it(&bytes, format, &mut random);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 150) {
            use_it(&bytes[..cut], format, &mut random);
        }
        for _ in 0..400 {
            let mut changed = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(changed.len() as u64) as usize;
                match random.below(4) {
                    0 => changed[at] = random.next() as u8,
                    1 => changed[at] = b"0123456789,:-/!{}[]\"@*"[random.below(22) as usize],
                    2 => {
                        changed.remove(at);
                    }
                    _ => {
                        let to = random.below(changed.len() as u64) as usize;
                        let piece = changed[at.min(to)..(at.min(to) + 30).min(changed.len())].to_vec();
                        changed.splice(to..to, piece);
                    }
                }
            }
            use_it(&changed, format, &mut random);
        }
    }
}

/// Values of JSON in every place where another was.
#[test]
fn wrong_types_break_nothing() {
    use serde_json::{Value, json};
    fn places(value: &Value, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        match value {
            Value::Array(values) => {
                for (n, value) in values.iter().enumerate() {
                    places(value, &format!("{path}/{n}"), found);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    places(value, &format!("{path}/{name}"), found);
                }
            }
            _ => {}
        }
    }
    let mut random = Random(3);
    for (format, text) in SMALL.into_iter().filter(|(format, _)| *format != RulesetFormat::IptablesSave) {
        let file: Value = serde_json::from_str(text).expect("JSON");
        let mut found = Vec::new();
        places(&file, "", &mut found);
        for place in found {
            for other in [
                json!(null),
                json!(-1),
                json!(1e300),
                json!(u64::MAX),
                json!("*"),
                json!("@s"),
                json!([]),
                json!({}),
                json!([[1]]),
            ] {
                let mut changed = file.clone();
                *changed.pointer_mut(&place).expect("a place") = other;
                use_it(changed.to_string().as_bytes(), format, &mut random);
            }
        }
    }
}
