//! Every help, every word that is explained, and what wrong command lines are answered with.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use portscribe::report::glossary::{self, WordKind};

use crate::support::{snapshot, stderr, stdout};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PORTSCRIBE_CONFIG", "")
        .env("COLUMNS", "80")
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    (output.status.code(), stdout(&output), stderr(&output))
}

#[test]
fn every_help_is_read_before_it_is_changed() {
    for command in [
        "flows",
        "packets",
        "summary",
        "explain",
        "diff",
        "annotate",
        "review",
        "lookup",
        "registry",
        "registry info",
        "registry list",
        "registry search",
        "registry diff",
        "registry export",
        "registry import",
        "registry update",
        "registry check",
        "schema",
        "config",
        "completions",
        "man",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let (status, help, said) = run(&words);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{command}");
        snapshot(&format!("help-whole-{}.txt", command.replace(' ', "-")), &help);
        // What cannot be broken, as an address on the web, runs over.
        let is_broken = |line: &str| line.trim().split(' ').count() > 1;
        assert!(help.lines().all(|line| line.chars().count() <= 80 || !is_broken(line)), "{command}");
    }
}

#[test]
fn every_word_of_results_is_explained() {
    let mut all = String::new();
    let words = glossary::entries();
    for entry in &words {
        let (status, text, said) = run(&["explain", entry.kind.name(), entry.word, "-q"]);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{} {}", entry.kind.name(), entry.word);
        write!(all, "$ portscribe explain {} {}\n{text}\n", entry.kind.name(), entry.word).expect("written");
    }
    // Those of a review stand together.
    for kind in WordKind::ALL.into_iter().filter(|kind| words.iter().all(|entry| entry.kind != *kind)) {
        let (status, text, said) = run(&["explain", kind.name(), "-q"]);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{}", kind.name());
        write!(all, "$ portscribe explain {}\n{text}\n", kind.name()).expect("written");
    }
    snapshot("glossary.txt", &all);
}

#[test]
fn wrong_command_lines_are_answered_with_what_is_right() {
    let http = "samples/http.pcap";
    let mut all = String::new();
    for arguments in [
        &[][..],
        &["compare", "a.pcap", "b.pcap"],
        &["filter", http],
        &["stats", http],
        &[http],
        &["samples"],
        &["no-such.pcap"],
        &["443/tcp"],
        &["flow", http],
        &["flows"],
        &["flows", "no-such.pcap"],
        &["flows", "README.md"],
        &["flows", http, "--filter", "port=80"],
        &["flows", http, "--prot", "80"],
        &["annotate", http, "-o", "-", "--top", "3"],
        &["packets", http, "--top", "3"],
        &["flows", http, "--by", "port"],
        &["flows", http, "--top", "0"],
        &["flows", http, "--head", "3", "--top", "3"],
        &["flows", http, "--sort", "byte"],
        &["flows", http, "--columns", "server_prot"],
        &["summary", http, "--by", "prot"],
        &["flows", http, "-f", "xml"],
        &["flows", http, "-o", "x.xlsx"],
        &["flows", http, "--time", "gmt"],
        &["flows", http, "--since", "noon"],
        &["flows", http, "--paging", "yes"],
        &["flows", http, "--port", "htpp"],
        &["flows", http, "--port", "65536"],
        &["flows", http, "--port", "90-80"],
        &["flows", http, "--port", "443/tpc"],
        &["flows", http, "--host", "10.0.0.0/33"],
        &["flows", http, "--host", "example.com"],
        &["flows", http, "--status", "unasigned"],
        &["flows", http, "--flag", "oneway"],
        &["flows", http, "--where", "prot = 80"],
        &["flows", http, "--where", "port = "],
        &["flows", http, "--where", "port = 80 and"],
        &["flows", http, "--where", "(port = 80"],
        &["flows", http, "--where", "port in 80, 443"],
        &["flows", http, "--where", "bytes > 1X"],
        &["flows", http, "--where", "status = unasigned"],
        &["flows", http, "--where", "duration > 5 minutes"],
        &["flows", http, "--where", "tcp.port == 80"],
        &["flows", http, "--where", "host 10.0.0.1"],
        &["review", http, "--out", "x", "--where", "port = 80"],
        &["explain", http],
        &["explain", http, "--flow", "99"],
        &["explain", "flag", "oneway"],
        &["diff", http],
        &["lookup", "htpp"],
        &["man", "flow"],
        &["registry", "serach", "http"],
    ] {
        let (status, _, said) = run(arguments);
        let shown: Vec<String> =
            arguments
                .iter()
                .map(|word| {
                    if word.contains([' ', '(', '>', '&']) { format!("'{word}'") } else { (*word).to_owned() }
                })
                .collect();
        write!(all, "$ portscribe {}\n{said}[status {}]\n\n", shown.join(" "), status.expect("a status"))
            .expect("written");
    }
    snapshot("errors.txt", &all);
}

#[test]
fn where_nothing_is_selected_what_was_nearest_is_said() {
    let mut all = String::new();
    for arguments in [
        &["flows", "samples/http.pcap", "--server-port", "51348"][..],
        &["flows", "samples/http.pcap", "--port", "443"],
        &["flows", "samples/http.pcap", "--port", "http", "--host", "203.0.113.1"],
        &["flows", "samples/http.pcap", "--port", "!80"],
        &["flows", "samples/http.pcap", "--client", "198.51.100.20"],
        &["flows", "samples/http.pcap", "--where", "server = 192.0.2.10 and port = 80"],
        &["flows", "samples/http.pcap", "--port", "443", "--fail-if-empty"],
        &["summary", "samples/http.pcap", "--port", "443", "--fail-if-empty"],
        &["packets", "samples/http.pcap", "--port", "443", "--fail-if-empty"],
        &["flows", "samples/http.pcap", "--port", "51348"],
    ] {
        let (status, _, said) = run(arguments);
        write!(all, "$ portscribe {}\n{said}[status {}]\n\n", arguments.join(" "), status.expect("a status"))
            .expect("written");
    }
    snapshot("nearest.txt", &all);
}
