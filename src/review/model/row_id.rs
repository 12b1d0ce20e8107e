//! Identifiers of rows, the same from one review to the next.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::net::{Family, Ports};

/// How many hexadecimal digits an identifier has.
pub(in crate::review) const LENGTH: usize = 12;

/// The row of a service: a new client in the same zone keeps it, a new server makes a new one.
pub(in crate::review) fn of_service(
    family: Family,
    client_zone: &str,
    server: IpAddr,
    transport: &str,
    ports: Ports,
) -> String {
    digits(&format!("{}|{client_zone}|{server}|{transport}|{ports}", family.name()))
}

/// The row of a rule. Of rules with the same text, the `n`th (from 0) has this one.
pub(in crate::review) fn of_rule(text: &str, n: usize) -> String {
    if n == 0 { digits(&format!("rule|{text}")) } else { digits(&format!("rule|{text}|{}", n + 1)) }
}

/// The row of a client that scans.
pub(in crate::review) fn of_scan(client: IpAddr) -> String {
    digits(&format!("scan|{client}"))
}

fn digits(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    hexadecimal(digest.get(..LENGTH / 2).unwrap_or_default())
}

/// The SHA-256 of a whole file.
pub(crate) fn sha256(octets: &[u8]) -> String {
    hexadecimal(&Sha256::digest(octets))
}

/// Octets as hexadecimal digits.
pub(in crate::review) fn hexadecimal(octets: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * octets.len());
    for octet in octets {
        for digit in [octet >> 4, octet & 15] {
            digits.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_the_beginning_of_the_sha_256_of_what_makes_the_row() {
        // printf 'ipv4|clients|10.77.2.10|tcp|80' | sha256sum
        let server = "10.77.2.10".parse().expect("an address");
        let web = of_service(Family::Ipv4, "clients", server, "tcp", Ports { first: 80, last: 80 });
        assert_eq!(web, "fc40aaa402c7");
        // printf 'ipv4|clients|10.77.2.10|tcp|5000-5009' | sha256sum
        let range = of_service(Family::Ipv4, "clients", server, "tcp", Ports { first: 5000, last: 5009 });
        assert_eq!(range, "327b61943a77");
        // printf 'rule|tcp dport 22 accept' | sha256sum, and with |2 behind
        assert_eq!(of_rule("tcp dport 22 accept", 0), "589863c65c7e");
        assert_eq!(of_rule("tcp dport 22 accept", 1), "b160ed2c87d4");
        // printf 'scan|10.77.1.66' | sha256sum
        assert_eq!(of_scan("10.77.1.66".parse().expect("an address")), "b2515e26e9f3");
    }
}
