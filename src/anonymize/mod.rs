//! Addresses and names are replaced, so that captures and results can be given away.
//!
//! One [`Key`] makes the same of an address everywhere: in captures written by
//! [`annotate`](crate::annotate) and in results of [`report`](crate::report), today and tomorrow.
//!
//! | what | becomes |
//! |---|---|
//! | addresses of IPv4 | those of Crypto-PAn: two that share their first bits share as many after. One that would become an address of no host is turned once more, so that this holds for prefixes of eight bits and more |
//! | addresses of IPv6 | the same, but for the bits that say what kind of address it is: global, link-local, unique local, 6to4, Teredo, NAT64, ISATAP. An address of IPv4 in one of IPv6 becomes what it becomes alone |
//! | 0.0.0.0/8, 127.0.0.0/8, 255.0.0.0/8, `::`, `::1` | themselves |
//! | groups | themselves, but for those that hold a network or a part of an address: 233/8, 234/8, `ff02::1:ff00:0/104`, and groups of IPv6 that are not assigned for good keep flags and scope alone |
//! | addresses of stations (MAC) | `02:` and five octets; the broadcast address and assigned groups are themselves |
//! | names of interfaces and captures | `if-` or `capture-` and eight digits |
//!
//! What this does not hide is told in the project's `docs/anonymize.md`: above all, whoever knows what one address
//! became knows the beginning of its neighbors', and whoever could send traffic into the capture can learn that
//! of any address.

mod address;
mod checksum;
mod key;
mod packet;
mod pan;

use std::fmt;
use std::net::IpAddr;

use aes::Aes128;

pub use key::{Key, KeyError};
pub use packet::{PacketCounts, Packets};

use crate::net::Interface;
use pan::{CryptoPan, encrypt};

/// Replaces addresses and names.
///
/// ```
/// use portscribe::anonymize::{Anonymizer, Key};
///
/// let key = Key::read(b"00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef")?;
/// let anonymizer = Anonymizer::new(&key);
/// let host = anonymizer.address("192.0.2.1".parse()?);
/// assert_ne!(host.to_string(), "192.0.2.1");
/// assert_eq!(host, Anonymizer::new(&key).address("192.0.2.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Anonymizer {
    pan: CryptoPan,
    /// For what is no address of IP.
    other: Aes128,
}

/// Without the key.
impl fmt::Debug for Anonymizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anonymizer")
    }
}

/// What a number was made of.
#[derive(Clone, Copy)]
enum Kind {
    Station = 1,
    Interface,
    Capture,
}

impl Anonymizer {
    /// Replaces by this key.
    pub fn new(key: &Key) -> Anonymizer {
        let pan = CryptoPan::new(key);
        Anonymizer { other: pan.other_key(), pan }
    }

    /// What an address becomes.
    pub fn address(&self, address: IpAddr) -> IpAddr {
        address::address(&self.pan, address)
    }

    /// What the address of a station (MAC) becomes.
    pub fn station(&self, station: [u8; 6]) -> [u8; 6] {
        // How many octets stay.
        let kept = match station {
            // Everybody and nobody. Groups of IPv4 in one network (RFC 1112 section 6.4), assigned ones of IPv6
            // (RFC 2464 section 7), those of bridges (IEEE 802.1Q table 8-1) and of Cisco.
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
            | [0, 0, 0, 0, 0, 0]
            | [0x01, 0x00, 0x5e, 0, 0, _]
            | [0x33, 0x33, 0, 0 | 1, _, _]
            | [0x01, 0x80, 0xc2, 0, 0, _]
            | [0x01, 0x00, 0x0c, 0xcc, 0xcc, _] => return station,
            [0x01, 0x00, 0x5e, ..] => 3,
            [0x33, 0x33, ..] => 2,
            _ => 1,
        };
        let number = self.number(Kind::Station, &station).to_be_bytes();
        let mut other = station;
        other[kept..].copy_from_slice(&number[..6 - kept]);
        match kept {
            // 23 bits of the group's number follow.
            3 => other[3] &= 0x7f,
            // Administered locally; a group stays one.
            1 => other[0] = 0x02 | station[0] & 1,
            _ => {}
        }
        other
    }

