//! Headers of packets while captures are made, with the labels of their flows as these are known then.

use std::io;
use std::time::Duration;

use super::{LabelledFlow, LabelledHeader, ReadLog, Selection, Sink, SoFar, TooManyFlows, Traffic};
use crate::capture::Packet;
use crate::decode::Decoder;
use crate::flow::{FlowTable, Folded, LayerChoice};
use crate::foreign::Foreign;
use crate::label::Labeller;
use crate::registry::Registry;

/// What comes of a capture that is being made.
#[derive(Clone, Copy, Debug)]
pub enum Come<'p> {
    /// A header.
    Header(LabelledHeader<'p, 'p>),
    /// Nothing for the moment: what came may be shown.
    Pause,
}

/// Tells of the headers of each packet as it comes, in the order of the packets and from the outermost to the
/// innermost.
///
/// Labels, and whether a flow is selected, are by what is known at that time: a flow's server may turn out to be the
/// other end later. Where that is to be known, captures are read twice:
/// [`LabelledPackets`](super::LabelledPackets). Copies are told of as other packets are.
pub struct TellHeaders<'r, F> {
    registry: &'r Registry,
    labeller: Option<Labeller<'r>>,
    /// Flows at which the ends of flows are looked at anew.
    next_look: usize,
    decoder: Option<Decoder>,
    selection: Selection,
    /// What selects packets whatever their flow.
    of_packets: Selection,
    everything: bool,
    /// How many flows may be held.
    most: usize,
    tell: F,
}

impl<'r, F: FnMut(Come) -> io::Result<()>> TellHeaders<'r, F> {
    /// A sink that calls `tell` with the headers of the flows that are selected; an error of `tell` ends the reading.
    pub fn new(registry: &'r Registry, selection: Selection, tell: F) -> TellHeaders<'r, F> {
        let (selection, of_packets) = selection.for_packets();
        TellHeaders {
            registry,
            labeller: None,
            next_look: 1,
            decoder: None,
            everything: selection.is_everything(),
            selection,
            of_packets,
            most: usize::MAX,
            tell,
        }
    }

    /// The same sink, whose reading ends with [`TooManyFlows`] where there are more flows than these.
    #[must_use]
    pub fn at_most(self, most: usize) -> TellHeaders<'r, F> {
        TellHeaders { most, ..self }
    }
}

impl<F: FnMut(Come) -> io::Result<()>> Sink for TellHeaders<'_, F> {
    type Error = io::Error;
    type Output = Traffic;
    const WANTS_FLOWS: bool = true;
    const WANTS_WAITS: bool = true;

    fn waited(&mut self, _: Duration, _: &mut SoFar<'_>) -> io::Result<()> {
        (self.tell)(Come::Pause)
    }

    fn packet(&mut self, packet: &Packet, folded: &[Folded], so_far: &mut SoFar<'_>) -> io::Result<()> {
        let settings = so_far.settings;
        if !settings.flow.has_in_window(packet.believed_time()) {
            return Ok(());
        }
        TooManyFlows::in_table(so_far.table, self.most).map_err(io::Error::other)?;
        let (table, capture) = (&*so_far.table, Foreign::new(so_far.capture));
        if table.len() >= self.next_look {
            // Seldom enough that it costs little for each packet.
            self.next_look = table.len() + table.len() / 8 + 1;
            self.labeller = None;
        }
        let registry = self.registry;
        let labeller =
            self.labeller.get_or_insert_with(|| Labeller::new(registry, table, settings.ephemeral.clone()));
        let decoder = self.decoder.get_or_insert_with(|| Decoder::with_options(settings.decode.clone()));
        let layers = decoder.decode(packet.link_type, packet.bytes);
        let interface = if layers.has_interface(packet) { layers.interface(packet) } else { None };
        if !self.of_packets.has_packet_on(interface.as_ref()) {
            return Ok(());
        }
        let all_layers = settings.flow.layers == LayerChoice::All && self.everything;
        for (layer, header) in layers.headers().iter().enumerate() {
            let mut one =
                LabelledHeader { capture, packet, layer, header, interface: interface.as_ref(), flow: None };
            let Some(&Folded { flow: number, sender, .. }) = folded.iter().find(|one| one.header == layer)
            else {
                if all_layers {
                    (self.tell)(Come::Header(one))?;
                }
                continue;
            };
            let Some(&flow) = table.flow(number) else { continue };
            let connection = table.first_of_connection(number, &flow) as u64 + 1;
            let row = LabelledFlow::new(number as u64 + 1, flow, labeller.label(&flow), table.contexts())
                .of_connection(connection);
            if self.everything || self.selection.has(&row) {
                one.flow = Some((&row, sender));
                (self.tell)(Come::Header(one))?;
            }
        }
        Ok(())
    }

    fn finish(self, table: FlowTable, log: ReadLog) -> Traffic {
        Traffic::new(table, log)
    }
}
