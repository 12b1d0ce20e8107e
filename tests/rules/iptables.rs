//! Options of iptables, one by one.

use crate::support::rules::Met::{Maybe, No, Yes};
use crate::support::rules::{Met, met, read, way};
use portscribe::net::Family;
use portscribe::rules::{Ipsets, ReadOptions, RuleId, Ruleset, RulesetFormat, Translation};
use portscribe::rules::{RuleState, RuleVerdict};

const WEB: &str = "tcp 10.1.0.1:1000 > 10.2.0.1:80";
const WEB6: &str = "tcp [fd01::1]:1000 > [fd02::1]:80";
const DNS: &str = "udp 10.1.0.1:1000 > 10.2.0.1:53";
const PING: &str = "icmp/8/0 10.1.0.1 > 10.2.0.1";

fn filter(rules: &str) -> Ruleset {
    read(
        &format!(
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [1:2]\n:A - [0:0]\n:B - [0:0]\n{rules}\nCOMMIT\n"
        ),
        RulesetFormat::IptablesSave,
    )
}

fn filter6(rules: &str) -> Ruleset {
    let options = ReadOptions { family: Some(Family::Ipv6), ..ReadOptions::default() };
    let text = format!("*filter\n:FORWARD DROP [0:0]\n{rules}\nCOMMIT\n");
    Ruleset::read(text.as_bytes(), RulesetFormat::IptablesSave, "file", &options).expect("a ruleset")
}

fn check(cases: &[(&str, &[(&str, Met)])]) {
    for (options, flows) in cases {
        let rules = filter(&format!("-A FORWARD {options} -j ACCEPT"));
        for (flow, expected) in *flows {
            assert_eq!(met(&rules, flow), *expected, "{options} of {flow}");
        }
    }
}

#[test]
fn addresses() {
    check(&[
        ("-s 10.1.0.1/32", &[(WEB, Yes)]),
        ("-s 10.1.0.1", &[(WEB, Yes)]),
        ("! -s 10.1.0.1/32", &[(WEB, No)]),
        ("-s ! 10.1.0.1/32", &[(WEB, No)]),
        ("-d 10.2.0.0/16", &[(WEB, Yes)]),
        ("-d 10.2.0.0/255.255.0.0", &[(WEB, Yes)]),
        ("-d 10.3.0.0/255.255.0.0", &[(WEB, No)]),
        ("-d 10.0.0.1/255.0.0.255", &[(WEB, Maybe)]),
        ("-d 0.0.0.0/0", &[(WEB, Yes)]),
        ("-s 10.9.0.1,10.1.0.0/24", &[(WEB, Yes)]),
        ("-m iprange --src-range 10.1.0.1-10.1.0.9", &[(WEB, Yes)]),
        ("-m iprange --src-range 10.1.0.2-10.1.0.9", &[(WEB, No)]),
        ("-m iprange ! --dst-range 10.2.0.1-10.2.0.9", &[(WEB, No)]),
        ("-s somewhere.example", &[(WEB, Maybe)]),
    ]);
    let six = filter6("-A FORWARD -s fd01::/16 -d fd02::1/128 -j ACCEPT");
    assert_eq!(met(&six, WEB6), Yes);
    assert_eq!(met(&six, "tcp [fd03::1]:1 > [fd02::1]:80"), No);
}

