//! `portscribe-lake ingest`: labelled flows of captures as a table of Parquet files by day, to which every run adds.
//!
//! A window is a day, and a traffic of its own: its flows are those of its packets, in all captures. What is known of a window of a
//! capture is kept as a state ([`PartialState`](portscribe::partial::PartialState)); the rows of a window are what its states come
//! to. So they are the same however captures are divided among runs, and no other day changes them.
//!
//! | file | does |
//! |---|---|
//! | `folder` | the table's folder: its lock, and files that appear when they are complete |
//! | `manifest` | which captures are in the table |
//! | `taking`, `hashing` | a new capture becomes states, and is hashed meanwhile |
//! | `crew` | captures are taken in side by side |
//! | `held` | states that need not be read again |
//! | `folding`, `key` | states of a window become rows with keys |
//! | `partition` | the files of a window |
//! | `window` | days |

mod crew;
mod folder;
mod folding;
mod hashing;
mod held;
mod key;
mod manifest;
mod partition;
mod taking;
mod window;

use std::collections::{BTreeSet, HashSet};
use std::process::ExitCode;
use std::sync::Arc;

use portscribe::traffic::ReadSettings;
use tokio::runtime::Builder;

use crate::args::Ingest;
use crate::captures::{self, Capture, nothing_read};
use crate::failure::{Failure, Told, ended, say};
use crate::registry_choice::{self, note};
use crate::store::Stores;
use folder::Folder;
use folding::Folding;
use held::{Held, Room};
use manifest::Manifest;
use taking::{Refused, Taken, Taking};
use window::Window;

pub(crate) fn run(command: &Ingest) -> ExitCode {
    let told = Arc::new(Told::new(command.quiet));
    let done = ingest(command, &told);
    ended(done, &told)
}

fn ingest(command: &Ingest, told: &Told) -> Result<(), Failure> {
    if let Some((scheme, _)) = command.output.to_str().and_then(|name| name.split_once("://")) {
        return Err(Failure::Usage(format!(
            "--output {scheme}://: a table is written to a folder of this machine; another program can copy it"
        )));
    }
    let registry = registry_choice::registry(command.registry.as_deref(), &command.overlay)?;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format_args!("no thread can be started: {error}")))?;
    let _in_runtime = runtime.enter();
    let stores = Stores::default();
    let mut named = Vec::new();
    for name in &command.captures {
        named.extend(captures::files(name, &stores, told)?);
    }
    let mut seen = HashSet::new();
    named.retain(|capture| seen.insert(capture.name()));
    named.sort_by_key(Capture::name);

    let folder = Folder::lock(&command.output)?;
    let settings = ReadSettings::default();
    let mut table = Table {
        manifest: Manifest::open(&folder, command.by, &settings)?,
        folder: &folder,
        told,
        held: Held::default(),
    };
    let taken = table.take_in(&named, &settings, command.threads())?;
    let folding = Folding { settings: &settings, registry: &registry, by: command.by };
    let written = table.fold(&folding)?;
    table.settle(command.settle.0)?;
    if !command.quiet {
        say(&format!(
            "{}: {} taken in, {} known already; {} to make anew, {} written",
            command.output.display(),
            counted(taken.new, "capture"),
            taken.known,
            counted(written.windows, "day"),
            counted(written.files, "file"),
        ));
        say(&note(&registry));
    }
    // As a query of which nothing could be read.
    if taken.new + taken.known + taken.refused == 0 { Err(nothing_read(named.len())) } else { Ok(()) }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The table of a run.
struct Table<'f> {
    manifest: Manifest,
    folder: &'f Folder,
    told: &'f Told,
    held: Held,
}

/// What became of the captures that were named.
#[derive(Default)]
struct Count {
    new: usize,
    known: usize,
    refused: usize,
}

/// What was written.
#[derive(Default)]
struct Written {
    files: usize,
    windows: usize,
}

impl Table<'_> {
    /// Takes in the captures that are not in the table: their states are on disk, and then in the manifest.
    fn take_in(
        &mut self,
        named: &[Capture],
        settings: &ReadSettings,
        threads: usize,
    ) -> Result<Count, Failure> {
        let mut count = Count::default();
        let mut new = Vec::new();
        for capture in named {
            match self.manifest.unchanged(capture) {
                Some(known) => {
                    count.known += 1;
                    known.fault.iter().for_each(|fault| self.told.fault(fault));
                }
                None => new.push(capture),
            }
        }
        let taking =
            Taking { settings, folder: self.folder, manifest: &self.manifest, room: Room::default() };
        let mut added: Vec<Taken> = Vec::new();
        let mut failed: Vec<Failure> = Vec::new();
        crew::side_by_side(
            &new,
            threads,
            |capture| taking.take(capture),
            |taken| match taken {
                Ok(taken) => added.push(taken),
                Err(Refused::Table(failure)) => failed.push(failure),
                Err(refused) => self.told.fault(&refused.to_string()),
            },
        );
        if let Some(failure) = failed.pop() {
            return Err(failure);
        }
        for taken in added {
            let late = taken.known.windows.iter().find(|window| self.manifest.is_settled(**window));
            let replaced = taken.replaces.as_deref().and_then(|hash| self.manifest.known(hash));
            let of_replaced: Vec<Window> = replaced.map_or(Vec::new(), |known| known.windows.clone());
            if let Some(known) = self.manifest.known(&taken.known.hash) {
                count.known += 1;
                self.told.note(&format!("{}: has the content of {}", taken.known.name, known.name));
                known.fault.iter().for_each(|fault| self.told.fault(fault));
                continue;
            }
            // Each part of what is settled is there for good.
            if let Some(window) =
                late.or_else(|| of_replaced.iter().find(|window| self.manifest.is_settled(**window)))
            {
                count.refused += 1;
                self.told.fault(&format!(
                    "{}: not taken in: it has packets of {window}, which an earlier run has settled: where older \
                     days are added, every run needs a longer --settle",
                    taken.known.name
                ));
                continue;
            }
            taken.known.fault.iter().for_each(|fault| self.told.fault(fault));
            let Taken { known, states, replaces } = taken;
            for (window, (state, file)) in states {
                self.folder.keep(file, &known.state(window))?;
                self.held.keep(known.state(window), state);
            }
            count.new += 1;
            self.manifest.add(known, replaces.as_deref());
        }
        self.manifest.save(self.folder)?;
        Ok(count)
    }

    /// Writes the partitions whose rows may not be what the states say.
    fn fold(&mut self, folding: &Folding) -> Result<Written, Failure> {
        let pending: BTreeSet<Window> = self.manifest.pending.clone();
        let mut written = Written { windows: pending.len(), ..Written::default() };
        for window in pending {
            let files =
                folding.window(window, &self.manifest.of_window(window), self.folder, &mut self.held)?;
            written.files += partition::replace(self.folder, folding.by, window, files)?;
        }
        self.manifest.pending.clear();
        Ok(written)
    }

    /// Lets go of states that no capture can add to any more.
    fn settle(&mut self, behind: std::time::Duration) -> Result<(), Failure> {
        self.manifest.settle(behind);
        self.manifest.save(self.folder)?;
        let needed: HashSet<String> =
            self.manifest.open_states().map(|(known, window)| known.state(window)).collect();
        self.folder.forget_states_but(&needed)
    }
}
