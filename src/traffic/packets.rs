//! Packets with the labels of their flows: captures are read again when the labels are known.

use super::again::SecondPass;
use super::copies::LeftOut;
use super::{CaptureChanged, Labelled, LabelledFlow, Selection};
#[cfg(feature = "report")]
use crate::anonymize::Anonymizer;
use crate::capture::{CaptureReader, Packet};
use crate::decode::{Decoder, Header, Layers};
use crate::flow::{FlowOptions, FlowTable, Folded, LayerChoice, Side};
use crate::foreign::Foreign;
use crate::net::Interface;

/// A transport header of a packet, with the flow that it is counted in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LabelledHeader<'p, 'r> {
    /// The capture, as it was named.
    pub capture: Foreign<&'p str>,
    /// The packet.
    pub packet: &'p Packet<'p>,
    /// The number of the header among those of the packet, from 0, the outermost.
    pub layer: usize,
    /// The header.
    pub header: &'p Header,
    /// The interface that the packet was captured on, where that is known.
    pub interface: Option<&'p Interface<'p>>,
    /// The flow, and which side of it sent the packet; `None` for a header that is only quoted or not
    /// of the layer that was asked for.
    pub flow: Option<(&'p LabelledFlow<'r>, Side)>,
}

#[cfg(feature = "report")]
impl LabelledHeader<'_, '_> {
    /// Calls `each` for this header with other addresses and names.
    ///
    /// # Errors
    ///
    /// What `each` returns.
    pub fn anonymized<T>(&self, by: &Anonymizer, each: impl FnOnce(LabelledHeader<'_, '_>) -> T) -> T {
        let header = Header {
            source: by.address(self.header.source),
            destination: by.address(self.header.destination),
            ..*self.header
        };
        let interface = by.interface_or_first(self.interface);
        let row = self.flow.map(|(row, sender)| (row.anonymized(by), sender));
        let capture = by.capture(self.capture.raw());
        each(LabelledHeader {
            capture: Foreign::new(&capture),
            header: &header,
            interface: Some(&interface),
            flow: row.as_ref().map(|(row, sender)| (row, *sender)),
            ..*self
        })
    }
}

/// Why packets cannot be read again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PacketsError<E> {
    /// The capture is another than in the first pass.
    #[error(transparent)]
    Changed(#[from] CaptureChanged),
    /// What the function for headers returned.
    #[error(transparent)]
    Sink(E),
}

/// Goes through captures a second time, packet by packet.
///
/// A flow's server may be known only at its end, so that packets are labelled in a second pass, over the
/// same captures in the same order.
///
/// ```
/// use portscribe::capture::CaptureReader;
/// use portscribe::registry::Registry;
/// use portscribe::traffic::{LabelledPackets, ReadSettings, Reading, Selection};
///
/// let mut reading = Reading::new(ReadSettings::default());
/// reading.read_file("samples/http.pcap")?;
/// let traffic = reading.finish();
/// let registry = Registry::bundled();
/// let labelled = traffic.label(&registry);
/// let mut packets = LabelledPackets::new(&labelled, Selection::default());
/// packets.capture(&mut CaptureReader::open("samples/http.pcap")?, |one| {
///     if let Some((flow, sender)) = one.flow {
///         println!("{} {:?} {}", one.packet.frame, sender, flow.label.service().unwrap_or("-"));
///     }
///     Ok::<(), std::io::Error>(())
/// })?;
/// packets.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LabelledPackets<'l, 'r> {
    labelled: &'l Labelled<'r>,
    pass: SecondPass<'l>,
    table: FlowTable,
    decoder: Decoder,
    selection: Selection,
    /// What selects packets whatever their flow.
    of_packets: Selection,
    everything: bool,
    all_layers: bool,
    folded: Vec<Folded>,
    /// Of the flows whose packets came lately, by the lowest digits of their numbers: their rows, where
    /// they are selected.
    recent: Vec<Option<(usize, Option<LabelledFlow<'r>>)>>,
    left_out: u64,
}

/// How many flows are kept at hand: making a label costs more than writing a row.
const RECENT: usize = 8192;

