//! Captures that are made meanwhile: what is known is written before they end.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::support::made::Made;
use crate::support::{has_program, sample};

/// Longer than anything takes that works.
const DEADLINE: Duration = Duration::from_mins(2);

/// The program with a pipe that stays open, and the lines that it writes.
struct Live {
    child: Child,
    pipe: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Live {
    fn start(arguments: &[&str]) -> Live {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args(arguments)
            .env("PORTSCRIBE_CONFIG", "")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let pipe = child.stdin.take();
        let out = child.stdout.take().expect("a pipe");
        let (to, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if to.send(line).is_err() {
                    return;
                }
            }
        });
        Live { child, pipe, lines }
    }

    fn write(&mut self, bytes: &[u8]) {
        let pipe = self.pipe.as_mut().expect("open");
        pipe.write_all(bytes).expect("it reads");
        pipe.flush().expect("it reads");
    }

    /// The next line, while the pipe is open.
    fn line(&self) -> String {
        assert!(self.pipe.is_some());
        self.lines.recv_timeout(DEADLINE).expect("a line before the capture ends")
    }

    /// The lines that follow when the pipe is closed.
    fn end(mut self) -> Vec<String> {
        self.pipe = None;
        let rest = self.lines.iter().collect();
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0));
        rest
    }
}

const ENDING: [&str; 6] = ["flows", "-", "-q", "--order", "end", "--columns"];

#[test]
fn closed_connections_end_while_the_pipe_is_open_and_silent() {
    let mut live = Live::start(&[&ENDING[..], &["state,server_port", "-f", "csv"]].concat());
    live.write(&std::fs::read(sample("http.pcap")).expect("a sample"));
    assert_eq!(live.line(), "state,server_port");
    for _ in 0..4 {
        assert_eq!(live.line(), "SF,80");
    }
    assert!(live.end().iter().all(|line| line.ends_with(",80")));
}

#[test]
fn idle_flows_end_by_the_time_that_passes() {
    let mut made = Made::default();
    made.exchange(1_769_860_800, ("192.0.2.10", 40_053), ("198.51.100.53", 53));
    made.exchange(1_769_860_800, ("192.0.2.10", 40_054), ("198.51.100.53", 53));
    let mut live =
        Live::start(&[&ENDING[..], &["client_port,state", "-f", "ndjson", "--idle-timeout", "2"]].concat());
    live.write(&made.capture());
    let mut ended = [live.line(), live.line()];
    ended.sort();
    assert_eq!(ended, [40_053, 40_054].map(|port| format!("{{\"client_port\":{port},\"state\":\"SF\"}}")));
    // What comes now is another flow.
    let before = made.capture().len();
    made.exchange(1_769_860_804, ("192.0.2.10", 40_055), ("198.51.100.53", 53));
    live.write(&made.capture()[before..]);
    assert_eq!(live.line(), "{\"client_port\":40055,\"state\":\"SF\"}");
    assert_eq!(live.end(), [""; 0]);
}

#[test]
fn packets_are_written_as_they_come() {
    let mut made = Made::default();
    made.exchange(1_769_860_800, ("192.0.2.10", 40_053), ("198.51.100.53", 53));
    let mut live =
        Live::start(&["packets", "-", "-q", "-f", "csv", "--columns", "frame,flow,to_server,service"]);
    live.write(&made.capture());
    assert_eq!(
        [live.line(), live.line(), live.line()],
        ["frame,flow,to_server,service", "1,1,true,domain", "2,1,false,domain"]
    );
    let before = made.capture().len();
    made.connection(1_769_860_801, ("192.0.2.10", 40_443), ("198.51.100.20", 443));
    live.write(&made.capture()[before..]);
    let lines = [live.line(), live.line(), live.line(), live.line()];
    assert_eq!(lines, ["3,2,true,https", "4,2,false,https", "5,2,true,https", "6,2,false,https"]);
    assert_eq!(live.end(), [""; 0]);
}

#[test]
fn packets_of_a_pipe_are_selected_and_counted_as_those_of_a_file() {
    if !has_program("cat") {
        return;
    }
    let of = |stdin: Stdio| {
        let arguments = ["packets", "-", "-f", "csv", "--server", "198.51.100.20", "--head", "5"];
        let output = Command::new(env!("CARGO_BIN_EXE_portscribe"))
            .args(arguments)
            .env("PORTSCRIBE_CONFIG", "")
            .stdin(stdin)
            .output()
            .expect("the program runs");
        (output.status.code(), output.stdout, String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let file = || std::fs::File::open(sample("http.pcap")).expect("a sample");
    let mut cat = Command::new("cat").stdin(file()).stdout(Stdio::piped()).spawn().expect("cat runs");
    let piped = of(cat.stdout.take().expect("a pipe").into());
    cat.wait().expect("it ends");
    assert_eq!(piped, of(file().into()));
    assert_eq!(String::from_utf8_lossy(&piped.1).lines().count(), 6);
    assert!(piped.2.contains("The first 5 of 42 headers of the result are shown."), "{}", piped.2);
}

#[test]
fn with_one_thread_too() {
    let mut made = Made::default();
    made.exchange(1_769_860_800, ("192.0.2.10", 40_053), ("198.51.100.53", 53));
    let mut live = Live::start(
        &[&ENDING[..], &["client_port", "-f", "ndjson", "--idle-timeout", "1", "--threads", "1"]].concat(),
    );
    live.write(&made.capture());
    assert_eq!(live.line(), "{\"client_port\":40053}");
    assert_eq!(live.end(), [""; 0]);
}
