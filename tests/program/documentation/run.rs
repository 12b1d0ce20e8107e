//! Runs a command line of the documentation.

use std::path::Path;
use std::process::{Command, Stdio};

use super::ground::Ground;
use crate::support::{has_program, skipped};

/// How wide terminals of examples are.
const COLUMNS: u16 = 90;

/// What became of a command line.
pub enum Outcome {
    /// It needs a program that is not here, or is of another version than its output in the page.
    Skipped,
    /// It ended.
    Ended {
        /// The exit status.
        status: Option<i32>,
        /// What it printed.
        stdout: String,
        /// What it said beside that.
        stderr: String,
    },
}

/// Programs whose outputs are of a version: how it is asked for, and what the answer has in it.
const VERSIONS: &[(&str, &[&str], &str)] = &[
    ("tshark", &["--version"], "TShark (Wireshark) 4.0."),
    ("nfdump", &["-V"], "1.7.1"),
    ("nfpcapd", &["-V"], "1.7.1"),
    ("argus", &["-h"], "3.0.8.2"),
    ("ra", &["-h"], "3.0.8.2"),
];

/// Runs a command line in a folder, on a terminal or into a pipe.
pub fn run(line: &str, ground: &mut Ground, on_terminal: bool) -> Outcome {
    if !programs(line).into_iter().all(|name| has_program(name) && is_of_its_version(name)) {
        return Outcome::Skipped;
    }
    let mut command = shell(line, &ground.folder);
    if on_terminal {
        return run_on_terminal(command);
    }
    let output = command.output().expect("a shell");
    Outcome::Ended {
        status: output.status.code(),
        stdout: crate::support::stdout(&output).replace('\r', ""),
        stderr: crate::support::stderr(&output),
    }
}

#[cfg(target_os = "linux")]
fn run_on_terminal(mut command: Command) -> Outcome {
    use std::io::Read;

    let terminal = crate::support::terminal::Terminal::of(COLUMNS, 500);
    // What is said of progress is not part of what is shown.
    command.stdout(terminal.handle()).stderr(Stdio::piped());
    let (mut child, stdout) = terminal.run(command);
    let mut stderr = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("UTF-8");
    Outcome::Ended { status: child.wait().expect("it ends").code(), stdout, stderr }
}

#[cfg(not(target_os = "linux"))]
fn run_on_terminal(_: Command) -> Outcome {
    Outcome::Skipped
}

/// A shell with this command line and nothing of the settings of whoever runs the tests.
pub fn shell(line: &str, folder: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_portscribe")).parent().expect("a folder");
    let path = std::env::var("PATH").expect("a path");
    let mut command = Command::new("sh");
    command
        .args(["-c", line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("PATH", format!("{}:{path}", program.display()))
        .env("PORTSCRIBE_CONFIG", "")
        .env("PORTSCRIBE_PAGER", "")
        .env("XDG_DATA_HOME", folder.join("no-data"))
        .env("HOME", folder)
        .env("NO_COLOR", "1")
        .env("TZ", "UTC");
    command
}

/// The programs that a command line starts, but for the shell's own and ours.
pub fn programs(line: &str) -> Vec<&str> {
    const NONE: [&str; 8] = ["portscribe", "umask", "cd", "for", "do", "done", "set", "echo"];
    let mut programs = Vec::new();
    let (mut quote, mut start, mut before) = (None, 0, ' ');
    let mut parts = Vec::new();
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (None, '#') if before == ' ' => {
                parts.push(&line[start..at]);
                start = line.len();
                break;
            }
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '&') if before == '>' => {}
            (None, '|' | ';' | '&' | '(' | ')') => {
                parts.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        before = letter;
    }
    parts.push(&line[start..]);
    for part in parts {
        let mut words = part.split_whitespace().filter(|word| !word.contains('='));
        let name =
            words.next().filter(|name| !NONE.contains(name) && !name.starts_with(|c| "<>#$\\".contains(c)));
        programs.extend(name);
    }
    programs
}

fn is_of_its_version(name: &str) -> bool {
    let Some((_, asked, version)) = VERSIONS.iter().find(|(one, ..)| *one == name) else { return true };
    let answer = Command::new(name).args(*asked).output().expect("it runs");
    let answer = [answer.stdout, answer.stderr].concat();
    let is_of_it = String::from_utf8_lossy(&answer).contains(version);
    if !is_of_it {
        skipped(&format!("{name} is not of the version whose output the documentation shows, {version}"));
    }
    is_of_it
}

#[test]
fn the_programs_of_a_command_line_are_found() {
    let found = programs(
        "(umask 077; head -c 3 /dev/x >key) | portscribe flows - --where 'a | b' 2>&1 && LC_ALL=C jq .x # c; d",
    );
    assert_eq!(found, ["head", "jq"]);
}
