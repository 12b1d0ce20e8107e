//! How a client logs in: whether it sends its password, or proves that it knows it.
//!
//! What a login holds is not read but for the word that says how it is done.

use super::payload::{begins, ber_length, first_blank};

/// How a packet logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// With a password, or a token that does for one, that everybody on the way can read.
    InTheClear,
    /// By a proof from which the password cannot be read: a ticket, or the answer to a challenge.
    ByProof,
}

/// Mechanisms of SASL (RFC 4422) that send a password or a token as it is (RFC 4616, RFC 7628; LOGIN and XOAUTH2 are
/// older than their descriptions), and the beginnings of names of those that prove it (RFC 4752, RFC 4178, RFC 5802,
/// RFC 2831, RFC 2195, [MS-NLMP], RFC 2222, RFC 2444, RFC 2945).
const CLEAR: [&str; 5] = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "XOAUTH"];
const PROOFS: [&str; 13] = [
    "GSSAPI",
    "GSS-",
    "GS2-",
    "SCRAM-",
    "DIGEST-",
    "CRAM-",
    "NTLM",
    "KERBEROS_",
    "EXTERNAL",
    "OTP",
    "SKEY",
    "SRP",
    "APOP",
];

/// How a segment logs in that a client of these protocols sends: LDAP, SMTP, POP3, IMAP, NNTP, FTP, XMPP or IRC; or of
/// which a server of PostgreSQL asks for.
pub(super) fn login(payload: &[u8]) -> Option<Login> {
    match payload.first()? {
        0x30 => bind(payload),
        b'R' => asked_by_postgresql(payload),
        b'<' => stream(payload),
        first if first.is_ascii_alphanumeric() => words(payload),
        _ => None,
    }
}

/// How a mechanism of SASL logs in.
fn mechanism(name: &[u8]) -> Option<Login> {
    let end = name.iter().position(|octet| !octet.is_ascii_alphanumeric() && !matches!(octet, b'-' | b'_'));
    let name = &name[..end.unwrap_or(name.len())];
    if CLEAR.iter().any(|one| name.eq_ignore_ascii_case(one.as_bytes())) {
        Some(Login::InTheClear)
    } else {
        PROOFS.iter().any(|one| begins(name, one)).then_some(Login::ByProof)
    }
}

/// A request to bind (RFC 4511 section 4.2): a version, a name, and a simple password, a mechanism of SASL, or one of
/// the choices for NTLM ([MS-ADTS] section 5.1.1.1.3). A simple one may be empty: then nobody logs in (RFC 4513 section
/// 5.1).
fn bind(payload: &[u8]) -> Option<Login> {
    let (_, message) = ber_length(payload.get(1..)?)?;
    let [2, size @ 1..=4, rest @ ..] = message else { return None };
    let [0x60, rest @ ..] = rest.get(usize::from(*size)..)? else { return None };
    let (_, rest) = ber_length(rest)?;
    let [2, 1, 2 | 3, 4, rest @ ..] = rest else { return None };
    let (name, rest) = ber_length(rest)?;
    let [choice, rest @ ..] = rest.get(name..)? else { return None };
    let (length, rest) = ber_length(rest)?;
    match choice {
        0x80 => (length > 0).then_some(Login::InTheClear),
        0xa3 => {
            let [4, rest @ ..] = rest else { return None };
            let (length, rest) = ber_length(rest)?;
            mechanism(rest.get(..length)?)
        }
        0x89..=0x8b => Some(Login::ByProof),
        _ => None,
    }
}

/// What a server of PostgreSQL asks for (protocol 3.0, section 54.7): the password, or a proof by MD5, GSSAPI, SSPI or
/// SASL, of which all mechanisms are SCRAM.
fn asked_by_postgresql(payload: &[u8]) -> Option<Login> {
    match payload {
        [b'R', 0, 0, 0, 8, 0, 0, 0, 3, ..] => Some(Login::InTheClear),
        [b'R', 0, 0, 0, 12, 0, 0, 0, 5, ..] | [b'R', 0, 0, 0, 8, 0, 0, 0, 7 | 9, ..] => Some(Login::ByProof),
        [b'R', 0, 0, _, _, 0, 0, 0, 10, b'S', b'C', b'R', b'A', b'M', b'-', ..] => Some(Login::ByProof),
        _ => None,
    }
}

/// The element of XMPP that begins a login (RFC 6120 section 6.4.2).
fn stream(payload: &[u8]) -> Option<Login> {
    if !begins(payload, "<auth ") {
        return None;
    }
    let tag = payload.split(|octet| *octet == b'>').next()?;
    let name = tag.windows(11).position(|window| window == b"mechanism='" || window == b"mechanism=\"")?;
    mechanism(&tag[name + 11..])
}

/// The longest of the words that a command begins with, or the longest tag that is looked at.
const LONGEST: usize = 12;

