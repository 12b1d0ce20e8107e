//! Copies of a worksheet that several people filled in, and zones that have got another name.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::made::Made;
use crate::support::review::{findings, folder, review, run, worksheet, write_worksheet};
use serde_json::Value as Json;

/// What people write: column and cell.
type Cells<'a> = &'a [(&'a str, &'a str)];

const APPROVED: Cells = &[("owner", "Ada"), ("business_need", "shop"), ("approved_by", "Grace")];

/// A capture of connections to ports 22 and 80 of a server.
fn night(out: &Path, name: &str, clients: &[&str]) -> String {
    let mut made = Made::default();
    for client in clients {
        for port in [22, 80] {
            made.connection(0, (client, 40_000), ("10.0.1.2", port));
        }
    }
    let path = out.join(name);
    fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("a path").to_owned()
}

/// A copy of a worksheet with these cells filled in on the row of a port.
fn copy(sheet: &Path, name: &str, filled_in: &[(&str, Cells)]) -> PathBuf {
    let (headings, mut rows) = worksheet(sheet);
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    for (port, cells) in filled_in {
        let row = rows.iter_mut().find(|row| row[at("ports")] == *port).expect("a row");
        for (column, cell) in *cells {
            (*cell).clone_into(&mut row[at(column)]);
        }
    }
    let path = sheet.with_file_name(name);
    write_worksheet(&path, &headings, &rows);
    path
}

fn cell(sheet: &Path, port: &str, column: &str) -> String {
    let (headings, rows) = worksheet(sheet);
    let at = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    rows.iter().find(|row| row[at("ports")] == port).expect("a row")[at(column)].clone()
}

fn titles(review: &Json, id: &str) -> Vec<String> {
    findings(review).into_iter().filter(|one| one[1] == id).map(|[.., title]| title).collect()
}

fn why(review: &Json, id: &str) -> String {
    let all = review["findings"].as_array().expect("findings");
    all.iter().find(|one| one["id"] == id).expect("a finding")["why"].as_str().expect("a text").to_owned()
}

/// The text of a path, and of a place in its file.
fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

const SSH: &str = "22/tcp (registered as ssh) at 10.0.1.2 from private-10";

#[test]
fn what_one_of_two_people_wrote_counts_where_the_other_wrote_nothing() {
    let out = folder();
    let first = night(out.path(), "1.pcap", &["10.0.0.10"]);
    review(out.path(), &[&first]);
    let sheet = out.path().join("worksheet.csv");
    let a = copy(&sheet, "a.csv", &[("22", APPROVED), ("80", &[("owner", "Ada")])]);
    let b = copy(&sheet, "b.csv", &[("80", &[("business_need", "shop"), ("approved_by", "Grace")])]);
    let now = review(out.path(), &[&first, "--approved", text(&a), "--approved", text(&b)]);
    assert_eq!(titles(&now, "FR101"), Vec::<String>::new());
    assert_eq!(titles(&now, "FR103"), Vec::<String>::new());
    assert_eq!(titles(&now, "FR104"), Vec::<String>::new());
    for port in ["22", "80"] {
        for (column, text) in APPROVED {
            assert_eq!(cell(&sheet, port, column), *text, "{port} {column}");
        }
        assert_eq!(cell(&sheet, port, "approved_sources"), "10.0.0.10");
        assert_eq!(cell(&sheet, port, "status"), "observed-approved");
    }
    assert_eq!(now["approved"], format!("{}, {}", text(&a), text(&b)));
    assert_eq!(now["approved_sha256"], Json::Null);
    assert_eq!(now["approved_files"].as_array().map(Vec::len), Some(2));
    assert_eq!(now["approved_files"][1]["name"], text(&b));
}

