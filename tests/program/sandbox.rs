//! What the program cannot do any more once it reads captures.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{is_built_in, portscribe, sample, skipped, stderr, stdout};

/// Runs the program in a folder, with another for temporary files.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let temporary = folder.join("temporary");
    fs::create_dir_all(&temporary).expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .current_dir(folder)
        .env("TMPDIR", temporary)
        .env("XDG_DATA_HOME", folder.join("data"))
        .output()
        .expect("the program runs")
}

/// What the system has: what `--version --verbose` says.
fn in_force() -> String {
    let output = portscribe(["--version", "--verbose"]);
    let text = stdout(&output);
    let (version, sandbox) = text.split_once('\n').expect("two lines");
    assert_eq!(version, format!("portscribe {}", env!("CARGO_PKG_VERSION")));
    sandbox.trim_end().strip_prefix("sandbox: ").expect("what is in force").to_owned()
}

const WHOLE: &str = "Landlock (files, TCP, signals to others), seccomp (sockets, processes)";

#[test]
fn a_hostile_reader_gets_nothing_but_the_captures() {
    let what_there_is = in_force();
    if what_there_is != WHOLE {
        return skipped(&format!("the sandbox of this system: {what_there_is}"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let capture = folder.path().join("x.pcap");
    fs::copy(sample("http.pcap"), &capture).expect("a copy");
    let tries = |wherever: &str, said: [&str; 10]| {
        let what = [
            "read a capture",
            "write to a capture",
            "make a temporary file",
            "read /etc/passwd",
            "list the root folder",
            "make a file",
            "listen on TCP",
            "open a UDP socket",
            "open a local socket",
            "start a program",
        ];
        let lines = what.iter().zip(said).map(|(what, said)| format!("{what}{wherever}: {said}\n"));
        lines.collect::<String>()
    };
    let confined = ["done", "refused", "done"].into_iter().chain(["refused"; 7]).collect::<Vec<_>>();
    let confined: [&str; 10] = confined.try_into().expect("ten");
    let output = run(folder.path(), &["hostile", "x.pcap"]);
    assert_eq!(stdout(&output), tries("", confined) + &tries(" in a thread", confined));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // What it tries can be done.
    let free = ["done"; 10];
    let output = run(folder.path(), &["hostile", "x.pcap", "--no-sandbox"]);
    assert_eq!(stdout(&output), tries("", free) + &tries(" in a thread", free));
}

/// Every command and every place of a result: the same with and without.
#[test]
fn results_are_the_same_with_and_without() {
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let [with, without] = &folders;
    for folder in &folders {
        let captures = folder.path().join("captures");
        fs::create_dir(&captures).expect("a folder");
        for name in ["http.pcap", "scan.pcap"] {
            fs::copy(sample(name), captures.join(name)).expect("a copy");
        }
        // A capture elsewhere, by a link; results that are there already, one by a link.
        fs::create_dir(folder.path().join("elsewhere")).expect("a folder");
        fs::copy(sample("dns.pcapng"), folder.path().join("elsewhere/dns.pcapng")).expect("a copy");
        let link = |to: &str, from: &str| {
            std::os::unix::fs::symlink(folder.path().join(to), folder.path().join(from)).expect("a link");
        };
        link("elsewhere/dns.pcapng", "captures/dns.pcapng");
        fs::write(folder.path().join("there.csv"), "old").expect("a file");
        fs::write(folder.path().join("elsewhere/linked.csv"), "old").expect("a file");
        link("elsewhere/linked.csv", "linked.csv");
        fs::create_dir(folder.path().join("review")).expect("a folder");
        fs::write(folder.path().join("elsewhere/review.json"), "old").expect("a file");
        link("elsewhere/review.json", "review/review.json");
        fs::write(folder.path().join("key"), (0..32).collect::<Vec<u8>>()).expect("a key");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(folder.path().join("key"), mode).expect("a mode");
    }
    for line in [
        "flows captures",
        "flows captures --order end -o new.csv",
        "flows captures --flows-in-memory 2 -o there.csv",
        "flows captures -o linked.csv --anonymize key",
        "flows --partial captures -o table.arrow",
        "flows --partial captures --names -o elsewhere/table.parquet",
        "merge table.arrow -f csv",
        "merge --partial table.arrow -o merged.parquet",
        "packets captures -o elsewhere/packets.csv",
        "summary captures --recursive -f json",
        "explain captures --flow 3",
        "diff captures/scan.pcap captures",
        "diff --baseline captures captures/http.pcap -o diff.csv -f csv",
        "annotate captures/http.pcap -o annotated.pcapng",
        "annotate captures/dns.pcapng -o annotated.pcapng",
        "annotate captures --split-by service -o split",
        "review captures --out review --write worksheet,xlsx,json,html,nft,aerleon,oscal",
        "review captures --out review -o summary.txt",
        "review captures --out deep/er/review -f json",
    ]
    .into_iter()
    .filter(|line| is_built_in(line))
    {
        let words: Vec<&str> = line.split(' ').collect();
        let output = run(with.path(), &words);
        let free = run(without.path(), &[&words[..], &["--no-sandbox"]].concat());
        let told = |output: &Output, folder: &Path| {
            let folder = folder.to_str().expect("UTF-8");
            [stdout(output), stderr(output)].map(|text| text.replace(folder, "FOLDER"))
        };
        assert_eq!(told(&output, with.path()), told(&free, without.path()), "{line}");
        assert_eq!(output.status.code(), free.status.code(), "{line}");
        assert!(matches!(output.status.code(), Some(0)), "{line}: {}", stderr(&output));
    }
    let [one, other] = folders.each_ref().map(|folder| files(folder.path(), folder.path()));
    let names = |all: &[(String, Vec<u8>)]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    // Workbooks have the time at which they were made.
    for ((name, one), (_, other)) in one.iter().zip(&other).filter(|((name, _), _)| !name.contains(".xlsx")) {
        assert!(one == other, "{name}");
    }
    assert!(!names(&one).iter().any(|name| name.contains(".portscribe-")), "{:?}", names(&one));
}

/// All files of a folder, with what is in them.
fn files(folder: &Path, from: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path, from));
        } else {
            let name = path.strip_prefix(from).expect("below it").display().to_string();
            all.push((name, fs::read(&path).expect("a file")));
        }
    }
    all.sort();
    all
}
