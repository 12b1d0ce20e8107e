//! Signals end what is read, and what was read is reported.
#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::annotate::wait_until_taken;
use crate::support::packet::pcap;
use crate::support::{sample, skipped, stderr, stdout};
use portscribe::capture::{CaptureReader, Fault};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::{Pid, Signal, kill_process};

const MOMENT: Duration = Duration::from_millis(5);

fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, stdin: Stdio) -> Child {
    Command::new(env!("CARGO_BIN_EXE_portscribe"))
        .args(arguments)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("it runs");
}

/// The mask of signals in a field of `/proc/PID/status`.
fn mask(process: &str, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a field").to_owned();
    u64::from_str_radix(line.trim(), 16).expect("a mask")
}

/// Whether this process ignores a signal, and so does what it starts: `nohup` does that, and shells do for
/// what they run in the background.
fn is_ignored(signal: Signal) -> bool {
    let is_ignored = mask("self", "SigIgn:") & 1 << (signal.as_raw() - 1) != 0;
    if is_ignored {
        skipped(&format!("signal {} is ignored here", signal.as_raw()));
    }
    is_ignored
}

/// Gives a capture to the program and sends it a signal, while the pipe stays open.
fn interrupted(arguments: &[&OsStr], capture: &[u8], signals: &[Signal]) -> Output {
    let mut child = start(arguments, Stdio::piped());
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(capture).expect("it reads");
    wait_until_taken(&pipe);
    for &one in signals {
        signal(&child, one);
    }
    let output = child.wait_with_output().expect("it ends");
    drop(pipe);
    output
}

const FLOWS: [&str; 5] = ["flows", "-", "-q", "-f", "csv"];

#[test]
fn a_signal_ends_a_pipe_and_what_came_is_reported() {
    let whole = fs::File::open(sample("http.pcap")).expect("a sample");
    let whole = start(FLOWS, whole.into()).wait_with_output().expect("it ends");
    assert_eq!((whole.status.code(), stderr(&whole).as_str()), (Some(0), ""));
    let capture = fs::read(sample("http.pcap")).expect("a sample");
    let told = format!(
        "portscribe: -: reading failed at byte {}, after 67 packets: interrupted; what came before is reported\n",
        capture.len()
    );
    for (one, status, said) in [(Signal::INT, 0, ""), (Signal::TERM, 0, ""), (Signal::HUP, 3, &told)] {
        if is_ignored(one) {
            continue;
        }
        let output = interrupted(&FLOWS.map(OsStr::new), &capture, &[one]);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(status), said), "{one:?}");
        assert_eq!(stdout(&output), stdout(&whole), "{one:?}");
    }
}

#[test]
fn a_signal_that_comes_twice_at_once_is_one() {
    let capture = fs::read(sample("http.pcap")).expect("a sample");
    // As `timeout` sends it to the program and to its group.
    let output = interrupted(&FLOWS.map(OsStr::new), &capture, &[Signal::TERM, Signal::TERM]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn every_command_ends_a_pipe_at_a_signal() {
    let capture = fs::read(sample("http.pcap")).expect("a sample");
    for command in ["packets", "summary", "flows", "annotate"] {
        for (one, status) in [(Signal::INT, 0), (Signal::TERM, 0), (Signal::HUP, 3)] {
            if is_ignored(one) {
                continue;
            }
            let folder = tempfile::tempdir().expect("a folder");
            let out = folder.path().join("out");
            // annotate keeps the pipe to read it twice.
            let arguments = [command.as_ref(), "-".as_ref(), "-q".as_ref(), "-o".as_ref(), out.as_os_str()];
            let output = interrupted(&arguments, &capture, &[one]);
            assert_eq!(output.status.code(), Some(status), "{command} {one:?}: {}", stderr(&output));
            assert!(out.exists());
            assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        }
    }
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a named pipe");
    let out = folder.path().join("out.csv");
    // Nobody ever opens the other end.
    let arguments = ["flows".as_ref(), pipe.as_os_str(), "-o".as_ref(), out.as_os_str()];
    let mut child = start(arguments, Stdio::null());
    let id = child.id().to_string();
    let bit = 1 << (Signal::TERM.as_raw() - 1);
    while mask(&id, "SigCgt:") & bit == 0 {
        std::thread::sleep(MOMENT);
    }
    let begun = Instant::now();
    // One that follows at once is the same: `timeout` sends it twice.
    signal(&child, Signal::TERM);
    while child.try_wait().expect("a status").is_none() {
        signal(&child, Signal::TERM);
        std::thread::sleep(MOMENT);
    }
    assert!(begun.elapsed() > Duration::from_millis(250));
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(143), ""));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "the pipe");
}

/// Gives a few octets at a time.
struct Few(io::Cursor<Vec<u8>>);

impl Read for Few {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(100);
        self.0.read(&mut bytes[..most])
    }
}

#[test]
fn reading_stops_when_it_is_asked_to() {
    let capture = pcap(101, &vec![vec![0x45; 60]; 100]);
    let stop = Arc::new(AtomicBool::new(false));
    let mut reader = CaptureReader::from_stream("made", Few(io::Cursor::new(capture))).expect("a capture");
    reader.stop_when(Arc::clone(&stop));
    for _ in 0..10 {
        assert!(reader.next().expect("a packet").is_some());
    }
    stop.store(true, Ordering::Relaxed);
    let mut read = 10;
    let error = loop {
        match reader.next() {
            Ok(Some(_)) => read += 1,
            Ok(None) => panic!("it did not stop"),
            Err(error) => break error,
        }
    };
    assert!(read < 100, "{read}");
    assert!(matches!(error.fault, Fault::Interrupted { packets, .. } if packets == read), "{error}");
    assert!(
        error.to_string().ends_with(&format!("after {read} packets; what came before is reported")),
        "{error}"
    );
    assert!(reader.next().expect("the end").is_none());
}
