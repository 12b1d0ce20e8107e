//! Fragments: later ones get the ports of the first.
//!
//! The first fragment of a datagram (its head) holds the transport header; the others are counted
//! in the head's flow, in the same direction. Those that come before the head are held as a count
//! and given over when it comes. A datagram is forgotten when nothing came of it for longer than
//! [`TIMEOUT`], by the time of the capture.
//!
//! Like flows, datagrams follow rules that look at neighbouring fragments only, so that folding
//! packets in pieces gives what folding them at once does. What a piece cannot decide alone is what
//! came of a datagram before its first head: the head may be in the piece before. It is kept as it
//! was and played back when the pieces are merged.
//!
//! Fragments add to the counts of a flow and to its end. They do not say whether it goes on or a
//! new one begins: only packets that show their ports do.

use std::collections::HashMap;
use std::net::IpAddr;

use super::event::fragment_bits as bits;
use super::{ContextId, Side};
use crate::capture::NO_TIME;

/// Nanoseconds after which a datagram's missing fragments are no longer waited for: what systems
/// reassemble with (RFC 1122 section 3.3.2 asks for 60 to 120 s, RFC 8200 section 4.5 for 60 s).
const TIMEOUT: i64 = 60_000_000_000;
/// How many datagrams are followed at once: beyond it the later fragments of new ones are counted
/// as fragments without their head. It bounds the memory that a flood of fragments can take to
/// some ten megabytes.
const MAX_DATAGRAMS: usize = 65_536;
/// How many datagrams there are before those that have timed out are looked for.
const FIRST_SWEEP: usize = 1024;
/// How many fragments of one datagram are looked at for overlaps. A datagram of 65,535 octets has
/// 46 fragments on Ethernet.
const MAX_RANGES: usize = 64;

/// What makes fragments belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct DatagramKey {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: u8,
    pub(super) identification: u32,
    pub(super) context: ContextId,
}

/// The octets of a datagram that one fragment holds: the first, and the one after the last.
pub(super) type Range = (u32, u32);

/// Later fragments of one datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) packets: u64,
    pub(super) bytes: u64,
    /// How many of the packets are counted as being in no flow.
    pub(super) uncounted: u64,
    /// Bits of [`bits`].
    pub(super) bits: u8,
    pub(super) first_time: i64,
    pub(super) last_time: i64,
    pub(super) ranges: Vec<Range>,
}

impl Default for Group {
    fn default() -> Group {
        Group {
            packets: 0,
            bytes: 0,
            uncounted: 0,
            bits: 0,
            first_time: NO_TIME,
            last_time: NO_TIME,
            ranges: Vec::new(),
        }
    }
}

impl Group {
    fn append(&mut self, later: &Group) {
        if overlap(&self.ranges, &later.ranges) {
            self.bits |= bits::OVERLAPPING;
        }
        if self.packets == 0 {
            self.first_time = later.first_time;
        }
        self.packets += later.packets;
        self.bytes += later.bytes;
        self.uncounted += later.uncounted;
        self.bits |= later.bits;
        self.last_time = later.last_time;
        extend(&mut self.ranges, &later.ranges);
    }
}

/// The first fragment of a datagram, and the flow it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) flow: u32,
    pub(super) side: Side,
    pub(super) range: Range,
    pub(super) time: i64,
}

/// Fragments that have found their flow.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) flow: u32,
    pub(super) side: Side,
    pub(super) group: Group,
}

/// What is known of one datagram.
#[derive(Clone, Debug)]
struct Datagram {
    /// Nothing came yet that decides what belongs to whom, so that the table before may.
    is_open: bool,
    /// What came before that, and the head that decided, if it was one.
    before: Option<Before>,
    /// Whether the head that decided is still the newest.
    is_first_head: bool,
    /// The newest head.
    head: Option<Head>,
    /// Later fragments whose head has not come.
    held: Group,
    ranges: Vec<Range>,
    previous_time: i64,
}

