//! Running reviews, and reading what they say.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use tempfile::TempDir;

pub const USERS: &str = "samples/review/users.pcap";
pub const TRUNK: &str = "samples/review/trunk.pcap";
pub const ZONES: &str = "samples/review/zones.csv";
pub const RULES: &str = "samples/review/ruleset.json";

pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Exit status, standard output and standard error of a review; without the line on packets in no
/// flow, which every command has and the tests of the program hold.
pub fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = super::portscribe([&["review"], arguments].concat());
    let errors = super::stderr(&output);
    let is_of_review = |line: &&str| !line.contains(" in no flow: ");
    let said: String = errors.split_inclusive('\n').filter(is_of_review).collect();
    (output.status.code().expect("a status"), super::stdout(&output), said)
}

/// A review that must succeed, as JSON.
pub fn review(out: &Path, arguments: &[&str]) -> Json {
    let out = out.to_str().expect("a path");
    let (status, json, said) = run(&[arguments, &["--out", out, "--format", "json"]].concat());
    assert_eq!((status, said.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&json).expect("JSON")
}

/// The findings: severity, identifier, subject and title.
pub fn findings(review: &Json) -> Vec<[String; 4]> {
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let findings = review["findings"].as_array().expect("findings");
    findings.iter().map(|one| ["severity", "id", "subject", "title"].map(|key| text(&one[key]))).collect()
}

/// The subjects of the findings of a kind.
pub fn subjects(review: &Json, id: &str) -> Vec<String> {
    findings(review).into_iter().filter(|one| one[1] == id).map(|[_, _, subject, _]| subject).collect()
}

/// A worksheet: headings and rows.
pub fn worksheet(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).expect("a worksheet");
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let headings = cells(reader.headers().expect("headings"));
    let rows = reader.records().map(|record| cells(&record.expect("a row"))).collect();
    (headings, rows)
}

pub fn write_worksheet(path: &Path, headings: &[String], rows: &[Vec<String>]) {
    let mut writer = csv::Writer::from_path(path).expect("a worksheet");
    writer.write_record(headings).expect("headings");
    for row in rows {
        writer.write_record(row).expect("a row");
    }
    writer.flush().expect("a worksheet");
}

/// The first sheet of a workbook, all of whose cells are text: headings and rows.
pub fn workbook(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    use calamine::{Data, Reader};
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(path).expect("a workbook");
    let sheet = workbook.worksheet_range_at(0).expect("a sheet").expect("cells");
    let cell = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        other => panic!("{other:?} is not text"),
    };
    let mut rows: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(cell).collect()).collect();
    let headings = rows.remove(0);
    (headings, rows)
}

/// Holds two worksheets against each other; tells the cells that are not the same.
#[track_caller]
pub fn same(left: &(Vec<String>, Vec<Vec<String>>), right: &(Vec<String>, Vec<Vec<String>>)) {
    assert_eq!(left.0, right.0);
    assert_eq!(left.1.len(), right.1.len());
    let mut differ = Vec::new();
    for (n, (left_row, right_row)) in left.1.iter().zip(&right.1).enumerate() {
        for (column, (one, other)) in left.0.iter().zip(left_row.iter().zip(right_row)) {
            if one != other {
                let short = |cell: &str| cell.chars().take(60).collect::<String>();
                differ.push((n, column.clone(), short(one), short(other)));
            }
        }
    }
    assert_eq!(differ, []);
}

pub fn write_workbook(path: &Path, headings: &[String], rows: &[Vec<String>]) {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (line, row) in (0..).zip(std::iter::once(headings).chain(rows.iter().map(Vec::as_slice))) {
        for (column, cell) in (0..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(line, column, cell).expect("a cell");
        }
    }
    workbook.save(path).expect("a workbook");
}

/// Fills in the cells that an approval needs, in every row.
pub fn approve(headings: &[String], rows: &mut [Vec<String>]) {
    for row in rows {
        for (column, cell) in [("owner", "Ada"), ("business_need", "shop"), ("approved_by", "Grace")] {
            let n = headings.iter().position(|heading| heading == column).expect("a column");
            cell.clone_into(&mut row[n]);
        }
    }
}

/// The sample of a small firewall.
pub fn office() -> Vec<&'static str> {
    vec![USERS, TRUNK, "--zones", ZONES, "--rules", RULES, "--vantage", "outside"]
}

/// A ruleset of one chain, as `nft -j list ruleset` prints it; `rules` are its expressions, and comments.
pub fn nft(out: &Path, policy: &str, rules: &[(Json, &str)]) -> String {
    let chain = serde_json::json!({
        "family": "inet", "table": "fw", "name": "forward", "handle": 1, "type": "filter", "hook": "forward",
        "prio": 0, "policy": policy,
    });
    let mut objects = vec![
        serde_json::json!({ "metainfo": { "json_schema_version": 1 } }),
        serde_json::json!({ "chain": chain }),
    ];
    for (n, (expression, comment)) in rules.iter().enumerate() {
        let mut rule = serde_json::json!({
            "family": "inet", "table": "fw", "chain": "forward", "handle": n + 2, "expr": expression,
        });
        if !comment.is_empty() {
            rule["comment"] = (*comment).into();
        }
        objects.push(serde_json::json!({ "rule": rule }));
    }
    let path = out.join("rules.json");
    fs::write(&path, serde_json::json!({ "nftables": objects }).to_string()).expect("rules");
    path.to_str().expect("a path").to_owned()
}

pub fn is(left: &Json, right: impl Into<Json>) -> Json {
    serde_json::json!({ "match": { "op": "==", "left": left, "right": right.into() } })
}

pub fn port(port: impl Into<Json>) -> Json {
    is(&serde_json::json!({ "payload": { "protocol": "tcp", "field": "dport" } }), port)
}

pub fn to(server: &str) -> Json {
    is(&serde_json::json!({ "payload": { "protocol": "ip", "field": "daddr" } }), server)
}

pub fn rule(parts: &[Json], verdict: &str) -> Json {
    let mut parts = parts.to_vec();
    parts.push(serde_json::json!({ verdict: null }));
    Json::from(parts)
}

/// The kinds of findings on rules and rows, with their severity and subject.
pub fn kinds(review: &Json, wanted: &[&str]) -> Vec<(String, String, String)> {
    let all = findings(review).into_iter().filter(|one| wanted.contains(&one[1].as_str()));
    all.map(|[severity, id, subject, _]| (id, severity, subject)).collect()
}

pub fn kind(id: &str, severity: &str, subject: &str) -> (String, String, String) {
    (id.to_owned(), severity.to_owned(), subject.to_owned())
}
