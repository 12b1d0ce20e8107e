//! Chat: IRC (RFC 2812) and XMPP (RFC 6120).

use super::payload::{begins, holds, is_text, line};
use super::{Sign, Spoken};

/// The sign of a segment that begins with a client's or a server's first words.
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload.first()? {
        b'<' => xmpp(payload),
        // A server's messages have its name before them (RFC 2812 section 2.3).
        b':' => {
            let line = line(payload)?;
            let mut words = line.split(|&octet| octet == b' ');
            let (_, command) = (words.next()?, words.next()?);
            let is_number = command.len() == 3 && command.iter().all(u8::is_ascii_digit);
            let is_word = [&b"NOTICE"[..], b"PRIVMSG", b"JOIN", b"MODE", b"PING"].contains(&command);
            (is_text(line) && (is_number || is_word)).then_some(Sign::server(Spoken::Irc))
        }
        b'N' | b'n' if begins(payload, "NOTICE AUTH ") || begins(payload, "NOTICE * :") => {
            Some(Sign::server(Spoken::Irc))
        }
        // Section 3.1; what a client of FTP or POP3 says after USER has no colon.
        b'N' | b'n' if begins(payload, "NICK ") => Some(Sign::client(Spoken::Irc)),
        b'U' | b'u' if begins(payload, "USER ") && line(payload).is_some_and(|line| holds(line, " :")) => {
            Some(Sign::client(Spoken::Irc))
        }
        b'C' | b'c' if begins(payload, "CAP LS") || begins(payload, "CAP REQ ") => {
            Some(Sign::client(Spoken::Irc))
        }
        _ => None,
    }
}

/// A stream's first tag (RFC 6120 section 4.2). Both sides open one; an answer has an identifier, and
/// features follow it.
fn xmpp(payload: &[u8]) -> Option<Sign> {
    let opens =
        begins(payload, "<stream:stream") || begins(payload, "<?xml") && holds(payload, "<stream:stream");
    if !opens || !(holds(payload, "etherx.jabber.org/streams") || holds(payload, "jabber:")) {
        return None;
    }
    let tag = payload.split(|&octet| octet == b'>').find(|tag| holds(tag, "<stream:stream"))?;
    let answers = holds(tag, " id=");
    Some(Sign::asking(Spoken::Xmpp, !answers))
}

/// Whether the client asks for TLS (RFC 6120 section 5.4.2.1; the STARTTLS of IRCv3).
pub(super) fn asks_for_tls(payload: &[u8]) -> bool {
    begins(payload, "<starttls ") || begins(payload, "STARTTLS\r\n")
}
