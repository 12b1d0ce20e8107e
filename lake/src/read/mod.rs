//! Captures become rows, with no more of them read and made than is asked for.

mod flows;
mod packets;
mod times;

pub(crate) use flows::flows;
pub(crate) use packets::packets;
pub(crate) use times::{Span, Times};

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portscribe::capture::{self, CaptureReader};
use portscribe::registry::Registry;
use portscribe::report::{self, Value};
use portscribe::traffic::{ReadError, ReadLog, TooManyFlows};

use crate::captures::{Capture, nothing_read};
use crate::failure::{Failure, Told};
use crate::settings::Settings;

/// What a table is made of.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) captures: Vec<Capture>,
    pub(crate) settings: Settings,
    pub(crate) registry: Arc<Registry>,
    pub(crate) told: Arc<Told>,
    /// What earlier queries have come to know.
    pub(crate) times: Arc<Times>,
}

/// Takes rows.
pub(crate) trait TakeRows {
    /// The places of the columns whose values are needed.
    fn wanted(&self) -> &[usize];

    /// Takes a row; `value_of` gives the value of a column.
    fn row<'v>(&mut self, value_of: &mut dyn FnMut(usize) -> Value<'v>) -> Result<(), Ended>;
}

/// Says which rows are asked for, by the values of some columns.
pub(crate) trait Sieve {
    /// Adds a row.
    fn row<'v>(&mut self, value_of: &mut dyn FnMut(usize) -> Value<'v>) -> Result<(), Ended>;

    /// Which of the rows since the last call are asked for.
    fn answers(&mut self) -> Result<Vec<bool>, Ended>;
}

/// Why no more rows come before the last.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    /// Nobody needs more.
    #[error("no more rows are asked for")]
    Stopped,
    /// It cannot be done.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Who takes the rows says so.
    #[error(transparent)]
    Taker(Box<dyn Error + Send + Sync>),
}

impl From<io::Error> for Ended {
    /// What a sink returned; other faults are those of temporary files.
    fn from(error: io::Error) -> Ended {
        if let Some(&error) = error.get_ref().and_then(|inner| inner.downcast_ref::<TooManyFlows>()) {
            return error.into();
        }
        match error.downcast::<Ended>() {
            Ok(ended) => ended,
            Err(error) => Ended::Failed(Failure::failed(format_args!(
                "flows are missing, since a temporary file in {} could not be used: {error}",
                std::env::temp_dir().display()
            ))),
        }
    }
}

impl From<TooManyFlows> for Ended {
    fn from(error: TooManyFlows) -> Ended {
        Ended::Failed(Failure::failed(format_args!(
            "{error}, which packets need in memory, some 600 bytes each: allow more of them \
             (SET portscribe.flows_in_memory), or read less at a time"
        )))
    }
}

impl From<Infallible> for Ended {
    fn from(never: Infallible) -> Ended {
        match never {}
    }
}

impl Source {
    /// Opens each of these captures and hands it on. One that cannot be read is told, and passed over; when none can be, that is
    /// a failure.
    fn each<E: Into<Ended>>(
        &self,
        captures: &[Capture],
        stop: &Arc<AtomicBool>,
        mut read: impl FnMut(&Capture, Result<CaptureReader, capture::Error>) -> Result<(), ReadError<E>>,
    ) -> Result<(), Ended> {
        // Where others were read before, these may be unusable.
        let mut is_usable = captures.len() < self.captures.len();
        for one in captures {
            match read(one, one.open(stop)) {
                _ if stop.load(Ordering::Relaxed) => return Err(Ended::Stopped),
                Ok(()) => is_usable = true,
                Err(ReadError::Sink(error)) => return Err(error.into()),
                Err(ReadError::Capture(error)) => {
                    is_usable |= !error.is_unusable();
                    self.told.fault(&error.with_cause());
                }
            }
        }
        if is_usable { Ok(()) } else { Err(nothing_read(self.captures.len()).into()) }
    }

    /// Tells what was not counted, or with reservations.
    fn tell(&self, log: &ReadLog) {
        for line in report::reservations(log) {
            self.told.note(&line);
        }
    }
}
