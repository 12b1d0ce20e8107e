//! The second pass: a capture is written again, now that the labels of all its flows are known.

use super::anonymous::{self, Anonymous};
use super::wording::{Brief, PREFIX, Wording};
use super::{AnnotateOptions, Comments, Error, Memo, Report, Sink, from_pcap, rewrite};
use crate::capture::{Block, BlockType, CaptureReader, Element, Held, Packet};
use crate::decode::Decoder;
use crate::flow::{Folded, Side};
use crate::traffic::Labelled;
use crate::traffic::again::SecondPass;

/// Writes captures again, with comments.
pub struct Pass<'l, 'r> {
    labelled: &'l Labelled<'r>,
    options: AnnotateOptions,
    /// Whether every flow is selected.
    everything: bool,
    wording: Wording,
    section: String,
    /// `None` where the first packets of flows are all there is to know.
    memo: Option<Memo>,
    second: SecondPass<'l>,
    flows: Vec<Kept<'r>>,
    decoder: Decoder,
    folded: Vec<Folded>,
    comment: String,
    report: Report,
    /// `None` where nothing is replaced.
    anonymous: Option<Anonymous>,
}

/// What is kept of a flow whose first packet has passed.
struct Kept<'r> {
    brief: Brief<'r>,
    selected: bool,
}

impl<'l, 'r> Pass<'l, 'r> {
    /// A second pass over the captures that `labelled` was made from; `memo` was kept in the first.
    /// It can be `None` where [`AnnotateOptions::needs_memo`] says no.
    pub fn new(labelled: &'l Labelled<'r>, memo: Option<Memo>, options: AnnotateOptions) -> Pass<'l, 'r> {
        let wording = Wording::new(labelled.registry());
        Pass {
            section: wording.section(labelled.registry(), &options.overlays, &options.said),
            everything: options.selection.is_everything(),
            wording,
            anonymous: Anonymous::new(&options, &labelled.traffic().settings().decode),
            labelled,
            options,
            memo,
            second: SecondPass::over(labelled),
            flows: Vec::new(),
            decoder: Decoder::with_options(labelled.traffic().settings().decode.clone()),
            folded: Vec::new(),
            comment: String::with_capacity(1024),
            report: Report::default(),
        }
    }

    /// Writes the next of the captures. They come in the order of the first pass.
    ///
    /// # Errors
    ///
    /// When the capture gives other packets than in the first pass; when the result cannot be written. A
    /// fault that ended the capture in the first pass, too, is not an error.
    pub fn capture<S: Sink>(&mut self, reader: &mut CaptureReader, sink: &mut S) -> Result<(), Error> {
        self.second.begin();
        let mut has_section = false;
        if let Some(header) = reader.pcap_header() {
            has_section = true;
            sink.section(|out| from_pcap::section(out, &header, &self.section, &self.options.names))?;
        }
        while let Ok(Some(element)) = reader.next_element() {
            match element {
                Element::Packet(packet, _) if !self.second.has(&packet) => break,
                Element::Packet(packet, held) => self.packet(&packet, held, sink)?,
                Element::Block(block) if block.kind == BlockType::SECTION_HEADER => {
                    has_section = true;
                    let (options, section) = (&self.options, &self.section);
                    sink.section(|out| section_header(out, block, section, options, &mut self.report))?;
                }
                Element::Block(block) => {
                    // The header of the section was damaged, and was passed over.
                    if !std::mem::replace(&mut has_section, true) {
                        sink.section(|out| anonymous::section_header(out, block.order, &self.section))?;
                    }
                    let (anonymous, report) = (self.anonymous.as_ref(), &mut self.report);
                    sink.block(|out| other(out, block, anonymous, report))?;
                }
            }
        }
        Ok(self.second.end()?)
    }

    /// Ends the pass.
    ///
    /// # Errors
    ///
    /// When captures of the first pass were not written again.
    pub fn finish(&self) -> Result<(), Error> {
        Ok(self.second.finish()?)
    }

    /// Puts the flows that begin with the packet at hand, of this number among all frames, into `folded`.
    #[inline]
    fn begun_here(&mut self, packet: u64) {
        self.folded.clear();
        let table = self.labelled.traffic().table();
        // A flow that begins with a packet that has passed must not hold up those after it.
        while table.flow(self.flows.len()).is_some_and(|flow| flow.first_packet() < packet)
            && let Some(row) = self.labelled.flow(self.flows.len())
        {
            self.flows.push(Kept { brief: Brief::of(&row.label), selected: true });
        }
        let begins = |number: usize| table.flow(number).is_some_and(|flow| flow.first_packet() == packet);
        let first = self.flows.len();
        // Several only where all headers of a packet count.
        while begins(first + self.folded.len()) {
            let header = self.folded.len();
            self.folded.push(Folded { header, flow: first + header, sender: Side::First });
        }
    }

