//! Captures in object stores are those of files.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use portscribe::report::Format;
use portscribe::traffic::ReadSettings;

use crate::support::{flows_of, packets_of, root, run, run_command, run_in, samples};
use crate::web::{Fault, Web};

#[allow(clippy::print_stderr, reason = "whoever runs the tests reads why one is skipped")]
fn skipped<T>(why: &str) -> Option<T> {
    eprintln!("skipped: {why}");
    None
}

/// A store of S3, which ends with the test.
struct Store {
    process: Child,
    endpoint: String,
}

impl Store {
    /// A store with what is in a folder in its bucket `captures`; none, with a word, where Python or moto cannot be had.
    fn of(folder: &Path) -> Option<Store> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql/store.py");
        let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
        let process = Command::new("python3")
            .arg(script)
            .args([folder, &environment])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut process) = process else { return skipped("python3 is not installed") };
        let mut endpoint = String::new();
        let out = process.stdout.take().expect("a pipe");
        // What else the server says comes before.
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if line.starts_with("http://") {
                endpoint = line;
                break;
            }
        }
        if endpoint.is_empty() { skipped("moto cannot be had") } else { Some(Store { process, endpoint }) }
    }

    /// Its endpoint and credentials.
    fn environment(&self) -> [(&str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "me"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
        ]
    }

    /// Runs SQL there.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        run_in(&self.environment(), arguments)
    }

    /// What is answered, with this status, and what is said.
    fn answer(&self, sql: &str, expected: i32) -> (String, String) {
        let (status, out, said) = self.run(&["-q", "--format", "csv", "-c", sql]);
        assert_eq!(status, expected, "{sql}: {said}");
        (out, said)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder of all samples, of what is wrong with some, and of a Parquet file.
fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["samples", "wrong", "deep/er"] {
        fs::create_dir_all(at(name)).expect("a folder");
    }
    for entry in fs::read_dir(root().join("samples")).expect("samples") {
        let path = entry.expect("a sample").path();
        let is_capture = path
            .extension()
            .is_some_and(|ending| ["pcap", "pcapng", "gz", "zst"].iter().any(|one| ending == *one));
        if path.is_file() && is_capture {
            fs::copy(&path, at("samples").join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let http = fs::read(at("samples/http.pcap")).expect("a sample");
    fs::write(at("wrong/cut.pcap"), &http[..http.len() - 20]).expect("a file");
    fs::write(at("wrong/text.pcap"), "no capture").expect("a file");
    fs::write(at("wrong/empty.pcap"), "").expect("a file");
    fs::write(at("deep/er/http [1].pcap"), &http).expect("a file");
    let flows = flows_of(&samples(&["http.pcap"]), &ReadSettings::default(), Format::Parquet);
    fs::write(at("flows.parquet"), &flows).expect("a file");
    fs::create_dir_all(at("lake/day=2026-11-22")).expect("a folder");
    fs::write(at("lake/day=2026-11-22/flows.parquet"), flows).expect("a file");
    folder
}

#[test]
fn objects_of_s3_are_read_as_files_are() {
    let folder = filled();
    let Some(store) = Store::of(folder.path()) else { return };
    let inner = folder.path().to_str().expect("UTF-8").to_owned();
    // All samples at once, and the same over files: but for the names of captures nothing differs.
    for (names, order) in [
        ("samples/*.pcap", "flow"),
        ("samples/", "flow"),
        ("samples", "flow"),
        ("samples/*.pcapng", "flow"),
        ("**/h*.pcap", "flow"),
    ] {
        let sql = |at: &str| format!("SELECT * FROM flows('{at}/{names}') ORDER BY {order}");
        let (files, files_said) = {
            let (status, out, said) = run(&["-q", "--format", "csv", "-c", &sql(&inner)]);
            assert!([0, 3].contains(&status), "{said}");
            (out.replace(&inner, "s3://captures"), (status, said.replace(&inner, "s3://captures")))
        };
        let (out, said) = store.answer(&sql("s3://captures"), files_said.0);
        assert!(files.lines().count() > 2, "{names}");
        assert!(out == files, "{names}");
        assert_eq!(said, files_said.1, "{names}");
    }
    // Packets, once and twice.
    let packets = packets_of(&samples(&["http.pcap"]), &ReadSettings::default(), Format::Csv);
    let packets = String::from_utf8(packets).expect("UTF-8").replace("samples/", "s3://captures/samples/");
    assert_eq!(store.answer("SELECT * FROM packets('s3://captures/samples/http.pcap')", 0).0, packets);
    let limited = "SELECT frame FROM packets('s3://captures/samples/http.pcap') LIMIT 1";
    assert_eq!(store.answer(limited, 0).0, "frame\n4\n");
    // What is read to its end is known by its e-tag.
    let again =
        "SELECT count(frame) AS n FROM packets('s3://captures/samples/http.pcap') WHERE time < '2000-01-01'";
    assert_eq!(store.answer(&format!("{again}; {again}"), 0).0, "n\n0\n\nn\n0\n");
    // A name with what is special in patterns and URLs.
    let special = "SELECT count(*) AS n FROM flows('s3://captures/deep/**/http [[]1].pcap')";
    assert_eq!(store.answer(special, 0).0, "n\n6\n");
    // Parquet.
    for table in [
        "parquet('s3://captures/flows.parquet')",
        "parquet('s3://captures/*.parquet')",
        "'s3://captures/flows.parquet'",
    ] {
        assert_eq!(store.answer(&format!("SELECT count(*) AS n FROM {table}"), 0).0, "n\n6\n", "{table}");
    }
    let by_day =
        "SELECT day, count(*) AS n FROM parquet('s3://captures/lake/') WHERE day > '2026-11-01' GROUP BY day";
    assert_eq!(store.answer(by_day, 0).0, "day,n\n2026-11-22,6\n");
    // What cannot be read.
    for (name, status, told) in [
        ("s3://no-such-bucket/*.pcap", 4, "s3://no-such-bucket/*.pcap: cannot be listed: "),
        (
            "s3://no-such-bucket/a.pcap",
            4,
            "s3://no-such-bucket/a.pcap: cannot be opened: the store has no such object or bucket",
        ),
        (
            "s3://captures/missing.pcap",
            4,
            "s3://captures/missing.pcap: cannot be opened: the store has no such object or bucket",
        ),
        ("s3://captures/missing-*.pcap", 4, "s3://captures/missing-*.pcap: no object has such a name"),
        ("s3://captures/wrong/text.pcap", 4, "s3://captures/wrong/text.pcap: is not a capture"),
        ("s3://captures/wrong/empty.pcap", 4, "s3://captures/wrong/empty.pcap: is not a capture"),
        ("s3://captures/wrong/cut.pcap", 3, "s3://captures/wrong/cut.pcap: cut short at byte"),
    ] {
        let (out, said) = store.answer(&format!("SELECT count(*) AS n FROM flows('{name}')"), status);
        assert!(said.contains(told), "{name}: {said}");
        assert_eq!(out.is_empty(), status == 4, "{name}");
    }
    let one_is_missing =
        "SELECT count(*) AS n FROM flows('s3://captures/samples/http.pcap', 's3://captures/missing.pcap')";
    let (out, said) = store.answer(one_is_missing, 3);
    assert_eq!(out, "n\n6\n");
    assert!(said.contains("missing.pcap: cannot be opened"), "{said}");
}

#[test]
fn captures_are_taken_in_from_s3() {
    let folder = filled();
    let Some(store) = Store::of(folder.path()) else { return };
    let tables = tempfile::tempdir().expect("a folder");
    let at = |name: &str| tables.path().join(name).to_str().expect("UTF-8").to_owned();
    let in_store = |table: &str| {
        let (status, out, said) =
            run_command(&store.environment(), &["ingest", "s3://captures/samples/*.pcap", "-o", table]);
        assert_eq!((status, out.as_str()), (0, ""), "{said}");
        said.lines().next().map(str::to_owned).unwrap_or_default()
    };
    assert!(in_store(&at("table")).contains(" captures taken in, 0 known already; "));
    // It is known by e-tag.
    assert!(in_store(&at("table")).contains(": 0 captures taken in, "));
    let files = format!("{}/samples/*.pcap", folder.path().display());
    let (status, _, said) = run_command(&[], &["ingest", "-q", &files, "-o", &at("of-files")]);
    assert_eq!((status, said.as_str()), (0, ""));
    let rows = |table: &str| {
        let sql = format!(
            "SELECT * EXCLUDE capture, substr(capture, strpos(capture, 'samples/')) AS name FROM parquet('{}/') ORDER BY flow_key",
            at(table)
        );
        let (status, out, said) = run(&["-q", "--format", "csv", "-c", &sql]);
        assert_eq!((status, said.as_str()), (0, ""));
        out
    };
    assert!(rows("table").lines().count() > 200);
    assert!(rows("table") == rows("of-files"));
}

/// A capture of some 20 MB: the packets of a sample, over and over.
fn long() -> Vec<u8> {
    const HEADER: usize = 24;
    let sample = fs::read(root().join("samples/http.pcap")).expect("a sample");
    let mut long = sample[..HEADER].to_vec();
    while long.len() < 20 << 20 {
        long.extend_from_slice(&sample[HEADER..]);
    }
    long
}

#[test]
fn what_a_store_does_wrong_is_told_with_the_place() {
    const RANGE: usize = 8 << 20;
    let sample = fs::read(root().join("samples/http.pcap")).expect("a sample");
    let web = Web::serving([
        ("/http.pcap", sample.clone(), Fault::None),
        ("/long.pcap", long(), Fault::None),
        ("/changes.pcap", sample.clone(), Fault::Changes),
        ("/vanishes.pcap", sample.clone(), Fault::Vanishes),
        ("/refused.pcap", sample.clone(), Fault::Refused),
        ("/fails.pcap", long(), Fault::FailsFrom(RANGE)),
        ("/ends.pcap", long(), Fault::EndsFrom(RANGE)),
    ]);
    let ask = |name: &str| {
        let sql = format!(
            "SELECT sum(packets_to_server + packets_to_client) AS n FROM flows('{}/{name}')",
            web.url
        );
        run(&["-q", "--format", "csv", "-c", &sql])
    };
    let packets = |out: &str| out.lines().nth(1).and_then(|n| n.parse::<u64>().ok());
    let (status, out, said) = ask("http.pcap");
    assert_eq!((status, packets(&out), said.as_str()), (0, Some(62), ""));
    let (status, out, said) = ask("long.pcap");
    assert_eq!((status, said.as_str()), (0, ""));
    let all = packets(&out).expect("a number");
    for (name, told) in [
        ("fails.pcap", "bytes 8388608 to 16777215 of the object: "),
        ("ends.pcap", "bytes 8388608 to 16777215 of the object: "),
    ] {
        let (status, out, said) = ask(name);
        assert_eq!(status, 3, "{name}: {said}");
        let read = packets(&out).expect("a number");
        assert!(read > all / 4 && read < all / 2, "{name}: {read} of {all}");
        assert!(
            said.contains(&format!("/{name}: reading failed at byte 83")) && said.contains(told),
            "{said}"
        );
    }
    for (name, told) in [
        ("changes.pcap", "it changed while it was read"),
        ("vanishes.pcap", "the store has no such object or bucket"),
        ("missing.pcap", "the store has no such object or bucket"),
        ("refused.pcap", "the store does not allow it with these credentials"),
    ] {
        let (status, out, said) = ask(name);
        assert!(status == 4 && out.is_empty() && said.contains(told), "{name}: {status} {said}");
    }
    let (status, _, said) = ask("*.pcap");
    assert!(status == 4 && said.contains("cannot be listed (that takes WebDAV)"), "{status} {said}");
}
