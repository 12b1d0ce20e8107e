//! Rules that earlier ones cover, and what accepting rules let through.

use crate::support::rules::{nft, nft_rule, read};
use portscribe::net::{Ports, Protocol, Transport};
use portscribe::rules::{Allowed, Ruleset, RulesetFormat};

fn filter(rules: &str) -> Ruleset {
    read(&format!("*filter\n:FORWARD DROP [0:0]\n:A - [0:0]\n{rules}\nCOMMIT\n"), RulesetFormat::IptablesSave)
}

/// `rule < by by: same|other` by the lines of the file, from 4 on.
fn covered(rules: &str) -> Vec<String> {
    let rules = filter(rules);
    let line = |id| rules.rule(id).reference.replace("file:", "");
    let found = rules.covered().into_iter().map(|covered| {
        let by: Vec<_> = covered.by.iter().map(|id| line(*id)).collect();
        let verdict = if covered.same_verdict { "same" } else { "other" };
        format!("{} < {}: {verdict}", line(covered.rule), by.join(" "))
    });
    found.collect()
}

#[test]
fn one_rule_covers() {
    let cases = [
        (
            "-A FORWARD -s 10.0.0.0/8 -p tcp -j ACCEPT\n-A FORWARD -s 10.1.0.0/16 -p tcp --dport 22 -j ACCEPT",
            &["5 < 4: same"][..],
        ),
        (
            "-A FORWARD -s 10.0.0.0/8 -p tcp -j ACCEPT\n-A FORWARD -s 10.1.0.0/16 -p tcp --dport 22 -j DROP",
            &["5 < 4: other"],
        ),
        ("-A FORWARD -s 10.0.0.0/8 -p tcp -j DROP\n-A FORWARD -s 10.1.0.0/16 -j DROP", &[]),
        (
            "-A FORWARD -p tcp -m multiport --dports 1:100 -j DROP\n-A FORWARD -p tcp -m multiport --dports 1,50,100 -j DROP",
            &["5 < 4: same"],
        ),
        (
            "-A FORWARD -p tcp --dport 1:99 -j DROP\n-A FORWARD -p tcp -m multiport --dports 1,50,100 -j DROP",
            &[],
        ),
        (
            "-A FORWARD -i eth+ -j ACCEPT\n-A FORWARD -i eth0 -j ACCEPT\n-A FORWARD -i ppp0 -j ACCEPT",
            &["5 < 4: same"],
        ),
        // What cannot be decided covers nothing, but may be covered.
        ("-A FORWARD -p tcp -m limit --limit 1/s -j ACCEPT\n-A FORWARD -p tcp -j ACCEPT", &[]),
        ("-A FORWARD -p tcp -j ACCEPT\n-A FORWARD -p tcp -m limit --limit 1/s -j ACCEPT", &["5 < 4: same"]),
        // What only counts or logs ends nothing, and what is in another chain is another matter.
        ("-A FORWARD -p tcp -j LOG\n-A FORWARD -p tcp -j ACCEPT", &[]),
        ("-A FORWARD -p tcp -j ACCEPT\n-A A -p tcp -j ACCEPT", &[]),
        (
            "-A FORWARD -p tcp -j A\n-A FORWARD -p tcp -j ACCEPT\n-A A -j RETURN\n-A A -p tcp -j DROP",
            &["7 < 6: other"],
        ),
        // For tracked connections.
        ("-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n-A FORWARD -p tcp -j DROP", &[]),
        (
            "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED,NEW -j ACCEPT\n-A FORWARD -p tcp -j DROP",
            &["5 < 4: other"],
        ),
        (
            "-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\n-A FORWARD -p tcp -m state --state NEW -j ACCEPT",
            &["5 < 4: same"],
        ),
        (
            "-A FORWARD -p tcp -j ACCEPT\n-A FORWARD -p tcp -m conntrack --ctstate INVALID -j DROP",
            &["5 < 4: other"],
        ),
        (
            "-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED,RELATED -j ACCEPT\n-A FORWARD -m conntrack --ctstate INVALID -j DROP",
            &[],
        ),
        // A condition on fragments says more than that they are fragments.
        ("-A FORWARD -f -j DROP\n-A FORWARD -f -s 10.0.0.0/8 -j DROP", &[]),
        // Ports only stand for packets that have them.
        ("-A FORWARD -p tcp --dport 0:65535 -j DROP\n-A FORWARD -p tcp -j DROP", &["5 < 4: same"]),
    ];
    for (rules, expected) in cases {
        assert_eq!(covered(rules), expected, "{rules}");
    }
}