#[test]
fn people_who_disagree_approve_nothing_until_they_agree() {
    let out = folder();
    let first = night(out.path(), "1.pcap", &["10.0.0.10"]);
    review(out.path(), &[&first]);
    let sheet = out.path().join("worksheet.csv");
    let a = copy(&sheet, "a.csv", &[("22", APPROVED), ("80", APPROVED)]);
    let b = copy(
        &sheet,
        "b.csv",
        &[
            ("22", &[("owner", "Bob\nand Eve"), ("business_need", "shop"), ("decision", "reject")]),
            ("80", APPROVED),
        ],
    );
    let both = ["--approved", text(&a), "--approved", text(&b)];
    let said = format!(
        "owner: `Ada` in {a}:2, `Bob\nand Eve` in {b}:2\ndecision: `approved by Grace` in {a}:2, `reject` in {b}:2",
        a = a.display(),
        b = b.display()
    );
    let only = [&["--write", "worksheet,json,nft", "--approved-only"][..], &both].concat();
    let now = review(out.path(), &[&[first.as_str()][..], &only].concat());
    assert_eq!(titles(&now, "FR104"), [format!("People disagree on owner and decision of {SSH}")]);
    assert_eq!(
        why(&now, "FR104"),
        said.replace("owner: ", "owner is ").replace("\ndecision: ", "; decision is ") + "."
    );
    assert_eq!(titles(&now, "FR101"), [format!("{SSH} is in use and not approved")]);
    assert_eq!(cell(&sheet, "22", "disagreement"), said);
    assert_eq!(cell(&sheet, "80", "disagreement"), "");
    let rules = fs::read_to_string(out.path().join("review.nft")).expect("rules");
    let is_let_in = |port: &str| {
        rules.lines().any(|line| !line.trim().starts_with('#') && line.contains(&format!("dport {port} ")))
    };
    assert!(!is_let_in("22") && is_let_in("80"), "{rules}");

    // The worksheet that was written approves it no more than the two do, with one of them beside it neither.
    let second = night(out.path(), "2.pcap", &["10.0.0.10", "10.0.0.66"]);
    for more in [&[][..], &["--approved", text(&a)], &["--approved", text(&b)]] {
        let other = folder();
        let again = [&[second.as_str(), "--approved", text(&sheet)][..], more].concat();
        assert_eq!(titles(&review(other.path(), &again), "FR104").len(), 1, "{more:?}");
        assert_eq!(cell(&other.path().join("worksheet.csv"), "22", "disagreement"), said);
    }
    // One who settles it approves what was approved, and not who has come since.
    let third = review(out.path(), &[&second, "--approved", text(&sheet)]);
    assert_eq!(titles(&third, "FR104").len(), 1);
    assert_eq!(cell(&sheet, "22", "sources"), "10.0.0.10 10.0.0.66");
    let half = copy(&sheet, "half.csv", &[("22", &[("owner", "Ada")])]);
    let half = review(out.path(), &[&second, "--approved", text(&sheet), "--approved", text(&half)]);
    assert_eq!(titles(&half, "FR104").len(), 1);
    let settled = copy(&sheet, "settled.csv", &[("22", &[("owner", "Ada"), ("decision", "approve")])]);
    let last = review(out.path(), &[&second, "--approved", text(&settled)]);
    assert_eq!(titles(&last, "FR104"), Vec::<String>::new());
    assert_eq!(cell(&sheet, "22", "approved_sources"), "10.0.0.10");
    assert_eq!(
        titles(&last, "FR101"),
        [
            format!("{SSH} is in use beyond its approval, by 10.0.0.66"),
            "80/tcp (registered as http) at 10.0.1.2 from private-10 is in use beyond its approval, by 10.0.0.66"
                .to_owned()
        ]
    );
}

#[test]
fn what_two_people_approve_is_what_each_of_them_saw() {
    let out = folder();
    let first = night(out.path(), "1.pcap", &["10.0.0.10"]);
    let second = night(out.path(), "2.pcap", &["10.0.0.10", "10.0.0.66"]);
    let sheet = out.path().join("worksheet.csv");
    review(out.path(), &[&first]);
    let a = copy(&sheet, "a.csv", &[("22", APPROVED)]);
    review(out.path(), &[&second]);
    let b = copy(&sheet, "b.csv", &[("22", APPROVED)]);
    for pair in [[&a, &b], [&b, &a]] {
        let [one, other] = pair.map(|path| text(path));
        let now = review(out.path(), &[&second, "--approved", one, "--approved", other]);
        assert_eq!(cell(&sheet, "22", "approved_sources"), "10.0.0.10");
        assert_eq!(titles(&now, "FR101").len(), 2, "{:?}", titles(&now, "FR101"));
    }
}

