//! Security groups of AWS, and what all rulesets share.

use crate::support::rules::Met::{Maybe, No, Yes};
use crate::support::rules::{flow, met, read, way};
use portscribe::rules::RuleState;
use portscribe::rules::{ChoiceError, LooksAt, ReadOptions, Ruleset, RulesetFormat};

const RULES: &str = r#"{"SecurityGroupRules":[
 {"SecurityGroupRuleId":"sgr-1","GroupId":"sg-a","IsEgress":false,"IpProtocol":"tcp","FromPort":80,"ToPort":81,"CidrIpv4":"10.1.0.0/16","Description":"web"},
 {"SecurityGroupRuleId":"sgr-2","GroupId":"sg-a","IsEgress":false,"IpProtocol":"tcp","FromPort":22,"ToPort":22,"ReferencedGroupInfo":{"GroupId":"sg-b"}},
 {"SecurityGroupRuleId":"sgr-3","GroupId":"sg-a","IsEgress":false,"IpProtocol":"icmp","FromPort":8,"ToPort":-1,"CidrIpv4":"0.0.0.0/0"},
 {"SecurityGroupRuleId":"sgr-4","GroupId":"sg-a","IsEgress":false,"IpProtocol":"icmpv6","FromPort":-1,"ToPort":-1,"CidrIpv6":"::/0"},
 {"SecurityGroupRuleId":"sgr-5","GroupId":"sg-a","IsEgress":false,"IpProtocol":"-1","FromPort":-1,"ToPort":-1,"CidrIpv4":"10.9.0.0/16"},
 {"SecurityGroupRuleId":"sgr-6","GroupId":"sg-a","IsEgress":false,"IpProtocol":"50","FromPort":-1,"ToPort":-1,"PrefixListId":"pl-1"},
 {"SecurityGroupRuleId":"sgr-7","GroupId":"sg-a","IsEgress":true,"IpProtocol":"udp","FromPort":53,"ToPort":53,"CidrIpv6":"fd02::/16"}
]}"#;

#[test]
fn rules_only_allow() {
    let rules = read(RULES, RulesetFormat::Aws);
    let references: Vec<_> =
        rules.rules().iter().map(|rule| (rule.reference.as_str(), rule.text.raw(), rule.state)).collect();
    assert_eq!(
        references,
        [
            ("sgr-1", "allow tcp 80-81 from 10.1.0.0/16", RuleState::Full),
            ("sgr-2", "allow tcp 22 from sg-b", RuleState::Partial),
            ("sgr-3", "allow icmp 8--1 from 0.0.0.0/0", RuleState::Full),
            ("sgr-4", "allow icmpv6 -1 from ::/0", RuleState::Full),
            ("sgr-5", "allow all from 10.9.0.0/16", RuleState::Full),
            ("sgr-6", "allow 50 -1 from pl-1", RuleState::Partial),
            ("sgr-7", "allow udp 53 to fd02::/16", RuleState::Full),
            ("sg-a/ingress#policy", "policy drop", RuleState::Full),
            ("sg-a/egress#policy", "policy drop", RuleState::Full),
        ]
    );
    assert_eq!(rules.rules()[0].comment, "web");
    assert_eq!(rules.rules()[1].undecided, ["whether sg-b holds the address"]);
    assert_eq!(met(&rules, "tcp 10.1.0.1:5 > 10.2.0.1:81"), Yes);
    assert_eq!(met(&rules, "tcp 10.1.0.1:5 > 10.2.0.1:82"), No);
    assert_eq!(met(&rules, "tcp 10.3.0.1:5 > 10.2.0.1:22"), Maybe);
    assert_eq!(met(&rules, "icmp/8/0 10.3.0.1 > 10.2.0.1"), Yes);
    assert_eq!(met(&rules, "icmp/13/0 10.3.0.1 > 10.2.0.1"), No);
    assert_eq!(met(&rules, "icmp/128/0 fd01::1 > fd02::1"), Yes);
    assert_eq!(met(&rules, "udp 10.9.0.1:5 > 10.2.0.1:9"), Yes);
    let chosen = rules.choose(Some("egress")).expect("a chain");
    let out = rules.judge(&chosen, &flow("udp [fd01::1]:5 > [fd02::1]:53"));
    assert_eq!(rules.rule(out.definite().expect("one rule").rule).reference, "sgr-7");
    // Both allow it, and neither comes first.
    let both = rules.judge(&rules.choose(None).expect("a chain"), &flow("tcp 10.9.0.1:5 > 10.2.0.1:22"));
    assert_eq!((both.ends.len(), both.definite()), (2, None));
    assert_eq!(both.verdict(), Some(portscribe::rules::RuleVerdict::Accept));
    assert_eq!(rules.covered(), []);
}