#[test]
fn protocols_and_ports() {
    let either = "udp 10.1.0.1:80 > 10.2.0.1:9";
    check(&[
        ("-p tcp", &[(WEB, Yes), (DNS, No)]),
        ("! -p tcp", &[(WEB, No), (DNS, Yes)]),
        ("-p ! tcp", &[(WEB, No), (DNS, Yes)]),
        ("-p 6", &[(WEB, Yes)]),
        ("-p all", &[(WEB, Yes), (PING, Yes)]),
        ("-p 0", &[(WEB, Yes), (PING, Yes)]),
        ("-p gre", &[("47 10.1.0.1 > 10.2.0.1", Yes)]),
        ("-p ipip", &[("94 10.1.0.1 > 10.2.0.1", Yes), ("4 10.1.0.1 > 10.2.0.1", No)]),
        ("-p ipencap", &[("94 10.1.0.1 > 10.2.0.1", No), ("4 10.1.0.1 > 10.2.0.1", Yes)]),
        ("-p tcp -m tcp --dport 80", &[(WEB, Yes), (DNS, No)]),
        ("-p tcp -m tcp ! --dport 80", &[(WEB, No), ("tcp 1.1.1.1:1 > 2.2.2.2:81", Yes)]),
        ("-p tcp -m tcp --dport ! 80", &[(WEB, No), ("tcp 1.1.1.1:1 > 2.2.2.2:81", Yes)]),
        ("-p tcp -m tcp --dport 79:81 --sport 1000:", &[(WEB, Yes)]),
        ("-p tcp -m tcp --sport :999", &[(WEB, No)]),
        ("-p sctp -m sctp --dport 80", &[("sctp 1.1.1.1:1 > 2.2.2.2:80", Yes)]),
        ("-p dccp -m dccp --dport 80", &[("dccp 1.1.1.1:1 > 2.2.2.2:80", Yes)]),
        (
            "-p tcp -m multiport --dports 22,80,8000:8010",
            &[(WEB, Yes), (DNS, No), ("tcp 1.1.1.1:1 > 2.2.2.2:8005", Yes)],
        ),
        ("-p tcp -m multiport ! --dports 22,80", &[(WEB, No)]),
        ("-p tcp -m multiport --sports 1000", &[(WEB, Yes)]),
        (
            "-p udp -m multiport --ports 53,80",
            &[(DNS, Yes), (either, Yes), ("udp 1.1.1.1:1 > 2.2.2.2:9", No)],
        ),
        (
            "-p udp -m multiport ! --ports 53,80",
            &[(DNS, No), (either, No), ("udp 1.1.1.1:1 > 2.2.2.2:9", Yes)],
        ),
        ("-p tcp -m tcp --dport http", &[(WEB, Maybe), (DNS, No)]),
        ("-p what", &[(WEB, Maybe)]),
    ]);
}

#[test]
fn flags_types_and_fragments() {
    let answer = format!("{WEB} flags=18");
    check(&[
        ("-p tcp -m tcp --syn", &[(WEB, Yes), (&answer, No)]),
        ("-p tcp -m tcp ! --syn", &[(WEB, No), (&answer, Yes)]),
        ("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", &[(WEB, Yes)]),
        ("-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", &[(WEB, No)]),
        ("-p tcp -m tcp --tcp-flags ALL NONE", &[(WEB, No)]),
        ("-p tcp -m tcp --tcp-flags ALL SYN", &[(WEB, Maybe)]),
        ("-p icmp -m icmp --icmp-type 8", &[(PING, Yes), (WEB, No)]),
        ("-p icmp -m icmp ! --icmp-type 8", &[(PING, No), ("icmp/13/0 1.1.1.1 > 2.2.2.2", Yes)]),
        ("-p icmp --icmp-type echo-request", &[(PING, Yes)]),
        (
            "-p icmp --icmp-type 3/4",
            &[("icmp/3/4 1.1.1.1 > 2.2.2.2", Yes), ("icmp/3/3 1.1.1.1 > 2.2.2.2", No)],
        ),
        (
            "-p icmp --icmp-type fragmentation-needed",
            &[("icmp/3/4 1.1.1.1 > 2.2.2.2", Yes), ("icmp/3/3 1.1.1.1 > 2.2.2.2", No)],
        ),
        ("-p icmp --icmp-type destination-unreachable", &[("icmp/3/4 1.1.1.1 > 2.2.2.2", Yes)]),
        ("-p icmp --icmp-type any", &[(PING, Yes)]),
        ("-f", &[(WEB, No), (&format!("{WEB} fragment"), Maybe)]),
        ("! -f", &[(WEB, Yes)]),
    ]);
    let six = |options: &str| filter6(&format!("-A FORWARD {options} -j ACCEPT"));
    assert_eq!(met(&six("-p ipv6-icmp -m icmp6 --icmpv6-type 128"), "icmp/128/0 fd01::1 > fd02::1"), Yes);
    assert_eq!(met(&six("-p ipv6-icmp -m icmp6 --icmpv6-type 1/3"), "icmp/1/4 fd01::1 > fd02::1"), No);
    assert_eq!(met(&six("-m rt --rt-type 0"), WEB6), No);
    assert_eq!(met(&six("-m rt --rt-type 0"), &format!("{WEB6} extended")), Maybe);
    assert_eq!(met(&six("-m frag"), WEB6), No);
}

