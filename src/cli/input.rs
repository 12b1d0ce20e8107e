//! Which captures are read, and how it goes on.

#[cfg(feature = "tables")]
mod apart;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Common, Holding, Keeping, Progress, Reading};
use super::{Failure, output, progress, say, signals, stdin};
use crate::capture::{self, CaptureReader, Fault, Listing, Timestamp};
use crate::flow::Folded;
use crate::foreign;
use crate::registry::Registry;
use crate::report::{self, Format};
use crate::text::{self, count};
use crate::traffic::{
    self, AnyTraffic, Ended, FoldAndTell, FoldAtMost, FoldWithin, HandOutEnded, MergingSink, ReadError,
    ReadLog, ReadSettings, Sink, Traffic,
};

/// The name of standard input on the command line and in results.
const STANDARD_INPUT: &str = "-";

/// One capture to read.
pub(super) enum Source {
    File(PathBuf),
    StandardInput,
    /// What came from a stream of this name, kept so that it can be read again.
    Kept {
        name: String,
        file: File,
    },
}

/// The captures that were asked for, in the order in which they are read.
pub(super) struct Sources {
    list: Vec<Source>,
    threads: usize,
    /// Whether a capture is read no further than to its first damage.
    strict: bool,
    progress: bool,
    /// The names of the streams that a signal ended while they were kept.
    kept_in_part: Vec<String>,
}

impl Sources {
    /// Finds the captures. Nothing is read of them but the times of their first packets.
    pub(super) fn find(reading: &Reading, common: &Common) -> Result<Sources, Failure> {
        Sources::find_named(&reading.captures, reading, common)
    }

    /// Finds captures of these names, to be read as the options say.
    pub(super) fn find_named(
        captures: &[PathBuf],
        reading: &Reading,
        common: &Common,
    ) -> Result<Sources, Failure> {
        let standard_input = Path::new(STANDARD_INPUT);
        if captures.iter().filter(|path| *path == standard_input).count() > 1 {
            return Err(Failure::Usage("standard input (-) can be read only once".into()));
        }
        captures.iter().try_for_each(|path| refuse_what_is_none(path))?;
        let mut paths = Vec::new();
        for path in captures {
            if path != standard_input && path.is_dir() {
                // A folder that cannot be read is told when it is opened, as a file is.
                let Ok(Listing { files, others, .. }) = capture::list_folder(path, reading.recursive) else {
                    paths.push(path.clone());
                    continue;
                };
                for (other, what) in others.iter().filter(|_| !common.quiet) {
                    say(format_args!("{}: passed over: {what}", other.display()));
                }
                if files.is_empty() {
                    let hint =
                        if reading.recursive { "" } else { " (folders below it are read with --recursive)" };
                    let message = format!("{}: holds no files{hint}", path.display());
                    if captures.len() == 1 {
                        return Err(Failure::Failed(message));
                    }
                    say(format_args!("{message}"));
                }
                paths.extend(files);
            } else {
                paths.push(path.clone());
            }
        }
        if paths.is_empty() {
            return Err(Failure::failed("none of the folders holds files"));
        }
        refuse_to_replace(common, &paths, "is one of the captures")?;
        if !common.quiet {
            warn_of_doubles(&paths);
        }
        if paths.len() > 1 && !reading.keep_order {
            capture::sort_by_first_packet(&mut paths);
        }
        let list = paths
            .into_iter()
            .map(|path| if path == standard_input { Source::StandardInput } else { Source::File(path) })
            .collect();
        let progress = reading.progress == Progress::Auto && !common.quiet && io::stderr().is_terminal();
        let threads =
            reading.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        Ok(Sources { list, threads, strict: reading.strict, progress, kept_in_part: Vec::new() })
    }

