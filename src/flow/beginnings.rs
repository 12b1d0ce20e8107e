//! Beginnings of TCP streams that come in small segments: what has come of them is kept until it shows a protocol, or
//! enough was looked at.
//!
//! A stream is put together where its first segment is small and shows no protocol by itself, from up to four
//! segments in the order of their sequence numbers: from the first octet up to a gap. A protocol that a segment shows
//! by itself comes before what it shows with those before it. The last one looked at is the first that is not small. An opening
//! ends it: payload before an opening is of another stream.
//!
//! In a table that follows another, nobody knows whether a flow begins there: the first segments of its sides are kept
//! as they are, and looked at when the tables are merged. So the result does not depend on where a capture is cut.

mod written;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
pub use written::{WrittenBeginning, WrittenSegment};

use super::Side;
use crate::evidence::{Shows, Sign, Signs, sign_of_stream};

/// How many segments of a stream are looked at.
const MOST_SEGMENTS: usize = 4;
/// A segment is small if it is shorter than so many octets.
const SMALL: u32 = 48;
/// How many octets of a segment are kept.
const MOST_OCTETS: usize = 128;

/// A segment with payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    /// Its sequence number.
    pub(super) at: u32,
    /// Its length on the wire.
    pub(super) length: u32,
    /// Its octets, as far as they were captured.
    pub(super) octets: &'a [u8],
    /// What it shows by itself.
    pub(super) shows: Shows,
}

impl Segment<'_> {
    /// Whether more has to come for it to say something.
    fn is_small(&self) -> bool {
        self.length < SMALL && self.octets.len() == self.length as usize
    }
}

/// How a flow stands to other tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It begins here.
    BeginsHere,
    /// It may go on one that is in another table.
    MayGoOn {
        /// Whether its opening is here.
        is_opened: bool,
    },
}

/// The first segments of one side of a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Beginning {
    /// The segments, one behind the other: their sequence numbers and lengths, what they show, how many octets are kept,
    /// and these. There are as many as flows in a flood, and most have but one.
    written: Box<[u8]>,
    /// Whether an opening of the flow came before them.
    is_opened: bool,
    /// Whether the segments that come are none of it.
    is_over: bool,
}

/// How many octets a segment takes beside those of its payload that are kept.
const HEAD: usize = 10;

/// Beginnings of both sides of a flow.
pub(super) type OfFlow = [Option<Beginning>; 2];

/// What is known of a side of a flow when another part of it is added.
pub(super) struct Added {
    /// How many packets with payload were looked at before.
    pub(super) before: u8,
    /// Whether any was in the part that is added.
    pub(super) is_any: bool,
    /// Whether the part that is added has an opening.
    pub(super) is_opened: bool,
    /// Whether there was one before.
    pub(super) was_opened: bool,
}

/// Beginnings that wait for more, by flow and side: of flows that are in memory, some 100 bytes each.
#[derive(Clone, Debug, Default)]
pub(super) struct Beginnings {
    waiting: HashMap<(u32, Side), Beginning, foldhash::fast::RandomState>,
    room: Vec<u8>,
}

impl Beginnings {
    /// Looks at the segment of a side behind `before` others with payload. `signs` is what all of them show by
    /// themselves, and gets what they show together.
    pub(super) fn look(
        &mut self,
        (flow, side): (u32, Side),
        place: Place,
        before: u8,
        segment: &Segment,
        signs: &mut Signs,
    ) {
        if before == 0 {
            let begins = match place {
                Place::MayGoOn { is_opened: false } => true,
                Place::MayGoOn { is_opened: true } | Place::BeginsHere => begins_small(segment),
            };
            if begins {
                let is_opened = place == Place::MayGoOn { is_opened: true };
                let mut beginning = Beginning { is_opened, ..Beginning::default() };
                beginning.push(segment);
                self.waiting.insert((flow, side), beginning);
            }
            return;
        }
        let Some(beginning) = self.waiting.get_mut(&(flow, side)) else { return };
        beginning.push(segment);
        if place == Place::BeginsHere
            && (beginning.decide(beginning.count(), before, signs, &mut self.room) || beginning.is_over)
        {
            self.waiting.remove(&(flow, side));
        }
    }

