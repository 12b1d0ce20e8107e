//! Packets that are in no flow, by the reason why.

use crate::capture::LinkType;
use crate::decode::{Outcome, Reason};

/// How many packets were read, and why some of them are in no flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters {
    read: u64,
    reasons: [u64; Reason::ALL.len()],
    portless: Box<[u64; 256]>,
    link_types: Vec<(LinkType, u64)>,
}

impl Default for Counters {
    fn default() -> Counters {
        Counters {
            read: 0,
            reasons: [0; Reason::ALL.len()],
            portless: Box::new([0; 256]),
            link_types: Vec::new(),
        }
    }
}

impl Counters {
    /// Counts a packet that is in a flow.
    #[inline]
    pub(super) fn in_a_flow(&mut self) {
        self.read += 1;
    }

    /// Counts a packet that is in no flow.
    pub(super) fn in_no_flow(&mut self, outcome: Outcome, link_type: Option<LinkType>) {
        self.read += 1;
        let Some(reason) = outcome.reason() else { return };
        self.reasons[reason as usize] += 1;
        match (outcome, link_type) {
            (Outcome::Portless(protocol), _) => self.portless[usize::from(protocol)] += 1,
            (Outcome::UnknownLinkType, Some(link_type)) => self.add_link_type(link_type, 1),
            _ => {}
        }
    }

    /// Takes back that later fragments are in no flow: their heads have come.
    pub(super) fn fragments_in_a_flow(&mut self, packets: u64) {
        let count = &mut self.reasons[Reason::LaterFragment as usize];
        *count = count.saturating_sub(packets);
    }

    /// Counts a packet outside the time window.
    pub(super) fn outside_window(&mut self) {
        self.read += 1;
        self.reasons[Reason::OutsideWindow as usize] += 1;
    }

    fn add_link_type(&mut self, link_type: LinkType, packets: u64) {
        match self.link_types.iter_mut().find(|(known, _)| *known == link_type) {
            Some((_, count)) => *count += packets,
            None => self.link_types.push((link_type, packets)),
        }
    }

    /// Adds the counts of what followed.
    pub(super) fn merge(&mut self, later: &Counters) {
        self.read += later.read;
        for (count, more) in self.reasons.iter_mut().zip(later.reasons) {
            *count += more;
        }
        for (count, more) in self.portless.iter_mut().zip(later.portless.iter()) {
            *count += more;
        }
        for &(link_type, packets) in &later.link_types {
            self.add_link_type(link_type, packets);
        }
    }

    /// Packets read.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Packets in no flow.
    pub fn uncounted(&self) -> u64 {
        self.reasons.iter().sum()
    }

    /// Packets in no flow for one reason.
    pub fn of(&self, reason: Reason) -> u64 {
        self.reasons[reason as usize]
    }

    /// The reasons that occurred, with their counts, in the order of reports.
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL.into_iter().map(|reason| (reason, self.of(reason))).filter(|&(_, count)| count > 0)
    }

    /// The IP protocols without ports that occurred, with their counts.
    pub fn portless(&self) -> impl Iterator<Item = (u8, u64)> {
        self.portless
            .iter()
            .enumerate()
            .filter(|&(_, &count)| count > 0)
            .map(|(protocol, &count)| (protocol as u8, count))
    }

    /// The link types that are not decoded, with their counts.
    pub fn unknown_link_types(&self) -> impl Iterator<Item = (LinkType, u64)> {
        self.link_types.iter().copied()
    }
}
