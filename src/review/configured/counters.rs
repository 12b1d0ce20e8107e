//! The time that the counters of the rules are of.

use super::super::observed::{FlowGroup, Observed};
use crate::capture::Timestamp;

/// Connection tracking forgets a stream of datagrams that has been silent for so long (Linux,
/// `nf_conntrack_udp_timeout_stream`: 120 s; 180 s in older kernels): one that was not heard of for longer
/// is new to the rules.
const FORGOTTEN: i64 = 180_000_000_000;

/// The time that the counters of the rules are of. It ends after the last packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counters {
    /// Nobody said.
    #[default]
    Unknown,
    /// It began before the first packet.
    BeforeCaptures,
    /// It began then.
    Since(Timestamp),
}

impl Counters {
    /// When it began, at the latest; none where that is not known.
    pub(super) fn begin(self, observed: &[Observed]) -> Option<Timestamp> {
        match self {
            Counters::Unknown => None,
            Counters::BeforeCaptures => {
                let groups = observed.iter().flat_map(|row| &row.groups);
                groups.filter_map(|group| group.times).map(|(first, _)| first).min()
            }
            Counters::Since(time) => Some(time),
        }
    }
}

/// Whether rules counted what opened these flows: their openings were seen in this time, or they
/// would have been forgotten since it began.
pub(super) fn is_counted(begin: Option<Timestamp>, flows: &FlowGroup) -> bool {
    let (Some(begin), Some((first, _))) = (begin, flows.times) else { return false };
    let after = first.nanoseconds().saturating_sub(begin.nanoseconds());
    after >= FORGOTTEN || flows.opened && after >= 0
}
