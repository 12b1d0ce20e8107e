//! Captures being read into flows.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::copies::Copies;
use super::{CaptureSummary, CopyChoice, Fold, Listening, ReadLog, ReadSettings, Sink, SoFar, Unopened};
use crate::capture::{CaptureReader, Error, Fault, Gaps, NO_TIME, Packet, Resolved, Timestamp, Undescribed};
use crate::decode::{Decoder, Layers, MAX_HEADERS};
use crate::evidence::NameSource;
use crate::flow::{FlowTable, Folded, HostNames};

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the capture that were read, before decompression.
    pub bytes: u64,
    /// Packets of the capture that were read.
    pub packets: u64,
}

/// Why a capture could not be read to its end.
#[derive(Debug)]
pub enum ReadError<E> {
    /// The capture cannot be opened, is damaged or cut short.
    Capture(Error),
    /// The sink takes no more packets.
    Sink(E),
}

impl<E> From<Error> for ReadError<E> {
    fn from(error: Error) -> ReadError<E> {
        ReadError::Capture(error)
    }
}

/// A sink that cannot fail leaves the capture's faults.
impl From<ReadError<Infallible>> for Error {
    fn from(error: ReadError<Infallible>) -> Error {
        match error {
            ReadError::Capture(error) => error,
            ReadError::Sink(never) => match never {},
        }
    }
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Capture(error) => error.fmt(f),
            ReadError::Sink(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for ReadError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Capture(error) => error.source(),
            ReadError::Sink(error) => error.source(),
        }
    }
}

/// Reads captures, one after another, into the flows of one traffic.
pub struct Reading<S = Fold> {
    pub(super) settings: ReadSettings,
    pub(super) table: FlowTable,
    pub(super) captures: Vec<CaptureSummary>,
    pub(super) unopened: Vec<Unopened>,
    pub(super) sink: S,
}

impl Reading {
    /// Keeps all flows in memory.
    pub fn new(settings: ReadSettings) -> Reading {
        Reading::with_sink(settings, Fold)
    }
}

impl<S: Sink> Reading<S> {
    /// Hands every packet to `sink` after folding it.
    pub fn with_sink(settings: ReadSettings, sink: S) -> Reading<S> {
        let table = FlowTable::new(settings.flow.clone());
        Reading { settings, table, captures: Vec::new(), unopened: Vec::new(), sink }
    }

    /// Reads a capture file to its end.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, is not a capture, is damaged or cut short. What came before
    /// the fault is counted, and the capture's summary keeps the message. When the sink takes no
    /// more packets.
    pub fn read_file(&mut self, path: impl AsRef<Path>) -> Result<(), ReadError<S::Error>> {
        let capture = CaptureReader::open(path).inspect_err(|error| self.note_unopened(error))?;
        self.read(capture, |_| {})
    }

    /// Notes a capture that could not be opened, so that the log tells of it.
    pub fn note_unopened(&mut self, error: &Error) {
        self.unopened.push(Unopened { name: error.capture.clone(), fault: error.with_cause() });
    }

    /// Reads a capture to its end. `watch` is called after each 65,536 packets.
    ///
    /// # Errors
    ///
    /// As for [`Reading::read_file`].
    pub fn read(
        &mut self,
        mut capture: CaptureReader,
        watch: impl FnMut(Progress),
    ) -> Result<(), ReadError<S::Error>> {
        let before = Before::of(&self.table);
        let name = capture.name().to_owned();
        let folded = Vec::with_capacity(if S::WANTS_FLOWS { MAX_HEADERS } else { 0 });
        let so_far = SoFar {
            table: &mut self.table,
            settings: &self.settings,
            captures: &self.captures,
            capture: &name,
            frames_before: before.frames,
        };
        let mut into = IntoSink { sink: &mut self.sink, so_far, folded };
        let copies = Copies::new(&self.settings);
        let part =
            Part::fold_by(&mut capture, &self.settings, copies, watch, &mut into).map_err(ReadError::Sink)?;
        self.table.pass_frames(part.frames_behind);
        Ok(self.finish_capture(&capture, before, part)?)
    }

    /// Notes a capture that was read.
    pub(super) fn finish_capture(
        &mut self,
        capture: &CaptureReader,
        before: Before,
        mut part: Part,
    ) -> Result<(), Error> {
        for (address, name) in std::mem::take(&mut part.resolved) {
            self.table.resolve(address, &name);
        }
        let packets = before.since(&self.table).packets;
        let end = part.end_of(capture, packets);
        let mut summary = CaptureSummary {
            name: capture.name().to_owned(),
            format: capture.format(),
            compression: capture.compression(),
            frames_before: before.frames,
            packets,
            first_seen: part.first_seen,
            last_seen: part.last_seen,
            listening: part.listening,
            copies: part.copies.count(),
            same_as: None,
            overlaps: Vec::new(),
            sum: part.copies.sum(),
            sample: part.copies.take_sample(),
            digest: None,
            fault: end.as_ref().err().map(Error::with_cause),
        };
        summary.compare(&self.captures);
        self.captures.push(summary);
        end
    }

