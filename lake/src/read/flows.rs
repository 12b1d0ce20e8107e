//! Flows: all packets are read before the first row, since a flow's server may be known only at its end.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use portscribe::report::flows;
use portscribe::traffic::{FoldWithin, LabelledFlow, ReadLog, Reading};

use super::{Ended, Sieve, Source, TakeRows};

/// How many flows are looked at together.
const TOGETHER: usize = 8192;

/// Hands on the flows of all captures, as one traffic, in their order; those that the sieve lets through, where there is
/// one. Only of these all values are made.
pub(crate) fn flows(
    source: &Source,
    rows: &mut impl TakeRows,
    mut sieve: Option<impl Sieve>,
    stop: &Arc<AtomicBool>,
) -> Result<(), Ended> {
    let sink = FoldWithin::new(source.settings.flows_in_memory());
    let mut reading = Reading::with_sink(source.settings.read.clone(), sink);
    let threads = source.settings.threads();
    source.each(&source.captures, stop, |_, opened| {
        let capture = opened.inspect_err(|error| reading.note_unopened(error))?;
        reading.read_on(capture, threads, |_| {})
    })?;
    let traffic = reading.finish()?;
    let log = traffic.log();
    source.tell(log);
    let labelled = traffic.label(&source.registry)?;
    let mut together = Vec::with_capacity(TOGETHER);
    for row in labelled.rows() {
        together.push(row?);
        if together.len() == TOGETHER {
            hand_on(&together, log, rows, sieve.as_mut())?;
            together.clear();
        }
    }
    hand_on(&together, log, rows, sieve.as_mut())
}

fn hand_on<'a>(
    together: &[LabelledFlow<'a>],
    log: &'a ReadLog,
    rows: &mut impl TakeRows,
    sieve: Option<&mut impl Sieve>,
) -> Result<(), Ended> {
    let columns = flows::each();
    let value =
        |row: &LabelledFlow<'a>, column: usize| columns[column](row, log.place(row.flow.first_packet()));
    let answers = match sieve {
        Some(sieve) => {
            for row in together {
                sieve.row(&mut |column| value(row, column))?;
            }
            Some(sieve.answers()?)
        }
        None => None,
    };
    for (n, row) in together.iter().enumerate() {
        if answers.as_ref().is_none_or(|answers| answers[n]) {
            rows.row(&mut |column| value(row, column))?;
        }
    }
    Ok(())
}