    /// Keeps what comes from standard input and from named pipes in temporary files, so that it can be
    /// read twice.
    pub(super) fn keep_streams(&mut self) -> Result<(), Failure> {
        for source in &mut self.list {
            let (name, mut stream): (String, Box<dyn Read>) = match source {
                Source::StandardInput => match stdin::stream() {
                    Ok(stream) => (STANDARD_INPUT.to_owned(), Box::new(stream)),
                    Err(_) => continue,
                },
                Source::File(path) if is_named_pipe(path) => match File::open(&*path) {
                    Ok(pipe) => (path.display().to_string(), Box::new(stdin::named_pipe(pipe))),
                    // Why it cannot be opened is said when it is read.
                    Err(_) => continue,
                },
                Source::File(_) | Source::Kept { .. } => continue,
            };
            let failed = |error| {
                let input = if name == STANDARD_INPUT { "standard input" } else { &name };
                Failure::failed(format_args!(
                    "{input} cannot be kept in {}: {error}",
                    std::env::temp_dir().display()
                ))
            };
            let mut file = tempfile::tempfile().map_err(failed)?;
            match io::copy(&mut stream, &mut file) {
                Err(error) if signals::asked().is_some() => {
                    say(format_args!("{name}: {error}"));
                    self.kept_in_part.push(name.clone());
                }
                copied => drop(copied.map_err(failed)?),
            }
            *source = Source::Kept { name, file };
        }
        Ok(())
    }

    /// Reads every capture into one traffic in memory. Some captures may be damaged: the second
    /// value says whether all were whole.
    pub(super) fn read(&self, settings: ReadSettings, holding: &Holding) -> Result<(Traffic, bool), Failure> {
        let (traffic, faults) = self.read_with_faults(settings, holding)?;
        Ok((traffic, faults.is_empty()))
    }

    /// Reads every capture into one traffic in memory, and gives what is wrong with any of them.
    pub(super) fn read_with_faults(
        &self,
        settings: ReadSettings,
        holding: &Holding,
    ) -> Result<(Traffic, Vec<capture::Error>), Failure> {
        let sink = FoldAtMost::new(holding.flows_in_memory());
        let mut reading = traffic::Reading::with_sink(settings, sink);
        let faults = self.read_on_threads(&mut reading)?;
        Ok((reading.finish(), faults))
    }

    /// Reads every capture for a command that goes through the flows in their order, and needs not
    /// all of them in memory.
    pub(super) fn read_many(
        &self,
        settings: ReadSettings,
        keeping: &Keeping,
        quiet: bool,
    ) -> Result<(AnyTraffic, bool), Failure> {
        let sink = FoldWithin::new(keeping.flows_in_memory());
        let mut reading = traffic::Reading::with_sink(settings, sink);
        let faults = self.read_on_threads(&mut reading)?;
        Ok((finish(reading, keeping, quiet)?, faults.is_empty()))
    }

    /// Reads every capture into one traffic in memory; `tell` is called for each packet with the
    /// flows that its headers are in.
    pub(super) fn read_and_tell(
        &self,
        settings: ReadSettings,
        holding: &Holding,
        tell: impl FnMut(&[Folded]),
    ) -> Result<(Traffic, bool), Failure> {
        let sink = FoldAndTell::new(tell).at_most(holding.flows_in_memory());
        let mut reading = traffic::Reading::with_sink(settings, sink);
        let mut taken = Ok(());
        let whole = self.each(|reader| {
            let reader = reader.inspect_err(|error| reading.note_unopened(error))?;
            if taken.is_err() {
                return Ok(());
            }
            let bar = self.bar(reader.name(), reader.length());
            let end = reading.read(reader, |progress| show(&bar, progress));
            bar.finish_and_clear();
            kept(end, &mut taken)
        })?;
        taken?;
        Ok((reading.finish(), whole))
    }

    /// Reads every capture and hands flows out as they end. The traffic has none left.
    pub(super) fn read_ending(
        &self,
        settings: ReadSettings,
        registry: &Registry,
        ended: impl FnMut(&mut Ended) -> io::Result<()>,
    ) -> Result<(Traffic, bool), Failure> {
        let (traffic, whole) =
            self.read_as_it_comes(settings, HandOutEnded::new(registry, ended).live(self.are_live()))?;
        Ok((traffic?, whole))
    }

    /// Whether all that is read may give more at any time.
    pub(super) fn are_live(&self) -> bool {
        self.list.iter().all(Source::is_stream)
    }