    /// What an interface is called. Numbers stay.
    pub fn interface(&self, interface: &Interface) -> Interface<'static> {
        interface.renamed(|name| self.interface_name(name))
    }

    /// The same of an interface that may be unknown: pcap has no numbers, and pcapng, which
    /// [`annotate`](crate::annotate) makes of it, has the number 0 for the first.
    pub(crate) fn interface_or_first(&self, interface: Option<&Interface>) -> Interface<'static> {
        interface.map_or_else(Interface::first, |interface| self.interface(interface))
    }

    /// What the name of an interface becomes.
    pub fn interface_name(&self, name: &str) -> String {
        format!("if-{:08x}", self.number(Kind::Interface, name.as_bytes()) >> 96)
    }

    /// What the name of a capture becomes.
    pub fn capture(&self, name: &str) -> String {
        format!("capture-{:08x}", self.number(Kind::Capture, name.as_bytes()) >> 96)
    }

    /// A number that the octets decide, and that says nothing of them without the key: CBC-MAC, with their
    /// number before them.
    fn number(&self, kind: Kind, octets: &[u8]) -> u128 {
        let mut number = encrypt(&self.other, (kind as u128) << 64 | octets.len() as u128);
        for part in octets.chunks(16) {
            let mut block = [0; 16];
            block[..part.len()].copy_from_slice(part);
            number = encrypt(&self.other, number ^ u128::from_be_bytes(block));
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::Foreign;
    use crate::net::InterfaceName;

    fn anonymizer() -> Anonymizer {
        Anonymizer::new(&Key::new(std::array::from_fn(|n| n as u8)))
    }

    #[test]
    fn stations_become_others_and_groups_stay_groups() {
        let by = anonymizer();
        for kept in [
            [0xff; 6],
            [0; 6],
            [1, 0, 0x5e, 0, 0, 0xfb],
            [0x33, 0x33, 0, 0, 0, 1],
            [0x33, 0x33, 0, 1, 0, 3],
            [1, 0x80, 0xc2, 0, 0, 0x0e],
            [1, 0, 0x0c, 0xcc, 0xcc, 0xcc],
        ] {
            assert_eq!(by.station(kept), kept);
        }
        let station = by.station([0x00, 0x1b, 0x21, 1, 2, 3]);
        assert_eq!(station[0], 2);
        assert_eq!(station, by.station([0x00, 0x1b, 0x21, 1, 2, 3]));
        assert_ne!(station, by.station([0x00, 0x1b, 0x21, 1, 2, 4]));
        let solicited = by.station([0x33, 0x33, 0xff, 1, 2, 3]);
        assert_eq!(solicited[..2], [0x33, 0x33]);
        assert_ne!(solicited[2..], [0xff, 1, 2, 3]);
        let group = by.station([1, 0, 0x5e, 0x7f, 2, 3]);
        assert_eq!(group[..3], [1, 0, 0x5e]);
        assert!(group[3] < 0x80 && group[3..] != [0x7f, 2, 3]);
        assert_eq!(by.station([0x09, 0, 7, 1, 2, 3])[0], 3);
    }

    #[test]
    fn names_become_numbers() {
        let by = anonymizer();
        let name = by.interface_name("eth0");
        assert_eq!((name.len(), &name[..3]), (11, "if-"));
        assert_eq!(name, by.interface_name("eth0"));
        assert_ne!(name, by.interface_name("eth1"));
        assert_ne!(by.interface_name("x"), by.interface_name("x\0"));
        assert_ne!(by.capture("eth0")[8..], name[3..]);
        let both = Interface::new(
            Some(InterfaceName::Name(Foreign::new("any".into()))),
            Some(InterfaceName::Number(2)),
        );
        let text = by.interface(&both.expect("it has names")).to_text().raw().to_owned();
        assert_eq!(text, format!("{}#2", by.interface_name("any")));
    }
}