#[test]
fn states_and_directions() {
    check(&[
        ("-m conntrack --ctstate NEW", &[(WEB, Yes)]),
        ("-m state --state NEW,ESTABLISHED", &[(WEB, Yes)]),
        ("-m conntrack --ctstate RELATED,ESTABLISHED", &[(WEB, No), ("icmp/0/0 1.1.1.1 > 2.2.2.2", Maybe)]),
        ("-m conntrack ! --ctstate NEW", &[(WEB, No)]),
        ("-m conntrack --ctstate INVALID", &[(WEB, No)]),
        ("-m conntrack --ctstate DNAT", &[(WEB, No)]),
        ("-m conntrack --ctstate NEW,DNAT", &[(WEB, Yes)]),
        ("-m conntrack ! --ctstate DNAT", &[(WEB, Yes)]),
        ("-m conntrack --ctstate SNAT", &[(WEB, No)]),
        ("-m conntrack --ctdir ORIGINAL", &[(WEB, Yes)]),
        ("-m conntrack --ctdir REPLY", &[(WEB, No)]),
        ("-m conntrack --ctorigsrc 10.1.0.0/16 --ctorigdstport 80", &[(WEB, Yes), (DNS, No)]),
        ("-m conntrack --ctorigdst 10.9.0.0/16", &[(WEB, No)]),
        ("-m conntrack --ctproto 6", &[(WEB, Yes), (DNS, No)]),
        ("-m conntrack --ctstatus ASSURED", &[(WEB, Maybe)]),
        ("-m addrtype --dst-type LOCAL", &[(WEB, No), ("udp 1.1.1.1:1 > 2.2.2.255:9", Maybe)]),
        ("-m addrtype --dst-type MULTICAST,BROADCAST", &[(WEB, No), ("udp 1.1.1.1:1 > 224.0.0.1:9", Yes)]),
        ("-m addrtype --src-type LOCAL", &[(WEB, Maybe)]),
    ]);
}

#[test]
fn interfaces() {
    let from = |name: &str| format!("{WEB} in={name}");
    check(&[
        ("-i eth0", &[(WEB, Maybe), (&from("eth0"), Yes), (&from("eth1"), No)]),
        ("-i eth+", &[(&from("eth0"), Yes), (&from("ppp0"), No)]),
        ("! -i eth+", &[(&from("eth0"), No), (&from("ppp0"), Yes)]),
        ("-o eth1", &[(&format!("{WEB} out=eth1"), Yes), (&from("eth1"), Maybe)]),
    ]);
}

#[test]
fn what_cannot_be_decided_is_said() {
    let cases = [
        ("-m mark --mark 0x5", "-m mark --mark 0x5"),
        ("-m limit --limit 5/min --limit-burst 7", "-m limit --limit 5/min --limit-burst 7"),
        ("-m set ! --match-set s src,dst", "-m set ! --match-set s src,dst"),
        (
            "-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --rsource",
            "-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --rsource",
        ),
        ("-m mac --mac-source 00:11:22:33:44:55", "-m mac --mac-source 00:11:22:33:44:55"),
        ("-m owner --uid-owner 0-100", "-m owner --uid-owner 0-100"),
        ("-m socket", "-m socket"),
        ("-m what-comes-next-year --x y", "-m what-comes-next-year --x y"),
        ("--what y", "--what y"),
    ];
    for (options, words) in cases {
        let rules = filter(&format!("-A FORWARD {options} -j ACCEPT"));
        let rule = rules.rule(RuleId(0));
        assert_eq!((rule.state, rule.undecided.join("; ").as_str()), (RuleState::Partial, words));
        assert_eq!(met(&rules, WEB), Maybe, "{options}");
    }
}

