//! Names in the NetBIOS name service (RFC 1002 section 4.2): positive answers, and what hosts register for
//! themselves.

use std::net::IpAddr;

use super::dns::{Record, is_of_a_host, records};
use super::text::put_label;

/// The type of a record that holds addresses of a name, NB (section 4.2.1.3).
const NB: u16 = 0x20;

/// Tells which addresses a message says to have which names. Names of groups, and those of services other than a
/// host's own and its file server (suffixes 00 and 20), name no host.
pub(crate) fn netbios_names(message: &[u8], text: &mut String, tell: &mut dyn FnMut(IpAddr, &str)) {
    let &[_, _, flags, codes, ..] = message else { return };
    // Section 4.2.1.1: queries are 0, registrations 5, refreshes 8 or 9.
    let is_told = match (flags & 0x80 != 0, flags >> 3 & 0x0f) {
        (true, 0) => codes & 0x0f == 0,
        (false, 5 | 8 | 9) => true,
        _ => false,
    };
    let Some((mut at, count)) = is_told.then(|| records(message)).flatten() else { return };
    for _ in 0..count.min(16) {
        let Some((record, next)) = Record::read(message, at) else { return };
        at = next;
        let Some(name) =
            (record.kind == NB && record.is_of_internet()).then(|| name(message, record.name)).flatten()
        else {
            continue;
        };
        text.clear();
        put_label(text, name.trim_ascii_end());
        for entry in message.get(record.data.0..record.data.1).unwrap_or_default().as_chunks::<6>().0 {
            let &[flags, _, a, b, c, d] = entry;
            let address = IpAddr::from([a, b, c, d]);
            // The first bit marks a group (section 4.2.1.3).
            if flags & 0x80 == 0 && is_of_a_host(address) && !text.is_empty() {
                tell(address, text);
            }
        }
    }
}

/// The name of a host: fifteen octets in the half-octets of a label of 32 (RFC 1001 section 14.1), and a suffix.
fn name(message: &[u8], mut at: usize) -> Option<[u8; 15]> {
    if let Some([high @ 0xc0..=0xff, low]) = message.get(at..at + 2) {
        at = usize::from(high & 0x3f) << 8 | usize::from(*low);
    }
    let [32, label @ ..] = message.get(at..at + 33)? else { return None };
    let mut octets = [0; 16];
    for (octet, pair) in octets.iter_mut().zip(label.as_chunks::<2>().0) {
        let [high, low] = pair.map(|letter| letter.wrapping_sub(b'A'));
        if high > 15 || low > 15 {
            return None;
        }
        *octet = high << 4 | low;
    }
    let (&suffix, name) = octets.split_last()?;
    let is_shown = name.iter().all(|&octet| octet >= b' ' && octet != 0x7f) && name[0] != b'*';
    (matches!(suffix, 0 | 0x20) && is_shown).then(|| name.try_into().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(name: &str, suffix: u8) -> Vec<u8> {
        let mut octets = format!("{name:15}").into_bytes();
        octets.push(suffix);
        let letters = octets.iter().flat_map(|octet| [b'A' + (octet >> 4), b'A' + (octet & 0x0f)]);
        [32].into_iter().chain(letters).chain([0]).collect()
    }

    fn told(flags: [u8; 2], name: &str, suffix: u8, of_group: bool) -> Vec<String> {
        let mut message = vec![0x12, 0x34, flags[0], flags[1], 0, 1, 0, 0, 0, 0, 0, 1];
        message.extend(encoded(name, suffix));
        message.extend([0, 0x20, 0, 1, 0xc0, 0x0c, 0, 0x20, 0, 1, 0, 0, 0, 60, 0, 6]);
        message.extend([if of_group { 0x80 } else { 0 }, 0, 192, 0, 2, 7]);
        let mut all = Vec::new();
        netbios_names(&message, &mut String::new(), &mut |address, name| {
            all.push(format!("{address} {name}"));
        });
        all
    }

    #[test]
    fn hosts_by_answers_and_registrations() {
        assert_eq!(told([0x85, 0x80], "FILES", 0x20, false), ["192.0.2.7 files"]);
        assert_eq!(told([0x29, 0x10], "MY PC", 0, false), ["192.0.2.7 my\\032pc"]);
        // A group, a service, a question, an error.
        assert!(told([0x85, 0x80], "WORKGROUP", 0, true).is_empty());
        assert!(told([0x85, 0x80], "DOMAIN", 0x1b, false).is_empty());
        assert!(told([0x01, 0x10], "FILES", 0x20, false).is_empty());
        assert!(told([0x85, 0x83], "FILES", 0x20, false).is_empty());
    }
}
