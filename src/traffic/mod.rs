//! Captures in, labelled flows out: the stations one after another.

mod ending;
mod listening;
mod parallel;
mod selection;

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub use ending::{Ended, Ending};
pub use listening::{Break, DEFAULT_MAX_GAP, Listening, Stretch};
pub use selection::Selection;

use crate::capture::{CaptureReader, Compression, Error, Format, Packet, Timestamp};
use crate::decode::{self, Decoder, Layers, MAX_HEADERS};
use crate::flow::{
    Contexts, Counters, Endpoints, Ephemeral, Flow, FlowTable, Folded, Options, Side, Sorted, Spill,
};
use crate::label::{Label, Labeller};
use crate::net::End;
use crate::registry::Registry;

/// How captures are read and labelled.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How packets are decoded where they do not say it themselves.
    pub decode: decode::Options,
    /// How packets become flows.
    pub flow: Options,
    /// The ports that systems pick client ports from.
    pub ephemeral: Ephemeral,
    /// How many flows are kept in memory; when there are more, all go to temporary files. A pass
    /// that asks for [single flows](Labelled::flow) needs all in memory. No limit by default.
    pub flows_in_memory: usize,
    /// Nanoseconds of silence after which nobody can say whether a capture was still listening.
    pub max_gap: i64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            decode: decode::Options::default(),
            flow: Options::default(),
            ephemeral: Ephemeral::default(),
            flows_in_memory: usize::MAX,
            max_gap: DEFAULT_MAX_GAP,
        }
    }
}

/// One capture that was read.
#[derive(Clone, Debug)]
pub struct CaptureSummary {
    /// The capture, as it was named.
    pub name: String,
    /// Its format.
    pub format: Format,
    /// How it is compressed.
    pub compression: Option<Compression>,
    /// How many packets came from the captures before it.
    pub packets_before: u64,
    /// How many packets it gave.
    pub packets: u64,
    /// Time of its first packet.
    pub first_seen: Option<Timestamp>,
    /// The latest time of its packets.
    pub last_seen: Option<Timestamp>,
    /// When it was listening.
    pub listening: Listening,
    /// Why it could not be read to its end.
    pub fault: Option<String>,
}

/// Captures being read.
pub struct Analysis {
    settings: Settings,
    table: FlowTable,
    /// The flows that did not fit into memory.
    spill: Option<Spill>,
    /// Why no more flows can be put into temporary files.
    cannot_spill: Option<io::Error>,
    captures: Vec<CaptureSummary>,
}

impl Analysis {
    /// Nothing read yet.
    pub fn new(settings: Settings) -> Analysis {
        let table = FlowTable::new(settings.flow.clone());
        Analysis { settings, table, spill: None, cannot_spill: None, captures: Vec::new() }
    }

    /// Reads a capture file to its end.
    ///
    /// # Errors
    ///
    /// When the file is not there, is no capture, is damaged or cut short. What came before the
    /// fault is counted, and the capture's summary keeps the message.
    pub fn read_file(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.read(CaptureReader::open(path)?, |_, _| {})
    }

    /// Reads a capture to its end; `watch` sees every packet as it is read, with the position in
    /// the capture behind it.
    ///
    /// # Errors
    ///
    /// As for [`Analysis::read_file`].
    pub fn read(&mut self, mut capture: CaptureReader, watch: impl FnMut(u64, u64)) -> Result<(), Error> {
        let packets_before = self.table.counters().read();
        let settings = self.settings.clone();
        let part = Part::fold_by(&mut capture, &settings, self, watch, |analysis, packet, layers| {
            analysis.table.fold(packet, layers);
            if analysis.table.len() >= settings.flows_in_memory {
                analysis.relieve();
            }
            ControlFlow::Continue(())
        });
        self.finish_capture(&capture, packets_before, part)
    }

