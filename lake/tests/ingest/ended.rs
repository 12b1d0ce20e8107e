//! Runs that are ended, and runs that cannot begin.

use std::fs::{self, File};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Numbers, assert_same, captures, files, ingest, lake, moved, of_one_day, root, take_in};

#[test]
fn a_run_that_is_killed_is_made_good_by_the_next() {
    let folder = of_one_day();
    let at = folder.path();
    for (n, name) in captures(at).iter().enumerate() {
        let capture = fs::read(at.join(name)).expect("a capture");
        let days = (n % 3) as i64 * 86_400;
        fs::write(at.join(name.replace(".pcap", "-moved.pcap")), moved(&capture, days + 60))
            .expect("a capture");
    }
    let all = ["captures", "-o"];
    let begun = Instant::now();
    take_in(at, &[&all[..], &["expected"]].concat());
    let whole = begun.elapsed();
    let mut numbers = Numbers(1_122_334_455);
    let mut ended_early = 0;
    for round in 0..12 {
        let table = format!("table-{round}");
        // Some rounds begin on what is there, others are killed several times.
        if round % 3 == 0 {
            take_in(at, &["captures/http.pcap", "captures/scan.pcap", "-o", &table]);
        }
        for _ in 0..=round % 2 {
            let mut child =
                lake(at).args(["ingest", "-q", "captures", "-o", &table]).spawn().expect("it runs");
            sleep(whole * u32::try_from(numbers.below(100)).expect("a number") / 100);
            ended_early += usize::from(child.try_wait().expect("a child").is_none());
            // As kill -9 does.
            let _ = child.kill();
            child.wait().expect("it ends");
        }
        take_in(at, &["captures", "-o", &table]);
        assert_same(&at.join(&table), &at.join("expected"), &table);
    }
    assert!(ended_early > 3, "{ended_early} runs were ended");
}

#[test]
fn a_run_that_is_killed_as_files_appear_is_made_good_by_the_next() {
    let folder = of_one_day();
    let at = folder.path();
    take_in(at, &["captures", "-o", "expected"]);
    let expected = files(&at.join("expected"));
    for (n, (name, _)) in
        expected.iter().enumerate().filter(|(n, (name, _))| n % 7 == 0 || !name.starts_with("_state"))
    {
        let table = at.join(format!("table-{n}"));
        let table_name = table.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let mut child =
            lake(at).args(["ingest", "-q", "captures", "-o", &table_name]).spawn().expect("it runs");
        while !table.join(name).exists() && child.try_wait().expect("a child").is_none() {
            sleep(Duration::from_micros(50));
        }
        let _ = child.kill();
        child.wait().expect("it ends");
        take_in(at, &["captures", "-o", &table_name]);
        assert_same(&table, &at.join("expected"), &name.to_string_lossy());
    }
}

#[test]
fn one_run_at_a_time_writes_to_a_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::copy(root().join("samples/http.pcap"), at.join("a.pcap")).expect("a copy");
    take_in(at, &["a.pcap", "-o", "table"]);
    let lock = File::options().write(true).open(at.join("table/_state/lock")).expect("a lock");
    lock.lock().expect("locked");
    let (status, said) = ingest(at, &["a.pcap", "-o", "table"]);
    assert_eq!(
        (status, said.as_str()),
        (4, "portscribe: error: table: another run writes to it: wait until that has ended\n")
    );
    drop(lock);
    take_in(at, &["a.pcap", "-o", "table"]);
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::copy(root().join("samples/http.pcap"), at.join("a.pcap")).expect("a copy");
    fs::write(at.join("text.pcap"), "no capture").expect("a file");
    for (arguments, status, told) in [
        (&["missing.pcap", "-o", "table"][..], 4, "missing.pcap: cannot be opened: "),
        (&["missing-*.pcap", "-o", "table"], 4, "missing-*.pcap: no file has such a name"),
        (&["text.pcap", "-o", "table"], 4, "text.pcap: is not a capture in pcap or pcapng format"),
        (&["a.pcap", "text.pcap", "-o", "table"], 3, "text.pcap: is not a capture in pcap or pcapng format"),
        (
            &["a.pcap", "-o", "table", "--by", "hour"],
            2,
            "table: its files are by day: give --by day, or another table",
        ),
        (&["a.pcap", "-o", "table", "--settle", "2w"], 2, "`2w` is an invalid span of time"),
        (
            &["a.pcap", "-o", "s3://me:secret@lake/"],
            2,
            "--output s3://: a table is written to a folder of this machine",
        ),
        (&["a.pcap", "-o", "."], 4, ".: holds other files than those of a table"),
        (
            &["a.pcap", "-o", "a.pcap"],
            4,
            "a.pcap: is a file: a table is a folder, which is made where there is none",
        ),
    ] {
        let (ended, said) = ingest(at, arguments);
        assert!(ended == status && said.contains(told), "{arguments:?}: {ended} {said}");
    }
}

#[test]
fn a_table_that_has_lost_its_list_of_captures_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for name in ["http.pcap", "ssh.pcap"] {
        fs::copy(root().join("samples").join(name), at.join(name)).expect("a copy");
    }
    take_in(at, &["http.pcap", "-o", "table"]);
    fs::remove_file(at.join("table/_state/captures.json")).expect("removed");
    let before = files(&at.join("table"));
    assert_eq!(
        ingest(at, &["ssh.pcap", "-o", "table"]),
        (
            4,
            "portscribe: error: table/_state/captures.json is missing, which says what is in the table: put it back, or \
             make the table anew in another folder\n"
                .to_owned()
        )
    );
    assert!(files(&at.join("table")) == before);
}

#[test]
fn a_table_of_another_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::copy(root().join("samples/http.pcap"), at.join("a.pcap")).expect("a copy");
    take_in(at, &["a.pcap", "-o", "table"]);
    // The first one had other hashes, in fields of another name.
    let manifest = at.join("table/_state/captures.json");
    let text = fs::read_to_string(&manifest).expect("a manifest");
    let other = text.replace("\"version\": 2", "\"version\": 1").replace("\"hash\"", "\"sha256\"");
    assert_ne!(other, text);
    fs::write(&manifest, &other).expect("a manifest");
    let before = files(&at.join("table"));
    assert_eq!(
        ingest(at, &["a.pcap", "-o", "table"]),
        (
            4,
            "portscribe: error: table/_state/captures.json: cannot be read: another version of this program wrote it: \
             make the table anew\n"
                .to_owned()
        )
    );
    assert!(files(&at.join("table")) == before);
}
