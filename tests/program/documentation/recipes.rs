//! Command lines that capture packets, in a network of their own.
//!
//! What the documentation calls `eth0` is the loopback interface there, and `gateway` a machine that sshd lets in:
//! the same one. A client, 192.0.2.10, asks a web server on 198.51.100.20:8080 once something captures.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use super::ground::Ground;
use super::page::{Mark, Page};
use super::{pages, read, run};
use crate::support::{has_program, skipped};

/// Longer than anything takes that works.
const DEADLINE: Duration = Duration::from_mins(1);

/// What makes the network, and traffic once something captures.
const NETWORK: &str = r#"
set -e
ip link set lo down
ip link set lo name eth0
ip link set eth0 up
ip address add 192.0.2.10/32 dev eth0
ip address add 198.51.100.20/32 dev eth0
(
  until [ "$(wc -l </proc/net/packet)" -gt 1 ]; do sleep 0.1; done
  sleep 0.3
  exec python3 -c '
import socket, time
listening = socket.create_server(("198.51.100.20", 8080))
while True:
    client = socket.create_connection(("198.51.100.20", 8080), source_address=("192.0.2.10", 0))
    server, _ = listening.accept()
    client.sendall(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
    server.recv(100)
    server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    client.recv(100)
    client.close()
    server.recv(100)
    server.close()
    time.sleep(0.2)
'
) &
"#;

/// What lets a client in as `gateway`, and nobody else.
const GATEWAY: &str = r#"
mount -t tmpfs tmpfs /run
mkdir /run/sshd
ssh-keygen -q -t ed25519 -N '' -f /run/key
cat >/run/sshd_config <<END
ListenAddress 198.51.100.20
HostKey /run/key
AuthorizedKeysFile /run/key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
END
$(command -v sshd) -f /run/sshd_config
cat >/run/ssh_config <<END
Host gateway
  HostName 198.51.100.20
  BindAddress 192.0.2.10
  IdentityFile /run/key
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
END
ssh() { command ssh -F /run/ssh_config "$@"; }
"#;

/// A command in namespaces of its own, which end with it.
fn apart() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command
}

/// The first lines that a command line prints where there is traffic.
fn first_lines(line: &str, most: usize, ground: &Ground) -> Vec<String> {
    let gateway = if line.contains("ssh ") { GATEWAY } else { "" };
    let mut command = apart();
    let shell = run::shell(&format!("{NETWORK}{gateway}{line}"), &ground.folder);
    command.arg(shell.get_program()).args(shell.get_args()).current_dir(&ground.folder);
    let variables = shell.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let mut child =
        command.envs(variables).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("unshare runs");
    let out = child.stdout.take().expect("a pipe");
    let (to, from) = channel();
    thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    let lines = (0..most).map_while(|_| from.recv_timeout(DEADLINE).ok()).collect();
    child.kill().expect("it is ended");
    child.wait().expect("it ends");
    lines
}

#[test]
fn recipes_that_capture_packets_print_what_the_page_shows() {
    if !["unshare", "ip", "mount", "python3", "sh"].into_iter().all(has_program) {
        return;
    }
    let is_allowed = apart().args(["ip", "link", "set", "lo", "up"]).output();
    if !is_allowed.is_ok_and(|output| output.status.success()) {
        return skipped("networks of a test's own are not allowed here");
    }
    for path in pages() {
        let text = read(&path);
        let page = Page::of(&text);
        for block in page.blocks().filter(|block| block.mark == Some(Mark::InNamespace)) {
            let ground = Ground::of(&path, "recipes");
            for step in &block.steps {
                let Some(line) = &step.command else { continue };
                let needs = run::programs(line);
                let other_end = needs.contains(&"ssh").then_some("sshd");
                if !needs.iter().copied().chain(other_end).all(has_program) {
                    continue;
                }
                let place = format!("{}: {line}", path.display());
                let shown: Vec<&str> = step.output.iter().copied().filter(|line| *line != "…").collect();
                let lines = first_lines(line, shown.len().max(1), &ground);
                assert!(!lines.is_empty(), "{place}: nothing came");
                if block.is_console() {
                    assert_eq!(lines, shown, "{place}");
                }
            }
        }
    }
}
