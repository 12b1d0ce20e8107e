//! `portscribe hostile`: does what a fault in a reader could be used for, where that reader would be. For tests.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::args::Hostile;
use super::input::Sources;
use super::sandbox::{self, Open};
use super::{Failure, registry_choice};
use crate::cli::output::Output;

pub(super) fn run(command: &Hostile) -> Result<(), Failure> {
    let registry = registry_choice::registry(&command.common)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    let mut out = Output::open(&command.common, &registry)?;
    let result = command.common.output.as_deref();
    sandbox::confine(&command.reading, &Open { read: sources.files(), result, ..Open::default() });
    let captures = sources.files();
    let mut said = String::new();
    tried(&captures, "", &mut said);
    // Threads are started by then, and have the same rights.
    let in_a_thread = thread::Builder::new().spawn(move || {
        let mut said = String::new();
        tried(&captures, " in a thread", &mut said);
        said
    });
    match in_a_thread.map(thread::JoinHandle::join) {
        Ok(Ok(more)) => said.push_str(&more),
        _ => said.push_str("start a thread: refused\n"),
    }
    out.write_all(said.as_bytes())?;
    out.finish()
}

/// What came of each try.
fn tried(captures: &[PathBuf], wherever: &str, said: &mut String) {
    let mut say = |what: &str, done: io::Result<()>| {
        let came = if done.is_ok() { "done" } else { "refused" };
        // Writing to a string does not fail.
        let _ = writeln!(said, "{what}{wherever}: {came}");
    };
    for capture in captures {
        say("read a capture", fs::read(capture).map(drop));
        say("write to a capture", OpenOptions::new().append(true).open(capture).map(drop));
    }
    say("make a temporary file", tempfile::tempfile().map(drop));
    say("read /etc/passwd", fs::read("/etc/passwd").map(drop));
    say("list the root folder", fs::read_dir("/").map(drop));
    say("make a file", made(Path::new("made-by-a-hostile-reader")));
    say("listen on TCP", TcpListener::bind("127.0.0.1:0").map(drop));
    say("open a UDP socket", UdpSocket::bind("127.0.0.1:0").map(drop));
    #[cfg(unix)]
    say("open a local socket", std::os::unix::net::UnixDatagram::unbound().map(drop));
    let program = Command::new("/bin/true").stdin(Stdio::null()).stdout(Stdio::null()).status();
    say("start a program", program.map(drop));
}

fn made(path: &Path) -> io::Result<()> {
    File::create_new(path)?;
    fs::remove_file(path)
}
