//! The handshake in QUIC's Initial packets, which are encrypted with keys that everybody can derive (RFC 9001
//! section 5.2, RFC 9369 section 3.3).

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey, quic};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

use super::super::payload::be32;

/// What tells one connection from another while its Initial packets are sent: the Destination Connection ID that the
/// client chose (RFC 9000 section 7.2), at most 20 octets, and its length.
pub(crate) type Connection = ([u8; 20], u8);

/// How many packets of one datagram are looked at.
const MOST_PACKETS: usize = 4;

/// The version of a packet, as far as keys depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    salt: [u8; 20],
    /// What the labels of its keys begin with.
    label: &'static str,
    /// The type of an Initial packet in the first octet.
    initial: u8,
}

/// RFC 9001 section 5.2, of the last drafts as well; RFC 9369 section 3.
const V1: Version = Version {
    salt: *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a",
    label: "tls13 quic ",
    initial: 0,
};
const V2: Version = Version {
    salt: *b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9",
    label: "tls13 quicv2 ",
    initial: 1,
};
/// draft-ietf-quic-tls-29 section 5.2, until draft 32.
const DRAFT_29: Version = Version {
    salt: *b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xeb\x99",
    ..V1
};
/// draft-ietf-quic-tls-23 section 5.2, until draft 28.
const DRAFT_23: Version = Version {
    salt: *b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf5\xf9\x02",
    ..V1
};

impl Version {
    fn of(number: u32) -> Option<Version> {
        match number {
            1 | 0xff00_0021..=0xff00_0022 => Some(V1),
            0x6b33_43cf => Some(V2),
            0xff00_001d..=0xff00_0020 => Some(DRAFT_29),
            0xff00_0017..=0xff00_001c => Some(DRAFT_23),
            _ => None,
        }
    }
}

/// The shortest Destination Connection ID that a client may choose (RFC 9000 section 7.2).
const SHORTEST: u8 = 8;
/// How many octets of a handshake are looked at in one datagram: it holds no more.
const LONGEST: usize = 1500;
/// How many pieces of one: clients mix them, lest anything learns to rely on their order.
const MOST_PIECES: usize = 32;

/// What protects the Initial packets that a client sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    key: [u8; 16],
    iv: [u8; 12],
    header: [u8; 16],
}

/// How many octets are derived.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand-Label (RFC 8446 section 7.1) without a context.
fn expand(secret: &Prk, label: &[&str], out: &mut [u8]) -> Option<()> {
    let length = (out.len() as u16).to_be_bytes();
    let label_length = [label.iter().map(|part| part.len()).sum::<usize>() as u8];
    let parts = [label.first()?.as_bytes(), label.get(1)?.as_bytes()];
    let info = [&length[..], &label_length, parts[0], parts[1], &[0]];
    secret.expand(&info, Length(out.len())).ok()?.fill(out).ok()
}

impl Keys {
    fn of(version: Version, connection: &[u8]) -> Option<Keys> {
        let initial = Salt::new(HKDF_SHA256, &version.salt).extract(connection);
        let mut client = [0; 32];
        expand(&initial, &["tls13 ", "client in"], &mut client)?;
        let client = Prk::new_less_safe(HKDF_SHA256, &client);
        let mut keys = Keys::default();
        expand(&client, &[version.label, "key"], &mut keys.key)?;
        expand(&client, &[version.label, "iv"], &mut keys.iv)?;
        expand(&client, &[version.label, "hp"], &mut keys.header)?;
        Some(keys)
    }
}

/// A number of variable length (RFC 9000 section 16), and what follows it.
fn number(octets: &[u8]) -> Option<(u64, &[u8])> {
    let &first = octets.first()?;
    let length = 1 << (first >> 6);
    let (octets, rest) = octets.split_at_checked(length)?;
    let value =
        octets[1..].iter().fold(u64::from(first & 0x3f), |value, &octet| value << 8 | u64::from(octet));
    Some((value, rest))
}