    /// Ends the reading. Nothing can be added to what it gives.
    pub fn finish(self) -> S::Output {
        let Reading { settings, table, captures, unopened, sink } = self;
        let counters = table.counters().clone();
        let has_names_left_out = table.names().is_some_and(HostNames::is_full);
        sink.finish(table, ReadLog { settings, captures, unopened, counters, has_names_left_out })
    }
}

/// What was read before something: packets, and frames as Wireshark numbers them.
#[derive(Clone, Copy)]
pub(super) struct Before {
    pub(super) packets: u64,
    pub(super) frames: u64,
}

impl Before {
    /// All that was folded into a table.
    pub(super) fn of(table: &FlowTable) -> Before {
        Before { packets: table.counters().read(), frames: table.counters().frames() }
    }

    /// What was folded into the table since.
    pub(super) fn since(self, table: &FlowTable) -> Before {
        let all = Before::of(table);
        Before { packets: all.packets - self.packets, frames: all.frames - self.frames }
    }
}

/// What becomes of each packet of a capture.
trait Each<E> {
    /// Whether it is told how long a stream is waited for.
    const WANTS_WAITS: bool = false;

    /// Takes a packet, with the number of frames that lie between the packet before and this one, and with whether it
    /// is a copy to be left out.
    fn packet(&mut self, packet: &Packet, layers: &Layers, passed: u64, is_left_out: bool) -> Result<(), E>;

    /// Takes note that nothing came for so long.
    fn waited(&mut self, _: Duration) -> Result<(), E> {
        Ok(())
    }
}

impl<E, F: FnMut(&Packet, &Layers, u64, bool) -> Result<(), E>> Each<E> for F {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called once for each packet")]
    fn packet(&mut self, packet: &Packet, layers: &Layers, passed: u64, is_left_out: bool) -> Result<(), E> {
        self(packet, layers, passed, is_left_out)
    }
}

/// Folds packets into flows, and hands them to a sink.
struct IntoSink<'a, S> {
    sink: &'a mut S,
    so_far: SoFar<'a>,
    folded: Vec<Folded>,
}

impl<S: Sink> Each<S::Error> for IntoSink<'_, S> {
    const WANTS_WAITS: bool = S::WANTS_WAITS;

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "called once for each packet")]
    fn packet(
        &mut self,
        packet: &Packet,
        layers: &Layers,
        passed: u64,
        is_left_out: bool,
    ) -> Result<(), S::Error> {
        let IntoSink { sink, so_far, folded } = self;
        if passed > 0 {
            so_far.table.pass_frames(passed);
        }
        if is_left_out {
            folded.clear();
            so_far.table.leave_out_copy();
        } else if S::WANTS_FLOWS {
            folded.clear();
            so_far.table.fold_and_tell(packet, layers, |one| folded.push(one));
        } else {
            so_far.table.fold(packet, layers);
        }
        sink.packet(packet, folded, so_far)
    }

    fn waited(&mut self, waited: Duration) -> Result<(), S::Error> {
        self.sink.waited(waited, &mut self.so_far)
    }
}

/// How long a stream is waited for at a time.
const WAIT: Duration = Duration::from_millis(250);

/// What there is to say of a capture, or of a part of one, after it was folded.
pub(super) struct Part {
    pub(super) first_seen: Option<Timestamp>,
    pub(super) last_seen: Option<Timestamp>,
    pub(super) listening: Listening,
    pub(super) copies: Copies,
    /// What was passed over. It ends no part: later ones follow.
    pub(super) gaps: Gaps,
    /// Packets of interfaces that are not described. They end no part, either.
    pub(super) undescribed: Option<Undescribed>,
    pub(super) end: Result<(), Fault>,
    /// The names that the capture gives addresses, where they are asked for.
    pub(super) resolved: Vec<Resolved>,
    /// Frames behind the last packet.
    frames_behind: u64,
}

impl Part {
    /// Adds what there is to say of the part that follows what was read `earlier`.
    pub(super) fn append(&mut self, later: Part, earlier: Before) {
        self.first_seen = self.first_seen.or(later.first_seen);
        self.last_seen = self.last_seen.max(later.last_seen);
        self.listening.merge(&later.listening);
        self.copies.merge(&later.copies);
        let undescribed = later.undescribed.map(|later| later.after(earlier.frames));
        self.undescribed = match (self.undescribed, undescribed) {
            (Some(before), Some(later)) => Some(before.and(later)),
            (before, later) => before.or(later),
        };
        self.gaps.merge(later.gaps, earlier.packets);
        self.resolved.extend(later.resolved);
        self.end = later.end.map_err(|fault| fault.after(earlier.packets));
    }

