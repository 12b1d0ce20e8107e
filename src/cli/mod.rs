//! The command line: definitions, one file a command, and the only place that prints.

mod advice;
mod again;
mod annotate;
mod anonymizing;
mod args;
mod arranging;
mod columns_page;
mod config;
mod diff;
mod explain;
mod failure;
mod file_name;
mod flow_page;
mod flows;
mod generate;
mod help_text;
mod hostile;
mod input;
mod lookup;
#[cfg(feature = "tables")]
mod merge;
mod naming;
mod output;
mod packets;
mod pager;
#[cfg(feature = "tables")]
mod partial;
mod partitions;
mod progress;
mod registry;
mod registry_choice;
mod report;
mod result_file;
mod review;
mod sandbox;
mod settings;
mod short_help;
mod signals;
mod sql;
mod stdin;
mod summary;
mod timing;
mod where_page;
mod whole_help;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser as _};

use crate::foreign;
use args::{Args, Command};
pub use config::configured;
use failure::{Failure, say, with_causes};

/// Runs the program with the arguments of this process.
pub fn run() -> ExitCode {
    // Another program reads the rest of the line.
    if std::env::args_os().nth(1).is_some_and(|command| command == "sql") {
        return ended(sql::hand_over(std::env::args_os().skip(2)));
    }
    if asks_for_all_of_the_version() {
        let in_force = sandbox::give_up(None);
        let printed = writeln!(io::stdout(), "portscribe {}\nsandbox: {in_force}", env!("CARGO_PKG_VERSION"));
        return ended(printed.map_err(Failure::from));
    }
    // Help is laid out for the terminal; nothing else needs that.
    let asks_for =
        |words: &[&str]| std::env::args_os().any(|argument| words.iter().any(|word| argument == *word));
    let program = if asks_for(&["-h"]) {
        short_help::command()
    } else if asks_for(&["--help", "help"]) {
        whole_help::command()
    } else {
        Args::command()
    };
    let (arguments, settings) = match config::completed(std::env::args_os().collect()) {
        Ok(completed) => completed,
        Err(failure) => return ended(Err(failure)),
    };
    let parsed = program.try_get_matches_from(arguments).and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => {
            // What was typed is right, and what the configuration file adds is not.
            if let Some(file) = settings.filter(|_| Args::try_parse().is_ok()) {
                let text = error.to_string();
                let line = text.lines().next().unwrap_or_default();
                return ended(Err(Failure::Usage(format!("{file}: {}", line.trim_start_matches("error: ")))));
            }
            let error = advice::add(with_arguments_shown(error));
            // Help and version go to standard output with status 0, faults to standard error
            // with 2.
            let printed = error.print().and_then(|()| io::stdout().flush());
            if let (false, Err(error)) = (error.use_stderr(), printed) {
                return ended(Err(Failure::from(error)));
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if args.command.reads_captures() {
        signals::catch(sandbox::open_nothing);
    }
    let done = match &args.command {
        Command::Flows(command) => flows::run(command),
        #[cfg(feature = "tables")]
        Command::Merge(command) => merge::run(command),
        #[cfg(not(feature = "tables"))]
        Command::Merge(_) => Err(Failure::Usage(crate::report::Format::Arrow.not_built_in())),
        Command::Packets(command) => packets::run(command),
        Command::Summary(command) => summary::run(command),
        Command::Explain(command) => explain::run(command),
        Command::Diff(command) => diff::run(command),
        Command::Sql { arguments } => sql::hand_over(arguments.iter().cloned()),
        Command::Report(command) => report::run(command),
        Command::Annotate(command) => annotate::run(command),
        Command::Review(command) => review::run(command),
        Command::Hostile(command) => hostile::run(command),
        Command::Lookup(command) => lookup::run(command),
        Command::Registry(command) => registry::run(command),
        Command::Schema { result, ndjson } => generate::schema(*result, *ndjson),
        Command::Where => where_page::print(),
        Command::Columns => columns_page::print(),
        Command::Config => config::print(),
        Command::Completions { shell } => generate::completions(*shell),
        Command::Man { command, out } => generate::man(command, out.as_deref()),
    };
    ended(done)
}

/// Whether the arguments are `--version --verbose`.
fn asks_for_all_of_the_version() -> bool {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    arguments.sort_unstable();
    match arguments.as_slice() {
        [one, other] => {
            let is = |text: &OsString, names: [&str; 2]| names.iter().any(|name| text == *name);
            let version = ["--version", "-V"];
            let verbose = ["--verbose", "-v"];
            is(one, version) && is(other, verbose) || is(one, verbose) && is(other, version)
        }
        _ => false,
    }
}

/// What is wrong with the command line, told of arguments that can be shown: clap repeats them as they are.
fn with_arguments_shown(error: clap::Error) -> clap::Error {
    let mut is_shown = true;
    let shown: Vec<OsString> = std::env::args_os()
        .map(|argument| {
            let text = argument.to_string_lossy();
            let safe = foreign::line(&text);
            is_shown &= text == safe;
            safe.into_owned().into()
        })
        .collect();
    if is_shown {
        return error;
    }
    match Args::try_parse_from(shown) {
        Err(error) => error,
        // Only the very characters were wrong.
        Ok(_) => Args::command().error(error.kind(), "an argument holds characters that cannot be shown"),
    }
}

/// The status to end with. What failed is said.
fn ended(done: Result<(), Failure>) -> ExitCode {
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