    /// Puts flows into temporary files when there are too many.
    #[cold]
    fn relieve(&mut self) {
        if self.table.len() < self.settings.flows_in_memory || self.cannot_spill.is_some() {
            return;
        }
        let spilled = match &mut self.spill {
            Some(spill) => spill.take_from(&mut self.table),
            none => Spill::new().and_then(|spill| none.insert(spill).take_from(&mut self.table)),
        };
        // They stay in memory then.
        self.cannot_spill = spilled.err();
    }

    /// The same; `tell` is told for each packet which flows its headers are in.
    ///
    /// # Errors
    ///
    /// As for [`Analysis::read_file`].
    pub fn read_and_tell(
        &mut self,
        mut capture: CaptureReader,
        watch: impl FnMut(u64, u64),
        mut tell: impl FnMut(&[Folded]),
    ) -> Result<(), Error> {
        let packets_before = self.table.counters().read();
        let mut folded = Vec::with_capacity(MAX_HEADERS);
        let part = Part::fold_by(
            &mut capture,
            &self.settings,
            &mut self.table,
            watch,
            |table: &mut FlowTable, packet, layers| {
                folded.clear();
                table.fold_and_tell(packet, layers, |one| folded.push(one));
                tell(&folded);
                ControlFlow::Continue(())
            },
        );
        self.finish_capture(&capture, packets_before, part)
    }

    /// Notes a capture that was read.
    fn finish_capture(
        &mut self,
        capture: &CaptureReader,
        packets_before: u64,
        part: Part,
    ) -> Result<(), Error> {
        self.captures.push(CaptureSummary {
            name: capture.name().to_owned(),
            format: capture.format(),
            compression: capture.compression(),
            packets_before,
            packets: self.table.counters().read() - packets_before,
            first_seen: part.first_seen,
            last_seen: part.last_seen,
            listening: part.listening,
            fault: part.end.as_ref().err().map(ToString::to_string),
        });
        part.end
    }

    /// The traffic as it was read; nothing can be added to it. Flows that are in temporary files
    /// are put together: [`Traffic::check`] says whether that went well.
    pub fn finish(mut self) -> Traffic {
        let mut sorted = None;
        let mut fault = None;
        if let Some(mut spill) = self.spill {
            self.table.forget_fragments();
            let finished = spill.take_from(&mut self.table).and_then(|()| spill.finish(&self.settings.flow));
            match finished {
                Ok(flows) => sorted = Some(flows),
                Err(error) => fault = Some(error),
            }
        }
        Traffic {
            settings: self.settings,
            table: self.table,
            sorted,
            fault: Mutex::new(fault),
            cannot_spill: self.cannot_spill,
            captures: self.captures,
        }
    }
}

/// What there is to say of a capture, or of a part of one, after it was folded.
struct Part {
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    listening: Listening,
    end: Result<(), Error>,
}

impl Part {
    /// Adds what there is to say of the part that follows; `earlier` packets came before that.
    fn append(&mut self, later: Part, earlier: u64) {
        self.first_seen = self.first_seen.or(later.first_seen);
        self.last_seen = self.last_seen.max(later.last_seen);
        self.listening.merge(&later.listening);
        self.end = later.end.map_err(|error| error.after(earlier));
    }

    /// Folds every packet of `capture` into `table`; `watch` is told position and packets now and
    /// then.
    fn fold(
        capture: &mut CaptureReader,
        settings: &Settings,
        table: &mut FlowTable,
        watch: impl FnMut(u64, u64),
    ) -> Part {
        Part::fold_by(capture, settings, table, watch, |table, packet, layers| {
            table.fold(packet, layers);
            ControlFlow::Continue(())
        })
    }

