//! `portscribe sql`: SQL is another program's, which takes longer to build than all of this one.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use super::Failure;

/// The other program.
const PROGRAM: &str = "portscribe-lake";

/// Becomes the other program, which gets the arguments. It is looked for beside this one, then in `PATH`. Nothing is given
/// up before that: it opens what it is asked to.
pub(super) fn hand_over(arguments: impl Iterator<Item = OsString>) -> Result<(), Failure> {
    let mut command = Command::new(beside().unwrap_or_else(|| PROGRAM.into()));
    command.arg("sql").args(arguments);
    let error = become_it(&mut command);
    Err(if error.kind() == io::ErrorKind::NotFound {
        Failure::Usage(format!(
            "SQL needs {PROGRAM}, which is neither beside this program nor in PATH: `cargo install --path lake` in the \
             folder of portscribe's sources builds and installs it"
        ))
    } else {
        Failure::failed(format_args!("{}: cannot be run: {error}", command.get_program().display()))
    })
}

fn beside() -> Option<PathBuf> {
    let program = env::current_exe().ok()?.with_file_name(format!("{PROGRAM}{}", env::consts::EXE_SUFFIX));
    program.is_file().then_some(program)
}

/// Why this process could not become the other program.
#[cfg(unix)]
fn become_it(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Where no process becomes another, this one ends as the other ended.
#[cfg(not(unix))]
fn become_it(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(4)),
        Err(error) => error,
    }
}
