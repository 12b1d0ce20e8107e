//! What is known of services: flows and the review say the same, and titles say what was seen.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::support::made::{ACK, Made, SYN, SYN_ACK};
use crate::support::review::{findings, folder, review, run, worksheet, write_worksheet};
use crate::support::{portscribe, rows};

fn exchange(made: &mut Made, n: u16, port: u16, (asked, answered): (&[u8], &[u8])) {
    let (client, server) = (("192.0.2.9", 40_000 + n), ("192.0.2.1", port));
    made.tcp(0, client, server, SYN, b"");
    made.tcp(0, server, client, SYN_ACK, b"");
    made.tcp(0, client, server, ACK, asked);
    made.tcp(0, server, client, ACK, answered);
}

fn write(made: &Made, folder: &Path) -> PathBuf {
    let path = folder.join("made.pcap");
    std::fs::write(&path, made.capture()).expect("a file");
    path
}

/// Flows are flagged by what the specification says; the review calls insecure what somebody calls so. All
/// that is tagged is flagged, and DNS is flagged alone.
#[test]
fn what_the_review_calls_clear_text_is_flagged_in_flows() {
    // x11, postgresql, ircu, smtp, amqp, http-alt, rsync, telnet; then ssh, https, domain.
    let ports = [6000, 5432, 6667, 25, 5672, 8080, 873, 23, 22, 443, 53];
    let mut made = Made::default();
    for (n, &port) in ports.iter().enumerate() {
        exchange(&mut made, n as u16, port, (b"ask", b"answer"));
    }
    let folder = folder();
    let capture = write(&made, folder.path());
    let capture = capture.to_str().expect("a path");

    let output = portscribe(["flows", capture, "--format", "csv"]);
    let flagged: BTreeMap<u16, bool> = rows(&output)
        .iter()
        .map(|row| {
            let is_flagged = row["flags"].split(' ').any(|flag| flag == "cleartext");
            (row["server_port"].parse().expect("a port"), is_flagged)
        })
        .collect();
    assert_eq!(flagged.values().filter(|&&is_flagged| is_flagged).count(), 9, "{flagged:?}");

    let json = review(&folder.path().join("out"), &[capture]);
    let tagged: BTreeMap<u16, bool> = json["rows"]
        .as_array()
        .or_else(|| json["edges"].as_array())
        .expect("rows")
        .iter()
        .map(|row| {
            let is_clear = |tag: &serde_json::Value| {
                tag["tag"].as_str().is_some_and(|tag| tag.starts_with("cleartext-"))
            };
            let tags = row["tags"].as_array().expect("tags");
            (row["ports"]["first"].as_u64().expect("a port") as u16, tags.iter().any(is_clear))
        })
        .collect();
    let mut expected = flagged.clone();
    assert_eq!(expected.insert(53, false), Some(true));
    assert_eq!(tagged, expected);
    for (port, _) in tagged.iter().filter(|&(_, &is_tagged)| is_tagged) {
        let begin = format!("{port}/tcp ");
        let told = |one: &&[String; 4]| one[1] == "FR110" && one[3].starts_with(&begin);
        assert_eq!(findings(&json).iter().filter(told).count(), 1, "{port}");
    }
}

#[test]
fn a_title_names_the_protocol_that_was_seen() {
    let http = (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &b"HTTP/1.1 200 OK\r\n\r\n"[..]);
    let mut made = Made::default();
    exchange(&mut made, 0, 443, http);
    exchange(&mut made, 1, 80, http);
    exchange(&mut made, 2, 23, (b"\xff\xfb\x18\xff\xfb\x1f", b"\xff\xfd\x18\xff\xfd\x20"));
    exchange(&mut made, 3, 8080, http);
    let folder = folder();
    let capture = write(&made, folder.path());
    let capture = capture.to_str().expect("a path");
    let titles = |options: &[&str]| -> Vec<String> {
        let json = review(&folder.path().join("out"), &[&[capture], options].concat());
        let told = findings(&json).into_iter().filter(|one| one[1] == "FR110");
        told.map(|[.., title]| title).collect()
    };
    let at = "at 192.0.2.1 from documentation";
    assert_eq!(
        titles(&[]),
        [
            format!(
                "23/tcp speaks Telnet (registered as telnet) {at}: in use and on the list of insecure services"
            ),
            format!(
                "80/tcp speaks HTTP (registered as http) {at}: in use and on the list of insecure services"
            ),
            format!(
                "443/tcp speaks HTTP (registered as https) {at}: in use and on the list of insecure services"
            ),
            format!(
                "8080/tcp speaks HTTP (registered as http-alt) {at}: in use and on the list of insecure services"
            ),
        ]
    );
    assert_eq!(
        titles(&["--no-payload"]),
        [
            format!("23/tcp (registered as telnet) {at} is in use and on the list of insecure services"),
            format!("80/tcp (registered as http) {at} is in use and on the list of insecure services"),
            format!("8080/tcp (registered as http-alt) {at} is in use and on the list of insecure services"),
        ]
    );
}