    /// Notes an opening of a flow that has begun.
    pub(super) fn open(&mut self, flow: u32, begins_here: bool) {
        for side in Side::BOTH {
            if begins_here {
                self.waiting.remove(&(flow, side));
            } else if let Some(beginning) = self.waiting.get_mut(&(flow, side)) {
                beginning.is_over = true;
            }
        }
    }

    /// Adds what was kept of a side in a part that goes on this flow. `signs` is what all segments show by themselves.
    pub(super) fn append(
        &mut self,
        (flow, side): (u32, Side),
        begins_here: bool,
        later: Option<Beginning>,
        added: &Added,
        signs: &mut Signs,
    ) {
        if added.before == 0 {
            let opened = |one: Beginning| Beginning { is_opened: one.is_opened || added.was_opened, ..one };
            self.put((flow, side), begins_here, later.map(opened), signs);
            return;
        }
        let Some(own) = self.waiting.get_mut(&(flow, side)) else { return };
        let mut is_decided = false;
        match later {
            Some(later) if !later.is_opened && usize::from(added.before) < MOST_SEGMENTS => {
                for (segment, at) in later.segments().zip(added.before..) {
                    if own.is_over || is_decided {
                        break;
                    }
                    own.push(&segment);
                    is_decided = begins_here && own.decide(own.count(), at, signs, &mut self.room);
                }
                own.is_over |= later.is_over;
            }
            Some(_) => own.is_over = true,
            None => own.is_over |= added.is_any,
        }
        own.is_over |= added.is_opened;
        if begins_here && (is_decided || own.is_over) {
            self.waiting.remove(&(flow, side));
        }
    }

    /// Puts in what was kept of a side of a flow whose first segments these are, and looks at it where the flow begins
    /// here.
    pub(super) fn put(
        &mut self,
        (flow, side): (u32, Side),
        begins_here: bool,
        beginning: Option<Beginning>,
        signs: &mut Signs,
    ) {
        let Some(beginning) = beginning else { return };
        if begins_here {
            let begins = beginning.segments().next().is_some_and(|first| begins_small(&first));
            let mut rest = (2..=beginning.count()).zip(1..);
            let is_over = !begins
                || rest.any(|(count, at)| beginning.decide(count, at, signs, &mut self.room))
                || beginning.is_over;
            if is_over {
                return;
            }
        }
        self.waiting.insert((flow, side), beginning);
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waits of a flow.
    pub(super) fn of(&self, flow: u32) -> OfFlow {
        if self.is_empty() {
            return [None, None];
        }
        Side::BOTH.map(|side| self.waiting.get(&(flow, side)).cloned())
    }

    /// Takes out what waits of a flow.
    pub(super) fn take(&mut self, flow: u32) -> OfFlow {
        if self.is_empty() {
            return [None, None];
        }
        Side::BOTH.map(|side| self.waiting.remove(&(flow, side)))
    }

    /// Puts back what was taken out of a flow that has another number now.
    pub(super) fn put_back(&mut self, flow: u32, both: OfFlow) {
        for (side, beginning) in Side::BOTH.into_iter().zip(both) {
            if let Some(beginning) = beginning {
                self.waiting.insert((flow, side), beginning);
            }
        }
    }
}

/// Whether a stream that begins with this segment is put together.
fn begins_small(segment: &Segment) -> bool {
    segment.is_small() && segment.shows != Shows::Enough
}

impl Beginning {
    fn push(&mut self, segment: &Segment) {
        if self.is_over || !self.keep(segment) {
            return;
        }
        self.is_over = !segment.is_small() || self.count() == MOST_SEGMENTS;
    }

