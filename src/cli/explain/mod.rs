//! `portscribe explain`: one flow in sentences, or what words mean.

mod words;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::args::Explain;
use super::input::{self, Sources};
use super::output::{self, Output};
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, naming, registry_choice, say, settings};
use crate::flow;
use crate::label::Labeller;
use crate::registry::Registry;
use crate::report::explain::{self, Explanation, FirstPackets};
use crate::report::glossary::WordKind;
use crate::report::{self, Format, Head, Times, wrapped};
use crate::traffic::{Labelled, LabelledFlow, LabelledPackets, PacketsError, Selection, Traffic};

/// What is asked for.
enum Asked {
    /// Words of a kind, or a word of any kind.
    Words(Option<WordKind>, Option<String>),
    /// A flow of captures.
    Flow(Vec<PathBuf>, Wanted),
}

/// Which flow.
enum Wanted {
    Number(u64),
    CommunityId(String),
    End(SocketAddr),
}

pub(super) fn run(command: &Explain) -> Result<(), Failure> {
    let registry = registry_choice::registry(&command.common)?;
    match asked(command)? {
        Asked::Words(kind, word) => {
            let entries = words::asked(kind, word.as_deref());
            if let (true, Some(word)) = (entries.is_empty(), &word) {
                return Err(words::say_unknown(kind, word));
            }
            words::write(&entries, &registry, Output::open_or(&command.common, Format::Table, &registry)?)
        }
        Asked::Flow(captures, wanted) => flow_in(command, &captures, &wanted, &registry),
    }
}

/// Takes apart what stands without an option. What is a file is a capture, whatever it is called.
fn asked(command: &Explain) -> Result<Asked, Failure> {
    let names = &command.reading.captures;
    let by_option =
        (command.flow.map(Wanted::Number)).or_else(|| command.community_id.clone().map(Wanted::CommunityId));
    if let Some(wanted) = by_option {
        return Ok(Asked::Flow(names.clone(), wanted));
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let is_name = |path: &Path| path == Path::new("-") || path.exists();
    if let [captures @ .., last] = names.as_slice()
        && !is_name(last)
    {
        let last_text = text(last);
        if let Ok(end) = last_text.parse::<SocketAddr>() {
            if captures.is_empty() {
                return Err(Failure::Usage(format!(
                    "{end} is an end of flows; name the captures before it: portscribe explain CAPTURE {end}"
                )));
            }
            return Ok(Asked::Flow(captures.to_vec(), Wanted::End(end)));
        }
        let is_a_flow = !captures.is_empty() && captures.iter().all(|path| is_name(path));
        if let (true, Ok(number)) = (is_a_flow, last_text.parse::<u64>()) {
            if number == 0 {
                return Err(Failure::Usage("flows are numbered from 1".to_owned()));
            }
            return Ok(Asked::Flow(captures.to_vec(), Wanted::Number(number)));
        }
        // Community IDs of version 1 begin so.
        if is_a_flow && last_text.starts_with("1:") {
            return Ok(Asked::Flow(captures.to_vec(), Wanted::CommunityId(last_text)));
        }
        match captures {
            [] => {
                return Ok(match last_text.parse::<WordKind>() {
                    Ok(kind) => Asked::Words(Some(kind), None),
                    Err(_) => Asked::Words(None, Some(last_text)),
                });
            }
            [kind] if !is_name(kind) => {
                let kind = text(kind);
                return match kind.parse::<WordKind>() {
                    Ok(kind) => Ok(Asked::Words(Some(kind), Some(last_text))),
                    Err(error) => Err(Failure::Usage(format!("{error}, and no file; {}", kinds(&kind)))),
                };
            }
            _ => {}
        }
        return Err(Failure::Usage(format!(
            "{last_text} is neither a file, nor a flow: its number, its Community ID or an address with a port, such as \
             192.0.2.7:443 or [2001:db8::7]:443"
        )));
    }
    Err(Failure::Usage(
        "which flow? Name it behind the captures: the number that `flows` has, a Community ID, or ADDRESS:PORT"
            .to_owned(),
    ))
}

fn kinds(word: &str) -> String {
    let all = WordKind::ALL.map(WordKind::name);
    match crate::text::nearest(word, all.into_iter()).first() {
        Some(near) => format!("the nearest kind is {near}"),
        None => format!("kinds of words are {}", all.join(", ")),
    }
}

fn flow_in(
    command: &Explain,
    captures: &[PathBuf],
    wanted: &Wanted,
    registry: &Registry,
) -> Result<(), Failure> {
    if !matches!(output::asked_format(&command.common), None | Some(Format::Table | Format::Json)) {
        return Err(Failure::Usage(
            "an explanation of a flow is text (--format table) or --format json; `flows` has its row in the \
             other formats"
                .to_owned(),
        ));
    }
    let mut sources = Sources::find_named(captures, &command.reading, &command.common)?;
    let out = Output::open_or(&command.common, Format::Table, registry)?;
    let clock = Clock::of(&command.timing, out.format())?;
    let mut settings = settings::settings(&command.reading);
    settings.flow.protocols = command.protocols.protocols;
    let mut settings = naming::settings(settings, &command.naming, &command.reading, None)?;
    input::refuse_to_replace(&command.common, &command.naming.hosts_file, input::READ_BY_IT)?;
    sandbox::confine(
        &command.reading,
        &Open { read: sources.files(), result: output::file(&command.common), ..Open::default() },
    );
    sources.keep_streams()?;
    let window = (command.since, command.until);
    clock.cut(&mut settings.flow, window, &sources, command.common.quiet);
    let (traffic, whole) = sources.read(settings, &command.holding)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let labelled = traffic.label(registry);
    let Some((row, others)) = find(&labelled, wanted) else {
        say(format_args!("{}", not_found(&labelled, wanted)));
        return Err(Failure::Something);
    };
    let packets = first_packets(&labelled, &sources, &row, command.packets.into())?;
    // Every basis is asked about the flow, also those that are weaker than the one that decides.
    let ephemeral = traffic.settings().ephemeral.clone();
    let votes = Labeller::of_all_ends(registry, traffic.table(), ephemeral).votes(&row.flow);
    let about = Explanation {
        place: traffic.place(row.flow.first_packet()),
        flows: traffic.table().len() as u64,
        row,
        votes,
        others,
        packets,
        registry,
    };
    write(&about, &clock.times(traffic.log()), (&traffic, registry), out)?;
    if whole { Ok(()) } else { Err(Failure::Incomplete) }
}

fn write(
    about: &Explanation,
    times: &Times,
    (traffic, registry): (&Traffic, &Registry),
    mut out: Output,
) -> Result<(), Failure> {
    if out.format() == Format::Json {
        out.write_all(explain::json(about, Head::of_traffic(registry, traffic.log()), times).as_bytes())?;
    } else {
        let style = out.style();
        let mut lines = out.lines();
        for line in explain::people(about, style, times)? {
            lines.line(line)?;
        }
        lines.blank()?;
        for line in wrapped(&output::note(registry), style.width) {
            lines.line(line)?;
        }
    }
    out.finish()
}

/// The first flow that is wanted, and the numbers of the others.
fn find<'a>(labelled: &Labelled<'a>, wanted: &Wanted) -> Option<(LabelledFlow<'a>, Vec<u64>)> {
    let is_wanted = |number: u64, flow: &flow::Flow| match wanted {
        Wanted::Number(wanted) => number == *wanted,
        Wanted::CommunityId(id) => flow::community_id(flow).as_ref() == Some(id),
        Wanted::End(end) => flow::Side::BOTH.iter().any(|&side| {
            let one = flow.end(side);
            one.address == end.ip() && one.port == Some(end.port())
        }),
    };
    let flows = labelled.traffic().table().flows().zip(1_u64..);
    let mut numbers = flows.filter(|(flow, number)| is_wanted(*number, flow)).map(|(_, number)| number);
    let first = numbers.next()?;
    let row = labelled.flow(usize::try_from(first - 1).ok()?)?;
    Some((row, numbers.collect()))
}

