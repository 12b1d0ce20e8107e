//! Mail and news: SMTP (RFC 5321), POP3 (RFC 1939), IMAP (RFC 9051) and NNTP (RFC 3977).

use super::payload::{begins, first_blank, holds, line};
use super::sign::{Role, Says};
use super::{Sign, Spoken};

/// The sign of a segment that begins with a client's or a server's first words. The greeting of an
/// SMTP server is that of an FTP server, too, unless it says more: `Says::Greeting`.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    let has = |words: &[&str]| words.iter().any(|word| begins(payload, word));
    match payload.first()? {
        // RFC 5321 sections 4.1.1.1 to 4.1.1.3; RFC 2033 section 4.1.
        b'E' | b'e' | b'H' | b'h' | b'L' | b'l' if has(&["EHLO ", "HELO ", "LHLO "]) => {
            Some(Sign::client(Spoken::Smtp))
        }
        b'M' | b'm' | b'R' | b'r' if has(&["MAIL FROM:", "RCPT TO:"]) => Some(Sign::client(Spoken::Smtp)),
        // Redis answers several commands in a row so.
        b'+' if payload.starts_with(b"+OK\r\n") => Some(Sign::shared(Says::Ok, Role::Server)),
        // RFC 1939 section 4.
        b'+' if has(&["+OK"]) => Some(Sign::server(Spoken::Pop3)),
        b'C' | b'c' | b'S' | b's' | b'U' | b'u' if has(&["CAPA\r\n", "STLS\r\n", "UIDL\r\n"]) => {
            Some(Sign::client(Spoken::Pop3))
        }
        // RFC 9051 section 7.1.
        b'*' if has(&["* OK", "* PREAUTH", "* BYE", "* CAPABILITY "]) => Some(Sign::server(Spoken::Imap)),
        // RFC 3977 sections 5.1 and 5.3.
        b'2' if has(&["200 ", "201 "]) => {
            let greeting = line(payload).unwrap_or(payload);
            let is_news = ["NNTP", "NNRP", "InterNetNews", "news"].iter().any(|word| holds(greeting, word));
            is_news.then_some(Sign::server(Spoken::Nntp))
        }
        b'M' | b'm' if has(&["MODE READER\r\n", "MODE STREAM\r\n"]) => Some(Sign::client(Spoken::Nntp)),
        b'X' | b'x' if has(&["XOVER ", "XHDR "]) => Some(Sign::client(Spoken::Nntp)),
        _ => is_tagged_command(payload).then_some(Sign::client(Spoken::Imap)),
    }
}

/// A tag of IMAP is shorter.
const LONGEST_TAG: usize = 12;

/// Whether a segment begins with a command of IMAP: a tag of the client's own, and a word of the
/// protocol (RFC 9051 section 6).
fn is_tagged_command(payload: &[u8]) -> bool {
    let Some(tag) = first_blank(payload).filter(|&tag| tag < LONGEST_TAG) else { return false };
    let command = &payload[tag + 1..];
    // Few words end in a number.
    tag > 0
        && payload[tag - 1].is_ascii_digit()
        && matches!(
            command.first(),
            Some(b'A' | b'C' | b'I' | b'L' | b'S' | b'a' | b'c' | b'i' | b'l' | b's')
        )
        && payload[..tag].iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'.')
        && ["CAPABILITY\r\n", "LOGIN ", "STARTTLS\r\n", "AUTHENTICATE ", "SELECT ", "ID ("]
            .iter()
            .any(|word| begins(command, word))
}

/// Whether the client asks for TLS (RFC 3207 section 4, RFC 2595 sections 3.1 and 4, RFC 4642 section 2.2).
pub(super) fn asks_for_tls(payload: &[u8]) -> bool {
    // It is the whole of a line, and short.
    if payload.len() > 32 || payload.last() != Some(&b'\n') {
        return false;
    }
    let command = match first_blank(payload) {
        Some(tag) if tag < LONGEST_TAG => &payload[tag + 1..],
        _ => payload,
    };
    begins(payload, "STLS\r\n") || begins(command, "STARTTLS\r\n")
}