/// A command: AUTH of SMTP (RFC 4954), POP3 (RFC 5034) and FTP (RFC 2228), AUTHENTICATE of IRC and, behind a tag, of IMAP
/// (RFC 9051 section 6.2.2), AUTHINFO of NNTP (RFC 4643), APOP and USER of POP3, PASS of POP3, FTP and IRC.
fn words(payload: &[u8]) -> Option<Login> {
    // No word is longer, and most payload has no blank so soon.
    let blank = first_blank(payload).filter(|&blank| blank <= LONGEST)?;
    // A command of its own, or one behind a tag.
    if !matches!(payload.first()?, b'A' | b'a' | b'P' | b'p')
        && !matches!(payload.get(blank + 1)?, b'A' | b'a' | b'L' | b'l')
    {
        return None;
    }
    let mut words = payload.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (first, second) = (words.next()?, words.next()?);
    let is = |word: &[u8], one: &str| word.eq_ignore_ascii_case(one.as_bytes());
    match first.len() {
        4 if is(first, "AUTH") => mechanism(second),
        4 if is(first, "APOP") => Some(Login::ByProof),
        4 if is(first, "PASS") => Some(Login::InTheClear),
        8 if is(first, "AUTHINFO") && is(second, "SASL") => mechanism(words.next()?),
        8 if is(first, "AUTHINFO") && (is(second, "USER") || is(second, "PASS")) => Some(Login::InTheClear),
        LONGEST if is(first, "AUTHENTICATE") => mechanism(second),
        1..=LONGEST if is(second, "AUTHENTICATE") => mechanism(words.next()?),
        1..=LONGEST if is(second, "LOGIN") => words.next().map(|_| Login::InTheClear),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_proofs() {
        let (clear, proof) = (Some(Login::InTheClear), Some(Login::ByProof));
        for (payload, expected) in [
            // Simple binds with a password and without; of SASL, and of NTLM in Microsoft's way.
            (&b"\x30\x0f\x02\x01\x01\x60\x0a\x02\x01\x03\x04\x02cn\x80\x01x"[..], clear),
            (b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0", None),
            (b"\x30\x16\x02\x01\x01\x60\x11\x02\x01\x03\x04\0\xa3\x0a\x04\x06GSSAPI\x04\0", proof),
            (
                b"\x30\x82\0\x1a\x02\x01\x01\x60\x82\0\x13\x02\x01\x03\x04\0\xa3\x0c\x04\x0aGSS-SPNEGO\x04\0",
                proof,
            ),
            (b"\x30\x15\x02\x01\x01\x60\x10\x02\x01\x03\x04\0\xa3\x09\x04\x05PLAIN\x04\0", clear),
            (b"\x30\x19\x02\x01\x01\x60\x14\x02\x01\x03\x04\0\xa3\x0d\x04\x09ANONYMOUS\x04\0", None),
            (b"\x30\x0e\x02\x01\x01\x60\x09\x02\x01\x03\x04\0\x8a\x02NT", proof),
            (b"\x30\x25\x02\x01\x01\x63\x20", None),
            // SMTP, POP3, FTP.
            (b"AUTH PLAIN AGEAYg==\r\n", clear),
            (b"auth login\r\n", clear),
            (b"AUTH CRAM-MD5\r\n", proof),
            (b"AUTH SCRAM-SHA-256 biws\r\n", proof),
            (b"AUTH GSSAPI\r\n", proof),
            (b"AUTH XOAUTH2 dXNlcj0=\r\n", clear),
            (b"AUTH TLS\r\n", None),
            (b"AUTH\r\n", None),
            (b"APOP me c4c9334bac560ecc979e58001b3e22fb\r\n", proof),
            (b"PASS secret\r\n", clear),
            // IMAP, NNTP, IRC, XMPP.
            (b"a2 AUTHENTICATE GSSAPI\r\n", proof),
            (b"a2 authenticate plain AGEAYg==\r\n", clear),
            (b"a2 LOGIN me secret\r\n", clear),
            (b"AUTHINFO SASL DIGEST-MD5\r\n", proof),
            (b"AUTHINFO USER me\r\n", clear),
            (b"AUTHENTICATE SCRAM-SHA-512\r\n", proof),
            (b"AUTHENTICATE PLAIN\r\n", clear),
            (b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biws</auth>", proof),
            (b"<auth mechanism=\"PLAIN\" xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\">AGE=</auth>", clear),
            // PostgreSQL.
            (b"R\0\0\0\x08\0\0\0\x03", clear),
            (b"R\0\0\0\x0c\0\0\0\x05abcd", proof),
            (b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0", proof),
            (b"R\0\0\0\x08\0\0\0\0", None),
            (b"EHLO me\r\n", None),
            (b"", None),
        ] {
            assert_eq!(login(payload), expected, "{:?}", String::from_utf8_lossy(payload));
        }
    }
}
