//! How captures are read.

use std::sync::Arc;
use std::time::Duration;

use super::{DEFAULT_MAX_GAP, Hosts};
use crate::decode;
use crate::flow::{Ephemeral, FlowOptions};

/// How captures are read and labelled. Every [`Reading`](super::Reading) obeys all of it, whatever
/// its sink.
#[derive(Clone, Debug)]
pub struct ReadSettings {
    /// How packets are decoded where they do not say it themselves.
    pub decode: decode::DecodeOptions,
    /// How packets become flows.
    pub flow: FlowOptions,
    /// The ports that systems pick client ports from.
    pub ephemeral: Ephemeral,
    /// Silence after which nobody can say whether a capture was still listening.
    pub max_gap: Duration,
    /// What becomes of copies of packets.
    pub copies: CopyChoice,
    /// Names of addresses that the user gives. Those that captures hold are asked for by [`FlowOptions::names`].
    pub hosts: Option<Arc<Hosts>>,
}

/// What becomes of packets that are copies of others: of a datagram that passed several places of capture.
/// They are told of either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopyChoice {
    /// They count as every other packet.
    #[default]
    Count,
    /// They are left out. Captures are then read on one thread: whether a packet is a copy must be known
    /// before it is counted.
    Drop,
}

impl CopyChoice {
    /// Every choice.
    pub const ALL: [CopyChoice; 2] = [CopyChoice::Count, CopyChoice::Drop];

    /// Word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            CopyChoice::Count => "count",
            CopyChoice::Drop => "drop",
        }
    }
}

impl Default for ReadSettings {
    fn default() -> ReadSettings {
        ReadSettings {
            decode: decode::DecodeOptions::default(),
            flow: FlowOptions::default(),
            ephemeral: Ephemeral::default(),
            max_gap: DEFAULT_MAX_GAP,
            copies: CopyChoice::Count,
            hosts: None,
        }
    }
}
