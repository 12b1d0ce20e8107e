//! What `nft list ruleset` prints is read as what `nft -j list ruleset` prints of it.

use std::process::Command;

use crate::support::rules::{causes, read, way};
use crate::support::{has_program, skipped};
use portscribe::rules::{ReadOptions, Rule, Ruleset, RulesetFormat};

/// All that is known of the rules but their order, and where without handles they were read.
fn all(rules: &Ruleset) -> Vec<String> {
    let of = |rule: &Rule| {
        format!(
            "{} | {} | {} | {:?} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?}",
            rule.chain,
            rule.text.raw(),
            rule.comment.raw(),
            rule.verdict,
            rule.state,
            rule.undecided,
            rule.kernel_packets,
            rule.shared_packets,
            rule.family,
            rule.logs,
            rule.listed,
            rule.from_iptables,
        )
    };
    let mut all: Vec<String> = rules.rules().iter().map(of).collect();
    all.sort();
    let bases = rules
        .base_chains()
        .into_iter()
        .map(|base| format!("{} {} {} {}", base.name, base.kind, base.hook, base.priority));
    all.extend(bases);
    all
}

fn equal(name: &str, text: &str, json: &str) -> Ruleset {
    let (text, json) = (read(text, RulesetFormat::Nft), read(json, RulesetFormat::NftJson));
    let (mut from_text, mut from_json) = (all(&text), all(&json));
    from_text.sort();
    from_json.sort();
    for (text, json) in from_text.iter().zip(&from_json) {
        assert_eq!(text, json, "{name}");
    }
    assert_eq!(from_text.len(), from_json.len(), "{name}");
    text
}

const RULES: &str = include_str!("listed.nft");

#[test]
fn a_listing_is_read_rule_by_rule() {
    let rules = read(RULES, RulesetFormat::Nft);
    let told: Vec<String> = rules
        .rules()
        .iter()
        .map(|rule| {
            let packets = rule.kernel_packets.map_or(String::new(), |packets| format!(" [{packets}]"));
            let comment =
                if rule.comment.is_empty() { String::new() } else { format!(" ({})", rule.comment.raw()) };
            format!("{} {:?}: {}{packets}{comment}", rule.reference, rule.state, rule.text.raw())
        })
        .collect();
    let expected = include_str!("listed.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rules/listed.txt"),
            told.join("\n") + "\n",
        )
        .expect("an expectation");
        return;
    }
    assert_eq!(told.join("\n") + "\n", expected);
    // Behind a masquerade any client may be the firewall.
    let (before, _) = RULES.split_once("\tchain post").expect("a chain");
    let rules = read(&format!("{before}}}\n"), RulesetFormat::Nft);
    for (flow, expected) in [
        ("tcp 10.0.0.9:1000 > 10.2.0.1:80", "#9 #10=Drop"),
        ("tcp 10.0.0.1:1000 > 10.2.0.1:80", "#9 #11 #20=Accept"),
        ("tcp 10.0.0.1:1000 > 10.2.0.1:22", "#9 #11 #12=Accept"),
        ("tcp 10.0.0.1:1000 > 10.2.0.1:5200", "#9 #11 #14=Accept"),
        ("udp 10.0.0.1:1000 > 10.2.0.9:54", "#9 #15=Accept #19=Reject"),
        // What is not understood may do anything, and the rules behind it are asked.
        ("udp 10.0.0.1:1000 > 10.2.0.1:500", "#9 #15=Accept #17=Accept #17=Drop #19=Reject"),
    ] {
        assert_eq!(way(&rules, Some("inet/fw/forward"), flow), expected, "{flow}");
    }
}

#[test]
fn a_rule_without_a_handle_is_named_by_its_line() {
    let text = "table ip fw {\n\tchain f {\n\t\ttype filter hook forward priority filter; policy drop;\n\n\
                \t\ttcp dport 80 accept\n\t}\n}\n";
    let rules = Ruleset::read(text.as_bytes(), RulesetFormat::Nft, "fw.nft", &ReadOptions::default())
        .expect("a ruleset");
    let references: Vec<&str> = rules.rules().iter().map(|rule| rule.reference.as_str()).collect();
    assert_eq!(references, ["fw.nft:5", "ip/fw/f#policy"]);
    assert_eq!(RulesetFormat::detect(text.as_bytes()), Some(RulesetFormat::Nft));
    assert_eq!(
        RulesetFormat::detect(b"# managed by hand\nflush ruleset\ntable ip a {\n}\n"),
        Some(RulesetFormat::Nft)
    );
}