/// How many flows are named that are near what was asked for.
const MOST: usize = 5;

/// What there is to say where no flow is wanted: what is nearest.
fn not_found(labelled: &Labelled, wanted: &Wanted) -> String {
    let all = labelled.traffic().table().len();
    let there_are = match all {
        0 => no_flows(labelled),
        1 => "there is one flow, number 1".to_owned(),
        _ => format!("there are {all} flows, numbers 1 to {all}"),
    };
    match wanted {
        Wanted::Number(number) if all > 0 => {
            format!("flow {number} does not exist: {there_are}; the nearest is {all}")
        }
        Wanted::Number(number) => format!("flow {number} does not exist: {there_are}"),
        Wanted::CommunityId(id) => {
            format!("no flow has the Community ID {id}: {there_are}; `flows` has the IDs in `community_id`")
        }
        Wanted::End(end) => {
            let mut near: Vec<u64> = Vec::new();
            let mut by_port: Vec<u64> = Vec::new();
            for (flow, number) in labelled.traffic().table().flows().zip(1_u64..) {
                let ends = flow::Side::BOTH.map(|side| flow.end(side));
                if near.len() < MOST && ends.iter().any(|one| one.address == end.ip()) {
                    near.push(number);
                }
                if by_port.len() < MOST && ends.iter().any(|one| one.port == Some(end.port())) {
                    by_port.push(number);
                }
            }
            let (what, numbers) = if near.is_empty() {
                (format!("port {}", end.port()), by_port)
            } else {
                (end.ip().to_string(), near)
            };
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            match numbers.as_slice() {
                [] => format!("no flow has the end {end}, its address or its port: {there_are}"),
                _ => format!(
                    "no flow has the end {end}: {there_are}; the first with {what}: {}",
                    numbers.join(", ")
                ),
            }
        }
    }
}

/// That there are no flows, and what there is in their place.
fn no_flows(labelled: &Labelled) -> String {
    match report::without_ports(labelled.traffic().log().counters()) {
        Some(line) => format!("the captures have no flows with ports. {}", line.trim_end_matches('.')),
        None => "the captures have no flows".to_owned(),
    }
}

/// That enough packets of the flow were seen.
struct Enough;

/// Goes through the captures again, until the first packets of the flow are found.
fn first_packets(
    labelled: &Labelled,
    sources: &Sources,
    row: &LabelledFlow,
    most: usize,
) -> Result<FirstPackets, Failure> {
    let all = usize::try_from(row.packets_to_server() + row.packets_to_client()).unwrap_or(usize::MAX);
    let mut packets = FirstPackets::at_most(most.min(all));
    if row.flow.transport().is_none() || packets.is_full() {
        return Ok(packets);
    }
    let mut pass = LabelledPackets::new(labelled, Selection::default());
    for reader in sources.again(labelled.traffic().log()) {
        let read = pass.capture(&mut reader?, |header| {
            packets.take(header, row.number);
            if packets.is_full() { Err(Enough) } else { Ok(()) }
        });
        match read {
            Ok(()) => {}
            Err(PacketsError::Sink(Enough)) => break,
            Err(PacketsError::Changed(error)) => return Err(Failure::failed(error)),
        }
    }
    Ok(packets)
}
