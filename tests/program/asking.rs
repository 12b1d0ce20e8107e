//! What people type before they know the program, and what it answers.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{portscribe, snapshot, stderr, stdout};

/// What a wrong command line is answered with.
fn wrong(arguments: &[&str]) -> String {
    let output = portscribe(arguments);
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(2), ""),
        "{arguments:?}: {}",
        stderr(&output)
    );
    stderr(&output)
}

/// The tip of an answer.
fn tip(arguments: &[&str]) -> String {
    let said = wrong(arguments);
    let tip = said.lines().find_map(|line| line.strip_prefix("  tip: "));
    tip.unwrap_or_else(|| panic!("{arguments:?}: {said}")).to_owned()
}

#[test]
fn names_of_what_is_not_written_are_refused_before_anything_is_read() {
    for (arguments, message) in [
        (
            &["flows", "samples/http.pcap", "-o", "d.xlsx"][..],
            "d.xlsx: results are not written as .xlsx; .csv, .tsv, .json, .ndjson, .jsonl, .md and .txt are known, also \
             with .gz or .zst behind, and .parquet and .arrow; spreadsheets open .csv. --format gives the format \
             whatever the name",
        ),
        (
            &["summary", "samples/http.pcap", "-o", "d.csv.bz2"],
            "d.csv.bz2: results are not compressed as .bz2; .gz and .zst are known",
        ),
        (
            &["packets", "samples/http.pcap", "-f", "csv", "-o", "d.xz"],
            "d.xz: results are not compressed as .xz; .gz and .zst are known",
        ),
        (
            &["annotate", "samples/http.pcap", "-o", "d.csv"],
            "d.csv: an annotated capture is pcapng: name it .pcapng, .pcapng.gz or .pcapng.zst",
        ),
        (
            &["review", "samples/http.pcap", "--out", "no-such-folder", "-o", "d.csv"],
            "d.csv: the summary of a review is text or JSON (.txt, .json); --write names the files of --out: worksheet \
             (CSV), xlsx, json, html …",
        ),
    ] {
        assert_eq!(wrong(arguments), format!("portscribe: error: {message}\n"));
    }
    for name in ["d.xlsx", "d.csv.bz2", "d.xz", "d.csv", "no-such-folder"] {
        assert!(!Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists(), "{name}");
    }
    // Whoever gives the format has it, whatever the name.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("d.xlsx");
    let name = path.to_str().expect("UTF-8");
    let output = portscribe(["flows", "samples/http.pcap", "-q", "-f", "csv", "-o", name]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        fs::read(&path).expect("a result"),
        portscribe(["flows", "samples/http.pcap", "-q", "-f", "csv"]).stdout
    );
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_read_ends_nothing_but_itself() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let [closed, empty] = ["closed", "empty"].map(|name| folder.path().join(name));
    fs::create_dir(&closed).expect("a folder");
    fs::create_dir(&empty).expect("a folder");
    let empty = empty.to_str().expect("UTF-8");
    let output = portscribe(["flows", "samples/http.pcap", empty, "-q", "-f", "csv"]);
    let expected = portscribe(["flows", "samples/http.pcap", "-q", "-f", "csv"]);
    assert_eq!((output.status.code(), &output.stdout), (Some(0), &expected.stdout));
    assert_eq!(
        stderr(&output),
        format!("portscribe: {empty}: holds no files (folders below it are read with --recursive)\n")
    );
    assert_eq!(portscribe(["flows", empty]).status.code(), Some(4));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("closed");
    if fs::read_dir(&closed).is_ok() {
        crate::support::skipped("this user may read every folder");
        return;
    }
    let closed = closed.to_str().expect("UTF-8");
    let output = portscribe(["flows", "samples/http.pcap", closed, "-q", "-f", "csv"]);
    assert_eq!((output.status.code(), &output.stdout), (Some(3), &expected.stdout));
    assert!(stderr(&output).contains(&format!("{closed}: cannot be opened: Permission denied")));
    assert_eq!(portscribe(["flows", closed]).status.code(), Some(4));
}

