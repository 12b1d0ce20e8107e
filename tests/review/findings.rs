//! What findings say of services and rules, one subject at a time.

use std::fs;
use std::path::Path;

use crate::support::made::{ACK, Made, SYN};
use crate::support::review::{
    USERS, ZONES, approve, findings, folder, kind, kinds, office, review, run, subjects, worksheet,
    write_worksheet,
};
use serde_json::{Value as Json, json};

/// A ruleset of iptables that drops what these rules do not accept; a rule's reference is `fw:` and
/// its line, the first being 3.
fn forward(out: &Path, rules: &[&str]) -> String {
    let path = out.join("fw");
    let rules: Vec<String> = rules.iter().map(|rule| format!("-A FORWARD {rule}\n")).collect();
    fs::write(&path, format!("*filter\n:FORWARD DROP [0:0]\n{}COMMIT\n", rules.concat())).expect("rules");
    path.to_str().expect("a path").to_owned()
}

/// Severity and title of the findings of a kind, with the file of rules called `fw`.
fn told(review: &Json, id: &str, rules: &str) -> Vec<(String, String)> {
    let of_kind = findings(review).into_iter().filter(|one| one[1] == id);
    of_kind.map(|[severity, _, _, title]| (severity, title.replace(rules, "fw"))).collect()
}

fn owned(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|&(severity, title)| (severity.to_owned(), title.to_owned())).collect()
}

#[test]
fn how_wide_a_rule_is_decides_how_much_it_matters() {
    let out = folder();
    let rules = forward(
        out.path(),
        &[
            "-s 192.0.2.8/29 -d 198.51.100.20 -p tcp -m multiport --dports 80,443 -j ACCEPT",
            "-s 192.0.2.8/29 -d 198.51.100.0/24 -p tcp --dport 22 -j ACCEPT",
            "-s 192.0.2.0/24 -d 198.51.100.53 -p udp --dport 53 -j ACCEPT",
            "-d 198.51.100.20 -p udp --dport 5004 -j ACCEPT",
            "-s 192.0.2.8/29 -d 198.51.100.20 -p tcp --dport 23 -j ACCEPT",
            "-s 192.0.2.8/29 -p udp --dport 4789 -j ACCEPT",
        ],
    );
    let review = review(out.path(), &[USERS, "--zones", ZONES, "--rules", &rules]);
    let clients = "192.0.2.10, 192.0.2.11, 192.0.2.12";
    assert_eq!(
        told(&review, "FR203", &rules),
        owned(&[
            (
                "medium",
                &format!(
                    "fw:3: wider than its use (of 2 ports, in use: 80/tcp; of 8 clients, seen: {clients})"
                )
            ),
            (
                "medium",
                "fw:8: wider than its use (of any number of servers, in use: 198.51.100.20 (perhaps); of 8 clients, \
                 seen: 192.0.2.12)"
            ),
            (
                "low",
                "fw:4: wider than its use (of 256 servers, in use: 198.51.100.20; of 8 clients, seen: 192.0.2.10, \
                 192.0.2.11)"
            ),
            ("info", &format!("fw:5: wider than its use (of 256 clients, seen: {clients})")),
            ("info", "fw:6: wider than its use (of any number of clients, seen: 192.0.2.11)"),
        ])
    );
}

#[test]
fn a_transport_that_nobody_used_is_part_of_the_width() {
    let out = folder();
    let rule = |transport: &str| {
        format!("-A FORWARD -s 192.0.2.8/29 -d 198.51.100.53 -p {transport} --dport 53 -j ACCEPT\n")
    };
    // iptables has one rule for each; nftables has one for both.
    let both = out.path().join("both.json");
    let text = r#"{"nftables":[
        {"chain":{"family":"ip","table":"fw","name":"forward","handle":1,"type":"filter","hook":"forward","prio":0,"policy":"drop"}},
        {"rule":{"family":"ip","table":"fw","chain":"forward","handle":2,"comment":"names","expr":[
            {"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"192.0.2.8","len":29}}}},
            {"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":"198.51.100.53"}},
            {"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":{"set":["tcp","udp"]}}},
            {"match":{"op":"==","left":{"payload":{"protocol":"th","field":"dport"}},"right":53}},
            {"accept":null}]}}]}"#;
    fs::write(&both, text).expect("rules");
    let width =
        |rules: &str| told(&review(out.path(), &[USERS, "--zones", ZONES, "--rules", rules]), "FR203", rules);
    assert_eq!(
        width(both.to_str().expect("a path")),
        owned(&[(
            "low",
            "ip/fw/forward#2 (names): wider than its use (of tcp and udp, in use: udp; of 8 clients, seen: 192.0.2.10, \
             192.0.2.11, 192.0.2.12)"
        )])
    );
    let apart = out.path().join("apart");
    fs::write(&apart, format!("*filter\n:FORWARD DROP [0:0]\n{}{}COMMIT\n", rule("tcp"), rule("udp")))
        .expect("rules");
    assert_eq!(width(apart.to_str().expect("a path")), []);
}

