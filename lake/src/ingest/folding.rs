//! The states of a window become its rows.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use portscribe::capture::sort_by_time;
use portscribe::partial::PartialState;
use portscribe::registry::Registry;
use portscribe::report::{Columns, Format, Head, RowWriter, Rows as _, Value, flows};
use portscribe::traffic::{FoldWithin, ReadLog, ReadSettings};
use tempfile::TempPath;

use super::folder::Folder;
use super::held::Held;
use super::key::{COLUMNS, key, place_of};
use super::manifest::Known;
use super::window::{Window, hour};
use crate::args::By;
use crate::failure::Failure;

/// How many flows of a window are in memory; others are in temporary files.
const MOST_FLOWS: usize = 5_000_000;

/// Makes rows of states.
pub(super) struct Folding<'f> {
    pub(super) settings: &'f ReadSettings,
    pub(super) registry: &'f Registry,
    pub(super) by: By,
}

/// A part of a window: its hour, where there is a file for each.
pub(super) type Part = Option<u8>;

/// A file being written.
type Begun = (RowWriter<BufWriter<File>>, TempPath);

impl Folding<'_> {
    /// The files of a window, which have no names yet.
    pub(super) fn window(
        &self,
        window: Window,
        captures: &[&Known],
        folder: &Folder,
        in_memory: &mut Held,
    ) -> Result<BTreeMap<Part, TempPath>, Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::failed(format_args!("{}: {window} cannot be made: {error}", folder.path.display()))
        };
        let mut states = Vec::new();
        for known in captures {
            let name = known.state(window);
            let state = if let Some(state) = in_memory.take(&name) {
                state
            } else {
                let path = folder.state(&name);
                let unreadable = |error| Failure::failed(format_args!("{}: {error}", path.display()));
                PartialState::open(&path).map_err(unreadable)?
            };
            states.push((*known, state));
        }
        // As one run over a folder reads them; of two of one name none is before the other.
        let order = |known: &Known| (Path::new(&known.name).to_owned(), known.hash.clone());
        states.sort_by_cached_key(|(known, _)| order(known));
        sort_by_time(&mut states, |(_, state)| state.captures().next()?.begins);
        let mut all = PartialState::new(self.settings.clone());
        let mut of = Vec::new();
        for (known, state) in states {
            all.merge(state).map_err(|error| failed(&error))?;
            of.push(known);
        }
        let reading = all.into_reading(FoldWithin::new(MOST_FLOWS)).map_err(|error| failed(&error))?;
        let traffic = reading.finish().map_err(|error| failed(&error))?;
        let labelled = traffic.label(self.registry).map_err(|error| failed(&error))?;
        let log = traffic.log();
        let head = Head::of_registry(self.registry);
        let mut writers: BTreeMap<Part, Begun> = BTreeMap::new();
        let connection = place_of("connection");
        for row in labelled.rows() {
            let row = row.map_err(|error| failed(&error))?;
            let (place, first) = (log.place(row.flow.first_packet()), row.flow.first_packet());
            let ends = row.first_ends();
            let key_at = |packet: u64| {
                let n = captured_in(log, packet);
                of.get(n).map_or_else(String::new, |known| key(&known.hash, log.place(packet).frame, &ends))
            };
            let mut values = flows::values(&row, place);
            let own = key_at(first);
            if let Some(connection) = connection {
                let of_connection = row.flow.connection();
                values[connection] = Value::Text(
                    if of_connection == first { own.clone() } else { key_at(of_connection) }.into(),
                );
            }
            // The number is the first.
            values[0] = Value::Text(own.into());
            // What has no time is in the first hour that its capture has there.
            let time =
                row.flow.first_seen().or_else(|| log.captures().get(captured_in(log, first))?.first_seen);
            let part = (self.by == By::Hour).then(|| time.map_or(0, hour));
            let (writer, _) = match writers.entry(part) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let (file, path) = folder.begin()?.into_parts();
                    let out = BufWriter::with_capacity(1 << 16, file);
                    let writer = RowWriter::by_time(Format::Parquet, out, Columns::all(&COLUMNS), &head);
                    place.insert((writer.map_err(|error| failed(&error))?, path))
                }
            };
            writer.row(&values).map_err(|error| failed(&error))?;
        }
        let mut files = BTreeMap::new();
        for (part, (writer, path)) in writers {
            writer.finish().map_err(|error| failed(&error))?;
            files.insert(part, path);
        }
        Ok(files)
    }
}

/// The place of the capture that holds a packet.
fn captured_in(log: &ReadLog, packet: u64) -> usize {
    log.captures().partition_point(|capture| capture.frames_before <= packet).saturating_sub(1)
}
