//! Packets that are in no flow, by the reason why.

mod written;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;

use crate::capture::LinkType;
use crate::decode::{Layer, Outcome, Reason, UdpTunnel};
use crate::net::Protocol;
pub use written::WrittenCounter;

/// Counts of packets that were read, and of those that are in no flow by the reason why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters {
    read: u64,
    /// Numbers of frames that are no packets.
    passed: u64,
    wild_times: u64,
    reasons: [u64; Reason::ALL.len()],
    portless: Box<[u64; 256]>,
    without_ports: Box<[u64; 256]>,
    link_types: Tally<LinkType>,
    truncated: Tally<Layer>,
    malformed: Tally<Cow<'static, str>>,
    resemblances: Tally<(UdpTunnel, u16)>,
}

/// Counts by a key, in the order of their first occurrence. Mostly there are few of them, and where a capture
/// has many, one more takes as long as the first.
#[derive(Clone, Debug)]
struct Tally<K> {
    counts: Vec<(K, u64)>,
    places: HashMap<K, usize, foldhash::fast::RandomState>,
}

impl<K: Clone + Eq + Hash> Tally<K> {
    fn new() -> Tally<K> {
        Tally { counts: Vec::new(), places: HashMap::default() }
    }

    fn add(&mut self, key: K, packets: u64) {
        let place = *self.places.entry(key.clone()).or_insert(self.counts.len());
        match self.counts.get_mut(place) {
            Some((_, count)) => *count += packets,
            None => self.counts.push((key, packets)),
        }
    }

    fn merge(&mut self, later: &Tally<K>) {
        for (key, packets) in &later.counts {
            self.add(key.clone(), *packets);
        }
    }
}

impl<K: PartialEq> PartialEq for Tally<K> {
    fn eq(&self, other: &Tally<K>) -> bool {
        self.counts == other.counts
    }
}

impl<K: Eq> Eq for Tally<K> {}

impl Default for Counters {
    fn default() -> Counters {
        Counters {
            read: 0,
            passed: 0,
            wild_times: 0,
            reasons: [0; Reason::ALL.len()],
            portless: Box::new([0; 256]),
            without_ports: Box::new([0; 256]),
            link_types: Tally::new(),
            truncated: Tally::new(),
            malformed: Tally::new(),
            resemblances: Tally::new(),
        }
    }
}

impl Counters {
    /// Counts frames that are no packets, and have numbers.
    #[cold]
    pub(super) fn pass(&mut self, frames: u64) {
        self.passed += frames;
    }

    /// Frames read, as they are numbered.
    #[inline]
    pub(crate) fn frames(&self) -> u64 {
        self.read + self.passed
    }

    /// Counts a packet that is in a flow.
    #[inline]
    pub(super) fn in_a_flow(&mut self) {
        self.read += 1;
    }

    /// Counts a packet that seems to hold a tunnel on a port that is not known for it.
    #[cold]
    pub(super) fn resembles(&mut self, kind: UdpTunnel, port: u16) {
        self.resemblances.add((kind, port), 1);
    }

    /// Counts a packet that is in no flow; `ends_in` is the protocol without ports that it ends in.
    pub(super) fn in_no_flow(
        &mut self,
        outcome: Outcome,
        link_type: Option<LinkType>,
        ends_in: Option<Protocol>,
    ) {
        self.read += 1;
        let Some(reason) = outcome.reason() else { return };
        self.reasons[reason as usize] += 1;
        if let Some(protocol) = ends_in {
            self.without_ports[usize::from(protocol.0)] += 1;
        }
        match (outcome, link_type) {
            (Outcome::Portless(protocol), _) => self.portless[usize::from(protocol.0)] += 1,
            (Outcome::UnknownLinkType, Some(link_type)) => self.link_types.add(link_type, 1),
            (Outcome::Truncated(cut), _) => self.truncated.add(cut.layer, 1),
            (Outcome::Malformed(rule), _) => self.malformed.add(Cow::Borrowed(rule), 1),
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

    /// Counts a copy that is left out.
    pub(super) fn copy(&mut self) {
        self.read += 1;
        self.reasons[Reason::Copy as usize] += 1;
    }

    /// Notes that a packet's time cannot be right.
    #[cold]
    pub(super) fn wild_time(&mut self) {
        self.wild_times += 1;
    }

    /// Adds the counts of what followed.
    pub(super) fn merge(&mut self, later: &Counters) {
        self.read += later.read;
        self.passed += later.passed;
        self.wild_times += later.wild_times;
        for (count, more) in self.reasons.iter_mut().zip(later.reasons) {
            *count += more;
        }
        for (count, more) in self.portless.iter_mut().zip(later.portless.iter()) {
            *count += more;
        }
        for (count, more) in self.without_ports.iter_mut().zip(later.without_ports.iter()) {
            *count += more;
        }
        self.link_types.merge(&later.link_types);
        self.truncated.merge(&later.truncated);
        self.malformed.merge(&later.malformed);
        self.resemblances.merge(&later.resemblances);
    }

    /// Packets read.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Packets whose time [cannot be right](crate::capture::Packet::has_wild_time). They are counted as
    /// those without a time.
    pub fn wild_times(&self) -> u64 {
        self.wild_times
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

    /// The IP protocols without ports that are the reason why packets are in no flow, with their counts.
    pub fn portless(&self) -> impl Iterator<Item = (Protocol, u64)> {
        by_protocol(&self.portless)
    }

    /// The protocols without ports that packets in no flow end in, with their counts, whatever the reason
    /// is: what is encrypted, compressed or damaged has a protocol, too. These packets are in flows with
    /// [`ProtocolChoice::All`](super::ProtocolChoice::All).
    pub fn without_ports(&self) -> impl Iterator<Item = (Protocol, u64)> {
        by_protocol(&self.without_ports)
    }

    /// The link types that are not decoded, with their counts.
    pub fn unknown_link_types(&self) -> impl Iterator<Item = (LinkType, u64)> {
        self.link_types.counts.iter().copied()
    }

    /// The tunnels that packets seem to hold on UDP ports that are not known for them, with the ports and
    /// the counts of packets. They are in flows, as traffic of that port.
    pub fn resemblances(&self) -> impl Iterator<Item = (UdpTunnel, u16, u64)> {
        self.resemblances.counts.iter().map(|&((kind, port), packets)| (kind, port, packets))
    }

    /// The headers that were cut short before the ports, with the counts of their packets.
    pub fn truncated(&self) -> impl Iterator<Item = (Layer, u64)> {
        self.truncated.counts.iter().copied()
    }

    /// The rules that malformed headers break, with the counts of their packets.
    pub fn malformed(&self) -> impl Iterator<Item = (&str, u64)> {
        self.malformed.counts.iter().map(|(rule, packets)| (&**rule, *packets))
    }
}

fn by_protocol(counts: &[u64; 256]) -> impl Iterator<Item = (Protocol, u64)> {
    let all = counts.iter().enumerate().map(|(number, &count)| (Protocol(number as u8), count));
    all.filter(|&(_, count)| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_keeps_the_order_of_first_occurrence() {
        let mut tally = Tally::new();
        for key in ["b", "a", "b", "c", "a", "b"] {
            tally.add(key, 1);
        }
        let mut later = Tally::new();
        later.add("d", 5);
        later.add("a", 7);
        tally.merge(&later);
        assert_eq!(tally.counts, [("b", 3), ("a", 9), ("c", 1), ("d", 5)]);
    }
}