#[test]
fn payload_that_contradicts_the_registered_service_is_told() {
    let http = (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &b"HTTP/1.1 200 OK\r\n\r\n"[..]);
    let ssh = (&b"SSH-2.0-OpenSSH_9.6\r\n"[..], &b"SSH-2.0-OpenSSH_9.6\r\n"[..]);
    let tls = (
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        &b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"[..],
    );
    let mut made = Made::default();
    exchange(&mut made, 0, 443, http);
    exchange(&mut made, 1, 443, ssh);
    exchange(&mut made, 2, 80, ssh);
    exchange(&mut made, 3, 80, http);
    // As registered, and compatible.
    exchange(&mut made, 4, 22, ssh);
    exchange(&mut made, 5, 993, tls);
    exchange(&mut made, 6, 8080, http);
    let folder = folder();
    let capture = write(&made, folder.path());
    let capture = capture.to_str().expect("a path");
    let review = |options: &[&str]| review(&folder.path().join("out"), &[&[capture], options].concat());
    let told = |json: &Json| -> Vec<(String, String)> {
        let told = findings(json).into_iter().filter(|one| one[1] == "FR119");
        told.map(|[severity, _, _, title]| (severity, title)).collect()
    };
    let json = review(&[]);
    let at = "at 192.0.2.1, registered as";
    assert_eq!(
        told(&json),
        [
            ("medium".to_owned(), format!("80/tcp {at} http, also speaks SSH 2")),
            ("medium".to_owned(), format!("443/tcp {at} https, speaks SSH 2 and HTTP")),
        ]
    );
    let row = |port: u16| {
        let rows = json["edges"].as_array().expect("rows");
        rows.iter().find(|row| row["ports"]["first"] == port).expect("a row")["contradicting"].clone()
    };
    assert_eq!((row(80), row(22)), (json!(["SSH 2"]), json!(null)));
    assert_eq!(told(&review(&["--no-payload"])), []);
}

#[test]
fn administration_is_told_by_what_is_spoken_on_whichever_port() {
    let mut made = Made::default();
    exchange(&mut made, 0, 2222, (b"SSH-2.0-OpenSSH_9.6\r\n", b"SSH-2.0-OpenSSH_9.6\r\n"));
    let folder = folder();
    let capture = write(&made, folder.path());
    let zones = folder.path().join("zones.csv");
    let drawn = "zone,cidr,comment,trust\noffice,192.0.2.9/32,,internal\nservers,192.0.2.1/32,,dmz\n";
    std::fs::write(&zones, drawn).expect("zones");
    let (capture, zones) = (capture.to_str().expect("a path"), zones.to_str().expect("a path"));
    let told = |options: &[&str]| -> Vec<(String, String)> {
        let json = review(&folder.path().join("out"), &[&[capture, "--zones", zones], options].concat());
        let told = findings(&json).into_iter().filter(|one| one[1] == "FR113");
        told.map(|[severity, _, _, title]| (severity, title)).collect()
    };
    assert_eq!(told(&["--no-payload"]), []);
    assert_eq!(
        told(&[]),
        [(
            "medium".to_owned(),
            "2222/tcp (registered as EtherNet-IP-1; speaks SSH 2) at 192.0.2.1 administers hosts across zones, from \
             office to servers"
                .to_owned()
        )]
    );
}

