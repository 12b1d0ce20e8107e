//! `portscribe annotate`: two passes over what can be read twice, one pass over a stream.

use super::anonymizing;
use super::registry_choice;
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{naming, settings};
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use super::args::{Annotate, Holding, Selecting};
use super::input::{self, Sources};
use super::output::{self, Target};
use super::result_file::{Readers, is_shared};
use super::{Failure, file_name, say};
use crate::annotate::{
    AnnotateOptions, Error, HostName, MemoWriter, Pass, Report, Sink, Split, SplitBy, Stream, Whole, profile,
};
use crate::anonymize::Anonymizer;
use crate::capture;
use crate::flow::Counters;
use crate::foreign::Foreign;
use crate::registry::{Overlay, Registry};
use crate::report;
use crate::text::count;
use crate::traffic::{CopyChoice, ReadSettings};

/// Nanoseconds that a packet waits where nothing else is said.
const DELAY: Duration = Duration::from_secs(1);

pub(super) fn run(command: &Annotate) -> Result<(), Failure> {
    let plan = Plan::new(command)?;
    let by = anonymizing::anonymizer(&command.anonymizing, &command.common)?;
    let registry = anonymizing::registry(registry_choice::registry(&command.common)?, by.as_ref());
    if let Some(folder) = &command.wireshark_profile {
        write_profile(folder, &registry)?;
    }
    if command.reading.captures.is_empty() {
        return Ok(());
    }
    let sources = Sources::find(&command.reading, &command.common)?;
    let settings = settings::settings(&command.reading);
    naming::refuse_unasked(&command.naming, &settings::selection(&command.selecting), [])?;
    let settings = naming::settings(settings, &command.naming, &command.reading, by.as_ref())?;
    input::refuse_to_replace(&command.common, &command.naming.hosts_file, input::READ_BY_IT)?;
    let mut settings = anonymizing::settings(settings, by.as_ref());
    let options = options(command, &registry, by);
    let cut = |settings: &mut ReadSettings, sources: &Sources| {
        let window = (command.selecting.since, command.selecting.until);
        Clock::utc().cut(&mut settings.flow, window, sources, command.common.quiet);
    };
    let (whole, counters, told) = match plan {
        Plan::Profile => return Ok(()),
        Plan::Split { by, folder } => {
            let failed = |error: &io::Error| {
                Failure::failed(format_args!("{}: cannot be written: {error}", folder.display()))
            };
            let split = Split::new(by, folder).map_err(|error| failed(&error))?;
            let mut split = split.guarded(is_shared(folder));
            let open = Open { read: sources.files(), folder: Some(folder), ..Open::default() };
            sandbox::confine(&command.reading, &open);
            cut(&mut settings, &sources);
            let done = two_passes(
                sources,
                (settings, &command.holding),
                &registry,
                options,
                true,
                &mut split,
                failed,
            )?;
            let files = split.finish().map_err(|error| failed(&error))?;
            if command.common.verbose {
                say(format_args!("{files} files written to {}", folder.display()));
            }
            done
        }
        Plan::Whole { output, delay } => {
            if let Some(path) = output.filter(|path| file_name::format(path).is_some()) {
                return Err(Failure::Usage(format!(
                    "{}: an annotated capture is pcapng: name it .pcapng, .pcapng.gz or .pcapng.zst",
                    path.display()
                )));
            }
            let target = Target::open(output, Readers::Guarded)?;
            let open = Open { read: sources.files(), result: output, ..Open::default() };
            sandbox::confine(&command.reading, &open);
            cut(&mut settings, &sources);
            let place = output.map_or_else(|| "the result".to_owned(), |path| path.display().to_string());
            let failed = |error: &io::Error| match (error.kind(), output) {
                (io::ErrorKind::BrokenPipe, None) => Failure::BrokenPipe,
                _ => Failure::failed(format_args!("{place}: cannot be written: {error}")),
            };
            // A pipe is annotated as it comes; where the result is a file there is time for two passes.
            let delay = delay.or((sources.is_standard_input() && output.is_none()).then_some(DELAY));
            let mut out = if delay.is_some() { Whole::new(target) } else { Whole::behind(target) };
            let done = if let Some(delay) = delay {
                one_pass(
                    &sources,
                    (&settings, &command.holding),
                    &registry,
                    options,
                    delay,
                    &mut out,
                    failed,
                )?
            } else {
                let memo = options.needs_memo();
                two_passes(sources, (settings, &command.holding), &registry, options, memo, &mut out, failed)?
            };
            out.finish().map_err(|error| failed(&error))?.finish()?;
            done
        }
    };
    if !command.common.quiet {
        if let Some(line) = report::uncounted(&counters) {
            say(format_args!("{line}"));
        }
        for line in told {
            say(format_args!("{line}"));
        }
        say(format_args!("{}", output::note(&registry)));
    }
    if whole { Ok(()) } else { Err(Failure::Incomplete) }
}

