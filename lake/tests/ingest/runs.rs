//! What several runs come to.

use std::fs::{self, File};

use crate::support::{
    Numbers, answer, assert_same, captures, files, ingest, moved, of_one_day, partitions, root, take_in,
};

const DAY: i64 = 86_400;

#[test]
fn captures_may_come_in_any_runs() {
    let folder = of_one_day();
    let at = folder.path();
    // Another day, so that there are several windows.
    for name in captures(at).iter().step_by(3) {
        let capture = fs::read(at.join(name)).expect("a capture");
        fs::write(at.join(name.replace(".pcap", "-later.pcap")), moved(&capture, DAY)).expect("a capture");
    }
    take_in(at, &["captures", "-o", "expected"]);
    let mut numbers = Numbers(20_261_122);
    for round in 0..6 {
        let mut all = captures(at);
        numbers.shuffle(&mut all);
        let table = format!("table-{round}");
        let mut rest = &all[..];
        while !rest.is_empty() {
            let (some, others) = rest.split_at(1 + numbers.below(rest.len()));
            rest = others;
            let mut arguments: Vec<&str> = some.iter().map(String::as_str).collect();
            arguments.extend(["-o", &table, "--threads", if round % 2 == 0 { "1" } else { "3" }]);
            take_in(at, &arguments);
        }
        assert_same(&at.join(&table), &at.join("expected"), &table);
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let folder = of_one_day();
    let at = folder.path();
    take_in(at, &["captures", "-o", "table"]);
    let before = files(&at.join("table"));
    take_in(at, &["captures", "-o", "table"]);
    take_in(at, &["captures/http.pcap", "-o", "table"]);
    assert!(files(&at.join("table")) == before);
    // Nor does the same content, whenever it was written and whatever it is called.
    File::open(at.join("captures/http.pcap"))
        .and_then(|file| file.set_modified(std::time::SystemTime::UNIX_EPOCH))
        .or_else(|_| fs::copy(root().join("samples/http.pcap"), at.join("captures/http.pcap")).map(drop))
        .expect("another time");
    fs::copy(at.join("captures/http.pcap"), at.join("captures/zzz.pcap")).expect("a copy");
    take_in(at, &["captures", "-o", "table"]);
    assert!(files(&at.join("table")) == before);
    // Where a content comes twice in one run, it is that of the first name.
    take_in(at, &["captures/zzz.pcap", "captures/http.pcap", "-o", "twice"]);
    let names = answer(at, "SELECT DISTINCT capture FROM parquet('twice/')");
    assert_eq!(names, "capture\ncaptures/http.pcap\n");
}

#[test]
fn a_flow_that_goes_on_in_the_next_run_is_one() {
    const RECORD_HEADER: usize = 16;
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let whole = fs::read(root().join("samples/http.pcap")).expect("a sample");
    // In the middle of what the capture holds.
    let mut cut = 24;
    while cut < whole.len() / 2 {
        let length = u32::from_le_bytes(whole[cut + 8..cut + 12].try_into().expect("four octets"));
        cut += RECORD_HEADER + length as usize;
    }
    fs::write(at.join("a.pcap"), &whole[..cut]).expect("a capture");
    fs::write(at.join("b.pcap"), [&whole[..24], &whole[cut..]].concat()).expect("a capture");
    let rows = "SELECT * EXCLUDE (flow, connection) FROM flows('a.pcap', 'b.pcap') ORDER BY first_seen";
    let of_table =
        "SELECT * EXCLUDE (flow_key, connection_key, day) FROM parquet('table/') ORDER BY first_seen";
    for (first, second) in [("a.pcap", "b.pcap"), ("b.pcap", "a.pcap")] {
        take_in(at, &[first, "-o", "table"]);
        take_in(at, &[second, "-o", "table"]);
        assert_eq!(answer(at, of_table), answer(at, rows));
        fs::remove_dir_all(at.join("table")).expect("removed");
    }
}

#[test]
fn a_capture_that_has_grown_takes_its_own_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let whole = fs::read(root().join("samples/http.pcap")).expect("a sample");
    fs::write(at.join("a.pcap"), &whole[..whole.len() / 2]).expect("a capture");
    let (status, said) = ingest(at, &["a.pcap", "-o", "table"]);
    assert!(status == 3 && said.starts_with("portscribe: a.pcap: cut short at byte "), "{status} {said}");
    // Told in each run that names it, and kept.
    assert_eq!(ingest(at, &["a.pcap", "-o", "table"]), (status, said.clone()));
    let manifest = fs::read_to_string(at.join("table/_state/captures.json")).expect("a manifest");
    assert!(manifest.contains("a.pcap: cut short at byte "), "{manifest}");
    fs::write(at.join("a.pcap"), &whole).expect("a capture");
    take_in(at, &["a.pcap", "-o", "table"]);
    take_in(at, &["a.pcap", "-o", "expected"]);
    assert_same(&at.join("table"), &at.join("expected"), "a capture that has grown");
    // Another content under its name is another capture.
    fs::write(at.join("a.pcap"), moved(&whole, 3600)).expect("a capture");
    take_in(at, &["a.pcap", "-o", "table"]);
    assert_eq!(answer(at, "SELECT count(*) AS n FROM parquet('table/')"), "n\n12\n");
}

#[test]
fn settled_days_stay_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let http = fs::read(root().join("samples/http.pcap")).expect("a sample");
    let scan = fs::read(root().join("samples/scan.pcap")).expect("a sample");
    for day in 0..4 {
        fs::write(at.join(format!("{day}.pcap")), moved(&http, day * DAY)).expect("a capture");
        fs::write(at.join(format!("{day}-late.pcap")), moved(&scan, day * DAY)).expect("a capture");
    }
    let kept_now = || {
        files(&at.join("table/_state"))
            .keys()
            .filter(|path| path.extension().is_some_and(|one| one == "arrow"))
            .count()
    };
    for (day, kept) in [(0, 1), (1, 2), (2, 2), (3, 2)] {
        take_in(at, &[&format!("{day}.pcap"), "-o", "table"]);
        // Those of the last days are kept.
        assert_eq!(kept_now(), kept, "{day}");
    }
    let before = files(&at.join("table"));
    let (status, said) = ingest(at, &["1-late.pcap", "-o", "table"]);
    assert_eq!(
        (status, said.as_str()),
        (
            3,
            "portscribe: 1-late.pcap: not taken in: it has packets of 2026-11-23, which an earlier run has settled: where \
             older days are added, every run needs a longer --settle\n"
        )
    );
    assert!(files(&at.join("table")) == before);
    // What is in the table is no matter, and what is not too late neither.
    take_in(at, &["0.pcap", "2-late.pcap", "-o", "table"]);
    take_in(at, &["0.pcap", "1.pcap", "2.pcap", "3.pcap", "2-late.pcap", "-o", "at-once"]);
    for name in partitions(&at.join("table")) {
        let path = std::path::Path::new(&name);
        assert!(files(&at.join("table"))[path].0 == files(&at.join("at-once"))[path].0, "{name}");
    }
    assert_same(&at.join("table"), &at.join("at-once"), "in runs and at once");
    // With more patience, nothing comes too late.
    for captures in [&["0.pcap", "1.pcap", "2.pcap", "3.pcap"][..], &["0-late.pcap"]] {
        take_in(at, &[captures, &["-o", "patient", "--settle", "30d"]].concat());
    }
    assert_eq!(partitions(&at.join("patient")).len(), 4);
}
