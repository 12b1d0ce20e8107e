//! How the program ends, and what it says of it.

use std::convert::Infallible;
use std::fmt;
use std::io;

use crate::foreign::Lines;
use crate::traffic::TooManyFlows;

/// Why the program ends with another status than 0.
#[derive(Debug)]
pub(super) enum Failure {
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
    pub(super) fn failed(what: impl fmt::Display) -> Failure {
        Failure::Failed(what.to_string())
    }
}

impl From<TooManyFlows> for Failure {
    fn from(error: TooManyFlows) -> Failure {
        Failure::failed(format_args!(
            "{error}, which this command holds in memory, some 600 bytes each: allow more of them \
             (--flows-in-memory), or read less at a time"
        ))
    }
}

impl From<Infallible> for Failure {
    fn from(never: Infallible) -> Failure {
        match never {}
    }
}

impl From<io::Error> for Failure {
    /// Only writing the result gives bare errors; everything else says what it is about.
    fn from(error: io::Error) -> Failure {
        if let Some(&error) = error.get_ref().and_then(|error| error.downcast_ref::<TooManyFlows>()) {
            return error.into();
        }
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::BrokenPipe
        } else {
            Failure::Failed(format!("the result cannot be written: {error}"))
        }
    }
}

/// A message, followed by its causes.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    message
}

/// Writes a line to standard error. If nobody reads it there is nobody to tell.
pub(super) fn say(line: fmt::Arguments) {
    let _ = Lines::new(io::stderr().lock()).line(format_args!("portscribe: {line}"));
}

/// The end of a command that was asked to look for something: says why the status is 1, if it is; of captures that
/// could not be read to their ends it is 3.
pub(super) fn end(reasons: &[String], is_whole: bool) -> Result<(), Failure> {
    for reason in reasons {
        say(format_args!("status 1: {reason}"));
    }
    match (reasons.is_empty(), is_whole) {
        (true, true) => Ok(()),
        (true, false) => Err(Failure::Incomplete),
        (false, true) => Err(Failure::Something),
        (false, false) => {
            say(format_args!("and not all captures could be read to their ends, which alone is status 3"));
            Err(Failure::Something)
        }
    }
}
