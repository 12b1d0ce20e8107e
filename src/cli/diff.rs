//! `portscribe diff`: what came, went or changed between captures, or saved results of them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::args::{Diff, FailOn};
use super::input::{self, Sources};
use super::output::Output;
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, failure, naming, output, registry_choice, say, settings};
use crate::capture::{self, Compression};
use crate::registry::Registry;
use crate::report::comparison::{
    self, Change, Difference, Fact, Inventory, Kind, SavedRow, compare, is_saved, read_saved,
};
use crate::report::{Format, RowWriter, Rows};
use crate::text::count;
use crate::traffic::{Labelled, Selection, Tally, Traffic};

pub(super) fn run(command: &Diff) -> Result<(), Failure> {
    let (old_names, new_names) = sides(command)?;
    let registry = registry_choice::registry(&command.common)?;
    let selection = settings::selection_of_protocols(&command.selecting, &command.of_protocols);
    naming::refuse_all(&selection, "diff")?;
    let without = settings::without_payload(&command.reading, None);
    settings::warn_of_selection(without, &selection, &registry, &command.common);
    let mut out = Output::open(&command.common, &registry)?;
    let (old, new) = (Files::of(&old_names, command)?, Files::of(&new_names, command)?);
    let is_cut = command.selecting.since.is_some() || command.selecting.until.is_some();
    if let Some(saved) =
        old.saved.iter().chain(&new.saved).next().filter(|_| is_cut || !selection.is_everything())
    {
        return Err(Failure::Usage(format!(
            "{}: is a saved result, and flows are selected from captures: select when it is saved, such as `portscribe \
             flows CAPTURE --where EXPRESSION -o FILE.csv`",
            saved.display()
        )));
    }
    let saved = old.saved.iter().chain(&new.saved);
    input::refuse_to_replace(&command.common, saved, input::READ_BY_IT)?;
    let read =
        [&old.captures, &old.saved, &new.captures, &new.saved].into_iter().flatten().cloned().collect();
    let result = command.common.output.as_deref();
    sandbox::confine(&command.reading, &Open { read, result, ..Open::default() });
    let (old, old_whole) = inventory(("old: ", &old), command, (&registry, &selection))?;
    let (new, new_whole) = inventory(("new: ", &new), command, (&registry, &selection))?;
    let difference = compare(&old, &new, command.factor);
    refuse_what_cannot_be_told(command, &difference)?;

    if out.format().is_for_people() {
        let names = [in_words(&old_names), in_words(&new_names)];
        let sides = [(names[0].as_str(), &old), (names[1].as_str(), &new)];
        let mut table = comparison::table(&difference, sides, command.factor);
        table.below(output::note(&registry));
        let (format, style) = (out.format(), out.style());
        table.write(format, style, &mut out)?;
    } else {
        let names = [&old_names, &new_names].map(|names| texts(names));
        let head =
            comparison::head(&difference, &registry, [(&names[0], &old), (&names[1], &new)], command.factor);
        let mut rows = RowWriter::new(out.format(), &mut out, comparison::COLUMNS, &head)?;
        for one in &difference.changed {
            rows.row(&comparison::values(one))?;
        }
        rows.finish()?;
        if !command.common.quiet {
            for one in &difference.not_compared {
                say(format_args!("{}", one.in_words()));
            }
        }
    }
    out.finish()?;
    failure::end(&what_was_met(command, &difference), old_whole && new_whole)
}

/// What is compared: the old side and the new one.
fn sides(command: &Diff) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Failure> {
    let names = &command.reading.captures;
    if !command.baseline.is_empty() {
        return Ok((command.baseline.clone(), names.clone()));
    }
    match names.as_slice() {
        [old, new] => Ok((vec![old.clone()], vec![new.clone()])),
        [_] => Err(Failure::Usage("a comparison takes two sides: portscribe diff OLD NEW".into())),
        _ => Err(Failure::Usage(format!(
            "a comparison takes two sides, and {} names are given: put several captures of a side into a folder, or \
             name the old side with --baseline",
            names.len()
        ))),
    }
}

/// The names as they were given.
fn texts(names: &[PathBuf]) -> Vec<String> {
    names.iter().map(|name| name.display().to_string()).collect()
}

fn in_words(names: &[PathBuf]) -> String {
    texts(names).join(", ")
}

