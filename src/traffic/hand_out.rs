//! Flows handed out as they end, so that only those alive are in memory.

use std::io;
use std::time::Duration;

use super::host_names::NamesOfFlows;
use super::{LabelledFlow, Place, ReadLog, Sink, SoFar, Traffic};
use crate::capture::{Packet, Timestamp, nanoseconds};
use crate::flow::{Flow, FlowTable, Folded, HandedOut};
use crate::label::Labeller;
use crate::registry::Registry;

/// Nanoseconds of the capture's time after which it is asked again which flows have ended.
const EVERY: i64 = 10_000_000_000;
/// How long after the last packet of a closed connection it has ended: what was still on its way, or was sent again, has
/// come then.
const LINGER: i64 = 5_000_000_000;
/// How often it is asked which flows of a live stream have ended.
const SECOND: Duration = Duration::from_secs(1);
/// How many flows there are before it is asked for their number alone.
const FEW: usize = 65_536;

/// Flows that have ended, each with the place of its first packet.
pub type Ended<'i> = dyn Iterator<Item = (LabelledFlow<'i>, Place<'i>)> + 'i;

/// When it is asked which flows have ended.
struct Rhythm {
    /// Time of the capture at which it was asked.
    asked_at: Option<i64>,
    /// The earliest time since then. Flows end by this one: a single packet with a time far ahead
    /// ends none.
    earliest: i64,
    /// How many flows there must be for it to be asked before its time.
    many: usize,
    /// How long a stream was waited for since.
    waited: Duration,
}

impl Rhythm {
    /// Whether it is time to ask, at a packet of this time, with this number of flows in memory.
    #[inline]
    fn is_due(&mut self, time: Option<Timestamp>, flows: usize) -> bool {
        let Some(time) = time.map(Timestamp::nanoseconds) else { return false };
        self.earliest = self.earliest.min(time);
        let asked_at = *self.asked_at.get_or_insert(time);
        time.saturating_sub(asked_at) >= EVERY || flows >= self.many
    }
}

/// Hands out flows as they end, and keeps the others in memory.
///
/// Flows come in batches: those that have ended since the last batch, in the order of the times at
/// which they ended. They are labelled by what is known at that time, from the flows that are in
/// memory with them. The last batch holds the flows that go on when the reading finishes. The
/// traffic that the reading ends in has no flows; its captures and counters are there.
pub struct HandOutEnded<'r, F> {
    registry: &'r Registry,
    rhythm: Rhythm,
    /// Time of the latest packet of a live stream, and how long none has come since.
    latest: Option<Timestamp>,
    silent: Duration,
    is_live: bool,
    ended: F,
}

impl<'r, F: FnMut(&mut Ended) -> io::Result<()>> HandOutEnded<'r, F> {
    /// A sink that calls `ended` with each batch of flows; an error of `ended` ends the reading.
    pub fn new(registry: &'r Registry, ended: F) -> HandOutEnded<'r, F> {
        let rhythm = Rhythm { asked_at: None, earliest: i64::MAX, many: FEW, waited: Duration::ZERO };
        HandOutEnded { registry, rhythm, latest: None, silent: Duration::ZERO, is_live: false, ended }
    }

    /// Has flows of a stream that is captured meanwhile end by the time that passes, and closed ones a few seconds after.
    /// The stream has to be [read ahead](crate::capture::CaptureReader::read_ahead).
    #[must_use]
    pub fn live(self, is_live: bool) -> HandOutEnded<'r, F> {
        HandOutEnded { is_live, ..self }
    }

    /// Hands out the flows that have ended by `now` while a capture is read.
    #[cold]
    fn sweep(&mut self, so_far: &mut SoFar<'_>, now: i64, time: Option<Timestamp>) -> io::Result<()> {
        so_far.table.forget_fragments_before(now);
        self.take(so_far, now)?;
        self.rhythm = Rhythm {
            asked_at: time.map(Timestamp::nanoseconds),
            earliest: i64::MAX,
            many: (2 * so_far.table.len()).max(FEW),
            waited: Duration::ZERO,
        };
        Ok(())
    }

    /// Hands out the flows that have ended by `now`.
    fn take(&mut self, so_far: &mut SoFar<'_>, now: i64) -> io::Result<()> {
        let settings = so_far.settings;
        let timeouts = settings.flow.timeouts();
        let is_live = self.is_live;
        let end_of = |flow: &Flow| match flow.ends_at(timeouts) {
            Some(end) if is_live && flow.is_closed() => end.min(flow.latest().saturating_add(LINGER)),
            Some(end) => end,
            None => i64::MAX,
        };
        if !so_far.table.flows().any(|flow| end_of(flow) <= now) {
            return Ok(());
        }
        let labeller = Labeller::new(self.registry, so_far.table, settings.ephemeral.clone());
        let can_be_taken = so_far.table.can_be_taken();
        let servers = so_far.table.servers();
        let mut ended = so_far.table.hand_out(|flow| end_of(flow) <= now && can_be_taken(flow));
        ended.sort_unstable_by_key(|one| (end_of(&one.flow), one.number));
        let all = &*so_far;
        let contexts = all.table.contexts();
        let names = NamesOfFlows::new(all.table, settings.hosts.as_deref(), servers);
        let mut rows = ended.iter().map(|HandedOut { number, connection, flow }| {
            let row = LabelledFlow::new(number + 1, *flow, labeller.label(flow), contexts)
                .of_connection(connection + 1)
                .named(names.as_ref());
            (row, all.place(flow.first_packet()))
        });
        (self.ended)(&mut rows)?;
        drop(rows);
        so_far.table.forget_names_of_left();
        Ok(())
    }
}

impl<F: FnMut(&mut Ended) -> io::Result<()>> Sink for HandOutEnded<'_, F> {
    type Error = io::Error;
    type Output = io::Result<Traffic>;

    #[inline]
    fn packet(&mut self, packet: &Packet, _: &[Folded], so_far: &mut SoFar<'_>) -> io::Result<()> {
        if self.rhythm.is_due(packet.believed_time(), so_far.table.len()) {
            self.sweep(so_far, self.rhythm.earliest, packet.believed_time())?;
        }
        if self.is_live {
            self.latest = packet.believed_time().or(self.latest);
            self.silent = Duration::ZERO;
        }
        Ok(())
    }

    const WANTS_WAITS: bool = true;

    fn waited(&mut self, waited: Duration, so_far: &mut SoFar<'_>) -> io::Result<()> {
        self.rhythm.waited += waited;
        self.silent += waited;
        let Some(latest) = self.latest.filter(|_| self.is_live && self.rhythm.waited >= SECOND) else {
            return Ok(());
        };
        // Where packets came meanwhile they say what time it is.
        let now = match self.rhythm.earliest {
            i64::MAX => latest.nanoseconds().saturating_add(nanoseconds(self.silent)),
            earliest => earliest,
        };
        self.sweep(so_far, now, self.latest)
    }

    /// # Errors
    ///
    /// What the function for ended flows returned.
    fn finish(mut self, mut table: FlowTable, log: ReadLog) -> io::Result<Traffic> {
        table.forget_fragments();
        let mut so_far = SoFar {
            table: &mut table,
            settings: log.settings(),
            captures: log.captures(),
            capture: "",
            frames_before: u64::MAX,
        };
        self.take(&mut so_far, i64::MAX)?;
        Ok(Traffic::new(table, log))
    }
}
