//! How the program ends, and what it says of it: as portscribe itself does.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use portscribe::Foreign;

/// Why the program ends with another status than 0.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line or the SQL is wrong: 2.
    #[error("{0}")]
    Usage(String),
    /// It could not be done: 4.
    #[error("{0}")]
    Failed(String),
    /// The reader of our output went away: 0.
    #[error("nobody reads the result")]
    BrokenPipe,
}

impl Failure {
    pub(crate) fn failed(what: impl fmt::Display) -> Failure {
        Failure::Failed(what.to_string())
    }

    /// A fault in writing the result.
    pub(crate) fn of_result(error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::BrokenPipe
        } else {
            Failure::Failed(format!("the result cannot be written: {error}"))
        }
    }
}

/// The status to end with. What failed is said.
pub(crate) fn ended(done: Result<(), Failure>, told: &Told) -> ExitCode {
    match done {
        Ok(()) | Err(Failure::BrokenPipe) if told.is_incomplete() => ExitCode::from(3),
        Ok(()) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::from(if matches!(failure, Failure::Usage(_)) { 2 } else { 4 })
        }
    }
}

/// Writes lines to standard error, as they can be shown on a terminal. If nobody reads them there is nobody to tell.
pub(crate) fn say(text: &str) {
    let mut out = io::stderr().lock();
    for (n, line) in text.lines().enumerate() {
        let before = if n == 0 { "portscribe: " } else { "  " };
        let _ = writeln!(out, "{before}{}", Foreign::new(line.trim()).line());
    }
}

/// What was told of captures.
#[derive(Debug, Default)]
pub(crate) struct Told {
    is_quiet: bool,
    /// What this statement has said: its tables may read a capture several times.
    said: Mutex<HashSet<String>>,
    is_incomplete: AtomicBool,
}

impl Told {
    /// Nothing yet. Where it is `quiet`, faults alone are told.
    pub(crate) fn new(is_quiet: bool) -> Told {
        Told { is_quiet, ..Told::default() }
    }

    /// Tells what is wrong with a capture: the result is not complete.
    pub(crate) fn fault(&self, text: &str) {
        self.is_incomplete.store(true, Ordering::Relaxed);
        self.once(text);
    }

    /// Tells what there is to know beside the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_quiet {
            self.once(text);
        }
    }

    fn once(&self, text: &str) {
        if self.said.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned()) {
            say(text);
        }
    }

    /// Another statement begins.
    pub(crate) fn begin(&self) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether the tables of any statement were not complete.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.is_incomplete.load(Ordering::Relaxed)
    }
}
