//! By what captures are known that hold the same packets.

use serde::{Deserialize, Serialize};

/// What captures of the same packets share: how many there are, and a sum over all of them that does not depend on
/// their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureDigest {
    /// Packets.
    pub packets: u64,
    /// The sum.
    pub sum: u64,
}