#[test]
fn targets() {
    let cases = [
        ("-j ACCEPT", ":6=Accept"),
        ("-j DROP", ":6=Drop"),
        ("-j REJECT --reject-with icmp-port-unreachable", ":6=Reject"),
        ("-j LOG --log-prefix \"x: \"", ":6 :7=Accept"),
        ("", ":6 :7=Accept"),
        ("-j MARK --set-xmark 0x1/0xffffffff", ":6 :7=Accept"),
        ("-j RETURN", ":6 #policy=Drop"),
        ("-j A", ":6 :8 :7=Accept"),
        ("-g A", ":6 :8 #policy=Drop"),
        ("-j NFQUEUE --queue-num 0", ":6=Accept :6=Drop :7=Accept"),
        ("-j WHAT --x", ":6=Accept :6=Drop :7=Accept"),
        ("-g NOWHERE", ":6=Accept :6=Drop :7=Accept"),
    ];
    for (target, expected) in cases {
        let rules = filter(&format!("-A FORWARD {target}\n-A FORWARD -j ACCEPT\n-A A -p tcp"));
        assert_eq!(way(&rules, Some("FORWARD"), WEB), expected, "{target}");
    }
    assert!(filter("-A FORWARD -j LOG").rules()[0].logs);
}

#[test]
fn rules_keep_counters_comments_and_places() {
    let rules = filter(
        "[10:600] -A FORWARD -m comment --comment \"R1; it\\'s \\\"ok\\\" -j DROP\" -p tcp -j ACCEPT\n# a comment\n-A FORWARD -c 3 4 -j DROP",
    );
    let rule = &rules.rules()[0];
    assert_eq!(rule.comment, "R1; it's \"ok\" -j DROP");
    assert_eq!((rule.reference.as_str(), rule.chain.as_str()), ("file:6", "ip/filter/FORWARD"));
    assert_eq!((rule.kernel_packets, rule.kernel_bytes), (Some(10), Some(600)));
    assert_eq!((rule.verdict, rule.family), (RuleVerdict::Accept, Some(Family::Ipv4)));
    assert_eq!(
        rule.text,
        "-A FORWARD -m comment --comment \"R1; it\\'s \\\"ok\\\" -j DROP\" -p tcp -j ACCEPT"
    );
    assert_eq!((rules.rules()[1].reference.as_str(), rules.rules()[1].kernel_packets), ("file:8", Some(3)));
    let policy = rules
        .rules()
        .iter()
        .rev()
        .find(|rule| rule.reference == "ip/filter/FORWARD#policy")
        .expect("a policy");
    assert_eq!((policy.policy, policy.verdict, policy.kernel_packets), (true, RuleVerdict::Drop, Some(1)));
    let broken = filter("-A FORWARD -m comment --comment \"open -j DROP");
    assert_eq!((broken.rules()[0].state, met(&broken, WEB)), (RuleState::Opaque, No));
}

#[test]
fn families_are_told_apart() {
    let table = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp -j ACCEPT\nCOMMIT\n";
    let families = |text: &str| -> Vec<String> {
        let rules = read(text, RulesetFormat::IptablesSave);
        rules.base_chains().into_iter().map(|chain| chain.name).collect()
    };
    assert_eq!(families(table), ["ip/filter/FORWARD"]);
    let both = format!(
        "# Generated by iptables-save v1.8.9 on x\n{table}# Generated by ip6tables-save v1.8.9 on x\n{table}"
    );
    assert_eq!(families(&both), ["ip/filter/FORWARD", "ip6/filter/FORWARD"]);
    assert_eq!(families(&table.replace("-p tcp", "-s fe80::/10")), ["ip6/filter/FORWARD"]);
    assert_eq!(families(&table.replace("-p tcp", "-p ipv6-icmp")), ["ip6/filter/FORWARD"]);

    let mut rules = read(table, RulesetFormat::IptablesSave);
    rules.extend(filter6("-A FORWARD -p udp -j ACCEPT"));
    assert_eq!(way(&rules, None, WEB), ":3=Accept");
    assert_eq!(way(&rules, None, WEB6), "#policy=Drop");
    assert_eq!(way(&rules, Some("FORWARD"), "udp [fd01::1]:1 > [fd02::1]:2"), ":3=Accept");
}

