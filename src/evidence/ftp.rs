//! FTP (RFC 959): how its control connection begins, and where it says that data will go.

use std::net::{IpAddr, Ipv4Addr};

use super::{Sign, begins};

/// How much of a line is looked at after its first word: replies have words of the server's own before the address.
const LINE: usize = 156;

/// The sign of a segment that begins with a client's or a server's first words. Some are those of
/// other protocols, too: [`Sign::Greeting`], [`Sign::User`].
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload {
        [b'2', b'2', b'0', b' ' | b'-', ..] => Some(Sign::Greeting),
        // RFC 4217 section 4.
        _ if begins(payload, "AUTH TLS") || begins(payload, "AUTH SSL") => Some(Sign::FtpAuthTls),
        _ if begins(payload, "USER ") => Some(Sign::User),
        _ => None,
    }
}

/// An end of a data connection, as a command or a reply of FTP announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Its address; none where the reply leaves out that of the server itself (RFC 2428 section 3).
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: u16,
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
