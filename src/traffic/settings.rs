//! How captures are read.

use std::time::Duration;

use super::DEFAULT_MAX_GAP;
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
}

impl Default for ReadSettings {
    fn default() -> ReadSettings {
        ReadSettings {
            decode: decode::DecodeOptions::default(),
            flow: FlowOptions::default(),
            ephemeral: Ephemeral::default(),
            max_gap: DEFAULT_MAX_GAP,
        }
    }
}