#[test]
fn destinations_are_translated_first() {
    let rules = read(
        "*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n\
         -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n\
         -A PREROUTING -d 10.2.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.9.0.9:8080\n\
         -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8443 -j DNAT --to-destination 172.17.0.2:443\nCOMMIT\n\
         *filter\n:FORWARD DROP [0:0]\n-A FORWARD -d 10.9.0.9/32 -p tcp -m tcp --dport 8080 -j ACCEPT\n\
         -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\nCOMMIT\n",
        RulesetFormat::IptablesSave,
    );
    let translation = |what| {
        rules.judge(&rules.choose(None).expect("a chain"), &crate::support::rules::flow(what)).translation
    };
    assert_eq!(translation(WEB), Translation::To("10.9.0.9".parse().expect("an address"), Some(8080)));
    assert_eq!(way(&rules, None, WEB), "?:4 :10=Accept");
    assert_eq!((translation(DNS), way(&rules, None, DNS).as_str()), (Translation::None, "?:4 #policy=Drop"));
    let published = "tcp 10.1.0.1:1000 > 10.2.0.1:8443";
    assert_eq!(translation(published), Translation::Uncertain);
    assert_eq!(way(&rules, None, published), "?:4 :11=Accept #policy=Drop");
    // The firewall's own addresses tell what is local.
    let own = |own: &str| {
        let chosen = rules.choose(None).expect("a chain").with_own(&[own.parse().expect("an address")]);
        let judgement = rules.judge(&chosen, &crate::support::rules::flow(&format!("{published} in=eth0")));
        let end = judgement.definite().expect("one end");
        let translated: Vec<_> = judgement.translated.iter().map(|one| (one.rule.0, one.certain)).collect();
        (judgement.translation, rules.rule(end.rule).reference.clone(), translated)
    };
    let to = Translation::To("172.17.0.2".parse().expect("an address"), Some(443));
    assert_eq!(own("10.2.0.1"), (to, "file:11".to_owned(), vec![(2, true)]));
    assert_eq!(own("10.2.0.2"), (Translation::None, "ip/filter/FORWARD#policy".to_owned(), Vec::new()));
}

#[test]
fn untracked_packets_have_another_state() {
    let rules = read(
        "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack\nCOMMIT\n\
         *filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n",
        RulesetFormat::IptablesSave,
    );
    assert_eq!((met(&rules, WEB), met(&rules, DNS)), (Yes, Maybe));
}

#[test]
fn what_is_no_ruleset_says_so() {
    let error =
        Ruleset::read(b"-A FORWARD -j ACCEPT\n", RulesetFormat::IptablesSave, "f", &ReadOptions::default());
    assert_eq!(
        crate::support::rules::causes(&error.expect_err("no ruleset")),
        "f is not a ruleset in the format iptables-save: no table (a line such as `*filter`); write it with `iptables-save -c`"
    );
}

/// What `ipset save` prints of some sets.
const SETS: &str = r#"create bad hash:ip family inet hashsize 1024 maxelem 65536 timeout 600 bucketsize 12 initval 0x12
add bad 10.1.0.1 timeout 421
add bad 10.1.0.7 timeout 30 comment "add nomatch by fail2ban"
create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.0.0.0/8
add nets 10.1.0.0/24 nomatch
add nets 10.1.0.1
create web hash:ip,port family inet hashsize 1024 maxelem 65536 counters
add web 10.2.0.1,tcp:80 packets 0 bytes 0
add web 10.2.0.1,udp:50-60
create names hash:mac hashsize 1024 maxelem 65536
add names 00:00:5E:00:53:01
create ports bitmap:port range 0-1024
add ports 80
create lan hash:net,iface family inet hashsize 1024 maxelem 65536
add lan 10.1.0.0/16,eth1
create six hash:net family inet6 hashsize 1024 maxelem 65536
add six fd01::/16
create masked hash:ip family inet netmask 24
add masked 10.1.0.0
create all list:set size 8
add all bad
add all masked
create knocked hash:ip family inet timeout 60
add knocked 10.1.0.1
"#;

fn with_sets(rules: &str) -> Ruleset {
    let options = ReadOptions { ipsets: Ipsets::read(SETS).expect("sets"), ..ReadOptions::default() };
    let text = format!("*filter\n:FORWARD DROP [0:0]\n{rules}\nCOMMIT\n");
    Ruleset::read(text.as_bytes(), RulesetFormat::IptablesSave, "file", &options).expect("a ruleset")
}

