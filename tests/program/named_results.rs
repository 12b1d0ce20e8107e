//! What the name of a result file asks for: its format, and how it is compressed.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use portscribe::capture::{CaptureReader, Compression};

use crate::support::{portscribe, stderr, stdout};

fn write(arguments: &[&str], path: &Path) {
    let path = path.to_str().expect("a path in UTF-8");
    let output = portscribe([arguments, &["-q", "-o", path]].concat());
    assert_eq!((output.status.code(), stderr(&output).as_str(), stdout(&output).as_str()), (Some(0), "", ""));
}

fn unpacked(path: &Path) -> Vec<u8> {
    let packed = fs::read(path).expect("a result");
    let mut content = Vec::new();
    match Compression::of(&packed) {
        Some(Compression::Gzip) => {
            flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut content).expect("gzip");
        }
        Some(Compression::Zstd) => content = zstd::decode_all(&packed[..]).expect("zstd"),
        _ => content = packed,
    }
    content
}

#[test]
fn the_name_of_a_result_gives_its_format_and_compression() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, format, compression) in [
        ("a.csv", "csv", None),
        ("a.tsv.gz", "tsv", Some(Compression::Gzip)),
        ("a.json.zst", "json", Some(Compression::Zstd)),
        ("a.ndjson", "ndjson", None),
        ("a.jsonl.gz", "ndjson", Some(Compression::Gzip)),
        ("a.MD", "markdown", None),
        ("a.txt", "table", None),
        ("a.gz", "csv", Some(Compression::Gzip)),
        ("a", "csv", None),
    ] {
        let path = folder.path().join(name);
        for command in ["flows", "summary", "packets"] {
            write(&[command, "samples/http.pcap"], &path);
            let expected = portscribe([command, "samples/http.pcap", "-q", "--format", format]).stdout;
            assert_eq!(Compression::of(&fs::read(&path).expect("a result")), compression, "{command} {name}");
            assert!(unpacked(&path) == expected, "{command} {name}");
        }
    }
}

#[test]
fn an_option_counts_more_than_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv.gz");
    write(&["flows", "samples/http.pcap", "--format", "tsv"], &path);
    let expected = portscribe(["flows", "samples/http.pcap", "-q", "--format", "tsv"]).stdout;
    assert!(unpacked(&path) == expected);
}

#[test]
fn a_compressed_result_that_fails_leaves_what_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv.gz");
    fs::write(&path, "before").expect("a file");
    let name = path.to_str().expect("a path in UTF-8");
    let output = portscribe(["flows", "samples/nothing.pcap", "-q", "-o", name]);
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(fs::read(&path).expect("a file"), b"before");
    // A device is written to, whatever its name.
    let output = portscribe(["flows", "samples/http.pcap", "-q", "-o", "/dev/null"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn explanations_have_no_rows_for_csv() {
    let output = portscribe(["explain", "samples/http.pcap", "--flow", "1", "-o", "one.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("or --format json; `flows` has its row in the other formats"));
    assert!(!Path::new("one.csv").exists());
}

#[test]
fn annotated_captures_are_compressed_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("a.pcapng");
    write(&["annotate", "samples/http.pcap"], &plain);
    for (name, compression) in [("a.pcapng.gz", Compression::Gzip), ("a.pcapng.zst", Compression::Zstd)] {
        let path = folder.path().join(name);
        write(&["annotate", "samples/http.pcap"], &path);
        let expected = fs::read(&plain).expect("a result");
        assert!(unpacked(&path) == expected, "{name}");
        assert_eq!(CaptureReader::open(&path).expect("a capture").compression(), Some(compression));
    }
}

#[test]
fn diff_reads_compressed_results() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected =
        portscribe(["diff", "samples/http.pcap", "samples/ssh.pcap", "-q", "--format", "csv"]).stdout;
    let [old, new] = [("http", "old.csv.gz"), ("ssh", "new.json.zst")].map(|(sample, name)| {
        let path = folder.path().join(name);
        write(&["flows", &format!("samples/{sample}.pcap")], &path);
        path.to_str().expect("a path in UTF-8").to_owned()
    });
    let output = portscribe(["diff", &old, &new, "-q", "--format", "csv"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert_eq!(stdout(&output), String::from_utf8(expected).expect("text"));
}

#[test]
fn a_damaged_compressed_result_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("old.csv.gz");
    write(&["flows", "samples/http.pcap"], &path);
    let length = fs::metadata(&path).expect("a file").len();
    File::options().write(true).open(&path).expect("a file").set_len(length - 20).expect("a shorter file");
    let name = path.to_str().expect("a path in UTF-8");
    let output = portscribe(["diff", name, "samples/http.pcap", "-q"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).starts_with(&format!("portscribe: {name}: ")), "{}", stderr(&output));
}
