//! Recorded cases: networks, rulesets and worksheets that others made, with what is right of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::support::review::{RULES, TRUNK, USERS, ZONES, folder, review, run, worksheet};
use serde_json::Value as Json;

/// A folder of recordings; none where these are missing.
fn recorded(name: &str) -> Option<PathBuf> {
    let folder = crate::support::shared()?.join(name);
    if !folder.is_dir() {
        crate::support::skipped("recorded cases of reviews are missing");
        return None;
    }
    Some(folder)
}

fn path(folder: &std::path::Path, name: &str) -> String {
    folder.join(name).to_str().expect("a path").to_owned()
}

/// How many rows are configured, by what the rules say.
fn configured(review: &Json) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for edge in review["edges"].as_array().expect("edges") {
        *counts.entry(edge["configured"].as_str().expect("a word").to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn all_that_stands_in_the_way_judges() {
    let Some(cases) = recorded("cases/review") else { return };
    let out = folder();
    let (capture, case) = (path(&cases, "nft-mix.pcap"), |name: &str| path(&cases, name));
    let said = |arguments: &[&str]| {
        configured(&review(out.path(), &[&[capture.as_str()][..], arguments].concat()))
            .into_iter()
            .map(|(word, rows)| format!("{word} {rows}"))
            .collect::<Vec<_>>()
    };
    // A chain of Docker drops what the other table accepts, but for what comes from its bridge.
    let two = case("two-base.json");
    assert_eq!(said(&["--rules", &two]), ["ambiguous 3", "no 19"]);
    assert_eq!(said(&["--rules", &two, "--iface", "eth0=documentation"]), ["no 22"]);
    // Tables before the one that filters drop what that accepts, and of 443/tcp the flows of one client.
    assert_eq!(said(&["--rules", &case("raw-drop.save")]), ["no 21", "yes 1"]);
    // Sets that nobody gave stand first.
    assert_eq!(said(&["--rules", &case("docker.save")]), ["ambiguous 22"]);
    // What rules put into a set in the meantime is not known.
    assert_eq!(said(&["--rules", &case("crowd3.json")]), ["ambiguous 3", "no 19"]);
}

#[test]
fn rules_that_are_left_out_are_named() {
    let Some(cases) = recorded("cases/review") else { return };
    let out = folder();
    let (capture, rules) = (path(&cases, "nft-mix.pcap"), path(&cases, "aws.json"));
    let review = review(out.path(), &[&capture, "--rules", &rules, "--group", "sg-a=198.51.100.20"]);
    let left_out = review["rulesets"][0]["rules_left_out"].as_array().expect("rules").iter();
    let named: Vec<_> = left_out
        .map(|one| ["rule", "family", "why"].map(|key| one[key].as_str().expect("a text").to_owned()))
        .collect();
    let why = "--group sg-a has no IPv6 address";
    assert_eq!(
        named,
        ["sgr-5", "sgr-7", "sgr-9", "sgr-10"].map(|rule| [rule, "ipv6", why].map(str::to_owned))
    );
}

#[test]
fn office_hours_of_a_week_are_a_third_of_each_day() {
    let Some(cases) = recorded("cases/review") else { return };
    let review = review(folder().path(), &[&path(&cases, "coverage/officehours.pcap")]);
    assert_eq!(review["coverage"]["chances"][1], serde_json::json!(["daily", 0.326_388_888_888_888_9]));
    let never = serde_json::json!([{ "days": "every day", "hours": ["00:00-09:00", "17:00-24:00"] }]);
    assert_eq!(review["coverage"]["never_listened"], never);
}

#[test]
fn worksheets_of_spreadsheets_are_read_whole() {
    let Some(cases) = recorded("cases/review") else { return };
    let approved = |name: &str| {
        let (out, sheet) = (folder(), path(&cases, name));
        review(out.path(), &[USERS, TRUNK, "--zones", ZONES, "--rules", RULES, "--approved", &sheet]);
        let cells = |path: &std::path::Path| {
            let (headings, rows) = worksheet(path);
            let column = headings.iter().position(|heading| heading == "approved_by").expect("a column");
            rows.iter().filter(|row| !row[column].is_empty()).count()
        };
        cells(&out.path().join("worksheet.csv"))
    };
    assert_eq!(approved("worksheet-excel-sep-line.csv"), 22);
    assert_eq!(approved("worksheet-excel-us-dates.csv"), 22);
    assert_eq!(approved("worksheet-calc-overflow.csv"), 23);
}

#[test]
fn who_was_refused_or_came_later_is_not_approved() {
    let Some(cases) = recorded("cases/review") else { return };
    let out = folder();
    let here = |name: &str| path(&cases.join("proposal"), name);
    let options = ["--zones", &here("zones.csv"), "--approved", &here("ws1.csv"), "--approved-only"];
    let scanned = here("scan22.pcap");
    review(
        out.path(),
        &[&[scanned.as_str()][..], &options, &["--write", "nft", "--fail-on", "high"]].concat(),
    );
    let rules = std::fs::read_to_string(out.path().join("review.nft")).expect("rules");
    let accepts: Vec<&str> = rules.lines().filter(|line| line.contains("saddr")).map(str::trim).collect();
    assert_eq!(
        accepts,
        [
            "ip saddr 10.20.0.10 ip daddr 10.20.1.11 tcp dport 22 counter accept comment \"row r37f0f7150e3f ssh, 21 \
             flows in use\""
        ]
    );
    let here = |name: &str| path(&cases.join("approval-grows"), name);
    let (capture, zones, rules) = (here("s66.pcap"), here("zones.csv"), here("noC7.json"));
    let mut sheet = here("ws1.csv");
    let mut nights = Vec::new();
    // In this review and in every later one.
    for _ in 0..2 {
        let out = folder();
        let json =
            review(out.path(), &[&capture, "--zones", &zones, "--rules", &rules, "--approved", &sheet]);
        let findings = json["findings"].as_array().expect("findings").iter();
        let beyond: Vec<_> = findings.filter(|one| one["id"] == "FR101").map(|one| &one["title"]).collect();
        assert_eq!(
            beyond,
            [
                "22/tcp (registered as ssh; speaks SSH 2) at 10.20.1.11 from office is in use beyond its approval, by \
                 10.20.0.66"
            ]
        );
        sheet = path(out.path(), "worksheet.csv");
        nights.push(out);
    }
}

/// The rules of a recorded network that the kernel counted differently: their flows, and what was captured.
fn different(capture: &str, rules: &str, is_whole: bool) -> Option<Vec<String>> {
    let lab = recorded("firewall/nat-lab")?;
    let (zones, rules) = (path(&lab, "zones.csv"), path(&lab, rules));
    let own = "10.20.0.1,10.20.1.1,203.0.113.1,fd20::1,fd21::1";
    let interfaces =
        ["--iface", "of=office", "--iface", "df=dmz", "--iface", "xf=ext", "--iface", "xf=fw-ext"];
    let options =
        ["--zones", &zones, "--rules", &rules, "--own", own, "--counters-since", "2026-01-01T00:00:00Z"];
    let out = folder();
    let written = ["--format", "json", "--out", out.path().to_str().expect("a path")];
    let (status, json, said) =
        run(&[&[path(&lab, capture).as_str()][..], &options, &interfaces, &written].concat());
    assert_eq!(status, 0, "{said}");
    let review: Json = serde_json::from_str(&json).expect("JSON");
    let not_seen = review["findings"].as_array().expect("findings").iter().filter(|one| one["id"] == "FR201");
    let not_seen: Vec<&Json> = not_seen.map(|one| &one["subject"]).collect();
    let mut findings = review["findings"].as_array().expect("findings").iter();
    assert!(!findings.any(|one| one["id"] == "FR301"), "nothing in use is denied");
    let differs = |rule: &&Json| {
        let Some(kernel) = rule["kernel_packets"].as_u64() else { return false };
        let flows = rule["flows"]["definite"].as_u64().expect("flows");
        let most = rule["counted"]["captured_most"].as_u64().filter(|_| {
            is_whole
                && !["ends-nothing", "other-chain"].contains(&rule["not_looked_at"].as_str().unwrap_or(""))
        });
        flows > kernel
            || rule["counted"]["captured_least"].as_u64().is_some_and(|least| least > kernel)
            || most.is_some_and(|most| most < kernel)
            || kernel > 0 && not_seen.contains(&&rule["reference"])
    };
    let rules = review["rules"].as_array().expect("rules").iter();
    Some(
        rules
            .filter(differs)
            .map(|rule| format!("{} {} {}", rule["reference"], rule["flows"], rule["counted"]))
            .collect(),
    )
}

#[test]
fn a_recorded_network_with_translation_counts_as_its_kernel_did() {
    for (capture, rules, is_whole) in [
        ("any.pcap", "after.json", true),
        ("xf.pcap", "after.json", false),
        ("simple-xf.pcap", "simple-after.json", false),
    ] {
        let Some(different) = different(capture, rules, is_whole) else { return };
        assert_eq!(different, Vec::<String>::new(), "{capture}");
    }
}