impl<'l, 'r> LabelledPackets<'l, 'r> {
    /// A second pass over the captures that `labelled` was made from, for the headers of the flows that
    /// are selected. Headers in no flow are handed out where all layers count and all flows are selected.
    pub fn new(labelled: &'l Labelled<'r>, selection: Selection) -> LabelledPackets<'l, 'r> {
        let settings = labelled.traffic().settings();
        let (selection, of_packets) = selection.for_packets();
        LabelledPackets {
            pass: SecondPass::over(labelled),
            // The first pass has looked at payload.
            table: FlowTable::new(FlowOptions { payload: false, ..settings.flow.clone() }),
            decoder: Decoder::with_options(settings.decode.clone()),
            everything: selection.is_everything(),
            selection,
            of_packets,
            all_layers: settings.flow.layers == LayerChoice::All,
            folded: Vec::new(),
            recent: vec![None; RECENT],
            left_out: 0,
            labelled,
        }
    }

    /// Reads the next of the captures to its end and calls `each` for its headers, in the order of the
    /// packets and from the outermost to the innermost.
    ///
    /// # Errors
    ///
    /// When the capture gives other packets than in the first pass; when `each` fails. A fault that ended
    /// the capture in the first pass, too, is not an error.
    pub fn capture<E>(
        &mut self,
        reader: &mut CaptureReader,
        mut each: impl FnMut(LabelledHeader<'_, 'r>) -> Result<(), E>,
    ) -> Result<(), PacketsError<E>> {
        let name = reader.name().to_owned();
        self.pass.begin();
        let mut left_out = LeftOut::of(self.labelled.traffic().settings());
        while let Ok(Some(packet)) = reader.next() {
            if !self.pass.has(&packet) {
                break;
            }
            let layers = self.decoder.decode(packet.link_type, packet.bytes);
            let interface = if layers.has_interface(&packet) { layers.interface(&packet) } else { None };
            self.folded.clear();
            if left_out.has(&packet, layers) {
                self.table.leave_out_copy();
                continue;
            }
            let folded = &mut self.folded;
            self.table.fold_and_tell(&packet, layers, |one| folded.push(one));
            let mut rows = Rows {
                labelled: self.labelled,
                folded: &self.folded,
                selection: (!self.everything).then_some(&self.selection),
                is_left_out: !self.of_packets.has_packet_on(interface.as_ref()),
                all_layers: self.all_layers && self.everything,
                recent: &mut self.recent,
                left_out: &mut self.left_out,
            };
            if self.table.options().has_in_window(packet.believed_time()) {
                rows.of(Foreign::new(&name), &packet, layers, interface.as_ref(), &mut each)
                    .map_err(PacketsError::Sink)?;
            }
        }
        Ok(self.pass.end()?)
    }

    /// Ends the pass.
    ///
    /// # Errors
    ///
    /// When captures of the first pass were not read again.
    pub fn finish(&self) -> Result<(), CaptureChanged> {
        self.pass.finish()
    }

    /// How many headers of flows the selection has left out so far.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

/// What the headers of one packet need.
struct Rows<'a, 'r> {
    labelled: &'a Labelled<'r>,
    folded: &'a [Folded],
    /// `None` for everything.
    selection: Option<&'a Selection>,
    /// Whether the packet is not selected whatever its flow.
    is_left_out: bool,
    all_layers: bool,
    recent: &'a mut [Option<(usize, Option<LabelledFlow<'r>>)>],
    left_out: &'a mut u64,
}

impl<'r> Rows<'_, 'r> {
    fn of<E>(
        &mut self,
        capture: Foreign<&str>,
        packet: &Packet,
        layers: &Layers,
        interface: Option<&Interface>,
        each: &mut impl FnMut(LabelledHeader<'_, 'r>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (layer, header) in layers.headers().iter().enumerate() {
            let one = |flow| LabelledHeader { capture, packet, layer, header, interface, flow };
            let Some(&Folded { flow, sender, .. }) = self.folded.iter().find(|one| one.header == layer)
            else {
                if self.all_layers && !self.is_left_out {
                    each(one(None))?;
                }
                continue;
            };
            if self.is_left_out {
                *self.left_out += 1;
                continue;
            }
            let slot = &mut self.recent[flow % RECENT];
            if slot.as_ref().is_none_or(|(recent, _)| *recent != flow) {
                let row = self.labelled.flow(flow);
                let row = row.filter(|row| self.selection.is_none_or(|selection| selection.has(row)));
                *slot = Some((flow, row));
            }
            match slot {
                Some((_, Some(row))) => each(one(Some((row, sender))))?,
                _ => *self.left_out += 1,
            }
        }
        Ok(())
    }
}
