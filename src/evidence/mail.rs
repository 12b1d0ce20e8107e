//! Mail: SMTP (RFC 5321), POP3 (RFC 1939) and IMAP (RFC 9051).

use super::{Sign, begins};

/// The sign of a segment that begins with a client's or a server's first words. The greeting of an
/// SMTP server is that of an FTP server, too: [`Sign::Greeting`].
pub(super) fn sign(payload: &[u8]) -> Option<Sign> {
    match payload {
        // RFC 5321 section 4.1.1.1.
        _ if begins(payload, "EHLO ") || begins(payload, "HELO ") => Some(Sign::SmtpHello),
        // RFC 1939 section 4.
        _ if begins(payload, "+OK") => Some(Sign::Pop3Greeting),
        // RFC 9051 section 7.1.
        _ if begins(payload, "* OK") || begins(payload, "* PREAUTH") => Some(Sign::ImapGreeting),
        _ => None,
    }
}
