//! How the payload of a flow stands to the service registered for the server's port.

use std::fmt;

use crate::evidence::Spoken;
use crate::services;

/// How what the payload shows stands to what is registered for the server's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// The payload is how the registered service begins.
    Confirms,
    /// It is not known how the registered service begins: this may be it, or another.
    Compatible,
    /// The payload is not that of the registered service.
    Contradicts,
    /// Payload was looked at, and shows no protocol that is recognised.
    Silent,
    /// The capture holds no payload of the flow.
    NotCaptured,
}

impl Agreement {
    /// Every value.
    pub const ALL: [Agreement; 5] = [
        Agreement::Confirms,
        Agreement::Compatible,
        Agreement::Contradicts,
        Agreement::Silent,
        Agreement::NotCaptured,
    ];

    /// The word that outputs use.
    pub const fn name(self) -> &'static str {
        match self {
            Agreement::Confirms => "confirms",
            Agreement::Compatible => "compatible",
            Agreement::Contradicts => "contradicts",
            Agreement::Silent => "silent",
            Agreement::NotCaptured => "not-captured",
        }
    }

    /// What the word means, for people; the wording may change.
    pub const fn meaning(self) -> &'static str {
        match self {
            Agreement::Confirms => "the payload is how the registered service begins",
            Agreement::Compatible => {
                "it is not known how the registered service begins, or the protocol carries any service"
            }
            Agreement::Contradicts => "the registered service begins otherwise",
            Agreement::Silent => "payload was looked at, and shows no protocol that is recognised",
            Agreement::NotCaptured => "the capture holds no payload of the flow",
        }
    }

    /// How a protocol stands to the names registered for the server's port; `None` where there are none.
    ///
    /// It contradicts where the registered service is known to begin otherwise: TLS or SSH on 80, HTTP on
    /// 443. Where it is not known how the registered service begins, only a protocol that nothing else is
    /// built on contradicts, SSH on 2222 for one: HTTP, TLS and QUIC carry any service, and the first octets
    /// of others are also those of services with other names (Redis answers "+OK", as POP3 does). A name
    /// that mentions the protocol may well be built on it (`netconf-ssh`, `gsiftp`).
    pub(super) fn of<'n>(spoken: Spoken, names: impl Iterator<Item = &'n str>) -> Option<Agreement> {
        let mut begins_otherwise = false;
        let mut mentions = false;
        let mut any = false;
        let word = word_of_its_own(spoken);
        for name in names {
            let expected = services::begins_with(name);
            if expected.contains(&spoken) {
                return Some(Agreement::Confirms);
            }
            any = true;
            begins_otherwise |= !expected.is_empty();
            mentions |= word.is_some_and(|word| name.contains(word));
        }
        any.then_some(if begins_otherwise || word.is_some() && !mentions {
            Agreement::Contradicts
        } else {
            Agreement::Compatible
        })
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
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
        _ => None,
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
            // Redis greets otherwise than POP3, S7 otherwise than Remote Desktop.
            (Spoken::Pop3, &["redis"], true),
            (Spoken::Rdp, &["iso-tsap"], true),
            (Spoken::IsoTsap, &["ms-wbt-server"], false),
            // Nothing else begins like these.
            (Spoken::Ssh, &["EtherNet-IP-1"], true),
            (Spoken::Ssh, &["netconf-ssh"], false),
            (Spoken::Ftp, &["gsiftp"], false),
            (Spoken::Imap, &["imap3"], false),
            // Nothing is registered.
            (Spoken::Ssh, &[], false),
        ] {
            let agreement = Agreement::of(spoken, names.iter().copied());
            assert_eq!(agreement == Some(Agreement::Contradicts), expected, "{spoken:?} {names:?}");
        }
    }
}
