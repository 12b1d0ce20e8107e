//! `diff`: what came, went or changed between captures and saved results.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::support::made::{Made, RST, SYN};
use crate::support::{portscribe, snapshot, stderr, stdout};

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = portscribe(arguments);
    (output.status.code().expect("a status"), stdout(&output), stderr(&output))
}

/// A folder of its own with two captures: what was, and what is.
fn captures(name: &str) -> (PathBuf, String, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("diff-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let (mut old, mut new) = (Made::default(), Made::default());
    // The same service, used by one client more; ports of clients differ.
    old.connection(1, ("10.0.0.7", 40_000), ("10.0.0.1", 443));
    new.connection(1, ("10.0.0.7", 41_000), ("10.0.0.1", 443));
    new.connection(2, ("10.0.0.8", 41_000), ("10.0.0.1", 443));
    // A service that went, and one that came.
    old.exchange(3, ("10.0.0.7", 40_001), ("10.0.0.2", 53));
    new.connection(3, ("10.0.0.7", 41_001), ("10.0.0.3", 43_500));
    // A service that grew twelve times.
    old.connection(4, ("10.0.0.7", 40_002), ("10.0.0.4", 22));
    for n in 0..12 {
        new.connection(4, ("10.0.0.7", 42_000 + n), ("10.0.0.4", 22));
    }
    // A scan that came: what it tried is no service.
    for port in 1..=12 {
        new.tcp(5, ("10.0.9.9", 50_000), ("10.0.0.1", port), SYN, b"");
        new.tcp(5, ("10.0.0.1", port), ("10.0.9.9", 50_000), RST, b"");
    }
    let path = |name: &str, made: &Made| {
        let path = folder.join(name);
        std::fs::write(&path, made.capture()).expect("a capture");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (old, new) = (path("old.pcap", &old), path("new.pcap", &new));
    (folder, old, new)
}

/// A saved result of a capture.
fn saved(folder: &Path, name: &str, arguments: &[&str]) -> String {
    let path = folder.join(name);
    let path = path.to_str().expect("UTF-8").to_owned();
    let (status, _, said) = run(&[arguments, &["-q", "-o", &path]].concat());
    assert_eq!((status, said.as_str()), (0, ""));
    path
}

#[test]
fn what_came_went_and_changed_is_a_table_and_rows() {
    let (folder, old, new) = captures("rows");
    let folder = format!("{}/", folder.display());
    let (status, out, said) = run(&["diff", &old, &new, "-f", "table"]);
    assert_eq!((status, said.as_str()), (0, ""));
    snapshot("diff-table.txt", &out.replace(&folder, ""));
    let (status, out, _) = run(&["diff", &old, &new, "-f", "markdown"]);
    assert_eq!(status, 0);
    snapshot("diff-markdown.md", &out.replace(&folder, ""));
    let (status, out, _) = run(&["diff", &old, &new, "-f", "csv"]);
    assert_eq!(status, 0);
    snapshot("diff-rows.csv", &out);
    let (status, out, _) = run(&["diff", &old, &new, "-f", "json"]);
    assert_eq!(status, 0);
    snapshot("diff-rows.json", &out.replace(&folder, ""));
    let whole: Json = serde_json::from_str(&out).expect("JSON");
    let (_, schema, _) = run(&["schema", "diff"]);
    let schema: Json = serde_json::from_str(&schema).expect("JSON");
    let keys = whole.as_object().expect("an object").keys();
    assert!(keys.eq(schema["properties"].as_object().expect("properties").keys()));
}

#[test]
fn the_same_on_both_sides_is_no_difference() {
    let (_, old, new) = captures("same");
    for one in [&old, &new] {
        let (status, out, _) =
            run(&["diff", one, one, "-f", "csv", "--fail-on", "new-service,new-server,new-client,gone"]);
        assert_eq!((status, out.lines().count()), (0, 1));
        let (_, out, _) = run(&["diff", one, one, "-f", "table"]);
        assert!(out.contains("\nNothing came, went or changed by a factor of 10.\n"), "{out}");
    }
}

#[test]
fn saved_flows_are_compared_as_their_captures_are() {
    let (folder, old, new) = captures("saved");
    let (_, expected, _) = run(&["diff", &old, &new, "-q", "-f", "csv"]);
    for format in ["csv", "tsv", "json", "ndjson"] {
        let one = saved(&folder, &format!("old.{format}"), &["flows", &old, "-f", format]);
        let other = saved(&folder, &format!("new.{format}"), &["flows", &new, "-f", format]);
        for (a, b) in [(&one, &other), (&one, &new), (&old, &other)] {
            let (status, out, said) = run(&["diff", a, b, "-q", "-f", "csv"]);
            assert_eq!((status, said.as_str()), (0, ""));
            assert_eq!(out, expected, "{format}");
        }
    }
}

#[test]
fn what_a_saved_summary_does_not_hold_is_unknown_and_not_gone() {
    let (folder, old, new) = captures("summary");
    for (n, by) in ["service", "port"].into_iter().enumerate() {
        for format in ["csv", "json"] {
            let name = format!("old-{n}.{format}");
            let one = saved(&folder, &name, &["summary", &old, "--by", by, "-f", format]);
            let (status, out, said) = run(&["diff", &one, &new, "-f", "csv"]);
            assert_eq!(status, 0);
            // Services as with the captures, but for what the scan tried, which a summary does not tell apart.
            let services: Vec<&str> = out.lines().filter(|line| line.contains(",service,")).collect();
            let (_, of_captures, _) = run(&["diff", &old, &new, "-q", "-f", "csv"]);
            let expected: Vec<&str> = of_captures.lines().filter(|line| line.contains(",service,")).collect();
            assert_eq!(services, expected);
            for (kind, what) in [("server", "Servers"), ("client", "Clients"), ("scan", "Scans")] {
                assert!(!out.contains(&format!(",{kind},")), "{out}");
                let line = format!(
                    "portscribe: {what} are not compared: of the old side they are unknown, since a saved summary does not \
                     hold them.\n"
                );
                assert!(said.contains(&line), "{said}");
            }
            let ask = ["diff", &one, &new, "-q", "-f", "csv", "--fail-on", "new-client"];
            let (status, out, said) = run(&ask);
            assert_eq!((status, out.as_str()), (4, ""));
            assert_eq!(
                said,
                "portscribe: error: --fail-on cannot be told. Clients are not compared: of the old side they are unknown, \
                 since a saved summary does not hold them.\n"
            );
        }
    }
}

#[test]
fn fail_on_is_met_or_not() {
    let (_, old, new) = captures("fail-on");
    for (fail_on, status, expected) in [
        ("new-service", 1, "portscribe: status 1: 1 new service (--fail-on)\n"),
        ("new-server", 1, "portscribe: status 1: 1 new server (--fail-on)\n"),
        ("new-client", 1, "portscribe: status 1: 2 new clients (--fail-on)\n"),
        ("gone", 1, "portscribe: status 1: 3 gone (--fail-on)\n"),
        (
            "new-service,gone",
            1,
            "portscribe: status 1: 1 new service (--fail-on)\nportscribe: status 1: 3 gone (--fail-on)\n",
        ),
    ] {
        let (found, _, said) = run(&["diff", &old, &new, "-q", "-f", "csv", "--fail-on", fail_on]);
        assert_eq!((found, said.as_str()), (status, expected), "{fail_on}");
    }
    let (status, _, said) = run(&["diff", &old, &old, "-q", "-f", "csv", "--fail-on", "gone"]);
    assert_eq!((status, said.as_str()), (0, ""));
}

#[test]
fn a_baseline_is_everything_in_a_folder() {
    let (folder, old, new) = captures("baseline");
    let base = folder.join("base");
    std::fs::create_dir_all(&base).expect("a folder");
    std::fs::copy(&old, base.join("one.pcap")).expect("a copy");
    saved(&base, "two.csv", &["flows", &new, "-f", "csv"]);
    let base = base.to_str().expect("UTF-8");
    // Everything was seen before.
    let fail_on = ["--fail-on", "new-service,new-server,new-client"];
    let (status, out, _) =
        run(&[&["diff", "--baseline", base, &new, "-q", "-f", "csv"], &fail_on[..]].concat());
    assert_eq!(status, 0);
    assert!(out.lines().skip(1).all(|line| !line.starts_with("new,")), "{out}");
    assert!(out.contains("\ngone,service,udp,domain,53,"), "{out}");
    // A folder is a side without the option, too.
    assert_eq!(run(&["diff", base, &new, "-q", "-f", "csv"]).1, out);
}

#[test]
fn what_cannot_be_compared_is_told_with_the_reason() {
    let (folder, old, new) = captures("faults");
    let by_server = saved(&folder, "by-server.csv", &["summary", &old, "--by", "server", "-f", "csv"]);
    let cut = folder.join("cut.csv");
    std::fs::write(&cut, "flow,state\n1,SF\n").expect("written");
    let cut = cut.to_str().expect("UTF-8").to_owned();
    let half = folder.join("half.json");
    std::fs::write(&half, "{\"rows\":[").expect("written");
    let half = half.to_str().expect("UTF-8").to_owned();
    for (arguments, status, expected) in [
        (vec![&old[..]], 2, "a comparison takes two sides: portscribe diff OLD NEW".to_owned()),
        (
            vec![&old[..], &new, &new],
            2,
            "a comparison takes two sides, and 3 names are given: put several captures of a side into a folder, or name the \
             old side with --baseline"
                .to_owned(),
        ),
        (
            vec![&by_server[..], &new],
            4,
            format!("{by_server}: row 1 holds flows of several services: save `summary` by service or port, or `flows`"),
        ),
        (
            vec![&cut[..], &new],
            4,
            format!(
                "{cut}: row 1 has no `server_address`: a comparison takes whole results of `flows`, or of `summary` by \
                 service or port"
            ),
        ),
    ] {
        let (found, out, said) = run(&[&["diff", "-q"], arguments.as_slice()].concat());
        assert_eq!((found, out.as_str(), said), (status, "", format!("portscribe: error: {expected}\n")));
    }
    let (status, _, said) = run(&["diff", "-q", &half, &new]);
    assert_eq!(status, 4);
    assert!(said.starts_with(&format!("portscribe: error: {half}: is not whole JSON: ")), "{said}");
    let (status, _, said) = run(&["diff", "-q", &old, &new, "--factor", "1"]);
    assert_eq!(status, 2);
    assert!(said.contains("invalid factor `1`; use a number above 1, such as 10"), "{said}");
}

#[test]
fn counts_that_no_capture_holds_are_refused() {
    let (folder, _, new) = captures("counts");
    let result = folder.join("result.ndjson");
    let name = result.to_str().expect("UTF-8");
    let most = 1_u64 << 56;
    let over = "with it there are more flows or bytes than any capture holds";
    for (bytes, expected) in [
        (vec![most], None),
        (vec![most, 0], None),
        (vec![most - 1, 2], Some(format!("row 2: {over}"))),
        (vec![most + 1], Some(format!("row 1: `bytes` is `{}`, which cannot be read", most + 1))),
        (vec![u64::MAX, 2], Some(format!("row 1: `bytes` is `{}`, which cannot be read", u64::MAX))),
    ] {
        let mut text = String::new();
        for bytes in bytes {
            let row = json!({"service": "https", "port": 443, "protocol_number": 6, "status": "registered",
                "several": [], "flows": 1, "bytes": bytes});
            text.push_str(&row.to_string());
            text.push('\n');
        }
        std::fs::write(&result, text).expect("written");
        let (status, _, said) = run(&["diff", "-q", name, &new]);
        let (said_as, fails) = match expected {
            None => (String::new(), 0),
            Some(what) => (format!("portscribe: error: {name}: {what}\n"), 4),
        };
        assert_eq!((status, said), (fails, said_as));
    }
}