#[derive(Clone, Debug)]
struct Before {
    group: Group,
    head: Option<Head>,
    /// Whether what followed the head overlaps with `group`, in case both are of one datagram.
    overlaps: bool,
}

impl Datagram {
    fn new(is_open: bool) -> Datagram {
        Datagram {
            is_open,
            before: None,
            is_first_head: false,
            head: None,
            held: Group::default(),
            ranges: Vec::new(),
            previous_time: NO_TIME,
        }
    }

    fn is_over(&self, time: i64) -> bool {
        time != NO_TIME && self.previous_time != NO_TIME && time.saturating_sub(self.previous_time) > TIMEOUT
    }

    fn forget(&mut self) {
        let group = std::mem::take(&mut self.held);
        if self.is_open {
            self.is_open = false;
            self.before = Some(Before { group, head: None, overlaps: false });
        }
        self.is_first_head = false;
        self.head = None;
        self.ranges.clear();
    }

    fn later(&mut self, mut group: Group) -> Option<Given> {
        if self.is_over(group.first_time) {
            self.forget();
        }
        self.previous_time = group.last_time;
        let Some(head) = self.head else {
            self.held.append(&group);
            return None;
        };
        if overlap(&self.ranges, &group.ranges) {
            group.bits |= bits::OVERLAPPING;
        }
        if let (true, Some(before)) = (self.is_first_head, &mut self.before) {
            before.overlaps |= overlap(&before.group.ranges, &group.ranges);
        }
        extend(&mut self.ranges, &group.ranges);
        Some(Given { flow: head.flow, side: head.side, group })
    }

    fn first(&mut self, head: Head) -> Option<Given> {
        if self.is_over(head.time) {
            self.forget();
        }
        self.previous_time = head.time;
        let mut group = std::mem::take(&mut self.held);
        // Another head is that of another datagram under the same identification.
        self.ranges.clear();
        self.ranges.push(head.range);
        self.is_first_head = self.is_open;
        self.head = Some(head);
        if self.is_open {
            self.is_open = false;
            let overlaps = overlap(&group.ranges, &[head.range]);
            self.before = Some(Before { group, head: Some(head), overlaps });
            return None;
        }
        if overlap(&group.ranges, &[head.range]) {
            group.bits |= bits::OVERLAPPING;
        }
        extend(&mut self.ranges, &group.ranges);
        (group.packets > 0).then_some(Given { flow: head.flow, side: head.side, group })
    }
}

/// The datagrams whose fragments are waited for.
#[derive(Clone)]
pub(super) struct Fragments {
    datagrams: HashMap<DatagramKey, Datagram, foldhash::fast::RandomState>,
    sweep_at: usize,
    /// Whether this is the table of a piece that follows another.
    follows: bool,
    /// Time of the first fragment.
    start: i64,
}

impl Fragments {
    pub(super) fn new(follows: bool) -> Fragments {
        Fragments { datagrams: HashMap::default(), sweep_at: FIRST_SWEEP, follows, start: NO_TIME }
    }

    /// Counts a later fragment, or several. Returns them when their flow is known.
    pub(super) fn later(&mut self, key: DatagramKey, group: Group) -> Option<Given> {
        self.datagram(key, group.first_time)?.later(group)
    }

    /// Notes the head of a datagram. Returns what was held for it.
    pub(super) fn head(&mut self, key: DatagramKey, head: Head) -> Option<Given> {
        self.datagram(key, head.time)?.first(head)
    }

    /// The flows that later fragments may be counted in.
    pub(super) fn flows(&self) -> impl Iterator<Item = u32> {
        self.datagrams.values().flat_map(|datagram| {
            let before = datagram.before.as_ref().and_then(|before| before.head);
            [datagram.head, before].into_iter().flatten().map(|head| head.flow)
        })
    }

    /// Flows have got other places.
    pub(super) fn rename_flows(&mut self, renamed: impl Fn(u32) -> u32) {
        for datagram in self.datagrams.values_mut() {
            let before = datagram.before.as_mut().and_then(|before| before.head.as_mut());
            for head in [datagram.head.as_mut(), before].into_iter().flatten() {
                head.flow = renamed(head.flow);
            }
        }
    }