#[test]
fn sets_are_taken_as_they_were_saved() {
    let other = "tcp 10.1.0.3:1000 > 10.2.0.1:81";
    for (options, web, elsewhere, dns) in [
        ("--match-set bad src", Yes, No, Yes),
        ("! --match-set bad src", No, Yes, No),
        ("--match-set bad dst", No, No, No),
        // Of networks that hold each other the smallest decides.
        ("--match-set nets src", Yes, No, Yes),
        ("--match-set nets dst", Yes, Yes, Yes),
        ("--match-set web dst,dst", Yes, No, Yes),
        ("! --match-set web dst,dst", No, Yes, No),
        ("--match-set web src,dst", No, No, No),
        ("--match-set ports dst", Yes, No, No),
        ("--match-set masked src", Yes, Yes, Yes),
        ("--match-set all src", Yes, Yes, Yes),
        ("--match-set bad src ! --update-counters", Yes, No, Yes),
        ("--match-set lan src,src", Maybe, Maybe, Maybe),
        ("--match-set names src", Maybe, Maybe, Maybe),
        ("--match-set none src", Maybe, Maybe, Maybe),
        ("--match-set bad src --packets-gt 5", Maybe, No, Maybe),
        ("--match-set nets src --return-nomatch", Maybe, No, Maybe),
    ] {
        let rules = with_sets(&format!("-A FORWARD -m set {options} -j ACCEPT"));
        for (flow, expected) in [(WEB, web), (other, elsewhere), (DNS, dns)] {
            assert_eq!(met(&rules, flow), expected, "{options} of {flow}");
        }
    }
    let lan = with_sets("-A FORWARD -m set --match-set lan src,src -j ACCEPT");
    assert_eq!(met(&lan, &format!("{WEB} in=eth1")), Yes);
    assert_eq!(met(&lan, &format!("{WEB} in=eth0")), No);
    let six = with_sets("-A FORWARD -p icmpv6\n-A FORWARD -m set --match-set six src -j ACCEPT");
    assert_eq!(way(&six, None, WEB6), ":4=Accept");
}

#[test]
fn a_rule_says_by_which_sets_it_was_judged() {
    let of = |rules: &str| {
        let rules = with_sets(rules);
        let rule = &rules.rules()[0];
        (rule.state, rule.undecided.join("; "), rule.listed.join("; "))
    };
    let none = String::new;
    assert_eq!(
        of("-A FORWARD -m set --match-set bad src -j DROP"),
        (RuleState::Full, none(), "ipset bad".to_owned())
    );
    assert_eq!(
        of("-A FORWARD -m set ! --match-set none src -j DROP"),
        (RuleState::Partial, "-m set ! --match-set none src".to_owned(), none())
    );
    // Rules put elements into it: what was saved is in it, of all else nothing is known. Where they take some out,
    // nothing is known at all.
    let knocked = |change: &str| {
        format!(
            "-A FORWARD -m set --match-set knocked src -j ACCEPT\n-A FORWARD -p udp -j SET {change} knocked src --exist"
        )
    };
    let condition = "-m set --match-set knocked src".to_owned();
    assert_eq!(
        of(&knocked("--add-set")),
        (RuleState::Partial, condition.clone(), "ipset knocked".to_owned())
    );
    assert_eq!(of(&knocked("--del-set")), (RuleState::Partial, condition, none()));
    let met = |change: &str, flow: &str| met(&with_sets(&knocked(change)), flow);
    let (saved, other) = ("tcp 10.1.0.1:1 > 10.2.0.1:80", "tcp 10.1.0.2:1 > 10.2.0.1:80");
    assert_eq!((met("--add-set", saved), met("--add-set", other)), (Yes, Maybe));
    assert_eq!((met("--del-set", saved), met("--del-set", other)), (Maybe, Maybe));
}

#[test]
fn a_line_that_belongs_to_no_set_is_named() {
    assert_eq!(Ipsets::read("").map(|sets| sets.names().count()), Ok(0));
    assert_eq!(
        Ipsets::read("# saved\n\ncreate a hash:ip family inet\nadd a 10.0.0.1\n")
            .map(|sets| sets.names().count()),
        Ok(1)
    );
    assert_eq!(Ipsets::read("*filter\n").map(|_| ()), Err(1));
    assert_eq!(Ipsets::read("create a hash:ip\nadd b 10.0.0.1\n").map(|_| ()), Err(2));
    assert_eq!(Ipsets::read("create a\n").map(|_| ()), Err(1));
}
