//! Files without an end, where a text is expected: a clear answer, in bounded memory.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{has_program, stderr, stdout};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/http.pcap");
const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/review/ruleset.json");

/// Every command with what else it asks for, and its options that name a file to read.
const READERS: [(&[&str], &[&str]); 14] = [
    (&["flows", SAMPLE], &["--hosts-file", "--anonymize", "--registry", "--overlay"]),
    (&["packets", SAMPLE], &["--anonymize", "--registry", "--overlay"]),
    (&["summary", SAMPLE], &["--hosts-file", "--anonymize", "--registry", "--overlay"]),
    (&["explain", SAMPLE, "--flow", "1"], &["--hosts-file", "--registry", "--overlay"]),
    (&["diff", SAMPLE, SAMPLE], &["--baseline", "--registry", "--overlay"]),
    (&["annotate", SAMPLE, "-o", "out"], &["--hosts-file", "--anonymize", "--registry", "--overlay"]),
    (
        &["review", SAMPLE, "--out", "out", "--rules", RULES],
        &[
            "--hosts-file",
            "--zones",
            "--approved",
            "--rules",
            "--rules-after",
            "--conntrack",
            "--ipset",
            "--insecure",
            "--registry",
            "--overlay",
        ],
    ),
    (&["lookup", "80"], &["--registry", "--overlay"]),
    (&["registry", "info"], &["--registry", "--overlay"]),
    (&["registry", "list"], &["--registry", "--overlay"]),
    (&["registry", "search", "http"], &["--registry", "--overlay"]),
    (&["registry", "check"], &["--registry", "--overlay"]),
    (&["registry", "diff", "in-use", "bundled"], &["--registry", "--overlay"]),
    (&["registry", "export", "-f", "json"], &["--registry"]),
];

/// Runs the program with no more memory than a text may take.
fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new("sh")
        .args(["-c", "ulimit -v 1400000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .env("XDG_DATA_HOME", folder)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

/// The options of a command that name what is read.
fn readers_in_help(words: &[&str], folder: &Path) -> BTreeSet<String> {
    let command: Vec<&str> = words.iter().take(if words[0] == "registry" { 2 } else { 1 }).copied().collect();
    let help = stdout(&run(&[&command[..], &["--help"]].concat(), folder));
    let options = help.lines().filter_map(|line| {
        let (name, value) = line.trim_start().trim_start_matches("-o, ").split_once(" <")?;
        let is_file = ["FILE>", "KEYFILE>", "FOLDER>"].iter().any(|what| value.starts_with(what));
        (name.starts_with("--") && name != "--output" && is_file).then(|| name.to_owned())
    });
    options.collect()
}

#[test]
fn a_text_without_an_end_is_refused() {
    if !has_program("sh") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (command, options) in READERS {
        let all: BTreeSet<String> = options.iter().map(ToString::to_string).collect();
        assert_eq!(readers_in_help(command, folder.path()), all, "{command:?}");
        for &option in options {
            let what = match option {
                "--registry" | "--overlay" => {
                    "line 1, column 33554433: the file is larger than 33554432 bytes; IANA's largest edition has four million\n"
                }
                "--zones" => {
                    "is larger than 16 MiB; name a CSV file with the columns zone,cidr,comment,trust, or a TOML file\n"
                }
                "--anonymize" => {
                    "invalid key: a key is 32 octets, or 64 hexadecimal digits; this is neither (more than 256 \
                     octets). Make one with (umask 077; head -c 32 /dev/urandom >KEYFILE)\n"
                }
                // What is no saved result is a capture.
                "--baseline" => "",
                _ => "is larger than 256 MiB; name the right file\n",
            };
            let output = run(&[command, &[option, "/dev/zero"]].concat(), folder.path());
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(4), "{command:?} {option}: {said}");
            if option == "--baseline" {
                assert_eq!(said, NO_CAPTURE, "{command:?} {option}");
            } else {
                assert_eq!(said, format!("portscribe: error: /dev/zero: {what}"), "{command:?} {option}");
            }
            assert_eq!(stdout(&output), "", "{command:?} {option}");
        }
    }
    for arguments in [
        &["registry", "import", "/dev/zero"][..],
        &["registry", "check", "/dev/zero"],
        &["registry", "diff", "/dev/zero", "bundled"],
        &["registry", "diff", "bundled", "/dev/zero"],
    ] {
        let output = run(arguments, folder.path());
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        let said = stderr(&output);
        assert!(said.contains("/dev/zero: ") && said.contains("larger than 33554432 bytes"), "{said}");
    }
    for command in ["flows", "packets", "summary"] {
        let output = run(&[command, "/dev/zero"], folder.path());
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), NO_CAPTURE), "{command}");
    }
    // Nothing was written anywhere.
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

const NO_CAPTURE: &str = "portscribe: /dev/zero: is not a capture in pcap or pcapng format: it looks like unknown data \
                          (it begins with 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00)\n\
                          portscribe: error: nothing could be read\n";

/// Saved results are read row by row, however long they are; a row has an end.
#[test]
fn a_row_without_an_end_is_refused() {
    if !has_program("sh") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, begin, more) in [
        ("cell.csv.gz", "flow,state\n1,\"", "x"),
        ("line.tsv.gz", "flow\tstate\n", "x"),
        ("head.csv.gz", "flow,", "x"),
        ("text.json.gz", "{\"rows\": [{\"flow\": \"", "x"),
        ("list.json.gz", "{\"captures\": [1], \"rows\": [{\"flags\": [", "1,"),
        ("row.ndjson.gz", "{\"flow\": 1, \"flags\": [", "1,"),
    ] {
        let mut file = GzEncoder::new(Vec::new(), Compression::fast());
        file.write_all(begin.as_bytes()).expect("memory");
        let more = more.repeat(1 << 19);
        for _ in 0..300 {
            file.write_all(more.as_bytes()).expect("memory");
        }
        fs::write(folder.path().join(name), file.finish().expect("memory")).expect("a file");
        let output = run(&["diff", name, SAMPLE], folder.path());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(4), "{name}: {said}");
        assert!(
            said.starts_with(&format!("portscribe: error: {name}: "))
                && said.contains("more than 4 MiB of one row"),
            "{said}"
        );
        assert_eq!(stdout(&output), "", "{name}");
    }
}

/// Sixty thousand flows in one object of JSON, in less memory than the text has.
#[test]
fn a_long_saved_result_takes_no_memory() {
    if !has_program("sh") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let saved = stdout(&run(&["flows", SAMPLE, "-f", "json", "-q"], folder.path()));
    let (before, rows) = saved.split_once("\"rows\":[").expect("rows");
    let (rows, after) = rows.rsplit_once("],\n\"note\"").expect("the end of the rows");
    let first = rows.lines().find(|line| line.starts_with('{')).expect("a row").trim_end_matches(',');
    let mut file = GzEncoder::new(Vec::new(), Compression::fast());
    write!(file, "{before}\"rows\":[").expect("memory");
    for n in 0..60_000 {
        write!(file, "{}{first}", if n > 0 { ",\n" } else { "" }).expect("memory");
    }
    write!(file, "],\n\"note\"{after}").expect("memory");
    fs::write(folder.path().join("long.json.gz"), file.finish().expect("memory")).expect("a file");
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 150000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_portscribe"))
        .args(["diff", "long.json.gz", "long.json.gz", "-f", "csv", "--no-sandbox"])
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 1, "no change");
}
