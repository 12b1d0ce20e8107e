//! When the payload of a flow is that of another protocol than the one registered.

use crate::evidence::Spoken;
use crate::services;

/// Whether a payload contradicts the names registered for the server's port.
///
/// It does when the registered service is known to begin otherwise: TLS or SSH on 80, HTTP on 443.
/// Where it is not known how the registered service begins, only a protocol that nothing else is built
/// on contradicts, SSH on 2222 for one: HTTP, TLS and QUIC carry any service, and the first octets of
/// the others are also those of services with other names (Redis answers "+OK", as POP3 does). A name
/// that mentions the protocol may well be built on it (`netconf-ssh`, `gsiftp`).
pub(super) fn contradicts<'n>(spoken: Spoken, names: impl Iterator<Item = &'n str>) -> bool {
    let mut begins_otherwise = false;
    let mut mentions = false;
    let mut any = false;
    let word = word_of_its_own(spoken);
    for name in names {
        let expected = services::begins_with(name);
        if expected.contains(&spoken) {
            return false;
        }
        any = true;
        begins_otherwise |= !expected.is_empty();
        mentions |= word.is_some_and(|word| name.contains(word));
    }
    begins_otherwise || any && word.is_some() && !mentions
}

/// For a protocol that nothing else begins like: what the names of services built on it have in them.
fn word_of_its_own(spoken: Spoken) -> Option<&'static str> {
    match spoken {
        Spoken::Ssh | Spoken::Ssh1 => Some("ssh"),
        Spoken::Smb1 | Spoken::Smb2 => Some("smb"),
        Spoken::Ftp => Some("ftp"),
        Spoken::Vnc => Some("vnc"),
        Spoken::Smtp => Some("smtp"),
        Spoken::Imap => Some("imap"),
        Spoken::Tls
        | Spoken::Quic
        | Spoken::Http
        | Spoken::SnmpV1
        | Spoken::SnmpV2c
        | Spoken::SnmpV3
        | Spoken::FtpTls
        | Spoken::Telnet
        | Spoken::Rdp
        | Spoken::Pop3 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_is_contradicted() {
        for (spoken, names, expected) in [
            (Spoken::Http, &["https"][..], true),
            (Spoken::Ftp, &["https"], true),
            (Spoken::Tls, &["https"], false),
            (Spoken::Tls, &["http", "www"], true),
            // One of two names is enough to agree.
            (Spoken::Tls, &["urd", "submissions"], false),
            (Spoken::Http, &["urd", "submissions"], true),
            // IPP over TLS shares the port of IPP (RFC 7472).
            (Spoken::Tls, &["ipp", "ipps"], false),
            (Spoken::Tls, &["sips"], false),
            // Anything may run over these.
            (Spoken::Http, &["irdmi"], false),
            (Spoken::Tls, &["postgresql"], false),
            (Spoken::Quic, &["irdmi"], false),
            // Redis begins as POP3 does, S7 as Remote Desktop.
            (Spoken::Pop3, &["redis"], false),
            (Spoken::Rdp, &["iso-tsap"], false),
            // Nothing else begins like these.
            (Spoken::Ssh, &["EtherNet-IP-1"], true),
            (Spoken::Ssh, &["netconf-ssh"], false),
            (Spoken::Ftp, &["gsiftp"], false),
            (Spoken::Imap, &["imap3"], false),
            // Nothing is registered.
            (Spoken::Ssh, &[], false),
        ] {
            assert_eq!(contradicts(spoken, names.iter().copied()), expected, "{spoken:?} {names:?}");
        }
    }
}
