//! Identifiers of rows, the same from one review to the next.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::{Offer, Sha256, words};
use crate::net::Family;

/// How many hexadecimal digits an identifier has.
const LENGTH: usize = 12;

/// Identifies a row by all that an approval of it is about: `r` and the first 12 hexadecimal digits of
/// the SHA-256 of that. The letter keeps spreadsheets from taking it for a number; earlier versions
/// wrote it without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(u64);

words::as_text!(RowId);

impl RowId {
    /// The row of a service: a new client in the same zone keeps it, a new server makes a new one.
    pub fn of_service(family: Family, client_zone: &str, server: IpAddr, offer: Offer) -> RowId {
        RowId::of(&format!("{}|{client_zone}|{server}|{}", family.name(), offer.identity()))
    }

    /// The row of a service of any server of a zone.
    pub fn of_zone(family: Family, client_zone: &str, server_zone: &str, offer: Offer) -> RowId {
        RowId::of(&format!("{}|{client_zone}|zone {server_zone}|{}", family.name(), offer.identity()))
    }

    /// The row of a rule. Of rules with the same text in a chain, the `n`th (from 0) has this one.
    pub fn of_rule(chain: &str, text: &str, n: usize) -> RowId {
        RowId::of_nth(&format!("rule|{chain}|{text}"), n)
    }

    /// The row that earlier versions gave a rule, of whatever chain.
    pub fn of_rule_in_any_chain(text: &str, n: usize) -> RowId {
        RowId::of_nth(&format!("rule|{text}"), n)
    }

    fn of_nth(text: &str, n: usize) -> RowId {
        if n == 0 { RowId::of(text) } else { RowId::of(&format!("{text}|{}", n + 1)) }
    }

    /// The row of a client that scans.
    pub fn of_scan(client: IpAddr) -> RowId {
        RowId::of(&format!("scan|{client}"))
    }

    fn of(text: &str) -> RowId {
        let Sha256(digest) = Sha256::of(text.as_bytes());
        RowId(digest.iter().take(LENGTH / 2).fold(0, |number, &octet| number << 8 | u64::from(octet)))
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{:0LENGTH$x}", self.0)
    }
}

/// A text that is not the identifier of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row identifier is r with 12 digits from 0-9 and a-f")]
pub struct InvalidRowId;

impl FromStr for RowId {
    type Err = InvalidRowId;

    fn from_str(text: &str) -> Result<RowId, InvalidRowId> {
        let text = text.strip_prefix('r').unwrap_or(text);
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if text.len() != LENGTH || !text.chars().all(is_digit) {
            return Err(InvalidRowId);
        }
        u64::from_str_radix(text, 16).map(RowId).map_err(|_| InvalidRowId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Protocol, Transport};

    #[test]
    fn an_identifier_is_the_beginning_of_the_sha_256_of_what_makes_the_row() {
        // printf 'ipv4|clients|10.77.2.10|tcp|80' | sha256sum
        let server = "10.77.2.10".parse().expect("an address");
        let of = |offer: Offer| RowId::of_service(Family::Ipv4, "clients", server, offer);
        let web = of(Offer::port(Transport::Tcp, 80));
        assert_eq!(web.to_string(), "rfc40aaa402c7");
        // printf 'ipv4|clients|10.77.2.10|tcp|5000-5009' | sha256sum
        let range = of(Offer::port(Transport::Tcp, 5000).and(Offer::port(Transport::Tcp, 5009)));
        assert_eq!(range.to_string(), "r327b61943a77");
        // printf 'ipv4|clients|10.77.2.10|icmp|type 8' | sha256sum
        let ping = of(Offer::Icmp { family: Family::Ipv4, kind: 8 });
        assert_eq!(ping.to_string(), "r91bffc21a730");
        // printf 'ipv4|clients|10.77.2.10|ip|50' | sha256sum
        assert_eq!(of(Offer::Protocol(Protocol::ESP)).to_string(), "r6d0152c74582");
        // printf 'rule|tcp dport 22 accept' | sha256sum, and with |2 after it
        let old = |n| RowId::of_rule_in_any_chain("tcp dport 22 accept", n).to_string();
        assert_eq!((old(0).as_str(), old(1).as_str()), ("r589863c65c7e", "rb160ed2c87d4"));
        // printf 'rule|inet/fw/forward|tcp dport 22 accept' | sha256sum
        let rule = RowId::of_rule("inet/fw/forward", "tcp dport 22 accept", 0);
        assert_eq!(rule.to_string(), "r92f7dd11c2aa");
        // printf 'scan|10.77.1.66' | sha256sum
        let client = "10.77.1.66".parse().expect("an address");
        assert_eq!(RowId::of_scan(client).to_string(), "rb2515e26e9f3");
    }

    #[test]
    fn an_identifier_is_read_as_it_is_written() {
        for text in ["r0123456789ab", "r000000000000", "rffffffffffff"] {
            assert_eq!(text.parse::<RowId>().map(|id| id.to_string()).as_deref(), Ok(text));
            assert_eq!(text[1..].parse(), text.parse::<RowId>());
        }
        for text in [
            "",
            "r",
            "rr0123456789ab",
            "0123456789a",
            "0123456789abc",
            "0123456789AB",
            "+12345678901",
            "12345678901g",
        ] {
            assert_eq!(text.parse::<RowId>(), Err(InvalidRowId), "{text}");
        }
    }
}
