//! Packets. Where nothing of their flows is asked for, they are told of as they are read: then reading ends with the last
//! row that is needed. Else captures are read twice, since a flow's server may be known only at its end.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use portscribe::report::packets;
use portscribe::traffic::{
    Come, FoldAtMost, LabelledHeader, LabelledPackets, PacketsError, Reading, Selection, TellHeaders,
};

use super::{Ended, Source, Span, TakeRows};
use crate::captures::Capture;
use crate::failure::Failure;

/// Hands on the headers of all packets, in the order of the captures and of the packets in them. Those of captures may be
/// left out of whose times `may_be_asked_for` says that no row is needed.
pub(crate) fn packets(
    source: &Source,
    rows: &mut impl TakeRows,
    may_be_asked_for: impl Fn(Span) -> bool,
    stop: &Arc<AtomicBool>,
) -> Result<(), Ended> {
    let is_of_flows = |column: &usize| packets::OF_FLOWS.contains(&packets::COLUMNS[*column].name);
    if rows.wanted().iter().any(is_of_flows) {
        with_flows(source, rows, stop)
    } else {
        as_they_come(source, rows, may_be_asked_for, stop)
    }
}

fn row(rows: &mut impl TakeRows, one: LabelledHeader<'_, '_>) -> Result<(), Ended> {
    let columns = packets::each();
    rows.row(&mut |column| columns[column](one))
}

fn as_they_come(
    source: &Source,
    rows: &mut impl TakeRows,
    may_be_asked_for: impl Fn(Span) -> bool,
    stop: &Arc<AtomicBool>,
) -> Result<(), Ended> {
    let mut settings = source.settings.read.clone();
    // Headers are asked for, and nothing that payload shows.
    settings.flow.payload = false;
    // Nothing that is told of a packet depends on those of other captures.
    let is_needed = |capture: &&Capture| match source.times.of(capture, &settings) {
        Some(extent) => extent.is_some_and(&may_be_asked_for),
        None => true,
    };
    let needed: Vec<Capture> = source.captures.iter().filter(is_needed).cloned().collect();
    let extent = Cell::new(None);
    let sink = TellHeaders::new(&source.registry, Selection::default(), |come| match come {
        Come::Header(one) => {
            extent.set(Some(Span::with(extent.get(), one.packet.time)));
            row(rows, one).map_err(io::Error::other)
        }
        Come::Pause => Ok(()),
    })
    .at_most(source.settings.flows_in_memory());
    let mut reading = Reading::with_sink(settings.clone(), sink);
    source.each(&needed, stop, |one, opened| {
        let mut capture = opened.inspect_err(|error| reading.note_unopened(error))?;
        capture.read_ahead();
        extent.set(None);
        reading.read(capture, |_| {})?;
        // It was read to its end, and is whole.
        source.times.keep(one, &settings, extent.get());
        Ok(())
    })?;
    source.tell(reading.finish().log());
    Ok(())
}

fn with_flows(source: &Source, rows: &mut impl TakeRows, stop: &Arc<AtomicBool>) -> Result<(), Ended> {
    let sink = FoldAtMost::new(source.settings.flows_in_memory());
    let mut reading = Reading::with_sink(source.settings.read.clone(), sink);
    let threads = source.settings.threads();
    source.each(&source.captures, stop, |_, opened| {
        let capture = opened.inspect_err(|error| reading.note_unopened(error))?;
        reading.read_on(capture, threads, |_| {})
    })?;
    let traffic = reading.finish();
    source.tell(traffic.log());
    let labelled = traffic.label(&source.registry);
    let mut pass = LabelledPackets::new(&labelled, Selection::default());
    // Those that could not be opened were told.
    let unopened = |name: &str| traffic.log().unopened().iter().any(|one| one.name == name);
    for one in source.captures.iter().filter(|one| !unopened(&one.name())) {
        let mut capture = one.open(stop).map_err(|error| {
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

#[cfg(test)]
mod tests {
    use portscribe::registry::Registry;
    use portscribe::report::Value;

    use super::*;
    use crate::failure::Told;
    use crate::settings::Settings;

    /// Counts rows by the time of which their values would be.
    struct Count(u64);

    impl TakeRows for Count {
        fn wanted(&self) -> &[usize] {
            &[]
        }

        fn row<'v>(&mut self, _: &mut dyn FnMut(usize) -> Value<'v>) -> Result<(), Ended> {
            self.0 += 1;
            Ok(())
        }
    }

    #[test]
    fn captures_without_the_times_that_are_asked_for_are_read_once() {
        let sample = |name: &str| {
            Capture::File(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name))
        };
        let source = Source {
            captures: vec![sample("http.pcap"), sample("scan.pcap")],
            settings: Settings::default(),
            registry: Arc::new(Registry::bundled()),
            told: Arc::new(Told::new(true)),
            times: Arc::default(),
        };
        let count = |may_be: &dyn Fn(Span) -> bool| {
            let mut rows = Count(0);
            packets(&source, &mut rows, may_be, &Arc::default()).expect("packets");
            rows.0
        };
        // Nothing is known before the first reading.
        assert_eq!(count(&|_| false), 62 + 39);
        assert_eq!(count(&|_| true), 62 + 39);
        let middle = "2026-11-22T05:12:20Z".parse().expect("a time");
        assert_eq!(count(&|span| span.times.is_some_and(|(first, _)| first > middle)), 39);
        assert_eq!(count(&|_| false), 0);
    }
}
