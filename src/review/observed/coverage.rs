//! What was listened to, and for how long.

use super::super::model::{Coverage, InNoFlow, InNoFlowPart, NoRow};
use super::{Legs, Settings, listened, phases};
use crate::Transport;
use crate::decode::Reason;
use crate::flow::Counters;
use crate::report;
use crate::traffic::Traffic;

/// The coverage of the captures that were read.
pub(super) fn of(traffic: &Traffic, no_row: NoRow, settings: &Settings) -> Coverage {
    let Settings { window_seconds, vantage, legs, .. } = *settings;
    let listened = listened::of(traffic);
    let (mut both, mut all) = (0_u64, 0_u64);
    for flow in traffic.table().flows().filter(|flow| flow.transport() == Some(Transport::Tcp)) {
        all += 1;
        both += u64::from(!flow.is_one_way());
    }
    Coverage {
        inputs: listened.inputs,
        not_read: Vec::new(),
        in_flows: traffic.counters().read().saturating_sub(traffic.counters().uncounted()),
        joined_legs: legs.map_or(0, Legs::joined),
        captured_again: legs.map_or(0, Legs::captured_again),
        no_row,
        in_no_flow: in_no_flow(traffic.counters()),
        hints: report::hints(traffic.counters()).collect(),
        left_out: traffic.counters().of(Reason::OutsideWindow),
        covered_seconds: listened.seconds,
        window_seconds,
        cuts: listened.cuts,
        more_cuts: listened.more_cuts,
        active_days: listened.days,
        both_ways_share: (all > 0).then(|| both as f64 / all as f64),
        dropped: listened.dropped,
        truncated: listened.truncated,
        copies: traffic.log().copies(),
        vantage,
        chances: phases::chances(&listened.spans),
        never_listened: phases::hours(&listened.spans).never(),
    }
}

/// The packets that no flow holds, by the reason why.
fn in_no_flow(counters: &Counters) -> Vec<InNoFlow> {
    let of = |reason: Reason| -> Vec<InNoFlowPart> {
        match reason {
            Reason::Portless => {
                let part = |(protocol, packets)| InNoFlowPart::Protocol(protocol, packets);
                counters.portless().map(part).collect()
            }
            Reason::UnknownLinkType => {
                let part = |(link_type, packets)| InNoFlowPart::LinkType(link_type, packets);
                counters.unknown_link_types().map(part).collect()
            }
            Reason::Truncated => {
                counters.truncated().map(|(layer, packets)| InNoFlowPart::CutShort(layer, packets)).collect()
            }
            Reason::Malformed => counters
                .malformed()
                .map(|(rule, packets)| InNoFlowPart::Malformed(rule.to_owned(), packets))
                .collect(),
            _ => Vec::new(),
        }
    };
    let one = |(reason, packets): (Reason, u64)| InNoFlow {
        reason,
        meaning: reason.meaning(),
        packets,
        of: of(reason),
    };
    counters.reasons().map(one).collect()
}