#[test]
fn names_of_hosts_that_nobody_asked_for_are_pointed_out() {
    let needs = |option: &str, column: &str| {
        format!(
            "portscribe: error: {option}: {column} is known only where names of hosts are asked for: add --names or \
             --hosts-file FILE\n"
        )
    };
    let dns = "samples/http.pcap";
    for (arguments, option, column) in [
        (&["flows", dns, "--where", "server_name = example.com"][..], "--where", "server_name"),
        (&["flows", dns, "--where", "name ~ example"], "--where", "name"),
        (&["flows", dns, "--columns", "server,server_name"], "--columns", "server_name"),
        (&["flows", dns, "--columns", "name"], "--columns", "server_name"),
        (&["flows", dns, "--sort", "client_name"], "--sort", "client_name"),
        (&["summary", dns, "--columns", "server_names"], "--columns", "server_names"),
        (&["annotate", dns, "-o", "-", "--where", "server_name = x"], "--where", "server_name"),
    ] {
        assert_eq!(wrong(arguments), needs(option, column), "{arguments:?}");
    }
    assert_eq!(
        wrong(&["packets", dns, "--where", "server_name = x"]),
        "portscribe: error: --where: server_name is not known here, since `packets` looks for no names of hosts: `flows \
         --names` lists the flows\n"
    );
    // What is left out is not asked for.
    for arguments in [
        &["flows", dns, "-q", "--columns", "-server_name"][..],
        &["flows", dns, "-q", "--names", "--columns", "name", "--where", "name ~ e or name is unknown"],
    ] {
        assert_eq!(portscribe(arguments).status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn a_word_that_is_no_command_leads_to_the_right_one() {
    for (word, expected) in [
        ("compare", "`portscribe diff` does that"),
        ("stats", "`portscribe summary` does that"),
        (
            "samples/http.pcap",
            "`samples/http.pcap` is a file: `portscribe summary samples/http.pcap` says what is in it, `portscribe flows \
             samples/http.pcap` lists its flows",
        ),
        (
            "samples",
            "`samples` is a folder: `portscribe summary samples` says what is in it, `portscribe flows samples` lists its \
             flows",
        ),
        (
            "no-such.pcap",
            "there is no file `no-such.pcap`; captures stand behind a command: `portscribe summary CAPTURE`",
        ),
        ("443/tcp", "`portscribe lookup 443/tcp` asks the registry"),
        ("flow", "a similar subcommand exists: 'flows'"),
    ] {
        assert_eq!(tip(&[word]), expected, "{word}");
    }
}

#[test]
fn a_word_that_is_no_option_leads_to_the_right_one() {
    let capture = "samples/http.pcap";
    for (arguments, expected) in [
        (
            &["flows", capture, "--filter", "port = 1"][..],
            "use --where EXPRESSION (see `portscribe help where`)",
        ),
        (&["flows", capture, "--json"], "use --format json"),
        (&["flows", "-r", capture], "use the capture's name without an option"),
        (
            &["annotate", capture, "--top", "3"],
            "`--top` is an option of `flows`, `merge`, `summary`, not of `annotate`",
        ),
        (&["flows", capture, "--by", "port"], "`--by` is an option of `summary`, not of `flows`"),
        (
            &["--top", "3", capture],
            "`--top` stands behind the command: it is an option of `flows`, `merge`, `summary`",
        ),
        (
            &["flows"],
            "`-` reads what comes through a pipe: tcpdump -U -w - | portscribe flows - --order end -f csv",
        ),
    ] {
        assert_eq!(tip(arguments), expected, "{arguments:?}");
    }
    for (arguments, expected) in [
        (
            &["packets", capture, "--sort", "time"][..],
            "packets stay in the order in which they were captured, and are not all in memory. Use --head N",
        ),
        (&["packets", capture, "--top", "3"], "packets stay in the order in which they were captured"),
        (
            &["explain", capture, "--flow", "192.0.2.7"],
            "`192.0.2.7` is an address: `portscribe flows CAPTURE --host 192.0.2.7` lists its flows with their numbers",
        ),
        (
            &["explain", capture, "--flow", "192.0.2.7:80"],
            "name it behind the captures, without --flow: portscribe explain CAPTURE 192.0.2.7:80",
        ),
        (&["explain", capture, "--flow", "0"], "flows are numbered from 1"),
        (&["explain", capture, "--flow", "x"], "it stands in the column flow of `flows`"),
    ] {
        let said = wrong(arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn saved_results_are_told_from_what_is_no_capture() {
    let folder = tempfile::tempdir().expect("a folder");
    for (command, name) in [
        ("flows", "a.csv"),
        ("flows", "a.csv.gz"),
        ("summary", "a.json.zst"),
        ("packets", "a.ndjson"),
        ("flows", "a.tsv"),
    ] {
        let path = folder.path().join(name);
        let name = path.to_str().expect("UTF-8");
        assert_eq!(portscribe([command, "samples/http.pcap", "-q", "-o", name]).status.code(), Some(0));
        let output = portscribe(["summary", name, "-q"]);
        assert_eq!(output.status.code(), Some(4));
        assert!(
            stderr(&output).contains(
                "it looks like a saved result of portscribe; `portscribe diff` compares those of `flows` and `summary`, all \
                 else reads the capture that it was made from"
            ),
            "{name}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn manual_pages_are_found_by_the_names_of_their_files() {
    let page = |words: &[&str]| {
        let output = portscribe([&["man"], words].concat());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", stderr(&output));
        stdout(&output)
    };
    let expected = page(&["registry", "update"]);
    for words in
        [&["registry-update"][..], &["portscribe-registry-update"], &["portscribe", "registry", "update"]]
    {
        assert_eq!(page(words), expected, "{words:?}");
    }
    assert!(stderr(&portscribe(["man", "registry-updat"])).contains("no command"));
}

/// A command's whole help on a terminal of this width.
fn help(arguments: &[&str], width: u16) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .env("COLUMNS", width.to_string())
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{arguments:?}");
    stdout(&output)
}

#[test]
fn whole_help_is_laid_out_for_the_terminal() {
    for width in [60, 80, 100] {
        snapshot(&format!("help-flows-{width}.txt"), &help(&["flows", "--help"], width));
        snapshot(&format!("help-program-{width}.txt"), &help(&["--help"], width));
        snapshot(&format!("help-columns-{width}.txt"), &help(&["help", "columns"], width));
        snapshot(&format!("help-where-{width}.txt"), &help(&["help", "where"], width));
        for command in
            ["flows", "packets", "summary", "explain", "diff", "annotate", "review", "lookup", "registry"]
        {
            let help = help(&[command, "--help"], width);
            for heading in ["\nExamples:\n", "\nExit status:\n"] {
                assert!(help.contains(heading), "{command}: {heading}");
            }
        }
    }
}