    /// Keeps a segment, where there is room for one more.
    fn keep(&mut self, segment: &Segment) -> bool {
        if self.count() >= MOST_SEGMENTS {
            return false;
        }
        let octets = &segment.octets[..segment.octets.len().min(MOST_OCTETS)];
        let mut written = std::mem::take(&mut self.written).into_vec();
        written.reserve_exact(HEAD + octets.len());
        written.extend(segment.at.to_le_bytes());
        written.extend(segment.length.to_le_bytes());
        written.extend([segment.shows as u8, octets.len() as u8]);
        written.extend(octets);
        self.written = written.into_boxed_slice();
        true
    }

    /// How many segments are kept.
    fn count(&self) -> usize {
        self.segments().count()
    }

    /// The segments, in the order in which they came.
    fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let mut rest = &self.written[..];
        std::iter::from_fn(move || {
            let (at, behind) = rest.split_first_chunk()?;
            let (length, behind) = behind.split_first_chunk()?;
            let (&[shows, kept], behind) = behind.split_first_chunk()?;
            let (octets, behind) = behind.split_at_checked(usize::from(kept))?;
            rest = behind;
            let (at, length) = (u32::from_le_bytes(*at), u32::from_le_bytes(*length));
            let shows = Shows::ALL.get(usize::from(shows)).copied().unwrap_or_default();
            Some(Segment { at, length, octets, shows })
        })
    }

    /// Whether nothing more can come of it after the first `count` segments, of which the last is the packet of the
    /// side with the number `at`. `signs` gets what they show together.
    fn decide(&self, count: usize, at: u8, signs: &mut Signs, room: &mut Vec<u8>) -> bool {
        if count
            .checked_sub(1)
            .and_then(|last| self.segments().nth(last))
            .is_none_or(|last| last.shows == Shows::Enough)
        {
            return true;
        }
        let sign = self.sign(count, room);
        if let Some(sign) = sign {
            signs.put_together(at, sign);
        }
        sign.is_some()
    }

    /// The sign of the stream that the first `count` segments are, as far as the last of them goes on the others.
    fn sign(&self, count: usize, room: &mut Vec<u8>) -> Option<Sign> {
        let first = self.segments().next()?.at;
        let offset = |segment: &Segment| i64::from(segment.at.wrapping_sub(first) as i32);
        let mut segments: [Option<(i64, usize, Segment)>; MOST_SEGMENTS] = [None; MOST_SEGMENTS];
        for (number, (place, segment)) in segments.iter_mut().zip(self.segments().take(count)).enumerate() {
            *place = Some((offset(&segment), number, segment));
        }
        segments.sort_by_key(|place| place.map_or((i64::MAX, 0), |(offset, number, _)| (offset, number)));
        let (begin, ..) = segments[0]?;
        room.clear();
        let (mut length, mut parts, mut has_last) = (0, 0, false);
        for (offset, number, segment) in segments.into_iter().flatten() {
            let from = usize::try_from(offset - begin).ok()?;
            let Some(known) = room.len().checked_sub(from) else { break };
            if let Some(more) = segment.octets.get(known..).filter(|more| !more.is_empty()) {
                room.extend_from_slice(more);
                parts += 1;
                has_last |= number + 1 == count;
            }
            length = length.max(from as u64 + u64::from(segment.length));
        }
        (has_last && parts > 1).then(|| sign_of_stream(room, u32::try_from(length).unwrap_or(u32::MAX)))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transport;
    use crate::evidence::{Payload, Spoken};

    /// What a side shows that sends these, each at an offset.
    fn shown(segments: &[(u32, &[u8])]) -> Option<Spoken> {
        let mut beginnings = Beginnings::default();
        let mut signs = Signs::ASKED;
        for &(at, octets) in segments {
            if signs.is_settled() {
                break;
            }
            let before = signs.looked_at();
            let own = Signs::of(&Payload::new(Transport::Tcp, octets, 0));
            signs.append(own);
            let (length, shows) = (octets.len() as u32, own.shows());
            // Sequence numbers wrap.
            let segment = Segment { at: at.wrapping_sub(2), length, octets, shows };
            beginnings.look((0, Side::First), Place::BeginsHere, before, &segment, &mut signs);
        }
        assert!(beginnings.is_empty() || signs.looked_at() < 4, "{segments:x?}");
        signs.sign().and_then(Sign::spoken)
    }

    /// The segments of a stream that is cut behind so many octets.
    fn cut<'a>(octets: &'a [u8], at: &[usize]) -> Vec<(u32, &'a [u8])> {
        let begins = [0].into_iter().chain(at.iter().copied());
        let ends = at.iter().copied().chain([octets.len()]);
        begins.zip(ends).map(|(begin, end)| (begin as u32, &octets[begin..end])).collect()
    }

