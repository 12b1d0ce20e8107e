//! Fragments: later ones get the ports of the first.
//!
//! The first fragment of a datagram (its head) holds the transport header; the others are counted
//! in the head's flow, in the same direction. Those that come before the head are held as a count
//! and given over when it comes. A datagram is forgotten when nothing came of it for longer than
//! [`TIMEOUT`], by the time of the capture, or while fragments of [`MAX_DATAGRAMS`] others came.
//!
//! Folding packets in pieces gives what folding them at once does. What a piece cannot decide alone is
//! what came of a datagram before its first head: the head may be in the piece before. It is kept as it
//! was and played back when the pieces are merged, in the order in which the piece met its datagrams:
//! so those are forgotten that would have been at once. After as many datagrams as are followed none of
//! the piece before is left, so that a piece keeps no more of them than that.
//!
//! Fragments add to the counts of a flow and to its end. They do not say whether it goes on or a
//! new one begins: only packets that show their ports do.

mod written;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::event::fragment_bits as bits;
use super::recent::Recent;
use super::{ContextId, Side};
use crate::capture::NO_TIME;
pub use written::WrittenDatagram;

/// Nanoseconds after which a datagram's missing fragments are no longer waited for: what systems
/// reassemble with (RFC 1122 section 3.3.2 asks for 60 to 120 s, RFC 8200 section 4.5 for 60 s).
const TIMEOUT: i64 = 60_000_000_000;
/// How many datagrams are followed at once, those of which a fragment came last. A sender at 1 Gbit/s
/// takes 1.5 s for as many in two fragments of 1,500 octets. It bounds the memory that a flood of
/// fragments can take to some ten megabytes.
const MAX_DATAGRAMS: usize = 65_536;
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Datagram {
    /// Its number among those that a piece met first, where it is one of them.
    met: Option<u32>,
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    group: Group,
    head: Option<Head>,
    /// Whether what followed the head overlaps with `group`, in case both are of one datagram.
    overlaps: bool,
}