    /// Folds every packet of `capture` into `table`, copies among them. `watch` is called after each 65,536 packets.
    pub(super) fn fold(
        capture: &mut CaptureReader,
        settings: &ReadSettings,
        table: &mut FlowTable,
        watch: impl FnMut(Progress),
    ) -> Part {
        let copies = Copies::following(settings);
        let mut fold = |packet: &Packet, layers: &Layers, passed, _| {
            if passed > 0 {
                table.pass_frames(passed);
            }
            table.fold(packet, layers);
            Ok::<(), Infallible>(())
        };
        match Part::fold_by(capture, settings, copies, watch, &mut fold) {
            Ok(part) => {
                table.pass_frames(part.frames_behind);
                part
            }
            Err(never) => match never {},
        }
    }

    /// What is wrong with a capture that has come to its end, of which so many packets were read.
    pub(super) fn end_of(&mut self, capture: &CaptureReader, packets: u64) -> Result<(), Error> {
        let gaps = std::mem::take(&mut self.gaps);
        let gaps = (!gaps.is_empty()).then(|| Fault::Gaps(gaps.among(packets, capture.position())));
        let faults = gaps.into_iter().chain(self.undescribed.take().map(Fault::UndescribedInterface));
        match Fault::of(faults.chain(std::mem::replace(&mut self.end, Ok(())).err()).collect()) {
            Some(fault) => Err(Error { capture: capture.name().to_owned(), fault }),
            None => Ok(()),
        }
    }

    /// Hands every packet of `capture` to `each`, with whether it is a copy to be left out.
    pub(super) fn read(
        capture: &mut CaptureReader,
        settings: &ReadSettings,
        watch: impl FnMut(Progress),
        mut each: impl FnMut(&Packet, &Layers, bool),
    ) -> Part {
        let mut each = |packet: &Packet, layers: &Layers, _: u64, is_left_out: bool| {
            each(packet, layers, is_left_out);
            Ok::<(), Infallible>(())
        };
        match Part::fold_by(capture, settings, Copies::new(settings), watch, &mut each) {
            Ok(part) => part,
            Err(never) => match never {},
        }
    }

    /// Hands every packet of `capture` to `each`, until that fails.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "its loop is each caller's own")]
    fn fold_by<E, F: Each<E>>(
        capture: &mut CaptureReader,
        settings: &ReadSettings,
        mut copies: Copies,
        mut watch: impl FnMut(Progress),
        each: &mut F,
    ) -> Result<Part, E> {
        if settings.flow.names.has(NameSource::Nrb) {
            capture.keep_names();
        }
        let mut decoder = Decoder::with_options(settings.decode.clone());
        let (mut first, mut last) = (NO_TIME, NO_TIME);
        let mut listening = Listening::new(settings.max_gap);
        let leaves_out = settings.copies == CopyChoice::Drop;
        let (mut frames, mut packets) = (0, 0_u64);
        let (mut gaps, mut undescribed, mut end) = (Gaps::default(), None, Ok(()));
        loop {
            if F::WANTS_WAITS {
                let mut waited = capture.wait(WAIT);
                while !waited.is_zero() {
                    each.waited(waited)?;
                    waited = capture.wait(WAIT);
                }
            }
            match capture.next() {
                Ok(Some(packet)) => {
                    let time = packet.believed_time().map_or(NO_TIME, Timestamp::nanoseconds);
                    if first == NO_TIME {
                        first = time;
                    }
                    last = last.max(time);
                    let counts = settings.flow.has_in_window(packet.believed_time());
                    listening.add(&packet, counts);
                    let layers = decoder.decode(packet.link_type, packet.bytes);
                    let is_copy = counts && copies.add(&packet, layers, time);
                    let passed = packet.frame - frames - 1;
                    frames = packet.frame;
                    each.packet(&packet, layers, passed, is_copy && leaves_out)?;
                    packets += 1;
                    if packets.is_multiple_of(65_536) {
                        watch(Progress { bytes: capture.position(), packets });
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    for fault in error.fault.each() {
                        match fault {
                            Fault::Gaps(passed_over) => gaps = passed_over,
                            Fault::UndescribedInterface(packets) => undescribed = Some(packets),
                            fault => end = Err(fault),
                        }
                    }
                    break;
                }
            }
        }
        listening.end(capture.frames(), capture.statistics());
        let seen = |time| (time != NO_TIME).then_some(Timestamp::from_nanoseconds(time));
        let frames_behind = capture.frames() - frames;
        let (first_seen, last_seen) = (seen(first), seen(last));
        let resolved = capture.take_names();
        Ok(Part { first_seen, last_seen, listening, copies, gaps, undescribed, end, resolved, frames_behind })
    }
}