    /// Reads every capture into a sink that writes what it is handed.
    pub(super) fn read_as_it_comes<S: Sink<Error = io::Error>>(
        &self,
        settings: ReadSettings,
        sink: S,
    ) -> Result<(S::Output, bool), Failure> {
        let is_live = self.are_live();
        let mut reading = traffic::Reading::with_sink(settings, sink);
        let mut taken = Ok(());
        let whole = self.each(|reader| {
            let mut reader = reader.inspect_err(|error| reading.note_unopened(error))?;
            if is_live {
                reader.hand_over_at_once();
                reader.read_ahead();
            }
            if taken.is_err() {
                return Ok(());
            }
            let bar = self.bar(reader.name(), reader.length());
            let end = reading.read(reader, |progress| show(&bar, progress));
            bar.finish_and_clear();
            kept(end, &mut taken)
        })?;
        taken?;
        Ok((reading.finish(), whole))
    }

    /// Reads every capture on all threads. Gives what is wrong with any of them.
    fn read_on_threads<S: MergingSink>(
        &self,
        reading: &mut traffic::Reading<S>,
    ) -> Result<Vec<capture::Error>, Failure>
    where
        Failure: From<S::Error>,
    {
        let mut taken = Ok(());
        let faults = self.each_with_faults(|reader| {
            let reader = reader.inspect_err(|error| reading.note_unopened(error))?;
            if taken.is_err() {
                return Ok(());
            }
            let bar = self.bar(reader.name(), reader.length());
            let end = reading.read_on(reader, self.threads, |progress| show(&bar, progress));
            bar.finish_and_clear();
            kept(end, &mut taken)
        })?;
        taken?;
        Ok(faults)
    }

    /// The failure where no capture could be read.
    pub(super) fn nothing_read(count: usize) -> Failure {
        match count {
            1 => Failure::Failed("nothing could be read".into()),
            n => Failure::failed(format_args!("none of the {n} captures could be read")),
        }
    }

    /// The captures that are files.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let file = |source: &Source| match source {
            Source::File(path) => Some(path.clone()),
            Source::StandardInput | Source::Kept { .. } => None,
        };
        self.list.iter().filter_map(file).collect()
    }

    /// Whether standard input is all there is to read.
    pub(super) fn is_standard_input(&self) -> bool {
        matches!(self.list.as_slice(), [Source::StandardInput])
    }

    /// Opens every capture and hands it on. A capture that cannot be read is reported and passed
    /// over; when none can be, that is a failure. Says whether all were whole.
    pub(super) fn each(
        &self,
        read: impl FnMut(Result<CaptureReader, capture::Error>) -> Result<(), capture::Error>,
    ) -> Result<bool, Failure> {
        Ok(self.each_with_faults(read)?.is_empty())
    }

    /// Opens every capture and hands it on, as `each` does. Gives what is wrong with any of them.
    fn each_with_faults(
        &self,
        mut read: impl FnMut(Result<CaptureReader, capture::Error>) -> Result<(), capture::Error>,
    ) -> Result<Vec<capture::Error>, Failure> {
        let (mut faults, mut usable, mut unread) = (Vec::new(), false, 0);
        for name in &self.kept_in_part {
            faults.push(interrupted(name));
        }
        for (number, source) in self.list.iter().enumerate() {
            // What has come of a stream is read.
            if number > 0 && signals::asked().is_some() && !matches!(source, Source::Kept { .. }) {
                faults.push(interrupted(&source.name()));
                unread += 1;
                continue;
            }
            match read(self.open(source, signals::stop())) {
                Ok(()) => usable = true,
                Err(error) => {
                    usable |= !error.is_unusable();
                    say(format_args!("{}", error.with_cause()));
                    faults.push(error);
                }
            }
        }
        if unread > 0 {
            say(format_args!("interrupted: {} not read", count(unread, "capture")));
        }
        if usable { Ok(faults) } else { Err(Sources::nothing_read(self.list.len())) }
    }

    /// Reads the captures a second time. What is wrong with them has been said.
    pub(super) fn again(&self, log: &ReadLog) -> impl Iterator<Item = Result<CaptureReader, Failure>> {
        // Those that could not be opened were told, and are not in the log.
        let read = |source: &&Source| log.captures().iter().any(|one| one.name == source.name());
        self.list.iter().filter(read).map(|source| {
            // What was read is written, whatever was asked for meanwhile.
            self.open(source, None).map_err(|error| {
                Failure::failed(format_args!("{}; it could be read before", error.with_cause()))
            })
        })
    }

    /// The times of the first packet of all captures, and of the latest where it is asked for; `None` where none of them
    /// can be read before its end is there. What is wrong with a capture is said when it is read.
    pub(super) fn extent(&self, needs_end: bool) -> Option<(Timestamp, Timestamp)> {
        let mut extent = None;
        let is_there = |source: &&Source| match source {
            Source::File(path) => !is_named_pipe(path),
            Source::Kept { .. } => true,
            Source::StandardInput => false,
        };
        for source in self.list.iter().filter(is_there) {
            let Ok(mut reader) = self.open(source, signals::stop()) else { continue };
            while let Ok(Some(packet)) = reader.next() {
                if let Some(time) = packet.believed_time() {
                    let (first, last) = extent.unwrap_or((time, time));
                    extent = Some((time.min(first), time.max(last)));
                    if !needs_end {
                        break;
                    }
                }
            }
        }
        let none = Timestamp::from_nanoseconds(0);
        extent.or_else(|| self.list.iter().any(|source| is_there(&source)).then_some((none, none)))
    }

    /// Opens a capture; with a second thread, that reads ahead where there is something to wait for.
    fn open(&self, source: &Source, stop: Option<Arc<AtomicBool>>) -> Result<CaptureReader, capture::Error> {
        let mut reader = source.open()?;
        // Where a stream ends at a signal, what has come of it is read.
        if let (Source::File(path), Some(stop)) = (source, stop)
            && !is_named_pipe(path)
        {
            reader.stop_when(stop);
        }
        if self.strict {
            reader.stop_at_damage();
        }
        if self.threads > 1 {
            reader.read_ahead();
        }
        Ok(reader)
    }

    fn bar(&self, name: &str, length: Option<u64>) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
        let template = match length {
            Some(_) => "{prefix} {bar:6} {percent:>3}% {msg}",
            None => "{prefix} {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(progress::name(&foreign::line(name)));
        bar
    }
}