/// What the options ask for.
enum Plan<'a> {
    /// A profile and nothing else.
    Profile,
    /// One file, or standard output (`None`).
    Whole { output: Option<&'a Path>, delay: Option<Duration> },
    /// A folder of files.
    Split { by: SplitBy, folder: &'a Path },
}

impl Plan<'_> {
    fn new(command: &Annotate) -> Result<Plan<'_>, Failure> {
        let wrong = |message: &str| Err(Failure::Usage(message.to_owned()));
        if command.common.format.is_some() {
            return wrong("--format is not for annotate: the result is a pcapng file");
        }
        let output = command.common.output.as_deref();
        let standard = output == Some(Path::new("-"));
        if command.reading.captures.is_empty() {
            return match (output, command.split_by) {
                (None, None) => Ok(Plan::Profile),
                _ => wrong("there is no CAPTURE to annotate"),
            };
        }
        match (output, command.split_by) {
            (None, _) => {
                wrong("say with --output where the annotated capture goes (`-` for standard output)")
            }
            (Some(_), Some(_)) if standard => wrong("--split-by writes into a folder; name it with --output"),
            (Some(folder), Some(by)) => Ok(Plan::Split { by, folder }),
            (Some(_), None) if standard && io::stdout().is_terminal() => {
                wrong("standard output is a terminal, which cannot show pcapng; name a file with --output")
            }
            (Some(path), None) => {
                Ok(Plan::Whole { output: (!standard).then_some(path), delay: command.delay })
            }
        }
    }
}

fn two_passes<S: Sink>(
    mut sources: Sources,
    (settings, holding): (ReadSettings, &Holding),
    registry: &Registry,
    options: AnnotateOptions,
    with_memo: bool,
    sink: &mut S,
    failed: impl Fn(&io::Error) -> Failure,
) -> Result<(bool, Counters, Vec<String>), Failure> {
    sources.keep_streams()?;
    let temporary =
        |error: io::Error| Failure::failed(format_args!("a temporary file cannot be written: {error}"));
    let (traffic, whole, memo) = if with_memo {
        let mut memo = MemoWriter::new();
        let (traffic, whole) = sources.read_and_tell(settings, holding, |flows| memo.packet(flows))?;
        (traffic, whole, Some(memo.finish().map_err(temporary)?))
    } else {
        let (traffic, whole) = sources.read(settings, holding)?;
        (traffic, whole, None)
    };
    let labelled = traffic.label(registry);
    let mut pass = Pass::new(&labelled, memo, options);
    for reader in sources.again(traffic.log()) {
        pass.capture(&mut reader?, sink).map_err(|error| failure(&error, &failed))?;
    }
    pass.finish().map_err(|error| failure(&error, &failed))?;
    tell(pass.report());
    let log = traffic.log();
    let told = copies(log.copies(), log.settings()).into_iter().chain(report::same_captures(log)).collect();
    Ok((whole, traffic.counters().clone(), told))
}

fn one_pass<S: Sink>(
    sources: &Sources,
    (settings, holding): (&ReadSettings, &Holding),
    registry: &Registry,
    options: AnnotateOptions,
    delay: Duration,
    sink: &mut S,
    failed: impl Fn(&io::Error) -> Failure,
) -> Result<(bool, Counters, Vec<String>), Failure> {
    let stream = Stream::new(registry, settings.clone(), options, delay);
    let mut stream = stream.at_most(holding.flows_in_memory());
    let mut fault = None;
    let whole = sources.each(|reader| {
        let mut reader = reader?;
        if fault.is_some() {
            return Ok(());
        }
        stream.capture(&mut reader, sink).or_else(|error| told(error, &mut fault))
    });
    if let Some(error) = fault {
        return Err(failure(&error, failed));
    }
    tell(stream.report());
    Ok((whole?, stream.counters().clone(), copies(stream.copies(), settings).into_iter().collect()))
}

/// How many copies were counted, in a line.
fn copies(copies: u64, settings: &ReadSettings) -> Option<String> {
    (settings.copies == CopyChoice::Count).then(|| report::copies(copies)).flatten()
}

/// Hands on what is wrong with a capture, and keeps what ends everything.
fn told(error: Error, fault: &mut Option<Error>) -> Result<(), capture::Error> {
    match error {
        Error::Capture(error) => Err(error),
        other => {
            *fault = Some(other);
            Ok(())
        }
    }
}

fn failure(error: &Error, failed: impl Fn(&io::Error) -> Failure) -> Failure {
    match error {
        Error::Write(error) => failed(error),
        Error::Memo(error) => Failure::failed(format_args!("a temporary file cannot be read: {error}")),
        Error::Capture(error) => Failure::failed(error.with_cause()),
        Error::Changed(error) => Failure::failed(error),
        Error::TooManyFlows(error) => Failure::from(*error),
    }
}

