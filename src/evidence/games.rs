//! Games: Minecraft, Java edition.

use super::{Payload, Sign, Spoken};

/// A client's handshake: lengths as variable integers, packet 0, a protocol version, the server's name, its
/// port, and whether status or a login comes next. The next packet may follow in the segment.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (length, rest) = integer(octets)?;
    let (packet, inner) = integer(rest)?;
    let (version, inner) = integer(inner)?;
    let (name, inner) = integer(inner)?;
    let name_octets = inner.get(..name as usize)?;
    let [_, _, next] = *inner.get(name as usize..)?.first_chunk::<3>()?;
    let used = rest.len() - inner.len() + name as usize + 3;
    let is_version = (4..=1200).contains(&version) || version == u32::MAX;
    (packet == 0
        && length as usize == used
        && (1..=255).contains(&name)
        && is_version
        && (1..=3).contains(&next)
        && name_octets.iter().all(|octet| octet.is_ascii_graphic() || *octet == 0)
        && name_octets[0].is_ascii_alphanumeric())
    .then_some(Sign::client(Spoken::Minecraft))
}

/// A variable integer of at most five octets, the least significant seven bits first.
fn integer(octets: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0_u32;
    for (n, &octet) in octets.iter().take(5).enumerate() {
        value |= u32::from(octet & 0x7f).checked_shl(7 * n as u32)?;
        if octet & 0x80 == 0 {
            return Some((value, &octets[n + 1..]));
        }
    }
    None
}
