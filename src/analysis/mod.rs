//! Captures in, labelled flows out: the stations one after another.

mod listening;
mod parallel;
mod selection;

use std::path::Path;

pub use listening::{Break, DEFAULT_MAX_GAP, Listening, Stretch};
pub use selection::Selection;

use crate::capture::{CaptureReader, Compression, Error, Format, Packet, Timestamp};
use crate::decode::{self, Decoder, Layers, MAX_HEADERS};
use crate::flow::{Contexts, Counters, End, Endpoints, Ephemeral, Flow, FlowTable, Folded, Options, Side};
use crate::label::{Label, Labeller};
use crate::payload::Peeked;
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
    /// Nanoseconds of silence after which nobody can say whether a capture was still listening.
    pub max_gap: i64,
    /// Whether the first payload of each flow is looked at ([`Traffic::peeked`]); captures are read
    /// on one thread then.
    pub peek: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            decode: decode::Options::default(),
            flow: Options::default(),
            ephemeral: Ephemeral::default(),
            max_gap: DEFAULT_MAX_GAP,
            peek: false,
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
    captures: Vec<CaptureSummary>,
    peeked: Peeked,
}

impl Analysis {
    /// Nothing read yet.
    pub fn new(settings: Settings) -> Analysis {
        let table = FlowTable::new(settings.flow.clone());
        Analysis { table, settings, captures: Vec::new(), peeked: Peeked::default() }
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
        let (settings, table, peeked) = (&self.settings, &mut self.table, &mut self.peeked);
        let part = if settings.peek {
            Part::fold_by(&mut capture, settings, table, watch, |table, packet, layers| {
                table.fold_and_tell(packet, layers, |one| peek(peeked, one, packet, layers));
            })
        } else {
            Part::fold(&mut capture, settings, table, watch)
        };
        self.finish_capture(&capture, packets_before, part)
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
        let part =
            Part::fold_by(&mut capture, &self.settings, &mut self.table, watch, |table, packet, layers| {
                folded.clear();
                table.fold_and_tell(packet, layers, |one| folded.push(one));
                tell(&folded);
            });
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

    /// The traffic as it was read; nothing can be added to it.
    pub fn finish(self) -> Traffic {
        Traffic {
            peeked: self.settings.peek.then_some(self.peeked),
            settings: self.settings,
            table: self.table,
            captures: self.captures,
        }
    }
}

/// Looks at the payload behind one header of a packet.
fn peek(peeked: &mut Peeked, one: Folded, packet: &Packet, layers: &Layers) {
    if let Some(header) = layers.headers().get(one.header) {
        peeked.add(one.flow, one.sender, header.transport, header.payload_of(packet.bytes));
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
    /// Folds every packet of `capture` into `table`; `watch` is told position and packets now and
    /// then.
    fn fold(
        capture: &mut CaptureReader,
        settings: &Settings,
        table: &mut FlowTable,
        watch: impl FnMut(u64, u64),
    ) -> Part {
        Part::fold_by(capture, settings, table, watch, FlowTable::fold)
    }

    /// The same; `fold` folds a packet.
    fn fold_by(
        capture: &mut CaptureReader,
        settings: &Settings,
        table: &mut FlowTable,
        mut watch: impl FnMut(u64, u64),
        mut fold: impl FnMut(&mut FlowTable, &Packet, &Layers),
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
                    fold(table, &packet, decoder.decode(packet.link_type, packet.bytes));
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
    captures: Vec<CaptureSummary>,
    peeked: Option<Peeked>,
}

impl Traffic {
    /// Labels the flows with a registry.
    pub fn label<'a>(&'a self, registry: &'a Registry) -> Labelled<'a> {
        let ephemeral = self.settings.ephemeral.clone();
        let labeller = Labeller::new(registry, Endpoints::of(&self.table, &ephemeral), ephemeral);
        Labelled { traffic: self, registry, labeller }
    }

    /// The captures, in the order they were read.
    pub fn captures(&self) -> &[CaptureSummary] {
        &self.captures
    }

    /// How many packets were read, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        self.table.counters()
    }

    /// The flows.
    pub fn table(&self) -> &FlowTable {
        &self.table
    }

    /// What the first payload of each flow shows, where [`Settings::peek`] asked for it.
    pub fn peeked(&self) -> Option<&Peeked> {
        self.peeked.as_ref()
    }

    /// How captures were read.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The capture that holds a packet, and the packet's number in it from 1, by its number among
    /// all packets from 0.
    pub fn place(&self, packet: u64) -> (&str, u64) {
        let n = self.captures.partition_point(|capture| capture.packets_before <= packet);
        match n.checked_sub(1).and_then(|n| self.captures.get(n)) {
            Some(capture) => (&capture.name, packet - capture.packets_before + 1),
            None => ("", packet + 1),
        }
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

    /// Every flow with its label, in the order of first packets.
    pub fn rows(&self) -> impl Iterator<Item = LabelledFlow<'a>> + '_ {
        self.traffic.table.flows().enumerate().map(|(n, flow)| self.row(n, flow))
    }

    /// One flow with its label, by its number from 0.
    pub fn flow(&self, number: usize) -> Option<LabelledFlow<'a>> {
        Some(self.row(number, self.traffic.table.flow(number)?))
    }

    fn row(&self, number: usize, flow: &'a Flow) -> LabelledFlow<'a> {
        LabelledFlow {
            number: number as u64 + 1,
            flow,
            label: self.labeller.label(flow),
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
    pub flow: &'a Flow,
    /// Its label.
    pub label: Label<'a>,
    contexts: &'a Contexts,
}

impl<'a> LabelledFlow<'a> {
    /// A flow with its label; `contexts` are those of the table that it is in.
    pub fn new(number: u64, flow: &'a Flow, label: Label<'a>, contexts: &'a Contexts) -> LabelledFlow<'a> {
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
    mut each: impl FnMut(&Packet, &Layers) -> std::ops::ControlFlow<()>,
) -> Result<(), Error> {
    let mut decoder = Decoder::with_options(options.clone());
    while let Some(packet) = capture.next()? {
        if each(&packet, decoder.decode(packet.link_type, packet.bytes)).is_break() {
            break;
        }
    }
    Ok(())
}