/// Says what could not be annotated or copied.
fn tell(report: Report) {
    let Report {
        without_room,
        undescribed,
        blocks_not_copied,
        options_not_copied,
        options_damaged,
        left_unnamed,
        anonymized,
        ..
    } = report;
    if anonymized.cut > 0 {
        say(format_args!(
            "{} cut off before a header that was read: it is not certain what else is around it",
            count(anonymized.cut, "packet")
        ));
    }
    if left_unnamed > 0 {
        say(format_args!("{left_unnamed} blocks and options that may hold names or addresses were left out"));
    }
    if undescribed > 0 {
        say(format_args!(
            "not written: {} of an interface that the capture does not describe; programs refuse a file with such \
             a packet",
            count(undescribed, "packet")
        ));
    }
    if without_room > 0 {
        say(format_args!(
            "{without_room} packets have no comment: Simple Packet Blocks have no room for one"
        ));
    }
    if blocks_not_copied > 0 {
        say(format_args!("{blocks_not_copied} Custom Blocks were not copied, as their makers ask"));
    }
    if options_damaged > 0 {
        say(format_args!(
            "the options of {} are damaged, and were copied up to there; programs refuse a file with such options",
            count(options_damaged, "block")
        ));
    }
    if options_not_copied > 0 {
        say(format_args!("{options_not_copied} Custom Options were not copied, as their makers ask"));
    }
}

/// What is written, as the options say.
fn options(command: &Annotate, registry: &Registry, anonymizer: Option<Anonymizer>) -> AnnotateOptions {
    let selecting = command.selecting.with(&command.only);
    let selection = settings::selection(&selecting);
    let without = settings::without_payload(&command.reading, anonymizer.as_ref());
    settings::warn_of_selection(without, &selection, registry, &command.common);
    AnnotateOptions {
        comments: command.comments,
        said: said(command, &selecting),
        names: if command.overlay_names { host_names(registry) } else { Vec::new() },
        overlays: if anonymizer.is_none() { overlays(registry) } else { Vec::new() },
        selection,
        anonymizer,
    }
}

/// The hosts that the registry's overlays name: entries for one address each.
fn host_names(registry: &Registry) -> Vec<HostName> {
    let mut names: Vec<HostName> = Vec::new();
    for entry in registry.overlay().into_iter().flat_map(Overlay::entries) {
        for host in &entry.hosts {
            let one = HostName { address: host.addr(), name: entry.name.clone() };
            if host.prefix_len() == host.max_prefix_len() && !names.contains(&one) {
                names.push(one);
            }
        }
    }
    names
}

/// The overlays on the registry, by what they say of where they come from.
fn overlays(registry: &Registry) -> Vec<Foreign<String>> {
    let mut sources: Vec<Foreign<String>> = Vec::new();
    for entry in registry.overlay().into_iter().flat_map(Overlay::entries) {
        if !entry.source.is_empty() && !sources.contains(&entry.source) {
            sources.push(entry.source.clone());
        }
    }
    sources
}

/// The options that decide what is written, for the section's comment. Names of files are left
/// out, so that the same packets give the same bytes.
fn said(command: &Annotate, selecting: &Selecting) -> String {
    let mut text = format!("--comments {}", command.comments.name());
    let mut put = |name: &str, value: &dyn std::fmt::Display| {
        // Writing to a string does not fail.
        let _ = write!(text, " --{name} {value}");
    };
    put("layers", &command.reading.layers.name());
    if command.reading.copies != CopyChoice::Count {
        put("copies", &command.reading.copies.name());
    }
    for timeout in &command.reading.idle_timeout {
        let what = match (timeout.connections, timeout.datagrams) {
            (true, false) => "tcp=",
            (false, true) => "udp=",
            _ => "",
        };
        put("idle-timeout", &format_args!("{what}{}", timeout.after.as_secs_f64()));
    }
    for range in &command.reading.ephemeral {
        put("ephemeral", &format_args!("{}-{}", range.start(), range.end()));
    }
    if let Some(delay) = command.delay {
        put("delay", &(delay.as_secs_f64()));
    }
    // Values that may be what is to be hidden are left out.
    let is_open = command.anonymizing.anonymize.is_none();
    selecting
        .wheres
        .iter()
        .filter(|_| is_open)
        .for_each(|expression| put("where", &format_args!("'{expression}'")));
    selecting.interface.iter().filter(|_| is_open).for_each(|interface| put("interface", interface));
    command.selecting.since.iter().for_each(|time| put("since", time));
    command.selecting.until.iter().for_each(|time| put("until", time));
    for condition in settings::conditions(selecting).into_iter().filter(|_| is_open) {
        let _ = write!(text, " {condition}");
    }
    for (is_set, option) in
        [(command.reading.separate_vlans, " --separate-vlans"), (command.reading.no_payload, " --no-payload")]
    {
        if is_set {
            text.push_str(option);
        }
    }
    if command.overlay_names {
        text.push_str(" --overlay-names");
    }
    if !is_open {
        text.push_str(" --anonymize");
    }
    text
}

/// Writes a Wireshark profile. Each file appears when it is complete.
fn write_profile(folder: &Path, registry: &Registry) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::failed(format_args!("{}: cannot be made: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (name, content) in profile(registry) {
        let path = folder.join(name);
        let mut target = Target::open(Some(&path), Readers::Usual)?;
        io::Write::write_all(&mut target, content.as_bytes()).map_err(|error| target.failure(&error))?;
        target.finish()?;
    }
    Ok(())
}
