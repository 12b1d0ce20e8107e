//! The stretches of time in which something was listening, over all captures.

use super::super::model::{Cut, CutReason, InputFacts};
use crate::capture::Timestamp;
use crate::traffic::{Break, Traffic};

/// How many cuts are listed over all captures.
const LISTED: usize = 1000;

/// What all captures together say.
pub(super) struct Listened {
    pub(super) inputs: Vec<InputFacts>,
    /// Seconds that lie in a stretch of a capture, each counted once.
    pub(super) seconds: f64,
    /// The stretches themselves, in no order.
    pub(super) spans: Vec<Span>,
    pub(super) cuts: Vec<Cut>,
    /// Cuts that are not listed.
    pub(super) more_cuts: u64,
    pub(super) days: u32,
    pub(super) dropped: Option<u64>,
    pub(super) truncated: u64,
}

/// From, to, and nanoseconds of silence in between that do not count.
pub(super) type Span = (i64, i64, i64);

pub(super) fn of(traffic: &Traffic) -> Listened {
    // Packets outside the time that was asked for are not there; what a capture says of itself has
    // to be cut.
    let asked = &traffic.settings().flow;
    let (since, until) = (asked.since.map(Timestamp::nanoseconds), asked.until.map(Timestamp::nanoseconds));
    let within = |(start, end): (i64, i64)| {
        let (start, end) = (start.max(since.unwrap_or(start)), end.min(until.unwrap_or(end)));
        (start <= end).then_some((start, end))
    };
    let mut all: Vec<Span> = Vec::new();
    let mut days = std::collections::BTreeSet::new();
    let mut listened = Listened {
        inputs: Vec::new(),
        seconds: 0.0,
        spans: Vec::new(),
        cuts: Vec::new(),
        more_cuts: 0,
        days: 0,
        dropped: None,
        truncated: 0,
    };
    for capture in traffic.captures() {
        let heard = &capture.listening;
        let proved: Vec<(i64, i64)> = heard
            .statistics()
            .listened()
            .into_iter()
            .filter_map(|(start, end)| within((start.nanoseconds(), end.nanoseconds())))
            .collect();
        let mut spans: Vec<Span> = proved.iter().map(|&(start, end)| (start, end, 0)).collect();
        let stretches = heard.breaks().iter().map(|one| (one.before, 0)).chain(heard.last_stretch());
        spans
            .extend(stretches.map(|((low, high), silence)| (low.nanoseconds(), high.nanoseconds(), silence)));
        let seconds = union(&mut spans.clone());
        all.extend(spans);
        days.extend(heard.days());
        let dropped = heard.statistics().dropped();
        if let Some(dropped) = dropped {
            listened.dropped = Some(listened.dropped.unwrap_or(0).saturating_add(dropped));
        }
        listened.truncated += heard.truncated();
        listened.more_cuts += heard.more_breaks();
        for one in heard.breaks().iter().filter(|one| !is_proved(one, &proved)) {
            if listened.cuts.len() >= LISTED {
                listened.more_cuts += 1;
                continue;
            }
            listened.cuts.push(Cut {
                input: capture.name.clone(),
                frame: one.frame,
                from: one.from,
                to: one.to,
                reason: if one.is_clock_jump() { CutReason::ClockJump } else { CutReason::Silence },
            });
        }
        listened.inputs.push(InputFacts {
            name: capture.name.clone(),
            sha256: None,
            packets: capture.packets,
            first: capture.first_seen,
            last: capture.last_seen,
            covered_seconds: seconds,
            dropped,
            copies: capture.copies,
            same_as: capture.same_as.clone(),
            overlaps: capture.overlaps.clone(),
            fault: capture.fault.clone(),
        });
    }
    listened.seconds = union(&mut all);
    listened.spans = all;
    listened.days = days.len() as u32;
    listened
}

/// Whether the capture itself says that it was listening while nothing was heard.
fn is_proved(one: &Break, proved: &[(i64, i64)]) -> bool {
    let (from, to) = (one.from.nanoseconds(), one.to.nanoseconds());
    from <= to && proved.iter().any(|&(start, end)| start <= from && to <= end)
}

/// Seconds in at least one of the spans.
fn union(spans: &mut [Span]) -> f64 {
    spans.sort_unstable();
    let (mut nanoseconds, mut reached) = (0_i128, i64::MIN);
    for &(from, to, silence) in spans.iter() {
        let from = from.max(reached);
        if to > from {
            let length = i128::from(to) - i128::from(from);
            nanoseconds += (length - i128::from(silence)).max(0);
            reached = to;
        }
    }
    nanoseconds as f64 / 1e9
}
