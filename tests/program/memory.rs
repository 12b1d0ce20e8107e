//! Memory that inputs made on purpose can take.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::packet::pcap;
use crate::support::{has_program, rows, stderr};

/// Runs the program with so many MB of memory and no more.
fn run_within(megabytes: u32, arguments: &[&str], folder: &Path) -> Output {
    Command::new("sh")
        .args(["-c", &format!("ulimit -v {} && exec \"$0\" \"$@\"", megabytes * 1024)])
        .arg(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

/// Three packets of 128 MiB, the longest there may be, in some 400 KB.
#[test]
fn huge_packets_in_a_small_file_take_no_more_than_the_longest() {
    const LONGEST: usize = 128 * 1024 * 1024;
    if !has_program("sh") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // Each member of the file is a packet.
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    for number in [1_767_225_600_u32, 0, LONGEST as u32, LONGEST as u32] {
        member.write_all(&number.to_le_bytes()).expect("memory");
    }
    for _ in 0..LONGEST / 1024 {
        member.write_all(&[0; 1024]).expect("memory");
    }
    let member = member.finish().expect("memory");
    let mut head = GzEncoder::new(Vec::new(), Compression::fast());
    // Only a packet behind another may be as long.
    head.write_all(&pcap(101, &[vec![0x45; 60]])).expect("memory");
    let mut file = File::create(folder.path().join("huge.pcap.gz")).expect("a file");
    file.write_all(&head.finish().expect("memory")).expect("written");
    for _ in 0..3 {
        file.write_all(&member).expect("written");
    }
    // The program itself, and what threads reserve for their stacks and heaps, count as memory here.
    for (threads, megabytes) in [("1", 600), ("2", 900)] {
        let arguments = ["summary", "-f", "json", "--threads", threads, "huge.pcap.gz"];
        let output = run_within(megabytes, &arguments, folder.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let result: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(result["packets_read"], 4, "{result}");
    }
}

/// A million packets of one flow, each in a tunnel of its own: two of the tunnels are shown.
#[test]
fn tunnels_that_no_flow_shows_take_no_memory() {
    if !has_program("sh") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let inner = crate::support::packet::ipv4(portscribe::Transport::Udp, 1, 5000, 2, 53, 0, 0, 0);
    let mut gtp = Vec::new();
    let mut file = pcap(101, &[]);
    for teid in 0..1_000_000_u32 {
        gtp.clear();
        gtp.extend([0x08, 0x68, 0x08, 0x68]);
        gtp.extend((16 + inner.len() as u16).to_be_bytes());
        gtp.extend([0, 0, 0x30, 0xff]);
        gtp.extend((inner.len() as u16).to_be_bytes());
        gtp.extend(teid.to_be_bytes());
        gtp.extend(&inner);
        let packet = crate::support::packet::ip([192, 0, 2, 3].into(), [192, 0, 2, 4].into(), 17, &gtp);
        for number in [1_767_225_600, teid / 10, packet.len() as u32, packet.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    fs::write(folder.path().join("tunnels.pcap"), file).expect("a file");
    let arguments = ["flows", "-q", "-f", "csv", "--threads", "1", "tunnels.pcap"];
    let output = run_within(400, &arguments, folder.path());
    let rows = rows(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(rows.len(), 1);
    assert_eq!(
        [&rows[0]["tunnel"], &rows[0]["packets_to_server"], &rows[0]["packets_to_client"]],
        ["gtp:0", "1000000", "0"]
    );
}

/// What needs all flows holds no more of them than it may: results without some of them would be wrong.
#[test]
fn what_holds_all_flows_fails_where_there_are_more_than_it_may_hold() {
    const CAPTURE: &str = "samples/scan.pcap";
    let folder = tempfile::tempdir().expect("a folder");
    let [capture, out] = ["out.pcapng", "out"].map(|name| folder.path().join(name).display().to_string());
    let commands: [(&[&str], u32); 7] = [
        (&["packets", CAPTURE], 19),
        (&["packets", "-", "-f", "csv"], 19),
        (&["annotate", CAPTURE, "-o", &capture], 19),
        (&["annotate", "-", "-o", "-"], 19),
        (&["explain", CAPTURE, "--flow", "1"], 19),
        (&["diff", CAPTURE, CAPTURE], 19),
        // A firewall has rules for protocols without ports, too.
        (&["review", CAPTURE, "--out", &out], 25),
    ];
    for (command, flows) in commands {
        let run = |most: u32| {
            Command::new(env!("CARGO_BIN_EXE_portscribe"))
                .args([command, &["--flows-in-memory", &most.to_string()]].concat())
                .env("PORTSCRIBE_CONFIG", "")
                .stdin(File::open(CAPTURE).expect("a sample"))
                .output()
                .expect("the program runs")
        };
        let output = run(flows - 1);
        let error = format!(
            "portscribe: error: more than {} flows, which this command holds in memory, some 600 bytes each: allow \
             more of them (--flows-in-memory), or read less at a time",
            flows - 1
        );
        assert_eq!(
            (output.status.code(), stderr(&output).lines().last()),
            (Some(4), Some(error.as_str())),
            "{command:?}"
        );
        let output = run(flows);
        assert_eq!(output.status.code(), Some(0), "{command:?}: {}", stderr(&output));
    }
}