impl Datagram {
    fn new(is_open: bool, met: Option<u32>) -> Datagram {
        Datagram {
            met,
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
    datagrams: Recent<DatagramKey, Datagram>,
    most: usize,
    /// In a piece that follows another: the datagrams that it met first, in that order, at most as many
    /// as are followed.
    met: Option<Vec<Met>>,
    /// Time of the first fragment.
    start: i64,
}

/// Keeps what is known of a datagram that is forgotten for others, where the piece before may know more.
fn keep_met(met: Option<&mut [Met]>, gone: Datagram) {
    if let (Some(number), Some(met)) = (gone.met, met) {
        met[number as usize].datagram = Some(Box::new(gone));
    }
}

/// A datagram that a piece met.
#[derive(Clone)]
struct Met {
    key: DatagramKey,
    /// What was known of it when it was forgotten for others.
    datagram: Option<Box<Datagram>>,
}

impl Fragments {
    pub(super) fn new(follows: bool) -> Fragments {
        Fragments::with_room(MAX_DATAGRAMS, follows)
    }

    /// Follows at most `most` datagrams at once.
    fn with_room(most: usize, follows: bool) -> Fragments {
        Fragments { datagrams: Recent::new(most), most, met: follows.then(Vec::new), start: NO_TIME }
    }

    /// Counts a later fragment, or several. Returns them when their flow is known.
    pub(super) fn later(&mut self, key: DatagramKey, group: Group) -> Option<Given> {
        self.datagram(key, group.first_time).later(group)
    }

    /// Notes the head of a datagram. Returns what was held for it.
    pub(super) fn head(&mut self, key: DatagramKey, head: Head) -> Option<Given> {
        self.datagram(key, head.time).first(head)
    }

    /// The flows that later fragments may be counted in.
    pub(super) fn flows(&self) -> impl Iterator<Item = u32> {
        let forgotten = self.met.iter().flatten().filter_map(|met| met.datagram.as_deref());
        self.datagrams.iter().map(|(_, datagram)| datagram).chain(forgotten).flat_map(|datagram| {
            let before = datagram.before.as_ref().and_then(|before| before.head);
            [datagram.head, before].into_iter().flatten().map(|head| head.flow)
        })
    }

    /// Flows have got other places.
    pub(super) fn rename_flows(&mut self, renamed: impl Fn(u32) -> u32) {
        let forgotten = self.met.iter_mut().flatten().filter_map(|met| met.datagram.as_deref_mut());
        for datagram in self.datagrams.values_mut().chain(forgotten) {
            let before = datagram.before.as_mut().and_then(|before| before.head.as_mut());
            for head in [datagram.head.as_mut(), before].into_iter().flatten() {
                head.flow = renamed(head.flow);
            }
        }
    }

    /// The datagram of a key, a fragment of which comes.
    fn datagram(&mut self, key: DatagramKey, time: i64) -> &mut Datagram {
        if self.start == NO_TIME {
            self.start = time;
        }
        let number = match &mut self.met {
            Some(met) if met.len() < self.most && !self.datagrams.contains(&key) => {
                met.push(Met { key, datagram: None });
                Some(met.len() as u32 - 1)
            }
            _ => None,
        };
        // Later than that, what the piece before held has timed out.
        let early = time == NO_TIME || time.saturating_sub(self.start) <= TIMEOUT;
        let met = &mut self.met;
        let new = || Datagram::new(number.is_some() && early, number);
        self.datagrams.use_or_insert(key, new, |gone| keep_met(met.as_deref_mut(), gone))
    }

    /// Forgets the datagram of a key.
    fn let_go(&mut self, key: &DatagramKey) {
        if let Some(gone) = self.datagrams.remove(key) {
            keep_met(self.met.as_deref_mut(), gone);
        }
    }

    /// Forgets datagrams that have timed out.
    pub(super) fn sweep(&mut self, now: i64) {
        self.datagrams
            .retain(|datagram| datagram.is_open || datagram.before.is_some() || !datagram.is_over(now));
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
        let rekeyed = |key: DatagramKey| DatagramKey { context: rekeyed(key.context), ..key };
        let mut met = later.met.unwrap_or_default();
        // What is still followed, in the order in which it was used last: what was met first, and what
        // came when as many others were.
        let (mut followed, mut came_after) = (Vec::new(), Vec::new());
        for (key, mut datagram) in later.datagrams.into_ordered() {
            let key = rekeyed(key);
            followed.push((key, datagram.met.is_some()));
            if let Some(number) = datagram.met {
                met[number as usize].datagram = Some(Box::new(datagram));
            } else {
                datagram.head = datagram.head.map(moved);
                came_after.push((key, datagram));
            }
        }
        for Met { key, datagram } in met {
            if let Some(mut datagram) = datagram {
                datagram.head = datagram.head.map(moved);
                self.play_back(rekeyed(key), *datagram, moved, &mut give);
            }
        }
        // What is followed still must not go for what came after it.
        for &(key, _) in followed.iter().filter(|(_, is_met)| *is_met) {
            self.datagram(key, NO_TIME);
        }
        for (key, datagram) in came_after {
            self.let_go(&key);
            *self.datagram(key, NO_TIME) = datagram;
        }
        for (key, _) in followed {
            self.datagram(key, NO_TIME);
        }
    }

    /// Adds what a following table knows of a datagram that it met.
    fn play_back(
        &mut self,
        key: DatagramKey,
        mut datagram: Datagram,
        moved: impl Fn(Head) -> Head,
        give: &mut impl FnMut(Given),
    ) {
        if datagram.is_open {
            self.later(key, datagram.held).into_iter().for_each(give);
            return;
        }
        let Some(Before { group, head, overlaps }) = datagram.before.take() else {
            // What came before has timed out.
            let known = self.datagram(key, datagram.previous_time);
            known.forget();
            known.replace_with(datagram);
            return;
        };
        if group.packets > 0 {
            self.later(key, group).into_iter().for_each(&mut *give);
        }
        let Some(head) = head.map(moved) else {
            let known = self.datagram(key, datagram.previous_time);
            known.forget();
            known.replace_with(datagram);
            return;
        };
        if let Some(mut given) = self.head(key, head) {
            let with_next = datagram.is_first_head && overlap(&given.group.ranges, &datagram.ranges);
            if overlaps || with_next {
                given.group.bits |= bits::OVERLAPPING;
            }
            give(given);
        }
        let known = self.datagram(key, head.time);
        if !datagram.is_first_head {
            known.forget();
        }
        known.replace_with(datagram);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const SECOND: i64 = 1_000_000_000;
    const ROOM: usize = 4;

    /// A fragment: its datagram, whether it is a head, its time in seconds.
    type Fragment = (u32, bool, i64);

    /// Fragments that were given to the flow of each datagram, with what was seen of them.
    type Counted = BTreeMap<u32, (u64, u8)>;

    fn count(counted: &mut Counted, given: &Given) {
        let (packets, seen) = counted.entry(given.flow).or_default();
        *packets += given.group.packets;
        *seen |= given.group.bits;
    }

    fn fold(fragments: &[Fragment], follows: bool) -> (Fragments, Counted) {
        let mut table = Fragments::with_room(ROOM, follows);
        let mut counted = Counted::new();
        for &(n, is_head, seconds) in fragments {
            let address = IpAddr::from([192, 0, 2, 1]);
            let key = DatagramKey {
                source: address,
                destination: address,
                protocol: 17,
                identification: n,
                context: ContextId(0),
            };
            let time = seconds * SECOND;
            let given = if is_head {
                table.head(key, Head { flow: n, side: Side::First, range: (0, 8), time })
            } else {
                let ranges = vec![(8, 16)];
                let group = Group {
                    packets: 1,
                    bytes: 8,
                    first_time: time,
                    last_time: time,
                    ranges,
                    ..Group::default()
                };
                table.later(key, group)
            };
            if let Some(given) = &given {
                count(&mut counted, given);
            }
        }
        (table, counted)
    }

    /// What a table knows: of each datagram, in the order of use, whether its head came, and how many
    /// fragments wait for it.
    fn said(table: &Fragments) -> Vec<(u32, bool, u64)> {
        let of = |(key, datagram): (&DatagramKey, &Datagram)| {
            (key.identification, datagram.head.is_some(), datagram.held.packets)
        };
        table.datagrams.iter().map(of).collect()
    }

    fn merge(first: &mut (Fragments, Counted), later: (Fragments, Counted)) {
        for (flow, (packets, seen)) in later.1 {
            let known = first.1.entry(flow).or_default();
            *known = (known.0 + packets, known.1 | seen);
        }
        let (table, counted) = first;
        table.merge(later.0, |id| id, |flow, side| (flow, side), |given| count(counted, &given));
    }

    #[test]
    fn the_datagram_not_heard_of_for_longest_is_forgotten() {
        let heads: Vec<Fragment> = (0..6).map(|n| (n, true, 0)).collect();
        let (table, counted) = fold(&[&heads[..], &[(0, false, 0), (5, false, 0)]].concat(), false);
        assert_eq!(said(&table), [(3, true, 0), (4, true, 0), (0, false, 1), (5, true, 0)]);
        assert_eq!(counted, BTreeMap::from([(5, (1, 0))]));
    }

    #[test]
    fn pieces_forget_what_the_whole_does() {
        let mut number = 3_u64;
        let mut below = |limit: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % limit
        };
        for round in 0..20_000 {
            let (length, datagrams) = (below(24), 3 + below(6));
            let mut seconds = 0;
            let fragments: Vec<Fragment> = (0..length)
                .map(|_| {
                    seconds += if round % 2 == 0 && below(6) == 0 { 61 } else { 0 };
                    (below(datagrams) as u32, below(2) == 0, seconds)
                })
                .collect();
            let whole = fold(&fragments, false);
            let mut cuts = [below(length + 1) as usize, below(length + 1) as usize];
            cuts.sort_unstable();
            let [a, b] = cuts;
            let (mut first, mut second) = (fold(&fragments[..a], false), fold(&fragments[a..b], true));
            let third = fold(&fragments[b..], true);
            if below(2) == 0 {
                merge(&mut second, third);
                merge(&mut first, second);
            } else {
                merge(&mut first, second);
                merge(&mut first, third);
            }
            first.1.retain(|_, (packets, _)| *packets > 0);
            assert_eq!(said(&first.0), said(&whole.0), "cut at {cuts:?}: {fragments:?}");
            assert_eq!(first.1, whole.1, "cut at {cuts:?}: {fragments:?}");
        }
    }
}
