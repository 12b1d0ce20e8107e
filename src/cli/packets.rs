//! `portscribe packets`: two passes, since a flow's server may be known only at its end.

use std::ops::ControlFlow;

use super::Failure;
use super::args::Packets;
use super::input::{self, Sources};
use super::output::Output;
use crate::capture::Packet;
use crate::decode::Layers;
use crate::flow::{FlowOptions, FlowTable, Folded, LayerChoice};
use crate::report::packets::{self, OfFlow};
use crate::report::{self, Head, RowWriter, Rows, Table};
use crate::traffic::{Labelled, Selection, each_packet};

pub(super) fn run(command: &Packets) -> Result<(), Failure> {
    let registry = input::registry(&command.common)?;
    let mut sources = Sources::find(&command.reading, &command.common)?;
    input::warn_of_unknown_services(&command.selecting.service, &registry, &command.common);
    input::warn_of_flags_without_peek(&command.reading, &command.selecting.flag, &command.common);
    let mut out = Output::open(&command.common, &registry)?;
    sources.keep_streams()?;
    let (traffic, whole) = sources.read(input::settings(&command.reading, &command.selecting))?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let labelled = traffic.label(&registry);
    let selection = input::selection(&command.selecting);

    let mut pass = Pass {
        labelled: &labelled,
        // The first pass has looked at payload.
        table: FlowTable::new(FlowOptions { peek: false, ..traffic.settings().flow.clone() }),
        everything: selection.is_everything(),
        selection,
        all_layers: traffic.settings().flow.layers == LayerChoice::All,
        folded: Vec::new(),
        known: vec![None; KNOWN],
        left_out: 0,
    };
    if out.format().is_for_people() {
        let mut table = Table::new(packets::PEOPLE);
        let mut shown = 0;
        pass.over(&sources, |_, packet, layer, header, flow| {
            table.row(packets::people(packet, layer, header, flow));
            shown += 1;
            Ok(())
        })?;
        table.below(format!("{}.", report::shown(shown, pass.left_out, "header")));
        out.write_table(table, traffic.log(), &registry)?;
    } else {
        let head = Head::of_traffic(&registry, traffic.log());
        let mut rows = RowWriter::new(out.format(), &mut out, packets::COLUMNS, &head)?;
        pass.over(&sources, |capture, packet, layer, header, flow| {
            rows.row(&packets::values(capture, packet, layer, header, flow))
        })?;
        rows.finish()?;
    }
    out.finish()?;
    if whole { Ok(()) } else { Err(Failure::Incomplete) }
}

/// The second pass: the same flows in the same order, now with their labels known.
struct Pass<'a, 'l> {
    labelled: &'a Labelled<'l>,
    table: FlowTable,
    selection: Selection,
    everything: bool,
    all_layers: bool,
    folded: Vec<Folded>,
    /// Of the flows whose packets came lately, by the lowest digits of their numbers: what their
    /// rows show, if they are shown.
    known: Vec<Option<(usize, Option<OfFlow<'l>>)>>,
    /// How many headers of flows the selection leaves out.
    left_out: u64,
}

/// How many flows are kept at hand: making a label costs more than writing a row.
const KNOWN: usize = 8192;

/// What is done with each header: capture, packet, layer, header, its flow and who sent it.
type Flow<'f, 'l> = Option<(&'f OfFlow<'l>, crate::flow::Side)>;

impl<'l> Pass<'_, 'l> {
    fn over(
        &mut self,
        sources: &Sources,
        mut each: impl FnMut(&str, &Packet, usize, &crate::decode::Header, Flow<'_, 'l>) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let mut written = Ok(());
        let options = self.labelled.traffic().settings().decode.clone();
        sources.each_again(|mut reader| {
            let name = reader.name().to_owned();
            each_packet(&mut reader, &options, |packet, layers| {
                written = self.packet(&name, packet, layers, &mut each);
                if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        Ok(written?)
    }

    fn packet(
        &mut self,
        capture: &str,
        packet: &Packet,
        layers: &Layers,
        each: &mut impl FnMut(&str, &Packet, usize, &crate::decode::Header, Flow<'_, 'l>) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        self.folded.clear();
        let folded = &mut self.folded;
        self.table.fold_and_tell(packet, layers, |one| folded.push(one));
        if !self.table.options().has_in_window(packet.time) {
            return Ok(());
        }
        for (layer, header) in layers.headers().iter().enumerate() {
            let Some(&Folded { flow, sender, .. }) = folded.iter().find(|one| one.header == layer) else {
                // Headers that are in no flow are shown where every header is asked for.
                if self.all_layers && self.everything {
                    each(capture, packet, layer, header, None)?;
                }
                continue;
            };
            let slot = &mut self.known[flow % KNOWN];
            let of_flow = match slot {
                Some((known, of_flow)) if *known == flow => of_flow,
                _ => {
                    let row = self.labelled.flow(flow);
                    let row = row.filter(|row| self.everything || self.selection.has(row));
                    &mut slot.insert((flow, row.as_ref().map(OfFlow::new))).1
                }
            };
            if let Some(of_flow) = of_flow {
                each(capture, packet, layer, header, Some((of_flow, sender)))?;
            } else {
                self.left_out += 1;
            }
        }
        Ok(())
    }
}