#[test]
fn a_rule_without_ports_lets_through_what_is_insecure() {
    let out = folder();
    let rules = forward(
        out.path(),
        &[
            "-s 192.0.2.10 -d 198.51.100.20 -p sctp -j ACCEPT",
            "-s 192.0.2.10 -d 198.51.100.21 -p tcp -j ACCEPT",
            "-s 192.0.2.10 -d 198.51.100.22 -m mark --mark 1 -j ACCEPT",
            "-s 192.0.2.10 -d 198.51.100.22 -p icmp -j ACCEPT",
            "-j ACCEPT",
        ],
    );
    let review = review(out.path(), &[USERS, "--zones", ZONES, "--rules", &rules]);
    let told = told(&review, "FR210", &rules);
    let titles: Vec<&str> = told.iter().map(|(_, title)| title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "fw:3: lets through insecure services: ftp-data 20/sctp, ftp 21/sctp, http 80/sctp, nfs 2049/sctp, \
             sip 5060/sctp, amqp 5672/sctp",
            "fw:4: lets through insecure services: ftp-data 20/tcp, ftp 21/tcp, telnet 23/tcp, smtp 25/tcp, \
             bootps 67/tcp, tftp 69/tcp, gopher 70/tcp, finger 79/tcp, http 80/tcp, pop3 110/tcp and 26 more",
        ]
    );
    let why = |id: &str| {
        let all = review["findings"].as_array().expect("findings");
        all.iter().find(|one| one["id"] == id).map(|one| one["why"].clone())
    };
    assert_eq!(
        why("FR210").expect("a reason"),
        "They are on the list of insecure services; the rule matches any port, and so allows them, with or without traffic."
    );
    assert_eq!(kinds(&review, &["FR204"]), [kind("FR204", "high", &format!("{rules}:7"))]);
}

#[test]
fn demand_is_what_others_than_scans_try_and_are_denied() {
    let out = folder();
    let server = "10.0.1.2";
    let mut made = Made::default();
    // A scan, somebody who tries twice, one who is let in, and one who is not.
    for port in 1..=12 {
        made.tcp(0, ("10.0.0.66", 40_000 + port), (server, port), SYN, b"");
    }
    made.tcp(1, ("10.0.0.7", 40_000), (server, 3), SYN, b"");
    made.tcp(2, ("10.0.0.7", 40_000), (server, 3), SYN, b"");
    made.connection(3, ("10.0.0.8", 40_000), (server, 22));
    made.tcp(4, ("10.0.0.7", 40_001), (server, 22), SYN, b"");
    let capture = out.path().join("made.pcap");
    fs::write(&capture, made.capture()).expect("a capture");
    let rules = forward(out.path(), &["-s 10.0.0.8 -d 10.0.1.2 -p tcp --dport 22 -j ACCEPT"]);
    let capture = capture.to_str().expect("a path");
    let review = review(out.path(), &[capture, "--rules", &rules, "--vantage", "outside"]);
    assert_eq!(
        told(&review, "FR302", &rules),
        owned(&[
            ("low", "3/tcp (reserved) at 10.0.1.2 from private-10 is asked for and denied (1 try, 2 SYNs)"),
            (
                "low",
                "22/tcp (registered as ssh) at 10.0.1.2 from private-10 is asked for and denied (1 try, 1 SYN)"
            ),
        ])
    );
}

#[test]
fn an_approved_public_server_is_no_news() {
    let out = folder();
    review(out.path(), &office());
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    let public = review(out.path(), &office());
    let exposed = subjects(&public, "FR111");
    assert_eq!(exposed.len(), 4);
    let row = rows.iter().position(|row| row[0] == exposed[0]).expect("a row");
    approve(&headings, &mut rows[row..=row]);
    write_worksheet(&sheet, &headings, &rows);
    let approved = ["--approved", sheet.to_str().expect("a path")];
    let now = review(out.path(), &[&office()[..], &approved].concat());
    let line = row + 2;
    let of = |review: &Json| -> Vec<(String, String)> {
        kinds(review, &["FR111"]).into_iter().map(|(_, severity, subject)| (severity, subject)).collect()
    };
    let mut expected: Vec<(String, String)> =
        exposed[1..].iter().map(|one| ("high".to_owned(), one.clone())).collect();
    expected.push(("info".to_owned(), exposed[0].clone()));
    assert_eq!(of(&now), expected);
    let all = now["findings"].as_array().expect("findings");
    let told = all.iter().find(|one| one["id"] == "FR111" && one["severity"] == "info").expect("a finding");
    assert_eq!(
        told["title"],
        "80/tcp (registered as http; speaks HTTP) at 198.51.100.20 is reached from the external zone branch, which is \
         approved"
    );
    assert_eq!(
        told["why"],
        format!(
            "198.51.100.20 answered clients of a zone that is external; {}:{line} approves it.",
            sheet.display()
        )
    );
    // Turned down, or not any more: it is news again.
    for (column, cell) in [("decision", "remove"), ("expires_on", "2026-11-21")] {
        let (headings, mut rows) = worksheet(&sheet);
        let n = headings.iter().position(|heading| heading == column).expect("a column");
        cell.clone_into(&mut rows[row][n]);
        let other = out.path().join("other.csv");
        write_worksheet(&other, &headings, &rows);
        let path = folder();
        let approved = ["--approved", other.to_str().expect("a path")];
        let again = review(path.path(), &[&office()[..], &approved].concat());
        assert!(of(&again).iter().all(|(severity, _)| severity == "high"), "{column}");
    }
}

