//! What a pcapng capture says of its own making: Interface Statistics Blocks (draft section 4.6)
//! and the names of its interfaces.

use std::collections::BTreeMap;

use super::Timestamp;
use super::pcapng::{Body, SECTION_HEADER, Section};

const INTERFACE_STATISTICS: u32 = 5;
/// More intervals than this are not kept one by one.
const MOST_INTERVALS: usize = 1000;

/// What the blocks of statistics of a capture, or of a piece of it, add up to. Counts are those of
/// the last block of each interface, which count from the start of the capture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The interfaces of the section that a piece begins in.
    head: BTreeMap<u32, Interface>,
    /// The sections that lie whole in the piece, but for the last.
    done: Totals,
    /// The last section, when the piece begins in another.
    tail: Option<BTreeMap<u32, Interface>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Interface {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    dropped: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Totals {
    dropped: Option<u64>,
    listened: Vec<(Timestamp, Timestamp)>,
}

/// The sum of what is known.
fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

impl Totals {
    fn add(&mut self, interfaces: &BTreeMap<u32, Interface>) {
        for interface in interfaces.values() {
            self.dropped = sum(self.dropped, interface.dropped);
            if let (Some(start), Some(end)) = (interface.start, interface.end)
                && start <= end
                && self.listened.len() < MOST_INTERVALS
            {
                self.listened.push((start, end));
            }
        }
    }

    fn merge(&mut self, later: &Totals) {
        self.dropped = sum(self.dropped, later.dropped);
        let room = MOST_INTERVALS.saturating_sub(self.listened.len());
        self.listened.extend(later.listened.iter().take(room));
    }
}

impl Statistics {
    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        totals.add(&self.head);
        totals.merge(&self.done);
        if let Some(tail) = &self.tail {
            totals.add(tail);
        }
        totals
    }

    /// Packets that the interfaces and the system dropped before they could be written
    /// (`isb_ifdrop` and `isb_osdrop`); none where the capture does not say.
    pub fn dropped(&self) -> Option<u64> {
        self.totals().dropped
    }

    /// From when to when an interface was listened on (`isb_starttime` and `isb_endtime`), for each
    /// that says so, at most 1,000.
    pub fn listened(&self) -> Vec<(Timestamp, Timestamp)> {
        self.totals().listened
    }

    /// Adds what the piece that follows says.
    pub(crate) fn merge(&mut self, later: &Statistics) {
        self.current().extend(later.head.iter().map(|(&id, &interface)| (id, interface)));
        if let Some(tail) = &later.tail {
            self.begin_section();
            self.done.merge(&later.done);
            self.tail = Some(tail.clone());
        }
    }

    fn current(&mut self) -> &mut BTreeMap<u32, Interface> {
        self.tail.as_mut().unwrap_or(&mut self.head)
    }

    fn begin_section(&mut self) {
        if let Some(tail) = self.tail.replace(BTreeMap::new()) {
            self.done.add(&tail);
        }
    }

    /// Looks at a block that holds no packet; `section` is the state behind it.
    #[cold]
    pub(super) fn note(&mut self, section: &Section, block: &[u8]) {
        let head = Body { bytes: block, big_endian: section.is_big_endian() };
        match head.u32(0) {
            Some(SECTION_HEADER) => self.begin_section(),
            Some(INTERFACE_STATISTICS) => {
                let body = block.get(8..block.len().saturating_sub(4)).unwrap_or_default();
                let body = Body { bytes: body, big_endian: section.is_big_endian() };
                if let Some((id, interface)) = Interface::read(section, body) {
                    self.current().insert(id, interface);
                }
            }
            _ => {}
        }
    }
}

impl Interface {
    /// An Interface Statistics Block; none for an interface that the section does not describe.
    fn read(section: &Section, body: Body) -> Option<(u32, Interface)> {
        let id = body.u32(0)?;
        if !section.describes(id) {
            return None;
        }
        let unit = section.unit_of(id);
        let mut interface = Interface::default();
        for (code, value) in body.options(12) {
            let value = Body { bytes: value, ..body };
            let (Some(a), Some(b)) = (value.u32(0), value.u32(4)) else { continue };
            // Times have their upper half first, counters are whole numbers.
            let time = || unit?.time(u64::from(a) << 32 | u64::from(b));
            let (low, high) = if body.big_endian { (b, a) } else { (a, b) };
            let count = u64::from(high) << 32 | u64::from(low);
            match code {
                2 => interface.start = time(),
                3 => interface.end = time(),
                // All bits set: not known.
                5 | 7 if count != u64::MAX => interface.dropped = sum(interface.dropped, Some(count)),
                _ => {}
            }
        }
        Some((id, interface))
    }
}