#[test]
fn copies_in_another_writing_agree() {
    let out = folder();
    let first = night(out.path(), "1.pcap", &["10.0.0.10"]);
    review(out.path(), &[&first]);
    let sheet = out.path().join("worksheet.csv");
    let a = copy(&sheet, "a.csv", &[("22", APPROVED)]);
    let a = copy(
        &a,
        "a.csv",
        &[("22", &[("decision", "approve"), ("expires_on", "2027-01-02"), ("notes", "a\nb")])],
    );
    let b = copy(
        &a,
        "b.csv",
        &[("22", &[("decision", "Yes "), ("expires_on", "2/1/2027"), ("notes", "a\r\nb")])],
    );
    let now = review(out.path(), &[&first, "--approved", text(&a), "--approved", text(&b), "--dates", "dmy"]);
    assert_eq!(titles(&now, "FR104"), Vec::<String>::new());
    assert_eq!(cell(&sheet, "22", "decision"), "approve");
    let (status, _, said) = run(&[&first, "--approved", text(&b), "--out", text(out.path())]);
    assert_eq!(status, 4);
    assert!(said.contains("invalid date `2/1/2027`"), "{said}");
}

fn zones(out: &Path, name: &str) -> String {
    let path = out.join(format!("{name}.csv"));
    fs::write(
        &path,
        format!("zone,cidr,comment,trust\n{name},10.0.0.0/24,,internal\nservers,10.0.1.0/24,,dmz\n"),
    )
    .expect("zones");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn a_zone_under_another_name_is_recognised_and_takes_its_approvals_along_when_that_is_said() {
    let out = folder();
    let (users, office) = (zones(out.path(), "users"), zones(out.path(), "office"));
    let first = night(out.path(), "1.pcap", &["10.0.0.10"]);
    let sheet = out.path().join("worksheet.csv");
    review(out.path(), &[&first, "--zones", &users]);
    copy(&sheet, "worksheet.csv", &[("22", APPROVED), ("80", APPROVED)]);

    let other = folder();
    let unsaid = review(other.path(), &[&first, "--zones", &office, "--approved", text(&sheet)]);
    assert_eq!(
        titles(&unsaid, "FR504"),
        ["Zone users of the last worksheet is gone; 2 services of it are now seen from zone office"]
    );
    assert_eq!(titles(&unsaid, "FR101").len(), 2);
    assert_eq!(
        why(&unsaid, "FR501"),
        format!(
            "{0} has no row for it. {0}:2 has the same service for zone users, which no longer exists.",
            sheet.display()
        )
    );
    assert_eq!(
        why(&unsaid, "FR502"),
        format!("{}:2 has it. Now it is seen from zone office.", sheet.display())
    );

    // The same command every night.
    let second = night(out.path(), "2.pcap", &["10.0.0.10", "10.0.0.66"]);
    for (night, grown) in [(&first, 0), (&second, 2), (&first, 0)] {
        let said = ["--zones", &office, "--approved", text(&sheet), "--rename-zone", "users=office"];
        let now = review(out.path(), &[&[night.as_str()][..], &said].concat());
        assert_eq!(titles(&now, "FR504"), Vec::<String>::new());
        assert_eq!(titles(&now, "FR501"), Vec::<String>::new());
        assert_eq!(titles(&now, "FR502"), Vec::<String>::new());
        assert_eq!(titles(&now, "FR101").len(), grown);
        assert_eq!(worksheet(&sheet).1.len(), 2);
        assert_eq!(cell(&sheet, "22", "src_zone"), "office");
        assert_eq!(cell(&sheet, "22", "approved_sources"), "10.0.0.10");
        assert_eq!(cell(&sheet, "22", "owner"), "Ada");
    }
}

#[test]
fn a_zone_that_is_there_still_has_not_been_renamed() {
    let out = folder();
    let office = zones(out.path(), "office");
    let first = night(out.path(), "1.pcap", &["10.0.0.10"]);
    review(out.path(), &[&first, "--zones", &office]);
    let sheet = out.path().join("worksheet.csv");
    let refused = |renamed: &[&str]| {
        let all = [
            &[first.as_str(), "--zones", &office, "--approved", text(&sheet), "--out", text(out.path())][..],
            renamed,
        ];
        let (status, _, said) = run(&all.concat());
        assert_eq!(status, 2);
        said.trim().to_owned()
    };
    for (renamed, what) in [
        (
            &["--rename-zone", "office=servers"][..],
            "--rename-zone office=servers: `office` is still a zone of --zones; its approvals stay with it",
        ),
        (
            &["--rename-zone", "users=guests"],
            "--rename-zone users=guests: unknown zone `guests`; the zones are broadcast, ",
        ),
        (
            &["--rename-zone", "users=office", "--rename-zone", "users=servers"],
            "--rename-zone users=servers: `users` is given two names",
        ),
    ] {
        let said = refused(renamed);
        assert!(said.contains(what), "{said}");
    }
}
