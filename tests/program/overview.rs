//! `summary` begins with the answer, on one screen.

use portscribe::registry::Registry;
use portscribe::report::overview::{self, Overview, Shown};
use portscribe::report::summary::{By, Summary};
use portscribe::report::{Style, Times};
use portscribe::traffic::{ReadSettings, Reading};

use crate::support::made::{Made, RST, SYN, SYN_ACK};
use crate::support::{portscribe, sample, snapshot, stderr, stdout};

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = portscribe(arguments);
    (output.status.code().expect("a status"), stdout(&output), stderr(&output))
}

/// What a summary of samples begins with, as a terminal of this width shows it.
fn overview_of(names: &[&str], width: Option<u16>) -> Vec<String> {
    let registry = Registry::bundled();
    let mut reading = Reading::new(ReadSettings::default());
    for name in names {
        reading.read_file(sample(name)).expect("a capture");
    }
    let traffic = reading.finish();
    let labelled = traffic.label(&registry);
    let (mut summary, mut overview) = (Summary::new(&[By::Service]), Overview::default());
    for row in labelled.rows() {
        summary.add(&row);
        overview.add(&row);
    }
    overview.look_at_scans(labelled.rows().map(Ok)).expect("flows");
    let rows = summary.finish().expect("rows");
    let shown = Shown {
        command: "portscribe flows CAPTURE",
        given: &[],
        left_out: 0,
        all: false,
        behind: 4,
        times: &Times::Utc,
    };
    let lines = overview::people(&overview, &rows, traffic.log(), Style { width, color: false }, shown);
    let folder = sample("").display().to_string();
    lines.into_iter().map(|line| line.replace(&folder, "")).collect()
}

const MANY: &[&str] =
    &["scan.pcap", "ssh.pcap", "smtp.pcap", "snmp.pcap", "dynamic-port.pcap", "other-transport.pcap"];

#[test]
fn a_summary_begins_with_one_screen_at_every_width() {
    for width in [60, 80, 120] {
        let lines = overview_of(MANY, Some(width));
        for line in &lines {
            assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
        }
        // A blank and the note stand behind it.
        assert!(lines.len() <= if width < 80 { 42 } else { 30 }, "{width}: {}", lines.len());
        snapshot(&format!("overview-{width}.txt"), &(lines.join("\n") + "\n"));
    }
}

fn options_list_as_many_flows_as_they_say(files: &[&str], selection: &[&str]) {
    let ask = [&["summary", "-f", "table", "--all", "-q"], files, selection].concat();
    let (status, out, _) = run(&ask);
    assert_eq!(status, 0);
    let (_, eye) = out.split_once(", listed by this command and an option:\n").expect("what catches the eye");
    let mut lines = eye.lines();
    let command: Vec<&str> = lines.next().expect("a command").trim().split(' ').collect();
    assert_eq!(command[..2], ["portscribe", "flows"]);
    // Many captures are not named.
    let command: Vec<&str> = (command.iter())
        .flat_map(|word| if *word == "CAPTURE..." { files.to_vec() } else { vec![*word] })
        .collect();
    let mut seen = 0;
    for line in lines.take_while(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(at) = words.iter().position(|word| word.starts_with("--")) else {
            assert!(line.ends_with("  -"), "{line}");
            continue;
        };
        let ask = [&command[1..], &words[at..], &["-q", "-f", "csv"]].concat();
        let (status, flows, said) = run(&ask);
        assert_eq!((status, said.as_str()), (0, ""), "{ask:?}");
        let number: usize = words[0].parse().expect("a number");
        assert_eq!(flows.lines().count() - 1, number, "{line}");
        seen += 1;
    }
    assert!(seen > 0, "{out}");
}

#[test]
fn each_option_lists_as_many_flows_as_it_says() {
    for names in
        [MANY, &["https.pcap", "unauthorized-use.pcap", "two-registered.pcap"], &["dynamic-port.pcap"]]
    {
        let files: Vec<String> = names.iter().map(|name| format!("samples/{name}")).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        options_list_as_many_flows_as_they_say(&files, &[]);
    }
    let scan = &["samples/scan.pcap"];
    options_list_as_many_flows_as_they_say(scan, &["--transport", "tcp"]);
    options_list_as_many_flows_as_they_say(scan, &["--host", "192.0.2.0/24", "--separate-vlans"]);
    // Another value of the same option would select more.
    options_list_as_many_flows_as_they_say(&["samples/unauthorized-use.pcap"], &["--host", "192.0.2.10"]);
}

/// A client that tries ports of two servers, of which one listens on 80; another client uses that.
fn scan() -> String {
    let mut made = Made::default();
    for (n, port) in (1..=14).zip([21, 22, 23, 25, 80, 110, 143, 443, 445, 3306, 3389, 43500, 50000, 8080]) {
        for server in ["10.0.0.1", "10.0.0.2"] {
            let (client, server) = (("10.0.9.9", 40_000 + n), (server, port));
            made.tcp(u32::from(n), client, server, SYN, b"");
            if server == ("10.0.0.1", 80) {
                made.tcp(u32::from(n), server, client, SYN_ACK, b"");
            } else {
                made.tcp(u32::from(n), server, client, RST, b"");
            }
        }
    }
    made.connection(20, ("10.0.0.7", 40_000), ("10.0.0.1", 80));
    made.connection(21, ("10.0.0.7", 40_001), ("10.0.1.1", 43_500));
    made.tcp(22, ("10.0.0.8", 40_001), ("10.0.0.2", 443), SYN, b"");
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("overview-scan.pcap");
    std::fs::write(&path, made.capture()).expect("a capture");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_scan_is_one_line() {
    let path = scan();
    let (status, out, _) = run(&["summary", &path, "-f", "table", "--all"]);
    assert_eq!(status, 0);
    snapshot("overview-scan.txt", &out.replace(&path, "scan.pcap"));
    options_list_as_many_flows_as_they_say(&[&path], &[]);
}

#[test]
fn whole_outputs_end_with_the_note_and_with_all_in_the_table() {
    let (status, out, _) = run(&["summary", "samples/ssh.pcap", "-f", "table"]);
    assert_eq!(status, 0);
    snapshot("summary-overview.txt", &out);
    let (status, out, _) = run(&["summary", "samples/scan.pcap", "-f", "table", "--all"]);
    assert_eq!(status, 0);
    snapshot("summary-all.txt", &out);
    // Who asks for totals of his own has them alone, and other formats are as they were.
    let (_, by_service, _) = run(&["summary", "samples/scan.pcap", "-f", "table", "--by", "service"]);
    assert!(out.ends_with(&by_service), "{by_service}");
    for format in ["csv", "json", "ndjson", "tsv", "markdown"] {
        let ask = |more: &[&str]| run(&[&["summary", "samples/scan.pcap", "-f", format][..], more].concat());
        assert_eq!(ask(&[]), ask(&["--by", "service"]), "{format}");
    }
}

#[test]
fn nothing_that_catches_the_eye_is_said_without_praise() {
    // Lines are not wrapped, since they begin with the folder of the samples.
    let lines = overview_of(&["ntp.pcap"], None);
    snapshot("overview-nothing.txt", &(lines.join("\n") + "\n"));
}
