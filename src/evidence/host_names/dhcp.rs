//! Host names in DHCP (RFC 2131, RFC 2132 section 3.14, RFC 4702).

use std::net::{IpAddr, Ipv4Addr};

use super::super::payload::be32;
use super::put_host;

/// The hardware address of a client, filled up with zeros.
pub(crate) type Hardware = [u8; 16];

/// What a message says of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The client.
    pub(crate) hardware: Hardware,
    /// Its address, where it has one for certain: the server gives it, or the client uses it already.
    pub(crate) address: Option<IpAddr>,
    /// Whether the message has a name of the client; `text` holds it.
    pub(crate) has_name: bool,
}

/// Options: host name, kind of message, name with domain, end, padding.
const HOST_NAME: u8 = 12;
const MESSAGE: u8 = 53;
const FQDN: u8 = 81;
const END: u8 = 255;
const PAD: u8 = 0;
/// The kind of a message that gives an address (RFC 2132 section 9.6).
const ACK: u8 = 5;

/// What a message of DHCP or BOOTP says of a client. `text` gets its name.
pub(crate) fn dhcp(octets: &[u8], text: &mut String) -> Option<Lease> {
    let &[operation @ 1..=2, _, length @ 1..=16, ..] = octets else { return None };
    // The magic cookie before the options (RFC 2131 section 3).
    if be32(octets, 236)? != 0x6382_5363 {
        return None;
    }
    let mut hardware = [0; 16];
    hardware[..usize::from(length)].copy_from_slice(octets.get(28..28 + usize::from(length))?);
    let address =
        |at| be32(octets, at).filter(|bits| *bits != 0).map(|bits| Ipv4Addr::from_bits(bits).into());
    let (mut kind, mut plain, mut whole) = (None, None, None);
    let mut options = octets.get(240..)?;
    loop {
        match *options {
            [PAD, ref rest @ ..] => options = rest,
            [END, ..] | [] | [_] => break,
            [code, length, ref rest @ ..] => {
                let Some(value) = rest.get(..usize::from(length)) else { break };
                match code {
                    HOST_NAME => plain = Some(value),
                    MESSAGE => kind = value.first().copied(),
                    // Flags and two codes come before the name (RFC 4702 section 2); a name in the form of DNS is
                    // left aside.
                    FQDN if value.first().is_some_and(|flags| flags & 0x04 == 0) => whole = value.get(3..),
                    _ => {}
                }
                options = &rest[usize::from(length)..];
            }
        }
    }
    let address = match (operation, kind) {
        (1, _) => address(12),
        (_, None | Some(ACK)) => address(16),
        _ => None,
    };
    text.clear();
    let mut has_name = false;
    for name in [whole, plain].into_iter().flatten() {
        text.clear();
        // Some end it with a zero.
        has_name = put_host(text, name.strip_suffix(&[0]).unwrap_or(name));
        if has_name {
            break;
        }
    }
    Some(Lease { hardware, address, has_name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(operation: u8, client: [u8; 4], yours: [u8; 4], options: &[u8]) -> Vec<u8> {
        let mut octets = vec![0; 236];
        octets[..3].copy_from_slice(&[operation, 1, 6]);
        octets[12..16].copy_from_slice(&client);
        octets[16..20].copy_from_slice(&yours);
        octets[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 9]);
        octets.extend([0x63, 0x82, 0x53, 0x63]);
        octets.extend(options);
        octets
    }

    #[test]
    fn names_and_addresses_of_clients() {
        let (none, mine) = ([0; 4], [192, 0, 2, 5]);
        let address = Some(IpAddr::from(mine));
        for (octets, expected_address, expected_name) in [
            (
                message(1, none, none, b"\x35\x01\x03\x32\x04\xc0\0\x02\x05\x0c\x06Laptop\xff"),
                None,
                Some("laptop"),
            ),
            (message(1, mine, none, b"\x35\x01\x03\x0c\x03me\0\xff"), address, Some("me")),
            (message(1, none, none, b"\x35\x01\x03\x0c\x01a\x51\x09\0\0\0me.lan\xff"), None, Some("me.lan")),
            (message(2, none, mine, b"\x35\x01\x05\xff"), address, None),
            // An offer is not taken yet.
            (message(2, none, mine, b"\x35\x01\x02\xff"), None, None),
            (message(2, none, mine, b"\xff"), address, None),
            (message(2, none, mine, b"\x35\x01\x05\x0c\x40abc"), address, None),
        ] {
            let mut text = String::new();
            let lease = dhcp(&octets, &mut text).expect("a message");
            assert_eq!(lease.hardware[..7], [2, 0, 0, 0, 0, 9, 0]);
            assert_eq!((lease.address, lease.has_name.then_some(&*text)), (expected_address, expected_name));
        }
        let whole = message(2, none, mine, b"");
        for end in 0..240 {
            assert_eq!(dhcp(&whole[..end], &mut String::new()), None, "{end}");
        }
    }
}