/// Rules of a security group: web for the office, and ssh for another group.
fn security_group(out: &Path) -> String {
    let rule = |id: &str, port: u16, peer: &str| {
        format!(
            r#"{{"SecurityGroupRuleId":"{id}","GroupId":"sg-a","IsEgress":false,"IpProtocol":"tcp","FromPort":{port},"ToPort":{port},{peer}}}"#
        )
    };
    let web = rule("sgr-1", 80, r#""CidrIpv4":"192.0.2.0/24""#);
    let ssh = rule("sgr-2", 22, r#""ReferencedGroupInfo":{"GroupId":"sg-b"}"#);
    let path = out.join("groups.json");
    fs::write(&path, format!(r#"{{"SecurityGroupRules":[{web},{ssh}]}}"#)).expect("rules");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn traffic_that_a_security_group_may_not_guard_is_not_said_to_be_denied() {
    let out = folder();
    let rules = security_group(out.path());
    let review = review(out.path(), &[USERS, "--zones", ZONES, "--rules", &rules, "--vantage", "outside"]);
    let denied = told(&review, "FR301", &rules);
    assert!(!denied.is_empty());
    for (severity, title) in denied {
        assert_eq!(severity, "info", "{title}");
        assert!(title.ends_with(" is in use, and the rules deny it, if they are for it"), "{title}");
    }
    assert!(told(&review, "FR302", &rules).iter().all(|(severity, _)| severity == "info"));
    let set = &review["rulesets"][0];
    assert_eq!(
        (&set["members_unknown"], &set["groups_unknown"]),
        (&true.into(), &serde_json::json!(["sg-b"]))
    );
    let undecided = review["findings"].as_array().expect("findings").iter().find(|one| one["id"] == "FR209");
    assert_eq!(undecided.expect("a finding")["suggestion"], "Name the addresses of the group with --group.");
    let page = fs::read_to_string(out.path().join("review.html"));
    assert!(page.is_ok_and(|page| {
        page.contains("Rules that name sg-b cannot be decided, since its addresses were not given (--group).")
            && page.contains("whose addresses were not given (--group): every flow is held against it.")
    }));
    let path = out.path().to_str().expect("a path");
    let (_, text, _) = run(&[USERS, "--zones", ZONES, "--rules", &rules, "--out", path]);
    let lines: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with("Rules: ")).skip(1).take(2).collect();
    assert_eq!(
        lines,
        [
            "  for the members of a security group, whose addresses were not given (--group): every flow is held \
             against it",
            "  rules that name sg-b cannot be decided, since its addresses were not given (--group)",
        ]
    );
}

#[test]
fn groups_that_are_named_judge_their_members_alone() {
    let out = folder();
    let rules = security_group(out.path());
    let with = ["--group", "sg-a=198.51.100.20", "--group", "sg-b=192.0.2.10,192.0.2.64/26"];
    let review = review(out.path(), &[&[USERS, "--zones", ZONES, "--rules", &rules][..], &with].concat());
    let edges = review["edges"].as_array().expect("edges");
    let of = |server: &str, port: u16| {
        let is_it = |edge: &&Json| edge["server"] == server && edge["ports"]["first"] == port;
        let edge = edges.iter().find(is_it).unwrap_or_else(|| panic!("{server} {port}"));
        (
            edge["configured"].as_str().expect("a word").to_owned(),
            edge["row_id"].as_str().expect("a row").to_owned(),
        )
    };
    assert_eq!(of("198.51.100.20", 80).0, "yes");
    assert_eq!(of("198.51.100.20", 22).0, "yes");
    let telnet = of("198.51.100.20", 23);
    assert_eq!(telnet.0, "no");
    // The group does not guard the name server.
    assert_eq!(of("198.51.100.53", 53).0, "not-judged");
    assert!(kinds(&review, &["FR301"]).contains(&kind("FR301", "high", &telnet.1)));
    let judged = told(&review, "FR301", &rules);
    assert!(
        judged.iter().all(|(severity, title)| severity == "high" && title.contains("198.51.100.20")),
        "{judged:?}"
    );
    assert_eq!(kinds(&review, &["FR209"]), []);
    let set = &review["rulesets"][0];
    assert_eq!((&set["members_unknown"], &set["groups_unknown"]), (&false.into(), &serde_json::json!([])));
    let scope = &review["rules"][0]["scope"];
    assert_eq!((&scope["sources"], &scope["destination"]), (&"192.0.2.0/24".into(), &"198.51.100.20".into()));

    let path = out.path().to_str().expect("a path");
    let said = |more: &[&str]| {
        let (status, _, said) = run(&[&[USERS, "--out", path, "--rules", &rules][..], more].concat());
        assert_eq!(status, 2, "{said}");
        said
    };
    assert_eq!(
        said(&["--group", "sg-c=192.0.2.1"]),
        "portscribe: error: --group sg-c: no rule names it; the groups are sg-a, sg-b\n"
    );
    for (value, message) in [
        ("sg-a", "invalid group `sg-a`; use ID=NETWORKS, such as sg-1a2b=10.0.1.0/24,10.0.2.7"),
        ("=192.0.2.1", "missing group name; use ID=NETWORKS, such as sg-1a2b=10.0.1.0/24,10.0.2.7"),
        (
            "sg-a=servers",
            "invalid address or network `servers`; use ID=NETWORKS, such as sg-1a2b=10.0.1.0/24,10.0.2.7",
        ),
    ] {
        assert!(said(&["--group", value]).contains(message), "{value}");
    }
    let chain = forward(out.path(), &["-j ACCEPT"]);
    let (_, _, said) = run(&[USERS, "--out", path, "--rules", &chain, "--group", "sg-a=192.0.2.1"]);
    assert_eq!(said, "portscribe: error: --group sg-a: no rule names it; only AWS's rules have groups\n");
}

#[test]
fn rules_of_a_group_whose_addresses_of_a_family_are_not_known_are_named() {
    let out = folder();
    let rule = |id: &str, peer: &str| {
        format!(
            r#"{{"SecurityGroupRuleId":"{id}","GroupId":"sg-a","IsEgress":false,"IpProtocol":"udp","FromPort":0,"ToPort":65535,{peer}}}"#
        )
    };
    let rules = [
        rule("sgr-1", r#""CidrIpv4":"192.0.2.0/24""#),
        rule("sgr-9", r#""CidrIpv6":"2001:db8::/32""#),
        rule("sgr-5", r#""PrefixListId":"pl-1""#),
    ];
    let path = out.path().join("groups.json");
    fs::write(&path, format!(r#"{{"SecurityGroupRules":[{}]}}"#, rules.join(","))).expect("rules");
    let rules = path.to_str().expect("a path");
    let path = out.path().to_str().expect("a path");
    let said = |members: &str| -> Vec<String> {
        let (_, text, _) = run(&[USERS, "--rules", rules, "--group", members, "--out", path]);
        let lines = text.lines().filter(|line| line.starts_with("  judges nothing: "));
        lines.map(|line| line["  judges nothing: ".len()..].to_owned()).collect()
    };
    assert_eq!(
        said("sg-a=198.51.100.20"),
        [
            "sgr-9 (allow udp 0-65535 from 2001:db8::/32): --group sg-a has no IPv6 address",
            "sgr-5 (allow udp 0-65535 from pl-1), its IPv6 part: --group sg-a has no IPv6 address",
        ]
    );
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(
        page.contains(
            "<li>sgr-9 (allow udp 0-65535 from 2001:db8::/32): --group sg-a has no IPv6 address</li>"
        )
    );
    assert!(page.contains("judges nothing: --group sg-a has no IPv6 address</h3>"));
    let rows_of_rules = || -> Vec<String> {
        let (headings, rows) = worksheet(&out.path().join("worksheet.csv"));
        let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
        let of_rules = rows.iter().filter(|row| row[column("src_zone")].is_empty());
        let cells = ["status", "verdict", "rules"];
        of_rules.map(|row| cells.map(|name| row[column(name)].as_str()).join(" ")).collect()
    };
    assert_eq!(
        rows_of_rules(),
        [
            "config-only accept sgr-1: allow udp 0-65535 from 192.0.2.0/24",
            "config-only not-judged sgr-9: allow udp 0-65535 from 2001:db8::/32",
            "config-only accept sgr-5: allow udp 0-65535 from pl-1",
        ]
    );
    assert_eq!(said("sg-a=198.51.100.20,2001:db8:2::20"), Vec::<String>::new());
    assert_eq!(
        rows_of_rules(),
        [
            "config-only accept sgr-1: allow udp 0-65535 from 192.0.2.0/24",
            "config-only accept sgr-9: allow udp 0-65535 from 2001:db8::/32",
            "config-only accept sgr-5: allow udp 0-65535 from pl-1",
        ]
    );
}

#[test]
fn packets_in_rows_and_in_none_add_up_to_those_that_were_read() {
    let sum = |values: &Json, key: &str| -> u64 {
        values.as_array().expect("a list").iter().map(|one| one[key].as_u64().expect("a number")).sum()
    };
    for more in [&[][..], &["--since", "2026-11-22T08:54:36Z"]] {
        for capture in crate::support::sample_captures() {
            let out = folder();
            let review = review(out.path(), &[&[capture.to_str().expect("a path")][..], more].concat());
            let coverage = &review["coverage"];
            let in_flows = coverage["in_flows"].as_u64().expect("a number");
            let no_row = ["icmp_errors", "icmpv6_of_link"].map(|key| coverage["no_row"][key].as_u64());
            let no_row: u64 = no_row.into_iter().map(|packets| packets.expect("a number")).sum();
            assert_eq!(sum(&review["edges"], "packets") + no_row, in_flows, "{}", capture.display());
            let all = in_flows + sum(&coverage["in_no_flow"], "packets");
            assert_eq!(all, sum(&coverage["inputs"], "packets"), "{}", capture.display());
        }
    }
}

#[test]
fn what_no_row_holds_is_told_by_its_reason() {
    let out = folder();
    let path = out.path().to_str().expect("a path");
    let (_, text, _) = run(&[&office()[..], &["--out", path]].concat());
    let line =
        text.lines().find(|line| line.starts_with("Of them ") && line.contains("flows")).expect("a line");
    assert_eq!(
        line,
        "Of them 273 in flows; 10 in no flow, and so in no row: 10 not-ip (no IP header found)."
    );
    let line = text.lines().find(|line| line.contains(" need no rule ")).expect("a line");
    assert_eq!(
        line,
        "13 packets in flows that need no rule of their own, and so in no row: 2 ICMP errors (let through with the flow \
         that they answer), 11 ICMPv6 for the link (neighbours, routers, listeners: no router passes it on)."
    );
    let json = fs::read(out.path().join("review.json")).expect("a review");
    let review: Json = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(
        review["coverage"]["in_no_flow"],
        serde_json::json!([
            { "reason": "not-ip", "meaning": "no IP header found", "packets": 10, "of": [] },
        ])
    );
    assert_eq!(review["coverage"]["no_row"], serde_json::json!({ "icmp_errors": 2, "icmpv6_of_link": 11 }));
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    let told = "<p>10 packets in no flow, and so in no row and with no rule:</p><ul><li>10 not-ip (no IP header found)</li></ul>\
                <p>13 packets in flows that need no rule of their own, and so in no row:</p>\
                <ul><li>2 ICMP errors (let through with the flow that they answer)</li>\
                <li>11 ICMPv6 for the link (neighbours, routers, listeners: no router passes it on)</li></ul>";
    assert!(page.contains(told), "{page}");
}

#[test]
fn only_rules_of_iptables_are_said_to_be_made_by_it() {
    use crate::support::review::{is, nft};
    let out = folder();
    let mark = || is(&serde_json::json!({ "meta": { "key": "mark" } }), 1);
    let expressions = |inner: Json| vec![mark(), inner, serde_json::json!({ "accept": null })];
    let log = serde_json::json!({ "log": { "prefix": "dmz-ext " } });
    let xt = serde_json::json!({ "xt": { "type": "match", "name": "owner" } });
    let rules: Vec<(Json, &str)> =
        [log, xt].into_iter().map(|inner| (Json::from(expressions(inner)), "R")).collect();
    let path = nft(out.path(), "drop", &rules);
    let review = review(out.path(), &[USERS, "--zones", ZONES, "--rules", &path]);
    let told: Vec<&str> = review["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|one| one["id"] == "FR209")
        .map(|one| one["suggestion"].as_str().expect("a suggestion"))
        .collect();
    assert_eq!(
        told,
        ["Look at it by hand.", "It was made by iptables: give the output of iptables-save -c instead."]
    );
}

#[test]
fn protocols_have_one_name_in_every_report() {
    use crate::support::packet::{ip, pcap};
    let out = folder();
    let protocols = [1, 2, 46, 59, 88, 89, 108, 112, 135, 200];
    let packets =
        protocols.map(|protocol| ip([192, 0, 2, 1].into(), [192, 0, 2, 2].into(), protocol, &[0x78; 20]));
    let capture = out.path().join("portless.pcap");
    fs::write(&capture, pcap(101, &packets)).expect("a capture");
    let capture = capture.to_str().expect("a path");
    let told = "(an IP protocol without ports: icmp 1, igmp 1, rsvp 1, ipv6-nonxt 1, eigrp 1, ospf 1, vrrp 1, \
                mobility-header 1, protocol-200 1), 1 compressed (IPComp (RFC 3173)).";
    let flows = crate::support::stdout(&crate::support::portscribe(["flows", "--format", "table", capture]));
    assert!(flows.contains(told), "{flows}");
    review(out.path(), &[capture]);
    let (headings, rows) = worksheet(&out.path().join("worksheet.csv"));
    let proto = headings.iter().position(|heading| heading == "proto").expect("a column");
    assert_eq!(
        rows.iter().map(|row| row[proto].as_str()).collect::<Vec<_>>(),
        [
            "eigrp",
            "icmp",
            "igmp",
            "ipcomp",
            "ipv6-nonxt",
            "mobility-header",
            "ospf",
            "protocol-200",
            "rsvp",
            "vrrp"
        ]
    );
}

#[test]
fn a_scan_has_one_row_for_people_to_write_in() {
    let out = folder();
    let path = out.path().join("worksheet.csv");
    let first = review(out.path(), &office());
    let (headings, mut rows) = worksheet(&path);
    let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let of_scans = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        rows.iter().filter(|row| row[column("findings")] == "FR118").cloned().collect()
    };
    let scans = of_scans(&rows);
    let told: Vec<String> = scans.iter().map(|row| row[..24].join("|")).collect();
    assert_eq!(
        told,
        [
            "r78ed5b63a7b6|tried|users|192.0.2.66|no|servers|198.51.100.20|ipv4|tcp|1000 1001 1002 1003 1004 1005 1006 \
          1007 1008 1009 1010 1011 1012 1013 1014 5100 5101 5102 5103 5104 5105 5106 5107 5108 5109 5110 5111 5112 5113 \
          5114|||||refused|0|15|15|2026-11-22T08:54:37.406626000Z|2026-11-22T08:54:38.115498000Z||0.000056|\
          inet/fw/forward#11 inet/fw/forward#23|accept drop"
        ]
    );
    assert_eq!(subjects(&first, "FR118"), [scans[0][0].clone()]);
    assert_eq!(first["scans"][0]["row_id"], scans[0][0]);
    let page = fs::read_to_string(out.path().join("review.html")).expect("a page");
    assert!(page.contains(&format!("<li id=\"row-{}\">", scans[0][0])), "{page}");

    // What people write about it comes back, also where a spreadsheet took the row for a number.
    let row = rows.iter().position(|row| row[0] == scans[0][0]).expect("a row");
    "ours, every Sunday".clone_into(&mut rows[row][column("notes")]);
    "7.1E+11".clone_into(&mut rows[row][0]);
    write_worksheet(&path, &headings, &rows);
    let approved = ["--approved", path.to_str().expect("a path")];
    let second = review(out.path(), &[&office()[..], &approved].concat());
    let (_, rows) = worksheet(&path);
    let again = of_scans(&rows);
    assert_eq!(again.len(), 1);
    assert_eq!((&again[0][0], again[0][column("notes")].as_str()), (&scans[0][0], "ours, every Sunday"));
    assert_eq!(kinds(&second, &["FR502"]), []);

    // Gone, it keeps what was written.
    let other = review(out.path(), &[&["samples/http.pcap"][..], &approved].concat());
    let (_, rows) = worksheet(&path);
    let kept = rows.iter().find(|row| row[0] == scans[0][0]).expect("a row");
    assert_eq!((kept[1].as_str(), kept[column("notes")].as_str()), ("gone", "ours, every Sunday"));
    let title = format!("the scan of {} from users of the last worksheet: not seen in ", scans[0][3]);
    assert!(told_any(&other, "FR502", &title), "{title}");
}

#[test]
fn a_scan_over_udp_alone_is_a_scan() {
    let out = folder();
    let mut made = Made::default();
    for port in 1..=12 {
        made.udp(port, ("10.0.0.66", 40_000), ("10.0.1.20", port as u16));
    }
    made.exchange(20, ("10.0.0.7", 50_000), ("10.0.1.20", 53));
    let capture = out.path().join("udp.pcap");
    fs::write(&capture, made.capture()).expect("a capture");
    let review = review(out.path(), &[capture.to_str().expect("a path")]);
    assert_eq!(
        told(&review, "FR118", "no rules"),
        owned(&[("info", "10.0.0.66 tried 12 services and used none")])
    );
    assert_eq!(review["scans"][0]["client"], "10.0.0.66");
    let (headings, rows) = worksheet(&out.path().join("worksheet.csv"));
    let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let told: Vec<[&str; 3]> =
        rows.iter().map(|row| ["status", "proto", "ports"].map(|name| row[column(name)].as_str())).collect();
    assert_eq!(told, [["observed-unjudged", "udp", "53"], ["tried", "udp", "1 2 3 4 5 6 7 8 9 10 11 12"]]);
}

/// Whether a title of the findings of a kind begins so.
fn told_any(review: &Json, id: &str, title: &str) -> bool {
    findings(review).iter().any(|one| one[1] == id && one[3].starts_with(title))
}

#[test]
fn what_ftp_announced_is_told_from_what_hosts_and_times_suggest() {
    let out = folder();
    let limits = |more: &[&str]| {
        let review = review(out.path(), &[&["samples/ftp-active.pcap"][..], more].concat());
        let all = review["findings"].as_array().expect("findings").clone();
        let of_data = all.into_iter().find(|one| one["id"] == "FR116").expect("a finding");
        of_data["limits"].as_str().expect("a text").to_owned()
    };
    assert_eq!(
        limits(&["--no-payload"]),
        "They are matched by hosts and times, not by what the control connection announced."
    );
    assert_eq!(
        limits(&[]),
        "The control connection announced each of these ports; what it announced in vain is not listed."
    );
}

#[test]
fn exposure_by_a_guessed_direction_says_so() {
    let out = folder();
    let mut made = Made::default();
    let (client, server) = (("8.8.4.4", 40_000), ("10.0.0.2", 80));
    made.tcp(0, client, server, ACK, b"question");
    made.tcp(1, server, client, ACK, b"answer");
    made.connection(2, ("8.8.4.4", 40_001), ("10.0.0.3", 80));
    let capture = out.path().join("made.pcap");
    fs::write(&capture, made.capture()).expect("a capture");
    let review = review(out.path(), &[capture.to_str().expect("a path")]);
    let all = review["findings"].as_array().expect("findings");
    let limits: Vec<&str> =
        all.iter().filter(|one| one["id"] == "FR111").filter_map(|one| one["limits"].as_str()).collect();
    let proxy = "An address of a proxy or of address translation hides the client.";
    let guess = " Its openings were not captured: which end is the server is a guess.";
    assert_eq!(limits, [&format!("{proxy}{guess}"), proxy]);
}

#[test]
fn rules_on_sets_are_judged_as_these_were_listed_and_say_so() {
    let out = folder();
    let mut made = Made::default();
    made.connection(1, ("10.0.0.8", 40_000), ("172.16.1.2", 80));
    made.connection(2, ("10.0.0.9", 40_000), ("172.16.1.2", 80));
    fs::write(out.path().join("made.pcap"), made.capture()).expect("a capture");
    fs::write(
        out.path().join("rules"),
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m set --match-set bad src -j DROP\n\
         -A FORWARD -p tcp -m tcp --dport 80 -m comment --comment web -j ACCEPT\nCOMMIT\n",
    )
    .expect("rules");
    fs::write(
        out.path().join("sets"),
        "create bad hash:ip family inet hashsize 1024 maxelem 65536 timeout 600\nadd bad 10.0.0.9 timeout 421\n",
    )
    .expect("sets");
    let path = |name: &str| out.path().join(name).to_str().expect("a path").to_owned();
    let (capture, rules, sets) = (path("made.pcap"), path("rules"), path("sets"));
    let flows = |review: &Json| {
        let of = |rule: &Json| json!([rule["flows"]["definite"], rule["flows"]["ambiguous"], rule["listed"]]);
        review["rules"].as_array().expect("rules").iter().map(of).collect::<Vec<_>>()
    };
    let without = review(out.path(), &[&capture, "--rules", &rules]);
    assert_eq!(flows(&without), [json!([0, 2, null]), json!([0, 2, null]), json!([0, 0, null])]);
    let suggestion = |review: &Json| {
        let all = review["findings"].as_array().expect("findings").iter();
        all.filter(|one| one["id"] == "FR209").map(|one| one["suggestion"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(suggestion(&without), [json!("Give what `ipset save` prints with --ipset.")]);
    let with = review(out.path(), &[&capture, "--rules", &rules, "--ipset", &sets]);
    assert_eq!(flows(&with), [json!([1, 0, ["ipset bad"]]), json!([1, 0, null]), json!([0, 0, null])]);
    assert_eq!(suggestion(&with), [Json::Null; 0]);
    assert_eq!(with["rulesets"][0]["ipsets"][0]["name"], sets.as_str());
    let severities: Vec<(String, String)> = findings(&with)
        .into_iter()
        .filter(|one| ["FR212", "FR301"].contains(&one[1].as_str()))
        .map(|[severity, id, ..]| (id, severity))
        .collect();
    assert_eq!(
        severities,
        [("FR301", "medium"), ("FR212", "info")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    let all = with["findings"].as_array().expect("findings");
    let text = |id: &str, key: &str| {
        let one = all.iter().find(|one| one["id"] == id).expect("a finding");
        one[key].as_str().expect("a text").replace(&rules, "fw")
    };
    assert_eq!(text("FR212", "title"), "fw:3: judged by what ipset bad held when it was listed");
    assert_eq!(text("FR212", "limits"), "What it held while the captures were taken is not known.");
    assert!(
        text("FR301", "limits").ends_with(" The rules judged by what ipset bad held when it was listed.")
    );
    let (status, _, said) = run(&[&capture, "--rules", &rules, "--ipset", &rules, "--out", &path("none")]);
    assert_eq!(
        (status, said),
        (
            4,
            format!("portscribe: error: {rules}:1: not a set or an element; give what `ipset save` prints\n")
        )
    );
    fs::write(out.path().join("other"), "create worse hash:ip family inet\n").expect("sets");
    let other = path("other");
    let (status, _, said) = run(&[&capture, "--rules", &rules, "--ipset", &other, "--out", &path("none")]);
    assert_eq!(
        (status, said),
        (
            2,
            format!(
                "portscribe: error: --ipset {other}: no rule of iptables (`-m set --match-set NAME`) names one of its sets\n"
            )
        )
    );
}

#[test]
fn what_every_way_through_the_firewall_does_is_certain_without_its_addresses() {
    let out = folder();
    let path = out.path().join("fw.nft");
    fs::write(
        &path,
        "table inet fw {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport { 22, 80 } accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		tcp dport { 22, 53 } accept
		reject
	}
	chain output {
		type filter hook output priority filter; policy drop;
		tcp dport 22 accept
	}
}
",
    )
    .expect("rules");
    let mut made = Made::default();
    for port in [22, 80, 25] {
        made.connection(0, ("192.0.2.10", 40_000 + port), ("198.51.100.20", port));
    }
    let capture = out.path().join("made.pcap");
    fs::write(&capture, made.capture()).expect("a capture");
    let (capture, rules) = (capture.to_str().expect("a path"), path.to_str().expect("a path"));
    let review = review(out.path(), &[capture, "--zones", ZONES, "--rules", rules]);
    let (headings, rows) = worksheet(&out.path().join("worksheet.csv"));
    let cell = |row: &[String], name: &str| {
        row[headings.iter().position(|heading| heading == name).expect("a column")].clone()
    };
    let services = rows.iter().filter(|row| !cell(row, "first_seen").is_empty());
    let said: Vec<_> =
        services.map(|row| ["ports", "status", "verdict", "findings"].map(|name| cell(row, name))).collect();
    assert_eq!(
        said,
        [
            ["22", "observed-configured", "accept", "FR113"],
            ["25", "observed-only", "drop reject", "FR110 FR301"],
            ["80", "observed-unjudged", "accept ambiguous drop reject", "FR110 FR303"],
        ]
    );
    let why = |id: &str| {
        let findings = review["findings"].as_array().expect("findings");
        let one = findings.iter().find(|one| one["id"] == id).expect("a finding");
        one["why"].as_str().expect("a text").replace(rules, "fw")
    };
    assert_eq!(
        why("FR301"),
        "1 of its flows in use end at fw:9 (reject), inet/fw/input#policy (drop), inet/fw/output#policy (drop)."
    );
    assert_eq!(
        why("FR303"),
        "1 flow may end at any of: fw:4 (accept), fw:9 (reject), inet/fw/output#policy (drop)."
    );
}

#[test]
fn a_finding_shows_the_flows_that_it_is_about_and_no_others() {
    let out = folder();
    let path = out.path().join("fw.nft");
    fs::write(
        &path,
        "table inet fw {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 192.0.2.10 tcp dport 80 accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
	}
	chain output {
		type filter hook output priority filter; policy drop;
	}
}
",
    )
    .expect("rules");
    let mut made = Made::default();
    made.connection(0, ("192.0.2.11", 40_001), ("198.51.100.20", 80));
    made.connection(1, ("192.0.2.10", 40_002), ("198.51.100.20", 80));
    made.connection(2, ("192.0.2.12", 40_003), ("198.51.100.20", 80));
    let capture = out.path().join("made.pcap");
    fs::write(&capture, made.capture()).expect("a capture");
    let (capture, rules) = (capture.to_str().expect("a path"), path.to_str().expect("a path"));
    let review = review(out.path(), &[capture, "--zones", ZONES, "--rules", rules]);
    let evidence = |id: &str| {
        let findings = review["findings"].as_array().expect("findings");
        let one = findings.iter().find(|one| one["id"] == id).expect("a finding");
        let samples = one["evidence"].as_array().expect("evidence").iter();
        let flows: Vec<_> = samples.map(|one| one["flow"].as_str().expect("a flow").to_owned()).collect();
        (one["flows"].as_u64().expect("a number"), flows)
    };
    assert_eq!(
        evidence("FR301"),
        (
            2,
            vec![
                "192.0.2.11:40001 > 198.51.100.20:80/tcp".to_owned(),
                "192.0.2.12:40003 > 198.51.100.20:80/tcp".to_owned()
            ]
        )
    );
    assert_eq!(evidence("FR303"), (1, vec!["192.0.2.10:40002 > 198.51.100.20:80/tcp".to_owned()]));
    let (_, told, _) =
        run(&[capture, "--zones", ZONES, "--rules", rules, "--out", out.path().to_str().expect("a path")]);
    let line = told.lines().find(|line| line.contains("left open (FR303)"));
    assert_eq!(
        line,
        Some(
            "  1 service left open (FR303): Name the firewall's own addresses with --own, and interfaces with --iface; look at \
             conditions on marks, rates and the like by hand."
        )
    );
}
