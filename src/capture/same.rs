//! Whether two files hold the same packets.

use std::hash::BuildHasher;
use std::path::Path;

use super::{CaptureReader, Timestamp};

/// Whether two capture files hold the same packets, as far as they can be read: octets, times and lengths on the
/// wire, in whatever order, format and compression. `None` where one of them cannot be read again, as a pipe.
pub(crate) fn hold_the_same(one: &Path, other: &Path) -> Option<bool> {
    Some(sum(one)? == sum(other)?)
}

/// The number of packets, and a sum over all of them that does not depend on their order.
fn sum(path: &Path) -> Option<(u64, u64)> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let hasher = foldhash::quality::FixedState::default();
    let mut capture = CaptureReader::open(path).ok()?;
    let mut sum = 0_u64;
    while let Ok(Some(packet)) = capture.next() {
        let time = packet.time.map(Timestamp::nanoseconds);
        sum = sum.wrapping_add(hasher.hash_one((packet.bytes, time, packet.original_length)));
    }
    Some((capture.packets(), sum))
}