    /// What became of the captures written so far.
    pub fn report(&self) -> Report {
        self.report
    }

    #[inline]
    fn packet<S: Sink>(&mut self, packet: &Packet, held: Held, sink: &mut S) -> Result<(), Error> {
        match &mut self.memo {
            Some(memo) => memo.next(&mut self.folded).map_err(Error::Memo)?,
            None => self.begun_here(self.second.frames_before() + packet.frame - 1),
        }
        let everything = self.everything;
        let comments = self.options.comments;
        self.comment.clear();
        self.comment.push_str(PREFIX);
        let mut selected = everything;
        for one in &self.folded {
            let number = one.flow as u64 + 1;
            // Flows are numbered in the order of their first packets.
            if one.flow >= self.flows.len()
                && let Some(row) = self.labelled.flow(one.flow)
            {
                sink.flow(&row);
                let kept = Kept {
                    brief: Brief::of(&row.label),
                    selected: everything || self.options.selection.has(&row),
                };
                selected |= kept.selected;
                if kept.selected && (comments != Comments::Flagged || !kept.brief.flags.is_empty()) {
                    separate(&mut self.comment);
                    let row = anonymous::row(self.anonymous.as_ref(), &row);
                    self.wording.first(&mut self.comment, &row);
                }
                self.flows.push(kept);
                continue;
            }
            let Some(kept) = self.flows.get(one.flow) else { continue };
            selected |= kept.selected;
            let due = match comments {
                Comments::First => false,
                Comments::All => true,
                Comments::Flagged => !kept.brief.flags.is_empty(),
            };
            if due && kept.selected {
                separate(&mut self.comment);
                Wording::later(&mut self.comment, number, &kept.brief, one.sender);
            }
        }
        if self.folded.is_empty() {
            selected &= self.labelled.traffic().settings().flow.has_in_window(packet.believed_time());
            if selected && comments == Comments::All {
                let layers = self.decoder.decode(packet.link_type, packet.bytes);
                Wording::no_flow(&mut self.comment, layers.outcome(), packet.link_type);
            }
        }
        if !selected {
            self.report.left_out += 1;
            return Ok(());
        }
        if packet.is_undescribed {
            self.report.undescribed += 1;
            return Ok(());
        }
        self.report.packets += 1;
        let comment = (self.comment.len() > PREFIX.len()).then_some(self.comment.as_str());
        let (anonymous, report) = (self.anonymous.as_mut(), &mut self.report);
        sink.packet(&self.folded, |out| write(out, packet, held, comment, anonymous, report))?;
        Ok(())
    }
}

/// Begins a new line where there is one already.
fn separate(comment: &mut String) {
    if comment.len() > PREFIX.len() {
        comment.push('\n');
    }
}

/// Appends a section header and what follows it at once.
pub(super) fn section_header(
    out: &mut Vec<u8>,
    block: Block,
    comment: &str,
    options: &AnnotateOptions,
    report: &mut Report,
) {
    if options.anonymizer.is_some() {
        anonymous::section_header(out, block.order, comment);
    } else {
        rewrite::section_header(out, block, comment, &options.names, report);
    }
}

/// Appends a block that is neither a packet nor a section header.
pub(super) fn other(out: &mut Vec<u8>, block: Block, anonymous: Option<&Anonymous>, report: &mut Report) {
    match anonymous {
        Some(anonymous) => anonymous.other(out, block, report),
        None => rewrite::other(out, block, report),
    }
}

/// Appends a packet with its comment.
#[inline]
pub(super) fn write(
    out: &mut Vec<u8>,
    packet: &Packet,
    held: Held,
    comment: Option<&str>,
    anonymous: Option<&mut Anonymous>,
    report: &mut Report,
) {
    if let Some(anonymous) = anonymous {
        anonymous.packet(out, packet, held, comment, report);
        return;
    }
    match held {
        Held::Record { ticks, extra } => {
            from_pcap::packet(out, ticks, packet, from_pcap::flags_of_kuznetsov(extra), comment);
        }
        Held::Block { block, end } => rewrite::packet(out, block, end, comment, report),
    }
}
