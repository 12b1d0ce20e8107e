//! Flows handed out as they end, so that only those alive are in memory.

use std::io;
use std::ops::ControlFlow;

use super::{Analysis, LabelledFlow, Part, place};
use crate::capture::{CaptureReader, Error, Timestamp};
use crate::flow::{Endpoints, Flow};
use crate::label::Labeller;
use crate::registry::Registry;

/// Nanoseconds of the capture's time after which it is asked again which flows have ended.
const EVERY: i64 = 10_000_000_000;
/// How many flows there are before it is asked for their number alone.
const FEW: usize = 65_536;

/// Flows that have ended, each with its capture and the number of its first frame there.
pub type Ended<'i> = dyn Iterator<Item = (LabelledFlow<'i>, (&'i str, u64))> + 'i;

/// When it is asked which flows have ended.
struct Rhythm {
    /// Time of the capture at which it was asked.
    asked_at: Option<i64>,
    /// The earliest time since then. Flows end by this one: a single packet with a time far ahead
    /// ends none.
    earliest: i64,
    /// How many flows there must be for it to be asked before its time.
    many: usize,
}

impl Rhythm {
    /// Whether it is time to ask, at a packet of this time with so many flows there.
    #[inline]
    fn is_due(&mut self, time: Option<Timestamp>, flows: usize) -> bool {
        let Some(time) = time.map(Timestamp::nanoseconds) else { return false };
        self.earliest = self.earliest.min(time);
        let asked_at = *self.asked_at.get_or_insert(time);
        time.saturating_sub(asked_at) >= EVERY || flows >= self.many
    }
}

/// Hands out the flows of captures as they end.
pub struct Ending<'r, F> {
    analysis: Analysis,
    registry: &'r Registry,
    rhythm: Rhythm,
    ended: F,
}

impl<'r, F: FnMut(&mut Ended) -> io::Result<()>> Ending<'r, F> {
    /// `ended` is given flows that have ended: those that were idle for their time-out first. They
    /// are labelled by what is known at that time, from the flows that are alive with them.
    pub fn new(analysis: Analysis, registry: &'r Registry, ended: F) -> Ending<'r, F> {
        let rhythm = Rhythm { asked_at: None, earliest: i64::MAX, many: FEW };
        Ending { analysis, registry, rhythm, ended }
    }

    /// Reads a capture to its end, or until the flows that end cannot be taken: the outer error.
    ///
    /// # Errors
    ///
    /// What `ended` returned; inside, as for [`Analysis::read_file`].
    pub fn read(
        &mut self,
        mut capture: CaptureReader,
        watch: impl FnMut(u64, u64),
    ) -> io::Result<Result<(), Error>> {
        let settings = self.analysis.settings.clone();
        let packets_before = self.analysis.table.counters().read();
        let name = capture.name().to_owned();
        let mut taken = Ok(());
        let part = Part::fold_by(&mut capture, &settings, self, watch, |ending, packet, layers| {
            ending.analysis.table.fold(packet, layers);
            if ending.rhythm.is_due(packet.time, ending.analysis.table.len()) {
                taken = ending.sweep((&name, packets_before), packet.time);
            }
            if taken.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        taken?;
        Ok(self.analysis.finish_capture(&capture, packets_before, part))
    }

    /// Hands out what is left. The traffic has no flows any more; its captures and counters are
    /// there.
    ///
    /// # Errors
    ///
    /// What `ended` returned.
    pub fn finish(mut self) -> io::Result<super::Traffic> {
        self.analysis.table.forget_fragments();
        self.take(None, i64::MAX)?;
        Ok(self.analysis.finish())
    }

    /// Hands out the flows that have ended while a capture is read: its name, and the number of its
    /// first packet.
    #[cold]
    fn sweep(&mut self, capture: (&str, u64), time: Option<Timestamp>) -> io::Result<()> {
        let now = self.rhythm.earliest;
        self.analysis.table.forget_fragments_before(now);
        self.take(Some(capture), now)?;
        self.rhythm = Rhythm {
            asked_at: time.map(Timestamp::nanoseconds),
            earliest: i64::MAX,
            many: (2 * self.analysis.table.len()).max(FEW),
        };
        Ok(())
    }

    /// Hands out the flows that have ended by `now`; `capture` is the one being read.
    fn take(&mut self, capture: Option<(&str, u64)>, now: i64) -> io::Result<()> {
        let Analysis { table, settings, captures, .. } = &mut self.analysis;
        let end_of = |flow: &Flow| flow.ends_at(&settings.flow).unwrap_or(i64::MAX);
        if !table.flows().any(|flow| end_of(flow) <= now) {
            return Ok(());
        }
        let endpoints = Endpoints::of(table, &settings.ephemeral);
        let labeller = Labeller::new(self.registry, endpoints, settings.ephemeral.clone());
        let can_be_taken = table.can_be_taken();
        let mut ended = Vec::new();
        table.take_out(|number, flow| {
            let end = end_of(flow);
            let has_ended = end <= now && can_be_taken(flow);
            if has_ended {
                ended.push((end, number, *flow));
            }
            has_ended
        });
        ended.sort_unstable_by_key(|&(end, number, _)| (end, number));
        let contexts = table.contexts();
        let mut rows = ended.iter().map(|(_, number, flow)| {
            let row = LabelledFlow::new(number + 1, *flow, labeller.label(flow), contexts);
            let first = flow.first_packet();
            let place = match capture {
                Some((name, packets_before)) if first >= packets_before => (name, first - packets_before + 1),
                _ => place(captures, first),
            };
            (row, place)
        });
        (self.ended)(&mut rows)
    }
}
