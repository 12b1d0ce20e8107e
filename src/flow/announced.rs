//! The ends of data connections that FTP's control connections announce.

use super::noted::Noted;
use super::{ContextId, FlowKey};
use crate::evidence::Announced;

/// How many are kept, some five megabytes. Data connections that are announced after that are not
/// known as such.
const MOST: usize = 1 << 16;

/// What was announced, in the order of packets.
pub type Announcements = Noted<Announced>;

impl Announcements {
    pub(super) fn announce(&mut self, key: FlowKey, packet: u64, end: Announced) {
        if self.len() < MOST {
            self.push(key, packet, end);
        }
    }

    /// Adds those of a table whose packets come after the first `offset`. `rekeyed` tells where its
    /// contexts are here.
    pub(super) fn merge(
        &mut self,
        later: Announcements,
        offset: u64,
        rekeyed: impl Fn(ContextId) -> ContextId,
    ) {
        for (key, packet, end) in later.moved(offset, rekeyed) {
            self.announce(key, packet, end);
        }
    }
}