#[test]
fn a_worksheet_of_very_many_rows_has_those_that_need_a_decision() {
    const MOST: usize = 10_000;
    let mut made = Made::default();
    let server = |n: usize| format!("10.{}.{}.{}", 2 + n / 50_000, n / 250 % 200, n % 250 + 1);
    for n in 0..MOST + 30 {
        let time = (n / 500) as u32;
        if n < 10 {
            made.tcp(time, ("10.1.0.1", 40_000), (&server(n), 514), SYN, b"");
        } else {
            made.connection(time, ("10.1.0.1", 40_000), (&server(n), 514));
        }
    }
    let folder = folder();
    let capture = write(&made, folder.path());
    let capture = capture.to_str().expect("a path");
    let out = folder.path().join("out");
    let (status, summary, _) = run(&[capture, "--out", out.to_str().expect("a path")]);
    assert_eq!(status, 0);
    let told = "\nFolded away: 30 rows, which are in review.json. The worksheet has the 10000 rows that need a decision \
                most, and all that people have written about; the others follow as these are decided.\n";
    assert!(summary.contains(told), "{summary}");
    let page = std::fs::read_to_string(out.join("review.html")).expect("a page");
    assert!(
        page.contains(
            "and all that people have written about, without 30 others, review.json has everything."
        )
    );
    let (headings, mut rows) = worksheet(&out.join("worksheet.csv"));
    let column = |name: &str| headings.iter().position(|heading| heading == name).expect("a column");
    let count = |rows: &[Vec<String>], status: &str| {
        rows.iter().filter(|row| row[column("status")] == status).count()
    };
    assert_eq!([count(&rows, "observed-unjudged"), count(&rows, "tried")], [MOST, 0]);
    // What people have written about stays, and what was folded away is not called new.
    for row in &mut rows[..3] {
        "yes".clone_into(&mut row[column("decision")]);
    }
    let filled = folder.path().join("filled.csv");
    write_worksheet(&filled, &headings, &rows);
    let filled = filled.to_str().expect("a path");
    let json = review(&out, &[capture, "--approved", filled]);
    let (_, rows) = worksheet(&out.join("worksheet.csv"));
    assert_eq!([count(&rows, "observed-approved"), count(&rows, "observed-unjudged")], [3, MOST]);
    assert_eq!(json["edges"].as_array().map(Vec::len), Some(MOST + 30));
    let told: Vec<String> = findings(&json)
        .into_iter()
        .filter(|one| one[1] == "FR501")
        .map(|[severity, _, subject, title]| format!("{severity} {subject}: {title}"))
        .collect();
    assert_eq!(told, ["info : Which of 20 rows are new since the last worksheet cannot be told"]);
}

#[test]
fn a_page_of_many_rows_says_what_is_not_on_it() {
    let mut made = Made::default();
    for n in 0..1_200_u32 {
        let server = format!("10.2.{}.{}", n / 250, n % 250 + 1);
        made.connection(n / 100, ("10.1.0.1", 40_000 + n as u16), (&server, 514));
    }
    let folder = folder();
    let capture = write(&made, folder.path());
    let out = folder.path().join("out");
    let json = review(&out, &[capture.to_str().expect("a path")]);
    let told = findings(&json).len();
    assert_eq!(json["edges"].as_array().map(Vec::len), Some(1_200));
    let page = std::fs::read_to_string(out.join("review.html")).expect("a page");
    assert_eq!(page.matches("<li id=\"row-").count(), 500);
    let shown = page.matches("<li id=\"finding-").count();
    let beyond = format!("Folded away: {} findings; 700 rows of services. ", told - shown);
    assert!(page.contains(&beyond), "{beyond}");
    let kinds: std::collections::BTreeSet<_> =
        findings(&json).into_iter().map(|[severity, id, ..]| (severity, id)).collect();
    assert_eq!(page.matches("<article class=\"finding").count(), kinds.len());
    assert!(shown >= 40 && page.len() < 1_000_000, "{shown} {}", page.len());
    let sheet = std::fs::read_to_string(out.join("worksheet.csv")).expect("a worksheet");
    assert_eq!(sheet.lines().count(), 1 + 1_200);
}
