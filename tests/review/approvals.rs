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
        let status = if is_grown { "observed-approved" } else { "observed-only" };
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