/// Keeps what a sink says that takes no more, and hands on what is wrong with the capture.
fn kept<E>(end: Result<(), ReadError<E>>, taken: &mut Result<(), E>) -> Result<(), capture::Error> {
    match end {
        Ok(()) => Ok(()),
        Err(ReadError::Capture(error)) => Err(error),
        Err(ReadError::Sink(error)) => {
            *taken = Err(error);
            Ok(())
        }
    }
}

/// Ends a reading that keeps at most a number of flows in memory.
pub(super) fn finish(
    reading: traffic::Reading<FoldWithin>,
    keeping: &Keeping,
    quiet: bool,
) -> Result<AnyTraffic, Failure> {
    let traffic = reading.finish().map_err(|error| flows_missing(&error))?;
    if !quiet && traffic.flows_in_files() > 0 {
        say(format_args!(
            "more than {} flows were in memory (--flows-in-memory): all {} are in temporary files in {}",
            keeping.flows_in_memory(),
            traffic.flows_in_files(),
            std::env::temp_dir().display()
        ));
    }
    if let Some(error) = traffic.cannot_spill() {
        say(format_args!(
            "flows beyond {} are kept in memory, since no temporary file can be written in {}: {error}",
            keeping.flows_in_memory(),
            std::env::temp_dir().display()
        ));
    }
    Ok(traffic)
}

/// Shows how far a reading has come.
fn show(bar: &ProgressBar, progress: traffic::Progress) {
    bar.set_position(progress.bytes);
    let speed = progress::Speed { bytes: progress.bytes, of: bar.length(), after: bar.elapsed() };
    bar.set_message(progress::in_words(progress.packets, speed));
}

/// The failure where flows in temporary files cannot be written or read.
pub(super) fn flows_missing(error: &io::Error) -> Failure {
    Failure::failed(format_args!(
        "flows are missing, since a temporary file in {} could not be used: {error}",
        std::env::temp_dir().display()
    ))
}

