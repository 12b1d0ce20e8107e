//! What captures of the same packets share.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::capture::{CaptureReader, Timestamp};
use crate::traffic::CaptureDigest;

/// The digest of a capture file: over all packets that can be read, the sum of the first eight octets of the SHA-256
/// of each: of its octets, its time in nanoseconds since 1970 and its length on the wire, numbers in big-endian order.
/// `None` for what cannot be read again, as a pipe.
pub fn digest(path: &Path) -> Option<CaptureDigest> {
    if !path.is_file() {
        return None;
    }
    let mut capture = CaptureReader::open(path).ok()?;
    let mut sum = 0_u64;
    while let Ok(Some(packet)) = capture.next() {
        let mut hash = Sha256::new();
        hash.update(packet.bytes);
        if let Some(time) = packet.time {
            hash.update(Timestamp::nanoseconds(time).to_be_bytes());
        }
        hash.update(packet.original_length.to_be_bytes());
        let first = hash.finalize();
        let first = first.first_chunk::<8>().copied().unwrap_or_default();
        sum = sum.wrapping_add(u64::from_be_bytes(first));
    }
    Some(CaptureDigest { packets: capture.packets(), sum })
}