#[test]
fn a_dormant_table_does_nothing() {
    let text = |flags: &str| {
        format!(
            "table ip asleep {{\n{flags}\tchain f {{\n\t\ttype filter hook forward priority filter; policy drop;\n\t}}\n}}\n\
             table ip awake {{\n\tchain f {{\n\t\ttype filter hook forward priority 5; policy accept;\n\
             \t\ttcp dport 22 drop\n\t}}\n}}\n"
        )
    };
    let chains = |flags: &str| {
        let rules = read(&text(flags), RulesetFormat::Nft);
        rules.choose(None).expect("chains").names().to_vec()
    };
    assert_eq!(chains(""), ["ip/asleep/f", "ip/awake/f"]);
    assert_eq!(chains("\tflags dormant\n\n"), ["ip/awake/f"]);
    let json = r#"{"nftables":[{"table":{"family":"ip","name":"a","flags":["dormant"]}},
        {"chain":{"family":"ip","table":"a","name":"f","type":"filter","hook":"forward","prio":0,"policy":"drop"}}]}"#;
    assert_eq!(read(json, RulesetFormat::NftJson).base_chains(), []);
}

#[test]
fn what_is_no_listing_says_where() {
    let fault = |text: &str| {
        let read = Ruleset::read(text.as_bytes(), RulesetFormat::Nft, "fw", &ReadOptions::default());
        causes(&read.expect_err("no listing"))
    };
    let head = "fw is not a ruleset in the format nft: ";
    assert_eq!(
        fault(""),
        format!("{head}no table (a line such as `table inet fw {{`); write it with `nft list ruleset`")
    );
    let not_there = |line: usize, found: &str| {
        format!("{head}line {line}: `{found}` is not what `nft list ruleset` prints there")
    };
    assert_eq!(fault("table ip a {\n}\ndefine x = 1\n"), not_there(3, "define"));
    assert_eq!(fault("table ip a {\n\tchain f {\n"), not_there(2, ""));
    assert_eq!(fault("table ip a {\n\tset s {\n\t\telements { 1 }\n\t}\n}\n"), not_there(3, "{"));
}

#[test]
fn listings_of_firewalls_are_read_as_their_json() {
    let Some(folder) = crate::support::shared() else {
        return skipped("rulesets of firewalls are missing");
    };
    let file = |name: &str| std::fs::read_to_string(folder.join("firewall").join(name)).expect("a ruleset");
    for (text, json) in [
        ("nat-lab/after.nft", "nat-lab/after.json"),
        ("lab/out/after.nft", "lab/out/after.json"),
        ("lab/firewalld.nft", "lab/firewalld.nft.json"),
    ] {
        equal(text, &file(text), &file(json));
    }
}

#[test]
fn nft_prints_both_of_one_ruleset() {
    if !has_program("nft") || !has_program("unshare") {
        return;
    }
    // Of `osf` the text is not understood.
    let understood: Vec<&str> = RULES.lines().filter(|line| !line.contains(" osf ")).collect();
    let mut rulesets = vec![understood.join("\n") + "\n"];
    if let Some(folder) = crate::support::shared() {
        for name in ["lab/rich.nft", "lab/ruleset.nft", "nat-lab/rules.nft", "nat-lab/simple.nft"] {
            rulesets.push(std::fs::read_to_string(folder.join("firewall").join(name)).expect("a ruleset"));
        }
    }
    for ruleset in rulesets {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fw.nft");
        std::fs::write(&path, &ruleset).expect("a ruleset");
        let list = |options: &str| {
            let script = format!("nft -f {} && nft {options} list ruleset", path.display());
            Command::new("unshare").args(["-rn", "sh", "-c", &script]).output().expect("unshare runs")
        };
        let (text, json) = (list("-a"), list("-j -a"));
        if !text.status.success() {
            let why = String::from_utf8_lossy(&text.stderr);
            if why.contains("unshare") || why.contains("not permitted") {
                return skipped("namespaces of a user's own are not allowed here");
            }
            panic!("{why}\n{ruleset}");
        }
        let [text, json] = [text, json].map(|output| String::from_utf8(output.stdout).expect("UTF-8"));
        equal(&ruleset, &text, &json);
    }
}