impl Source {
    /// Whether it is a pipe, which may give more at any time.
    fn is_stream(&self) -> bool {
        match self {
            Source::File(path) => is_named_pipe(path),
            Source::StandardInput => stdin::is_stream(),
            Source::Kept { .. } => false,
        }
    }

    /// The name that its reader has.
    fn name(&self) -> Cow<'_, str> {
        match self {
            Source::File(path) => path.to_string_lossy(),
            Source::StandardInput => STANDARD_INPUT.into(),
            Source::Kept { name, .. } => name.into(),
        }
    }

    fn open(&self) -> Result<CaptureReader, capture::Error> {
        match self {
            Source::File(path) if is_named_pipe(path) => {
                let name = path.display().to_string();
                let pipe = File::open(path).map_err(|error| capture::Error::open(&name, error))?;
                CaptureReader::from_stream(&name, stdin::named_pipe(pipe))
            }
            Source::File(path) => CaptureReader::open(path),
            Source::StandardInput => {
                let stream = stdin::stream().map_err(|error| capture::Error::open(STANDARD_INPUT, error))?;
                CaptureReader::from_stream(STANDARD_INPUT, stream)
            }
            Source::Kept { name, file } => {
                let unusable = |error| capture::Error::open(name, error);
                let mut file = file.try_clone().map_err(unusable)?;
                file.rewind().map_err(unusable)?;
                CaptureReader::from_stream(name, file)
            }
        }
    }
}

/// The fault of a capture that a signal kept from being read.
fn interrupted(name: &str) -> capture::Error {
    capture::Error { capture: name.to_owned(), fault: Fault::Interrupted { offset: 0, packets: 0 } }
}

/// What is written to a pipe can be read only once.
#[cfg(unix)]
fn is_named_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|about| about.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_named_pipe(_: &Path) -> bool {
    false
}

/// All of a text that a command reads besides captures, from a file or standard input (`-`); no more than
/// [`MOST_OF_A_TEXT`].
pub(super) fn text(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = || -> io::Result<Vec<u8>> {
        if path == Path::new(STANDARD_INPUT) {
            return text::whole(io::stdin().lock(), MOST_OF_A_TEXT);
        }
        text::whole(File::open(path)?, MOST_OF_A_TEXT)
    };
    read().map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            Failure::failed(format_args!("{}: {error}; name the right file", path.display()))
        }
        _ => Failure::failed(format_args!("{}: cannot be read: {error}", path.display())),
    })
}

/// Refuses names of no file that were meant for something else: without what they select, the result would be another.
fn refuse_what_is_none(path: &Path) -> Result<(), Failure> {
    let Some(word) = path.to_str().filter(|word| *word != STANDARD_INPUT && !path.exists()) else {
        return Ok(());
    };
    // What stands behind it may be a secret.
    if let Some(scheme) = STORES.into_iter().find(|scheme| word.to_ascii_lowercase().starts_with(scheme)) {
        return Err(Failure::Usage(format!(
            "captures at {scheme} are read by portscribe sql: SELECT * FROM flows('{scheme}...')"
        )));
    }
    let shown = foreign::line(word);
    let is_of_a_filter = WORDS_OF_FILTERS.contains(&word.to_ascii_lowercase().as_str())
        || word.parse::<u16>().is_ok()
        || word.parse::<ipnet::IpNet>().is_ok()
        || word.parse::<std::net::IpAddr>().is_ok()
        // A path may have these marks: a folder of a partition is `day=2026-11-22`.
        || word.contains(['=', '<', '>']) && !word.contains('/') && !word.contains(".pcap");
    if is_of_a_filter {
        return Err(Failure::Usage(format!(
            "{shown}: no such file; conditions stand behind --where, such as --where 'port = 80 and host = 192.0.2.7'"
        )));
    }
    if word.parse::<jiff::civil::Time>().is_ok() {
        return Err(Failure::Usage(format!(
            "{shown}: no such file; a time with a blank stands in quotes: --since '2026-11-22 {shown}'"
        )));
    }
    let is_interface = !word.contains('/') && Path::new("/sys/class/net").join(word).exists();
    if is_interface {
        return Err(Failure::Usage(format!(
            "{shown}: no such file, but an interface; another program captures: tcpdump -i {shown} -U -w - | portscribe \
             flows - --order end --format csv"
        )));
    }
    Ok(())
}

