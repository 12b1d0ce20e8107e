//! Times in results, and which packets a time selects.

use std::process::Command;

use crate::support::{stderr, stdout};

/// Runs the program in a time zone five and a half hours before UTC.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PORTSCRIBE_CONFIG", "")
        .env("TZ", "XYZ-5:30")
        .output()
        .expect("the program runs");
    (output.status.code(), stdout(&output), stderr(&output))
}

/// The first value of a column of the flows of a sample.
fn first_seen(arguments: &[&str]) -> String {
    let asked = [&["flows", "samples/http.pcap", "-q", "--columns", "first_seen"][..], arguments].concat();
    let (status, out, said) = run(&asked);
    assert_eq!((status, said.as_str()), (Some(0), ""), "{arguments:?}");
    out.lines().nth(1).expect("a row").trim().to_owned()
}

#[test]
fn programs_have_utc_unless_the_user_asks_for_another_form() {
    for (arguments, expected) in [
        (&["-f", "csv"][..], "2026-11-22T05:12:10.551068000Z"),
        (&["-f", "csv", "--time", "utc"], "2026-11-22T05:12:10.551068000Z"),
        (&["-f", "csv", "--time", "local"], "2026-11-22T10:42:10.551068000+05:30"),
        (&["-f", "tsv", "--time", "relative"], "0.162055000"),
        (&["-f", "csv", "--time", "epoch"], "1795324330.551068000"),
        (&["-f", "csv", "--time", "epoch", "--order", "end"], "1795324330.551068000"),
        (&["-f", "table", "--time", "local"], "2026-11-22T10:42:10.551068000+05:30"),
    ] {
        assert_eq!(first_seen(arguments), expected, "{arguments:?}");
    }
    let (_, out, _) = run(&["flows", "samples/http.pcap", "-q", "-f", "ndjson", "--time", "local"]);
    assert!(out.contains(r#""first_seen":"2026-11-22T10:42:10.551068000+05:30""#), "{out}");
    for format in ["json", "ndjson"] {
        let (status, out, said) = run(&["flows", "samples/http.pcap", "-f", format, "--time", "epoch"]);
        assert_eq!((status, out.as_str()), (Some(2), ""));
        assert_eq!(
            said,
            format!(
                "portscribe: error: --time relative and epoch are for tables and csv: times of --format {format} are RFC \
                 3339, as its schema says; use --time utc or local\n"
            )
        );
    }
    let (status, _, said) = run(&["flows", "samples/http.pcap", "--order", "end", "--time", "relative"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("--time relative needs the first packet of all captures"), "{said}");
}

/// How many packets are read between two times.
fn packets(arguments: &[&str]) -> usize {
    let asked = [&["packets", "samples/http.pcap", "-q", "-f", "csv"][..], arguments].concat();
    let (status, out, said) = run(&asked);
    assert_eq!((status, said.as_str()), (Some(0), ""), "{arguments:?}");
    out.lines().count() - 1
}

#[test]
fn times_may_stand_to_the_capture() {
    let all = packets(&[]);
    for (arguments, expected) in [
        // The day of the first packet, by the clock that is asked for.
        (&["--since", "05:00"][..], all),
        (&["--since", "05:13"], 0),
        (&["--until", "05:12"], 0),
        (&["--since", "10:40", "--time", "local"], all),
        (&["--since", "05:00", "--until", "05:30", "--time", "local"], 0),
        (&["--since", "2026-11-22 10:40", "--time", "local"], all),
        (&["--until", "2026-11-22 10:40"], all),
        (&["--until", "2026-11-22T10:40:00+05:30"], 0),
        // Before its end and after its beginning.
        (&["--since", "-1h"], all),
        (&["--until", "-1h"], 0),
        (&["--until", "+1h"], all),
        (&["--since", "+1h"], 0),
    ] {
        assert_eq!(packets(arguments), expected, "{arguments:?}");
    }
    // A part of it: both say the same.
    let last = packets(&["--since", "-0.05s"]);
    assert!(0 < last && last < all);
    assert_eq!(packets(&["--until", "-0.05s"]), all - last);
}

#[test]
fn of_a_pipe_a_time_stands_to_now() {
    if !crate::support::has_program("cat") {
        return;
    }
    let capture = std::fs::File::open(crate::support::sample("http.pcap")).expect("a sample");
    let mut child =
        Command::new("cat").stdin(capture).stdout(std::process::Stdio::piped()).spawn().expect("cat runs");
    let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["flows", "-", "-f", "csv", "--since", "-1h"])
        .env("PORTSCRIBE_CONFIG", "")
        .stdin(child.stdout.take().expect("a pipe"))
        .output()
        .expect("the program runs");
    child.wait().expect("it ends");
    let said = stderr(&output);
    let first = said.lines().next().expect("a line");
    assert!(first.starts_with("portscribe: --since -1h is 2"), "{said}");
    assert!(first.ends_with("Z: what comes from standard input or a pipe is taken to be live"), "{said}");
}

#[test]
fn a_wrong_time_says_what_is_right() {
    let (status, _, said) = run(&["flows", "samples/http.pcap", "--since", "yesterday"]);
    assert_eq!(status, Some(2));
    assert!(
        said.contains(
            "invalid time `yesterday`; use 10:00 (on the day of the first packet), -1h (before the last packet), +10m \
             (after the first), 2026-01-31T12:00:00Z, 2026-01-31, or seconds since 1970"
        ),
        "{said}"
    );
}
