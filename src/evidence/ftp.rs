//! FTP (RFC 959): how its control connection begins, and where it says that data will go.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use super::payload::{begins, holds};
use super::sign::{Role, Says};
use super::{Sign, Spoken};

/// How much of a line is looked at after its first word: replies have words of the server's own before the address.
const LINE: usize = 156;

/// The sign of a segment that begins with a client's or a server's first words. Some are those of
/// other protocols, too: `Says::Greeting`, `Says::User`.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload {
        [b'2', b'2', b'0', b' ' | b'-', text @ ..] => {
            let line = &text[..text.len().min(LINE)];
            Some(if holds(line, "SMTP") {
                Sign::server(Spoken::Smtp)
            } else if holds(line, "FTP") {
                Sign::server(Spoken::Ftp)
            } else {
                Sign::shared(Says::Greeting, Role::Server)
            })
        }
        // Where the beginning of the connection was not captured.
        [b'2' | b'3', ..] if REPLIES.iter().any(|reply| begins(payload, reply)) => {
            Some(Sign::server(Spoken::Ftp))
        }
        [a, b, c, d, ..] => match &[a, b, c, d].map(u8::to_ascii_uppercase) {
            b"AUTH" => asks_for_tls(payload).then_some(Sign::client(Spoken::Ftp)),
            // A client of IRC says more in its USER, with a colon (RFC 2812 section 3.1.3).
            b"USER" => (payload.get(4) == Some(&b' ') && !is_irc(payload))
                .then_some(Sign::shared(Says::User, Role::Client)),
            // RFC 959 section 5.3.1; RFC 2428; RFC 3659; RFC 4217.
            b"PASV" | b"EPSV" | b"TYPE" | b"STOR" | b"CWD " | b"MLSD" | b"SYST" | b"PBSZ" => {
                COMMANDS.iter().any(|command| begins(payload, command)).then_some(Sign::client(Spoken::Ftp))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Commands of a client that are those of no other protocol.
const COMMANDS: [&str; 9] =
    ["PASV\r\n", "EPSV\r\n", "TYPE I\r\n", "TYPE A\r\n", "STOR ", "CWD ", "MLSD", "SYST\r\n", "PBSZ "];

/// Beginnings of replies that are those of no other protocol.
const REPLIES: [&str; 5] = ["227 Entering Passive", "229 Entering Extended", "230 ", "331 ", "226 Transfer"];

fn is_irc(payload: &[u8]) -> bool {
    payload.split(|octet| *octet == b'\r').next().is_some_and(|line| holds(line, " :"))
}

/// Whether the client asks for TLS (RFC 4217 section 4).
pub(super) fn asks_for_tls(payload: &[u8]) -> bool {
    begins(payload, "AUTH TLS") || begins(payload, "AUTH SSL")
}

/// An end of a data connection, as a command or a reply of FTP announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    /// Its address; none where the reply leaves out that of the server itself (RFC 2428 section 3).
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: u16,
}

/// Whether a segment of this length may announce the end of a data connection: a command or reply that does has less
/// than a hundred octets, and those that are sent with it do not fill a segment.
#[inline]
pub const fn may_announce_by_length(length: u32) -> bool {
    matches!(length, 4..=1024)
}

/// Whether a segment may begin with such a command or reply: most are data.
#[inline]
pub fn may_announce(payload: &[u8]) -> bool {
    matches!(payload, [b'P' | b'p' | b'E' | b'e' | b'2', _, _, _, ..])
}

/// The end of a data connection that a segment of FTP's control connection announces at its beginning:
/// the command PORT or the reply 227 (RFC 959 sections 4.1.2 and 4.2), the command EPRT or the reply
/// 229 (RFC 2428 sections 2 and 3).
pub fn announced(payload: &[u8]) -> Option<Announced> {
    // Most packets are data: they end here.
    let (verb, rest) = payload.split_first_chunk::<4>()?;
    let read = if verb.eq_ignore_ascii_case(b"PORT") || verb == b"227 " {
        numbers
    } else if verb.eq_ignore_ascii_case(b"EPRT") || verb == b"229 " {
        fields
    } else {
        return None;
    };
    let line = rest[..rest.len().min(LINE)].split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let announced = read(std::str::from_utf8(line).ok()?.trim_start());
    announced.filter(|announced| announced.port != 0)
}

/// `h1,h2,h3,h4,p1,p2`, in a reply after words and mostly within brackets.
fn numbers(text: &str) -> Option<Announced> {
    let is_number = |c: char| c.is_ascii_digit() || c == ',';
    let six = text.split(|c| !is_number(c)).find(|word| word.matches(',').count() == 5)?;
    let mut octets = [0; 6];
    for (octet, number) in octets.iter_mut().zip(six.split(',')) {
        *octet = number.parse::<u8>().ok()?;
    }
    let [a, b, c, d, high, low] = octets;
    Some(Announced { address: Some(Ipv4Addr::new(a, b, c, d).into()), port: u16::from_be_bytes([high, low]) })
}

/// `|2|2001:db8::1|5282|`, and in a reply `(|||5282|)`; any character may stand for the bar.
fn fields(text: &str) -> Option<Announced> {
    let text = text.split_once('(').map_or(text, |(_, inner)| inner);
    let bar = text.chars().next().filter(|c| !c.is_alphanumeric())?;
    let mut fields = text.split(bar).skip(1);
    let (protocol, address, port) = (fields.next()?, fields.next()?, fields.next()?);
    fields.next()?;
    let address = match (protocol, address) {
        ("", "") => None,
        _ => Some(address.parse().ok()?),
    };
    Some(Announced { address, port: port.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_four_to_1024_octets_may_announce_an_end() {
        let may: Vec<u32> = (0..70_000).filter(|&length| may_announce_by_length(length)).collect();
        assert_eq!(may, (4..=1024).collect::<Vec<u32>>());
    }

    #[test]
    fn commands_and_replies_announce_an_end() {
        let of = |text: &str| {
            let told = |one: Announced| {
                format!("{} {}", one.address.map_or("-".into(), |a| a.to_string()), one.port)
            };
            announced(text.as_bytes()).map(told)
        };
        for (text, expected) in [
            ("PORT 192,0,2,10,200,13\r\n", "192.0.2.10 51213"),
            ("port 192,0,2,10,0,21", "192.0.2.10 21"),
            ("227 Entering Passive Mode (198,51,100,20,100,85).\r\n", "198.51.100.20 25685"),
            ("227 =198,51,100,20,100,85\r\n", "198.51.100.20 25685"),
            ("EPRT |2|2001:db8::1|5282|\r\n", "2001:db8::1 5282"),
            ("EPRT |1|192.0.2.10|5282|\r\n", "192.0.2.10 5282"),
            ("229 Entering Extended Passive Mode (|||24523|)\r\n", "- 24523"),
            ("229 Entering Extended Passive Mode (!!!24523!)\r\n", "- 24523"),
        ] {
            assert_eq!(of(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "POR",
            "PORT 192,0,2,10,200\r\n",
            "PORT 192,0,2,10,256,13\r\n",
            "PORT 192,0,2,10,0,0\r\n",
            "227 Entering Passive Mode\r\n",
            "229 (|||65536|)\r\n",
            "229 (|||24523\r\n",
            "EPRT |2|nowhere|5282|\r\n",
            "RETR 192,0,2,10,200,13\r\n",
            "USER me\r\nPORT 192,0,2,10,200,13\r\n",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(announced(b"PORT \xff92,0,2,10,200,13\r\n"), None);
        let long = format!("227 {} (192,0,2,10,200,13)\r\n", "x".repeat(LINE));
        assert_eq!(announced(long.as_bytes()), None);
    }
}
