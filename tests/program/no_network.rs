//! No command but `registry update` makes a connection.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{has_program, is_built_in, portscribe, skipped, stderr, stdout};

/// A line for each command that the help lists, `registry update` excepted, with what it reads. `OUT` stands for
/// a folder of its own.
const COMMANDS: &[&str] = &[
    "flows samples/http.pcap --names",
    "flows --partial samples/http.pcap -o OUT/t.arrow",
    "merge OUT/t.arrow",
    "packets samples/http.pcap -f json",
    "summary samples/http.pcap --by server",
    "annotate samples/http.pcap -o OUT/a.pcapng --names --overlay-names --overlay common",
    "review samples/review/users.pcap --zones samples/review/zones.csv --rules samples/review/ruleset.json --out OUT/r",
    "explain samples/http.pcap 192.0.2.10:51348",
    "diff samples/http.pcap samples/unauthorized-use.pcap",
    "report samples/http.pcap --names -o OUT/r.html",
    "lookup https 443/udp",
    "registry info",
    "registry list --port 1-99",
    "registry search https",
    "registry diff bundled in-use",
    "registry export --format iana-csv -o OUT/registry.csv",
    "registry import OUT/registry.csv",
    "registry check",
    "registry update --rollback",
    "schema flows",
    "config",
    "completions bash",
    "man",
];

/// The commands that a help lists.
fn listed(arguments: &[&str]) -> BTreeSet<String> {
    let output = portscribe([arguments, &["--help"]].concat());
    let help = stdout(&output);
    let (_, list) = help.split_once("\nCommands:\n").expect("a list of commands");
    let list = list.split("\n\n").next().expect("its end");
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    names
        .map(|line| line.split(' ').next().expect("a name").to_owned())
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_command_is_looked_at() {
    let looked_at = |before: &str| -> BTreeSet<String> {
        let word = |line: &&str| {
            line.strip_prefix(before).map(|rest| rest.split(' ').next().unwrap_or("").to_owned())
        };
        COMMANDS.iter().filter_map(word).collect()
    };
    // SQL is another program's.
    let own: BTreeSet<String> = listed(&[]).into_iter().filter(|command| command != "sql").collect();
    assert_eq!(looked_at(""), own);
    assert_eq!(looked_at("registry "), listed(&["registry"]));
}

/// Runs a command behind others, such as `strace -f`.
fn run(before: &[&str], line: &str, folder: &Path) -> Output {
    let out = folder.to_str().expect("UTF-8");
    let mut words: Vec<String> = before.iter().map(|&word| word.to_owned()).collect();
    words.push(env!("CARGO_BIN_EXE_portscribe").to_owned());
    words.extend(line.split(' ').map(|word| word.replace("OUT", out)));
    Command::new(&words[0])
        .args(&words[1..])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("XDG_DATA_HOME", folder.join("data"))
        .output()
        .expect("the program runs")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn no_command_but_update_asks_the_system_for_a_socket_of_a_network() {
    if !has_program("strace") {
        return;
    }
    let folder = folder();
    let calls = folder.path().join("calls");
    let before = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=network",
        "-e",
        "signal=none",
        "-o",
        calls.to_str().expect("UTF-8"),
    ];
    let traced = |line: &str| {
        let output = run(&before, line, folder.path());
        let calls = fs::read_to_string(&calls).unwrap_or_default();
        let is_own = |line: &&str| {
            // The two ends by which a signal wakes the reader; what is sent has no address.
            line.contains(" socketpair(AF_UNIX,") || line.contains(" sendto(") && line.contains(", NULL, 0)")
        };
        let calls = calls.lines().filter(|line| !line.contains(" +++ ") && !is_own(line));
        let calls: Vec<String> = calls.map(str::to_owned).collect();
        (output, calls)
    };
    // Nobody listens there.
    let (output, calls) = traced("registry update --url http://127.0.0.1:9/registry.csv");
    if stderr(&output).contains("ptrace") {
        return skipped("strace may not trace programs here");
    }
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(calls.iter().any(|call| call.contains("connect(") && call.contains("127.0.0.1")), "{calls:?}");
    for line in COMMANDS.iter().filter(|line| is_built_in(line)) {
        let (output, calls) = traced(line);
        assert_eq!(calls, [""; 0], "{line}");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{line}: {}", stderr(&output));
    }
}

#[test]
fn every_command_does_the_same_without_a_network() {
    if !has_program("unshare") {
        return;
    }
    let cut_off = ["unshare", "--map-root-user", "--net"];
    let is_allowed = Command::new(cut_off[0]).args(&cut_off[1..]).arg("true").output();
    if !is_allowed.is_ok_and(|output| output.status.success()) {
        return skipped("namespaces of a user's own are not allowed here");
    }
    let (with, without) = (folder(), folder());
    for line in COMMANDS {
        let [one, other] = [(&[][..], &with), (&cut_off[..], &without)].map(|(before, folder)| {
            let output = run(before, line, folder.path());
            let text = |bytes: &[u8]| {
                String::from_utf8_lossy(bytes).replace(folder.path().to_str().expect("UTF-8"), "OUT")
            };
            (output.status.code(), text(&output.stdout), text(&output.stderr))
        });
        assert_eq!(one, other, "{line}");
    }
}
