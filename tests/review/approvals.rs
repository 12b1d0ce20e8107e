//! What an approval is about, in the review after it and in later ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::made::Made;
use crate::support::review::{approve, findings, folder, review, worksheet, write_worksheet};
use serde_json::Value as Json;

const SERVER: (&str, u16) = ("10.0.1.2", 22);

/// A capture of connections of these clients to the server.
fn night(out: &Path, name: &str, clients: &[&str]) -> String {
    let mut made = Made::default();
    for client in clients {
        made.connection(0, (client, 40_000), SERVER);
    }
    let path = out.join(name);
    fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

/// A cell of the row of a port.
fn cell(sheet: &Path, port: &str, column: &str) -> String {
    let (headings, rows) = worksheet(sheet);
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    rows.iter().find(|row| row[at("ports")] == port).expect("a row")[at(column)].clone()
}

fn set(sheet: &Path, port: &str, column: &str, to: &str) {
    let (headings, mut rows) = worksheet(sheet);
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let row = rows.iter_mut().find(|row| row[at("ports")] == port).expect("a row");
    to.clone_into(&mut row[at(column)]);
    write_worksheet(sheet, &headings, &rows);
}

fn titles(review: &Json, id: &str) -> Vec<String> {
    findings(review).into_iter().filter(|one| one[1] == id).map(|[.., title]| title).collect()
}

/// A folder with the worksheet of a first night, in which the only client is approved.
fn approved() -> (tempfile::TempDir, PathBuf) {
    let out = folder();
    review(out.path(), &[&night(out.path(), "1.pcap", &["10.0.0.10"])]);
    let sheet = out.path().join("worksheet.csv");
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    write_worksheet(&sheet, &headings, &rows);
    set(&sheet, "22", "approved_on", "2026-11-20");
    (out, sheet)
}

#[test]
fn a_client_that_comes_later_is_not_approved_in_any_later_review() {
    let (out, sheet) = approved();
    let path = sheet.to_str().expect("a path");
    let nights = [
        night(out.path(), "2.pcap", &["10.0.0.10", "10.0.0.66"]),
        night(out.path(), "3.pcap", &["10.0.0.66"]),
        night(out.path(), "4.pcap", &["10.0.0.10"]),
        night(out.path(), "5.pcap", &["10.0.0.10", "10.0.0.66"]),
    ];
    for (n, night) in nights.iter().enumerate() {
        let review = review(
            out.path(),
            &[night, "--approved", path, "--write", "worksheet,json,nft", "--approved-only"],
        );
        let is_grown = night.ends_with("4.pcap");
        assert_eq!(cell(&sheet, "22", "approved_sources"), "10.0.0.10", "night {n}");
        assert_eq!(cell(&sheet, "22", "approved_as"), "Grace, 2026-11-20", "night {n}");
        let status = if is_grown { "observed-approved" } else { "observed-unjudged" };
        assert_eq!(cell(&sheet, "22", "status"), status, "night {n}");
        let told: &[&str] = if is_grown {
            &[]
        } else {
            &[
                "22/tcp (registered as ssh) at 10.0.1.2 from private-10 is in use beyond its approval, by 10.0.0.66",
            ]
        };
        assert_eq!(titles(&review, "FR101"), told, "night {n}");
        let rules = fs::read_to_string(out.path().join("review.nft")).expect("rules");
        assert!(
            !rules.lines().any(|line| !line.trim().starts_with('#') && line.contains("10.0.0.66")),
            "{rules}"
        );
        let is_let_in =
            rules.contains("    ip saddr 10.0.0.10 ip daddr 10.0.1.2 tcp dport 22 counter accept");
        assert_eq!(is_let_in, !night.ends_with("3.pcap"), "{rules}");
    }

    // Somebody approves what now stands there; a spreadsheet that writes the day another way does not.
    let night = nights[0].as_str();
    set(&sheet, "22", "approved_on", "20.11.2026");
    let same = review(out.path(), &[night, "--approved", path]);
    assert_eq!(titles(&same, "FR101").len(), 1);
    set(&sheet, "22", "approved_on", "2026-11-24");
    let again = review(out.path(), &[night, "--approved", path]);
    assert_eq!(titles(&again, "FR101"), Vec::<String>::new());
    assert_eq!(cell(&sheet, "22", "approved_sources"), "10.0.0.10 10.0.0.66");
    assert_eq!(cell(&sheet, "22", "status"), "observed-approved");
}

#[test]
fn what_was_approved_stays_while_nothing_is_seen_and_goes_with_the_approval() {
    let (out, sheet) = approved();
    let path = sheet.to_str().expect("a path");
    let other = out.path().join("other.pcap");
    let mut made = Made::default();
    made.connection(0, ("10.0.0.10", 40_000), ("10.0.1.9", 80));
    fs::write(&other, made.capture()).expect("a capture");
    let other = other.to_str().expect("a path");
    for _ in 0..2 {
        review(out.path(), &[other, "--approved", path]);
        assert_eq!(cell(&sheet, "22", "approved_sources"), "10.0.0.10");
        assert_eq!(cell(&sheet, "22", "approved_servers"), "10.0.1.2");
        assert_eq!(cell(&sheet, "22", "approved_ports"), "22");
    }
    set(&sheet, "22", "decision", "remove");
    review(out.path(), &[other, "--approved", path]);
    assert_eq!(cell(&sheet, "22", "approved_sources"), "");
}

#[test]
fn a_row_that_people_add_without_clients_is_for_its_zone() {
    let out = folder();
    let sheet = out.path().join("own.csv");
    fs::write(
        &sheet,
        "row_id,src_zone,destination,proto,ports,owner,business_need,approved_by\n\
         ,private-10,10.0.1.2,tcp,22,Ada,shop,Grace\n",
    )
    .expect("a worksheet");
    let night = night(out.path(), "1.pcap", &["10.0.0.10", "10.0.0.66"]);
    let review = review(out.path(), &[&night, "--approved", sheet.to_str().expect("a path")]);
    assert_eq!(titles(&review, "FR101"), Vec::<String>::new());
    assert_eq!(cell(&out.path().join("worksheet.csv"), "22", "approved_sources"), "any");
}

/// A client's use of a port of the server that is nobody's.
fn dynamic(out: &Path, name: &str, port: u16) -> String {
    let mut made = Made::default();
    made.connection(0, ("10.0.0.10", 40_000), (SERVER.0, port));
    let path = out.join(name);
    fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn an_approval_of_a_dynamic_port_does_not_move_to_another_port() {
    let out = folder();
    let sheet = out.path().join("worksheet.csv");
    let path = sheet.to_str().expect("a path");
    review(out.path(), &[&dynamic(out.path(), "1.pcap", 49_218)]);
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    let row_id = rows[0][0].clone();
    write_worksheet(&sheet, &headings, &rows);
    let other = dynamic(out.path(), "2.pcap", 49_164);
    // printf 'ipv4|private-10|10.0.1.2|tcp|32768-65535' | sha256sum: as earlier versions had it.
    for written in [row_id.as_str(), &row_id[1..], "8d4be5bbb4a0"] {
        rows[0][0] = written.to_owned();
        write_worksheet(&sheet, &headings, &rows);
        let now = review(out.path(), &[&other, "--approved", path]);
        assert_eq!(titles(&now, "FR101").len(), 1, "{written}");
        assert_eq!(
            (cell(&sheet, "49218", "row_id"), cell(&sheet, "49164", "owner")),
            (row_id.clone(), String::new())
        );
        assert_eq!(cell(&sheet, "49218", "status"), "approved-only");
        let again = review(out.path(), &[&dynamic(out.path(), "1.pcap", 49_218), "--approved", path]);
        assert_eq!(titles(&again, "FR101"), Vec::<String>::new(), "{written}");
        assert_eq!(cell(&sheet, "49218", "owner"), "Ada");
    }
}

#[test]
fn an_approval_of_a_rule_stays_with_its_chain() {
    let ruleset = |out: &Path, chains: &[&str]| {
        let mut objects = Vec::new();
        for (n, name) in chains.iter().enumerate() {
            let base =
                if n == 0 { r#","type":"filter","hook":"forward","prio":0,"policy":"drop""# } else { "" };
            objects.push(format!(
                r#"{{"chain":{{"family":"inet","table":"fw","name":"{name}","handle":{n}{base}}}}}"#
            ));
        }
        for name in &chains[1..] {
            objects.push(format!(
                r#"{{"rule":{{"family":"inet","table":"fw","chain":"forward","handle":9,"expr":[{{"jump":{{"target":"{name}"}}}}]}}}},
                {{"rule":{{"family":"inet","table":"fw","chain":"{name}","handle":7,"expr":[{{"match":{{"op":"==","left":
                {{"payload":{{"protocol":"tcp","field":"dport"}}}},"right":22}}}},{{"accept":null}}]}}}}"#
            ));
        }
        let path = out.join("rules.json");
        fs::write(&path, format!(r#"{{"nftables":[{}]}}"#, objects.join(","))).expect("rules");
        path.to_str().expect("a path").to_owned()
    };
    let out = folder();
    let sheet = out.path().join("worksheet.csv");
    let path = sheet.to_str().expect("a path");
    let web = out.path().join("web.pcap");
    let mut made = Made::default();
    made.connection(0, ("10.0.0.10", 40_000), ("10.0.1.9", 80));
    fs::write(&web, made.capture()).expect("a capture");
    let web = web.to_str().expect("a path");
    review(out.path(), &[web, "--rules", &ruleset(out.path(), &["forward", "office"])]);
    let (headings, mut rows) = worksheet(&sheet);
    approve(&headings, &mut rows);
    let of_rule = rows.iter().position(|row| row[22].starts_with("inet/fw/office#7: ")).expect("a row");
    let row_id = rows[of_rule][0].clone();
    // printf 'rule|tcp dport 22 accept' | sha256sum: as earlier versions had it.
    for written in [row_id.as_str(), "589863c65c7e"] {
        written.clone_into(&mut rows[of_rule][0]);
        write_worksheet(&sheet, &headings, &rows);
        for (chains, owner) in [(["forward", "office"], "Ada"), (["forward", "guests"], "")] {
            let now = folder();
            review(now.path(), &[web, "--rules", &ruleset(now.path(), &chains), "--approved", path]);
            let (_, rows) = worksheet(&now.path().join("worksheet.csv"));
            let row = rows.iter().find(|row| row[22].starts_with(&format!("inet/fw/{}#7: ", chains[1])));
            assert_eq!(
                row.expect("a row")[headings.iter().position(|one| one == "owner").expect("a column")],
                owner
            );
        }
    }
}

/// A capture of connections of a client to web servers of the internet, from the `first` to the `last`.
fn web(out: &Path, name: &str, client: &str, servers: std::ops::RangeInclusive<u8>) -> String {
    let mut made = Made::default();
    for n in servers {
        made.connection(0, (client, 40_000), (&format!("11.0.0.{n}"), 443));
    }
    let path = out.join(name);
    fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn an_approval_of_many_servers_is_for_any_of_their_zone_and_for_its_clients_alone() {
    let out = folder();
    review(out.path(), &[&web(out.path(), "1.pcap", "10.0.0.10", 1..=9)]);
    let sheet = out.path().join("worksheet.csv");
    assert_eq!(
        cell(&sheet, "443", "destination"),
        "any of the zone; 9 seen, most flows: 11.0.0.1 11.0.0.2 11.0.0.3"
    );
    let (headings, mut rows) = worksheet(&sheet);
    assert_eq!(rows.len(), 1);
    approve(&headings, &mut rows);
    write_worksheet(&sheet, &headings, &rows);
    set(&sheet, "443", "approved_on", "2026-11-20");
    let path = sheet.to_str().expect("a path").to_owned();
    // Other servers, few of them: the row that people approved stays.
    let second = review(out.path(), &[&web(out.path(), "2.pcap", "10.0.0.10", 20..=21), "--approved", &path]);
    assert_eq!(second["edges"].as_array().map(Vec::len), Some(1));
    assert_eq!(cell(&sheet, "443", "status"), "observed-approved");
    let approved = ["approved_sources", "approved_servers", "approved_ports"];
    assert_eq!(approved.map(|column| cell(&sheet, "443", column)), ["10.0.0.10", "any", "443"]);
    // Another client is not approved.
    let third = review(out.path(), &[&web(out.path(), "3.pcap", "10.0.0.66", 1..=9), "--approved", &path]);
    assert_eq!(cell(&sheet, "443", "status"), "observed-unjudged");
    assert_eq!(
        titles(&third, "FR101"),
        [
            "443/tcp (registered as https) at 9 servers of zone internet (most flows: 11.0.0.1, 11.0.0.2, 11.0.0.3) \
             from private-10 is in use beyond its approval, by 10.0.0.66"
        ]
    );
    // Nothing seen: the approval stays.
    review(out.path(), &[&night(out.path(), "4.pcap", &["10.0.0.10"]), "--approved", &path]);
    assert_eq!(cell(&sheet, "443", "status"), "approved-only");
    assert_eq!(approved.map(|column| cell(&sheet, "443", column)), ["10.0.0.10", "any", "443"]);
}
