//! Statistics that a pcapng capture holds of itself: Interface Statistics Blocks
//! (draft-ietf-opsawg-pcapng section 4.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::byte_order::Numbers;
use super::pcapng::{Block, BlockType, Section, code};

/// Number of intervals that are kept; further ones are left out.
const MOST_INTERVALS: usize = 1000;

/// Sum of the Interface Statistics Blocks of a capture. The last block of each interface counts,
/// since it counts from the start of the capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// The interfaces of the first section, or of that which a piece begins in.
    head: BTreeMap<u32, Interface>,
    /// The sections between the first and the last.
    done: Totals,
    /// The interfaces of the last section, when it is not the first.
    tail: Option<BTreeMap<u32, Interface>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Interface {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    dropped: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Number of packets dropped before they could be written, by the interfaces and by the
    /// operating system (`isb_ifdrop` and `isb_osdrop`); `None` where the capture does not say.
    pub fn dropped(&self) -> Option<u64> {
        self.totals().dropped
    }

    /// Start and end of the capture on each interface (`isb_starttime` and `isb_endtime`), where the
    /// capture holds both; at most 1,000 intervals.
    pub fn listened(&self) -> Vec<(Timestamp, Timestamp)> {
        self.totals().listened
    }

    /// Adds the statistics of the piece that follows.
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

    /// Takes the statistics from a block that does not hold a packet. `section` is the state after it.
    #[cold]
    pub(super) fn note(&mut self, section: &Section, block: &[u8]) {
        let block = Block::new(block, section.order());
        match block.kind {
            BlockType::SECTION_HEADER => self.begin_section(),
            BlockType::INTERFACE_STATISTICS => {
                if let Some((id, interface)) = Interface::read(section, block) {
                    self.current().insert(id, interface);
                }
            }
            _ => {}
        }
    }
}

impl Interface {
    /// An Interface Statistics Block; `None` for an interface that the section does not describe.
    fn read(section: &Section, block: Block) -> Option<(u32, Interface)> {
        let id = block.body().u32(0)?;
        if !section.describes(id) {
            return None;
        }
        let unit = section.unit_of(id);
        let mut interface = Interface::default();
        for option in block.options(block.start_of_options()?) {
            let value = Numbers { bytes: option.value, order: block.order };
            // Times have their upper half first in either byte order; counts are 64-bit numbers.
            let (Some([high, low]), Some(count)) = (value.words(), value.u64(0)) else { continue };
            let time = || unit?.time(u64::from(high) << 32 | u64::from(low));
            match option.code {
                code::STATISTICS_START => interface.start = time(),
                code::STATISTICS_END => interface.end = time(),
                // All bits set: unknown.
                code::STATISTICS_INTERFACE_DROPS | code::STATISTICS_SYSTEM_DROPS if count != u64::MAX => {
                    interface.dropped = sum(interface.dropped, Some(count));
                }
                _ => {}
            }
        }
        Some((id, interface))
    }
}