    /// The same; `fold` folds a packet into whatever it is folded into.
    fn fold_by<T>(
        capture: &mut CaptureReader,
        settings: &Settings,
        table: &mut T,
        mut watch: impl FnMut(u64, u64),
        mut fold: impl FnMut(&mut T, &Packet, &Layers) -> ControlFlow<()>,
    ) -> Part {
        let mut decoder = Decoder::with_options(settings.decode.clone());
        let (mut first_seen, mut last_seen) = (None, None);
        let mut listening = Listening::new(settings.max_gap);
        let end = loop {
            match capture.next() {
                Ok(Some(packet)) => {
                    first_seen = first_seen.or(packet.time);
                    last_seen = last_seen.max(packet.time);
                    listening.add(&packet, settings.flow.has_in_window(packet.time));
                    let layers = decoder.decode(packet.link_type, packet.bytes);
                    if fold(table, &packet, layers).is_break() {
                        break Ok(());
                    }
                    if packet.frame.is_multiple_of(65_536) {
                        let packets = packet.frame;
                        watch(capture.position(), packets);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        listening.take(capture.statistics());
        Part { first_seen, last_seen, listening, end }
    }
}

/// The flows of all captures that were read.
#[derive(Debug)]
pub struct Traffic {
    settings: Settings,
    table: FlowTable,
    /// The flows, where they did not fit into the table.
    sorted: Option<Sorted>,
    fault: Mutex<Option<io::Error>>,
    cannot_spill: Option<io::Error>,
    captures: Vec<CaptureSummary>,
}

/// How many ends of flows are remembered for what they did in other flows where the flows
/// themselves do not fit into memory: some 150 MB.
const MOST_ENDS: usize = 4_000_000;

impl Traffic {
    /// Labels the flows with a registry.
    pub fn label<'a>(&'a self, registry: &'a Registry) -> Labelled<'a> {
        let ephemeral = self.settings.ephemeral.clone();
        let endpoints = match &self.sorted {
            None => Endpoints::of(&self.table, &ephemeral),
            Some(sorted) => Endpoints::of_many(|| sorted.flows(), &ephemeral, MOST_ENDS),
        };
        Labelled { traffic: self, registry, labeller: Labeller::new(registry, endpoints, ephemeral) }
    }

    /// Every flow, in the order of first packets. Where they are in a temporary file that cannot be
    /// read, they end early: see [`Traffic::check`].
    pub fn flows(&self) -> impl Iterator<Item = Flow> + '_ {
        let in_memory = self.table.flows().copied();
        in_memory.chain(self.sorted.iter().flat_map(Sorted::flows))
    }

    /// How many flows are in temporary files, because they do not fit into memory.
    pub fn flows_in_files(&self) -> u64 {
        self.sorted.as_ref().map_or(0, Sorted::len)
    }

    /// Why flows that were too many for memory are there nevertheless.
    pub fn cannot_spill(&self) -> Option<&io::Error> {
        self.cannot_spill.as_ref()
    }

    /// Whether every flow could be had so far.
    ///
    /// # Errors
    ///
    /// When a temporary file could not be written or read, and flows are missing for it. Said
    /// once.
    pub fn check(&self) -> io::Result<()> {
        let own = self.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        match own.or_else(|| self.sorted.as_ref().and_then(Sorted::fault)) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The captures, in the order they were read.
    pub fn captures(&self) -> &[CaptureSummary] {
        &self.captures
    }

    /// How many packets were read, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        self.table.counters()
    }

    /// The flows that are in memory: all of them, or none.
    pub fn table(&self) -> &FlowTable {
        &self.table
    }

    /// How captures were read.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The capture that holds a packet, and the packet's number in it from 1, by its number among
    /// all packets from 0.
    pub fn place(&self, packet: u64) -> (&str, u64) {
        place(&self.captures, packet)
    }
}

/// The capture that holds a packet, and the packet's number in it from 1.
fn place(captures: &[CaptureSummary], packet: u64) -> (&str, u64) {
    let n = captures.partition_point(|capture| capture.packets_before <= packet);
    match n.checked_sub(1).and_then(|n| captures.get(n)) {
        Some(capture) => (&capture.name, packet - capture.packets_before + 1),
        None => ("", packet + 1),
    }
}

/// Flows with their labels. A label is made when it is asked for.
pub struct Labelled<'a> {
    traffic: &'a Traffic,
    registry: &'a Registry,
    labeller: Labeller<'a>,
}

impl<'a> Labelled<'a> {
    /// The registry that labels.
    pub fn registry(&self) -> &'a Registry {
        self.registry
    }

    /// The traffic that is labelled.
    pub fn traffic(&self) -> &'a Traffic {
        self.traffic
    }

