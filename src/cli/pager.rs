//! A pager for results that are longer than the terminal, as git has one.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::args::Paging;
use super::{Failure, signals};

/// Names the pager, before `PAGER` does.
pub(super) const VARIABLE: &str = "PORTSCRIBE_PAGER";

/// What a shell finds no program for, and what it may not start (POSIX).
const NOT_STARTED: [Option<i32>; 2] = [Some(126), Some(127)];

/// A pager that a result is written to. It is started before rights are given up, and takes the terminal when the first
/// line comes.
pub(super) struct Pager {
    command: String,
    child: Child,
    /// `None` once all is written.
    input: Option<BufWriter<ChildStdin>>,
}

impl Pager {
    /// The pager that is asked for; `None` for none, and where none can be started.
    pub(super) fn start(paging: Paging, is_terminal: bool) -> Option<Pager> {
        let is_wanted = match paging {
            Paging::Always => true,
            Paging::Auto => is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
            Paging::Never => false,
        };
        let command = is_wanted.then(command).flatten()?;
        // Who ends a live capture with Ctrl-C wants to read what it was.
        let script = format!(
            "trap '' INT; IFS= read -r first || exit 0; {{ printf '%s\\n' \"$first\"; exec cat; }} | {command}"
        );
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).stdin(Stdio::piped());
        // Ends at once where all fits the screen (F), shows colors (R), and leaves what it showed there (X).
        let less = if paging == Paging::Always { "RX" } else { "FRX" };
        for (name, value) in [("LESS", less), ("LV", "-c")] {
            if std::env::var_os(name).is_none() {
                shell.env(name, value);
            }
        }
        let mut child = shell.spawn().ok()?;
        let input = child.stdin.take().map(|input| BufWriter::with_capacity(1 << 16, input));
        Some(Pager { command, child, input })
    }

    /// Waits until the reader has had enough.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Failure> {
        let Some(mut input) = self.input.take() else { return Ok(()) };
        // Who leaves before the end has seen enough.
        let _ = input.flush();
        drop(input);
        signals::leave_to_others();
        match self.child.wait() {
            Ok(status) if NOT_STARTED.contains(&status.code()) => Err(Failure::failed(format_args!(
                "the pager `{}` cannot be started: name another in {VARIABLE}, or use --paging never",
                self.command
            ))),
            _ => Ok(()),
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        if let Err(Failure::Failed(message)) = self.end() {
            super::say(format_args!("error: {message}"));
        }
    }
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.as_mut().map_or(Ok(bytes.len()), |input| input.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// The command that a shell runs; `None` where it is said that there is to be none.
fn command() -> Option<String> {
    let said = [VARIABLE, "PAGER"].into_iter().find_map(std::env::var_os);
    match said.map(OsString::into_string) {
        Some(Ok(command)) if matches!(command.trim(), "" | "cat") => None,
        Some(command) => command.ok(),
        None => {
            let paths = std::env::var_os("PATH")?;
            std::env::split_paths(&paths)
                .any(|folder| folder.join("less").is_file())
                .then(|| "less".to_owned())
        }
    }
}
