//! One pass over a stream: a packet is written when its label is as sure as it will get, or after a
//! delay in capture time.
//!
//! A flow's label is as sure as it will get when its server is known with high confidence and both
//! sides have been seen. What is learnt after a packet was written is said in the comment of the
//! flow's next packet. Packets keep their order, so one that waits holds up those after it.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::anonymous::{self, Anonymous};
use super::pass::{other, section_header, write};
use super::wording::{Brief, PREFIX, Wording};
use super::{AnnotateOptions, Comments, Error, Report, Sink, from_pcap};
use crate::capture::{
    Block, BlockType, ByteOrder, CaptureReader, Element, Held, LinkType, NO_TIME, Packet, Timestamp,
    nanoseconds,
};
use crate::decode::{Decoder, Outcome};
use crate::flow::{Confidence, Counters, FlowTable, Folded};
use crate::label::Labeller;
use crate::registry::Registry;
use crate::traffic::copies::Copies;
use crate::traffic::{CopyChoice, LabelledFlow, ReadSettings, TooManyFlows};

/// How much may wait. When more does, the oldest packets are written as they are known then.
const MAX_WAITING: usize = 64 << 20;

/// Annotates captures as they come.
pub struct Stream<'r> {
    registry: &'r Registry,
    settings: ReadSettings,
    options: AnnotateOptions,
    /// Whether every flow is selected.
    everything: bool,
    wording: Wording,
    section: String,
    /// How many flows may be held.
    most_flows: usize,
    /// Nanoseconds of capture time.
    delay: i64,
    table: FlowTable,
    /// Copies in the capture at hand, and how many there were in those before it.
    copies: Copies,
    earlier_copies: u64,
    decoder: Decoder,
    labeller: Labeller<'r>,
    /// Flows at which the ends of flows are looked at anew.
    next_look: usize,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// Empty places for what waits, to be used again.
    free: Vec<Waiting>,
    newest: Option<Timestamp>,
    /// What was last said of each flow; nothing before its first packet is written.
    said: Vec<Option<Brief<'r>>>,
    comment: String,
    report: Report,
    /// `None` where nothing is replaced.
    anonymous: Option<Anonymous>,
}

/// A packet or block that waits.
struct Waiting {
    what: What,
    /// The packet, after its extra octets (pcap); or the block.
    bytes: Vec<u8>,
    flows: Vec<Folded>,
}

#[derive(Clone, Copy)]
enum What {
    Block { kind: BlockType, order: ByteOrder },
    Packet { about: About, held: HeldBy },
}

#[derive(Clone, Copy)]
struct About {
    frame: u64,
    time: Option<Timestamp>,
    has_wild_time: bool,
    is_undescribed: bool,
    link_type: Option<LinkType>,
    original_length: u32,
    outcome: Outcome,
    in_window: bool,
}

#[derive(Clone, Copy)]
enum HeldBy {
    Record { ticks: u64, extra: usize },
    Block { kind: BlockType, order: ByteOrder, start: usize, end: usize },
}