#[test]
fn groups_may_be_given() {
    let mut options = ReadOptions::default();
    options.groups.insert("sg-b".to_owned(), vec!["10.3.0.0/24".parse().expect("a network")]);
    let rules = Ruleset::read(RULES.as_bytes(), RulesetFormat::Aws, "f", &options).expect("a ruleset");
    assert_eq!(met(&rules, "tcp 10.3.0.1:5 > 10.2.0.1:22"), Yes);
    assert_eq!(met(&rules, "tcp 10.3.1.1:5 > 10.2.0.1:22"), No);
    assert_eq!(met(&rules, "tcp [fd01::1]:5 > [fd02::1]:22"), No);
}

#[test]
fn a_group_that_is_given_judges_its_members_alone() {
    let mut options = ReadOptions::default();
    options.groups.insert("sg-a".to_owned(), vec!["10.2.0.0/24".parse().expect("a network")]);
    let rules = Ruleset::read(RULES.as_bytes(), RulesetFormat::Aws, "f", &options).expect("a ruleset");
    let ways = |chain: &str, flow: &str| way(&rules, Some(chain), flow);
    assert_eq!(ways("ingress", "tcp 10.1.0.1:5 > 10.2.0.1:80"), "sgr-1=Accept");
    assert_eq!(ways("ingress", "tcp 10.1.0.1:5 > 10.2.0.1:82"), "#policy=Drop");
    assert_eq!(ways("ingress", "tcp 10.1.0.1:5 > 10.2.1.1:80"), "");
    // It has no members of IPv6.
    assert_eq!(ways("ingress", "icmp/128/0 fd01::1 > fd02::1"), "");
    assert_eq!(ways("egress", "tcp 10.2.0.1:5 > 10.1.0.1:80"), "#policy=Drop");
    assert_eq!(ways("egress", "tcp 10.1.0.1:5 > 10.2.0.1:80"), "");
    let chosen = rules.choose(Some("ingress")).expect("a chain");
    let judged = rules.judge(&chosen, &flow("tcp 10.1.0.1:5 > 10.2.1.1:80"));
    assert!(judged.is_none());
    let groups: Vec<_> =
        rules.groups().map(|one| (one.chain.as_str(), one.id.as_str(), one.guarded, one.is_known)).collect();
    assert_eq!(
        groups,
        [
            ("sg-a/egress", "sg-a", true, true),
            ("sg-a/ingress", "pl-1", false, false),
            ("sg-a/ingress", "sg-a", true, true),
            ("sg-a/ingress", "sg-b", false, false),
        ]
    );
}

#[test]
fn nested_groups_hold_the_same() {
    let rules = read(
        r#"{"SecurityGroups":[{"GroupId":"sg-a","IpPermissions":[
            {"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"10.1.0.0/16","Description":"web"}],
             "Ipv6Ranges":[{"CidrIpv6":"fd01::/16"}],"UserIdGroupPairs":[{"GroupId":"sg-b"}],"PrefixListIds":[]}],
            "IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}]}"#,
        RulesetFormat::Aws,
    );
    let texts: Vec<_> =
        rules.rules().iter().map(|rule| format!("{} {}", rule.reference, rule.text.raw())).collect();
    assert_eq!(
        texts,
        [
            "sg-a/ingress#1 allow tcp 80 from 10.1.0.0/16",
            "sg-a/ingress#2 allow tcp 80 from fd01::/16",
            "sg-a/ingress#3 allow tcp 80 from sg-b",
            "sg-a/egress#1 allow all to 0.0.0.0/0",
            "sg-a/ingress#policy policy drop",
            "sg-a/egress#policy policy drop",
        ]
    );
    assert_eq!(met(&rules, "tcp [fd01::1]:5 > [fd02::1]:81"), No);
}

#[test]
fn formats_are_detected() {
    assert_eq!(RulesetFormat::detect(RULES.as_bytes()), Some(RulesetFormat::Aws));
    assert_eq!(RulesetFormat::detect(b" {\"nftables\": []}"), Some(RulesetFormat::NftJson));
    assert_eq!(RulesetFormat::detect(b"# Generated by x\n\n*filter\n"), Some(RulesetFormat::IptablesSave));
    assert_eq!(RulesetFormat::detect(b"table inet fw {"), Some(RulesetFormat::Nft));
    assert_eq!(RulesetFormat::detect(b"{}"), None);
    assert_eq!(RulesetFormat::detect(b""), None);
}

