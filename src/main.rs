//! The `portscribe` program: parse the command line, run the command, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    portscribe::cli::run()
}
