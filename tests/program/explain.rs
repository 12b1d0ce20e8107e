//! `explain`: one flow in sentences, and what words mean.

use std::io::Write;
use std::process::{Command, Stdio};

use portscribe::capture::CaptureReader;
use portscribe::label::Labeller;
use portscribe::registry::Registry;
use portscribe::report::explain::{self, Explanation, FirstPackets};
use portscribe::report::glossary::{self, Entry, WordKind};
use portscribe::report::{Style, Times};
use portscribe::traffic::{LabelledPackets, ReadSettings, Reading, Selection};
use serde_json::Value as Json;

use crate::support::{portscribe, sample, snapshot, stderr, stdout};

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = portscribe(arguments);
    (output.status.code().expect("a status"), stdout(&output), stderr(&output))
}

/// The explanation of a flow, as a terminal of this width shows it.
fn explained(name: &str, flow: u64, width: Option<u16>) -> String {
    let registry = Registry::bundled();
    let mut reading = Reading::new(ReadSettings::default());
    reading.read_file(sample(name)).expect("a capture");
    let traffic = reading.finish();
    let labelled = traffic.label(&registry);
    let row = labelled.flow(flow as usize - 1).expect("a flow");
    let mut packets = FirstPackets::at_most(6);
    let mut pass = LabelledPackets::new(&labelled, Selection::default());
    pass.capture(&mut CaptureReader::open(sample(name)).expect("a capture"), |header| {
        packets.take(header, flow);
        Ok::<(), ()>(())
    })
    .expect("the same capture");
    let ephemeral = traffic.settings().ephemeral.clone();
    let about = Explanation {
        votes: Labeller::of_all_ends(&registry, traffic.table(), ephemeral).votes(&row.flow),
        place: portscribe::traffic::Place {
            capture: portscribe::Foreign::new(name),
            ..traffic.place(row.flow.first_packet())
        },
        flows: traffic.table().len() as u64,
        row,
        others: Vec::new(),
        packets,
        registry: &registry,
    };
    let lines = explain::people(&about, Style { width, color: false }, &Times::Utc).expect("lines");
    if let Some(width) = width {
        for line in &lines {
            // What cannot be broken runs over: a Community ID with the words around it does not.
            assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_flow_is_explained_on_terminals_of_every_width() {
    for width in [60, 80, 120] {
        // An unassigned port with a note; a scan that was refused; a guess between two registered ports.
        let text = explained("unauthorized-use.pcap", 1, Some(width));
        snapshot(&format!("explain-unauthorized-{width}.txt"), &text);
        snapshot(&format!("explain-refused-{width}.txt"), &explained("scan.pcap", 11, Some(width)));
        let text = explained("two-registered.pcap", 1, Some(width));
        snapshot(&format!("explain-two-registered-{width}.txt"), &text);
    }
}

#[test]
fn flows_of_every_transport_are_explained() {
    let mut text = String::new();
    for name in ["dccp.pcap", "sctp.pcap", "udplite.pcap", "same-port.pcap", "multicast.pcap"] {
        text = format!("{text}{}\n", explained(name, 1, Some(100)));
    }
    snapshot("explain-transports.txt", &text);
}

#[test]
fn every_flow_of_every_sample_is_explained_without_a_fault() {
    for capture in crate::support::sample_captures() {
        let capture = capture.to_str().expect("UTF-8");
        for protocols in ["ports", "all"] {
            let count = |arguments: &[&str]| {
                let (_, out, _) = run(arguments);
                out.lines().count().saturating_sub(1)
            };
            let flows = count(&["flows", capture, "-q", "-f", "csv", "--protocols", protocols]);
            for flow in [1, flows].into_iter().filter(|&flow| flow > 0) {
                let flow = flow.to_string();
                let ask = ["explain", capture, "--flow", &flow, "-q", "--protocols", protocols];
                let (status, out, said) = run(&ask);
                assert_eq!((status, said.as_str()), (0, ""), "{capture} {flow}");
                assert!(out.starts_with(&format!("Flow {flow} of {flows}: ")), "{capture} {out}");
                assert!(out.contains("A registration does not make traffic legitimate"), "{capture}");
            }
        }
    }
}

#[test]
fn a_flow_is_found_by_its_number_its_community_id_and_its_ends() {
    let capture = "samples/scan.pcap";
    let (status, by_number, _) = run(&["explain", capture, "--flow", "9"]);
    assert_eq!(status, 0);
    let (_, flows, _) = run(&["flows", capture, "-q", "-f", "json"]);
    let flows: Json = serde_json::from_str(&flows).expect("JSON");
    let row = &flows["rows"][8];
    let id = row["community_id"].as_str().expect("an ID");
    assert_eq!(run(&["explain", capture, "--community-id", id]).1, by_number);
    let server = format!("{}:{}", row["server_address"].as_str().expect("an address"), row["server_port"]);
    assert_eq!(run(&["explain", capture, &server]).1, by_number);
    // Of several the first, and the numbers of the others.
    let client = format!("{}:{}", row["client_address"].as_str().expect("an address"), row["client_port"]);
    let (status, out, _) = run(&["explain", capture, &client]);
    assert_eq!(status, 0);
    assert!(out.starts_with("Flow 1 of 19: "), "{out}");
    let others = "\n  What was asked for fits other flows, too: 2, 3, 4, 5, 6, 7, 8, 9, 11 (--flow N).\n";
    assert!(out.contains(others), "{out}");
}

#[test]
fn json_has_the_row_of_flows_and_everything_beside_it() {
    let capture = "samples/unauthorized-use.pcap";
    let (status, out, _) = run(&["explain", capture, "--flow", "1", "-f", "json"]);
    let explained: Json = serde_json::from_str(&out).expect("JSON");
    assert_eq!(status, 0);
    let (_, flows, _) = run(&["flows", capture, "-q", "-f", "json"]);
    let flows: Json = serde_json::from_str(&flows).expect("JSON");
    assert_eq!(explained["flow"], flows["rows"][0]);
    let keys: Vec<&str> = explained.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "program",
            "registry",
            "captures",
            "packets_read",
            "uncounted",
            "wild_times",
            "hints",
            "uncounted_without_ports",
            "copies",
            "flows",
            "other_flows",
            "flow",
            "evidence",
            "ports",
            "flag_reasons",
            "first_packets",
            "words",
            "note",
        ]
    );
    let ports: Vec<(u64, &str)> = explained["ports"]
        .as_array()
        .expect("ports")
        .iter()
        .map(|row| (row["port"].as_u64().expect("a port"), row["transport"].as_str().expect("a transport")))
        .collect();
    let four = |port| ["tcp", "udp", "sctp", "dccp"].map(|transport| (port, transport));
    assert_eq!(ports, [four(44515), four(49228)].concat());
    let (_, looked_up, _) = run(&["lookup", "44515/tcp", "-f", "json"]);
    let looked_up: Json = serde_json::from_str(&looked_up).expect("JSON");
    assert_eq!(explained["ports"][0], looked_up["rows"][0]);
    let decides: Vec<&Json> = (explained["evidence"].as_array().expect("evidence").iter())
        .filter(|one| one["decides"] == true)
        .collect();
    assert_eq!(decides.len(), 1);
    assert_eq!(decides[0]["basis"], "handshake");
    assert_eq!(decides[0]["server"], serde_json::json!({ "address": "198.51.100.20", "port": 44515 }));
    let (_, schema, _) = run(&["schema", "explain"]);
    let schema: Json = serde_json::from_str(&schema).expect("JSON");
    assert!(schema["properties"].as_object().expect("properties").keys().eq(keys));
    // The first packets are those of `packets`.
    let (_, packets, _) = run(&["packets", capture, "-q", "-f", "json"]);
    let packets: Json = serde_json::from_str(&packets).expect("JSON");
    let of_flow: Vec<(&Json, &Json)> = (packets["rows"].as_array().expect("rows").iter())
        .filter(|row| row["flow"] == 1)
        .map(|row| (&row["frame"], &row["to_server"]))
        .take(12)
        .collect();
    let first: Vec<(&Json, &Json)> = (explained["first_packets"].as_array().expect("packets").iter())
        .map(|row| (&row["frame"], &row["to_server"]))
        .collect();
    assert_eq!(first, of_flow);
    let signals: Vec<String> = (explained["first_packets"].as_array().expect("packets").iter().take(4))
        .map(|row| row["signal"].to_string())
        .collect();
    assert_eq!(signals, [r#"["SYN"]"#, r#"["SYN","ACK"]"#, r#"["ACK"]"#, r#"["PSH","ACK"]"#]);
}

#[test]
fn a_pipe_and_several_captures_are_explained_as_a_file_is() {
    let whole = std::fs::read(sample("scan.pcap")).expect("a capture");
    let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(["explain", "-", "--flow", "9", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(&whole).expect("written");
    let output = child.wait_with_output().expect("an end");
    let (_, of_file, _) = run(&["explain", "samples/scan.pcap", "--flow", "9", "-q"]);
    assert_eq!(stdout(&output), of_file.replace("samples/scan.pcap", "-"));
    // Behind another capture it has a higher number and the same packets.
    let two = ["samples/dns.pcapng", "samples/scan.pcap"];
    let (_, flows, _) = run(&["flows", two[0], two[1], "--keep-order", "-q", "-f", "csv"]);
    let number = flows.lines().count() - 1 - 19 + 9;
    let number = number.to_string();
    let (status, of_two, _) = run(&["explain", two[0], two[1], "--keep-order", "--flow", &number, "-q"]);
    assert_eq!(status, 0);
    let packets = |text: &str| {
        let (_, rest) = text.split_once("First packets\n").expect("packets");
        rest.split_once("\n\n").expect("their end").0.to_owned()
    };
    assert_eq!(packets(&of_two), packets(&of_file));
}

#[test]
fn what_is_not_there_is_told_with_what_is_nearest() {
    for (arguments, expected) in [
        (
            &["samples/scan.pcap", "--flow", "99"][..],
            "flow 99 does not exist: there are 19 flows, numbers 1 to 19; the nearest is 19",
        ),
        (
            &["samples/scan.pcap", "192.0.2.10:1"],
            "no flow has the end 192.0.2.10:1: there are 19 flows, numbers 1 to 19; the first with 192.0.2.10: 1, 2, 3, 4, 5",
        ),
        (
            &["samples/scan.pcap", "192.0.2.99:44515"],
            "no flow has the end 192.0.2.99:44515: there are 19 flows, numbers 1 to 19; the first with port 44515: 8",
        ),
        (
            &["samples/scan.pcap", "192.0.2.99:1"],
            "no flow has the end 192.0.2.99:1, its address or its port: there are 19 flows, numbers 1 to 19",
        ),
        (
            &["samples/scan.pcap", "--community-id", "1:x"],
            "no flow has the Community ID 1:x: there are 19 flows, numbers 1 to 19; `flows` has the IDs in `community_id`",
        ),
        (&["flag", "on-way"], "no flag is called `on-way`; the nearest is one-way"),
        (&["flag", "registered"], "no flag is called `registered`; there is a status of that name"),
        (
            &["flag", "wholly-other"],
            "no flag is called `wholly-other`; `portscribe explain flag` lists them all",
        ),
        (&["one-wya"], "no word in results is called `one-wya`; the nearest is one-way"),
    ] {
        let (status, out, said) = run(&[&["explain"], arguments, &["-q"]].concat());
        assert_eq!((status, out.as_str(), said), (1, "", format!("portscribe: {expected}\n")));
    }
    for (arguments, expected) in [
        (
            &["samples/scan.pcap"][..],
            "which flow? Name it behind the captures: the number that `flows` has, a Community ID, or ADDRESS:PORT",
        ),
        (&["flga", "one-way"], "no kind of words is called `flga`, and no file; the nearest kind is flag"),
        (
            &["samples/scan.pcap", "nothing"],
            "nothing is neither a file, nor a flow: its number, its Community ID or an address with a port, such as 192.0.2.7:443 or [2001:db8::7]:443",
        ),
        (
            &["192.0.2.10:80"],
            "192.0.2.10:80 is an end of flows; name the captures before it: portscribe explain CAPTURE 192.0.2.10:80",
        ),
        (
            &["samples/scan.pcap", "--flow", "1", "-f", "csv"],
            "an explanation of a flow is text (--format table) or --format json; `flows` has its row in the other formats",
        ),
    ] {
        let (status, out, said) = run(&[&["explain"], arguments].concat());
        assert_eq!((status, out.as_str(), said), (2, "", format!("portscribe: error: {expected}\n")));
    }
}

#[test]
fn every_word_that_results_hold_is_explained() {
    let (status, out, said) = run(&["explain", "flag", "one-way"]);
    assert_eq!((status, said.as_str()), (0, ""));
    snapshot("explain-one-way.txt", &out);
    // All words of all kinds, in one place.
    let mut all = String::new();
    for kind in WordKind::ALL {
        let (status, out, said) = run(&["explain", kind.name(), "-f", "csv"]);
        assert_eq!(status, 0);
        assert!(said.contains("A registration does not make traffic legitimate"), "{said}");
        let rows = out.lines().skip(1).collect::<Vec<_>>();
        assert!(!rows.is_empty(), "{kind}");
        all = format!("{all}{}\n", rows.join("\n"));
    }
    snapshot("explain-words.csv", &all);
    for entry in glossary::entries() {
        let (status, out, _) = run(&["explain", entry.kind.name(), entry.word, "-q"]);
        assert_eq!(status, 0);
        assert!(
            out.starts_with(&format!("{} {}\n  {}\n", entry.kind, entry.word, entry.sentences())),
            "{out}"
        );
        // Whatever its kind, unless it is the name of one.
        if entry.word.parse::<WordKind>().is_ok() {
            continue;
        }
        let (status, out, _) = run(&["explain", entry.word, "-q"]);
        assert_eq!(status, 0);
        assert!(out.contains(&entry.sentences()), "{out}");
    }
    let (_, help, _) = run(&["explain", "--help"]);
    let (_, kinds) = help.split_once("Kinds of words:\n").expect("the kinds");
    for kind in WordKind::ALL {
        let words = kinds.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
        assert!(words.into_iter().any(|word| word == kind.name()), "{kind}");
    }
    // A finding by its number.
    assert_eq!(run(&["explain", "finding", "FR118"]), run(&["explain", "finding", "scan-like"]));
}

#[test]
fn the_option_of_a_word_selects_its_flows() {
    for entry in glossary::entries() {
        let Some(option) = Entry::option(&entry) else { continue };
        let words: Vec<&str> = option.split(' ').collect();
        let (status, _, said) = run(&[&["flows", "samples/scan.pcap", "-q"][..], &words].concat());
        assert_eq!((status, said.as_str()), (0, ""), "{option}");
    }
}
