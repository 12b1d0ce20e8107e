//! What people see on terminals: the program runs on pseudo-terminals of several widths.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::made::{Made, RST, SYN};
use crate::support::terminal::Terminal;
use crate::support::{has_program, snapshot};

/// A command on a terminal of these columns, with these variables set.
fn on_terminal(arguments: &[&str], columns: u16, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let terminal = Terminal::of(columns, 24);
    let mut command = Command::new(env!("CARGO_BIN_EXE_portscribe"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PORTSCRIBE_CONFIG", "")
        .env("XDG_DATA_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-data"))
        .env("TERM", "xterm-256color")
        .env("PORTSCRIBE_PAGER", "");
    for name in ["COLUMNS", "NO_COLOR", "LESS", "PAGER", "TZ"] {
        command.env_remove(name);
    }
    command
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(terminal.handle())
        .stderr(terminal.handle());
    let (mut child, out) = terminal.run(command);
    (child.wait().expect("it ends").code(), out)
}

fn screen(arguments: &[&str], columns: u16, variables: &[(&str, &str)]) -> String {
    let (status, out) = on_terminal(&[arguments, &["--progress", "never"]].concat(), columns, variables);
    assert_eq!(status, Some(0), "{arguments:?}: {out}");
    out
}

/// How many columns of a terminal a line takes, without its colors.
fn width(line: &str) -> usize {
    let mut letters = line.chars();
    let mut width = 0;
    while let Some(letter) = letters.next() {
        if letter == '\x1b' {
            letters.by_ref().find(|letter| *letter == 'm');
        } else {
            width += 1;
        }
    }
    width
}

/// Whole addresses of IPv6, VLANs, and a client that tries many ports.
fn wide() -> tempfile::NamedTempFile {
    let mut made = Made::default();
    let (client, server) =
        (("2001:db8:1111:2222:3333:4444:5555:6666", 43652), "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff");
    made.connection(1_769_860_800, client, (server, 4786));
    made.connection(1_769_860_801, ("192.0.2.10", 49228), ("198.51.100.20", 443));
    for port in 1..=30 {
        made.tcp(
            1_769_860_802 + u32::from(port),
            ("203.0.113.9", 40_000 + port),
            ("198.51.100.20", port),
            SYN,
            b"",
        );
        made.tcp(
            1_769_860_802 + u32::from(port),
            ("198.51.100.20", port),
            ("203.0.113.9", 40_000 + port),
            RST,
            b"",
        );
    }
    made.exchange(1_769_860_900, ("192.0.2.10", 40_053), ("198.51.100.53", 53));
    let mut file = tempfile::Builder::new().prefix("wide").suffix(".pcap").tempfile().expect("a file");
    file.write_all(&made.capture()).expect("written");
    file
}

#[test]
fn results_fit_terminals_of_every_width() {
    let wide = wide();
    let name = wide.path().to_str().expect("UTF-8");
    for columns in [60, 80, 120, 200] {
        for (what, arguments) in [
            ("flows", &["flows", "samples/unauthorized-use.pcap"][..]),
            ("wide", &["flows", name]),
            ("packets", &["packets", "samples/dns.pcapng", "--head", "6"]),
            ("summary", &["summary", "samples/scan.pcap", "samples/ssh.pcap", "--by", "service"]),
        ] {
            let plain = screen(arguments, columns, &[("NO_COLOR", "1")]);
            assert!(!plain.contains('\x1b'), "{plain}");
            for line in plain.lines() {
                assert!(width(line) <= usize::from(columns), "{what} on {columns}: {line}");
            }
            snapshot(&format!("terminal-{what}-{columns}.txt"), &plain);
            let colored = screen(arguments, columns, &[]);
            let without: String = strip(&colored);
            assert_eq!(without, plain, "{what} on {columns}");
            if columns == 80 {
                snapshot(&format!("terminal-{what}-{columns}-color.txt"), &colored);
            }
        }
    }
}

/// A text without its colors.
fn strip(text: &str) -> String {
    let mut pieces = text.split('\x1b');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| all + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}

#[test]
fn on_80_columns_nothing_of_a_flow_is_hidden_that_matters() {
    let wide = wide();
    let out = screen(&["flows", wide.path().to_str().expect("UTF-8")], 80, &[]);
    // Two lines each: headings and four rows, two connections, a scan and a question. None has a flag to be looked at.
    let rows = out.split("\n\n").next().expect("a table").lines().count();
    assert_eq!(rows, 10, "{out}");
    let hidden = out.lines().find(|line| line.starts_with("Hidden columns: ")).expect("what is hidden");
    for column in ["time", "payload", "status", "bytes"] {
        assert!(!hidden.contains(column), "{out}");
    }
}

#[test]
fn a_pager_shows_what_is_longer_than_the_terminal_and_what_it_is_asked_to() {
    if !["sh", "sed"].into_iter().all(has_program) {
        return;
    }
    let table = ["flows", "samples/unauthorized-use.pcap", "-q"];
    let paged = |more: &[&str], variables: &[(&str, &str)]| {
        screen(&[&table[..], more].concat(), 120, &[variables, &[("NO_COLOR", "1")]].concat())
    };
    let plain = paged(&[], &[]);
    let marked: Vec<String> = plain.lines().map(|line| format!("| {line}\n")).collect();
    let marked = marked.concat();
    let sed = "sed 's/^/| /'";
    assert_eq!(paged(&[], &[("PORTSCRIBE_PAGER", sed)]), marked);
    // The program's own variable comes first; empty, and `cat`, are none.
    assert_eq!(paged(&[], &[("PORTSCRIBE_PAGER", sed), ("PAGER", "false")]), marked);
    assert_eq!(paged(&[], &[("PORTSCRIBE_PAGER", "cat"), ("PAGER", sed)]), plain);
    assert_eq!(paged(&["--paging", "never"], &[("PORTSCRIBE_PAGER", sed)]), plain);
    assert_eq!(paged(&[], &[("PORTSCRIBE_PAGER", sed), ("TERM", "dumb")]), plain);
    // How it is told what to do, unless the user has said that.
    let less = |variables: &[(&str, &str)]| {
        paged(&[], &[&[("PORTSCRIBE_PAGER", "cat > /dev/null; echo $LESS $LV")], variables].concat())
    };
    assert_eq!(less(&[]), "FRX -c\n");
    assert_eq!(less(&[("LESS", "S"), ("LV", "x")]), "S x\n");
    // What no person reads goes through none.
    for format in ["csv", "json", "markdown"] {
        let without = paged(&["-f", format], &[]);
        assert_eq!(paged(&["-f", format], &[("PORTSCRIBE_PAGER", sed)]), without, "{format}");
    }
}

#[test]
fn a_pager_that_leaves_early_is_no_failure_and_one_that_is_missing_is() {
    if !["sh", "head"].into_iter().all(has_program) {
        return;
    }
    let table = ["flows", "samples/unauthorized-use.pcap", "-q", "--progress", "never"];
    let (status, out) = on_terminal(&table, 80, &[("PORTSCRIBE_PAGER", "head -n 1"), ("NO_COLOR", "1")]);
    assert_eq!((status, out.lines().count()), (Some(0), 1), "{out}");
    let (status, out) = on_terminal(&table, 80, &[("PORTSCRIBE_PAGER", "no-such-pager")]);
    assert_eq!(status, Some(4), "{out}");
    assert!(
        out.ends_with(
            "portscribe: error: the pager `no-such-pager` cannot be started: name another in PORTSCRIBE_PAGER, or use \
             --paging never\n"
        ),
        "{out}"
    );
}

#[test]
fn times_are_written_as_asked() {
    let zone = [("NO_COLOR", "1"), ("TZ", "XYZ-5:30")];
    for form in ["utc", "local", "relative", "epoch"] {
        let flows = ["flows", "samples/unauthorized-use.pcap", "--time", form];
        snapshot(&format!("time-{form}.txt"), &screen(&flows, 200, &zone));
    }
}
