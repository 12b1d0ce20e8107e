//! What a reading does with packets besides folding them into flows.

use std::convert::Infallible;
use std::time::Duration;

use super::{CaptureSummary, Place, ReadLog, ReadSettings, Traffic};
use crate::capture::Packet;
use crate::flow::{FlowTable, Folded};
use crate::foreign::Foreign;

/// What a [`Reading`](super::Reading) does with each packet after the packet is folded into the
/// flows.
///
/// The reading calls the methods of one sink in this order:
///
/// 1. For each packet of each capture, in the order of the captures and of the packets in them,
///    [`packet`](Sink::packet) once. Packets that are in no flow are among them. The packet and its
///    [`Folded`] headers are borrowed: a sink that needs them later copies them.
/// 2. [`finish`](Sink::finish) once, after the last capture.
///
/// An error of `packet` ends the capture: the rest of it is not read, the capture is not in the
/// [log](ReadLog), and [`Reading::read`](super::Reading::read) returns the error. Reading another
/// capture after that is possible and goes on with the same sink. A fault of the capture itself
/// is not an error of the sink: what came before the fault was handed out, and the log keeps the fault.
///
/// A sink that also implements [`MergingSink`] can be used with several threads.
pub trait Sink {
    /// Why the sink takes no more packets.
    type Error;
    /// What the reading ends in.
    type Output;
    /// Whether [`packet`](Sink::packet) gets the flows of the packet's headers. Collecting them
    /// costs time for each packet, so `folded` is empty unless this is `true`.
    const WANTS_FLOWS: bool = false;

    /// Whether the sink is told how long a stream is waited for ([`waited`](Sink::waited)).
    const WANTS_WAITS: bool = false;

    /// Takes note that nothing came for so long of a stream that is [read ahead](crate::capture::CaptureReader::read_ahead);
    /// several times before a packet, where that takes longer. Only sinks that [want](Sink::WANTS_WAITS) it are told.
    ///
    /// # Errors
    ///
    /// As for [`packet`](Sink::packet).
    fn waited(&mut self, waited: Duration, so_far: &mut SoFar<'_>) -> Result<(), Self::Error> {
        let _ = (waited, so_far);
        Ok(())
    }

    /// Takes a packet. `folded` holds the flows of its headers, in the order of the headers, where
    /// the sink [wants](Sink::WANTS_FLOWS) them; it is empty for packets that are in no flow.
    ///
    /// # Errors
    ///
    /// When the sink takes no more; the capture is not read further.
    fn packet(
        &mut self,
        packet: &Packet,
        folded: &[Folded],
        so_far: &mut SoFar<'_>,
    ) -> Result<(), Self::Error>;

    /// Ends the reading: `table` holds the flows that the sink has not taken out.
    fn finish(self, table: FlowTable, log: ReadLog) -> Self::Output;
}

/// A sink that need not see single packets, so that the pieces of a capture can be folded on
/// several threads.
///
/// With several threads [`Sink::packet`] is not called. Instead [`merged`](MergingSink::merged) is
/// called after each piece of a capture was merged into the flows, in the order of the pieces, on
/// the thread that called [`Reading::read_on`](super::Reading::read_on). With one thread, and for
/// captures that cannot be cut, only `packet` is called. The output must be the same both ways.
pub trait MergingSink: Sink {
    /// Takes note that the flows of several packets were added.
    ///
    /// # Errors
    ///
    /// As for [`packet`](Sink::packet).
    fn merged(&mut self, so_far: &mut SoFar<'_>) -> Result<(), Self::Error>;
}

/// What was read when a sink is called.
pub struct SoFar<'a> {
    /// The flows. A sink may take flows out.
    pub table: &'a mut FlowTable,
    pub(super) settings: &'a ReadSettings,
    pub(super) captures: &'a [CaptureSummary],
    pub(super) capture: &'a str,
    pub(super) frames_before: u64,
}

impl SoFar<'_> {
    /// How captures are read.
    pub fn settings(&self) -> &ReadSettings {
        self.settings
    }

    /// The capture that holds a packet, and the packet's number in it from 1, by its number among all
    /// frames from 0 ([`Flow::first_packet`](crate::flow::Flow::first_packet)).
    pub fn place(&self, packet: u64) -> Place<'_> {
        if packet >= self.frames_before {
            Place { capture: Foreign::new(self.capture), frame: packet - self.frames_before + 1 }
        } else {
            Place::among(self.captures, packet)
        }
    }
}

/// Keeps all flows in memory, and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fold;

impl Sink for Fold {
    type Error = Infallible;
    type Output = Traffic;

    #[inline]
    fn packet(&mut self, _: &Packet, _: &[Folded], _: &mut SoFar<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn finish(self, table: FlowTable, log: ReadLog) -> Traffic {
        Traffic::new(table, log)
    }
}

impl MergingSink for Fold {
    fn merged(&mut self, _: &mut SoFar<'_>) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Keeps all flows in memory, and calls a function with the flows of each packet's headers.
pub struct FoldAndTell<F> {
    tell: F,
    most: usize,
}

impl<F: FnMut(&[Folded])> FoldAndTell<F> {
    /// A sink that calls `tell` once for each packet, also for packets that are in no flow.
    pub fn new(tell: F) -> FoldAndTell<F> {
        FoldAndTell { tell, most: usize::MAX }
    }

    /// The same sink, which takes no more packets where there are more flows than these.
    #[must_use]
    pub fn at_most(self, most: usize) -> FoldAndTell<F> {
        FoldAndTell { most, ..self }
    }
}

impl<F: FnMut(&[Folded])> Sink for FoldAndTell<F> {
    type Error = TooManyFlows;
    type Output = Traffic;
    const WANTS_FLOWS: bool = true;

    #[inline]
    fn packet(&mut self, _: &Packet, folded: &[Folded], so_far: &mut SoFar<'_>) -> Result<(), TooManyFlows> {
        (self.tell)(folded);
        TooManyFlows::in_table(so_far.table, self.most)
    }

    fn finish(self, table: FlowTable, log: ReadLog) -> Traffic {
        Traffic::new(table, log)
    }
}

/// There are more flows than may be held in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {most} flows")]
pub struct TooManyFlows {
    /// How many may be held.
    pub most: usize,
}

impl TooManyFlows {
    /// Says so where a table holds more.
    #[inline]
    pub(crate) fn in_table(table: &FlowTable, most: usize) -> Result<(), TooManyFlows> {
        if table.held() > most { Err(TooManyFlows { most }) } else { Ok(()) }
    }
}

/// Keeps all flows in memory, and takes no more packets where they are more than may be.
#[derive(Clone, Copy, Debug)]
pub struct FoldAtMost {
    most: usize,
}

impl FoldAtMost {
    /// A sink that holds at most so many flows.
    pub fn new(most: usize) -> FoldAtMost {
        FoldAtMost { most }
    }
}

impl Sink for FoldAtMost {
    type Error = TooManyFlows;
    type Output = Traffic;

    #[inline]
    fn packet(&mut self, _: &Packet, _: &[Folded], so_far: &mut SoFar<'_>) -> Result<(), TooManyFlows> {
        TooManyFlows::in_table(so_far.table, self.most)
    }

    fn finish(self, table: FlowTable, log: ReadLog) -> Traffic {
        Traffic::new(table, log)
    }
}

impl MergingSink for FoldAtMost {
    fn merged(&mut self, so_far: &mut SoFar<'_>) -> Result<(), TooManyFlows> {
        TooManyFlows::in_table(so_far.table, self.most)
    }
}
