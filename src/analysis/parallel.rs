//! One capture on several threads: each folds a piece, and the pieces are merged in order.
//!
//! A flow table is a monoid, so the result is that of one thread, to the byte.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::{Analysis, Part, Settings};
use crate::capture::{CaptureReader, Error};
use crate::flow::FlowTable;

/// Pieces below this size are not worth a thread.
const SHORTEST: usize = 4 * 1024 * 1024;

/// One piece after it was folded.
struct Piece {
    reader: CaptureReader,
    table: FlowTable,
    part: Part,
}

impl Piece {
    fn fold(
        mut reader: CaptureReader,
        settings: &Settings,
        mut table: FlowTable,
        watch: impl FnMut(u64, u64),
    ) -> Piece {
        let part = Part::fold(&mut reader, settings, &mut table, watch);
        Piece { reader, table, part }
    }
}

impl Analysis {
    /// Reads a capture to its end on so many threads; `watch` is told now and then how many bytes
    /// and packets were read. Streamed captures are read on one thread.
    ///
    /// # Errors
    ///
    /// As for [`Analysis::read_file`].
    pub fn read_on(
        &mut self,
        capture: CaptureReader,
        threads: usize,
        watch: impl Fn(u64, u64) + Sync,
    ) -> Result<(), Error> {
        if self.settings.peek {
            return self.read(capture, watch);
        }
        self.read_pieces(capture.into_pieces(threads, SHORTEST), watch)
    }

    /// Reads the [pieces](CaptureReader::into_pieces) of one capture, each on a thread of its own.
    ///
    /// # Errors
    ///
    /// As for [`Analysis::read_file`].
    pub fn read_pieces(
        &mut self,
        mut pieces: Vec<CaptureReader>,
        watch: impl Fn(u64, u64) + Sync,
    ) -> Result<(), Error> {
        if pieces.len() < 2 {
            return match pieces.pop() {
                Some(capture) => self.read(capture, watch),
                None => Ok(()),
            };
        }
        let options = self.settings.flow.clone();
        let settings = &self.settings;
        let packets_before = self.table.counters().read();
        // What was read before goes on in the first piece.
        let mut so_far = Some(std::mem::replace(&mut self.table, FlowTable::new(options.clone())));
        let (bytes, packets) = (AtomicU64::new(0), AtomicU64::new(0));
        let (watch, bytes, packets) = (&watch, &bytes, &packets);
        let folded: Vec<Piece> = thread::scope(|scope| {
            let workers: Vec<_> = pieces
                .into_iter()
                .map(|reader| {
                    let table = so_far.take().unwrap_or_else(|| FlowTable::following(options.clone()));
                    let (mut at, mut seen) = (reader.position(), 0);
                    let watch = move |position: u64, frames: u64| {
                        let all_bytes = bytes.fetch_add(position - at, Ordering::Relaxed) + position - at;
                        let all_packets = packets.fetch_add(frames - seen, Ordering::Relaxed) + frames - seen;
                        (at, seen) = (position, frames);
                        watch(all_bytes, all_packets);
                    };
                    scope.spawn(move || Piece::fold(reader, settings, table, watch))
                })
                .collect();
            workers
                .into_iter()
                .map(|worker| match worker.join() {
                    Ok(piece) => piece,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        });

        let mut folded = folded.into_iter();
        let Some(mut last) = folded.next() else { return Ok(()) };
        self.table = std::mem::replace(&mut last.table, FlowTable::new(options.clone()));
        let mut part = Part {
            first_seen: last.part.first_seen,
            last_seen: last.part.last_seen,
            listening: last.part.listening.clone(),
            end: Ok(()),
        };
        for mut piece in folded {
            if last.part.end.is_err() {
                // One thread would not have come further.
                break;
            }
            if !last.reader.ends_where(&piece.reader) {
                let reader = last.reader.go_on(&piece.reader);
                piece = Piece::fold(reader, settings, FlowTable::following(options.clone()), |_, _| {});
            }
            let earlier = self.table.counters().read() - packets_before;
            piece.part.end = piece.part.end.map_err(|error| error.after(earlier));
            part.first_seen = part.first_seen.or(piece.part.first_seen);
            part.last_seen = part.last_seen.max(piece.part.last_seen);
            part.listening.merge(&piece.part.listening);
            self.table.merge(std::mem::replace(&mut piece.table, FlowTable::new(options.clone())));
            last = piece;
        }
        part.end = last.part.end;
        self.finish_capture(&last.reader, packets_before, part)
    }
}
