//! The command line: definitions, one file a command, and the only place that prints.

mod annotate;
mod args;
mod flows;
mod generate;
mod input;
mod lookup;
mod output;
mod packets;
mod registry;
mod review;
mod stdin;
mod summary;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Why the program ends with another status than 0.
#[derive(Debug)]
enum Failure {
    /// Done, and there is something to tell by the status: 1.
    Something,
    /// The command line is wrong: 2.
    Usage(String),
    /// Done, but some input was damaged: 3. What was wrong has been said.
    Incomplete,
    /// It could not be done: 4.
    Failed(String),
    /// The reader of our output went away.
    BrokenPipe,
}

impl Failure {
    fn failed(what: impl fmt::Display) -> Failure {
        Failure::Failed(what.to_string())
    }
}

impl From<io::Error> for Failure {
    /// Only writing the result gives bare errors; everything else says what it is about.
    fn from(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::BrokenPipe
        } else {
            Failure::Failed(format!("the result cannot be written: {error}"))
        }
    }
}

/// Runs the program with the arguments of this process.
pub fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to standard output with status 0, faults to standard error
            // with 2. If nobody reads them there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let done = match &args.command {
        Command::Flows(command) => flows::run(command),
        Command::Packets(command) => packets::run(command),
        Command::Summary(command) => summary::run(command),
        Command::Annotate(command) => annotate::run(command),
        Command::Review(command) => review::run(command),
        Command::Lookup(command) => lookup::run(command),
        Command::Registry(command) => registry::run(command),
        Command::Schema { result, ndjson } => generate::schema(*result, *ndjson),
        Command::Completions { shell } => generate::completions(*shell),
        Command::Man => generate::man(),
    };
    match done {
        Ok(()) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(Failure::Something) => ExitCode::from(1),
        Err(Failure::Usage(message)) => {
            say(format_args!("error: {message}"));
            ExitCode::from(2)
        }
        Err(Failure::Incomplete) => ExitCode::from(3),
        Err(Failure::Failed(message)) => {
            say(format_args!("error: {message}"));
            ExitCode::from(4)
        }
    }
}

/// A message with what it comes from behind it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    message
}

/// Writes a line to standard error. If nobody reads it there is nobody to tell.
fn say(line: fmt::Arguments) {
    let _ = writeln!(io::stderr().lock(), "portscribe: {line}");
}