#[test]
fn chains_are_chosen_by_name_or_alone() {
    let table = |name: &str, rules: &str| {
        format!("*{name}\n:FORWARD ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n{rules}COMMIT\n")
    };
    let choose = |text: &str, name: Option<&str>| {
        read(text, RulesetFormat::IptablesSave).choose(name).map(|chosen| chosen.names().to_vec())
    };
    let drop = "-A FORWARD -j DROP\n";
    let one = table("filter", drop) + &table("mangle", "-A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu\n");
    assert_eq!(choose(&one, None), Ok(vec!["ip/filter/FORWARD".to_owned()]));
    let two = table("filter", drop) + &table("mangle", drop);
    let both = ["ip/mangle/FORWARD", "ip/filter/FORWARD"].map(str::to_owned).to_vec();
    assert_eq!(choose(&two, None), Ok(both.clone()));
    assert_eq!(choose(&two, Some("FORWARD")), Ok(both));
    assert_eq!(choose(&two, Some("mangle/FORWARD")), Ok(vec!["ip/mangle/FORWARD".to_owned()]));
    let narrowed = read(&two, RulesetFormat::IptablesSave).choose(Some("mangle/FORWARD")).expect("a chain");
    assert_eq!(narrowed.left_out(), ["ip/filter/FORWARD"]);
    let twice = table("filter", drop) + &table("filter", drop);
    let chains = ["ip/filter/FORWARD", "ip/filter/FORWARD"].map(str::to_owned).to_vec();
    assert_eq!(choose(&twice, None), Err(ChoiceError::Several { chains }));
    let input = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
    assert_eq!(choose(input, None), Ok(vec!["ip/filter/INPUT".to_owned()]));
    assert_eq!(
        choose(input, Some("PUT")).expect_err("a part of a name").to_string(),
        "no base chain is called `PUT`; there are: ip/filter/INPUT"
    );
    let other = "*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";
    assert_eq!(
        choose(other, None).expect_err("none").to_string(),
        "the ruleset has no base chain that filters forwarded or incoming packets; there are: ip/nat/OUTPUT"
    );
}

#[test]
fn what_judgements_look_at_is_known() {
    let looks = |rules: &str| {
        let rules = read(
            &format!(
                "*filter\n:FORWARD DROP [0:0]\n:INPUT DROP [0:0]\n{rules}-A INPUT -p udp --sport 67 -j ACCEPT\nCOMMIT\n"
            ),
            RulesetFormat::IptablesSave,
        );
        rules.looks_at(&rules.choose(Some("FORWARD")).expect("a chain"))
    };
    let nothing = LooksAt::default();
    assert_eq!(
        looks("-A FORWARD -s 10.0.0.1 -p tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT\n"),
        nothing
    );
    assert_eq!(looks("-A FORWARD -p tcp --sport 80 -j ACCEPT\n"), LooksAt { source_port: true, ..nothing });
    assert_eq!(
        looks("-A FORWARD -p tcp -m multiport --ports 80 -j ACCEPT\n"),
        LooksAt { source_port: true, ..nothing }
    );
    assert_eq!(looks("-A FORWARD -i eth0 -j ACCEPT\n"), LooksAt { interfaces: true, ..nothing });
    assert_eq!(looks("-A FORWARD -p tcp --syn -j ACCEPT\n"), LooksAt { tcp_flags: true, ..nothing });
    assert_eq!(looks("-A FORWARD -p icmp --icmp-type 8 -j ACCEPT\n"), LooksAt { icmp: true, ..nothing });
    assert_eq!(looks("-A FORWARD -f -j ACCEPT\n"), LooksAt { headers: true, ..nothing });
}

#[test]
fn flows_of_two_families_are_judged_by_no_chain() {
    let rules = read("*filter\n:FORWARD DROP [0:0]\nCOMMIT\n", RulesetFormat::IptablesSave);
    let chosen = rules.choose(None).expect("a chain");
    assert_eq!(rules.judge(&chosen, &flow("tcp 10.0.0.1:1 > [fd00::1]:2")).ends, []);
    assert_eq!(rules.judge(&chosen, &flow("tcp [fd00::2]:1 > [fd00::1]:2")).ends, []);
    assert_eq!(way(&rules, None, "tcp 10.0.0.1:1 > 10.0.0.2:2"), "#policy=Drop");
}
