//! One capture on several threads: each folds a piece, and the pieces are merged in order.
//!
//! A flow table is a monoid, so the result is that of one thread, to the byte. A long capture is
//! cut into more pieces than there are threads, and what is folded ahead of the merge is bounded:
//! memory follows the flows, not the file.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::reading::{Before, Part};
use super::{CopyChoice, MergingSink, Progress, ReadError, ReadSettings, Reading, SoFar};
use crate::capture::CaptureReader;
use crate::flow::FlowTable;

/// Pieces below this size are not worth a thread.
const SHORTEST: usize = 4 * 1024 * 1024;
/// Pieces above this size are cut once more: the flows of a piece are in memory twice until it is
/// merged.
const LONGEST: usize = 64 * 1024 * 1024;

/// One piece after it was folded.
struct Piece {
    reader: CaptureReader,
    table: FlowTable,
    part: Part,
}

impl Piece {
    fn fold(
        mut reader: CaptureReader,
        settings: &ReadSettings,
        mut table: FlowTable,
        watch: impl FnMut(Progress),
    ) -> Piece {
        let part = Part::fold(&mut reader, settings, &mut table, watch);
        Piece { reader, table, part }
    }
}

/// What all threads have read.
#[derive(Default)]
struct ReadByAll {
    bytes: AtomicU64,
    packets: AtomicU64,
}

impl ReadByAll {
    /// Turns what one piece is told into what is known of all.
    fn of_piece<'a>(
        &'a self,
        reader: &CaptureReader,
        watch: &'a (impl Fn(Progress) + Sync),
    ) -> impl FnMut(Progress) + 'a {
        let (mut at, mut seen) = (reader.position(), 0);
        move |Progress { bytes: position, packets: frames }| {
            let bytes = self.bytes.fetch_add(position - at, Ordering::Relaxed) + position - at;
            let packets = self.packets.fetch_add(frames - seen, Ordering::Relaxed) + frames - seen;
            (at, seen) = (position, frames);
            watch(Progress { bytes, packets });
        }
    }
}

impl<S: MergingSink> Reading<S> {
    /// Reads a capture to its end with a number of threads. Each thread calls `watch` after 65,536
    /// packets, with what all threads have read. A streamed capture is folded on one thread while
    /// another [reads ahead](CaptureReader::read_ahead), and so is any where [copies are left
    /// out](CopyChoice::Drop).
    ///
    /// # Errors
    ///
    /// As for [`Reading::read_file`].
    pub fn read_on(
        &mut self,
        mut capture: CaptureReader,
        threads: usize,
        watch: impl Fn(Progress) + Sync,
    ) -> Result<(), ReadError<S::Error>> {
        if threads < 2 {
            return self.read(capture, watch);
        }
        capture.read_ahead();
        match capture.length() {
            Some(length) if self.settings.copies == CopyChoice::Count => {
                let rounds = length.div_ceil((threads * LONGEST) as u64).max(1) as usize;
                self.read_pieces(capture.into_pieces(threads * rounds, SHORTEST), threads, watch)
            }
            _ => self.read(capture, watch),
        }
    }

    /// Reads the [pieces](CaptureReader::into_pieces) of one capture with a number of threads.
    ///
    /// # Errors
    ///
    /// As for [`Reading::read_file`].
    fn read_pieces(
        &mut self,
        mut pieces: Vec<CaptureReader>,
        threads: usize,
        watch: impl Fn(Progress) + Sync,
    ) -> Result<(), ReadError<S::Error>> {
        if pieces.len() < 2 {
            return match pieces.pop() {
                Some(capture) => self.read(capture, watch),
                None => Ok(()),
            };
        }
        let flow = self.settings.flow.clone();
        let following = || FlowTable::following(flow.clone());
        let settings = self.settings.clone();
        let before = Before::of(&self.table);
        let count = pieces.len();
        let progress = ReadByAll::default();
        let (jobs, to_do) = channel::<(usize, CaptureReader, FlowTable)>();
        let to_do = Mutex::new(to_do);
        let (to_us, done) = sync_channel(threads);
        let (to_do, settings, progress, watch) = (&to_do, &settings, &progress, &watch);
        let mut refused = None;

        let (last, part) = thread::scope(|scope| {
            for _ in 0..threads.min(count) {
                let to_us = to_us.clone();
                scope.spawn(move || {
                    loop {
                        let job = to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
                        let Ok((number, reader, table)) = job else { return };
                        let piece = catch_unwind(AssertUnwindSafe(|| {
                            let watch = progress.of_piece(&reader, watch);
                            Piece::fold(reader, settings, table, watch)
                        }));
                        if to_us.send((number, piece)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(to_us);
            // Dropped at the end, whichever that is, so that the threads end.
            let jobs = jobs;
            let mut waiting: VecDeque<(usize, CaptureReader)> = pieces.into_iter().enumerate().collect();
            // What was read before goes on in the first piece.
            let mut so_far = Some(std::mem::replace(&mut self.table, following()));
            let mut hand_out = |assume: Option<&CaptureReader>| {
                if let Some((number, mut reader)) = waiting.pop_front() {
                    if let Some(last) = assume {
                        reader.assume_state_of(last);
                    }
                    let table = so_far.take().unwrap_or_else(following);
                    // The threads are there as long as there are jobs.
                    let _ = jobs.send((number, reader, table));
                }
            };
            // One more than there are threads, so that none waits for the merge.
            (0..=threads).for_each(|_| hand_out(None));

            let mut ready = BTreeMap::new();
            let mut merged: Option<(CaptureReader, Part)> = None;
            for number in 0..count {
                let piece = loop {
                    if let Some(piece) = ready.remove(&number) {
                        break piece;
                    }
                    // Every piece that was handed out comes back.
                    let Ok((number, piece)) = done.recv() else { return merged };
                    ready.insert(number, piece.unwrap_or_else(|panic| resume_unwind(panic)));
                };
                merged = Some(match merged {
                    None => {
                        self.table = piece.table;
                        (piece.reader, piece.part)
                    }
                    Some((last, part)) => match self.merge_piece(&last, part, piece, settings, before) {
                        Ok(merged) => merged,
                        Err(error) => {
                            refused = Some(error);
                            return None;
                        }
                    },
                });
                match &merged {
                    // One thread would not come further.
                    Some((_, part)) if part.end.is_err() => return merged,
                    Some((last, _)) => hand_out(Some(last)),
                    None => {}
                }
            }
            merged
        })
        .unzip();
        if let Some(error) = refused {
            return Err(ReadError::Sink(error));
        }
        match (last, part) {
            (Some(last), Some(part)) => Ok(self.finish_capture(&last, before, part)?),
            _ => Ok(()),
        }
    }

    /// Adds a piece after what ended with `last`; one that was cut where no record begins is
    /// folded again from there.
    fn merge_piece(
        &mut self,
        last: &CaptureReader,
        mut part: Part,
        mut piece: Piece,
        settings: &ReadSettings,
        before: Before,
    ) -> Result<(CaptureReader, Part), S::Error> {
        if !last.ends_where(&piece.reader) {
            let table = FlowTable::following(self.settings.flow.clone());
            piece = Piece::fold(last.go_on(&piece.reader), settings, table, |_| {});
        }
        piece.reader.follow(last);
        part.append(piece.part, before.since(&self.table));
        self.table.merge(piece.table);
        self.sink.merged(&mut SoFar {
            table: &mut self.table,
            settings,
            captures: &self.captures,
            capture: last.name(),
            frames_before: before.frames,
        })?;
        Ok((piece.reader, part))
    }
}

#[cfg(all(test, feature = "report"))]
mod tests;
