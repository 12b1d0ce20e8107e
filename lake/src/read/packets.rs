//! Packets. Where nothing of their flows is asked for, they are told of as they are read: then reading ends with the last
//! row that is needed. Else captures are read twice, since a flow's server may be known only at its end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use portscribe::report::packets;
use portscribe::traffic::{
    Come, FoldAtMost, LabelledHeader, LabelledPackets, PacketsError, Reading, Selection, TellHeaders,
};

use super::{Ended, Source, TakeRows, open};
use crate::failure::Failure;

/// Hands on the headers of all packets, in the order of the captures and of the packets in them.
pub(crate) fn packets(
    source: &Source,
    rows: &mut impl TakeRows,
    stop: &Arc<AtomicBool>,
) -> Result<(), Ended> {
    let is_of_flows = |column: &usize| packets::OF_FLOWS.contains(&packets::COLUMNS[*column].name);
    if rows.wanted().iter().any(is_of_flows) {
        with_flows(source, rows, stop)
    } else {
        as_they_come(source, rows, stop)
    }
}

fn row(rows: &mut impl TakeRows, one: LabelledHeader<'_, '_>) -> Result<(), Ended> {
    let columns = packets::each();
    rows.row(&mut |column| columns[column](one))
}

fn as_they_come(source: &Source, rows: &mut impl TakeRows, stop: &Arc<AtomicBool>) -> Result<(), Ended> {
    let mut settings = source.settings.read.clone();
    // Headers are asked for, and nothing that payload shows.
    settings.flow.payload = false;
    let sink = TellHeaders::new(&source.registry, Selection::default(), |come| match come {
        Come::Header(one) => row(rows, one).map_err(io::Error::other),
        Come::Pause => Ok(()),
    })
    .at_most(source.settings.flows_in_memory());
    let mut reading = Reading::with_sink(settings, sink);
    source.each(stop, |opened| {
        let mut capture = opened.inspect_err(|error| reading.note_unopened(error))?;
        capture.read_ahead();
        reading.read(capture, |_| {})
    })?;
    source.tell(reading.finish().log());
    Ok(())
}

fn with_flows(source: &Source, rows: &mut impl TakeRows, stop: &Arc<AtomicBool>) -> Result<(), Ended> {
    let sink = FoldAtMost::new(source.settings.flows_in_memory());
    let mut reading = Reading::with_sink(source.settings.read.clone(), sink);
    let threads = source.settings.threads();
    source.each(stop, |opened| {
        let capture = opened.inspect_err(|error| reading.note_unopened(error))?;
        reading.read_on(capture, threads, |_| {})
    })?;
    let traffic = reading.finish();
    source.tell(traffic.log());
    let labelled = traffic.label(&source.registry);
    let mut pass = LabelledPackets::new(&labelled, Selection::default());
    // Those that could not be opened were told.
    let unopened = |name: &str| traffic.log().unopened().iter().any(|one| one.name == name);
    for path in source.captures.iter().filter(|path| !unopened(&path.to_string_lossy())) {
        let mut capture = open(path, stop).map_err(|error| {
            Failure::failed(format_args!("{}; it could be read before", error.with_cause()))
        })?;
        pass.capture(&mut capture, |one| row(rows, one)).map_err(changed)?;
    }
    Ok(pass.finish().map_err(Failure::failed)?)
}

fn changed(error: PacketsError<Ended>) -> Ended {
    match error {
        PacketsError::Sink(ended) => ended,
        other => Failure::failed(other).into(),
    }
}