/// What one side holds, and whether all of it could be read.
fn inventory(
    (side, files): (&str, &Files),
    command: &Diff,
    (registry, selection): (&Registry, &Selection),
) -> Result<(Inventory, bool), Failure> {
    let Files { captures, saved } = files;
    let mut whole = true;
    let mut traffic: Option<Traffic> = None;
    if !captures.is_empty() {
        let sources = Sources::find_named(captures, &command.reading, &command.common)?;
        let choice = (&command.protocols, &command.of_protocols);
        let (mut settings, _) = settings::of_protocols(&command.reading, &command.selecting, choice);
        let window = (command.selecting.since, command.selecting.until);
        Clock::utc().cut(&mut settings.flow, window, &sources, command.common.quiet);
        let (read, is_whole) = sources.read(settings, &command.holding)?;
        // A comparison has no place for it, in no format.
        input::say_what_was_read_as(side, read.log(), &command.common, Format::Csv);
        (traffic, whole) = (Some(read), is_whole);
    }
    let labelled = traffic.as_ref().map(|traffic| traffic.label(registry));
    let mut inventory = Inventory::default();
    // Scans are known when all flows were looked at.
    for row in labelled.iter().flat_map(Labelled::rows).filter(|row| selection.has(row)) {
        inventory.look(&Fact::of(&row));
    }
    for path in saved {
        each_saved(path, |row| {
            if let SavedRow::Flow(fact) = row {
                inventory.look(&fact);
            }
        })?;
    }
    inventory.found();
    if let Some(labelled) = &labelled {
        let mut tally = Tally::new(selection);
        for row in labelled.rows() {
            if tally.takes(&row) {
                inventory.add(&Fact::of(&row));
            }
        }
        settings::say_what_was_selected_as(side, selection, &tally, &command.common);
    }
    for path in saved {
        each_saved(path, |row| match row {
            SavedRow::Flow(fact) => inventory.add(&fact),
            SavedRow::Total(key, amount) => inventory.add_total(key, &amount),
        })?;
    }
    Ok((inventory, whole))
}

/// The captures of a side, and the saved results; folders hold both.
struct Files {
    captures: Vec<PathBuf>,
    saved: Vec<PathBuf>,
}

impl Files {
    fn of(names: &[PathBuf], command: &Diff) -> Result<Files, Failure> {
        let (mut captures, mut saved) = (Vec::new(), Vec::new());
        for name in names {
            let files = if name.is_dir() {
                let files = capture::list_folder(name, command.reading.recursive)
                    .map_err(|error| {
                        Failure::failed(format_args!("{}: cannot be read: {error}", name.display()))
                    })?
                    .files;
                if files.is_empty() {
                    return Err(Failure::failed(format_args!("{}: holds no files", name.display())));
                }
                files
            } else {
                vec![name.clone()]
            };
            for file in files {
                if begins_as_saved(&file) { saved.push(file) } else { captures.push(file) }
            }
        }
        Ok(Files { captures, saved })
    }
}

/// Whether a file is a saved result. A pipe is none: it could not be read twice.
fn begins_as_saved(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut begin = Vec::new();
    let read = saved(path).and_then(|file| file.take(4096).read_to_end(&mut begin));
    read.is_ok() && is_saved(&begin)
}

/// The content of a file, decompressed.
fn saved(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let compression = Compression::of(file.fill_buf()?);
    Ok(match compression {
        None => Box::new(file),
        Some(Compression::Gzip) => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Some(Compression::Zstd) => Box::new(zstd::Decoder::with_buffer(file)?),
    })
}

fn each_saved(path: &Path, each: impl FnMut(SavedRow)) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed(format_args!("{}: {error}", path.display()));
    let file = saved(path).map_err(|error| failed(&error))?;
    read_saved(BufReader::with_capacity(1 << 16, file), each).map_err(|error| failed(&error))
}

/// The changes and kinds that an option asks for.
fn asked(fail_on: FailOn) -> (Change, &'static [Kind], &'static str) {
    match fail_on {
        FailOn::NewService => (Change::New, &[Kind::Service], "new service"),
        FailOn::NewServer => (Change::New, &[Kind::Server], "new server"),
        FailOn::NewClient => (Change::New, &[Kind::Client], "new client"),
        FailOn::Gone => (Change::Gone, &[Kind::Service, Kind::Server, Kind::Client], "one"),
    }
}

/// A check that cannot be made must not look as if it had been passed.
fn refuse_what_cannot_be_told(command: &Diff, difference: &Difference) -> Result<(), Failure> {
    for &one in &command.fail_on {
        let (_, kinds, _) = asked(one);
        // Of what is gone, services are enough.
        let unknown = difference.not_compared.iter().find(|unknown| kinds.first() == Some(&unknown.kind));
        if let Some(unknown) = unknown {
            return Err(Failure::failed(format_args!("--fail-on cannot be told. {}", unknown.in_words())));
        }
    }
    Ok(())
}

/// Why the status is 1.
fn what_was_met(command: &Diff, difference: &Difference) -> Vec<String> {
    let mut met = Vec::new();
    for &one in &command.fail_on {
        let (change, kinds, what) = asked(one);
        let number: usize = kinds.iter().map(|&kind| difference.count(change, kind)).sum();
        if number > 0 {
            let what = match one {
                FailOn::Gone => format!("{number} gone"),
                _ => count(number as u64, what),
            };
            met.push(format!("{what} (--fail-on)"));
        }
    }
    met
}