    #[test]
    fn streams_in_small_segments() {
        let cases: &[(&[u8], Spoken)] = &[
            (b"SSH-2.0-OpenSSH_9.2\r\n", Spoken::Ssh),
            (b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", Spoken::Http),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Spoken::Http),
            (b"220 mail.example.com ESMTP Postfix\r\n", Spoken::Smtp),
            (b"220 ProFTPD Server (example) [192.0.2.1]\r\n", Spoken::Ftp),
            (b"EHLO mail.example.com\r\n", Spoken::Smtp),
            (b"* OK IMAP4rev1 Service Ready\r\n", Spoken::Imap),
            (b"+OK POP3 server ready\r\n", Spoken::Pop3),
            // A connection request of RDP: TPKT, X.224, a cookie.
            (b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", Spoken::Rdp),
            // A simple bind.
            (b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0", Spoken::Ldap),
            (b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27", Spoken::Telnet),
            (b"RFB 003.008\n", Spoken::Vnc),
        ];
        for &(stream, spoken) in cases {
            assert_eq!(shown(&cut(stream, &[])), Some(spoken), "{stream:x?}");
            for one in 1..stream.len().min(8) {
                let whole = cut(stream, &[one]);
                assert_eq!(shown(&whole), Some(spoken), "{stream:x?} cut at {one}");
                // The same segment again, and the second before the first.
                assert_eq!(shown(&[whole[0], whole[0], whole[1]]), Some(spoken), "{stream:x?} twice, {one}");
                assert_eq!(shown(&[whole[1], whole[0]]), Some(spoken), "{stream:x?} turned at {one}");
                for other in one + 1..stream.len().min(8) {
                    assert_eq!(shown(&cut(stream, &[one, other])), Some(spoken), "{stream:x?} {one} {other}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_stream_is_not_put_together() {
        // A gap, and other octets at the same place.
        assert_eq!(shown(&[(0, b"G"), (2, b"ET / HTTP/1.1\r\n")]), None);
        assert_eq!(shown(&[(0, b"G"), (0, b"ET / HTTP/1.1\r\n")]), None);
        assert_eq!(shown(&[(0, b"G"), (0x8000_0001, b"ET / HTTP/1.1\r\n")]), None);
        // A first segment that is not small, and a stream that shows itself too late.
        let long = [b'x'; 64];
        assert_eq!(shown(&[(0, &long), (64, b"GE"), (66, b"T / HTTP/1.1\r\n")]), None);
        assert_eq!(shown(&cut(b"GET / HTTP/1.1\r\n", &[1, 2, 3])), Some(Spoken::Http));
        assert_eq!(shown(&cut(b"PROPFIND / HTTP/1.1\r\n", &[1, 2, 3, 4])), None);
        // What is behind the first segment that is not small.
        assert_eq!(shown(&[(0, b"G"), (5, &long), (1, b"ET / HTTP/1.1\r\n")]), None);
    }
}