/// Tells what the CRYPTO frames of a client's Initial packets hold: the connection, the offset in the handshake, and
/// the octets there. `known` is a connection of the same sender that waits for more: after the server's first answer the
/// client sends to a connection that the server chose, with the keys of the first (RFC 9001 section 5.2). What is not a
/// client's does not decrypt. `room` is for the decrypted octets. Says whether anything was decrypted.
pub(crate) fn crypto(
    mut datagram: &[u8],
    known: Option<&Connection>,
    room: &mut Vec<u8>,
    tell: &mut dyn FnMut(&Connection, u32, &[u8]),
) -> bool {
    let mut is_any = false;
    for _ in 0..MOST_PACKETS {
        let Some(packet) = Long::read(datagram) else { break };
        is_any |= packet.tell(known, room, tell);
        datagram = packet.rest;
        if datagram.is_empty() {
            break;
        }
    }
    is_any
}

/// What a client's first datagram holds of its handshake, from the first octet up to what is missing; `None` for any other
/// datagram. `room` is for the decrypted octets, and what stands in `out` goes.
pub(crate) fn begun_handshake(datagram: &[u8], room: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    if datagram.get(5).is_none_or(|length| *length < SHORTEST) {
        return None;
    }
    let (mut pieces, mut count) = ([(0, 0); MOST_PIECES], 0);
    out.clear();
    let is_any = crypto(datagram, None, room, &mut |_, offset, octets| {
        let (begin, end) = (offset as usize, offset as usize + octets.len());
        if end <= LONGEST && count < MOST_PIECES {
            out.resize(out.len().max(end), 0);
            out[begin..end].copy_from_slice(octets);
            pieces[count] = (begin, end);
            count += 1;
        }
    });
    pieces[..count].sort_unstable();
    let whole =
        pieces[..count].iter().try_fold(
            0,
            |known: usize, &(begin, end)| {
                if begin > known { Err(known) } else { Ok(known.max(end)) }
            },
        );
    let (Ok(whole) | Err(whole)) = whole;
    out.truncate(whole);
    is_any.then_some(())
}

/// A packet with a long header (RFC 9000 section 17.2).
struct Long<'a> {
    /// The packet as it is protected.
    octets: &'a [u8],
    version: Version,
    is_initial: bool,
    destination: &'a [u8],
    /// Where the number of the packet is.
    head: usize,
    /// What follows in the datagram.
    rest: &'a [u8],
}

impl<'a> Long<'a> {
    fn read(octets: &'a [u8]) -> Option<Long<'a>> {
        let &first = octets.first().filter(|first| **first & 0x80 != 0)?;
        let version = Version::of(be32(octets, 1)?)?;
        let (&length, rest) = octets.get(5..)?.split_first()?;
        let (destination, rest) = rest.split_at_checked(length.into()).filter(|_| length <= 20)?;
        let (&source, rest) = rest.split_first()?;
        let (_, rest) = rest.split_at_checked(source.into())?;
        let is_initial = first >> 4 & 0x03 == version.initial;
        let rest = if is_initial {
            let (token, rest) = number(rest)?;
            rest.get(usize::try_from(token).ok()?..)?
        } else {
            rest
        };
        let (length, rest) = number(rest)?;
        let (payload, next) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let head = octets.len() - rest.len();
        let octets = &octets[..head + payload.len()];
        Some(Long { octets, version, is_initial, destination, head, rest: next })
    }

    /// Tells what is in it, by the keys of its own connection or of the known one.
    fn tell(
        &self,
        known: Option<&Connection>,
        room: &mut Vec<u8>,
        tell: &mut dyn FnMut(&Connection, u32, &[u8]),
    ) -> bool {
        let mut own = ([0; 20], self.destination.len() as u8);
        own.0[..self.destination.len()].copy_from_slice(self.destination);
        for connection in [Some(&own), known.filter(|known| **known != own)].into_iter().flatten() {
            if !self.is_initial {
                return false;
            }
            room.clear();
            room.extend_from_slice(self.octets);
            let (octets, length) = connection;
            let name = octets.get(..usize::from(*length)).unwrap_or_default();
            if let Some(frames) = decrypt(self.version, name, room, self.head) {
                each_crypto_frame(frames, |offset, octets| tell(connection, offset, octets));
                return true;
            }
        }
        false
    }
}

/// Takes away the protection of a packet whose number begins at `head` (RFC 9001 sections 5.3 and 5.4).
fn decrypt<'r>(version: Version, connection: &[u8], packet: &'r mut [u8], head: usize) -> Option<&'r [u8]> {
    let keys = Keys::of(version, connection)?;
    let sample = packet.get(head + 4..head + 20)?;
    let mask = quic::HeaderProtectionKey::new(&quic::AES_128, &keys.header).ok()?.new_mask(sample).ok()?;
    packet[0] ^= mask[0] & 0x0f;
    let number_length = usize::from(packet[0] & 0x03) + 1;
    let mut nonce = keys.iv;
    for n in 0..number_length {
        packet[head + n] ^= mask[n + 1];
        nonce[12 - number_length + n] ^= packet[head + n];
    }
    let (header, sealed) = packet.split_at_mut(head + number_length);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &keys.key).ok()?);
    key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), sealed)
        .ok()
        .map(|frames| &*frames)
}