impl<'r> Stream<'r> {
    /// Annotates with a delay, in capture time.
    pub fn new(
        registry: &'r Registry,
        settings: ReadSettings,
        options: AnnotateOptions,
        delay: Duration,
    ) -> Stream<'r> {
        let wording = Wording::new(registry);
        let table = FlowTable::new(settings.flow.clone());
        let decoder = Decoder::with_options(settings.decode.clone());
        let copies = Copies::new(&settings);
        Stream {
            anonymous: Anonymous::new(&options, &settings.decode),
            section: wording.section(registry, &options.overlays, &options.said),
            labeller: Labeller::new(registry, &table, settings.ephemeral.clone()),
            everything: options.selection.is_everything(),
            wording,
            registry,
            settings,
            options,
            most_flows: usize::MAX,
            delay: nanoseconds(delay),
            table,
            copies,
            earlier_copies: 0,
            decoder,
            next_look: 1,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            free: Vec::new(),
            newest: None,
            said: Vec::new(),
            comment: String::with_capacity(1024),
            report: Report::default(),
        }
    }

    /// The same stream, which ends with [`Error::TooManyFlows`] where there are more flows than these.
    #[must_use]
    pub fn at_most(self, most_flows: usize) -> Stream<'r> {
        Stream { most_flows, ..self }
    }

    /// Annotates a capture to its end.
    ///
    /// # Errors
    ///
    /// When the capture is damaged or cut short; what came before is written then. When the result
    /// cannot be written.
    pub fn capture<S: Sink>(&mut self, reader: &mut CaptureReader, sink: &mut S) -> Result<(), Error> {
        reader.hand_over_at_once();
        self.earlier_copies += std::mem::replace(&mut self.copies, Copies::new(&self.settings)).count();
        let mut has_section = false;
        if let Some(header) = reader.pcap_header() {
            has_section = true;
            self.release(sink, true)?;
            sink.section(|out| from_pcap::section(out, &header, &self.section, &self.options.names))?;
        }
        let end = loop {
            if !reader.is_next_at_hand() {
                sink.pause()?;
            }
            match reader.next_element() {
                Ok(Some(Element::Packet(packet, held))) => {
                    self.fold(&packet, held);
                    self.release(sink, false)?;
                    if let Err(error) = TooManyFlows::in_table(&self.table, self.most_flows) {
                        break Err(error.into());
                    }
                }
                Ok(Some(Element::Block(block))) => {
                    // The header of the section was damaged, and was passed over.
                    if !has_section && block.kind != BlockType::SECTION_HEADER {
                        self.release(sink, true)?;
                        sink.section(|out| anonymous::section_header(out, block.order, &self.section))?;
                    }
                    has_section = true;
                    self.wait(What::Block { kind: block.kind, order: block.order }, &[block.bytes]);
                    self.release(sink, false)?;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error.into()),
            }
        };
        self.release(sink, true)?;
        end
    }

    /// How many packets were read so far, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        self.table.counters()
    }

    /// How many packets are copies of others in their capture.
    pub fn copies(&self) -> u64 {
        self.earlier_copies + self.copies.count()
    }

    /// What became of what was read so far.
    pub fn report(&self) -> Report {
        self.report
    }

    /// Counts a packet, and lets it wait.
    fn fold(&mut self, packet: &Packet, held: Held) {
        let layers = self.decoder.decode(packet.link_type, packet.bytes);
        let mut flows = self.free.pop();
        let place = flows.get_or_insert_with(|| Waiting {
            what: What::Block { kind: BlockType(0), order: ByteOrder::default() },
            bytes: Vec::new(),
            flows: Vec::new(),
        });
        place.flows.clear();
        let of_packet = &mut place.flows;
        let time = packet.believed_time();
        let in_window = self.settings.flow.has_in_window(time);
        let time = time.map_or(NO_TIME, Timestamp::nanoseconds);
        let is_copy = in_window && self.copies.add(packet, layers, time);
        if is_copy && self.settings.copies == CopyChoice::Drop {
            self.table.leave_out_copy();
        } else {
            self.table.fold_and_tell(packet, layers, |one| of_packet.push(one));
        }
        let about = About {
            frame: packet.frame,
            time: packet.time,
            has_wild_time: packet.has_wild_time,
            is_undescribed: packet.is_undescribed,
            link_type: packet.link_type,
            original_length: packet.original_length,
            outcome: layers.outcome(),
            in_window,
        };
        self.newest = packet.believed_time().or(self.newest);
        self.free.extend(flows);
        match held {
            Held::Record { ticks, extra } => {
                let held = HeldBy::Record { ticks, extra: extra.len() };
                self.wait(What::Packet { about, held }, &[extra, packet.bytes]);
            }
            Held::Block { block, end } => {
                let (kind, order) = (block.kind, block.order);
                let held = HeldBy::Block { kind, order, start: end - packet.bytes.len(), end };
                self.wait(What::Packet { about, held }, &[block.bytes]);
            }
        }
    }

    /// Appends something to all that waits.
    fn wait(&mut self, what: What, bytes: &[&[u8]]) {
        let mut place =
            self.free.pop().unwrap_or_else(|| Waiting { what, bytes: Vec::new(), flows: Vec::new() });
        place.what = what;
        place.bytes.clear();
        for part in bytes {
            place.bytes.extend_from_slice(part);
        }
        self.waiting_bytes += place.bytes.len();
        self.waiting.push_back(place);
    }

    /// Writes what need not wait any longer; everything when there will be no more.
    fn release<S: Sink>(&mut self, sink: &mut S, all: bool) -> Result<(), Error> {
        if all || self.table.len() >= self.next_look {
            // Looking at all flows whenever there are an eighth more costs a constant share.
            self.next_look = self.table.len() + self.table.len() / 8 + 1;
            self.labeller = Labeller::new(self.registry, &self.table, self.settings.ephemeral.clone());
        }
        while let Some(front) = self.waiting.front() {
            if !all && self.waiting_bytes <= MAX_WAITING && !self.is_settled(front) {
                break;
            }
            let Some(mut place) = self.waiting.pop_front() else { break };
            self.waiting_bytes -= place.bytes.len();
            self.write(&mut place, sink)?;
            // One large packet must not hold its place for ever.
            if place.bytes.capacity() <= 1 << 16 && self.free.len() < 4096 {
                self.free.push(place);
            }
        }
        Ok(())
    }

    /// Whether there is nothing to wait for.
    fn is_settled(&self, one: &Waiting) -> bool {
        let What::Packet { about: About { time: Some(time), .. }, .. } = one.what else { return true };
        // A time far before, after a jump back, will not come again.
        let waited = self.newest.is_none_or(|newest| newest.since(time).saturating_abs() >= self.delay);
        // A server is named after the opening.
        waited
            || self.table.names().is_none()
                && one.flows.iter().all(|one| {
                    self.table.flow(one.flow).is_none_or(|flow| {
                        !flow.is_one_way()
                            && self.labeller.votes(flow).decide().confidence == Confidence::High
                    })
                })
    }

    fn write<S: Sink>(&mut self, one: &mut Waiting, sink: &mut S) -> io::Result<()> {
        let (about, held) = match one.what {
            What::Packet { about, held } => (about, held),
            What::Block { kind, order } => {
                let block = Block { kind, bytes: &one.bytes, order };
                let report = &mut self.report;
                return if kind == BlockType::SECTION_HEADER {
                    let (comment, options) = (&self.section, &self.options);
                    sink.section(|out| section_header(out, block, comment, options, report))
                } else {
                    let anonymous = self.anonymous.as_ref();
                    sink.block(|out| other(out, block, anonymous, report))
                };
            }
        };
        if !self.comment_on(one, &about) {
            self.report.left_out += 1;
            return Ok(());
        }
        if about.is_undescribed {
            self.report.undescribed += 1;
            return Ok(());
        }
        self.report.packets += 1;
        let (held, bytes) = match held {
            HeldBy::Record { ticks, extra } => {
                let (extra, bytes) = one.bytes.split_at(extra);
                (Held::Record { ticks, extra }, bytes)
            }
            HeldBy::Block { kind, order, start, end } => {
                let block = Block { kind, bytes: &one.bytes, order };
                (Held::Block { block, end }, &one.bytes[start..end])
            }
        };
        let packet = Packet {
            time: about.time,
            has_wild_time: about.has_wild_time,
            original_length: about.original_length,
            ..Packet::new(about.frame, about.link_type, bytes)
        };
        let comment = (self.comment.len() > PREFIX.len()).then_some(self.comment.as_str());
        let (anonymous, report) = (self.anonymous.as_mut(), &mut self.report);
        sink.packet(&one.flows, |out| write(out, &packet, held, comment, anonymous, report))
    }

    /// Puts the comment of a packet into words; `false` when the packet is not selected.
    fn comment_on(&mut self, one: &Waiting, about: &About) -> bool {
        let everything = self.everything;
        let comments = self.options.comments;
        self.comment.clear();
        self.comment.push_str(PREFIX);
        let mut selected = everything && about.in_window;
        for &Folded { flow: number, sender, .. } in &one.flows {
            let Some(&flow) = self.table.flow(number) else { continue };
            let label = self.labeller.label(&flow);
            let row = LabelledFlow::new(number as u64 + 1, flow, label, self.table.contexts())
                .named_in(&self.table, self.settings.hosts.as_deref());
            let is_selected = everything || self.options.selection.has(&row);
            selected |= is_selected;
            if !is_selected {
                continue;
            }
            let row = anonymous::row(self.anonymous.as_ref(), &row);
            let brief = Brief::of(&label);
            if self.said.len() <= number {
                self.said.resize(self.table.len().max(number + 1), None);
            }
            let said = self.said[number].replace(brief);
            if comments == Comments::Flagged
                && brief.flags.is_empty()
                && said.is_none_or(|it| it.flags.is_empty())
            {
                continue;
            }
            let is_new = said.is_some_and(|said| said.server != brief.server);
            if comments == Comments::First && said.is_some() && !is_new {
                continue;
            }
            if self.comment.len() > PREFIX.len() {
                self.comment.push('\n');
            }
            match said {
                None => self.wording.first(&mut self.comment, &row),
                Some(said) if is_new => self.wording.learnt(&mut self.comment, &row, said.flags),
                Some(said) => {
                    Wording::later(&mut self.comment, row.number, &brief, sender);
                    Wording::new_flags(&mut self.comment, &row, said.flags);
                }
            }
        }
        if one.flows.is_empty() && selected && comments == Comments::All {
            Wording::no_flow(&mut self.comment, about.outcome, about.link_type);
        }
        selected
    }
}