    /// What makes the labels.
    pub fn labeller(&self) -> &Labeller<'a> {
        &self.labeller
    }

    /// Every flow with its label, in the order of first packets. Where flows are in temporary
    /// files, [`Traffic::check`] says afterwards whether they were all.
    pub fn rows(&self) -> impl Iterator<Item = LabelledFlow<'a>> + '_ {
        self.traffic.flows().enumerate().map(|(n, flow)| self.row(n, flow))
    }

    /// One flow with its label, by its number from 0; none when the flows are in temporary files.
    pub fn flow(&self, number: usize) -> Option<LabelledFlow<'a>> {
        Some(self.row(number, *self.traffic.table.flow(number)?))
    }

    fn row(&self, number: usize, flow: Flow) -> LabelledFlow<'a> {
        LabelledFlow {
            number: number as u64 + 1,
            label: self.labeller.label(&flow),
            flow,
            contexts: self.traffic.table.contexts(),
        }
    }
}

/// A flow with its label.
#[derive(Clone, Copy)]
pub struct LabelledFlow<'a> {
    /// Number of the flow, from 1 in the order of first packets.
    pub number: u64,
    /// The flow.
    pub flow: Flow,
    /// Its label.
    pub label: Label<'a>,
    contexts: &'a Contexts,
}

impl<'a> LabelledFlow<'a> {
    /// A flow with its label; `contexts` are those of the table that it is in.
    pub fn new(number: u64, flow: Flow, label: Label<'a>, contexts: &'a Contexts) -> LabelledFlow<'a> {
        LabelledFlow { number, flow, label, contexts }
    }

    /// What an overlay calls the server's port on this server; empty without an overlay.
    pub fn local_names(&self) -> Vec<&'a str> {
        self.label.server.local_names(Some(self.server().address))
    }

    fn server_side(&self) -> Side {
        self.label.direction.server
    }

    /// The server's address and port.
    pub fn server(&self) -> End {
        self.flow.end(self.server_side())
    }

    /// The client's address and port.
    pub fn client(&self) -> End {
        self.flow.end(self.server_side().other())
    }

    /// Packets that the client sent.
    pub fn packets_to_server(&self) -> u64 {
        self.flow.packets(self.server_side().other())
    }

    /// Packets that the server sent.
    pub fn packets_to_client(&self) -> u64 {
        self.flow.packets(self.server_side())
    }

    /// IP bytes that the client sent.
    pub fn bytes_to_server(&self) -> u64 {
        self.flow.bytes(self.server_side().other())
    }

    /// IP bytes that the server sent.
    pub fn bytes_to_client(&self) -> u64 {
        self.flow.bytes(self.server_side())
    }

    /// The tunnels around the flow; empty without. Of numbers that differ between the directions,
    /// that of the packets to the server comes first.
    pub fn tunnel(&self) -> String {
        let to_server = self.server_side().other();
        self.contexts.tunnel(self.flow.context_of(to_server), self.flow.context_of(to_server.other()))
    }

    /// The VLAN identifiers around the flow; empty without.
    pub fn vlan(&self) -> String {
        self.contexts.vlan(self.flow.context())
    }
}

/// Decodes and hands out every packet of a capture: for passes over packets one by one.
///
/// # Errors
///
/// As for [`Analysis::read_file`].
pub fn each_packet(
    capture: &mut CaptureReader,
    options: &decode::Options,
    mut each: impl FnMut(&Packet, &Layers) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut decoder = Decoder::with_options(options.clone());
    while let Some(packet) = capture.next()? {
        if each(&packet, decoder.decode(packet.link_type, packet.bytes)).is_break() {
            break;
        }
    }
    Ok(())
}