/// Tells the offset and the content of the CRYPTO frames among those of an Initial packet (RFC 9000 sections 12.4
/// and 19).
fn each_crypto_frame(mut frames: &[u8], mut tell: impl FnMut(u32, &[u8])) {
    const PADDING: u8 = 0;
    const PING: u8 = 1;
    const ACK: u8 = 2;
    const ACK_ECN: u8 = 3;
    const CRYPTO: u8 = 6;
    let mut next = |frames: &mut &[u8]| -> Option<()> {
        let (&kind, rest) = frames.split_first()?;
        let mut rest = rest;
        let mut value = || {
            let (value, after) = number(rest)?;
            rest = after;
            Some(value)
        };
        match kind {
            PADDING | PING => {}
            ACK | ACK_ECN => {
                let (_, _, ranges, _) = (value()?, value()?, value()?, value()?);
                let counts = if kind == ACK_ECN { 3 } else { 0 };
                for _ in 0..ranges.checked_mul(2)?.checked_add(counts)? {
                    value()?;
                }
            }
            CRYPTO => {
                let (offset, length) = (value()?, value()?);
                let (octets, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                if let Ok(offset) = u32::try_from(offset) {
                    tell(offset, octets);
                }
                rest = after;
            }
            _ => return None,
        }
        *frames = rest;
        Some(())
    };
    while next(&mut frames).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transport;
    use crate::evidence::{Alpn, Offer, Payload, Role, Signs, Spoken, is_quic, observed};

    fn octets<const N: usize>(hexadecimal: &str) -> [u8; N] {
        std::array::from_fn(|n| {
            u8::from_str_radix(&hexadecimal[2 * n..2 * n + 2], 16).expect("hexadecimal digits")
        })
    }

    /// The Destination Connection ID of the examples in the specifications.
    const CONNECTION: &[u8] = b"\x83\x94\xc8\xf0\x3e\x51\x57\x08";

    #[test]
    fn keys_are_those_of_the_specifications() {
        // RFC 9001 appendix A.1.
        let v1 = Keys {
            key: octets("1f369613dd76d5467730efcbe3b1a22d"),
            iv: octets("fa044b2f42a3fd3b46fb255c"),
            header: octets("9f50449e04a0e810283a1e9933adedd2"),
        };
        // RFC 9369 appendix A.1.
        let v2 = Keys {
            key: octets("8b1a0bc121284290a29e0971b5cd045d"),
            iv: octets("91f73e2351d8fa91660e909f"),
            header: octets("45b95e15235d6f45a6b19cbcb0294ba9"),
        };
        assert_eq!(Keys::of(V1, CONNECTION), Some(v1));
        assert_eq!(Keys::of(V2, CONNECTION), Some(v2));
    }

    /// An Initial packet that holds frames.
    fn sealed(version: u32, frames: &[u8]) -> Vec<u8> {
        sealed_to(CONNECTION, version, frames)
    }

    /// The same to another connection, with the keys of the first.
    fn sealed_to(to: &[u8], version: u32, frames: &[u8]) -> Vec<u8> {
        let keys = Keys::of(Version::of(version).expect("a version"), CONNECTION).expect("keys");
        let kind = Version::of(version).expect("a version").initial;
        let mut packet = vec![0xc0 | kind << 4 | 1];
        packet.extend(version.to_be_bytes());
        packet.extend([&[8], to, &[0, 0]].concat());
        let length = 2 + frames.len() + 16;
        packet.extend((0x4000 | length as u16).to_be_bytes());
        let head = packet.len();
        packet.extend([0, 7]);
        let mut nonce = keys.iv;
        nonce[11] ^= 7;
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &keys.key).expect("a key"));
        let mut body = frames.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&packet), &mut body)
            .expect("sealed");
        packet.extend(body);
        let sample = &packet[head + 4..head + 20];
        let mask = quic::HeaderProtectionKey::new(&quic::AES_128, &keys.header)
            .expect("a key")
            .new_mask(sample)
            .expect("a mask");
        packet[0] ^= mask[0] & 0x0f;
        packet[head] ^= mask[1];
        packet[head + 1] ^= mask[2];
        packet
    }

    fn told(datagram: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let mut all = Vec::new();
        let is_any = crypto(datagram, None, &mut Vec::new(), &mut |connection, offset, octets| {
            assert_eq!((&connection.0[..8], connection.1), (CONNECTION, 8));
            all.push((offset, octets.to_vec()));
        });
        assert!(is_any || all.is_empty());
        all
    }

    #[test]
    fn frames_of_every_version_are_found_and_nothing_else() {
        // Padding, an acknowledgment with one more range, two pieces.
        let frames = b"\0\0\x01\x02\x05\x00\x01\x00\x00\x00\x06\x40\x40\x03abc\x06\x00\x02hi\0\0\0";
        let expected = [(0x40, b"abc".to_vec()), (0, b"hi".to_vec())];
        for version in [1, 0x6b33_43cf, 0xff00_001d, 0xff00_0017] {
            let packet = sealed(version, frames);
            assert_eq!(told(&packet), expected);
            assert_eq!(told(&[&packet[..], &packet].concat()), [&expected[..], &expected].concat());
            for n in 0..packet.len() {
                assert!(told(&packet[..n]).is_empty(), "{n}");
                let mut other = packet.clone();
                other[n] ^= 0x41;
                assert!(told(&other).is_empty(), "{n}");
            }
        }
        assert!(told(&sealed(1, b"\x1c\0\0\0\x06\x00\x02hi")).is_empty());
    }

    #[test]
    fn a_handshake_is_put_together_up_to_what_is_missing() {
        let (mut room, mut out) = (Vec::new(), vec![1]);
        let mut begun =
            |datagram: &[u8]| begun_handshake(datagram, &mut room, &mut out).map(|()| out.clone());
        let mixed = sealed(1, b"\x06\x02\x02cd\x06\x00\x02ab\x06\x08\x01x\0\0\0\0");
        assert_eq!(begun(&mixed), Some(b"abcd".to_vec()));
        assert_eq!(begun(&sealed(1, b"\x06\x02\x02cd\0\0\0\0\0\0\0\0")), Some(Vec::new()));
        assert_eq!(begun(&mixed[..mixed.len() - 1]), None);
        // What a client expects in an answer has a shorter name.
        assert_eq!(begun(b"\xc1\0\0\0\x01\x04abcd\0\0\x40\x18........................"), None);
    }

    #[test]
    fn a_client_shows_itself_and_what_it_offers() {
        let extensions = b"\0\x09\0\x10\0\x05\0\x03\x02h3";
        let body = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0], extensions].concat();
        let hello = [&[1, 0, 0, body.len() as u8][..], &body].concat();
        let frames = [&[6, 0, hello.len() as u8][..], &hello, &[0; 16]].concat();
        for version in [1, 0x6b33_43cf] {
            let datagram = sealed(version, &frames);
            let own = Signs::of(&Payload::new(Transport::Udp, &datagram, 0));
            let read = Offer::default().read(&datagram, own);
            assert_eq!((is_quic(own), own.role(), read.role()), (true, None, Some(Role::Client)));
            let shown = observed(read, own).expect("QUIC");
            assert_eq!((shown.spoken, shown.alpn), (Spoken::Quic, Some((Alpn::H3, Role::Client))));
            // The server's do not decrypt so.
            let other = [&datagram[..20], &datagram[19..]].concat();
            assert_eq!(Offer::default().read(&other, own), own);
        }
    }

    #[test]
    fn a_connection_that_the_server_chose_has_the_keys_of_the_first() {
        let packet = sealed_to(b"a server", 1, b"\x06\x00\x02hi\0\0\0\0\0\0\0\0");
        let mut known = ([0; 20], 8);
        known.0[..8].copy_from_slice(CONNECTION);
        let mut all = Vec::new();
        for (known, expected) in [(None, false), (Some(&known), true)] {
            let is_any = crypto(&packet, known, &mut Vec::new(), &mut |connection, offset, octets| {
                all.push((*connection, offset, octets.to_vec()));
            });
            assert_eq!(is_any, expected);
        }
        assert_eq!(all, [(known, 0, b"hi".to_vec())]);
    }
}