    /// The datagram of a key; `None` when there are too many.
    fn datagram(&mut self, key: DatagramKey, time: i64) -> Option<&mut Datagram> {
        if self.start == NO_TIME {
            self.start = time;
        }
        if self.datagrams.len() >= self.sweep_at && !self.datagrams.contains_key(&key) {
            self.sweep(time);
            if self.datagrams.len() >= MAX_DATAGRAMS {
                return None;
            }
        }
        // Later than that, what the piece before held has timed out.
        let early = time == NO_TIME || time.saturating_sub(self.start) <= TIMEOUT;
        let is_open = self.follows && early;
        Some(self.datagrams.entry(key).or_insert_with(|| Datagram::new(is_open)))
    }

    /// Forgets datagrams that have timed out.
    pub(super) fn sweep(&mut self, now: i64) {
        self.datagrams
            .retain(|_, datagram| datagram.is_open || datagram.before.is_some() || !datagram.is_over(now));
        self.sweep_at = (2 * self.datagrams.len()).clamp(FIRST_SWEEP, MAX_DATAGRAMS);
    }

    /// Adds what a following table knows. `rekeyed` tells its contexts' and `moved` its flows'
    /// places in this table. Calls `give` with fragments that have found their flow.
    pub(super) fn merge(
        &mut self,
        later: Fragments,
        rekeyed: impl Fn(ContextId) -> ContextId,
        moved: impl Fn(u32, Side) -> (u32, Side),
        mut give: impl FnMut(Given),
    ) {
        let moved = |head: Head| {
            let (flow, side) = moved(head.flow, head.side);
            Head { flow, side, ..head }
        };
        for (key, mut datagram) in later.datagrams {
            let key = DatagramKey { context: rekeyed(key.context), ..key };
            datagram.head = datagram.head.map(moved);
            if datagram.is_open {
                self.later(key, datagram.held).into_iter().for_each(&mut give);
                continue;
            }
            let Some(before) = datagram.before.take() else {
                // What came before has timed out.
                if let Some(known) = self.datagram(key, datagram.previous_time) {
                    known.forget();
                    known.replace_with(datagram);
                }
                continue;
            };
            if before.group.packets > 0 {
                self.later(key, before.group).into_iter().for_each(&mut give);
            }
            let Some(head) = before.head.map(moved) else {
                if let Some(known) = self.datagram(key, datagram.previous_time) {
                    known.forget();
                    known.replace_with(datagram);
                }
                continue;
            };
            if let Some(mut given) = self.head(key, head) {
                let with_next = datagram.is_first_head && overlap(&given.group.ranges, &datagram.ranges);
                if before.overlaps || with_next {
                    given.group.bits |= bits::OVERLAPPING;
                }
                give(given);
            }
            if let Some(known) = self.datagrams.get_mut(&key) {
                if !datagram.is_first_head {
                    known.forget();
                }
                known.replace_with(datagram);
            }
        }
    }
}

impl Datagram {
    /// Goes on as a later table left it, after what was played back of it.
    fn replace_with(&mut self, later: Datagram) {
        self.is_first_head &= later.is_first_head;
        if let (true, Some(before)) = (self.is_first_head, &mut self.before) {
            before.overlaps |= overlap(&before.group.ranges, &later.ranges);
        }
        extend(&mut self.ranges, &later.ranges);
        self.head = later.head;
        self.held = later.held;
        self.previous_time = later.previous_time;
    }
}

/// Whether a range of one set has octets in common with one of the other. The same range twice is
/// a packet that was captured twice or sent again, and none.
fn overlap(known: &[Range], new: &[Range]) -> bool {
    known.iter().any(|a| new.iter().any(|b| a != b && a.0 < b.1 && b.0 < a.1))
}

fn extend(known: &mut Vec<Range>, new: &[Range]) {
    let room = MAX_RANGES.saturating_sub(known.len());
    for range in new.iter().take(room) {
        if !known.contains(range) {
            known.push(*range);
        }
    }
}
