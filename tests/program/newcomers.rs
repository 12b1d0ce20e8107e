//! What people meet who do not know yet what a flow is numbered by, or what has no ports.

use serde_json::Value as Json;

use crate::support::{portscribe, stderr, stdout};

/// One packet each of seventeen protocols without ports.
const PORTLESS: &str = "tests/program/protocols/portless.pcap";

fn table(arguments: &[&str]) -> String {
    let output = portscribe([arguments, &["-q", "-f", "table"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

fn refused(arguments: &[&str]) -> String {
    let output = portscribe(arguments);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
    stderr(&output)
}

#[test]
fn a_capture_without_ports_says_how_to_see_what_it_has() {
    let hint = "With --protocols all, 17 packets of protocols without ports are in flows: icmp 1, igmp 1, ipv4 1, ipv6 1, \
                rsvp 1, gre 1, esp 1, ah 1, icmpv6 1, ipv6-nonxt 1, ipv6-opts 1, eigrp 1, ospf 1, pim 1, ipcomp 1, vrrp 1, \
                l2tp 1";
    let summary = table(&["summary", PORTLESS]);
    assert!(summary.contains(&format!("\nThe captures have no flows with ports. {hint}.\n")), "{summary}");
    let explain = portscribe(["explain", PORTLESS, "--flow", "1", "-q"]);
    assert_eq!(
        (explain.status.code(), stderr(&explain)),
        (
            Some(1),
            format!("portscribe: flow 1 does not exist: the captures have no flows with ports. {hint}\n")
        )
    );
    // What is left out is not missing.
    let none = table(&["summary", "samples/http.pcap", "--port", "9"]);
    assert!(none.contains("\nNo flow is selected.\n"), "{none}");
}

#[test]
fn nothing_is_said_of_a_payload_that_was_not_looked_at() {
    let explain = table(&["explain", PORTLESS, "--flow", "1", "--protocols", "all"]);
    let said = explain.split("What the payload says\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    assert_eq!(said, Some("  Not looked at: icmp has no ports, behind which protocols are recognised."));
}

#[test]
fn an_explanation_writes_times_as_they_are_asked_for() {
    let of = |form: &str| {
        let explain = table(&["explain", "samples/http.pcap", "--flow", "2", "--time", form]);
        explain.lines().find(|line| line.starts_with("  From ")).expect("a time").to_owned()
    };
    let rest = "for 0.000774 s, beginning with packet 14 of samples/http.pcap.";
    assert_eq!(of("utc"), format!("  From 2026-11-22T05:12:10.566601000Z {rest}"));
    assert_eq!(
        of("relative"),
        format!("  From 0.177588000 s after the first packet of all captures, {rest}")
    );
    assert_eq!(of("epoch"), format!("  From 1795324330.566601000 s after 1970-01-01T00:00:00Z, {rest}"));
    let json = std::process::Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["explain", "samples/http.pcap", "--flow", "2", "--time", "local", "-q", "-f", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("TZ", "XYZ-5:30")
        .env("PORTSCRIBE_CONFIG", "")
        .output()
        .expect("the program runs");
    let json: Json = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["flow"]["first_seen"], "2026-11-22T10:42:10.566601000+05:30");
    assert_eq!(json["first_packets"][0]["time"], "2026-11-22T10:42:10.566601000+05:30");
    assert!(
        refused(&["explain", "samples/http.pcap", "--flow", "2", "--time", "epoch", "-f", "json"])
            .contains("--time relative and epoch are for tables and csv")
    );
}

#[test]
fn a_time_that_is_cut_out_heads_the_summary() {
    let head = |window: &[&str]| {
        let summary = table(&[&["summary", "samples/scan.pcap"], window].concat());
        summary.lines().next().expect("a line").to_owned()
    };
    assert_eq!(head(&[]), "samples/scan.pcap: 2026-11-22T05:12:38Z to 2026-11-22T05:12:41Z (3.0 s)");
    assert_eq!(
        head(&["--since", "05:12:39", "--until", "05:12:40"]),
        "samples/scan.pcap: 2026-11-22T05:12:39Z to 2026-11-22T05:12:40Z (1.0 s), cut out of 2026-11-22T05:12:38Z to \
         2026-11-22T05:12:41Z"
    );
    assert_eq!(
        head(&["--since", "2027-01-01"]),
        "samples/scan.pcap: nothing of the time that is asked for; the packets are of 2026-11-22T05:12:38Z to \
         2026-11-22T05:12:41Z"
    );
}

#[test]
fn numbers_of_flows_within_a_time_are_told_apart() {
    let said = "Flows are numbered within --since and --until: `explain --flow` takes the same of them.";
    let window = ["--since", "05:12:10.6"];
    assert!(table(&[&["flows", "samples/http.pcap"], &window[..]].concat()).contains(said));
    assert!(!table(&["flows", "samples/http.pcap"]).contains(said));
    // So they do.
    let first = table(&[&["explain", "samples/http.pcap", "--flow", "1"], &window[..]].concat());
    assert!(first.starts_with("Flow 1 of 2: [2001:db8:1::10]:46526 "), "{first}");
}

#[test]
fn headings_of_tables_name_columns() {
    let csv = |columns: &str| {
        let output = portscribe([
            "flows",
            "samples/http.pcap",
            "-q",
            "-f",
            "csv",
            "--head",
            "1",
            "--columns",
            columns,
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output).lines().next().expect("columns").to_owned()
    };
    assert_eq!(csv("registered,by,more"), "service,direction_basis,direction_confidence,flags");
    let by = ["flows", "samples/http.pcap", "--where", "by = handshake and registered = http"];
    assert_eq!(table(&by), table(&["flows", "samples/http.pcap"]));
}

#[test]
fn addresses_without_ports_say_so() {
    let said = "Addresses are without ports: the columns client_port and server_port have them.";
    let flows = |columns| table(&["flows", "samples/http.pcap", "--columns", columns]);
    assert!(flows("client,server,bytes").contains(said));
    assert!(!flows("client,server,port").contains(said));
    assert!(!flows("service,bytes").contains(said));
}

#[test]
fn a_word_that_is_no_flag_leads_to_the_flags() {
    let said = refused(&["flows", "samples/http.pcap", "--flag", "odd"]);
    for flag in portscribe::label::Flag::ALL {
        assert!(said.contains(flag.name()), "{said}");
    }
}

#[test]
fn a_flow_is_named_by_its_number_or_its_id_behind_the_captures() {
    let flow = |names: &[&str]| table(&[&["explain", "samples/http.pcap"], names].concat());
    let expected = flow(&["--flow", "2"]);
    assert_eq!(flow(&["2"]), expected);
    assert_eq!(flow(&["1:yPt42OsQij4leu/y/90MWBkSPLY="]), expected);
    let missing = portscribe(["explain", "samples/http.pcap", "0"]);
    assert_eq!(stderr(&missing), "portscribe: error: flows are numbered from 1\n");
    let alone = portscribe(["explain", "2"]);
    assert_eq!(alone.status.code(), Some(1), "a word that nobody has");
}

#[test]
fn captures_that_overlap_do_not_hide_the_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let packets = std::fs::read(crate::support::sample("ssh.pcap")).expect("a sample");
    // Each lacks some of the last packets: no two are the same.
    for n in 0..6 {
        std::fs::write(folder.path().join(format!("{n}.pcap")), whole_records(&packets, 100 - n))
            .expect("written");
    }
    let flows = table(&["flows", folder.path().to_str().expect("UTF-8")]);
    assert_eq!(flows.matches("of its datagrams in common with").count(), 3, "{flows}");
    assert!(
        flows.contains("\n2 more captures hold packets of others, and they count twice (`captures` of --format json has all).\n"),
        "{flows}"
    );
}

/// A pcap file of the first packets of another.
fn whole_records(file: &[u8], packets: usize) -> &[u8] {
    let length =
        |at: usize| u32::from_le_bytes(file[at + 8..at + 12].try_into().expect("four octets")) as usize;
    &file[..(0..packets).fold(24, |at, _| at + 16 + length(at))]
}

#[test]
fn live_flows_come_line_by_line_in_other_formats_than_a_table() {
    use std::process::{Command, Stdio};
    let said =
        "a table is drawn when all is read: --order end --format csv or ndjson write each flow as it ends";
    let of = |format: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args(["flows", "-", "--order", "end", "-f", format])
            .env("PORTSCRIBE_CONFIG", "")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let capture = std::fs::read(crate::support::sample("http.pcap")).expect("a sample");
        std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), &capture).expect("it reads");
        stderr(&child.wait_with_output().expect("it ends"))
    };
    assert!(of("table").contains(said));
    assert!(!of("csv").contains(said));
}

#[test]
fn words_for_what_is_live_lead_to_the_pipe() {
    let said = refused(&["flows", "--live"]);
    assert!(
        said.contains("  tip: use tcpdump -U -w - | portscribe flows - --order end --format csv\n"),
        "{said}"
    );
    assert!(
        refused(&["flows", "samples/http.pcap", "--when", "10:00"])
            .contains("  tip: use --since TIME and --until TIME\n")
    );
}

#[test]
fn what_is_said_of_two_sides_says_of_which() {
    let output = portscribe(["diff", "samples/http.pcap", "samples/ssh.pcap", "-f", "csv"]);
    let lines: Vec<String> = stderr(&output).lines().map(str::to_owned).collect();
    let begin = |line: &str| line.split(" packets in no flow").next().expect("a line").to_owned();
    assert_eq!(begin(&lines[0]), "portscribe: old: 5");
    assert_eq!(begin(&lines[1]), "portscribe: new: 4");
}

#[test]
fn what_is_no_file_but_a_condition_is_refused_with_what_does_it() {
    for word in ["port", "80", "host", "10.0.0.0/8", "192.0.2.7", "tcp.port==80", "UDP"] {
        assert_eq!(
            refused(&["flows", "samples/http.pcap", word]),
            format!(
                "portscribe: error: {word}: no such file; conditions stand behind --where, such as --where 'port = 80 and \
                 host = 192.0.2.7'\n"
            )
        );
    }
    assert_eq!(
        refused(&["summary", "samples/http.pcap", "10:00"]),
        "portscribe: error: 10:00: no such file; a time with a blank stands in quotes: --since '2026-11-22 10:00'\n"
    );
    // Every system with the folder has this one.
    if std::path::Path::new("/sys/class/net/lo").exists() {
        assert_eq!(
            refused(&["flows", "lo"]),
            "portscribe: error: lo: no such file, but an interface; another program captures: tcpdump -i lo -U -w - | \
             portscribe flows - --order end --format csv\n"
        );
    }
    // What looks like a file is one that is missing.
    for missing in ["missing.pcap", "day=2026-11-22/missing", "day=2026-11-22.pcap"] {
        let other = portscribe(["flows", missing]);
        assert_eq!((other.status.code(), stdout(&other).as_str()), (Some(4), ""), "{missing}");
    }
}

#[test]
fn options_of_other_programs_are_answered_with_what_does_it_here() {
    for (option, instead) in [
        ("-Y", "use --where EXPRESSION (see `portscribe help where`)"),
        ("-T", "use --format FORMAT, and --columns A,B"),
        ("-s", "use --by KEY, of `summary`, or --sort KEY:desc"),
        ("-A", "use --by KEY, of `summary`"),
        (
            "-i",
            "use another program to capture: tcpdump -i eth0 -U -w - | portscribe flows - --order end --format csv",
        ),
    ] {
        let said = refused(&["flows", "samples/http.pcap", option, "x"]);
        assert!(said.contains(&format!("tip: {instead}\n")), "{said}");
    }
    // One that nobody knows leads nowhere, least of all to a hyphen that was meant as a value.
    let said = refused(&["flows", "samples/http.pcap", "-X"]);
    assert!(!said.contains("tip:"), "{said}");
}

#[test]
fn names_for_columns_of_other_programs_are_answered_wherever_columns_are_named() {
    let both = "a flow has both directions: use client, server or host";
    for (arguments, instead) in [
        (["flows", "--columns", "ip.src"], both),
        (["flows", "--sort", "dstip"], both),
        (["flows", "--where", "srcip = 192.0.2.10"], both),
        (["summary", "--by", "srcip"], both),
        (["flows", "--columns", "server_ip"], "it is called server here"),
        (["flows", "--where", "net = 10.0.0.0/8"], "networks are values: host in 10.0.0.0/8"),
    ] {
        let said = refused(&[&arguments[..], &["samples/http.pcap"]].concat());
        assert!(said.contains(instead), "{arguments:?}: {said}");
    }
    for (condition, instead) in [
        ("flags contains one-way", "; use `~`"),
        ("service contains http", "; use `~`"),
        ("port eq 80", "; use `=`"),
        ("bytes gt 5", "; use `>`"),
        ("port in {80}", "; a list stands in parentheses: in (A, B)"),
        ("observed = NULL", "; `is unknown` selects flows without a value"),
        ("first_seen > 10:00", "; times of a day, and ago, are for --since and --until"),
    ] {
        let said = refused(&["flows", "samples/http.pcap", "--where", condition]);
        assert!(said.contains(instead), "{condition}: {said}");
    }
}

#[test]
fn a_greatest_first_order_and_short_names_of_formats_are_understood() {
    let of = |arguments: &[&str]| {
        let output =
            portscribe([&["flows", "samples/http.pcap", "-q", "--columns", "bytes"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    assert_eq!(of(&["--sort", "-bytes", "-f", "csv"]), of(&["--sort", "bytes:desc", "-f", "csv"]));
    assert_eq!(of(&["-f", "md"]), of(&["-f", "markdown"]));
    assert_eq!(of(&["-f", "jsonl"]), of(&["-f", "ndjson"]));
}

#[test]
fn headings_and_columns_are_explained() {
    let first = |word: &str| {
        let said = table(&["explain", word]);
        said.lines().next().expect("a line").to_owned()
    };
    for (word, expected) in [
        ("observed", "column observed"),
        ("more", "column more"),
        ("duration", "column duration"),
        ("(silent)", "agreement silent"),
        ("(not recognised)", "agreement silent"),
    ] {
        assert_eq!(first(word), expected);
    }
    let more = table(&["explain", "more"]);
    assert!(more.contains("\n  Stands for `flags`: "), "{more}");
}

#[test]
fn many_captures_are_not_named_in_the_line_that_lists_flows() {
    let captures = ["samples/http.pcap", "samples/ssh.pcap", "samples/smtp.pcap", "samples/scan.pcap"];
    let line = |captures: &[&str]| {
        let said = table(&[&["summary"], captures].concat());
        let line = said.lines().find(|line| line.starts_with("   portscribe flows")).expect("a command");
        line.trim().to_owned()
    };
    assert_eq!(line(&captures[1..]), "portscribe flows samples/ssh.pcap samples/smtp.pcap samples/scan.pcap");
    assert_eq!(line(&captures), "portscribe flows CAPTURE...");
}

#[test]
fn a_comparison_is_narrowed_as_other_results_are() {
    let of = |more: &[&str]| {
        let output = portscribe(
            [&["diff", "samples/http.pcap", "samples/ssh.pcap", "-q", "-f", "csv"], more].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let rows = stdout(&output);
        rows.lines()
            .skip(1)
            .map(|row| row.split(',').take(5).collect::<Vec<_>>().join(","))
            .collect::<Vec<_>>()
    };
    let all = of(&[]);
    let ssh: Vec<String> = all.iter().filter(|row| row.ends_with("ssh,22")).cloned().collect();
    assert!(!ssh.is_empty() && ssh.len() < all.len(), "{all:?}");
    let narrowed: Vec<String> =
        of(&["--port", "22"]).into_iter().filter(|row| row.ends_with("ssh,22")).collect();
    assert_eq!(narrowed, ssh);
    assert!(of(&["--where", "service = ssh"]).iter().all(|row| !row.ends_with("http,80")));
    // What was saved was selected then.
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("old.csv");
    let saved = saved.to_str().expect("UTF-8");
    assert_eq!(portscribe(["flows", "samples/http.pcap", "-q", "-o", saved]).status.code(), Some(0));
    assert_eq!(
        refused(&["diff", saved, "samples/ssh.pcap", "--port", "22"]),
        format!(
            "portscribe: error: {saved}: is a saved result, and flows are selected from captures: select when it is saved, \
             such as `portscribe flows CAPTURE --where EXPRESSION -o FILE.csv`\n"
        )
    );
}