/// How names begin that are those of objects in stores.
const STORES: [&str; 5] = ["s3://", "gs://", "az://", "https://", "http://"];

/// Words of the filters of tcpdump and others.
const WORDS_OF_FILTERS: [&str; 16] = [
    "and",
    "dst",
    "ether",
    "host",
    "icmp",
    "ip",
    "ip6",
    "net",
    "not",
    "or",
    "port",
    "portrange",
    "sctp",
    "src",
    "tcp",
    "udp",
];

/// No ruleset, worksheet or list is as large as this; a capture that is named by mistake may be.
const MOST_OF_A_TEXT: u64 = 1 << 28;

/// What other files are to the command that reads them.
pub(super) const READ_BY_IT: &str = "is read by this command";

/// The result must not take the place of a file that is read, by whatever name: links count, and what standard input
/// is redirected from. `what` says what the file is.
pub(super) fn refuse_to_replace<'p>(
    common: &Common,
    inputs: impl IntoIterator<Item = &'p PathBuf>,
    what: &str,
) -> Result<(), Failure> {
    refuse_results(output::file(common), inputs, (what, "Name another file with --output"))
}

/// None of the results must take the place of a file that is read. `said` is what the file is, and what to do.
pub(super) fn refuse_results<'p>(
    results: impl IntoIterator<Item = impl AsRef<Path>>,
    inputs: impl IntoIterator<Item = &'p PathBuf>,
    (what, instead): (&str, &str),
) -> Result<(), Failure> {
    let results: Vec<_> = results.into_iter().filter_map(|path| identity(path.as_ref())).collect();
    if results.is_empty() {
        return Ok(());
    }
    let of_input = |path: &Path| {
        if path == Path::new(STANDARD_INPUT) { identity(Path::new("/dev/stdin")) } else { identity(path) }
    };
    match inputs.into_iter().find(|path| of_input(path).is_some_and(|input| results.contains(&input))) {
        Some(input) => Err(Failure::Usage(format!(
            "{}: {what}; the result would take its place. {instead}",
            input.display()
        ))),
        None => Ok(()),
    }
}

/// What tells a regular file from every other, by whatever name; `None` for others, which no result replaces.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let about = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    Some((about.dev(), about.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().filter(|path| path.is_file())
}

/// A capture that is named twice is read twice, which is seldom meant.
fn warn_of_doubles(captures: &[PathBuf]) {
    let mut seen = std::collections::HashSet::new();
    for path in captures {
        if path.canonicalize().is_ok_and(|real| !seen.insert(real)) {
            say(format_args!("{}: is named twice, and its packets count twice", path.display()));
        }
    }
}

/// Traffic can look like a tunnel on every port: who reads messages needs no more to know what there is.
const MOST_HINTS: usize = 20;

/// Says which packets are in no flow, and what was read where more is asked for than the result has a
/// place for. A person who has a table on the terminal reads it there.
pub(super) fn say_what_was_read(log: &ReadLog, common: &Common, format: Format) {
    say_what_was_read_as("", log, common, format);
}

/// The same where a command reads twice: `of` says which it is, with a colon and a blank.
pub(super) fn say_what_was_read_as(of: &str, log: &ReadLog, common: &Common, format: Format) {
    if common.verbose {
        for line in report::captures(log) {
            say(format_args!("{of}{line}"));
        }
        if !format.carries_the_note() {
            say(format_args!("{of}{}", report::read(log.counters())));
        }
    }
    let is_shown = format.is_for_people() && common.output.is_none() && io::stdout().is_terminal();
    if common.quiet {
        return;
    }
    if !is_shown {
        for line in report::reservations(log) {
            say(format_args!("{of}{line}"));
        }
    }
    let mut hints = report::hints(log.counters());
    for hint in hints.by_ref().take(MOST_HINTS) {
        say(format_args!("{of}{hint}"));
    }
    let more = hints.count();
    if more > 0 {
        let look = if more == 1 { "looks like a tunnel" } else { "look like tunnels" };
        let ports = count(more as u64, "more port");
        say(format_args!("{of}{ports} {look}, too: `hints` of --format json has all"));
    }
}