#[test]
fn several_rules_cover_together() {
    assert_eq!(
        covered(
            "-A FORWARD -s 10.0.0.0/9 -j ACCEPT\n-A FORWARD -d 10.9.9.9/32 -j DROP\n-A FORWARD -s 10.128.0.0/9 -j ACCEPT\n\
             -A FORWARD -s 10.0.0.0/8 -j ACCEPT"
        ),
        ["7 < 4 5 6: other"]
    );
    assert_eq!(
        covered(
            "-A FORWARD -p tcp --dport 1:100 -j ACCEPT\n-A FORWARD -p udp -j ACCEPT\n-A FORWARD -p tcp --dport 101: -j ACCEPT\n\
             -A FORWARD -p tcp --dport 50:200 -j ACCEPT\n-A FORWARD -p tcp --dport 0:200 -j ACCEPT"
        ),
        ["7 < 4 6: same"]
    );
}

#[test]
fn sets_over_several_fields_and_maps_cover() {
    let key = r#"{"concat":[{"payload":{"protocol":"ip","field":"daddr"}},{"payload":{"protocol":"tcp","field":"dport"}}]}"#;
    let set =
        |elements: &str| format!(r#"{{"match":{{"op":"==","left":{key},"right":{{"set":[{elements}]}}}}}}"#);
    let both = r#"{"concat":["10.0.0.1",80]},{"concat":["10.0.0.2",443]}"#;
    let map = |verdict: &str| {
        format!(
            r#"{{"vmap":{{"key":{{"payload":{{"protocol":"tcp","field":"dport"}}}},"data":{{"set":[[{{"range":[1,500]}},{{"{verdict}":null}}]]}}}}}}"#
        )
    };
    let found = |first: &str, second: &str| {
        let rules = nft(&format!(
            "{},{}",
            nft_rule(1, first),
            nft_rule(2, &format!(r#"{second},{{"accept":null}}"#))
        ));
        rules.covered().iter().map(|covered| covered.same_verdict).collect::<Vec<_>>()
    };
    let accept = |condition: String| format!(r#"{condition},{{"accept":null}}"#);
    assert_eq!(found(&accept(set(both)), &set(r#"{"concat":["10.0.0.2",443]}"#)), [true]);
    assert_eq!(found(&accept(set(both)), &set(r#"{"concat":["10.0.0.2",80]}"#)), [false; 0]);
    assert_eq!(found(&map("accept"), &set(both)), [true]);
    assert_eq!(found(&map("drop"), &set(both)), [false]);
    assert_eq!(found(&map("continue"), &set(both)), [false; 0]);
}

fn allowed(rules: &str) -> Vec<Allowed> {
    let rules = filter(rules);
    rules.allowed(&rules.choose(None).expect("a chain"))
}

#[test]
fn what_rules_let_through() {
    let found = allowed(
        "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n\
         -A FORWARD -s 10.0.0.0/30 -d 10.2.0.0/16 -p tcp -m multiport --dports 22,80:81 -j A\n\
         -A FORWARD -j ACCEPT\n-A FORWARD -i lo -m mark --mark 1 -j ACCEPT\n\
         -A A -p tcp --dport 80 -j DROP\n-A A -j ACCEPT",
    );
    let places: Vec<_> =
        found.iter().map(|allowed| (allowed.rule.0, allowed.exact, allowed.any_any())).collect();
    assert_eq!(places, [(2, true, true), (3, false, true), (5, true, false)]);
    let narrow = &found[2];
    let range = narrow.sources.as_ref().expect("sources")[0];
    assert_eq!(
        (range.first.to_string(), range.last.to_string(), range.count()),
        ("10.0.0.0".into(), "10.0.0.3".into(), 4.0)
    );
    assert!(range.contains("10.0.0.2".parse().expect("an address")));
    assert!(!range.contains("10.0.0.4".parse().expect("an address")));
    assert_eq!(narrow.protocols, Some(vec![Protocol::TCP]));
    assert_eq!(narrow.ports, Some(vec![Ports::one(22), (80..=81).into()]));
    assert!(narrow.allows_port(Transport::Tcp, 81) && !narrow.allows_port(Transport::Tcp, 82));
    assert!(!narrow.allows_port(Transport::Udp, 81) && found[0].allows_port(Transport::Udp, 23));
    assert!(found[1].interfaces && !found[0].interfaces);
}

#[test]
fn policies_let_through_too() {
    let rules = read(
        "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -j DROP\nCOMMIT\n",
        RulesetFormat::IptablesSave,
    );
    let found = rules.allowed(&rules.choose(None).expect("a chain"));
    assert_eq!(found.len(), 1);
    assert!(rules.rule(found[0].rule).policy && found[0].any_any());
}

#[test]
fn rules_that_accept_everything() {
    let everything = |rule: &str| filter(rule).rules()[0].accepts_everything();
    assert!(everything("-A FORWARD -j ACCEPT"));
    assert!(everything("-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT"));
    for narrow in [
        "-A FORWARD -j DROP",
        "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        "-A FORWARD -p tcp -j ACCEPT",
        "-A FORWARD -i lo -j ACCEPT",
        "-A FORWARD -m limit --limit 1/s -j ACCEPT",
        "-A FORWARD -p udp -m multiport --ports 1 -j ACCEPT",
    ] {
        assert!(!everything(narrow), "{narrow}");
    }
}
